"""The public calls: names, options, laziness, counts that add up, passes that can be repeated."""

import datetime
import gzip
import io
import pkgutil
import subprocess
import sys
import threading
import weakref

import pyarrow as pa
import pytest
from logs import BAD_LINE, LOGS, VPC_HEADER, alb, aurora, s3, vpc, vpc_row
from pyarrow import parquet

import arrowtrail
from arrowtrail import (
    MixedLogTypes,
    RejectedRecord,
    SourceError,
    SourceNotFound,
    SourceUsedUp,
    UnknownColumn,
    UsageError,
)
from arrowtrail.errors import ArrowtrailError

pytestmark = pytest.mark.usefixtures("native")
TYPES = sorted(LOGS)
MOMENT = datetime.datetime(2024, 5, 2, 10, 11, 12, 345678, tzinfo=datetime.UTC)


def same(table):
    """The table without what differs from call to call."""
    return table.drop_columns(["p_row_id", "p_parse_time"]).to_pydict()


@pytest.fixture
def folder(tmp_path):
    """Twelve files of different sizes, some of them gzip, one of them empty."""
    for number in range(12):
        data = vpc(number * 40, first=number * 1000)
        (tmp_path / f"{number}.log").write_bytes(gzip.compress(data) if number % 3 else data)
    (tmp_path / "empty.log").write_bytes(b"")
    return tmp_path


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


@pytest.mark.parametrize("threads", [1, 3])
def test_a_strict_scan_names_the_file(tmp_path, threads):
    for number in range(6):
        (tmp_path / f"{number}.log").write_bytes(vpc(3) + BAD_LINE * (number >= 2))
    with pytest.raises(RejectedRecord, match=r"2\.log, record 4") as caught:
        arrowtrail.scan(tmp_path, "AWS.VPCFlow", strict=True, threads=threads).to_table()
    assert caught.value.source == str(tmp_path / "2.log")


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


def test_a_failed_read_leaves_no_file_of_rejects(tmp_path):
    with pytest.raises(MixedLogTypes):
        arrowtrail.scan([BAD_LINE + vpc(2), alb(2)], rejects=tmp_path / "x.parquet").to_table()
    assert list(tmp_path.iterdir()) == []


def test_a_scan_keeps_ten_thousand_rejected_records(tmp_path):
    (tmp_path / "x.log").write_bytes(vpc(2) + BAD_LINE * 25_000)
    found = []
    scan = arrowtrail.scan(tmp_path / "x.log", "AWS.VPCFlow", rejects=found.append)
    assert scan.rejected.num_rows == 0
    assert scan.to_table().num_rows == 2
    assert scan.rejected.num_rows == 10_000
    assert scan.rejected["record"].to_pylist() == list(range(3, 10_003))
    assert scan.stats.rejected.total() == sum(batch.num_rows for batch in found) == 25_000
    assert set(scan.rejected["source"].to_pylist()) == {str(tmp_path / "x.log")}


def test_a_scan_keeps_sixteen_mebibytes_of_rejected_records():
    line = b"x" * 1_000_000 + b"\n"
    scan = arrowtrail.scan(line * 20, "AWS.VPCFlow")
    scan.to_table()
    assert 10 <= scan.rejected.num_rows <= 16
    assert scan.stats.rejected.total() == 20


def test_batches_are_cut_as_asked():
    sizes = [batch.num_rows for batch in arrowtrail.scan(vpc(1000), "AWS.VPCFlow", batch_rows=300)]
    assert sizes == [300, 300, 300, 100]


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


def test_row_ids_of_a_file_are_the_same_each_time(tmp_path):
    path = tmp_path / "x.log"
    path.write_bytes(vpc(3))

    def ids(**options):
        return arrowtrail.scan(path, **options).to_table()["p_row_id"].to_pylist()

    assert ids() == ids() == ids(log_type="AWS.VPCFlow")
    assert ids() != ids(source_id="other")
    known = ids()
    path.write_bytes(vpc(4))
    assert not set(known) & set(ids())


def test_row_ids_differ_between_the_files_of_a_seeded_scan():
    table = arrowtrail.scan([vpc(3), vpc(3)], "AWS.VPCFlow", row_id_seed=1).to_table()
    assert len(set(table["p_row_id"].to_pylist())) == 6


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


def test_any_thread_count_gives_the_same_table(folder):
    tables = [
        arrowtrail.scan(folder, threads=threads, row_id_seed=1, parse_time=0, batch_rows=97).to_table()
        for threads in (1, 2, 4, 8)
    ]
    assert all(table == tables[0] for table in tables)
    assert tables[0].num_rows == sum(number * 40 for number in range(12))
    # Rows come in the order of the files.
    assert tables[0]["packets"].to_pylist() == [n * 1000 + row for n in range(12) for row in range(n * 40)]


def test_a_scan_is_a_recipe(folder):
    scan = arrowtrail.scan(folder, "AWS.VPCFlow", row_id_seed=1, parse_time=0)
    assert scan.stats.records == 0
    first = scan.to_table()
    assert scan.to_table() == first == scan.to_reader().read_all() == pa.table(scan) == pa.Table.from_batches(scan)
    assert scan.stats.rows == first.num_rows
    assert scan.stats.files == 13
    assert scan.schema == first.schema


def test_a_scan_reads_nothing_before_it_is_asked(tmp_path):
    path = tmp_path / "x.log"
    path.write_bytes(vpc(3))
    scan = arrowtrail.scan(path, "AWS.VPCFlow")
    reader = scan.to_reader()
    path.write_bytes(vpc(5))
    assert reader.read_all().num_rows == 5


def test_a_scan_stopped_early_reads_no_further(folder):
    scan = arrowtrail.scan(folder, "AWS.VPCFlow", threads=2, batch_rows=10)
    batches = iter(scan)
    next(batches)
    batches.close()
    assert 0 < scan.stats.rows < 100
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("arrowtrail-")]


def test_a_dropped_scan_leaves_nothing(folder):
    scan = arrowtrail.scan(folder, "AWS.VPCFlow", threads=2, batch_rows=10)
    batches = iter(scan)
    next(batches)
    gone = weakref.ref(batches)
    del batches
    assert gone() is None
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("arrowtrail-")]


def test_a_pipe_is_scanned_once_and_detected():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    scan = arrowtrail.scan(Pipe(gzip.compress(vpc(100))))
    assert scan.schema == arrowtrail.schema("AWS.VPCFlow")
    assert scan.to_table().num_rows == 100
    with pytest.raises(SourceUsedUp, match="once only"):
        scan.to_table()


def test_a_file_object_is_scanned_again_and_again():
    scan = arrowtrail.scan(io.BytesIO(vpc(10)))
    assert scan.to_table().num_rows == scan.to_table().num_rows == 10


def test_what_is_not_there_is_an_error_at_once(tmp_path):
    with pytest.raises(SourceNotFound, match="no such file or directory"):
        arrowtrail.scan(tmp_path / "nothing")
    with pytest.raises(SourceNotFound, match="no file fits the pattern"):
        arrowtrail.scan(f"{tmp_path}/*.gz", "AWS.ALB")


@pytest.mark.parametrize("threads", [1, 3])
def test_an_unreadable_file_does_not_stop_the_others(folder, threads):
    (folder / "3x.log").symlink_to("nowhere")
    (folder / "5x.log").symlink_to("nowhere")
    scan = arrowtrail.scan(folder, "AWS.VPCFlow", threads=threads)
    rows = 0
    with pytest.raises(SourceError, match=r"3x\.log: No such file or directory \(1 more inputs could not be read\)"):
        for batch in scan:
            rows += batch.num_rows
    assert rows == scan.stats.rows == sum(number * 40 for number in range(12))
    assert scan.stats.failed_files == len(scan.stats.failed) == 2
    assert scan.stats.files == 13


def test_a_file_that_fails_midway_gives_what_came():
    class Failing(io.RawIOBase):
        def __init__(self):
            self.rest = [vpc(3), vpc_row(3).encode()[:20]]

        def read(self, size=-1):
            if not self.rest:
                raise OSError(5, "Input/output error")
            return self.rest.pop(0)

    scan = arrowtrail.scan(Failing(), "AWS.VPCFlow")
    rows = []
    with pytest.raises(SourceError, match="Input/output error"):
        for batch in scan:
            rows.append(batch.num_rows)
    assert rows == [3]
    (rejected,) = scan.rejected.to_pylist()
    assert (rejected["reason"], rejected["raw"]) == ("truncated", vpc_row(3).encode()[:20])
    assert "Input/output error" in rejected["message"]


def test_an_exception_of_a_function_that_takes_rejects_comes_out():
    def refuse(batch):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        arrowtrail.scan([vpc(3), BAD_LINE, vpc(3)], "AWS.VPCFlow", rejects=refuse, threads=2).to_table()


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
