"""What repeats in real logs: addresses, hosts, agents, paths, drawn with the skew that real traffic has.

A world is made once from a seed and shared by every block and file of that seed, as the machines of one
company are. What does not repeat in real logs (ports, ids, sizes, times) is drawn fresh for each line.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from random import Random

EPOCH_S = 1_714_608_000  # 2024-05-02T00:00:00Z, the first moment of every log
ODD = 0.015  # share of lines that are odd but valid

REGIONS = ("eu-west-1", "us-east-1", "eu-central-1", "ap-southeast-2")
_WORDS = """
account address archive asset audit banner basket billing bundle cache campaign cart catalog category chart checkout
client comment config contact coupon customer daily delivery detail device digest document draft event export feature
feed file filter folder gallery group health history image import index invoice item label language layout ledger list
location login manifest media member menu message metric mobile model month news notice offer option order page partner
password payment photo plan policy preview price product profile promo quote range rating record refund region report
result return review role rule sale schedule search section segment session setting share shipment shop signup stock
store stream summary supplier survey sync system table task template theme ticket token topic total track transfer
trend upload usage user vendor version video view voucher wallet warehouse watch week widget
"""
WORDS = _WORDS.split()


class Pool:
    """Values of which few are frequent and most are rare: the k-th has weight 1 / k ** skew."""

    def __init__(self, values: Sequence, skew: float = 1.0) -> None:
        self.values = values
        self._weights = list(accumulate(1.0 / (k**skew) for k in range(1, len(values) + 1)))

    def draw(self, random: Random, count: int) -> list:
        return random.choices(self.values, cum_weights=self._weights, k=count)


class World:
    """The pools that several log types share."""

    def __init__(self, seed: int) -> None:
        random = Random(f"world/{seed}")
        self.accounts = Pool([f"{random.randrange(10**11, 10**12)}" for _ in range(6)])
        self.clients = Pool([public_ip(random) for _ in range(20_000)], 0.8)
        self.hosts = Pool([private_ip(random) for _ in range(2_000)], 0.6)
        self.visitors_v6 = [public_ipv6(random) for _ in range(400)]
        self.sites = Pool([f"{name}.example.{top}" for name in _SITES for top in ("com", "net", "org")])
        self.browsers = Pool([_browser(random) for _ in range(600)], 0.7)
        self.paths = Pool([path(random) for _ in range(5_000)], 0.7)


_SITES = ("www", "shop", "api", "static", "app.eu", "login", "m", "partner-portal", "img.cdn", "search")


def public_ip(random: Random) -> str:
    bits = random.getrandbits(24)
    return f"{random.randrange(11, 223)}.{bits & 255}.{bits >> 8 & 255}.{bits >> 16 or 1}"


def private_ip(random: Random) -> str:
    bits = random.getrandbits(16)
    return f"10.{random.randrange(0, 24)}.{bits & 255}.{bits >> 8 or 1}"


def public_ipv6(random: Random) -> str:
    groups = [f"{random.getrandbits(16):x}" for _ in range(6)]
    return "2001:db8:" + (":".join(groups) if random.random() < 0.5 else ":".join(groups[:2]) + "::" + groups[2])


def path(random: Random) -> str:
    """A URL's path as shops and APIs have them, with an id or a file name at its end."""
    parts = random.choices(WORDS, k=random.randrange(1, 3))
    ending = random.random()
    if ending < 0.4:
        parts.append(str(random.randrange(1, 10**7)))
    elif ending < 0.65:
        name, kind = f"{random.choice(WORDS)}-{random.getrandbits(32):08x}", random.choice(("js", "css", "png", "webp"))
        parts.append(f"{name}.{kind}")
    return "/" + "/".join(parts)


def _browser(random: Random) -> str:
    kind, minor = random.random(), random.randrange(0, 7)
    if kind < 0.55:
        chrome = f"Chrome/{random.randrange(99, 125)}.0.{random.randrange(4000, 6400)}.{random.randrange(10, 240)}"
        system = f"({random.choice(_SYSTEMS)}) AppleWebKit/537.36 (KHTML, like Gecko)"
        return f"Mozilla/5.0 {system} {chrome} Safari/537.36"
    if kind < 0.72:
        device = f"(iPhone; CPU iPhone OS 17_{minor} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
        return f"Mozilla/5.0 {device} Version/17.{minor} Mobile/15E{random.randrange(100, 400)} Safari/604.1"
    if kind < 0.86:
        version = random.randrange(91, 126)
        return f"Mozilla/5.0 ({random.choice(_SYSTEMS[:3])}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
    return random.choice(_PROGRAMS).format(minor=minor, patch=random.randrange(0, 20))


_SYSTEMS = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
    "Linux; Android 10; K",
)
_PROGRAMS = (
    "curl/8.{minor}.{patch}",
    "python-requests/2.3{minor}.{patch}",
    "okhttp/4.{minor}.{patch}",
    "Go-http-client/2.0",
    "ShopApp/5.{minor}.{patch} (Android 14; SM-G99{minor}B)",
    "Mozilla/5.0 (compatible; ExampleBot/2.{minor}; +https://bots.example.com/about.html)",
    "monitor.example.net/1.{minor} (uptime check)",
)
