"""A caller's program that must pass the type checker: every public name, used as documented."""

import datetime
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
        row_id_seed="seed",
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


def whole(path: str) -> tuple[object, int]:
    found = scan(path, max_decompressed=1 << 30, batch_rows=1000)
    reader, capsule = found.to_reader(), found.__arrow_c_stream__()
    print(found.log_type or "none", found.schema, reader, capsule, found.rejected)
    return found.to_table(), found.stats.rows


def events(folder: Path) -> Iterator[str]:
    with arrowtrail.rows(folder, decode_json=False, indicators="off") as found:
        for row in found:
            yield str(row["p_log_type"])
    print(found.stats.rows, found.rejected)


def mixed(folder: Path) -> dict[str, int]:
    found: arrowtrail.OnePass[tuple[str, Any]] = arrowtrail.split(folder, log_types=["AWS.ALB"], threads=1)
    counts: dict[str, int] = {}
    for log_type, batch in found:
        counts[log_type.lower()] = counts.get(log_type, 0) + batch.num_rows
    found.close()
    return counts


def found(column: Any, rows: Any) -> list[str]:
    lists, flat = arrowtrail.indicators(column), arrowtrail.indicator_table(rows)
    print(arrowtrail.indicators("10.0.0.7").as_py(), lists.field("emails"))
    return [str(value) for value in flat["value"]]


def convert(folder: str) -> tuple[str, ...]:
    done: Written = write(folder, "out", log_type=None, format="arrow", overwrite=True)
    print(done.stats.bytes / max(done.stats.seconds, 1e-9))
    write(folder, "days", partition_by=("day", "log_type"), target_bytes=1 << 26)
    again: arrowtrail.Replayed = arrowtrail.replay(Path("out"), "mended", header="srcaddr dstaddr")
    print(again.mended + 1, again.records - again.mended)
    return done.files + again.files


def custom(path: str) -> str:
    mine = LogType.load(path)
    first: arrowtrail.Column = mine.columns[0]
    return f"{mine.name} {first.name} {schema(mine)}"


def careful(path: str) -> int:
    """What can go wrong, and what each exception tells."""
    try:
        return scan(path).to_table().num_rows  # type: ignore[no-any-return]  # pyarrow has no types
    except (arrowtrail.UnknownLogType, arrowtrail.UnknownColumn, arrowtrail.TableError) as error:
        print("did you mean", error.nearest)
    except arrowtrail.MixedLogTypes as error:
        print(", ".join(error.log_types))
    except (arrowtrail.SourceNotFound, arrowtrail.UsageError, arrowtrail.SourceUsedUp) as error:
        print(error)
    except arrowtrail.SourceError as error:
        print(error.source, error.why)
    except arrowtrail.SinkError as error:
        print(error.path, error.why)
    except arrowtrail.ArrowtrailError:
        raise
    return sys.maxsize
