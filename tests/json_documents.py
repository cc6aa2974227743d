"""A table of a JSON type and a seed -> the text of records that fit it, and of odd ones.

Everything is drawn from one `random.Random`, so that a seed gives the same bytes everywhere. `json_logs.py` puts
the records into logs.
"""

import json
from random import Random

from oracle.json_tables import JsonTable, Member, Type, load_json_tables

Tree = list  # of [key text, value]; a doubled key is two entries

JSON_LOG_TYPES = list(load_json_tables())
ACCOUNT = ["210987654321", "123123123123", "21098765432", "anonymous"]
ARNS = [
    "arn:aws:iam::123123123123:role/r", "arn:aws-cn:ec2:r:210987654321:instance/i-0abc", "arn:a:b:c:d", "arn:",
    "arn:aws:s3:::b/a b:c", "arn:aws:ec2:r:123123123123:instance/x/i-1",
]  # fmt: skip
ADDRESSES = [
    "10.0.0.8",
    "2001:db8::5",
    "::ffff:192.0.2.1",
    " 203.0.113.7 ",
    "010.0.0.1",
    "10.0.0.1:80",
    "::",
    "AWS Internal",
]
NAMES = [
    "api.Example.com.",
    "xn--fa-hia.example",
    "xn--99999999.a",
    "a b",
    "ip-10-0-0-8.internal",
    ".",
    "..",
    "ec2.amazonaws.com",
]
TEXTS = [
    "",
    "-",
    "x",
    "a b",
    "null",
    "\u00e9\U0001f600",
    '"\\/\b\f\n\r\t',
    "\x00\x1f\x7f",
    "\u2028",
    "i-0abc",
    "{}",
    "10 mx1.example.com.",
]
RAW_STRINGS = [
    rb'"\ud83d\ude00"', rb'"\ud83d"', rb'"\ude00\ud83d"', rb'"\ud83d\u0041"', rb'"\u0000\/"', b'"\xff"', b'"\xe2\x82"',
    b'"\xed\xa0\x80"',
    b'"\xf0\x9f\x98\x80\xc0"', rb'"\u0061rn:aws:iam::123123123123:role\/r"', b'"i-1"', b'"true"', b'"FALSE"', b'"12"',
    b'"+7"', b'"1e3"', b'""',
    b'"2024-05-02T10:11:12.1234567+0130"', b'"2024-02-30T00:00:00Z"', b'"2024-05-02 10:11:12"',
    b'"0001-01-01T00:00:00+00:01"',
]  # fmt: skip
NUMBERS = [
    b"0", b"-0", b"7", b"-1", b"1.0", b"1e3", b"127", b"128", b"-32769", b"2147483648", b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775808", b"1E400", b"-1e-400", b"0.1", b"2.1", b"1.000000059604644775390625000001",
    b"3.4028236e38", b"1714644672123.4567",
    b"253402300800000", b"123456789012345678901234567890", b"0." + b"3" * 60, b"1e-99999999999999999999",
]  # fmt: skip
OTHERS = [
    b"null",
    b"true",
    b"false",
    b"{}",
    b"[]",
    b"[null]",
    b'[{}, "a",5,[]]',
    b'{"a" : [ 1 ]}',
    b'{"key":"k","value":"v"}',
    b'["a", "b"]',
]
WALKED_KEYS = [
    "arn", "ARN", "aws:SourceArn", "instanceId", "instance-id", "accountId", "account", "tags", "ipv6Addresses",
    "publicIp", "privateIpAddress",
    "ipAddressV4", "sourceIPAddress", "publicDnsName", "privateDnsName", "domain", "recipientAccountId",
    "sourceInstanceId", "ipAddressV6", "clientIp", "hostName", "dnsName", "userName", "email", "Tags", "key", "value",
    "other", "", "\ud83d", "\udc00\x00", "a.b",
]  # fmt: skip


class Items(list):
    """The elements of an array."""


Value = bytes | Tree | Items  # bytes are JSON text


def text_json(rng: Random, text: str) -> bytes:
    """A string, its characters now and then escaped."""
    if rng.random() < 0.9:
        return json.dumps(text, ensure_ascii=rng.random() < 0.3).encode("utf-8", "surrogatepass")
    units = text.encode("utf-16-be", "surrogatepass")
    return b'"' + b"".join(b"\\u%02x%02x" % (units[at], units[at + 1]) for at in range(0, len(units), 2)) + b'"'


class Documents:
    """Writes the records of one type."""

    def __init__(self, table: JsonTable, rng: Random):
        self.table, self.rng = table, rng
        self.told_by = {condition.split(":")[0] for condition in table.alternatives[0]}  # always there

    # ------------------------------------------------------------ valid values

    def value(self, kind: Type, member: Member) -> Value:
        rng = self.rng
        if kind.name == "struct":
            return self.members(kind.members)
        if kind.name == "list":
            return Items(self.value(kind.item, member) for _ in range(rng.choice((0, 1, 1, 2, 4))))
        if kind.name == "json":
            text = self.any_json(rng.choice((0, 1, 2, 3)))
            return b"{}" if text == b"null" else text
        if kind.name == "bool":
            return rng.choice((b"true", b"false"))
        if kind.name == "timestamp":
            return self.time(member)
        if kind.name.startswith(("int", "float")):
            most = {"int8": 127, "int16": 32767}.get(kind.name, 2**31 - 1)
            return (
                b"%d" % rng.randint(0, most)
                if kind.name.startswith("int") or rng.random() < 0.5
                else b"%.3f" % (rng.random() * 100)
            )
        return text_json(rng, self.text(member))

    def time(self, member: Member) -> bytes:
        rng = self.rng
        if member.time == "unix_ms":
            return b"%d" % rng.randint(0, 2**41)
        zone = rng.choice(("Z", "Z", "Z", "+02:00", "-0330", ""))
        fraction = rng.choice(("", "", ".1", ".123", ".123456789"))
        day = f"20{rng.randint(10, 29)}-0{rng.randint(1, 9)}-{rng.randint(10, 28)}"
        return f'"{day}T10:{rng.randint(10, 59)}:12{fraction}{zone}"'.encode()

    def text(self, member: Member) -> str:
        rng = self.rng
        if member.allowed:
            return rng.choice(member.allowed)
        if member.indicator_by and rng.random() < 0.9:
            return rng.choice(ADDRESSES + NAMES)
        if member.indicator_by is None and member.name == "Type":
            return rng.choice(("A", "AAAA", "CNAME", "NS", "PTR", "MX", "TXT", "a"))
        pools = {
            "aws_account_id": ACCOUNT,
            "aws_arn": ARNS,
            "arn_only": ARNS,
            "ip": ADDRESSES,
            "hostname": ADDRESSES + NAMES,
            "dns_name": NAMES,
        }
        return rng.choice(pools.get(member.indicator or "", TEXTS[3:] + ["usual"] * 20))

    def any_json(self, levels: int) -> bytes:
        """Some JSON with the keys that walkers know."""
        rng = self.rng
        kind = rng.random()
        if levels == 0 or kind < 0.3:
            pool = rng.choice((ARNS, ACCOUNT, ADDRESSES, NAMES, TEXTS))
            return (
                text_json(rng, rng.choice(pool)) if rng.random() < 0.8 else rng.choice(NUMBERS + RAW_STRINGS + OTHERS)
            )
        gap = rng.choice((b"", b"", b" ", b"\n  "))
        parts = [self.any_json(levels - 1) for _ in range(rng.randint(0, 4))]
        if kind < 0.55:
            return b"[" + gap + (b"," + gap).join(parts) + b"]"
        keys = [text_json(rng, rng.choice(WALKED_KEYS)) for _ in parts]
        return (
            b"{"
            + gap
            + (b"," + gap).join(key + b":" + gap + part for key, part in zip(keys, parts, strict=True))
            + b"}"
        )

    def members(self, members: tuple[Member, ...]) -> Tree:
        """Those of a struct or record; some that may be missing are."""
        tree: Tree = []
        for member in members:
            if member.required or member.path in self.told_by or self.rng.random() < 0.6:
                put(tree, member.source, self.value(member.type, member))
        return tree

    # ------------------------------------------------------------ odd values

    def odd_value(self, kind: Type | None = None) -> bytes:
        rng = self.rng
        pool = rng.choice((RAW_STRINGS, NUMBERS, OTHERS, OTHERS))
        if rng.random() < 0.05:
            return self.deep(rng.choice((30, 509, 510, 511, 512, 513, 600)))
        if rng.random() < 0.005:
            return self.huge(rng.choice((300, 5000, 70_000, 300_000)))
        if kind is not None and kind.name == "list" and rng.random() < 0.5:
            return b"[" + b", ".join(rng.choice(pool) for _ in range(3)) + b"]"
        return rng.choice(pool)

    def deep(self, levels: int) -> bytes:
        """Brackets of either kind in each other."""
        opened = self.rng.choices((b"[", b'{"a":', b'{ "tags" : '), (8, 1, 1), k=levels)
        closed = [b"]" if bracket == b"[" else b"}" for bracket in reversed(opened)]
        return b"".join(opened[:-1]) + b"[" + b"]" + b"".join(closed[1:])

    def huge(self, size_bytes: int) -> bytes:
        """A value of about this size: longer than what the engine looks at in one piece."""
        rng = self.rng
        kind = rng.randrange(4)
        if kind == 0:
            return (
                b'"'
                + rng.choice((b"x", b"\\u00e9", b'\\\\\\"', b"\xc3\xa9", b"\xff", b"{]")) * (size_bytes // 4)
                + b'"'
            )
        parts = [rng.choice(NUMBERS + RAW_STRINGS + OTHERS) for _ in range(size_bytes // 20)]
        if kind == 1:
            return b"[" + b", ".join(parts) + b"]"
        if kind == 2:
            return b"{" + b",".join(b'"%d":%s' % (rng.randrange(len(parts) * 2), part) for part in parts) + b"}"
        return b"1" * size_bytes

    def disturb(self, tree: Tree, members: tuple[Member, ...]) -> None:
        """One odd thing in a record or in one of its structs, also of those in lists."""
        rng = self.rng
        if not tree:
            tree.append(["new", self.odd_value()])
            return
        entry = rng.choice(tree)
        inner = next((member for member in members if member.source == (entry[0],)), None)
        if isinstance(entry[1], list) and rng.random() < 0.6:
            self.disturb_inside(entry[1], inner.type if inner is not None else Type("struct"))
            return
        kind = rng.random()
        if kind < 0.4:
            entry[1] = self.odd_value(inner.type if inner is not None else None)
        elif kind < 0.5:
            tree.remove(entry)
        elif kind < 0.65:
            entry[0] = self.other_key(entry[0], inner)
        elif kind < 0.8:
            key = rng.choice((entry[0], self.other_key(entry[0], inner)))
            tree.insert(rng.randint(0, len(tree)), [key, rng.choice((entry[1], self.odd_value()))])
        elif kind < 0.95:
            tree.insert(rng.randint(0, len(tree)), [rng.choice(WALKED_KEYS), self.any_json(2)])
        else:
            rng.shuffle(tree)

    def other_key(self, key: str, member: Member | None) -> str:
        """Another key for the member, or one that only looks so: letters beyond ASCII have no other case here."""
        looks_so = key.replace("s", "\u017f").replace("k", "\u212a").replace("I", "\u0131")
        alias = member.alias if member is not None else ()
        return self.rng.choice((key.upper(), key.lower(), key.swapcase(), looks_so, *alias))

    def disturb_inside(self, value: Tree | Items, kind: Type) -> None:
        item = kind.item or Type("struct")
        rng = self.rng
        if not isinstance(value, Items):
            self.disturb(value, kind.members)
            return
        at = rng.randrange(len(value) + 1)
        if at < len(value) and isinstance(value[at], list) and rng.random() < 0.7:
            self.disturb_inside(value[at], item)
        elif at < len(value) and rng.random() < 0.5:
            value[at] = self.odd_value(item)
        else:
            value.insert(at, rng.choice((b"null", b"null", self.odd_value(item))))

    # ------------------------------------------------------------ text of a record

    def record(self, odd: float) -> bytes:
        tree = self.members(tuple(column for column in self.table.columns if column.source != ("unmapped",)))
        if self.rng.random() < 0.3:
            self.rng.shuffle(tree)
        if self.rng.random() < odd:
            for _ in range(self.rng.choice((1, 1, 2, 5))):
                self.disturb(tree, self.table.columns)
        return self.flat(tree)

    def flat(self, value: Value, style: tuple[bytes, bytes] | None = None) -> bytes:
        if isinstance(value, bytes):
            return value
        gap, colon = style or self.rng.choice(((b"", b":"), (b"", b":"), (b" ", b": "), (b"\n\t ", b" :\r\n")))
        if isinstance(value, Items):
            return b"[" + gap + (b"," + gap).join(self.flat(item, (gap, colon)) for item in value) + gap + b"]"
        texts = [text_json(self.rng, key) + colon + self.flat(member, (gap, colon)) for key, member in value]
        return b"{" + gap + (b"," + gap).join(texts) + gap + b"}"


def put(tree: Tree, path: tuple[str, ...], value: Value) -> None:
    """Set the member at a path; objects on the way are made where they are not."""
    entry = next((entry for entry in tree if entry[0] == path[0]), None)
    if len(path) == 1:
        tree.append([path[0], value])
        return
    if entry is None:
        entry = [path[0], []]
        tree.append(entry)
    if isinstance(entry[1], list):
        put(entry[1], path[1:], value)
