"""engine == oracle, for every table, every cut into chunks and every option; and that the oracle is worth it.

ARROWTRAIL_RECORDS is how many records a log type gets in the big comparison (20,000), and
ARROWTRAIL_RECORDS_DIVISOR divides all amounts, for runs under sanitizers.
"""

import ipaddress
import os
from collections import Counter
from datetime import UTC, datetime
from random import Random

import oracle
import pytest
from conftest import DIVISOR, run_with_other_kernels
from engine_rows import assert_same, engine_rows, oracle_rows
from hypothesis import given
from hypothesis import strategies as st
from oracle.address import is_ip
from oracle.detect import fits
from oracle.find import decode_punycode
from oracle.frame import frame
from oracle.parse import parse_float, parse_int, parse_rfc3339
from oracle.tables import load_tables
from strategies import LOG_TYPES, Log, cut_points, logs, make_log, mutate, split
from values import ODD_ADDRESSES, address

RECORDS = int(os.environ.get("ARROWTRAIL_RECORDS", "20000")) // DIVISOR
SIZES = (0, 1, 2, 7, 25, 60, 150, 400, 1000)
MODES = ("extended", "panther", "off")
given_or_not = st.booleans()


# ---------------------------------------------------------------- engine == oracle


@given(log=logs(), cuts=cut_points(), named=given_or_not)
def test_any_cut_gives_the_same_rows(native, log: Log, cuts: list[int], named: bool):
    log_type = log.log_type if named else None
    assert_same(engine_rows(split(log.data, cuts), log_type), oracle_rows(log.data, log_type))


@given(log=logs(most=8), named=given_or_not)
def test_a_byte_at_a_time_gives_the_same_rows(native, log: Log, named: bool):
    log_type, data = log.log_type if named else None, log.data[:4000]
    chunks = [data[at : at + 1] for at in range(len(data))]
    assert_same(engine_rows(chunks, log_type), oracle_rows(data, log_type))


@given(log=logs(), batch_rows=st.integers(1, 40), named=given_or_not, mode=st.sampled_from(MODES))
def test_any_batch_size_gives_the_same_rows(native, log: Log, batch_rows: int, named: bool, mode: str):
    log_type = log.log_type if named else None
    engine = engine_rows(log.data, log_type, indicators=mode, batch_rows=batch_rows)
    assert_same(engine, oracle_rows(log.data, log_type, indicators=mode))


@given(log=logs(), named=given_or_not, choice=st.integers(0, 2**32), unmapped=st.booleans())
def test_any_choice_of_columns_gives_the_same_values(native, log: Log, named: bool, choice: int, unmapped: bool):
    log_type = log.log_type if named else None
    columns = some_columns(Random(choice))
    engine = engine_rows(log.data, log_type, columns=columns, unmapped=unmapped)
    assert_same(engine, oracle_rows(log.data, log_type, columns=columns, unmapped=unmapped))


@given(log=logs(), named=given_or_not, cuts=cut_points(), max_record=st.integers(1, 1500))
def test_any_record_limit_rejects_the_same_records(native, log: Log, named: bool, cuts: list[int], max_record: int):
    log_type = log.log_type if named else None
    engine = engine_rows(split(log.data, cuts), log_type, max_record=max_record)
    assert_same(engine, oracle_rows(log.data, log_type, max_record=max_record))


@given(log=logs(), named=given_or_not, choice=st.integers(0, 2**32))
def test_any_header_given_gives_the_same_rows(native, log: Log, named: bool, choice: int):
    log_type, header = log.log_type if named else None, some_header(Random(choice))
    assert_same(engine_rows(log.data, log_type, header=header), oracle_rows(log.data, log_type, header=header))


@given(
    data=st.binary(max_size=300) | st.text(' \t\r\n"-,[]{}:\\', max_size=80).map(str.encode),
    log_type=st.sampled_from([None, *LOG_TYPES]),
)
def test_any_bytes_give_the_same_rows(native, data: bytes, log_type: str | None):
    assert_same(engine_rows(data, log_type), oracle_rows(data, log_type))


@pytest.mark.parametrize("log_type", LOG_TYPES)
def test_many_records_give_the_same_rows(native, log_type: str):
    """Files of many sizes; each is read in one of the ways that callers have, drawn from its seed."""
    done = seed = 0
    while done < RECORDS:
        rng = Random(f"{log_type} {seed}")
        data = some_log(log_type, seed, rng)
        kind, both, engine_only = some_options(rng)
        named = log_type if kind else None
        expected = oracle_rows(data, named, **both)
        try:
            assert_same(engine_rows(some_chunks(data, rng), named, **both, **engine_only), expected)
        except AssertionError as error:
            error.add_note(f"log {log_type} seed {seed}, {named=}, {both=}, {engine_only=}")
            raise
        done += max(1, expected.counts["records"])
        seed += 1


def test_every_instruction_set_gives_the_same_rows(native):
    run_with_other_kernels(native, __file__, "many_records", min(RECORDS, 4000))


def some_log(log_type: str, seed: int, rng: Random) -> bytes:
    size = 5000 if seed % 60 == 40 else SIZES[seed % len(SIZES)]
    data = make_log(log_type, seed, size, odd=rng.choice((0.02, 0.2, 0.7)))
    return mutate(data, seed) if rng.random() < 0.3 else data


def some_options(rng: Random) -> tuple[bool, dict, dict]:
    """Whether the type is given, options of both readers, options of the engine."""
    both: dict = {"indicators": rng.choice(MODES)}
    if rng.random() < 0.25:
        both["columns"] = some_columns(rng)
    if rng.random() < 0.1:
        both["max_record"] = rng.randint(1, 2000)
    if rng.random() < 0.1:
        both["header"] = some_header(rng)
    if rng.random() < 0.1:
        both |= {"unmapped": False, "source_id": rng.choice(("", "id")), "source_label": "label"}
    return rng.random() < 0.5, both, {"batch_rows": rng.choice((1, 3, 100, 65536))}


def some_columns(rng: Random) -> list[str]:
    """A few columns; p_log_type is among them, so that every type has one."""
    names = sorted({name for table in load_tables().values() for name in table.schema})
    return ["p_log_type", *rng.sample(names, rng.randint(0, 12))]


def some_header(rng: Random) -> str:
    names = sorted(name for table in load_tables().values() for name in table.known)
    chosen = rng.sample(names, rng.randint(1, 14)) + rng.choices(
        ("new", "tgw-id", "version"), (8, 1, 8), k=rng.randint(0, 2)
    )
    return " ".join(rng.choice(("${%s}", "%s")) % name for name in chosen)


def some_chunks(data: bytes, rng: Random) -> list[bytes]:
    return split(data, [rng.randrange(65537) for _ in range(rng.choice((0, 0, 1, 5, 60)))])


# ---------------------------------------------------------------- limits that no generated log reaches


def joined_log(span: int) -> bytes:
    """A record over three lines of `span` bytes in all, between two others."""
    first, last = b"1714644672123456,h,u,1.2.3.4,1,2,QUERY,d,'select", b"x',0"
    middle = b" " + b"y" * (span - len(first) - len(last) - 3)
    whole = b"1714644672123457,h,u,1.2.3.4,1,0,CONNECT,,,0\n"
    return whole + b"\n".join((first, middle, last)) + b"\n" + whole


def joining_type() -> str:
    return next(name for name, table in load_tables().items() if "joined" in table.records)


@pytest.mark.parametrize(("span", "rows"), [(1 << 20, 3), ((1 << 20) + 1, 2)])
def test_joined_lines_end_at_their_limit(span: int, rows: int):
    found = oracle.read(joined_log(span), joining_type())
    assert len(found.rows) == rows
    assert [row["reason"] for row in found.rejected] == (["syntax", "field_count", "field_count"] if rows == 2 else [])


@pytest.mark.parametrize("span", [1 << 20, (1 << 20) + 1])
@pytest.mark.parametrize("named", [True, False])
def test_the_engine_ends_joining_at_the_limit(native, span: int, named: bool):
    data, log_type = joined_log(span), joining_type() if named else None
    for cuts in ([], [30000, 65000]):
        assert_same(engine_rows(split(data, cuts), log_type), oracle_rows(data, log_type))


@pytest.mark.parametrize("log_type", LOG_TYPES)
def test_raw_bytes_of_a_rejected_record_end_at_a_mebibyte(native, log_type: str):
    data = b"\n" + b"x" * ((1 << 20) + 5) + b"\ny\n"
    expected = oracle_rows(data, log_type)
    assert [len(row["raw"]) for row in expected.rejected] == [1 << 20, 1]
    assert_same(engine_rows(split(data, [9000, 60000]), log_type), expected)
    assert_same(
        engine_rows(split(data, [9000]), log_type, max_record=4096), oracle_rows(data, log_type, max_record=4096)
    )


@pytest.mark.parametrize(
    "data", [b"\xff\xfeh\x00\n\x00", b"\xfe\xff", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n", b"", b"\n \n", b"\xef\xbb"]
)
@pytest.mark.parametrize("log_type", [None, *LOG_TYPES])
def test_marks_at_the_start_give_the_same(native, data: bytes, log_type: str | None):
    assert_same(engine_rows([data[:1], data[1:]], log_type), oracle_rows(data, log_type))


# ---------------------------------------------------------------- the oracle itself


@given(
    text=st.from_regex(r"[0-9a-fA-F:.]{0,40}", fullmatch=True)
    | st.sampled_from([text.decode("latin-1") for text in ODD_ADDRESSES])
)
def test_addresses_are_those_of_the_standard_library(text: str):
    assert is_ip(text) == standard_library_takes(text)


def test_written_addresses_are_valid():
    rng = Random(1)
    assert all(is_ip(address(rng)) for _ in range(1000))


def standard_library_takes(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


@pytest.mark.parametrize(
    ("name", "decoded"),
    [
        ("xn--fa-hia.example", "fa\u00df.example"),
        ("a.xn--ls8h.b", "a.\U0001f4a9.b"),
        ("xn--ihqwcrb4cv8a8dqg056pqjye", "\u4ed6\u4eec\u4e3a\u4ec0\u4e48\u4e0d\u8bf4\u4e2d\u6587"),  # RFC 3492, 7.1 (B)
        ("xn--abc-", "abc"),
        ("xn--.a", ".a"),
        ("xn--fa-HIA", "fa\u00df"),
        ("XN--FA-HIA", "XN--FA-HIA"),
        ("xn--fa-hia.xn--a!b", "xn--fa-hia.xn--a!b"),
        ("xn--99999999", "xn--99999999"),
        ("xn---abc", "xn---abc"),
        ("xn--\u00e9-a", "xn--\u00e9-a"),
    ],
)
def test_punycode_is_decoded_or_the_name_kept(name: str, decoded: str):
    assert decode_punycode(name) == decoded


@given(
    text=st.text(
        st.characters(min_codepoint=97, max_codepoint=0x2FFFF, exclude_categories=["Cs"]), min_size=1, max_size=12
    )
)
def test_punycode_decodes_what_the_codec_wrote(text: str):
    text = text.replace(".", "")
    assert decode_punycode("xn--" + text.encode("punycode").decode()) == text


@given(time=st.datetimes(timezones=st.just(UTC)), offset=st.integers(-1439, 1439))
def test_times_are_those_of_the_standard_library(time: datetime, offset: int):
    written = f"{time:%Y-%m-%dT%H:%M:%S}".zfill(19) + f".{time.microsecond:06}9"
    hours, minutes = divmod(abs(offset), 60)
    moved = ((time.replace(tzinfo=None) - datetime(1970, 1, 1)) // (datetime.resolution)) - offset * 60_000_000
    parsed = parse_rfc3339(f"{written}{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}")
    assert parsed in (moved, None)
    assert (parsed is None) == (not -62_135_596_800_000_000 <= moved <= 253_402_300_799_999_999)


@given(value=st.integers(-(2**64), 2**64), bits=st.sampled_from((8, 16, 32, 64)))
def test_integers_that_fit_are_taken(value: int, bits: int):
    expected = value if -(2 ** (bits - 1)) <= value < 2 ** (bits - 1) else None
    assert parse_int(str(value), bits) == expected
    assert parse_int(f"{value:+025}", bits) == expected


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_read_back(value: float):
    text = repr(value)
    assert (parse_float(text) or 0.0).hex() == value.hex() or value == 0


# ---------------------------------------------------------------- the generator


@pytest.mark.parametrize("log_type", LOG_TYPES)
def test_a_log_without_odd_records_is_all_rows(log_type: str):
    for seed in range(12):
        data = make_log(log_type, seed, SIZES[seed % 7], odd=0)
        for named in (log_type, None):
            outcome = oracle.read(data, named)
            assert not outcome.rejected
            assert {name for name, _ in outcome.rows} <= {log_type}


@pytest.mark.parametrize("log_type", LOG_TYPES)
def test_generated_logs_reach_every_verdict(log_type: str):
    table, reasons, columns, warnings = load_tables()[log_type], Counter(), Counter(), Counter()
    for seed in range(60):
        outcome = oracle.read(make_log(log_type, seed, 60, odd=0.7), log_type)
        reasons.update(row["reason"] for row in outcome.rejected)
        columns.update(row["column"] for row in outcome.rejected)
        warnings.update(outcome.warnings)
    assert reasons.keys() >= expected_reasons(table)
    assert columns.keys() >= {
        column.name for column in table.columns if column.required or column.range or column.allowed
    }
    counted = [column for column in table.columns if column.type[:3] in ("int", "flo", "tim")]
    assert warnings.keys() >= {column.name for column in counted if not column.required and not column.unfit}
    assert warnings["invalid_utf8"]
    assert bool(table.header) == bool(warnings["unknown_name"])
    assert ("tail_more" in table.tokens) == bool(warnings["dropped_field"])


def expected_reasons(table) -> set[str]:
    reasons = {"bad_value", "missing_required", "unknown_type"}
    reasons |= {"no_header"} if table.header else {"field_count"}
    return reasons | (
        {"syntax"} if table.tokens.keys() & {"quote", "raw_quotes"} or "joined" in table.records else set()
    )


def test_a_line_fits_one_type_at_most():
    for log_type in LOG_TYPES:
        data = make_log(log_type, "one", 300, odd=0.5)
        for line in frame(data):
            text = data[line.start : line.end].decode("utf-8", "replace")
            assert sum(fits(table, text) for table in load_tables().values() if text) <= 1
