"""Bytes in memory to a table and to dicts: bytes/s and rows/s of each log type, in each mode, given and detected.

pytest benchmarks/bench_read.py [--mb 32] [--benchmark-json FILE]
"""

from __future__ import annotations

from collections import deque

import pytest

from benchmarks import corpus
from benchmarks.logs import LOGS

arrowtrail = pytest.importorskip("arrowtrail")


@pytest.fixture(scope="module", params=sorted(LOGS))
def log(request, mb):
    """(log type, its bytes, rows in them)"""
    file = corpus.path(request.param, mb)
    return request.param, file.read_bytes(), corpus.rows(file)


@pytest.mark.parametrize("indicators", ["extended", "panther", "off"])
@pytest.mark.parametrize("type_is", ["given", "detected"])
def test_parse(rated, log, indicators, type_is):
    log_type, data, rows = log
    given = log_type if type_is == "given" else None
    result = rated(lambda: arrowtrail.parse(data, given, indicators=indicators, threads=1), len(data), rows)
    assert (result.table.num_rows, result.rejected.num_rows) == (rows, 0)


def test_rows(rated, log):
    """From bytes to dicts that are dropped as they come."""
    log_type, data, rows = log
    found = rated(lambda: drained(arrowtrail.rows(data, log_type, threads=1)), len(data), rows)
    assert found.stats.rows == rows


def test_to_pylist(rated, log):
    """What Arrow's own dicts cost, from a table that is there already; in pieces, so that they need not all be held."""
    log_type, data, rows = log
    batches = arrowtrail.parse(data, log_type).table.to_batches(max_chunksize=4096)
    rated(lambda: drained(batch.to_pylist() for batch in batches), len(data), rows)


def drained(items):
    deque(items, 0)
    return items


@pytest.mark.parametrize("repeats", [1, 100])
def test_parse_small(rated, log, repeats):
    """What a call costs before its first byte: ten records at a time, as from a queue."""
    log_type, _, _ = log
    small = corpus.some(log_type, 10)

    def calls():
        for _ in range(repeats):
            result = arrowtrail.parse(small, log_type, threads=1)
        return result

    result = rated(calls, len(small) * repeats, 10 * repeats)
    assert result.table.num_rows == 10
