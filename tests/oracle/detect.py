"""Which log type a line is: the `detect` of its table."""

import re
from functools import cache

from .frame import behind_prefix
from .parse import fits_shape, looks_like
from .tables import SHAPES, Table
from .tokenize import Reject, delimited, header_names, middle_of


def fits(table: Table, text: str) -> bool:
    """Whether the line alone looks like a record of the type; headers are not looked at."""
    separators = table.tokens["separators"]
    if len(separators) > 1:
        fields = delimited(table, text)
        starts = table.detect["starts"]
        matches = map(fits_word, fields, starts)
        return len(fields) >= len(starts) and all(matches) and counts_fit(table, text)
    return starts_pattern(table.name).match(text) is not None and counts_fit(table, text)


def fits_word(field: str, word) -> bool:
    return fits_shape(field, word) if isinstance(word, str) else field in word


@cache
def starts_pattern(name: str) -> re.Pattern:
    """The first fields of a line as one regular expression, each with the separator behind it."""
    from .tables import load_tables

    table = load_tables()[name]
    separator = re.escape(table.tokens["separators"])
    patterns = []
    for word in table.detect["starts"]:
        if not isinstance(word, str):
            patterns.append("|".join(map(re.escape, word)))
        else:
            patterns.append({"any": f"[^{separator}]*", "word": f"[^{separator}]+"}.get(word) or SHAPES[word])
    return re.compile("".join(f"(?:{pattern}){separator}" for pattern in patterns), re.DOTALL)


def counts_fit(table: Table, text: str) -> bool:
    detect = table.detect
    if table.tokens["format"] == "positional":
        count = text.count(table.tokens["separators"]) + 1
        opened = (middle_of(table, text) or "").startswith(table.records["joined"]["quote"])
        return count >= detect["least"] or (count >= detect["least_quoted"] and opened)
    if not detect.keys() & {"least", "exactly"}:
        return True  # however the tokens end: quotes are no part of the pattern
    try:
        count = len(delimited(table, text))
    except Reject:
        return False
    return count >= detect.get("least", 0) and count == detect.get("exactly", count)


def is_header(table: Table, text: str) -> bool:
    if not table.header:
        return False
    return sum(name in table.known for name in header_names(table, text)) >= table.header


def is_short_header(table: Table, text: str) -> bool:
    """Known names only: a header if the type is given, this is the first line and another follows."""
    return all(name in table.known for name in header_names(table, text))


def begins_record(table: Table, text: str, given: bool) -> bool:
    """Whether a line ends the joining of the lines before it."""
    rest = behind_prefix(text)
    return any(begins_as_it_stands(table, line, given) for line in (text, rest) if line is not None)


def begins_as_it_stands(table: Table, text: str, given: bool) -> bool:
    if fits(table, text):
        return True
    first = text.split(table.tokens["separators"], 1)[0]
    forms = {column.time_given for column in table.columns if column.time_given and column.source == 0}
    return given and any(looks_like(first, form) for form in forms)
