"""Bytes of a JSON stream -> its values, what is broken between them, and its text lines (README 5).

Arrays and objects with an array `Records` are gone into while they are read: what they hold comes out even if
they break later. Everything else is read whole.
"""

from dataclasses import dataclass, field
from typing import Protocol

from .json_text import BLANKS, JsonError, Value, need, read_scalar, read_string, read_value, skip_blanks

RECORDS = "Records"


class Taker(Protocol):
    """Who reads a stream gets its pieces through these."""

    def value(self, value: Value) -> None:
        """A whole value that is neither an array nor has an array `Records`."""

    def is_too_deep(self, value: Value) -> bool: ...

    def broken(self, reason: str, begin: int, end: int) -> None: ...

    def text(self, at: int) -> int:
        """A text line begins at `at`. Gives where the stream goes on."""


@dataclass
class Open:
    """An array or object whose end has not come."""

    kind: str
    begin: int
    first: bool = True  # nothing was read in it
    separator: bool = False  # of an array: an element was read, `,` or `]` must follow
    members: list[tuple[str, Value, Value]] = field(default_factory=list)
    behind_records: int | None = None  # of an object: where its last array `Records` ended


class Stream:
    """One JSON stream: `data[begin:end]`. `one_line`: what is cut is `syntax`."""

    def __init__(self, data: bytes, begin: int, end: int, taker: Taker, *, one_line: bool = False):
        self.data, self.at, self.end, self.taker = data, begin, end, taker
        self.cut = "syntax" if one_line else "truncated"
        self.open: list[Open] = []
        self.left = False  # an array was left before its end: its closing brackets are ignored

    def read(self) -> None:
        while True:
            self.at = skip_blanks(self.data, self.at, self.end)
            if not self.open:
                if self.at >= self.end:
                    return
                self.between_values()
            elif self.open[-1].kind == "array":
                self.in_array(self.open[-1])
            else:
                self.in_object(self.open[-1])

    def peek(self) -> bytes:
        return self.data[self.at : min(self.at + 1, self.end)]

    # ------------------------------------------------------------ between values

    def between_values(self) -> None:
        byte = self.peek()
        if byte == b"," or (self.left and byte in (b"]", b"}")):
            self.at += 1
        elif byte in (b"{", b"["):
            self.begin_value()
        else:
            self.scalar_or_text()

    def scalar_or_text(self) -> None:
        """A scalar that is alone on what is left of its line; else that is a text line."""
        stop = self.data.find(b"\n", self.at, self.end)
        stop = self.end if stop < 0 else stop
        try:
            value = read_scalar(self.data, self.at, stop)
        except JsonError:
            value = None
        if value is not None and skip_blanks(self.data, value.end, stop) == stop:
            self.whole(value)
        else:
            self.at = self.taker.text(self.at)

    def begin_value(self) -> None:
        """Of an array or object."""
        kind = "array" if self.peek() == b"[" else "object"
        self.open.append(Open(kind, self.at))
        self.at += 1

    def whole(self, value: Value) -> None:
        """A value came to its end, in an array or in none."""
        self.at = value.end
        if self.open:
            self.open[-1].separator = True
        if not self.taker.is_too_deep(value):
            self.taker.value(value)
        elif not self.open:
            self.taker.broken("too_deep", value.begin, value.end)
        else:
            self.resume(value.begin, 0, "too_deep")

    # ------------------------------------------------------------ in an array

    def in_array(self, array: Open) -> None:
        byte, first = self.peek(), array.first
        array.first = False
        if byte == b"]" and (array.separator or first):
            self.close_array()
        elif byte == b"":
            self.taker.broken(self.cut, self.end, self.end)
            self.open.clear()
        elif array.separator:
            if byte == b",":
                array.separator = False
                self.at += 1
            else:
                self.resume(self.at, 0, "syntax")
        elif byte in (b"{", b"["):
            self.begin_value()
        else:
            self.scalar_element()

    def scalar_element(self) -> None:
        try:
            value = read_scalar(self.data, self.at, self.end)
        except JsonError as error:
            self.resume(self.at, 0, "syntax", at_end=error.at_end)
            return
        self.whole(value)

    def close_array(self) -> None:
        self.at += 1
        self.open.pop()
        if self.open and self.open[-1].kind == "object":
            self.open[-1].behind_records = self.at
        elif self.open:
            self.open[-1].separator = True

    # ------------------------------------------------------------ in an object

    def in_object(self, found: Open) -> None:
        """Read members up to the end of the object or into an array `Records`."""
        try:
            if not self.members(found):
                return
        except JsonError as error:
            self.open.pop()
            if found.behind_records is None:
                self.resume(found.begin, 0, "syntax", at_end=error.at_end)
            else:
                begin = skip_blanks(self.data, found.behind_records, self.end)
                self.resume(begin, 1, "syntax", at_end=error.at_end)
            return
        self.open.pop()
        if found.behind_records is None:
            depth = 1 + max((value.depth for _, _, value in found.members), default=0)
            self.whole(Value(self.data, "object", found.begin, self.at, members=found.members, depth=depth))
        elif self.open:
            self.open[-1].separator = True

    def members(self, found: Open) -> bool:
        """Whether the object came to its end. Else an array `Records` is open now."""
        data, end = self.data, self.end
        while True:
            at = skip_blanks(data, self.at, end)
            if found.first and data[at : min(at + 1, end)] == b"}":
                self.at = at + 1
                return True
            if not found.first:
                self.at = need(data, at, end, b",}", "a comma or a closing bracket is expected")
                if data[at] == 0x7D:
                    return True
                at = skip_blanks(data, self.at, end)
            found.first = False
            name = read_string(data, at, end)
            at = need(data, skip_blanks(data, name.end, end), end, b":", "a colon is expected")
            self.at = skip_blanks(data, at, end)
            if name.text == RECORDS and self.peek() == b"[":
                self.begin_value()
                return False
            value = read_value(data, self.at, end)
            found.members.append((name.text, name, value))
            self.at = value.end

    # ------------------------------------------------------------ after an error

    def resume(self, begin: int, depth: int, reason: str, *, at_end: bool = False) -> None:
        """Reject the broken value that begins at `begin`, and go on where README 5 says."""
        stop = element_end(self.data, begin, self.end, depth) if self.open else None
        if stop is not None:
            self.taker.broken(reason, begin, without_blanks(self.data, begin, stop))
            if self.data[stop] == 0x2C:
                self.open[-1].separator = False
                self.at = stop + 1
            else:
                self.at = stop
                self.close_array()
            return
        line = self.data.find(b"\n{", begin, self.end)
        if line < 0:
            self.at = self.end
            reason = self.cut if at_end else reason
        else:
            self.at = line + 1
        self.taker.broken(reason, begin, without_blanks(self.data, begin, self.at))
        self.left = self.left or (line >= 0 and bool(self.open))
        self.open.clear()


def element_end(data: bytes, at: int, end: int, depth: int) -> int | None:
    """The first `,` or `]` outside strings and brackets. A bracket that closes nothing is passed over."""
    while at < end:
        byte = data[at]
        if depth == 0 and byte in b",]":
            return at
        if byte == 0x22:
            at = string_end(data, at + 1, end)
            continue
        if byte in b"{[":
            depth += 1
        elif byte in b"}]":
            depth = max(0, depth - 1)
        at += 1
    return None


def string_end(data: bytes, at: int, end: int) -> int:
    """Behind the next unescaped quote of the same line, or at the end of the line if it has none."""
    while at < end and data[at] != 0x0A:
        if data[at] == 0x22:
            return at + 1
        at += 2 if data[at] == 0x5C and at + 1 < end and data[at + 1] != 0x0A else 1
    return at


def without_blanks(data: bytes, begin: int, end: int) -> int:
    """Where what ends at `end` ends without the white space behind it."""
    while end > begin and data[end - 1] in BLANKS:
        end -= 1
    return end
