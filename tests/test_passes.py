"""`rows()` and `split()` as iterators: lazy, in order, in bounded memory, closed when they are left, nothing unseen."""

import io
import tracemalloc
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest
from json_records import record
from logs import BAD_LINE, alb, aurora, s3, vpc

import arrowtrail
from arrowtrail import (
    MixedLogTypes,
    RejectedRecord,
    SourceError,
    SourceNotFound,
    UnknownColumn,
    UsageError,
)

pytestmark = pytest.mark.usefixtures("native")
BOTH = pytest.mark.parametrize("read", [arrowtrail.rows, arrowtrail.split], ids=["rows", "split"])
MIXED = alb(2) + s3(3) + BAD_LINE + aurora(4) + record("AWS.GuardDuty") + b"\n" + alb(1, first=2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(12):
        (tmp_path / f"{number:02}.log").write_bytes(vpc(number * 40, first=number * 1000))
    return tmp_path


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list:
    """The logs that are opened by path."""
    files: list = []
    real = Path.open

    def watched(path, *args, **options):
        file = real(path, *args, **options)
        if args[:1] == ("rb",) and path.suffix == ".log":
            files.append(file)
        return file

    monkeypatch.setattr(Path, "open", watched)
    return files


class Endless(io.RawIOBase):
    """A flow log of so many chunks, made while it is read; it can be read once."""

    def __init__(self, chunks: int):
        self.left, self.given = chunks, 0

    def readable(self):
        return True

    def read(self, size=-1):
        if self.left == 0:
            return b""
        self.left -= 1
        self.given += 1
        return vpc(2000, first=self.given)


# ---------------------------------------------------------------- one pass


@BOTH
def test_it_is_an_iterator_with_counts(read):
    found = read(vpc(3) + BAD_LINE)
    assert iter(found) is found
    assert (found.stats.records, found.rejected.num_rows) == (0, 0)
    list(found)
    assert (found.stats.records, found.stats.rows, found.stats.bytes) == (4, 3, len(vpc(3) + BAD_LINE))
    assert found.rejected["raw"].to_pylist() == [BAD_LINE.strip()]
    assert list(found) == []


@BOTH
def test_nothing_is_read_before_the_first_item(read, opened, folder):
    found = read(folder, threads=1)
    assert opened == []
    next(found)
    assert opened


@BOTH
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("leave", ["close", "with", "drop", "loop"])
def test_leaving_early_closes_the_files(read, opened, folder, threads, leave):
    if leave == "loop":
        for _ in read(folder, threads=threads):
            break
    elif leave == "with":
        with read(folder, threads=threads) as found:
            next(found)
        assert list(found) == []
    else:
        found = read(folder, threads=threads)
        next(found)
        if leave == "close":
            found.close()
            assert list(found) == []
        del found
    assert opened and all(file.closed for file in opened)


@BOTH
def test_closing_before_the_start_reads_nothing(read, opened, folder):
    found = read(folder)
    found.close()
    assert (list(found), opened) == ([], [])


@BOTH
def test_a_leftover_of_rejects_is_no_file(read, tmp_path):
    with read(MIXED, rejects=tmp_path / "x.parquet") as found:
        next(found)
    assert list(tmp_path.iterdir()) == []


@BOTH
def test_rejected_records_go_where_they_are_sent(read):
    sent: list[pa.RecordBatch] = []
    found = read(BAD_LINE * 20_000 + vpc(1), rejects=sent.append)
    list(found)
    assert found.rejected.num_rows == 10_000
    assert sum(batch.num_rows for batch in sent) == found.stats.rejected.total() == 20_000


@BOTH
def test_wrong_arguments_are_told_at_the_call(read, tmp_path):
    with pytest.raises(SourceNotFound):
        read(tmp_path / "none.log")
    with pytest.raises(UnknownColumn, match="did you mean 'srcAddr'"):
        read(b"", columns=["srcAdr"])
    with pytest.raises(UsageError, match="batch_rows"):
        read(b"", batch_rows=0)


@BOTH
def test_a_column_that_a_type_lacks_is_an_error(read):
    with pytest.raises(UnknownColumn, match=r"AWS\.VPCFlow has no column 'elb'"):
        list(read(alb(1) + vpc(1), columns=["elb"]))


@BOTH
def test_a_strict_pass_stops_at_the_first_bad_record(read):
    with pytest.raises(RejectedRecord, match="record 6 "):
        list(read(MIXED, strict=True))


class Failing(io.RawIOBase):
    """A file that fails when it is read."""

    def read(self, size=-1):
        raise OSError(5, "broken disk")


@BOTH
def test_a_source_that_cannot_be_read_is_told_at_the_end(read):
    found = read([vpc(2), Failing(), vpc(3)], threads=1)
    with pytest.raises(SourceError, match="broken disk"):
        list(found)
    assert (found.stats.rows, found.stats.failed_files) == (5, 1)


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize("threads", [2, 5])
def test_threads_give_the_rows_in_the_same_order(folder, threads):
    alone, together = (list(arrowtrail.rows(folder, parse_time=0, threads=number)) for number in (1, threads))
    assert len(alone) == sum(range(12)) * 40
    assert together == alone


def test_rows_are_what_a_scan_holds(folder):
    scan = arrowtrail.scan(folder, columns=["packets", "interfaceId"])
    assert list(arrowtrail.rows(folder, columns=["packets", "interfaceId"])) == scan.to_table().to_pylist()


@pytest.mark.memory
def test_few_rows_are_alive_at_once():
    found = arrowtrail.rows(Endless(40), "AWS.VPCFlow", threads=1)
    next(found)
    tracemalloc.start()
    try:
        count = sum(1 for _ in found)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 79_999
    assert peak < 8_000_000  # all rows are 200 MB


def test_the_first_rows_of_an_endless_input_come_at_once():
    stream = Endless(10**9)
    with arrowtrail.rows(stream, "AWS.VPCFlow", threads=1) as found:
        assert len(list(islice(found, 1000))) == 1000
    assert stream.given < 20


# ---------------------------------------------------------------- split


def test_split_gives_every_type_its_batches():
    found = arrowtrail.split(MIXED)
    tables: dict[str, list[pa.RecordBatch]] = {}
    for name, batch in found:
        assert batch.schema.equals(arrowtrail.schema(name), check_metadata=True)
        tables.setdefault(name, []).append(batch)
    rows = {name: pa.Table.from_batches(batches).num_rows for name, batches in tables.items()}
    assert rows == {"AWS.ALB": 3, "AWS.S3ServerAccess": 3, "AWS.AuroraMySQLAudit": 4, "AWS.GuardDuty": 1}
    assert found.stats.rows_by_type == rows
    assert (found.stats.records, found.rejected["line"].to_pylist()) == (12, [6])
    requests = pa.Table.from_batches(tables["AWS.ALB"])
    assert requests["receivedBytes"].to_pylist() == [0, 1, 2]


def test_what_split_takes_apart_parse_refuses():
    with pytest.raises(MixedLogTypes) as caught:
        arrowtrail.parse(MIXED)
    assert sorted(caught.value.log_types) == sorted({name for name, _ in arrowtrail.split(MIXED)})
    assert "split()" in str(caught.value)


def test_split_tells_the_named_types_apart_only():
    found = arrowtrail.split(MIXED, log_types=["AWS.ALB", "AWS.GuardDuty"], batch_rows=2)
    assert sorted((name, batch.num_rows) for name, batch in found) == [
        ("AWS.ALB", 1),
        ("AWS.ALB", 2),
        ("AWS.GuardDuty", 1),
    ]
    assert found.stats.rejected.total() == 8
