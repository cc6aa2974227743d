"""Bad JSON input through the public calls: one broken record is one rejected record, and all around it are rows."""

import gzip
import io
from collections.abc import Iterable, Iterator

import pytest
from json_records import LINE, record

import arrowtrail
from arrowtrail import MixedLogTypes

pytestmark = pytest.mark.usefixtures("native")
TRAIL = "AWS.CloudTrail"
FIRST, LAST = record(TRAIL, eventID='"first"'), record(TRAIL, eventID='"last"')
DEEP = 100_000

FRAMES = {
    "lines": (b"\n", b"\n", b"\n"),
    "array": (b"[", b" ,\n", b"]"),
    "records": (b'{"before":1,"Records":[', b",", b'],"behind":[2]}'),
}


class Trickle(io.RawIOBase):
    """Reads a few bytes at a time, of ever other sizes, and once only."""

    def __init__(self, data: bytes):
        self.data, self.at, self.size = data, 0, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.size = self.size % 7 + 1 + len(self.data) // 1000
        self.at += self.size
        return self.data[self.at - self.size : self.at]


class Sizes(io.RawIOBase):
    """Reads blocks of these sizes."""

    def __init__(self, data: bytes, sizes: Iterable[int]):
        self.file, self.sizes = io.BytesIO(data), iter(sizes)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self.file.read(next(self.sizes, size))


def each_way(data: bytes, **options) -> Iterator[tuple[arrowtrail.Result, str | None]]:
    """The input read with the type given and detected, plain, as gzip, and in small pieces."""
    for log_type in (TRAIL, None):
        for source in (data, gzip.compress(data, 1), Trickle(data), Trickle(gzip.compress(data, 1))):
            yield arrowtrail.parse(source, log_type, **options), log_type


def ids(result: arrowtrail.Result) -> list[str]:
    assert result.stats.records == result.table.num_rows + result.rejected.num_rows
    return result.table["eventID"].to_pylist()


# ---------------------------------------------------------------- one bad record among good ones

BROKEN = {
    "no value": b'{"eventID":}',
    "no colon": record(TRAIL).replace(b'"eventID":', b'"eventID" '),
    "two values": record(TRAIL, eventID='"a" "b"'),
    "no key": b'{1:"a"}',
    "another bracket": record(TRAIL)[:-1] + b"]",
    "a comma behind the last member": record(TRAIL)[:-1] + b",}",
    "a comma behind the last element": record(TRAIL, resources="[{},]"),
    "a comma behind the last element, in a json column": record(TRAIL, requestParameters='{"a":{"b":[1,]}}'),
    "NaN": record(TRAIL, eventID="NaN"),
    "NaN in a json column": record(TRAIL, requestParameters='{"a":[NaN]}'),
    "-Infinity where no column looks": record(TRAIL, other="[-Infinity]"),
    "two commas in a json column": record(TRAIL, responseElements='{"a":[1,,2]}'),
    "a cut word in a json column": record(TRAIL, responseElements='{"a":tru}'),
    "a bad escape in a json column": record(TRAIL, addendum=r'["\q"]'),
    "a cut escape in a json column": record(TRAIL, addendum=r'["\u12"]'),
    "a control character in a json column": record(TRAIL, addendum='["a\tb"]'),
    "a leading zero where no column looks": record(TRAIL, other='{"a":[01]}'),
    "no comma where no column looks": record(TRAIL, other='{"a":1 "b":2}'),
    "a bad escape in a key where no column looks": record(TRAIL, other=r'{"\x":1}'),
    "a comment where no column looks": record(TRAIL, other="/* no */ 1"),
    "a bad number in a member of a struct": record(TRAIL, userIdentity='{"type":"x","other":1.}'),
    "a bad escape in a struct in a list": record(TRAIL, resources=r'[{"type":"a"},{"type":"\ud83"}]'),
}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("bad", BROKEN.values(), ids=BROKEN)
def test_a_syntax_error_costs_its_record(bad: bytes, frame: str):
    check_rejected(frame, bad, "syntax")


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("bad", [b'"text"', b"5", b"-1.5e3", b"true", b"null", b"{}", b'{"a":1}'])
def test_a_record_of_the_wrong_kind_is_rejected(bad: bytes, frame: str):
    data = framed(frame, bad)
    for result, log_type in each_way(data):
        reason = "missing_required" if log_type and bad.startswith(b"{") else "unknown_type"
        assert ids(result) == ["first", "last"]
        assert_rejected(result, data, second(frame), bad, reason, log_type)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    "bad",
    [
        b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        b'{"a":' + b"[" * DEEP + b"]" * DEEP + b"}",
        record(TRAIL, requestParameters="[" * DEEP + "]" * DEEP),
        record(TRAIL, requestParameters='{"a":' * DEEP + "1" + "}" * DEEP),
        record(TRAIL, other="[" * DEEP + "]" * DEEP),
        record(TRAIL, userIdentity='{"other":' + "[" * DEEP + "]" * DEEP + "}"),
        record(TRAIL, requestParameters="[" * 512 + "]" * 512),
    ],
    ids=["objects", "arrays", "json column", "objects in it", "no column", "struct", "one too many"],
)
def test_brackets_without_end_cost_their_record(bad: bytes, frame: str):
    check_rejected(frame, bad, "too_deep")


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    "bad",
    [
        record(TRAIL, requestParameters='"%s"' % ("x" * 5000)),
        record(TRAIL, other='"%s"' % ("\\n" * 3000)),
        record(TRAIL, eventID='"%s"' % ("é" * 3000)),
        record(TRAIL, other=f"[{','.join('1' * 2000)}]"),
        b'"%s"' % (b"]" * 5000),
    ],
    ids=["json column", "no column", "string column", "elements", "no record"],
)
def test_a_record_over_the_limit_costs_itself(bad: bytes, frame: str):
    check_rejected(frame, bad, "too_long", max_record=1000)


def check_rejected(frame: str, bad: bytes, reason: str, **options) -> None:
    data = framed(frame, bad)
    for result, log_type in each_way(data, **options):
        assert ids(result) == ["first", "last"]
        assert_rejected(result, data, second(frame), bad, reason, log_type)


def framed(frame: str, bad: bytes) -> bytes:
    begin, between, end = FRAMES[frame]
    return begin + FIRST + between + bad + between + LAST + end


def second(frame: str) -> int:
    """Where the record between the good ones begins."""
    return framed(frame, b"").index(FIRST) + len(FIRST) + len(FRAMES[frame][1])


def assert_rejected(
    result: arrowtrail.Result, data: bytes, offset: int, raw: bytes, reason: str, log_type: str | None
) -> None:
    """The only rejected record, with all that is said of it."""
    (found,) = result.rejected.to_pylist()
    column = found["column"] if reason == "missing_required" else None
    assert found.pop("message")
    assert found == {
        "source": None,
        "log_type": log_type,
        "record": 1 + data.count(b'"eventID":', 0, offset),
        "line": 1 + data.count(b"\n", 0, offset),
        "offset": offset,
        "length": len(raw),
        "reason": reason,
        "column": column,
        "raw": raw,
    }
    assert result.stats.rejected == {reason: 1}


# ---------------------------------------------------------------- where the input, or what can be told, ends

CUT = record(TRAIL, requestParameters='{"a":"b\\u00e9"}')


@pytest.mark.parametrize("at", [1, 2, 20, len(CUT) - 5, len(CUT) - 3, len(CUT) - 1])
@pytest.mark.parametrize("frame", FRAMES)
def test_an_object_that_is_cut_is_the_last_record(frame: str, at: int):
    begin, between, _ = FRAMES[frame]
    data = begin + FIRST + between + LAST + between + CUT[:at]
    for result, log_type in each_way(data):
        assert ids(result) == ["first", "last"]
        assert_rejected(result, data, len(data) - at, CUT[:at], "truncated", log_type)


@pytest.mark.parametrize("at", [1, 20, len(CUT) - 3])
def test_an_object_that_is_cut_costs_no_line_behind_it(at: int):
    check_rejected("lines", CUT[:at], "syntax")


@pytest.mark.parametrize("opened", [b'{"a":' * DEEP, b'{"a":' + b"[" * DEEP, CUT[:-1] + b',"other":' + b"[" * DEEP])
def test_brackets_that_never_close_cost_no_line_behind_them(opened: bytes):
    check_rejected("lines", opened, "syntax")


def test_arrays_that_never_close_are_no_records():
    data = FIRST + b"\n" + b"[" * DEEP
    for result, log_type in each_way(data):
        assert ids(result) == ["first"]
        assert result.rejected.select(["reason", "offset", "length", "log_type"]).to_pylist() == [
            {"reason": "truncated", "offset": len(data), "length": 0, "log_type": log_type}
        ]


def test_arrays_in_arrays_hold_records_at_any_depth():
    data = b'{"Records":[' + FIRST + b"," + b"[" * DEEP + LAST + b"]" * DEEP + b"]}"
    for result, _ in each_way(data):
        assert (ids(result), result.rejected.num_rows) == (["first", "last"], 0)


def test_a_missing_element_is_a_record_of_no_length():
    for data in (b'{"Records":[%s,%s,]}' % (FIRST, LAST), b"[%s,,%s]" % (FIRST, LAST), b"[,%s,%s]" % (FIRST, LAST)):
        for result, log_type in each_way(data):
            assert ids(result) == ["first", "last"]
            (found,) = result.rejected.to_pylist()
            assert (found["reason"], found["length"], found["raw"]) == ("syntax", 0, b"")
            assert found["log_type"] == log_type and data[found["offset"] : found["offset"] + 1] in b",]"


@pytest.mark.parametrize("frame", FRAMES)
def test_a_quote_that_never_closes_costs_what_stands_before_the_next_object_on_a_line(frame: str):
    bad = record(TRAIL, eventID='"open')
    data = framed(frame, bad)
    offset = second(frame)
    end = len(data) if frame == "records" else data.index(b"\n", offset)
    for result, log_type in each_way(data):
        assert ids(result) == (["first"] if frame == "records" else ["first", "last"])
        assert_rejected(result, data, offset, data[offset:end].rstrip(), "syntax", log_type)


FAULTS = {
    "a control character": b'"f%d":"a\0b"',
    "a bad escape": b'"f%d":"\\q"',
    "no colon": b'"f%d" 1',
    "no comma": b'"f%d":"a" "b"',
    "no value": b'"f%d":,"g":{"a":1}',
    "a colon in a string": b'"f%d":"UD\n{\n,"(:{":"i"}',
}


@pytest.mark.parametrize("second", FAULTS)
@pytest.mark.parametrize("first", FAULTS)
def test_the_first_fault_is_told_however_the_input_comes(first: str, second: str):
    members = [b'"eventName":"x"', FAULTS[first] % 1, b'"other":[1,2]', FAULTS[second] % 2, b'"last":"\xff"']
    data = b"{" + b",".join(members) + b"}\n" + LAST

    def messages(sizes: list[int]) -> list[str]:
        reader = arrowtrail.parse(Sizes(data, sizes), TRAIL)
        assert ids(reader) == ["last"]
        return reader.rejected["message"].to_pylist()

    whole = messages([len(data)])
    byte = len(b'{"eventName":"x",')
    assert any(f"from its byte {at} on" in whole[0] for at in range(byte, byte + len(members[1])))
    assert [messages([cut, len(data)]) for cut in range(1, len(data))] == [whole] * (len(data) - 1)


def test_gzip_of_json_cut_at_any_byte_adds_up():
    data = framed("records", record(TRAIL, eventID='"second"'))
    zipped = gzip.compress(data, mtime=0)
    for cut in range(2, len(zipped)):
        result = arrowtrail.parse(zipped[:cut], TRAIL)
        assert ids(result) == ["first", "second", "last"][: result.table.num_rows]
        (found,) = result.rejected.to_pylist()
        assert (found["reason"], found["record"]) == ("truncated", result.table.num_rows + 1)
        assert "gzip" in found["message"]
    assert result.table.num_rows == 3


# ---------------------------------------------------------------- odd, but rows


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    ("members", "column", "value"),
    [
        ({"eventID": r'"a\ud83d"'}, "eventID", "a\ufffd"),
        ({"eventID": r'"\ude00\ud83d"'}, "eventID", "\ufffd\ufffd"),
        ({"eventID": b'"\xed\xa0\x80"'}, "eventID", "\ufffd" * 3),
        ({"requestParameters": r'{"\ud83d":"\ude00"}'}, "requestParameters", r'{"\ud83d":"\ude00"}'),
        ({"other": r'"\ud83d"'}, "unmapped", r'{"other":"\ud83d"}'),
        ({"eventID": "1" * 30}, "eventID", "1" * 30),
        ({"requestParameters": '{"a":%s}' % ("9" * 30)}, "requestParameters", '{"a":%s}' % ("9" * 30)),
        ({"other": "-" + "9" * 3000}, "unmapped", '{"other":-%s}' % ("9" * 3000)),
        ({"eventID": "1e999"}, "eventID", "1e999"),
        ({"readOnly": "1e999"}, "readOnly", None),
        ({"requestParameters": "[-1e999,1E+999]"}, "requestParameters", "[-1e999,1E+999]"),
        ({"other": "1e-999"}, "unmapped", '{"other":1e-999}'),
    ],
)
def test_odd_values_are_rows(frame: str, members: dict, column: str, value: str | None):
    for result, _ in each_way(framed(frame, record(TRAIL, **members))):
        assert result.rejected.num_rows == 0
        assert result.table[column].to_pylist()[1] == value


@pytest.mark.parametrize(
    ("log_type", "column", "text"),
    [
        ("AWS.WAFWebACL", "formatVersion", "1" * 30),
        ("AWS.WAFWebACL", "requestBodySize", "-" + "1" * 30),
        ("AWS.WAFWebACL", "requestBodySize", "1e999"),
        ("AWS.GuardDuty", "confidence", "1e999"),
        ("AWS.GuardDuty", "confidence", "-" + "9" * 400),
    ],
)
def test_numbers_that_do_not_fit_are_null_and_left_over(log_type: str, column: str, text: str):
    result = arrowtrail.parse(record(log_type, **{column: text}), log_type)
    assert (result.table.num_rows, result.rejected.num_rows) == (1, 0)
    assert result.table[column].to_pylist() == [None]
    assert result.table["unmapped"].to_pylist() == [f'{{"{column}":{text}}}']
    assert result.stats.warnings == {column: 1}


def test_an_object_of_ten_thousand_keys_is_a_row():
    keys = ",".join(f'"key {number}":{number}' for number in range(10_000))
    for frame in FRAMES:
        for members in ({"requestParameters": f"{{{keys}}}"}, {"userIdentity": f'{{"type":"t",{keys}}}'}):
            for result, _ in each_way(framed(frame, record(TRAIL, **members))):
                assert (result.table.num_rows, result.rejected.num_rows) == (3, 0)
                assert keys in str(result.table.to_pylist()[1])
        for result, _ in each_way(framed(frame, record(TRAIL)[:-1] + b"," + keys.encode() + b"}")):
            assert (result.table.num_rows, result.rejected.num_rows) == (3, 0)
            assert result.table["unmapped"].to_pylist()[1] == f"{{{keys}}}"


def test_of_ten_thousand_equal_keys_the_last_counts():
    keys = ",".join(f'"eventID":"{number}","other":{number}' for number in range(10_000))
    for result, _ in each_way(framed("records", record(TRAIL)[:-1] + b"," + keys.encode() + b"}")):
        assert ids(result) == ["first", "9999", "last"]
        assert result.table["unmapped"].to_pylist()[1] == '{"other":9999}'


# ---------------------------------------------------------------- at the real limit


@pytest.mark.memory
@pytest.mark.parametrize("column", ["eventID", "requestParameters"])
def test_a_string_of_sixty_megabytes_is_a_row(column: str):
    size = 60_000_000
    data = framed("records", record(TRAIL, **{column: b'"' + b"x" * size + b'"'}))
    for log_type in (TRAIL, None):
        result = arrowtrail.parse(data, log_type, columns=["eventID", column])
        assert (result.table.num_rows, result.rejected.num_rows) == (3, 0)
        assert len(result.table[column][1].as_py()) == size + 2 * (column == "requestParameters")


@pytest.mark.memory
def test_a_string_of_a_hundred_megabytes_is_one_rejected_record():
    bad = record(TRAIL, requestParameters=b'"' + b"x" * 100_000_000 + b'"')
    data = framed("records", bad)
    result = arrowtrail.parse(data)
    assert ids(result) == ["first", "last"]
    (found,) = result.rejected.to_pylist()
    assert (found["reason"], found["record"], found["offset"]) == ("too_long", 2, second("records"))
    assert (found["length"], found["raw"]) == (len(bad), bad[: 1 << 20])


# ---------------------------------------------------------------- two log types


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("log_type", ["AWS.VPCDns", "AWS.WAFWebACL", "AWS.GuardDuty", "AWS.CloudWatchEvents"])
def test_two_log_types_in_one_file_are_named(frame: str, log_type: str):
    data = framed(frame, record(log_type))
    for source in (data, gzip.compress(data), Trickle(data)):
        with pytest.raises(MixedLogTypes) as caught:
            arrowtrail.parse(source)
        assert set(caught.value.log_types) == {TRAIL, log_type}
    result = arrowtrail.parse(data, TRAIL)
    assert ids(result) == ["first", "last"]
    assert result.rejected["reason"].to_pylist() == ["missing_required"]
    result = arrowtrail.parse(data, log_types=[TRAIL])
    assert ids(result) == ["first", "last"]
    assert result.rejected["reason"].to_pylist() == ["unknown_type"]


def test_json_and_lines_in_one_file_are_named():
    for data in (FIRST + b"\n" + LINE + b"\n" + LAST, LINE + b"\n" + FIRST):
        with pytest.raises(MixedLogTypes) as caught:
            arrowtrail.parse(data)
        assert set(caught.value.log_types) == {TRAIL, "AWS.VPCFlow"}
