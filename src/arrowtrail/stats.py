"""Counts of one pass, and the rejected records that are kept in memory."""

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa

from .schema import REJECTED

__all__ = ["KeptRejects", "Stats"]

MOST_REJECTS = 10_000
MOST_REJECT_BYTES = 16 * 1024 * 1024
MOST_FAILED = 1000
JOINED_BYTES = 65536


@dataclass
class Stats:
    """What one pass read so far; whole once the pass is over. `records` is always rows + outside + rejected."""

    rows: int = 0
    outside: int = 0
    """Rows that `since` and `until` leave out."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Rejected records by reason."""
    warnings: Counter[str] = field(default_factory=Counter)
    """Values that turned null, by column; see `invalid_utf8`, `unknown_name`, `dropped_field` besides."""
    rows_by_type: Counter[str] = field(default_factory=Counter)
    """Rows by log type."""
    blank: int = 0
    """Blank lines."""
    files: int = 0
    """Inputs that were read to their end."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Inputs that could not be read, with why; the first 1000."""
    failed_files: int = 0
    """How many inputs could not be read."""
    bytes: int = 0
    """Decompressed bytes."""
    seconds: float = 0.0
    """Wall-clock time from the first byte asked for to the last row given."""

    @property
    def records(self) -> int:
        """Records seen: rows, those outside of `since` and `until` too, and rejected ones."""
        return self.rows + self.outside + self.rejected.total()

    def fail(self, source: str, why: str) -> None:
        """Count an input that could not be read."""
        self.failed_files += 1
        if len(self.failed) < MOST_FAILED:
            self.failed.append((source, why))


class KeptRejects:
    """The first rejected records of a pass: 10,000 of them or 16 MiB, or as many as asked for."""

    def __init__(self, most: int = MOST_REJECTS, most_bytes: int = MOST_REJECT_BYTES) -> None:
        self.batches: list[pa.RecordBatch] = []
        self.rows_left = most
        self.bytes_left = most_bytes

    def add(self, batch: pa.RecordBatch) -> None:
        """Keep what still has room; the first record that has none ends it."""
        count = min(batch.num_rows, self.rows_left)
        while count and batch.slice(0, count).nbytes > self.bytes_left:
            count //= 2
        if count:
            kept = batch.slice(0, count)
            self._copy(kept)
            self.rows_left -= count
            self.bytes_left -= kept.nbytes
        if count < batch.num_rows:
            self.rows_left = 0

    def _copy(self, batch: pa.RecordBatch) -> None:
        """Copy the records behind the last ones: a batch keeps far more memory than a few records fill."""
        last = self.batches.pop() if self.batches and self.batches[-1].nbytes < JOINED_BYTES else batch.slice(0, 0)
        self.batches.append(pa.concat_batches([last, batch]))

    def table(self) -> pa.Table:
        """The kept records, in the schema `REJECTED`."""
        return pa.Table.from_batches(self.batches, REJECTED)
