"""One source -> items: finished batches, rejected records and, last, its counts."""

import math
import os
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from .errors import RejectedRecord, SourceError
from .feeding import feed
from .inflate import Block, Broken
from .logtype import LogType
from .options import Options
from .schema import REJECTED, arrow_schema, output_columns
from .sources import Source

if TYPE_CHECKING:
    from ._native import Array, Reader

__all__ = ["SMALL_BATCH_BYTES", "End", "Item", "Over", "Recipe", "Rejected", "Rows", "Run", "Several", "add_counts"]

LEAST_LIKE_BYTES = 64 * 1024  # of a source that tells how much room others need
BATCH_BYTES = 8 * 1024 * 1024
# For what gathers batches again, or writes them out row by row. Where all log types are mixed each has a batch in the
# making in each thread; converting them takes 214 MB with 1 MiB and 171 MB with half of it, for 2 % of the time.
SMALL_BATCH_BYTES = 512 * 1024
_ITEM_BYTES = 32768  # what a batch takes besides its buffers, for the many small ones


@dataclass(slots=True)
class Rows:
    """A batch of one log type; `read_bytes` is what was read for it since the item before."""

    log_type: LogType
    batch: pa.RecordBatch
    size_bytes: int
    read_bytes: int = 0


@dataclass(slots=True)
class Rejected:
    """Rejected records, and how many for which reason."""

    batch: pa.RecordBatch
    reasons: Counter[str]
    size_bytes: int
    read_bytes: int = 0


@dataclass(slots=True)
class End:
    """A source is read: the reader's counts, its rows by log type, and why it could not be read to its end."""

    source: str | None
    counts: dict[str, Any]
    rows_by_type: Counter[str]
    log_types: tuple[LogType, ...]
    failed: str | None
    size_bytes: int = 1024
    read_bytes: int = 0


Item = Rows | Rejected | End


@dataclass(slots=True)
class Several:
    """Items in order, handed over as one."""

    items: list[Item] = field(default_factory=list)
    size_bytes: int = 0

    def add(self, item: Item) -> None:
        self.items.append(item)
        self.size_bytes += item.size_bytes


@dataclass(frozen=True, slots=True)
class Over:
    """A source's bytes are at their end: they are whole, broken, or cannot be read further."""

    broken: Broken | None = None
    failed: str | None = None

    @classmethod
    def by(cls, error: Broken | SourceError) -> "Over":
        """What ended them."""
        return cls(broken=error) if isinstance(error, Broken) else cls(failed=error.why)

    def finish(self, reader: "Reader", read_bytes: int) -> None:
        """Tell the reader, which has the rest of `read_bytes`."""
        truncated = None
        if self.broken is not None and self.broken.reason != "truncated":
            reader.reject(self.broken.reason, self.broken.message, self.broken.raw, 0)
        elif self.broken is not None:
            truncated = self.broken.message
        elif self.failed is not None and read_bytes:
            truncated = f"cannot be read further: {self.failed}"
        reader.finish(truncated)


def add_counts(counts: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add what another reader has counted."""
    for name, count in more.items():
        if isinstance(count, dict):
            counts[name] = dict(Counter(counts.get(name, {})) + Counter(count))
        elif isinstance(count, (int, list)):
            counts[name] = counts.get(name, type(count)()) + count


class Recipe:
    """The options made ready: plans and schemas, the same for every source and pass."""

    def __init__(
        self,
        options: Options,
        batch_bytes: int = BATCH_BYTES,
        columns_of: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`columns_of`: the columns of each log type, by its name, instead of those of the options."""
        from .plan import foreign_plans, native_plan

        self.options = options
        self.columns_of = columns_of
        self.batch_bytes = batch_bytes
        chosen = [self._columns(log_type) for log_type in options.log_types]
        self.schemas = {
            log_type.name: arrow_schema(log_type, columns)
            for log_type, columns in zip(options.log_types, chosen, strict=True)
        }
        self.plans = [
            native_plan(log_type, columns=columns, indicators=options.indicators, unmapped=options.unmapped)
            for log_type, columns in zip(options.log_types, chosen, strict=True)
        ]
        self.foreign = foreign_plans()
        self.last: tuple[Reader, float] | None = None  # of a source, and how large that is
        self.buffers: list[bytearray] = []  # what files are read into, while no thread does

    def with_header(self, header: str) -> "Recipe":
        """The same, for lines under this header."""
        other = copy(self)
        other.options = replace(self.options, header=header)
        return other

    def batch(self, log_type: LogType, array: "Array") -> pa.RecordBatch:
        """A finished batch as a record batch."""
        return _imported(self.schemas[log_type.name], array)

    def _columns(self, log_type: LogType) -> tuple[str, ...] | None:
        """The wanted columns that this log type has; one of the added ones where it has none of them."""
        wanted = self.options.columns if self.columns_of is None else self.columns_of[log_type.name]
        if wanted is None:
            return None
        names = [column.name for column in output_columns(log_type)]
        return tuple(name for name in names if name in wanted) or ("p_log_type",)

    def read(
        self, source: Source, number: int = 0, chunks: Iterator[Block] | None = None
    ) -> Generator[Item, None, None]:
        """The items of one source, the `number`-th of its pass; `chunks` are its own where it is open already.

        Nothing is raised for a source that cannot be read or is cut; in a strict pass the first rejected
        record raises RejectedRecord.
        """
        reader = self.reader(source, number)
        run = Run(self, reader)
        over, size = Over(), 0
        try:
            for read in feed(source, reader, self.options.log_types, self.options.max_decompressed, chunks=chunks):
                run.fed += read
                size += read
                yield from run.taken()
        except (Broken, SourceError) as error:
            over = Over.by(error)
        over.finish(reader, reader.counts["bytes"])
        yield from run.taken()
        if LEAST_LIKE_BYTES < source.size() < math.inf:
            self.last = reader, source.size()
        log_types = tuple(self.options.log_types[index] for index in reader.log_types)
        counts = {**reader.counts, "bytes": size}  # the reader has not seen those of a Parquet file
        yield End(source.name, counts, run.rows_by_type, log_types, over.failed, read_bytes=run.fed)

    def reader(self, source: Source, number: int = 0) -> "Reader":
        """A native reader for one source, with room as the last one of a source needed."""
        make = self.reader_maker(source, number)
        if self.last is None:
            return make()
        reader, size = self.last
        return make(like=reader, times=min(source.size(), size) / size)

    def reader_maker(self, source: Source, number: int = 0) -> "Callable[..., Reader]":
        """What makes readers of one source: from a place on, where it stands as `Reader.pause` has said there.

        More is said with the native reader's keywords."""
        from ._native import Reader

        options = self.options
        stream_ids = self._stream_ids(source, number)
        parse_time_us = time.time_ns() // 1000 if options.parse_time_us is None else options.parse_time_us

        def make(offset: int = 0, state: bytes | None = None, **more: Any) -> Reader:
            return Reader(
                self.plans,
                given=options.given,
                stream_ids=stream_ids,
                foreign=self.foreign,
                parse_time_us=parse_time_us,
                source=source.name,
                source_id=options.source_id,
                source_label=options.source_label,
                header=options.header,
                batch_rows=options.batch_rows,
                batch_bytes=self.batch_bytes,
                max_record=options.max_record,
                since_us=options.since_us,
                until_us=options.until_us,
                offset=offset,
                state=state,
                **more,
            )

        return make

    def _stream_ids(self, source: Source, number: int) -> list[bytes]:
        """Ten bytes for each log type: hashed from the source's identity, or from the seed, else random."""
        seed = self.options.row_id_seed
        known = source.identity() if seed is None else b"%s\0%d" % (seed, number)
        if known is None:
            return [os.urandom(10) for _ in self.options.log_types]
        source_id = (self.options.source_id or "").encode()
        return [_stream_id(known, log_type.name.encode(), source_id) for log_type in self.options.log_types]


def _stream_id(*parts: bytes) -> bytes:
    """A hash of the parts; each with its length, so that no two lists of parts read alike."""
    hashed = blake2b(digest_size=10)
    for part in parts:
        hashed.update(len(part).to_bytes(8, "big"))
        hashed.update(part)
    return hashed.digest()


class Run:
    """Feeds a native reader, and takes from it what it has finished."""

    def __init__(self, recipe: Recipe, reader: "Reader") -> None:
        self.recipe = recipe
        self.reader = reader
        self.fed = 0
        self.reasons: Counter[str] = Counter()
        self.rows_by_type: Counter[str] = Counter()

    def feed(self, block: Block) -> Iterator[Item]:
        """Read the bytes; what they finish."""
        self.reader.feed(block)
        self.fed += len(block)
        return self.taken()

    def taken(self) -> Iterator[Item]:
        """What was finished since the last call, rows first."""
        options = self.recipe.options
        for index, array in self.reader.take():
            log_type = options.log_types[index]
            size = array.size_bytes + _ITEM_BYTES
            self.rows_by_type[log_type.name] += array.num_rows
            yield Rows(log_type, self.recipe.batch(log_type, array), size, self._read())
        rejected = self.reader.take_rejected()
        if rejected is None:
            return
        counts = self.reader.counts
        if options.strict and counts["first_rejected"] is not None:
            raise _strict(counts["first_rejected"], _imported(REJECTED, rejected))
        now = Counter(counts["rejected"])
        reasons, self.reasons = now - self.reasons, now
        size = rejected.size_bytes + _ITEM_BYTES
        yield Rejected(_imported(REJECTED, rejected), reasons, size, self._read())

    def _read(self) -> int:
        read, self.fed = self.fed, 0
        return read


def _imported(schema: pa.Schema, array: "Array") -> pa.RecordBatch:
    return pa.RecordBatch._import_from_c(array.address, schema)  # with a capsule the schema would be built anew


def _strict(first: tuple[Any, ...], batch: pa.RecordBatch) -> RejectedRecord:
    record, line, offset, reason, column, message = first
    source = batch.column("source")[0].as_py() if batch.num_rows else None
    return RejectedRecord(
        source=source, record=record, line=line, offset=offset, reason=reason, column=column, message=message
    )
