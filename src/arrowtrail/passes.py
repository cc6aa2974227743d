"""One pass over sources: their rows in order, with everything counted and every rejected record delivered."""

import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from functools import partial
from itertools import count
from typing import Generic, TypeVar

import pyarrow as pa

from .errors import SourceError, UnknownColumn
from .logtype import LogType
from .parallel import in_order
from .parts import LEAST_BYTES, Parsed, Stream, joined
from .rejects import open_rejects
from .sources import Source
from .stats import KeptRejects, Stats
from .stream import End, Item, Recipe, Rejected, Rows, Several

__all__ = ["OnePass", "Pass"]

QUEUE_BYTES = 2 * 1024 * 1024  # of items that wait to be taken, or as many batches where those are more
QUEUE_BATCHES = 2
MOST_SMALL = 64  # sources read one after the other
T = TypeVar("T")
Job = Callable[[], Generator[Item | Several | Parsed, None, None]]


class Pass:
    """Reads nothing before the first row is asked for; `stats` and `kept` fill while it runs."""

    def __init__(self, recipe: Recipe, sources: Iterable[Source], kept: KeptRejects, *, busy: bool = False) -> None:
        """`busy`: whoever takes the rows works on them, and so is one of the threads."""
        threads = recipe.options.threads
        self.workers = threads - 1 if busy or threads == 1 else threads
        self.recipe = recipe
        self.sources = sources
        self.stats = Stats()
        self.kept = kept
        self.on_rejected: Callable[[pa.RecordBatch], object] | None = None
        """Takes the rejected records, besides `rejects=`."""
        self.on_end: Callable[[End], object] | None = None
        """Takes what is known of each source once its rows and rejected records are out."""
        self.log_types: tuple[LogType, ...] = ()
        """Of the latest source that has any: the types of its rows, else of its header or first rejected record."""

    def rows(self) -> Generator[Rows, None, None]:
        """Batches in the order of the sources and, in these, of the records.

        A source that cannot be read is counted in `stats`; `raise_failed` says so at the end.
        """
        options = self.recipe.options
        started = time.perf_counter()
        rejects = open_rejects(options.rejects)
        queue_bytes = max(QUEUE_BATCHES * self.recipe.batch_bytes, QUEUE_BYTES)
        items = in_order(self._jobs(), lambda job: job(), workers=self.workers, queue_bytes=queue_bytes)
        try:
            for item in joined(items):
                self.stats.bytes += item.read_bytes
                self.stats.seconds = time.perf_counter() - started
                if isinstance(item, Rows):
                    self._count_rows(item)
                    yield item
                elif isinstance(item, Rejected):
                    self.stats.rejected.update(item.reasons)
                    self.kept.add(item.batch)
                    rejects.write(item.batch)
                    if self.on_rejected is not None:
                        self.on_rejected(item.batch)
                else:
                    self._end(item)
            rejects.finish()
            self.stats.seconds = time.perf_counter() - started
        finally:
            items.close()
            rejects.discard()

    def raise_failed(self) -> None:
        """Raise SourceError where a source could not be read."""
        if self.stats.failed:
            source, why = self.stats.failed[0]
            others = self.stats.failed_files - 1
            raise SourceError(source, why + (f" ({others} more inputs could not be read)" if others else ""))

    def _jobs(self) -> Iterator[Job]:
        """What the threads do, in the order of the rows: a source each, or a part of one that is large."""
        in_parts = self.workers > 1 and not self.recipe.options.strict
        small: list[tuple[int, Source]] = []
        room = 0.0
        try:
            for number, source in enumerate(self.sources):
                source.begin()
                size = source.size() if self.workers else math.inf
                if small and (size > room or len(small) == MOST_SMALL):
                    yield partial(self._read_small, small)
                    small = []
                if size < LEAST_BYTES:
                    room = (room if small else LEAST_BYTES) - size
                    small.append((number, source))
                elif not in_parts:
                    yield partial(self._read, source, number)
                else:
                    stream = Stream(self.recipe, source, number)
                    for part in count():
                        if stream.over:
                            break
                        yield partial(stream.parse, part)
        except Exception:  # behind the rows of the sources before it
            if small:
                yield partial(self._read_small, small)
            raise
        if small:
            yield partial(self._read_small, small)

    def _read(self, source: Source, number: int) -> Generator[Item, None, None]:
        source.buffers = self.recipe.buffers
        yield from self.recipe.read(source, number)

    def _read_small(self, sources: list[tuple[int, Source]]) -> Generator[Several, None, None]:
        """The items of small sources, handed over together: a thread that is woken for each costs more than they do."""
        several = Several()
        try:
            for number, source in sources:
                for item in self._read(source, number):
                    several.add(item)
                    if several.size_bytes > self.recipe.batch_bytes:
                        yield several
                        several = Several()
        except Exception:
            yield several
            raise
        yield several

    def _count_rows(self, item: Rows) -> None:
        name = item.log_type.name
        if name not in self.stats.rows_by_type:
            have = self.recipe.schemas[name].names
            for column in self.recipe.options.columns or ():
                if column not in have:
                    raise UnknownColumn(column, name, have)
        self.stats.rows += item.batch.num_rows
        self.stats.rows_by_type[name] += item.batch.num_rows

    def _end(self, end: End) -> None:
        stats = self.stats
        stats.warnings.update(end.counts["warnings"])
        stats.blank += end.counts["blank"]
        stats.outside += end.counts["outside"]
        self.log_types = end.log_types or self.log_types
        if self.on_end is not None:
            self.on_end(end)
        if end.failed is None:
            stats.files += 1
        else:
            stats.fail(end.source or "input", end.failed)


class OnePass(Generic[T]):
    """An iterator over the rows of one pass, as `rows` and `split` give it.

    It ends early, and what it has open is closed, by `close()`, at the end of a `with` block, or when it is dropped.
    """

    def __init__(self, run: Pass, items_of: Callable[[Rows], Iterable[T]]) -> None:
        self._run = run
        self._items = _items(run, items_of)

    def __iter__(self) -> "OnePass[T]":
        return self

    def __next__(self) -> T:
        return next(self._items)

    def __enter__(self) -> "OnePass[T]":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    @property
    def rejected(self) -> pa.Table:
        """Rejected records so far: the first 10,000 or 16 MiB. `rejects=` gets all."""
        return self._run.kept.table()

    @property
    def stats(self) -> Stats:
        """Counts so far; rows are counted by batches, a little ahead of those that were given out."""
        return self._run.stats

    def close(self) -> None:
        """Stop; the iterator is at its end then."""
        self._items.close()


def _items(run: Pass, items_of: Callable[[Rows], Iterable[T]]) -> Generator[T, None, None]:
    with closing(run.rows()) as batches:
        for rows in batches:
            yield from items_of(rows)
    run.raise_failed()
