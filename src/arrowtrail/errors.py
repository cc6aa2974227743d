"""Every exception a caller may catch, one line of meaning each.

All of them are `ArrowtrailError`. A bad record is data and raises nothing (it is counted and kept in
`rejected`), unless `strict=True` asks for it.
"""

import difflib
from collections.abc import Iterable, Sequence

__all__ = [
    "ArrowtrailError",
    "MixedLogTypes",
    "RejectedRecord",
    "SinkError",
    "SourceError",
    "SourceNotFound",
    "SourceUsedUp",
    "TableError",
    "UnknownColumn",
    "UnknownLogType",
    "UsageError",
    "nearest",
]


class ArrowtrailError(Exception):
    """The base of all exceptions that arrowtrail raises by itself."""


class UsageError(ArrowtrailError, ValueError):
    """An argument that can never work: a name, a path or an option; nothing was read."""


class UnknownLogType(UsageError):
    """There is no log type of this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        super().__init__(f"unknown log type {name!r}{_or_nearest(name, known)}")
        self.name = name
        self.nearest = nearest(name, known)


class UnknownColumn(UsageError):
    """A log type has no column of this name."""

    def __init__(self, name: str, log_type: str, known: Iterable[str]) -> None:
        known = list(known)
        super().__init__(f"{log_type} has no column {name!r}{_or_nearest(name, known)}")
        self.name = name
        self.log_type = log_type
        self.nearest = nearest(name, known)


class SourceNotFound(UsageError):
    """A path does not exist, or a pattern matches no file."""


class TableError(ArrowtrailError, ValueError):
    """A log type's table breaks the table language; names file, column and the nearest allowed word."""

    def __init__(self, message: str, *, table: str, column: str | None = None, nearest: str | None = None) -> None:
        where = table if column is None else f"{table}: column {column!r}"
        super().__init__(f"{where}: {message}")
        self.table = table
        self.column = column
        self.nearest = nearest


class MixedLogTypes(ArrowtrailError):
    """An input holds several log types where one table was asked for."""

    def __init__(self, log_types: Sequence[str], source: str | None = None) -> None:
        found = ", ".join(log_types)
        where = f"{source}: " if source else ""
        super().__init__(
            f"{where}several log types in one input: {found}; name the one to read, take them apart with split(), "
            "or write them to a folder each"
        )
        self.log_types = tuple(log_types)
        self.source = source


class RejectedRecord(ArrowtrailError):
    """The first rejected record of a strict read; the attributes are those of `rejected`'s columns."""

    def __init__(
        self,
        *,
        source: str | None,
        record: int,
        line: int,
        offset: int,
        reason: str,
        column: str | None,
        message: str | None,
    ) -> None:
        at = f"{source or 'input'}, record {record} (line {line}, byte {offset})"
        why = reason + (f", column {column}" if column else "") + (f": {message}" if message else "")
        super().__init__(f"{at}: {why}")
        self.source = source
        self.record = record
        self.line = line
        self.offset = offset
        self.reason = reason
        self.column = column
        self.message = message


class SourceError(ArrowtrailError):
    """An input exists but cannot be read (permission, I/O error)."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(f"{source}: {why}")
        self.source = source
        self.why = why


class SourceUsedUp(ArrowtrailError):
    """An input that can be read once only (standard input, a socket) was asked for a second pass."""


class SinkError(ArrowtrailError):
    """Output cannot be written: what and where; nothing is left under a final name."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, whatever its case; None when none is."""
    by_lower = {name.lower(): name for name in known}
    wanted = word.lower()
    if len(wanted) > 2 and (begun := [name for name in by_lower if name.startswith(wanted)]):
        return by_lower[min(begun, key=len)]
    tail = {name.rpartition(".")[2]: name for name in by_lower}
    found = difflib.get_close_matches(wanted, [*by_lower, *tail], n=1, cutoff=0.5)
    return by_lower[tail.get(found[0], found[0])] if found else None


def _or_nearest(word: str, known: Sequence[str]) -> str:
    close = nearest(word, known)
    if close is not None:
        return f"; did you mean {close!r}?"
    return f"; there are {', '.join(known)}" if len(known) <= 12 else ""
