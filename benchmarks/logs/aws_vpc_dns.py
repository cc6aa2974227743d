"""Route 53 Resolver query logs: NDJSON, about 500 bytes a query."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from benchmarks.logs.world import EPOCH_S, LINES, ODD, REGIONS, WORDS, Pool, World, as_json, public_ip, utc

LOG_TYPE = "AWS.VPCDns"
SHAPE = LINES
TRUTH = {
    "version": "string",
    "account_id": "string",
    "region": "string",
    "vpc_id": "string",
    "query_timestamp": "time_s",
    "query_name": "string",
    "query_type": "string",
    "query_class": "string",
    "rcode": "string",
    "srcaddr": "string",
    "srcport": "string",
    "transport": "string",
    "srcids.instance": "string",
    "firewall_rule_action": "string",
}


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    texts, rows = [], []
    draws = zip(
        _vpcs(world).draw(random, count), _names().draw(random, count), world.hosts.draw(random, count), strict=True
    )
    now = EPOCH_S + number * 60
    for vpc, name, host in draws:
        now += random.random() < 0.03
        record = _usual(random, now, vpc, name, host)
        if random.random() < ODD:
            random.choice(_ODDITIES)(random, record)
        texts.append(as_json(record))
        rows.append(_row(record, now))
    return texts, rows


def _usual(random: Random, now: int, vpc: tuple, name: str, host: str) -> dict:
    account, region, vpc_id, instances = vpc
    kind = "AAAA" if random.random() < 0.25 else "A"
    answers = []
    if random.random() < 0.3:
        answers.append({"Rdata": f"{random.choice(WORDS)}.edge.example.net.", "Type": "CNAME", "Class": "IN"})
    for _ in range(random.randrange(1, 4)):
        data = public_ip(random) if kind == "A" else f"2001:db8::{random.getrandbits(16):x}"
        answers.append({"Rdata": data, "Type": kind, "Class": "IN"})
    return {
        "version": "1.100000",
        "account_id": account,
        "region": region,
        "vpc_id": vpc_id,
        "query_timestamp": utc(now) + "Z",
        "query_name": name,
        "query_type": kind,
        "query_class": "IN",
        "rcode": "NOERROR",
        "answers": answers,
        "srcaddr": host,
        "srcport": str(1024 + int(random.random() * 64_511)),
        "transport": "UDP",
        "srcids": {"instance": random.choice(instances)},
    }


def _row(record: dict, now: int) -> tuple:
    values = {**record, "query_timestamp": now, "srcids.instance": (record.get("srcids") or {}).get("instance")}
    return tuple(values.get(name) for name in TRUTH)


@lru_cache(maxsize=1)
def _names() -> Pool:
    random = Random("names")
    tops = ("example.com", "example.org", "eu-west-1.amazonaws.com", "svc.cluster.local", "example.net")
    return Pool([f"{random.choice(WORDS)}-{number % 97}.{random.choice(tops)}." for number in range(4_000)], 0.8)


@lru_cache(maxsize=2)
def _vpcs(world: World) -> Pool:
    random = Random("vpcs")
    vpcs = []
    for _ in range(20):
        instances = [f"i-{random.getrandbits(68):017x}" for _ in range(60)]
        account = random.choice(world.accounts.values)
        vpcs.append((account, random.choice(REGIONS), f"vpc-{random.getrandbits(68):017x}", instances))
    return Pool(vpcs)


# ------------------------------------------------------------ odd but valid


def _unknown_name(_random: Random, record: dict) -> None:
    record.update(rcode="NXDOMAIN", answers=[])


def _no_answers(_random: Random, record: dict) -> None:
    record["rcode"] = "SERVFAIL"
    del record["answers"]


def _firewall(random: Random, record: dict) -> None:
    record["firewall_rule_action"] = random.choice(("ALERT", "BLOCK"))
    record["firewall_rule_group_id"] = f"rslvr-frg-{random.getrandbits(64):016x}"
    record["firewall_domain_list_id"] = f"rslvr-fdl-{random.getrandbits(64):016x}"


def _text_record(_random: Random, record: dict) -> None:
    record["query_type"] = "TXT"
    record["answers"] = [{"Rdata": '"v=spf1 include:mail.example.com" "~all"', "Type": "TXT", "Class": "IN"}]


def _endpoint(random: Random, record: dict) -> None:
    name = f"rslvr-in-{random.getrandbits(68):017x}"
    record["srcids"] = {"resolver_endpoint": name, "resolver_network_interface": f"rni-{random.getrandbits(64):016x}"}


def _international(_random: Random, record: dict) -> None:
    record["query_name"] = "xn--bcher-kva.example."


_ODDITIES = (_unknown_name, _no_answers, _firewall, _text_record, _endpoint, _international)
