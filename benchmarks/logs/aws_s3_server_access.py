"""S3 server access logs: 24 to 27 fields in recent lines, 18 or 19 in old ones, about 630 bytes a line."""

from __future__ import annotations

import time
from base64 import b64encode
from functools import lru_cache
from random import Random

from benchmarks.logs.frame import LINES
from benchmarks.logs.world import EPOCH_S, ODD, REGIONS, WORDS, Pool, World

LOG_TYPE = "AWS.S3ServerAccess"
FRAME = LINES
TRUTH = {
    "bucketowner": "string",
    "bucket": "string",
    "time": "time_s",
    "remoteip": "string",
    "requester": "string",
    "requestid": "string",
    "operation": "string",
    "key": "string",
    "requesturi": "string",
    "httpstatus": "int",
    "errorcode": "string",
    "bytessent": "int",
    "objectsize": "int",
    "totaltime": "int",
    "turnaroundtime": "int",
    "referrer": "string",
    "useragent": "string",
    "versionid": "string",
    "hostid": "string",
    "signatureversion": "string",
    "ciphersuite": "string",
    "authenticationtype": "string",
    "hostheader": "string",
    "tlsVersion": "string",
}
_NAMES = tuple(TRUTH)
_OPERATIONS = ("REST.GET.OBJECT",) * 6 + ("REST.HEAD.OBJECT", "REST.PUT.OBJECT", "REST.PUT.PART", "REST.GET.BUCKET")
_MORE = ("- -",) * 5 + ("- Yes", "", "- - {region}", "{accesspoint} Yes", "{accesspoint} - {region}")


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    lines, rows = [], []
    draws = zip(
        random.choices(_buckets(world), k=count),
        _addresses(world).draw(random, count),
        _requesters(world).draw(random, count),
        _agents(world).draw(random, count),
        random.choices(_OPERATIONS, k=count),
        random.choices(_MORE, k=count),
        strict=True,
    )
    now_s = EPOCH_S + number * 20
    for drawn in draws:
        record = _usual(random, now_s + int(random.random() * 20), *drawn)
        if random.random() < ODD:
            random.choice(_ODDITIES)(world, random, record)
        lines.append(_line(record))
        rows.append(tuple([record[name] for name in _NAMES]))
    return lines, rows


def _usual(random: Random, now_s: int, bucket: tuple, client: str, who: str, agent: str, what: str, more: str) -> dict:
    fresh, bits = random.random, random.getrandbits
    owner, account, region, name = bucket
    key, size = _key(random, now_s), 200 + int(fresh() ** 5 * 90_000_000)
    verb, spent = what.split(".")[1], 5 + int(fresh() ** 4 * 900)
    listing, writing = what == "REST.GET.BUCKET", verb == "PUT"
    uri = f"GET /?list-type=2&prefix={key.rpartition('/')[0]}%2F" if listing else f"{verb} /{key}"
    cipher, version = _TLS[spent & 3]
    record = dict(
        **dict(bucketowner=owner, bucket=name, time=now_s, remoteip=client, requester=who % account),
        **dict(requestid=f"{bits(64):016X}", operation=what, key=None if listing else key),
        **dict(requesturi=f"{uri} HTTP/1.1", httpstatus=200, errorcode=None, bytessent=None if writing else size),
        **dict(objectsize=None if listing else size, totaltime=spent, turnaroundtime=None if writing else spent - 1),
        **dict(
            referrer=None, useragent=agent, versionid=None, hostid=b64encode(bits(448).to_bytes(56, "big")).decode()
        ),
        **dict(signatureversion="SigV4", ciphersuite=cipher, tlsVersion=version),
        **dict(authenticationtype="QueryString" if size & 15 == 0 else "AuthHeader"),
        **dict(hostheader=f"{name}.s3.{region}.amazonaws.com", fields=24),
        more=more.format(region=region, accesspoint=f"arn:aws:s3:{region}:{account}:accesspoint/{name}-ap"),
    )
    if not writing and fresh() < 0.03:
        record.update(httpstatus=404, errorcode="NoSuchKey", bytessent=312, objectsize=None)
    return record


_TLS = (("ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2"),) + (("TLS_AES_128_GCM_SHA256", "TLSv1.3"),) * 3


def _line(record: dict) -> str:
    """The record as S3 writes it: `-` for what is missing, three fields in quotes whatever stands in them."""
    text = {name: "-" if value is None else str(value) for name, value in record.items()}
    text["time"] = _clf(record["time"])
    for name in ("requesturi", "referrer", "useragent"):
        text[name] = f'"{text[name]}"'
    line = " ".join([text[name] for name in _NAMES[: record["fields"]]])
    return f"{line} {record['more']}" if record["more"] else line


def _key(random: Random, now_s: int) -> str:
    first, second = random.choice(WORDS), random.choice(WORDS)
    kind, bits = random.random(), random.getrandbits
    if kind < 0.5:
        return f"{first}/{second}/year%3D2024/day%3D{now_s // 86400 % 365}/part-{bits(16):05d}-{bits(48):012x}.parquet"
    if kind < 0.8:
        return f"{first}/{second}/{bits(64):016x}.json.gz"
    return f"{first}/{second}-{bits(24)}.jpg"


def _quotes(_world: World, random: Random, record: dict) -> None:
    """S3 does not escape a quote in a user agent: what follows must not move by a field."""
    record["useragent"] = random.choice(('sync "nightly" 2.1', 'job "a" and "b"/1.0', '"quoted"', 'tool 3" disk'))


def _old(_world: World, random: Random, record: dict) -> None:
    record.update(fields=random.choice((18, 19)), more="")
    for name in _NAMES[record["fields"] :]:
        record[name] = None


def _lifecycle(_world: World, random: Random, record: dict) -> None:
    what = random.choice(("S3.EXPIRE.OBJECT", "S3.TRANSITION_SIA.OBJECT", "BATCH.DELETE.OBJECT"))
    for name in (*_NAMES[8:15], "remoteip", "useragent", *_NAMES[19:]):
        record[name] = None
    record.update(requester="AmazonS3", operation=what, key=f"old/{record['requestid'].lower()}")
    record.update(objectsize=random.randrange(10**9, 9 * 10**9), more="- -")


def _denied(_world: World, _random: Random, record: dict) -> None:
    record.update(requester=None, httpstatus=403, errorcode="AccessDenied", bytessent=243, objectsize=None)
    record.update(signatureversion=None, authenticationtype=None)


def _browser(world: World, random: Random, record: dict) -> None:
    record["useragent"] = random.choice(world.browsers.values)
    record["referrer"] = f"https://{random.choice(world.sites.values)}/{random.choice(WORDS)}?x=1"


def _ipv6(world: World, random: Random, record: dict) -> None:
    record["remoteip"] = random.choice(world.visitors_v6)


def _encoded(_world: World, random: Random, record: dict) -> None:
    """A key with a space: encoded twice as key, and raw in the request when the client was sloppy."""
    name = f"{random.choice(WORDS)}/my%20file{random.randrange(999)}.txt"
    record.update(key=name.replace("%", "%25"), operation="REST.GET.OBJECT")
    record["versionid"] = f"{random.getrandbits(160):040x}"
    record["requesturi"] = f"GET /{name.replace('%20', ' ') if random.random() < 0.5 else name} HTTP/1.1"


_ODDITIES = (_quotes, _quotes, _old, _lifecycle, _denied, _browser, _ipv6, _encoded)


@lru_cache(maxsize=2)
def _buckets(world: World) -> list[tuple[str, str, str, str]]:
    """(owner, account, region, bucket): fixed in a world."""
    random = Random("buckets")
    buckets = []
    for account in world.accounts.draw(random, 30):
        owner = f"{Random(account).getrandbits(256):064x}"
        name = f"{random.choice(WORDS)}-{random.choice(('logs', 'data', 'media'))}-{random.randrange(100)}"
        buckets.append((owner, account, random.choice(REGIONS), name))
    return buckets


@lru_cache(maxsize=2)
def _addresses(world: World) -> Pool:
    """Most readers of a bucket are machines of the same company."""
    return Pool([value for pair in zip(world.hosts.values, world.clients.values, strict=False) for value in pair], 0.7)


@lru_cache(maxsize=2)
def _requesters(_world: World) -> Pool:
    random = Random("requesters")
    names = []
    for _ in range(300):
        role, session = random.choice(WORDS).title(), f"{random.choice(WORDS)}-{random.getrandbits(32):08x}"
        kind = random.random()
        if kind < 0.75:
            names.append(f"arn:aws:sts::%s:assumed-role/{role}ServiceRole/{session}")
        else:
            names.append(f"arn:aws:iam::%s:user/{random.choice(WORDS)}.{random.choice(WORDS)}")
    return Pool(names)


@lru_cache(maxsize=2)
def _agents(_world: World) -> Pool:
    random = Random("agents")
    return Pool([random.choice(_SDKS).format(a=random.randrange(30), b=random.randrange(9)) for _ in range(300)], 0.8)


_SDKS = (
    "aws-cli/2.15.{a} Python/3.11.{b} Linux/5.10.2{a:02d}-19{b}.amzn2.x86_64 exe/x86_64.amzn.2 command/s3.cp",
    "Boto3/1.34.{a} md/Botocore#1.34.{a} ua/2.0 os/linux#6.1.{a} md/arch#x86_64 lang/python#3.11.{b} cfg/retry#legacy",
    "aws-sdk-java/2.25.{a} Linux/5.10.2{a:02d} OpenJDK_64-Bit_Server_VM/17.0.{b}+9-LTS Java/17.0.{b} http/Apache",
    "[Hadoop 3.3.{b}, aws-sdk-java/1.12.{a} Linux/4.14.3{a:02d} OpenJDK_64-Bit_Server_VM/25.{b}-b08 java/1.8_{a}]",
    "S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.{a}",
)


@lru_cache(maxsize=4096)
def _clf(time_s: int) -> str:
    return time.strftime("[%d/%b/%Y:%H:%M:%S +0000]", time.gmtime(time_s))
