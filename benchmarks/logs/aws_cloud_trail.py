"""CloudTrail files: {"Records":[...]} on one line, about 1.4 kB a record, written by roles, users and services."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from benchmarks.logs.world import (
    EPOCH_S,
    ODD,
    RECORDS,
    REGIONS,
    WORDS,
    Pool,
    World,
    as_ascii_json,
    as_json,
    token,
    utc,
    uuid,
)

LOG_TYPE = "AWS.CloudTrail"
SHAPE = RECORDS
TRUTH = {
    "eventVersion": "string",
    "userIdentity.type": "string",
    "userIdentity.arn": "string",
    "userIdentity.accountId": "string",
    "eventTime": "time_s",
    "eventSource": "string",
    "eventName": "string",
    "awsRegion": "string",
    "sourceIPAddress": "string",
    "userAgent": "string",
    "errorCode": "string",
    "errorMessage": "string",
    "requestID": "string",
    "eventID": "string",
    "eventType": "string",
    "recipientAccountId": "string",
    "vpcEndpointId": "string",
    "tlsDetails.tlsVersion": "string",
}
_AGENTS = (
    "Boto3/1.34.{minor} md/Botocore#1.34.{minor} ua/2.0 os/linux#5.10.{patch}-200.855.amzn2.x86_64 md/arch#x86_64 "
    "lang/python#3.11.{patch} md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.34.{minor}",
    "aws-sdk-go/1.44.{minor} (go1.20.{patch}; linux; amd64) amazon-ssm-agent/3.2.{minor}.0",
    "aws-cli/2.15.{minor} Python/3.11.{patch} Linux/6.1.{minor}-amazon exe/x86_64.amzn.2023 prompt/off command/s3.cp",
    "APN/1.0 HashiCorp/1.0 Terraform/1.7.{patch} (+https://www.terraform.io) terraform-provider-aws/5.{minor}.0 "
    "(+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.25.{patch} os/linux lang/go#1.21.{patch}",
    "aws-sdk-java/2.20.{minor} Linux/5.15.0-{minor}-generic OpenJDK_64-Bit_Server_VM/17.0.{patch} Java/17.0.{patch} "
    "vendor/Amazon.com_Inc. io/sync http/Apache cfg/retry-mode/legacy",
    "AWS Internal",
)


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    texts, rows = [], []
    calls = _calls().draw(random, count)
    callers = _callers(world).draw(random, count)
    clients = world.clients.draw(random, count)
    now = EPOCH_S + number * 60
    for call, caller, client in zip(calls, callers, clients, strict=True):
        now += random.random() < 0.03
        record = _usual(random, now, call, caller, client)
        write = as_json
        if random.random() < ODD:
            write = random.choice(_ODDITIES)(random, record) or as_json
        texts.append(write(record))
        rows.append(_row(record, now))
    return texts, rows


def _usual(random: Random, now: int, call: tuple, caller: dict, client: str) -> dict:
    source, name, read_only, make = call
    identity = _identity(random, now, caller)
    service = identity.get("invokedBy")
    parameters, answer = make(random, caller)
    patch = int(random.random() * 12)
    record = {
        "eventVersion": "1.09" if patch & 1 else "1.08",
        "userIdentity": identity,
        "eventTime": utc(now) + "Z",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": caller["region"],
        "sourceIPAddress": service or (caller["host"] if patch & 4 else client),
        "userAgent": service or caller["agent"],
        "requestParameters": parameters,
        "responseElements": None if read_only else answer,
        "requestID": uuid(random),
        "eventID": uuid(random),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": caller["account"],
        "eventCategory": "Management",
    }
    if random.random() < 0.06:
        arn = identity.get("arn", "unknown")
        record["errorCode"] = "AccessDenied"
        record["errorMessage"] = (
            f"User: {arn} is not authorized to perform: {source}:{name} because no policy allows it"
        )
        record["responseElements"] = None
    if source in ("s3", "kms", "dynamodb"):
        record["resources"] = [
            {"accountId": caller["account"], "type": f"AWS::{source.upper()}", "ARN": caller["thing"]}
        ]
        record["additionalEventData"] = {"SignatureVersion": "SigV4", "bytesTransferredOut": patch * 517}
        if patch & 2:
            record["vpcEndpointId"] = caller["endpoint"]
    if not service:
        record["tlsDetails"] = {
            "tlsVersion": "TLSv1.3" if patch & 1 else "TLSv1.2",
            "cipherSuite": "TLS_AES_128_GCM_SHA256" if patch & 1 else "ECDHE-RSA-AES128-GCM-SHA256",
            "clientProvidedHostHeader": f"{source}.{caller['region']}.amazonaws.com",
        }
    return record


def _identity(random: Random, now: int, caller: dict) -> dict:
    kind, account = caller["type"], caller["account"]
    if kind == "AWSService":
        return {"type": kind, "invokedBy": caller["service"]}
    if kind == "IAMUser":
        return {
            "type": kind,
            "principalId": caller["principal"],
            "arn": f"arn:aws:iam::{account}:user/{caller['name']}",
            "accountId": account,
            "accessKeyId": caller["key"],
            "userName": caller["name"],
        }
    session = f"i-{random.getrandbits(68):017x}" if caller["instance"] else caller["session"]
    return {
        "type": kind,
        "principalId": f"{caller['principal']}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{caller['name']}/{session}",
        "accountId": account,
        "accessKeyId": "ASIA" + token(random, 16),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": caller["principal"],
                "arn": f"arn:aws:iam::{account}:role/{caller['name']}",
                "accountId": account,
                "userName": caller["name"],
            },
            "webIdFederationData": {},
            "attributes": {"creationDate": utc(now - now % 3600) + "Z", "mfaAuthenticated": "false"},
        },
    }


def _row(record: dict, now: int) -> tuple:
    values = []
    for name, kind in TRUTH.items():
        value: object = record
        for step in name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        values.append(now if kind == "time_s" else value)
    return tuple(values)


# ------------------------------------------------------------ calls: request and answer


def _nothing(_random: Random, _caller: dict):
    return None, None


def _describe(random: Random, caller: dict):
    filters = [{"name": "vpc-id", "valueSet": {"items": [{"value": caller["vpc"]}]}}]
    return {"filterSet": {"items": filters}, "maxResults": 1000, "instancesSet": {}}, None


def _assume(random: Random, caller: dict):
    role, session = caller["thing_role"], f"{random.choice(WORDS)}-{random.getrandbits(32)}"
    credentials = {
        "accessKeyId": "ASIA" + token(random, 16),
        "sessionToken": token(random, 240, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
        "expiration": "May 2, 2024, 1:00:00 PM",
    }
    user = {
        "assumedRoleId": f"AROA{token(random, 17)}:{session}",
        "arn": f"{role.replace('iam', 'sts').replace('role/', 'assumed-role/')}/{session}",
    }
    request = {"roleArn": role, "roleSessionName": session, "durationSeconds": 3600}
    return request, {"credentials": credentials, "assumedRoleUser": user}


def _decrypt(random: Random, caller: dict):
    context = {"aws:s3:arn": f"arn:aws:s3:::{caller['bucket']}", "SecretVersionId": uuid(random)}
    return {"encryptionContext": context, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"}, None


def _object(random: Random, caller: dict):
    key = f"{random.choice(WORDS)}/{random.choice(WORDS)}-{random.getrandbits(48):012x}.json.gz"
    host = f"{caller['bucket']}.s3.{caller['region']}.amazonaws.com"
    return {"bucketName": caller["bucket"], "Host": host, "key": key}, None


def _put(random: Random, caller: dict):
    request, _ = _object(random, caller)
    return {**request, "x-amz-server-side-encryption": "aws:kms"}, {"x-amz-version-id": token(random, 32)}


def _table(random: Random, caller: dict):
    return {"tableName": f"{random.choice(WORDS)}-{random.choice(WORDS)}", "consistentRead": False}, None


def _stream(random: Random, caller: dict):
    group = f"/aws/lambda/{random.choice(WORDS)}-{random.choice(WORDS)}"
    name = f"2024/05/02/[$LATEST]{random.getrandbits(128):032x}"
    return {"logGroupName": group, "logStreamName": name}, None


def _run(random: Random, caller: dict):
    request = {
        "instancesSet": {"items": [{"imageId": f"ami-{random.getrandbits(68):017x}", "minCount": 1, "maxCount": 1}]},
        "instanceType": "m6i.large",
        "blockDeviceMapping": {},
        "monitoring": {"enabled": False},
        "tagSpecificationSet": {
            "items": [{"resourceType": "instance", "tags": [{"key": "Name", "value": random.choice(WORDS)}]}]
        },
    }
    instance = {
        "instanceId": f"i-{random.getrandbits(68):017x}",
        "privateDnsName": f"ip-{caller['host'].replace('.', '-')}.{caller['region']}.compute.internal",
        "privateIpAddress": caller["host"],
        "vpcId": caller["vpc"],
        "instanceState": {"code": 0, "name": "pending"},
        "groupSet": {"items": [{"groupId": f"sg-{random.getrandbits(68):017x}", "groupName": random.choice(WORDS)}]},
    }
    answer = {"requestId": uuid(random), "ownerId": caller["account"], "instancesSet": {"items": [instance]}}
    return request, answer


def _policy(random: Random, caller: dict):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": caller["thing_role"]},
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{caller['bucket']}", f"arn:aws:s3:::{caller['bucket']}/*"],
    }
    document = as_json({"Version": "2012-10-17", "Statement": [statement] * random.randrange(1, 4)})
    return {"policyName": random.choice(WORDS), "roleName": caller["name"], "policyDocument": document}, None


@lru_cache(maxsize=1)
def _calls() -> Pool:
    return Pool(
        [
            ("sts", "AssumeRole", True, _assume),
            ("kms", "Decrypt", True, _decrypt),
            ("ec2", "DescribeInstances", True, _describe),
            ("s3", "GetBucketAcl", True, _object),
            ("logs", "CreateLogStream", False, _stream),
            ("ec2", "DescribeNetworkInterfaces", True, _describe),
            ("kms", "GenerateDataKey", True, _decrypt),
            ("s3", "PutObject", False, _put),
            ("dynamodb", "DescribeTable", True, _table),
            ("iam", "ListRoles", True, _nothing),
            ("ec2", "RunInstances", False, _run),
            ("iam", "PutRolePolicy", False, _policy),
            ("secretsmanager", "GetSecretValue", True, _decrypt),
            ("ec2", "DescribeSecurityGroups", True, _describe),
        ],
        0.7,
    )


@lru_cache(maxsize=2)
def _callers(world: World) -> Pool:
    """Who calls: fixed in a world, few of them very busy."""
    random = Random("callers")
    callers = []
    for number in range(400):
        account, region = world.accounts.draw(random, 1)[0], random.choice(REGIONS)
        kind = random.choices(("AssumedRole", "IAMUser", "AWSService"), (75, 12, 13))[0]
        name = f"{random.choice(WORDS)}-{random.choice(('deploy', 'worker', 'admin', 'lambda', 'reader'))}-{number}"
        bucket = f"{random.choice(WORDS)}-{random.choice(WORDS)}-{region}"
        agent = random.choice(_AGENTS).format(minor=random.randrange(10, 200), patch=random.randrange(1, 9))
        callers.append(
            {
                "type": kind,
                "account": account,
                "region": region,
                "name": name,
                "principal": ("AIDA" if kind == "IAMUser" else "AROA") + token(random, 17),
                "key": "AKIA" + token(random, 16),
                "session": f"{random.choice(WORDS)}@example.com" if number % 3 else f"{name}-{number * 7919}",
                "instance": number % 4 == 0,
                "service": random.choice(("autoscaling", "config", "cloudtrail", "lambda")) + ".amazonaws.com",
                "agent": agent,
                "host": world.hosts.draw(random, 1)[0],
                "vpc": f"vpc-{random.getrandbits(68):017x}",
                "endpoint": f"vpce-{random.getrandbits(68):017x}",
                "bucket": bucket,
                "thing": f"arn:aws:kms:{region}:{account}:key/{uuid(random)}",
                "thing_role": f"arn:aws:iam::{account}:role/{random.choice(WORDS)}-{random.choice(WORDS)}",
            }
        )
    return Pool(callers, 0.6)


# ------------------------------------------------------------ odd but valid


def _escaped(random: Random, record: dict):
    record["userAgent"] = f'Konsole "Café" \\ {random.randrange(100)} / {record["userAgent"][:60]}'
    return as_ascii_json


def _slashes(_random: Random, _record: dict):
    return lambda record: as_json(record).replace("/", "\\/")


def _sign_in(random: Random, record: dict) -> None:
    record.update(eventType="AwsConsoleSignIn", eventName="ConsoleLogin", eventSource="signin.amazonaws.com")
    record["requestParameters"] = None
    record["responseElements"] = {"ConsoleLogin": "Success"}
    record["additionalEventData"] = {"LoginTo": "https://console.aws.amazon.com/", "MFAUsed": "Yes"}


def _long(random: Random, record: dict) -> None:
    items = [{"key": random.choice(WORDS), "value": uuid(random)} for _ in range(random.randrange(100, 600))]
    record["requestParameters"] = {"tags": items}


def _other_order(random: Random, record: dict) -> None:
    items = list(record.items())
    random.shuffle(items)
    record.clear()
    record.update(items)


def _unknown(random: Random, record: dict) -> None:
    record["insightContext"] = {"baseline": random.random(), "source": {"arn": record["userIdentity"].get("arn")}}


def _bare(_random: Random, record: dict) -> None:
    record["userIdentity"] = {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    record.update(userAgent=None, requestParameters=None, responseElements=None)


def _ipv6(random: Random, record: dict) -> None:
    record["sourceIPAddress"] = f"2001:db8:{random.getrandbits(16):x}::{random.getrandbits(16):x}"


_ODDITIES = (_escaped, _slashes, _sign_in, _long, _other_order, _unknown, _bare, _ipv6)
