"""Sources of bytes: files, bytes in memory, file objects; each gives decompressed chunks."""

import io
import math
import os
import select
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .errors import SourceError, SourceUsedUp, UsageError
from .inflate import Block, decompressed, limited

__all__ = ["BytesSource", "FileSource", "ObjectSource", "Source", "UnreadableSource"]

# What is larger than 128 KB the C library maps anew each time: a seventh of the time that files of 1 MB take.
BLOCK_BYTES = 122880
# Of a file at once, into memory that was there before. Each read, and each block that is parsed, may wait for the
# interpreter's lock.
READ_BYTES = 1048576
LEAST_VIEW_BYTES = 4096  # what is shorter is copied: whoever looks at the first bytes may ask for more first
KEPT_BYTES = 4194304


class Source:
    """One input: a name for messages, an identity for row ids (None: it has none), and its bytes."""

    name: str | None = None
    once = False
    """Whether the bytes are gone once they were read."""
    spooled: Any = None
    """All that was read of such a source, where it had to be read to its end before its pass."""

    def identity(self) -> bytes | None:
        """What tells this content from any other: the same whenever the same object is read again."""
        return None

    def size(self) -> float:
        """How many bytes are stored; infinite where that is not known."""
        return math.inf

    buffers: list[bytearray] | None = None
    """What a file may be read into, while no one does; blocks then hold until the next. None: each block is its own."""

    def begin(self) -> None:
        """A pass begins; raises SourceUsedUp where there can be none."""

    def blocks(self) -> Iterator[Block]:
        """The bytes as they are stored, from the start; raises SourceError where they cannot be read."""
        raise NotImplementedError

    def stored(self) -> tuple[Any, bool] | None:
        """The bytes as they are stored, as a file that pyarrow can seek in, and whether whoever asks is to close it.

        None where they can be had in their order only.
        """
        return None

    def chunks(self, max_decompressed: int | None = None) -> Iterator[Block]:
        """The decompressed bytes, 256 KB at most at a time; raises Broken or SourceError behind what is whole."""
        chunks = decompressed(self.blocks)
        return chunks if max_decompressed is None else limited(chunks, max_decompressed)


class FileSource(Source):
    """A file by its path."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self.name = os.fsencode(self.path).decode("utf-8", "backslashreplace")  # two names stay two
        self.place = Path(self.path)  # made once: it takes longer than to ask the system
        self._found: os.stat_result | None = None

    def begin(self) -> None:
        self._found = None

    def identity(self) -> bytes | None:
        found = self._stat()
        if found is None or not stat.S_ISREG(found.st_mode):
            return None
        path = os.fsencode(os.path.abspath(self.path))  # noqa: PTH100 (keeps links, drops "..")
        return b"%s\0%d\0%d" % (path, found.st_size, found.st_mtime_ns)

    def size(self) -> float:
        found = self._stat()
        if found is None:
            return 0
        return found.st_size if stat.S_ISREG(found.st_mode) else math.inf

    def _stat(self) -> os.stat_result | None:
        """What the system says of the file, asked once a pass; None where it cannot say."""
        found = self._found  # another pass may begin meanwhile
        if found is None:
            with suppress(OSError):
                self._found = found = self.place.stat()
        return found

    def blocks(self) -> Iterator[Block]:
        try:
            with self.place.open("rb", buffering=0) as file:
                yield from _read(file) if self.buffers is None else _read_into(file, self.buffers)
        except OSError as error:
            raise SourceError(self.name or self.path, error.strerror or str(error)) from error

    def stored(self) -> tuple[Any, bool] | None:
        import pyarrow as pa

        if self.identity() is None:  # no plain file
            return None
        try:
            return pa.OSFile(os.fsencode(self.path)), True
        except OSError as error:
            raise SourceError(self.name or self.path, error.strerror or str(error)) from error


def _read(file: io.FileIO) -> Iterator[Block]:
    while block := file.read(BLOCK_BYTES):
        yield block


def _read_into(file: io.FileIO, buffers: list[bytearray]) -> Iterator[Block]:
    """The bytes of a file, block by block, each of which holds until the next."""
    buffer = buffers.pop() if buffers else bytearray(READ_BYTES)
    view = memoryview(buffer)
    try:
        while read := file.readinto(buffer):
            yield view[:read] if read >= LEAST_VIEW_BYTES else bytes(view[:read])
    finally:
        buffers.append(buffer)


class BytesSource(Source):
    """Bytes in memory, read where they are."""

    def __init__(self, data: object) -> None:
        try:
            self.data = memoryview(data).cast("B")  # type: ignore[arg-type]
        except TypeError as error:
            raise UsageError(f"the bytes cannot be read in place: {error}") from None

    def size(self) -> float:
        return len(self.data)

    def blocks(self) -> Iterator[Block]:
        for at in range(0, len(self.data), BLOCK_BYTES):
            yield self.data[at : at + BLOCK_BYTES]

    def stored(self) -> tuple[Any, bool] | None:
        import pyarrow as pa

        return pa.BufferReader(pa.py_buffer(self.data)), True


class ObjectSource(Source):
    """A binary file object. Where it cannot seek, it gives one pass; its first bytes are kept for a look ahead."""

    def __init__(self, file: Any, name: str | None = None) -> None:
        if isinstance(file, io.TextIOBase):
            raise UsageError(f"{name or file!r} is open in text mode; open it in binary mode ('rb')")
        self.file = file
        self.name = name
        self.start: int | None = None
        self.kept: list[bytes] | None = []
        self.count = 0
        self.kept_size = 0
        self.begun = False
        # Of what does not wait, read1() gives no bytes both at the end and where none are there yet.
        self.get = file.read1 if hasattr(file, "read1") and _waits(file) else file.read
        try:
            if file.seekable():
                self.start = file.tell()
        except (AttributeError, OSError):
            pass
        except ValueError as error:
            raise UsageError(f"{name or file!r} cannot be read: {error}") from None

    def begin(self) -> None:
        if self.begun and self.start is None:
            raise SourceUsedUp(f"{self.name or self.file!r} can be read once only; the second pass finds nothing")
        self.begun = True

    def blocks(self) -> Iterator[Block]:
        if self.start is not None:
            with self._failing():
                self.file.seek(self.start)
            while block := self._read():
                yield block
            return
        at = 0
        while True:
            if at == self.count and not self._keep_next():
                return
            if self.kept is not None:
                yield self.kept[at]
            elif at == self.count - 1:
                yield self.last
            else:
                raise SourceUsedUp(f"{self.name or self.file!r} can be read once only")
            at += 1

    def stored(self) -> tuple[Any, bool] | None:
        import pyarrow as pa

        if self.start != 0 or not hasattr(self.file, "closed"):
            return None
        self.file.seek(0)
        return pa.PythonFile(self.file, "r"), False

    @property
    def once(self) -> bool:  # type: ignore[override]
        return self.start is None and self.kept is None

    def _keep_next(self) -> bool:
        self.last = self._read()
        if not self.last:
            return False
        self.count += 1
        self.kept_size += len(self.last)
        if self.kept is not None:
            self.kept.append(self.last)
            if self.kept_size > KEPT_BYTES:
                self.kept = None
        return True

    def _read(self) -> bytes:
        with self._failing():
            while (block := self.get(BLOCK_BYTES)) is None:
                _wait_for(self.file)
        if not isinstance(block, bytes):
            kind = type(block).__name__
            raise UsageError(f"{self.name or self.file!r} reads {kind}, not bytes; open it in binary mode")
        return block

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Whatever the object raises, such as what a client has of its own, is a source that cannot be read."""
        try:
            yield
        except Exception as error:
            why = (error.strerror if isinstance(error, OSError) else f"{type(error).__name__}: {error}") or str(error)
            raise SourceError(self.name or repr(self.file), why) from error


def _waits(file: Any) -> bool:
    """Whether reading waits until there is something, as far as the system knows."""
    try:
        return os.get_blocking(file.fileno())
    except (AttributeError, OSError, ValueError):
        return True


def _wait_for(file: Any) -> None:
    """Wait until a file that does not wait itself has something, or is at its end."""
    try:
        select.select([file], [], [])
    except (TypeError, ValueError, OSError) as error:
        raise BlockingIOError("it has nothing to give yet, and cannot be waited for: make its read() wait") from error


class UnreadableSource(Source):
    """What was met on the way and cannot be looked into."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self.why = why

    def blocks(self) -> Iterator[Block]:
        raise SourceError(self.name or "", self.why)
        yield b""
