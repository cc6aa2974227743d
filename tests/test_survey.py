"""A survey: its counts are those of the rows, its memory is bounded, and what it says fits a terminal."""

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from logs import BAD_LINE, alb, aurora, vpc, vpc_row
from surveys import call, data, only, survey

import arrowtrail
from arrowtrail.survey_text import survey_lines, visible
from benchmarks import corpus
from benchmarks.logs import LOGS as CORPORA

pytestmark = pytest.mark.python

VPC, ALB, TRAIL = "AWS.VPCFlow", "AWS.ALB", "AWS.CloudTrail"


def python_values(value):
    """(path below, value) of every plain value in a Python value, lists passed through."""
    if isinstance(value, dict):
        for name, member in value.items():
            for path, found in python_values(member):
                yield f".{name}{path}", found
    elif isinstance(value, list):
        for element in value:
            yield from python_values(element)
    elif value is not None:
        yield "", value


@pytest.mark.parametrize("name", sorted(CORPORA))
def test_asked_columns_are_counted_as_their_rows_are(name, native):
    log = corpus.some(name, 300)
    schema = arrowtrail.schema(name)
    times = {field.name for field in schema if "timestamp" in str(field.type) or "float" in str(field.type)}
    columns = [each for each in schema.names if each not in times and each != "p_row_id" and not each.startswith("p_p")]
    table = arrowtrail.parse(log, name).table
    want: dict[str, Counter] = {}
    for row in table.select(columns).to_pylist():
        for path, value in python_values(row):
            if not isinstance(value, (datetime, float)):
                want.setdefault(path[1:], Counter())[value] += 1
    taken, _ = survey(log, name, columns=columns)
    found = {top.path: Counter(top.counts.counts) for top in taken.found()[0].top()}
    assert {path: counts for path, counts in found.items() if path in want} == want


@pytest.mark.parametrize("name", sorted(CORPORA))
def test_threads_and_batches_change_nothing(name, native, tmp_path):
    paths = [tmp_path / f"{number}.log" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(corpus.some(name, 200, seed=number + 1))
    want = data(paths, name)
    assert want["rows"] == 600 and want["log_types"][0]["top"] and want["log_types"][0]["first"]
    assert data(paths, name, batch_rows=7) == want
    assert data(paths, name, threads=3) == want


def test_the_choice_is_of_columns_with_few_values_and_of_indicators(native):
    found = only(vpc(5000), VPC)
    top = {each["column"]: each for each in found["top"]}
    assert list(top) == [  # neither ids that differ row by row nor what measures
        *("version", "account", "dstAddr", "dstPort", "protocol", "action", "status"),
        *("p_any_ip_addresses", "p_any_aws_account_ids"),
    ]
    assert top["dstPort"] == {
        "column": "dstPort",
        "count": 5000,
        "values": [{"value": 443, "count": 5000}],
        "different": 1,
        "exact": True,
        "missed": 0,
    }
    assert top["p_any_ip_addresses"]["values"][0] == {"value": "198.51.100.20", "count": 5000}


def test_columns_with_one_value_come_only_where_there_is_room(native):
    chosen = [each["column"] for each in only(alb(40))["top"] if not each["column"].startswith("p_")]
    assert len(chosen) == 12 and chosen == sorted(chosen, key=arrowtrail.schema(ALB).names.index)
    values = {each["column"]: each["different"] for each in only(alb(40), columns=["receivedBytes", *chosen])["top"]}
    assert values["receivedBytes"] == 40


def test_asked_columns_are_of_the_types_that_have_them(native):
    found = data([alb(3), vpc(4)], columns=["clientIp", "srcAddr", "status"])
    tops = {each["log_type"]: [top["column"] for top in each["top"]] for each in found["log_types"]}
    assert tops == {VPC: ["srcAddr", "status"], ALB: ["clientIp"]}


def test_a_struct_is_its_members_and_json_is_text(native):
    log = call(requestParameters={"a": 1}, resources=[{"ARN": "arn:aws:s3:::b"}, {"ARN": "arn:aws:s3:::c"}])
    found = only(log * 2, columns=["userIdentity", "resources", "requestParameters", "eventTime"])
    tops = {each["column"]: [(value["value"], value["count"]) for value in each["values"]] for each in found["top"]}
    assert tops == {
        "eventTime": [("2024-05-02 10:11:12.000000", 2)],
        "requestParameters": [('{"a": 1}', 2)],
        "resources.arn": [("arn:aws:s3:::b", 2), ("arn:aws:s3:::c", 2)],
        "userIdentity.type": [("Root", 2)],
        "userIdentity.accountId": [("210987654321", 2)],
    }


def test_indicators_are_off_where_they_are_off(native):
    assert not [each for each in only(vpc(3), indicators="off")["top"] if each["column"].startswith("p_")]


def test_times_are_those_of_the_events(native):
    found = only(vpc(3))
    assert (found["first"], found["last"]) == ("2024-05-02T10:11:12Z", "2024-05-02T10:11:14Z")
    assert found["events"]["seconds"] == 1
    assert [each["count"] for each in found["events"]["buckets"]] == [1, 1, 1]


def test_nothing_is_nothing(native):
    assert data([]) == {
        **dict.fromkeys(("files", "bytes", "records", "rows", "outside", "blank", "failed_files"), 0),
        **{"rejected": {}, "warnings": {}, "failed": [], "log_types": []},
    }


def test_rejected_records_have_their_first_places(native, tmp_path):
    path = tmp_path / "x.log"
    path.write_bytes(vpc(2) + vpc_row(9).replace("ACCEPT", "PASS").encode() + BAD_LINE * 5)
    found = only(path, VPC)
    assert [(each["reason"], each["count"], len(each["first"])) for each in found["rejected"]] == [
        ("missing_required", 5, 3),
        ("bad_value", 1, 1),
    ]
    assert found["rejected"][1]["first"][0] == {
        "source": str(path),
        "record": 3,
        "line": 4,
        "offset": len(vpc(2)),
        "column": "action",
        "message": "column action: 'PASS' is none of ACCEPT, REJECT",
    }


def test_records_of_no_type_come_last(native):
    found = data([BAD_LINE * 9, vpc(1)])["log_types"]
    assert [(each["log_type"], each["rows"]) for each in found] == [(VPC, 1), (None, 0)]
    assert found[1]["rejected"][0]["count"] == 9 and found[1]["drift"] is None and found[1]["first"] is None


def test_warnings_are_those_of_reading_everything(native):
    log = vpc(3).replace(b" 6 0 0 ", b" 6 many 0 ").replace(b"eni-", b"en\xff-", 1)
    found = only(log, columns=["status"])
    assert found["warnings"] == {"packets": 1, "invalid_utf8": 1}
    assert found["warnings"] == arrowtrail.parse(log).stats.warnings


def test_warnings_of_mixed_sources_go_to_the_type_that_has_the_column(native):
    log = alb(1) + vpc(3).replace(b" 6 0 0 ", b" 6 many 0 ").replace(b"eni-", b"en\xff-", 1)
    found = data(log)
    assert found["warnings"] == {"packets": 1, "invalid_utf8": 1}
    assert {each["log_type"]: each["warnings"] for each in found["log_types"]} == {VPC: {"packets": 1}, ALB: {}}


def test_warnings_of_columns_of_one_name_add_up(native, tmp_path):
    table = (Path(arrowtrail.__file__).parent / "tables/aws_cloud_trail.toml").read_text()
    table = table.replace('"AWS.CloudTrail"', '"My.Trail"').replace(
        "order = 3, members = [[", 'order = 1, members = [["mine", '
    )
    (tmp_path / "mine.toml").write_text(table)
    mine = arrowtrail.LogType.load(tmp_path / "mine.toml")
    found = data(call(mine=1, tlsDetails=7) + call(tlsDetails=7) * 2, log_types=[mine, TRAIL])
    assert [(each["log_type"], each["rows"]) for each in found["log_types"]] == [(TRAIL, 2), ("My.Trail", 1)]
    assert found["warnings"] == {"tlsDetails": 3}
    assert [each["warnings"] for each in found["log_types"]] == [{}, {}]  # whose they are is not known


def test_what_a_terminal_would_act_on_is_escaped():
    assert visible("a\x1b]0;x\x07\u202eb\u00e9\n") == "a\\x1b]0;x\\x07\\u202ebé\\n"


def test_counts_that_may_be_too_small_say_so(native):
    log = b"".join(vpc(500, first=500 * number) + vpc(1) * 100 for number in range(60))
    taken, stats = survey(log, columns=["interfaceId", "start", "action"])
    lines = [line.text for line in survey_lines(taken, stats, most=1, width=120)]
    (often,) = [line for line in lines if line.startswith("    interfaceId")]
    assert re.fullmatch(r"    interfaceId  eni-0{17} \(6,001\), \.\.\. \(at least so many, at most [1-9] more\)", often)
    assert "    action       ACCEPT (36,000)" in lines


def test_where_all_values_differ_none_stands_out(native):
    taken, stats = survey(aurora(30_000), columns=["object", "queryId", "host"])
    lines = [line.text for line in survey_lines(taken, stats, most=1, width=100)]
    assert "    queryId  none stands out among 30,000" in lines and "    host     10.4.0.17 (30,000)" in lines
    lines = [line.text for line in survey_lines(*survey(aurora(50), columns=["queryId"]), most=1, width=100)]
    assert "    queryId  50 values, none seen twice" in lines


@pytest.mark.parametrize("width", [80, 120, 200])
def test_values_keep_within_the_width(native, width):
    taken, stats = survey([corpus.some(name, 200) for name in CORPORA])
    lines = [line.text for line in survey_lines(taken, stats, most=5, width=width)]
    assert len(lines) > 200
    assert not [line for line in lines if len(line) > width and "first in" not in line]


def test_no_count_is_cut_where_it_is_narrow(native):
    taken, stats = survey([corpus.some(name, 200) for name in CORPORA])
    texts = ["\n".join(line.text for line in survey_lines(taken, stats, most=5, width=width)) for width in (200, 20)]
    wide, narrow = (re.findall(r"\(([0-9,]+)\)[,\n]", text) for text in texts)
    assert len(wide) > 300 and narrow == wide
