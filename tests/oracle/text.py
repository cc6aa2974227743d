"""The scanner `text` (README 10): indicators anywhere in a value. Its readings are numbered in docs/decisions/0001."""

import re
import tomllib

from .address import is_ip, is_ipv4, is_ipv6
from .find import BLANKS, Found, add, aws_arn, aws_instance_id, domain, email, ip
from .tables import TABLES

DOMAINS = tomllib.loads((TABLES / "_domains.toml").read_text())
TOP_LEVEL = frozenset(DOMAINS["top_level"].split()) | frozenset(DOMAINS["private"])
FILE_ENDINGS = frozenset(DOMAINS["file_endings"])

HEX = "[0-9A-Fa-f]"
WORD = "A-Za-z0-9_\x80-\U0010ffff"
ESCAPE = re.compile(rf"%{HEX}{{2}}|\\x{HEX}{{2}}|\\u{HEX}{{4}}|\\[nrt]")
NO_WORD = "\0"  # stands where an escape stood
RUN = re.compile(f"[{WORD}.-]+")
SCHEME_END = re.compile("(?<=[A-Za-z0-9])://")
USER = re.compile(rf"[^{BLANKS}/?#\\\"'<>]*@")
BRACKETS = re.compile(r"\[([0-9A-Fa-f:.]*)\]")
LOCAL = re.compile("(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+@")
LABEL = re.compile("[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
GROUPS = re.compile("[0-9A-Fa-f:.]+")
HASH = re.compile(f"(?<![{WORD}])(?:{HEX}{{64}}|{HEX}{{40}}|{HEX}{{32}})(?![{WORD}])")
HASHES = {32: "p_any_md5_hashes", 40: "p_any_sha1_hashes", 64: "p_any_sha256_hashes"}
INSTANCE = re.compile(f"(?<![{WORD}])i-(?:{HEX}{{17}}|{HEX}{{8}})(?![{WORD}])")
ARN = re.compile(rf"(?<![{WORD}])arn:")
ARN_END = re.compile(rf"[{BLANKS}\"'`,;)\]}}>]|\Z")


class Text:
    """A value, the same with each escape blanked, and which places are taken: nothing else is sought there."""

    def __init__(self, value: str):
        self.value = value
        self.plain = ESCAPE.sub(lambda escape: NO_WORD * len(escape[0]), value)
        self.taken = bytearray(len(value))

    def take(self, begin: int, end: int) -> None:
        self.taken[begin:end] = b"\1" * (end - begin)

    def is_free(self, begin: int, end: int) -> bool:
        return 1 not in self.taken[begin:end]

    def before(self, place: int) -> str:
        """The character before this place, or nothing."""
        return self.plain[place - 1 : place] if place > 0 else ""

    def behind(self, place: int) -> str:
        return self.plain[place : place + 1]


def text(value: str, found: Found) -> None:
    look = Text(value)
    urls(look, found)
    emails(look, found)
    arns(look, found)
    tails = ipv6_addresses(look, found)
    for run in RUN.finditer(look.plain):
        begin, end = trimmed(run[0], run.start())
        if begin < end and look.is_free(begin, end):
            if end not in tails:
                ipv4_address(look, begin, end, found)
            domain_name(look, begin, end, found)
    hashes(look, found)
    instances(look, found)


def is_word(char: str) -> bool:
    return not char.isascii() or char.isalnum() or char == "_"


def trimmed(run: str, begin: int) -> tuple[int, int]:
    """Where a run begins and ends without the `.` and `-` at its ends."""
    begin += len(run) - len(run.lstrip(".-"))
    return begin, begin + len(run.strip(".-"))


def urls(look: Text, found: Found) -> None:
    for scheme_end in SCHEME_END.finditer(look.plain):
        user = USER.match(look.value, scheme_end.end())
        begin = user.end() if user else scheme_end.end()
        brackets = BRACKETS.match(look.plain, begin)
        if brackets and is_ipv6(brackets[1]):
            ip(brackets[1], found)
            end = brackets.end()
        else:
            run = RUN.match(look.plain, begin)
            host_begin, end = trimmed(run[0], begin) if run else (begin, begin)
            host(look.plain[host_begin:end], found)
        look.take(scheme_end.start(), end)


def host(name: str, found: Found) -> None:
    """Of a URL."""
    if is_ip(name):
        ip(name, found)
    elif "." in name and not re.fullmatch("[0-9]*", name.rpartition(".")[2]):
        domain(name, found)


def emails(look: Text, found: Found) -> None:
    for local in LOCAL.finditer(look.plain):
        run = RUN.match(look.plain, local.end())
        name = run[0].rstrip(".-") if run else ""
        begin, end = local.start(), local.end() + len(name)
        if look.is_free(begin, end) and not is_word(look.before(begin)) and is_domain(name):
            email(look.plain[begin:end], found)
            domain(name, found)
            look.take(begin, end)


def is_domain(name: str) -> bool:
    labels = name.split(".")
    if len(labels) < 2 or len(name) > 253 or not all(map(LABEL.fullmatch, labels)):
        return False
    return labels[-1].lower() in TOP_LEVEL


def arns(look: Text, found: Found) -> None:
    place = 0
    while start := ARN.search(look.plain, place):
        place = start.end()
        if look.is_free(start.start(), start.start() + 1):
            end = ARN_END.search(look.value, start.end())
            assert end is not None
            aws_arn(look.value[start.start() : end.start()], found)
            place = end.start()


def ipv6_addresses(look: Text, found: Found) -> set[int]:
    """Gives where they end: an IPv4 address that ends there is the tail of one."""
    ends = set()
    for groups in GROUPS.finditer(look.plain):
        begin, end = lone_trimmed(groups[0], groups.start())
        name = look.plain[begin:end]
        if not ("::" in name or name.count(":") == 7) or not re.search("[0-9]", name) or not is_ipv6(name):
            continue
        if look.is_free(begin, end) and is_parted(look, begin, end):
            ip(name, found)
            ends.add(end)
    return ends


def lone_trimmed(groups: str, begin: int) -> tuple[int, int]:
    """Where it begins and ends less all `.` at its ends, then less one lone `:` at either."""
    begin += len(groups) - len(groups.lstrip("."))
    name = groups.strip(".")
    end = begin + len(name)
    if name.startswith(":") and not name.startswith("::"):
        begin += 1
    if name.endswith(":") and not name.endswith("::"):
        end -= 1
    return begin, max(begin, end)


def is_parted(look: Text, begin: int, end: int) -> bool:
    """Boundaries on both sides, a `.` or `-` with a word character behind it being none."""
    before, after = look.before(begin), look.behind(end)
    if is_word(before) or is_word(after):
        return False
    if before in (".", "-") and is_word(look.behind(begin)):
        return False
    return not (after in (".", "-") and is_word(look.behind(end + 1)))


def ipv4_address(look: Text, begin: int, end: int, found: Found) -> None:
    version = look.before(begin) in ("/", "#") and is_word(look.before(begin - 1))
    if not version and is_ipv4(look.plain[begin:end]):
        ip(look.plain[begin:end], found)


def domain_name(look: Text, begin: int, end: int, found: Found) -> None:
    name = look.plain[begin:end]
    if look.behind(end) != "(" and is_domain(name) and name.rpartition(".")[2].lower() not in FILE_ENDINGS:
        domain(name, found)


def hashes(look: Text, found: Found) -> None:
    for match in HASH.finditer(look.plain):
        digits = match[0].lower()
        if look.is_free(*match.span()) and re.search("[0-9]", digits) and re.search("[a-f]", digits):
            add(found, HASHES[len(digits)], digits)


def instances(look: Text, found: Found) -> None:
    for match in INSTANCE.finditer(look.plain):
        if look.is_free(*match.span()):
            aws_instance_id(match[0], found)
