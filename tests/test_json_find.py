"""Indicators of JSON records against values worked out by hand from README 4.4 and 10."""

import json

import pytest
from json_records import one, record

pytestmark = pytest.mark.usefixtures("engine_agrees")

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
        ('{"ipv6Addresses":["::1"],"publicIp":" 10.0.0.1 ","privateIpAddress":"10.0.0.2",'
         '"ipAddressV4":"10.0.0.3","ipAddressV6":"::2"}',
         {"ip_addresses": ["10.0.0.1", "10.0.0.2", "10.0.0.3", "::1"]}),
        ('{"sourceIPAddress":"10.0.0.1","publicDnsName":"xn--fa-hia.a ","domain":["d",5,""]}',
         {"ip_addresses": ["10.0.0.1"], "domain_names": ["d", "xn--fa-hia.a "]}),
        ('{"tags":[{"Key":"a","VALUE":"b","accountId":"123123123123"},{"key":"c"},"plain",{"key":"","value":"x"}]}',
         {"aws_tags": ["a:b", "plain"]}),
        ('{"tags":{"key":"a","value":"b"}}', {"aws_tags": ["a:b"]}),
        ('{"tags":[{"accountId":"123123123123"},["deep"]]}', {"aws_account_ids": ["123123123123"],
         "aws_tags": ["deep"]}),
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
        ('{"instanceId":"i-1","instance-id":"i-2","xInstanceId":"i-4","sourceIPAddress":"10.0.0.1"}',
         {"aws_instance_ids": ["i-1", "i-4"]}),
        ('{"publicIp":"10.0.0.1","ipv6Addresses":["::1",5,["::2"]],"privateIpAddress":["10.0.0.9"]}',
         {"ip_addresses": ["10.0.0.1", "::1"]}),
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
        ("AWS.CloudTrail", "requestParameters",
         '{"tags":[{"key":"a","value":"b","accountId":"123123123123"}],"publicIp":"arn:a:b:c:d:e"}',
         {"aws_tags": ["a:b"], "aws_account_ids": ["123123123123"], "aws_arns": ["arn:a:b:c:d:e"]}),
        ("AWS.CloudTrail", "addendum",
         '{"clientIp":"10.0.0.1","hostName":["a.b","10.0.0.2"],"userName":" u ","email":"a@b","emailAddress":"c"}',
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
    assert all(set(values) <= set(expected[name]) for name, values in panther.items())
    assert found(data, log_type, "off") == {}
    assert one(data, log_type, unmapped=False)["p_any_aws_account_ids"] == expected.get("aws_account_ids")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"\\n10.0.0.1"', {"ip_addresses": ["10.0.0.1"]}),  # scanned as its unescaped value
        ('"\\\\n10.0.0.1"', {"ip_addresses": ["10.0.0.1"]}),
        ('"http:\\/\\/example.zip\\/"', {"domain_names": ["example.zip"]}),
        ('"\\u00310.0.0.1"', {"ip_addresses": ["10.0.0.1"]}),
        ('"\\u00e910.0.0.1"', {}),
        ('"\\ud80010.0.0.1"', {}),  # becomes U+FFFD, a word character
        ('{"example.com":"10.0.0.1"}', {"ip_addresses": ["10.0.0.1"]}),  # keys are never scanned
        ('{"a":[["to bob@example.com"]],"b":{"c":"i-12345678"},"d":10.0,"e":true}',
         {"emails": ["bob@example.com"], "domain_names": ["example.com"], "aws_instance_ids": ["i-12345678"]}),
        ('{"id":"10.0.0.1","token":{"x":"10.0.0.2"},"etag":["10.0.0.3",{"y":["10.0.0.4"]}],"a":[{"eTag":"10.0.0.5"}]}',
         {}),
        ('{"Id":"10.0.0.1","ids":["10.0.0.2"],"requestid":"10.0.0.3","\\u0069d":"10.0.0.4","a":{"x-amz-id-2":"10.0.0.5"}}',
         {"ip_addresses": ["10.0.0.1", "10.0.0.2", "10.0.0.3"]}),
        ('{"id":{"publicIp":"10.0.0.1","arn":"arn:a:b:c:d:e"},"a":"10.0.0.2","a":"10.0.0.3"}',
         {"ip_addresses": ["10.0.0.1", "10.0.0.2", "10.0.0.3"], "aws_arns": ["arn:a:b:c:d:e"]}),
    ],
)  # fmt: skip
def test_text_in_json_columns(text: str, expected: dict):
    for column in ("requestParameters", "new"):
        assert found(record("AWS.CloudTrail", **{column: text}), "AWS.CloudTrail", "extended") == expected


def test_text_in_headers_named_in_any_case():
    names = ["Host", "REFERER", "origin", "x-Forwarded-For", "X-Forwarded-For ", "User-Agent", None]
    headers = [{"name": name, "value": f"see 10.0.0.{place}"} for place, name in enumerate(names)]
    request = json.dumps({"uri": "/a?10.0.1.1", "args": "b=10.0.1.2", "country": "10.0.1.3", "headers": headers})
    data = record("AWS.WAFWebACL", httpRequest=request)
    addresses = ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.1.1", "10.0.1.2"]
    assert found(data, "AWS.WAFWebACL", "extended") == {"ip_addresses": addresses}
    assert found(data, "AWS.WAFWebACL", "panther") == {}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ('[{"Rdata":"10.0.0.1","Type":"A"},{"Rdata":"::1","Type":"AAAA"},{"Rdata":"a.b","Type":"A"}]',
         {"ip_addresses": ["10.0.0.1", "::1"]}),
        ('[{"Rdata":"a.b.","Type":"CNAME"},{"Rdata":"c.d..","Type":"NS"},{"Rdata":"10.0.0.1","Type":"PTR"}]',
         {"domain_names": ["10.0.0.1", "a.b", "c.d."]}),
        ('[{"Rdata":"10 mx.a.","Type":"MX"},{"Rdata":"mx.b.","Type":"MX"},{"Rdata":"10 .","Type":"MX"}]',
         {"domain_names": ["mx.a", "mx.b"]}),
        ('[{"Rdata":"x.y.","Type":"TXT"},{"Rdata":"x.y.","Type":"cname"},{"Rdata":"x.y."},'
         '{"Type":"A"},{"Rdata":"x","Type":"member"}]', {}),
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
        "aws_arns": [user["arn"], ARN], "aws_account_ids": ["123123123123", "210987654321"],
        "aws_instance_ids": ["i-0abc"],
    }  # fmt: skip
