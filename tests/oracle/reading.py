"""What one line or JSON record of an input is."""

import re
from typing import NamedTuple

from . import detect
from .column import Row
from .foreign import foreign_line, foreign_value
from .frame import Line, behind_prefix, frame, repair
from .json_detect import fits_json
from .json_row import JsonRow
from .json_tables import JsonTable, load_json_tables
from .json_text import Value
from .tables import Table, load_tables
from .tokenize import Reject, header_names, middle_of, tokenize

NO_RECORD = "{["  # while there are no tables of JSON types: a line that starts so is none of a line type


class Header(NamedTuple):
    names: list[str]
    foreign: bool


class Verdict(NamedTuple):
    """What a line, with the `lines` - 1 joined behind it, or a JSON record is."""

    kind: str  # row, header, reject, or json: a line that is a JSON stream of its own
    table: Table | JsonTable | None = None
    row: dict | None = None
    reason: str | None = None
    column: str | None = None
    lines: int = 1
    warnings: tuple[str, ...] = ()
    behind: int = 0  # of kind "json": how many bytes of an export prefix stand before the JSON
    json: JsonRow | None = None  # where the row's values came from
    foreign: str | None = None  # the log, none of the log types, that the line is of
    under_foreign: bool = False  # a header that belongs to another log, or a line under one


class Record(NamedTuple):
    """A verdict and where its record stands: `further` records of the same message came before it."""

    verdict: Verdict
    line: int
    begin: int
    end: int
    raw: bytes
    further: int = 0


class Reading:
    """The state of reading one input."""

    def __init__(self, data: bytes, log_type: str | None, header: str | list[str] | None, max_record: int):
        self.data, self.max_record = data, max_record
        self.options = (log_type, header, max_record)
        self.tables, self.json = load_tables(), load_json_tables()
        self.given = (self.tables | self.json)[log_type] if log_type else None
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
        if self.json and text.startswith("{"):
            return Verdict("json")
        verdict = self.attempt(text, at)
        rest = behind_prefix(text)
        if verdict.kind == "reject" and rest is not None:
            if self.json and rest.startswith("{"):
                return Verdict("json", behind=len(text) - len(rest))
            verdict = self.attempt(rest, at)
        if log := self.foreign_log(verdict, text, rest):
            return Verdict("reject", self.given, reason=self.foreign_reason(), foreign=log)
        span = self.lines[at + verdict.lines - 1].end - line.start
        if span > self.max_record:
            return Verdict("reject", verdict.table, reason="too_long", lines=verdict.lines)
        return verdict

    def foreign_log(self, verdict: Verdict, text: str, rest: str | None) -> str | None:
        """The log that a line is of which no log type takes; not so if it looks like one of the type given."""
        if verdict.kind != "reject" or verdict.lines > 1 or verdict.under_foreign:
            return None
        texts = [text] if rest is None else [text, rest]
        if self.given is None:
            if verdict.table is not None:
                return None
        elif isinstance(self.given, Table) and any(detect.fits(self.given, line) for line in texts):
            return None
        return next(filter(None, map(foreign_line, texts)), None)

    def foreign_reason(self) -> str:
        return "syntax" if isinstance(self.given, JsonTable) else "unknown_type"

    def text(self, line: Line) -> str:
        return repair(self.data[line.start : line.end])

    def attempt(self, text: str, at: int) -> Verdict:
        unknown = Verdict("reject", self.given, reason="unknown_type")
        if isinstance(self.given, JsonTable):
            return Verdict("reject", self.given, reason="syntax")
        if not self.json and text[0] in NO_RECORD:
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
        foreign = Verdict("reject", self.given, reason="unknown_type", under_foreign=True)
        if detect.is_header(table, text) or self.is_short_header(table, text, at):
            return foreign if self.take_header(table, text).foreign else Verdict("header", table)
        header = self.headers.get(table.name)
        if header:
            return foreign if header.foreign else self.attempt_row(table, text, header.names, 1)
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

    def attempt_json(self, record: Value) -> Verdict:
        """The verdict about a JSON record."""
        unknown = Verdict("reject", self.given, reason="unknown_type")
        if record.kind != "object" or isinstance(self.given, Table):
            return unknown
        table = self.given or next((table for table in self.json.values() if fits_json(table, record)), None)
        if table is None:
            return unknown
        row = JsonRow(table, record)
        try:
            values = row.values()
        except Reject as fault:
            if self.given and not fits_json(table, record) and foreign_value(record):
                return unknown
            return Verdict("reject", table, reason=fault.reason, column=fault.column)
        return Verdict("row", table, values, warnings=tuple(row.warnings), json=row)

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
