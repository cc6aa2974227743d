"""LogType -> text: for `docs/log-types.md` (`python -m arrowtrail.describe`) and `arrowtrail schema`."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .catalog import builtin
from .logtype import Column, LogType
from .tablefile import added_columns, output_columns, scanners

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
_REQUIRED = {False: "", True: "yes", "in_header": "in header"}


def overview(log_types: Iterable[LogType]) -> str:
    """One line for each log type."""
    return _aligned([(each.name, each.about) for each in log_types])


def as_text(log_type: LogType) -> str:
    """A log type for the terminal: what it is, then a line for each output column."""
    lines = [("column", "type", "required", "indicators", "about")]
    lines += [
        (each.name, each.type, _REQUIRED[each.required], ",".join(each.indicators), _about(each))
        for each in output_columns(log_type)
    ]
    return f"{log_type.name}: {log_type.about}\n\n{_aligned(lines)}"


def as_data(log_type: LogType) -> dict[str, Any]:
    """A log type as JSON-ready data."""
    return {
        "name": log_type.name,
        "about": log_type.about,
        "event_time": list(log_type.event_time),
        "columns": [_column_data(column) for column in output_columns(log_type)],
    }


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
    parts.append("## Scanners")
    parts.append(_table(("Scanner", "Fills"), [(f"`{name}`", _codes(found)) for name, found in scanners().items()]))
    return "\n\n".join(parts) + "\n"


def _section(log_type: LogType) -> str:
    rows = [
        (f"`{each.name}`", f"`{each.type}`", _source(each), _REQUIRED[each.required], _scanners(each), _about(each))
        for each in log_type.columns
    ]
    titles = ("Column", "Type", "From", "Required", "Scanners", "About")
    event_time = ", else ".join(f"`{name}`" for name in log_type.event_time)
    return (
        f"## {log_type.name}\n\n{log_type.about} Event time: {event_time}. "
        f"The added columns stand behind these in order {log_type.added}.\n\n{_table(titles, rows)}"
    )


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
        more.append(f"{column.range[0]} to {column.range[1]}")
    return column.about + (f" ({'; '.join(more)})" if more else "")


def _source(column: Column) -> str:
    """Where the value comes from, and how it is read."""
    more = []
    if column.part is not None:
        more.append(column.part.replace("_", " "))
    if column.time is not None:
        more.append(_TIMES[column.time])
    if column.split is not None:
        more.append("split at spaces" if column.split == " " else f"split at `{column.split}`")
    return f"`{column.source}`" + (f", {', '.join(more)}" if more else "")


def _scanners(column: Column) -> str:
    more = column.indicator_more if column.indicator_more != column.indicator else None
    return ", ".join([*filter(None, (column.indicator,)), *(f"*{name}*" for name in filter(None, (more,)))])


def _column_data(column: Column) -> dict[str, Any]:
    data: dict[str, Any] = {"name": column.name, "type": column.type, "required": column.required}
    if column.unit is not None:
        data["unit"] = column.unit
    if column.indicators:
        data["indicators"] = list(column.indicators)
    data["about"] = column.about
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
