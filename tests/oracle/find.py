"""Value -> indicators. A scanner adds what it takes to `found`: column name -> set of texts."""

import re

from .address import is_ip, split_address

BLANKS = " \t\n\r\x0b\x0c"
UNFIT_FOR_DOMAIN = re.compile(r"[\x00-\x20\x7f]")
Found = dict[str, set[str]]


def punycode_label(text: str) -> str | None:
    """RFC 3492, section 6.2, of a label without its `xn--`; None where it fails."""
    if len(text) > 1 << 20:
        return None
    basic, hyphen, digits = text.rpartition("-")
    if hyphen and not basic:
        digits = text  # a delimiter with nothing before it is no delimiter
    if not basic.isascii():
        return None
    output, code, place, bias = list(basic), 128, 0, 72
    position = 0
    while position < len(digits):
        start, weight, step = place, 1, 36
        while True:
            if position == len(digits):
                return None
            digit = (
                "abcdefghijklmnopqrstuvwxyz0123456789".find(digits[position].lower())
                if digits[position].isascii()
                else -1
            )
            position += 1
            if digit < 0:
                return None
            place += digit * weight
            threshold = 1 if step <= bias else 26 if step >= bias + 26 else step - bias
            if digit < threshold:
                break
            weight *= 36 - threshold
            step += 36
        bias = adapted_bias(place - start, len(output) + 1, start == 0)
        code += place // (len(output) + 1)
        place %= len(output) + 1
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            return None
        output.insert(place, chr(code))
        place += 1
    return "".join(output)


def adapted_bias(delta: int, length: int, first: bool) -> int:
    """RFC 3492, section 6.1."""
    delta = delta // 700 if first else delta // 2
    delta += delta // length
    bias = 0
    while delta > 35 * 26 // 2:
        delta //= 35
        bias += 36
    return bias + 36 * delta // (delta + 38)


def decode_punycode(name: str) -> str:
    labels = []
    for label in name.split("."):
        decoded = punycode_label(label[4:]) if label.startswith("xn--") else label
        if decoded is None:
            return name
        labels.append(decoded)
    return ".".join(labels)


def arn_parts(text: str) -> list[str] | None:
    """arn, partition, service, region, account, resource; None: no ARN."""
    parts = text.split(":", 5)
    return parts if parts[0] == "arn" and len(parts) == 6 else None


def add(found: Found, column: str, text: str) -> None:
    if text:
        found.setdefault(column, set()).add(text)


def ip(text: str, found: Found) -> None:
    if is_ip(text.strip(BLANKS)):
        add(found, "p_any_ip_addresses", text.strip(BLANKS))


def domain(text: str, found: Found) -> None:
    name = text.strip(BLANKS)
    if not UNFIT_FOR_DOMAIN.search(name):
        add(found, "p_any_domain_names", decode_punycode(name))


def domain_raw(text: str, found: Found) -> None:
    add(found, "p_any_domain_names", text)


def hostname(text: str, found: Found) -> None:
    (ip if is_ip(text.strip(BLANKS)) else domain)(text, found)


def url(text: str, found: Found) -> None:
    scheme, _, rest = text.partition("://")
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    if not scheme:
        return
    if not host.startswith("["):
        hostname(host.partition(":")[0], found)
    elif "]" in host:
        hostname(host[1:].partition("]")[0], found)


def net_addr(text: str, found: Found) -> None:
    host, port, _ = split_address(text)
    hostname(host if host and port else text, found)


def hash_of(column: str, digits: int):
    def scanner(text: str, found: Found) -> None:
        if re.fullmatch(f"[0-9A-Fa-f]{{{digits}}}", text.strip(BLANKS)):
            add(found, column, text.strip(BLANKS).lower())

    return scanner


def trace_id(text: str, found: Found) -> None:
    add(found, "p_any_trace_ids", text.strip(BLANKS))


def trace_root(text: str, found: Found) -> None:
    trace_id(text.partition("Root=")[2].partition(";")[0], found)


def arn_only(text: str, found: Found) -> None:
    if arn_parts(text):
        add(found, "p_any_aws_arns", text)


def aws_arn(text: str, found: Found) -> None:
    parts = arn_parts(text)
    if parts:
        add(found, "p_any_aws_arns", text)
        aws_account_id(parts[4], found)
        if parts[5].startswith("instance/"):
            aws_instance_id(parts[5].rpartition("/")[2], found)


def aws_principal(text: str, found: Found) -> None:
    parts = arn_parts(text)
    if not parts:
        aws_account_id(text, found)
        return
    aws_arn(text, found)
    if parts[5].startswith("user/"):
        username(parts[5].rpartition("/")[2], found)


def aws_account_id(text: str, found: Found) -> None:
    if re.fullmatch("[0-9]{12}", text):
        add(found, "p_any_aws_account_ids", text)


def aws_instance_id(text: str, found: Found) -> None:
    if text.startswith("i-"):
        add(found, "p_any_aws_instance_ids", text)


def aws_tag(text: str, found: Found) -> None:
    add(found, "p_any_aws_tags", text)


def email(text: str, found: Found) -> None:
    if "@" in text:
        add(found, "p_any_emails", text.strip(BLANKS))


def username(text: str, found: Found) -> None:
    add(found, "p_any_usernames", text.strip(BLANKS))


from .text import text  # noqa: E402  (it is made of the scanners above)

PLAIN = [ip, domain, domain_raw, hostname, url, net_addr, trace_id, trace_root, arn_only, aws_arn, aws_principal]
PLAIN += [aws_account_id, aws_instance_id, aws_tag, email, username, text]
SCANNERS = {scanner.__name__: scanner for scanner in PLAIN} | {
    "md5": hash_of("p_any_md5_hashes", 32),
    "sha1": hash_of("p_any_sha1_hashes", 40),
    "sha256": hash_of("p_any_sha256_hashes", 64),
}
