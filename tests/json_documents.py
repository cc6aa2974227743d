"""A table of a JSON type and a seed -> records that fit it, odd ones, broken ones, framed in every way.

Everything is drawn from one `random.Random`, so that a seed gives the same bytes everywhere. `make_json_log` is
the entry; `odd` is the share of records (and of frames) that are disturbed.
"""

import json
from random import Random

from oracle.json_tables import JsonTable, Member, Type, load_json_tables

Tree = list  # of [key text, value]; a value is JSON text or a Tree. A doubled key is two entries.

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
BROKEN_BITS = [
    b"", b",", b"]", b"}", b"{", b"[", b'"', b":", b"\\", b"\n", b"\n{", b"\x00", b"\xff", b"NaN", b"tru", b"1.", b"'",
    b"//", b",,", b"\\u12", b"\t", b"}{", b"],[",
]  # fmt: skip
WALKED_KEYS = [
    "arn", "ARN", "aws:SourceArn", "instanceId", "instance-id", "accountId", "account", "tags", "ipv6Addresses",
    "publicIp", "privateIpAddress",
    "ipAddressV4", "sourceIPAddress", "publicDnsName", "privateDnsName", "domain", "recipientAccountId",
    "sourceInstanceId", "ipAddressV6",
    "clientIp", "hostName", "dnsName", "userName", "email", "Tags", "key", "value", "other", "",
]  # fmt: skip
LINES = [
    b"2 210987654321 eni-1 10.0.0.1 10.0.0.2 1 2 6 1 40 1714644672 1714644731 ACCEPT OK", b"some text", b"-", b"}",
    b"12", b'"text"', b"null", b"nul",
    b"version account-id interface-id start end log-status", b"1714644672123456,h,u,1.2.3.4,1,0,CONNECT,,,0",
    b"true{}", b"2024-05-02T10:11:12.345Z x",
    b"1714644672123456,h,u,1.2.3.4,1,2,QUERY,d,'select", b"x',0", b"5, {}",
]  # fmt: skip
NOTICES = [
    b'{"Event":"s3:TestEvent"}', b'{"Records":[{"eventVersion":"2.1","s3":{"object":{"key":"k"}}}]}',
    b'{"s3Bucket":"b","s3ObjectKey":["k"]}',
    b'{"Records":null}', b'{"Records":[]}', b'{"Records":5}',
    b'{"messageType":"CONTROL_MESSAGE","logGroup":"","logStream":"","logEvents":[]}',
    b'{"messageType":"m","logGroup":"g","logStream":"s","logEvents":[{"id":1},null,{"message":null}]}',
    b'{"Type":"Notification","Message":""}', b"{}", b"[]",
]  # fmt: skip


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

    def value(self, kind: Type, member: Member) -> bytes | Tree:
        rng = self.rng
        if kind.name == "struct":
            return self.members(kind.members)
        if kind.name == "list":
            return (
                b"["
                + b",".join(self.flat(self.value(kind.item, member)) for _ in range(rng.choice((0, 1, 1, 2, 4))))
                + b"]"
            )
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
            depth = rng.choice((30, 509, 510, 511, 512, 513, 600))
            return b"[" * depth + b"]" * depth
        if kind is not None and kind.name == "list" and rng.random() < 0.5:
            return b"[" + b", ".join(rng.choice(pool) for _ in range(3)) + b"]"
        return rng.choice(pool)

    def disturb(self, tree: Tree, members: tuple[Member, ...]) -> None:
        """One odd thing in a record or in one of its structs."""
        rng = self.rng
        if not tree:
            tree.append(["new", self.odd_value()])
            return
        entry = rng.choice(tree)
        inner = next((member for member in members if member.source == (entry[0],)), None)
        if isinstance(entry[1], list) and rng.random() < 0.6:
            self.disturb(entry[1], inner.type.members if inner is not None else ())
            return
        kind = rng.random()
        if kind < 0.4:
            entry[1] = self.odd_value(inner.type if inner is not None else None)
        elif kind < 0.5:
            tree.remove(entry)
        elif kind < 0.65:
            entry[0] = rng.choice(
                (entry[0].upper(), entry[0].lower(), entry[0].swapcase(), *(inner.alias if inner is not None else ()))
            )
        elif kind < 0.8:
            key = rng.choice((entry[0], entry[0].upper(), *(inner.alias if inner is not None else ())))
            tree.insert(rng.randint(0, len(tree)), [key, rng.choice((entry[1], self.odd_value()))])
        elif kind < 0.95:
            tree.insert(rng.randint(0, len(tree)), [rng.choice(WALKED_KEYS), self.any_json(2)])
        else:
            rng.shuffle(tree)

    # ------------------------------------------------------------ text of a record

    def record(self, odd: float) -> bytes:
        tree = self.members(tuple(column for column in self.table.columns if column.source != ("unmapped",)))
        if self.rng.random() < 0.3:
            self.rng.shuffle(tree)
        if self.rng.random() < odd:
            for _ in range(self.rng.choice((1, 1, 2, 5))):
                self.disturb(tree, self.table.columns)
        return self.flat(tree)

    def flat(self, value: bytes | Tree, style: tuple[bytes, bytes] | None = None) -> bytes:
        if isinstance(value, bytes):
            return value
        gap, colon = style or self.rng.choice(((b"", b":"), (b"", b":"), (b" ", b": "), (b"\n\t ", b" :\r\n")))
        texts = [text_json(self.rng, key) + colon + self.flat(member, (gap, colon)) for key, member in value]
        return b"{" + gap + (b"," + gap).join(texts) + gap + b"}"


def put(tree: Tree, path: tuple[str, ...], value: bytes | Tree) -> None:
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


def damage(data: bytes, rng: Random) -> bytes:
    """A syntax error, or not, at any byte."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice(BROKEN_BITS) + data[at + rng.choice((0, 0, 1, 1, 3)) :]
    return data[: rng.randrange(len(data) + 1)] if rng.random() < 0.15 else data


# ---------------------------------------------------------------- framing


def as_message(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def subscription(parts: list[bytes]) -> bytes:
    events = [{"id": "1", "timestamp": 1, "message": as_message(part)} for part in parts]
    return json.dumps(
        {"messageType": "DATA_MESSAGE", "owner": "o", "logGroup": "g", "logStream": "s", "logEvents": events}
    ).encode()


def notification(part: bytes) -> bytes:
    return json.dumps(
        {"Type": "Notification", "MessageId": "m", "Message": as_message(part)}, ensure_ascii=False
    ).encode()


def envelope(part: bytes) -> bytes:
    head = (
        b'{"version":"0","id":"i","detail-type":"t","source":"s","account":"210987654321","time":"2024-05-02T10:11:12Z"'
    )
    return head + b',"region":"r","resources":[],"detail":' + part + b"}"


def wrapped(parts: list[bytes], rng: Random) -> list[bytes]:
    """The same records in fewer values."""
    if not parts:
        return [rng.choice(NOTICES)]
    kind = rng.randrange(9)
    gap = rng.choice((b",", b",\n", b" , "))
    if kind == 0:
        return [b"[" + gap.join(parts) + b"]"]
    if kind == 1:
        return [b'{"Records":[' + gap.join(parts) + b"]}"]
    if kind == 2:
        return [b'{"a":1,"Records" : [\n' + gap.join(parts) + b'\n] , "b":{"c":[]}}']
    if kind == 3:
        return [b"[[" + gap.join(parts[:2]) + b"]," + b'{"Records":[' + gap.join(parts[2:]) + b"]}]"]
    if kind == 4:
        return [subscription(parts)]
    if kind == 5:
        return [notification(b"\n".join(parts))]
    if kind == 6:
        return [envelope(part) for part in parts]
    if kind == 7:
        return [notification(subscription(parts)), rng.choice(NOTICES)]
    return [b"2024-05-02T10:11:12.345Z " + b" ".join(part.split(b"\n")) for part in parts]


def make_json_log(log_type: str, seed: object, size: int, odd: float = 0.3) -> bytes:
    """About `size` records of the type in some frames. With `odd` 0 every record is a row if the type is given."""
    rng = Random(f"{log_type} {seed}")
    documents = Documents(load_json_tables()[log_type], rng)
    values: list[bytes] = []
    left = size
    while left > 0:
        count = min(left, rng.randint(1, 12))
        left -= count
        parts = [documents.record(odd) for _ in range(count)]
        parts = [damage(part, rng) if rng.random() < odd / 4 else part for part in parts]
        values += framed(parts, rng, odd)
    data = b"".join(values)
    if rng.random() < odd / 3:
        data = rng.choice((b"\xef\xbb\xbf", b"\n \n", b"text\n", b"\xff\xfe")) + data
    return damage(data, rng) if rng.random() < odd / 4 and data else data


def framed(parts: list[bytes], rng: Random, odd: float) -> list[bytes]:
    """The records side by side or wrapped, with what parts them, and now and then a line between them."""
    plain = odd == 0 or rng.random() < 0.5
    values = parts if plain else wrapped(parts, rng)
    if not plain and rng.random() < odd / 2:
        values = [damage(value, rng) if value else value for value in values]
    texts: list[bytes] = []
    for value in values:
        texts += [value, rng.choice((b"\n", b"\n", b"\r\n", b"\n\n", b"", b",", b" , \n"))]
        if rng.random() < odd / 4:
            texts += [b"\n", rng.choice(LINES + NOTICES), rng.choice((b"\n", b"\n", b"\r\n", b""))]
    return texts
