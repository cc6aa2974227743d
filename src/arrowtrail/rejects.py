"""Where rejected records go as they come: nowhere, to a caller's function, or to a Parquet file."""

import os
from collections.abc import Callable
from typing import Any, Protocol

import pyarrow as pa

from .options import Rejects
from .schema import REJECTED

__all__ = ["RejectsFile", "RejectsSink", "open_rejects"]


class RejectsSink(Protocol):
    """Takes batches; `finish` puts a file in its place, `discard` behind it changes nothing."""

    def write(self, batch: pa.RecordBatch) -> None: ...
    def finish(self) -> None: ...
    def discard(self) -> None: ...


def open_rejects(target: Rejects | None) -> RejectsSink:
    """The sink that the option `rejects=` names."""
    if target is None:
        return _Call(lambda batch: None)
    if isinstance(target, (str, os.PathLike)):
        return RejectsFile(target)
    return _Call(target)


class RejectsFile:
    """A Parquet file of rejected records. Raises SinkError."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        from .files import ParquetFile
        from .gather import Gathering

        self.file = ParquetFile(os.fspath(path), REJECTED)
        self.gathering = Gathering(REJECTED, self.file.write)

    def write(self, batch: pa.RecordBatch) -> None:
        """Add records."""
        self.gathering.add(batch, batch.nbytes)

    def close(self) -> None:
        """Complete the file under its temporary name."""
        self.gathering.flush()
        self.file.close()

    def finish(self) -> None:
        """Complete the file and put it in place."""
        self.close()
        self.file.publish()

    def discard(self) -> None:
        """Remove what has not got its name; never raises."""
        self.file.discard()


class _Call:
    """Hands each batch to a function."""

    def __init__(self, function: Callable[[Any], object]) -> None:
        self.function = function

    def write(self, batch: pa.RecordBatch) -> None:
        self.function(batch)

    def finish(self) -> None:
        """There is nothing to finish."""

    def discard(self) -> None:
        """There is nothing to discard."""
