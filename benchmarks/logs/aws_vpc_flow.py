"""VPC flow logs in the default format, with its header: 14 fields, about 118 bytes a line."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from benchmarks.logs.frame import Frame
from benchmarks.logs.world import EPOCH_S, ODD, World

LOG_TYPE = "AWS.VPCFlow"
FRAME = Frame(
    header="version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes "
    "start end action log-status\n"
)
TRUTH = {
    "version": "int",
    "account": "string",
    "interfaceId": "string",
    "srcAddr": "string",
    "dstAddr": "string",
    "srcPort": "int",
    "dstPort": "int",
    "protocol": "int",
    "packets": "int",
    "bytes": "int",
    "start": "time_s",
    "end": "time_s",
    "action": "string",
    "status": "string",
}
_SERVICES = (443, 443, 443, 80, 3306, 53, 53, 8080, 22, 6379, 5432, 123, 9092, 2049)


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    lines, rows = [], []
    interfaces = _interfaces(world)
    hosts, peers = random.choices(interfaces, k=count), world.clients.draw(random, count)
    inner, services = world.hosts.draw(random, count), random.choices(_SERVICES, k=count)
    fresh, clock = random.random, EPOCH_S + number * 5
    for (account, interface, host), peer, other, service in zip(hosts, peers, inner, services, strict=True):
        start = clock + int(fresh() * 60)
        end = start + int(fresh() * 59)
        if fresh() < ODD:
            line, row = _odd(world, random, account, interface, start, end)
        else:
            if fresh() < 0.6:
                peer = other
            port, packets = 1024 + int(fresh() * 64_511), 1 + int(fresh() ** 6 * 9_000)
            size = packets * (40 + int(fresh() * 1_400))
            protocol = 17 if service in (53, 123) else 6
            action = "REJECT" if fresh() < 0.08 else "ACCEPT"
            ends = (peer, host, port, service) if fresh() < 0.5 else (host, peer, service, port)
            row = (2, account, interface, *ends, protocol, packets, size, start, end, action, "OK")
            line = " ".join(map(str, row))
        lines.append(line)
        rows.append(row)
    return lines, rows


@lru_cache(maxsize=2)
def _interfaces(world: World) -> list[tuple[str, str, str]]:
    """(account, interface, its address): fixed in a world, as every interface has one address."""
    random = Random("interfaces")
    accounts = world.accounts.draw(random, 400)
    return [
        (account, f"eni-0{random.getrandbits(64):016x}", world.hosts.values[i]) for i, account in enumerate(accounts)
    ]


def _odd(world: World, random: Random, account: str, interface: str, start: int, end: int) -> tuple[str, tuple]:
    kind = random.random()
    if kind < 0.55:
        status = "NODATA" if kind < 0.45 else "SKIPDATA"
        owner = "unknown" if kind < 0.05 else account
        line = f"2 {owner} {interface} - - - - - - - {start} {end} - {status}"
        return line, (2, None if kind < 0.05 else account, interface, *[None] * 7, start, end, None, status)
    packets = random.randrange(1, 50)
    if kind < 0.9:
        ends = (random.choice(world.visitors_v6), random.choice(world.visitors_v6), random.randrange(1024, 65_536), 443)
        row = (2, account, interface, *ends, 6, packets, packets * 1_280, start, end, "ACCEPT", "OK")
    else:  # ICMP has no ports
        ends = (random.choice(world.hosts.values), random.choice(world.clients.values), 0, 0)
        row = (2, account, interface, *ends, 1, packets, packets * 84, start, end, "ACCEPT", "OK")
    return " ".join(map(str, row)), row
