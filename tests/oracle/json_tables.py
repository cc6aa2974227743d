"""TOML -> the tables of JSON types, as the oracle reads them. No checks: `test_tables.py` has those."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from .tables import TABLES

TOKEN = re.compile(r'\s*("[^"]*"|[A-Za-z0-9_]+|[<>:,])')


@dataclass(frozen=True, eq=False)
class Member:
    """A column, or a member of a struct at any depth. `path` is what a rejected record's `column` says."""

    name: str
    path: str
    type: "Type"
    source: tuple[str, ...]
    alias: tuple[str, ...] = ()
    required: bool = False
    time: str = "rfc3339"
    allowed: tuple[str, ...] | None = None
    range: tuple[float, float] | None = None
    indicator: str | None = None
    indicator_more: str | None = None
    indicator_by: dict[str, str] | None = None
    indicator_more_by: dict[str, str] | None = None


@dataclass(frozen=True, eq=False)
class Type:
    name: str  # string, json, int64, ..., list or struct
    item: "Type | None" = None
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, eq=False)
class JsonTable:
    name: str
    added: tuple[str, ...]
    event_time: tuple[str, ...]
    envelope: bool
    order: int
    alternatives: tuple[tuple[str, ...], ...]
    columns: tuple[Member, ...]

    @property
    def schema(self) -> list[str]:
        return [column.name for column in self.columns] + list(self.added)

    def aliases(self, path: str) -> tuple[str, ...]:
        """Those of the column that this path is the source of."""
        return next((column.alias for column in self.columns if ".".join(column.source) == path), ())


class TypeText:
    """Reads `list<struct<a: string, "b-c": json>>`, with what `members` says of the struct's members."""

    def __init__(self, text: str, special: dict[str, dict[str, Any]]):
        self.tokens = TOKEN.findall(text)
        self.special = special

    def next(self) -> str:
        return self.tokens.pop(0)

    def type(self, inside: str, path: str) -> Type:
        """`inside` is the path within the column, `path` the whole one."""
        name = self.next()
        if name == "list":
            self.next()
            found = Type("list", item=self.type(inside, path))
            self.next()
            return found
        if name != "struct":
            return Type(name)
        members = []
        while self.next() != ">":  # `<` or `,` before a member
            member = self.next().strip('"')
            self.next()
            below = f"{inside}.{member}" if inside else member
            whole = f"{path}.{member}"
            words = {"from": member, **self.special.get(below, {})}
            members.append(load_member(member, whole, self.type(below, whole), words))
        return Type("struct", members=tuple(members))


def load_member(name: str, path: str, type_: Type, words: dict[str, Any]) -> Member:
    words = {key: tuple(value) if isinstance(value, list) else value for key, value in words.items()}
    source = tuple(words.pop("from").split("."))
    return Member(name=name, path=path, type=type_, source=source, **words)


def load_json_column(words: dict[str, Any]) -> Member:
    words = dict(words)
    name, text, special = words.pop("name"), words.pop("type"), words.pop("members", {})
    for word in ("about", "unit"):
        words.pop(word, None)
    words.setdefault("from", name)
    return load_member(name, name, TypeText(text, special).type("", name), words)


def load(raw: dict[str, Any], order: dict[str, list[str]]) -> JsonTable:
    return JsonTable(
        name=raw["name"],
        added=tuple(order[raw["added"]]),
        event_time=tuple(raw["event_time"]),
        envelope=raw["records"].get("envelope", False),
        order=raw["detect"]["order"],
        alternatives=tuple(map(tuple, raw["detect"]["members"])),
        columns=tuple(map(load_json_column, raw["columns"])),
    )


@cache
def load_json_tables() -> dict[str, JsonTable]:
    """Log type -> table, in the order of detection."""
    order = tomllib.loads((TABLES / "_added.toml").read_text())["order"]
    raws = [tomllib.loads(path.read_text()) for path in sorted(TABLES.glob("[!_]*.toml"))]
    tables = [load(raw, order) for raw in raws if raw["records"]["framing"] == "json"]
    return {table.name: table for table in sorted(tables, key=lambda table: table.order)}
