"""A seed -> a bucket from hell: a folder of some hundred files, and for each what reading it must give.

The truth comes from how a file was put together (`bucket_records.py`, `bucket_framings.py`,
`bucket_files.py`), never from the engine.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

import bucket_files as files
import bucket_strangers as strangers
from bucket_files import Made
from bucket_framings import ANY, CUTTABLE, JSON
from bucket_records import ALB, ALL_TYPES, AURORA, JSON_LOG_TYPES, S3, VPC, Record, broken, faulty, pool

ACCOUNT = "210987654321"
DAY = "2024/05/02"
ODD_NAMES = [
    "with blank s.log", "caf\u00e9 \U0001f600.log", "new\nline.log", "quote'\"`$(x);&.log", "%41%2F.log", "[a-z]*?.log",
    "{a,b}.json", "-q", "--help", "~", "#", "a=b", "b" * 251 + ".log", "tab\there", "nul", "x.gz", "x.parquet",
]  # fmt: skip


@dataclass
class File:
    """One file of the bucket. `name` as messages have it, `kind` for who reads a failing test."""

    name: str
    kind: str
    made: Made | None = None  # None: the file cannot be read
    ignored: bool = False  # by its name: no input at all when its folder is read

    @property
    def rows(self) -> Counter[str]:
        records = [placed.record for placed in self.made.found] if self.made and not self.ignored else []
        return Counter(record.log_type for record in records if record.reason is None)

    @property
    def rejected(self) -> Counter[str]:
        records = [placed.record for placed in self.made.found] if self.made and not self.ignored else []
        return Counter(record.reason for record in records if record.reason is not None)


@dataclass
class Bucket:
    """A folder and its files by name."""

    folder: Path
    files: dict[str, File] = field(default_factory=dict)

    @property
    def failing(self) -> list[File]:
        return [file for file in self.files.values() if file.made is None]


def build(folder: Path, seed: int) -> Bucket:
    """Write the bucket of this seed into a new folder."""
    bucket, rng, number = Bucket(folder), Random(f"bucket {seed}"), count()
    for kind, log_type, made in everything(seed, rng):
        put(bucket, key(log_type, rng, next(number)), kind, made)
    for number, name in enumerate(ODD_NAMES):
        log_type = ALL_TYPES[number % len(ALL_TYPES)]
        put(bucket, f"odd names/{name}", "odd name", files.plain(ANY["lines"](some(log_type, seed, rng), rng)))
    for name, made in strangers.ignored().items():
        put(bucket, f"{rng.choice('abc')}/{name}", "ignored", made, ignored=True)
    unreadable(bucket)
    return bucket


def put(bucket: Bucket, name: str, kind: str, made: Made, *, ignored: bool = False) -> None:
    path = bucket.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    assert not path.exists(), name
    path.write_bytes(made.stored)
    bucket.files[str(path)] = File(str(path), kind, made, ignored)


def unreadable(bucket: Bucket) -> None:
    """What is named in the folder and cannot be read."""
    if sys.platform == "win32":
        return
    link = bucket.folder / "dangling.log"
    link.symlink_to("nowhere")
    bucket.files[str(link)] = File(str(link), "dangling link")
    if os.geteuid() != 0:
        secret = bucket.folder / "secret.log"
        secret.touch(mode=0)
        bucket.files[str(secret)] = File(str(secret), "no permission")


def some(log_type: str, seed: int, rng: Random, least: int = 5) -> list[Record]:
    return rng.sample(pool(log_type, seed), rng.randint(least, least + 4))


def all_bad(log_type: str) -> list[Record]:
    return faulty(log_type) + (broken(log_type) if log_type in JSON_LOG_TYPES else [])


def with_bad(records: list[Record], bad: list[Record]) -> list[Record]:
    """The records, a bad one behind each of the first."""
    mixed = list(records)
    for place, record in enumerate(bad):
        mixed.insert(2 * place + 1, record)
    return mixed


Entry = tuple[str, str, Made]  # what it is, the log type whose key it has, and the file


def everything(seed: int, rng: Random) -> Iterator[Entry]:
    yield from every_framing(seed, rng)
    yield from every_layer(seed, rng)
    yield from every_cut(seed, rng)
    yield from files.flow_logs(seed, rng)
    yield from files.mixed(seed, rng)
    yield from strangers.no_records(rng)
    yield from strangers.not_ours(rng)


def every_framing(seed: int, rng: Random) -> Iterator[Entry]:
    """Of each type, without and with bad records; compressed in any way."""
    for log_type in ALL_TYPES:
        framings = {**ANY, **JSON} if log_type in JSON_LOG_TYPES else ANY
        for name, frame in framings.items():
            records = some(log_type, seed, rng)
            bad = rng.random() < 0.6
            content = frame(with_bad(records, rng.sample(all_bad(log_type), 3)) if bad else records, rng)
            layer = rng.choice(list(files.LAYERS))
            yield f"{name}, {layer}" + (", bad records" if bad else ""), log_type, files.LAYERS[layer](content, rng)
        every = with_bad(pool(log_type, seed), all_bad(log_type))
        yield "every fault", log_type, files.plain(ANY["lines"](every, rng))
        if log_type in JSON_LOG_TYPES:
            yield "pretty-printed", log_type, files.pretty(log_type, seed, rng)


def every_layer(seed: int, rng: Random) -> Iterator[Entry]:
    """Of each type in each compression; lines or NDJSON."""
    for log_type in ALL_TYPES:
        for name, layer in {**files.LAYERS, **files.BROKEN_LAYERS}.items():
            yield name, log_type, layer(ANY["lines"](some(log_type, seed, rng), rng), rng)
        for name, layer in rng.sample(sorted(files.OTHER_LAYERS.items()), 2):
            yield name, log_type, layer(ANY["lines"](some(log_type, seed, rng), rng), rng)


def every_cut(seed: int, rng: Random) -> Iterator[Entry]:
    """Cut at a random byte: JSON, lines, and what gzip gives of either."""
    for log_type in ALL_TYPES:
        records = some(log_type, seed, rng)
        if log_type not in JSON_LOG_TYPES:
            yield "cut line", log_type, files.cut_line(log_type, records, rng)
            continue
        for name, frame in CUTTABLE.items():
            yield f"cut {name}", log_type, files.cut_json(frame(records, rng), rng)
            yield f"cut gzip of {name}", log_type, files.BROKEN_LAYERS["cut gzip"](frame(records, rng), rng)


def key(log_type: str, rng: Random, number: int) -> str:
    """An object's key as AWS makes it, or a user's. It is a hint only, and one in eight is another type's."""
    if rng.random() < 1 / 8:
        log_type = rng.choice(ALL_TYPES)
    logs, name = f"AWSLogs/{ACCOUNT}", f"{number:04}"
    flow = f"{ACCOUNT}_vpcflowlogs_eu-west-1_fl-0a1b_20240502T1010Z_{name}.log.gz"
    hive = f"AWSLogs/aws-account-id={ACCOUNT}/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2024/month=05/day=02"
    trail = f"eu-west-1/{DAY}/{ACCOUNT}_{{}}_eu-west-1_20240502T1010Z_{name}.json.gz"
    dns = f"vpc-0a1_vpcdnsquerylogs_{ACCOUNT}_20240502T1010Z_{name}.log.gz"
    balancer = f"elasticloadbalancing/eu-west-1/{DAY}/{ACCOUNT}_elasticloadbalancing_eu-west-1_app.lb.0a_{name}.log.gz"
    keys = {
        ALB: f"{logs}/{balancer}",
        AURORA: f"rds/audit.log.0.2024-05-02-10-11.{name}",
        S3: f"access/2024-05-02-10-11-12-{number:016X}",
        VPC: rng.choice((f"{logs}/vpcflowlogs/eu-west-1/{DAY}/{flow}", f"{hive}/{flow}")),
        "AWS.CloudTrail": f"{logs}/CloudTrail/{trail.format('CloudTrail')}",
        "AWS.CloudTrailDigest": f"{logs}/CloudTrail-Digest/{trail.format('CloudTrail-Digest')}",
        "AWS.CloudTrailInsight": f"{logs}/CloudTrail-Insight/{trail.format('CloudTrail-Insight')}",
        "AWS.GuardDuty": f"{logs}/GuardDuty/eu-west-1/{DAY}/0a1b2c3d-{name}.jsonl.gz",
        "AWS.VPCDns": f"{logs}/vpcdnsquerylogs/vpc-0a1/{DAY}/{dns}",
        "AWS.WAFWebACL": f"{logs}/WAFLogs/cloudfront/acl/{DAY}/10/10/{ACCOUNT}_waflogs_cloudfront_acl_{name}.log.gz",
    }
    return keys.get(log_type, f"firehose/{DAY}/10/events-{name}")
