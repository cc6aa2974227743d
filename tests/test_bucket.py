"""A bucket from hell converts in one command; per file the counts, rows, ids and places are those it was built with.

ARROWTRAIL_BUCKETS is how many buckets are built (2).
"""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import bucket as hell
import pytest
from engine_rows import as_found, table_columns
from pyarrow import Table, parquet
from test_parts import small_parts

import arrowtrail

# What is being built: files that need it are written and read, but their truth is not looked at. Empty at the end.
NOT_YET: set[str] = set()
BUCKETS = int(os.environ.get("ARROWTRAIL_BUCKETS", "2"))
SEEDS = [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, BUCKETS + 1))]
CAP = 1 << 20  # bytes of a rejected record that are kept
MANIFEST = "_manifest.ndjson"


@pytest.fixture(scope="module", params=SEEDS)
def bucket(request, tmp_path_factory, native):
    return hell.build(tmp_path_factory.mktemp("hell") / "bucket", request.param)


def convert(bucket, out, *options):
    """The one command; (status, stderr)."""
    command = [sys.executable, "-m", "arrowtrail", "convert", bucket.folder, "-o", out, *options]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert "Traceback" not in done.stderr and done.stdout == "", done.stderr
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def output(bucket, tmp_path_factory):
    """The folder that the command wrote with two threads, its status and what it said."""
    out = tmp_path_factory.mktemp("hell") / "out"
    return out, *convert(bucket, out, "--threads", "2")


@dataclass
class Read:
    """What the API gives of one file."""

    ids: dict[str, list[str]]  # log type -> row ids
    rejected: list[dict]
    records: int

    @property
    def rows(self) -> Counter[str]:
        return Counter({log_type: len(ids) for log_type, ids in self.ids.items()})

    @property
    def reasons(self) -> Counter[str]:
        return Counter(found["reason"] for found in self.rejected)


@pytest.fixture(scope="module")
def alone(bucket):
    """Each file read alone. Files that are left out by name would be read when they are named."""
    return {file.name: read(file) for file in bucket.files.values() if file.made and not file.ignored}


def read(file, threads=1):
    ids: dict[str, list[str]] = {}
    with arrowtrail.split(file.name, threads=threads) as found:
        for log_type, batch in found:
            ids.setdefault(log_type, []).extend(batch.column("p_row_id").to_pylist())
    return Read(ids, found.rejected.to_pylist(), found.stats.records)


def known(bucket):
    """The files whose truth is known to the last record."""
    return [
        file
        for file in bucket.files.values()
        if file.made and file.made.exact and not file.ignored and file.made.missing not in NOT_YET
    ]


def rows_by_id(table):
    """Row id -> row, in the form of the oracle. What depends on the clock is left out."""
    columns = table_columns(table)
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return {row.pop("p_row_id"): timeless(row) for row in rows}


def timeless(row):
    row = {name: value for name, value in row.items() if name != "p_row_id"}
    now = row.pop("p_parse_time")
    return row | {"p_event_time": None} if row["p_event_time"] == now else row


def written(out):
    """Log type -> row id -> row."""
    return {path.name: rows_by_id(parquet.read_table(path)) for path in Path(out).glob("AWS.*")}


@pytest.fixture(scope="module")
def rows(output):
    return written(output[0])


def test_the_bucket_holds_everything(bucket):
    kinds = {file.kind.split(",")[0] for file in bucket.files.values()}
    assert len(bucket.files) >= 300 and len(kinds) >= 60
    found = Counter(log_type for file in bucket.files.values() for log_type in file.rows)
    assert set(found) == set(hell.ALL_TYPES)
    reasons = Counter(reason for file in bucket.files.values() for reason in file.rejected)
    given_only = {"no_header"}
    assert set(reasons) | given_only == {
        "unknown_type", "syntax", "field_count", "missing_required", "bad_value", "no_header", "not_a_log", "too_deep",
        "too_long", "truncated",
    }  # fmt: skip


def test_one_command_converts_it(bucket, output):
    out, status, stderr = output
    assert status == (1 if bucket.failing else 0), stderr
    for file in bucket.failing:
        assert f"error: {file.name}: " in stderr
    said = dict(line.split(maxsplit=1) for line in stderr.splitlines() if line[:1].islower())
    if bucket.failing:
        assert said["failed"].startswith(f"{len(bucket.failing)} input")
    assert {path.name for path in out.glob("AWS.*")} == set(hell.ALL_TYPES)
    assert not [path for path in out.rglob("*") if path.suffix == ".part"]


def test_the_counts_of_each_file_are_its_truth(bucket, alone):
    wrong = {
        (file.kind, file.name): (alone[file.name].rows, file.rows, alone[file.name].reasons, file.rejected)
        for file in known(bucket)
        if (alone[file.name].rows, alone[file.name].reasons) != (file.rows, file.rejected)
    }
    assert not wrong


def test_records_are_rows_and_rejected_ones_in_each_file(bucket, alone):
    """Also where damage hits at random: no more rows than went in, and the damage is told once."""
    for file in bucket.files.values():
        if file.name in alone:
            found = alone[file.name]
            assert found.records == found.rows.total() + len(found.rejected), file
            if file.made.missing not in NOT_YET:
                assert found.rows <= file.rows, file
                assert found.reasons["truncated"] == file.rejected["truncated"], file


@pytest.mark.skipif("manifest" in NOT_YET, reason="not built yet")
def test_the_manifest_tells_the_counts_of_each_file(bucket, output, alone):
    lines = [json.loads(line) for line in (output[0] / MANIFEST).read_text().splitlines()]
    told = {line["source"]: line for line in lines}
    assert len(told) == len(lines)
    assert told.keys() - {file.name for file in bucket.files.values() if file.ignored} == (
        alone.keys() | {file.name for file in bucket.failing}
    )
    for name, line in told.items():
        file = bucket.files[name]
        assert line["records"] == line["rows"] + sum(line["rejected"].values())
        assert line["rows"] == sum(line["rows_by_type"].values())
        assert (line["failed"] is None) == (file.made is not None)
        if file.made and not file.ignored:
            assert line["rows_by_type"] == alone[name].rows and line["rejected"] == alone[name].reasons
    for file in known(bucket):
        line = told[file.name]
        assert (line["rows_by_type"], line["rejected"]) == (file.rows, file.rejected), file.kind
        assert set(line["log_types"]) == set(file.rows) or not file.rows


def test_each_row_is_written_once_and_no_other(alone, rows, output):
    """The ids of an object are the same whenever it is read, so those of the command are those of the API."""
    for log_type in hell.ALL_TYPES:
        ids = [row_id for found in alone.values() for row_id in found.ids.get(log_type, ())]
        assert len(set(ids)) == len(ids)
        assert set(rows[log_type]) == set(ids)
        assert parquet.read_table(output[0] / log_type, columns=["p_row_id"]).num_rows == len(ids)


def test_rows_hold_the_values_of_their_records(bucket, alone, rows):
    """Whatever it was wrapped in, a record gives the row that the oracle makes of it alone."""
    for file in known(bucket):
        for log_type in file.rows:
            found = [rows[log_type][row_id] for row_id in alone[file.name].ids[log_type]]
            records = [placed.record for placed in file.made.found if placed.record.reason is None]
            wanted = [timeless(as_found(each.row)) for each in records if each.log_type == log_type]
            assert found == wanted, (file.kind, file.name)


def test_a_row_id_holds_the_place_of_its_record(bucket, alone):
    for file in known(bucket):
        found = sorted(int(row_id[20:], 16) for ids in alone[file.name].ids.values() for row_id in ids)
        records = [placed for placed in file.made.found if placed.record.reason is None]
        assert found == [placed.begin + placed.further for placed in records], (file.kind, file.name)


def test_rejected_records_lie_beside(bucket, output, alone):
    """Just these, with the bytes that stand at their place."""
    found: dict[str, list[dict]] = {file.name: [] for file in bucket.files.values()}
    for each in parquet.read_table(output[0] / "rejected.parquet").to_pylist():
        found[each["source"]].append(each)
    assert {name: each for name, each in found.items() if each} == {
        name: each.rejected for name, each in alone.items() if each.rejected
    }
    for file in known(bucket):
        wanted = [placed for placed in file.made.found if placed.record.reason is not None]
        for each, placed in zip(found[file.name], wanted, strict=True):
            assert_told(each, placed, file)


def assert_told(each, placed, file):
    """The rejected record is this one, and its place is in the decompressed file."""
    where = (file.kind, file.name, each["record"])
    assert (each["reason"], each["log_type"]) == (placed.record.reason, placed.record.log_type), where
    assert each["message"], where
    content, end = file.made.content, each["offset"] + each["length"]
    if each["reason"] == "truncated" and not file.made.missing:
        assert each["length"] == 0 or (each["offset"] >= placed.begin and end == len(content.rstrip())), where
    elif not file.made.missing:
        assert (each["offset"], each["length"]) == (placed.begin, placed.length), where
        assert each["raw"] == placed.raw[:CAP], where
    if placed.inside:
        assert content[each["offset"] : each["offset"] + 1] == b'"' == content[end - 1 : end], where
    elif content:
        assert each["raw"] == content[each["offset"] : end][:CAP], where


def test_a_second_run_gives_the_same(bucket, output, rows, tmp_path):
    _, status, _ = output
    assert convert(bucket, tmp_path / "out", "--threads", "1", "-q")[0] == status
    again = written(tmp_path / "out")
    assert again == rows
    assert {name: list(ids) for name, ids in again.items()} == {name: list(ids) for name, ids in rows.items()}
    old, new = (parquet.read_table(out / "rejected.parquet") for out in (output[0], tmp_path / "out"))
    assert new.equals(old)


BATCH_ROWS = [1, *(pytest.param(count, marks=pytest.mark.slow) for count in range(2, 8))]


@pytest.mark.parametrize("batch_rows", BATCH_ROWS)
def test_small_batches_change_nothing(bucket, rows, batch_rows):
    found: dict[str, list] = {}
    pass_ = arrowtrail.split(bucket.folder, threads=1, batch_rows=batch_rows)
    try:
        for log_type, batch in pass_:
            assert batch.num_rows <= batch_rows
            found.setdefault(log_type, []).append(batch)
    except arrowtrail.SourceError:
        assert bucket.failing
    again = {log_type: rows_by_id(Table.from_batches(batches)) for log_type, batches in found.items()}
    assert again == rows
    assert {name: list(ids) for name, ids in again.items()} == {name: list(ids) for name, ids in rows.items()}


@pytest.mark.parametrize("part_bytes", [700, *(pytest.param(size, marks=pytest.mark.slow) for size in (90, 250, 3000))])
def test_files_read_in_parts_give_the_same(bucket, alone, monkeypatch, part_bytes):
    """By several threads, each on a guess of how its part begins."""
    small_parts(monkeypatch, part_bytes, 300)
    for file in known(bucket):
        if file.made.stored == file.made.content:
            assert read(file, threads=3) == alone[file.name], (file.kind, file.name)
