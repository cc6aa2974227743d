"""write(): sources -> a folder of Parquet, Arrow IPC or JSON lines."""

import datetime
import os
from collections.abc import Sequence
from dataclasses import dataclass

from .folder import TARGET_BYTES, OutputFolder
from .inputs import find_sources
from .logtype import LogType
from .options import MAX_RECORD, Moment, Rejects, check
from .passes import Pass
from .stats import KeptRejects, Stats
from .stream import SMALL_BATCH_BYTES, Recipe

__all__ = ["Written", "write"]


@dataclass(frozen=True)
class Written:
    """What `write` did: the files it made, in order, and the counts."""

    files: tuple[str, ...]
    stats: Stats


def write(
    source: object,
    out_dir: str | os.PathLike[str],
    *,
    log_type: str | LogType | None = None,
    format: str = "parquet",
    overwrite: bool = False,
    partition_by: Sequence[str] = (),
    target_bytes: int = TARGET_BYTES,
    columns: Sequence[str] | None = None,
    indicators: str = "extended",
    unmapped: bool = True,
    source_id: str | None = None,
    source_label: str | None = None,
    header: str | Sequence[str] | None = None,
    strict: bool = False,
    rejects: Rejects | None = None,
    batch_rows: int = 65536,
    threads: int | None = None,
    log_types: Sequence[str | LogType] | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    parse_time: datetime.datetime | int | None = None,
    row_id_seed: int | str | bytes | None = None,
    max_record: int = MAX_RECORD,
    max_decompressed: int | None = None,
) -> Written:
    """Convert logs to files: `out_dir/LOG_TYPE/part-00000.parquet` and so on, and `out_dir/rejected.parquet`.

    `source` is what `scan` takes; several log types in it are fine here. `format` is `parquet` (zstd), `arrow`
    (IPC files, zstd) or `ndjson`. Rejected records go to `rejected.parquet` beside the folders where there are
    any, or to `rejects` where it is given. `_manifest.ndjson` says what became of each source, one JSON object a
    line. The other options are those of `scan`. Files get their names when all of them are whole; after any
    exception none of them is there.

    partition_by: folders named as Hive does it, `day=2024-05-02/log_type=AWS.ALB`, in this order. Keys are `year`,
    `month`, `day`, `hour` (of p_event_time, in UTC, each with what is above it: `hour=2024-05-02-10`), `log_type`
    (where it is left out the log type's folder comes first), or a column of strings or integers that every log type
    has; such a column is in the folders' names and no longer in the files. Rows keep their order in each partition.
    target_bytes: a file that has grown to so many bytes is closed and the next part begins.

    Raises UsageError where `out_dir` holds output already and `overwrite` is false (true replaces all of it),
    SinkError where the output cannot be written, RejectedRecord in a strict pass, and, when all else is
    written, SourceError where a source could not be read.

    >>> import tempfile
    >>> log = b"2 - eni-1 - - - - - - - 1714644732 1714644791 - NODATA"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = write(log, folder, log_type="AWS.VPCFlow", partition_by=["day"])
    ...     [os.path.relpath(name, folder) for name in done.files], done.stats.rows
    (['AWS.VPCFlow/day=2024-05-02/part-00000.parquet', '_manifest.ndjson'], 1)
    """
    options = check(
        log_type,
        columns=columns,
        indicators=indicators,
        unmapped=unmapped,
        source_id=source_id,
        source_label=source_label,
        header=header,
        strict=strict,
        rejects=rejects,
        batch_rows=batch_rows,
        threads=threads,
        log_types=log_types,
        since=since,
        until=until,
        parse_time=parse_time,
        row_id_seed=row_id_seed,
        max_record=max_record,
        max_decompressed=max_decompressed,
    )
    folder = OutputFolder(
        out_dir, options, format=format, overwrite=overwrite, partition_by=partition_by, target_bytes=target_bytes
    )
    run = Pass(Recipe(folder.building, SMALL_BATCH_BYTES), find_sources(source), KeptRejects(0), busy=True)
    files = folder.fill(run)
    run.raise_failed()
    return Written(files, run.stats)
