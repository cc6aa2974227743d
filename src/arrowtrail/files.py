"""One output file: written under a temporary name in its folder, put in place whole or not at all."""

import errno
import inspect
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet as pq

from .errors import SinkError

__all__ = ["ArrowFile", "NdjsonFile", "OutputFile", "ParquetFile", "sink_errors", "temporary_path"]

PIECE_ROWS = 8192
SAMPLE_ROWS = 1000
PAGE_ROWS = 1_000_000
ROW_ID = "p_row_id"
_HINTS = {
    errno.ENOSPC: "free some space or choose another folder",
    errno.EDQUOT: "free some space or choose another folder",
    errno.EFBIG: "the file may not grow further here; raise the limit or choose another folder",
    errno.EACCES: "check the folder's permissions or choose another",
    errno.EPERM: "check the folder's permissions or choose another",
    errno.EROFS: "choose a folder that can be written",
    errno.ENAMETOOLONG: "partition by columns of short values, or choose a folder with a shorter path",
}


@contextmanager
def sink_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turns an OSError into a SinkError that says what, where and what to do."""
    try:
        yield
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        hint = _HINTS.get(error.errno or 0)
        raise SinkError(os.fspath(path), f"cannot be written: {why}" + (f"; {hint}" if hint else "")) from error


def temporary_path(path: Path, token: str) -> Path:
    """The name that a file has until it is published; files of one conversion share the token."""
    return path.with_name(f".{path.name}.{token}.part")


class OutputFile:
    """A file to be. `write` rows, then `close` and `publish`, or `discard` (which may follow anything)."""

    piece_rows: int | None = PIECE_ROWS
    """How many rows to write at once; None: as many as there are, since each write makes a row group."""
    row_groups = 0
    """What the file's end has to list: kept in memory until then."""

    def __init__(self, path: str, schema: pa.Schema, token: str | None = None) -> None:
        self.path = Path(path)
        self.schema = schema
        self.temporary = temporary_path(self.path, token or secrets.token_hex(4))
        self.closed = False
        with sink_errors(self.path):
            # "x" refuses a file or link that someone put under the name.
            self.file = pa.PythonFile(self.temporary.open("xb"), "w")
        try:
            with sink_errors(self.path):
                self._open()
        except BaseException:
            self.discard()
            raise

    @property
    def size_bytes(self) -> int:
        """Bytes written so far."""
        return int(self.file.tell())

    def write(self, rows: pa.Table) -> None:
        """Add rows. Raises SinkError."""
        with sink_errors(self.path):
            self._write(rows)

    def close(self) -> None:
        """Complete the file under its temporary name. Raises SinkError."""
        if not self.closed:
            with sink_errors(self.path):
                self._close()
                self.file.close()
            self.closed = True

    def publish(self) -> None:
        """Give the completed file its name. Raises SinkError."""
        with sink_errors(self.path):
            self.temporary.replace(self.path)

    def finish(self) -> None:
        """`close` and `publish`."""
        self.close()
        self.publish()

    def discard(self) -> None:
        """Remove what has not got its name; never raises."""
        if not self.closed:
            self._drop()
            with suppress(OSError, pa.ArrowException):
                self.file.close()
            self.closed = True
        with suppress(OSError):
            self.temporary.unlink(missing_ok=True)

    def _open(self) -> None:
        """Begin the format."""

    def _write(self, rows: pa.Table) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        """End the format."""

    def _drop(self) -> None:
        """Let go of the format's writer."""


class ParquetFile(OutputFile):
    """Parquet, zstd; each write makes a row group."""

    piece_rows = None

    def _open(self) -> None:
        self.writer: Any = None

    def _write(self, rows: pa.Table) -> None:
        self._begin(rows)
        if rows.num_rows:
            self.writer.write_table(rows, row_group_size=rows.num_rows)
            self.row_groups += 1

    def _begin(self, first: pa.Table) -> None:
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.file, self.schema, **parquet_settings(first))

    def _close(self) -> None:
        self._begin(pa.Table.from_batches([], self.schema))  # not empty_table(), which imports pandas
        self.writer.close()
        self.writer = None

    def _drop(self) -> None:
        if self.writer is not None:
            self.writer.is_open = False  # else it would complete the file when it is collected
            self.writer = None


def parquet_settings(first: pa.Table) -> dict[str, Any]:
    """Settings for a file that begins with these rows: dictionaries where values repeat, no statistics where
    no reader could use them, and pages bound by bytes alone (a tenth of the time for many narrow columns)."""
    sample = first.slice(0, SAMPLE_ROWS)
    settings: dict[str, Any] = {
        "compression": "zstd",
        "compression_level": 1,
        "use_dictionary": [_path(field) for field in first.schema if _repeats(sample[field.name])],
        "write_statistics": [
            field.name
            for field in first.schema
            if not pa.types.is_nested(field.type) and field.type != pa.binary() and field.name != ROW_ID
        ],
    }
    if "max_rows_per_page" in inspect.signature(pq.ParquetWriter).parameters:
        settings["max_rows_per_page"] = PAGE_ROWS
    return settings


def _path(field: pa.Field) -> str:
    """The Parquet column of a field; of a list, that of its items."""
    return f"{field.name}.list.element" if pa.types.is_list(field.type) else str(field.name)


def _repeats(column: pa.ChunkedArray) -> bool:
    """Whether the values are few enough for a dictionary to pay."""
    if column.null_count == len(column):
        return True
    if pa.types.is_list(column.type):
        column = pa.chunked_array([chunk.flatten() for chunk in column.chunks], column.type.value_type)
    if pa.types.is_nested(column.type):
        return False
    values = column.drop_null()  # not to_pylist(): of times it imports pandas where there is one, 40 MB
    return len(values.unique()) * 4 <= len(values)


class ArrowFile(OutputFile):
    """Arrow IPC, the file format, zstd."""

    writer: Any = None

    def _open(self) -> None:
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        self.writer = pa.ipc.new_file(self.file, self.schema, options=options)

    def _write(self, rows: pa.Table) -> None:
        self.writer.write_table(rows)

    def _close(self) -> None:
        self.writer.close()
        self.writer = None

    def _drop(self) -> None:
        self.writer = None


class NdjsonFile(OutputFile):
    """One JSON object a line."""

    def _write(self, rows: pa.Table) -> None:
        from .ndjson import json_lines

        for batch in rows.to_batches():
            self.file.write(json_lines(batch))
