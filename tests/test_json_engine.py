"""engine == oracle on JSON: generated and damaged logs in every frame, any cut into chunks, every option."""

from random import Random

import pytest
from conftest import DIVISOR, run_with_other_kernels
from engine_rows import assert_same, engine_rows, oracle_rows
from hypothesis import given
from hypothesis import strategies as st
from json_documents import JSON_LOG_TYPES
from json_logs import BROKEN_BITS, damage, make_json_log
from json_records import LINE, record
from oracle.json_tables import load_json_tables
from strategies import cut_points, split
from test_oracle import MODES, RECORDS, given_or_not

SIZES = (0, 1, 2, 5, 20, 60, 200)
PIECES = (
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\n", b"null", b"01", b"\xff", b"\x00", b"1e999", b"\\q", b"tru",
    b"\x0c", b"\x1a", b"1",
)  # fmt: skip
FRAME_PIECES = [
    b'{"Records":[', b'"Records":[', b'"Records":', b'{"Type":"Notification","Message":"', b'"Message":"',
    b'"Type":"Notification"', b'{"messageType":"D","logGroup":"g","logStream":"s","logEvents":[', b'"logEvents":[',
    b'{"logEvents":[{"message":"', b'"messageType":"D","logGroup":"g","logStream":"s"', b'"message":"', b'"detail":',
    b'{"detail-type":"t","source":"s","account":"1","time":"2024-05-02T10:11:12Z","detail":', b'"s3":{"object":{}}',
    b'"Event":"s3:TestEvent"', b"2024-05-02T10:11:12.345Z ", b"text", b"version account-id interface-id start end",
    LINE, b"1714644672123456,h,u,1.2.3.4,1,2,QUERY,d,'select", b"x',0", record("AWS.VPCDns"), record("AWS.CloudTrail"),
    b'{"a":1}', b'{"a":1,', b'{"a":', b'{"b":[', b'\\"', b"\\n", b"\r\n", b"\r", b",", b"]}", b'"}', b'"}]}', b"5",
    b" ", b"\xef\xbb\xbf", b"\xc3\xa9", b"\xe2\x82", b"\x1f", b"\\u12", b"\\ud800", b"-", b"true", b"1.", b"\xff,",
    b"}", b"]", *PIECES,
]  # fmt: skip
FRAMES = {
    "records": b'{"Records":[%s,%s]}',
    "lines": b"%s\n%s\n",
    "text": b"text\n%s\n2024-05-02T10:11:12.345Z %s\n",
    "envelopes": b'[{"detail-type":"t","detail":%s,"source":"s","account":"1","time":"2024-05-02T10:11:12Z"},%s]',
}


@pytest.mark.parametrize("log_type", JSON_LOG_TYPES)
def test_many_records_give_the_same_rows(native, log_type: str):
    """Files of many sizes; each is read in one of the ways that callers have, drawn from its seed."""
    done = seed = 0
    while done < RECORDS:
        rng = Random(f"{log_type} {seed}")
        data = make_json_log(log_type, seed, SIZES[seed % len(SIZES)], odd=rng.choice((0.02, 0.2, 0.7)))
        if rng.random() < 0.3:
            data = damage(data, rng)
        both, engine_only = some_options(log_type, rng)
        named = log_type if rng.random() < 0.5 else None
        expected = oracle_rows(data, named, **both)
        cuts = [rng.randrange(65537) for _ in range(rng.choice((0, 0, 1, 5, 60)))]
        try:
            assert_same(engine_rows(split(data, cuts), named, **both, **engine_only), expected)
        except AssertionError as error:
            error.add_note(f"log {log_type} seed {seed}, {named=}, {both=}, {engine_only=}")
            raise
        done += max(1, expected.counts["records"])
        seed += 1


@pytest.mark.parametrize("seed", range(max(3, 30 // DIVISOR)))
def test_large_pieces_give_the_same_rows(native, seed: int):
    """Pieces that are read where they stand, against small ones, which are all copied first."""
    rng = Random(f"large {seed}")
    log_type = rng.choice(JSON_LOG_TYPES)
    data = b""
    while len(data) < 700_000:
        odd = rng.choice((0, 0, 0.02, 0.3))
        log = make_json_log(log_type, f"{seed} {len(data)}", rng.choice((5, 60, 200)), odd=odd)
        data += (damage(log, rng) if rng.random() < 0.2 else log) + rng.choice((b"", b"\n"))
        if rng.random() < 0.1:
            text = rng.choice((b"}", b"x", b'\\"', b"\xff")) * rng.randrange(200_000)
            data += b'{"long":"' + text + rng.choice((b'"}', b""))
    named = log_type if rng.random() < 0.5 else None
    large = split(data, [rng.randrange(65537) for _ in range(rng.choice((0, 2, 6)))])
    small = [data[at : at + 999] for at in range(0, len(data), 999)]
    assert_same(engine_rows(large, named), engine_rows(small, named))


def some_options(log_type: str, rng: Random) -> tuple[dict, dict]:
    """Options of both readers, options of the engine."""
    both: dict = {"indicators": rng.choice(MODES)}
    if rng.random() < 0.25:
        names = load_json_tables()[log_type].schema
        both["columns"] = ["p_log_type", *rng.sample(names, rng.randint(0, 8))]
    if rng.random() < 0.1:
        both["max_record"] = rng.randint(1, 2000)
    if rng.random() < 0.1:
        both |= {"unmapped": False, "source_id": rng.choice(("", "id")), "source_label": "label"}
    return both, {"batch_rows": rng.choice((1, 3, 100, 65536))}


@given(data=st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join), cuts=cut_points(), named=given_or_not)
def test_any_marks_give_the_same(native, data: bytes, cuts: list[int], named: bool):
    log_type = "AWS.CloudTrail" if named else None
    assert_same(engine_rows(split(data, cuts), log_type), oracle_rows(data, log_type))


def test_any_pieces_of_frames_give_the_same(native):
    for seed in range(RECORDS // 5):
        rng = Random(f"frames {seed}")
        data = b"".join(rng.choice(FRAME_PIECES) for _ in range(rng.randint(1, 14)))
        log_type = rng.choice((None, None, "AWS.VPCDns", "AWS.GuardDuty", "AWS.VPCFlow", "AWS.AuroraMySQLAudit"))
        limit = {"max_record": rng.randint(1, 300)} if rng.random() < 0.2 else {}
        chunks = [data] if rng.random() < 0.6 else [data[at : at + 1] for at in range(len(data))]
        try:
            assert_same(engine_rows(chunks, log_type, **limit), oracle_rows(data, log_type, **limit))
        except AssertionError as error:
            error.add_note(f"{seed=} {data=} {log_type=} {limit=} in {len(chunks)} chunks")
            raise


@pytest.mark.parametrize("frame", FRAMES)
def test_a_log_broken_at_any_byte_gives_the_same(native, frame: str):
    rng = Random(f"broken {frame}")
    first = record("AWS.GuardDuty", resource='{"a":["\\u00e9",-1.5e3]}', service='{"serviceName":"s","detectorId":"d"}')
    data = FRAMES[frame] % (first, record("AWS.VPCDns", answers='[{"Rdata":"192.0.2.1","Type":"A"}]'))
    for at in range(0, len(data), min(DIVISOR, 5)):
        broken = data[:at] + rng.choice(BROKEN_BITS) + data[at + rng.choice((0, 1, 1)) :]
        log_type = rng.choice((None, "AWS.GuardDuty"))
        assert_same(engine_rows(split(broken, [rng.randrange(65537)]), log_type), oracle_rows(broken, log_type))


# What once came out otherwise.
MENDED = {
    "Records twice, the last no array, in one piece": (b'{"Records":[{"a":1},2],"Records":null}'),
    "a line behind an export prefix, inside a message": (
        b'{"Type":"Notification","Message":"2024-05-02T10:11:12.345Z {}"}'
    ),
    "a scalar in an array, then a byte that is no UTF-8, then the end": b"[5\xff",
    "a form feed behind a scalar, which simdjson takes for a comma": b'[1\x0c,{"a":1\x0c},{"a":"b"\x0c},2\x1a3]',
}


@pytest.mark.parametrize("data", MENDED.values(), ids=MENDED)
def test_what_once_differed(native, data: bytes):
    assert_same(engine_rows(data), oracle_rows(data))


@given(seed=st.integers(0, 2**32), log_type=st.sampled_from(JSON_LOG_TYPES), named=given_or_not)
def test_a_byte_at_a_time_gives_the_same_rows(native, seed: int, log_type: str, named: bool):
    data = make_json_log(log_type, seed, 2)[:3000]
    chunks = [data[at : at + 1] for at in range(len(data))]
    assert_same(engine_rows(chunks, log_type if named else None), oracle_rows(data, log_type if named else None))


def test_every_instruction_set_gives_the_same_rows(native):
    run_with_other_kernels(native, __file__, "many_records", min(RECORDS, 500))


def test_text_behind_a_value_keeps_all_but_one_carriage_return(native):
    data = b'text\n{"a":1}tail\r\r\n{"a":1}tail\r\n'
    assert_same(engine_rows(data), oracle_rows(data))


@pytest.mark.parametrize("blank", [b" \r\n\n\t\n" * 5, b"\r\n\r\r\n\n", b"\r\r\n\r"])
@pytest.mark.parametrize("tail", [b"", b'{"a":1}', b"text", b"\x0b{}", b"  [1]"])
def test_blank_lines_before_it_are_counted(native, blank: bytes, tail: bytes):
    data = blank + tail
    expected = oracle_rows(data)
    assert_same(engine_rows(data), expected)
    assert_same(engine_rows([data[at : at + 1] for at in range(len(data))]), expected)
