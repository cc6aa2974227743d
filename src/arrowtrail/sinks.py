"""Batches -> a folder for each log type, with Parquet, Arrow IPC or JSON lines in it."""

import datetime
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from .errors import SinkError, UsageError, nearest
from .files import ArrowFile, NdjsonFile, OutputFile, ParquetFile, sink_errors
from .logtype import LogType
from .options import MAX_RECORD, Moment, Rejects, check
from .passes import Pass
from .schema import REJECTED
from .sources import find_sources
from .stats import KeptRejects, Stats
from .stream import SMALL_BATCH_BYTES, Recipe, Rows

__all__ = ["FORMATS", "Written", "write"]

FORMATS: dict[str, tuple[Callable[[str, pa.Schema], OutputFile], str]] = {
    "parquet": (ParquetFile, ".parquet"),
    "arrow": (ArrowFile, ".arrow"),
    "ndjson": (NdjsonFile, ".ndjson"),
}
REJECTED_NAME = "rejected.parquet"
MOST_ROW_GROUPS = 64  # a file's footer is kept in memory until its end
MOST_GATHERED_BYTES = 20 * 1024 * 1024
_PART = re.compile(r"part-\d{5}\.(parquet|arrow|ndjson)")


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
    any, or to `rejects` where it is given. The other options are those of `scan`. Files get their names when
    all of them are whole; after any exception none of them is there.

    Raises UsageError where `out_dir` holds output already and `overwrite` is false (true replaces it),
    SinkError where the output cannot be written, RejectedRecord in a strict pass, and, when all else is
    written, SourceError where a source could not be read.

    >>> import tempfile
    >>> log = b"2 - eni-1 - - - - - - - 1714644732 1714644791 - NODATA"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     done = write(log, folder, log_type="AWS.VPCFlow")
    ...     [Path(name).name for name in done.files], done.stats.rows
    (['part-00000.parquet'], 1)
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
    run = Pass(Recipe(options, SMALL_BATCH_BYTES), find_sources(source), KeptRejects(0), busy=True)
    folder = OutputFolder(out_dir, format, options.log_types, overwrite)
    files = folder.fill(run)
    run.raise_failed()
    return Written(files, run.stats)


class OutputFolder:
    """The folder that a conversion fills, checked before anything is read."""

    def __init__(
        self, path: str | os.PathLike[str], format: str, log_types: Sequence[LogType], overwrite: bool
    ) -> None:
        if format not in FORMATS:
            close = nearest(format, FORMATS)
            hint = f"did you mean {close!r}?" if close else f"allowed: {', '.join(FORMATS)}"
            raise UsageError(f"unknown format {format!r}; {hint}")
        self.path = Path(path)
        self.make, self.suffix = FORMATS[format]
        self.log_types = log_types
        self.old = list(self._output())
        if self.old and not overwrite:
            raise UsageError(f"{self.old[0]}: output is there already; choose another folder, or overwrite it")
        self.made = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
        with sink_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)

    def fill(self, run: Pass) -> tuple[str, ...]:
        """Write all that a pass gives; the paths of the files, in order."""
        writing = _Writing(self, run)
        try:
            for rows in run.rows():
                writing.add(rows)
            if run.recipe.options.given and not run.stats.rows:
                writing.file(self.log_types[0])
            files = writing.finish()
        except BaseException:
            writing.discard()
            for folder in self.made:
                with suppress(OSError):
                    folder.rmdir()
            raise
        for old in self.old:
            if str(old) not in files:
                old.unlink(missing_ok=True)
        return files

    def _output(self) -> Iterator[Path]:
        """What earlier conversions left where this one would write."""
        try:
            for log_type in self.log_types:
                folder = self.path / log_type.name
                if folder.is_dir():
                    yield from (path for path in sorted(folder.iterdir()) if _PART.fullmatch(path.name))
            if (self.path / REJECTED_NAME).exists():
                yield self.path / REJECTED_NAME
        except OSError as error:
            raise SinkError(str(self.path), f"cannot be looked into: {error.strerror}") from error


class _Writing:
    """The files of one conversion: the open one of each log type, and those that wait for their names."""

    def __init__(self, folder: OutputFolder, run: Pass) -> None:
        self.folder = folder
        self.schemas = run.recipe.schemas
        self.open: dict[str, OutputFile] = {}
        self.files: list[OutputFile] = []
        self.made: list[Path] = []
        if run.recipe.options.rejects is None:
            run.on_rejected = self._reject

    def add(self, rows: Rows) -> None:
        self.file(rows.log_type).write(rows.batch, rows.size_bytes)
        gathering = [file for file in self.open.values() if isinstance(file, ParquetFile)]
        if sum(file.size_bytes for file in gathering) > MOST_GATHERED_BYTES:
            max(gathering, key=lambda file: file.size_bytes).flush()

    def file(self, log_type: LogType) -> OutputFile:
        """The open file of a log type; a new one where there is none or it has grown enough."""
        name = log_type.name
        file = self.open.get(name)
        if isinstance(file, ParquetFile) and file.row_groups >= MOST_ROW_GROUPS:
            file.close()
            file = None
        if file is None:
            folder = self.folder.path / name
            number = sum(each.path.parent == folder for each in self.files)
            self._mkdir(folder)
            file = self._begin(folder / f"part-{number:05}{self.folder.suffix}", self.schemas[name], self.folder.make)
            self.open[name] = file
        return file

    def finish(self) -> tuple[str, ...]:
        """Complete all files, then give them their names."""
        for file in self.files:
            file.close()
        for file in self.files:
            file.publish()
        return tuple(str(file.path) for file in self.files)

    def discard(self) -> None:
        for file in self.files:
            file.discard()
        for folder in self.made:
            with suppress(OSError):
                folder.rmdir()

    def _reject(self, batch: pa.RecordBatch) -> None:
        name = REJECTED_NAME
        if name not in self.open:
            self.open[name] = self._begin(self.folder.path / name, REJECTED, ParquetFile)
        self.open[name].write(batch)

    def _begin(self, path: Path, schema: pa.Schema, make: Callable[[str, pa.Schema], OutputFile]) -> OutputFile:
        file = make(str(path), schema)
        self.files.append(file)
        return file

    def _mkdir(self, folder: Path) -> None:
        if not folder.exists():
            with sink_errors(folder):
                folder.mkdir()
            self.made.append(folder)
