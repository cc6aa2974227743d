"""Events from an EventBridge bus, one a line: state changes, API calls, findings, own events; about 0.85 KB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from benchmarks.logs import cloud_trail_calls as calls
from benchmarks.logs import guard_duty_parts as parts
from benchmarks.logs.frame import LINES
from benchmarks.logs.records import Writer, seconds, uuid
from benchmarks.logs.world import EPOCH_S, REGIONS, WORDS, Pool, World

LOG_TYPE = "AWS.CloudWatchEvents"
FRAME = LINES
TRUTH = {
    "id": "string",
    "account": "string",
    "source": "string",
    "resources": "string",
    "region": "string",
    "detail-type": "string",
    "version": "string",
    "time": "time",
    "detail": "json",
    "replay-name": "string",
}


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    return _WRITER.write(world, random, _records(world, random, number, count))


def _records(world: World, random: Random, number: int, count: int) -> Iterator[dict]:
    draws = zip(
        world.accounts.draw(random, count),
        random.choices(REGIONS, k=count),
        world.hosts.draw(random, count),
        world.paths.draw(random, count),
        Pool(_KINDS, 0.6).draw(random, count),
        strict=True,
    )
    for index, (account, region, host, route, kind) in enumerate(draws):
        now_s = EPOCH_S + number * 600 + index * 600 // count
        place = calls.Place(account, region, f"{random.choice(WORDS)}-prod", host, route, now_s)
        source, said, resources, detail = kind(world, random, place)
        yield {
            "version": "0",
            "id": uuid(random),
            "detail-type": said,
            "source": source,
            "account": account,
            "time": seconds(now_s),
            "region": region,
            "resources": resources,
            "detail": detail,
        }


Event = tuple[str, str, list[str], object]


def _state(_world: World, random: Random, place: calls.Place) -> Event:
    name = f"i-0{random.getrandbits(64):016x}"
    detail = {"instance-id": name, "state": random.choice(("pending", "running", "stopping", "terminated"))}
    return "aws.ec2", "EC2 Instance State-change Notification", [place.arn("ec2", f"instance/{name}")], detail


def _call(_world: World, random: Random, place: calls.Place) -> Event:
    call = random.choice((calls.assume_role, calls.put_policy, calls.run_instances, calls.log_stream))(random, place)
    detail = {
        "eventVersion": "1.09",
        "userIdentity": {"type": "AssumedRole", "arn": f"arn:aws:sts::{place.account}:assumed-role/{place.role}/x"},
        "eventTime": seconds(place.now_s),
        "awsRegion": place.region,
        "sourceIPAddress": place.host,
        **call,
        "eventID": uuid(random),
        "eventType": "AwsApiCall",
    }
    source = f"aws.{call['eventSource'].split('.')[0]}"
    return source, "AWS API Call via CloudTrail", [], detail


def _finding(world: World, random: Random, place: calls.Place) -> Event:
    resource = parts.instance(world, random, place.account, place.region)
    action = parts.connection(random, random.choice(world.clients.values))
    detail = {"schemaVersion": "2.0", "accountId": place.account, "resource": resource, "service": {"action": action}}
    return "aws.guardduty", "GuardDuty Finding", [], detail


def _order(_world: World, random: Random, place: calls.Place) -> Event:
    lines = [{"sku": f"S{random.randrange(10**6)}", "price": round(random.random() * 90, 2)} for _ in range(4)]
    detail = {"order": random.randrange(10**9), "path": place.route, "lines": lines, "paid": random.random() < 0.9}
    return "shop.orders", "Order placed", [f"order/{detail['order']}"], detail


def _object(_world: World, random: Random, place: calls.Place) -> Event:
    bucket = f"{place.role}-data"
    held = {"key": place.route[1:], "size": random.randrange(10**7), "etag": f"{random.getrandbits(128):032x}"}
    detail = {"version": "0", "bucket": {"name": bucket}, "object": held, "requester": place.account}
    detail["source-ip-address"] = place.host
    return "aws.s3", "Object Created", [f"arn:aws:s3:::{bucket}"], detail


_KINDS: tuple[Callable[[World, Random, calls.Place], Event], ...] = (_state, _call, _object, _order, _finding)


# ---------------------------------------------------------------- odd records


def _other_detail(_world: World, random: Random, record: dict) -> None:
    record["detail"] = random.choice(({}, [], 'text with "quotes" and é', 17, [1, None, {"a": "\u0001"}]))


def _replayed(_world: World, random: Random, record: dict) -> None:
    record["replay-name"] = f"replay-{random.randrange(90)}"


def _texts(_world: World, random: Random, record: dict) -> None:
    record["resources"] = ["no arn", "arn:aws:ssm:eu-west-1::document/with space", ""]
    record["source"] = f"shop.zoë-{random.randrange(9)}"


def _tagged(world: World, random: Random, record: dict) -> None:
    tags = [{"key": random.choice(WORDS), "value": random.choice(WORDS)} for _ in range(40)]
    names = {"publicIp": random.choice(world.clients.values), "domain": "c2.example", "ownerAccountId": "123456789012"}
    record["detail"] = {"tags": tags, **names, "ipv6Addresses": world.visitors_v6[:2]}


def _newer(_world: World, _random: Random, record: dict) -> None:
    record.update({"trace-header": "Root=1-5e988c6b-x", "debug": True})


def _version_number(_world: World, _random: Random, record: dict) -> None:
    record["version"] = 0


def _fraction(_world: World, _random: Random, record: dict) -> None:
    record["time"] = record["time"].replace("Z", ".0+0000")


_WRITER = Writer(
    TRUTH,
    changes=(_other_detail, _replayed, _texts, _tagged, _newer),
    spellings=(_version_number, _fraction),
)
