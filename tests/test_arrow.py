"""What leaves as Arrow: an array consumed, dropped, consumed twice; lifetime; other Arrow libraries as readers."""

import gc

import duckdb
import polars
import pyarrow as pa
import pytest
from logs import LOGS, vpc

import arrowtrail
from arrowtrail.catalog import find
from arrowtrail.schema import arrow_schema

pytestmark = pytest.mark.usefixtures("native")
TYPES = sorted(LOGS)


@pytest.fixture
def reader():
    """Makes native readers of flow logs."""
    from arrowtrail._native import Reader
    from arrowtrail.plan import native_plan

    def make(data, **options):
        plans = [native_plan(find("AWS.VPCFlow"), columns=None, indicators="extended", unmapped=True)]
        reader = Reader(plans, given=True, stream_ids=[bytes(10)], parse_time_us=0, **options)
        reader.feed(data)
        reader.finish()
        return reader

    return make


def imported(array):
    schema = arrow_schema(find("AWS.VPCFlow"))
    return pa.RecordBatch._import_from_c(array.address, schema)


@pytest.mark.parametrize("log_type", TYPES)
@pytest.mark.parametrize("batch_rows", [1, 7, 64, 65536])
def test_every_batch_is_valid(log_type, batch_rows):
    data = LOGS[log_type](200)
    for indicators in ("extended", "off"):
        for batch in arrowtrail.scan(data, log_type, batch_rows=batch_rows, indicators=indicators):
            batch.validate(full=True)
            assert batch.num_rows <= batch_rows


def test_buffers_are_aligned():
    (batch,) = arrowtrail.scan(vpc(100), "AWS.VPCFlow")
    for column in batch.columns:
        for buffer in column.buffers():
            assert buffer is None or buffer.address % 64 == 0


def test_an_array_is_consumed_once(reader):
    ((_, array),) = reader(vpc(5)).take()
    assert array.num_rows == 5 and array.size_bytes > 0
    assert imported(array).num_rows == 5
    with pytest.raises((ValueError, pa.ArrowInvalid)):
        imported(array)


def test_arrays_can_be_dropped(reader):
    for _ in range(50):
        taken = reader(vpc(500), batch_rows=100).take()
        imported(taken[0][1])
        del taken
    gc.collect()


def test_batches_outlive_their_reader(reader):
    native = reader(vpc(1000), batch_rows=100)
    batches = [imported(array) for _, array in native.take()]
    del native
    gc.collect()
    table = pa.Table.from_batches(batches)
    table.validate(full=True)
    assert table["packets"].to_pylist() == list(range(1000))


def test_one_column_outlives_its_batch():
    column = next(iter(arrowtrail.scan(vpc(1000), "AWS.VPCFlow")))["interfaceId"]
    gc.collect()
    for _ in arrowtrail.scan(vpc(1000, first=5000), "AWS.VPCFlow"):
        pass
    column.validate(full=True)
    assert column[999].as_py() == f"eni-{999:017x}"


def test_the_fed_bytes_may_change_afterwards():
    from arrowtrail._native import Reader
    from arrowtrail.plan import native_plan

    data = bytearray(vpc(10))
    native = Reader([native_plan(find("AWS.VPCFlow"))], given=True, stream_ids=[bytes(10)], parse_time_us=0)
    native.feed(data)
    data[:] = b"x" * len(data)
    native.finish()
    (batch,) = (imported(array) for _, array in native.take())
    assert batch["packets"].to_pylist() == list(range(10))


@pytest.mark.parametrize("log_type", TYPES)
def test_polars_reads_a_scan(log_type):
    scan = arrowtrail.scan([LOGS[log_type](60)] * 3, log_type, batch_rows=50)
    frame = polars.DataFrame(scan)
    assert frame.height == 180
    assert frame.columns == scan.schema.names
    assert frame["p_log_type"].unique().to_list() == [log_type]
    table = scan.to_table()
    for name in table.column_names:
        if name not in ("p_row_id", "p_parse_time"):
            assert frame[name].to_list() == table[name].to_pylist(), name


def test_duckdb_reads_a_scan_again_and_again(tmp_path):
    for number in range(4):
        (tmp_path / f"{number}.log").write_bytes(vpc(500, first=500 * number))
    scan = arrowtrail.scan(tmp_path, "AWS.VPCFlow", threads=2, batch_rows=100)
    connection = duckdb.connect()
    connection.register("flows", scan)
    for _ in range(2):
        found = connection.sql("select count(*), sum(packets), max(p_any_ip_addresses[1]) from flows").fetchall()
        assert found == [(2000, sum(range(2000)), "10.0.7.99")]
    assert len(connection.sql("select packets, p_any_ip_addresses from flows limit 3").fetchall()) == 3
    assert duckdb.sql("select status, count(*) from scan group by 1").fetchall() == [("OK", 2000)]


def test_duckdb_detects_a_pipe():
    import io

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    scan = arrowtrail.scan(Pipe(vpc(100)))  # noqa: F841 (duckdb finds it by name)
    assert duckdb.sql("select count(*) from scan").fetchall() == [(100,)]


def test_an_error_reaches_the_reader_of_a_stream(tmp_path):
    (tmp_path / "x.log").symlink_to("nowhere")
    scan = arrowtrail.scan([vpc(10), tmp_path / "x.log"], "AWS.VPCFlow")  # noqa: F841
    with pytest.raises(Exception, match=r"x\.log: No such file or directory"):
        duckdb.sql("select count(*) from scan").fetchall()


def test_pyarrow_reads_a_scan():
    scan = arrowtrail.scan(vpc(100), "AWS.VPCFlow")
    assert pa.table(scan).schema.equals(scan.schema, check_metadata=True)
    assert pa.RecordBatchReader.from_stream(scan).read_all().num_rows == 100


def test_an_unused_stream_reads_nothing(tmp_path):
    path = tmp_path / "x.log"
    path.write_bytes(vpc(3))
    scan = arrowtrail.scan(path, "AWS.VPCFlow")
    capsules = [scan.__arrow_c_stream__() for _ in range(3)]
    del capsules
    gc.collect()
    assert scan.stats.records == 0


@pytest.mark.memory
def test_memory_does_not_grow_with_the_input():
    import resource

    piece = vpc(20_000)

    class Endless:
        def __init__(self, times):
            self.left = times

        def read(self, size):
            self.left -= 1
            return piece if self.left >= 0 else b""

    def peak(times):
        rows = sum(batch.num_rows for batch in arrowtrail.scan(Endless(times), "AWS.VPCFlow", threads=1))
        assert rows == times * 20_000
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    peak(60)  # fills the pools that memory goes back to
    before = peak(60)
    assert peak(240) - before < 8_000
