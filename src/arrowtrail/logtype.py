"""LogType and Column: what a log type's table says, frozen. `load` reads and checks the table."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Column", "Detect", "Joined", "LogType", "Records", "Tokens"]


@dataclass(frozen=True, slots=True)
class Column:
    """One output column; the fields are the keys of its line in the table (`source` is `from`)."""

    name: str
    source: int | str
    type: str
    about: str
    part: str | None = None
    required: bool | Literal["in_header"] = False
    null: tuple[str, ...] = ()
    time: str | None = None
    time_given: str | None = None
    unit: str | None = None
    allowed: tuple[str, ...] | None = None
    range: tuple[int, int] | None = None
    shape: str | None = None
    only: tuple[str, ...] | str | None = None
    unfit: str | None = None
    split: str | None = None
    indicator: str | None = None
    indicator_more: str | None = None

    @property
    def indicators(self) -> tuple[str, ...]:
        """The scanners that look at the column, in any mode."""
        return tuple(dict.fromkeys(filter(None, (self.indicator, self.indicator_more))))


@dataclass(frozen=True, slots=True)
class Joined:
    """When a record goes on over several lines."""

    quote: str
    most: int


@dataclass(frozen=True, slots=True)
class Records:
    """How bytes are cut into records."""

    framing: str
    header: int | None = None
    default: tuple[str, ...] | None = None
    foreign: tuple[str, ...] = ()
    joined: Joined | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """How a record is cut into tokens."""

    format: str
    separators: str
    null: tuple[str, ...] = ()
    quote: str | None = None
    raw_quotes: Mapping[int, str] = field(default_factory=dict, hash=False)
    bracketed: int | None = None
    least: int = 0
    head: int = 0
    tail: int = 0
    tail_more: str | None = None


@dataclass(frozen=True, slots=True)
class Detect:
    """What tells a record of this log type from one of another."""

    starts: tuple[tuple[str, ...] | str, ...] = ()
    least: int | None = None
    least_quoted: int | None = None
    exactly: int | None = None


@dataclass(frozen=True, slots=True)
class LogType:
    """A log type: a value that is passed around, made by `LogType.load` or found in the catalog.

    >>> from arrowtrail.catalog import find
    >>> find("AWS.VPCFlow").event_time
    ('start', 'end')
    """

    name: str
    about: str
    added: str
    event_time: tuple[str, ...]
    records: Records
    tokens: Tokens
    detect: Detect
    columns: tuple[Column, ...]

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "LogType":
        """Read a table (TOML, see `tables/README.md`) from a file.

        Raises TableError, which names the file, the column and the nearest allowed word, where the
        table breaks a rule of its language, and OSError where the file cannot be read.
        """
        from .tablefile import load

        return load(path)
