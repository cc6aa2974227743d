"""Which log type a record is: never a wrong one, never two, and the same whatever stands before it.

The confusion matrix of the generated records is printed with `pytest -s`, and where a test of it fails.
"""

import json
from collections import Counter
from itertools import combinations, permutations
from pathlib import Path
from random import Random

import pytest
from conftest import DIVISOR
from engine_rows import assert_same, engine_rows, oracle_rows
from json_documents import JSON_LOG_TYPES, Documents
from json_logs import Frames
from json_records import WHOLE, record
from logs import VPC_HEADER, alb, aurora, s3, vpc, vpc_row
from oracle.detect import fits
from oracle.json_detect import fits_json
from oracle.json_tables import JsonTable, load_json_tables
from oracle.json_text import read_value
from oracle.tables import Table, load_tables
from strategies import EXPORT_TIME, LOG_TYPES, Records, make_log
from test_cases import ALL_CASES
from test_cli import run

import arrowtrail
from arrowtrail.catalog import builtin
from arrowtrail.detecting import by_key
from arrowtrail.errors import MixedLogTypes

pytestmark = pytest.mark.usefixtures("native")
SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"
TYPES = {**load_tables(), **load_json_tables()}
ODD = (0, 0.3, 0.8)
RECORDS = max(240 // DIVISOR, 12)
UNKNOWN = "unknown_type"
DEEP = "too_deep"


def generated(log_type: str, odd: float, count: int = RECORDS) -> list[bytes]:
    """Records of a type, one a line; of a type with headers lines of its default format that fit without one."""
    table = TYPES[log_type]
    if isinstance(table, JsonTable):
        documents = Documents(table, Random(f"detection {log_type} {odd}"))
        return [b" ".join(documents.record(odd).split(b"\n")) for _ in range(count)]
    if table.header:
        return [vpc_row(number).strip().encode() for number in range(count)]
    writer = Records(table, "detection", odd)
    lines = writer.lines(count)
    return [line for line in lines if b"\n" not in line and not line.lstrip().startswith((b"{", b"["))]


def framed(log_type: str, records: list[bytes]) -> dict[str, bytes]:
    """The records in every frame that they come in."""
    frames, json_type = Frames(Random(log_type)), isinstance(TYPES[log_type], JsonTable)
    text = b"\n".join(records) + b"\n"
    found = {
        "lines": text,
        "export": b"".join(EXPORT_TIME + line + b"\n" for line in records),
        "subscription": frames.subscription(records),
        "one message": frames.notification(text),
    }
    if json_type:
        found |= {"array": b"[" + b",".join(records) + b"]", "records": frames.records(b",".join(records))}
    return found


def told(data: bytes) -> Counter[str]:
    """How many records are of which type, rows and rejected ones."""
    found = engine_rows(data, indicators="off", columns=["p_log_type"])
    rows = {name: len(columns["p_log_type"]) for name, columns in found.columns.items()}
    return Counter(rows) + Counter(each["log_type"] or each["reason"] for each in found.rejected)


def fits_type(log_type: str, raw: bytes) -> bool:
    """Whether the record alone has the form of the type."""
    table = TYPES[log_type]
    if isinstance(table, Table):
        return fits(table, raw.decode("utf-8", "replace").strip(" \t\r"))
    return fits_json(table, read_value(raw, 0, len(raw)))


def matrix(found: dict[str, Counter[str]]) -> str:
    names = sorted({name for counts in found.values() for name in counts})
    lines = [f"{'is':24}" + "".join(f"{name.removeprefix('AWS.')[:14]:>15}" for name in names)]
    lines += [f"{name:24}" + "".join(f"{counts[told]:15}" for told in names) for name, counts in sorted(found.items())]
    return "\n".join(lines)


# ---------------------------------------------------------------- no record is of a wrong type


@pytest.mark.parametrize("odd", ODD)
def test_no_generated_record_is_of_a_wrong_type(odd: float):
    found: dict[str, Counter[str]] = {}
    for log_type in TYPES:
        records = generated(log_type, odd)
        own = sum(fits_type(log_type, raw) for raw in records)
        for frame, data in framed(log_type, records).items():
            counts = told(data)
            found[log_type] = found.get(log_type, Counter()) + counts
            assert counts.keys() <= {log_type, UNKNOWN, DEEP}, f"{frame}\n{matrix(found)}"
            assert counts.total() == len(records), f"{frame}\n{matrix(found)}"
            assert own - counts[DEEP] <= counts[log_type] <= own, f"{frame}: {own} are {log_type}\n{matrix(found)}"
    print(f"\nodd: {odd}\n{matrix(found)}")
    if not odd:
        assert all(counts.keys() == {log_type} for log_type, counts in found.items()), matrix(found)


def test_lines_under_a_header_are_of_its_type_but_for_those_of_others():
    for seed in range(20):
        data = make_log("AWS.VPCFlow", f"detection {seed}", 40, odd=0)
        assert told(data).keys() <= {"AWS.VPCFlow"}
    header = VPC_HEADER.encode() + b"\n"
    for log_type in LOG_TYPES:
        records = generated(log_type, 0)
        assert told(header + b"\n".join(records)) == {log_type: len(records)}


@pytest.mark.parametrize("log_type", WHOLE)
def test_a_record_is_unknown_where_it_lacks_what_its_type_needs(log_type: str):
    needed = set.intersection(*(set(each) for each in TYPES[log_type].alternatives))
    for one in needed:
        name = one.partition(":")[0].partition(".")[0]
        assert told(record(log_type, without=(name,))) == told(record(log_type, **{name: "null"})) == {UNKNOWN: 1}
    assert told(record(log_type)) == {log_type: 1}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="there are no samples beside the repository")
def test_no_sample_is_of_a_wrong_type():
    """What came over EventBridge is an event of it; the folder says what is in it."""
    [events] = [name for name, table in load_json_tables().items() if table.envelope]
    found: dict[str, Counter[str]] = {}
    for file in sorted(SAMPLES.glob("AWS.*/*")):
        counts = found.setdefault(file.parent.name, Counter())
        try:
            result = arrowtrail.parse(file.read_bytes(), indicators="off", columns=["p_log_type"])
        except MixedLogTypes as mixed:
            pytest.fail(f"{file}: {mixed}\n{matrix(found)}")
        counts += Counter(result.table["p_log_type"].to_pylist() if result.table.num_columns else [])
        rejected = result.rejected.select(["log_type", "reason"]).to_pylist()
        counts += Counter(each["log_type"] or each["reason"] for each in rejected)
        allowed = {file.parent.name, UNKNOWN} | ({events} if b'"detail-type"' in file.read_bytes() else set())
        assert counts.keys() <= allowed, f"{file}\n{matrix(found)}"
    print(f"\nsamples\n{matrix(found)}")
    assert found.keys() == TYPES.keys()


# ---------------------------------------------------------------- no record is of two types


@pytest.mark.parametrize("log_type", TYPES)
def test_a_record_has_the_form_of_one_type_at_most(log_type: str):
    """Of JSON: it lacks something of each type that is asked before its own, so that the order decides nothing."""
    others = [name for name, table in TYPES.items() if type(table) is type(TYPES[log_type]) and name != log_type]
    for odd in ODD:
        for raw in generated(log_type, odd):
            assert not [name for name in others if fits_type(name, raw)], raw


def test_no_example_has_the_form_of_two_types():
    for path in ALL_CASES:
        for line in path.with_suffix(".log").read_bytes().splitlines():
            text = line.decode("utf-8", "replace").strip(" \t\r")
            assert sum(fits(table, text) for table in load_tables().values() if text) <= 1


def possible(table: Table) -> list[str]:
    """How a line begins, byte for byte: `d` a digit, `h` a hex digit, `|` the separator behind the first field."""
    kinds = {"hex64": "h" * 64, "digits16": "d" * 16}
    first = table.detect["starts"][0]
    return [kinds.get(first, first) + "|"] if isinstance(first, str) else [word + "|" for word in first]


def meet(left: str, right: str) -> bool:
    """Whether one byte may be both: `d` a digit, `h` a hex digit, `|` a separator, all others themselves."""
    digits, hexes = set("0123456789"), set("0123456789abcdefABCDEF")
    sets = [{"d": digits, "h": hexes, "|": set(" \t,")}.get(each, {each}) for each in (left, right)]
    return bool(sets[0] & sets[1])


@pytest.mark.parametrize("pair", list(combinations(LOG_TYPES, 2)), ids=" ".join)
def test_the_first_fields_of_two_line_types_cannot_be_the_same(pair: tuple[str, str]):
    for one in possible(load_tables()[pair[0]]):
        for other in possible(load_tables()[pair[1]]):
            assert not all(map(meet, one, other)), (one, other)


@pytest.mark.parametrize("pair", list(permutations(JSON_LOG_TYPES, 2)), ids=" ".join)
def test_what_a_json_type_needs_is_no_member_of_another_or_is_told_by_its_value(pair: tuple[str, str]):
    """Each way to be of the first type asks for a member that records of the second do not have, or for its text."""
    first, second = (load_json_tables()[name] for name in pair)
    known = {name.lower() for column in second.columns for name in (column.source[0], *column.alias)}
    for conditions in first.alternatives:
        asked = {one.partition("=")[0].partition(":")[0].split(".")[0].lower() for one in conditions}
        assert not asked <= known or any("=" in one for one in conditions)


# ---------------------------------------------------------------- nothing depends on what stands before


ENVELOPE = {"detail": "{}", "source": '"s"', "account": '"a"', "time": '"x"'}
CALL = ("eventVersion", "eventTime", "eventSource", "eventName", "eventID", "awsRegion")
MIXED = {
    "all types": [generated(name, odd, 6)[at] for name in TYPES for odd in (0, 0.8) for at in (2, 3)],
    "near misses": [
        *(record(log_type, without=(name,)) for log_type in WHOLE for name in list(WHOLE[log_type])[:6]),
        record("AWS.CloudTrail", eventType='"AwsCloudTrailInsight"'),
        record("AWS.CloudTrail", EVENTTYPE='"AwsCloudTrailInsight"', eventCategory='"Insight"'),
        record("AWS.CloudTrail", eventCategory='"Insight"', insightDetails="{}"),
        record("AWS.CloudTrail", eventCategory='"Insight"', INSIGHTDETAILS="{}", without=("eventType",)),
        record("AWS.CloudTrail", digestS3Bucket='"b"', digestEndTime='"x"', logfiles="[]"),
        record("AWS.CloudTrail", digestS3Bucket='"b"', digestEndTime='"x"', logfiles="null"),
        record("AWS.GuardDuty", **dict.fromkeys(CALL, '"x"')),
        record("AWS.VPCDns", webaclId='"w"', httpRequest="{}", timestamp="1", formatVersion="1"),
        record("AWS.VPCDns", webaclId='"w"', httpRequest="{}", timestamp='"x"', formatVersion="1"),
        record("AWS.WAFWebACL", **ENVELOPE, **{"detail-type": '"t"'}),
        record("AWS.WAFWebACL", **ENVELOPE, **{"detail\\u002dtype": '"t"'}),
        b"junk", b"{}", b"5", b"tls 2.0 2024-05-02T10:11:12 net/a b", b'{"fileVersion":"1","configurationItems":[]}',
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", MIXED)
@pytest.mark.parametrize("framing", ["lines", "messages"])
def test_the_answer_for_a_record_is_the_same_whatever_stands_before_it(kind: str, framing: str):
    records = MIXED[kind]
    alone = Counter[str]()
    for raw in records:
        alone += told(in_frame([raw], framing))
    for seed in range(max(40 // DIVISOR, 5)):
        rng = Random(f"order {kind} {seed}")
        mixed = records * 2
        rng.shuffle(mixed)
        data = in_frame(mixed, framing)
        found, expected = engine_rows(data), oracle_rows(data)
        assert_same(found, expected)
        counts = Counter(told(data))
        groups = sum(raw.startswith(b"tls") for raw in mixed) - lines_of_groups(expected)
        assert counts + Counter({UNKNOWN: groups}) == Counter({name: 2 * count for name, count in alone.items()})


def lines_of_groups(expected) -> int:
    return sum(each["raw"].startswith(b"tls") for each in expected.rejected)


def in_frame(records: list[bytes], framing: str) -> bytes:
    if framing == "lines":
        return b"\n".join(records) + b"\n"
    frames = Frames(Random(1))
    return b"\n".join(frames.notification(b"\n".join(records[at : at + 3])) for at in range(0, len(records), 3))


# Log type -> what is replaced in a good line: so it has the form no more, or still has it in another spelling.
NEARLY = {
    "AWS.ALB": [
        (b"https ", b'"https" '), (b"https ", b"httpx "), (b"2024-05-02T", b'"2024-05-02T'), (b"12.000000Z", b"12Z"),
        (b"12.000000Z", b"12.000000z"), (b"12.000000Z", b"12.000000+00:00"), (b"T10:11:12.0", b"t10:11:12.0"),
        (b"T10:11:12.0", b" 10:11:12.0"), (b"12.000000Z", b'12.000000Z"'), (b"2024-05-02T10", b"2024-05-32T10"),
    ],
    "AWS.S3ServerAccess": [
        (b"a1a1", b"g1a1"), (b"a1a1", b"a1"), (b"[02/", b"[2/"), (b"[02/May", b"[02/may"),
        (b"logs-bucket", b'"logs-bucket"'), (b"+0000]", b"+0000"), (b"+0000]", b"0000]"),
        (b"[02/", b'"[02/'), (b"a1a1", b'"a1a1'),
    ],
    "AWS.AuroraMySQLAudit": [
        (b"17146", b"1714"), (b"17146", b"171460"), (b"17146", b"+1714"), (b"QUERY", b"query"), (b"QUERY", b"Q" * 40),
        (b"QUERY", b""),
    ],
    "AWS.VPCFlow": [
        (b"2 ", b"3 "), (b"2 ", b'"2" '), (b"eni-", b"Eni-"), (b" OK", b" Ok"), (b" ", b"\t"), (b" OK", b" OK x"),
    ],
}  # fmt: skip
GOOD = {"AWS.ALB": alb, "AWS.S3ServerAccess": s3, "AWS.AuroraMySQLAudit": aurora}


@pytest.mark.parametrize("log_type", LOG_TYPES)
def test_a_line_that_nearly_fits_is_told_alike_behind_those_that_do(log_type: str):
    good = GOOD[log_type](9) if log_type in GOOD else vpc(9, header=False)
    good = good.replace(b'"q" ', b"")  # quotes in quotes are for the slow path
    line = good.splitlines()[0]
    seen = set()
    for old, new in NEARLY[log_type]:
        changed = line.replace(old, new, 1)
        assert changed != line, old
        for data in (good + changed + b"\n" + good, changed + b"\n" + good):
            found, expected = engine_rows(data), oracle_rows(data)
            assert_same(found, expected)
        seen.update(each["reason"] for each in found.rejected)
        seen.add("row" if not found.rejected else "rejected")
    assert seen >= {"unknown_type", "rejected"}


OWN = """
    name    = "My.{name}"
    about   = "A line."
    added   = "A"
    records = {{ framing = "lines" }}
    tokens  = {{ format = "delimited", separators = " ", null = ["-"] }}
    detect  = {{ starts = {starts} }}
    columns = [{{ name = "a", from = 0, type = "string", about = "A word." }}]
"""


def test_patterns_of_ones_own_that_overlap_are_asked_in_their_order(tmp_path):
    """A line that both have the form of is the first one's, also behind lines of the second."""
    tables = []
    for name, starts in (("First", '[["x", "y"], ["b"]]'), ("Second", '["word"]')):
        path = tmp_path / f"{name}.toml"
        path.write_text(OWN.format(name=name, starts=starts))
        tables.append(arrowtrail.LogType.load(path))
    data = b"z c d\n" * 50 + b"y b d\n" + b"z b d\n" * 50 + b"x b d\n" + b"x c d\n"
    found = [(name, batch.num_rows) for name, batch in arrowtrail.split(data, log_types=tables)]
    assert Counter({name: rows for name, rows in found}) == {"My.First": 2, "My.Second": 101}


def test_json_of_every_type_in_turn_is_told_as_alone():
    """Each type behind each other one, and nested in messages."""
    for first, second in permutations(JSON_LOG_TYPES, 2):
        records = generated(first, 0, 2) + generated(second, 0, 2)
        assert told(b"\n".join(records)) == told(frames_of(records)) == {first: 2, second: 2}


def frames_of(records: list[bytes]) -> bytes:
    inner = Frames(Random(1)).subscription(records)
    return json.dumps({"Type": "Notification", "Message": inner.decode()}).encode()


# ---------------------------------------------------------------- keys of objects

DAY = "AWSLogs/210987654321/{}/eu-west-1/2024/05/02/{}"
KEYS = {
    "AWS.ALB": [DAY.format("elasticloadbalancing", "2109_elasticloadbalancing_r_app.web.0a_e_192.0.2.7_x1.log.gz")],
    "AWS.CloudTrail": [
        DAY.format("CloudTrail", "210987654321_CloudTrail_eu-west-1_20240502T1010Z_a1B2.json.gz"),
        "AWSLogs/o-a1/210987654321/CloudTrail/eu-west-1/2024/05/02/210987654321_CloudTrail_eu-west-1_a_a1.json.gz",
    ],
    "AWS.CloudTrailDigest": [DAY.format("CloudTrail-Digest", "210987654321_CloudTrail-Digest_eu-west-1_t_e.json.gz")],
    "AWS.CloudTrailInsight": [DAY.format("CloudTrail-Insight", "210987654321_CloudTrail-Insight_eu-west-1_a1.json.gz")],
    "AWS.GuardDuty": [DAY.format("GuardDuty", "00000000-0000-0000-0000-000000000000.jsonl.gz")],
    "AWS.VPCFlow": [
        DAY.format("vpcflowlogs", "210987654321_vpcflowlogs_eu-west-1_fl-0a1b_20240502T1010Z_a1.log.gz"),
        DAY.format("vpcflowlogs", "10/210987654321_vpcflowlogs_eu-west-1_fl-0a1b_20240502T1010Z_a1.log.parquet"),
        "AWSLogs/aws-account-id=210987654321/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2024/x.log.gz",
    ],
    "AWS.VPCDns": ["AWSLogs/210987654321/vpcdnsquerylogs/vpc-1/2024/05/02/vpc-1_vpcdnsquerylogs_2109_a1.log.gz"],
    "AWS.WAFWebACL": [
        "AWSLogs/210987654321/WAFLogs/cloudfront/web/2024/05/02/10/15/210987654321_waflogs_cloudfront_web_t_a1.log.gz",
        "aws-waf-logs-web/2024/05/02/10/aws-waf-logs-web-1-2024-05-02-10-11-12-a1",
    ],
    "AWS.S3ServerAccess": [
        "logs/2024-05-02-10-11-12-0123456789ABCDEF", "1/r/b/2024/05/02/2024-05-02-10-11-12-0123456789ABCDEF",
    ],
    "AWS.AuroraMySQLAudit": ["/aws/rds/cluster/shop/audit", "audit/audit.log.0.2024-05-02-10-11.0"],
    "AWS.CloudWatchEvents": [],
}  # fmt: skip


def test_each_key_is_that_of_one_log_type():
    assert KEYS.keys() == builtin().keys()
    for name, keys in KEYS.items():
        assert bool(keys) == bool(builtin()[name].keys)
        for key in keys:
            for written in (key, "exports/" + key.lstrip("/")):
                assert [each.name for each in builtin().values() if by_key(written, [each])] == [name]


@pytest.mark.parametrize("name", ["conn_log.", "health_check_log."])
def test_the_other_logs_of_a_load_balancer_have_keys_of_their_own(name: str):
    folder, _, file = KEYS["AWS.ALB"][0].rpartition("/")
    assert by_key(f"{folder}/{name}{file}", builtin().values()) is None


def test_detect_notes_a_name_that_says_otherwise(tmp_path, native):
    folder = tmp_path / "AWSLogs/210987654321/CloudTrail/eu-west-1/2024/05/02"
    folder.mkdir(parents=True)
    file = folder / "210987654321_CloudTrail_eu-west-1_20240502T1010Z_a1b2c3.json"
    file.write_bytes(s3(1))
    status, stdout, stderr = run("detect", file)
    assert (status, stdout) == (0, f"{file}\tAWS.S3ServerAccess\n")
    assert stderr == f"note: {file} has a name as objects of AWS.CloudTrail have\n"
    own = tmp_path / "2024-05-02-10-11-12-0123456789ABCDEF"
    own.write_bytes(s3(1))
    assert run("detect", own)[2] == ""
