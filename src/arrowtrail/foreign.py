"""The logs that are named and refused: `tables/_foreign.toml`, checked as the tables of log types are."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from . import vocabulary as words
from .errors import TableError
from .indicators import shipped
from .jsontable import alternatives
from .linetable import separators, starts
from .logtype import Detect, LogType, Records, Tokens
from .section import Section

__all__ = ["foreign_logs"]

FILE = "_foreign.toml"


@cache
def foreign_logs() -> tuple[LogType, ...]:
    """The logs that are none of the built-in log types: log types that have no columns, since no row is made of them.

    Some have several entries of one name, for lines of different kinds.

    >>> foreign_logs()[0].name
    'a Network Load Balancer access log'
    """
    return tuple(read(shipped(FILE), FILE))


def read(values: dict[str, Any], table: str) -> Iterator[LogType]:
    """The logs that a file states; `table` names it in errors. Raises TableError."""
    logs = values.get("logs")
    if values.keys() != {"logs"} or not isinstance(logs, list):
        raise TableError("must hold one key, logs: a list of logs", table=table)
    for number, log in enumerate(logs, 1):
        name = log.get("name") if isinstance(log, dict) else None
        yield _log(log, table, name if isinstance(name, str) else f"number {number}")


def _log(log: object, table: str, label: str) -> LogType:
    framing = log.get("framing") if isinstance(log, dict) else None
    if framing not in words.FRAMINGS:
        raise TableError(f"log {label!r}: framing must be one of {', '.join(words.FRAMINGS)}", table=table)
    at = Section(log, "foreign", framing, table, None, f"log {label!r}")
    detect = at.section("detect", "foreign_detect")
    return LogType(
        name=at.text("name"),
        about="",
        added=words.ORDERS[0],
        event_time=(),
        records=Records(framing),
        tokens=Tokens("delimited", separators(at, " ")) if framing == "lines" else None,
        detect=Detect(starts(detect)) if framing == "lines" else Detect(members=alternatives(detect)),
        columns=(),
    )
