"""CloudTrail Insights: starts and ends of unusual activity in one `Records` array, about 1.2 KB a record."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from benchmarks.logs.frame import RECORDS
from benchmarks.logs.records import Writer, seconds, uuid
from benchmarks.logs.world import EPOCH_S, REGIONS, WORDS, World

LOG_TYPE = "AWS.CloudTrailInsight"
FRAME = RECORDS
_STATISTICS = "insightDetails.insightContext.statistics"
TRUTH = {
    "eventVersion": "string",
    "eventTime": "time",
    "awsRegion": "string",
    "eventId": "string",
    "eventType": "string",
    "recipientAccountId": "string",
    "sharedEventId": "string",
    "insightDetails.state": "string",
    "insightDetails.eventSource": "string",
    "insightDetails.eventName": "string",
    "insightDetails.insightType": "string",
    f"{_STATISTICS}.baseline.average": "float",
    f"{_STATISTICS}.insight.average": "float",
    f"{_STATISTICS}.insightDuration": "float32",
    "eventCategory": "string",
    "insightErrorCode": "string",
    "insightBaselineDuration": "float",
    "insightAttributions": "json",
}
_CALLS = (("ssm", "UpdateInstanceInformation"), ("iam", "GetUser"), ("ec2", "RunInstances"), ("s3", "DeleteBucket"))


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    return _WRITER.write(world, random, _records(world, random, number, count))


def _records(world: World, random: Random, number: int, count: int) -> Iterator[dict]:
    accounts = world.accounts.draw(random, count)
    shared = ""
    for index, account in enumerate(accounts):
        ends = index % 2 == 1
        shared = shared if ends else uuid(random)
        yield _record(random, account, shared, ends, EPOCH_S + number * 86_400 + index * 43)


def _record(random: Random, account: str, shared: str, ends: bool, now_s: int) -> dict:
    service, name = random.choice(_CALLS)
    errors = random.random() < 0.3
    baseline, found = round(random.random() * 2, 10), round(2 + random.random() * 300, 2)
    details = {
        "state": "End" if ends else "Start",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "insightType": "ApiErrorRateInsight" if errors else "ApiCallRateInsight",
    }
    if errors:
        details["errorCode"] = random.choice(("AccessDenied", "ThrottlingException"))
    statistics = {"baseline": {"average": baseline}, "insight": {"average": found}}
    if ends:
        statistics["insightDuration"] = random.randrange(1, 90)
    statistics["baselineDuration"] = random.randrange(7_000, 10_081)
    attributions = [_attribution(random, account, attribute, found) for attribute in ("userIdentityArn", "userAgent")]
    details["insightContext"] = {"statistics": statistics, "attributions": attributions}
    return {
        "eventVersion": "1.08",
        "eventTime": seconds(now_s),
        "awsRegion": random.choice(REGIONS),
        "eventID": uuid(random),
        "eventType": "AwsCloudTrailInsight",
        "recipientAccountId": account,
        "sharedEventID": shared,
        "insightDetails": details,
        "eventCategory": "Insight",
    }


def _attribution(random: Random, account: str, attribute: str, found: float) -> dict:
    def values(most: float) -> list[dict]:
        roles = random.choices(WORDS, k=random.randrange(1, 4))
        if attribute == "userAgent":
            return [{"value": f"aws-sdk-go/1.{len(role)}.0", "average": most} for role in roles]
        return [{"value": f"arn:aws:sts::{account}:assumed-role/{role}/i-1", "average": most} for role in roles]

    return {"attribute": attribute, "insight": values(found), "baseline": values(0.0020833333)}


# ---------------------------------------------------------------- odd records


def _no_context(_world: World, _random: Random, record: dict) -> None:
    details = record["insightDetails"]
    record["insightDetails"] = {**details, "insightContext": None}


def _no_baseline(_world: World, _random: Random, record: dict) -> None:
    statistics = record["insightDetails"]["insightContext"]["statistics"]
    statistics.update(baseline=None, insight={"average": 50})
    record.pop("recipientAccountId")


def _small_numbers(_world: World, _random: Random, record: dict) -> None:
    record["insightDetails"]["insightContext"]["statistics"]["baseline"] = {"average": 1.5e-07}


def _newer(_world: World, _random: Random, record: dict) -> None:
    record["insightDetails"]["insightContext"]["model"] = {"name": 'é\u0000"', "weights": [0.1, -2, None]}


def _aliases(_world: World, _random: Random, record: dict) -> None:
    record["sharedEventId"], record["eventId"] = record.pop("sharedEventID"), record.pop("eventID")


_WRITER = Writer(
    TRUTH,
    sources={
        "eventId": "eventID",
        "sharedEventId": "sharedEventID",
        "insightErrorCode": "insightDetails.errorCode",
        "insightBaselineDuration": f"{_STATISTICS}.baselineDuration",
        "insightAttributions": "insightDetails.insightContext.attributions",
    },
    changes=(_no_context, _no_baseline, _small_numbers, _newer),
    spellings=(_aliases,),
)
