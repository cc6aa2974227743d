"""JSON values longer than what is held: one rejected record, what follows comes out, memory is bounded."""

import io

import pytest
from json_records import CALL, written

import arrowtrail

HELD = 64 << 20  # bytes of one value that the engine holds at least
LONG = b"x" * (HELD + 100)
ITEMS = b",1\n" * (HELD // 3 + 100)
OK = written(CALL)
TRAIL = "AWS.CloudTrail"


class Pieces(io.RawIOBase):
    def __init__(self, data, size):
        self.rest, self.size = io.BytesIO(data), size

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.rest.readinto(memoryview(buffer)[: self.size])


# Inputs in pieces. ("long", bytes): what is rejected, white space at its end apart.
CASES = {
    "a string": [("long", b'{"a":"' + LONG + b'"}'), b"\n", OK],
    "side by side": [("long", b'{"a":"' + LONG + b'"}'), OK],
    "a string with brackets and quotes": [("long", b'{"a":"]},{\\"' + LONG + b'\\\\"}'), b"\n", OK],
    "a quote that never closes": [("long", b'{"a":"' + LONG)],
    "in Records": [b'{"Records":[', OK, b",", ("long", b'{"a":"' + LONG + b'"}'), b" ,", OK, b"]}\n", OK],
    "last in Records": [b'{"Records":[', ("long", b'{"a":"' + LONG + b'"}'), b"]}", OK],
    "in an array, a string": [b"[", ("long", b'"' + LONG + b'"'), b",", OK, b"]"],
    "in an array, broken": [b"[", ("long", b'{"a":x' + LONG + b"}"), b",", OK, b"]"],
    "behind Records": [b'{"Records":[', OK, b"]", ("long", b',"b":"' + LONG + b'"}'), OK],
    "behind Records in an array": [b'[{"Records":[', OK, b"]", ("long", b',"b":"' + LONG + b'"}'), b",", OK, b"]"],
    "on many lines": [("long", b'{"a":[0' + ITEMS + b"]}"), b"\n", OK],
    "with objects at the start of lines": [("long", b'{"a":[\n' + b"{},\n" * (HELD // 4) + b"{}\n]}"), b"\n", OK],
    "not closed": [("long", b'{"a":[0' + ITEMS), OK, b"\n", OK],
    "not closed in Records": [b'{"Records":[', OK, b",", ("long", b'{"a":[0' + ITEMS), OK, b"\n]}\n", OK],
    "broken, with a line behind": [("long", b'{"a":x' + LONG + b"}\n"), OK],
    "a text line": [OK, b"\n", ("long", b"text " + LONG), b" \n", OK],
    "brackets": [("long", b'{"a":' + b"[" * (HELD + 100))],
}


@pytest.mark.memory
@pytest.mark.parametrize("name", CASES)
def test_a_long_value_is_one_rejected_record(name):
    pieces = CASES[name]
    long = next(piece for piece in pieces if isinstance(piece, tuple))
    data = b"".join(piece[1] if piece is long else piece for piece in pieces)
    begin, long = sum(map(len, pieces[: pieces.index(long)])), long[1].rstrip()
    scan = arrowtrail.scan(Pieces(data, 999_999), TRAIL, max_record=1000, threads=1)
    assert scan.to_table().num_rows == pieces.count(OK)
    (found,) = scan.rejected.to_pylist()
    assert (found["reason"], found["offset"], found["length"]) == ("too_long", begin, len(long))
    assert found["raw"] == long[: 1 << 20]
    assert found["line"] == 1 + data.count(b"\n", 0, begin)
    assert scan.stats.records == pieces.count(OK) + 1


def test_records_that_are_read_one_by_one_may_be_longer_together():
    data = b'{"Records":[' + b",".join([OK] * 3000) + b'],"b":[' + b",".join([OK] * 3) + b"]}"
    result = arrowtrail.parse(data, TRAIL, max_record=1000)
    assert (result.table.num_rows, result.rejected.num_rows) == (3000, 0)


def test_arrays_open_around_a_record_are_bounded():
    data = b"[" * (1 << 20) + b"[1],2" + b"]" * (1 << 20) + OK
    result = arrowtrail.parse(data, TRAIL)
    assert [found["reason"] for found in result.rejected.to_pylist()] == ["too_deep", "unknown_type"]
    assert result.table.num_rows == 1


@pytest.mark.memory
@pytest.mark.parametrize(
    "head",
    [b'{"a":"', b'[{"a":x', b'{"Records":[],"a":"', b"{}\n"],
    ids=["string", "broken", "behind Records", "text"],
)
def test_memory_does_not_grow_with_a_value_that_never_ends(head):
    import resource

    class Endless:
        def __init__(self, size):
            self.left, self.first = size, head

        def read(self, size):
            piece, self.first = self.first or b"x" * min(size, self.left), b""
            self.left -= len(piece)
            return piece if self.left > 0 else b""

    def peak(size):
        result = arrowtrail.scan(Endless(size), TRAIL, max_record=1_000_000, threads=1)
        assert result.to_table().num_rows == 0
        assert result.rejected.to_pylist()[-1]["reason"] == "too_long"
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = peak(2 * HELD)
    assert peak(4 * HELD) - before < 8_000
