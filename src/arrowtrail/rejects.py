"""Where rejected records go as they come: nowhere, to a caller's function, or to a Parquet file."""

import os
from collections.abc import Callable
from typing import Any, Protocol

import pyarrow as pa

from .options import Rejects
from .schema import REJECTED

__all__ = ["RejectsSink", "open_rejects"]


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
        from .files import ParquetFile

        return ParquetFile(os.fspath(target), REJECTED)
    return _Call(target)


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
