"""Logs of AWS that are none of the log types: named, refused once for all their lines, and nothing else with them."""

import json
from random import Random

import oracle
import pytest
from conftest import DIVISOR
from engine_rows import assert_same, engine_rows, oracle_rows
from json_documents import Documents
from json_records import record
from logs import VPC_HEADER, alb, vpc, vpc_row
from oracle.foreign import foreign_line, foreign_value, load_foreign
from oracle.json_tables import load_json_tables
from oracle.json_text import read_value
from oracle.parse import fits_shape
from oracle.tables import load_tables
from strategies import LOG_TYPES, make_log, split
from test_oracle import RECORDS
from test_parts import assert_parts_change_nothing, small_parts

import arrowtrail
from arrowtrail import tablefile
from arrowtrail.foreign import foreign_logs, read

pytestmark = pytest.mark.usefixtures("native")
NLB = (
    b"tls 2.0 2024-05-02T10:11:12 net/edge/0a1b2c3d4e5f6071 f0e1d2c3b4a59687 198.51.100.4:51341 10.0.0.9:443 5 2 98 "
    b"246 - arn:aws:acm:eu-west-1:210987654321:certificate/c1 - ECDHE-RSA-AES128-SHA tlsv12 - edge.example.com - - - -"
)
CLASSIC = (
    b"2024-05-02T10:11:12.123456Z old-lb 198.51.100.4:40000 10.0.0.1:80 0.00007 0.001 0.00005 200 200 0 29 "
    b'"GET http://www.example.com:80/ HTTP/1.1" "agent/1" - -'
)
UNANSWERED = (
    b"2024-05-02T10:11:12.123456Z old-lb 198.51.100.4:40000 - -1 -1 -1 503 0 0 0 "
    b'"GET http://www.example.com:80/ HTTP/1.1" "agent/1" - -'
)
CONNECTION = (
    b"2024-05-02T10:11:12.123456Z 198.51.100.4 40000 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036 "
    b'"CN=client.example.com" NotBefore=2024-01-01T00:00:00Z;NotAfter=2025-01-01T00:00:00Z 01 Success TID_1'
)
HEALTH = b"http 2024-05-02T10:11:12.123456Z 0.019584011 10.0.0.9:80 web PASS 200 -"
GATEWAY = b"6 TransitGateway 210987654321 tgw-1 tgw-attach-1 210987654321 210987654321 vpc-1 vpc-2"
CDN = b"2024-05-02\t10:11:12\tFRA2\t392\t192.0.2.7\tGET\td111.cloudfront.net\t/index.html\t200\t-\tagent/1"
SAMPLES = {
    "a Network Load Balancer access log": [NLB],
    "a Classic Load Balancer access log": [CLASSIC, UNANSWERED],
    "an Application Load Balancer connection log": [CONNECTION],
    "an Application Load Balancer health check log": [HEALTH],
    "a transit gateway flow log": [GATEWAY],
    "a CloudFront access log": [b"#Version: 1.0", b"#Fields: date time x-edge-location sc-bytes c-ip cs-method", CDN],
    "an AWS Config snapshot or history": [
        b'{"fileVersion":"1.0","configSnapshotId":"00000000-0000-0000-0000-000000000000","configurationItems":[{"a":1}]}'
    ],
    "an S3 Inventory manifest": [
        b'{"sourceBucket":"logs","destinationBucket":"arn:aws:s3:::list","version":"2016-11-30","creationTimestamp":"1714644672000",'
        b'"fileFormat":"CSV","fileSchema":"Bucket, Key","files":[{"key":"k","size":1,"MD5checksum":"x"}]}'
    ],
}
LINES = {name: lines for name, lines in SAMPLES.items() if not lines[0].startswith(b"{")}
PREFIX = b"2024-05-02T10:11:12.345Z "


def refused(data, log_type=None, **options):
    """The rejected records of the engine, which are those of the oracle."""
    assert_same(engine_rows(data, log_type, **options), oracle_rows(data, log_type, **options))
    return arrowtrail.parse(data, log_type, **options).rejected.to_pylist()


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("log_type", [None, "AWS.ALB", "AWS.VPCFlow", "AWS.AuroraMySQLAudit", "AWS.S3ServerAccess"])
def test_a_file_of_another_log_is_one_rejected_record_that_names_it(name, log_type):
    lines = SAMPLES[name] * (1 if name not in LINES else 7)
    data = b"\n".join(lines) + b"\r\n"
    (found,) = refused(data, log_type)
    raw = data.removesuffix(b"\r\n")
    assert (found["record"], found["line"], found["offset"], found["length"]) == (1, 1, 0, len(raw))
    assert (found["reason"], found["log_type"], found["column"], found["raw"]) == ("unknown_type", log_type, None, raw)
    count = f"{len(lines)} lines of " if len(lines) > 1 else ""
    assert found["message"].startswith(f"{count}{name}, which is none of the log types here; keep such files out")


def test_every_entry_has_an_example():
    assert SAMPLES.keys() == {log["name"] for log in load_foreign()}
    for name, lines in LINES.items():
        assert {foreign_line(line.decode()) for line in lines} == {name}


@pytest.mark.parametrize("name", LINES)
def test_text_of_another_log_is_no_json_and_still_refused_once(name):
    (found,) = refused(b"\n".join(LINES[name] * 3), "AWS.CloudTrail")
    assert (found["reason"], found["log_type"]) == ("syntax", "AWS.CloudTrail")
    assert name in found["message"]


@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in LINES])
def test_a_json_file_of_another_log_is_named_whatever_type_is_asked_for(name):
    for log_type in (None, "AWS.CloudTrail", "AWS.GuardDuty", "AWS.ALB"):
        (found,) = refused(SAMPLES[name][0], log_type)
        assert (found["reason"], found["column"]) == ("unknown_type", None)
        assert name in found["message"]


@pytest.mark.parametrize("name", LINES)
def test_an_export_prefix_hides_no_log(name):
    data = b"".join(PREFIX + line + b"\n" for line in LINES[name] * 2)
    (found,) = refused(data)
    assert found["raw"] == data[:-1]
    assert name in found["message"]


def test_rows_between_lines_of_another_log_come_out():
    row = alb(1)
    data = NLB + b"\n" + row + NLB + b"\n \t\n\n" + NLB + b"\n" + row + b"junk\n" + NLB + b"\n"
    found = refused(data)
    assert [(each["record"], each["line"]) for each in found] == [(1, 1), (3, 3), (5, 8), (6, 9)]
    assert found[1]["raw"] == NLB + b"\n \t\n\n" + NLB
    assert [each["message"].split(",")[0] for each in found] == [
        "a Network Load Balancer access log",
        "2 lines of a Network Load Balancer access log",
        "the line fits no log type's pattern",
        "a Network Load Balancer access log",
    ]
    assert arrowtrail.parse(data).table.num_rows == 2


def test_another_foreign_log_ends_the_first():
    found = refused(b"\n".join([NLB, NLB, CLASSIC, HEALTH, HEALTH, NLB]))
    assert [each["line"] for each in found] == [1, 3, 4, 6]


def test_a_header_ends_a_group():
    data = GATEWAY + b"\n" + VPC_HEADER.encode() + b"\n" + vpc_row(1).encode()
    (found,) = refused(data)
    assert found["raw"] == GATEWAY


def test_lines_under_the_header_of_a_transit_gateway_log_are_rejected_each():
    """As the page of flow logs says; the message tells whose they are."""
    header = b"version resource-type account-id tgw-id tgw-attachment-id srcaddr start end\n"
    for log_type in (None, "AWS.VPCFlow"):
        found = refused(header + GATEWAY + b"\n" + GATEWAY + b"\n", log_type)
        assert [each["line"] for each in found] == [1, 2, 3]
        assert all("names tgw-id, so it is another log's" in each["message"] for each in found)


def test_a_long_group_is_not_too_long_and_keeps_its_first_mebibyte():
    data = (NLB + b"\n") * 6_000 + alb(1)
    (found,) = refused(data, max_record=1000)
    assert found["length"] == 6_000 * (len(NLB) + 1) - 1 > 1 << 20
    assert found["raw"] == data[: 1 << 20]
    assert found["message"].startswith("6000 lines of ")


def test_a_line_that_is_too_long_is_too_long():
    found = refused(NLB + b"\n" + NLB + b"x" * 2000 + b"\n" + NLB, max_record=1000)
    assert [each["reason"] for each in found] == ["unknown_type", "too_long", "unknown_type"]


def test_a_group_stays_inside_its_message():
    events = [{"id": str(number), "message": f"{NLB.decode()}\n{NLB.decode()}"} for number in range(2)]
    data = json.dumps({"messageType": "D", "logGroup": "g", "logStream": "s", "logEvents": events}).encode()
    found = refused(data)
    assert [each["record"] for each in found] == [1, 2]
    assert all(each["raw"] == NLB + b"\n" + NLB for each in found)
    assert len({each["offset"] for each in found}) == 2


def test_a_row_behind_a_group_in_a_message_is_its_second_record():
    text = (NLB + b"\n" + NLB + b"\n" + alb(1)).decode()
    data = json.dumps({"Type": "Notification", "Message": text}).encode()
    refused(data)
    (row_id,) = arrowtrail.parse(data).table["p_row_id"].to_pylist()
    assert int(row_id[20:], 16) == data.index(b'"tls') + 1


@pytest.mark.parametrize("log_type", ["AWS.ALB", "AWS.VPCFlow"])
def test_a_row_stays_a_row(log_type):
    """Also one that a foreign log has the form of."""
    data = {
        "AWS.ALB": b"https 2024-05-02T10:11:12.123456Z 1 198.51.100.4:1 - 0 0 0 200 - 1 2" + b" -" * 13,
        "AWS.VPCFlow": b"end account-id interface-id srcaddr start\n1714644672 TransitGateway 210987654321 x 1\n",
    }[log_type]
    assert foreign_line(data.splitlines()[-1].decode())
    assert not refused(data, log_type)


def test_a_table_of_ones_own_for_such_a_log_keeps_its_reasons(tmp_path):
    table = tmp_path / "nlb.toml"
    table.write_text(
        'name = "My.NLB"\nabout = "One TLS connection."\nadded = "A"\nrecords = { framing = "lines" }\n'
        'tokens = { format = "delimited", separators = " ", null = ["-"] }\n'
        'detect = { starts = [["tls"], ["2.0"], "word"] }\n'
        'columns = [\n  { name = "size", from = 7, type = "int64", required = true, about = "Bytes." },\n]\n'
    )
    own = arrowtrail.LogType.load(table)
    for chosen in ({"log_type": own}, {"log_types": [own]}):
        result = arrowtrail.parse(NLB + b"\n" + NLB.replace(b":443 5", b":443 -") + b"\n", **chosen)
        assert result.table["size"].to_pylist() == [5]
        assert result.rejected["reason"].to_pylist() == ["missing_required"]


def test_the_number_of_the_record_is_that_of_its_first_line_however_it_is_fed():
    data = alb(2) + (NLB + b"\n") * 3 + alb(1) + CLASSIC + b"\n" + UNANSWERED
    expected = oracle_rows(data)
    assert [each["record"] for each in expected.rejected] == [3, 5]
    for step in (1, 7, 100):
        assert_same(engine_rows([data[at : at + step] for at in range(0, len(data), step)]), expected)


# ---------------------------------------------------------------- engine == oracle


PIECES = [
    *[line for lines in LINES.values() for line in lines], NLB, NLB, NLB, CLASSIC, CLASSIC, b"", b" \t", b"\r", b"",
    alb(1).rstrip(b"\n"), vpc(1).rstrip(b"\n"), vpc_row(3).strip().encode(), b"junk", PREFIX + NLB,
    PREFIX + CLASSIC, PREFIX, b" " + NLB + b" \t", NLB + b"\r", NLB[:9], b"{}", b"{}" + NLB, b'{"Records":[]}', b"[",
    b"]", b",", b"5", record("AWS.VPCDns"), *[SAMPLES[name][0] for name in SAMPLES if name not in LINES], b"\xff" + NLB,
    NLB + b"\xff", b"1714644672123456,h,u,1.2.3.4,1,2,QUERY,d,'select", b"x',0", PREFIX + b"{}", PREFIX + b"{}" + NLB,
    b"version resource-type account-id tgw-id tgw-attachment-id srcaddr start end", GATEWAY,
    b"1.0 TransitGateway - x",
]  # fmt: skip
ENDS = (b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b" \n", b"\n \r\n")


def some_mixture(rng: Random) -> bytes:
    """Lines of every kind in runs, some of them in a message."""
    out = []
    for _ in range(rng.randint(1, 7)):
        piece = rng.choice(PIECES)
        for _ in range(rng.choice((1, 1, 2, 3))):
            out += (piece, rng.choice(ENDS))
        if rng.random() < 0.15:
            inner = some_mixture(rng) if rng.random() < 0.3 else b"".join(out[-4:])
            text = json.dumps(inner.decode("utf-8", "replace")).encode()
            out += (b'{"Type":"Notification","Message":%s}' % text, rng.choice((*ENDS, b"")))
    return b"".join(out)


def test_any_mixture_gives_the_same(native):
    types = (None, None, None, "AWS.ALB", "AWS.VPCFlow", "AWS.AuroraMySQLAudit", "AWS.VPCDns", "AWS.CloudWatchEvents")
    for seed in range(max(RECORDS // 4, 50)):
        rng = Random(f"foreign {seed}")
        data, log_type = some_mixture(rng), rng.choice(types)
        limit = {"max_record": rng.choice((30, 200, 300))} if rng.random() < 0.15 else {}
        limit |= {"header": rng.choice((VPC_HEADER, "tgw-id version", "start end"))} if rng.random() < 0.1 else {}
        chunks = split(data, [rng.randrange(65537) for _ in range(rng.choice((0, 1, 5)))])
        if rng.random() < 0.2:
            chunks = [data[at : at + 1] for at in range(len(data))]
        try:
            assert_same(engine_rows(chunks, log_type, **limit), oracle_rows(data, log_type, **limit))
        except AssertionError as error:
            error.add_note(f"{seed=} {data=} {log_type=} {limit=} in {len(chunks)} chunks")
            raise


def test_any_parts_of_a_mixture_give_the_same(monkeypatch: pytest.MonkeyPatch):
    for seed in range(max(200 // DIVISOR, 20)):
        rng = Random(f"foreign parts {seed}")
        data = b"".join(some_mixture(rng) for _ in range(4))
        small_parts(monkeypatch, rng.choice((200, 600, 2000)), rng.choice((1, 400)))
        try:
            assert_parts_change_nothing(data, rng.choice((None, "AWS.VPCFlow", "AWS.VPCDns")))
        except AssertionError as error:
            error.add_note(f"{seed=} {data=}")
            raise


def test_many_lines_in_parts_are_one_record(monkeypatch: pytest.MonkeyPatch):
    small_parts(monkeypatch, 5000, 1000)
    data = (NLB + b"\n") * 100 + alb(60) + (CLASSIC + b"\n") * 100
    assert_parts_change_nothing(data, None)
    rejected = arrowtrail.parse(data, threads=3).rejected
    assert rejected["record"].to_pylist() == [1, 62]


# ---------------------------------------------------------------- what is ours is no other log's


def test_no_record_of_a_log_type_looks_like_another_log():
    for log_type in LOG_TYPES:
        for seed in range(60 // min(DIVISOR, 10)):
            outcome = oracle.read(make_log(log_type, f"foreign {seed}", 60, odd=0.5))
            assert not [raw for raw in rows_of(outcome, log_type, seed) if foreign_line(raw.decode("utf-8", "replace"))]
    for table in load_json_tables().values():
        documents = Documents(table, Random(f"foreign {table.name}"))
        for _ in range(300 // min(DIVISOR, 10)):
            data = documents.record(0.3)
            assert foreign_value(read_value(data, 0, len(data))) is None


def rows_of(outcome, log_type, seed):
    """The lines of the log that are rows when detected: those whose offset a row id has."""
    data = make_log(log_type, f"foreign {seed}", 60, odd=0.5)
    for _, row in outcome.rows:
        at = int(row["p_row_id"][20:], 16)
        yield data[at:].split(b"\n", 1)[0]


def test_no_two_logs_of_ours_and_others_share_a_line_or_value():
    for lines in LINES.values():
        for line in lines:
            assert not [name for name, table in load_tables().items() if oracle.detect.fits(table, line.decode())]
    for name in SAMPLES.keys() - LINES.keys():
        value = read_value(SAMPLES[name][0], 0, len(SAMPLES[name][0]))
        assert not [name for name, table in load_json_tables().items() if oracle.json_detect.fits_json(table, value)]


# ---------------------------------------------------------------- the table

GOOD = {"name": "a log", "framing": "lines", "detect": {"starts": ["word"]}}
BAD = {
    "must hold one key, logs": {"log": []},
    "log 'a log': framing must be one of lines, json": {"logs": [{**GOOD, "framing": "text"}]},
    "log 'number 1': framing must be": {"logs": [5]},
    "unknown key 'nmae' in log 'number 1'; did you mean 'name'?": {"logs": [{"nmae": "x", "framing": "lines"}]},
    "unknown shape 'wrd' in log 'a log'.detect.starts; did you mean 'word'?": {
        "logs": [{**GOOD, "detect": {"starts": ["wrd"]}}]
    },
    "unknown key 'least' in log 'a log'.detect": {"logs": [{**GOOD, "detect": {"starts": ["word"], "least": 3}}]},
    "log 'a log'.separators is empty": {"logs": [{**GOOD, "separators": ""}]},
    "key 'separators' in log 'a log' does not go with framing 'json'": {
        "logs": [{**GOOD, "framing": "json", "separators": " "}]
    },
    "log 'a log'.detect.members is empty": {"logs": [{**GOOD, "framing": "json", "detect": {"members": []}}]},
    "lacks log 'a log'.detect": {"logs": [{"name": "a log", "framing": "lines"}]},
}


@pytest.mark.parametrize("message", BAD)
def test_a_bad_list_of_logs_says_where(message: str):
    with pytest.raises(arrowtrail.TableError) as caught:
        list(read(BAD[message], "x.toml"))
    assert str(caught.value).startswith(f"x.toml: {message}")


def test_logs_have_no_columns_and_are_no_log_types():
    assert {log.name for log in foreign_logs()} == SAMPLES.keys()
    assert not any(log.columns for log in foreign_logs())
    assert not SAMPLES.keys() & set(arrowtrail.log_types())


TEXTS = {
    "number": ["0", "-1", "+7", "0.019584011", "1.", ".5", "-", "+", "1.2.3", "1e3", "\u0661", "1" * 30],
    "ip": ["192.0.2.1", "2001:db8::1", "192.0.2.1:80", "[::1]", "010.0.0.1", "a", "::"],
    "address": [
        "192.0.2.1:80", "[2001:db8::1]:443", "2001:db8::1:443", "[192.0.2.1]:80", "192.0.2.1:", "192.0.2.1:123456",
        "h:80", "[]:80", ":80",
    ],
    "date": ["2024-05-02", "2024-5-2", "2024-05-022", "2024/05/02", "0000-99-99"],
    "rfc3339_z": [
        "2024-05-02T10:11:12Z", "2024-05-02t10:11:12.1Z", "2024-05-02T10:11:12.Z", "2024-05-02T10:11:12.1234567890123Z",
        "2024-05-02T10:11:12.12345678901Z", "2024-05-02T10:11:12.1234567890x23Z", "2024-05-02 10:11:12Z",
        "2024-05-02T10:11:1xZ", "2024-05-02T10:11:12.123x56Z", "2024-05-02T10:11:12z", "2024.05-02T10:11:12Z",
        "2024-05-02T10:11:12.123456789012Z",
    ],
}  # fmt: skip


@pytest.mark.parametrize("shape", TEXTS)
def test_shapes_are_those_of_the_oracle(shape: str):
    table = f"""
        name = "My.Own"
        about = "A line."
        added = "A"
        records = {{ framing = "lines" }}
        tokens = {{ format = "delimited", separators = " " }}
        detect = {{ starts = ["word"] }}
        columns = [{{ name = "a", from = 0, type = "string", shape = "{shape}", about = "A word." }}]
    """
    own = tablefile.read(table.encode(), "own.toml")
    result = arrowtrail.parse("\n".join(TEXTS[shape]).encode(), own)
    assert result.table["a"].to_pylist() == [text for text in TEXTS[shape] if fits_shape(text, shape)] != []
    assert set(result.rejected["reason"].to_pylist()) == {"bad_value"}
