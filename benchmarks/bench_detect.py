"""What it costs that a log type is told by content: CPU time of `parse` with the type detected, over that with it given.

python benchmarks/bench_detect.py [--type AWS.GuardDuty] [--mb 16] [--rounds 15]

Both run in turn in one process, pinned to one core, and each pair gives a ratio; the median of the ratios and the range of
their middle half come out. `control` is the type given both times: what the machine adds by itself.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import arrowtrail
from benchmarks import corpus
from benchmarks.logs import LOGS


def main() -> None:
    parser = argparse.ArgumentParser(description="The cost of detection.")
    parser.add_argument("--type", choices=sorted(LOGS), action="append", help="log type; all when left out")
    parser.add_argument("--mb", type=int, default=16, help="MB of plain text that each run reads")
    parser.add_argument("--rounds", type=int, default=15, help="pairs of runs")
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"{'log type':24}{'detected/given':>16}{'middle half':>16}{'control':>10}")
    for log_type in options.type or sorted(LOGS):
        data = corpus.path(log_type, options.mb).read_bytes()
        found = ratios(data, log_type, None, options.rounds)
        control = ratios(data, log_type, log_type, options.rounds)
        low, middle, high = statistics.quantiles(found, n=4)
        print(f"{log_type:24}{middle:16.3f}{f'{low:.3f}-{high:.3f}':>16}{statistics.median(control):10.3f}", flush=True)


def ratios(data: bytes, log_type: str, other: str | None, rounds: int) -> list[float]:
    """CPU seconds with `other` over those with the type given, of each pair; which of the two goes first alternates."""
    found = []
    for number in range(rounds + 1):
        runs = [lambda: read(data, log_type), lambda: read(data, other)]
        first = number % 2
        seconds = {place: cpu_seconds(runs[place]) for place in (first, 1 - first)}
        found.append(seconds[1] / seconds[0])
    return found[1:]  # the first pair warms up


def read(data: bytes, log_type: str | None) -> None:
    result = arrowtrail.parse(data, log_type, threads=1)
    assert result.rejected.num_rows == 0


def cpu_seconds(call: Callable[[], None]) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
