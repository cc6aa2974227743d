"""A survey for the terminal: what `arrowtrail stats` prints."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from shutil import get_terminal_size
from typing import Any, NamedTuple

from .drift import Found
from .report import plural
from .stats import Stats
from .survey import Faults, Survey, Top, TypeSurvey, time_text
from .timeplot import ASCII, BLOCKS, plot

__all__ = ["Line", "show_survey", "survey_lines"]

MOST_DRIFT = 20
MOST_VALUE_CHARS = 60
MOST_PATH_CHARS = 36
_KINDS = {"unknown": "", "surplus": "behind the last known field, ", "left_over": "known, value not taken, "}


class Line(NamedTuple):
    """A line of text, and how rich may show it."""

    text: str
    style: str = ""


def show_survey(survey: Survey, stats: Stats, most: int, write: Callable[[bytes], object]) -> None:
    """Give the survey to `write`, or to a terminal in colour; in the characters and the width that stdout has."""
    encoding = sys.stdout.encoding or "ascii"
    blocks = "".join(BLOCKS)
    ascii_only = blocks.encode(encoding, "replace").decode(encoding) != blocks
    width = get_terminal_size().columns
    lines = survey_lines(survey, stats, most=most, width=width, ascii_only=ascii_only)
    if not sys.stdout.isatty():
        write("".join(f"{line.text}\n" for line in lines).encode(encoding, "backslashreplace"))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(width=width)
    for line in lines:
        text = line.text.encode(encoding, "backslashreplace").decode(encoding)
        console.print(Text(text, line.style), soft_wrap=True)


def survey_lines(survey: Survey, stats: Stats, *, most: int, width: int, ascii_only: bool = False) -> list[Line]:
    """The survey as lines: `most` values of each column, plots that fit `width` characters.

    >>> [line.text for line in survey_lines(Survey([]), Stats(), most=5, width=80)]
    ['0 rows, 0 rejected, 0 warnings in 0 files']
    """
    outside = f", {stats.outside:,} rows of other times left out" if stats.outside else ""
    failed = f", {plural(stats.failed_files, 'input')} could not be read" if stats.failed_files else ""
    counts = f"{plural(stats.rows, 'row')}, {stats.rejected.total():,} rejected, "
    files = plural(stats.files, "file")
    lines = [Line(f"{counts}{plural(stats.warnings.total(), 'warning')} in {files}{outside}{failed}", "bold")]
    for found in survey.found():
        lines.append(Line(""))
        lines += _type_lines(found, most, width, ascii_only)
    return lines


def visible(text: str) -> str:
    r"""The text, with what a terminal would act on or not show as an escape.

    >>> visible("a\x1b[1m")
    'a\\x1b[1m'
    """
    return "".join([each if each.isprintable() else each.encode("unicode_escape").decode() for each in text])


def _type_lines(found: TypeSurvey, most: int, width: int, ascii_only: bool) -> Iterator[Line]:
    rejected = sum(faults.count for faults in found.rejected.values())
    counts = plural(found.rows, "row") + (f", {rejected:,} rejected" if rejected else "")
    yield Line(f"{found.name or 'of no log type'}: {counts}", "bold")
    if (first := found.times.first) is not None and (last := found.times.last) is not None:
        yield Line(f"  {time_text(first)} to {time_text(last)}")
    drawing = ASCII if ascii_only else BLOCKS
    for text in plot(found.times.buckets(), found.times.width, width=width - 2, drawing=drawing):
        yield Line(f"  {text}", "cyan")
    tops = found.top()
    if most and tops:
        yield Line("  top values", "bold")
        yield from map(Line, _top_lines(tops, most, width))
    if found.rejected:
        yield Line("  rejected", "bold")
        yield from (Line(text, "yellow") for text in _fault_lines(found.faults()))
    if found.warnings:
        yield Line("  warnings", "bold")
        texts = [f"{name} {count:,}" for name, count in found.warnings.most_common()]
        yield from (Line(text, "yellow") for text in _filled(texts, "    ", width))
    if found.drift is None and found.log_type is not None:
        yield Line("  unknown members and fields were not looked for (--no-unmapped)")
    elif found.drift is not None and (drift := found.drift.found()):
        yield Line("  not in the table", "bold")
        yield from (Line(text, "magenta") for text in _drift_lines(drift, found.drift.more, width))


def _top_lines(tops: Sequence[Top], most: int, width: int) -> Iterator[str]:
    room = min(max(len(top.path) for top in tops), MOST_PATH_CHARS)
    for top in tops:
        values = top.counts.top(most)
        head = f"    {_cut(top.path, room):<{room}}  "
        if values[0][1] <= top.counts.missed:
            yield f"{head}none stands out among {top.counts.total:,}"
            continue
        if len(top.counts.counts) > len(values) and values[0][1] == 1:
            yield f"{head}{len(top.counts.counts):,} values, none seen twice"
            continue
        texts = [_counted(value, count, width - len(head)) for value, count in values]
        if not top.counts.exact:
            texts.append(f"... (at least so many, at most {top.counts.missed:,} more)")
        elif len(top.counts.counts) > len(values):
            texts.append(f"... {len(top.counts.counts):,} values")
        yield from _filled(texts, head, width)


def _fault_lines(faults: Sequence[tuple[str, Faults]]) -> Iterator[str]:
    for reason, found in faults:
        yield f"    {found.count:,} {reason}"
        for place in found.places:
            yield f"      {_place(place)}: {visible(_why(place))}"


def _place(place: dict[str, Any]) -> str:
    return f"{visible(place['source'] or 'input')}, line {place['line']}, offset {place['offset']}"


def _why(place: dict[str, Any]) -> str:
    message: str = place["message"] or ""
    column = place["column"]
    return message if column is None or column in message else f"column {column}: {message}"


def _drift_lines(drift: Sequence[Found], more: int, width: int) -> Iterator[str]:
    shown = drift[:MOST_DRIFT]
    for each in shown:
        headers = f", {plural(each.headers, 'header')}" if each.headers else ""
        head = f"    {visible(each.path)}  {plural(each.rows, 'row')}{headers}"
        yield head if each.example is None else f"{head}: {_cut(visible(each.example), max(width - len(head) - 2, 24))}"
        offset = "" if each.offset is None else f", offset {each.offset}"
        yield f"      {_KINDS[each.kind]}first in {visible(each.source or 'input')}{offset}"
    if len(drift) > len(shown):
        yield f"    and {plural(len(drift) - len(shown), 'more path')}, which --format json lists"
    if more:
        yield f"    and {more:,} times something else, for which there was no room"


def _counted(value: object, count: int, room: int) -> str:
    """A value and its count: text in quotes where its ends would not be seen, its middle left out where it is long."""
    tail = f" ({count:,})"
    if not isinstance(value, str):
        return json.dumps(value) + tail
    text = visible(value)
    quote = '"' if not text or " " in text or "," in text else ""
    most = max(min(MOST_VALUE_CHARS, room - len(tail) - 3), 16)
    if len(text) > most:
        text = f"{text[: most * 2 // 3 - 3]}...{text[-(most // 3) :]}"
    return f"{quote}{text}{quote}{tail}"


def _filled(texts: Iterable[str], head: str, width: int) -> Iterator[str]:
    """The texts behind the head, parted by commas, on as many lines as they take."""
    line, blank = head, " " * len(head)
    empty = True
    for text in texts:
        piece = text if empty else f", {text}"
        if not empty and len(line) + len(piece) >= width:  # a comma may follow
            yield f"{line},"
            line, piece = blank, text
        line += piece
        empty = False
    yield line


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."
