"""Files of a bucket that hold no record of ours: empty ones, notices of AWS, other AWS logs, other programs' files."""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from bucket_files import LAYERS, Entry, Made, plain, whole
from bucket_framings import Content, lines, nothing
from bucket_records import ALB, ALL_TYPES, S3, Record, compact, example

TIME = b"2024-05-02T10:11:12"
# Logs of AWS that are none of the types: each file is one rejected record.
FOREIGN = {
    "NLB": b"tls 2.0 %s net/lb/0a1b 9f8e 198.51.100.4:40000 10.0.0.1:443 5 3 246 486 - arn:aws:acm:eu-west-1:"
    b"210987654321:certificate/0f - ECDHE-RSA-AES128-SHA tlsv12 - lb.example.com h2 h2 - %s\n" % (TIME, TIME),
    "classic ELB": b"%s.123456Z lb 198.51.100.4:40000 10.0.0.1:80 0.000073 0.001 0.00005 200 200 0 29 "
    b'"GET http://www.example.com:80/ HTTP/1.1" "agent/1" - -\n' % TIME,
    "ALB connections": b"%s.123456Z 198.51.100.4 40000 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036 - - - Success "
    b"TID_0123456789abcdef0123456789abcdef\n" % TIME,
    "ALB health checks": b"http %s.123456Z 0.003 10.0.0.1:80 targetgroup/web/9f8e healthy 200 -\n" % TIME,
}
# The flow log's page says of these that the header and every line under it is rejected.
TRANSIT_GATEWAY = (
    b"version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id tgw-src-vpc-id tgw-dst-vpc-id "
    b"srcaddr dstaddr srcport dstport\n"
    + b"6 TransitGateway 210987654321 tgw-0a1b tgw-attach-1 - vpc-1 vpc-2 10.0.0.1 10.0.1.1 1 2\n"
    * 4
)
FOREIGN_JSON = {
    "Config snapshot": {"fileVersion": "1.0", "configSnapshotId": "s", "configurationItems": [{"ARN": "a"}, {}]},
    "S3 inventory manifest": {"sourceBucket": "b", "destinationBucket": "arn:aws:s3:::d", "version": "2016-11-30",
                              "fileFormat": "CSV", "fileSchema": "Bucket, Key", "files": [{"key": "k", "size": 1}]},
}  # fmt: skip
PAGE = b"""<!DOCTYPE html>
<html><head><title>403</title></head>

<body>
  <h1>Forbidden</h1>
</body></html>
"""


def no_records(rng: Random) -> Iterator[Entry]:
    """Files that hold no record and no error."""
    for data in (b"", b"\n", b" \t\r\n \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"):
        yield "nothing", rng.choice(ALL_TYPES), plain(Content(bytearray(data)))
        yield "nothing, gzip", rng.choice(ALL_TYPES), LAYERS["gzip"](Content(bytearray(data)), rng)
    for kind in range(7):
        yield "no record", rng.choice(ALL_TYPES), rng.choice((plain, LAYERS["gzip"]))(nothing(kind), rng)


def ignored() -> dict[str, Made]:
    """Files that are known by their names."""
    line = b"Enable AccessLog for ELB: lb at 2024-05-02T10:11:12.345Z\n"
    texts = {"ELBAccessLogTestFile": line, "aws-logs-write-test": b"Permission Check Successful", "_SUCCESS": b""}
    return {name: Made(data, data, []) for name, data in {**texts, ".DS_Store": b"\0\0\0\1Bud1"}.items()}


def not_ours(rng: Random) -> Iterator[Entry]:
    """A rejected record for each line, or for the whole file where it is of a known kind."""
    strangers = {
        "HTML page": PAGE,
        "transit gateway": TRANSIT_GATEWAY,
        "PNG": image(),
        "XML": b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>',
    }
    for number in range(4):
        strangers[f"random bytes {number}"] = noise(rng)
    for name, data in strangers.items():
        yield name, rng.choice(ALL_TYPES), plain(line_by_line(data))
    for name, line in FOREIGN.items():
        data = line * rng.randint(2, 5)
        layer = rng.choice((plain, LAYERS["gzip"]))
        content = Content(bytearray(data), [whole("unknown_type", data.rstrip())])
        yield name, ALB, replace(layer(content, rng), missing="foreign logs")
    for name, value in FOREIGN_JSON.items():
        yield name, "AWS.CloudTrail", LAYERS["gzip"](lines([Record(compact(value), None, "unknown_type")], rng), rng)
    for coding in ("utf-16-le", "utf-16-be"):
        data = ("\ufeff" + example(S3).decode() + "\n").encode(coding)
        yield coding, S3, plain(Content(bytearray(data), [whole("syntax", data)]))


def noise(rng: Random) -> bytes:
    """Lines of random bytes that no one takes for JSON, gzip or UTF-16."""
    usual = bytes(set(range(256)) - set(b"\n\r \t{["))
    return b"".join(
        b"\x80" + bytes(rng.choices(usual, k=rng.randint(1, 300))) + b"\n" for _ in range(rng.randint(1, 9))
    )


def image() -> bytes:
    """A picture of one pixel."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(4))),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def line_by_line(data: bytes) -> Content:
    """Each line that is not blank is a rejected record."""
    content = Content()
    for line in io.BytesIO(data):
        text = line.removesuffix(b"\n").removesuffix(b"\r").strip(b" \t")
        assert text[:1] not in (b"{", b"[")
        before, after = line.split(text, 1) if text else (line, b"")
        content.text(before)
        if text:
            content.add(Record(text, None, "unknown_type"), after=after)
    return content
