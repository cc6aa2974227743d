"""The tables of log types whose records are JSON objects."""

import re
from collections.abc import Iterator
from math import inf

from . import vocabulary as words
from .indicators import scanners, walkers
from .logtype import Column, Condition, Detect, IndicatorBy, LogType, Member, Records
from .section import Section
from .vocabulary import Type, inner, member_types

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_REST = "unmapped"  # the source that stands for all members that no column took


def json_type(top: Section, name: str) -> LogType:
    """The log type of a table whose records are JSON objects."""
    records = top.section("records", "records")
    return LogType(
        name=name,
        about=top.text("about"),
        added=top.word("added", words.ORDERS),
        event_time=top.texts("event_time"),
        records=Records(framing=records.word("framing", words.FRAMINGS), envelope=records.flag("envelope")),
        tokens=None,
        detect=_detect(top.section("detect", "detect")),
        columns=tuple(_columns(top)),
        keys=top.patterns("keys"),
    )


def _detect(part: Section) -> Detect:
    order = part.count("order", 1)
    if order is None:
        part.fail("lacks detect.order")
    return Detect(order=order, members=alternatives(part))


def alternatives(part: Section) -> tuple[tuple[Condition, ...], ...]:
    """The lists of conditions, one of which must hold."""
    stated, name = part.get("members", list, "a list of lists of conditions", need=True), part.path("members")
    if not stated:
        part.fail(f"{name} is empty")
    for texts in stated:
        if not (isinstance(texts, list) and texts and all(isinstance(text, str) for text in texts)):
            part.fail(f"{name} must be a list of lists of conditions, not {stated!r}")
    return tuple(tuple(_condition(text, part) for text in texts) for texts in stated)


def _condition(text: str, part: Section) -> Condition:
    """`path`, `path=word` or `path:number`."""
    path, equals, word = text.partition("=")
    path, colon, kind = path.partition(":") if not equals else (path, "", "")
    what = f"{part.path('members')} {text!r}"
    _check_path(path, what, part)
    if equals and not word:
        part.fail(f"{what} has no word behind '='")
    if colon and kind not in words.DETECT_KINDS:
        part.unknown(f"kind {kind!r} in {what}", kind, words.DETECT_KINDS)
    return Condition(path, word if equals else None, bool(colon))


def _columns(top: Section) -> Iterator[Column]:
    sources: dict[str, str] = {}
    for at in top.columns():
        kind = at.kind()
        column = _column(at, kind)
        if _REST in sources:
            at.fail(f"stands behind {sources[_REST]!r}; the column from = 'unmapped' must be the last")
        if (other := sources.setdefault(str(column.source), column.name)) != column.name:
            at.fail(f"from = {column.source!r} is the source of column {other!r} already")
        _check_values(column, kind, at)
        _check_scanners(column, kind, at)
        yield column


def _column(at: Section, kind: Type) -> Column:
    name = at.text("name")
    if not _NAME.fullmatch(name) or name.startswith("p_"):
        at.fail(f"name {name!r} must be letters, digits, '_' and '-', and not begin with 'p_'")
    source = at.get("from", str, "a member's name, or names joined with '.'")
    source = name if source is None else source
    _check_path(source, f"from = {source!r}", at)
    return Column(
        name=name,
        source=source,
        type=at.text("type"),
        about=at.text("about"),
        required=at.flag("required"),
        time=at.word_or_none("time", words.JSON_TIMES),
        unit=at.word_or_none("unit", words.UNITS),
        allowed=at.texts("allowed") or None,
        range=_range(at),
        indicator=at.scanner("indicator"),
        indicator_more=at.scanner("indicator_more"),
        alias=_aliases(at),
        members=_members(at, kind),
    )


def _members(at: Section, kind: Type) -> tuple[Member, ...]:
    """What `members` says, and that no timestamp inside is without its `time`."""
    types = dict(member_types(kind))
    stated = at.get("members", dict, "a table of path = keys") or {}
    if stated and not types:
        at.fail("members needs a type with a struct in it")
    for path in stated:
        if path not in types:
            at.unknown(f"member {path!r}", path, types)
    found = tuple(
        _member(path, Section(keys, "member", at.framing, at.table, at.column, f"members.{path}"), types)
        for path, keys in stated.items()
    )
    timed = {member.path for member in found if member.time is not None}
    for path, member in types.items():
        if (inner(member).kind == "timestamp") != (path in timed):
            at.fail(f"members.{path}: time and type timestamp need each other")
    return found


def _member(path: str, at: Section, types: dict[str, Type]) -> Member:
    own = path.rpartition(".")[2]
    source = at.get("from", str, "a member's name")
    if source is not None:
        _check_name(source, f"{at.path('from')} {source!r}", at)
    member = Member(
        path=path,
        source=own if source is None else source,
        alias=_aliases(at),
        required=at.flag("required"),
        time=at.word_or_none("time", words.JSON_TIMES),
        indicator=at.scanner("indicator"),
        indicator_more=at.scanner("indicator_more"),
        indicator_by=_indicator_by("indicator_by", path, at, types),
        indicator_more_by=_indicator_by("indicator_more_by", path, at, types),
    )
    _check_scanners(member, types[path], at)
    return member


def _indicator_by(key: str, path: str, at: Section, types: dict[str, Type]) -> IndicatorBy | None:
    stated = at.get(key, dict, "a table of member = NAME and WORD = SCANNER")
    if stated is None:
        return None
    what = at.path(key)
    above = path[: path.rfind(".") + 1]
    siblings = {
        name.removeprefix(above): kind
        for name, kind in types.items()
        if name.startswith(above) and "." not in name.removeprefix(above) and name != path
    }
    chosen = [(word, scanner) for word, scanner in stated.items() if word != "member"]
    if "member" not in stated or not chosen or not all(isinstance(value, str) for value in stated.values()):
        at.fail(f"{what} needs member = NAME and at least one WORD = SCANNER")
    if stated["member"] not in siblings:
        at.unknown(f"{what}.member {stated['member']!r}", stated["member"], siblings)
    if siblings[stated["member"]].kind != "string":
        at.fail(f"{what}.member {stated['member']!r} needs type string")
    for word, scanner in chosen:
        if scanner not in scanners():
            at.unknown(f"{what}.{word} {scanner!r}", scanner, scanners())
        if key == "indicator_more_by" and word != word.lower():
            at.fail(f"{what}.{word} needs small letters: it stands for the word in any case")
    return IndicatorBy(stated["member"], tuple(chosen))


def _aliases(at: Section) -> tuple[str, ...]:
    aliases = at.texts("alias")
    for alias in aliases:
        _check_name(alias, f"{at.path('alias')} {alias!r}", at)
    return aliases


def _range(at: Section) -> tuple[float, float] | None:
    values = at.get("range", list, "[least, most]")
    if values is None:
        return None
    numbers = all(type(value) is int or value in (-inf, inf) for value in values)
    if len(values) != 2 or not numbers or values[0] > values[1]:
        at.fail(f"range must be [least, most], not {values!r}")
    return values[0], values[1]


def _check_path(path: str, what: str, at: Section) -> None:
    if not all(name and name == name.strip() for name in path.split(".")):
        at.fail(f"{what} must be a member's name, or names joined with '.'")


def _check_name(name: str, what: str, at: Section) -> None:
    if not name or name != name.strip() or "." in name:
        at.fail(f"{what} must be one member's name")


def _check_values(column: Column, kind: Type, at: Section) -> None:
    rules = (
        ((column.time is not None) == (inner(kind).kind == "timestamp"), "time and type timestamp need each other"),
        (column.range is None or kind.kind in words.INTEGERS + words.FLOATS, "range needs a number type"),
        (column.allowed is None or kind.kind == "string", "allowed needs type string"),
        (column.source != _REST or column.type == "json", "from = 'unmapped' needs type json"),
        (
            column.source != _REST or not (column.alias or column.required or column.indicators),
            "from = 'unmapped' takes no alias, required, indicator or indicator_more",
        ),
    )
    for holds, message in rules:
        if not holds:
            at.fail(message)


def _check_scanners(scanned: Column | Member, kind: Type, at: Section) -> None:
    """Walkers look at raw JSON, all other scanners at texts."""
    for scanner in scanned.indicators:
        need = "json" if scanner in walkers() else "string"
        if inner(kind).kind != need:
            at.fail(f"indicator {scanner!r} needs type {need}")
    if not isinstance(scanned, Member):
        return
    chosen = [key for key in ("indicator_by", "indicator_more_by") if getattr(scanned, key) is not None]
    if len(chosen) == 2:
        at.fail(f"{at.path('indicator_by')} and indicator_more_by exclude each other")
    if chosen and (scanned.indicator or scanned.indicator_more):
        at.fail(f"{at.path(chosen[0])} stands in place of indicator and indicator_more")
