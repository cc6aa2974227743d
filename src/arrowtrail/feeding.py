"""One source -> its native reader: chunks of lines or JSON, or the rows of a Parquet file."""

import io
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from .errors import SourceError
from .inflate import Block, Broken, codec_of, headed
from .logtype import LogType
from .sources import BLOCK_BYTES, FileSource, Source

if TYPE_CHECKING:
    from ._native import Reader

__all__ = ["feed", "opened"]

SPOOLED_BYTES = 8 * 1024 * 1024  # of a Parquet file that cannot be seeked in; what is longer goes to a temporary file
_MARKS = (b"PAR1", b"PARE")  # at both ends of a Parquet file; "PARE": even its footer is encrypted
_MARK_BYTES = 4
_MOST_NOTICE = 1024
# The one line of an object that AWS writes to see whether it may.
_NOTICES = (b"Enable AccessLog for ELB", b"Permission Check Successful")
_HEAD_BYTES = max(map(len, _NOTICES))


def feed(
    source: Source,
    reader: "Reader",
    log_types: Sequence[LogType],
    most: int | None = None,
    cut: Callable[[Iterator[Block]], Iterator[Block]] = iter,
    chunks: Iterator[Block] | None = None,
) -> Iterator[int]:
    """Feed what the source holds, `most` bytes at most; gives control back now and then, with the bytes read since.

    `log_types` are the reader's. `cut` may cut chunks smaller. `chunks` are those of a source that is open already.
    Raises Broken or SourceError behind what is whole.
    """
    if (source.name or "").endswith("/"):  # what stands for a folder in an object store
        return
    whole: _Whole | None = source.spooled
    if whole is None:
        head, chunks = headed(chunks or source.chunks(most), _HEAD_BYTES)
        if not head.startswith(_MARKS):
            yield from _fed(reader, chunks if not head.startswith(_NOTICES) else _unless_notice(chunks), cut)
            return
        whole = _whole(source, chunks)
    try:
        if not whole.is_parquet:
            yield from _fed(reader, whole.blocks(), cut)
            return
        from .parquet import feed_parquet

        whole.check()
        read = 0
        for part in feed_parquet(reader, whole.file, log_types, most):
            yield int(whole.size * part) - read
            read = int(whole.size * part)
        yield whole.size - read
    finally:
        if source.spooled is None:
            whole.close()


def opened(source: Source, most: int | None) -> tuple[Iterator[Block] | None, bool, pa.OSFile | None]:
    """The chunks of a source, as `feed` takes them; whether they are lines or JSON, or may be something else; and the
    file that holds them as they are, where there is one that several threads can read."""
    if (source.name or "").endswith("/") or source.spooled is not None:
        return None, False, None
    head, chunks = headed(source.chunks(most), _HEAD_BYTES)
    if head.startswith((*_MARKS, *_NOTICES)):
        return chunks, False, None
    file = None
    with suppress(OSError, SourceError):  # the chunks will say so
        readable = sys.platform != "win32" and most is None and isinstance(source, FileSource)
        if readable and (stored := source.stored()) is not None:
            file = stored[0] if codec_of(stored[0].read_at(_HEAD_BYTES, 0)) is None else None
    return chunks, True, file


def _fed(reader: "Reader", chunks: Iterator[Block], cut: Callable[[Iterator[Block]], Iterator[Block]]) -> Iterator[int]:
    for chunk in cut(chunks):
        reader.feed(chunk)
        yield len(chunk)


def _unless_notice(chunks: Iterator[Block]) -> Iterator[Block]:
    """The chunks; nothing where they are the one line of a notice."""
    text, chunks = headed(chunks, _MOST_NOTICE)
    return iter(()) if len(text) < _MOST_NOTICE and len(text.strip().splitlines()) == 1 else chunks


class _Whole:
    """All bytes of a source that begins like a Parquet file, where they can be seeked in; `failed` ended them."""

    def __init__(self, file: Any, failed: Exception | None = None, *, owned: bool = True) -> None:
        self.file = file
        self.failed = failed
        self.owned = owned
        self.size: int = file.seek(0, io.SEEK_END)
        file.seek(0)
        head = file.read(_MARK_BYTES + 1)
        file.seek(max(self.size - _MARK_BYTES, 0))
        # A text may begin so. In a cut file a thrift struct stands behind the first mark, which no text begins with.
        self.is_parquet = file.read(_MARK_BYTES) in _MARKS or head[_MARK_BYTES:] == b"\x15"

    def blocks(self) -> Iterator[Block]:
        """The bytes in order; raises what the source did behind them."""
        self.file.seek(0)
        while block := self.file.read(BLOCK_BYTES):
            yield block
        if self.failed is not None:
            raise self.failed

    def check(self) -> None:
        """Raise where the end is missing: without it nothing of a Parquet file can be read."""
        if isinstance(self.failed, Broken):
            message = f"a Parquet file whose end is missing, so that nothing of it can be read: {self.failed.message}"
            raise Broken(self.failed.reason, message)
        if self.failed is not None:
            raise self.failed

    def close(self) -> None:
        if self.owned:
            self.file.close()


def _whole(source: Source, chunks: Iterator[Block]) -> _Whole:
    """What the source holds: in its place if it can be seeked there, else copied to memory or a temporary file."""
    stored = source.stored()
    if stored is not None:
        file, owned = stored
        if file.read(_MARK_BYTES) in _MARKS:  # else it is compressed
            return _Whole(file, owned=owned)
        if owned:
            file.close()
    failed = None
    file = tempfile.SpooledTemporaryFile(SPOOLED_BYTES)  # noqa: SIM115 (whoever has the _Whole closes it)
    try:
        for chunk in chunks:
            file.write(chunk)
    except (Broken, SourceError) as error:
        failed = error
    except OSError as error:
        file.close()
        why = f"cannot be kept in a temporary file: {error.strerror or error}; TMPDIR names another folder for it"
        raise SourceError(source.name or "the input", why) from error
    whole = _Whole(file, failed)
    if source.once:
        source.spooled = whole
        weakref.finalize(source, whole.close)
    return whole
