"""CloudTrail: management and data events of some accounts in one `Records` array, about 1.4 KB a record."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from random import Random

from benchmarks.logs import cloud_trail_calls as calls
from benchmarks.logs.frame import RECORDS
from benchmarks.logs.records import Writer, key_id, seconds, uuid
from benchmarks.logs.world import EPOCH_S, REGIONS, WORDS, Pool, World

LOG_TYPE = "AWS.CloudTrail"
FRAME = RECORDS
TRUTH = {
    "additionalEventData": "json",
    "apiVersion": "string",
    "awsRegion": "string",
    "errorCode": "string",
    "errorMessage": "string",
    "eventID": "string",
    "eventName": "string",
    "eventSource": "string",
    "eventTime": "time",
    "eventType": "string",
    "eventVersion": "string",
    "managementEvent": "bool",
    "readOnly": "bool",
    "recipientAccountId": "string",
    "requestID": "string",
    "requestParameters": "json",
    "resources.arn": "string",
    "resources.accountId": "string",
    "resources.type": "string",
    "responseElements": "json",
    "serviceEventDetails": "json",
    "sharedEventID": "string",
    "sourceIPAddress": "string",
    "userAgent": "string",
    "userIdentity.type": "string",
    "userIdentity.principalId": "string",
    "userIdentity.arn": "string",
    "userIdentity.accountId": "string",
    "userIdentity.accessKeyId": "string",
    "userIdentity.userName": "string",
    "userIdentity.invokedBy": "string",
    "userIdentity.sessionContext.attributes.creationDate": "string",
    "userIdentity.sessionContext.sessionIssuer.arn": "string",
    "userIdentity.sessionContext.webIdFederationData.federatedProvider": "string",
    "vpcEndpointId": "string",
    "eventCategory": "string",
    "tlsDetails.tlsVersion": "string",
    "tlsDetails.clientProvidedHostHeader": "string",
}


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    return _WRITER.write(world, random, _records(world, random, number, count))


def _records(world: World, random: Random, number: int, count: int) -> Iterator[dict]:
    begun_s = EPOCH_S + number * 120
    identities = [_identity(actor, begun_s, random) for actor in _actors(world)]
    draws = zip(
        Pool(identities, 0.6).draw(random, count),
        random.choices(list(calls.WEIGHTS), list(calls.WEIGHTS.values()), k=count),
        random.choices(_roles(world), k=count),
        world.clients.draw(random, count),
        world.hosts.draw(random, count),
        world.paths.draw(random, count),
        _AGENTS.draw(random, count),
        strict=True,
    )
    for index, (identity, call, role, client, host, route, agent) in enumerate(draws):
        account, region = identity.get("accountId") or world.accounts.values[0], REGIONS[int(random.random() ** 2 * 4)]
        place = calls.Place(account, region, role, host, route, begun_s + index * 120 // count)
        client = client if index % 3 else host
        yield _record(random, identity, call(random, place), place, client, agent)


def _record(random: Random, identity: dict, call: dict, place: calls.Place, client: str, agent: str) -> dict:
    service = identity.get("invokedBy")
    management = call.get("managementEvent", True)
    record = {
        "eventVersion": "1.09" if management else "1.10",
        "userIdentity": identity,
        "eventTime": seconds(place.now_s),
        "eventSource": call["eventSource"],
        "eventName": call["eventName"],
        "awsRegion": place.region,
        "sourceIPAddress": service or client,
        "userAgent": service or agent,
        "requestParameters": call["requestParameters"],
        "responseElements": call["responseElements"],
    }
    if "additionalEventData" in call:
        record["additionalEventData"] = call["additionalEventData"]
    record["requestID"] = uuid(random)
    record["eventID"] = uuid(random)
    record["readOnly"] = call["readOnly"]
    if "resources" in call:
        record["resources"] = call["resources"]
    record["eventType"] = "AwsApiCall"
    if "apiVersion" in call:
        record["apiVersion"] = call["apiVersion"]
    record["managementEvent"] = management
    record["recipientAccountId"] = place.account
    if "sharedEventID" in call:
        record["sharedEventID"] = call["sharedEventID"]
    if not management and len(place.role) & 1:
        record["vpcEndpointId"] = f"vpce-0{calls.hash_of(place.role):016x}"
    record["eventCategory"] = "Management" if management else "Data"
    if "host" in call and not service:
        record["tlsDetails"] = {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": call["host"],
        }
    return record


def _identity(actor: dict, now_s: int, random: Random) -> dict:
    """An actor as it is during one block: its keys and session are not older than that."""
    if actor["type"] != "AssumedRole":
        return actor
    issuer = actor["sessionIssuer"]
    attributes = {"creationDate": seconds(now_s - random.randrange(60, 3600)), "mfaAuthenticated": "false"}
    context = {"sessionIssuer": issuer, "webIdFederationData": {}, "attributes": attributes}
    if actor["session"].startswith("i-"):
        context["ec2RoleDelivery"] = "2.0"
    return {
        "type": "AssumedRole",
        "principalId": f"{issuer['principalId']}:{actor['session']}",
        "arn": f"arn:aws:sts::{issuer['accountId']}:assumed-role/{issuer['userName']}/{actor['session']}",
        "accountId": issuer["accountId"],
        "accessKeyId": key_id(random, "ASIA"),
        "sessionContext": context,
    }


@lru_cache(maxsize=2)
def _actors(world: World) -> list[dict]:
    """Who calls: services, roles of machines and people, a few users; fixed in a world."""
    random = Random("actors")
    actors: list[dict] = []
    for index, account in enumerate(world.accounts.draw(random, 300)):
        kind = index % 10
        if kind in (1, 4, 7):
            actors.append({"type": "AWSService", "invokedBy": f"{random.choice(_SERVICES)}.amazonaws.com"})
        elif kind == 9:
            name, user = random.choice(WORDS), {"type": "IAMUser", "principalId": key_id(random, "AIDA")}
            user |= {"arn": f"arn:aws:iam::{account}:user/{name}", "accountId": account}
            actors.append({**user, "accessKeyId": key_id(random, "AKIA"), "userName": name})
        else:
            role = random.choice(_roles(world))
            issuer = {"type": "Role", "principalId": key_id(random, "AROA")}
            issuer |= {"arn": f"arn:aws:iam::{account}:role/{role}", "accountId": account, "userName": role}
            person = f"{random.choice(WORDS)}.{random.choice(WORDS)}@example.com"
            session = person if kind == 2 else f"i-0{random.getrandbits(64):016x}"
            actors.append({"type": "AssumedRole", "sessionIssuer": issuer, "session": session})
    return actors


@lru_cache(maxsize=2)
def _roles(_world: World) -> list[str]:
    random = Random("roles")
    return [f"{random.choice(WORDS)}-{random.choice(WORDS)}-{random.choice(_JOBS)}" for _ in range(80)]


_JOBS = ("prod", "ingest", "worker", "ci", "reader")
_SERVICES = ("ec2", "lambda", "ecs-tasks", "autoscaling", "config", "cloudtrail", "eks-nodegroup", "rds")
_GO = "aws-sdk-go-v2/1.{m}.{p} os/linux lang/go#1.22.{p} md/GOOS#linux md/GOARCH#amd64 api/s3#1.{m}.{p}"
_PYTHON = "Boto3/1.3{m}.{p} md/Botocore#1.3{m}.{p} ua/2.0 os/linux#6.1.{p} md/arch#x86_64 lang/python#3.11.{m}"
_AGENT_FORMS = (
    _GO,
    f"{_PYTHON} cfg/retry-mode#legacy Botocore/1.3{{m}}.{{p}}",
    "aws-sdk-java/2.2{m}.{p} Linux/6.1.{p}.amzn2023.x86_64 OpenJDK_64-Bit_Server_VM/17.0.{m} Java/17.0.{m} io/sync",
    "aws-cli/2.1{m}.{p} md/awscrt#0.19.{p} os/linux#6.5.0 md/arch#x86_64 lang/python#3.11.{m} cfg/retry-mode#standard",
    "Terraform/1.{m}.{p} (+https://terraform.example.com) terraform-provider-aws/5.{p}.{m} " + _GO,
    "AWS Internal",
    "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.{p} Linux/5.10.{m} Java/1.8.0_4{m}2]",
    "console.amazonaws.com",
)
_AGENTS = Pool([form.format(m=i % 7, p=i % 23) for i in range(200) for form in _AGENT_FORMS], 0.5)


# ---------------------------------------------------------------- odd records: other values


def _denied(_world: World, _random: Random, record: dict) -> None:
    who = record["userIdentity"].get("arn", "arn:aws:iam::123456789012:root")
    action = f"{record['eventSource'].split('.')[0]}:{record['eventName']}"
    record["errorCode"] = "AccessDenied"
    record["errorMessage"] = f'User: {who} is not authorized to perform: {action} because of "deny" in a policy'
    record["responseElements"] = None


def _console_login(world: World, random: Random, record: dict) -> None:
    name = random.choice(("Zoë Müller", "josé", "ops\\admin", "山田"))
    account = world.accounts.values[0]
    record["userIdentity"] = {
        "type": "IAMUser",
        "principalId": key_id(random, "AIDA"),
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": "",
        "userName": name,
    }
    record.update(eventSource="signin.amazonaws.com", eventName="ConsoleLogin", eventType="AwsConsoleSignIn")
    record.update(requestParameters=None, responseElements={"ConsoleLogin": random.choice(("Success", "Failure"))})
    record["userAgent"] = random.choice(world.browsers.values)
    where = "https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true"
    record["additionalEventData"] = {"LoginTo": where, "MobileVersion": "No", "MFAUsed": "Yes"}


def _service_event(_world: World, random: Random, record: dict) -> None:
    record.update(userIdentity={"accountId": record["recipientAccountId"], "invokedBy": "AWS Internal"})
    record.update(eventType="AwsServiceEvent", eventSource="kms.amazonaws.com", eventName="RotateKey")
    record.update(sourceIPAddress="AWS Internal", userAgent="AWS Internal", requestParameters=None)
    record["serviceEventDetails"] = {"keyId": uuid(random), "rotationType": "AUTOMATIC"}


def _federated(_world: World, _random: Random, record: dict) -> None:
    issuer = "accounts.google.example.com"
    context = {"attributes": {"mfaAuthenticated": "true", "creationDate": record["eventTime"]}}
    context["webIdFederationData"] = {"federatedProvider": issuer, "attributes": {f"{issuer}:aud": "web"}}
    record["userIdentity"] = {"type": "WebIdentityUser", "userName": "ci", "sessionContext": context}
    record["userIdentity"]["identityProvider"] = issuer


def _sql(_world: World, random: Random, record: dict) -> None:
    query = f'SELECT "id", name FROM orders\n\tWHERE note = \'5" \\ café\' AND id = {random.randrange(10**9)} -- /*x*/'
    record.update(eventSource="athena.amazonaws.com", eventName="StartQueryExecution")
    record["requestParameters"] = {"queryString": query * random.randrange(1, 30), "workGroup": "primary"}


def _long(_world: World, random: Random, record: dict) -> None:
    record["requestParameters"] = {"tagSet": [{"key": f"k{i}", "value": random.choice(WORDS)} for i in range(1500)]}


def _ipv6(world: World, random: Random, record: dict) -> None:
    record["sourceIPAddress"] = random.choice(world.visitors_v6)


def _older(_world: World, _random: Random, record: dict) -> None:
    record["eventVersion"] = "1.02"
    for name in ("readOnly", "managementEvent", "eventCategory", "tlsDetails", "resources", "recipientAccountId"):
        record.pop(name, None)


def _newer(_world: World, _random: Random, record: dict) -> None:
    """Members that no reader knows yet."""
    record["eventVersion"] = "1.12"
    record["inferenceContext"] = {"model": {"id": "m-1", "parts": [1, 2.5e3, True, None, {"deep": [[]]}]}}
    record["userIdentity"] = {**record["userIdentity"], "trustedBy": "unknown"}


def _text_parameters(_world: World, _random: Random, record: dict) -> None:
    record["requestParameters"] = "HIDDEN_DUE_TO_SECURITY_REASONS"


# ---------------------------------------------------------------- the same values, spelled otherwise


def _aliases(_world: World, _random: Random, record: dict) -> None:
    record["requestId"] = record.pop("requestID")
    record["resources"] = [
        {"arn" if name == "ARN" else name: value for name, value in each.items()}
        for each in record.get("resources") or []
    ]
    if not record["resources"]:
        record["resources"] = None


def _text_booleans(_world: World, _random: Random, record: dict) -> None:
    record["readOnly"] = str(record["readOnly"]).lower()


def _nulls(_world: World, _random: Random, record: dict) -> None:
    record.setdefault("errorCode", None)
    record.setdefault("resources", None)
    record.setdefault("additionalEventData", None)
    record["userIdentity"] = {"userName": None, "sessionContext": None, **record["userIdentity"]}


_WRITER = Writer(
    TRUTH,
    sources={"resources.arn": "resources.ARN"},
    changes=(
        *(_denied, _denied, _denied, _console_login, _service_event, _federated, _sql, _long),
        *(_ipv6, _older, _newer, _text_parameters),
    ),
    spellings=(_aliases, _text_booleans, _nulls),
)
