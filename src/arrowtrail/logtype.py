"""LogType and Column: what a log type's table says, frozen. `load` reads and checks the table."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Column", "Condition", "Detect", "IndicatorBy", "Joined", "LogType", "Member", "Records", "Tokens"]


@dataclass(frozen=True, slots=True)
class IndicatorBy:
    """The scanner of a member, chosen by the text of the sibling `member`: (text, scanner) pairs."""

    member: str
    scanners: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Member:
    """What is special about a member of a column's structs. `path` leads to it, lists passed through."""

    path: str
    source: str
    alias: tuple[str, ...] = ()
    required: bool = False
    time: str | None = None
    indicator: str | None = None
    indicator_more: str | None = None
    indicator_by: IndicatorBy | None = None
    indicator_more_by: IndicatorBy | None = None

    @property
    def indicators(self) -> tuple[str, ...]:
        """The scanners that may look at the member, in any mode."""
        choosers = filter(None, (self.indicator_by, self.indicator_more_by))
        by = [scanner for chooser in choosers for _, scanner in chooser.scanners]
        return tuple(dict.fromkeys(filter(None, (self.indicator, self.indicator_more, *by))))


@dataclass(frozen=True, slots=True)
class Column:
    """One output column; the fields are the keys of its line in the table.

    `source` is `from`: a token's number or name, or the path of a JSON member.
    """

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
    range: tuple[float, float] | None = None
    shape: str | None = None
    only: tuple[str, ...] | str | None = None
    unfit: str | None = None
    split: str | None = None
    indicator: str | None = None
    indicator_more: str | None = None
    alias: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()

    @property
    def indicators(self) -> tuple[str, ...]:
        """The scanners that look at the column itself, in any mode; `members` have their own."""
        return tuple(dict.fromkeys(filter(None, (self.indicator, self.indicator_more))))

    def member(self, path: str) -> Member | None:
        """What the table says of the member at `path`; None where it says nothing."""
        return next((member for member in self.members if member.path == path), None)


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
    parquet: bool = False
    default: tuple[str, ...] | None = None
    foreign: tuple[str, ...] = ()
    joined: Joined | None = None
    envelope: bool = False


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
class Condition:
    """A member that must be there: with the text `word`, where that is given, or as a number."""

    path: str
    word: str | None = None
    number: bool = False


@dataclass(frozen=True, slots=True)
class Detect:
    """What tells a record of this log type from one of another: a line by its fields, JSON by `members`.

    One of `members` must hold, with all its conditions. JSON types are asked by rising `order`.
    """

    starts: tuple[tuple[str, ...] | str, ...] = ()
    least: int | None = None
    least_quoted: int | None = None
    exactly: int | None = None
    order: int | None = None
    members: tuple[tuple[Condition, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class LogType:
    """A log type: a value that is passed around, made by `LogType.load` or found in the catalog.

    `tokens` is None where records are JSON. `keys` are regular expressions that are found in the keys of its objects.

    >>> from arrowtrail.catalog import find
    >>> find("AWS.VPCFlow").event_time
    ('start', 'end')
    """

    name: str
    about: str
    added: str
    event_time: tuple[str, ...]
    records: Records
    tokens: Tokens | None
    detect: Detect
    columns: tuple[Column, ...]
    keys: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "LogType":
        """Read a table (TOML, see `tables/README.md`) from a file.

        Raises TableError, which names the file, the column and the nearest allowed word, where the
        table breaks a rule of its language, and OSError where the file cannot be read.
        """
        from .tablefile import load

        return load(path)
