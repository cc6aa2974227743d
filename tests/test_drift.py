"""Schema drift: what no table knows is found, with its first place; what is known is not."""

import json

import pyarrow as pa
from logs import BAD_LINE, VPC_HEADER, alb, s3, vpc, vpc_row
from pyarrow import parquet
from surveys import call, data, drift, only, survey

import arrowtrail
from arrowtrail.catalog import builtin
from arrowtrail.drift import MOST_PATHS, Drift
from arrowtrail.survey_text import survey_lines
from benchmarks import corpus
from benchmarks.logs import LOGS as CORPORA

TRAIL = "AWS.CloudTrail"


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


def test_the_place_is_that_of_the_first_row_though_a_header_had_the_name_before(native, tmp_path):
    for name, word in (("a.log", "-"), ("b.log", "zzz")):
        (tmp_path / name).write_text(f"{VPC_HEADER} new-field\n{vpc_row(1).strip()} {word}\n")
    (found,) = only(tmp_path)["drift"]
    assert (found["headers"], found["rows"], found["source"]) == (2, 1, str(tmp_path / "b.log"))


def test_a_large_input_read_in_parts_gives_the_same(native, tmp_path):
    rows = [vpc_row(number).strip() + f" {number} -{' x' * (number == 70_000)}\n" for number in range(80_000)]
    (tmp_path / "x.log").write_text(f"{VPC_HEADER} new-field other\n" + "".join(rows) + BAD_LINE.decode())
    want = data(tmp_path)
    found = {each["path"]: (each["rows"], each["headers"]) for each in want["log_types"][0]["drift"]}
    assert found == {"new-field": (80_000, 1), "*": (1, 0), "other": (0, 1)}
    for threads in (2, 4):
        assert data(tmp_path, threads=threads) == want


def test_rows_of_other_times_are_counted_apart(native):
    found = data(vpc(5), since="2024-05-02T10:11:14Z")
    assert (found["records"], found["rows"], found["outside"]) == (5, 3, 2)
    assert found["log_types"][0]["first"] == "2024-05-02T10:11:14Z"


def test_new_columns_of_a_parquet_delivery_are_found(native, tmp_path):
    flow = {"srcaddr": "10.0.0.1", "dstaddr": "10.0.0.2", "start": 1714644672, "end": 1714644731, "log_status": "OK"}
    table = pa.Table.from_pylist([flow | {"brand_new": word} for word in (None, None, "zz")])
    parquet.write_table(table, tmp_path / "x.parquet")
    (found,) = only(tmp_path)["drift"]
    assert (found["path"], found["rows"], found["headers"], found["offset"]) == ("brand-new", 1, 1, 2)


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
