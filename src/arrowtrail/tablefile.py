"""A table file read strictly into a LogType: what the language does not know is an error, never ignored."""

import os
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from . import vocabulary as words
from .errors import TableError
from .indicators import covers, scanners, shipped
from .jsontable import json_type
from .linetable import line_type
from .logtype import Column, LogType
from .section import Section

__all__ = ["added_columns", "covers", "load", "output_columns", "read", "scanners"]

_TYPE_NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")


def load(path: str | os.PathLike[str]) -> LogType:
    """The log type that the file at `path` states; see `LogType.load`."""
    return read(Path(path).read_bytes(), os.fspath(path))


def read(data: bytes, table: str) -> LogType:
    """The log type that `data` states; `table` names it in errors."""
    try:
        values = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TableError(f"is not TOML: {error}", table=table) from None
    framing = _framing(values, table)
    top = Section(values, "table", framing, table)
    name = top.text("name")
    if not _TYPE_NAME.fullmatch(name):
        top.fail(f"name {name!r} is not made of letters, digits, '_' and '.'")
    log_type = json_type(top, name) if framing == "json" else line_type(top, name)
    _check_event_time(log_type, top)
    return log_type


@cache
def added_columns(order: str) -> tuple[Column, ...]:
    """The columns every row has besides those of its table, in the order `A` or `B`."""
    data = shipped("_added.toml")
    return tuple(Column(name, name, **data["columns"][name]) for name in data["order"][order])


def output_columns(log_type: LogType) -> tuple[Column, ...]:
    """Every output column in order: the table's, then the added ones (p_...)."""
    return log_type.columns + added_columns(log_type.added)


def _framing(values: dict[str, Any], table: str) -> str:
    """Which framing's keys the table is to have; that `records` says none is found later."""
    records = values.get("records")
    if not isinstance(records, dict) or "framing" not in records:
        return words.FRAMINGS[0]
    return Section({"framing": records["framing"]}, "records", "lines", table, None, "records").word(
        "framing", words.FRAMINGS
    )


def _check_event_time(log_type: LogType, top: Section) -> None:
    times = {column.name for column in log_type.columns if column.type == "timestamp"}
    for name in log_type.event_time:
        if name not in times:
            top.unknown(f"event_time {name!r} (no timestamp column)", name, times)
