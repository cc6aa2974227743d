"""CloudTrail digests: in S3 one object a file, here one a line; about 5 KB, most of it the list of log files."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from benchmarks.logs.frame import LINES
from benchmarks.logs.records import Writer, seconds
from benchmarks.logs.world import EPOCH_S, REGIONS, World

LOG_TYPE = "AWS.CloudTrailDigest"
FRAME = LINES
TRUTH = {
    "awsAccountId": "string",
    "digestStartTime": "time",
    "digestEndTime": "time",
    "digestS3Bucket": "string",
    "digestS3Object": "string",
    "newestEventTime": "time",
    "oldestEventTime": "time",
    "previousDigestS3Bucket": "string",
    "previousDigestS3Object": "string",
    "previousDigestHashValue": "string",
    "previousDigestHashAlgorithm": "string",
    "previousDigestSignature": "string",
    "digestPublicKeyFingerprint": "string",
    "digestSignatureAlgorithm": "string",
    "logFiles.s3Bucket": "string",
    "logFiles.s3Object": "string",
    "logFiles.hashValue": "string",
    "logFiles.hashAlgorithm": "string",
}
_HOUR_S = 3600


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    return _WRITER.write(world, random, _records(world, random, number, count))


def _records(world: World, random: Random, number: int, count: int) -> Iterator[dict]:
    trails = [(account, region) for account in world.accounts.values for region in REGIONS]
    for index in range(count):
        account, region = trails[index % len(trails)]
        yield _digest(random, account, region, EPOCH_S + (number * count + index) // len(trails) * _HOUR_S)


def _digest(random: Random, account: str, region: str, begun_s: int) -> dict:
    ended_s, bits = begun_s + _HOUR_S, random.getrandbits
    bucket = f"trail-{account}"
    files = [_file(random, bucket, account, region, begun_s) for _ in range(int(random.random() ** 2 * 32))]
    return {
        "awsAccountId": account,
        "digestStartTime": seconds(begun_s),
        "digestEndTime": seconds(ended_s),
        "digestS3Bucket": bucket,
        "digestS3Object": _key(account, region, "CloudTrail-Digest", ended_s),
        "digestPublicKeyFingerprint": f"{int(account):032x}",
        "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": files[-1]["newestEventTime"] if files else None,
        "oldestEventTime": files[0]["oldestEventTime"] if files else None,
        "previousDigestS3Bucket": bucket,
        "previousDigestS3Object": _key(account, region, "CloudTrail-Digest", begun_s),
        "previousDigestHashValue": f"{bits(256):064x}",
        "previousDigestHashAlgorithm": "SHA-256",
        "previousDigestSignature": f"{bits(2048):0512x}",
        "logFiles": files,
    }


def _file(random: Random, bucket: str, account: str, region: str, begun_s: int) -> dict:
    oldest_s = begun_s + random.randrange(_HOUR_S - 300)
    return {
        "s3Bucket": bucket,
        "s3Object": _key(account, region, "CloudTrail", oldest_s, f"_{random.getrandbits(80):020x}"),
        "hashValue": f"{random.getrandbits(256):064x}",
        "hashAlgorithm": "SHA-256",
        "newestEventTime": seconds(oldest_s + random.randrange(300)),
        "oldestEventTime": seconds(oldest_s),
    }


def _key(account: str, region: str, kind: str, time_s: int, more: str = "") -> str:
    text = seconds(time_s)
    day, stamp = text[:10].replace("-", "/"), text.replace("-", "").replace(":", "")
    return f"AWSLogs/{account}/{kind}/{region}/{day}/{account}_{kind}_{region}_trail_{stamp}{more}.json.gz"


# ---------------------------------------------------------------- odd records


def _first(_world: World, _random: Random, record: dict) -> None:
    """The first digest of a trail knows no other."""
    record.update({name: None for name in record if name.startswith("previous")})
    record.update(logFiles=[], newestEventTime=None, oldestEventTime=None)


def _upper(_world: World, _random: Random, record: dict) -> None:
    record["previousDigestHashValue"] = record["previousDigestHashValue"].upper()


def _newer(_world: World, _random: Random, record: dict) -> None:
    record.update(digestVersion={"major": 2, "notes": ["é", None]}, digestS3Object='AWSLogs/o-1/\\"x".json.gz')


def _fraction(_world: World, _random: Random, record: dict) -> None:
    record["digestEndTime"] = record["digestEndTime"].replace("Z", ".000Z")


_WRITER = Writer(TRUTH, changes=(_first, _first, _upper, _newer), spellings=(_fraction,))
