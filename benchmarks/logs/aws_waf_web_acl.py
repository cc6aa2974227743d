"""Web ACL traffic logs: NDJSON, about 1.8 kB a request, half of it the request's headers."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from benchmarks.logs.world import (
    EPOCH_S,
    LINES,
    ODD,
    REGIONS,
    WORDS,
    Pool,
    World,
    as_ascii_json,
    as_json,
    token,
    uuid,
)

LOG_TYPE = "AWS.WAFWebACL"
SHAPE = LINES
TRUTH = {
    "timestamp": "time_us",
    "formatVersion": "int",
    "webaclId": "string",
    "terminatingRuleId": "string",
    "terminatingRuleType": "string",
    "action": "string",
    "httpSourceName": "string",
    "httpSourceId": "string",
    "httpRequest.clientIp": "string",
    "httpRequest.country": "string",
    "httpRequest.uri": "string",
    "httpRequest.args": "string",
    "httpRequest.httpVersion": "string",
    "httpRequest.httpMethod": "string",
    "httpRequest.requestId": "string",
    "ja3Fingerprint": "string",
    "responseCodeSent": "int",
}
_METHODS = ("GET",) * 8 + ("POST", "PUT")
_COUNTRIES = ("DE", "US", "FR", "GB", "NL", "BR", "IN", "JP")
_GROUPS = ("CommonRuleSet", "KnownBadInputsRuleSet", "AmazonIpReputationList", "SQLiRuleSet", "BotControlRuleSet")


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    texts, rows = [], []
    draws = zip(
        _acls(world).draw(random, count),
        world.clients.draw(random, count),
        world.sites.draw(random, count),
        world.paths.draw(random, count),
        world.browsers.draw(random, count),
        strict=True,
    )
    now_ms = (EPOCH_S + number * 60) * 1_000
    for drawn in draws:
        now_ms += int(random.random() * 60)
        record, write = _usual(random, now_ms, *drawn), as_json
        if random.random() < ODD:
            write = random.choice(_ODDITIES)(world, random, record) or as_json
        texts.append(write(record))
        rows.append(_row(record, now_ms))
    return texts, rows


def _usual(random: Random, now_ms: int, acl: tuple, client: str, site: str, path: str, agent: str) -> dict:
    web_acl, source, groups = acl
    fresh = random.random
    labels = [{"name": f"awswaf:clientip:geo:country:{_COUNTRIES[int(fresh() * 8)]}"}]
    if fresh() < 0.4:
        labels.append({"name": f"awswaf:managed:token:{random.choice(('absent', 'accepted'))}"})
    kind = fresh()
    record = {
        "timestamp": now_ms,
        "formatVersion": 1,
        "webaclId": web_acl,
        "terminatingRuleId": "Default_Action",
        "terminatingRuleType": "REGULAR",
        "action": "ALLOW",
        "terminatingRuleMatchDetails": [],
        "httpSourceName": "ALB",
        "httpSourceId": source,
        "ruleGroupList": groups,
        "rateBasedRuleList": [],
        "nonTerminatingMatchingRules": [],
        "requestHeadersInserted": None,
        "responseCodeSent": None,
        "httpRequest": {
            "clientIp": client,
            "country": random.choice(_COUNTRIES),
            "headers": _headers(random, site, agent),
            "uri": path,
            "args": f"id={int(fresh() * 1e9)}&page={int(kind * 97)}" if kind < 0.4 else "",
            "httpVersion": "HTTP/2.0",
            "httpMethod": _METHODS[int(fresh() * 10)],
            "requestId": f"1-{now_ms // 1000:08x}-{random.getrandbits(96):024x}",
            "fragment": "",
            "scheme": "https",
            "host": site,
        },
        "labels": labels,
        "ja3Fingerprint": f"{random.getrandbits(128):032x}",
        "requestBodySize": int(fresh() ** 4 * 20_000),
        "requestBodySizeInspectedByWAF": int(fresh() ** 4 * 8_000),
    }
    if kind > 0.93:
        _block(random, record)
    return record


def _headers(random: Random, site: str, agent: str) -> list[dict]:
    headers = [
        {"name": "host", "value": site},
        {"name": "user-agent", "value": agent},
        {"name": "accept", "value": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
        {"name": "accept-language", "value": "en-US,en;q=0.5"},
        {"name": "accept-encoding", "value": "gzip, deflate, br"},
        {"name": "cookie", "value": f"session={random.getrandbits(128):032x}; theme={random.choice(WORDS)}"},
        {"name": "referer", "value": f"https://{site}/{random.choice(WORDS)}"},
    ]
    return headers[: random.randrange(4, 8)]


def _block(random: Random, record: dict) -> None:
    rule = f"{random.choice(WORDS)}-{random.choice(('rate', 'geo', 'sqli'))}"
    record.update(action="BLOCK", terminatingRuleId=rule, terminatingRuleType="RATE_BASED", responseCodeSent=403)
    record["rateBasedRuleList"] = [
        {
            "rateBasedRuleId": f"arn:aws:wafv2:rate/{uuid(random)}",
            "rateBasedRuleName": rule,
            "limitKey": "IP",
            "maxRateAllowed": 1000,
            "evaluationWindowSec": "300",
            "limitValue": record["httpRequest"]["clientIp"],
        }
    ]


def _row(record: dict, now_ms: int) -> tuple:
    values = []
    for name in TRUTH:
        value: object = record
        for step in name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        values.append(now_ms * 1000 if name == "timestamp" else value)
    return tuple(values)


@lru_cache(maxsize=2)
def _acls(world: World) -> Pool:
    """(web ACL, what it protects, its rule groups): fixed in a world."""
    random = Random("acls")
    acls = []
    for _ in range(12):
        account, region, name = random.choice(world.accounts.values), random.choice(REGIONS), random.choice(WORDS)
        web_acl = f"arn:aws:wafv2:{region}:{account}:regional/webacl/{name}/{uuid(random)}"
        groups = [
            {
                "ruleGroupId": f"AWS#AWSManagedRules{group}",
                "terminatingRule": None,
                "nonTerminatingMatchingRules": [],
                "excludedRules": None,
                "customerConfig": None,
            }
            for group in random.sample(_GROUPS, 2)
        ]
        acls.append((web_acl, f"{account}:app/{name}-lb/{random.getrandbits(64):016x}", groups))
    return Pool(acls)


# ------------------------------------------------------------ odd but valid


def _injection(_world: World, random: Random, record: dict) -> None:
    _block(random, record)
    detail = {"conditionType": "SQL_INJECTION", "location": "QUERY_STRING", "matchedData": ["1", "OR", '"1"="1"']}
    record.update(terminatingRuleType="REGULAR", terminatingRuleMatchDetails=[detail])
    record["httpRequest"]["args"] = 'q=1\' OR "1"="1" --'


def _unicode(_world: World, random: Random, record: dict):
    record["httpRequest"]["uri"] = f"/größe/東京/{random.choice(WORDS)}"
    return as_ascii_json


def _ipv6(world: World, random: Random, record: dict) -> None:
    record["httpRequest"]["clientIp"] = random.choice(world.visitors_v6)


def _counted(_world: World, random: Random, record: dict) -> None:
    rule = {"ruleId": random.choice(WORDS), "action": "COUNT", "ruleMatchDetails": []}
    record["ruleGroupList"] = [{**group, "nonTerminatingMatchingRules": [rule]} for group in record["ruleGroupList"]]


def _captcha(_world: World, _random: Random, record: dict) -> None:
    record.update(action="CAPTCHA", responseCodeSent=405)
    record["captchaResponse"] = {"responseCode": 405, "solveTimestamp": 0, "failureReason": "TOKEN_MISSING"}


def _newer(_world: World, random: Random, record: dict) -> None:
    record["ja4Fingerprint"] = f"t13d1516h2_{random.getrandbits(48):012x}_{random.getrandbits(48):012x}"
    record["tokenLabels"] = [token(random, 12)]


_ODDITIES = (_injection, _unicode, _ipv6, _counted, _captcha, _newer)
