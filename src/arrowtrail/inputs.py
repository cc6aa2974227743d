"""What a caller named -> sources: paths, patterns, folders, standard input, file objects and bytes.

Files are found while reading goes on, so a million of them take no memory; what is named and does not
exist is an error before anything is read.
"""

import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from .errors import SourceNotFound, UsageError
from .sources import BytesSource, FileSource, ObjectSource, Source, UnreadableSource

__all__ = ["MANIFEST_NAME", "find_sources"]

_MAGIC = re.compile(r"[*?\[]")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
# Written beside the logs by AWS and by Hadoop; they hold no record.
_NO_LOGS = frozenset({"ELBAccessLogTestFile", "aws-logs-write-test", "_SUCCESS"})
# In each folder that arrowtrail writes; the underscore hides it from Spark, Hive and pyarrow's data sets.
MANIFEST_NAME = "_manifest.ndjson"


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
