"""Records of a JSON type -> logs: framed in every way, next to lines and to records of other types, broken at any byte.

`make_json_log` is the entry; `odd` is the share of records (and of frames) that are disturbed.
"""

import json
from random import Random

from json_documents import Documents
from oracle.json_tables import load_json_tables

BROKEN_BITS = [
    b"", b",", b"]", b"}", b"{", b"[", b'"', b":", b"\\", b"\n", b"\n{", b"\x00", b"\xff", b"NaN", b"tru", b"1.", b"'",
    b"//", b",,", b"\\u12", b"\t", b"}{", b"],[",
]  # fmt: skip
LINES = [
    b"2 210987654321 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 40 1714644672 1714644731 ACCEPT OK", b"some text", b"-", b"}",
    b"12", b'"text"', b"null", b"nul",
    b"version account-id interface-id start end log-status", b"1714644672123456,h,u,1.2.3.4,1,0,CONNECT,,,0",
    b"true{}", b"2024-05-02T10:11:12.345Z x",
    b"1714644672123456,h,u,1.2.3.4,1,2,QUERY,d,'select", b"x',0", b"5, {}",
]  # fmt: skip
NOTICES = [
    b'{"Event":"s3:TestEvent"}', b'{"Records":[{"eventVersion":"2.1","s3":{"object":{"key":"k"}}}]}',
    b'{"s3Bucket":"b","s3ObjectKey":["k"]}',
    b'{"Records":null}', b'{"Records":[]}', b'{"Records":5}',
    b'{"messageType":"CONTROL_MESSAGE","logGroup":"","logStream":"","logEvents":[]}',
    b'{"messageType":"m","logGroup":"g","logStream":"s","logEvents":[{"id":1},null,{"message":null}]}',
    b'{"Type":"Notification","Message":""}', b"{}", b"[]",
]  # fmt: skip


def damage(data: bytes, rng: Random) -> bytes:
    """A syntax error, or not, at any byte."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice(BROKEN_BITS) + data[at + rng.choice((0, 0, 1, 1, 3)) :]
    return data[: rng.randrange(len(data) + 1)] if rng.random() < 0.15 else data


# ---------------------------------------------------------------- framing


class Frames:
    """Puts records into the frames that they are delivered in. The members of a frame are disturbed, too."""

    def __init__(self, rng: Random, odd: float = 0):
        self.rng, self.odd = rng, odd

    def frame(self, *members: tuple[bytes, bytes]) -> bytes:
        """An object of these members; if odd, in any order, or one of them twice."""
        rng, found = self.rng, list(members)
        if rng.random() < self.odd:
            rng.shuffle(found)
        if rng.random() < self.odd / 3:
            name, value = rng.choice(found)
            found.insert(rng.randint(0, len(found)), (name, rng.choice((value, b"null", b"[]", b'""', b"5", b"{}"))))
        return b"{" + b",".join(b'"%s":%s' % member for member in found) + b"}"

    def text(self, part: bytes) -> bytes:
        return json.dumps(part.decode("utf-8", "replace"), ensure_ascii=self.rng.random() < 0.5).encode()

    def records(self, elements: bytes) -> bytes:
        return self.frame((b"Records", b"[" + elements + b"]"))

    def subscription(self, parts: list[bytes]) -> bytes:
        events = [self.frame((b"id", b'"1"'), (b"timestamp", b"1"), (b"message", self.text(part))) for part in parts]
        head = [(b"messageType", b'"DATA_MESSAGE"'), (b"owner", b'"o"'), (b"logGroup", b'"g"'), (b"logStream", b'"s"')]
        return self.frame(*head, (b"logEvents", b"[" + b",".join(events) + b"]"))

    def notification(self, part: bytes) -> bytes:
        return self.frame((b"Type", b'"Notification"'), (b"MessageId", b'"m"'), (b"Message", self.text(part)))

    def envelope(self, part: bytes) -> bytes:
        head = [(b"version", b'"0"'), (b"id", b'"i"'), (b"detail-type", b'"t"'), (b"source", b'"s"')]
        head += [(b"account", b'"210987654321"'), (b"time", b'"2024-05-02T10:11:12Z"'), (b"region", b'"r"')]
        return self.frame(*head, (b"resources", b"[]"), (b"detail", part))

    def wrapped(self, parts: list[bytes]) -> list[bytes]:
        """The same records in fewer values, or as lines of an export."""
        rng = self.rng
        if not parts:
            return [rng.choice(NOTICES)]
        kind = rng.randrange(9)
        gap = rng.choice((b",", b",\n", b" , "))
        if kind == 0:
            return [b"[" + gap.join(parts) + b"]"]
        if kind == 1:
            return [self.records(gap.join(parts))]
        if kind == 2:
            return [b'{"a":1,"Records" : [\n' + gap.join(parts) + b'\n] , "b":{"c":[]}}']
        if kind == 3:
            return [b"[[" + gap.join(parts[:2]) + b"]," + self.records(gap.join(parts[2:])) + b"]"]
        if kind == 4:
            return [self.subscription(parts)]
        if kind == 5:
            return [self.notification(b"\n".join(parts))]
        if kind == 6:
            return [self.envelope(part) for part in parts]
        if kind == 7:
            return [self.notification(self.subscription(parts)), rng.choice(NOTICES)]
        return [b"2024-05-02T10:11:12.345Z " + b" ".join(part.split(b"\n")) for part in parts]

    def framed(self, parts: list[bytes]) -> list[bytes]:
        """The records side by side or wrapped, with what parts them, and now and then a line between them."""
        rng, odd = self.rng, self.odd
        values = parts
        if odd and rng.random() < 0.5:
            values = self.wrapped(values)
            while rng.random() < odd / 3:
                values = self.wrapped(values)
        if values is not parts and rng.random() < odd / 2:
            values = [damage(value, rng) if value else value for value in values]
        texts: list[bytes] = []
        for value in values:
            texts += [value, rng.choice((b"\n", b"\n", b"\r\n", b"\n\n", b"", b",", b" , \n"))]
            if rng.random() < odd / 4:
                texts += [b"\n", rng.choice(LINES + NOTICES), rng.choice((b"\n", b"\n", b"\r\n", b""))]
        return texts


# ---------------------------------------------------------------- logs


def make_json_log(log_type: str, seed: object, size: int, odd: float = 0.3) -> bytes:
    """About `size` records of the type in some frames. With `odd` 0 every record is a row if the type is given."""
    rng = Random(f"{log_type} {seed}")
    documents, frames = Documents(load_json_tables()[log_type], rng), Frames(rng, odd)
    values: list[bytes] = []
    left = size
    while left > 0:
        count = min(left, rng.randint(1, 12))
        left -= count
        parts = [documents.record(odd) for _ in range(count)]
        if rng.random() < odd / 8:
            parts.insert(rng.randint(0, count), foreign(rng))
        parts = [damage(part, rng) if rng.random() < odd / 4 else part for part in parts]
        values += frames.framed(parts)
    data = b"".join(values)
    if rng.random() < odd / 3:
        data = rng.choice((b"\xef\xbb\xbf", b"\n \n", b"text\n", b"\xff\xfe")) + data
    return damage(data, rng) if rng.random() < odd / 4 and data else data


def foreign(rng: Random) -> bytes:
    """A record of any JSON type."""
    return Documents(rng.choice(list(load_json_tables().values())), rng).record(0)
