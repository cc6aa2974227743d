"""Texts for the tokens of generated logs: what a column's words ask for, and what nearly fits.

`usual(column, rng)` gives a text that parses, `odd_texts(column)` the list of those that may not.
Only the table's words are looked at (type, time, part, shape, indicator...), never a log type's name.
"""

from random import Random

import indicator_texts

HEX = "0123456789abcdef"
_RUNNING = indicator_texts.texts(seed=1, count=400)
ODD_RUNNING = [text.replace("\n", " ").encode() for text in _RUNNING if len(text) < 500]
ODD_ANYWHERE = [
    b"-", b'"-"', b'""', b"--", b"unknown", b"null", b"NULL", b"None", b"OK", b"x", b"*", b"+", b"0", b"-1", b"\xff",
    b"a\xe2\x82", b"a\xe2\x82b\xf0\x9f\x98", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    b"\xf8\x88\x80\x80\x80", b"\x80\x80", b"\xe0\x80\x80x", b"\xf0\x8f\xbf\xbf", b"\xfe\xff", b"\xef\xbb\xbf",
    "fa\u00df\u2603\U0001f600".encode(), b"\x00", b"a\x00b", b"a\tb", b"a\rb", b"\x1f\x7f", b"\x0b\x0c", b"\xc2\xa0",
    b'"', b'a"b', b'\\"', b"\\\\", b"\\", b"'", b",", b"[", b"]", b"{", b"{}", b"=", b";", b"A" * 70, b"long" * 300,
    b"x" * 5000, b"NaN", b"1e5", b"i-0", b"arn:", b"2024-05-02T10:11:12.123Z", b"http://", b"://",
]  # fmt: skip
ODD_INTEGERS = [
    b"+5", b"-5", b"-0", b"+0", b"007", b"0000000000000000000000000000000000000042", b"1.0", b"1.", b".5", b"1e5",
    b"0x10", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"-9223372036854775809",
    b"127", b"128", b"-128", b"-129", b"99", b"100", b"600", b"601", b"65535", b"65536", b"18446744073709551616",
    b"18446744073709551615", b"9" * 400, b"0" * 30 + b"1", b"+", b"--1", b"+-1", b"1_000", b"12a", b"a12", b"NaN",
    "\u0661\u0662".encode(), b"2147483648",
]  # fmt: skip
ODD_FLOATS = [
    b"+1.5", b"-0", b"-0.0", b"-1", b"1e5", b"1E5", b"1e+5", b"1e-5", b"1e", b"1e+", b"1.e5", b"1.", b".5", b"1e308",
    b"1e309", b"1e-400", b"1.7976931348623157e308", b"1.7976931348623159e308", b"4.9e-324",
    b"2.2250738585072011e-308", b"0.1", b"0.30000000000000004", b"9007199254740993",
    b"123456789012345678901234567890", b"0." + b"0" * 60 + b"1", b"1" * 400, b"1e99999999999", b"0e99999999999",
    b"nan", b"NaN", b"inf", b"-Infinity", b"1,5", b"0x1p3", b"1_0.0", b"1f", b"+", b"-.5", b"1.2.3", b"8.5e22",
    b"1e23", b"00001.50",
]  # fmt: skip
ODD_TIMES = {
    "rfc3339": [
        b"2024-02-30T00:00:00Z", b"2023-02-29T00:00:00Z", b"2024-02-29T23:59:59Z", b"2024-13-01T00:00:00Z",
        b"2024-00-01T00:00:00Z", b"2024-05-00T00:00:00Z", b"2024-05-02T24:00:00Z", b"2024-05-02T23:60:00Z",
        b"2024-05-02T23:59:60Z", b"2024-05-02T10:11:12.Z", b"2024-05-02t10:11:12.1Z", b"2024-05-02T10:11:12z",
        b"2024-05-02T10:11:12", b"2024-05-02T10:11:12.1234567890123Z", b"2024-05-02T10:11:12.9999999Z",
        b"2024-05-02T10:11:12+23:59", b"2024-05-02T10:11:12-2359", b"2024-05-02T10:11:12+24:00",
        b"2024-05-02T10:11:12+00:60", b"2024-05-02T10:11:12+02", b"2024-05-02T10:11:12.5-08:30",
        b"0001-01-01T00:00:00Z", b"0001-01-01T00:00:00+00:01", b"0000-12-31T23:59:59Z",
        b"9999-12-31T23:59:59.999999Z", b"9999-12-31T23:59:59.999999-00:01", b"1969-12-31T23:59:59.999999Z",
        b"1900-02-29T00:00:00Z", b"2000-02-29T00:00:00Z", b"2024-5-2T10:11:12Z", b"20240502T101112Z",
        b"2024-05-02T10:11:12 Z", b"2024-05-02T10:11Z", b"+2024-05-02T10:11:12Z", b"2024-05-02T10:11:1\xc2\xb2Z",
        b"2024-05-02T1\xd9\xa1:11:12Z", b"2024-05-02T10:11:12ZZ", b"02024-05-02T10:11:12Z",
    ],
    "clf": [
        b"[30/Feb/2024:10:11:12 +0000]", b"[29/Feb/2023:10:11:12 +0000]", b"[29/Feb/2024:10:11:12 +0000]",
        b"[2/May/2024:10:11:12 -0730]", b"[02/may/2024:10:11:12 +0000]", b"[02/Foo/2024:10:11:12 +0000]",
        b"[0/May/2024:10:11:12 +0000]", b"[02/May/2024:24:11:12 +0000]", b"[02/May/2024:10:11:60 +0000]",
        b"[02/May/2024:10:11:12 +2359]", b"[02/May/2024:10:11:12 +2400]", b"[02/May/2024:10:11:12 +0060]",
        b"[02/May/2024:10:11:12 0000]", b"[02/May/2024:10:11:12]", b"[02/May/2024:10:11:12 +0000",
        b"02/May/2024:10:11:12 +0000]", b"[]", b"[", b"[01/Jan/0001:00:00:00 +0000]",
        b"[01/Jan/0001:00:00:00 +0001]", b"[31/Dec/0000:23:59:59 -0100]", b"[31/Dec/9999:23:59:59 +0000]",
        b"[31/Dec/9999:23:59:59 -0001]", b"[02/May/2024:10:11:12  +0000]", b"[02/May/2024:10:11:12 +0000]]",
        b"[02/May/2024:10:11:12 +0000]x", b"[002/May/2024:10:11:12 +0000]", b"[02/May/24:10:11:12 +0000]",
        b"[ 2/May/2024:10:11:12 +0000]", b"[02/May/2024:10:11:12 +00:00]", b"[31/Jun/2024:10:11:12 +0000]",
    ],
    "unix_s": [
        b"-1", b"+1714644672", b"0", b"253402300799", b"253402300800", b"-62135596800", b"-62135596801",
        b"1714644672.5", b"9223372036854775807", b"-9223372036854775808", b"9223372036855", b"00000000001714644672",
        b"1714644672123", b"abc",
    ],
    "digits_us": [
        b"+1714644672123456", b"-1714644672123456", b"0", b"253402300799999999", b"253402300800000000",
        b"9223372036854775807", b"9223372036854775808", b"171464467212345", b"0001714644672123456",
        b"1714644672.123456", b"20240502 10:11:12", b"20240230 10:11:12", b"20240502 24:00:00", b"00010101 00:00:00",
        b"99991231 23:59:59", b"20240502 1:11:12", b"20240502  1:11:12", b"20240502T10:11:12", b"20240502",
        b"00001231 23:59:59", b"1714644672",
    ],
}  # fmt: skip
ODD_ADDRESSES = [
    b"010.0.0.1", b"256.0.0.1", b"1.2.3", b"1.2.3.4.5", b"1.2.3.", b".1.2.3", b"0.0.0.0", b"255.255.255.255",
    b"0x7f.0.0.1", b"1.2.3.0004", b"::", b"::1", b"1::", b":::", b"1:2:3:4:5:6:7:8", b"1:2:3:4:5:6:7:8:9",
    b"1:2:3:4:5:6:7::", b"::2:3:4:5:6:7:8", b"1::2:3:4:5:6:7:8", b"1::2::3", b"1:2:3:4:5:6:1.2.3.4",
    b"1:2:3:4:5:6:7:1.2.3.4", b"::ffff:192.0.2.1", b"::ffff:192.0.2.01", b"::1.2.3.4:5", b"1.2.3.4::",
    b"fe80::1%eth0", b"12345::", b"g::1", b":1", b"1:", b":", b"2001:0db8:0000:0000:0000:0000:0000:0001",
    b"2001:DB8::A", b"10.0.0.0/8", b"[::1]", b"1:2:3:4:5:6:7:8.1.2.3", b"::1.2.3", b"1.2.3.4 ", b"\t1.2.3.4",
    b"\xd9\xa1.2.3.4", b"localhost",
]  # fmt: skip
ODD_ENDPOINTS = [
    b"10.0.0.1", b"10.0.0.1:", b"10.0.0.1:-", b"10.0.0.1:0", b"10.0.0.1:65535", b"10.0.0.1:65536", b"10.0.0.1:080",
    b"10.0.0.1:000080", b"10.0.0.1:+80", b"-:-", b"-:80", b":80", b":", b"2001:db8::7:51000", b"2001:db8::7",
    b"1:2:3:4:5:6:7:8:80", b"1:2:3:4:5:6:7:8", b"1::2:3", b"::1:80", b"::12", b"::", b"[2001:db8::7]:443",
    b"[2001:db8::7]", b"[2001:db8::7]x", b"[2001:db8::7]:", b"[2001:db8::7]:-", b"[2001:db8::7]:70000",
    b"[2001:db8::7", b"[]:80", b"[]", b"[x]:80", b"[x", b"[x:80", b"[-]:1", b"[::1]]:80", b"lambda:80",
    b"lambda:port", b"lambda", b"a:b:c", b"10.0.0.1:80:90", b"10.0.0.1:8 0", b"::ffff:1.2.3.4:80",
    b"2001:db8::7:99999", b"fe80::1%eth0:80",
]  # fmt: skip
ODD_NAMES = [
    b"xn--fa-hia.example", b"a.xn--fa-hia.xn--p1ai", b"xn--", b"xn---", b"xn--a", b"xn--99999999", b"xn--zz.example",
    b"XN--FA-HIA.example", b"xn--fa-HIA", b"xn--a-\xc3\xa9", b"xn--abc-", b"xn---abc", b"xn--ls8h.example",
    b"xn--x-0ga.b", b"xn--0000h", b"xn--a!b", b"..", b"a b", b" a.example ", b"\ta.example", b"a.example.",
    b"a\x01b", b"xn--\xff", b"xn--mgbh0fb.xn--kgbechtv", b"xn--ihqwcrb4cv8a8dqg056pqjye", b"xn--55qw42g.",
    b"xn--a-ecp.ru", b"xn--" + b"a" * 60, "xn--\u00e9-a".encode(), b"xn--.a",
]  # fmt: skip
ODD_ARNS = [
    b"arn:aws:iam::123456789012:user/alice", b"arn:aws:iam::123456789012:user/path/bob",
    b"arn:aws:iam::123456789012:user/", b"arn:aws:iam::123456789012:user", b"arn:aws:iam::12345678901:user/ eve ",
    b"arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc", b"arn:aws:ec2:eu-west-1:123456789012:instance/a/i-1",
    b"arn:aws:ec2:eu-west-1:123456789012:instance/x-1", b"arn:aws:ec2:eu-west-1:123456789012:instances/i-1",
    b"arn:aws:s3:::bucket", b"arn:a:b:c:d", b"arn:::::", b"arn:::::user/", b"arn:::::instance/i-", b"arn",
    b"ARN:aws:s3:::x", b" arn:aws:s3:::x", b"arn:aws-cn:sns:cn-north-1:123456789012:t:u:v", b"session-reused",
    b"123456789012", b"1234567890123", b"12345678901", b" 123456789012", b"AmazonS3", b"svc:x",
    b"arn:aws:iam::123456789012:user/a\xff",
]  # fmt: skip
ODD_REQUESTS = [
    b"-", b"GET", b"GET /", b"GET  /", b"- http://a.example:80- -", b"GET http://a.example:80/a b c HTTP/1.1",
    b"GET  HTTP/1.1", b" a b", b"a b ", b"  ", b"   ", b"- - -", b"GET https://u:p@a.example/x HTTP/2.0",
    b"GET https://[2001:db8::1]:443/ HTTP/1.1", b"GET ://x HTTP/1.1", b"GET x://[ HTTP/1.1",
    b"GET x://[a]b/ HTTP/1.1", b"GET x://1.2.3.4\\@b HTTP/1.1", b"GET x://a?@b HTTP/1.1", b"GET x://a#@b HTTP/1.1",
    b"GET x://u@v@h:1:2/ HTTP/1.1", b"GET x:// HTTP/1.1", b"GET x://:80/ HTTP/1.1",
    b"GET /a?u=http://b.example HTTP/1.1", b"GET x://xn--fa-hia.example:80/ HTTP/1.1",
    b"GET x://2001:db8::1/ HTTP/1.1", b"GET x://a\xffb/ HTTP/1.1", b"GET x://[1.2.3.4]:5 HTTP/1.1",
    b"GET x://a b/ HTTP/1.1", b"GET x:// a.example /y HTTP/1.1", b"GET x://h\tx/ HTTP/1.1",
    b"GET x://[::1/ HTTP/1.1", b"GET x://u[::1]@h/ HTTP/1.1", b'GET /a"b HTTP/1.1', b'GET /a" 200 HTTP/1.1',
    b'GET /a" - HTTP/1.1', b'GET /" "x" HTTP/1.1', b'GET /\\" HTTP/1.1', b'GET /\\\\" HTTP/1.1',
    b'GET /\\\\\\" HTTP/1.1', b"GET /\\", b'a b c\\', b'a b c\\\\', b'a b "',
]  # fmt: skip
ODD_TEXTS = [
    b'tool "quoted" 1.0', b'a" - b', b'a" "b', b'a" "', b'" - "', b'a" 200 b', b"a  b", b" a", b"a ", b"Root=",
    b"Root=;x", b"x;Root=1-a;Self=2", b"Root= 1-a ;y", b"Self=1;Root=1-b", b"root=1", b"Root=Root=1", b"a,b,,c",
    b",", b",a,", b"waf,,forward", b" ", b"  a  b ", b"10.0.0.1:80  10.0.0.2:81", b"a\tb c", b"-,-", b"- -",
    b"\\x22a\\x22", b"Yes", b"No", b"yes", b"us-east-1", b"us-gov-west-1", b"useast1", b"us--1", b"us-east-",
    b"-us-1", b"us-east-12", b" alice ", b"\xff alice\x0b",
]  # fmt: skip


def hexes(rng: Random, count: int) -> str:
    return "".join(rng.choices(HEX, k=count))


def address(rng: Random) -> str:
    if rng.random() < 0.25:
        return rng.choice(("2001:db8::", "fe80::1:", "2001:db8:0:1::")) + hexes(rng, rng.randint(1, 4))
    return ".".join(str(rng.randrange(256)) for _ in range(4))


def host_name(rng: Random) -> str:
    return (
        rng.choice(("shop", "www", "xn--fa-hia", "a-b", "db1"))
        + "."
        + rng.choice(("example.com", "example", "internal", "xn--p1ai"))
    )


def arn(rng: Random) -> str:
    resource = rng.choice(
        ("user/alice", "role/Reader", "instance/i-" + hexes(rng, 8), "targetgroup/web/" + hexes(rng, 6), "a:b")
    )
    service, region, account = (
        rng.choice(("iam", "ec2")),
        rng.choice(("", "eu-west-1")),
        rng.choice(("", "210987654321")),
    )
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def clock(rng: Random, form: str) -> str:
    year, month, day = rng.randint(2015, 2030), rng.randint(1, 12), rng.randint(1, 28)
    hms = f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"
    if form == "rfc3339":
        return f"{year}-{month:02}-{day:02}T{hms}{rng.choice(('', '.5', '.123', '.123456', '.1234567'))}Z"
    if form == "clf":
        name = "JanFebMarAprMayJunJulAugSepOctNovDec"[3 * month - 3 : 3 * month]
        return f"[{day:02}/{name}/{year}:{hms} {rng.choice(('+0000', '+0200', '-0530'))}]"
    if form == "compact":
        return f"{year}{month:02}{day:02} {hms}"
    if form == "unix_s":
        return str(rng.randrange(1_500_000_000, 1_900_000_000))
    return str(rng.randrange(1_500_000_000_000_000, 1_900_000_000_000_000))


def scanned(rng: Random, scanner: str) -> str:
    """A text that the scanner takes something from."""
    if scanner in ("arn_only", "aws_arn", "aws_principal"):
        return arn(rng) if rng.random() < 0.8 else rng.choice(("210987654321", "AmazonS3", hexes(rng, 64)))
    if scanner in ("domain", "domain_raw", "hostname"):
        return host_name(rng) if rng.random() < 0.8 else address(rng)
    by_name = {
        "ip": address,
        "url": lambda rng: f"https://{host_name(rng)}:443/{hexes(rng, 4)}",
        "aws_account_id": lambda rng: str(rng.randrange(10**11, 10**12)),
        "aws_instance_id": lambda rng: "i-" + hexes(rng, 17),
        "trace_root": lambda rng: f"Root=1-{hexes(rng, 8)};Self=2",
        "username": lambda rng: rng.choice(("alice", "app_rw", "rdsadmin")),
        "text": running_text,
    }
    return by_name[scanner](rng)


def running_text(rng: Random) -> str:
    """Words without blanks, commas and quotes, some of them indicators."""
    words = (host_name, address, arn, lambda rng: hexes(rng, rng.choice((32, 40, 64, 7))))
    words += (lambda rng: f"https://u@{host_name(rng)}:443", lambda rng: f"a.b+c@{host_name(rng)}")
    words += (lambda rng: rng.choice(("Mozilla/5.0", "curl/7.68.0.1", "%2F", "x.py", "i-0123abcd", "12:34:56")),)
    return rng.choice((";", "/", "(", "=", "|")).join(rng.choice(words)(rng) for _ in range(rng.randint(1, 4)))


def usual(column, rng: Random) -> bytes:
    """A text that the column takes as a value, now and then the null text."""
    return usual_text(column, rng).encode()


def usual_text(column, rng: Random) -> str:
    only = column.only if isinstance(column.only, tuple) else None
    if column.allowed or only:
        return rng.choice(column.allowed or only)
    if column.time:
        return clock(rng, column.time)
    if not column.required and rng.random() < 0.08:
        return "-"
    if column.part in ("host", "port"):
        return address(rng) + f":{rng.randrange(65536)}"
    if column.part:
        return rng.choice(("GET", "POST", "PUT")) + f" https://{host_name(rng)}:443/{hexes(rng, 3)} x HTTP/1.1"
    if column.split:
        return column.split.join(rng.choices(("waf", "forward", "10.0.0.1:80", "redirect"), k=rng.randint(1, 3)))
    if column.type.startswith("int"):
        low, high = column.range or (0, 5 if column.type == "int8" else 10 ** rng.randint(1, 10))
        return str(rng.randint(low, high))
    if column.type.startswith("float"):
        return rng.choice(("-1", "0.001", f"{rng.random():.3f}", f"{rng.random() * 100:.6f}"))
    return usual_string(column, rng)


def usual_string(column, rng: Random) -> str:
    shape = column.shape or column.only
    if shape == "alnum64":
        return hexes(rng, 64)
    if shape == "upper_word":
        return rng.choice(("CONNECT", "QUERY", "READ", "WRITE", "DISCONNECT", "FAILED_CONNECT"))
    scanner = column.indicator or column.indicator_more
    if scanner:
        return scanned(rng, scanner)
    return rng.choice(("app/lb/", "TLSv1.2", "Mozilla/5.0", "REST.GET.OBJECT", "dir/a%2520b.txt", "eni-")) + hexes(
        rng, rng.randint(0, 6)
    )


def odd_texts(column) -> list[bytes]:
    """Texts at the edges of what the column takes, and beyond."""
    texts = list(ODD_ANYWHERE)
    scanner = " ".join(filter(None, (column.indicator, column.indicator_more)))
    texts += ODD_TIMES.get(column.time, ())
    texts += ODD_INTEGERS if column.type.startswith("int") else ()
    texts += ODD_FLOATS if column.type.startswith("float") else ()
    texts += ODD_ENDPOINTS if column.part in ("host", "port") else ()
    texts += ODD_REQUESTS if column.part and column.part.startswith("http") else ()
    texts += [request.split(b" ")[-2] for request in ODD_REQUESTS if b"://" in request] if "url" in scanner else ()
    texts += ODD_ADDRESSES if "ip" in scanner.split() or "hostname" in scanner else ()
    texts += ODD_NAMES if "host" in scanner or "domain" in scanner else ()
    texts += ODD_RUNNING if scanner == "text" else ()
    texts += ODD_ARNS if "arn" in scanner or "aws" in scanner or column.only else ()
    texts += [f"AB{letter}".encode() * count for letter in "_Z" for count in (1, 10, 11)] if column.shape else ()
    if column.type in ("string", "list<string>"):
        texts += ODD_TEXTS
    return texts
