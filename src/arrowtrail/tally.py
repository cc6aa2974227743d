"""Counts in bounded memory: of values, and of events over time."""

import heapq
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Timeline", "ValueCounts", "utc"]

MOST_VALUES = 10_000
MOST_VALUE_CHARS = 2_000_000
MOST_BUCKETS = 1_000
BEGIN = datetime(1, 1, 1, tzinfo=UTC)
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
WIDTHS = (1, 10, _MINUTE, 10 * _MINUTE, _HOUR, 6 * _HOUR, _DAY, 10 * _DAY, 100 * _DAY, 1000 * _DAY, 10_000 * _DAY)
_BEGIN_US = (datetime(1970, 1, 1, tzinfo=UTC) - BEGIN) // timedelta(microseconds=1)


class ValueCounts:
    """How often each value came: exact up to 10,000 different ones (or 2 million characters of them).

    Beyond, the rarer half is forgotten again and again. A count is then the least that is certain, and too small by
    `missed` at most, which is also the most that a value not listed can have.

    >>> counts = ValueCounts()
    >>> counts.add(pa.array(["a", "b", None, "a"]))
    >>> counts.top(1), counts.exact
    ([('a', 2)], True)
    """

    def __init__(self, most: int = MOST_VALUES, most_chars: int = MOST_VALUE_CHARS) -> None:
        self.most = most
        self.most_chars = most_chars
        self.counts: dict[object, int] = {}
        self.chars = 0
        self.missed = 0
        self.total = 0
        """Values that were counted, the forgotten ones too."""

    def add(self, values: pa.Array) -> None:
        """Count the values that are not null."""
        counts = self.counts
        found = pc.value_counts(values.drop_null())
        for value, count in zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True):
            if value in counts:
                counts[value] += count
            else:
                counts[value] = count
                if isinstance(value, str):
                    self.chars += len(value)
                if len(counts) > self.most or self.chars > self.most_chars:
                    self._forget()
        self.total += len(values) - values.null_count

    @property
    def exact(self) -> bool:
        """Whether no value was forgotten."""
        return self.missed == 0

    def top(self, most: int) -> list[tuple[object, int]]:
        """The values that came most, and how often; equal counts by value."""
        return heapq.nsmallest(most, self.counts.items(), key=lambda item: (-item[1], str(item[0])))

    def _forget(self) -> None:
        """Keep the half that came most, and of long values as many as take half of the characters."""
        kept: dict[object, int] = {}
        chars = 0
        ranked = sorted(self.counts.items(), key=lambda item: -item[1])
        for place, (value, count) in enumerate(ranked):
            size = len(value) if isinstance(value, str) else 0
            if place >= self.most // 2 or chars + size > self.most_chars // 2:
                self.missed += count
                break
            kept[value] = count
            chars += size
        self.counts.clear()
        self.counts.update(kept)
        self.chars = chars


class Timeline:
    """Counts of moments in buckets of one width: seconds at first, wider ones as more than 1000 are in use.

    >>> line = Timeline()
    >>> line.add(pa.array([0, 1_000_000, 1_999_999, None], pa.timestamp("us", "UTC")))
    >>> [(start.isoformat(), count) for start, count in line.buckets()], line.width
    ([('1970-01-01T00:00:00+00:00', 1), ('1970-01-01T00:00:01+00:00', 2)], 1)
    """

    def __init__(self, most: int = MOST_BUCKETS) -> None:
        self.most = most
        self.counts: dict[int, int] = {}  # by number of the bucket, from year 1 on
        self._width = 0
        self._least_us: int | None = None
        self._most_us: int | None = None

    @property
    def width(self) -> int:
        """Seconds of a bucket."""
        return WIDTHS[self._width]

    @property
    def first(self) -> datetime | None:
        """The earliest moment."""
        return None if self._least_us is None else utc(self._least_us)

    @property
    def last(self) -> datetime | None:
        """The latest moment."""
        return None if self._most_us is None else utc(self._most_us)

    def add(self, moments: pa.Array) -> None:
        """Count moments (timestamps in microseconds); nulls are left out."""
        micros = moments.cast(pa.int64()).drop_null()
        if not len(micros):
            return
        ends = pc.min_max(micros).as_py()
        self._least_us = min(ends["min"], ends["min"] if self._least_us is None else self._least_us)
        self._most_us = max(ends["max"], ends["max"] if self._most_us is None else self._most_us)
        numbers = pc.divide(pc.add(micros, _BEGIN_US), self.width * 1_000_000)  # never negative, so cut is floor
        found = pc.value_counts(numbers)
        for number, count in zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True):
            self.counts[number] = self.counts.get(number, 0) + count
        while len(self.counts) > self.most and self._width < len(WIDTHS) - 1:
            self._widen()

    def buckets(self) -> list[tuple[datetime, int]]:
        """Beginning and count of each bucket that has any, in order."""
        return [
            (BEGIN + timedelta(seconds=number * self.width), count) for number, count in sorted(self.counts.items())
        ]

    def _widen(self) -> None:
        factor = WIDTHS[self._width + 1] // self.width
        counts: dict[int, int] = {}
        for number, count in self.counts.items():
            counts[number // factor] = counts.get(number // factor, 0) + count
        self.counts = counts
        self._width += 1


def utc(micros: int) -> datetime:
    """The moment so many microseconds after 1970 began."""
    return BEGIN + timedelta(microseconds=micros + _BEGIN_US)
