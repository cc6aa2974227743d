"""What an IP address is (README 4.1), and `host:port` taken apart."""

import re


def is_ipv4(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(
        re.fullmatch("[0-9]{1,3}", part) and int(part) <= 255 and (part == "0" or part[0] != "0") for part in parts
    )


def groups_of(text: str) -> int | None:
    """How many 16-bit groups `text` writes out, or None where it is no list of groups."""
    if text == "":
        return 0
    groups = text.split(":")
    count = len(groups)
    if "." in groups[-1]:
        if not is_ipv4(groups.pop()):
            return None
        count += 1
    return count if all(re.fullmatch("[0-9A-Fa-f]{1,4}", group) for group in groups) else None


def is_ipv6(text: str) -> bool:
    if text.count("::") > 1 or ":::" in text:
        return False
    left, double, right = text.partition("::")
    if not double:
        return groups_of(text) == 8
    before, after = groups_of(left), groups_of(right)
    return before is not None and after is not None and "." not in left and before + after <= 7


def is_ip(text: str) -> bool:
    return is_ipv6(text) if ":" in text else is_ipv4(text)


def is_host_and_port(text: str) -> bool:
    """The shape `address`: 192.0.2.1:80 or [2001:db8::1]:80."""
    host, _, port = text.rpartition(":")
    inside = host.removeprefix("[").removesuffix("]")
    known = is_ipv6(inside) if host == f"[{inside}]" else is_ipv4(host)
    return known and re.fullmatch("[0-9]{1,5}", port) is not None


def split_address(text: str) -> tuple[str | None, str | None, bool]:
    """`host:port` -> host, port, and whether a port was there that is none."""
    if text.startswith("[") and "]" in text:
        host, _, behind = text[1:].partition("]")
        return host_of(host), *(port_of(behind[1:]) if behind.startswith(":") else (None, behind != ""))
    left, colon, right = text.rpartition(":")
    if colon and is_ip(left) and port_of(right)[0] is not None:
        return left, right, False
    if is_ip(text) or text.count(":") != 1:
        return host_of(text), None, False
    return host_of(left), *port_of(right)


def host_of(text: str) -> str | None:
    return None if text in ("", "-") else text


def port_of(text: str) -> tuple[str | None, bool]:
    """The digits of a port or None, and whether to warn."""
    if text in ("", "-"):
        return None, False
    if re.fullmatch("[0-9]{1,5}", text) and int(text) <= 65535:
        return text, False
    return None, True
