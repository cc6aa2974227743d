"""A caller's program that must pass the type checker: every public name, used as documented."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import arrowtrail
from arrowtrail import LogType, RejectedRecord, Result, Scan, Stats, Written, detect, parse, scan, schema, write


def names() -> list[str]:
    return arrowtrail.log_types()


def guess(data: bytes) -> str:
    found: str | None = detect(data, log_types=["AWS.ALB"])
    return found or "unknown"


def table(data: bytes) -> tuple[int, dict[str, int]]:
    result: Result = parse(
        data,
        "AWS.VPCFlow",
        columns=["srcAddr"],
        indicators="panther",
        header="srcaddr dstaddr",
        parse_time=datetime.datetime.now(datetime.UTC),
        rejects=Path("rejected.parquet"),
    )
    stats: Stats = result.stats
    return stats.records, dict(stats.rejected)


def batches(folder: Path, mine: LogType) -> Iterator[object]:
    found: Scan = scan([folder, "logs/**/*.gz", b"..."], mine, threads=2, strict=True, rejects=print)
    try:
        yield from found
    except RejectedRecord as error:
        print(error.record, error.offset + 1, error.reason.upper())


def convert(folder: str) -> tuple[str, ...]:
    done: Written = write(folder, "out", log_type=None, format="arrow", overwrite=True)
    return done.files


def custom(path: str) -> str:
    mine = LogType.load(path)
    first: arrowtrail.Column = mine.columns[0]
    return f"{mine.name} {first.name} {schema(mine)}"
