"""Bytes -> lines, and lines -> the text of a record."""

import re
from typing import NamedTuple

BLANKS = b" \t"
EXPORT_PREFIX = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z ")
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Line(NamedTuple):
    """Offsets into the input: `begin` of the line, `start` and `end` of what is left after trimming."""

    number: int
    begin: int
    start: int
    end: int

    @property
    def blank(self) -> bool:
        return self.start == self.end


def frame(data: bytes) -> list[Line]:
    """Every line, blank ones too. A mark at the start is no part of the first line, but it counts in offsets."""
    begin = len(UTF8_MARK) if data.startswith(UTF8_MARK) else 0
    pieces = data[begin:].split(b"\n")
    if pieces[-1] == b"":
        pieces.pop()
    lines = []
    for number, piece in enumerate(pieces, 1):
        kept = piece.removesuffix(b"\r").rstrip(BLANKS)
        trimmed = kept.lstrip(BLANKS)
        lines.append(Line(number, begin, begin + len(kept) - len(trimmed), begin + len(kept)))
        begin += len(piece) + 1
    return lines


def behind_prefix(text: str) -> str | None:
    """The message behind the time that a CloudWatch Logs export puts before each line."""
    match = EXPORT_PREFIX.match(text)
    return text[match.end() :] if match else None


def repair(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
