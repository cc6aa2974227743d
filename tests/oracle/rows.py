"""A row -> the dict that a detection rule gets: nulls left out, times as text, JSON as what it says."""

import math
import re
from datetime import datetime, timedelta

from .json_tables import Type, load_json_tables
from .json_text import Value, read_value
from .tables import load_tables

INTEGER = re.compile("-?[0-9]+")
MOST_DIGITS = 4300  # of an integer that Python reads
TIMES = ("p_event_time", "p_parse_time")


def as_dict(log_type: str, row: dict, decode_json: bool = True) -> dict:
    """The row of the oracle as `arrowtrail.rows` must give it."""
    types = column_types(log_type)
    pairs = {name: shown(types.get(name, Type("string")), value, decode_json) for name, value in row.items()}
    return {name: value for name, value in pairs.items() if value is not None}


def column_types(log_type: str) -> dict[str, Type]:
    types = {name: Type("timestamp") for name in TIMES}
    if log_type in load_json_tables():
        return types | {column.name: column.type for column in load_json_tables()[log_type].columns}
    for column in load_tables()[log_type].columns:
        item = column.type.removeprefix("list<").removesuffix(">")
        types[column.name] = Type(item) if item == column.type else Type("list", item=Type(item))
    return types


def shown(kind: Type, value, decode_json: bool):
    if value is None:
        return None
    if kind.name == "struct":
        pairs = {member.name: shown(member.type, value[member.name], decode_json) for member in kind.members}
        return {name: member for name, member in pairs.items() if member is not None}
    if kind.name == "list":
        return [shown(kind.item, item, decode_json) for item in value]
    if kind.name == "timestamp":
        moment = datetime(1970, 1, 1) + timedelta(microseconds=value)
        return moment.isoformat(" ", "microseconds") + "000"
    return decoded(value) if kind.name == "json" and decode_json else value


def decoded(text: str):
    """What a JSON text says."""
    data = text.encode()
    return what(read_value(data, 0, len(data)))


def what(value: Value):
    """One call a level, so that 512 of them are no trouble."""
    if value.kind == "object":
        pairs = {}
        for key, _, member in value.members:
            pairs[key] = what(member)
        return pairs
    if value.kind == "array":
        items = []
        for item in value.items:
            items.append(what(item))
        return items
    if value.kind == "string":
        return value.text
    return (
        number(value.source) if value.kind == "number" else {"true": True, "false": False, "null": None}[value.source]
    )


def number(text: str) -> int | float | str:
    """An int or float of Python; the text where there is none."""
    if INTEGER.fullmatch(text):
        return int(text) if len(text.lstrip("-")) <= MOST_DIGITS else text
    value = float(text)
    return text if math.isinf(value) else value
