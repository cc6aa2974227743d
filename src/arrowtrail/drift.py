"""Schema drift: what the records of a log type hold that its table does not know, with the first place of each."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .dicts import decode_json
from .logtype import Column, LogType
from .vocabulary import Type, inner, parse_type

__all__ = ["Drift", "Found", "rest_column", "unmapped_column"]

MOST_PATHS = 1_000
MOST_PATH_CHARS = 200
MOST_EXAMPLE_CHARS = 200
_SURPLUS = "*"  # the member of `unmapped` that has a line's tokens behind the header's last
_OFFSET_DIGITS = 12


@dataclass(slots=True)
class _Known:
    """What is known of the members of a record or of a column's structs, by their names in lower case."""

    members: "dict[str, _Known]" = field(default_factory=dict)
    listed: bool = False
    """The column is a list of these: it is left over whole as soon as an element has something in it that is."""


@dataclass(slots=True)
class Found:
    """Something that the table does not know, or that its column could not take."""

    path: str
    """Members joined with `.`, lists passed through; a place in a list of fields as `column[0]`."""
    kind: str
    """`unknown` (a member or header name), `surplus` (a field behind the last known one) or `left_over` (a member that
    has a column, which did not take its value)."""
    rows: int = 0
    headers: int = 0
    """Inputs whose header has the name."""
    example: str | None = None
    """The first value as JSON, cut at 200 characters."""
    source: str | None = None
    """The input that has the first row, or without rows the first header."""
    row_id: str | None = None
    """`p_row_id` of the first row."""

    @property
    def offset(self) -> int | None:
        """Where the first row's record begins in its input, as its row id says."""
        return None if self.row_id is None else int(self.row_id[-_OFFSET_DIGITS:], 16)


class Drift:
    """Gathers what is unknown of one log type; at most 1000 paths are kept, `more` counts sightings of others."""

    def __init__(self, log_type: LogType, most: int = MOST_PATHS) -> None:
        self.most = most
        self.more = 0
        self._found: dict[str, Found] = {}
        self._open: list[Found] = []  # first seen in the source that is being read
        self._known = _known(log_type)
        self._lines = log_type.tokens is not None
        self._unmapped = unmapped_column(log_type)
        self._rest = rest_column(log_type)

    def add(self, batch: pa.RecordBatch) -> None:
        """Look through the batch's columns for what no column took; `p_row_id` must be among them."""
        row_ids = batch.column("p_row_id")
        if self._unmapped in batch.schema.names:
            self._add_unmapped(batch.column(self._unmapped), row_ids)
        if self._rest is not None and self._rest[0] in batch.schema.names:
            self._add_rest(*self._rest, batch.column(self._rest[0]), row_ids)

    def end(self, source: str | None, header_names: Iterable[str]) -> None:
        """A source is read: what was first seen in it has its name, and so have unknown names of its headers."""
        for name in header_names:
            found = self._of(name, "unknown")
            if found is not None:
                found.headers += 1
        for found in self._open:
            found.source = source
        self._open.clear()

    def found(self) -> list[Found]:
        """All of it: what is in most rows first."""
        return sorted(self._found.values(), key=lambda each: (-each.rows, -each.headers, each.path))

    def _add_unmapped(self, texts: pa.Array, row_ids: pa.Array) -> None:
        if texts.null_count == len(texts):
            return
        counts = pc.value_counts(texts.drop_null())
        for text, count in zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True):
            seen: dict[str, tuple[str, Any]] = {}
            for path, kind, value in _sightings(decode_json(text), self._known, self._lines):
                seen.setdefault(path, (kind, value))
            for path, (kind, value) in seen.items():
                found = self._of(path, kind)
                if found is None:
                    continue
                found.rows += count
                if found.row_id is None:
                    self._first(found, value, row_ids[pc.index(texts, text).as_py()].as_py())

    def _add_rest(self, column: str, known: int, lists: pa.Array, row_ids: pa.Array) -> None:
        if lists.null_count == len(lists):
            return
        lengths = pc.list_value_length(lists)
        counts = pc.value_counts(lengths.drop_null())
        pairs = list(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True))
        for place in range(known, max(length for length, _ in pairs)):
            found = self._of(f"{column}[{place}]", "surplus")
            if found is None:
                continue
            found.rows += sum(count for length, count in pairs if length > place)
            if found.row_id is None:
                row = pc.index(pc.greater(lengths, place), True).as_py()
                self._first(found, lists[row][place].as_py(), row_ids[row].as_py())

    def _first(self, found: Found, value: Any, row_id: str) -> None:
        """The first row; a header that had the name before may have been another source's."""
        found.example = _example(value)
        found.row_id = row_id
        self._open.append(found)

    def _of(self, path: str, kind: str) -> Found | None:
        """The entry of a path, a new one if need be; None where there is no room."""
        path = path if len(path) <= MOST_PATH_CHARS else path[:MOST_PATH_CHARS] + "..."
        found = self._found.get(path)
        if found is None:
            if len(self._found) >= self.most:
                self.more += 1
                return None
            found = self._found[path] = Found(path, kind)
            self._open.append(found)
        return found


def unmapped_column(log_type: LogType) -> str | None:
    """The column that keeps what no other took."""
    return next((each.name for each in log_type.columns if each.source == "unmapped"), None)


def rest_column(log_type: LogType) -> tuple[str, int] | None:
    """The column that keeps all fields of a line from a place on, and how many of its first ones have columns too.

    >>> from arrowtrail.catalog import find
    >>> rest_column(find("AWS.S3ServerAccess")), rest_column(find("AWS.ALB")), rest_column(find("AWS.VPCFlow"))
    (('additionalFields', 3), ('additionalFields', 0), None)
    """
    last = max((each.source for each in log_type.columns if isinstance(each.source, int)), default=-1)
    for column in log_type.columns:
        if isinstance(column.source, str) and column.source.endswith("..."):
            return column.name, max(0, last + 1 - int(column.source[:-3]))
    return None


def _known(log_type: LogType) -> _Known:
    """The members, or header names, that columns take."""
    top = _Known()
    for column in log_type.columns:
        if not isinstance(column.source, str) or column.source == "unmapped":
            continue
        above, _, last = column.source.rpartition(".")
        inside = top
        for name in above.split(".") if above else ():
            inside = inside.members.setdefault(name.lower(), _Known())
        node = _column_known(parse_type(column.type), column, "")
        for name in (last, *column.alias):
            other = inside.members.setdefault(name.lower(), node)  # a column may take a member of another's struct
            node.members |= other.members
            inside.members[name.lower()] = node
    return top


def _column_known(kind: Type, column: Column, above: str) -> _Known:
    node = _Known(listed=kind.kind == "list")
    kind = inner(kind)
    for name, child in kind.children if kind.kind == "struct" else ():
        member = column.member(above + name)
        inside = _column_known(child, column, f"{above}{name}.")
        for each in (name,) if member is None else (member.source, *member.alias):
            node.members[each.lower()] = inside
    return node


def _sightings(
    members: dict[str, Any], known: _Known, lines: bool, above: str = "", whole: bool = False
) -> Iterator[tuple[str, str, Any]]:
    """(path, kind, value) of what no column took; `whole`: what columns took is there besides."""
    for name, value in members.items():
        path = above + name
        inside = known.members.get(name.lower())
        if inside is None:
            if value is not None:
                yield path, "surplus" if lines and name == _SURPLUS else "unknown", value
            continue
        elements = value if isinstance(value, list) else [value]
        if not inside.members or not all(isinstance(each, dict) for each in elements):
            if not whole:
                yield path, "left_over", value
            continue
        found = [
            each
            for element in elements
            for each in _sightings(element, inside, lines, f"{path}.", whole or inside.listed)
        ]
        yield from found or ([] if whole else [(path, "left_over", value)])


def _example(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_EXAMPLE_CHARS else text[:MOST_EXAMPLE_CHARS] + "..."
