"""A table file read strictly into a LogType: what the language does not know is an error, never ignored."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from . import vocabulary as words
from .errors import TableError, nearest
from .logtype import Column, Detect, Joined, LogType, Records, Tokens

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPE_NAME = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_REST = re.compile(r"(\d+)\.\.\.")


def load(path: str | os.PathLike[str]) -> LogType:
    """The log type that the file at `path` states; see `LogType.load`."""
    return read(Path(path).read_bytes(), os.fspath(path))


def read(data: bytes, table: str) -> LogType:
    """The log type that `data` states; `table` names it in errors."""
    try:
        values = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TableError(f"is not TOML: {error}", table=table) from None
    top = _Section(values, words.TABLE_KEYS, table)
    name = top.text("name")
    if not _TYPE_NAME.fullmatch(name):
        top.fail(f"name {name!r} is not made of letters, digits, '_' and '.'")
    records = _records(top.section("records", words.RECORDS_KEYS))
    tokens = _tokens(top.section("tokens", words.TOKENS_KEYS))
    log_type = LogType(
        name=name,
        about=top.text("about"),
        added=top.word("added", words.ORDERS),
        event_time=top.texts("event_time"),
        records=records,
        tokens=tokens,
        detect=_detect(top.section("detect", words.DETECT_KEYS)),
        columns=_columns(top, records, tokens),
    )
    _check_event_time(log_type, top)
    _check_default(log_type, top)
    return log_type


@cache
def scanners() -> Mapping[str, tuple[str, ...]]:
    """Indicator scanner -> the p_any_ columns it can fill."""
    return {name: tuple(columns) for name, columns in _data("_indicators.toml")["scanners"].items()}


@cache
def covers() -> Mapping[str, tuple[str, ...]]:
    """Indicator scanner -> the scanners that find nothing that it does not."""
    return {name: tuple(covered) for name, covered in _data("_indicators.toml")["covers"].items()}


@cache
def added_columns(order: str) -> tuple[Column, ...]:
    """The columns every row has besides those of its table, in the order `A` or `B`."""
    data = _data("_added.toml")
    return tuple(Column(name, name, **data["columns"][name]) for name in data["order"][order])


def output_columns(log_type: LogType) -> tuple[Column, ...]:
    """Every output column in order: the table's, then the added ones (p_...)."""
    return log_type.columns + added_columns(log_type.added)


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads((resources.files(__package__) / "tables" / name).read_text("utf-8"))


class _Section:
    """One TOML table of the file: hands out checked values, complains with file and column."""

    def __init__(self, values: object, keys: Sequence[str], table: str, column: str | None = None, name: str = ""):
        self.table, self.column, self.name = table, column, name
        if not isinstance(values, dict):
            self.fail(f"{name} must be a table of keys")
        self.values: dict[str, Any] = values
        for key in values:
            if key not in keys:
                self.unknown(f"key {key!r}" + (f" in {name}" if name else ""), key, keys)

    def fail(self, message: str, close: str | None = None) -> NoReturn:
        raise TableError(message, table=self.table, column=self.column, nearest=close)

    def unknown(self, what: str, word: str, allowed: Iterable[str]) -> NoReturn:
        allowed = list(allowed)
        close = nearest(word, allowed)
        hint = f"did you mean {close!r}?" if close else f"allowed: {', '.join(allowed)}"
        self.fail(f"unknown {what}; {hint}", close)

    def get(self, key: str, kind: type | tuple[type, ...], what: str, need: bool = False) -> Any:
        value = self.values.get(key)
        if value is None and need:
            self.fail(f"lacks {self.path(key)}")
        if value is not None and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            self.fail(f"{self.path(key)} must be {what}, not {value!r}")
        return value

    def path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def section(self, key: str, keys: Sequence[str]) -> "_Section":
        return _Section(self.get(key, dict, "a table of keys", need=True), keys, self.table, self.column, key)

    def text(self, key: str) -> str:
        value: str = self.get(key, str, "text", need=True)
        if not value.strip():
            self.fail(f"{self.path(key)} is empty")
        return value

    def word(self, key: str, allowed: Iterable[str]) -> str:
        value = self.word_or_none(key, allowed)
        return self.fail(f"lacks {self.path(key)}") if value is None else value

    def word_or_none(self, key: str, allowed: Iterable[str]) -> str | None:
        value: str | None = self.get(key, str, "a word")
        if value is not None and value not in (allowed := list(allowed)):
            self.unknown(f"{self.path(key)} {value!r}", value, allowed)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.get(key, list, "a list of texts") or []
        if not all(isinstance(value, str) for value in values):
            self.fail(f"{self.path(key)} must be a list of texts, not {values!r}")
        return tuple(values)

    def count(self, key: str, least: int = 0) -> int | None:
        value: int | None = self.get(key, int, "a number")
        if value is not None and value < least:
            self.fail(f"{self.path(key)} must be {least} or more, not {value}")
        return value

    def byte(self, key: str, need: bool = False) -> str | None:
        value: str | None = self.get(key, str, "one ASCII character", need)
        if value is not None and (len(value) != 1 or not value.isascii() or value in "\r\n"):
            self.fail(f"{self.path(key)} must be one ASCII character, not {value!r}")
        return value


def _records(part: _Section) -> Records:
    default = part.get("default", str, "names parted by spaces")
    joined = None
    if part.values.get("joined") is not None:
        inner = part.section("joined", words.JOINED_KEYS)
        joined = Joined(quote=inner.byte("quote", need=True) or "", most=inner.count("most", 1) or 1048576)
    records = Records(
        framing=part.word("framing", words.FRAMINGS),
        header=part.count("header", 1),
        default=None if default is None else tuple(default.split()),
        foreign=part.texts("foreign"),
        joined=joined,
    )
    if records.header is None and (records.default or records.foreign):
        part.fail("records.default and records.foreign need records.header")
    return records


def _tokens(part: _Section) -> Tokens:
    separators = part.text("separators") if part.values.get("separators") not in (" ", "\t", " \t", "\t ") else ""
    tokens = Tokens(
        format=part.word("format", words.FORMATS),
        separators=separators or part.values["separators"],
        null=part.texts("null"),
        quote=part.byte("quote"),
        raw_quotes=_raw_quotes(part),
        bracketed=part.count("bracketed"),
        least=part.count("least") or 0,
        head=part.count("head", 1) or 0,
        tail=part.count("tail") or 0,
        tail_more=part.word_or_none("tail_more", words.TAIL_MORE),
    )
    positional = tokens.format == "positional"
    if positional and not (tokens.head and tokens.tail):
        part.fail("the positional format needs tokens.head and tokens.tail")
    if not positional and (tokens.head or tokens.tail or tokens.tail_more):
        part.fail("only the positional format takes tokens.head, tokens.tail and tokens.tail_more")
    if positional and (tokens.quote or tokens.raw_quotes or tokens.bracketed is not None):
        part.fail("the positional format takes no quotes and no brackets")
    return tokens


def _raw_quotes(part: _Section) -> dict[int, str]:
    rules = part.get("raw_quotes", dict, "a table of token = rule") or {}
    for token, rule in rules.items():
        if not token.isdecimal():
            part.fail(f"tokens.raw_quotes: {token!r} is no token number")
        if rule not in words.RAW_QUOTES:
            part.unknown(f"rule {rule!r} in tokens.raw_quotes", str(rule), words.RAW_QUOTES)
    return {int(token): rule for token, rule in rules.items()}


def _detect(part: _Section) -> Detect:
    starts: list[tuple[str, ...] | str] = []
    for start in part.get("starts", list, "a list of shapes and lists of words") or []:
        if isinstance(start, list) and start and all(isinstance(word, str) for word in start):
            starts.append(tuple(start))
        elif isinstance(start, str) and start in words.SHAPES:
            starts.append(start)
        else:
            part.unknown(f"shape {start!r} in detect.starts", str(start), words.SHAPES)
    return Detect(tuple(starts), part.count("least"), part.count("least_quoted"), part.count("exactly"))


def _columns(top: _Section, records: Records, tokens: Tokens) -> tuple[Column, ...]:
    lines = top.get("columns", list, "a list of columns", need=True)
    if not lines:
        top.fail("columns is empty")
    columns: list[Column] = []
    seen: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        name = line.get("name") if isinstance(line, dict) else None
        at = _Section(line, words.COLUMN_KEYS, top.table, name if isinstance(name, str) else f"number {number}")
        column = _column(at)
        if (other := seen.setdefault(column.name.lower(), column.name)) is not column.name:
            at.fail(f"stands twice (as {other!r}; case makes no difference)")
        _check_values(column, _kind(column, at), records, at)
        _check_source(column, records, tokens, at)
        columns.append(column)
    return tuple(columns)


def _column(at: _Section) -> Column:
    name = at.text("name")
    if not _NAME.fullmatch(name) or name.startswith("p_"):
        at.fail(f"name {name!r} must be letters, digits and '_', and not begin with 'p_'")
    return Column(
        name=name,
        source=at.get("from", (int, str), "a token's number or name", need=True),
        type=at.text("type"),
        about=at.text("about"),
        part=at.word_or_none("part", words.PARTS),
        required=_required(at),
        null=at.texts("null"),
        time=at.word_or_none("time", words.TIMES),
        time_given=at.word_or_none("time_given", words.TIMES),
        unit=at.word_or_none("unit", words.UNITS),
        allowed=at.texts("allowed") or None,
        range=_range(at),
        shape=at.word_or_none("shape", words.SHAPES),
        only=at.texts("only") if isinstance(at.values.get("only"), list) else at.word_or_none("only", words.SHAPES),
        unfit=at.word_or_none("unfit", words.UNFIT),
        split=at.byte("split"),
        indicator=at.word_or_none("indicator", scanners()),
        indicator_more=at.word_or_none("indicator_more", scanners()),
    )


def _required(at: _Section) -> Any:
    value = at.values.get("required", False)
    if value not in (False, True, "in_header") or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        at.unknown(f"required {value!r}", str(value), ("true", "in_header"))
    return value


def _range(at: _Section) -> tuple[int, int] | None:
    values = at.get("range", list, "[least, most]")
    if values is None:
        return None
    if len(values) != 2 or not all(type(value) is int for value in values) or values[0] > values[1]:
        at.fail(f"range must be [least, most], not {values!r}")
    return values[0], values[1]


def _check_source(column: Column, records: Records, tokens: Tokens, at: _Section) -> None:
    source, rest = column.source, None
    if isinstance(source, str):
        rest = _REST.fullmatch(source)
    if records.header is not None:
        if isinstance(source, int) or rest:
            at.fail(f"from = {source!r}: a header names the tokens, so from must be a name")
        if source != source.strip().lower().replace("_", "-") or " " in source or not source:
            at.fail(f"from = {source!r} must be written as header names are compared: lower case, '-' for '_'")
    elif not isinstance(source, int) and not rest:
        at.fail(f"from = {source!r}: without records.header tokens have numbers only")
    last = tokens.head + tokens.tail
    if isinstance(source, int) and (source < 0 or (tokens.format == "positional" and source > last)):
        at.fail(f"from = {source}: tokens are numbered 0 to {last if tokens.format == 'positional' else '...'}")
    if rest and (tokens.format == "positional" or column.type != "list<string>"):
        at.fail(f"from = {source!r}: all tokens from one on need the delimited format and type list<string>")
    if source == "unmapped" and column.type != "json":
        at.fail("from = 'unmapped' needs type json")


def _kind(column: Column, at: _Section) -> words.Type:
    try:
        return words.parse_type(column.type)
    except words.BadType as error:
        if error.word is not None:
            at.unknown(f"type {error.word!r}", error.word, (*words.SCALARS, "list", "struct"))
        at.fail(str(error))


def _check_values(column: Column, kind: words.Type, records: Records, at: _Section) -> None:
    rules = (
        ((column.time is not None) == (kind.kind == "timestamp"), "time and type timestamp need each other"),
        (column.time_given is None or column.time is not None, "time_given needs time"),
        (column.range is None or kind.kind in words.INTEGERS + words.FLOATS, "range needs a number type"),
        (column.split is None or column.type == "list<string>", "split needs type list<string>"),
        (
            kind.kind != "list" or column.split is not None or isinstance(column.source, str),
            "a list from one token needs split",
        ),
        (column.allowed is None or kind.kind == "string", "allowed needs type string"),
        (column.shape is None or kind.kind == "string", "shape needs type string"),
        (column.only is None or kind.kind == "string", "only needs type string"),
        (column.required != "in_header" or records.header is not None, "required = 'in_header' needs records.header"),
    )
    for holds, message in rules:
        if not holds:
            at.fail(message)


def _check_event_time(log_type: LogType, top: _Section) -> None:
    times = {column.name for column in log_type.columns if column.type == "timestamp"}
    for name in log_type.event_time:
        if name not in times:
            top.unknown(f"event_time {name!r} (no timestamp column)", name, times)


def _check_default(log_type: LogType, top: _Section) -> None:
    known = {str(column.source) for column in log_type.columns} - {"unmapped"}
    for name in log_type.records.default or ():
        if name not in known:
            top.unknown(f"records.default name {name!r}", name, known)
