"""Compressed blocks -> decompressed chunks: gzip, zstd and bz2 told by their first bytes, every member, in any nesting.

The inflater of gzip is ISA-L's where it is installed, else zlib's; zstd is read by pyarrow, bz2 by Python. All are
asked for 256 KB of output at most a call, so a bomb costs time and no memory. None of them gives what a failing
call had already written, and ISA-L holds back the last symbols of a stream that is cut: where the data is cut or
corrupt the stream is opened again and read in ever smaller steps, so that every byte before the fault comes out.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
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
HEAD_BYTES = 10
_GZIP = b"\x1f\x8b"
# What a stream begins with; of bz2 the mark of its first block, or of its end, too: "BZh9" alone may be text.
_MAGIC = {
    "gzip": re.compile(_GZIP),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
    "bz2": re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
}
_RAW_BYTES = 1048576


class Broken(Exception):
    """The stream ends here. `reason`, `message` and `raw` are those of the one rejected record it leaves."""

    def __init__(self, reason: str, message: str, raw: bytes = b"") -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.raw = raw


def decompressed(open_blocks: Blocks, layer: int = 0) -> Iterator[Block]:
    """The content of the stream, chunk by chunk, however often it was compressed (4 times at most).

    Everything whole comes out; then Broken is raised where the stream is cut, corrupt or still compressed.
    `open_blocks` is called again, and may refuse with SourceUsedUp, where it turns out cut or corrupt.
    """
    head, blocks = headed(open_blocks(), HEAD_BYTES)
    codec = codec_of(head)
    if codec is None:
        yield from filter(len, blocks)
        return
    if layer == MOST_LAYERS:
        raise Broken("too_deep", f"still {codec} after {MOST_LAYERS} layers of compression", _first(blocks))
    opened = [blocks]

    def content() -> Iterator[Block]:
        found = opened.pop() if opened else open_blocks()
        return _gunzip(found, open_blocks) if codec == "gzip" else _unpack(codec, found, open_blocks)

    yield from decompressed(content, layer + 1)


def codec_of(head: bytes) -> str | None:
    """What the bytes are compressed with, by the first of them; None where they are not."""
    return next((codec for codec, magic in _MAGIC.items() if magic.match(head)), None)


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


def headed(blocks: Iterator[Block], size: int) -> tuple[bytes, Iterator[Block]]:
    """The first `size` bytes (all, where there are fewer), and the blocks as they were."""
    taken: list[Block] = []
    failed: Exception | None = None
    try:
        while sum(map(len, taken)) < size and (block := next(blocks, None)) is not None:
            taken.append(block)
    except (Broken, SourceError) as error:
        failed = error

    def again() -> Iterator[Block]:
        yield from taken
        taken.clear()
        if failed is not None:
            raise failed
        yield from blocks

    return b"".join(block[:size] for block in taken)[:size], again()


def _first(blocks: Iterator[Block]) -> bytes:
    """The first bytes of a stream, at most what a rejected record keeps."""
    found, size = [], 0
    for block in blocks:
        found.append(bytes(block))
        size += len(block)
        if size >= _RAW_BYTES:
            break
    return b"".join(found)[:_RAW_BYTES]


def _gunzip(blocks: Iterator[Block], open_again: Blocks) -> Iterator[Block]:
    """The content of all gzip members, in chunks of 256 KB at most."""
    given = 0
    source = _Input(blocks)
    try:
        for chunk in _members(source, _Fast):
            given += len(chunk)
            yield chunk
        source.raise_failed()
        return
    except _Fault as error:
        fault = error
    again = _Input(open_again())
    try:
        for chunk in _members(again, _Careful):
            given -= (skipped := min(given, len(chunk)))
            if len(chunk) > skipped:
                yield chunk[skipped:]
    except SourceUsedUp:
        source.raise_failed()
    except _Fault as error:
        fault = error
    again.raise_failed()
    raise Broken("truncated", fault.message)


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
    """Blocks handed out in pieces of 64 KB, with their place in the stream. Where they fail, they end."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self.blocks = blocks
        self.left: Block = b""
        self.offset = 0
        self.failed: Exception | None = None

    def next(self, size: int = INPUT_BYTES) -> Block:
        """The next piece, of `size` bytes at most; empty at the end."""
        while not self.left:
            try:
                block = next(self.blocks, None)
            except (Broken, SourceError) as error:  # of the layer around it, or of the file
                self.failed = error
                return b""
            if block is None:
                return b""
            self.left = memoryview(block)
        piece, self.left = self.left[:size], self.left[size:]
        self.offset += len(piece)
        return piece

    def raise_failed(self) -> None:
        """What ended the blocks, where it was no ordinary end."""
        if self.failed is not None:
            raise self.failed

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


def _unpack(codec: str, blocks: Iterator[Block], open_again: Blocks) -> Iterator[Block]:
    """The content of all frames of a zstd or bz2 stream, in chunks of 256 KB at most."""
    given = 0
    file = _Pieces(_Input(blocks))
    try:
        for chunk in _frames(codec, file):
            given += len(chunk)
            yield chunk
        file.source.raise_failed()
        return
    except _Fault as error:
        fault = error
    again = _Pieces(_Input(open_again()), fine_from=file.piece_at)
    try:
        yield from _frames_behind(codec, again, given)
    except SourceUsedUp:
        file.source.raise_failed()
    except _Fault as error:
        fault = error
    again.source.raise_failed()
    raise Broken("truncated", fault.message)


class _Pieces:
    """Blocks as a file to be read; byte by byte from the place `fine_from` on."""

    closed = False

    def __init__(self, source: _Input, fine_from: int | None = None) -> None:
        self.source = source
        self.fine_from = fine_from
        self.piece_at = 0

    def read(self, size: int = INPUT_BYTES) -> bytes:
        at = self.source.offset
        fine = self.fine_from is not None and at >= self.fine_from
        piece = self.source.next(1 if fine else INPUT_BYTES)
        if piece:
            self.piece_at = at
        return bytes(piece)

    def close(self) -> None:
        """The blocks are no one's to close."""


class _Bz2:
    """All members of a bz2 stream. pyarrow's reader fails where one of them is empty, Python's drops what is no bz2."""

    def __init__(self, file: _Pieces) -> None:
        import bz2

        self.make: Any = bz2.BZ2Decompressor
        self.file = file
        self.bz2: Any = self.make()

    def read(self, size: int) -> bytes:
        """Up to `size` bytes of content; nothing at the end."""
        while True:
            piece = b""
            if self.bz2.eof:
                piece = self.bz2.unused_data or self.file.read()
                if not piece:
                    return b""
                self.bz2 = self.make()
            elif self.bz2.needs_input:
                piece = self.file.read()
                if not piece:
                    raise OSError("Truncated")
            if found := self.bz2.decompress(piece, size):
                return bytes(found)


def _frames(codec: str, file: _Pieces) -> Iterator[bytes]:
    stream = _opened(codec, file)
    while chunk := _read(codec, stream, file, OUTPUT_BYTES):
        yield chunk


def _frames_behind(codec: str, file: _Pieces, given: int) -> Iterator[bytes]:
    """What comes behind the first `given` bytes, up to the fault: a read that meets it gives nothing."""
    stream = _opened(codec, file)
    while given > 0 and (chunk := _read(codec, stream, file, min(OUTPUT_BYTES, given))):
        given -= len(chunk)
    found = bytearray()
    try:
        while byte := _read(codec, stream, file, 1):
            found += byte
            if len(found) == OUTPUT_BYTES:
                yield bytes(found)
                found.clear()
    except _Fault:
        if found:
            yield bytes(found)
        raise
    if found:
        yield bytes(found)


def _opened(codec: str, file: _Pieces) -> Any:
    """What reads the content. Broken where there is nothing that could."""
    import pyarrow as pa

    try:
        if codec == "bz2":
            return _Bz2(file)
        return pa.CompressedInputStream(file, codec)
    except (ImportError, NotImplementedError):  # built without it
        by = "Python" if codec == "bz2" else "pyarrow"
        message = f"the input is {codec}, which this build of {by} cannot read; decompress it first"
        raise Broken("truncated", message) from None


def _read(codec: str, stream: Any, file: _Pieces, size: int) -> bytes:
    try:
        return bytes(stream.read(size))
    except OSError as error:
        at = file.source.offset
        if "Truncated" in str(error):
            raise _Fault(f"the {codec} stream ends at byte {at}, inside a frame") from None
        raise _Fault(f"the {codec} stream is corrupt, or ends with other bytes, before byte {at}: {error}") from None
