"""Scans: lazy, repeatable, in the order of their files for any number of threads; what fails is named."""

import gzip
import io
import subprocess
import sys
import threading
import weakref

import pyarrow as pa
import pytest
from logs import BAD_LINE, alb, vpc, vpc_row

import arrowtrail
from arrowtrail import MixedLogTypes, RejectedRecord, SourceError, SourceNotFound, SourceUsedUp
from arrowtrail.schema import REJECTED
from arrowtrail.stats import KeptRejects

pytestmark = pytest.mark.usefixtures("native")


@pytest.fixture
def folder(tmp_path):
    """Twelve files of different sizes, some of them gzip, one of them empty."""
    for number in range(12):
        data = vpc(number * 40, first=number * 1000)
        (tmp_path / f"{number}.log").write_bytes(gzip.compress(data) if number % 3 else data)
    (tmp_path / "empty.log").write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_strict_scan_gives_the_files_before_and_names_the_file(tmp_path, threads):
    """Small files are read several at a time."""
    for number in range(6):
        (tmp_path / f"{number}.log").write_bytes(vpc(3) + BAD_LINE * (number >= 2))
    found = []
    with pytest.raises(RejectedRecord, match=r"2\.log, record 4") as caught:
        for batch in arrowtrail.scan(tmp_path, "AWS.VPCFlow", strict=True, threads=threads):
            found.append(batch.num_rows)
    assert found[:2] == [3, 3]
    assert caught.value.source == str(tmp_path / "2.log")


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


@pytest.mark.parametrize("threads", [1, 2])
def test_the_files_before_a_pipe_that_is_used_up_come_out(folder, threads):
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    files = [folder / "1.log", folder / "2.log"]
    scan = arrowtrail.scan([*files, Pipe(vpc(5))], "AWS.VPCFlow", threads=threads)
    assert scan.to_table().num_rows == 40 + 80 + 5
    found = []
    with pytest.raises(SourceUsedUp):
        for batch in scan:
            found.append(batch.num_rows)
    assert found == [40, 80]


def test_each_pass_sees_the_file_as_it_is_then(tmp_path):
    file = tmp_path / "a.log"
    file.write_bytes(vpc(5))
    scan = arrowtrail.scan(file, "AWS.VPCFlow", threads=2)
    first = scan.to_table()["p_row_id"].to_pylist()
    assert scan.to_table()["p_row_id"].to_pylist() == first
    file.write_bytes(vpc(7))
    again = scan.to_table()["p_row_id"].to_pylist()
    assert len(again) == 7
    assert not set(again) & set(first)


def test_a_file_object_is_scanned_again_and_again():
    scan = arrowtrail.scan(io.BytesIO(vpc(10)))
    assert scan.to_table().num_rows == scan.to_table().num_rows == 10


SPANS = """
import sys, arrowtrail
for log_type, batch in list(arrowtrail.split(sys.argv[1], threads=1)):
    if log_type == "AWS.VPCFlow":
        columns = [batch[name] for name in ("srcAddr", "start", "p_any_ip_addresses")]
        places = [buffer.address for column in columns for buffer in column.buffers() if buffer is not None]
        print(max(places) - min(places))
"""


@pytest.mark.parametrize("between", [False, True])
def test_the_memory_of_like_files_does_not_grow_from_file_to_file(tmp_path, between):
    """Nor with files of another log type between them, of which nothing is learnt."""
    flows = {0, 1, 29} if between else set(range(30))
    for number in range(30):
        tmp_path.joinpath(f"{number:02}.log").write_bytes(vpc(1500) if number in flows else alb(400))
    # In a process of its own, where no memory is at hand yet: each batch lies in a piece that is made for it.
    done = subprocess.run([sys.executable, "-c", SPANS, tmp_path], check=True, capture_output=True)
    spans = [int(line) for line in done.stdout.split()]
    assert len(spans) == len(flows)
    assert spans[-1] < 1.5 * spans[1], "each file's room is more than the one's before"


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


def test_rejected_records_that_are_kept_hold_no_whole_batch():
    kept = KeptRejects()
    whole = pa.RecordBatch.from_pylist([{"source": "x" * 1000, "record": n} for n in range(1000)], REJECTED)
    for at in range(1000):
        kept.add(whole.slice(at, 1))
    table = kept.table()
    assert table["record"].to_pylist() == list(range(1000))
    assert table.get_total_buffer_size() < 2 * whole.nbytes
    assert len(kept.batches) < 50
