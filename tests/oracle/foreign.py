"""Logs that are none of the log types: lines and values that are named, and lines refused together."""

import tomllib
from functools import cache

from .json_detect import fits_json
from .json_tables import JsonTable
from .json_text import Value
from .parse import fits_shape
from .tables import TABLES


@cache
def load_foreign() -> list[dict]:
    return tomllib.loads((TABLES / "_foreign.toml").read_text())["logs"]


def foreign_line(text: str) -> str | None:
    """The log that the line is of; each field that is asked for has a separator behind it."""
    for log in load_foreign():
        if log["framing"] == "lines":
            words = log["detect"]["starts"]
            fields = text.split(log.get("separators", " "))[:-1]
            if len(fields) >= len(words) and all(map(fits_word, fields, words)):
                return log["name"]
    return None


def fits_word(field: str, word: str | list[str]) -> bool:
    return fits_shape(field, word) if isinstance(word, str) else field in word


def foreign_value(value: Value) -> str | None:
    """The log that a JSON object is of."""
    for log in load_foreign():
        if log["framing"] == "json" and fits_json(table_of(log["name"]), value):
            return log["name"]
    return None


@cache
def table_of(name: str) -> JsonTable:
    """What a log of JSON needs, as a log type without columns has it."""
    log = next(log for log in load_foreign() if log["name"] == name)
    return JsonTable(name, (), (), False, 0, tuple(map(tuple, log["detect"]["members"])), ())


def together(records: list, data: bytes) -> list:
    """The records of one stream, those lines of one foreign log that follow each other made one."""
    found: list = []
    for record in records:
        before = found[-1] if found else None
        if before and record.verdict.foreign and record.verdict.foreign == before.verdict.foreign:
            found[-1] = before._replace(end=record.end, raw=data[before.begin : record.end])
        else:
            found.append(record)
    return found


def apart(records: list) -> list:
    """Those of a stream that has ended: no other stream's lines belong to them."""
    return [record._replace(verdict=record.verdict._replace(foreign=None)) for record in records]
