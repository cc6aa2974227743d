"""The public calls: names, options, counts that add up, arguments that are wrong."""

import datetime
import gzip
import pkgutil
import subprocess
import sys

import pyarrow as pa
import pytest
from logs import BAD_LINE, LOGS, VPC_HEADER, alb, aurora, s3, vpc, vpc_row
from pyarrow import parquet

import arrowtrail
from arrowtrail import MixedLogTypes, RejectedRecord, SourceNotFound, UnknownColumn, UsageError
from arrowtrail.errors import ArrowtrailError

pytestmark = pytest.mark.usefixtures("native")
TYPES = sorted(LOGS)
MOMENT = datetime.datetime(2024, 5, 2, 10, 11, 12, 345678, tzinfo=datetime.UTC)


def same(table):
    """The table without what differs from call to call."""
    return table.drop_columns(["p_row_id", "p_parse_time"]).to_pydict()


def test_the_public_names_are_the_listed_ones():
    assert sorted(arrowtrail.__all__) == arrowtrail.__all__
    assert sorted(arrowtrail._HOME) == arrowtrail.__all__
    assert set(arrowtrail.__all__) <= set(dir(arrowtrail))
    for name in arrowtrail.__all__:
        assert getattr(arrowtrail, name).__name__ == name
        assert getattr(arrowtrail, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = arrowtrail.nothing


def test_a_function_is_not_hidden_by_the_module_of_its_name():
    for module in pkgutil.iter_modules(arrowtrail.__path__, "arrowtrail."):
        if not module.name.endswith(("__main__", ".describe")):
            __import__(module.name)
    assert callable(arrowtrail.schema) and callable(arrowtrail.scan)


def test_importing_costs_nothing_before_a_name_is_used():
    code = "import sys, arrowtrail; sys.exit(bool({'pyarrow', 'click', 'rich', 'isal'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("log_type", TYPES)
def test_rows_come_out_with_the_type_given_and_detected(log_type):
    data = LOGS[log_type](100)
    given = arrowtrail.parse(data, log_type)
    detected = arrowtrail.parse(data)
    assert given.table.schema.equals(arrowtrail.schema(log_type), check_metadata=True)
    assert given.table.num_rows == 100
    given.table.validate(full=True)
    assert same(given.table) == same(detected.table)
    assert set(given.table["p_log_type"].to_pylist()) == {log_type}
    assert given.rejected.num_rows == 0
    assert arrowtrail.detect(data) == log_type


@pytest.mark.parametrize("log_type", TYPES)
def test_counts_add_up(log_type):
    good = LOGS[log_type](50)
    lines = good.splitlines(keepends=True)
    data = b"".join(line + (b"\n" + BAD_LINE if number % 10 == 9 else b"") for number, line in enumerate(lines))
    result = arrowtrail.parse(data, log_type)
    stats = result.stats
    assert stats.rows == result.table.num_rows
    assert stats.rejected.total() == result.rejected.num_rows == 5
    assert stats.records == stats.rows + 5 == 55
    assert stats.rejected == dict(zip(*count(result.rejected["reason"].to_pylist()), strict=True))
    assert (stats.bytes, stats.blank, stats.files) == (len(data), 5, 1)
    assert stats.rows_by_type == {log_type: 50}
    assert stats.seconds > 0


def count(values):
    names = sorted(set(values))
    return names, [values.count(name) for name in names]


@pytest.mark.parametrize("log_type", TYPES)
def test_chosen_columns_have_the_values_they_have_among_all(log_type):
    data = LOGS[log_type](30) + BAD_LINE
    every = arrowtrail.parse(data, log_type, row_id_seed=1, parse_time=0)
    names = every.table.column_names[1::7]
    some = arrowtrail.parse(data, log_type, columns=list(reversed(names)), row_id_seed=1, parse_time=0)
    assert some.table == every.table.select(names)
    assert some.rejected == every.rejected


def test_indicators_are_chosen():
    data = vpc(3)
    modes = {mode: arrowtrail.parse(data, indicators=mode).table for mode in ("extended", "panther", "off")}
    assert modes["extended"]["p_any_ip_addresses"][0].as_py() == ["10.0.0.0", "198.51.100.20"]
    assert modes["off"]["p_any_ip_addresses"].null_count == 3
    assert len({str(table.schema) for table in modes.values()}) == 1


def test_unmapped_is_built_or_null():
    data = (VPC_HEADER + " new-field\n" + vpc_row(1).strip() + " x\n").encode()
    assert arrowtrail.parse(data).table["unmapped"].to_pylist() == ['{"new-field":"x"}']
    assert arrowtrail.parse(data, unmapped=False).table["unmapped"].to_pylist() == [None]


def test_the_source_is_named_in_the_rows():
    table = arrowtrail.parse(vpc(2), source_id="s-1", source_label="flows").table
    assert table["p_source_id"].to_pylist() == ["s-1"] * 2
    assert table["p_source_label"].to_pylist() == ["flows"] * 2
    empty = arrowtrail.parse(vpc(2), source_id="", source_label="").table
    assert empty["p_source_id"].null_count == empty["p_source_label"].null_count == 2


@pytest.mark.parametrize("header", ["srcaddr start end log-status", ["srcaddr", "start", "end", "log-status"]])
def test_lines_without_header_are_read_with_one(header):
    table = arrowtrail.parse(b"10.0.0.1 1714644672 1714644731 OK\n", "AWS.VPCFlow", header=header).table
    assert table["srcAddr"].to_pylist() == ["10.0.0.1"]
    assert table["start"].to_pylist() == [datetime.datetime(2024, 5, 2, 10, 11, 12, tzinfo=datetime.UTC)]


def test_a_strict_read_stops_at_the_first_bad_record():
    data = vpc(5) + BAD_LINE + BAD_LINE
    with pytest.raises(RejectedRecord, match=r"input, record 6 \(line 7, byte \d+\): ") as caught:
        arrowtrail.parse(data, "AWS.VPCFlow", strict=True)
    error = caught.value
    assert (error.record, error.line, error.offset) == (6, 7, len(vpc(5)))
    assert error.reason
    assert arrowtrail.parse(vpc(5), strict=True).table.num_rows == 5


def test_rejected_records_go_to_a_function():
    found = []
    result = arrowtrail.parse(vpc(2) + BAD_LINE * 3, "AWS.VPCFlow", rejects=found.append)
    assert pa.Table.from_batches(found) == result.rejected
    assert result.rejected["raw"].to_pylist() == [BAD_LINE.strip()] * 3


def test_rejected_records_go_to_a_file(tmp_path):
    path = tmp_path / "rejected.parquet"
    result = arrowtrail.parse(vpc(2) + BAD_LINE * 3, "AWS.VPCFlow", rejects=path)
    assert parquet.read_table(path) == result.rejected
    arrowtrail.parse(vpc(2), "AWS.VPCFlow", rejects=path)
    assert parquet.read_table(path).num_rows == 0
    assert [each.name for each in tmp_path.iterdir()] == ["rejected.parquet"]


def test_times_and_ids_can_be_fixed():
    options = {"parse_time": MOMENT, "row_id_seed": 7}
    first = arrowtrail.parse(vpc(3), **options).table
    assert first == arrowtrail.parse(vpc(3), **options).table
    assert first["p_parse_time"].to_pylist() == [MOMENT] * 3
    assert arrowtrail.parse(vpc(3), parse_time=MOMENT.replace(tzinfo=None)).table["p_parse_time"][0].as_py() == MOMENT
    micros = int(MOMENT.timestamp() * 1_000_000)
    assert arrowtrail.parse(vpc(3), parse_time=micros).table["p_parse_time"][0].as_py() == MOMENT
    other = arrowtrail.parse(vpc(3), row_id_seed=8).table
    assert not set(first["p_row_id"].to_pylist()) & set(other["p_row_id"].to_pylist())


def test_row_ids_of_bytes_are_new_each_time():
    one, other = (arrowtrail.parse(vpc(3)).table["p_row_id"].to_pylist() for _ in range(2))
    assert len({*one, *other}) == 6
    assert all(len(each) == 32 and each == each.lower() for each in one)


@pytest.mark.parametrize("log_types", [["AWS.ALB"], ["AWS.ALB", "AWS.S3ServerAccess"]])
def test_only_the_named_types_are_detected(log_types):
    assert arrowtrail.detect(vpc(1), log_types=log_types) is None
    result = arrowtrail.parse(vpc(3, header=False), log_types=log_types)
    assert result.table.num_columns == 0
    assert result.rejected["reason"].to_pylist() == ["unknown_type"] * 3


def test_a_users_log_type_is_read():
    from test_tables import GOOD

    mine = arrowtrail.LogType.load(GOOD)
    data = b'2024-05-02T10:11:12Z GET [2001:db8::1]:80 0.5 "a b" c\n2024-05-02T10:11:13Z PUT n/a - \n'
    table = arrowtrail.parse(data, mine).table
    assert table["p_log_type"].to_pylist() == ["My.App"] * 2
    assert table["rest"].to_pylist() == [["a b", "c"], None]
    assert table["p_any_ip_addresses"].to_pylist() == [["2001:db8::1"], None]
    assert arrowtrail.detect(data, log_types=[mine, "AWS.VPCFlow"]) == "My.App"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"indicators": "panthr"}, "unknown indicators 'panthr'; did you mean 'panther'?"),
        ({"columns": "start"}, "columns must be a list of names"),
        ({"columns": []}, "columns is empty"),
        ({"columns": ["strat"]}, "has no column 'strat'; did you mean 'start'?"),
        ({"batch_rows": 0}, "batch_rows must be 1 or more, not 0"),
        ({"threads": 0}, "threads must be 1 or more, not 0"),
        ({"max_record": -1}, "max_record must be 1 or more, not -1"),
        ({"max_decompressed": 0}, "max_decompressed must be 1 or more, not 0"),
        ({"rejects": 5}, "rejects must be a path or a function"),
        ({"header": "a\nb"}, "header must be one line of names"),
        ({"header": " "}, "header must be one line of names"),
    ],
)
def test_a_wrong_option_says_what_is_wrong(options, message):
    for call in (arrowtrail.parse, arrowtrail.scan):
        with pytest.raises(UsageError) as caught:
            call(vpc(1), "AWS.VPCFlow", **options)
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: arrowtrail.parse(b"", "AWS.Alb2"), "unknown log type 'AWS.Alb2'; did you mean 'AWS.ALB'?"),
        (lambda: arrowtrail.parse(b"", "AWS.ALB", header="a b"), "the lines of AWS.ALB are not named by a header"),
        (lambda: arrowtrail.parse(b"", log_types=[]), "log_types is empty"),
        (lambda: arrowtrail.parse(b"", log_types="AWS.ALB"), "log_types must be a list of names"),
        (lambda: arrowtrail.parse(b"", log_types=["AWS.ALB"] * 2), "log_types names 'AWS.ALB' twice"),
        (lambda: arrowtrail.parse("x.log"), "use scan() for paths"),
        (lambda: arrowtrail.parse([b"x", b"y"]), "use scan() for paths"),
        (lambda: arrowtrail.parse(None), "is no source"),
        (lambda: arrowtrail.detect("x.log"), "use scan() for paths"),
    ],
)
def test_a_wrong_argument_says_what_is_wrong(call, message):
    with pytest.raises(UsageError) as caught:
        call()
    assert message in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\n\n \t\r\n", b"\xef\xbb\xbf", gzip.compress(b""), VPC_HEADER[:0].encode()])
def test_nothing_gives_nothing(data):
    result = arrowtrail.parse(data)
    assert (result.table.num_columns, result.table.num_rows, result.rejected.num_rows) == (0, 0, 0)
    assert arrowtrail.parse(data, "AWS.ALB").table.schema == arrowtrail.schema("AWS.ALB")
    assert arrowtrail.detect(data) is None
    assert arrowtrail.scan(data).to_table().num_columns == 0
    assert arrowtrail.scan(data, "AWS.ALB").to_table().schema == arrowtrail.schema("AWS.ALB")


def test_without_rows_the_type_is_the_headers():
    result = arrowtrail.parse((VPC_HEADER + "\n").encode())
    assert (result.table.schema, result.table.num_rows) == (arrowtrail.schema("AWS.VPCFlow"), 0)


def test_without_rows_the_type_is_the_first_rejected_records():
    data = alb(1).replace(b" 200 200 ", b" 999 200 ")
    result = arrowtrail.parse(data)
    assert result.table.schema == arrowtrail.schema("AWS.ALB")
    assert result.rejected["log_type"].to_pylist() == ["AWS.ALB"]


def test_mixed_types_are_named():
    data = alb(2) + s3(2) + aurora(1)
    with pytest.raises(MixedLogTypes) as caught:
        arrowtrail.parse(data)
    assert set(caught.value.log_types) == {"AWS.ALB", "AWS.S3ServerAccess", "AWS.AuroraMySQLAudit"}
    scan = arrowtrail.scan([alb(2), s3(2)])
    assert scan.log_type == "AWS.ALB"
    with pytest.raises(MixedLogTypes, match=r"AWS\.ALB, AWS\.S3ServerAccess"):
        scan.to_table()
    with pytest.raises(MixedLogTypes):
        arrowtrail.scan(data).to_table()


def test_a_type_that_lacks_an_asked_column_is_an_error():
    assert arrowtrail.parse(vpc(1), columns=["srcAddr"]).table.column_names == ["srcAddr"]
    with pytest.raises(UnknownColumn, match=r"AWS\.ALB has no column 'srcAddr'"):
        arrowtrail.parse(alb(1), columns=["srcAddr"])


def test_every_exception_has_one_base():
    from arrowtrail import errors

    found = [value for value in vars(errors).values() if getattr(value, "__module__", "") == errors.__name__]
    found = [value for value in found if isinstance(value, type)]
    assert all(issubclass(value, ArrowtrailError) and value.__doc__ for value in found)
    assert issubclass(SourceNotFound, UsageError) and issubclass(UsageError, ValueError)


def test_the_examples_in_docstrings_hold():
    import doctest
    import importlib

    failed = tried = 0
    for module in ("reader", "sinks", "schema", "logtype", "catalog", "vocabulary", "ndjson", "report"):
        found = doctest.testmod(importlib.import_module(f"arrowtrail.{module}"))
        failed, tried = failed + found.failed, tried + found.attempted
    assert failed == 0 and tried >= 10
