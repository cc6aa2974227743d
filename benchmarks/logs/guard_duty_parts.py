"""Resources and actions of GuardDuty findings, as the service nests them."""

from __future__ import annotations

from random import Random

from benchmarks.logs.records import key_id, seconds
from benchmarks.logs.world import WORDS, World, public_ip

_PORTS = (("SSH", 22), ("RDP", 3389), ("HTTPS", 443), ("Unknown", 4444), ("MSSQL", 1433))
_COUNTRIES = (
    ("Germany", "Berlin"),
    ("United States", "Ashburn"),
    ("Côte d'Ivoire", "Abidjan"),
    ("Brazil", "São Paulo"),
)
_CALLS = (("ListBuckets", "s3"), ("DescribeInstances", "ec2"), ("GetCallerIdentity", "sts"), ("CreateUser", "iam"))


def instance(world: World, random: Random, account: str, region: str) -> dict:
    address = random.choice(world.hosts.values)
    public = public_ip(random)
    dashed = public.replace(".", "-")
    name = random.choice(WORDS)
    return {
        "resourceType": "Instance",
        "instanceDetails": {
            "instanceId": f"i-0{random.getrandbits(64):016x}",
            "instanceType": random.choice(("m6i.large", "t3.micro", "c7g.xlarge")),
            "outpostArn": None,
            "launchTime": seconds(1_714_000_000 + random.randrange(600_000)),
            "platform": None,
            "productCodes": [],
            "iamInstanceProfile": {
                "arn": f"arn:aws:iam::{account}:instance-profile/{name}",
                "id": key_id(random, "AIPA"),
            },
            "networkInterfaces": [
                {
                    "ipv6Addresses": [random.choice(world.visitors_v6)] if random.random() < 0.2 else [],
                    "networkInterfaceId": f"eni-0{random.getrandbits(64):016x}",
                    "privateDnsName": f"ip-{address.replace('.', '-')}.{region}.compute.internal",
                    "privateIpAddress": address,
                    "privateIpAddresses": [
                        {
                            "privateDnsName": f"ip-{address.replace('.', '-')}.{region}.compute.internal",
                            "privateIpAddress": address,
                        }
                    ],
                    "publicDnsName": f"ec2-{dashed}.{region}.compute.amazonaws.com",
                    "publicIp": public,
                    "securityGroups": [{"groupId": f"sg-0{random.getrandbits(64):016x}", "groupName": f"{name}-sg"}],
                    "subnetId": f"subnet-0{random.getrandbits(64):016x}",
                    "vpcId": f"vpc-0{random.getrandbits(64):016x}",
                }
            ],
            "tags": [{"key": "Name", "value": name}, {"key": "team", "value": random.choice(WORDS)}],
            "instanceState": "running",
            "availabilityZone": f"{region}b",
            "imageId": f"ami-0{random.getrandbits(64):016x}",
            "imageDescription": "Amazon Linux 2023, kernel 6.1",
        },
    }


def access_key(_world: World, random: Random, _account: str, _region: str) -> dict:
    return {
        "resourceType": "AccessKey",
        "accessKeyDetails": {
            "accessKeyId": key_id(random, "AKIA"),
            "principalId": key_id(random, "AIDA"),
            "userType": random.choice(("IAMUser", "AssumedRole", "Root")),
            "userName": f"{random.choice(WORDS)}.{random.choice(WORDS)}",
        },
    }


def bucket(world: World, random: Random, account: str, region: str) -> dict:
    name = f"{random.choice(WORDS)}-{account[:6]}"
    denied = {"allowsPublicReadAccess": False, "allowsPublicWriteAccess": False}
    blocked = dict.fromkeys(
        ("ignorePublicAcls", "restrictPublicBuckets", "blockPublicAcls", "blockPublicPolicy"), random.random() < 0.8
    )
    permissions = {"accessControlList": denied, "bucketPolicy": denied, "blockPublicAccess": blocked}
    details = {
        "arn": f"arn:aws:s3:::{name}",
        "name": name,
        "type": "Destination",
        "createdAt": 1_600_000_000 + random.randrange(10**8),
        "owner": {"id": f"{random.getrandbits(256):064x}"},
        "tags": [{"key": "data", "value": random.choice(WORDS)}],
        "defaultServerSideEncryption": {"encryptionType": "SSEAlgorithm", "kmsMasterKeyArn": None},
        "publicAccess": {
            "permissionConfiguration": {
                "bucketLevelPermissions": permissions,
                "accountLevelPermissions": {"blockPublicAccess": blocked},
            },
            "effectivePermission": "NOT_PUBLIC",
        },
    }
    return {**access_key(world, random, account, region), "resourceType": "S3Bucket", "s3BucketDetails": [details]}


def remote(random: Random, address: str) -> dict:
    country, city = random.choice(_COUNTRIES)
    organization = f"{random.choice(WORDS)} Networks"
    return {
        "ipAddressV4": address,
        "organization": {
            "asn": str(random.randrange(1, 400_000)),
            "asnOrg": organization,
            "isp": organization,
            "org": organization,
        },
        "country": {"countryName": country},
        "city": {"cityName": city},
        "geoLocation": {"lat": round(random.uniform(-60, 70), 4), "lon": round(random.uniform(-180, 180), 4)},
    }


def connection(random: Random, address: str) -> dict:
    name, port = random.choice(_PORTS)
    return {
        "actionType": "NETWORK_CONNECTION",
        "networkConnectionAction": {
            "connectionDirection": "INBOUND",
            "remoteIpDetails": remote(random, address),
            "remotePortDetails": {"port": random.randrange(1024, 65_536), "portName": "Unknown"},
            "localPortDetails": {"port": port, "portName": name},
            "protocol": "TCP",
            "blocked": False,
            "localIpDetails": {"ipAddressV4": f"10.0.{random.randrange(256)}.{random.randrange(1, 255)}"},
        },
    }


def probe(random: Random, address: str) -> dict:
    probes = []
    for name, port in random.sample(_PORTS, random.randrange(1, 4)):
        ports = {"port": port, "portName": name}
        local = {"ipAddressV4": f"10.0.{random.randrange(256)}.{random.randrange(1, 255)}"}
        probes.append({"localPortDetails": ports, "remoteIpDetails": remote(random, address), "localIpDetails": local})
    return {"actionType": "PORT_PROBE", "portProbeAction": {"portProbeDetails": probes, "blocked": False}}


def lookup(random: Random, _address: str) -> dict:
    name = f"{random.getrandbits(60):x}.{random.choice(WORDS)}-pool.example.net"
    action = {"domain": name, "protocol": "UDP", "blocked": False, "domainWithSuffix": "example.net"}
    return {"actionType": "DNS_REQUEST", "dnsRequestAction": action}


def api_call(random: Random, address: str) -> dict:
    name, service = random.choice(_CALLS)
    return {
        "actionType": "AWS_API_CALL",
        "awsApiCallAction": {
            "api": name,
            "serviceName": f"{service}.amazonaws.com",
            "callerType": "Remote IP",
            "errorCode": random.choice(("AccessDenied", None)),
            "userAgent": f"aws-cli/2.15.{random.randrange(40)} Python/3.11.8 Linux/6.1.0 exe/x86_64",
            "remoteIpDetails": remote(random, address),
            "remoteAccountDetails": {"accountId": f"{random.randrange(10**11, 10**12)}", "affiliated": False},
            "affectedResources": {"AWS::S3::Bucket": f"{random.choice(WORDS)}-data"},
        },
    }
