"""What the pytest-benchmark scripts share: sizes, one core, CPU time, and the record of bytes and rows."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest

from benchmarks import corpus


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mb", type=int, default=32, help="MB of plain text that each benchmark reads")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """CPU time, not wall time: the machine has other work to do."""
    for item in items:
        item.add_marker(pytest.mark.benchmark(timer=time.process_time, min_rounds=5, warmup=False))


@pytest.fixture(scope="session", autouse=True)
def one_core():
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    yield
    os.sched_setaffinity(0, cores)


@pytest.fixture(scope="session")
def mb(request: pytest.FixtureRequest) -> int:
    return request.config.getoption("--mb")


@pytest.fixture
def rated(benchmark) -> Callable:
    """`rated(call, size_bytes, rows)`: a warm-up and seven rounds of one call each; the rates go into the report."""

    def run(call: Callable, size_bytes: int, rows: int) -> object:
        benchmark.extra_info.update(size_bytes=size_bytes, rows=rows)
        result = benchmark.pedantic(call, rounds=7, warmup_rounds=1)
        if benchmark.stats:  # none under --benchmark-disable
            median_s = benchmark.stats.stats.median
            benchmark.extra_info.update(mb_per_s=size_bytes / median_s / corpus.MB, rows_per_s=rows / median_s)
        return result

    return run
