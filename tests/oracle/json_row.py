"""A record -> values of the columns, what was wrong with them, and what no column took (README 1, 2.2)."""

from .json_tables import JsonTable, Member, Type
from .json_text import Value
from .json_values import lookup_path, scalar
from .tokenize import Reject


class JsonRow:
    """One record on its way to values. `warnings` has a column's name for each value that turned null."""

    def __init__(self, table: JsonTable, record: Value):
        self.table, self.record = table, record
        self.warnings: list[str] = []
        self.taken: set[int] = set()  # id() of the values that a column took whole
        self.opened: set[int] = {id(record)}  # of those that were looked into
        self.single: set[int] = set()  # of objects that were taken as a list of one
        self.column = ""

    def values(self) -> dict:
        """All columns but `unmapped`, which is None."""
        values = {}
        for column in self.table.columns:
            self.column = column.name
            values[column.name] = None if column.source == ("unmapped",) else self.value(column, self.record)
        return values

    def value(self, member: Member, around: Value):
        """The value of a column in the record, or of a member in its struct. Raises Reject."""
        path = lookup_path(around, member.source, member.alias)
        self.opened.update(id(value) for value in path[:-1] if value.kind == "object")
        found = path[-1] if len(path) == len(member.source) else None
        if found is None or found.kind == "null":
            if member.required:
                raise Reject("missing_required", member.path)
            return None
        value = self.read(member.type, member, found)
        if value is None:
            if member.required:
                raise Reject("bad_value", member.path)
            self.warnings.append(self.column)
        elif unfit(member, value):
            raise Reject("bad_value", member.path)
        return value

    def read(self, kind: Type, member: Member, found: Value):
        """A value that is not null as one of this type. None: impossible."""
        if kind.name == "struct":
            return self.struct(kind, found)
        if kind.name == "list":
            return self.elements(kind.item, member, found)
        value = scalar(kind.name, member.time, found)
        if value is not None:
            self.taken.add(id(found))
        return value

    def struct(self, kind: Type, found: Value) -> dict | None:
        if found.kind != "object":
            return None
        self.opened.add(id(found))
        return {member.name: self.value(member, found) for member in kind.members}

    def elements(self, item: Type, member: Member, found: Value) -> list | None:
        if found.kind == "array":
            self.opened.add(id(found))
            return [self.element(item, member, value) for value in found.items]
        if item.name == "struct" and found.kind == "object":
            self.single.add(id(found))
            return [self.struct(item, found)]
        if item.name == "string":
            return [self.read(item, member, found)]
        return None

    def element(self, item: Type, member: Member, found: Value):
        if found.kind == "null":
            return None
        value = self.read(item, member, found)
        if value is None:
            self.warnings.append(self.column)
        return value

    def unmapped(self) -> str | None:
        """The object of what no column took. Only after `values`."""
        return self.left(self.record)

    def left(self, value: Value) -> str | None:
        """What is left of a value, as JSON text; None if nothing."""
        if value.kind == "null" or id(value) in self.taken:
            return None
        if id(value) in self.single:
            return value.source if self.members_left(value) else None
        if id(value) not in self.opened:
            return value.source
        if value.kind == "array":
            return value.source if any(self.left(item) is not None for item in value.items) else None
        members = self.members_left(value)
        return "{" + ",".join(members) + "}" if members else None

    def members_left(self, value: Value) -> list[str]:
        last = {key: member for key, _, member in value.members}
        return [
            f"{name.source}:{left}"
            for key, name, member in value.members
            if last[key] is member and (left := self.left(member)) is not None
        ]


def unfit(member: Member, value) -> bool:
    if member.allowed is not None and value not in member.allowed:
        return True
    return member.range is not None and not member.range[0] <= value <= member.range[1]
