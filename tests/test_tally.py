"""Counts of values and of events over time: exact while there is room, bounded beyond; plots that fit."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from arrowtrail.tally import BEGIN, MOST_BUCKETS, Timeline, ValueCounts
from arrowtrail.timeplot import ASCII, BLOCKS, plot

pytestmark = pytest.mark.python

BASE = datetime(2024, 5, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_value_counts_are_exact_while_there_is_room():
    drawn = random.Random(1)
    values = [drawn.choice(["a", "b", "c", "d", None]) for _ in range(10_000)]
    counts = ValueCounts()
    for at in range(0, len(values), 700):
        counts.add(pa.array(values[at : at + 700], pa.string()))
    want = Counter(value for value in values if value is not None)
    assert (dict(counts.top(9)), counts.total, counts.exact) == (want, want.total(), True)


def test_equal_counts_are_in_the_order_of_their_values():
    counts = ValueCounts()
    counts.add(pa.array(["c", "a", "b", "b"]))
    assert counts.top(3) == [("b", 2), ("a", 1), ("c", 1)]
    assert counts.top(0) == []


def test_a_million_different_values_stay_bounded():
    counts = ValueCounts(most=1000)
    for at in range(0, 1_000_000, 10_000):
        rare = [f"rare-{number}" for number in range(at, at + 10_000)]
        counts.add(pa.array([*rare, *["often"] * 500, *["now and then"] * 100]))
        assert len(counts.counts) <= 1000
    assert not counts.exact and counts.total == 1_000_000 + 50_000 + 10_000
    (first, seen), (second, less) = counts.top(2)
    assert (first, second) == ("often", "now and then")
    assert seen <= 50_000 <= seen + counts.missed and less <= 10_000 <= less + counts.missed


def test_counts_are_true_within_what_was_missed():
    drawn = random.Random(2)
    values = [int(drawn.expovariate(0.02)) for _ in range(50_000)]
    counts = ValueCounts(most=40)
    for at in range(0, len(values), 500):
        counts.add(pa.array(values[at : at + 500]))
    want = Counter(values)
    assert counts.missed and all(counts.counts[value] <= want[value] for value in counts.counts)
    assert all(want[value] <= counts.counts.get(value, 0) + counts.missed for value in want)


def test_long_values_take_no_more_room_than_many():
    counts = ValueCounts(most_chars=10_000)
    for number in range(100):
        counts.add(pa.array([f"{number}" + "x" * 900, "short", "x" * 50_000]))
        assert counts.chars == sum(map(len, counts.counts)) <= 10_000
    assert not counts.exact and ("short", 100) in counts.counts.items()


def test_buckets_widen_and_lose_no_event():
    line = Timeline()
    moments = [BASE + timedelta(seconds=37 * number) for number in range(20_000)]
    for at in range(0, len(moments), 1000):
        line.add(pa.array(moments[at : at + 1000], pa.timestamp("us", "UTC")))
        assert len(line.counts) <= MOST_BUCKETS
    assert (line.first, line.last, line.width) == (moments[0], moments[-1], 3600)
    want = Counter(moment.replace(minute=0, second=0) for moment in moments)
    assert dict(line.buckets()) == want


def test_the_ends_of_time_are_counted():
    line = Timeline(most=3)
    ends = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)]
    line.add(pa.array([*ends, None, BASE, BASE + timedelta(hours=9)], pa.timestamp("us", "UTC")))
    assert (line.first, line.last) == tuple(ends)
    assert sum(count for _, count in line.buckets()) == 4 and len(line.counts) == 3
    assert line.buckets()[0] == (ends[0], 1)


def test_no_moment_is_no_time():
    line = Timeline()
    line.add(pa.array([None], pa.timestamp("us", "UTC")))
    assert (line.first, line.last, line.buckets(), plot(line.buckets(), line.width, width=80)) == (None, None, [], [])


@pytest.mark.parametrize("drawing", [BLOCKS, ASCII])
def test_a_plot_fits_any_width_and_shows_every_event(drawing):
    drawn = random.Random(3)
    for seconds in (1, 10, 3600, 86_400, 1000 * 86_400):
        places = sorted(drawn.sample(range(36), 30))
        buckets = [(BEGIN + seconds * (10**6 // seconds + place) * SECOND, drawn.randint(1, 5000)) for place in places]
        for width in (30, 60, 80, 200):
            lines = plot(buckets, seconds, width=width, drawing=drawing)
            assert len(lines) == 7 and all(len(line) <= width for line in lines[1:])
            bottom = lines[4].partition(drawing.side)[2]
            assert drawing.levels[0] in bottom or width == 30
            if width >= 60:  # a column for each bucket
                assert sum(each != " " for each in bottom) == 30


def test_a_plot_of_one_moment_is_none():
    assert plot([(BASE, 7)], 1, width=80) == []


def test_times_beyond_reason_do_not_flatten_the_plot():
    days = [(BASE + timedelta(days=day), day + 1) for day in range(3)]
    odd = [(datetime(1, 1, 1, tzinfo=UTC), 2), *days, (datetime(9999, 12, 31, tzinfo=UTC), 5)]
    lines = plot(odd, 86_400, width=60, drawing=ASCII)
    assert lines[:-1] == plot(days, 86_400, width=60, drawing=ASCII)
    assert lines[-1] == "not shown: 2 before 2000, 5 from 2100 on"
    only_odd = plot([odd[0], odd[-1]], 86_400, width=60, drawing=ASCII)
    assert only_odd[0].startswith("events over time") and "0001-01-01" in only_odd[-1]
    assert plot([odd[0], days[0], odd[-1]], 86_400, width=60) == [lines[-1]]
