"""The source that rejected records came from, looked at again: does it still hold them, and under which header?"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .errors import SourceError
from .inflate import Block, Broken
from .sources import BLOCK_BYTES, FileSource
from .stream import Recipe

__all__ = ["Origin"]

MOST_HEADER_BYTES = 1048576


class Origin:
    """A file read forward, once as long as the places that are asked for ascend."""

    def __init__(self, name: str | None, recipe: Recipe | None) -> None:
        """`recipe`: of the one log type whose header lines are looked for."""
        self.file: FileSource | None = None
        with suppress(OSError, ValueError):
            self.file = FileSource(name) if name is not None and Path(name).is_file() else None
        self.why = "its name is not known" if name is None else f"{name} is not there"
        self.recipe = recipe
        self._open()

    def identity(self) -> bytes | None:
        """What row ids of the source are hashed from."""
        return None if self.file is None else self.file.identity()

    @property
    def header(self) -> str | None:
        """The header line in force at the place that was asked for last."""
        return None if self.headers is None else self.headers.latest

    def at(self, offset: int, size: int) -> bytes:
        """The decompressed bytes from `offset` on, `size` of them or what there is."""
        if offset < self.begin:
            self._open()
        while self.begin + len(self.buffer) < offset and self._more():
            self._drop(min(offset, self.begin + len(self.buffer)))
        self._drop(offset)
        while len(self.buffer) < size and self._more():
            pass
        return self.buffer[:size] if self.begin == offset else b""

    def stream(self, offset: int, size: int) -> Iterator[bytes]:
        """The same, block by block."""
        end = offset + size
        while offset < end and (block := self.at(offset, min(BLOCK_BYTES, end - offset))):
            yield block
            offset += len(block)

    def is_message(self, raw: bytes, offset: int, length: int) -> bool:
        """Whether the record is all that the message (a JSON string) at its place holds."""
        if not 2 <= length <= 6 * len(raw) + BLOCK_BYTES:  # no character takes more than six bytes
            return False
        with suppress(ValueError):
            text = json.loads(self.at(offset, length))
            return isinstance(text, str) and text.encode("utf-8", "replace").strip() == raw
        return False

    def _open(self) -> None:
        chunks: Iterator[Block] = iter(()) if self.file is None else self.file.chunks()
        self.chunks = chunks
        self.begin = 0
        self.buffer = b""
        self.headers = None if self.recipe is None else _Headers(self.recipe)

    def _more(self) -> bool:
        """Read a chunk; a source that cannot be read further ends there."""
        try:
            chunk = next(self.chunks, None)
        except (Broken, SourceError) as error:
            self.why = f"{self.file.name if self.file else ''} cannot be read: {error}"
            chunk = None
        if chunk is None:
            return False
        self.buffer += bytes(chunk)
        return True

    def _drop(self, to: int) -> None:
        """Leave behind the bytes before the place `to`."""
        count = max(min(to - self.begin, len(self.buffer)), 0)
        if self.headers is not None:
            self.headers.feed(self.buffer[:count])
        self.buffer = self.buffer[count:]
        self.begin += count


class _Headers:
    """Finds the latest header line: the engine tells how many there were, and which line is one."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.reader = recipe.reader(_nowhere)
        self.count = 0
        self.tail = b""
        self.first: bytes | None = None
        self.latest: str | None = None

    def feed(self, data: bytes) -> None:
        """Take the bytes that follow."""
        data = self.tail + data
        end = data.rfind(b"\n") + 1
        if len(data) - end > MOST_HEADER_BYTES:
            end = len(data)
        lines, self.tail = data[:end], data[end:]
        if self.first is None:
            self.first = next(filter(None, map(bytes.strip, lines.split(b"\n"))), None)
        if not lines or self.first is None or self.first.startswith((b"{", b"[")):
            return
        self.reader.feed(lines)
        self.reader.feed(b"-\n")  # a line is looked at when the next one is there
        self.reader.take()
        self.reader.take_rejected()
        count = self.reader.counts["headers"]
        if count > self.count:
            found = next(filter(self._is_header, reversed(lines.split(b"\n"))), self.first or b"")
            self.latest = found.strip().decode("utf-8", "replace")
        self.count = count

    def _is_header(self, line: bytes) -> bool:
        """Whether the line is one wherever it stands; the first of an input may be one with fewer names."""
        reader = self.recipe.reader(_nowhere)
        reader.feed(b"-\n" + line + b"\n")
        reader.finish()
        return bool(reader.counts["headers"])


_nowhere = FileSource("")
