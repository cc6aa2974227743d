"""GuardDuty findings as exported to S3: one object a line, about 2.5 KB."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from benchmarks.logs import guard_duty_parts as parts
from benchmarks.logs.frame import LINES
from benchmarks.logs.records import Writer, millis, seconds
from benchmarks.logs.world import EPOCH_S, REGIONS, Pool, World

LOG_TYPE = "AWS.GuardDuty"
FRAME = LINES
TRUTH = {
    "schemaVersion": "string",
    "accountId": "string",
    "region": "string",
    "partition": "string",
    "id": "string",
    "arn": "string",
    "type": "string",
    "resource": "json",
    "severity": "float32",
    "createdAt": "time",
    "updatedAt": "time",
    "title": "string",
    "description": "string",
    "service.additionalInfo": "json",
    "service.action": "json",
    "service.serviceName": "string",
    "service.detectorId": "string",
    "service.resourceRole": "string",
    "service.eventFirstSeen": "time",
    "service.eventLastSeen": "time",
    "service.archived": "bool",
    "service.count": "int",
}
# Type of finding, its resource, its action, severity, and what is said about it.
_KINDS = Pool(
    (
        ("Recon:EC2/PortProbeUnprotectedPort", parts.instance, parts.probe, 2, "is being probed"),
        ("UnauthorizedAccess:EC2/SSHBruteForce", parts.instance, parts.connection, 5, "is under a brute force attack"),
        (
            "Recon:IAMUser/MaliciousIPCaller.Custom",
            parts.access_key,
            parts.api_call,
            5,
            "was used from a listed address",
        ),
        ("CryptoCurrency:EC2/BitcoinTool.B!DNS", parts.instance, parts.lookup, 8, "asks for names of mining pools"),
        ("Discovery:S3/MaliciousIPCaller", parts.bucket, parts.api_call, 8, "was read from a listed address"),
        ("Policy:IAMUser/RootCredentialUsage", parts.access_key, parts.api_call, 2.1, "belongs to the root user"),
        ("Backdoor:EC2/C&CActivity.B!DNS", parts.instance, parts.lookup, 8.5, "speaks to a command & control server"),
    ),
    0.7,
)


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    return _WRITER.write(world, random, _records(world, random, number, count))


def _records(world: World, random: Random, number: int, count: int) -> Iterator[dict]:
    draws = zip(
        world.accounts.draw(random, count),
        random.choices(REGIONS, k=count),
        _KINDS.draw(random, count),
        world.clients.draw(random, count),
        strict=True,
    )
    for index, (account, region, kind, address) in enumerate(draws):
        now_ms = (EPOCH_S + number * 3600) * 1000 + index * 1797
        yield _finding(world, random, account, region, kind, address, now_ms)


def _finding(world: World, random: Random, account: str, region: str, kind: tuple, address: str, now_ms: int) -> dict:
    name, make_resource, make_action, severity, said = kind
    identity, detector = f"{random.getrandbits(128):032x}", f"{int(account) * 0x9E3779B97F4A7C15 % 2**128:032x}"
    seen_s = now_ms // 1000 - random.randrange(400, 90_000)
    resource = make_resource(world, random, account, region)
    subject = resource["resourceType"].lower()
    return {
        "schemaVersion": "2.0",
        "accountId": account,
        "region": region,
        "partition": "aws",
        "id": identity,
        "arn": f"arn:aws:guardduty:{region}:{account}:detector/{detector}/finding/{identity}",
        "type": name,
        "resource": resource,
        "service": {
            "serviceName": "guardduty",
            "detectorId": detector,
            "action": make_action(random, address),
            "resourceRole": "TARGET" if severity < 8 else "ACTOR",
            "additionalInfo": {"value": '{"threatListName":"listed"}', "type": "default"},
            "evidence": {"threatIntelligenceDetails": [{"threatNames": [], "threatListName": "listed"}]},
            "eventFirstSeen": seconds(seen_s),
            "eventLastSeen": seconds(now_ms // 1000 - 300),
            "archived": random.random() < 0.1,
            "count": 1 + int(random.random() ** 5 * 4000),
        },
        "severity": severity,
        "createdAt": millis(seen_s * 1000 + 412),
        "updatedAt": millis(now_ms),
        "title": f"The {subject} of account {account} {said}.",
        "description": f"The {subject} of account {account} in {region} {said} by {address}. Look at its traffic.",
    }


# ---------------------------------------------------------------- odd records: other values


def _no_place(_world: World, random: Random, record: dict) -> None:
    """Where nothing is known of the remote end, it is null or empty."""
    record["service"].update(additionalInfo={}, action={"actionType": "KUBERNETES_API_CALL", "remote": [None, ""]})
    record["service"]["count"] = random.randrange(2**40, 2**53)


def _sample(_world: World, _random: Random, record: dict) -> None:
    record["service"]["additionalInfo"] = {"sample": True, "unusual": {"hours": [1, 2], "asn": -1}, "ports": 2.5e-3}
    record["title"] = "[SAMPLE] " + record["title"]


def _words(_world: World, random: Random, record: dict) -> None:
    record["description"] = f'Prozess "/usr/bin/x\\y"\tgestartet von zoë/日本 😀 {random.getrandbits(32)}\n' * 3


def _runtime(_world: World, random: Random, record: dict) -> None:
    """Members of newer findings, for which there is no column."""
    process = {"name": "sh", "pid": random.randrange(70_000), "lineage": [{"pid": n, "euid": 0} for n in range(9)]}
    record["service"].update(featureName="RuntimeMonitoring", runtimeDetails={"process": process, "context": None})
    record["severity"] = 9.3


def _attack(_world: World, random: Random, record: dict) -> None:
    record["associatedAttackSequenceArn"] = f"{record['arn']}/{random.getrandbits(64):x}"
    record["confidence"] = 7.5


def _many_tags(_world: World, random: Random, record: dict) -> None:
    record["resource"]["eksClusterDetails"] = {
        "tags": [{"key": f"k{index}", "value": f"{random.getrandbits(64):x}"} for index in range(400)]
    }


# ---------------------------------------------------------------- the same values, spelled otherwise


def _text_numbers(_world: World, _random: Random, record: dict) -> None:
    record["severity"] = str(record["severity"])
    record["service"]["count"] = str(record["service"]["count"])


def _zone(_world: World, _random: Random, record: dict) -> None:
    record["updatedAt"] = record["updatedAt"].replace("Z", "+00:00")


_WRITER = Writer(
    TRUTH,
    changes=(_no_place, _sample, _sample, _words, _words, _runtime, _attack, _many_tags),
    spellings=(_text_numbers, _zone),
)
