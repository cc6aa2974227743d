"""A flow log that comes as Parquet gives the rows and rejected records of its text, value by value.

The oracle reads the text; the Parquet files are written as AWS documents them, and in every odder way.
"""

import datetime
import decimal
import gzip
import io
import json
import os
import random

import pyarrow as pa
import pytest
from engine_rows import PARSE_TIME_US, oracle_rows, table_columns
from logs import LOGS, VPC_HEADER, vpc
from oracle.tables import load_tables
from pyarrow import parquet as pq
from strategies import Records
from test_sources import Pipe

import arrowtrail
from arrowtrail import feeding, parquet

FLOW = "AWS.VPCFlow"
INT32 = {"version", "srcport", "dstport", "protocol", "tcp-flags", "traffic-path", "encryption-status"}
INT64 = {"packets", "bytes", "start", "end"}
NAMES = VPC_HEADER.split()
ROW = "2 210987654321 eni-1 10.0.0.1 198.51.100.7 443 49152 6 9 840 1714644672 1714644731 ACCEPT OK".split()
NODATA = "2 - eni-1 - - - - - - - 1714644672 1714644731 - NODATA".split()


def typed(name, values):
    """A column as AWS writes it: null for what has no value."""
    kind = pa.int32() if name in INT32 else pa.int64() if name in INT64 else pa.string()
    values = [None if value == "-" else value for value in values]
    return pa.array(values if kind == pa.string() else [value and int(value) for value in values], kind)


def flows(names, rows):
    columns = zip(*rows, strict=True) if rows else [[] for _ in names]
    arrays = [typed(name, column) for name, column in zip(names, columns, strict=True)]
    return pa.Table.from_arrays(arrays, names=[name.replace("-", "_") for name in names])


def packed(table, **options):
    file = io.BytesIO()
    pq.write_table(table, file, **{"compression": "gzip", "store_schema": False, **options})
    return file.getvalue()


def text_of(names, rows):
    return "".join(" ".join(row) + "\n" for row in [names, *rows]).encode()


def parsed(data, log_type=FLOW, **options):
    return arrowtrail.parse(data, log_type, parse_time=PARSE_TIME_US, row_id_seed=1, **options)


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


ROWS = [ROW, NODATA, [*ROW[:12], "REJECT", "SKIPDATA"], [*ROW[:3], "2001:db8::1", *ROW[4:]]]


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
        if len(set(names) & writer.table.known) >= 5 and not set(names) & {"tgw-id"} and all(map(str.isprintable, names)):
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
    assert_as_text(data, text_of(names, rows), unmapped=rng.random() < 0.8, indicators=rng.choice(("extended", "panther")))


def test_a_format_of_ones_own_with_unknown_columns():
    names = ["end", "start", "instance-id", "log-status", "srcaddr", "dstaddr", "new-field", "traffic-path", "tcp-flags"]
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


ODD_TEXTS = [" two words ", "a\x1fb", "a\nb", "\tx", "-", "", "x" * 5000, "caf\u00e9 \U0001f600", '"q"', "{", "${a}", "a\0b"]


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
    for column, values in (("instance_tag", [b"\xc3", b"caf\xc3\xa9", b"\xff\xfe"]), ("interface_id", [b"\xa9 e", b"", b"e"])):
        table = table.set_column(table.column_names.index(column), column, pa.array(values, pa.binary()))
    result = parsed(packed(table))
    assert result.table["instanceTag"].to_pylist() == ["\ufffd", "caf\u00e9", "\ufffd\ufffd"]
    assert result.table["interfaceId"].to_pylist() == ["\ufffd e", None, "e"]
    assert dict(result.stats.warnings) == {"invalid_utf8": 2}
    bad = table.set_column(5, "srcport", pa.array([70000, 1, 70000]))
    (first, last) = parsed(packed(bad)).rejected["raw"].to_pylist()
    assert first.startswith(b"2 210987654321 \xa9 e 10.0.0.1 198.51.100.7 70000 ") and first.endswith(b" OK \xc3")
    assert last.endswith(b" OK \xff\xfe")


SECONDS = [1714644672, 1714644673]
MOMENTS = [datetime.datetime(2024, 5, 2, 10, 11, 12, tzinfo=datetime.UTC), datetime.datetime(2024, 5, 2, 10, 11, 13, tzinfo=datetime.UTC)]


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
    for name, values in (("bytes", [840.0, float("nan"), 1e15]), ("dstport", [443.0, None, 0.0]), ("packets", [0.5, -0.0, 1e300])):
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


@pytest.mark.parametrize("columns", [["p_log_type"], ["bytes"], ["srcAddr", "unmapped"], ["p_any_ip_addresses"], ["start"]])
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


def sources(data, folder):
    path = folder / "flow.log.parquet"
    path.write_bytes(data)
    zipped = folder / "flow.gz"
    zipped.write_bytes(gzip.compress(gzip.compress(data)))
    shifted = io.BytesIO(b"xyz" + data)
    shifted.read(3)
    yield from (data, memoryview(data), str(path), path, str(zipped), io.BytesIO(data), shifted, Pipe(data))
    yield io.BufferedReader(Pipe(pa.Codec("zstd").compress(data, asbytes=True), piece=7))


@pytest.mark.parametrize("spooled", [1000, 8_000_000], ids=["on disk", "in memory"])
@pytest.mark.parametrize("kept", [1000, 4_000_000], ids=["long pipe", "short pipe"])
@pytest.mark.parametrize("log_type", [FLOW, None])
def test_every_kind_of_source_gives_the_same(tmp_path, monkeypatch, spooled, kept, log_type):
    monkeypatch.setattr(feeding, "SPOOLED_BYTES", spooled)
    monkeypatch.setattr("arrowtrail.sources.KEPT_BYTES", kept)
    rng = random.Random(2)
    rows = [[*ROW[:2], f"eni-{rng.getrandbits(60):x}", *ROW[3:]] for _ in range(3000)]
    data = packed(flows(NAMES, rows), row_group_size=1000)
    want = parsed(data).table.drop(["p_row_id"])
    for source in sources(data, tmp_path):
        scan = arrowtrail.scan(source, log_type, parse_time=PARSE_TIME_US)
        assert scan.to_table().drop(["p_row_id"]).equals(want), source
        assert scan.stats.bytes == len(data) and scan.stats.rows == 3000 and not scan.rejected.num_rows
        if isinstance(source, io.BytesIO):
            assert not source.closed


def test_a_file_object_is_detected_and_can_be_read_then(tmp_path):
    data = packed(flows(NAMES, ROWS))
    assert arrowtrail.detect(data) == arrowtrail.detect(gzip.compress(data)) == FLOW
    assert arrowtrail.detect(Pipe(data)) == FLOW
    assert arrowtrail.detect(packed(pa.table({"a": [1]}))) is None
    assert arrowtrail.detect(data, log_types=["AWS.ALB"]) is None


def test_it_is_mixed_with_other_files(tmp_path):
    (tmp_path / "a.parquet").write_bytes(packed(flows(NAMES, ROWS)))
    (tmp_path / "b.log").write_bytes(vpc(5))
    (tmp_path / "c.log").write_bytes(LOGS["AWS.ALB"](3))
    done = arrowtrail.write(tmp_path, tmp_path / "out")
    assert dict(done.stats.rows_by_type) == {FLOW: 9, "AWS.ALB": 3}
    (tmp_path / "c.log").unlink()
    assert arrowtrail.scan([tmp_path / "a.parquet", tmp_path / "b.log"]).to_table().num_rows == 9


@pytest.mark.parametrize("log_type", [None, FLOW, "AWS.ALB", "AWS.CloudTrail"])
def test_a_file_of_other_columns_says_which_and_what_to_do(log_type):
    data = packed(pa.table({f"column_{number}": [1, 2, 3] for number in range(30)}))
    (rejected,) = parsed(data, log_type).rejected.to_pylist()
    assert (rejected["reason"], rejected["log_type"], rejected["offset"]) == ("unknown_type", log_type, 0)
    assert "a Parquet file with the columns column_0, column_1, " in rejected["message"]
    assert "column_19 and 10 more, which are not those of " in rejected["message"]
    assert rejected["message"].endswith("it is columnar already: read it as it is, with pyarrow, DuckDB or polars")
    flow = parsed(packed(flows(NAMES, ROWS)), log_type)
    assert flow.rejected.num_rows == (log_type in ("AWS.ALB", "AWS.CloudTrail"))


def test_transit_gateway_flow_logs_are_another_log():
    names = [*NAMES, "tgw-id"]
    assert parsed(packed(flows(names, [[*ROW, "tgw-1"]])), None).rejected["reason"].to_pylist() == ["unknown_type"]


def test_no_rows_are_fine():
    for data in (packed(flows(NAMES, [])), packed(flows(NAMES, ROWS).slice(0, 0), row_group_size=1)):
        for log_type in (FLOW, None):
            result = parsed(data, log_type)
            assert (result.table.num_rows, result.rejected.num_rows) == (0, 0)
            assert result.table.schema.equals(arrowtrail.schema(FLOW))


def broken_group(data, group):
    """The file with a row group's first column overwritten."""
    metadata = pq.read_metadata(io.BytesIO(data))
    column = metadata.row_group(group).column(0)
    at = column.dictionary_page_offset or column.data_page_offset
    return data[:at] + b"\xff" * column.total_compressed_size + data[at + column.total_compressed_size :]


def test_a_corrupt_row_group_costs_its_own_rows_alone():
    rows = [[*ROW[:8], str(number), *ROW[9:]] for number in range(30)]
    data = broken_group(packed(flows(NAMES, rows), row_group_size=10), 1)
    result = parsed(data)
    assert result.table["packets"].to_pylist() == [*range(10), *range(20, 30)]
    assert [int(row_id[20:], 16) for row_id in result.table["p_row_id"].to_pylist()] == [*range(10), *range(20, 30)]
    (rejected,) = result.rejected.to_pylist()
    assert (rejected["reason"], rejected["record"], rejected["offset"], rejected["length"]) == ("truncated", 11, 10, 0)
    assert rejected["message"].startswith("rows 10 to 19 of the Parquet file (row group 1) cannot be read: ")
    assert "reading went on behind them" in rejected["message"]


def test_a_page_whose_checksum_is_wrong_is_not_believed():
    rows = [[*ROW[:9], str(1000 + number), *ROW[10:]] for number in range(100)]
    data = packed(flows(NAMES, rows), compression="none", use_dictionary=False, write_page_checksum=True)
    at = data.index((1050).to_bytes(8, "little"))
    result = parsed(data[:at] + b"\x01" + data[at + 1 :])
    assert result.table.num_rows == 0
    assert result.rejected["reason"].to_pylist() == ["truncated"]


@pytest.mark.parametrize("wrap", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_cut_file_is_one_rejected_record(wrap):
    data = packed(flows(NAMES, ROWS))
    for cut in (5, 100, len(data) // 2, len(data) - 1):
        (rejected,) = parsed(wrap(data[:cut]), None).rejected.to_pylist()
        assert (rejected["reason"], rejected["record"]) == ("truncated", 1)
        assert "the Parquet file is cut or corrupt, and nothing of it can be read: deliver it again" in rejected["message"]
    (rejected,) = parsed(gzip.compress(data)[:-20], None).rejected.to_pylist()
    assert rejected["message"].startswith("a Parquet file whose end is missing, so that nothing of it can be read: the gzip")


def test_an_encrypted_file_says_so():
    data = packed(flows(NAMES, ROWS))
    (rejected,) = parsed(b"PARE" + data[4:-4] + b"PARE").rejected.to_pylist()
    assert rejected["reason"] == "truncated"
    assert rejected["message"].startswith("the Parquet file is encrypted: decrypt it first (")


@pytest.mark.parametrize("text", [b"PAR1", b"PAR1 is a text\n", b"PARE", b"PAR1\n" + vpc(3)])
def test_a_text_may_begin_like_parquet(text):
    for data in (text, gzip.compress(text)):
        result = parsed(data, FLOW)
        if len(text) == 4:  # both marks in one: it is a file that is cut
            assert result.rejected["reason"].to_pylist() == ["truncated"]
        else:
            assert result.rejected["raw"].to_pylist() == [text.splitlines()[0]]
        assert result.table.num_rows == 3 * (len(text) > 100)
        assert len(list(arrowtrail.rows(Pipe(data), FLOW))) == result.table.num_rows


def test_a_damaged_file_never_raises():
    rng = random.Random(11)
    data = packed(flows(NAMES, ROWS * 50), row_group_size=40, compression="none")
    for _ in range(150):
        broken = bytearray(data)
        for _ in range(rng.choice((1, 1, 4))):
            broken[rng.randrange(4, len(data) - 4)] = rng.randrange(256)
        result = parsed(bytes(broken), max_decompressed=10_000_000)
        assert result.stats.records == result.table.num_rows + result.rejected.num_rows


def test_a_row_longer_than_max_record_is_too_long():
    names = [*NAMES, "instance-tag"]
    rows = [[*ROW, "x"], [*ROW, "y" * 3000], [*ROW, "z"]]
    result = parsed(packed(flows(names, rows)), max_record=1000)
    assert result.table["instanceTag"].to_pylist() == ["x", "z"]
    (rejected,) = result.rejected.to_pylist()
    line = " ".join(rows[1]).encode()
    assert (rejected["reason"], rejected["offset"], rejected["length"]) == ("too_long", 1, len(line))
    assert rejected["raw"] == line


def test_a_bomb_is_not_unpacked():
    """A text that a dictionary holds once stands in 100,000 rows: 100 GB."""
    names, count = [*NAMES, "instance-tag"], 100_000
    words = pa.array(["x" * 1_000_000])
    table = flows(NAMES, [ROW]).take(pa.array([0] * count))
    table = table.append_column("instance_tag", pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), words))
    data = packed(table, compression="zstd")
    assert len(data) < 3_000_000 and len(names) == 15
    result = parsed(data, max_decompressed=20_000_000, columns=["instanceTag"])
    assert 19 <= result.table.num_rows <= 22
    (rejected,) = result.rejected.to_pylist()
    assert (rejected["reason"], rejected["offset"]) == ("truncated", result.table.num_rows)
    assert rejected["message"] == "longer than max_decompressed, 20000000 bytes; the rest was not read"


def test_a_full_disk_is_named(monkeypatch):
    class Full:
        def __init__(self, *_):
            pass

        def write(self, _):
            raise OSError(28, "No space left on device")

        def close(self):
            pass

    monkeypatch.setattr(feeding.tempfile, "SpooledTemporaryFile", Full)
    with pytest.raises(arrowtrail.SourceError, match="temporary file: No space left on device; TMPDIR names another"):
        parsed(gzip.compress(packed(flows(NAMES, ROWS))))


def test_a_file_that_is_gone_is_an_error_of_its_own(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_bytes(packed(flows(NAMES, ROWS)))
    (source,) = arrowtrail.sources.find_sources(path)
    head = source.blocks()
    next(head)
    path.unlink()
    os.mkfifo(path)
    assert source.stored() is None
