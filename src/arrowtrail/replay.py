"""replay(): rejected records -> the rows that they give now, and what is still bad."""

import datetime
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet as pq

from .errors import SourceError, SourceNotFound, UsageError
from .folder import REJECTED_NAME, TARGET_BYTES, OutputFolder
from .logtype import LogType
from .options import MAX_RECORD, Moment, Rejects, check
from .replaying import Group, Replay
from .schema import REJECTED
from .sinks import Written

__all__ = ["RejectsSource", "Replayed", "replay"]

GROUP_ROWS = 10_000
GROUP_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Replayed(Written):
    """What `replay` did: besides files and counts, how many rejected records it read and how many are mended."""

    records: int
    mended: int
    """Records with nothing bad in them now; the rest are in `stats.rejected`, by reason."""


def replay(
    rejects_file: str | os.PathLike[str],
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
) -> Replayed:
    """Parse rejected records again, after a fix or with other options, and write the rows as `write` does.

    `rejects_file` is the Parquet file that `write` or `rejects=` made, or a folder that holds `rejected.parquet`. A
    record is parsed from its `raw`, or, where that was cut at 1 MiB, from its source at its offset. Its log type is
    that of the record where it has one and `log_type` is not given. The header of a line that needs one is `header`,
    else the one that the source has before that line. What is still bad goes to `out_dir/rejected.parquet` (or to
    `rejects`) with the place it has in its source; a source that is gone or has changed is said in the message.

    A row gets the id that it has in its source, where the source is a file that still holds the record at its place
    (and `source_id` is the same): merged with the rows of that source it is no duplicate. Else the id is hashed from
    the record's place and bytes: the same at each replay, and no other row's.

    Options and errors are those of `write`; UsageError also where the file holds no rejected records.

    >>> import arrowtrail, tempfile
    >>> flow = b"eni-1 1714644672 1714644732 OK"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = arrowtrail.write(flow, folder + "/first", log_type="AWS.VPCFlow")
    ...     done = replay(folder + "/first", folder + "/second", header="interface-id start end log-status")
    >>> done.records, done.mended, done.stats.rows
    (1, 1, 1)
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
    source = RejectsSource(rejects_file, out_dir)
    folder = OutputFolder(
        out_dir, options, format=format, overwrite=overwrite, partition_by=partition_by, target_bytes=target_bytes
    )
    run = Replay(folder.building, source)
    files = folder.fill(run)
    return Replayed(files, run.stats, run.records, run.mended)


class RejectsSource:
    """The rejected records in a Parquet file, in groups of one source each; each loop reads the file anew."""

    def __init__(self, path: str | os.PathLike[str], out_dir: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if self.path.is_dir():
            self.path /= REJECTED_NAME
        if not self.path.exists():
            raise SourceNotFound(f"{self.path}: no such file")
        if self.path.resolve().parent == Path(out_dir).resolve():
            raise UsageError(f"{out_dir}: the rejected records lie here, beside the rows; choose another folder")
        for _ in self._batches(1):
            break

    def __iter__(self) -> Iterator[Group]:
        for batch in self._batches(GROUP_ROWS):
            table = pa.Table.from_batches([batch])
            names, sizes = table["source"].to_pylist(), table["length"].to_pylist()
            begin = size = 0
            for place, name in enumerate(names):
                size += min(sizes[place], GROUP_BYTES)
                if place > begin and (name != names[begin] or size > GROUP_BYTES):
                    yield Group(names[begin], table.slice(begin, place - begin))
                    begin, size = place, min(sizes[place], GROUP_BYTES)
            if names:
                yield Group(names[begin], table.slice(begin))

    def _batches(self, rows: int) -> Iterator[pa.RecordBatch]:
        try:
            with pq.ParquetFile(self.path) as file:
                for name in REJECTED.names:
                    if name not in file.schema_arrow.names:
                        raise UsageError(f"{self.path}: holds no rejected records, it has no column {name!r}")
                for batch in file.iter_batches(rows, columns=REJECTED.names, use_threads=False):
                    yield batch.select(REJECTED.names).cast(REJECTED)
        except pa.ArrowException as error:
            raise SourceError(str(self.path), f"is no whole Parquet file of rejected records: {error}") from error
        except OSError as error:
            raise SourceError(str(self.path), error.strerror or str(error)) from error
