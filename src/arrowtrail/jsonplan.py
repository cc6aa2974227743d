"""JSON log type -> the members of a record as the engine looks for them, each with what is made of its value."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from .indicators import walked_keys
from .logtype import Column, LogType, Member
from .vocabulary import Type, parse_type

__all__ = ["json_plan"]

WALKERS = {"walker_n": 1, "walker_l": 2}
EVERY_WALKER = 15  # both, the keys of the mode "extended", and the scanner `text`
UNMAPPED = "unmapped"


@dataclass(eq=False)
class Node:
    """A member of an object of the source. Several columns may lead into one object."""

    name: str
    path: str
    values: dict[str, Any] = field(default_factory=dict)  # what is made of it
    by: tuple[str, dict[str, str]] | None = None
    members: list["Node"] = field(default_factory=list)
    item: "Node | None" = None

    def member(self, name: str) -> "Node":
        """The member of this name, made where there is none."""
        found = next((node for node in self.members if node.name == name), None)
        if found is None:
            found = Node(name, f"{self.path}.{name}".lstrip("."))
            self.members.append(found)
        return found


def json_plan(log_type: LogType, indicators: str, unmapped: bool) -> dict[str, Any]:
    """The members, the way to each column's value, and the conditions of a record of the type."""
    root = Node("", "")
    ways: list[list[str]] = []
    lists = count()
    for place, column in enumerate(log_type.columns):
        way = [] if column.source == UNMAPPED else str(column.source).split(".")
        ways.append(way)
        if way:
            node = _at(root, way)
            node.values.update(_column_values(column, indicators), column=place)
            _shape(node, parse_type(column.type), column, "", indicators, lists)
    for condition in _conditions(log_type):
        _at(root, condition.path.split("."))
    _sort(root)
    return {
        "members": [_spec(node, root) for node in root.members],
        "paths": [_places(root, way) for way in ways],
        "lists": next(lists),
        "conditions": [
            [(_places(root, one.path.split(".")), one.word or "", one.number) for one in every]
            for every in log_type.detect.members
        ],
        "order": log_type.detect.order or 0,
        "envelope": log_type.records.envelope,
        "keep_unmapped": unmapped,
        "unmapped_walkers": EVERY_WALKER if indicators == "extended" else 0,
        "walked_keys": walked_keys(),
    }


def _conditions(log_type: LogType) -> Iterator[Any]:
    for every in log_type.detect.members:
        yield from every


def _at(root: Node, way: list[str]) -> Node:
    for name in way:
        root = root.member(name)
    return root


def _places(root: Node, way: list[str]) -> list[int]:
    """The way as places in the members of each object."""
    places = []
    for name in way:
        places.append([node.name for node in root.members].index(name))
        root = root.members[places[-1]]
    return places


def _column_values(column: Column, indicators: str) -> dict[str, Any]:
    kind = parse_type(column.type)
    own = (None, None) if kind.kind == "list" else (column.indicator, column.indicator_more)
    return {
        "aliases": column.alias,
        "path": column.name,
        "required": column.required is True,
        "time": column.time,
        "range": column.range,
        "allowed": column.allowed,
        **_found(kind, own, indicators),
    }


def _member_values(member: Member | None, name: str, kind: Type, path: str, indicators: str) -> dict[str, Any]:
    own = (member.indicator, member.indicator_more) if member and kind.kind != "list" else (None, None)
    return {
        "aliases": member.alias if member else (),
        "path": path,
        "required": member is not None and member.required,
        "time": member.time if member else None,
        "range": None,
        "allowed": None,
        **_found(kind, own, indicators),
    }


def _found(kind: Type, names: tuple[str | None, str | None], indicators: str) -> dict[str, Any]:
    """Scanners and walkers of a value in a mode."""
    from .plan import scanners

    walkers = WALKERS.get(names[0] or "", 0)
    if kind.kind == "json" and indicators == "extended":
        walkers = EVERY_WALKER
    return {
        "scanners": [] if names[0] in WALKERS else scanners(*names, indicators),
        "walkers": walkers if indicators != "off" else 0,
    }


def _shape(node: Node, kind: Type, column: Column, above: str, indicators: str, lists: Iterator[int]) -> None:
    """Fills in the type, and what stands inside: a struct's members, a list's item."""
    node.values["type"] = kind
    if kind.kind == "list":
        node.values["list"] = next(lists)
        item = Node("", node.values["path"])
        child = kind.children[0][1]
        said: Column | Member | None = column.member(above) if above else column
        names = (said.indicator, said.indicator_more) if said else (None, None)
        item.values.update(
            aliases=(),
            path=node.values["path"],
            required=False,
            time=said.time if said else None,
            range=None,
            allowed=None,
            **_found(child, names, indicators),
        )
        node.item = item
        _shape(item, child, column, above, indicators, lists)
    if kind.kind != "struct":
        return
    for place, (name, child) in enumerate(kind.children):
        path = f"{above}.{name}".lstrip(".")
        member = column.member(path)
        inner = node.member(member.source if member else name)
        inner.values.update(_member_values(member, name, child, f"{column.name}.{path}", indicators), field=place)
        if member is not None:
            _choose(inner, member, indicators)
        _shape(inner, child, column, path, indicators, lists)


def _choose(node: Node, member: Member, indicators: str) -> None:
    """The scanners that a sibling's text chooses."""
    by = member.indicator_by or (member.indicator_more_by if indicators == "extended" else None)
    if by is not None and indicators != "off":
        node.by = (by.member, dict(by.scanners))
        node.values["by_any_case"] = member.indicator_more_by is not None


def _sort(node: Node) -> None:
    """A struct's members in its order, then the others."""
    node.members.sort(key=lambda member: member.values.get("field", len(node.members)))
    for inner in (*node.members, *([node.item] if node.item else ())):
        _sort(inner)


def _spec(node: Node, above: Node) -> dict[str, Any]:
    kind = node.values.get("type", Type("string"))
    by, words = node.by or (None, {})
    members = [_spec(member, node) for member in node.members]
    spec = {
        "name": node.name,
        "aliases": (),
        "path": node.path,
        "required": False,
        "time": None,
        "range": None,
        "allowed": None,
        "scanners": [],
        "walkers": 0,
        "column": -1,
        "field": -1,
        "list": -1,
        "by_any_case": False,
        **node.values,
        "type": _tree(kind),
        "json": kind.kind == "json",
        "by": next((place for place, other in enumerate(above.members) if other.name == by), -1),
        "by_words": list(words.items()),
        "members": members,
        "item": [] if node.item is None else [_spec(node.item, node)],
    }
    rejects = spec["required"] or spec["range"] or spec["allowed"]
    return {**spec, "checked": bool(rejects) or any(member["checked"] for member in members)}


def _tree(kind: Type) -> tuple[str, list[Any]]:
    return kind.kind, [_tree(child) for _, child in kind.children]
