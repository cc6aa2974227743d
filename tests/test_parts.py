"""Inputs read in parts by several threads: whatever the parts, all is as one thread reads it."""

import gzip
import io
import threading
from random import Random
from typing import Any

import pytest
from conftest import DIVISOR
from json_documents import JSON_LOG_TYPES
from json_logs import damage, make_json_log
from json_records import record
from strategies import LOG_TYPES, make_log

import arrowtrail
from arrowtrail import parts
from arrowtrail.sources import BytesSource

pytestmark = pytest.mark.usefixtures("native")
COUNTS = ("rows", "records", "outside", "rejected", "warnings", "rows_by_type", "blank", "bytes", "files", "failed")
FLOW = b"2 210987654321 eni-1 10.0.0.%d 10.0.0.2 1 2 6 1 40 1714644672 1714644731 ACCEPT OK\n"
AUDIT = b"1714644672000000,db,user,10.0.0.1,7,8,QUERY,shop,'select\n%d',0\n"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[bool | None]:
    """Whether the guess of each part has held; None where there was none."""
    found: list[bool | None] = []
    expect = parts.Stream.expect

    def seen(stream: parts.Stream, state: bytes | None, held: bool | None) -> None:
        found.append(held)
        expect(stream, state, held)

    monkeypatch.setattr(parts.Stream, "expect", seen)
    return found


def small_parts(monkeypatch: pytest.MonkeyPatch, part_bytes: int, head_bytes: int, item_bytes: int = 10**9) -> None:
    monkeypatch.setattr(parts, "LEAST_BYTES", 0)
    monkeypatch.setattr("arrowtrail.passes.LEAST_BYTES", 0)
    monkeypatch.setattr(parts, "PART_BYTES", part_bytes)
    monkeypatch.setattr(parts, "HEAD_BYTES", head_bytes)
    monkeypatch.setattr(parts, "TAIL_BYTES", max(1, part_bytes // 2))
    monkeypatch.setattr(parts, "READ_BYTES", max(1, part_bytes // 3))
    monkeypatch.setattr(parts, "MOST_ITEM_BYTES", item_bytes)
    monkeypatch.setattr("arrowtrail.sources.BLOCK_BYTES", max(1, part_bytes // 2))


def read(data: Any, log_type: str | None, threads: int, **options: Any) -> dict[str, Any]:
    """All that a pass gives, in a form that can be compared."""
    rejects: list = []
    found = arrowtrail.split if log_type is None else arrowtrail.scan
    given = {} if log_type is None else {"log_type": log_type}
    options = {"row_id_seed": 1, "parse_time": 1, "rejects": rejects.append, "threads": threads, **given, **options}
    run = found(data, **options)
    rows: dict[str, list] = {}
    for item in run:
        name, batch = item if log_type is None else (log_type, item)
        rows.setdefault(name, []).extend(batch.to_pylist())
    counts = {name: getattr(run.stats, name) for name in COUNTS}
    return {"values": rows, "rejects": [row for batch in rejects for row in batch.to_pylist()], **counts}


def assert_parts_change_nothing(data: Any, log_type: str | None, **options: Any) -> None:
    whole, by_parts = read(data, log_type, 1, **options), read(data, log_type, 3, **options)
    for name, value in whole.items():
        assert by_parts[name] == value, name


@pytest.mark.parametrize("log_type", [*LOG_TYPES, *JSON_LOG_TYPES])
def test_any_parts_give_the_same(log_type: str, monkeypatch: pytest.MonkeyPatch):
    for seed in range(max(2, 60 // DIVISOR)):
        rng = Random(f"{log_type} {seed}")
        make = make_log if log_type in LOG_TYPES else make_json_log
        log = make(log_type, seed, 25)
        data = log if isinstance(log, bytes) else log.data
        if rng.random() < 0.3:
            data = damage(data, rng)
        small_parts(monkeypatch, rng.choice((80, 400, 3000)), rng.choice((1, 300, 2000)), rng.choice((1, 10**9)))
        options = {"batch_rows": rng.choice((1, 7, 65536))}
        if rng.random() < 0.2:
            options["max_record"] = rng.randint(1, 2000)
        if rng.random() < 0.2:
            options["since"] = "2024-05-02T10:11:12Z"
        named = log_type if rng.random() < 0.5 else None
        try:
            assert_parts_change_nothing(data, named, **options)
        except AssertionError as error:
            error.add_note(f"log {log_type} seed {seed}, {named=}, {options=}, part {parts.PART_BYTES}")
            raise


def test_parts_of_several_inputs_come_in_order(monkeypatch: pytest.MonkeyPatch, held: list[bool | None]):
    small_parts(monkeypatch, 500, 200)
    logs = [b"".join(FLOW % (at % 250) for at in range(count)) for count in (100, 0, 1, 30, 200)]
    whole = read(logs, "AWS.VPCFlow", 1)
    assert [row["srcAddr"] for row in whole["values"]["AWS.VPCFlow"]][:3] == ["10.0.0.0", "10.0.0.1", "10.0.0.2"]
    assert read(logs, "AWS.VPCFlow", 4) == whole
    assert held.count(True) > 30 and held.count(False) == 0


HEADS = {
    "headers": (b"version account-id interface-id srcaddr dstaddr\n", b"2 1 eni-1 10.0.0.%d 10.0.0.2 xx\n", b""),
    "headerless": (b"", FLOW, b""),
    "json lines": (b"", record("AWS.VPCDns", srcport='"%d"') + b"\n", b""),
    "records": (b'{"Records":[', record("AWS.CloudTrail", eventID='"%d"') + b",", record("AWS.CloudTrail") + b"]}"),
    "array": (b"[ ", record("AWS.CloudTrail", eventID='"%d"') + b" ,\n ", record("AWS.CloudTrail") + b"]"),
    "pretty-printed": (b"", record("AWS.CloudTrail", eventID='"%d"').replace(b'",', b'",\n  ') + b"\n", b""),
}


@pytest.mark.parametrize("frame", HEADS)
def test_guesses_hold_in_every_frame(frame: str, monkeypatch: pytest.MonkeyPatch, held: list[bool | None]):
    first, each, last = HEADS[frame]
    data = first + b"".join(each % (at % 250) for at in range(300)) + last
    small_parts(monkeypatch, len(data) // 20, len(data) // 25)
    assert_parts_change_nothing(data, None)
    assert held.count(True) >= 15 and held.count(False) == 0, held
    assert_parts_change_nothing(gzip.compress(data), None)
    assert held.count(False) == 0


def test_a_header_in_the_middle_costs_one_guess(monkeypatch: pytest.MonkeyPatch, held: list[bool | None]):
    headers = (b"version account-id interface-id srcaddr dstaddr", b"dstaddr srcaddr interface-id account-id new-name")
    data = b"".join(header + b"\n" + b"2 1 eni-1 10.0.0.1 10.0.0.2\n" * 500 for header in headers * 2)
    small_parts(monkeypatch, 4000, 1000)
    assert_parts_change_nothing(data, "AWS.VPCFlow")
    assert held.count(False) <= 9 and held.count(True) > 2, held


def test_records_of_several_lines_cost_a_guess_where_a_part_ends_in_one(
    monkeypatch: pytest.MonkeyPatch, held: list[bool | None]
):
    data = b"".join(AUDIT % number for number in range(1000))
    small_parts(monkeypatch, 1500, 500)
    assert_parts_change_nothing(data, "AWS.AuroraMySQLAudit")
    assert False in held


def test_it_is_given_up_where_no_guess_holds(monkeypatch: pytest.MonkeyPatch, held: list[bool | None]):
    data = b"".join(record("AWS.VPCDns", srcport=f'"{number}"') + b"\n" for number in range(1000))
    small_parts(monkeypatch, len(data) // 100, len(data) // 100)
    monkeypatch.setattr("arrowtrail.passes.QUEUE_BYTES", 1)  # else parts are taken far ahead of the first miss
    monkeypatch.setattr("arrowtrail.passes.QUEUE_BATCHES", 0)
    right = parts.Stream._cut_off

    def wrong(stream: parts.Stream, blocks: list) -> bytes:
        rest = right(stream, blocks)
        blocks.append(rest[:20])
        return rest[20:]

    monkeypatch.setattr(parts.Stream, "_cut_off", wrong)
    assert_parts_change_nothing(data, None)
    assert 1 <= held.count(False) <= parts.MOST_MISSES + 8 and held.count(None) > 50, held


def test_a_cut_or_corrupt_stream_is_told_as_by_one_thread(monkeypatch: pytest.MonkeyPatch):
    small_parts(monkeypatch, 3000, 1000)
    zipped = gzip.compress(b"".join(FLOW % (at % 250) for at in range(3000)), 1)
    half = len(zipped) // 2
    for bad in (
        zipped[:half],
        zipped[:half] + b"\xff" * 50 + zipped[half:],
        zipped + b"text",
        zipped[:20],
        b"\x1f\x8b",
    ):
        assert_parts_change_nothing(bad, "AWS.VPCFlow")
        assert read(io.BytesIO(bad), None, 3) == read(bad, None, 1)
    assert_parts_change_nothing(zipped, "AWS.VPCFlow", max_decompressed=100_000)


class Failing(io.RawIOBase):
    """A file that cannot be read to its end."""

    def __init__(self, data: bytes):
        self.file = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, at: int, whence: int = 0) -> int:
        return self.file.seek(at, whence)

    def tell(self) -> int:
        return self.file.tell()

    def read(self, size: int = -1) -> bytes:
        block = self.file.read(size)
        if not block:
            raise OSError(5, "Input/output error")
        return block


def test_an_input_that_fails_midway_gives_what_came(monkeypatch: pytest.MonkeyPatch):
    small_parts(monkeypatch, 3000, 1000)
    data = b"".join(FLOW % (at % 250) for at in range(500))[:-20]
    found = []
    for threads in (1, 3):
        run = arrowtrail.rows(
            [Failing(data), FLOW % 7], "AWS.VPCFlow", threads=threads + 1, row_id_seed=1, parse_time=1
        )
        rows = []
        with pytest.raises(arrowtrail.SourceError, match="Input/output error"):
            rows.extend(run)
        found.append((rows, run.rejected.to_pylist(), run.stats.failed, run.stats.records))
    assert found[0] == found[1]
    assert len(found[0][0]) == 500 and [row["reason"] for row in found[0][1]] == ["truncated"]


def test_early_stop_ends_the_threads(monkeypatch: pytest.MonkeyPatch):
    small_parts(monkeypatch, 3000, 1000)
    taken = []

    class Counted(BytesSource):
        def blocks(self):
            for block in super().blocks():
                taken.append(len(block))
                yield block

    data = b"".join(FLOW % (at % 250) for at in range(100_000))
    run = arrowtrail.rows(Counted(data), "AWS.VPCFlow", threads=4)
    assert next(run)["srcAddr"] == "10.0.0.0"
    run.close()
    assert sum(taken) < len(data) and not [each for each in threading.enumerate() if "arrowtrail" in each.name]
