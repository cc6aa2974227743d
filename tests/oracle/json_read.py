"""All records of an input: those of its lines, of its JSON values, and of the messages inside (README 5)."""

import bisect
import copy

from .foreign import apart, together
from .frame import UTF8_MARK, Line
from .json_detect import is_empty, is_envelope, is_notice, is_notification, is_subscription, is_text
from .json_frame import Stream
from .json_tables import JsonTable
from .json_text import Value, skip_blanks
from .reading import Reading, Record, Verdict

DEEPEST = 512


def all_records(reading: Reading, outcome) -> list[Record]:
    """Records and headers in their order. Blank lines and control messages are counted in the outcome."""
    data = reading.data
    begin = len(UTF8_MARK) if data.startswith(UTF8_MARK) else 0
    begin = skip_blanks(data, begin, len(data))
    if reading.json and data[begin : begin + 1] in (b"{", b"["):
        reading.first = -1
        return together(json_records(reading, outcome, begin, len(data)), data)
    records, at = [], 0
    while at < len(reading.lines):
        if reading.lines[at].blank:
            outcome.blank += 1
            at += 1
        else:
            found, lines = line_records(reading, outcome, at)
            records += found
            at += lines
    return together(records, data)


def line_records(reading: Reading, outcome, at: int) -> tuple[list[Record], int]:
    """What the line at place `at` gives, and how many lines it took."""
    line, verdict = reading.lines[at], reading.judge(at)
    end = reading.lines[at + verdict.lines - 1].end
    if verdict.kind == "json":
        return one_line(reading, outcome, line, verdict.behind), 1
    return [Record(verdict, line.number, line.start, end, reading.data[line.start : end])], verdict.lines


def one_line(reading: Reading, outcome, line: Line, behind: int) -> list[Record]:
    """A line that is a JSON stream of its own. Behind an export prefix its records are those of a message."""
    alone = copy.copy(reading)
    alone.lines, alone.first = [line], -1
    found = json_records(alone, outcome, line.start + behind, line.end, one_line=True)
    found = apart(together(found, reading.data))
    if not behind:
        return found
    raw = reading.data[line.start : line.end]
    return [record._replace(raw=raw) for record in at_place(found, line.number, line.start, line.end)]


def at_place(records: list[Record], line: int, begin: int, end: int) -> list[Record]:
    """The records of a message, which stand where its string does."""
    placed, count = [], 0
    for record in records:
        placed.append(record._replace(line=line, begin=begin, end=end, further=count))
        count += record.verdict.kind != "header"
    return placed


def json_records(reading: Reading, outcome, begin: int, end: int, *, one_line: bool = False) -> list[Record]:
    taker = JsonTaker(reading, outcome)
    Stream(reading.data, begin, end, taker, one_line=one_line).read()
    return taker.records


class JsonTaker:
    """Takes the pieces of a JSON stream and makes records of them."""

    def __init__(self, reading: Reading, outcome):
        self.reading, self.outcome = reading, outcome
        self.records: list[Record] = []
        self.begins = [line.begin for line in reading.lines]

    def add(self, verdict: Verdict, begin: int, end: int) -> None:
        if end - begin > self.reading.max_record:
            verdict = Verdict("reject", self.reading.given, reason="too_long")
        self.records.append(Record(verdict, self.line_of(begin), begin, end, self.reading.data[begin:end]))

    def line_of(self, at: int) -> int:
        """One more than the line ends before it."""
        if len(self.begins) == 1:
            return self.reading.lines[0].number + self.reading.data.count(b"\n", self.begins[0], at)
        place = max(0, bisect.bisect_right(self.begins, at) - 1)
        return self.reading.lines[place].number + self.reading.data.count(b"\n", self.begins[place], at)

    def refuse(self, reason: str, value: Value) -> None:
        self.add(Verdict("reject", self.reading.given, reason=reason), value.begin, value.end)

    # ------------------------------------------------------------ what the stream calls

    def broken(self, reason: str, begin: int, end: int) -> None:
        self.add(Verdict("reject", self.reading.given, reason=reason), begin, end)

    def text(self, at: int) -> int:
        lines = self.reading.lines
        place = max(0, bisect.bisect_right(self.begins, at) - 1)
        lines[place] = Line(lines[place].number, at, at, lines[place].end)
        found, taken = line_records(self.reading, self.outcome, place)
        self.records += found
        return lines[place + taken - 1].end

    def is_too_deep(self, value: Value) -> bool:
        if value.end - value.begin > self.reading.max_record:
            return False
        record = self.record_of(value)
        return record is not None and record.depth > DEEPEST

    def value(self, value: Value) -> None:
        record = self.record_of(value)
        if value.end - value.begin > self.reading.max_record:
            self.refuse("too_long", value)
        elif record is None:
            self.wrapped(value)
        elif value.kind == "object" and is_notice(value):
            self.refuse("not_a_log", value)
        else:
            self.add(self.reading.attempt_json(record), record.begin, record.end)

    # ------------------------------------------------------------ forms

    def record_of(self, value: Value) -> Value | None:
        """The value itself, or the `detail` it wraps. None: it is no record but holds messages or nothing."""
        if value.kind != "object":
            return value
        if is_empty(value) or is_subscription(value) or is_notification(value):
            return None
        given = self.reading.given
        if not is_notice(value) and isinstance(given, JsonTable) and not given.envelope and is_envelope(value):
            return value.exact("detail")
        return value

    def wrapped(self, value: Value) -> None:
        if is_empty(value):
            return
        if is_subscription(value):
            self.subscription(value)
        else:
            self.message(value.exact("Message"))

    def subscription(self, value: Value) -> None:
        if is_text(value.exact("messageType"), "CONTROL_MESSAGE"):
            self.outcome.control += 1
            return
        for event in value.exact("logEvents").items:
            message = event.exact("message")
            if message is None or message.kind != "string":
                self.refuse("missing_required", event)
            else:
                self.message(message)

    def message(self, string: Value) -> None:
        """A new input of its own, in a string of this one."""
        log_type, header, max_record = self.reading.options
        inner = Reading(string.text.encode(), log_type, header, max_record)
        inner.unknown_names = self.reading.unknown_names
        found = apart(all_records(inner, self.outcome))
        self.records += at_place(found, self.line_of(string.begin), string.begin, string.end)
