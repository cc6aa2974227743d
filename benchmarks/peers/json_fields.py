"""The columns of the published schemas as a user of a JSON reader declares them, in duckdb's words.

Names are those of the source. A list of rules or headers is a list of structs, as in our schemas; what we give as
the text of a JSON value is JSON here too.
"""

from __future__ import annotations

_MATCH = "STRUCT(conditionType VARCHAR, location VARCHAR, matchedData VARCHAR[])[]"
_RULE = f"STRUCT(ruleId VARCHAR, action VARCHAR, ruleMatchDetails {_MATCH})"
_ANSWER = "STRUCT(Rdata VARCHAR, Type VARCHAR, Class VARCHAR)"
_HEADER = "STRUCT(name VARCHAR, value VARCHAR)"
_SERVICE = (
    "STRUCT(additionalInfo JSON, action JSON, serviceName VARCHAR, detectorId VARCHAR, resourceRole VARCHAR, "
    "eventFirstSeen TIMESTAMPTZ, eventLastSeen TIMESTAMPTZ, archived BOOLEAN, count BIGINT)"
)


def _texts(names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), "VARCHAR")


VPC_DNS = {
    **_texts("version account_id region vpc_id"),
    "query_timestamp": "TIMESTAMPTZ",
    **_texts("query_name query_type query_class rcode"),
    "answers": f"{_ANSWER}[]",
    **_texts("srcaddr srcport transport"),
    "srcids": "STRUCT(instance VARCHAR, resolver_endpoint VARCHAR)",
}
WAF_WEB_ACL = {
    "action": "VARCHAR",
    "formatVersion": "SMALLINT",
    "httpRequest": f"STRUCT(args VARCHAR, clientIp VARCHAR, country VARCHAR, headers {_HEADER}[], httpMethod VARCHAR, "
    "httpVersion VARCHAR, requestId VARCHAR, uri VARCHAR)",
    **_texts("httpSourceId httpSourceName"),
    "nonTerminatingMatchingRules": f"{_RULE}[]",
    "rateBasedRuleList": "STRUCT(limitKey VARCHAR, limitValue VARCHAR, maxRateAllowed BIGINT, "
    "rateBasedRuleId VARCHAR, rateBasedRuleName VARCHAR)[]",
    "ruleGroupList": "STRUCT(excludedRules STRUCT(exclusionType VARCHAR, ruleId VARCHAR)[], "
    f"nonTerminatingMatchingRules {_RULE}[], ruleGroupId VARCHAR, terminatingRule {_RULE})[]",
    "terminatingRuleId": "VARCHAR",
    "terminatingRuleMatchDetails": _MATCH,
    "terminatingRuleType": "VARCHAR",
    "timestamp": "BIGINT",
    "webaclId": "VARCHAR",
}
GUARD_DUTY = {
    **_texts("schemaVersion accountId region partition id arn type"),
    "resource": "JSON",
    "severity": "FLOAT",
    "createdAt": "TIMESTAMPTZ",
    "updatedAt": "TIMESTAMPTZ",
    **_texts("title description"),
    "service": _SERVICE,
}
JSON_FIELDS = {"AWS.VPCDns": VPC_DNS, "AWS.WAFWebACL": WAF_WEB_ACL, "AWS.GuardDuty": GUARD_DUTY}
