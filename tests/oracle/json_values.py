"""A JSON value -> a scalar of a column, or None where it cannot be one (README 2.2, 2.3)."""

import struct
from decimal import Decimal
from fractions import Fraction
from string import ascii_lowercase, ascii_uppercase

from .json_text import Value
from .parse import FLOAT, INT_BITS, in_years, parse_float, parse_int, parse_rfc3339

LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def in_lower_case(text: str) -> str:
    """ASCII letters only."""
    return text.translate(LOWER)


def lookup(value: Value, name: str, aliases: tuple[str, ...] = ()) -> Value | None:
    """The member of an object: by its name, an alias, then its name in any case. Of several the last."""
    for wanted in (name, *aliases):
        found = value.exact(wanted)
        if found is not None:
            return found
    wanted = in_lower_case(name)
    return next((member for key, _, member in reversed(value.members) if in_lower_case(key) == wanted), None)


def lookup_path(value: Value, path: tuple[str, ...], aliases: tuple[str, ...] = ()) -> list[Value]:
    """The values on the way to the one at the end of the path; as many as are there."""
    found: list[Value] = []
    for place, name in enumerate(path):
        if value.kind != "object":
            break
        last = place == len(path) - 1
        member = lookup(value, name, aliases if last else ())
        if member is None:
            break
        found.append(member)
        value = member
    return found


def as_string(value: Value) -> str:
    return value.text if value.kind == "string" else value.source


def written_number(value: Value) -> str:
    """The text of a number or string; an impossible one of anything else."""
    return as_string(value) if value.kind in ("number", "string") else ""


def as_float32(text: str) -> float | None:
    """The 32-bit float that is nearest to the nearest double."""
    double = parse_float(text)
    if double is None:
        return None
    try:
        return struct.unpack("<f", struct.pack("<f", double))[0]
    except OverflowError:
        return None


def as_unix_ms(text: str) -> int | None:
    """Milliseconds as a decimal number -> microseconds; what is behind those is cut off."""
    double = parse_float(text)
    if double is None or abs(double) > 1e15:
        return None
    if abs(double) < 1e-6:
        return 0
    return in_years(int(Fraction(Decimal(text)) * 1000))


def is_number(value: Value) -> bool:
    return value.kind == "number" or (value.kind == "string" and FLOAT.fullmatch(value.text) is not None)


def scalar(kind: str, time: str, value: Value):
    """The value as a `kind` of the table language. None: impossible."""
    if kind == "json":
        return value.source
    if kind == "string":
        return as_string(value)
    if kind == "bool":
        word = value.source if value.kind == "bool" else in_lower_case(value.text) if value.kind == "string" else ""
        return {"true": True, "false": False}.get(word)
    if kind == "timestamp" and time == "rfc3339":
        return parse_rfc3339(value.text) if value.kind == "string" else None
    text = written_number(value)
    if kind in INT_BITS:
        return parse_int(text, INT_BITS[kind])
    return {"timestamp": as_unix_ms, "float32": as_float32, "float64": parse_float}[kind](text)
