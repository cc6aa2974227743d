"""Bytes of one input -> rows and rejected records."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from . import detect
from .column import Row
from .find import SCANNERS
from .frame import UTF16_MARKS, Line, behind_prefix, frame, is_utf8, repair
from .tables import Table, load_tables
from .tokenize import Reject, header_names, middle_of, tokenize

RAW_MOST = 1 << 20
NO_RECORD = "{["  # a line that starts so is JSON, which no line format parses


@dataclass
class Outcome:
    """All that reading one input gives. Timestamps are microseconds since 1970."""

    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    warnings: Counter = field(default_factory=Counter)
    blank: int = 0
    headers: int = 0
    types: list[str] = field(default_factory=list)

    @property
    def records(self) -> int:
        return len(self.rows) + len(self.rejected)

    @property
    def log_types(self) -> list[str]:
        """Of the rows; without any, of the first header or rejected record that has one."""
        found = [log_type for log_type, _ in self.rows] or self.types[:1]
        return sorted(set(found))


class Header(NamedTuple):
    names: list[str]
    foreign: bool


class Verdict(NamedTuple):
    """What a line, with the `lines` - 1 joined behind it, is."""

    kind: str  # row, header or reject
    table: Table | None = None
    row: dict | None = None
    reason: str | None = None
    column: str | None = None
    lines: int = 1
    warnings: tuple[str, ...] = ()


class Reading:
    """The state of reading one input."""

    def __init__(self, data: bytes, log_type: str | None, header: str | list[str] | None, max_record: int):
        self.data, self.max_record = data, max_record
        self.tables = load_tables()
        self.given = self.tables[log_type] if log_type else None
        self.lines = frame(data)
        self.first = next((number for number, line in enumerate(self.lines) if not line.blank), 0)
        self.headers: dict[str, Header] = {}
        self.unknown_names: set[str] = set()
        if header:
            for table in self.tables.values():
                if table.header:
                    self.take_header(table, header if isinstance(header, str) else " ".join(header))

    def take_header(self, table: Table, text: str) -> Header:
        names = header_names(table, text)
        foreign = any(name in table.records.get("foreign", ()) for name in names)
        if names:
            self.headers[table.name] = Header(names, foreign)
        if not foreign and self.given in (None, table):
            self.unknown_names |= set(names) - table.known
        return Header(names, foreign)

    def judge(self, at: int) -> Verdict:
        """The one verdict about the line at place `at`."""
        line = self.lines[at]
        if line.end - line.start > self.max_record:
            return Verdict("reject", self.given, reason="too_long")
        text = self.text(line)
        verdict = self.attempt(text, at)
        rest = behind_prefix(text)
        if verdict.kind == "reject" and rest is not None:
            verdict = self.attempt(rest, at)
        span = self.lines[at + verdict.lines - 1].end - line.start
        if span > self.max_record:
            return Verdict("reject", verdict.table, reason="too_long", lines=verdict.lines)
        return verdict

    def text(self, line: Line) -> str:
        return repair(self.data[line.start : line.end])

    def attempt(self, text: str, at: int) -> Verdict:
        unknown = Verdict("reject", self.given, reason="unknown_type")
        if text[0] in NO_RECORD:
            return unknown
        table = self.given or self.detected(text)
        if table is None:
            return unknown
        if table.header:
            return self.attempt_under_header(table, text, at)
        joined, lines = self.join(table, text, at)
        if joined is None:
            return Verdict("reject", table, reason="syntax", column=middle_column(table))
        return self.attempt_row(table, joined, None, lines)

    def detected(self, text: str) -> Table | None:
        for table in self.tables.values():
            if detect.fits(table, text) or detect.is_header(table, text) or table.name in self.headers:
                return table
        return None

    def attempt_under_header(self, table: Table, text: str, at: int) -> Verdict:
        unknown = Verdict("reject", self.given, reason="unknown_type")
        if detect.is_header(table, text) or self.is_short_header(table, text, at):
            return unknown if self.take_header(table, text).foreign else Verdict("header", table)
        header = self.headers.get(table.name)
        if header:
            return unknown if header.foreign else self.attempt_row(table, text, header.names, 1)
        if detect.fits(table, text):
            return self.attempt_row(table, text, header_names(table, table.records["default"]), 1)
        return Verdict("reject", table, reason="no_header")

    def is_short_header(self, table: Table, text: str, at: int) -> bool:
        if self.given is not table or at != self.first or not detect.is_short_header(table, text):
            return False
        return any(not line.blank for line in self.lines[at + 1 :])

    def attempt_row(self, table: Table, text: str, names: list[str] | None, lines: int) -> Verdict:
        try:
            tokens, dropped = tokenize(table, text)
            row = Row(table, tokens, names, given=self.given is not None)
            values = row.values()
        except Reject as fault:
            return Verdict("reject", table, reason=fault.reason, column=fault.column, lines=lines)
        warnings = row.warnings + ["dropped_field"] * dropped
        return Verdict("row", table, values, lines=lines, warnings=tuple(warnings))

    def join(self, table: Table, text: str, at: int) -> tuple[str | None, int]:
        """The text with the lines joined to it and how many lines that are; None if they come to no end."""
        rule = table.records.get("joined")
        if not rule or not (middle_of(table, text) or "").startswith(rule["quote"]):
            return text, 1
        separator = re.escape(table.tokens["separators"])
        end = re.compile(rf"{re.escape(rule['quote'])}{separator}[0-9]*(?:{separator}[A-Za-z]+)?\Z")
        if end.search(text):
            return text, 1
        pieces = [text]
        for line in self.lines[at + 1 :]:
            if detect.begins_record(table, self.text(line), self.given is not None):
                return None, 1
            if not line.blank and line.end - self.lines[at].start > rule["most"]:
                return None, 1
            pieces.append(repair(self.data[line.begin : line.end]) if not line.blank else "")
            if end.search(self.text(line)):
                return "\n".join(pieces), len(pieces)
        return None, 1


def middle_column(table: Table) -> str:
    return next(column.name for column in table.columns if column.source == table.tokens["head"])


def find(table: Table, values: dict, indicators: str) -> dict[str, list[str] | None]:
    """The p_any_ columns of a row."""
    found: dict[str, set[str]] = {}
    for column in table.columns:
        if values[column.name] is None or indicators == "off":
            continue
        if column.indicator:
            SCANNERS[column.indicator](values[column.name], found)
        if column.indicator_more and indicators == "extended":
            SCANNERS[column.indicator_more](values[column.name], found)
    return {name: sorted(found[name]) if name in found else None for name in table.added if name.startswith("p_any_")}


def read(
    data: bytes,
    log_type: str | None = None,
    *,
    indicators: str = "extended",
    header: str | list[str] | None = None,
    columns: list[str] | None = None,
    unmapped: bool = True,
    max_record: int = 64 << 20,
    stream: bytes | dict[str, bytes] = bytes(10),
    parse_time_us: int = 0,
    source_id: str | None = None,
    source_label: str | None = None,
) -> Outcome:
    """Decompressed bytes of one input -> Outcome. Without `log_type` each record's type is detected."""
    added = {"p_parse_time": parse_time_us, "p_source_id": source_id or None, "p_source_label": source_label or None}
    outcome, reading = Outcome(), Reading(data, log_type, header, max_record)
    if data.startswith(UTF16_MARKS):
        reject(outcome, Verdict("reject", reading.given, reason="syntax"), data, 0, len(data), 1)
        reading.lines = []
    for verdict, line, end in verdicts(reading, outcome):
        if verdict.kind == "reject":
            reject(outcome, verdict, data, line.start, end, line.number)
            continue
        stream_id = stream if isinstance(stream, bytes) else stream[verdict.table.name]
        row_id = stream_id.hex() + line.start.to_bytes(6, "big").hex()
        row = finish(verdict, added | {"p_row_id": row_id}, indicators, unmapped)
        keep(outcome, verdict, row, columns, is_utf8(data[line.start : end]))
    outcome.warnings["unknown_name"] = len(reading.unknown_names)
    outcome.warnings = +outcome.warnings
    return outcome


def verdicts(reading: Reading, outcome: Outcome) -> Iterator[tuple[Verdict, Line, int]]:
    """The records: verdict, first line and where the last one ends. Blank lines and headers are counted here."""
    at = 0
    while at < len(reading.lines):
        line = reading.lines[at]
        if line.blank:
            outcome.blank += 1
            at += 1
            continue
        verdict = reading.judge(at)
        at += verdict.lines
        if verdict.kind == "header":
            outcome.headers += 1
            outcome.types.append(verdict.table.name)
        else:
            yield verdict, line, reading.lines[at - 1].end


def finish(verdict: Verdict, added: dict, indicators: str, unmapped: bool) -> dict:
    """All columns of a row, in schema order."""
    table, values = verdict.table, verdict.row
    times = [values[name] for name in table.event_time if values[name] is not None]
    added["p_log_type"] = table.name
    added["p_event_time"] = times[0] if times else added["p_parse_time"]
    added |= find(table, values, indicators)
    for column in table.columns:
        if column.source == "unmapped" and not unmapped:
            values[column.name] = None
    return values | {name: added[name] for name in table.added}


def keep(outcome: Outcome, verdict: Verdict, row: dict, columns: list[str] | None, utf8: bool) -> None:
    """Add a row, with the warnings about its selected columns."""
    if columns is not None:
        row = {name: value for name, value in row.items() if name in columns}
    outcome.rows.append((verdict.table.name, row))
    outcome.warnings.update(name for name in verdict.warnings if name in row or name == "dropped_field")
    outcome.warnings["invalid_utf8"] += not utf8


def reject(outcome: Outcome, verdict: Verdict, data: bytes, start: int, end: int, line: int) -> None:
    log_type = verdict.table.name if verdict.table else None
    if log_type:
        outcome.types.append(log_type)
    outcome.rejected.append(
        {
            "record": outcome.records + 1,
            "line": line,
            "offset": start,
            "length": end - start,
            "log_type": log_type,
            "reason": verdict.reason,
            "column": verdict.column,
            "raw": data[start : min(end, start + RAW_MOST)],
        }
    )
