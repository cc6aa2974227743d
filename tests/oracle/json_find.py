"""Values of a row -> indicators: the walkers of README 4.4, and those of mode `extended` (README 10)."""

import tomllib
from collections.abc import Iterator

from .find import SCANNERS, Found, add, arn_parts, aws_account_id, aws_arn, aws_instance_id, domain
from .json_tables import JsonTable, Member, Type
from .json_text import Value, read_value
from .json_values import in_lower_case, lookup
from .tables import TABLES
from .text import text as scan_text

WALKER_N = {
    "aws_arn": ("arn", "ARN", "aws:SourceArn"),
    "aws_instance_id": ("instanceId", "instance-id"),
    "aws_account_id": ("accountId", "account"),
    "aws_tag": ("tags",),
    "ip": ("ipv6Addresses", "publicIp", "privateIpAddress", "ipAddressV4", "sourceIPAddress"),
    "domain_raw": ("publicDnsName", "privateDnsName", "domain"),
}
WALKER_L = {
    "ip": ("publicIp", "privateIpAddress", "ipAddressV4"),
    "domain_raw": ("publicDnsName", "privateDnsName", "domain"),
}
EXTENDED = {
    "ip": ("ipAddressV6", "ipv6Address", "sourceIpAddress", "sourceIPAddress", "clientIp", "remoteIp", "localIp"),
    "hostname": ("hostname", "hostName", "dnsName", "domainName", "clientProvidedHostHeader"),
    "username": ("userName", "username"),
    "email": ("email", "emailAddress"),
}
OPAQUE = frozenset(tomllib.loads((TABLES / "_indicators.toml").read_text())["text"]["opaque"])


def scanner_of(keys: dict[str, tuple[str, ...]], key: str | None):
    return next((SCANNERS[scanner] for scanner, names in keys.items() if key in names), None)


def walk(value: Value, handing_on: bool) -> Iterator[tuple[str | None, Value, list]]:
    """Every value with its key. What is put into the list is not walked further."""
    waiting: list[tuple[str | None, Value]] = [(None, value)]
    while waiting:
        key, value = waiting.pop()
        stop: list = []
        yield key, value, stop
        if not stop:
            waiting += [(name, member) for name, _, member in value.members]
            waiting += [(key if handing_on else None, item) for item in value.items]


def texts_of(value: Value, *names: str, any_case: bool) -> list[str]:
    """The string members of these names; those that are there."""
    members = [lookup(value, name) if any_case else value.exact(name) for name in names]
    return [member.text for member in members if member is not None and member.kind == "string"]


def walker_n(value: Value, found: Found) -> None:
    for key, inner, stop in walk(value, handing_on=True):
        if inner.kind == "string":
            string_n(key, inner.text, found)
        elif inner.kind == "object" and key == "tags":
            pair = texts_of(inner, "key", "value", any_case=True)
            if len(pair) == 2 and all(pair):
                add(found, "p_any_aws_tags", ":".join(pair))
                stop.append(inner)


def string_n(key: str | None, text: str, found: Found) -> None:
    scanner = scanner_of(WALKER_N, key)
    if scanner:
        scanner(text, found)
    elif key is not None and key.endswith("AccountId"):
        aws_account_id(text, found)
    elif key is not None and key.endswith("InstanceId"):
        aws_instance_id(text, found)
    elif arn_parts(text):
        aws_arn(text, found)


def walker_l(value: Value, found: Found) -> None:
    for key, inner, _ in walk(value, handing_on=False):
        if inner.kind == "string":
            string_l(key, inner.text, found)
        elif inner.kind == "array" and key == "tags":
            for item in inner.items:
                pair = texts_of(item, "key", "value", any_case=False)
                if len(pair) == 2 and any(pair):
                    add(found, "p_any_aws_tags", ":".join(pair))
        elif inner.kind == "array" and key == "ipv6Addresses":
            for item in inner.items:
                if item.kind == "string":
                    SCANNERS["ip"](item.text, found)


def string_l(key: str | None, text: str, found: Found) -> None:
    if text.startswith("arn:"):
        aws_arn(text, found)
    elif key is None:
        return
    elif key == "instanceId" or key.endswith("InstanceId"):
        aws_instance_id(text, found)
    elif key == "accountId" or key.endswith("AccountId"):
        aws_account_id(text, found)
    elif scanner := scanner_of(WALKER_L, key):
        scanner(text, found)


def walker_text(value: Value, found: Found) -> None:
    """Every string through `text`, but for those under keys of opaque ids."""
    for key, inner, stop in walk(value, handing_on=True):
        if key in OPAQUE:
            stop.append(inner)
        elif inner.kind == "string":
            scan_text(inner.text, found)


def walker_extended(value: Value, found: Found) -> None:
    """Both walkers, the keys that mode `extended` adds, and `text`."""
    walker_n(value, found)
    walker_l(value, found)
    walker_text(value, found)
    for key, inner, _ in walk(value, handing_on=True):
        scanner = scanner_of(EXTENDED, key)
        if scanner and inner.kind == "string":
            scanner(inner.text, found)


def dns_name(text: str, found: Found) -> None:
    domain(text.removesuffix("."), found)


def dns_last_word(text: str, found: Found) -> None:
    dns_name(text.rpartition(" ")[2], found)


WALKERS = {"walker_n": walker_n, "walker_l": walker_l}
ALL_SCANNERS = SCANNERS | {"dns_name": dns_name, "dns_last_word": dns_last_word}


def parsed(text: str) -> Value:
    raw = text.encode()
    return read_value(raw, 0, len(raw))


def find_json(table: JsonTable, values: dict, unmapped: str | None, mode: str) -> dict[str, list[str] | None]:
    """The p_any_ columns of a row. `unmapped` is looked through also where the column is not built."""
    found: Found = {}
    if mode != "off":
        for column in table.columns:
            value = unmapped if column.source == ("unmapped",) else values[column.name]
            look(column.type, column, value, {}, mode == "extended", found)
    return {name: sorted(found[name]) if name in found else None for name in table.added if name.startswith("p_any_")}


def look(kind: Type, member: Member, value, around: dict, extended: bool, found: Found) -> None:
    """At a value and all that is in it. `around`: the struct that it is a member of."""
    if value is None:
        return
    if kind.name == "struct":
        for inner in kind.members:
            look(inner.type, inner, value[inner.name], value, extended, found)
    elif kind.name == "list":
        for item in value:
            look(kind.item, member, item, around, extended, found)
    elif kind.name == "json":
        if extended:
            walker_extended(parsed(value), found)
        if member.indicator in WALKERS:
            WALKERS[member.indicator](parsed(value), found)
    else:
        for name in scanners_of(member, around, extended):
            ALL_SCANNERS[name](value, found)


def scanners_of(member: Member, around: dict, extended: bool) -> list[str]:
    by = dict(member.indicator_by or {})
    chooser = around.get(by.pop("member", None))
    names = [member.indicator, by.get(chooser)]
    names += [member.indicator_more, more_by(member, around)] if extended else []
    return [name for name in names if name is not None]


def more_by(member: Member, around: dict) -> str | None:
    """As `indicator_by`, whose words are compared exactly; here in any ASCII case."""
    by = {in_lower_case(word): scanner for word, scanner in (member.indicator_more_by or {}).items()}
    chooser = around.get(by.pop("member", None))
    return None if chooser is None else by.get(in_lower_case(chooser))
