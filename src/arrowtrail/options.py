"""The keyword arguments that all public calls share, checked once."""

import datetime
import difflib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .catalog import builtin, find
from .errors import UnknownColumn, UsageError
from .logtype import LogType
from .tablefile import output_columns

__all__ = ["INDICATORS", "MAX_RECORD", "Moment", "Options", "Rejects"]

INDICATORS = ("extended", "panther", "off")
MAX_RECORD = 64 * 1024 * 1024
MOST_THREADS = 8
Moment = datetime.datetime | int | str
Rejects = str | os.PathLike[str] | Callable[[Any], object]
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Options:
    """What to read and how; made by `check`."""

    log_types: tuple[LogType, ...]
    given: bool
    columns: tuple[str, ...] | None
    indicators: str
    unmapped: bool
    source_id: str | None
    source_label: str | None
    header: str | None
    strict: bool
    rejects: Rejects | None
    batch_rows: int
    threads: int
    since_us: int | None
    until_us: int | None
    parse_time_us: int | None
    row_id_seed: bytes | None
    max_record: int
    max_decompressed: int | None


def check(
    log_type: str | LogType | None,
    *,
    columns: Sequence[str] | None,
    indicators: str,
    unmapped: bool,
    source_id: str | None,
    source_label: str | None,
    header: str | Sequence[str] | None,
    strict: bool,
    rejects: Rejects | None,
    batch_rows: int,
    threads: int | None,
    log_types: Sequence[str | LogType] | None,
    since: Moment | None,
    until: Moment | None,
    parse_time: datetime.datetime | int | None,
    row_id_seed: int | str | bytes | None,
    max_record: int,
    max_decompressed: int | None,
) -> Options:
    """The options, or a UsageError (UnknownLogType, UnknownColumn) that says what is wrong with them."""
    found = _log_types(log_type, log_types)
    if indicators not in INDICATORS:
        close = difflib.get_close_matches(str(indicators), INDICATORS, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"allowed: {', '.join(INDICATORS)}"
        raise UsageError(f"unknown indicators {indicators!r}; {hint}")
    if rejects is not None and not callable(rejects) and not isinstance(rejects, (str, os.PathLike)):
        raise UsageError(f"rejects must be a path or a function that takes record batches, not {rejects!r}")
    return Options(
        log_types=found,
        given=log_type is not None,
        columns=_columns(columns, found),
        indicators=indicators,
        unmapped=unmapped,
        source_id=source_id or None,
        source_label=source_label or None,
        header=_header(header, found),
        strict=strict,
        rejects=rejects,
        batch_rows=_count("batch_rows", batch_rows),
        threads=_threads(threads),
        since_us=_moment("since", since),
        until_us=_moment("until", until),
        parse_time_us=_micros(parse_time),
        row_id_seed=None if row_id_seed is None else repr(row_id_seed).encode(),
        max_record=_count("max_record", max_record),
        max_decompressed=None if max_decompressed is None else _count("max_decompressed", max_decompressed),
    )


def _log_types(log_type: str | LogType | None, log_types: Sequence[str | LogType] | None) -> tuple[LogType, ...]:
    """The one that is given, else those to tell apart; what has a header comes last, since a header takes any line."""
    if log_type is not None:
        return (find(log_type),)
    if isinstance(log_types, str):
        raise UsageError(f"log_types must be a list of names, not the text {log_types!r}")
    found = tuple(builtin().values()) if log_types is None else tuple(map(find, log_types))
    if not found:
        raise UsageError("log_types is empty: name at least one, or leave it out for all")
    names = [each.name for each in found]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"log_types names {name!r} twice")
    return tuple(sorted(found, key=lambda each: each.records.header is not None))


def _columns(columns: Sequence[str] | None, log_types: tuple[LogType, ...]) -> tuple[str, ...] | None:
    """The columns, each known to one of the log types at least."""
    if columns is None:
        return None
    if isinstance(columns, str):
        raise UsageError(f"columns must be a list of names, not the text {columns!r}")
    if not columns:
        raise UsageError("columns is empty: name at least one, or leave it out for all")
    known = list(dict.fromkeys(column.name for each in log_types for column in output_columns(each)))
    for name in columns:
        if name not in known:
            raise UnknownColumn(name, " / ".join(each.name for each in log_types), known)
    return tuple(columns)


def _header(header: str | Sequence[str] | None, log_types: tuple[LogType, ...]) -> str | None:
    if header is None:
        return None
    if all(each.records.header is None for each in log_types):
        raise UsageError(f"header: the lines of {log_types[0].name} are not named by a header")
    text = header if isinstance(header, str) else " ".join(header)
    if not text.strip() or "\n" in text or "\r" in text:
        raise UsageError(f"header must be one line of names, not {text!r}")
    return text


def _count(name: str, value: int) -> int:
    if not isinstance(value, int) or value < 1:
        raise UsageError(f"{name} must be 1 or more, not {value!r}")
    return value


def _threads(threads: int | None) -> int:
    if threads is not None:
        return _count("threads", threads)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_THREADS)


def _moment(name: str, moment: Moment | None) -> int | None:
    if isinstance(moment, str):
        try:
            moment = datetime.datetime.fromisoformat(moment)
        except ValueError:
            raise UsageError(
                f"{name} must be a time as ISO 8601 writes it, such as 2024-05-02, not {moment!r}"
            ) from None
    if moment is not None and not isinstance(moment, (datetime.datetime, int)):
        raise UsageError(f"{name} must be a datetime, its text or microseconds since 1970, not {moment!r}")
    return _micros(moment)


def _micros(moment: datetime.datetime | int | None) -> int | None:
    """Microseconds since 1970; a time without a zone is UTC, as everywhere here."""
    if isinstance(moment, datetime.datetime):
        moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
        return (moment - _EPOCH) // datetime.timedelta(microseconds=1)
    return moment
