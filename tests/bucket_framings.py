"""Records -> the content of a file, in each way that they are delivered, and where each of them stands in it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from bucket_records import Record, compact, envelope, notices, s3_events, unknown

EXPORT_TIME = b"2024-05-02T10:11:12.345Z "
MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Placed:
    """A record at its place: bytes of the decompressed content, or of the message's string that holds it."""

    record: Record
    begin: int
    length: int
    raw: bytes
    until: int  # it is whole if the content is whole up to here
    further: int = 0  # its place among the records of one message
    inside: bool = False  # in a message: its raw bytes do not stand in the content


@dataclass
class Content:
    """A file's content while it is put together. `values`: where the JSON values begin and end that are in no other."""

    data: bytearray = field(default_factory=bytearray)
    found: list[Placed] = field(default_factory=list)
    values: list[tuple[int, int]] = field(default_factory=list)

    def text(self, text: bytes) -> "Content":
        self.data += text
        return self

    def add(self, record: Record, before: bytes = b"", after: bytes = b"") -> None:
        """A record at the end. What stands before it belongs to its line and to it."""
        begin = len(self.data)
        raw = before + record.data
        self.data += raw + after
        until = begin + len(raw) if raw.startswith(b"{") else len(self.data)  # a line is whole with its line feed
        self.found.append(Placed(record, begin, len(raw), raw, until))

    def value(self, record: Record) -> None:
        """A record that is a JSON value of its own."""
        self.add(record)
        self.values.append((self.found[-1].begin, len(self.data)))

    def message(self, inner: "Content") -> None:
        """A JSON string that holds an input of its own."""
        begin = len(self.data)
        self.data += json.dumps(inner.data.decode(), ensure_ascii=begin % 2 == 0).encode()
        length = len(self.data) - begin
        for number, placed in enumerate(inner.found):
            at = replace(placed, begin=begin, length=length, until=len(self.data), further=number, inside=True)
            self.found.append(at)

    def close(self, begin: int) -> None:
        """What began there is one JSON value, which gives nothing until it is whole."""
        end = len(self.data)
        self.values = [*(span for span in self.values if span[1] <= begin), (begin, end)]
        self.found = [replace(each, until=end) if each.begin >= begin else each for each in self.found]

    def append(self, other: "Content") -> None:
        """Another content behind this one."""
        shift = len(self.data)
        self.data += other.data
        self.found += [replace(each, begin=each.begin + shift, until=each.until + shift) for each in other.found]
        self.values += [(begin + shift, end + shift) for begin, end in other.values]


Framing = Callable[[list[Record], Random], Content]

# ---------------------------------------------------------------- lines


def lines(records: list[Record], rng: Random) -> Content:
    content = Content()
    for record in records:
        content.add(record, after=b"\n")
    return content


def crlf(records: list[Record], rng: Random) -> Content:
    content = Content()
    for record in records:
        content.add(record, after=b"\r\n")
    return content


def marked(records: list[Record], rng: Random) -> Content:
    """Behind a byte order mark."""
    content = Content(bytearray(MARK))
    content.append(lines(records, rng))
    return content


def unended(records: list[Record], rng: Random) -> Content:
    """The last line has no line feed."""
    content = lines(records[:-1], rng)
    content.add(records[-1])
    return content


def blanks(records: list[Record], rng: Random) -> Content:
    """Blank lines between, blanks around. Behind an error of the grammar an indented value is not found."""
    content = Content(bytearray(rng.choice((b"\n", b" \t\r\n\n", b"\r\n"))))
    indents = (b"",) if any(record.reason == "syntax" for record in records) else (b"", b" ", b"\t ")
    for record in records:
        content.text(rng.choice(indents))
        content.add(record, after=rng.choice((b"", b" ", b"\t")) + rng.choice((b"\n", b"\n\n", b"\r\n \n\t\n")))
    return content


def exported(records: list[Record], rng: Random) -> Content:
    """As CloudWatch Logs exports lines to S3."""
    content = Content()
    for record in records:
        content.add(record, EXPORT_TIME, b"\n")
    return content


# ---------------------------------------------------------------- JSON side by side


def ndjson(records: list[Record], rng: Random) -> Content:
    content = Content()
    for record in records:
        content.value(record)
        content.text(rng.choice((b"\n", b"\r\n", b"\n\n", b" \n")))
    return content


def concatenated(records: list[Record], rng: Random) -> Content:
    """As Firehose writes them: nothing between; what breaks the grammar would take all the rest."""
    content = Content()
    for record in records:
        if record.reason != "syntax":
            content.value(record)
    return content


def with_commas(records: list[Record], rng: Random) -> Content:
    content = Content()
    for record in records:
        if record.reason != "syntax":
            content.value(record)
            content.text(rng.choice((b",", b",\n", b"\n,", b" , ")))
    return content


def among_text(records: list[Record], rng: Random) -> Content:
    """A program that writes JSON and other lines; now and then text comes first."""
    content = Content()
    if rng.random() < 0.5:
        content.add(unknown(rng, 1)[0], after=b"\n")
    for record in records:
        content.add(record, after=b"\n")
        for line in unknown(rng, 0 if record.reason == "syntax" else rng.choice((0, 1, 2))):
            content.add(line, after=b"\n")
    return content


# ---------------------------------------------------------------- JSON in arrays


def elements(content: Content, records: list[Record], rng: Random) -> None:
    for number, record in enumerate(records):
        content.text(rng.choice((b",", b",\n", b" , ")) if number else b"")
        content.add(record)


def in_value(before: bytes, records: list[Record], after: bytes, rng: Random) -> Content:
    """Records as the elements of an array that ends a JSON value."""
    content = Content(bytearray(before))
    elements(content, records, rng)
    content.text(after)
    content.values = [(0, len(content.data))]
    return content


def array(records: list[Record], rng: Random) -> Content:
    content = in_value(b"[", records, b"]", rng)
    content.text(b"\n")
    return content


def nested_arrays(records: list[Record], rng: Random) -> Content:
    half = len(records) // 2
    content = Content(bytearray(b"[["))
    elements(content, records[:half], rng)
    content.text(b'],{"Records":[')
    elements(content, records[half:], rng)
    content.text(b"]}]")
    content.values = [(0, len(content.data))]
    return content


def trail(records: list[Record], rng: Random) -> Content:
    return in_value(b'{"Records":[', records, b"]}", rng)


def trail_with_members(records: list[Record], rng: Random) -> Content:
    before = b'{ "owner" : {"Records":[]} ,\n"Records" : [\n'
    return in_value(before, records, b'\n] , "next":[{}, 1, null] }', rng)


# ---------------------------------------------------------------- wrapped


def subscription(parts: list[Content], rng: Random) -> Content:
    """What CloudWatch Logs sends to a subscriber: a message for each part."""
    content = Content(bytearray(b'{"messageType":"DATA_MESSAGE","owner":"210987654321","logGroup":"/aws/rds/x",'))
    content.text(b'"logStream":"s","subscriptionFilters":["f"],"logEvents":[')
    for number, part in enumerate(parts):
        content.text(b'%s{"id":"%d","timestamp":1714644672000,"message":' % (b"," if number else b"", number))
        content.message(part)
        content.text(b"}")
    content.text(b"]}")
    content.close(0)
    return content


CONTROL = (
    b'{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],'
    b'"logEvents":[{"id":"","timestamp":1714644672000,"message":"CWL CONTROL MESSAGE: Checking health"}]}'
)


def single(record: Record) -> Content:
    return lines([record], Random())


def subscribed(records: list[Record], rng: Random) -> Content:
    """A message for each record."""
    return subscription([single(record) for record in records], rng)


def subscribed_twice(records: list[Record], rng: Random) -> Content:
    """Several payloads without anything between, control messages among them, several records in a message."""
    content = Content(bytearray(CONTROL))
    content.values = [(0, len(CONTROL))]
    content.append(subscription([lines(records[:3], rng), unended(records[3:], rng)], rng))
    content.text(CONTROL)
    content.values.append((len(content.data) - len(CONTROL), len(content.data)))
    content.append(subscribed(records, rng))
    return content


def notification(inner: Content) -> Content:
    content = Content(bytearray(b'{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:r:1:t","Message":'))
    content.message(inner)
    content.text(b',"Timestamp":"2024-05-02T10:11:12.345Z"}')
    content.close(0)
    return content


def notified(records: list[Record], rng: Random) -> Content:
    content = notification(lines(records, rng))
    content.text(b"\n")
    content.append(notification(subscribed(records[:2], rng)))
    return content


def notices_about_files(records: list[Record], rng: Random) -> Content:
    """Each event of S3 and each notice of CloudTrail is one that is no log; the records stand between."""
    content = trail(s3_events(3), rng)
    content.text(b"\n")
    content.append(ndjson([*records, *notices(rng)], rng))
    content.append(notification(trail(s3_events(2), rng)))
    return content


def enveloped(records: list[Record], rng: Random) -> Content:
    """As EventBridge delivers them, which makes events of them when the type is detected."""
    found = [envelope(record) for record in records if record.reason != "syntax" and record.reason != "too_deep"]
    return ndjson([record for record in found if record is not None], rng)


def nothing(kind: int) -> Content:
    """JSON without a record."""
    found = [
        b'{"Records":[]}',
        b'{"Records":null}\n',
        b"[]",
        b'{"Records":[],"x":1}{"Records":null}',
        CONTROL,
        b"[[],[[]]]",
    ]
    found.append(compact({"messageType": "DATA_MESSAGE", "logGroup": "g", "logStream": "s", "logEvents": None}))
    return Content(bytearray(found[kind % len(found)]))


ANY: dict[str, Framing] = {
    "lines": lines, "crlf": crlf, "bom": marked, "no-last-line-feed": unended, "blank-lines": blanks,
    "export": exported, "subscription": subscribed, "subscriptions": subscribed_twice, "sns": notified,
}  # fmt: skip
JSON: dict[str, Framing] = {
    "ndjson": ndjson, "firehose": concatenated, "commas": with_commas, "among-text": among_text, "array": array,
    "nested": nested_arrays, "Records": trail, "Records-members": trail_with_members, "notices": notices_about_files,
    "eventbridge": enveloped,
}  # fmt: skip
CUTTABLE: dict[str, Framing] = {
    "ndjson": ndjson, "array": array, "Records": trail, "Records-members": trail_with_members,
    "subscription": subscribed, "sns": notified,
}  # fmt: skip


def cut(content: Content, at: int, *, known: bool = False) -> Content:
    """The content cut there: what is whole, and one rejected record if it ends inside a JSON value.

    `known`: something else says that it is cut, so there is one in any case.
    """
    kept = Content(content.data[:at], [each for each in content.found if each.until <= at])
    if known or any(begin < at < end for begin, end in content.values):
        end = max((each.until for each in kept.found), default=0)
        kept.found.append(Placed(Record(b"", None, "truncated"), end, at - end, b"", at))
    return kept
