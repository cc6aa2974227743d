"""`rows()` gives the oracle's dicts: of samples, cases and generated logs; and each rule of their look by hand."""

import datetime
import gzip
import json
import math
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from engine_rows import PARSE_TIME_US
from json_documents import JSON_LOG_TYPES
from json_logs import make_json_log
from json_records import EVENT, record
from logs import alb, vpc
from oracle import read
from oracle.rows import as_dict, decoded
from strategies import LOG_TYPES, make_log
from test_oracle import RECORDS

import arrowtrail
from arrowtrail.dicts import BLOCK_ROWS, decode_json, row_blocks, row_maker
from arrowtrail.ndjson import json_lines

pytestmark = pytest.mark.usefixtures("native")
TESTS = Path(__file__).parent
SAMPLES = sorted((TESTS.parent.parent / "shared" / "samples").glob("AWS.*/*"))
CASES = sorted(TESTS.glob("cases/*/*.log"))
EVERY_TYPE = sorted([*LOG_TYPES, *JSON_LOG_TYPES])
GENERATED = RECORDS // 10


def product_rows(data: bytes, log_type: str | None, **options) -> list[dict]:
    found = arrowtrail.rows(data, log_type, parse_time=PARSE_TIME_US, threads=1, **options)
    rows = list(found)
    assert found.stats.rows == len(rows)
    assert found.stats.rejected.total() == found.rejected.num_rows
    return rows


def expected_rows(data: bytes, log_type: str | None, decode_json: bool = True, **options) -> list[dict]:
    found = read(data, log_type, parse_time_us=PARSE_TIME_US, **options)
    return [as_dict(name, row, decode_json) for name, row in found.rows]


def same(rows: list[dict], expected: list[dict]) -> None:
    """Equal to the sign of a zero and to the order of keys; of row ids only what tells the record."""
    left, right = ([without_stream(row) for row in each] for each in (rows, expected))
    by_type = (lambda row: row["p_log_type"]) if left and "p_log_type" in left[0] else len
    for got, wanted in zip(sorted(left, key=by_type), sorted(right, key=by_type), strict=True):
        assert repr(got) == repr(wanted)


def without_stream(row: dict) -> dict:
    return {name: value[20:] if name == "p_row_id" else value for name, value in row.items()}


def fit_for_json(rows: list[dict]) -> bool:
    return all(json.dumps(row, allow_nan=False, ensure_ascii=False).encode() for row in rows)


# ---------------------------------------------------------------- like the oracle


@pytest.mark.parametrize("path", [*CASES, *SAMPLES], ids=lambda path: f"{path.parent.name}-{path.name}")
def test_files_give_the_oracles_dicts(path: Path):
    data = path.read_bytes()
    plain = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    for log_type in (path.parent.name, None):
        rows = product_rows(data, log_type)
        same(rows, expected_rows(plain, log_type))
        same(product_rows(data, log_type, decode_json=False), expected_rows(plain, log_type, decode_json=False))
        assert fit_for_json(rows)


@pytest.mark.skipif(not SAMPLES, reason="the samples of real logs are not at hand")
def test_there_are_samples_of_every_type():
    assert sorted({path.parent.name for path in SAMPLES}) == EVERY_TYPE


@pytest.mark.parametrize("log_type", EVERY_TYPE)
def test_generated_records_give_the_oracles_dicts(log_type: str):
    done = seed = 0
    while done < GENERATED:
        rng = Random(f"rows {log_type} {seed}")
        make = make_log if log_type in LOG_TYPES else make_json_log
        data = make(log_type, f"rows {seed}", rng.choice((1, 20, 300)), odd=rng.choice((0.05, 0.3)))
        options: dict = {"indicators": rng.choice(("extended", "panther", "off")), "decode_json": rng.random() < 0.8}
        if rng.random() < 0.2:
            options["columns"] = ["p_log_type", *rng.sample(arrowtrail.schema(log_type).names, 8)]
        expected = expected_rows(data, log_type, **options)
        same(product_rows(data, log_type, batch_rows=rng.choice((7, 65536)), **options), expected)
        done += max(1, len(expected))
        seed += 1


@pytest.mark.parametrize("log_type", EVERY_TYPE)
def test_json_lines_say_what_the_dicts_say(log_type: str):
    make = make_log if log_type in LOG_TYPES else make_json_log
    for batch in arrowtrail.scan(make(log_type, "lines", 300), log_type):
        rows = [row for block in row_blocks(row_maker(batch.schema, decode_json), batch) for row in block]
        lines = json_lines(batch).splitlines()
        assert list(map(repr, rows)) == [repr(decoded(line.decode())) for line in lines]
        assert lines and all(json.loads(line).keys() == row.keys() for line, row in zip(lines, rows, strict=True))


# ---------------------------------------------------------------- the look of a row


def detail(text: str, **options):
    """What an event's `detail`, a json column, becomes."""
    (row,) = arrowtrail.rows(record("AWS.CloudWatchEvents", detail=text), "AWS.CloudWatchEvents", **options)
    assert fit_for_json([row])
    return row["detail"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        ("[]", []),
        ('""', ""),
        ("17", 17),
        ("-0", 0),
        ("true", True),
        ('{"a" : [ null, 1.0 ], "b":null}', {"a": [None, 1.0], "b": None}),
        ('{"a":1,"b":2,"a":3}', {"a": 3, "b": 2}),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("1e999", "1e999"),
        ("-1E999", "-1E999"),
        ('{"a":[1e999,1e300]}', {"a": ["1e999", 1e300]}),
        ("9" * 4300, 10**4300 - 1),
        ("-" + "9" * 4301, "-" + "9" * 4301),
        ('{"a":' + "9" * 5000 + ',"b":7,"c":1e999}', {"a": "9" * 5000, "b": 7, "c": "1e999"}),
        ("9" * 400 + ".5", "9" * 400 + ".5"),
        (r'"\ud83d\ude00"', "\U0001f600"),
        (r'"\uD83D"', "\ufffd"),
        (r'"\ude00\ud83d"', "\ufffd\ufffd"),
        (r'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (r'"\ud83dx\\ud83d\\\ud83d"', "\ufffdx\\ud83d\\\ufffd"),
        (r'{"\udfff":"\ud83d\u0041"}', {"\ufffd": "\ufffdA"}),
        (r'{"\ud800":1,"\ud801":2}', {"\ufffd": 2}),
        (r'"\u0000\/\u00e9"', "\x00/\u00e9"),
    ],
)
def test_a_json_column_is_what_it_holds(text: str, value):
    assert repr(detail(text)) == repr(value)
    assert detail(text, decode_json=False) == text


@pytest.mark.parametrize("text", ["plain text", "NaN", "[Infinity]", "{} {}", "", "'a'", r"\ud800"])
def test_text_that_is_no_json_stays(text: str):
    assert decode_json(text) == text


def test_json_as_deep_as_a_record_may_be_is_decoded():
    deep = detail("[" * 511 + "]" * 511)
    for _ in range(510):
        (deep,) = deep
    assert deep == []


def test_two_rows_share_nothing_that_can_change():
    event = record("AWS.CloudWatchEvents", detail="{}", resources="[]")
    first, second = arrowtrail.rows(event * 2, "AWS.CloudWatchEvents")
    first["detail"]["changed"] = first["resources"].append(1)
    assert (second["detail"], second["resources"]) == ({}, [])


def test_nulls_are_left_out_but_in_lists():
    event = record("AWS.CloudWatchEvents", resources='["a",null]')
    (row,) = arrowtrail.rows(event, "AWS.CloudWatchEvents", columns=[*EVENT, "unmapped", "p_any_emails"])
    assert row["resources"] == ["a", None]
    assert list(row) == [name for name in arrowtrail.schema("AWS.CloudWatchEvents").names if name in EVENT]


def test_structs_have_times_and_json_inside():
    service = '{"serviceName":"s","detectorId":"d","eventFirstSeen":"2024-05-02T10:11:12.5+02:00",%s,"count":null}'
    finding = record("AWS.GuardDuty", service=service % '"action":{"a":[1e999]}')
    (row,) = arrowtrail.rows(finding, "AWS.GuardDuty")
    assert row["service"] == {
        "serviceName": "s",
        "detectorId": "d",
        "eventFirstSeen": "2024-05-02 08:11:12.500000000",
        "action": {"a": ["1e999"]},
    }
    (text,) = arrowtrail.rows(finding, "AWS.GuardDuty", decode_json=False)
    assert text["service"]["action"] == '{"a":[1e999]}'
    (line,) = json_lines(next(iter(arrowtrail.scan(finding, "AWS.GuardDuty")))).splitlines()
    assert json.loads(line)["service"]["action"] == {"a": [math.inf]}


def test_a_struct_of_nulls_is_empty():
    (row,) = arrowtrail.rows(record("AWS.CloudTrail", userIdentity='{"type":null}'), "AWS.CloudTrail")
    assert row["userIdentity"] == {}


def test_several_types_come_out_of_one_input():
    rows = list(arrowtrail.rows(alb(2) + vpc(3)))
    assert sorted(row["p_log_type"] for row in rows) == ["AWS.ALB"] * 2 + ["AWS.VPCFlow"] * 3


def test_only_chosen_columns_are_keys():
    rows = list(arrowtrail.rows(vpc(3), columns=["dstAddr", "start"]))
    names = arrowtrail.schema("AWS.VPCFlow", ["dstAddr", "start"]).names
    assert list(map(list, rows)) == [names] * 3
    assert rows[1]["start"] == "2024-05-02 10:11:13.000000000"


# ---------------------------------------------------------------- any batch


def micros(*times: int | None) -> pa.Array:
    return pa.array(times, pa.int64()).cast(pa.timestamp("us", "UTC"))


def some_batch() -> pa.RecordBatch:
    """A batch of every kind of column, some without nulls, so that Arrow leaves their validity out."""
    members = [pa.field("j", pa.string(), metadata={"content": "json"}), pa.field("t", pa.timestamp("us", "UTC"))]
    inner = pa.struct([*members, pa.field("n", pa.list_(pa.int16()))])
    structs = [{"j": f'{{"a":[{n}]}}', "t": n * 10**15, "n": [n, None]} if n % 3 else None for n in range(10)]
    columns = {
        "whole": pa.array([f"v{n // 2}" for n in range(10)]),
        "text": pa.array([None if n % 4 == 1 else "\u00e9" * n for n in range(10)]),
        "flag": pa.array([None if n == 5 else n % 2 == 0 for n in range(10)]),
        "i8": pa.array(range(-5, 5), pa.int8()),
        "i32": pa.array([2**31 - n if n % 2 else None for n in range(1, 11)], pa.int32()),
        "i64": pa.array([-(2**63) + n for n in range(10)], pa.int64()),
        "f32": pa.array([n / 3 for n in range(10)], pa.float32()),
        "f64": pa.array([n / 3 if n else -0.0 for n in range(10)]),
        "time": micros(*(n * 86_399_999_999 if n != 2 else None for n in range(10))),
        "struct": pa.array(structs, inner),
        "structs": pa.array([structs[n:8] if n != 4 else None for n in range(10)], pa.list_(inner)),
        "lists": pa.array([[["a", None], None, []]] * 10, pa.list_(pa.list_(pa.string()))),
        "none": pa.nulls(10, pa.string()),
    }
    return pa.record_batch(columns)


def python_rows(batch: pa.RecordBatch) -> list[dict]:
    """The slow way from a batch to rows."""
    return [plain(row) for row in batch.to_pylist()]


def plain(value):
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return f"{value:%Y-%m-%d %H:%M:%S.%f}000" if isinstance(value, datetime.datetime) else value


def rows_of(batch: pa.RecordBatch, decode=None) -> list[dict]:
    return [row for block in row_blocks(row_maker(batch.schema, decode), batch) for row in block]


@pytest.mark.parametrize("begin", range(11))
def test_slices_of_a_batch_give_their_rows(begin: int):
    batch = some_batch()
    for count in (0, 1, 3, 10):
        part = batch.slice(begin, count)
        assert repr(rows_of(part)) == repr(python_rows(part))


def test_batches_without_rows_or_columns():
    assert rows_of(some_batch().slice(0, 0)) == []
    assert rows_of(pa.RecordBatch.from_pylist([], some_batch().schema)) == []
    assert rows_of(pa.record_batch({})) == []
    assert rows_of(pa.record_batch({"a": ["", ""]})) == [{"a": ""}] * 2
    struct = pa.array([{"a": 1}, {"a": None}, {"a": 3}], pa.struct({"a": pa.int8()}))
    assert rows_of(pa.RecordBatch.from_struct_array(struct.slice(1))) == [{}, {"a": 3}]


def test_many_rows_are_made_block_by_block():
    batch = pa.record_batch({"n": list(range(10_000))})
    blocks = list(row_blocks(row_maker(batch.schema, None), batch))
    assert {len(block) for block in blocks[:-1]} == {BLOCK_ROWS}
    assert [row["n"] for block in blocks for row in block] == list(range(10_000))


@pytest.mark.parametrize(
    ("time_us", "text"),
    [
        (0, "1970-01-01 00:00:00.000000000"),
        (-1, "1969-12-31 23:59:59.999999000"),
        (951_782_400_000_000, "2000-02-29 00:00:00.000000000"),
        (-62_135_596_800_000_000, "0001-01-01 00:00:00.000000000"),
        (253_402_300_799_999_999, "9999-12-31 23:59:59.999999000"),
        (253_402_300_800_000_000, "10000-01-01 00:00:00.000000000"),
        (2**63 - 1, "294247-01-10 04:00:54.775807000"),
        (-(2**63), "-290308-12-21 19:59:05.224192000"),
    ],
)
def test_times_are_text(time_us: int, text: str):
    assert rows_of(pa.record_batch({"t": micros(time_us)})) == [{"t": text}]


def test_times_of_every_day_are_like_pythons():
    start = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)
    times = [start + datetime.timedelta(days=day, seconds=day % 86_400) for day in range(0, 3_652_059, 13)]
    batch = pa.record_batch({"t": pa.array(times, pa.timestamp("us", "UTC"))})
    expected = [time.replace(tzinfo=None).isoformat(" ", "microseconds") + "000" for time in times]
    assert [row["t"] for row in rows_of(batch)] == expected


def test_an_array_of_another_type_is_refused():
    maker = row_maker(some_batch().schema, None)
    with pytest.raises(ValueError, match="of another type"):
        list(row_blocks(maker, pa.record_batch({"n": [1]})))
    with pytest.raises(TypeError, match="no log type has columns of the type"):
        row_maker(pa.schema({"x": pa.binary()}), None)
    _, array = some_batch().__arrow_c_array__()
    with pytest.raises(ValueError, match="no rows 5 to 11"):
        maker.rows(array, 5, 6)
