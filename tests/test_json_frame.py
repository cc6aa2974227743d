"""How the oracle frames JSON input: (reason, raw) of each record, worked out by hand from README 5 and 8."""

import json
from itertools import pairwise

import oracle
import pytest
from json_records import LINE, UNKNOWN, one, record, rejected, written

import arrowtrail

pytestmark = pytest.mark.usefixtures("engine_agrees")

# ---------------------------------------------------------------- framing: (reason, raw) of each record

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
    (b'["a\\","b",1]', [(UNKNOWN, b'"a\\","'), ("syntax", b'b",1]')]),
    # an array that is left
    (b'[{"a":1},{"a":"x\n{"a":3}\n]}\n{"a":4}', [(UNKNOWN, b'{"a":1}'), ("syntax", b'{"a":"x'), (UNKNOWN, b'{"a":3}'),
     (UNKNOWN, b'{"a":4}')]),
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
    (b'text\n {"a":1}{"a":2} \nmore\n', [(UNKNOWN, b"text"), (UNKNOWN, b'{"a":1}'), (UNKNOWN, b'{"a":2}'), (UNKNOWN,
     b"more")]),
    (b'text\n{"a":1}{"a":\n"b"}\n', [(UNKNOWN, b"text"), (UNKNOWN, b'{"a":1}'), ("syntax", b'{"a":'), (UNKNOWN,
     b'"b"}')]),
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
    assert all(before["offset"] <= after["offset"] for before, after in pairwise(found))


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


def test_what_stands_behind_a_value_that_is_too_deep():
    in_array = oracle.read(b"[" + deep(513) + b" x y,1]").rejected
    assert [(row["reason"], row["raw"]) for row in in_array] == [("too_deep", deep(513) + b" x y"), (UNKNOWN, b"1")]
    in_none = oracle.read(deep(513) + b' x y\n{"a":1}').rejected
    assert [(row["reason"], row["raw"]) for row in in_none] == [
        ("too_deep", deep(513)), (UNKNOWN, b"x y"), (UNKNOWN, b'{"a":1}'),
    ]  # fmt: skip
    around = b'{"x":' + deep(600) + b',"Records":[1]}'
    assert [(row["reason"], row["raw"]) for row in oracle.read(around).rejected] == [(UNKNOWN, b"1")]


def test_nesting_has_no_end():
    levels = 100_000
    assert oracle.read(b"[" * levels).rejected[0]["reason"] == "truncated"
    assert rejected(deep(levels))[0] == "too_deep"


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
    assert [row["reason"] for row in oracle.read(b'{"a":1}\nsome longer text\n', max_record=12).rejected] == [
        UNKNOWN,
        "too_long",
    ]


def test_mixed_content_gives_rows_of_several_types():
    data = record("AWS.VPCDns") + b"\n" + LINE + b"\n" + record("AWS.WAFWebACL") + b"\n"
    assert [name for name, _ in oracle.read(data).rows] == ["AWS.VPCDns", "AWS.VPCFlow", "AWS.WAFWebACL"]
    outcome = oracle.read(LINE + b"\n" + record("AWS.VPCDns") + b"\n" + LINE)
    assert [name for name, _ in outcome.rows] == ["AWS.VPCFlow", "AWS.VPCDns", "AWS.VPCFlow"]
    last = len(LINE) + 1 + len(record("AWS.VPCDns")) + 1
    assert [row["p_row_id"][20:] for _, row in outcome.rows] == ["000000000000", "000000000052", f"{last:012x}"]


def test_a_header_counts_for_text_lines_between_values():
    header = b"version account-id interface-id start end log-status"
    outcome = oracle.read(b"{}\n" + header + b"\n2 210987654321 eni-1 1714644672 1714644731 OK\n{}\n")
    assert [name for name, _ in outcome.rows] == ["AWS.VPCFlow"]
    assert (outcome.headers, len(outcome.rejected)) == (1, 2)


def test_lines_are_joined_between_values_too():
    statement = b"1714644672123456,h,u,1.2.3.4,1,2,QUERY,d,'select\n {\n',0"
    outcome = oracle.read(b"{}\n" + statement + b"\n{}\n")
    assert [(name, row["object"]) for name, row in outcome.rows] == [("AWS.AuroraMySQLAudit", "'select\n {\n'")]


def test_the_other_kind_with_the_type_given():
    assert rejected(LINE, "AWS.VPCDns") == ("syntax", None, "AWS.VPCDns")
    assert rejected(b"2024-05-02T10:11:12.345Z text", "AWS.VPCDns") == ("syntax", None, "AWS.VPCDns")
    assert rejected(record("AWS.VPCDns"), "AWS.VPCFlow") == (UNKNOWN, None, "AWS.VPCFlow")
    assert rejected(b"[5]", "AWS.VPCDns") == (UNKNOWN, None, "AWS.VPCDns")
    assert rejected(b"{]", "AWS.VPCFlow") == ("syntax", None, "AWS.VPCFlow")
    assert [row["reason"] for row in oracle.read(b"{}\ntext\n", "AWS.VPCDns").rejected] == [
        "missing_required",
        "syntax",
    ]


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
    assert (junk["record"], junk["line"], junk["offset"], junk["length"], junk["raw"]) == (
        4,
        2,
        data.index(b'"junk"'),
        6,
        b"junk",
    )


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
        ("missing_required", b'{"id":1}'), ("missing_required", b'{"message":5}'), ("missing_required", b"7"),
         ("missing_required", b"{}"),
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
    assert rejected(record("AWS.CloudWatchEvents", ("time",)), "AWS.GuardDuty")[:2] == (
        "missing_required",
        "schemaVersion",
    )


def test_a_notice_is_no_log_where_a_type_of_ones_own_knows_all_its_keys(tmp_path):
    table = tmp_path / "own.toml"
    table.write_text(
        'name = "My.Events"\nabout = "Events."\nadded = "B"\nevent_time = ["at"]\nrecords = { framing = "json" }\n'
        'detect = { order = 20, members = [["id", "at"]] }\n'
        'columns = [\n  { name = "id", type = "string", about = "Id." },\n'
        '  { name = "at", type = "timestamp", time = "rfc3339", about = "Time." },\n'
        '  { name = "event", from = "Event", type = "string", about = "Event." },\n]\n'
    )
    own = arrowtrail.LogType.load(table)
    result = arrowtrail.parse(b'{"Event":"s3:TestEvent"}\n{"id":"a","Event":"b"}\n', own)
    assert result.table["event"].to_pylist() == ["b"]
    assert result.rejected["reason"].to_pylist() == ["not_a_log"]
