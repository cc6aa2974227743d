"""A flow log that comes as Parquet gives the rows and rejected records of its text, value by value.

The oracle reads the text; the Parquet files are written as AWS documents them, and in every odder way.
"""

import datetime
import decimal
import json
import random

import pyarrow as pa
import pytest
from engine_rows import oracle_rows, table_columns
from oracle.tables import load_tables
from parquet_flows import FLOW, NAMES, NODATA, ROW, ROWS, flows, packed, parsed, text_of
from strategies import Records

import arrowtrail
from arrowtrail import parquet
from arrowtrail.catalog import find
from arrowtrail.plan import native_plan


def assert_as_text(data, text, log_type=FLOW, **options):
    """The Parquet file gives what the oracle has of the text."""
    want, result = oracle_rows(text, log_type, **options), parsed(data, log_type, **options)
    got, expected = table_columns(result.table), want.columns.get(FLOW, {})
    for columns in (got, expected):
        columns.pop("p_row_id", None)
    if expected:
        assert list(got) == list(expected)
    for name, values in expected.items():
        assert got[name] == values, name
    keys = ("record", "log_type", "reason", "column")
    names = text.partition(b"\n")[0].split()
    if options.get("unmapped", True) and len(set(names)) == len(names):  # else not all columns are read, and shown
        keys = (*keys, "raw", "length")
    for rejected, wanted in zip(result.rejected.to_pylist(), want.rejected, strict=True):
        for key in keys:
            assert rejected[key] == wanted[key], key
        assert rejected["line"] == rejected["offset"] + 1 == wanted["line"] - 1
        assert rejected["message"]
    assert dict(result.stats.warnings) == want.warnings
    assert result.stats.records == want.counts["records"]


@pytest.mark.parametrize("log_type", [FLOW, None])
def test_rows_are_those_of_the_text(log_type):
    assert_as_text(packed(flows(NAMES, ROWS)), text_of(NAMES, ROWS), log_type)


def test_bad_rows_are_rejected_as_in_the_text():
    rows = [
        ROW,
        [*ROW[:5], "70000", *ROW[6:]],
        [*ROW[:12], "MAYBE", "OK"],
        [*ROW[:10], "-", *ROW[11:]],
        [*ROW[:13], "GOOD"],
        [*ROW[:13], "-"],
        NODATA,
    ]
    data = packed(flows(NAMES, rows))
    assert_as_text(data, text_of(NAMES, rows))
    rejected = parsed(data).rejected.to_pylist()
    assert [(row["record"], row["offset"], row["reason"], row["column"]) for row in rejected] == [
        (2, 1, "bad_value", "srcPort"),
        (3, 2, "bad_value", "action"),
        (4, 3, "missing_required", "start"),
        (5, 4, "bad_value", "status"),
        (6, 5, "missing_required", "status"),
    ]
    assert rejected[0]["message"] == "column srcPort: '70000' is no number from 0 to 65535"
    assert rejected[2]["raw"] == " ".join(rows[3]).encode()
    with pytest.raises(arrowtrail.RejectedRecord, match="srcPort"):
        parsed(data, strict=True)


@pytest.mark.parametrize("seed", range(30))
def test_generated_flow_logs_of_any_format_are_those_of_the_text(seed):
    """All columns as text, as the engine takes any; broken rows among them."""
    rng, writer = random.Random(seed), Records(load_tables()[FLOW], seed, 0.3)
    while True:
        names = writer.names()
        if (
            len(set(names) & writer.table.known) >= 5
            and not set(names) & {"tgw-id"}
            and all(map(str.isprintable, names))
        ):
            break
    lines = [line.decode("utf-8", "replace").split(" ") for line in writer.records(names, 60)]
    rows = [
        row
        for row in lines
        if len(row) == len(names) and all(row) and all(map(str.isprintable, row)) and not row[0].startswith("{")
    ]
    columns = [pa.array(column) for column in zip(*rows, strict=True)]
    table = pa.Table.from_arrays(columns, names=[rng.choice((name, name.replace("-", "_"))) for name in names])
    data = packed(table, use_dictionary=rng.random() < 0.5, row_group_size=rng.choice((7, 1000)))
    assert rows
    assert_as_text(
        data, text_of(names, rows), unmapped=rng.random() < 0.8, indicators=rng.choice(("extended", "panther"))
    )


def test_a_format_of_ones_own_with_unknown_columns():
    names = [
        "end",
        "start",
        "instance-id",
        "log-status",
        "srcaddr",
        "dstaddr",
        "new-field",
        "traffic-path",
        "tcp-flags",
    ]
    rows = [["1714644731", "1714644672", "i-0123456789abcdef0", "OK", "10.0.0.1", "10.0.0.2", "zz", "8", "2"]]
    rows += [["1714644731", "1714644672", "-", "OK", "10.0.0.1", "10.0.0.2", "-", "300", "-"]]
    data = packed(flows(names, rows))
    assert_as_text(data, text_of(names, rows))
    result = parsed(data, source_label="lake")
    assert result.table["unmapped"].to_pylist() == ['{"new-field":"zz"}', None]
    assert dict(result.stats.warnings) == {"unknown_name": 1, "trafficPath": 1}


def test_few_columns_are_enough_where_the_type_is_given():
    table = flows(["start", "log-status"], [["1714644672", "OK"], ["1714644673", "NODATA"]])
    assert parsed(packed(table)).table["status"].to_pylist() == ["OK", "NODATA"]
    (rejected,) = parsed(packed(table), None).rejected.to_pylist()
    assert (rejected["reason"], rejected["log_type"]) == ("unknown_type", None)
    assert parsed(packed(table.append_column("odd", pa.nulls(2)))).rejected["reason"].to_pylist() == ["unknown_type"]


def test_of_columns_of_one_name_the_last_counts():
    table = flows([*NAMES, "bytes"], [[*ROW, "7"], [*ROW, "8"]]).append_column("Account-ID", pa.array(["unknown", "1"]))
    result = parsed(packed(table))
    assert result.table["bytes"].to_pylist() == [7, 8]
    assert result.table["account"].to_pylist() == [None, "1"]
    assert result.rejected.num_rows == 0


ODD_TEXTS = [
    " two words ",
    "a\x1fb",
    "a\nb",
    "\tx",
    "-",
    "",
    "x" * 5000,
    "caf\u00e9 \U0001f600",
    '"q"',
    "{",
    "${a}",
    "a\0b",
]


def test_a_value_may_hold_anything_and_shifts_nothing():
    names = [*NAMES, "instance-tag", "new-field"]
    rows = [[*ROW, text, text] for text in ODD_TEXTS]
    result = parsed(packed(flows(names, rows)))
    want = [None if text in ("-", "") else text for text in ODD_TEXTS]
    assert result.rejected.num_rows == 0
    assert result.table["instanceTag"].to_pylist() == want
    unmapped = result.table["unmapped"].to_pylist()
    assert [text and json.loads(text)["new-field"] for text in unmapped] == want
    assert set(result.table["bytes"].to_pylist()) == {840}
    assert dict(result.stats.warnings) == {"unknown_name": 1}


def test_bytes_that_are_no_utf8_are_replaced_value_by_value():
    table = flows([*NAMES, "instance-tag"], [[*ROW, "x"]] * 3)
    for column, values in (
        ("instance_tag", [b"\xc3", b"caf\xc3\xa9", b"\xff\xfe"]),
        ("interface_id", [b"\xa9 e", b"", b"e"]),
    ):
        table = table.set_column(table.column_names.index(column), column, pa.array(values, pa.binary()))
    result = parsed(packed(table))
    assert result.table["instanceTag"].to_pylist() == ["\ufffd", "caf\u00e9", "\ufffd\ufffd"]
    assert result.table["interfaceId"].to_pylist() == ["\ufffd e", None, "e"]
    assert dict(result.stats.warnings) == {"invalid_utf8": 2}
    bad = table.set_column(5, "srcport", pa.array([70000, 1, 70000]))
    (first, last) = parsed(packed(bad)).rejected["raw"].to_pylist()
    assert first.startswith(b"2 210987654321 \xa9 e 10.0.0.1 198.51.100.7 70000 ") and first.endswith(b" OK \xc3")
    assert last.endswith(b" OK \xff\xfe")


TABLE = """
name       = "My.Flow"
about      = "One request."
added      = "A"
event_time = ["at"]
records    = { framing = "lines", header = 2, parquet = true }
tokens     = { format = "delimited", separators = ",", null = ["none"] }
detect     = { starts = ["rfc3339_z"], exactly = 3 }
columns = [
  { name = "at", from = "at", type = "timestamp", time = "unix_ms", required = "in_header", about = "When." },
  { name = "client", from = "client-ip", part = "host", type = "string", indicator = "ip", about = "Who." },
  { name = "port", from = "client-ip", part = "port", type = "int32", about = "From where." },
  { name = "took", from = "took", type = "float64", about = "How long." },
]
"""


def test_a_table_of_ones_own_takes_parquet(tmp_path):
    (tmp_path / "flow.toml").write_text(TABLE)
    (tmp_path / "lines.toml").write_text(TABLE.replace(", parquet = true", ""))
    table = pa.table(
        {
            "AT": pa.array([1714644672123, None, 1714644672124]),
            "client_ip": ["10.0.0.1:80", "none", "[2001:db8::1]:443"],
            "took": [0.25, 1e100, -3.0],
            "-": ["x", "y", "z"],
        }
    )
    result = parsed(packed(table), arrowtrail.LogType.load(tmp_path / "flow.toml"))
    assert result.table.select(["client", "port", "took", "p_any_ip_addresses"]).to_pylist() == [
        {"client": "10.0.0.1", "port": 80, "took": 0.25, "p_any_ip_addresses": ["10.0.0.1"]},
        {"client": "2001:db8::1", "port": 443, "took": -3.0, "p_any_ip_addresses": ["2001:db8::1"]},
    ]
    assert result.table["at"].cast(pa.int64()).to_pylist() == [1714644672123000, 1714644672124000]
    assert result.rejected["column"].to_pylist() == ["at"]
    (rejected,) = parsed(packed(table), arrowtrail.LogType.load(tmp_path / "lines.toml")).rejected.to_pylist()
    assert (rejected["reason"], rejected["log_type"]) == ("unknown_type", "My.Flow")


def test_the_reader_refuses_columns_that_were_not_opened(native):
    plan = native_plan(find(FLOW))
    reader = native.Reader([plan], given=True, stream_ids=[bytes(10)], parse_time_us=0)
    _, rows = pa.array([{"a": "x"}]).__arrow_c_array__()
    with pytest.raises(ValueError, match="open_columns comes first"):
        reader.feed_columns(rows, [0], ["string"], 0, 0, 1)
    assert reader.open_columns(["start", "log_status"]) == [0, 1]
    with pytest.raises(ValueError, match="a child for each place"):
        reader.feed_columns(rows, [0, 1], ["string", "string"], 0, 0, 1)


SECONDS = [1714644672, 1714644673]
MOMENTS = [
    datetime.datetime(2024, 5, 2, 10, 11, 12, tzinfo=datetime.UTC),
    datetime.datetime(2024, 5, 2, 10, 11, 13, tzinfo=datetime.UTC),
]


@pytest.mark.parametrize(
    "start",
    [
        pa.array(SECONDS, pa.int64()),
        pa.array(SECONDS, pa.int32()),
        pa.array(SECONDS, pa.uint32()),
        pa.array(SECONDS, pa.uint64()),
        pa.array(SECONDS, pa.float64()),
        pa.array(map(str, SECONDS), pa.string()),
        pa.array(map(str, SECONDS), pa.large_string()),
        pa.array([str(second).encode() for second in SECONDS], pa.binary()),
        pa.array([str(second).encode() for second in SECONDS], pa.binary(10)),
        pa.array(map(decimal.Decimal, SECONDS), pa.decimal128(20, 0)),
        pa.array(map(decimal.Decimal, SECONDS), pa.decimal128(20, 3)),
        pa.array(MOMENTS, pa.timestamp("ms")),
        pa.array(MOMENTS, pa.timestamp("us", tz="UTC")),
        pa.array(MOMENTS, pa.timestamp("ns", tz="Europe/Berlin")),
        pa.array(map(str, SECONDS)).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
@pytest.mark.parametrize("store_schema", [False, True])
def test_columns_may_have_other_types(start, store_schema):
    table = flows(NAMES, [ROW, ROW]).set_column(10, "start", start)
    data = packed(table, store_schema=store_schema)
    assert parsed(data).table["start"].cast(pa.int64()).to_pylist() == [second * 1_000_000 for second in SECONDS]


def test_times_as_hive_writes_them():
    table = flows(NAMES, [ROW, ROW]).set_column(10, "start", pa.array(MOMENTS, pa.timestamp("us")))
    data = packed(table, use_deprecated_int96_timestamps=True)
    assert parsed(data).table["start"].cast(pa.int64()).to_pylist() == [second * 1_000_000 for second in SECONDS]


def test_numbers_that_pandas_made_floats():
    table = flows(NAMES, [ROW, NODATA, ROW])
    for name, values in (
        ("bytes", [840.0, float("nan"), 1e15]),
        ("dstport", [443.0, None, 0.0]),
        ("packets", [0.5, -0.0, 1e300]),
    ):
        table = table.set_column(table.column_names.index(name), name, pa.array(values, pa.float64()))
    table = table.set_column(7, "protocol", pa.array([6.0, None, 17.0], pa.float32()))
    result = parsed(packed(table))
    assert result.table["bytes"].to_pylist() == [840, None, 10**15]
    assert result.table["dstPort"].to_pylist() == [443, None, 0]
    assert result.table["protocol"].to_pylist() == [6, None, 17]
    assert result.table["packets"].to_pylist() == [None, 0, None]
    assert dict(result.stats.warnings) == {"packets": 2}


def test_a_time_between_seconds_is_not_cut_to_one():
    start = pa.array([1714644672_000, 1714644672_500], pa.timestamp("ms"))
    result = parsed(packed(flows(NAMES, [ROW, ROW]).set_column(10, "start", start)))
    assert result.table.num_rows == 1
    assert result.rejected["message"].to_pylist() == ["column start: '2024-05-02 10:11:12.500' is no time that exists"]


def test_columns_of_other_kinds_go_to_unmapped_as_json():
    table = flows(NAMES, [ROW, ROW])
    table = table.append_column("tags", pa.array([["a", "b"], None]))
    table = table.append_column("more", pa.array([{"k": b"\xff", "n": 1}, None]))
    table = table.append_column("seen", pa.array([True, None]))
    table = table.append_column("day", pa.array([datetime.date(2024, 5, 2), None]))
    table = table.append_column("at", pa.array([MOMENTS[0], None], pa.timestamp("us", tz="UTC")))
    table = table.append_column("a.b", pa.array(["dot", None]))
    table = table.append_column("a", pa.array([{"b": 5}, None]))
    table = table.append_column("nothing", pa.nulls(2))
    first, second = parsed(packed(table)).table["unmapped"].to_pylist()
    assert second is None
    assert first.startswith(r'{"tags":"[\"a\", \"b\"]","more":"{\"k\": \"b')
    assert '"seen":"true","day":"2024-05-02","at":"2024-05-02 10:11:12.000000","a.b":"dot"' in first
    assert first.endswith(r'"a":"{\"b\": 5}"}')


def test_row_ids_are_the_rows_numbers():
    rows = [ROW] * 50
    rows[3] = [*ROW[:13], "BAD"]
    data = packed(flows(NAMES, rows), row_group_size=20)
    found = parsed(data).table["p_row_id"].to_pylist()
    assert [int(row_id[20:], 16) for row_id in found] == [row for row in range(50) if row != 3]
    assert len({row_id[:20] for row_id in found}) == 1


@pytest.mark.parametrize(
    "columns", [["p_log_type"], ["bytes"], ["srcAddr", "unmapped"], ["p_any_ip_addresses"], ["start"]]
)
def test_only_the_columns_asked_for_are_read(columns, monkeypatch):
    names, rows = [*NAMES, "vpc-id", "new-field"], [[*ROW, "vpc-1", "x"], [*ROW[:5], "70000", *ROW[6:], "vpc-1", "y"]]
    asked = []

    def feed(self, batch, real=parquet._Rows._feed):
        asked.append(set(batch.schema.names))
        return real(self, batch)

    monkeypatch.setattr(parquet._Rows, "_feed", feed)
    data = packed(flows(names, rows))
    result = parsed(data, columns=columns)
    checked = {"srcport", "dstport", "start", "end", "action", "log_status"}
    more = {"bytes": {"bytes"}, "srcAddr": {"srcaddr", "new_field"}}.get(columns[0], set())
    if columns == ["p_any_ip_addresses"]:
        assert {"srcaddr", "dstaddr"} <= asked[0] and not {"bytes", "vpc_id", "new_field"} & asked[0]
    else:
        assert asked == [checked | more]
    assert result.rejected["column"].to_pylist() == ["srcPort"]
    assert result.table.equals(parsed(data).table.select(result.table.column_names))
