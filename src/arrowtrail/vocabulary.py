"""Every word the table language allows, in one place; `tables/README.md` says what each means."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

FRAMINGS = ("lines", "json")
FORMATS = ("delimited", "positional")
ORDERS = ("A", "B")
INTEGERS = ("int8", "int16", "int32", "int64")
FLOATS = ("float32", "float64")
SCALARS = ("string", "json", *INTEGERS, *FLOATS, "bool", "timestamp")
PARTS = ("host", "port", "http_method", "http_url", "http_version")
TIMES = ("rfc3339", "clf", "unix_s", "unix_ms", "unix_us", "digits_us", "compact")
JSON_TIMES = ("rfc3339", "unix_ms")
UNITS = ("s", "ms", "us", "B")
RAW_QUOTES = ("number_follows", "quote_follows", "last")
UNFIT = ("reject",)
TAIL_MORE = ("word",)
DETECT_KINDS = ("number",)
SHAPES = (
    "any",
    "word",
    "hex64",
    "digits16",
    "alnum64",
    "upper",
    "upper_word",
    "rfc3339_z",
    "clf_time",
    "aws_account_or_null",
    "eni_or_null",
    "arn",
    "aws_region",
    "ip",
    "address",
    "number",
    "date",
)

_TABLE_KEYS = ("name", "about", "added", "event_time", "keys", "records", "detect", "columns")
_COLUMN_KEYS = (
    "name",
    "from",
    "type",
    "about",
    "required",
    "time",
    "unit",
    "allowed",
    "range",
    "indicator",
    "indicator_more",
)
_FOREIGN_KEYS = ("name", "framing", "detect")

# Framing -> part of the table -> its keys.
KEYS = {
    "lines": {
        "table": (*_TABLE_KEYS, "tokens"),
        "records": ("framing", "header", "parquet", "default", "foreign", "joined"),
        "joined": ("quote", "most"),
        "tokens": (
            "format",
            "separators",
            "null",
            "quote",
            "raw_quotes",
            "bracketed",
            "least",
            "head",
            "tail",
            "tail_more",
        ),
        "detect": ("starts", "least", "least_quoted", "exactly"),
        "foreign": (*_FOREIGN_KEYS, "separators"),
        "foreign_detect": ("starts",),
        "column": (*_COLUMN_KEYS, "part", "null", "time_given", "shape", "only", "unfit", "split"),
    },
    "json": {
        "table": _TABLE_KEYS,
        "records": ("framing", "envelope"),
        "detect": ("order", "members"),
        "foreign": _FOREIGN_KEYS,
        "foreign_detect": ("members",),
        "column": (*_COLUMN_KEYS, "alias", "members"),
        "member": (
            "from",
            "alias",
            "required",
            "time",
            "indicator",
            "indicator_more",
            "indicator_by",
            "indicator_more_by",
        ),
    },
}

_WORD = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*")
_QUOTED = re.compile(r'\s*"([^"\x00-\x1f]+)"\s*')


@dataclass(frozen=True, slots=True)
class Type:
    """A column's type taken apart: a scalar, `list` of one child, or `struct` of named children."""

    kind: str
    children: tuple[tuple[str, "Type"], ...] = ()


class BadType(ValueError):
    """A type that is not in the language; `word` is the word that is wrong, where one is."""

    def __init__(self, message: str, word: str | None = None) -> None:
        super().__init__(message)
        self.word = word


def parse_type(text: str) -> Type:
    """`list<struct<arn: string>>` as a `Type`; raises BadType.

    >>> parse_type("list<string>").children[0][1].kind
    'string'
    """
    found, end = _type(text, 0)
    if text[end:].strip():
        raise BadType(f"type {text!r} goes on after its end with {text[end:].strip()!r}")
    return found


def inner(kind: Type) -> Type:
    """What a list, or a list of lists, is made of; another type is given back as it is."""
    while kind.kind == "list":
        kind = kind.children[0][1]
    return kind


def member_types(kind: Type, above: str = "") -> Iterator[tuple[str, Type]]:
    """The path and the type of every struct member in a type, outer ones first; lists are passed through.

    >>> [path for path, _ in member_types(parse_type("list<struct<a: struct<b: json>, c: bool>>"))]
    ['a', 'a.b', 'c']
    """
    found = inner(kind)
    if found.kind == "struct":
        for name, member in found.children:
            yield above + name, member
            yield from member_types(member, f"{above}{name}.")


def _type(text: str, at: int, depth: int = 0) -> tuple[Type, int]:
    kind, at = _word(text, at)
    if depth > 8:
        raise BadType(f"type {text!r} is nested too deeply")
    if kind == "list":
        item, at = _type(text, _mark(text, at, "<"), depth + 1)
        return Type("list", (("item", item),)), _mark(text, at, ">")
    if kind == "struct":
        return _struct(text, at, depth)
    if kind not in SCALARS:
        raise BadType(f"unknown type {kind!r}", kind)
    return Type(kind), at


def _struct(text: str, at: int, depth: int) -> tuple[Type, int]:
    members: list[tuple[str, Type]] = []
    at = _mark(text, at, "<")
    while True:
        name, at = _member_name(text, at)
        member, at = _type(text, _mark(text, at, ":"), depth + 1)
        if name in dict(members):
            raise BadType(f"type {text!r} has two members {name!r}")
        members.append((name, member))
        if text[at : at + 1] != ",":
            return Type("struct", tuple(members)), _mark(text, at, ">")
        at += 1


def _member_name(text: str, at: int) -> tuple[str, int]:
    """A word, or in double quotes any name that a path can have in it."""
    found = _QUOTED.match(text, at)
    if found is None:
        name, at = _word(text, at)
        if text[at : at + 1] == "-":
            raise BadType(f"type {text!r}: a member name that is no plain word stands in double quotes")
        return name, at
    if "." in found[1]:
        raise BadType(f"type {text!r}: member name {found[1]!r} has a '.', which parts the names of a path")
    return found[1], found.end()


def _word(text: str, at: int) -> tuple[str, int]:
    found = _WORD.match(text, at)
    if found is None:
        raise BadType(f"type {text!r} lacks a word at place {at}")
    return found[1], found.end()


def _mark(text: str, at: int, mark: str) -> int:
    if text[at : at + 1] != mark:
        raise BadType(f"type {text!r} lacks {mark!r} at place {at}")
    at += 1
    while text[at : at + 1].isspace():
        at += 1
    return at
