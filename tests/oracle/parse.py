"""Text of a token -> value, or None where it does not parse. Pure functions."""

import math
import re
from functools import cache

from .address import is_host_and_port, is_ip
from .tables import MONTHS, SHAPES

INT_BITS = {"int8": 8, "int16": 16, "int32": 32, "int64": 64}
INTEGER = re.compile(r"[+-]?[0-9]+")
FLOAT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))?"
)
CLF = re.compile(
    rf"\[([0-9]{{1,2}})/({MONTHS})/([0-9]{{4}}):([0-9]{{2}}):([0-9]{{2}}):([0-9]{{2}}) ([+-])([0-9]{{2}})([0-9]{{2}})\]"
)
COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2})")
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def parse_int(text: str, bits: int = 64) -> int | None:
    if not INTEGER.fullmatch(text):
        return None
    digits = text.lstrip("+-").lstrip("0")
    if len(digits) > 19:
        return None
    value = int(digits or "0") * (-1 if text[0] == "-" else 1)
    return value if -(1 << bits - 1) <= value < 1 << bits - 1 else None


def parse_float(text: str) -> float | None:
    if not FLOAT.fullmatch(text):
        return None
    value = float(text)
    return None if math.isinf(value) else value


def days_before(year: int, month: int, day: int) -> int | None:
    """Days from 1970-01-01 to a date of the Gregorian calendar, or None where there is no such date."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= month <= 12 or not 1 <= day <= MONTH_DAYS[month - 1] + (leap and month == 2):
        return None
    past = year - 1
    days = 365 * past + past // 4 - past // 100 + past // 400 - 719162
    return days + sum(MONTH_DAYS[: month - 1]) + (leap and month > 2) + day - 1


FIRST_US = days_before(1, 1, 1) * 86_400_000_000
LAST_US = (days_before(9999, 12, 31) + 1) * 86_400_000_000 - 1


def in_years(time_us: int) -> int | None:
    """The time, if it lies in the years 0001 to 9999 UTC."""
    return time_us if FIRST_US <= time_us <= LAST_US else None


def time_from(date, clock, fraction="", sign=None, zone_hours="0", zone_minutes="0") -> int | None:
    """Microseconds since 1970 from the written parts, or None where there is no such moment."""
    days = days_before(*map(int, date))
    hour, minute, second = map(int, clock)
    zone_hour, zone_minute = int(zone_hours), int(zone_minutes)
    if days is None or hour > 23 or minute > 59 or second > 59 or zone_hour > 23 or zone_minute > 59:
        return None
    zone = (zone_hour * 60 + zone_minute) * (-1 if sign == "-" else 1)
    seconds = days * 86400 + hour * 3600 + (minute - zone) * 60 + second
    return in_years(seconds * 1_000_000 + int((fraction + "000000")[:6]))


def parse_rfc3339(text: str) -> int | None:
    match = RFC3339.fullmatch(text)
    if not match:
        return None
    parts = match.groups()
    if parts[7] is None:
        return time_from(parts[:3], parts[3:6], parts[6] or "")
    return time_from(parts[:3], parts[3:6], parts[6] or "", *parts[7:])


def parse_clf(text: str) -> int | None:
    match = CLF.fullmatch(text)
    if not match:
        return None
    day, month, year, *rest = match.groups()
    return time_from((year, MONTHS.split("|").index(month) + 1, day), rest[:3], "", *rest[3:])


def parse_compact(text: str) -> int | None:
    match = COMPACT.fullmatch(text)
    return time_from(match.groups()[:3], match.groups()[3:]) if match else None


def parse_epoch(text: str, unit_us: int) -> int | None:
    value = parse_int(text)
    return None if value is None else in_years(value * unit_us)


TIMES = {
    "rfc3339": parse_rfc3339,
    "clf": parse_clf,
    "compact": parse_compact,
    "unix_s": lambda text: parse_epoch(text, 1_000_000),
    "unix_ms": lambda text: parse_epoch(text, 1_000),
    "unix_us": lambda text: parse_epoch(text, 1),
    "digits_us": lambda text: None if text[:1] in ("+", "-") else parse_epoch(text, 1),
}


def looks_like(text: str, form: str) -> bool:
    """Whether digits and signs stand as in this form of a time; there may be no such moment."""
    return {"rfc3339": RFC3339, "clf": CLF, "compact": COMPACT}[form].fullmatch(text) is not None


@cache
def shape_pattern(shape: str) -> re.Pattern:
    return re.compile(SHAPES[shape], re.DOTALL)


def fits_shape(text: str, shape: str) -> bool:
    if shape == "any":
        return True
    if shape == "word":
        return text != ""
    if shape == "ip":
        return is_ip(text)
    if shape == "address":
        return is_host_and_port(text)
    return shape_pattern(shape).fullmatch(text) is not None
