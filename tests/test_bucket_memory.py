"""A bucket of any size converts in bounded memory, and not a record is lost.

ARROWTRAIL_INPUT_BYTES is how many decompressed bytes are read (500 MB): half in two large files, half in many.
"""

import gzip
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from random import Random

import pyarrow.compute as pc
import pytest
from bucket_framings import lines
from bucket_records import ALL_TYPES, faulty, pool, unknown
from pyarrow import parquet

INPUT_BYTES = int(os.environ.get("ARROWTRAIL_INPUT_BYTES", "500_000_000"))
MOST_KB = 200_000
BLOCK_BYTES = 1_000_000
BLOCKS_OF_A_FILE = 8


@dataclass(frozen=True)
class Block:
    """A megabyte of one log type as a gzip member: members side by side are a file, which is fast to write."""

    member: bytes
    size: int
    rows: Counter[str]
    rejected: Counter[str]


def block(log_type: str, seed: int) -> Block:
    """Rows of the type, and one bad record in some hundred."""
    rng = Random(f"block {log_type} {seed}")
    rows, bad = pool(log_type, seed), [*faulty(log_type), *unknown(rng, 3)]
    records, size = [], 0
    while size < BLOCK_BYTES:
        records.append(rng.choice(rows if rng.random() < 0.995 else bad))
        size += len(records[-1].data) + 1
    data = bytes(lines(records, rng).data)
    good = Counter(record.log_type for record in records if record.reason is None)
    return Block(gzip.compress(data, 1), len(data), good, Counter(each.reason for each in records if each.reason))


def write_files(folder: Path) -> tuple[Counter[str], Counter[str], int]:
    """The input; its rows by type, its rejected records by reason, and its size."""
    blocks = [block(log_type, seed) for seed in (1, 2) for log_type in ALL_TYPES]
    large = INPUT_BYTES // 2 // BLOCK_BYTES // 2
    # The first record of a file says whether it is JSON or lines: each of the large files is one of these.
    runs = [islice(cycle(blocks[start:] + blocks[:start]), large) for start in (0, 2)]
    several = iter(range(INPUT_BYTES // 2 // BLOCK_BYTES // BLOCKS_OF_A_FILE))
    runs += [[blocks[number % len(blocks)]] * BLOCKS_OF_A_FILE for number in several]
    rows: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    size = 0
    for number, run in enumerate(runs):
        with (folder / f"{number}.log.gz").open("wb") as file:
            for each in run:
                file.write(each.member)
                rows, rejected, size = rows + each.rows, rejected + each.rejected, size + each.size
    return rows, rejected, size


def peak_kb(process: subprocess.Popen) -> int:
    """VmHWM of a process until it ends; not ru_maxrss, which counts what the parent had before exec."""
    peak = 0
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = max([peak, *(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))])
        time.sleep(0.01)
    return peak


@pytest.mark.slow
@pytest.mark.memory
@pytest.mark.skipif(sys.platform != "linux", reason="no such figure")
def test_a_bucket_of_any_size_converts_in_bounded_memory(tmp_path, native):
    (tmp_path / "in").mkdir()
    rows, rejected, size = write_files(tmp_path / "in")
    assert size > 0.9 * INPUT_BYTES and len(rows) == len(ALL_TYPES)
    command = [sys.executable, "-m", "arrowtrail", "convert", tmp_path / "in", "-o", tmp_path / "out", "--threads", "2"]
    with (tmp_path / "said").open("w+") as said, subprocess.Popen(command, stderr=said) as process:
        peak = peak_kb(process)
        said.seek(0)
        print(f"{size / 1e6:.0f} MB in, peak {peak / 1e3:.0f} MB\n{said.read()}")
    assert process.returncode == 0
    assert peak < MOST_KB
    found = {
        folder.name: sum(parquet.read_metadata(file).num_rows for file in folder.glob("*.parquet"))
        for folder in (tmp_path / "out").glob("AWS.*")
    }
    assert found == rows
    reasons = parquet.read_table(tmp_path / "out/rejected.parquet", columns=["reason"]).column("reason")
    assert {each["values"]: each["counts"] for each in pc.value_counts(reasons).to_pylist()} == rejected
