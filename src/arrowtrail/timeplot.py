"""Counts over time as a few lines of characters."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from .report import plural
from .tally import BEGIN

__all__ = ["ASCII", "BLOCKS", "plot"]

HEIGHT = 4
MOST_COLUMNS = 100
_DAY = 86_400
_NICE = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
_DAYS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)
_WIDTHS = (*_NICE, *(days * _DAY for days in _DAYS))
# What lies outside comes of broken clocks, and would press all else into one column.
_REASON = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
_UNITS = ((_DAY, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class Drawing(NamedTuple):
    """The characters: from nothing to a full cell, and those of the axes."""

    levels: str
    side: str
    corner: str
    line: str
    tick: str


BLOCKS = Drawing(" ▁▂▃▄▅▆▇█", "│", "└", "─", "┬")
ASCII = Drawing(" .:#", "|", "+", "-", "+")


def plot(buckets: Sequence[tuple[datetime, int]], seconds: int, *, width: int, drawing: Drawing = BLOCKS) -> list[str]:
    """Lines of at most `width` characters; no drawing where all events are in one column.

    `buckets`: beginning and count of those that have any, in order, each `seconds` wide.

    >>> start = datetime(2024, 5, 2, tzinfo=UTC)
    >>> counts = [(start + timedelta(seconds=at), at % 7 + 1) for at in range(24)]
    >>> print(*plot(counts, 1, width=40, drawing=ASCII), sep="\\n")
    events over time, 1 second a column
    7 |     :#     :#     :#
      |   .###   .###   .###
      | .##### .##### .##### .#
      |:######:######:######:##
      ++-----------------------
       2024-05-02 00:00:00
    """
    kept = [each for each in buckets if _REASON[0] <= each[0] < _REASON[1]] or list(buckets)
    if not kept:
        return []
    left_out = [_left_out(buckets)] if len(kept) < len(buckets) else []
    most = f"{max(count for _, count in kept):,}"
    room = max(1, min(width - len(most) - 2, MOST_COLUMNS))
    first, column, counts = _columns(kept, seconds, room)
    if len(counts) == 1:
        return left_out
    sides = [most, *[""] * (HEIGHT - 1)]
    lines = [f"events over time, {_length(column)} a column"]
    for side, cells in zip(sides, _cells(counts, drawing.levels), strict=True):
        lines.append(f"{side:>{len(most)}} {drawing.side}{cells}".rstrip())
    lines += [" " * (len(most) + 1) + text for text in _axis(first, column, len(counts), room, drawing)]
    return lines + left_out


def _columns(buckets: Sequence[tuple[datetime, int]], seconds: int, room: int) -> tuple[datetime, int, list[int]]:
    """The first column's beginning, the seconds of a column, and the count of each: as many as there is room for."""
    places = [(start - BEGIN) // timedelta(seconds=1) for start, _ in buckets]
    fitting = (each for each in _WIDTHS if each % seconds == 0 and places[-1] // each - places[0] // each < room)
    column = next(fitting, places[-1] + 1)
    first = places[0] // column
    counts = [0] * (places[-1] // column - first + 1)
    for place, (_, count) in zip(places, buckets, strict=True):
        counts[place // column - first] += count
    return BEGIN + timedelta(seconds=first * column), column, counts


def _cells(counts: Sequence[int], levels: str) -> Iterator[str]:
    """The rows from the top one down; whatever is not nothing shows."""
    steps = len(levels) - 1
    most = max(counts)
    heights = [-(-count * HEIGHT * steps // most) for count in counts]
    for row in range(HEIGHT - 1, -1, -1):
        yield "".join([levels[min(max(height - row * steps, 0), steps)] for height in heights])


def _axis(first: datetime, column: int, columns: int, room: int, drawing: Drawing) -> Iterator[str]:
    """The line below the columns, with a tick above the beginning of each time below it."""
    form = "%H:%M:%S" if column < 60 else "%H:%M"
    form = "" if column >= _DAY else f" {form}"
    size = len(_moment(first, form))
    ticks = [at for at in range(0, columns, size + 2) if at == 0 or at + size <= room]
    line = "".join([drawing.tick if at in ticks else drawing.line for at in range(columns)])
    labels = "  ".join([_moment(first + timedelta(seconds=at * column), form) for at in ticks])
    yield drawing.corner + line
    yield " " + labels


def _moment(moment: datetime, form: str) -> str:
    return moment.date().isoformat() + moment.strftime(form)


def _length(seconds: int) -> str:
    """
    >>> _length(1), _length(600), _length(172_800)
    ('1 second', '10 minutes', '2 days')
    """
    size, name = next((size, name) for size, name in _UNITS if seconds % size == 0)
    return plural(seconds // size, name)


def _left_out(buckets: Sequence[tuple[datetime, int]]) -> str:
    """How many events lie outside of what a log's time can reasonably be."""
    before = sum(count for start, count in buckets if start < _REASON[0])
    behind = sum(count for start, count in buckets if start >= _REASON[1])
    return f"not shown: {before:,} before {_REASON[0].year}, {behind:,} from {_REASON[1].year} on"
