"""Route 53 Resolver query logs: one object a line, about 0.5 KB."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from random import Random

from benchmarks.logs.frame import LINES
from benchmarks.logs.records import Writer, seconds
from benchmarks.logs.world import EPOCH_S, REGIONS, WORDS, Pool, World, public_ip, public_ipv6

LOG_TYPE = "AWS.VPCDns"
FRAME = LINES
TRUTH = {
    "version": "string",
    "account_id": "string",
    "region": "string",
    "vpc_id": "string",
    "query_timestamp": "time",
    "query_name": "string",
    "query_type": "string",
    "query_class": "string",
    "rcode": "string",
    "answers.Rdata": "string",
    "answers.Type": "string",
    "answers.Class": "string",
    "srcaddr": "string",
    "srcport": "string",
    "transport": "string",
    "srcids.instance": "string",
    "srcids.resolver-endpoint": "string",
    "firewall_rule_group_id": "string",
    "firewall_rule_action": "string",
}


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    return _WRITER.write(world, random, _records(world, random, number, count))


def _records(world: World, random: Random, number: int, count: int) -> Iterator[dict]:
    machines = random.choices(_machines(world), k=count)
    names = _names(world).draw(random, count)
    for index, ((vpc, address, instance), (name, answers)) in enumerate(zip(machines, names, strict=True)):
        account, region, vpc_id = vpc
        kind = random.random()
        query_type = "AAAA" if kind < 0.25 else "A"
        if kind < 0.25:
            answers = [each for each in answers if each["Type"] != "A"]
        elif kind > 0.88:
            name, query_type, answers = _other(world, random, kind)
        yield {
            "version": "1.100000",
            "account_id": account,
            "region": region,
            "vpc_id": vpc_id,
            "query_timestamp": seconds(EPOCH_S + number * 20 + index * 20 // count),
            "query_name": name,
            "query_type": query_type,
            "query_class": "IN",
            "rcode": "NXDOMAIN" if kind > 0.96 else "NOERROR",
            "answers": answers,
            "srcaddr": address,
            "srcport": str(1024 + int(random.random() * 64_511)),
            "transport": "UDP",
            "srcids": {"instance": instance},
        }


def _other(world: World, random: Random, kind: float) -> tuple[str, str, list[dict]]:
    """Reverse lookups, mail and text records, and names that are not there."""
    if kind > 0.96:
        return f"{random.choice(WORDS)}-{random.getrandbits(40):x}.example.net.", "A", []
    if kind > 0.91:
        address = random.choice(world.hosts.values)
        host = f"ip-{address.replace('.', '-')}.ec2.internal."
        return ".".join(reversed(address.split("."))) + ".in-addr.arpa.", "PTR", [_answer(host, "PTR")]
    site = random.choice(world.sites.values)
    if kind > 0.89:
        return f"{site}.", "MX", [_answer(f"{10 * n} mx{n}.{site}.", "MX") for n in (1, 2)]
    return f"{site}.", "TXT", [_answer(f'"v=spf1 include:_spf.{site} ~all"', "TXT")]


def _answer(data: str, kind: str) -> dict:
    return {"Rdata": data, "Type": kind, "Class": "IN"}


@lru_cache(maxsize=2)
def _names(world: World) -> Pool:
    """(name, its answers): few are asked for all the time, thousands now and then."""
    random = Random("names")
    names = []
    for index in range(6_000):
        site = random.choice(world.sites.values)
        host = f"{random.choice(WORDS)}-{index}.{site}."
        if index % 3 == 0:
            host = f"{random.choice(WORDS)}.{random.choice(REGIONS)}.amazonaws.com."
        answers = []
        if index % 4 == 0:
            answers.append(_answer(f"edge-{random.getrandbits(32):08x}.cdn.{site}.", "CNAME"))
        answers += [_answer(public_ip(random), "A") for _ in range(1 + index % 4)]
        answers += [_answer(public_ipv6(random), "AAAA") for _ in range(index % 3)]
        names.append((host, answers))
    return Pool(names, 0.8)


@lru_cache(maxsize=2)
def _machines(world: World) -> list[tuple]:
    """((account, region, VPC), address, instance): fixed in a world."""
    random = Random("machines")
    vpcs = [
        (account, random.choice(REGIONS), f"vpc-0{random.getrandbits(64):016x}")
        for account in world.accounts.draw(random, 10)
    ]
    hosts = world.hosts.values[:600]
    return [(random.choice(vpcs), host, f"i-0{random.getrandbits(64):016x}") for host in hosts]


# ---------------------------------------------------------------- odd records: other values


def _firewall(_world: World, random: Random, record: dict) -> None:
    record.update(firewall_rule_group_id=f"rslvr-frg-{random.getrandbits(64):016x}", answers=[], rcode="NXDOMAIN")
    record.update(firewall_rule_action="BLOCK", firewall_domain_list_id=f"rslvr-fdl-{random.getrandbits(64):016x}")


def _endpoint(_world: World, random: Random, record: dict) -> None:
    """A query that came over an inbound endpoint: no instance asked."""
    record["srcids"] = {
        "resolver_endpoint": f"rslvr-in-{random.getrandbits(64):016x}",
        "resolver_network_interface": f"rni-{random.getrandbits(64):016x}",
    }


def _no_ids(_world: World, random: Random, record: dict) -> None:
    record["srcids"] = {} if random.random() < 0.5 else None


def _ipv6(world: World, random: Random, record: dict) -> None:
    record["srcaddr"] = random.choice(world.visitors_v6)


def _names_of_others(_world: World, random: Random, record: dict) -> None:
    record["query_name"] = random.choice(
        ("xn--fa-hia.example.", ".", "CamelCase.Example.COM.", "_ldap._tcp.example.org.")
    )


def _long_text(_world: World, random: Random, record: dict) -> None:
    keys = [f'"k={index}; p={random.getrandbits(1600):x}\\" \\; é"' for index in range(6)]
    record.update(query_type="TXT", answers=[_answer(key, "TXT") for key in keys])


def _newer(_world: World, _random: Random, record: dict) -> None:
    record.update(transport="DoH", query_latency_ms={"p50": 1.25, "samples": [1, 2, 3]})


# ---------------------------------------------------------------- the same values, spelled otherwise


def _port_number(_world: World, _random: Random, record: dict) -> None:
    record["srcport"] = int(record["srcport"])


def _fraction(_world: World, _random: Random, record: dict) -> None:
    record["query_timestamp"] = record["query_timestamp"].replace("Z", ".000+00:00")


_WRITER = Writer(
    TRUTH,
    sources={"srcids.resolver-endpoint": "srcids.resolver_endpoint"},
    changes=(_firewall, _firewall, _endpoint, _endpoint, _no_ids, _ipv6, _names_of_others, _long_text, _newer),
    spellings=(_port_number, _fraction),
)
