"""A seed -> texts for the scanner `text`: indicators of every kind and what nearly is one, joined, changed a little, or
soup of the characters that the rules speak of."""

import itertools
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random

LISTS = Path(__file__).parent / "indicators"
HEX = "0123456789abcdef"
ALPHABETS = [  # of soup; a narrow one meets its own rules more often
    "0123456789.:-/@#%\\xu[]() \"'abcdefghnrt_,;é",
    "0123456789abcdef:.-",
    "12:::.-[]%@/ ",
    "0125.-:/#a ",
    "://@a.b<>?#'\"\\ ",
    "abc.-@%+_ é\\n2",
    'ab.c:/@[]1 \\"',
    "%\\xu0123456789abcdefnrt",
    "arn:arn:::/ ,a1",
    "i-i-0123456789abcdef._",
    "com.net.-(@ a",
]
WORD = "aZ09_é\u0661\ufffd\U0001f600"
SEPARATORS = [" ", ", ", ",", ";", "\n", "\r\n", "\t", "\0", '"', "'", "`", "|", "&", "=", "(", ")", "[", "]", "{", "}"]
SEPARATORS += ["<", ">", "/", "//", "\\", "#", "?", "!", "*", "$", "+", "~", "^", ":", "::", ".", "..", "-", "--", "@"]
SEPARATORS += ["://", "http://", "://a@", "a://b:", "@[", "%20", "%2F", "%3a", "%", "%2", "\\n", "\\r", "\\t", "\\x22"]
SEPARATORS += ["\\u0022", "\\x2", "\\u002", "\\\\n", "\\/", "_", "a", "0", "é", "\u2014", "\u00a0", "\x7f", "\x0b", ""]
ENDINGS = [
    "com",
    "org",
    "NET",
    "co.uk",
    "internal",
    "local",
    "Lan",
    "corp",
    "zip",
    "py",
    "SH",
    "js",
    "sql",
    "md",
    "map",
]
ENDINGS += ["xn--p1ai", "notatld", "c0m", "1", "é", "c_m", "com-", "example"]
LABELS = ["a", "www", "x-1", "a--b", "xn--fa-hia", "xn--", "xn--99999999", "_dmarc", "-a", "a-", "", "10", "é", "A1"]
LOCALS = ["bob", "Bob.Smith+tag", "a%b", ".x.", "-", "_", "é", "o'neil", "a@b.com", "x%40y", "192.0.2.1", "", "a b"]
SCHEMES = ["http", "HTTPS", "s3", "git+ssh", "a", "1", "_", "é", "", "hxxp", "%3A", "\\x3a", "x-"]
USERS = ["", "", "", "u@", "u:p@", "@", "a@b.com@", "a%40b@", "a b@", "a\\@", "a/b@", "é@", "192.0.2.1:80@", "[::1]@"]
TAILS = ["", "", "/", "/a/192.0.2.1", ":80", ":80/x@b.com", "?a=b", "#c", "(", "(x", ".", "-", "]", "%20", "\\n", "_"]


def text_of(dice: Random, alphabet: str, most: int) -> str:
    return "".join(dice.choices(alphabet, k=dice.randint(0, most)))


def ipv4(dice: Random) -> str:
    parts = [str(dice.choice([0, 1, 9, 10, 192, 255, 256, dice.randrange(300)])) for _ in range(4)]
    odd = dice.random()
    if odd < 0.1:
        parts.append(dice.choice(["1", "", "a", "zip", "com"]))
    elif odd < 0.2:
        parts[dice.randrange(4)] = dice.choice(["", "01", "00", "x", "1000", "-1", "\u0661"])
    return ".".join(parts) + dice.choice(["", "", "", ":443", "/24", "-", ".", "-10.0.0.9"])


def version(dice: Random) -> str:
    return dice.choice(["curl", "é", "_", "a.b", ")", " ", "%20", ""]) + dice.choice("/#") + ipv4(dice)


def ipv6(dice: Random) -> str:
    groups = [text_of(dice, HEX, 4) or "0" for _ in range(dice.choice([8, 8, 8, 7, 9, dice.randint(1, 9)]))]
    if dice.random() < 0.6:
        begin = dice.randrange(len(groups))
        groups[begin : begin + dice.randint(1, 6)] = [""]
    whole = ":".join(groups)
    if whole.startswith(":") or whole.endswith(":"):
        whole = whole.replace(":", "::", 1) if whole.startswith(":") else whole + ":"
    if dice.random() < 0.15:
        whole = whole.rpartition(":")[0] + ":" + ipv4(dice)
    before = dice.choice(["", "", "", "[", ":", ".", "-", "a", "g", "/", "::"])
    return (
        before + whole + dice.choice(["", "", "", "]", "]:80", ":", ".", "-", "-1", ".a", "%eth0", "%25x", "/64", "g"])
    )


def mac_or_time(dice: Random) -> str:
    return ":".join(f"{dice.randrange(60):02}" for _ in range(dice.choice([2, 3, 4, 6, 6, 7, 8])))


def name(dice: Random) -> str:
    labels = [dice.choice(LABELS) if dice.random() < 0.4 else "example" for _ in range(dice.choice([0, 1, 1, 1, 2, 4]))]
    if dice.random() < 0.03:
        labels.append("x" * dice.choice([62, 63, 64]))
    ending = dice.choice(ENDINGS[:5] if dice.random() < 0.6 else ENDINGS)
    if dice.random() < 0.02:
        labels = ["y" * 59] * 4  # 239 characters, with their dots
        labels.append("z" * (dice.choice([252, 253, 253, 254]) - 240 - len(ending) - 1))
    return ".".join([*labels, ending]) + dice.choice(["", "", "", "", "(", ".", "-", ".(", ":1", "_"])


def email(dice: Random) -> str:
    return dice.choice(LOCALS) + "@" + dice.choice([name, name, name, name, ipv4])(dice)


def url(dice: Random) -> str:
    host = dice.choice([name, name, ipv4, ipv6, lambda dice: "[" + ipv6(dice) + "]", lambda _: "localhost"])(dice)
    middle = dice.choice(["://", "://", "://", "://", "://", ":/", ":\\/\\/", "%3A%2F%2F", "//", "://://"])
    return dice.choice(SCHEMES) + middle + dice.choice(USERS) + host + dice.choice(TAILS)


def digest(dice: Random) -> str:
    length = dice.choice([32, 40, 64]) + dice.choice([0, 0, 0, 0, -1, 1])
    alphabet = dice.choice([HEX, HEX, HEX, HEX.upper(), "0123456789", "abcdef", HEX + "ABCDEF"])
    return "".join(dice.choices(alphabet, k=length))


def instance(dice: Random) -> str:
    length = dice.choice([8, 17]) + dice.choice([0, 0, 0, 0, -1, 1])
    return dice.choice(["i-", "i-", "i-", "I-", "mi-", "i--", "-i-", "i"]) + "".join(
        dice.choices(dice.choice([HEX, HEX, HEX + "ABCDEF"]), k=length)
    )


def arn(dice: Random) -> str:
    account = dice.choice(["123456789012", "", "123456789012", "aws", "12345678901", "1234567890123"])
    resource = dice.choice(
        ["role/x", "instance/" + instance(dice), "user/" + email(dice), url(dice), "", "*", name(dice)]
    )
    start = dice.choice(["arn", "arn", "arn", "arn", "Arn", "xarn", "-arn", "arn:arn", "arn:"])
    return ":".join(
        [start, "aws", dice.choice(["iam", "", "s3"]), *["eu-west-1"][: dice.randrange(2)], account, resource]
    )


def soup(dice: Random) -> str:
    return text_of(dice, dice.choice(ALPHABETS), dice.choice([3, 8, 20, 60]))


@cache
def listed() -> list[str]:
    """The texts of tests/indicators."""
    hits = tomllib.loads((LISTS / "hits.toml").read_text("utf-8"))
    near_misses = tomllib.loads((LISTS / "near_misses.toml").read_text("utf-8"))
    found = [text for text, _ in itertools.chain.from_iterable(hits.values())]
    return found + list(itertools.chain.from_iterable(near_misses.values()))


def from_the_lists(dice: Random) -> str:
    return dice.choice(listed())


KINDS: list[Callable[[Random], str]] = [ipv4, version, ipv6, ipv6, mac_or_time, name, name, email, email, url, url]
KINDS += [digest, instance, arn, soup, from_the_lists, from_the_lists]


def joined(dice: Random, pieces: int) -> str:
    parts = [dice.choice(["", "", "", dice.choice(SEPARATORS), dice.choice(WORD)])]
    for _ in range(pieces):
        parts.append(dice.choice(KINDS)(dice))
        parts.append(dice.choice(SEPARATORS) if dice.random() < 0.9 else dice.choice(WORD))
    if dice.random() < 0.5:
        parts.pop()
    return "".join(parts)


def changed(dice: Random, text: str) -> str:
    """With one character, or a few, removed, doubled, replaced, put in, moved or in the other case."""
    if not text:
        return text
    place = dice.randrange(len(text))
    head, char, rest = text[:place], text[place], text[place + 1 :]
    other = dice.choice([dice.choice(ALPHABETS[0]), dice.choice(WORD), dice.choice(SEPARATORS)])
    few = rest[: dice.randint(1, 12)]
    return dice.choice(
        [
            head + rest,
            head + char + char + rest,
            head + other + rest,
            head + char + other + rest,
            head + rest[:1] + char + rest[1:],
            head + char.swapcase() + rest,
            head + char + few + few + rest,
            head,
            char + rest,
        ]
    )


def text(dice: Random) -> str:
    shape = dice.random()
    if shape < 0.2:
        whole = soup(dice)
    elif shape < 0.35:
        whole = from_the_lists(dice)
    elif shape < 0.995:
        whole = joined(dice, dice.choice([1, 1, 1, 2, 2, 3, 5]))
    elif shape < 0.999:
        whole = joined(dice, dice.randint(30, 100))
    else:
        whole = dice.choice([dice.choice(KINDS)(dice), *SEPARATORS, *WORD, "a.", "1:", "arn:", "://a"])
        whole *= 4000 // max(1, len(whole))
    for _ in range(dice.choice([0, 0, 0, 1, 1, 2, 4])):
        whole = changed(dice, whole)
    return whole


def texts(seed: int, count: int) -> Iterator[str]:
    """So many texts; the same for the same seed."""
    dice = Random(seed)
    return (text(dice) for _ in range(count))
