"""One input parsed by several threads: parts of it, each on a guess of how it begins that is checked afterwards.

The bytes are taken from the source in turn, a part at a time, and parsed by whoever took them. A part begins where a
record is likely to, and its reader where the input stood after its first bytes. Once the part before it is done
it is known whether the guess held; else its bytes are read again by the reader of the part before. So the values,
their order and their numbers are those of one reader.
"""

import os
import re
import threading
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from .errors import SourceError
from .feeding import opened
from .inflate import Block, Broken
from .sources import READ_BYTES, Source
from .stream import End, Item, Over, Recipe, Rejected, Run, Several, add_counts

__all__ = ["LEAST_BYTES", "Parsed", "Stream", "joined"]

LEAST_BYTES = 4 * 1024 * 1024  # files that are smaller are read by one thread, several of them one after the other
PART_BYTES = 7 * 1024 * 1024
TAIL_BYTES = 64 * 1024  # of a part in a file: where its end is sought
HEAD_BYTES = 64 * 1024  # what the first guess is made from
MOST_ITEM_BYTES = 32 * 1024 * 1024
MOST_MISSES = 2  # parts read twice before it is given up, unless most guesses hold
_ELEMENT = re.compile(rb'\[\s*(\{\s*"(?:[^"\\]|\\.)*"\s*:)')


@dataclass(slots=True)
class Piece:
    """A part: the place of its first byte, how many they are, and where the input should stand (None: no guess).

    The bytes are in memory, or are read from a file where it is parsed.
    """

    offset: int
    size: int
    guess: bytes | None
    blocks: list[Block]
    file: pa.OSFile | None = None

    def read(self, begin: int, buffers: list[bytearray]) -> Iterator[Block]:
        """The bytes from a place in the part on, in blocks that hold until the next; raises OSError.

        `buffers` are those that no one uses: what is read into memory that is new costs a sixth more.
        """
        if self.file is None:
            for block in self.blocks:
                if begin < len(block):
                    yield block[begin:] if begin else block
                begin = max(0, begin - len(block))
        if self.file is None or begin >= self.size:
            return
        buffer = buffers.pop() if buffers else bytearray(READ_BYTES)
        view = memoryview(buffer)
        try:
            while begin < self.size:
                read = os.preadv(self.file.fileno(), [view[: self.size - begin]], self.offset + begin)
                if not read:
                    raise OSError("it has become shorter while it was read")
                yield view[:read]
                begin += read
        finally:
            buffers.append(buffer)


@dataclass(slots=True)
class Parsed:
    """A part, and what was made of its first `done` bytes; without a run nothing was."""

    stream: "Stream"
    piece: Piece
    run: Run | None = None
    items: list[Item] = field(default_factory=list)
    state: bytes | None = None
    done: int = 0
    over: Over | None = None
    size_bytes: int = 0


class Stream:
    """The decompressed bytes of one source, taken by several threads."""

    def __init__(self, recipe: Recipe, source: Source, number: int) -> None:
        self.recipe = recipe
        self.source = source
        self.make = recipe.reader_maker(source, number)
        self.over = False
        self._number = number
        self._chunks: Iterator[Block] | None = None
        self._file: pa.OSFile | None = None
        self._rest: Block = b""
        self._offset = 0
        self._turn = threading.Condition()
        self._next = 0
        self._guess: bytes | None = None
        self._start = b"\n"  # what the next part begins behind, or with
        self._with_start = False
        self._room: dict[str, Any] = {}  # how much readers are told to expect
        self.guesses = self.misses = 0

    def parse(self, number: int) -> Generator[Item | Parsed, None, None]:
        """Take the `number`-th part when its turn comes, and parse it; nothing where the source has ended before."""
        taken = None
        with self._turn:
            while self._next != number:
                self._turn.wait()
            try:
                if number == 0:
                    self._open()
                if not self.over:
                    taken = self._take()
            except BaseException:
                self.over = True
                raise
            finally:
                self._next += 1
                self._turn.notify_all()
        if taken is not None:
            self._read(taken)
            yield taken
        elif number == 0:
            yield from self.recipe.read(self.source, self._number, self._chunks)

    def expect(self, state: bytes | None, held: bool | None) -> None:
        """Where the input stands after a part, and whether its guess has held: those behind begin there, likely."""
        self.guesses += held is not None
        self.misses += held is False
        given_up = self.misses > MOST_MISSES and 2 * self.misses > self.guesses
        with self._turn:
            self._guess = None if given_up else state or self._guess

    def _open(self) -> None:
        """Look at the first bytes: only lines and JSON are read in parts."""
        most = self.recipe.options.max_decompressed
        self._chunks, in_parts, self._file = opened(self.source, most)
        self.over = not in_parts

    def _take(self) -> Parsed:
        if self._file is None:
            return self._take_bytes()
        try:
            return self._take_place(self._file)
        except OSError as error:
            self.over = True
            over = Over(failed=error.strerror or str(error))
            return Parsed(self, Piece(self._offset, 0, None, []), over=over)

    def _take_place(self, file: pa.OSFile) -> Parsed:
        """The next part of a file: only where it ends is looked for."""
        begin, size = self._offset, file.size() - self._offset
        over = Over() if size <= PART_BYTES else None
        if over is None:
            if begin == 0:
                self._look([file.read_at(HEAD_BYTES, 0)])
            size = PART_BYTES
            tail = file.read_at(TAIL_BYTES, begin + size - TAIL_BYTES)
            size -= len(tail) - (self._cut(tail) or len(tail))
        self._offset += size
        self.over = over is not None
        return Parsed(self, Piece(begin, size, self._guess if begin else None, [], file), over=over)

    def _take_bytes(self) -> Parsed:
        found: list[Block] = [self._rest]
        size = len(self._rest)
        over = None
        chunks = self._chunks or iter(())
        try:
            while size < PART_BYTES:
                chunk = next(chunks)
                found.append(chunk)
                size += len(chunk)
        except StopIteration:
            over = Over()
        except (Broken, SourceError) as error:
            over = Over.by(error)
        first = self._offset == 0
        if over is None:
            if first:
                self._look(found)
            self._rest = self._cut_off(found)
        size -= len(self._rest) if over is None else 0
        piece = Piece(self._offset, size, None if first else self._guess, found)
        self._offset += size
        self.over = over is not None
        return Parsed(self, piece, over=over, size_bytes=size)

    def _look(self, blocks: list[Block]) -> None:
        """Guess from the first bytes where the input stands behind each of its records."""
        head = b""
        for block in blocks:
            if len(head) < HEAD_BYTES:
                head += block[: HEAD_BYTES - len(head)]
        if element := _ELEMENT.match(head, max(head.find(b"["), 0)):
            self._start, self._with_start = element[1], True
            self._guess = self._state(head[: self._cut(head)])
        if self._guess is None:
            self._start, self._with_start = (b"\n{" if head.lstrip()[:1] == b"{" else b"\n"), False
            self._guess = self._state(head[: self._cut(head)])

    def _state(self, head: bytes) -> bytes | None:
        reader = self.make()
        reader.feed(head)
        self._room = {"like": reader, "times": PART_BYTES / max(len(head), 1)}
        return reader.pause()

    def _cut(self, data: bytes) -> int:
        """Where the last record begins, likely; 0 where that is not seen."""
        at = data.rfind(self._start)
        return at + (0 if self._with_start else 1)

    def _cut_off(self, blocks: list[Block]) -> bytes:
        """Take what stands behind the last record's likely begin off the blocks; nothing where that is not seen."""
        for place in reversed(range(len(blocks))):
            block = bytes(blocks[place])
            if (cut := self._cut(block)) > 0:
                rest = b"".join((block[cut:], *blocks[place + 1 :]))
                blocks[place:] = [memoryview(block)[:cut]]
                return rest
        return b""

    def _read(self, taken: Parsed) -> None:
        """Parse a part on its guess; the first part of all is what it is."""
        piece = taken.piece
        if piece.offset != 0 and piece.guess is None:
            return
        taken.run = run = Run(self.recipe, self.make(piece.offset, piece.guess, **self._room))
        try:
            for block in piece.read(0, self.recipe.buffers):
                taken.items.extend(run.feed(block))
                taken.done += len(block)
                if sum(item.size_bytes for item in taken.items) > MOST_ITEM_BYTES:
                    break
        except OSError:  # whoever reads on from there will be told
            pass
        taken.state = run.reader.pause()
        taken.items.extend(run.taken())
        taken.size_bytes += sum(item.size_bytes for item in taken.items)


def joined(items: Iterator[Item | Several | Parsed]) -> Iterator[Item]:
    """The items of sources in order, those of parts as one reader would have given them."""
    chain: _Chain | None = None
    ended: Stream | None = None
    for item in items:
        if isinstance(item, Several):
            yield from item.items
            continue
        if not isinstance(item, Parsed):
            yield item
            continue
        if item.stream is ended:  # it could not be read to here
            continue
        chain = chain or _Chain(item.stream)
        yield from chain.add(item)
        if item.over is not None:
            yield from chain.end(item.over)
            chain, ended = None, item.stream


class _Chain:
    """The parts of one source so far, and the reader that stands behind the last of them."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.run: Run | None = None
        self.state: bytes | None = None
        self.records = self.lines = 0  # before the reader's first
        self.read_bytes = 0  # that no item has counted
        self.counts: dict[str, Any] = {}
        self.rows_by_type: Counter[str] = Counter()
        self.log_types: set[int] = set()
        self.named: list[int] = []

    def add(self, part: Parsed) -> Iterator[Item]:
        """The items of the next part: those that were made on its guess, where that has held."""
        held = part.run is not None and (self.run is None or part.piece.guess == self.state)
        if held:
            self._close()
            self.run, self.state = part.run, part.state
            yield from map(self._numbered, part.items)
        yield from self._go_on(part, part.done if held else 0)
        self.stream.expect(self.state, None if part.run is None else held)

    def end(self, over: Over) -> Iterator[Item]:
        """What is left when the source has no more bytes, and its counts."""
        run = self.run
        assert run is not None, "the first part has a run"
        over.finish(run.reader, self.counts.get("bytes", 0) + run.reader.counts["bytes"])
        yield from map(self._numbered, run.taken())
        self._close()
        known = self.stream.recipe.options.log_types
        log_types = tuple(known[index] for index in sorted(self.log_types) or self.named[:1])
        name = self.stream.source.name
        yield End(name, self.counts, self.rows_by_type, log_types, over.failed, read_bytes=self.read_bytes)

    def _go_on(self, part: Parsed, begin: int) -> Iterator[Item]:
        """Read what is left of a part with the reader at hand."""
        run = self.run
        assert run is not None, "the first part has a run"
        if begin >= part.piece.size:
            return
        try:
            for block in part.piece.read(begin, self.stream.recipe.buffers):
                yield from map(self._numbered, run.feed(block))
        except OSError as error:
            part.stream.over = True
            part.over = Over(failed=error.strerror or str(error))
        self.state = run.reader.pause()
        yield from map(self._numbered, run.taken())

    def _numbered(self, item: Item) -> Item:
        """The item as the whole source has it: records and lines are counted from its begin."""
        if isinstance(item, Rejected) and self.records + self.lines:
            return replace(item, batch=_moved(item.batch, self.records, self.lines))
        return item

    def _close(self) -> None:
        """Count what the reader has read; another one goes on."""
        if self.run is None:
            return
        run, self.run = self.run, None
        counts = run.reader.counts
        if counts["records"] > sum(counts["rejected"].values()):
            self.log_types.update(run.reader.log_types)
        else:
            self.named.extend(run.reader.log_types)
        self.rows_by_type += run.rows_by_type
        self.read_bytes += run.fed
        self.records += counts["records"]
        self.lines += run.reader.lines
        add_counts(self.counts, counts)


def _moved(batch: pa.RecordBatch, records: int, lines: int) -> pa.RecordBatch:
    """Rejected records behind so many records and lines."""
    import pyarrow.compute as pc  # half of what `import arrowtrail` would take

    for name, count in (("record", records), ("line", lines)):
        place = batch.schema.get_field_index(name)
        batch = batch.set_column(place, batch.schema.field(place), pc.add(batch.column(place), count))
    return batch
