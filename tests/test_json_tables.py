"""The tables of the JSON log types load and have the published columns; what is special about them is shown."""

import itertools
import json
import pickle
import re
from math import inf
from pathlib import Path

import pyarrow as pa
import pytest

import arrowtrail
from arrowtrail import LogType, describe
from arrowtrail.catalog import builtin
from arrowtrail.logtype import Condition, IndicatorBy
from arrowtrail.schema import arrow_schema
from arrowtrail.tablefile import output_columns, read
from arrowtrail.vocabulary import member_types, parse_type

TESTS = Path(__file__).parent
TABLES = {
    log_type.name: log_type
    for log_type in map(LogType.load, (TESTS.parent / "src/arrowtrail/tables").glob("[!_]*.toml"))
}
JSON = {name: log_type for name, log_type in sorted(TABLES.items()) if log_type.records.framing == "json"}
GOOD_FILE = TESTS / "tables/good_my_json.toml"
GOOD = LogType.load(GOOD_FILE)
SEED = json.loads((TESTS / "seed_schema.json").read_text())  # the published schema, as it was published

# The columns that stand behind those of the published schema, `unmapped` aside.
MORE = {
    "AWS.CloudTrail": "sharedEventID sourceIPAddress userAgent userIdentity vpcEndpointId vpcEndpointAccountId "
    "eventCategory sessionCredentialFromConsole tlsDetails edgeDeviceDetails addendum eventContext",
    "AWS.CloudTrailDigest": "",
    "AWS.CloudTrailInsight": "insightErrorCode insightBaselineDuration insightAttributions",
    "AWS.CloudWatchEvents": "replay-name",
    "AWS.GuardDuty": "confidence associatedAttackSequenceArn",
    "AWS.VPCDns": "firewall_rule_group_id firewall_rule_action firewall_domain_list_id "
    "srcids_resolver_network_interface",
    "AWS.WAFWebACL": "labels requestHeadersInserted responseCodeSent ja3Fingerprint ja4Fingerprint captchaResponse "
    "challengeResponse oversizeFields requestBodySize requestBodySizeInspectedByWAF clientAsn forwardedAsn "
    "cfDistributionTenantId httpRequestFragment httpRequestScheme httpRequestHost",
}

PUBLISHED = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "smallint": pa.int16(),
    "tinyint": pa.int8(),
    "int": pa.int32(),
    "double": pa.float64(),
    "float": pa.float32(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", "UTC"),
}

every_json_type = pytest.mark.parametrize("log_type", JSON.values(), ids=JSON)


def published_type(text):
    """The Arrow type of a type of the published schema, such as `[{ "a":string, "b":[bigint] }]`."""
    return arrow_of(json.loads(re.sub(r"(?<![\w\"-])(\w+)(?![\w\"-])", r'"\1"', text)))


def arrow_of(value):
    if isinstance(value, list):
        return pa.list_(arrow_of(value[0]))
    if isinstance(value, dict):
        return pa.struct([(name, arrow_of(member)) for name, member in value.items()])
    return PUBLISHED[value]


def paths(column):
    """The paths of the members of a column's structs."""
    return [path for path, _ in member_types(parse_type(column.type))]


def test_every_published_log_type_has_a_table():
    assert TABLES.keys() == SEED.keys()
    assert JSON.keys() == MORE.keys()


@pytest.mark.parametrize("name", SEED)
def test_the_published_columns_come_first_and_have_their_types(name):
    published = {column["name"]: published_type(column["type"]) for column in SEED[name]}
    own = [column for column in published if not column.startswith("p_")]
    schema = arrow_schema(TABLES[name])
    assert schema.names[: len(own)] == own
    assert {column: schema.field(column).type for column in published} == published
    added = [column for column in schema.names if column.startswith("p_")]
    assert added[: len(published) - len(own)] == [column for column in published if column.startswith("p_")]


@every_json_type
def test_further_columns_stand_behind_and_unmapped_is_the_last(log_type):
    published = [column["name"] for column in SEED[log_type.name] if not column["name"].startswith("p_")]
    names = [column.name for column in log_type.columns]
    assert names == [*published, *MORE[log_type.name].split(), "unmapped"]
    assert all(column.about.endswith(".") for column in log_type.columns)


@every_json_type
def test_a_json_type_has_no_tokens_and_is_a_value(log_type):
    assert log_type.tokens is None
    copy = pickle.loads(pickle.dumps(log_type))
    assert copy == log_type and hash(copy) == hash(log_type)


def test_json_types_are_asked_in_one_order():
    asked = sorted(JSON.values(), key=lambda log_type: log_type.detect.order)
    assert [log_type.detect.order for log_type in asked] == list(range(1, 8))
    names = [log_type.name.removeprefix("AWS.") for log_type in asked]
    assert names[:3] == ["CloudTrailDigest", "CloudTrailInsight", "CloudTrail"]
    assert names[3:] == ["GuardDuty", "CloudWatchEvents", "WAFWebACL", "VPCDns"]


def test_one_type_is_the_envelope_itself():
    assert [name for name, log_type in JSON.items() if log_type.records.envelope] == ["AWS.CloudWatchEvents"]


@every_json_type
def test_a_type_is_told_by_members_that_its_columns_take(log_type):
    known = {column.source for column in log_type.columns}
    known |= {f"{column.source}.{path}" for column in log_type.columns for path in paths(column)}
    assert {condition.path for condition in itertools.chain.from_iterable(log_type.detect.members)} <= known


def test_the_catalog_lists_every_table():
    assert builtin() == TABLES
    assert arrowtrail.log_types() == sorted(TABLES)


def test_a_users_json_table_is_read():
    columns = {column.name: column for column in GOOD.columns}
    assert GOOD.detect.order == 8
    assert GOOD.detect.members == (
        (Condition("at", number=True), Condition("kind", word="login")),
        (Condition("user.id"),),
    )
    assert columns["kind"].source == "kind" and columns["kind"].alias == ("type",)
    assert columns["user-id"].source == "user.id"
    assert columns["load"].range == (0, inf)
    tries = columns["tries"]
    assert [member.path for member in tries.members] == ["x-at", "kind", "value", "more.arn", "more.rest"]
    assert tries.member("x-at").source == "xAt" and tries.member("more.arn").source == "arn"
    assert tries.member("value").indicator_by == IndicatorBy("kind", (("A", "ip"), ("B", "domain")))
    assert tries.member("value").indicators == ("ip", "domain")
    assert tries.member("kind").required and tries.member("more") is None


def test_behind_the_first_equals_sign_all_is_the_word():
    table = GOOD_FILE.read_text().replace("kind=login", "kind=a=b:c")
    assert read(table.encode(), "x.toml").detect.members[0][1] == Condition("kind", word="a=b:c")


def test_a_range_may_be_open_below():
    table = GOOD_FILE.read_text().replace("[0, inf]", "[-inf, 5]")
    log_type = read(table.encode(), "x.toml")
    assert next(column.range for column in log_type.columns if column.name == "load") == (-inf, 5)
    assert "(in s; 5 or less)" in describe.as_text(log_type)


def test_members_have_metadata_of_their_own():
    tries = arrow_schema(GOOD).field("tries").type.value_type
    assert tries.field("x-at").type == pa.timestamp("us", "UTC")
    assert tries.field("x-at").metadata is None
    assert tries.field("kind").metadata == {b"required": b"true"}
    assert tries.field("value").metadata == {b"indicators": b"ip,domain"}
    more = tries.field("more").type
    assert more.field("arn").metadata == {b"indicators": b"arn_only,aws_arn"}
    assert more.field("rest").metadata == {b"indicators": b"walker_l", b"content": b"json"}
    assert arrow_schema(GOOD).field("detail").metadata[b"content"] == b"json"


@every_json_type
def test_every_column_and_member_is_shown(log_type):
    text, page = describe.as_text(log_type), describe.page({log_type.name: log_type})
    data = describe.as_data(log_type)
    assert [column["name"] for column in data["columns"]] == [column.name for column in output_columns(log_type)]
    assert json.loads(json.dumps(data)) == data
    for column in log_type.columns:
        for name in [column.name, *(f"{column.name}.{path}" for path in paths(column))]:
            assert re.search(f"^{re.escape(name)} ", text, re.M), name
            assert f"| `{name}` |" in page
    for condition in itertools.chain.from_iterable(log_type.detect.members):
        assert condition.path in text.splitlines()[1] and condition.path in page


def test_what_is_special_is_shown():
    text, page, data = describe.as_text(GOOD), describe.page({GOOD.name: GOOD}), describe.as_data(GOOD)
    assert "A record is of this type where it has at (a number), kind = login; or user.id." in text
    assert "| `kind` | `string` | `kind`, or `type` |" in page
    assert "| `tries.value` | `string` | `value`, or `val` |  | ip where kind is A, domain where kind is B |" in page
    assert "| `tries.more.arn` | `string` | `arn` |  | arn_only, *aws_arn* |" in page
    assert "| `tries.x-at` | `timestamp` | `xAt`, RFC 3339 |" in page
    assert "How long it took. (in s; 0 or more)" in text
    assert data["detect"] == [["at (a number)", "kind = login"], ["user.id"]]
    tries = next(column for column in data["columns"] if column["name"] == "tries")
    assert {"path": "value", "required": False, "alias": ["val"], "indicators": ["ip", "domain"]} in tries["members"]


def test_no_python_code_names_a_json_log_type():
    for path in (TESTS.parent / "src/arrowtrail").glob("*.py"):
        outside = "".join(path.read_text().split('"""')[::2])
        assert not any(name in outside for name in JSON), path.name
