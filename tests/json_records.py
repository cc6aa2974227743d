"""Small whole records of the JSON types, and how tests of the oracle read them."""

import json

import oracle

FINDING = {
    "schemaVersion": "2.0", "accountId": "210987654321", "region": "r", "partition": "aws", "id": "f", "arn": "x",
    "type": "t",
    "resource": {}, "severity": 5, "createdAt": "2024-05-02T10:00:00Z", "updatedAt": "2024-05-02T10:11:12Z",
    "title": "t", "description": "d", "service": {"serviceName": "guardduty", "detectorId": "d1"},
}  # fmt: skip
EVENT = {
    "id": "i", "account": "a", "source": "s", "resources": [], "region": "r", "detail-type": "t", "version": "0",
    "time": "2024-05-02T10:11:12Z", "detail": {},
}  # fmt: skip
REQUEST = {
    "timestamp": 1714644672000,
    "webaclId": "w",
    "action": "ALLOW",
    "httpSourceId": "s",
    "httpRequest": {},
    "formatVersion": 1,
}
QUERY = {
    "version": "1.1", "account_id": "a", "region": "r", "vpc_id": "v", "query_timestamp": "2024-05-02T10:11:12Z",
    "query_name": ".",
    "query_type": "A", "query_class": "IN", "rcode": "NOERROR", "srcaddr": "s", "srcport": "1", "transport": "UDP",
}  # fmt: skip
CALL = {
    "awsRegion": "r", "eventID": "e", "eventName": "n", "eventSource": "s", "eventTime": "2024-05-02T10:11:12Z",
    "eventType": "AwsApiCall",
    "eventVersion": "1.08", "sourceIPAddress": "AWS Internal", "userIdentity": {},
}  # fmt: skip
WHOLE = {
    "AWS.GuardDuty": FINDING, "AWS.CloudWatchEvents": EVENT, "AWS.WAFWebACL": REQUEST, "AWS.VPCDns": QUERY,
    "AWS.CloudTrail": CALL,
}  # fmt: skip
TIME = 1_714_644_672_000_000  # 2024-05-02T10:11:12Z
UNKNOWN = "unknown_type"
LINE = b"2 210987654321 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 40 1714644672 1714644731 ACCEPT OK"


def written(value) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def record(log_type: str, without: tuple[str, ...] = (), **members: str | bytes) -> bytes:
    """A whole record of the type. `members` are JSON text; `_` in a name that is not there stands for `-`."""
    kept = {name: written(value) for name, value in WHOLE[log_type].items() if name not in without}
    for name, text in members.items():
        name = name if name in kept else name.replace("_", "-") if name.replace("_", "-") in kept else name
        kept[name] = text.encode() if isinstance(text, str) else text
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), text) for name, text in kept.items()) + b"}"


def one(data: bytes, log_type: str | None = None, **options) -> dict:
    outcome = oracle.read(data, log_type, **options)
    assert not outcome.rejected
    [(_, row)] = outcome.rows
    return row


def rejected(data: bytes, log_type: str | None = None, **options) -> tuple:
    outcome = oracle.read(data, log_type, **options)
    assert not outcome.rows
    [found] = outcome.rejected
    return found["reason"], found["column"], found["log_type"]
