"""Application Load Balancer access logs: 33 fields in recent lines, 25 to 30 in older ones, about 620 bytes a line."""

from __future__ import annotations

import time
from functools import lru_cache
from random import Random

from benchmarks.logs.frame import LINES
from benchmarks.logs.world import EPOCH_S, ODD, REGIONS, World, path

LOG_TYPE = "AWS.ALB"
FRAME = LINES
TRUTH = {
    "type": "string",
    "timestamp": "time_us",
    "elb": "string",
    "clientIp": "string",
    "clientPort": "int",
    "requestProcessingTime": "float",
    "targetProcessingTime": "float",
    "elbStatusCode": "int",
    "targetStatusCode": "int",
    "receivedBytes": "int",
    "sentBytes": "int",
    "requestHttpMethod": "string",
    "requestUrl": "string",
    "requestHttpVersion": "string",
    "userAgent": "string",
    "sslCipher": "string",
    "sslProtocol": "string",
    "targetGroupArn": "string",
    "traceId": "string",
    "domainName": "string",
    "chosenCertArn": "string",
    "matchedRulePriority": "int",
    "requestCreationTime": "time_us",
    "errorReason": "string",
    "classification": "string",
    "connTraceId": "string",
}
# Names are those of TRUTH where the field is one of its columns; `time` and `created` are their texts.
_LINE = (
    "%(type)s %(time)s %(elb)s %(clientIp)s:%(clientPort)d %(target)s "
    "%(requestProcessingTime)s %(targetProcessingTime)s %(responseProcessingTime)s "
    "%(elbStatusCode)d %(targetStatusCode)s %(receivedBytes)d %(sentBytes)d "
    '"%(requestHttpMethod)s %(requestUrl)s %(requestHttpVersion)s" "%(userAgent)s" %(sslCipher)s %(sslProtocol)s '
    '%(targetGroupArn)s "%(traceId)s" "%(domainName)s" "%(chosenCertArn)s" %(matchedRulePriority)d %(created)s '
    '"%(actions)s" "%(redirect)s" "%(errorReason)s"'
)
_NEWER = {  # what stands behind field 24, by the number of fields
    25: "",
    29: ' "%(target)s" "%(targetStatusCode)s" "%(classification)s" "-"',
    30: ' "%(target)s" "%(targetStatusCode)s" "%(classification)s" "-" %(connTraceId)s',
    33: ' "%(target)s" "%(targetStatusCode)s" "%(classification)s" "-" %(connTraceId)s "-" "-" "-"',
}
_STATUS = (200,) * 16 + (304, 302, 404, 204)
_METHODS = ("GET",) * 8 + ("POST", "PUT")
_TLS = (("TLS_AES_128_GCM_SHA256", "TLSv1.3"),) * 3 + (("ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2"),)


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    lines, rows = [], []
    draws = zip(
        random.choices(_balancers(world), k=count),
        world.clients.draw(random, count),
        world.hosts.draw(random, count),
        world.paths.draw(random, count),
        world.browsers.draw(random, count),
        random.choices(_STATUS, k=count),
        strict=True,
    )
    now_us = (EPOCH_S + number * 60) * 1_000_000
    for drawn in draws:
        now_us += int(random.random() * 60_000)
        record = _usual(random, now_us, *drawn)
        if random.random() < ODD:
            random.choice(_ODDITIES)(world, random, record)
        lines.append((_LINE + _NEWER[record["fields"]]) % record)
        rows.append(_row(record))
    return lines, rows


def _usual(random: Random, now_us: int, balancer: tuple, client: str, host: str, route: str, agent: str, status: int):
    fresh, bits = random.random, random.getrandbits
    elb, group, cert, site = balancer
    spent_us, priority, kind = int(fresh() ** 4 * 900_000), int(fresh() * 40), fresh()
    begun_us = now_us - spent_us
    record = dict(
        **dict(type="https", timestamp=now_us, time=_rfc3339(now_us), elb=elb, clientIp=client),
        **dict(clientPort=1024 + int(fresh() * 64_511), target=f"{host}:{8080 + (priority & 1)}"),
        **dict(requestProcessingTime=f"0.00{priority % 3}", targetProcessingTime=f"{spent_us / 1e6:.3f}"),
        **dict(responseProcessingTime="0.000", elbStatusCode=status, targetStatusCode=str(status)),
        **dict(receivedBytes=80 + int(fresh() * 2_000), sentBytes=200 + int(fresh() ** 4 * 400_000)),
        **dict(requestHttpMethod=_METHODS[priority % 10], requestHttpVersion="HTTP/1.1", userAgent=agent),
        **dict(targetGroupArn=group, traceId=f"Root=1-{begun_us // 1_000_000:08x}-{bits(96):024x}"),
        **dict(domainName=site, chosenCertArn=cert, matchedRulePriority=priority),
        **dict(requestCreationTime=begun_us, created=_rfc3339(begun_us)),
        **dict(actions="waf,forward" if priority & 1 else "forward", redirect="-", errorReason="-"),
        **dict(classification="Acceptable" if priority & 2 else "-", connTraceId=f"TID_{bits(128):032x}", fields=33),
    )
    record["sslCipher"], record["sslProtocol"] = _TLS[priority % 4]
    scheme = "http://%s:80%s" if kind < 0.25 else "https://%s:443%s"
    record["requestUrl"] = scheme % (site, _route(random, site, route))
    if kind < 0.25:
        record.update(type="http", domainName="-", chosenCertArn="-", sslCipher="-", sslProtocol="-")
    elif kind < 0.7:
        record.update(type="h2", requestHttpVersion="HTTP/2.0")
    if kind > 0.5:
        record["chosenCertArn"] = "session-reused"
    return record


def _route(random: Random, site: str, route: str) -> str:
    kind = random.random()
    if kind < 0.25:
        return f"{route}?id={int(kind * 1e9)}&page={int(kind * 97)}"
    if kind < 0.35:
        return f"{route}?session={random.getrandbits(64):016x}&ref=https%3A%2F%2F{site}"
    return path(random) if kind < 0.6 else route


def _no_target(_world: World, random: Random, record: dict) -> None:
    record.update(target="-", targetStatusCode="-", elbStatusCode=random.choice((502, 503, 504)))
    record.update(requestProcessingTime="-1", targetProcessingTime="-1", responseProcessingTime="-1")
    record["errorReason"] = random.choice(("-", "TargetConnectionError"))


def _no_request(world: World, random: Random, record: dict) -> None:
    """A client that spoke no HTTP: method and version are missing, the agent too."""
    _no_target(world, random, record)
    record.update(requestHttpMethod="-", requestUrl=f"http://{random.choice(world.sites.values)}:80-")
    record.update(requestHttpVersion="-", userAgent="-", elbStatusCode=400, classification="Ambiguous")


def _spaces(_world: World, _random: Random, record: dict) -> None:
    record["requestUrl"] += "?q=two words and more"


def _escapes(_world: World, random: Random, record: dict) -> None:
    record["userAgent"] = f"Kiosk \\x22Hall {random.randrange(90)}\\x22 caf\\xC3\\xA9 {record['userAgent'][:40]}"


def _ipv6(world: World, random: Random, record: dict) -> None:
    record["clientIp"] = random.choice(world.visitors_v6)


def _socket(_world: World, _random: Random, record: dict) -> None:
    record.update(type="wss", elbStatusCode=101, targetStatusCode="101")


def _redirect(_world: World, random: Random, record: dict) -> None:
    record.update(actions="waf,redirect", target="-", targetStatusCode="-", elbStatusCode=301)
    record["redirect"] = f"https://{record['elb'].split('/')[1]}.example.com:443/{random.getrandbits(40):x}"


def _older(_world: World, random: Random, record: dict) -> None:
    record["fields"] = random.choice((25, 29, 30))


_ODDITIES = (_no_target, _no_request, _spaces, _escapes, _ipv6, _socket, _redirect, _older, _older)


def _row(record: dict) -> tuple:
    values = [record[name] for name in TRUTH]
    for index, (name, kind) in enumerate(TRUTH.items()):
        if values[index] == "-":
            values[index] = None
        elif kind == "float":
            values[index] = float(values[index])
        elif name == "targetStatusCode":
            values[index] = int(values[index])
    if record["fields"] < 30:
        values[-1] = None
    if record["fields"] < 29:
        values[-2] = None
    return tuple(values)


@lru_cache(maxsize=2)
def _balancers(world: World) -> list[tuple[str, str, str, str]]:
    """(load balancer, target group, certificate, site): fixed in a world."""
    random = Random("balancers")
    balancers = []
    for site in world.sites.draw(random, 40):
        account, region = random.choice(world.accounts.values), random.choice(REGIONS)
        name, bits = site.split(".")[0], random.getrandbits
        group = f"arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{name}/{bits(64):016x}"
        ids = f"{bits(32):08x}-{bits(16):04x}-4{bits(12):03x}-a{bits(12):03x}-{bits(48):012x}"
        cert = f"arn:aws:acm:{region}:{account}:certificate/{ids}"
        balancers.append((f"app/{name}-lb/{bits(64):016x}", group, cert, site))
    return balancers


def _rfc3339(time_us: int) -> str:
    seconds, micros = divmod(time_us, 1_000_000)
    return f"{_second(seconds)}.{micros:06d}Z"


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
