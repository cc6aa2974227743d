"""Calls to AWS APIs as CloudTrail writes them: which service, with which parameters, what came back.

A call takes a generator and a `Place` and gives the members of a record that depend on it. What a kind of call
leaves out is what CloudTrail leaves out for it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from random import Random
from typing import NamedTuple

from benchmarks.logs.records import key_id, seconds, uuid
from benchmarks.logs.world import WORDS


class Place(NamedTuple):
    """Where a call is made, and what is there to be called."""

    account: str
    region: str
    role: str
    host: str
    route: str
    now_s: int

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def _noise(random: Random, size: int) -> str:
    return b64encode(random.randbytes(size)).decode()


def assume_role(random: Random, place: Place) -> dict:
    arn = f"arn:aws:iam::{place.account}:role/{place.role}"
    session = f"i-0{random.getrandbits(64):016x}"
    response = {
        "credentials": {
            "accessKeyId": key_id(random, "ASIA"),
            "sessionToken": _noise(random, 180),
            "expiration": f"May 2, 2024, 6:{place.now_s // 60 % 60:02d}:{place.now_s % 60:02d} PM",
        },
        "assumedRoleUser": {
            "assumedRoleId": f"AROA{random.getrandbits(60):016X}:{session}",
            "arn": f"arn:aws:sts::{place.account}:assumed-role/{place.role}/{session}",
        },
    }
    return {
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRole",
        "requestParameters": {"roleArn": arn, "roleSessionName": session, "durationSeconds": 3600},
        "responseElements": response,
        "resources": [{"accountId": place.account, "type": "AWS::IAM::Role", "ARN": arn}],
        "readOnly": True,
        "sharedEventID": uuid(random),
    }


def decrypt(random: Random, place: Place) -> dict:
    key = place.arn("kms", f"key/{place.account[:8]}-{hash_of(place.role):04x}-4abc-9def-{place.account}")
    context = {"aws:s3:arn": f"arn:aws:s3:::{_bucket(place)}"}
    if random.random() < 0.5:
        context = {"PARAMETER_ARN": place.arn("ssm", f"parameter{place.route}"), "aws:pi:service": "rds"}
    return {
        "eventSource": "kms.amazonaws.com",
        "eventName": "Decrypt" if random.random() < 0.7 else "GenerateDataKey",
        "requestParameters": {"encryptionContext": context, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
        "responseElements": None,
        "resources": [{"accountId": place.account, "type": "AWS::KMS::Key", "ARN": key}],
        "readOnly": True,
    }


def s3_object(random: Random, place: Place) -> dict:
    bucket, key = _bucket(place), f"{place.route[1:]}/{random.getrandbits(40):010x}.parquet"
    writes = random.random() < 0.35
    sent, received = (0, random.randrange(1, 10**7)) if writes else (random.randrange(1, 10**7), 0)
    host = f"{bucket}.s3.{place.region}.amazonaws.com"
    parameters = {"bucketName": bucket, "Host": host, "key": key}
    response = None
    if writes:
        parameters["x-amz-server-side-encryption"] = "aws:kms"
        response = {"x-amz-server-side-encryption": "aws:kms", "x-amz-version-id": f"{random.getrandbits(96):024x}"}
    more = {
        "SignatureVersion": "SigV4",
        "CipherSuite": "TLS_AES_128_GCM_SHA256",
        "bytesTransferredIn": received,
        "AuthenticationMethod": "AuthHeader",
        "x-amz-id-2": _noise(random, 56),
        "bytesTransferredOut": sent,
    }
    resources = [
        {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
        {"accountId": place.account, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
    ]
    return {
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutObject" if writes else "GetObject",
        "requestParameters": parameters,
        "responseElements": response,
        "additionalEventData": more,
        "resources": resources,
        "readOnly": not writes,
        "managementEvent": False,
        "host": host,
    }


def describe(random: Random, place: Place) -> dict:
    service, name = random.choice(_READS)
    kind = random.random()
    parameters: dict | None = None
    if kind < 0.5:
        values = [{"name": "tag:team", "valueSet": {"items": [{"value": random.choice(WORDS)}]}}]
        parameters = {"maxResults": 100, "filterSet": {"items": values}}
    elif kind < 0.8:
        parameters = {"nextToken": _noise(random, 120), "maxItems": random.randrange(10, 1000)}
    return {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "requestParameters": parameters,
        "responseElements": None,
        "readOnly": True,
        "host": f"{service}.{place.region}.amazonaws.com",
    }


def describe_instances(random: Random, place: Place) -> dict:
    ids = [{"instanceId": f"i-0{random.getrandbits(64):016x}"} for _ in range(random.randrange(1, 9))]
    return {
        "eventSource": "ec2.amazonaws.com",
        "eventName": random.choice(("DescribeInstances", "DescribeInstanceStatus", "DescribeTags")),
        "requestParameters": {"instancesSet": {"items": ids}, "filterSet": {}},
        "responseElements": None,
        "readOnly": True,
        "host": f"ec2.{place.region}.amazonaws.com",
    }


def invoke(random: Random, place: Place) -> dict:
    function = place.arn("lambda", f"function:{place.role}")
    return {
        "eventSource": "lambda.amazonaws.com",
        "eventName": "Invoke",
        "requestParameters": {"functionName": function, "invocationType": "RequestResponse", "logType": "None"},
        "responseElements": None,
        "additionalEventData": {"functionVersion": f"{function}:{random.randrange(1, 90)}"},
        "resources": [{"accountId": place.account, "type": "AWS::Lambda::Function", "ARN": function}],
        "readOnly": False,
        "managementEvent": False,
    }


def table_item(random: Random, place: Place) -> dict:
    name = place.role.replace("-", "_")
    return {
        "eventSource": "dynamodb.amazonaws.com",
        "eventName": random.choice(("GetItem", "Query", "PutItem")),
        "requestParameters": {
            "tableName": name,
            "key": {"customer": f"C{random.randrange(10**8)}", "order": place.route},
            "items": [{"customer": f"C{random.randrange(10**8)}"}],
            "consistentRead": random.random() < 0.2,
        },
        "responseElements": None,
        "resources": [
            {"accountId": place.account, "type": "AWS::DynamoDB::Table", "ARN": place.arn("dynamodb", f"table/{name}")}
        ],
        "apiVersion": "2012-08-10",
        "readOnly": True,
        "managementEvent": False,
        "host": f"dynamodb.{place.region}.amazonaws.com",
    }


def log_stream(random: Random, place: Place) -> dict:
    stream = f"{seconds(place.now_s)[:10].replace('-', '/')}/[$LATEST]{random.getrandbits(128):032x}"
    return {
        "eventSource": "logs.amazonaws.com",
        "eventName": "CreateLogStream",
        "requestParameters": {"logGroupName": f"/aws/lambda/{place.role}", "logStreamName": stream},
        "responseElements": None,
        "apiVersion": "20140328",
        "readOnly": False,
        "host": f"logs.{place.region}.amazonaws.com",
    }


def put_policy(random: Random, place: Place) -> dict:
    """A policy is JSON in a string, so every quote of it is escaped."""
    statements = [
        {
            "Sid": f"{word}Access",
            "Effect": "Allow",
            "Action": ["s3:GetObject*", f"dynamodb:{word}"],
            "Resource": [f"arn:aws:s3:::{_bucket(place)}/{word}/*", "*"],
        }
        for word in random.choices(WORDS, k=random.randrange(1, 4))
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)
    return {
        "eventSource": "iam.amazonaws.com",
        "eventName": "PutRolePolicy",
        "requestParameters": {"roleName": place.role, "policyName": "inline", "policyDocument": document},
        "responseElements": None,
        "readOnly": False,
        "host": "iam.amazonaws.com",
    }


def run_instances(random: Random, place: Place) -> dict:
    image, subnet = f"ami-0{random.getrandbits(64):016x}", f"subnet-0{random.getrandbits(64):016x}"
    tags = [{"key": "Name", "value": place.role}, {"key": "team", "value": random.choice(WORDS)}]
    items = [_instance(random, place, image, subnet, tags) for _ in range(random.randrange(1, 3))]
    return {
        "eventSource": "ec2.amazonaws.com",
        "eventName": "RunInstances",
        "requestParameters": {
            "instancesSet": {"items": [{"imageId": image, "minCount": 1, "maxCount": len(items)}]},
            "instanceType": "m6i.large",
            "subnetId": subnet,
            "userData": "<sensitiveDataRemoved>",
            "tagSpecificationSet": {"items": [{"resourceType": "instance", "tags": tags}]},
        },
        "responseElements": {
            "requestId": uuid(random),
            "reservationId": f"r-0{random.getrandbits(64):016x}",
            "ownerId": place.account,
            "groupSet": {},
            "instancesSet": {"items": items},
        },
        "readOnly": False,
        "host": f"ec2.{place.region}.amazonaws.com",
    }


def _instance(random: Random, place: Place, image: str, subnet: str, tags: list) -> dict:
    name = f"ip-{place.host.replace('.', '-')}.{place.region}.compute.internal"
    return {
        "instanceId": f"i-0{random.getrandbits(64):016x}",
        "imageId": image,
        "instanceState": {"code": 0, "name": "pending"},
        "privateDnsName": name,
        "amiLaunchIndex": 0,
        "productCodes": {},
        "instanceType": "m6i.large",
        "launchTime": place.now_s * 1000,
        "placement": {"availabilityZone": f"{place.region}a", "tenancy": "default"},
        "monitoring": {"state": "disabled"},
        "subnetId": subnet,
        "vpcId": f"vpc-0{random.getrandbits(64):016x}",
        "privateIpAddress": place.host,
        "stateReason": {"code": "pending", "message": "pending"},
        "networkInterfaceSet": {
            "items": [
                {
                    "networkInterfaceId": f"eni-0{random.getrandbits(64):016x}",
                    "ownerId": place.account,
                    "macAddress": f"0a:1b:{random.randbytes(4).hex(':')}",
                    "privateIpAddress": place.host,
                    "privateDnsName": name,
                    "tagSet": {},
                }
            ]
        },
        "tagSet": {"items": tags},
        "ebsOptimized": False,
    }


def hash_of(text: str) -> int:
    """Sixteen bits of a text, the same in every process."""
    return sum(index * ord(letter) for index, letter in enumerate(text, 17)) & 0xFFFF


def _bucket(place: Place) -> str:
    return f"{place.role}-{place.region}-{place.account[:6]}"


_READS = (
    ("elasticloadbalancing", "DescribeTargetHealth"),
    ("ec2", "DescribeNetworkInterfaces"),
    ("ec2", "DescribeVolumes"),
    ("autoscaling", "DescribeAutoScalingGroups"),
    ("monitoring", "DescribeAlarms"),
    ("config", "DescribeConfigRules"),
    ("iam", "GetRole"),
    ("iam", "ListAttachedRolePolicies"),
    ("ssm", "DescribeInstanceInformation"),
    ("rds", "DescribeDBInstances"),
    ("tagging", "GetResources"),
)
# How often each is called, in a thousand.
WEIGHTS = {
    assume_role: 230,
    decrypt: 170,
    s3_object: 190,
    describe: 180,
    describe_instances: 60,
    invoke: 60,
    table_item: 40,
    log_stream: 45,
    put_policy: 12,
    run_instances: 13,
}
