"""AWS WAF web ACL logs of load balancers and a distribution: one object a line, about 2 KB."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from random import Random

from benchmarks.logs.frame import LINES
from benchmarks.logs.records import Writer
from benchmarks.logs.world import EPOCH_S, REGIONS, Pool, World, path

LOG_TYPE = "AWS.WAFWebACL"
FRAME = LINES
TRUTH = {
    "action": "string",
    "formatVersion": "int",
    "httpRequest.args": "string",
    "httpRequest.clientIp": "string",
    "httpRequest.country": "string",
    "httpRequest.headers.name": "string",
    "httpRequest.headers.value": "string",
    "httpRequest.httpMethod": "string",
    "httpRequest.httpVersion": "string",
    "httpRequest.requestId": "string",
    "httpRequest.uri": "string",
    "httpSourceId": "string",
    "httpSourceName": "string",
    "nonTerminatingMatchingRules.ruleId": "string",
    "nonTerminatingMatchingRules.action": "string",
    "nonTerminatingMatchingRules.ruleMatchDetails.matchedData": "string",
    "rateBasedRuleList.limitKey": "string",
    "rateBasedRuleList.maxRateAllowed": "string",
    "ruleGroupList.ruleGroupId": "string",
    "ruleGroupList.terminatingRule.ruleId": "string",
    "ruleGroupList.excludedRules.ruleId": "string",
    "terminatingRuleId": "string",
    "terminatingRuleMatchDetails.conditionType": "string",
    "terminatingRuleType": "string",
    "timestamp": "time_ms",
    "webaclId": "string",
    "labels.name": "string",
    "requestHeadersInserted.name": "string",
    "responseCodeSent": "int",
    "ja3Fingerprint": "string",
}
_METHODS = ("GET",) * 8 + ("POST", "HEAD")
_COUNTRIES = Pool(("DE", "US", "FR", "GB", "NL", "IN", "BR", "JP", "PL", "SE", "-"), 0.9)
_LANGUAGES = ("en-US,en;q=0.9", "de-DE,de;q=0.9,en;q=0.8", "fr,en-US;q=0.7,en;q=0.3", "*")
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
_GROUPS = ("CommonRuleSet", "KnownBadInputsRuleSet", "AmazonIpReputationList", "SQLiRuleSet", "BotControlRuleSet")
_COUNTED = ("NoUserAgent_HEADER", "SizeRestrictions_BODY", "CategoryHttpLibrary", "SignalNonBrowserUserAgent")


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    return _WRITER.write(world, random, _records(world, random, number, count))


def _records(world: World, random: Random, number: int, count: int) -> Iterator[dict]:
    draws = zip(
        random.choices(_acls(world), k=count),
        world.clients.draw(random, count),
        world.sites.draw(random, count),
        world.paths.draw(random, count),
        world.browsers.draw(random, count),
        _COUNTRIES.draw(random, count),
        strict=True,
    )
    now_ms = (EPOCH_S + number * 60) * 1000
    for acl, client, site, route, agent, country in draws:
        now_ms += int(random.random() * 60)
        request = _request(random, acl, client, site, route, agent, country, now_ms)
        yield _record(random, acl, request, now_ms)


def _request(random: Random, acl: dict, client: str, site: str, route: str, agent: str, country: str, now_ms: int):
    bits = random.getrandbits
    headers = [{"name": "Host", "value": site}, {"name": "User-Agent", "value": agent}]
    headers += [{"name": "Accept", "value": _ACCEPT}, {"name": "Accept-Language", "value": _LANGUAGES[bits(2)]}]
    headers.append({"name": "Accept-Encoding", "value": "gzip, deflate, br"})
    if bits(2):
        headers.append({"name": "Referer", "value": f"https://{site}{route}"})
    if bits(1):
        cookie = f"session={bits(128):032x}; consent=1; _id=GA1.2.{bits(30)}.{now_ms // 1000}; theme=dark"
        headers.append({"name": "Cookie", "value": cookie})
    headers += [{"name": "X-Forwarded-For", "value": client}, {"name": "Connection", "value": "keep-alive"}]
    args = f"id={bits(30)}&page={bits(6)}&q=two%20words" if bits(2) == 0 else ""
    trace = f"1-{now_ms // 1000:08x}-{bits(96):024x}"
    return {
        "clientIp": client,
        "country": country,
        "headers": headers,
        "uri": route if bits(1) else path(random),
        "args": args,
        "httpVersion": "HTTP/2.0" if bits(2) else "HTTP/1.1",
        "httpMethod": random.choice(_METHODS),
        "requestId": trace if acl["httpSourceName"] == "ALB" else f"{bits(256):064x}==",
    }


def _record(random: Random, acl: dict, request: dict, now_ms: int) -> dict:
    blocked = random.random() < 0.06
    groups = [
        {"ruleGroupId": group, "terminatingRule": None, "nonTerminatingMatchingRules": [], "excludedRules": None}
        for group in acl["groups"]
    ]
    record = {
        "timestamp": now_ms,
        "formatVersion": 1,
        "webaclId": acl["webaclId"],
        "terminatingRuleId": "Default_Action",
        "terminatingRuleType": "REGULAR",
        "action": "ALLOW",
        "terminatingRuleMatchDetails": [],
        "httpSourceName": acl["httpSourceName"],
        "httpSourceId": acl["httpSourceId"],
        "ruleGroupList": groups,
        "rateBasedRuleList": [],
        "nonTerminatingMatchingRules": [],
        "requestHeadersInserted": None,
        "responseCodeSent": None,
        "httpRequest": request,
    }
    if blocked:
        _block(random, record)
    if random.random() < 0.12:
        rule = {"ruleId": random.choice(_COUNTED), "action": "COUNT", "ruleMatchDetails": []}
        groups[-1]["nonTerminatingMatchingRules"] = [rule]
        record["nonTerminatingMatchingRules"] = [{**rule, "ruleId": f"count-{rule['ruleId']}"}]
        record["labels"] = [{"name": f"awswaf:managed:aws:core-rule-set:{rule['ruleId']}"}]
    if acl["httpSourceName"] == "CF":
        record["ja3Fingerprint"] = f"{random.getrandbits(20):05x}{acl['ja3']}"
    return record


def _block(random: Random, record: dict) -> None:
    kind = random.random()
    record["action"] = "BLOCK"
    if kind < 0.5:
        group = record["ruleGroupList"][0]
        data = {"conditionType": "SQL_INJECTION", "location": "ALL_QUERY_ARGS"}
        data["matchedData"] = random.choice((["id", "1", "or"], ["union", "select"], ["\u0000'", "--"]))
        rule = {"ruleId": "SQLi_QUERYARGUMENTS", "action": "BLOCK", "ruleMatchDetails": [data]}
        group["terminatingRule"] = rule
        record.update(terminatingRuleId="core", terminatingRuleType="MANAGED_RULE_GROUP")
        record["terminatingRuleMatchDetails"] = [data]
    else:
        name, limit = f"rate-{random.getrandbits(2)}", random.choice((100, 500, 2000))
        rate = {"rateBasedRuleId": f"arn:aws:wafv2:rule/{name}", "rateBasedRuleName": name, "limitKey": "IP"}
        rate |= {"maxRateAllowed": limit, "evaluationWindowSec": 300}
        record["rateBasedRuleList"] = [{**rate, "limitValue": record["httpRequest"]["clientIp"]}]
        record.update(terminatingRuleId=name, terminatingRuleType="RATE_BASED")


@lru_cache(maxsize=2)
def _acls(world: World) -> list[dict]:
    random = Random("acls")
    acls = []
    for index, account in enumerate(world.accounts.draw(random, 12)):
        name, bits, region = random.choice(world.sites.values).split(".")[0], random.getrandbits, random.choice(REGIONS)
        where = (
            f"arn:aws:wafv2:us-east-1:{account}:global" if index < 3 else f"arn:aws:wafv2:{region}:{account}:regional"
        )
        balancer = f"{account}-app/{name}-lb/{bits(64):016x}"
        acls.append(
            {
                "webaclId": f"{where}/webacl/{name}-acl/{bits(32):08x}-1b2c-4d3e-8f90-{bits(48):012x}",
                "httpSourceName": "CF" if index < 3 else "ALB",
                "httpSourceId": f"E{bits(52):013X}" if index < 3 else balancer,
                "groups": [f"AWS#AWSManagedRules{group}" for group in _GROUPS[: 2 + index % 4]],
                "ja3": f"{bits(108):027x}",
            }
        )
    return acls


# ---------------------------------------------------------------- odd records: other values


def _ipv6(world: World, random: Random, record: dict) -> None:
    record["httpRequest"]["clientIp"] = random.choice(world.visitors_v6)


def _attack(_world: World, random: Random, record: dict) -> None:
    texts = (
        'q=<script>alert("x")</script>',
        "id=1' OR '1'='1'; DROP TABLE users --",
        "p=..\\..\\windows\u0000",
        "q=é漢😀",
    )
    record["httpRequest"]["args"] = random.choice(texts)
    record["httpRequest"]["headers"].append({"name": "x-empty", "value": ""})


def _little(_world: World, _random: Random, record: dict) -> None:
    request = {"clientIp": record["httpRequest"]["clientIp"]}
    kept = ("timestamp", "webaclId", "terminatingRuleId", "action", "httpSourceId")
    members = {name: record[name] for name in kept}
    record.clear()
    record.update(members, httpRequest=request)


def _excluded(_world: World, _random: Random, record: dict) -> None:
    record["ruleGroupList"][0]["excludedRules"] = [
        {"exclusionType": "EXCLUDED_AS_COUNT", "ruleId": "GenericRFI_BODY"},
        {"exclusionType": None, "ruleId": "CrossSiteScripting_COOKIE"},
    ]


def _captcha(_world: World, random: Random, record: dict) -> None:
    record.update(action="CAPTCHA", responseCodeSent=405, requestHeadersInserted=[{"name": "x-waf", "value": "1"}])
    record["captchaResponse"] = {"responseCode": 405, "solveTimestamp": None, "failureReason": "TOKEN_MISSING"}
    record["oversizeFields"] = ["REQUEST_BODY"] if random.random() < 0.5 else []


def _newer(_world: World, random: Random, record: dict) -> None:
    record.update(clientAsn=random.randrange(1, 400_000), ja4Fingerprint="t13d1516h2_8daaf6152771_02713d6af862")
    record["httpRequest"].update(fragment="", scheme="https", host="www.example.com")
    record["futureMember"] = [{"a": [1.5, None, {}]}]


def _long(_world: World, random: Random, record: dict) -> None:
    cookie = "; ".join(f"k{index}={random.getrandbits(128):032x}" for index in range(300))
    record["httpRequest"]["headers"].append({"name": "cookie", "value": cookie})


# ---------------------------------------------------------------- the same values, spelled otherwise


def _text_numbers(_world: World, _random: Random, record: dict) -> None:
    record.update(timestamp=str(record["timestamp"]), formatVersion="1")
    for rate in record["rateBasedRuleList"]:
        rate["maxRateAllowed"] = str(rate["maxRateAllowed"])


def _nulls(_world: World, _random: Random, record: dict) -> None:
    record.update(labels=record.get("labels"), captchaResponse=None, oversizeFields=None)


_WRITER = Writer(
    TRUTH,
    changes=(_ipv6, _ipv6, _attack, _attack, _little, _excluded, _captcha, _newer, _long),
    spellings=(_text_numbers, _nulls),
)
