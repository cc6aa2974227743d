"""A survey: its counts are those of the rows, its memory is bounded, and what no table knows is found."""

import json
import random
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from logs import BAD_LINE, VPC_HEADER, alb, aurora, s3, vpc, vpc_row

import arrowtrail
from arrowtrail.catalog import builtin
from arrowtrail.drift import MOST_PATHS, Drift
from arrowtrail.options import MAX_RECORD, check
from arrowtrail.passes import Pass
from arrowtrail.sources import find_sources
from arrowtrail.stats import KeptRejects
from arrowtrail.stream import Recipe
from arrowtrail.survey import Survey
from arrowtrail.survey_text import survey_lines, visible
from arrowtrail.tally import BEGIN, MOST_BUCKETS, Timeline, ValueCounts
from arrowtrail.timeplot import ASCII, BLOCKS, plot
from benchmarks import corpus
from benchmarks.logs import LOGS as CORPORA

VPC, ALB, S3, TRAIL = "AWS.VPCFlow", "AWS.ALB", "AWS.S3ServerAccess", "AWS.CloudTrail"
BASE = datetime(2024, 5, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def options(log_type=None, **given):
    """Options of reading as the command line has them."""
    unasked = dict.fromkeys(
        ("columns", "source_id", "source_label", "header", "rejects", "log_types", "parse_time", "max_decompressed")
    )
    default = {"indicators": "extended", "unmapped": True, "strict": False, "threads": 1, "max_record": MAX_RECORD}
    return check(log_type, **unasked | default | {"batch_rows": 65536, "row_id_seed": 1} | given)


def survey(source, log_type=None, **given):
    """The survey of a whole pass, and its counts."""
    found = options(log_type, **given)
    taken = Survey(found.log_types, columns=found.columns, unmapped=found.unmapped)
    run = Pass(Recipe(replace(found, columns=None), columns_of=taken.read), find_sources(source), KeptRejects(0))
    run.on_rejected, run.on_end = taken.add_rejected, taken.end
    for rows in run.rows():
        taken.add(rows)
    return taken, run.stats


def data(source, log_type=None, *, most=5, **given):
    taken, stats = survey(source, log_type, **given)
    return taken.as_data(stats, most)


def only(source, log_type=None, **given):
    """What is said of the only log type."""
    (found,) = data(source, log_type, **given)["log_types"]
    return found


def drift(source, log_type=None, **given):
    """(path, kind, rows, headers, example) of all that was found."""
    keys = ("path", "kind", "rows", "headers", "example")
    return [tuple(each[key] for key in keys) for each in only(source, log_type, **given)["drift"]]


def call(**members):
    """A CloudTrail record, with further members."""
    record = {
        "eventVersion": "1.11",
        "eventTime": "2024-05-02T10:11:12Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "eventID": "e-1",
        "eventType": "AwsApiCall",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userIdentity": {"type": "Root", "accountId": "210987654321"},
    }
    return json.dumps(record | members).encode() + b"\n"


# counting


def test_value_counts_are_exact_while_there_is_room():
    drawn = random.Random(1)
    values = [drawn.choice(["a", "b", "c", "d", None]) for _ in range(10_000)]
    counts = ValueCounts()
    for at in range(0, len(values), 700):
        counts.add(pa.array(values[at : at + 700], pa.string()))
    want = Counter(value for value in values if value is not None)
    assert (dict(counts.top(9)), counts.total, counts.exact) == (want, want.total(), True)


def test_equal_counts_are_in_the_order_of_their_values():
    counts = ValueCounts()
    counts.add(pa.array(["c", "a", "b", "b"]))
    assert counts.top(3) == [("b", 2), ("a", 1), ("c", 1)]
    assert counts.top(0) == []


def test_a_million_different_values_stay_bounded():
    counts = ValueCounts(most=1000)
    for at in range(0, 1_000_000, 10_000):
        rare = [f"rare-{number}" for number in range(at, at + 10_000)]
        counts.add(pa.array([*rare, *["often"] * 500, *["now and then"] * 100]))
        assert len(counts.counts) <= 1000
    assert not counts.exact and counts.total == 1_000_000 + 50_000 + 10_000
    (first, seen), (second, less) = counts.top(2)
    assert (first, second) == ("often", "now and then")
    assert seen <= 50_000 <= seen + counts.missed and less <= 10_000 <= less + counts.missed


def test_counts_are_true_within_what_was_missed():
    drawn = random.Random(2)
    values = [int(drawn.expovariate(0.02)) for _ in range(50_000)]
    counts = ValueCounts(most=40)
    for at in range(0, len(values), 500):
        counts.add(pa.array(values[at : at + 500]))
    want = Counter(values)
    assert counts.missed and all(counts.counts[value] <= want[value] for value in counts.counts)
    assert all(want[value] <= counts.counts.get(value, 0) + counts.missed for value in want)


def test_long_values_take_no_more_room_than_many():
    counts = ValueCounts(most_chars=10_000)
    for number in range(100):
        counts.add(pa.array([f"{number}" + "x" * 900, "short", "x" * 50_000]))
        assert counts.chars == sum(map(len, counts.counts)) <= 10_000
    assert not counts.exact and ("short", 100) in counts.counts.items()


def test_buckets_widen_and_lose_no_event():
    line = Timeline()
    moments = [BASE + timedelta(seconds=37 * number) for number in range(20_000)]
    for at in range(0, len(moments), 1000):
        line.add(pa.array(moments[at : at + 1000], pa.timestamp("us", "UTC")))
        assert len(line.counts) <= MOST_BUCKETS
    assert (line.first, line.last, line.width) == (moments[0], moments[-1], 3600)
    want = Counter(moment.replace(minute=0, second=0) for moment in moments)
    assert dict(line.buckets()) == want


def test_the_ends_of_time_are_counted():
    line = Timeline(most=3)
    ends = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)]
    line.add(pa.array([*ends, None, BASE, BASE + timedelta(hours=9)], pa.timestamp("us", "UTC")))
    assert (line.first, line.last) == tuple(ends)
    assert sum(count for _, count in line.buckets()) == 4 and len(line.counts) == 3
    assert line.buckets()[0] == (ends[0], 1)


def test_no_moment_is_no_time():
    line = Timeline()
    line.add(pa.array([None], pa.timestamp("us", "UTC")))
    assert (line.first, line.last, line.buckets(), plot(line.buckets(), line.width, width=80)) == (None, None, [], [])


# the plot


@pytest.mark.parametrize("drawing", [BLOCKS, ASCII])
def test_a_plot_fits_any_width_and_shows_every_event(drawing):
    drawn = random.Random(3)
    for seconds in (1, 10, 3600, 86_400, 1000 * 86_400):
        places = sorted(drawn.sample(range(36), 30))
        buckets = [(BEGIN + seconds * (10**6 // seconds + place) * SECOND, drawn.randint(1, 5000)) for place in places]
        for width in (30, 60, 80, 200):
            lines = plot(buckets, seconds, width=width, drawing=drawing)
            assert len(lines) == 7 and all(len(line) <= width for line in lines[1:])
            bottom = lines[4].partition(drawing.side)[2]
            assert drawing.levels[0] in bottom or width == 30
            if width >= 60:  # a column for each bucket
                assert sum(each != " " for each in bottom) == 30


def test_a_plot_of_one_moment_is_none():
    assert plot([(BASE, 7)], 1, width=80) == []


def test_times_beyond_reason_do_not_flatten_the_plot():
    days = [(BASE + timedelta(days=day), day + 1) for day in range(3)]
    odd = [(datetime(1, 1, 1, tzinfo=UTC), 2), *days, (datetime(9999, 12, 31, tzinfo=UTC), 5)]
    lines = plot(odd, 86_400, width=60, drawing=ASCII)
    assert lines[:-1] == plot(days, 86_400, width=60, drawing=ASCII)
    assert lines[-1] == "not shown: 2 before 2000, 5 from 2100 on"
    only_odd = plot([odd[0], odd[-1]], 86_400, width=60, drawing=ASCII)
    assert only_odd[0].startswith("events over time") and "0001-01-01" in only_odd[-1]


# rows, times, values


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
        **dict.fromkeys(("files", "bytes", "records", "rows", "blank", "failed_files"), 0),
        **{"rejected": {}, "warnings": {}, "failed": [], "log_types": []},
    }


# rejected records, warnings


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


# drift


def test_unknown_members_are_found_with_an_example(native):
    log = call() + call(newMember={"a": [1, None]}) + call(newMember=2, userIdentity={"type": "Root", "trust": "x"})
    assert drift(log) == [
        ("newMember", "unknown", 2, 0, '{"a": [1, null]}'),
        ("userIdentity.trust", "unknown", 1, 0, '"x"'),
    ]


def test_a_place_leads_to_the_record(native, tmp_path):
    for name, log in (("a.log", call()), ("b.log", call() + call() + call(newMember=1)), ("c.log", call(newMember=2))):
        (tmp_path / name).write_bytes(log)
    (found,) = only(tmp_path)["drift"]
    assert (found["rows"], found["source"], found["offset"]) == (2, str(tmp_path / "b.log"), 2 * len(call()))
    rows = [row["p_row_id"] for row in arrowtrail.rows(tmp_path / "b.log", row_id_seed=1)]
    assert found["row_id"][20:] == rows[2][20:]


def test_a_known_member_that_was_not_taken_is_told_apart(native):
    log = call(requestID="r1", requestId="r2", readOnly="perhaps", tlsDetails=7)
    assert drift(log) == [
        ("readOnly", "left_over", 1, 0, '"perhaps"'),
        ("requestId", "left_over", 1, 0, '"r2"'),
        ("tlsDetails", "left_over", 1, 0, "7"),
    ]


def test_in_a_list_that_is_left_over_whole_only_what_is_unknown_counts(native):
    known = {"ARN": "arn:aws:s3:::b", "accountId": "210987654321", "type": "t"}
    assert drift(call(resources=[known, known | {"zone": 1, "empty": None}, known | {"zone": 2}])) == [
        ("resources.zone", "unknown", 1, 0, "1")
    ]
    assert drift(call(resources={"ARN": "a", "zone": 3})) == [("resources.zone", "unknown", 1, 0, "3")]
    assert drift(call(resources=[known, 7])) == [
        ("resources", "left_over", 1, 0, f"[{json.dumps(known)}, 7]"),
    ]


def test_what_is_known_never_counts_as_unknown(native):
    for name in CORPORA:
        unknown = {each["path"] for each in only(corpus.some(name, 400), name)["drift"] if each["kind"] == "unknown"}
        columns = {column.name for column in builtin()[name].columns}
        assert not unknown & columns, name


def test_unknown_header_names_are_found_though_all_their_values_are_missing(native, tmp_path):
    rows = [f"{vpc_row(number).strip()} {word} - x y\n" for number, word in enumerate(("zzz", "-", "zzz"))]
    (tmp_path / "a.log").write_text(f"{VPC_HEADER} New_Field other\n" + "".join(rows))
    (tmp_path / "b.log").write_text(f"{VPC_HEADER} other\n")
    assert drift(tmp_path) == [
        ("*", "surplus", 3, 0, '["x", "y"]'),
        ("new-field", "unknown", 2, 1, '"zzz"'),
        ("other", "unknown", 0, 2, None),
    ]
    assert [each["source"] for each in only(tmp_path)["drift"]] == [str(tmp_path / "a.log")] * 3


def test_surplus_fields_are_those_behind_the_last_known_one(native):
    more = [b"TLSv1.2", b"arn:aws:s3:eu-west-1:210987654321:accesspoint/x", b"Yes", b"eu-west-1"]
    row = s3(1).strip() + b" SigV4 cipher AuthHeader logs.s3.amazonaws.com "
    log = b"\n".join([row + b" ".join([*more, *new]) for new in ([], [b"a"], [b"b", b"-"])])
    assert drift(log) == [
        ("additionalFields[3]", "surplus", 2, 0, '"a"'),
        ("additionalFields[4]", "surplus", 1, 0, '"-"'),
    ]
    fields = b" ".join([b"-"] * 8)
    assert drift(alb(1).strip() + b" " + fields + b" 192.0.2.1\n" + alb(1)) == [
        ("additionalFields[0]", "surplus", 1, 0, '"192.0.2.1"')
    ]


def test_unmapped_may_be_switched_off(native):
    taken, stats = survey(call(newMember=1), unmapped=False)
    assert taken.as_data(stats, 5)["log_types"][0]["drift"] is None
    lines = [line.text for line in survey_lines(taken, stats, most=5, width=80)]
    assert lines[-1] == "  unknown members and fields were not looked for (--no-unmapped)"


def test_paths_are_bounded(native):
    found = only(call(**{f"new{number}": number for number in range(MOST_PATHS + 7)}))
    assert (len(found["drift"]), found["drift_more"]) == (MOST_PATHS, 7)
    long = only(call(**{"x" * 10_000: "y" * 10_000}))["drift"][0]
    assert len(long["path"]) < 300 and len(long["example"]) < 300


def test_drift_can_be_gathered_from_any_batches():
    batch = pa.record_batch({"p_row_id": ["0" * 32] * 2, "unmapped": ['{"b":1}', None]})
    seen = Drift(builtin()[TRAIL])
    seen.add(batch)
    seen.end("x.log", ["name"])
    assert [(each.path, each.rows, each.headers, each.source) for each in seen.found()] == [
        ("b", 1, 0, "x.log"),
        ("name", 0, 1, "x.log"),
    ]


# text


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


@pytest.mark.parametrize("width", [30, 50, 80, 200])
def test_values_keep_within_the_width(native, width):
    taken, stats = survey([corpus.some(name, 200) for name in CORPORA])
    lines = [line.text for line in survey_lines(taken, stats, most=5, width=width)]
    tops = lines[lines.index("  top values") + 1 :]
    assert len(tops) > 100
    assert not [line for line in tops if len(line) > max(width, 80) and "first in" not in line]
