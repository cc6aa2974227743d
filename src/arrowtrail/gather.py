"""Batches of one schema gathered in memory until they are worth writing: each write makes a row group."""

from collections.abc import Callable

import pyarrow as pa

__all__ = ["Gathering"]

GATHERED_BYTES = 10 * 1024 * 1024
SMALL_BATCHES = 64


class Gathering:
    """What waits to be written; `size_bytes` is the memory that it holds."""

    def __init__(self, schema: pa.Schema, write: Callable[[pa.Table], object]) -> None:
        self.schema = schema
        self.write = write
        self.batches: list[pa.RecordBatch] = []
        self.size_bytes = 0
        self.joined = 0
        self.joined_bytes = 0

    def add(self, batch: pa.RecordBatch, size_bytes: int) -> None:
        """Take a batch, which holds `size_bytes` of memory; once there is enough, write what is there."""
        self.batches.append(batch)
        self.size_bytes += size_bytes
        if len(self.batches) - self.joined >= SMALL_BATCHES:
            self._join_small()
        if self.size_bytes >= GATHERED_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was gathered, if anything."""
        if not self.batches:
            return
        table = pa.Table.from_batches(self.batches, self.schema)
        self.batches.clear()
        self.size_bytes = self.joined = self.joined_bytes = 0
        self.write(table)
        del table
        # Batches of all threads come and go at this rhythm; without this the heap grows by a third (20-30 MB)
        # through the holes they leave. It costs 2 % of the time.
        pa.default_memory_pool().release_unused()

    def _join_small(self) -> None:
        """Copy the many small batches at the end into one: each holds far more memory than its rows fill."""
        small = pa.Table.from_batches(self.batches[self.joined :], self.schema)
        columns = [_in_one(column) for column in small.columns]
        batch = pa.RecordBatch.from_arrays(columns, schema=self.schema)
        self.batches[self.joined :] = [batch]
        self.joined = len(self.batches)
        self.joined_bytes += batch.nbytes
        self.size_bytes = self.joined_bytes


def _in_one(column: pa.ChunkedArray) -> pa.Array:
    """A column without chunks; one of nulls is not worth copying."""
    if column.null_count == len(column):
        return pa.nulls(len(column), column.type)
    return pa.concat_arrays(column.chunks)
