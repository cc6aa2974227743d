"""Seeded logs: the same bytes for everyone, and what a right reader makes of them.

    python benchmarks/corpus.py --type AWS.VPCFlow --mb 64 -o DIR            one file
    python benchmarks/corpus.py --type AWS.ALB --mb 64 --files 64 --gz -o DIR
    python benchmarks/corpus.py --type AWS.VPCFlow --mb 2000 -o DIR          memory stays bounded

MB are 10^6 bytes of plain text, whatever the file is packed in. A file NAME has two hidden companions, which
no reader of the folder takes for logs: `.NAME.json` (rows, bytes, seed) and, up to `DISTINCT` bytes,
`.NAME.truth.parquet` with the values of the columns that each module in `logs/` lists under `TRUTH`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import accumulate, count, cycle
from pathlib import Path
from random import Random
from typing import BinaryIO

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT.parent))

from benchmarks.logs import LOGS  # noqa: E402
from benchmarks.logs.world import World  # noqa: E402

BLOCK_ROWS = 2_000
_PER_SECOND = {"time_s": 1, "time_ms": 1000}
DISTINCT = 160 * 1_000_000  # a longer file repeats its first `DISTINCT` bytes
MB = 1_000_000


def make(log_type: str, size_bytes: int, seed: int = 1) -> bytes:
    """At least `size_bytes` of log, by less than a record more. The same arguments give the same bytes."""
    return b"".join(piece for piece, _ in _pieces(log_type, size_bytes, seed))


def some(log_type: str, count: int, seed: int = 1) -> bytes:
    """A small log of `count` records (at most a block)."""
    header, between, footer = (text.encode() for text in LOGS[log_type].FRAME)
    records, _ = next(_blocks(log_type, seed))
    return header + between.join(records[:count]) + footer


def path(log_type: str, mb: int, gz: bool = False, seed: int = 1) -> Path:
    """A file of `mb` MB, made when first asked for and kept in `cache()`."""
    return paths(log_type, mb, 1, gz, seed)[0]


def paths(log_type: str, mb: int, files: int, gz: bool = False, seed: int = 1) -> list[Path]:
    """`files` files that hold `mb` MB together, each of its own seed."""
    folder = cache() / f"{log_type}-{mb}mb-{files}-{seed}{'-gz' if gz else ''}-{_version()}"
    names = [folder / f"{index:03d}.log{'.gz' if gz else ''}" for index in range(files)]
    for index, name in enumerate(names):
        if not _meta(name).exists():
            folder.mkdir(parents=True, exist_ok=True)
            write(name, log_type, mb * MB // files, seed * 1000 + index, gz)
    return names


def rows(file: Path) -> int:
    """How many rows a right reader gets from a file of this corpus."""
    return json.loads(_meta(file).read_text())["rows"]


def size_bytes(file: Path) -> int:
    """Plain bytes of a file of this corpus."""
    return json.loads(_meta(file).read_text())["bytes"]


def truth(file: Path):
    """The right values as pyarrow.Table: columns of `TRUTH`, in the order of the records."""
    import pyarrow.parquet as parquet

    return parquet.read_table(_truth(file))


def cache() -> Path:
    default = Path(tempfile.gettempdir()) / f"arrowtrail-corpus-{os.getuid()}"
    return Path(os.environ.get("ARROWTRAIL_CORPUS", default))


def write(file: Path, log_type: str, size: int, seed: int, gz: bool = False) -> None:
    """Writes the log and its companions, block by block."""
    counted = {"log_type": log_type, "seed": seed, "bytes": 0, "rows": 0}
    temporary = file.with_name(file.name + ".part")
    with temporary.open("wb") as raw, _packed(raw, gz) as out, _truth_writer(file, log_type, size) as truth_rows:
        for piece, values in _pieces(log_type, size, seed):
            out.write(piece)
            truth_rows(values)
            counted["bytes"] += len(piece)
            counted["rows"] += len(values)
    temporary.replace(file)
    _meta(file).write_text(json.dumps(counted) + "\n")


@contextmanager
def _packed(raw: BinaryIO, gz: bool) -> Iterator[BinaryIO]:
    if not gz:
        yield raw
        return
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=raw, mtime=0) as out:
        yield out


@contextmanager
def _truth_writer(file: Path, log_type: str, size: int) -> Iterator[Callable[[list[tuple]], None]]:
    """A function that takes the right values of a block; it drops them where blocks come again."""
    if size > DISTINCT:
        yield lambda values: None
        return
    import pyarrow as pa
    import pyarrow.parquet as parquet

    kinds = LOGS[log_type].TRUTH
    arrow = {"int": pa.int64(), "float": pa.float64(), "float32": pa.float32(), "bool": pa.bool_()}
    arrow |= dict.fromkeys(("time", "time_s", "time_ms", "time_us"), pa.timestamp("us", "UTC"))
    schema = pa.schema([(name, arrow.get(kind, pa.string())) for name, kind in kinds.items()])
    with parquet.ParquetWriter(_truth(file), schema) as writer:

        def add(values: list[tuple]) -> None:
            columns = []
            for column, kind, field in zip(zip(*values, strict=True), kinds.values(), schema, strict=True):
                if kind in _PER_SECOND:
                    column = [value * (MB // _PER_SECOND[kind]) for value in column]
                columns.append(pa.array(column).cast(field.type) if kind == "time" else pa.array(column, field.type))
            writer.write_batch(pa.record_batch(columns, schema=schema))

        yield add


def _pieces(log_type: str, size: int, seed: int) -> Iterator[tuple[bytes, list[tuple]]]:
    """(bytes, the right values of their rows) until `size` bytes are reached; the last piece is cut there."""
    before, between, footer = (text.encode() for text in LOGS[log_type].FRAME)
    left = size - len(before) - len(footer) + len(between)
    blocks = _blocks(log_type, seed)
    if size > DISTINCT:
        blocks = _again(blocks, DISTINCT)
    for records, values in blocks:
        ends = list(accumulate(len(record) + len(between) for record in records))
        fit = min(bisect_left(ends, left) + 1, len(records))
        left -= ends[fit - 1]
        yield before + between.join(records[:fit]) + (footer if left <= 0 else b""), values[:fit]
        before = between
        if left <= 0:
            return


def _blocks(log_type: str, seed: int) -> Iterator[tuple[list[bytes], Sequence]]:
    """Records, and what is in them; each block is drawn from a seed of its own."""
    world = _world()
    for number in count():
        records, values = LOGS[log_type].block(world, Random(f"{seed}/{log_type}/{number}"), number, BLOCK_ROWS)
        yield [record.encode() for record in records], values


def _again(blocks: Iterator[tuple[list[bytes], Sequence]], size: int) -> Iterator[tuple[list[bytes], Sequence]]:
    kept = []
    for records, values in blocks:
        kept.append((records, range(len(values))))  # how many rows is all that is asked of them then
        yield records, values
        size -= sum(map(len, records))
        if size <= 0:
            break
    yield from cycle(kept)


@lru_cache
def _world() -> World:
    """One for all seeds: two files of an account have the same machines in them."""
    return World(1)


@lru_cache
def _version() -> str:
    """Changes with the code that makes logs, so that no old file passes for a new one."""
    sources = [*sorted((ROOT / "logs").glob("*.py")), ROOT / "corpus.py"]
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:10]


def _meta(file: Path) -> Path:
    return file.with_name(f".{file.name}.json")


def _truth(file: Path) -> Path:
    return file.with_name(f".{file.name}.truth.parquet")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write seeded logs.")
    parser.add_argument("--type", choices=sorted(LOGS), action="append", help="log type; all when left out")
    parser.add_argument("--mb", type=int, default=64, help="MB of plain text over all files of a type")
    parser.add_argument("--files", type=int, default=1, help="how many files to split them into")
    parser.add_argument("--gz", action="store_true", help="gzip, level 6")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--out", type=Path, required=True, help="folder")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for log_type in options.type or sorted(LOGS):
        for index in range(options.files):
            file = options.out / f"{log_type}-{index:03d}.log{'.gz' if options.gz else ''}"
            write(file, log_type, options.mb * MB // options.files, options.seed * 1000 + index, options.gz)
            print(file, size_bytes(file), "bytes", rows(file), "rows")


if __name__ == "__main__":
    main()
