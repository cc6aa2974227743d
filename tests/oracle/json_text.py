"""RFC 8259 over bytes: a value with its kind, its place in the bytes and, in source order, all that is in it.

Nothing here recurses, so that nesting is bounded by memory only; `Value.depth` is what the limit is held against.
"""

import re
from dataclasses import dataclass, field

BLANKS = b" \t\n\r"
LITERALS = {b"true": "bool", b"false": "bool", b"null": "null"}
NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
NUMBER_BEGUN = re.compile(rb"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?[eE][+-]?[0-9]*)?")
WORD = re.compile(rb'[^ \t\n\r,\[\]{}":]*')
ESCAPES = {b'"': '"', b"\\": "\\", b"/": "/", b"b": "\b", b"f": "\f", b"n": "\n", b"r": "\r", b"t": "\t"}
HEX4 = re.compile(rb"[0-9A-Fa-f]{4}")
HEX4_BEGUN = re.compile(rb"[0-9A-Fa-f]{0,4}")


class JsonError(Exception):
    """No JSON. `at_end`: no byte was wrong, the bytes just ended."""

    def __init__(self, offset: int, at_end: bool, message: str):
        super().__init__(f"{message} at byte {offset}")
        self.offset, self.at_end = offset, at_end


@dataclass(eq=False)
class Value:
    """`data[begin:end]` is the value. `depth` counts brackets: 0 of a scalar, 1 of `{}`, 2 of `{"a":[]}`."""

    data: bytes = field(repr=False)
    kind: str  # object, array, string, number, bool or null
    begin: int
    end: int = -1
    members: list[tuple[str, "Value", "Value"]] = field(default_factory=list)  # key, the key as a value, value
    items: list["Value"] = field(default_factory=list)
    depth: int = 0

    @property
    def raw(self) -> bytes:
        return self.data[self.begin : self.end]

    @property
    def source(self) -> str:
        """The JSON text as it stands, ill-formed UTF-8 replaced."""
        return self.raw.decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """Of a string: what it says."""
        return unescaped(self.data[self.begin + 1 : self.end - 1])

    def children(self) -> list["Value"]:
        return self.items or [value for _, _, value in self.members]

    def exact(self, name: str) -> "Value | None":
        """The last member with exactly this name."""
        return next((value for key, _, value in reversed(self.members) if key == name), None)

    def there(self, name: str) -> "Value | None":
        """The same, but not a null one."""
        value = self.exact(name)
        return None if value is None or value.kind == "null" else value


def unescaped(raw: bytes) -> str:
    """The inside of a string that is well-formed JSON."""
    pieces: list[str] = []
    units: list[int] = []  # of the \u escapes that stand side by side
    at = 0
    while at < len(raw):
        if raw[at : at + 2] == b"\\u":
            units.append(int(raw[at + 2 : at + 6], 16))
            at += 6
            continue
        pieces.append(from_utf16(units))
        units = []
        if raw[at] == 0x5C:
            pieces.append(ESCAPES[raw[at + 1 : at + 2]])
            at += 2
        else:
            end = raw.find(b"\\", at)
            end = len(raw) if end < 0 else end
            pieces.append(raw[at:end].decode("utf-8", "replace"))
            at = end
    return "".join(pieces) + from_utf16(units)


def from_utf16(units: list[int]) -> str:
    text = ""
    at = 0
    while at < len(units):
        unit, after = units[at], units[at + 1] if at + 1 < len(units) else 0
        at += 1
        if 0xD800 <= unit < 0xDC00 and 0xDC00 <= after < 0xE000:
            text += chr(0x10000 + ((unit - 0xD800) << 10) + (after - 0xDC00))
            at += 1
        else:
            text += "\ufffd" if 0xD800 <= unit < 0xE000 else chr(unit)
    return text


def skip_blanks(data: bytes, at: int, end: int) -> int:
    while at < end and data[at] in BLANKS:
        at += 1
    return at


def need(data: bytes, at: int, end: int, wanted: bytes, message: str) -> int:
    """Behind one of the wanted bytes, which must stand at `at`."""
    if at >= end:
        raise JsonError(end, True, message)
    if data[at] not in wanted:
        raise JsonError(at, False, message)
    return at + 1


def read_string(data: bytes, at: int, end: int) -> Value:
    """The string whose quote stands at `at`."""
    begin = at
    at = need(data, at, end, b'"', "a string is expected")
    while at < end:
        byte = data[at]
        if byte == 0x22:
            return Value(data, "string", begin, at + 1)
        if byte < 0x20:
            raise JsonError(at, False, "a control character stands in a string")
        at = behind_escape(data, at + 1, end) if byte == 0x5C else at + 1
    raise JsonError(end, True, "a string has no end")


def behind_escape(data: bytes, at: int, end: int) -> int:
    """`at` is behind the backslash."""
    if at >= end:
        raise JsonError(end, True, "a string has no end")
    letter = data[at : at + 1]
    if letter in ESCAPES:
        return at + 1
    if letter != b"u":
        raise JsonError(at, False, "no such escape")
    if not HEX4.match(data, at + 1, end):
        stopped = HEX4_BEGUN.match(data, at + 1, end).end()
        raise JsonError(stopped, stopped == end, "four hex digits are expected")
    return at + 5


def read_scalar(data: bytes, at: int, end: int) -> Value:
    """A string, number, true, false or null. A word ends at white space, a bracket, quote, comma or colon."""
    if at < end and data[at] == 0x22:
        return read_string(data, at, end)
    stop = WORD.match(data, at, end).end()
    word = data[at:stop]
    if word in LITERALS:
        return Value(data, LITERALS[word], at, stop)
    if NUMBER.fullmatch(word):
        return Value(data, "number", at, stop)
    begun = any(literal.startswith(word) for literal in LITERALS) or NUMBER_BEGUN.fullmatch(word) is not None
    raise JsonError(stop if begun else at, begun and stop == end, "a value is expected")


def read_value(data: bytes, at: int, end: int) -> Value:
    """The value that begins at `at`. What stands behind it is not looked at."""
    open_values: list[Value] = []
    key: list[Value] = []  # of the objects that are open, the key whose value is being read
    while True:
        at = skip_blanks(data, at, end)
        if data[at : min(at + 1, end)] in (b"{", b"["):
            value = Value(data, "object" if data[at] == 0x7B else "array", at)
            at = skip_blanks(data, at + 1, end)
            if data[at : min(at + 1, end)] not in (b"}", b"]") or data[at] != data[value.begin] + 2:
                open_values.append(value)
                at = read_key(data, at, end, key) if value.kind == "object" else at
                continue
            value.end, value.depth = at + 1, 1
        else:
            value = read_scalar(data, at, end)
        at = value.end
        while True:  # the value is whole: it goes into what is open, which may be whole then too
            if not open_values:
                return value
            around = open_values[-1]
            take(around, value, key)
            at = skip_blanks(data, at, end)
            close = b"}" if around.kind == "object" else b"]"
            at = need(data, at, end, b"," + close, "a comma or a closing bracket is expected")
            if data[at - 1] == 0x2C:
                at = skip_blanks(data, at, end)
                at = read_key(data, at, end, key) if around.kind == "object" else at
                break
            value = open_values.pop()
            value.end, value.depth = at, 1 + max(child.depth for child in value.children())


def read_key(data: bytes, at: int, end: int, keys: list[Value]) -> int:
    """A key and its colon; gives where the value may begin."""
    name = read_string(data, at, end)
    keys.append(name)
    return need(data, skip_blanks(data, name.end, end), end, b":", "a colon is expected")


def take(around: Value, value: Value, keys: list[Value]) -> None:
    if around.kind == "object":
        name = keys.pop()
        around.members.append((name.text, name, value))
    else:
        around.items.append(value)
