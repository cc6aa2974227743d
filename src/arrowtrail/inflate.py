"""Compressed blocks -> decompressed chunks: gzip told by its first bytes, every member, gzip inside gzip.

The inflater is ISA-L's where it is installed, else zlib's; both are asked for 256 KB of output at most
a call, so a bomb costs time and no memory. Neither gives what a failing call had already written, and
ISA-L holds back the last symbols of a stream that is cut: where the data is cut or corrupt the stream is
opened again and read by zlib in ever smaller steps, so that every byte before the fault comes out.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

from .errors import SourceError, SourceUsedUp

fast_zlib: Any = zlib
with suppress(ImportError):
    from isal import isal_zlib as fast_zlib

Block = bytes | memoryview
Blocks = Callable[[], Iterator[Block]]

INPUT_BYTES = 65536
OUTPUT_BYTES = 262144
MOST_LAYERS = 4
_GZIP = b"\x1f\x8b"
_RAW_BYTES = 1048576


class Broken(Exception):
    """The stream ends here. `reason`, `message` and `raw` are those of the one rejected record it leaves."""

    def __init__(self, reason: str, message: str, raw: bytes = b"") -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.raw = raw


def decompressed(open_blocks: Blocks, layer: int = 0) -> Iterator[Block]:
    """The content of the stream, chunk by chunk, however often it is gzip inside gzip (4 times at most).

    Everything whole comes out; then Broken is raised where the stream is cut, corrupt or still gzip.
    `open_blocks` is called again, and may refuse with SourceUsedUp, where gzip turns out cut or corrupt.
    """
    blocks = _headed(open_blocks())
    head = next(blocks, b"")
    blocks = chain((head,), blocks)
    if head[:2] != _GZIP:
        yield from filter(len, blocks)
        return
    if layer == MOST_LAYERS:
        raise Broken("too_deep", f"still gzip after {MOST_LAYERS} layers of gzip", _first(blocks))
    opened = [blocks]

    def unzipped() -> Iterator[Block]:
        return _gunzip(opened.pop() if opened else open_blocks(), open_blocks)

    yield from decompressed(unzipped, layer + 1)


def limited(chunks: Iterator[Block], most: int) -> Iterator[Block]:
    """The chunks up to `most` bytes; Broken behind them where there is more."""
    left = most
    for chunk in chunks:
        if len(chunk) > left:
            if left:
                yield chunk[:left]
            raise Broken("truncated", f"longer than max_decompressed, {most} bytes; the rest was not read")
        left -= len(chunk)
        yield chunk


def _headed(blocks: Iterator[Block]) -> Iterator[Block]:
    """The blocks, the first joined with those behind it until two bytes are there."""
    head: Block = b""
    try:
        while len(head) < len(_GZIP):
            more = next(blocks, None)
            if more is None:
                break
            head = b"".join((head, more)) if head else more
    except (Broken, SourceError):
        yield head
        raise
    yield head
    yield from blocks


def _first(blocks: Iterator[Block]) -> bytes:
    """The first bytes of a stream, at most what a rejected record keeps."""
    found, size = [], 0
    for block in blocks:
        found.append(block)
        size += len(block)
        if size >= _RAW_BYTES:
            break
    return b"".join(found)[:_RAW_BYTES]


def _gunzip(blocks: Iterator[Block], open_again: Blocks) -> Iterator[Block]:
    """The content of all gzip members, in chunks of 256 KB at most."""
    given = 0
    try:
        for chunk in _members(_Input(blocks), _Fast):
            given += len(chunk)
            yield chunk
        return
    except _Fault as error:
        message = error.message
    try:
        for chunk in _members(_Input(open_again()), _Careful):
            given -= (skipped := min(given, len(chunk)))
            if len(chunk) > skipped:
                yield chunk[skipped:]
    except SourceUsedUp:
        pass
    except _Fault as error:
        message = error.message
    raise Broken("truncated", message)


def _members(source: "_Input", make: Callable[[], "_Fast | _Careful"]) -> Iterator[bytes]:
    more = True
    while more:
        begun = source.offset
        inflater = make()
        while not inflater.zip.eof:
            piece = source.next()
            if not piece:
                raise _Fault(
                    f"the gzip stream ends at byte {source.offset}, inside the member that begins at byte {begun}"
                )
            try:
                yield from inflater.inflate(piece)
            except (fast_zlib.error, zlib.error) as error:
                raise _Fault(
                    f"the gzip member that begins at byte {begun} is corrupt before byte {source.offset}: {error}"
                ) from None
        source.back(inflater.unused)
        more = source.at_member()


class _Fault(Exception):
    """A member is cut or corrupt."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class _Input:
    """Blocks handed out in pieces of 64 KB, with their place in the stream."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self.blocks = blocks
        self.left: Block = b""
        self.offset = 0

    def next(self) -> Block:
        """The next piece; empty at the end."""
        while not self.left:
            block = next(self.blocks, None)
            if block is None:
                return b""
            self.left = memoryview(block)
        piece, self.left = self.left[:INPUT_BYTES], self.left[INPUT_BYTES:]
        self.offset += len(piece)
        return piece

    def back(self, rest: bytes) -> None:
        """Take back the end of the piece that was handed out last."""
        if rest:
            self.left = b"".join((rest, self.left))
            self.offset -= len(rest)

    def at_member(self) -> bool:
        """Whether another member begins behind this one and its padding of zeros; other bytes are Broken."""
        head = b""
        while len(head) < len(_GZIP):
            piece = self.next()
            if not piece:
                break
            head = bytes(head + piece).lstrip(b"\0")
        self.back(head)
        if head and not head.startswith(_GZIP):
            raise Broken("truncated", f"the bytes behind the gzip member, from byte {self.offset} on, are no gzip")
        return bool(head)


class _Fast:
    """Inflates in large steps; what a failing step had written is lost."""

    def __init__(self) -> None:
        self.zip: Any = fast_zlib.decompressobj(31)
        self.unused = b""

    def inflate(self, piece: Block) -> Iterator[bytes]:
        """All that `piece` gives."""
        while True:
            out = self.zip.decompress(piece, OUTPUT_BYTES)
            if out:
                yield out
            piece = self.zip.unconsumed_tail
            if self.zip.eof or (not piece and len(out) < OUTPUT_BYTES):
                self.unused = self.zip.unused_data
                return


class _Careful:
    """Inflates up to the very byte where the data goes wrong, going back to smaller steps there."""

    def __init__(self) -> None:
        self.zip = zlib.decompressobj(31)
        self.unused = b""

    def inflate(self, piece: Block) -> Iterator[bytes]:
        """All that `piece` gives, then zlib's error."""
        width, step = len(piece), OUTPUT_BYTES
        while True:
            before = self.zip.copy()
            try:
                out = self.zip.decompress(piece[:width], step)
            except zlib.error:
                if width == step == 1:
                    raise
                width, step = max(width // 8, 1), 1 if width == 1 else step
                self.zip = before
                continue
            if out:
                yield out
            piece = b"".join((self.zip.unconsumed_tail or self.zip.unused_data, piece[width:]))
            if self.zip.eof or (not piece and len(out) < step):
                self.unused = piece
                return
