"""JSON text, numbers and times of the oracle against values worked out by hand, and against the standard library."""

import json
import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle.json_text import JsonError, read_value, skip_blanks
from oracle.json_values import as_float32, as_unix_ms

pytestmark = pytest.mark.python

# ---------------------------------------------------------------- RFC 8259


@pytest.mark.parametrize(
    ("data", "kind", "length", "depth"),
    [
        (b"{}", "object", 2, 1),
        (b"[ ]", "array", 3, 1),
        (b'{"a":[{}]}', "object", 10, 3),
        (b"[[],[[]],1]", "array", 11, 3),
        (b'"a"b', "string", 3, 0),
        (b'"\\""', "string", 4, 0),
        (b'"\x7f"', "string", 3, 0),
        (b"-0", "number", 2, 0),
        (b"-0.0e-0", "number", 7, 0),
        (b"1E+5 ", "number", 4, 0),
        (b"true", "bool", 4, 0),
        (b"null,", "null", 4, 0),
        (b'{ "a" : 1 ,\r\n\t"a" : 2 }', "object", 23, 1),
    ],
)
def test_values_are_read(data: bytes, kind: str, length: int, depth: int):
    value = read_value(data, 0, len(data))
    assert (value.kind, value.end, value.depth) == (kind, length, depth)


@pytest.mark.parametrize(
    ("data", "offset", "at_end"),
    [
        (b"", 0, True),
        (b"{", 1, True),
        (b"[1", 2, True),
        (b"[1,", 3, True),
        (b"[1,]", 3, False),
        (b"{,}", 1, False),
        (b'{"a"}', 4, False),
        (b'{"a":}', 5, False),
        (b'{"a":1,}', 7, False),
        (b'{"a":1]', 6, False),
        (b"[1}", 2, False),
        (b"{1:2}", 1, False),
        (b"{'a':1}", 1, False),
        (b"01", 0, False),
        (b"+1", 0, False),
        (b".5", 0, False),
        (b"1.", 2, True),
        (b"1. ", 2, False),
        (b"-", 1, True),
        (b"1e+", 3, True),
        (b"tru", 3, True),
        (b"True", 0, False),
        (b"NaN", 0, False),
        (b"Infinity", 0, False),
        (b"/*c*/1", 0, False),
        (b'"a\nb"', 2, False),
        (b'"a\x1f"', 2, False),
        (b'"\\x"', 2, False),
        (b'"\\u00g0"', 5, False),
        (b'"\\u00', 5, True),
        (b'"\\', 2, True),
        (b'"abc', 4, True),
        (b"\xc2\xa01", 0, False),
    ],
)
def test_what_is_no_json_says_where(data: bytes, offset: int, at_end: bool):
    with pytest.raises(JsonError) as error:
        read_value(data, 0, len(data))
    assert (error.value.offset, error.value.at_end) == (offset, at_end)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'\\"\\\\\\/\\b\\f\\n\\r\\t', '"\\/\b\f\n\r\t'),
        (b"\\u0041\\u00e9\\uFFFF", "A\u00e9\uffff"),
        (b"\\u0000", "\0"),
        (b"\\ud83d\\ude00", "\U0001f600"),
        (b"\\uD83D", "\ufffd"),
        (b"\\ude00\\ud83d", "\ufffd\ufffd"),
        (b"\\ud83d\\ud83d\\ude00", "\ufffd\U0001f600"),
        (b"\\ud83dA\\ude00", "\ufffdA\ufffd"),
        (b"\\ud83d\\u0041", "\ufffdA"),
        (b"\xff\xe2\x82", "\ufffd\ufffd"),
        (b"\xe2\x82\\u0041\xac", "\ufffdA\ufffd"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"\xf0\x9f\x98\x80\xc0\x80", "\U0001f600\ufffd\ufffd"),
    ],
)
def test_strings_are_unescaped(raw: bytes, text: str):
    assert read_value(b'"' + raw + b'"', 0, len(raw) + 2).text == text


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
)


@given(
    tree=trees,
    indent=st.sampled_from([None, 1]),
    plain=st.booleans(),
    cut=st.integers(0, 2**16),
    put=st.binary(max_size=2),
)
def test_the_standard_library_reads_the_same(tree, indent: int | None, plain: bool, cut: int, put: bytes):
    data = json.dumps(tree, indent=indent, ensure_ascii=plain).encode("utf-8", "surrogatepass")
    assert as_python(read_value(data, 0, len(data))) == tree
    place = cut % (len(data) + 1)
    broken = data[:place] + put + data[place + cut % 3 :]
    assert reads(broken) == standard_library_reads(broken)


def as_python(value):
    if value.kind == "object":
        return {key: as_python(member) for key, _, member in value.members}
    if value.kind == "array":
        return [as_python(item) for item in value.items]
    if value.kind == "string":
        return value.text
    return json.loads(value.source)


def reads(data: bytes) -> bool:
    try:
        return skip_blanks(data, read_value(data, 0, len(data)).end, len(data)) == len(data)
    except JsonError:
        return False


def standard_library_reads(data: bytes) -> bool:
    def refuse(word: str):
        raise ValueError(word)

    try:
        json.loads(data.decode("latin-1"), parse_constant=refuse)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------- numbers and times


@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_of_32_bits_are_read_back(value: float):
    assert struct.pack("<f", as_float32(repr(value))) == struct.pack("<f", value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.00000005960464477539062500000001", 1.0),  # just above the middle, which is the nearest double
        ("1.000000059604644775390625", 1.0),  # the middle: to even
        ("340282346638528859811704183484516925440", 3.4028234663852886e38),
        ("340282356779733641354816000000000000000", 3.4028234663852886e38),
        ("340282356779733661637539395458142568447", None),
        ("340282356779733661637539395458142568448", None),
        ("1e-46", 0.0),
        ("8e-46", 1.401298464324817e-45),
        ("-1e-999999999", -0.0),
        ("1e999999999", None),
    ],
)
def test_the_nearest_float_of_32_bits(text: str, value: float | None):
    assert repr(as_float32(text)) == repr(value)


@given(time=st.datetimes(timezones=st.just(UTC)))
def test_milliseconds_are_those_of_the_standard_library(time: datetime):
    micros = (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    digits = f"{abs(micros):04}"
    assert as_unix_ms(f"{'-' if micros < 0 else ''}{digits[:-3]}.{digits[-3:]}9") == micros


@pytest.mark.parametrize(
    ("text", "value"),
    [("-62135596800000", -62135596800000000), ("-62135596800000.001", None), ("253402300799999.9999",
    253402300799999999),
     ("253402300800000", None), ("0.0009", 0), ("-0.0019", -1), ("1e-999999999", 0), ("", None), ("1.", None)],
)  # fmt: skip
def test_the_ends_of_milliseconds(text: str, value: int | None):
    assert as_unix_ms(text) == value
