"""Items of many sources, made by several threads, come in order; what waits is bounded."""

import threading
import time

import pytest

from arrowtrail.parallel import in_order


class Item:
    def __init__(self, value, size_bytes=1000):
        self.value = value
        self.size_bytes = size_bytes


@pytest.mark.parametrize("workers", [0, 1, 2, 5])
@pytest.mark.parametrize("queue_bytes", [1, 5000, 10**9])
def test_items_come_in_the_order_of_the_sources(workers, queue_bytes):
    def items(source):
        for number in range(source % 7):
            if number % 3 == 2:
                time.sleep(0.0005)
            yield Item((source, number))

    found = [item.value for item in in_order(range(60), items, workers=workers, queue_bytes=queue_bytes)]
    assert found == [(source, number) for source in range(60) for number in range(source % 7)]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_an_exception_comes_where_its_items_would(workers):
    def items(source):
        yield Item(source)
        if source == 4:
            raise ValueError("four")

    found = []
    with pytest.raises(ValueError, match="four"):
        for item in in_order(iter(range(100)), items, workers=workers, queue_bytes=3000):
            found.append(item.value)
    assert found == [0, 1, 2, 3, 4]
    assert_no_threads()


def test_sources_that_fail_fail_in_their_place():
    def sources():
        yield from range(3)
        raise OSError("lost")

    found = []
    with pytest.raises(OSError, match="lost"):
        for item in in_order(sources(), lambda source: (Item(source) for _ in range(2)), workers=2, queue_bytes=9):
            found.append(item.value)
    assert found == [0, 0, 1, 1, 2, 2]


def test_closing_early_stops_the_threads():
    closed = []

    def items(source):
        try:
            while True:
                yield Item(source)
        finally:
            closed.append(source)

    found = in_order(range(1000), items, workers=3, queue_bytes=10_000)
    assert next(found).value == 0
    found.close()
    assert_no_threads()
    assert sorted(closed) == [0, 1, 2]


def test_what_waits_is_bounded():
    waiting, most, lock = [0], [0], threading.Lock()

    def items(source):
        for _ in range(50):
            with lock:
                waiting[0] += 1
                most[0] = max(most[0], waiting[0])
            yield Item(source)

    for _ in in_order(range(20), items, workers=4, queue_bytes=10_000):
        with lock:
            waiting[0] -= 1
    # Ten items may wait, each thread holds one, and the first source may add one.
    assert most[0] <= 10 + 4 + 2


def assert_no_threads():
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not [thread for thread in threading.enumerate() if thread.name.startswith("arrowtrail-")]:
            return
        time.sleep(0.01)
    raise AssertionError("threads are left")
