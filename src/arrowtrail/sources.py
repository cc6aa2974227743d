"""Paths, patterns, directories, standard input, file objects and bytes -> sources of decompressed chunks.

Files are found while reading goes on, so a million of them take no memory; what is named and does not
exist is an error before anything is read.
"""

import io
import math
import os
import re
import select
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from .errors import SourceError, SourceNotFound, SourceUsedUp, UsageError
from .inflate import Block, decompressed, limited

__all__ = ["MANIFEST_NAME", "Source", "find_sources"]

# What is larger than 128 KB the C library maps anew each time: a seventh of the time that files of 1 MB take.
BLOCK_BYTES = 122880
# Of a file at once, into memory that was there before. Each read, and each block that is parsed, may wait for the
# interpreter's lock.
READ_BYTES = 1048576
LEAST_VIEW_BYTES = 4096  # what is shorter is copied: whoever looks at the first bytes may ask for more first
KEPT_BYTES = 4194304
_MAGIC = re.compile(r"[*?\[]")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
# Written beside the logs by AWS and by Hadoop; they hold no record.
_NO_LOGS = frozenset({"ELBAccessLogTestFile", "aws-logs-write-test", "_SUCCESS"})
# In each folder that arrowtrail writes; the underscore hides it from Spark, Hive and pyarrow's data sets.
MANIFEST_NAME = "_manifest.ndjson"


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


class _Files:
    """The files of a directory or a pattern, in natural order, found anew by each loop."""

    def __init__(self, base: str, parts: list[str]) -> None:
        self.base = base
        self.parts = parts

    def __iter__(self) -> Iterator[Source]:
        return _matches(self.base, self.parts, _closed(self.parts, {0}), named=True)


class _Several:
    """Sources of several names, one behind the other."""

    def __init__(self, groups: list[Iterable[Source]]) -> None:
        self.groups = groups

    def __iter__(self) -> Iterator[Source]:
        for group in self.groups:
            yield from group


def find_sources(what: object) -> Iterable[Source]:
    """What a caller named, as sources: each loop finds the files anew, and keeps none of them.

    Raises SourceNotFound where a path or pattern finds nothing, UsageError for what is no source.
    """
    if isinstance(what, (str, os.PathLike)):
        return _from_path(os.fspath(what))
    if isinstance(what, Source):
        return (what,)
    try:
        memoryview(what).release()  # type: ignore[arg-type]
        return (BytesSource(what),)
    except TypeError:
        pass
    if hasattr(what, "read"):
        name = getattr(what, "name", None)
        return (ObjectSource(what, name if isinstance(name, str) else None),)
    if isinstance(what, Iterable):
        return _Several([find_sources(each) for each in what])
    raise UsageError(f"{type(what).__name__} is no source: pass a path, bytes, a binary file object or a list of them")


def _from_path(path: str) -> Iterable[Source]:
    if path == "-":
        return (_stdin(),)
    if _URI.match(path):
        raise UsageError(f"{path}: only local paths are read; pass an open file object, or pipe it into '-'")
    found = Path(path)
    if _is_there(found):
        return _Files(path, ["**"]) if found.is_dir() else (FileSource(path),)
    if not _MAGIC.search(path):
        raise SourceNotFound(f"{path}: no such file or directory")
    parts = list(found.parts)
    base = Path(found.anchor)
    while not _MAGIC.search(parts[0]):
        base /= parts.pop(0)
    files = _Files(str(base), parts)
    if next(iter(files), None) is None:
        raise SourceNotFound(f"{path}: no file fits the pattern")
    return files


def _is_there(path: Path) -> bool:
    """Whether there is something to open, be it that opening fails."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True
    return True


def _stdin() -> Source:
    if sys.stdin is None:
        raise UsageError("-: there is no standard input")
    try:
        # Unbuffered: a thread that waits in a buffered read would hold a lock the interpreter's end needs.
        return ObjectSource(io.FileIO(sys.stdin.fileno(), closefd=False), "stdin")
    except OSError:
        return ObjectSource(sys.stdin.buffer, "stdin")


def _matches(folder: str, parts: list[str], places: set[int], named: bool = False) -> Iterator[Source]:
    """The files below `folder` that fit the pattern, of which the parts at `places` may come next.

    What arrowtrail wrote into a folder among logs is none, or a second run would read the first one's rows.
    """
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=_natural)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        yield UnreadableSource(folder, error.strerror or str(error))
        return
    if not named and any(entry.name == MANIFEST_NAME for entry in entries):
        return
    for entry in entries:
        path = entry.path.removeprefix("./")
        through = {place for place in places if parts[place] == "**" and not entry.name.startswith(".")}
        behind = {place + 1 for place in places if _fits(entry.name, parts[place])}
        if not _is_folder(entry):
            if len(parts) in behind and _is_log(entry):
                yield FileSource(path)
        elif "**" not in parts and len(parts) in behind:
            yield from _matches(path, ["**"], {0})
        elif not (through and entry.is_symlink()) and (further := _closed(parts, through | behind) - {len(parts)}):
            yield from _matches(path, parts, further)


def _closed(parts: list[str], places: set[int]) -> set[int]:
    """The places and, since `**` stands for no folder too, those behind it."""
    return places | {place + 1 for place in places if place < len(parts) - 1 and parts[place] == "**"}


def _natural(entry: os.DirEntry[str]) -> tuple[list[int | str], str]:
    """Sorts file2 before file10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", entry.name)], entry.name


def _fits(name: str, part: str) -> bool:
    return fnmatchcase(name, part) and (part.startswith(".") or not name.startswith("."))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself: opening it says so
        return False


def _is_log(entry: os.DirEntry[str]) -> bool:
    return entry.name not in _NO_LOGS and (entry.is_symlink() or entry.is_file())
