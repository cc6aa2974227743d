"""Records whose fate the specification states: rows of every log type, and bad ones with their reason.

A row is what the oracle takes alone; a bad record is an example of the specification with one fault put into it.
"""

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import oracle
from json_documents import JSON_LOG_TYPES, Documents
from logs import vpc_row
from oracle.json_tables import load_json_tables
from oracle.tables import load_tables
from strategies import LOG_TYPES, Records

CASES = Path(__file__).parent / "cases"
ALB, AURORA, S3, VPC = LOG_TYPES
EVENTS = "AWS.CloudWatchEvents"
ALL_TYPES = sorted([*LOG_TYPES, *JSON_LOG_TYPES])
POOL = 24  # rows of a type in one bucket; each is in several files
DEEPEST = 512


class Record(NamedTuple):
    """The bytes of one record and what becomes of them: a row of its type, or a rejected record."""

    data: bytes
    log_type: str | None
    reason: str | None = None
    row: dict[str, Any] | None = None


def row_of(data: bytes, log_type: str, before: bytes = b"") -> Record | None:
    """The record if the oracle, told no type, makes it one row of this one. `before`: the header it stands under."""
    outcome = oracle.read(before + data)
    if outcome.rejected or [name for name, _ in outcome.rows] != [log_type]:
        return None
    return Record(data, log_type, row=outcome.rows[0][1])


def is_simple(data: bytes) -> bool:
    """Whether the record may stand on a line and inside a message unchanged."""
    try:
        return b"\n" not in data and b"\r" not in data and data.decode() == data.decode().strip()
    except UnicodeDecodeError:
        return False


@cache
def example(log_type: str) -> bytes:
    """The record of the specification's first example, on one line."""
    data = (CASES / log_type / "example_1.log").read_bytes()
    if log_type in LOG_TYPES:
        return data.splitlines()[1 if log_type == VPC else 0]
    value = json.loads(data.splitlines()[0].rstrip(b",") if log_type != "AWS.CloudTrailInsight" else data)
    return compact(value["Records"][0] if "Records" in value else value)


def example_over_lines(log_type: str) -> bytes:
    return json.dumps(json.loads(example(log_type)), indent=2).encode()


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


@cache
def pool(log_type: str, seed: int) -> list[Record]:
    """Rows of the type: the specification's example and generated ones."""
    found = [row_of(example(log_type), log_type)]
    assert found[0] is not None, log_type
    rng = Random(f"pool {log_type} {seed}")
    if log_type in JSON_LOG_TYPES:
        documents = Documents(load_json_tables()[log_type], rng)
        found.append(row_of(deep(log_type, DEEPEST), log_type))
        while len(found) < POOL:
            data = documents.record(0)
            found += [row_of(data, log_type)] if is_simple(data) else []
            found = [record for record in found if record is not None]
        return found
    lines = flows(rng) if log_type == VPC else Records(load_tables()[log_type], seed, 0).lines(4 * POOL)
    found += [row_of(line, log_type) for line in lines if is_simple(line)]
    found = [record for record in found if record is not None][:POOL]
    assert len(found) == POOL, log_type
    return found


def flows(rng: Random) -> list[bytes]:
    """Rows of the default format, which are told without a header."""
    nodata = b"2 unknown eni-0a1b2c3d4e5f60718 - - - - - - - 1714644732 1714644791 - NODATA"
    return [nodata, *(vpc_row(rng.randrange(10**6)).strip().encode() for _ in range(POOL))]


@cache
def under_header(seed: int, number: int) -> tuple[bytes, list[Record]]:
    """A custom header of a flow log, and rows under it."""
    records = Records(load_tables()[VPC], f"{seed} {number}", 0)
    names = records.names()
    while "start" not in names:  # so that what is cut short there is missing
        names = records.names()
    header = " ".join(names).encode()
    lines = [line for line in records.records(names, POOL) if is_simple(line)]
    found = [row_of(line, VPC, header + b"\n") for line in lines]
    found = [record for record in found if record is not None]
    assert len(found) > POOL // 2, header
    return header, found


@cache
def pretty_pool(log_type: str, seed: int) -> list[Record]:
    """Rows of a JSON type, printed over many lines."""
    found: list[Record] = []
    for record in pool(log_type, seed):
        text = json.dumps(json.loads(record.data), indent=2)
        if "Infinity" not in text and len(text) < 20_000 and (row := row_of(text.encode(), log_type)):
            found.append(row)
    assert len(found) > 2, log_type
    return found


# ---------------------------------------------------------------- bad records

GONE = object()
# Of the type's example: a member, what it is now, and the reason. Where the reason is unknown_type, the type is null.
JSON_FAULTS: dict[str, list[tuple[str, object, str]]] = {
    "AWS.CloudTrail": [
        ("userIdentity", GONE, "missing_required"),
        ("eventTime", "2024-02-30T00:00:00Z", "bad_value"),
        ("awsRegion", GONE, "unknown_type"),
    ],
    "AWS.CloudTrailDigest": [
        ("digestSignatureAlgorithm", GONE, "missing_required"),
        ("digestEndTime", "yesterday", "bad_value"),
        ("logFiles", None, "unknown_type"),
    ],
    "AWS.CloudTrailInsight": [
        ("sharedEventID", GONE, "missing_required"),
        ("eventTime", 5, "bad_value"),
        ("eventCategory", "Management", "bad_value"),
    ],
    EVENTS: [
        ("resources", GONE, "missing_required"),
        ("time", "2024-13-01T00:00:00Z", "bad_value"),
        ("account", GONE, "unknown_type"),
    ],
    "AWS.GuardDuty": [
        ("title", None, "missing_required"),
        ("severity", -1, "bad_value"),
        ("partition", GONE, "unknown_type"),
    ],
    "AWS.VPCDns": [
        ("rcode", GONE, "missing_required"),
        ("query_timestamp", "2024-05-02T24:00:00Z", "bad_value"),
        ("vpc_id", GONE, "unknown_type"),
    ],
    "AWS.WAFWebACL": [
        ("httpSourceId", GONE, "missing_required"),
        ("httpRequest", 5, "bad_value"),
        ("webaclId", GONE, "unknown_type"),
    ],
}
# Of the type's example line: a text in it, what stands there now, and the reason.
LINE_FAULTS: dict[str, list[tuple[bytes, bytes, str]]] = {
    ALB: [
        (b" 200 200 ", b" - 200 ", "missing_required"),
        (b" 200 200 ", b" 999 200 ", "bad_value"),
        (b"/find me?q=a HTTP/2.0", b"/find", "bad_value"),
        (b"https 2024", b"tls 2024", "unknown_type"),
    ],
    AURORA: [
        (b"QUERY", b"Q" * 33, "bad_value"),
        (b"QUERY", b"query", "unknown_type"),
        (b"1714644672123456", b"1714644672", "unknown_type"),
    ],
    S3: [
        (b" 200 - ", b" 999 - ", "bad_value"),
        (b' 200 - 1024 1024 31 30 "-" "tool "quoted" 1.0" - hOsT+id/== SigV4 TLS_AES', b" 200 - ", "field_count"),
        (b"[02/May/", b"[32/May/", "bad_value"),
        (b"[02/May/2024:10:11:12 +0000]", b"02/May/2024:10:11:12", "unknown_type"),
    ],
    VPC: [
        (b" 49152 ", b" 70000 ", "bad_value"),
        (b" ACCEPT ", b" MAYBE ", "bad_value"),
        (b" 1714644672 ", b" abc ", "bad_value"),
        (b" 1714644731 ", b" - ", "missing_required"),
        (b" OK", b" FINE", "unknown_type"),
    ],
}  # fmt: skip
# A member that breaks the grammar, its brackets and quotes being whole.
BROKEN = [b'"x":NaN', b'"x":01', b'"x":"\\q"', b'"x":[1 2]', b'"x":tru', b'"x" 1', b'"x":"a\tb"', b'"x":1,', b"'x':1"]


@cache
def faulty(log_type: str) -> list[Record]:
    """Whole records with one wrong value; all detected but those of no type."""
    return json_faulty(log_type) if log_type in JSON_LOG_TYPES else line_faulty(log_type)


def json_faulty(log_type: str) -> list[Record]:
    found = []
    for member, value, reason in JSON_FAULTS[log_type]:
        members = {**json.loads(example(log_type)), member: value}
        if value is GONE:
            del members[member]
        found.append(Record(compact(members), None if reason == "unknown_type" else log_type, reason))
    return found


def line_faulty(log_type: str) -> list[Record]:
    line, found = example(log_type), []
    for old, new, reason in LINE_FAULTS[log_type]:
        assert line.count(old) == 1, old
        found.append(Record(line.replace(old, new), None if reason == "unknown_type" else log_type, reason))
    return found


@cache
def broken(log_type: str) -> list[Record]:
    """JSON records with an error of the grammar, or too deep. What is not read has no type."""
    found = [Record(with_member(log_type, member), None, "syntax") for member in BROKEN]
    return [*found, Record(deep(log_type, DEEPEST + 1), None, "too_deep")]


def with_member(log_type: str, member: bytes) -> bytes:
    return example(log_type).removesuffix(b"}") + b"," + member + b"}"


def deep(log_type: str, depth: int) -> bytes:
    """The example with a member that makes it so many levels deep."""
    return with_member(log_type, b'"deeper":' + b"[" * (depth - 1) + b"]" * (depth - 1))


def cut_short(log_type: str, rng: Random) -> Record:
    """A line as it is left where an object ends in the middle of it."""
    line = example(log_type)

    def up_to(least: int, most: int) -> bytes:
        return line[: rng.randint(least, most)].rstrip()

    if log_type == VPC:  # under the default header: `start`, `end` or `log-status` is missing
        return Record(up_to(3, line.index(b" ACCEPT")), VPC, "missing_required")
    if log_type == S3 and rng.random() < 0.5:
        return Record(up_to(line.index(b"GET /") + 1, line.index(b"HTTP/1.1")), S3, "syntax")
    if log_type == S3:  # before the end of the time
        return Record(up_to(70, line.index(b"[") + 20), None, "unknown_type")
    if log_type == ALB:  # fewer than 25 fields
        return Record(up_to(6, line.index(b" ECDHE")), None, "unknown_type")
    return Record(up_to(17, line.index(b"shop")), None, "unknown_type")  # fewer than 8 commas


def unknown(rng: Random, count: int) -> list[Record]:
    """Lines of programs, which are of no log type."""
    texts = [
        "this is no record of any log type", "START RequestId: 0a1b2c3d Version: $LATEST", "-", "2024-05-02 INFO x",
        "<34>1 2024-05-02T10:11:12Z host app - - - text", "http", "a,b,c,d", "}", "caf\u00e9 \U0001f600", '"quoted"',
        "null and void", "12 monkeys", "2024-05-02T10:11:12.345Z", "2 - eni-1 - - - - - - - x y - NODATA more",
    ]  # fmt: skip
    return [Record(text.encode(), None, "unknown_type") for text in rng.choices(texts, k=count)]


def notices(rng: Random) -> list[Record]:
    """What S3 and CloudTrail say of files: notices, no logs."""
    found = [
        {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2024-05-02T10:11:12.345Z", "Bucket": "logs"},
        {"s3Bucket": "trail-b", "s3ObjectKey": ["AWSLogs/210987654321/CloudTrail/x.json.gz"]},
    ]
    return [Record(compact(value), None, "not_a_log") for value in rng.sample(found, 2)]


def s3_events(count: int) -> list[Record]:
    """The elements of an S3 event notification."""
    head = {"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": "eu-west-1"}
    return [
        Record(compact({**head, "s3": {"object": {"key": f"k{number}", "size": 5}}}), None, "not_a_log")
        for number in range(count)
    ]


def envelope(record: Record) -> Record | None:
    """The record as EventBridge delivers it: an event, whatever its detail is."""
    head = (
        b'{"version":"0","id":"i","detail-type":"T","source":"custom.app","account":"210987654321",'
        b'"time":"2024-05-02T10:11:12Z","region":"eu-west-1","resources":[],"detail":'
    )
    return row_of(head + record.data + b"}", EVENTS)
