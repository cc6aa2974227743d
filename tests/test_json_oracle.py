"""The oracle of the JSON types against values worked out by hand from the specification."""

import json
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import oracle
import pytest
from engine_rows import Found, oracle_rows
from hypothesis import given
from hypothesis import strategies as st
from oracle.json_tables import JsonTable, Type, load_json_tables
from oracle.json_text import JsonError, read_value, skip_blanks
from oracle.json_values import as_float32, as_unix_ms
from oracle.parse import parse_rfc3339
from test_cases import VOLATILE, check_rejected, in_input_order, log_of

TABLES = load_json_tables()
pytestmark = pytest.mark.skipif(len(TABLES) < 7, reason="the tables of the JSON types are not here")

CASES = sorted(path for name in TABLES for path in (Path(__file__).parent / "cases" / name).glob("*.json"))

FINDING = {
    "schemaVersion": "2.0", "accountId": "210987654321", "region": "r", "partition": "aws", "id": "f", "arn": "x", "type": "t",
    "resource": {}, "severity": 5, "createdAt": "2024-05-02T10:00:00Z", "updatedAt": "2024-05-02T10:11:12Z",
    "title": "t", "description": "d", "service": {"serviceName": "guardduty", "detectorId": "d1"},
}  # fmt: skip
EVENT = {
    "id": "i", "account": "a", "source": "s", "resources": [], "region": "r", "detail-type": "t", "version": "0",
    "time": "2024-05-02T10:11:12Z", "detail": {},
}  # fmt: skip
REQUEST = {"timestamp": 1714644672000, "webaclId": "w", "action": "ALLOW", "httpSourceId": "s", "httpRequest": {}, "formatVersion": 1}
QUERY = {
    "version": "1.1", "account_id": "a", "region": "r", "vpc_id": "v", "query_timestamp": "2024-05-02T10:11:12Z", "query_name": ".",
    "query_type": "A", "query_class": "IN", "rcode": "NOERROR", "srcaddr": "s", "srcport": "1", "transport": "UDP",
}  # fmt: skip
CALL = {
    "awsRegion": "r", "eventID": "e", "eventName": "n", "eventSource": "s", "eventTime": "2024-05-02T10:11:12Z", "eventType": "AwsApiCall",
    "eventVersion": "1.08", "sourceIPAddress": "AWS Internal", "userIdentity": {},
}  # fmt: skip
WHOLE = {
    "AWS.GuardDuty": FINDING, "AWS.CloudWatchEvents": EVENT, "AWS.WAFWebACL": REQUEST, "AWS.VPCDns": QUERY, "AWS.CloudTrail": CALL,
}  # fmt: skip
TIME = 1_714_644_672_000_000  # 2024-05-02T10:11:12Z
LINE = b"2 210987654321 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 40 1714644672 1714644731 ACCEPT OK"


def written(value) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def record(log_type: str, without: tuple[str, ...] = (), **members: str | bytes) -> bytes:
    """A whole record of the type. `members` are JSON text; `_` in a name that is not there stands for `-`."""
    kept = {name: written(value) for name, value in WHOLE[log_type].items() if name not in without}
    for name, text in members.items():
        name = name if name in kept else name.replace("_", "-") if name.replace("_", "-") in kept else name
        kept[name] = text.encode() if isinstance(text, str) else text
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), text) for name, text in kept.items()) + b"}"


def one(data: bytes, log_type: str | None = None, **options) -> dict:
    outcome = oracle.read(data, log_type, **options)
    assert not outcome.rejected
    [(_, row)] = outcome.rows
    return row


def rejected(data: bytes, log_type: str | None = None, **options) -> tuple:
    outcome = oracle.read(data, log_type, **options)
    assert not outcome.rows
    [found] = outcome.rejected
    return found["reason"], found["column"], found["log_type"]


# ---------------------------------------------------------------- the pages' examples


def parameters():
    for path in CASES:
        case = json.loads(path.read_text())
        for when in ("given", "detected"):
            if case.get("when", when) == when:
                yield pytest.param(path, case, when == "given", id=f"{path.parent.name}-{path.stem}-{when}")


@pytest.mark.parametrize(("path", "case", "given"), list(parameters()))
def test_the_oracle_reads_the_case(path: Path, case: dict, given: bool):
    log_type = path.parent.name
    for mode in [case["indicators"]] if "indicators" in case else ["panther", "extended", "off"]:
        found = oracle_rows(log_of(path), log_type if given else None, indicators=mode)
        check_json_rows(TABLES[log_type], case, found)
        check_rejected(case["rejected"], found.rejected)
        assert case.get("warnings", {}) == found.warnings


def check_json_rows(table: JsonTable, case: dict, found: Found) -> None:
    rows = in_input_order(found)
    assert len(rows) == len(case["rows"])
    for row, wanted in zip(rows, case["rows"], strict=True):
        expected = expected_row(table, wanted)
        names = expected.keys()
        if case.get("exact"):
            names = {name for name, value in row.items() if value is not None} - (VOLATILE - {"unmapped"})
        assert {name: row[name] for name in names} == expected


def expected_row(table: JsonTable, wanted: dict) -> dict:
    types = {column.name: column.type for column in table.columns} | {"p_event_time": Type("timestamp")}
    return {name: expected_value(types.get(name, Type("json")), value) for name, value in wanted.items()}


def expected_value(kind: Type, value):
    """A case's value as `Found` has it. A member that a struct does not name is null."""
    if value is None or kind.name in ("string", "json"):
        return value
    if kind.name == "struct":
        assert value.keys() <= {member.name for member in kind.members}
        return {member.name: expected_value(member.type, value.get(member.name)) for member in kind.members}
    if kind.name == "list":
        return [expected_value(kind.item, item) for item in value]
    if kind.name == "timestamp":
        return parse_rfc3339(value)
    return float(value).hex() if kind.name.startswith("float") else value


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


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4))


@given(tree=trees, indent=st.sampled_from([None, 1]), plain=st.booleans(), cut=st.integers(0, 2**16), put=st.binary(max_size=2))
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


# ---------------------------------------------------------------- framing: (reason, raw) of each record

UNKNOWN = "unknown_type"
FRAMES = [
    # values side by side
    (b'{"a":1}\n{"a":2}\n', [(UNKNOWN, b'{"a":1}'), (UNKNOWN, b'{"a":2}')]),
    (b'{"a":1}{"a":2}', [(UNKNOWN, b'{"a":1}'), (UNKNOWN, b'{"a":2}')]),
    (b'{"a":1},\r\n,{"a":2},', [(UNKNOWN, b'{"a":1}'), (UNKNOWN, b'{"a":2}')]),
    (b'{\n "a": 1\n}\n\n{\n "a": 2\n}\n', [(UNKNOWN, b'{\n "a": 1\n}'), (UNKNOWN, b'{\n "a": 2\n}')]),
    (b'\xef\xbb\xbf \n\t{"a":1}', [(UNKNOWN, b'{"a":1}')]),
    (b"[]", []),
    (b"[[],[[]],{}]", [(UNKNOWN, b"{}")]),
    (b'[1,"a",true,null,{},[2]]', [(UNKNOWN, raw) for raw in (b"1", b'"a"', b"true", b"null", b"{}", b"2")]),
    (b"{}\n12\n", [(UNKNOWN, b"{}"), (UNKNOWN, b"12")]),
    (b"[" * 600 + b"{}" + b"]" * 600, [(UNKNOWN, b"{}")]),
    # Records
    (b'{"x":1,"Records":[{"a":1},{"a":2}],"y":{}}', [(UNKNOWN, b'{"a":1}'), (UNKNOWN, b'{"a":2}')]),
    (b'{"\\u0052ecords":[1]}', [(UNKNOWN, b"1")]),
    (b'{"Records":[]}{"Records":null}{"Records":[{"Records":[]}]}', []),
    (b'{"records":[1]}', [(UNKNOWN, b'{"records":[1]}')]),
    (b'{"Records":{"a":1}}', [(UNKNOWN, b'{"Records":{"a":1}}')]),
    (b'[{"Records":[{"Records":[1]},[2]]},3]', [(UNKNOWN, b"1"), (UNKNOWN, b"2"), (UNKNOWN, b"3")]),
    # notices
    (b'{"Records":[{"s3":{"object":{"key":"k"}}}]}', [("not_a_log", b'{"s3":{"object":{"key":"k"}}}')]),
    (b'{"Event":"s3:TestEvent"}', [("not_a_log", b'{"Event":"s3:TestEvent"}')]),
    (b'{"s3Bucket":"b","s3ObjectKey":["k"]}', [("not_a_log", b'{"s3Bucket":"b","s3ObjectKey":["k"]}')]),
    # text between values
    (b'{"a":1} some text \r\n{"a":2}', [(UNKNOWN, b'{"a":1}'), (UNKNOWN, b"some text"), (UNKNOWN, b'{"a":2}')]),
    (b'{"a":1}\n12 x\n{"a":2}', [(UNKNOWN, b'{"a":1}'), (UNKNOWN, b"12 x"), (UNKNOWN, b'{"a":2}')]),
    (b'{"a":1}}\n{"a":2}', [(UNKNOWN, b'{"a":1}'), (UNKNOWN, b"}"), (UNKNOWN, b'{"a":2}')]),
    # errors in an array
    (b'[{"a":1},{"a":},{"a":3}]', [(UNKNOWN, b'{"a":1}'), ("syntax", b'{"a":}'), (UNKNOWN, b'{"a":3}')]),
    (b'{"Records":[{"a":1 "b"},{"a":3}]}', [("syntax", b'{"a":1 "b"}'), (UNKNOWN, b'{"a":3}')]),
    (b'[{"a":",]"x},2]', [("syntax", b'{"a":",]"x}'), (UNKNOWN, b"2")]),
    (b'[{"a":1],2]', [("syntax", b'{"a":1]'), (UNKNOWN, b"2")]),
    (b"[bad , 2]", [("syntax", b"bad"), (UNKNOWN, b"2")]),
    (b"[1 x y, 2]", [(UNKNOWN, b"1"), ("syntax", b"x y"), (UNKNOWN, b"2")]),
    (b"[1,]", [(UNKNOWN, b"1"), ("syntax", b"")]),
    (b"[,1]", [("syntax", b""), (UNKNOWN, b"1")]),
    (b"[1,,2]", [(UNKNOWN, b"1"), ("syntax", b""), (UNKNOWN, b"2")]),
    (b'[{"a":"x\n,1]', [("syntax", b'{"a":"x\n,1]')]),  # the brace stays open, the string ends with its line
    (b'["x\n,1]', [("syntax", b'"x'), (UNKNOWN, b"1")]),
    (b'["a\\","b",1]', [(UNKNOWN, b'"a\\","'), ("syntax", b'b"')]),
    # an array that is left
    (b'[{"a":1},{"a":"x\n{"a":3}\n]}\n{"a":4}', [(UNKNOWN, b'{"a":1}'), ("syntax", b'{"a":"x'), (UNKNOWN, b'{"a":3}'), (UNKNOWN, b'{"a":4}')]),
    # errors behind Records
    (b'{"Records":[1] x\n}\n{"a":2}', [(UNKNOWN, b"1"), ("syntax", b"x\n}"), (UNKNOWN, b'{"a":2}')]),
    (b'[{"Records":[1] x}, 2]', [(UNKNOWN, b"1"), ("syntax", b"x}"), (UNKNOWN, b"2")]),
    # errors in no array
    (b'{"a":}\n{"a":2}', [("syntax", b'{"a":}'), (UNKNOWN, b'{"a":2}')]),
    (b'{"a":} {"a":2}\n x\n', [("syntax", b'{"a":} {"a":2}\n x')]),
    (b'{"a":{"b":1}\n{"a":2}', [("syntax", b'{"a":{"b":1}'), (UNKNOWN, b'{"a":2}')]),
    (b'{"x":},"Records":[\n{"a":1}\n]}', [("syntax", b'{"x":},"Records":['), (UNKNOWN, b'{"a":1}'), (UNKNOWN, b"]}")]),
    # cut
    (b'{"a":1}\n{"a":', [(UNKNOWN, b'{"a":1}'), ("truncated", b'{"a":')]),
    (b'{"a":tru', [("truncated", b'{"a":tru')]),
    (b'{"a":trx', [("syntax", b'{"a":trx')]),
    (b'[{"a":1}', [(UNKNOWN, b'{"a":1}'), ("truncated", b"")]),
    (b'[{"a":1},\n', [(UNKNOWN, b'{"a":1}'), ("truncated", b"")]),
    (b'{"Records":[{"a":1}]', [(UNKNOWN, b'{"a":1}'), ("truncated", b"")]),
    (b'{"Records":[{"a":1}],"x":[', [(UNKNOWN, b'{"a":1}'), ("truncated", b',"x":[')]),
    (b'{"Records":[{"a":1},{"a":"\\ud8', [(UNKNOWN, b'{"a":1}'), ("truncated", b'{"a":"\\ud8')]),
    (b"[[[", [("truncated", b"")]),
    # lines that are JSON streams
    (b'text\n {"a":1}{"a":2} \nmore\n', [(UNKNOWN, b"text"), (UNKNOWN, b'{"a":1}'), (UNKNOWN, b'{"a":2}'), (UNKNOWN, b"more")]),
    (b'text\n{"a":1}{"a":\n"b"}\n', [(UNKNOWN, b"text"), (UNKNOWN, b'{"a":1}'), ("syntax", b'{"a":'), (UNKNOWN, b'"b"}')]),
    (b'text\n{"Records":[1,}2]}\n', [(UNKNOWN, b"text"), (UNKNOWN, b"1"), ("syntax", b"}2")]),
    (b"text\n[1,2]\n", [(UNKNOWN, b"text"), (UNKNOWN, b"[1,2]")]),
    (b'2024-05-02T10:11:12.345Z {"a":1}{"b":2}', [(UNKNOWN, b'2024-05-02T10:11:12.345Z {"a":1}{"b":2}')] * 2),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), FRAMES, ids=lambda value: repr(value)[:40])
def test_bytes_are_framed(data: bytes, expected: list):
    found = oracle.read(data).rejected
    assert [(row["reason"], row["raw"]) for row in found] == expected
    for number, row in enumerate(found, 1):
        assert row["record"] == number
        assert row["line"] == 1 + data.count(b"\n", 0, row["offset"])
        assert data[row["offset"] :][: row["length"]] == row["raw"]
        assert row["log_type"] is None and row["column"] is None
    assert all(before["offset"] <= after["offset"] for before, after in zip(found, found[1:], strict=False))


def test_a_cut_array_ends_at_the_end_of_the_input():
    [_, cut] = oracle.read(b"[1,\n\n").rejected
    assert (cut["offset"], cut["length"], cut["line"]) == (5, 0, 3)


def deep(levels: int) -> bytes:
    """An object with this many levels of nesting, its own braces being the first."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


@pytest.mark.parametrize("frame", [b"%s", b"[%s]", b'{"Records":[%s]}', b"[[[[%s]]]]"])
def test_nesting_is_counted_from_the_record(frame: bytes):
    assert [row["reason"] for row in oracle.read(frame % deep(512)).rejected] == [UNKNOWN]
    assert [row["reason"] for row in oracle.read(frame % deep(513)).rejected] == ["too_deep"]
    both = oracle.read(frame % (deep(513) + b"," + deep(2))).rejected
    assert [(row["reason"], row["raw"]) for row in both] == [("too_deep", deep(513)), (UNKNOWN, deep(2))]


def test_nesting_in_the_detail_of_an_envelope():
    finding = record("AWS.GuardDuty", resource=deep(511))
    envelope = record("AWS.CloudWatchEvents", detail=finding)
    assert one(envelope, "AWS.GuardDuty")["resource"] == deep(511).decode()
    assert rejected(envelope, "AWS.CloudWatchEvents") == ("too_deep", None, "AWS.CloudWatchEvents")
    assert rejected(b"[" + record("AWS.GuardDuty", resource=deep(512)) + b"]")[0] == "too_deep"


def test_an_error_comes_before_too_deep():
    assert rejected(deep(513)[:-1] + b",}")[0] == "syntax"


def test_records_that_are_too_long():
    data = b'{"Records":[{"a":1},{"a":"0123456789"},{"a":bad and long},{"b":2}]}'
    found = oracle.read(data, max_record=12).rejected
    assert [row["reason"] for row in found] == [UNKNOWN, "too_long", "too_long", UNKNOWN]
    assert [row["length"] for row in found] == [7, 18, 18, 7]
    assert [row["reason"] for row in oracle.read(b'{"a":1}\nsome longer text\n', max_record=12).rejected] == [UNKNOWN, "too_long"]


def test_mixed_content_gives_rows_of_several_types():
    data = record("AWS.VPCDns") + b"\n" + LINE + b"\n" + record("AWS.WAFWebACL") + b"\n"
    assert [name for name, _ in oracle.read(data).rows] == ["AWS.VPCDns", "AWS.VPCFlow", "AWS.WAFWebACL"]
    outcome = oracle.read(LINE + b"\n" + record("AWS.VPCDns") + b"\n" + LINE)
    assert [name for name, _ in outcome.rows] == ["AWS.VPCFlow", "AWS.VPCDns", "AWS.VPCFlow"]
    assert [row["p_row_id"][20:] for _, row in outcome.rows] == ["000000000000", "000000000052", "00000000013b"]


def test_a_header_counts_for_text_lines_between_values():
    header = b"version account-id interface-id start end log-status"
    outcome = oracle.read(b"{}\n" + header + b"\n2 210987654321 eni-1 1714644672 1714644731 OK\n{}\n")
    assert [name for name, _ in outcome.rows] == ["AWS.VPCFlow"]
    assert (outcome.headers, len(outcome.rejected)) == (1, 2)


def test_lines_are_joined_between_values_too():
    statement = b"1714644672123456,h,u,1.2.3.4,1,2,QUERY,d,'select\n {\n',0"
    outcome = oracle.read(b"{}\n" + statement + b"\n{}\n")
    assert [(name, row["object"]) for name, row in outcome.rows] == [("AWS.AuroraMySQLAudit", "select\n {\n")]


def test_the_other_kind_with_the_type_given():
    assert rejected(LINE, "AWS.VPCDns") == ("syntax", None, "AWS.VPCDns")
    assert rejected(b"2024-05-02T10:11:12.345Z text", "AWS.VPCDns") == ("syntax", None, "AWS.VPCDns")
    assert rejected(record("AWS.VPCDns"), "AWS.VPCFlow") == (UNKNOWN, None, "AWS.VPCFlow")
    assert rejected(b"[5]", "AWS.VPCDns") == (UNKNOWN, None, "AWS.VPCDns")
    assert rejected(b"{]", "AWS.VPCFlow") == ("syntax", None, "AWS.VPCFlow")
    assert [row["reason"] for row in oracle.read(b"{}\ntext\n", "AWS.VPCDns").rejected] == ["missing_required", "syntax"]


def test_an_export_prefix_before_json():
    line = b"2024-05-02T10:11:12.345Z " + record("AWS.VPCDns")
    for log_type in (None, "AWS.VPCDns"):
        assert one(line, log_type)["p_row_id"][20:] == "000000000000"
    found = oracle.read(b"\n 2024-05-02T10:11:12.345Z {]  \n", "AWS.VPCDns").rejected
    assert [(row["reason"], row["line"], row["offset"], row["raw"]) for row in found] == [
        ("syntax", 2, 2, b"2024-05-02T10:11:12.345Z {]")
    ]


# ---------------------------------------------------------------- messages


def subscription(*messages: str, kind: str = "DATA_MESSAGE") -> bytes:
    events = [{"id": "1", "timestamp": 1, "message": message} for message in messages]
    return written({"messageType": kind, "owner": "o", "logGroup": "g", "logStream": "s", "logEvents": events})


def test_messages_of_a_subscription():
    query = record("AWS.VPCDns").decode()
    data = b"\n" + subscription(query + "\n" + query, LINE.decode(), "", "junk")
    outcome = oracle.read(data)
    assert [name for name, _ in outcome.rows] == ["AWS.VPCDns", "AWS.VPCDns", "AWS.VPCFlow"]
    first, second = data.index(json.dumps(query)[:-1].encode()), data.index(json.dumps(LINE.decode()).encode())
    places = [first, first + 1, second]
    assert [row["p_row_id"][20:] for _, row in outcome.rows] == [f"{place:012x}" for place in places]
    [junk] = outcome.rejected
    assert (junk["record"], junk["line"], junk["offset"], junk["length"], junk["raw"]) == (4, 2, data.index(b'"junk"'), 6, b"junk")


def test_a_header_holds_for_its_message_only():
    lines = "version account-id interface-id start end log-status\n2 210987654321 eni-1 1 2 OK"
    outcome = oracle.read(subscription(lines, "2 210987654321 eni-1 1 2 OK"), "AWS.VPCFlow")
    assert (len(outcome.rows), outcome.headers, outcome.rejected[0]["reason"]) == (1, 1, "no_header")


def test_control_messages_and_empty_envelopes_are_no_records():
    empty = b'{"messageType":"DATA_MESSAGE","logGroup":"g","logStream":"s","logEvents":null}'
    outcome = oracle.read(subscription("probe", kind="CONTROL_MESSAGE") + empty + subscription("", " \n"))
    assert (outcome.records, outcome.control, outcome.blank) == (0, 1, 1)


def test_an_event_without_a_message():
    data = b'{"messageType":"m","logGroup":"g","logStream":"s","logEvents":[{"id":1},{"message":5},7,{"message":"{}"}]}'
    found = oracle.read(data, "AWS.VPCDns").rejected
    assert [(row["reason"], row["raw"]) for row in found] == [
        ("missing_required", b'{"id":1}'), ("missing_required", b'{"message":5}'), ("missing_required", b"7"), ("missing_required", b"{}"),
    ]  # fmt: skip
    assert [row["column"] for row in found] == [None, None, None, "version"]


def test_what_is_no_subscription():
    assert rejected(b'{"messageType":"m","logGroup":"g","logStream":"s","logEvents":5}')[0] == UNKNOWN
    assert rejected(b'{"messageType":"m","logGroup":"g","logstream":"s","logEvents":[]}')[0] == UNKNOWN


def test_messages_of_sns():
    inner = subscription(record("AWS.VPCDns").decode(), "x")
    data = b"[" + written({"Type": "Notification", "Message": inner.decode()}) + b"]"
    outcome = oracle.read(data)
    begin = data.index(b'"{')
    assert [row["p_row_id"][20:] for _, row in outcome.rows] == [f"{begin:012x}"]
    [bad] = outcome.rejected
    assert (bad["offset"], bad["length"], bad["raw"]) == (begin, len(data) - begin - 2, b"x")
    assert rejected(b'{"Type":"Notification","Message":5}')[0] == UNKNOWN
    assert oracle.read(b'{"Type":"Notification","Message":"{\\"a\\":"}').rejected[0]["reason"] == "truncated"


def test_an_envelope_gives_its_detail_when_another_type_is_given():
    data = record("AWS.CloudWatchEvents", detail=record("AWS.GuardDuty"))
    row = one(data, "AWS.GuardDuty")
    assert (row["id"], row["unmapped"]) == ("f", None)
    assert row["p_row_id"][20:] == f"{data.index(b'{', 1):012x}"
    for log_type in (None, "AWS.CloudWatchEvents"):
        assert one(data, log_type)["detail"] == record("AWS.GuardDuty").decode()
    assert rejected(record("AWS.CloudWatchEvents", detail="5"), "AWS.GuardDuty") == (UNKNOWN, None, "AWS.GuardDuty")
    assert rejected(record("AWS.CloudWatchEvents", ("time",)), "AWS.GuardDuty")[:2] == ("missing_required", "schemaVersion")


# ---------------------------------------------------------------- detection


def test_types_are_told_apart_by_members():
    for log_type in WHOLE:
        assert oracle.read(record(log_type)).rows[0][0] == log_type
    assert rejected(record("AWS.CloudTrail", eventType='"AwsCloudTrailInsight"'))[2] == "AWS.CloudTrailInsight"
    assert rejected(record("AWS.CloudTrail", eventCategory='"Insight"', insightDetails="{}"))[2] == "AWS.CloudTrailInsight"
    assert one(record("AWS.CloudTrail", eventCategory='"Insight"', insightDetails="null"))["p_log_type"] == "AWS.CloudTrail"
    assert one(record("AWS.CloudTrail", eventType=r'"AwsApiC\u0061ll"'))["eventType"] == "AwsApiCall"
    assert rejected(record("AWS.CloudTrail", eventID="null")) == (UNKNOWN, None, None)
    assert rejected(record("AWS.CloudTrail", userIdentity="null")) == ("missing_required", "userIdentity", "AWS.CloudTrail")
    assert rejected(record("AWS.WAFWebACL", timestamp='"x"')) == (UNKNOWN, None, None)
    assert one(record("AWS.WAFWebACL", timestamp='"1714644672000"'))["timestamp"] == TIME
    assert rejected(record("AWS.WAFWebACL", ("formatVersion",)))[0] == UNKNOWN
    assert one(record("AWS.WAFWebACL", ("formatVersion",), terminatingRuleId='""'))["terminatingRuleId"] == ""


def test_members_are_found_in_any_case_when_detecting():
    pascal = record("AWS.GuardDuty", ("service", "severity"), Severity="5", Service='{"DetectorId":"d","ServiceName":"s"}')
    assert one(pascal)["service"]["detectorId"] == "d"


# ---------------------------------------------------------------- lookup and coercion


@pytest.mark.parametrize(
    ("members", "value"),
    [
        (b'"requestID":"a","requestId":"b","REQUESTID":"c"', "a"),
        (b'"requestId":"b","REQUESTID":"c"', "b"),
        (b'"REQUESTID":"c","requestid":"d"', "d"),
        (b'"requestID":"a","requestID":"z"', "z"),
        (b'"requestID":null,"requestId":"b"', None),
        (b'"requestID":"a","requestID":null', None),
        (b'"request\\u0049D":"a"', "a"),
        (b'"re\xc7\xadID":"a"', None),
        (b'"requestID":123', "123"),
        (b'"requestID":-1.50e+3', "-1.50e+3"),
        (b'"requestID":true', "true"),
        (b'"requestID":{"a" : "\\u0041"}', '{"a" : "\\u0041"}'),
        (b'"requestID":[1, 2]', "[1, 2]"),
        (b'"requestID":""', ""),
        (b'"requestID":"-"', "-"),
        (b'"requestID":"\xff"', "\ufffd"),
    ],
)
def test_members_are_looked_up(members: bytes, value: str | None):
    row = one(record("AWS.CloudTrail")[:-1] + b"," + members + b"}")
    assert row["requestID"] == value


@pytest.mark.parametrize(
    ("log_type", "column", "text", "value", "warned"),
    [
        ("AWS.WAFWebACL", "formatVersion", "7", 7, 0),
        ("AWS.WAFWebACL", "formatVersion", '"+07"', 7, 0),
        ("AWS.WAFWebACL", "formatVersion", "-0", 0, 0),
        ("AWS.WAFWebACL", "formatVersion", "32768", None, 1),
        ("AWS.WAFWebACL", "formatVersion", "-32768", -32768, 0),
        ("AWS.WAFWebACL", "formatVersion", "1.0", None, 1),
        ("AWS.WAFWebACL", "formatVersion", "1e3", None, 1),
        ("AWS.WAFWebACL", "formatVersion", '""', None, 1),
        ("AWS.WAFWebACL", "formatVersion", '" 7"', None, 1),
        ("AWS.WAFWebACL", "formatVersion", "true", None, 1),
        ("AWS.WAFWebACL", "formatVersion", "[7]", None, 1),
        ("AWS.WAFWebACL", "responseCodeSent", '"200"', 200, 0),
        ("AWS.WAFWebACL", "requestBodySize", "9223372036854775808", None, 1),
        ("AWS.WAFWebACL", "oversizeFields", "[]", [], 0),
        ("AWS.WAFWebACL", "oversizeFields", "null", None, 0),
        ("AWS.WAFWebACL", "oversizeFields", '["a",null,1,{"b":2},true]', ["a", None, "1", '{"b":2}', "true"], 0),
        ("AWS.WAFWebACL", "oversizeFields", '"a"', ["a"], 0),
        ("AWS.WAFWebACL", "oversizeFields", "{}", ["{}"], 0),
        ("AWS.WAFWebACL", "labels", '{"name":"n"}', [{"name": "n"}], 0),
        ("AWS.WAFWebACL", "labels", '[{"name":1},null,5,{},[]]', [{"name": "1"}, None, None, {"name": None}, None], 2),
        ("AWS.WAFWebACL", "labels", '"n"', None, 1),
        ("AWS.WAFWebACL", "captchaResponse", "[]", None, 1),
        ("AWS.WAFWebACL", "captchaResponse", '{"responseCode":"x","solveTimestamp":1.5,"failureReason":2}',
         {"responseCode": None, "solveTimestamp": None, "failureReason": "2"}, 2),
        ("AWS.WAFWebACL", "timestamp", "-1", -1000, 0),
        ("AWS.WAFWebACL", "timestamp", "1.9999", 1999, 0),
        ("AWS.WAFWebACL", "timestamp", '"1e3"', 1_000_000, 0),
        ("AWS.CloudTrail", "readOnly", "false", False, 0),
        ("AWS.CloudTrail", "readOnly", '"TrUe"', True, 0),
        ("AWS.CloudTrail", "readOnly", '"yes"', None, 1),
        ("AWS.CloudTrail", "readOnly", "1", None, 1),
        ("AWS.CloudTrail", "eventVersion", "1.10", "1.10", 0),
        ("AWS.CloudTrail", "eventTime", '"2024-05-02 10:11:12.1234569+01:00"', TIME - 3_600_000_000 + 123456, 0),
        ("AWS.CloudTrail", "requestParameters", ' { "a" : [ 1.0 ] , "b":"\\/"} ', '{ "a" : [ 1.0 ] , "b":"\\/"}', 0),
        ("AWS.CloudTrail", "requestParameters", '"x"', '"x"', 0),
        ("AWS.CloudTrail", "requestParameters", "false", "false", 0),
        ("AWS.CloudTrail", "requestParameters", "null", None, 0),
        ("AWS.GuardDuty", "severity", "2.1", 2.0999999046325684, 0),
        ("AWS.GuardDuty", "severity", '"-0"', -0.0, 0),
        ("AWS.GuardDuty", "confidence", "1e400", None, 1),
        ("AWS.GuardDuty", "confidence", '"+1.5"', 1.5, 0),
        ("AWS.GuardDuty", "confidence", '".5"', None, 1),
        ("AWS.CloudWatchEvents", "detail", '"x"', '"x"', 0),
        ("AWS.CloudWatchEvents", "resources", '"a"', ["a"], 0),
    ],
)  # fmt: skip
def test_values_are_coerced(log_type: str, column: str, text: str, value, warned: int):
    outcome = oracle.read(record(log_type, **{column: text}), log_type)
    assert not outcome.rejected
    got = outcome.rows[0][1][column]
    assert (got, type(got), repr(got)) == (value, type(value), repr(value))
    assert outcome.warnings == ({column: warned} if warned else {})
    kept = one(record(log_type, **{column: text}), log_type, columns=["p_log_type"])
    assert kept == {"p_log_type": log_type}
    assert not oracle.read(record(log_type, **{column: text}), log_type, columns=["p_log_type"]).warnings


@pytest.mark.parametrize(
    ("log_type", "members", "reason", "column"),
    [
        ("AWS.GuardDuty", {"severity": "-0.1"}, "bad_value", "severity"),
        ("AWS.GuardDuty", {"severity": "1e39"}, "bad_value", "severity"),
        ("AWS.GuardDuty", {"severity": "{}"}, "bad_value", "severity"),
        ("AWS.GuardDuty", {"severity": "null"}, "missing_required", "severity"),
        ("AWS.GuardDuty", {"service": "null"}, "missing_required", "service"),
        ("AWS.GuardDuty", {"service": '"x"'}, "bad_value", "service"),
        ("AWS.GuardDuty", {"service": "[]"}, "bad_value", "service"),
        ("AWS.GuardDuty", {"service": '{"serviceName":"s"}'}, "missing_required", "service.detectorId"),
        ("AWS.GuardDuty", {"service": "{}"}, "missing_required", "service.serviceName"),
        ("AWS.GuardDuty", {"service": '{"detectorId":null,"serviceName":"s"}'}, "missing_required", "service.detectorId"),
        ("AWS.GuardDuty", {"service": "{}", "title": "null"}, "missing_required", "title"),
        ("AWS.GuardDuty", {"updatedAt": '"2024-02-30T00:00:00Z"', "severity": "-1"}, "bad_value", "severity"),
        ("AWS.GuardDuty", {"updatedAt": '"2024-02-30T00:00:00Z"'}, "bad_value", "updatedAt"),
        ("AWS.GuardDuty", {"updatedAt": "1714644672"}, "bad_value", "updatedAt"),
        ("AWS.WAFWebACL", {"timestamp": '""'}, "bad_value", "timestamp"),
        ("AWS.WAFWebACL", {"timestamp": "1e300"}, "bad_value", "timestamp"),
        ("AWS.WAFWebACL", {"httpRequest": "[{}]"}, "bad_value", "httpRequest"),
        ("AWS.CloudWatchEvents", {"detail": "null"}, "missing_required", "detail"),
        ("AWS.CloudTrailInsight", {}, "missing_required", "eventVersion"),
    ],
)  # fmt: skip
def test_the_first_fault_in_schema_order_counts(log_type: str, members: dict, reason: str, column: str):
    data = record(log_type, **members) if log_type in WHOLE else b"{}"
    assert rejected(data, log_type) == (reason, column, log_type)


INSIGHT = (
    b'{"eventVersion":"1","eventTime":"2024-05-02T10:11:12Z","awsRegion":"r","eventID":"e","eventType":"%s","sharedEventID":"s",'
    b'"insightDetails":%s,"eventCategory":"%s"}'
)
DETAILS = (
    b'{"state":"S","eventSource":"s","eventName":"n","insightType":"t","errorCode":"E","insightContext":{"attributions":[ 1 ],'
    b'"statistics":{"baselineDuration":"10","insightDuration":0.1,"insight":null,"baseline":{"average":"x"}}}}'
)


def test_paths_lead_into_the_record():
    row = one(INSIGHT % (b"AwsCloudTrailInsight", DETAILS, b"Insight"))
    assert (row["eventId"], row["sharedEventId"]) == ("e", "s")
    assert (row["insightErrorCode"], row["insightBaselineDuration"], row["insightAttributions"]) == ("E", 10.0, "[ 1 ]")
    statistics = {"baseline": {"average": None}, "insight": None, "insightDuration": 0.10000000149011612}
    assert row["insightDetails"]["insightContext"] == {"statistics": statistics}
    assert row["unmapped"] == '{"insightDetails":{"insightContext":{"statistics":{"baseline":{"average":"x"}}}}}'


def test_only_the_allowed_texts():
    assert rejected(INSIGHT % (b"X", DETAILS, b"Insight"), "AWS.CloudTrailInsight")[:2] == ("bad_value", "eventType")
    assert rejected(INSIGHT % (b"AwsCloudTrailInsight", DETAILS, b"insight"))[:2] == ("bad_value", "eventCategory")
    assert rejected(INSIGHT % (b"AwsCloudTrailInsight", b"{}", b"x"))[:2] == ("missing_required", "insightDetails.state")


def test_bytes_that_are_no_utf8_are_counted_once():
    outcome = oracle.read(record("AWS.CloudTrail", errorCode=b'"\xff\xff"', addendum=b'["\xff"]'))
    assert (outcome.rows[0][1]["errorCode"], outcome.rows[0][1]["addendum"]) == ("\ufffd\ufffd", '["\ufffd"]')
    assert outcome.warnings == {"invalid_utf8": 1}
    assert not oracle.read(record("AWS.CloudTrail", errorCode=b'"\\ud800"')).warnings


# ---------------------------------------------------------------- unmapped


@pytest.mark.parametrize(
    ("log_type", "members", "unmapped"),
    [
        ("AWS.CloudTrail", {"new": ' { "a" : 1.0 }', "Z": "[1, 2]"}, '{"new":{ "a" : 1.0 },"Z":[1, 2]}'),
        ("AWS.CloudTrail", {"new": "null"}, None),
        ("AWS.CloudTrail", {"requestid": '"a"', "requestID": '"b"'}, '{"requestid":"a"}'),
        ("AWS.CloudTrail", {"readOnly": '"yes"', "managementEvent": "1"}, '{"readOnly":"yes","managementEvent":1}'),
        ("AWS.CloudTrail", {"userIdentity": '{"type":"t","new":{}}'}, '{"userIdentity":{"new":{}}}'),
        ("AWS.CloudTrail", {"userIdentity": '{"sessionContext":{"attributes":{"a":1,"mfaAuthenticated":"x"},"b":null}}'},
         '{"userIdentity":{"sessionContext":{"attributes":{"a":1}}}}'),
        ("AWS.CloudTrail", {"userIdentity": '{"sessionContext":[ ],"type":1}'}, '{"userIdentity":{"sessionContext":[ ]}}'),
        ("AWS.CloudTrail", {"resources": '[{"arn":"a"}, {"ARNPrefix":"p"}]'}, '{"resources":[{"arn":"a"}, {"ARNPrefix":"p"}]}'),
        ("AWS.CloudTrail", {"resources": '[{"ARN":"a","type":1},null,{}]'}, None),
        ("AWS.CloudTrail", {"resources": '[{}, 5]'}, '{"resources":[{}, 5]}'),
        ("AWS.CloudTrail", {"resources": '{"arn":"a", "new":1}'}, '{"resources":{"arn":"a", "new":1}}'),
        ("AWS.CloudTrail", {"resources": '{"arn":"a"}'}, None),
        ("AWS.CloudTrail", {"resources": '"x"'}, '{"resources":"x"}'),
        ("AWS.WAFWebACL", {"httpRequest": '{"fragment":"f","scheme":null,"host":"h","uri":"u"}'}, None),
        ("AWS.WAFWebACL", {"httpRequest": '{"fragment":"f","x":1}'}, '{"httpRequest":{"x":1}}'),
        ("AWS.WAFWebACL", {"httpRequest": '{"headers":[{"name":"a"},{"name":"b","q":0}]}'},
         '{"httpRequest":{"headers":[{"name":"a"},{"name":"b","q":0}]}}'),
        ("AWS.WAFWebACL", {"oversizeFields": '[{"a":1},null]'}, None),
        ("AWS.WAFWebACL", {"responseCodeSent": '""'}, '{"responseCodeSent":""}'),
        ("AWS.VPCDns", {"srcids": "{}"}, None),
        ("AWS.VPCDns", {"srcids": "5"}, '{"srcids":5}'),
        ("AWS.VPCDns", {"srcids": '{"resolver_network_interface":"rni","x":2}'}, '{"srcids":{"x":2}}'),
        ("AWS.GuardDuty", {"service": '{"serviceName":"s","detectorId":"d","count":"many","evidence":{"a":1}}'},
         '{"service":{"count":"many","evidence":{"a":1}}}'),
    ],
)  # fmt: skip
def test_what_no_column_took(log_type: str, members: dict, unmapped: str | None):
    data = record(log_type, **members)
    assert one(data, log_type)["unmapped"] == unmapped
    assert one(data, log_type, unmapped=False)["unmapped"] is None


def test_the_last_of_a_doubled_key_is_left_over():
    data = record("AWS.CloudTrail")[:-1] + b',"n\\u0065w":1,"b":2,"new":3,"b":null,"eventID":"z","\xff":"\xff\\u0041"}'
    row = one(data)
    assert row["unmapped"] == '{"new":3,"\ufffd":"\ufffd\\u0041"}'
    assert row["eventID"] == "z"


# ---------------------------------------------------------------- indicators


def found(data: bytes, log_type: str, mode: str) -> dict:
    row = one(data, log_type, indicators=mode)
    return {name[6:]: value for name, value in row.items() if name.startswith("p_any_") and value is not None}


ARN = "arn:aws:ec2:r:123123123123:instance/i-0abc"
ARN_FOUND = {"aws_arns": [ARN], "aws_account_ids": ["123123123123"], "aws_instance_ids": ["i-0abc"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'"{ARN}"', ARN_FOUND),
        (f'["{ARN}"]', ARN_FOUND),
        (f'{{"account":"{ARN}"}}', {}),  # the first rule whose key matches decides
        ('{"accountId":"123123123123","account":["210987654321"],"xAccountId":"321321321321","AccountIds":"111111111111"}',
         {"aws_account_ids": ["123123123123", "210987654321", "321321321321"]}),
        ('{"instanceId":"i-1","instance-id":["i-2",["i-3"]],"xInstanceId":"i-4","instanceid":"i-5"}',
         {"aws_instance_ids": ["i-1", "i-2", "i-3", "i-4"]}),
        ('{"ipv6Addresses":["::1"],"publicIp":" 10.0.0.1 ","privateIpAddress":"10.0.0.2","ipAddressV4":"10.0.0.3","ipAddressV6":"::2"}',
         {"ip_addresses": ["10.0.0.1", "10.0.0.2", "10.0.0.3", "::1"]}),
        ('{"sourceIPAddress":"10.0.0.1","publicDnsName":"xn--fa-hia.a ","domain":["d",5,""]}',
         {"ip_addresses": ["10.0.0.1"], "domain_names": ["d", "xn--fa-hia.a "]}),
        ('{"tags":[{"Key":"a","VALUE":"b","accountId":"123123123123"},{"key":"c"},"plain",{"key":"","value":"x"}]}',
         {"aws_tags": ["a:b", "plain"]}),
        ('{"tags":{"key":"a","value":"b"}}', {"aws_tags": ["a:b"]}),
        ('{"tags":[{"accountId":"123123123123"},["deep"]]}', {"aws_account_ids": ["123123123123"], "aws_tags": ["deep"]}),
        ('{"x":{"key":"a","value":"b"},"Tags":["c"]}', {}),
        ('"{\\"accountId\\":\\"123123123123\\"}"', {}),
        ('{"accountId":123123123123,"arn":"arn:a:b:c"}', {}),
        ('{"\\u0061ccountId":"12312312312\\u0033"}', {"aws_account_ids": ["123123123123"]}),
    ],
)  # fmt: skip
def test_walker_n(text: str, expected: dict):
    assert found(record("AWS.CloudTrail", requestParameters=text), "AWS.CloudTrail", "panther") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'"{ARN}"', ARN_FOUND),
        (f'{{"publicIp":"{ARN}"}}', ARN_FOUND),
        ('{"accountId":"arn:x"}', {}),
        ('{"accountId":"123123123123","account":"210987654321","xAccountId":["321321321321"],"yAccountId":"321321321321"}',
         {"aws_account_ids": ["123123123123", "321321321321"]}),
        ('{"instanceId":"i-1","instance-id":"i-2","xInstanceId":"i-4","sourceIPAddress":"10.0.0.1"}', {"aws_instance_ids": ["i-1", "i-4"]}),
        ('{"publicIp":"10.0.0.1","ipv6Addresses":["::1",5,["::2"]],"privateIpAddress":["10.0.0.9"]}', {"ip_addresses": ["10.0.0.1", "::1"]}),
        ('{"tags":[{"key":"a","value":"","accountId":"123123123123"},{"Key":"b","value":"c"},{"key":"","value":""},"x"]}',
         {"aws_tags": ["a:"], "aws_account_ids": ["123123123123"]}),
        ('{"tags":{"key":"a","value":"b"}}', {}),
        ('{"domain":"a b","privateDnsName":"x"}', {"domain_names": ["a b", "x"]}),
    ],
)  # fmt: skip
def test_walker_l(text: str, expected: dict):
    assert found(record("AWS.CloudWatchEvents", detail=text), "AWS.CloudWatchEvents", "panther") == expected


@pytest.mark.parametrize(
    ("log_type", "column", "text", "expected"),
    [
        ("AWS.CloudWatchEvents", "detail", '{"instance-id":"i-2","sourceIPAddress":["10.0.0.1"],"ipAddressV6":["::2"]}',
         {"aws_instance_ids": ["i-2"], "ip_addresses": ["10.0.0.1", "::2"]}),
        ("AWS.CloudTrail", "requestParameters", '{"tags":[{"key":"a","value":"b","accountId":"123123123123"}],"publicIp":"arn:a:b:c:d:e"}',
         {"aws_tags": ["a:b"], "aws_account_ids": ["123123123123"], "aws_arns": ["arn:a:b:c:d:e"]}),
        ("AWS.CloudTrail", "addendum", '{"clientIp":"10.0.0.1","hostName":["a.b","10.0.0.2"],"userName":" u ","email":"a@b","emailAddress":"c"}',
         {"ip_addresses": ["10.0.0.1", "10.0.0.2"], "domain_names": ["a.b"], "usernames": ["u"], "emails": ["a@b"]}),
        ("AWS.CloudTrail", "new", '{"accountId":"123123123123","remoteIp":"10.0.0.1"}',
         {"aws_account_ids": ["123123123123"], "ip_addresses": ["10.0.0.1"]}),
        ("AWS.CloudTrail", "userName", '"u"', {"usernames": ["u"]}),
        ("AWS.WAFWebACL", "rateBasedRuleList", '[{"limitValue":"10.0.0.1"}]', {"ip_addresses": ["10.0.0.1"]}),
        ("AWS.WAFWebACL", "webaclId", f'"{ARN}"', ARN_FOUND),
        ("AWS.CloudWatchEvents", "resources", f'["{ARN}",null]', ARN_FOUND),
    ],
)  # fmt: skip
def test_mode_extended_adds(log_type: str, column: str, text: str, expected: dict):
    data = record(log_type, **{column: text})
    assert found(data, log_type, "extended") == expected
    panther = found(data, log_type, "panther")
    assert all(set(values) < set(expected[name]) or log_type == "AWS.CloudWatchEvents" for name, values in panther.items())
    assert found(data, log_type, "off") == {}
    assert one(data, log_type, unmapped=False)["p_any_aws_account_ids"] == expected.get("aws_account_ids")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ('[{"Rdata":"10.0.0.1","Type":"A"},{"Rdata":"::1","Type":"AAAA"},{"Rdata":"a.b","Type":"A"}]', {"ip_addresses": ["10.0.0.1", "::1"]}),
        ('[{"Rdata":"a.b.","Type":"CNAME"},{"Rdata":"c.d..","Type":"NS"},{"Rdata":"10.0.0.1","Type":"PTR"}]',
         {"domain_names": ["10.0.0.1", "a.b", "c.d."]}),
        ('[{"Rdata":"10 mx.a.","Type":"MX"},{"Rdata":"mx.b.","Type":"MX"},{"Rdata":"10 .","Type":"MX"}]', {"domain_names": ["mx.a", "mx.b"]}),
        ('[{"Rdata":"x.y.","Type":"TXT"},{"Rdata":"x.y.","Type":"cname"},{"Rdata":"x.y."},{"Type":"A"},{"Rdata":"x","Type":"member"}]', {}),
        ('{"rdata":"xn--fa-hia.A.","type":"CNAME"}', {"domain_names": ["fa\u00df.A"]}),
    ],
)  # fmt: skip
def test_scanners_chosen_by_a_sibling(answers: str, expected: dict):
    for mode in ("panther", "extended"):
        assert found(record("AWS.VPCDns", answers=answers), "AWS.VPCDns", mode) == expected


def test_indicators_of_struct_members():
    user = {"arn": "arn:a:b:c:210987654321:r", "accountId": "123123123123", "onBehalfOf": {"identityStoreArn": ARN}}
    got = found(record("AWS.CloudTrail", userIdentity=json.dumps(user)), "AWS.CloudTrail", "panther")
    assert got == {
        "aws_arns": [user["arn"], ARN], "aws_account_ids": ["123123123123", "210987654321"], "aws_instance_ids": ["i-0abc"],
    }  # fmt: skip


# ---------------------------------------------------------------- numbers and times


@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_of_32_bits_are_read_back(value: float):
    assert struct.pack("<f", as_float32(repr(value))) == struct.pack("<f", value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.00000005960464477539062500000001", 1.00000011920928955078125),  # just above the middle, which a double is
        ("1.000000059604644775390625", 1.0),  # the middle: to even
        ("340282346638528859811704183484516925440", 3.4028234663852886e38),
        ("340282356779733661637539395458142568447", 3.4028234663852886e38),
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
    [("-62135596800000", -62135596800000000), ("-62135596800000.001", None), ("253402300799999.9999", 253402300799999999),
     ("253402300800000", None), ("0.0009", 0), ("-0.0019", -1), ("1e-999999999", 0), ("", None), ("1.", None)],
)  # fmt: skip
def test_the_ends_of_milliseconds(text: str, value: int | None):
    assert as_unix_ms(text) == value
