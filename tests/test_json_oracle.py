"""Rows of the JSON types from the oracle against values worked out by hand from the specification."""

import oracle
import pytest
from json_records import TIME, UNKNOWN, WHOLE, one, record, rejected
from oracle.json_tables import load_json_tables

pytestmark = pytest.mark.usefixtures("engine_agrees")

TABLES = load_json_tables()


# ---------------------------------------------------------------- detection


def test_types_are_told_apart_by_members():
    for log_type in WHOLE:
        assert oracle.read(record(log_type)).rows[0][0] == log_type
    assert rejected(record("AWS.CloudTrail", eventType='"AwsCloudTrailInsight"'))[2] == "AWS.CloudTrailInsight"
    assert (
        rejected(record("AWS.CloudTrail", eventCategory='"Insight"', insightDetails="{}"))[2] == "AWS.CloudTrailInsight"
    )
    assert (
        one(record("AWS.CloudTrail", eventCategory='"Insight"', insightDetails="null"))["p_log_type"]
        == "AWS.CloudTrail"
    )
    assert one(record("AWS.CloudTrail", eventType=r'"AwsApiC\u0061ll"'))["eventType"] == "AwsApiCall"
    assert rejected(record("AWS.CloudTrail", eventID="null")) == (UNKNOWN, None, None)
    assert rejected(record("AWS.CloudTrail", userIdentity="null")) == (
        "missing_required",
        "userIdentity",
        "AWS.CloudTrail",
    )
    assert rejected(record("AWS.WAFWebACL", timestamp='"x"')) == (UNKNOWN, None, None)
    assert one(record("AWS.WAFWebACL", timestamp='"1714644672000"'))["timestamp"] == TIME
    assert rejected(record("AWS.WAFWebACL", ("formatVersion",)))[0] == UNKNOWN
    assert one(record("AWS.WAFWebACL", ("formatVersion",), terminatingRuleId='""'))["terminatingRuleId"] == ""


def test_members_are_found_in_any_case_when_detecting():
    pascal = record(
        "AWS.GuardDuty", ("service", "severity"), Severity="5", Service='{"DetectorId":"d","ServiceName":"s"}'
    )
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
        ("AWS.GuardDuty", {"service": '{"detectorId":null,"serviceName":"s"}'}, "missing_required",
         "service.detectorId"),
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
    b'{"state":"S","eventSource":"s","eventName":"n","insightType":"t","errorCode":"E","insightContext":'
    b'{"attributions":[ 1 ],"statistics":{"baselineDuration":"10","insightDuration":0.1,"insight":null,'
    b'"baseline":{"average":"x"}}}}'
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
    assert rejected(INSIGHT % (b"AwsCloudTrailInsight", b"{}", b"x"))[:2] == (
        "missing_required",
        "insightDetails.state",
    )


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
        ("AWS.CloudTrail",
         {"userIdentity": '{"sessionContext":{"attributes":{"a":1,"mfaAuthenticated":"x"},"b":null}}'},
         '{"userIdentity":{"sessionContext":{"attributes":{"a":1}}}}'),
        ("AWS.CloudTrail", {"userIdentity": '{"sessionContext":[ ],"type":1}'},
         '{"userIdentity":{"sessionContext":[ ]}}'),
        ("AWS.CloudTrail", {"resources": '[{"arn":"a"}, {"ARNPrefix":"p"}]'},
         '{"resources":[{"arn":"a"}, {"ARNPrefix":"p"}]}'),
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
