"""Parquet deliveries from every kind of source: whole, broken, of other columns, and what only begins like one."""

import gzip
import io
import json
import os
import random

import pyarrow as pa
import pytest
from engine_rows import PARSE_TIME_US
from logs import LOGS, vpc
from parquet_flows import FLOW, NAMES, ROW, ROWS, flows, packed, parsed
from pyarrow import parquet as pq
from test_cli import run
from test_sources import Pipe

import arrowtrail
from arrowtrail import feeding
from arrowtrail.inputs import find_sources


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


def test_the_command_line_takes_it(tmp_path):
    data = packed(flows(NAMES, ROWS))
    assert run("detect", data=data) == (0, "stdin\tAWS.VPCFlow\n", "")
    status, stdout, _ = run("cat", "--columns", "dstAddr,dstPort", data=gzip.compress(data))
    assert (status, stdout.splitlines()[0]) == (0, '{"dstAddr":"198.51.100.7","dstPort":49152}')
    (tmp_path / "x.parquet").write_bytes(data)
    status, _, stderr = run("convert", tmp_path / "x.parquet", "-o", tmp_path / "out")
    assert status == 0 and f"read      1 file, {len(data) / 1000:.1f} kB, 4 records" in stderr
    assert (
        arrowtrail.parse(data).table.num_rows
        == pq.read_metadata(tmp_path / "out/AWS.VPCFlow/part-00000.parquet").num_rows
    )


def test_it_is_mixed_with_other_files(tmp_path):
    (tmp_path / "a.parquet").write_bytes(packed(flows(NAMES, ROWS)))
    (tmp_path / "b.log").write_bytes(vpc(5))
    (tmp_path / "c.log").write_bytes(LOGS["AWS.ALB"](3))
    done = arrowtrail.write(tmp_path, tmp_path / "out")
    assert dict(done.stats.rows_by_type) == {FLOW: 9, "AWS.ALB": 3}
    told = [json.loads(line) for line in (tmp_path / "out/_manifest.ndjson").read_text().splitlines()]
    assert [each["bytes"] for each in told] == [path.stat().st_size for path in sorted(tmp_path.glob("*.*"))]
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
        assert (
            "the Parquet file is cut or corrupt, and nothing of it can be read: deliver it again" in rejected["message"]
        )
    (rejected,) = parsed(gzip.compress(data)[:-20], None).rejected.to_pylist()
    assert rejected["message"].startswith(
        "a Parquet file whose end is missing, so that nothing of it can be read: the gzip"
    )


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


def test_a_place_that_the_dictionary_lacks_is_no_value():
    rows = [[*ROW[:8], str(number), *ROW[9:]] for number in range(60)]
    data = packed(flows(NAMES, rows), compression="none", row_group_size=20)
    column = pq.read_metadata(io.BytesIO(data)).row_group(1).column(NAMES.index("log-status"))
    begin, messages = column.dictionary_page_offset, []
    for at in range(begin, begin + column.total_compressed_size):
        result = parsed(data[:at] + b"\x77" + data[at + 1 :])
        assert result.stats.records == result.table.num_rows + result.rejected.num_rows
        messages += result.rejected["message"].to_pylist()
    assert any("out of bounds; reading went on behind them" in message for message in messages)


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
    table = table.append_column(
        "instance_tag", pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), words)
    )
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
    (source,) = find_sources(path)
    head = source.blocks()
    next(head)
    path.unlink()
    os.mkfifo(path)
    assert source.stored() is None
