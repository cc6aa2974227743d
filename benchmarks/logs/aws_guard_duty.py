"""GuardDuty findings as they are exported: NDJSON, about 2.5 kB a finding."""

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
    utc,
)

LOG_TYPE = "AWS.GuardDuty"
SHAPE = LINES
TRUTH = {
    "schemaVersion": "string",
    "accountId": "string",
    "region": "string",
    "partition": "string",
    "id": "string",
    "arn": "string",
    "type": "string",
    "severity": "float",
    "createdAt": "time_us",
    "updatedAt": "time_us",
    "title": "string",
    "description": "string",
    "service.serviceName": "string",
    "service.detectorId": "string",
    "service.resourceRole": "string",
    "service.count": "int",
}
_KINDS = (
    ("Recon:EC2/PortProbeUnprotectedPort", 2, "PORT_PROBE"),
    ("UnauthorizedAccess:EC2/SSHBruteForce", 5, "NETWORK_CONNECTION"),
    ("CryptoCurrency:EC2/BitcoinTool.B!DNS", 8, "DNS_REQUEST"),
    ("Discovery:S3/MaliciousIPCaller", 8, "AWS_API_CALL"),
    ("UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B", 5, "AWS_API_CALL"),
)


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    texts, rows = [], []
    draws = zip(
        _machines(world).draw(random, count),
        world.clients.draw(random, count),
        random.choices(_KINDS, k=count),
        strict=True,
    )
    now_ms = (EPOCH_S + number * 60) * 1_000
    for machine, client, kind in draws:
        now_ms += int(random.random() * 60)
        record, write = _usual(random, now_ms, machine, client, kind), as_json
        if random.random() < ODD:
            write = random.choice(_ODDITIES)(random, record) or as_json
        texts.append(write(record))
        rows.append(_row(record, now_ms))
    return texts, rows


def _time(now_ms: int) -> str:
    return f"{utc(now_ms // 1000)}.{now_ms % 1000:03d}Z"


def _usual(random: Random, now_ms: int, machine: dict, client: str, kind: tuple) -> dict:
    name, severity, action = kind
    account, region, instance = machine["account"], machine["region"], machine["id"]
    finding, detector = f"{random.getrandbits(128):032x}", machine["detector"]
    return {
        "schemaVersion": "2.0",
        "accountId": account,
        "region": region,
        "partition": "aws",
        "id": finding,
        "arn": f"arn:aws:guardduty:{region}:{account}:detector/{detector}/finding/{finding}",
        "type": name,
        "resource": _iam(random, machine) if action == "AWS_API_CALL" else machine["resource"],
        "service": {
            "serviceName": "guardduty",
            "detectorId": detector,
            "action": _action(random, action, client),
            "resourceRole": "ACTOR" if severity == 8 else "TARGET",
            "additionalInfo": {"threatName": random.choice(WORDS), "value": "{}", "type": "default"},
            "eventFirstSeen": _time(now_ms - 600_000),
            "eventLastSeen": _time(now_ms - 1_000),
            "archived": False,
            "count": random.randrange(1, 200),
        },
        "severity": severity,
        "createdAt": _time(now_ms - 500_000),
        "updatedAt": _time(now_ms),
        "title": f"Activity from {client} concerns {instance}.",
        "description": f"Instance {instance} was reached by {client} or called it {random.randrange(2, 90)} times, as "
        f"{random.choice(WORDS)} {random.choice(WORDS)} would do it.",
    }


def _action(random: Random, kind: str, client: str) -> dict:
    remote = {
        "ipAddressV4": client,
        "organization": {
            "asn": str(random.randrange(1000, 60000)),
            "asnOrg": random.choice(WORDS),
            "isp": "Example Net",
        },
        "country": {"countryName": "Netherlands"},
        "city": {"cityName": "Amsterdam"},
        "geoLocation": {"lat": round(random.random() * 90, 4), "lon": round(random.random() * 180, 4)},
    }
    if kind == "DNS_REQUEST":
        domain = f"{random.choice(WORDS)}-{random.randrange(99)}.example.net"
        return {"actionType": kind, "dnsRequestAction": {"domain": domain, "protocol": "UDP", "blocked": False}}
    if kind == "AWS_API_CALL":
        call = {"api": "ListBuckets", "serviceName": "s3.amazonaws.com", "callerType": "Remote IP"}
        return {"actionType": kind, "awsApiCallAction": {**call, "remoteIpDetails": remote, "affectedResources": {}}}
    ports = {
        "localPortDetails": {"port": 22, "portName": "SSH"},
        "remotePortDetails": {"port": random.randrange(65535)},
    }
    if kind == "PORT_PROBE":
        detail = {"localPortDetails": ports["localPortDetails"], "remoteIpDetails": remote}
        return {"actionType": kind, "portProbeAction": {"portProbeDetails": [detail], "blocked": False}}
    connection = {"connectionDirection": "INBOUND", "protocol": "TCP", "blocked": False, **ports}
    return {"actionType": kind, "networkConnectionAction": {**connection, "remoteIpDetails": remote}}


def _iam(random: Random, machine: dict) -> dict:
    key = {
        "accessKeyId": "ASIA" + token(random, 16),
        "principalId": f"AROA{token(random, 17)}:{machine['id']}",
        "userType": "AssumedRole",
        "userName": random.choice(WORDS),
    }
    return {"resourceType": "AccessKey", "accessKeyDetails": key}


def _row(record: dict, now_ms: int) -> tuple:
    service = record["service"]
    values = {**record, **{f"service.{name}": value for name, value in service.items()}}
    values.update(createdAt=(now_ms - 500_000) * 1000, updatedAt=now_ms * 1000)
    return tuple(values.get(name) for name in TRUTH)


@lru_cache(maxsize=2)
def _machines(world: World) -> Pool:
    random = Random("machines")
    machines = []
    for _ in range(300):
        account, region, host = (
            random.choice(world.accounts.values),
            random.choice(REGIONS),
            random.choice(world.hosts.values),
        )
        instance = f"i-{random.getrandbits(68):017x}"
        interface = {
            "networkInterfaceId": f"eni-{random.getrandbits(68):017x}",
            "ipv6Addresses": [],
            "privateDnsName": f"ip-{host.replace('.', '-')}.{region}.compute.internal",
            "privateIpAddress": host,
            "privateIpAddresses": [{"privateDnsName": f"ip-{host.replace('.', '-')}", "privateIpAddress": host}],
            "subnetId": f"subnet-{random.getrandbits(68):017x}",
            "vpcId": f"vpc-{random.getrandbits(68):017x}",
            "securityGroups": [{"groupName": random.choice(WORDS), "groupId": f"sg-{random.getrandbits(68):017x}"}],
            "publicDnsName": f"ec2-{random.randrange(255)}.{region}.compute.amazonaws.com",
            "publicIp": random.choice(world.clients.values),
        }
        details = {
            "instanceId": instance,
            "instanceType": "m6i.large",
            "launchTime": "2024-04-02T02:05:06.000Z",
            "platform": None,
            "productCodes": [],
            "iamInstanceProfile": {
                "arn": f"arn:aws:iam::{account}:instance-profile/web",
                "id": "AIPA" + token(random, 17),
            },
            "networkInterfaces": [interface],
            "tags": [{"key": "Name", "value": random.choice(WORDS)}, {"key": "team", "value": random.choice(WORDS)}],
            "instanceState": "running",
            "availabilityZone": f"{region}a",
            "imageId": f"ami-{random.getrandbits(68):017x}",
        }
        machines.append(
            {
                "account": account,
                "region": region,
                "id": instance,
                "detector": f"{random.getrandbits(128):032x}",
                "resource": {"resourceType": "Instance", "instanceDetails": details},
            }
        )
    return Pool(machines, 0.5)


# ------------------------------------------------------------ odd but valid


def _unicode(random: Random, record: dict):
    record["title"] = f'"{random.choice(WORDS)}" von außen \\ geöffnet'
    return as_ascii_json


def _severity(random: Random, record: dict) -> None:
    record["severity"] = random.choice((2.5, 5.5, 8.25))


def _other_order(random: Random, record: dict) -> None:
    items = list(record.items())
    random.shuffle(items)
    record.clear()
    record.update(items)


def _newer(random: Random, record: dict) -> None:
    record["service"]["ebsVolumeScanDetails"] = {"scanId": f"{random.getrandbits(128):032x}"}
    record["confidence"] = 7.5


_ODDITIES = (_unicode, _severity, _other_order, _newer)
