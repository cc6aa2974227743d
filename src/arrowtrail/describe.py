"""LogType -> text: for `docs/log-types.md` (`python -m arrowtrail.describe`) and `arrowtrail schema`."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import Any

from .catalog import builtin
from .foreign import foreign_logs
from .logtype import Column, Condition, LogType, Member
from .tablefile import added_columns, output_columns, scanners
from .vocabulary import Type, member_types, parse_type

__all__ = ["as_data", "as_text", "overview", "page"]

_TIMES = {
    "rfc3339": "RFC 3339",
    "clf": "`[02/May/2024:10:11:12 +0000]`",
    "unix_s": "seconds since 1970",
    "unix_ms": "milliseconds since 1970",
    "unix_us": "microseconds since 1970",
    "digits_us": "microseconds since 1970",
    "compact": "`20240502 10:11:12`",
}
_OTHER = (
    "A record of one of these logs is no row: it is rejected as `unknown_type`, and the message names the log. Its "
    "lines are one rejected record, as long as no record of another kind stands between them."
)
_REQUIRED = {False: "", True: "yes", "in_header": "in header"}


def overview(log_types: Iterable[LogType]) -> str:
    """One line for each log type."""
    return _aligned([(each.name, each.about) for each in log_types])


def as_text(log_type: LogType) -> str:
    """A log type for the terminal: what it is, then a line for each output column and each of its members."""
    lines = [("column", "type", "required", "indicators", "about")]
    for column in output_columns(log_type):
        lines.append(
            (column.name, _short(column), _REQUIRED[column.required], ",".join(column.indicators), _about(column))
        )
        lines += [
            (f"{column.name}.{each.path}", kind, _REQUIRED[each.required], ",".join(each.indicators), "")
            for each, kind in _members(column)
        ]
    detect = "".join(f"\n{rule}" for rule in _detect(log_type))
    return f"{log_type.name}: {log_type.about}{detect}\n\n{_aligned(lines)}"


def as_data(log_type: LogType) -> dict[str, Any]:
    """A log type as JSON-ready data."""
    data: dict[str, Any] = {
        "name": log_type.name,
        "about": log_type.about,
        "event_time": list(log_type.event_time),
    }
    if log_type.detect.members:
        data["detect"] = [[_condition(each) for each in conditions] for conditions in log_type.detect.members]
    data["columns"] = [_column_data(column) for column in output_columns(log_type)]
    return data


def page(log_types: Mapping[str, LogType]) -> str:
    """The whole page `docs/log-types.md`."""
    parts = [
        "# Log types",
        "This page is generated from `src/arrowtrail/tables/` by `python -m arrowtrail.describe`; change the tables, "
        "not the page.",
        "Columns marked *required* reject a record that lacks them; *in header* means: where the header names them. "
        "Scanners in *italics* look in the mode `extended` only.",
        _table(
            ("Log type", "One row is"),
            [(f"[{name}](#{_anchor(name)})", each.about) for name, each in log_types.items()],
        ),
    ]
    parts += [_section(log_type) for log_type in log_types.values()]
    parts += [
        _added_section(order, log_types.values()) for order in sorted({each.added for each in log_types.values()})
    ]
    parts += ["## Other logs", _OTHER, _table(("Log", "Told by"), _other_logs())]
    parts.append("## Scanners")
    parts.append(_table(("Scanner", "Fills"), [(f"`{name}`", _codes(found)) for name, found in scanners().items()]))
    return "\n\n".join(parts) + "\n"


def _section(log_type: LogType) -> str:
    rows = [row for column in log_type.columns for row in _rows(column)]
    titles = ("Column", "Type", "From", "Required", "Scanners", "About")
    event_time = ", else ".join(f"`{name}`" for name in log_type.event_time)
    detect = "".join(f" {rule}" for rule in _detect(log_type))
    if log_type.keys:
        detect += f" S3 keys have {' or '.join(_codes([key]) for key in log_type.keys)} in them."
    if log_type.tokens is None:
        detect += " In the mode `extended` every `json` value is walked, whether it has a scanner or not."
    return (
        f"## {log_type.name}\n\n{log_type.about} Event time: {event_time}. "
        f"The added columns stand behind these in order {log_type.added}.{detect}\n\n{_table(titles, rows)}"
    )


def _rows(column: Column) -> Iterator[tuple[str, ...]]:
    """The column's line in the page, then a line for each member of its structs."""
    required = _REQUIRED[column.required]
    yield f"`{column.name}`", f"`{_short(column)}`", _source(column), required, _scanners(column), _about(column)
    for each, kind in _members(column):
        yield f"`{column.name}.{each.path}`", f"`{kind}`", _source(each), _REQUIRED[each.required], _scanners(each), ""


def _detect(log_type: LogType) -> list[str]:
    """The sentences that say which records are of the type; for lines, only that they come as Parquet, too."""
    rules = [", ".join(map(_condition, conditions)) for conditions in log_type.detect.members]
    found = [f"A record is of this type where it has {'; or '.join(rules)}."] if rules else []
    return [*found, "Its records also come as the rows of Parquet files."] if log_type.records.parquet else found


def _other_logs() -> Iterator[tuple[str, str]]:
    """Each log that is named and refused, and what its records have in common."""
    told: dict[str, list[str]] = {}
    for log in foreign_logs():
        rules = [", ".join(map(_condition, every)) for every in log.detect.members]
        starts = log.detect.starts
        fields = [each if isinstance(each, str) else _codes(each).replace(", ", " or ") for each in starts]
        told.setdefault(log.name, []).extend(["members " + rule for rule in rules] or ["fields " + ", ".join(fields)])
    for name, rules in told.items():
        yield name, "; or ".join(rules)


def _condition(condition: Condition) -> str:
    if condition.word is not None:
        return f"{condition.path} = {condition.word}"
    return f"{condition.path} (a number)" if condition.number else condition.path


def _members(column: Column) -> Iterator[tuple[Member, str]]:
    """Every member of a column's structs, stated in the table or not, with the short form of its type."""
    for path, kind in member_types(parse_type(column.type)):
        yield column.member(path) or Member(path, path.rpartition(".")[2]), _kind(kind)


def _short(column: Column) -> str:
    return _kind(parse_type(column.type))


def _kind(kind: Type) -> str:
    """A type without the members of its structs, which have lines of their own."""
    return f"list<{_kind(kind.children[0][1])}>" if kind.kind == "list" else kind.kind


def _added_section(order: str, log_types: Iterable[LogType]) -> str:
    names = ", ".join(each.name for each in log_types if each.added == order)
    rows = [(f"`{each.name}`", f"`{each.type}`", each.about) for each in added_columns(order)]
    return f"## Added columns, order {order}\n\nOf {names}.\n\n{_table(('Column', 'Type', 'About'), rows)}"


def _about(column: Column) -> str:
    """The description, with unit, allowed words and range."""
    more = []
    if column.unit is not None:
        more.append(f"in {column.unit}")
    if column.allowed is not None:
        more.append("one of " + ", ".join(column.allowed))
    if column.range is not None:
        more.append(_range(*column.range))
    return column.about + (f" ({'; '.join(more)})" if more else "")


def _range(least: float, most: float) -> str:
    if most == inf:
        return f"{least} or more"
    return f"{most} or less" if least == -inf else f"{least} to {most}"


def _source(value: Column | Member) -> str:
    """Where the value comes from, and how it is read."""
    more = [f"or `{name}`" for name in value.alias]
    if isinstance(value, Column) and value.part is not None:
        more.append(value.part.replace("_", " "))
    if value.time is not None:
        more.append(_TIMES[value.time])
    if isinstance(value, Column) and value.split is not None:
        more.append("split at spaces" if value.split == " " else f"split at `{value.split}`")
    return ", ".join([f"`{value.source}`", *more])


def _scanners(value: Column | Member) -> str:
    more = value.indicator_more if value.indicator_more != value.indicator else None
    found = [*filter(None, (value.indicator,)), *(f"*{name}*" for name in filter(None, (more,)))]
    if isinstance(value, Member) and (by := value.indicator_by or value.indicator_more_by):
        mark = "*" if value.indicator_more_by else ""
        found += [f"{mark}{name}{mark} where {by.member} is {word}" for word, name in by.scanners]
    return ", ".join(found)


def _column_data(column: Column) -> dict[str, Any]:
    data: dict[str, Any] = {"name": column.name, "type": column.type, "required": column.required}
    if column.unit is not None:
        data["unit"] = column.unit
    if column.alias:
        data["alias"] = list(column.alias)
    if column.indicators:
        data["indicators"] = list(column.indicators)
    if column.members:
        data["members"] = [_member_data(member) for member in column.members]
    data["about"] = column.about
    return data


def _member_data(member: Member) -> dict[str, Any]:
    data: dict[str, Any] = {"path": member.path, "required": member.required}
    if member.alias:
        data["alias"] = list(member.alias)
    if member.indicators:
        data["indicators"] = list(member.indicators)
    return data


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _anchor(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum() or letter in "-_")


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    """Cells in columns, two spaces apart."""
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


if __name__ == "__main__":
    sys.stdout.write(page(builtin()))
