"""The tables of log types whose records are lines."""

import re
from collections.abc import Iterator
from typing import Any

from . import vocabulary as words
from .logtype import Column, Detect, Joined, LogType, Records, Tokens
from .section import Section

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REST = re.compile(r"(\d+)\.\.\.")


def line_type(top: Section, name: str) -> LogType:
    """The log type of a table whose records are lines."""
    records = _records(top.section("records", "records"))
    tokens = _tokens(top.section("tokens", "tokens"))
    log_type = LogType(
        name=name,
        about=top.text("about"),
        added=top.word("added", words.ORDERS),
        event_time=top.texts("event_time"),
        records=records,
        tokens=tokens,
        detect=_detect(top.section("detect", "detect")),
        columns=tuple(_columns(top, records, tokens)),
        keys=top.patterns("keys"),
    )
    _check_default(log_type, top)
    return log_type


def _records(part: Section) -> Records:
    default = part.get("default", str, "names parted by spaces")
    joined = None
    if part.values.get("joined") is not None:
        inner = part.section("joined", "joined")
        joined = Joined(quote=inner.byte("quote", need=True) or "", most=inner.count("most", 1) or 1048576)
    records = Records(
        framing=part.word("framing", words.FRAMINGS),
        header=part.count("header", 1),
        parquet=part.flag("parquet"),
        default=None if default is None else tuple(default.split()),
        foreign=part.texts("foreign"),
        joined=joined,
    )
    if records.header is None and (records.default or records.foreign or records.parquet):
        part.fail("records.default, records.foreign and records.parquet need records.header")
    return records


def _tokens(part: Section) -> Tokens:
    tokens = Tokens(
        format=part.word("format", words.FORMATS),
        separators=separators(part),
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


def separators(part: Section, usual: str | None = None) -> str:
    """The bytes that part tokens; blanks too."""
    stated: str | None = part.get("separators", str, "text", need=usual is None)
    value = (usual or "") if stated is None else stated
    if not value:
        part.fail(f"{part.path('separators')} is empty")
    return value


def _raw_quotes(part: Section) -> dict[int, str]:
    rules = part.get("raw_quotes", dict, "a table of token = rule") or {}
    for token, rule in rules.items():
        if not token.isdecimal():
            part.fail(f"tokens.raw_quotes: {token!r} is no token number")
        if rule not in words.RAW_QUOTES:
            part.unknown(f"rule {rule!r} in tokens.raw_quotes", str(rule), words.RAW_QUOTES)
    return {int(token): rule for token, rule in rules.items()}


def _detect(part: Section) -> Detect:
    return Detect(starts(part), part.count("least"), part.count("least_quoted"), part.count("exactly"))


def starts(part: Section) -> tuple[tuple[str, ...] | str, ...]:
    """What the first fields of a line are: shapes, or the words that one may be."""
    found: list[tuple[str, ...] | str] = []
    for start in part.get("starts", list, "a list of shapes and lists of words") or []:
        if isinstance(start, list) and start and all(isinstance(word, str) for word in start):
            found.append(tuple(start))
        elif isinstance(start, str) and start in words.SHAPES:
            found.append(start)
        else:
            part.unknown(f"shape {start!r} in {part.path('starts')}", str(start), words.SHAPES)
    return tuple(found)


def _columns(top: Section, records: Records, tokens: Tokens) -> Iterator[Column]:
    for at in top.columns():
        column = _column(at)
        _check_values(column, at.kind(), records, at)
        _check_source(column, records, tokens, at)
        yield column


def _column(at: Section) -> Column:
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
        indicator=at.scanner("indicator"),
        indicator_more=at.scanner("indicator_more"),
    )


def _required(at: Section) -> Any:
    value = at.values.get("required", False)
    if value not in (False, True, "in_header") or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        at.unknown(f"required {value!r}", str(value), ("true", "in_header"))
    return value


def _range(at: Section) -> tuple[int, int] | None:
    values = at.get("range", list, "[least, most]")
    if values is None:
        return None
    if len(values) != 2 or not all(type(value) is int for value in values) or values[0] > values[1]:
        at.fail(f"range must be [least, most], not {values!r}")
    return values[0], values[1]


def _check_source(column: Column, records: Records, tokens: Tokens, at: Section) -> None:
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


def _check_values(column: Column, kind: words.Type, records: Records, at: Section) -> None:
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


def _check_default(log_type: LogType, top: Section) -> None:
    known = {str(column.source) for column in log_type.columns} - {"unmapped"}
    for name in log_type.records.default or ():
        if name not in known:
            top.unknown(f"records.default name {name!r}", name, known)
