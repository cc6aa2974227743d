"""The folder that a conversion fills: checked before anything is read, whole at the end or as it was before."""

import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from .catalog import builtin
from .errors import SinkError, UsageError, nearest
from .files import ArrowFile, NdjsonFile, OutputFile, ParquetFile, sink_errors, temporary_path
from .gather import Gathering
from .logtype import LogType
from .manifest import MANIFEST_NAME, ManifestFile
from .options import Options
from .partition import Partitioning
from .passes import Pass
from .rejects import RejectsFile
from .schema import arrow_schema
from .stream import Rows

__all__ = ["FORMATS", "REJECTED_NAME", "TARGET_BYTES", "OutputFolder"]

FORMATS: dict[str, tuple[type[OutputFile], str]] = {
    "parquet": (ParquetFile, ".parquet"),
    "arrow": (ArrowFile, ".arrow"),
    "ndjson": (NdjsonFile, ".ndjson"),
}
REJECTED_NAME = "rejected.parquet"
TARGET_BYTES = 256 * 1024 * 1024
MOST_OPEN = 32
MOST_ROW_GROUPS = 64  # of a file, and of all that are open: what a footer says of each takes up to 75 kB until its end
# With all log types mixed, 3 GB of them: 256 open row groups and 20 MiB gathered take 206 MB; so it is less than 200.
MOST_OPEN_ROW_GROUPS = 96
MOST_GATHERED_BYTES = 12 * 1024 * 1024
_PART = re.compile(r"part-\d{5,}\.(parquet|arrow|ndjson)")
_KEY = re.compile(r"\w+=.+")


class OutputFolder:
    """Where output goes and how; `building` are the options to read with, so that all keys are there."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        options: Options,
        *,
        format: str = "parquet",
        overwrite: bool = False,
        partition_by: Sequence[str] = (),
        target_bytes: int = TARGET_BYTES,
    ) -> None:
        if format not in FORMATS:
            close = nearest(format, FORMATS)
            hint = f"did you mean {close!r}?" if close else f"allowed: {', '.join(FORMATS)}"
            raise UsageError(f"unknown format {format!r}; {hint}")
        if not isinstance(target_bytes, int) or target_bytes < 1:
            raise UsageError(f"target_bytes must be 1 or more, not {target_bytes!r}")
        self.path = Path(path)
        self.make, self.suffix = FORMATS[format]
        self.log_types = options.log_types
        self.columns = options.columns
        self.partitioning = Partitioning(partition_by, options.log_types)
        self.building = replace(options, columns=self.partitioning.needed(options.columns))
        self.target_bytes = target_bytes
        self.old = list(self._output())
        if self.old and not overwrite:
            raise UsageError(
                f"{self.old[0]}: output is there already; choose another folder, or replace it with "
                "overwrite=True (--overwrite)"
            )

    def fill(self, run: Pass) -> tuple[str, ...]:
        """Write all that a pass gives; the paths of the files, in order."""
        made = [folder for folder in (self.path, *self.path.parents) if not folder.exists()]
        with sink_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        writing = None
        try:
            writing = _Writing(self, run)
            for rows in run.rows():
                writing.add(rows)
            if run.recipe.options.given and not run.stats.rows and not self.partitioning.keys:
                writing.begin(self.log_types[0])
            files = writing.finish()
        except BaseException:
            if writing is not None:
                writing.discard()
            for folder in made:
                with suppress(OSError):
                    folder.rmdir()
            raise
        self._remove_old(set(files))
        return files

    def _remove_old(self, files: set[str]) -> None:
        """Remove the earlier output that was not written over, and the folders that it leaves empty."""
        for old in self.old:
            if str(old) in files:
                continue
            old.unlink(missing_ok=True)
            for folder in old.parents:
                if folder == self.path or any(folder.iterdir()):
                    break
                folder.rmdir()

    def _output(self) -> Iterator[Path]:
        """What earlier conversions left here: the files of all log types and partitions, rejected records, manifest."""
        names = {*builtin(), *(log_type.name for log_type in self.log_types)}
        try:
            if self.path.is_dir():
                for folder in sorted(self.path.iterdir()):
                    if (folder.name in names or _KEY.fullmatch(folder.name)) and folder.is_dir():
                        yield from _parts(folder)
            yield from (path for name in (REJECTED_NAME, MANIFEST_NAME) if (path := self.path / name).exists())
        except OSError as error:
            raise SinkError(str(self.path), f"cannot be looked into: {error.strerror}") from error


def _parts(folder: Path) -> Iterator[Path]:
    """The output files in a folder and in the partitions below it."""
    for path in sorted(folder.iterdir()):
        if _PART.fullmatch(path.name):
            yield path
        elif _KEY.fullmatch(path.name) and path.is_dir():
            yield from _parts(path)


class _Writing:
    """The files of one conversion. Of those that are complete and wait for their names only a count is kept for each
    folder; what is open and what is gathered is bounded, counting all log types and partitions together."""

    def __init__(self, folder: OutputFolder, run: Pass) -> None:
        self.folder = folder
        self.token = secrets.token_hex(4)
        self.schemas = {
            log_type.name: folder.partitioning.written(arrow_schema(log_type), folder.columns)
            for log_type in folder.log_types
        }
        self.recipe = run.recipe
        self.gatherings: dict[str, Gathering] = {}
        self.open: dict[str, OutputFile] = {}  # by folder, the least recently used first
        self.parts: dict[str, int] = {}
        self.made: list[Path] = []
        self.rejected: RejectsFile | None = None
        self.manifest = ManifestFile(folder.path)
        run.on_end = self.manifest.add
        if run.recipe.options.rejects is None:
            run.on_rejected = self._reject

    def add(self, rows: Rows) -> None:
        """Take a batch."""
        name = rows.log_type.name
        if name not in self.gatherings:
            self.gatherings[name] = Gathering(self.recipe.schemas[name], lambda table: self._write(name, table))
        self.gatherings[name].add(rows.batch, rows.size_bytes)
        self._bound()

    def begin(self, log_type: LogType) -> None:
        """Begin a log type's file, be it that no row comes."""
        self._file(log_type.name, log_type.name)

    def finish(self) -> tuple[str, ...]:
        """Complete all files, then give them their names; where that fails none keeps its own."""
        for gathering in self.gatherings.values():
            gathering.flush()
        for place in list(self.open):
            self._close(place)
        last: list[OutputFile] = [self.manifest]
        if self.rejected is not None:
            self.rejected.close()
            last.insert(0, self.rejected.file)
        self.manifest.close()
        try:
            for path in self._paths():
                with sink_errors(path):
                    temporary_path(path, self.token).replace(path)
            for file in last:
                file.publish()
        except BaseException:
            self._take_names_back(last)
            raise
        return (*map(str, self._paths()), *(str(file.path) for file in last))

    def _take_names_back(self, last: list[OutputFile]) -> None:
        """Remove what has its name already: that whose temporary name is gone."""
        names = [(path, temporary_path(path, self.token)) for path in self._paths()]
        for path, temporary in (*names, *((file.path, file.temporary) for file in last)):
            if not temporary.exists():
                path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove every file that has no name yet, and the folders made for them; never raises."""
        for file in (*self.open.values(), self.manifest, self.rejected):
            if file is not None:
                file.discard()
        for path in self._paths():
            with suppress(OSError):
                temporary_path(path, self.token).unlink(missing_ok=True)
        for folder in reversed(self.made):
            with suppress(OSError):
                folder.rmdir()

    def _paths(self) -> Iterator[Path]:
        for place, count in self.parts.items():
            for number in range(count):
                yield self._path(place, number)

    def _path(self, place: str, number: int) -> Path:
        return self.folder.path / place / f"part-{number:05}{self.folder.suffix}"

    def _write(self, name: str, table: pa.Table) -> None:
        """Write rows of a log type, each to its partition."""
        schema = self.schemas[name]
        for place, rows in self.folder.partitioning.split(name, table):
            rows = rows.select(schema.names)
            for begin in range(0, rows.num_rows, step := self._piece_rows(rows)):
                file = self._file(place, name)
                file.write(rows.slice(begin, step))
                if file.row_groups >= MOST_ROW_GROUPS or file.size_bytes >= self.folder.target_bytes:
                    self._close(place)
                elif sum(each.row_groups for each in self.open.values()) > MOST_OPEN_ROW_GROUPS:
                    self._close(max(self.open, key=lambda each: self.open[each].row_groups))

    def _piece_rows(self, rows: pa.Table) -> int:
        """How many rows to write at once, so that a file does not grow far beyond its target."""
        fit: int = max(rows.num_rows * self.folder.target_bytes // max(rows.nbytes, 1), 1)
        return min(fit, self.folder.make.piece_rows or fit)

    def _file(self, place: str, name: str) -> OutputFile:
        """The open file of a folder; a new one where there is none."""
        file = self.open.pop(place, None)
        if file is None:
            if len(self.open) >= MOST_OPEN:
                self._close(next(iter(self.open)))
            path = self._path(place, self.parts.get(place, 0))
            self._mkdir(path.parent)
            file = self.folder.make(str(path), self.schemas[name], self.token)
            self.parts[place] = self.parts.get(place, 0) + 1
        self.open[place] = file
        return file

    def _close(self, place: str) -> None:
        self.open[place].close()
        del self.open[place]

    def _reject(self, batch: pa.RecordBatch) -> None:
        if self.rejected is None:
            self.rejected = RejectsFile(self.folder.path / REJECTED_NAME)
        self.rejected.write(batch)
        self._bound()

    def _bound(self) -> None:
        """Write the largest of what is gathered where all together is too much."""
        waiting = list(self.gatherings.values())
        if self.rejected is not None:
            waiting.append(self.rejected.gathering)
        while sum(each.size_bytes for each in waiting) > MOST_GATHERED_BYTES:
            max(waiting, key=lambda each: each.size_bytes).flush()

    def _mkdir(self, folder: Path) -> None:
        if not folder.exists():
            self._mkdir(folder.parent)
            with sink_errors(folder):
                folder.mkdir()
            self.made.append(folder)
