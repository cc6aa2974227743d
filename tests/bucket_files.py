"""Contents -> files: compressed, cut, corrupt; and the files that hold no record of ours."""

import bz2
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

import pyarrow as pa
from bucket_framings import Content, Placed, blanks, crlf, cut, exported, lines, subscription, trail
from bucket_framings import single as alone
from bucket_records import (
    ALB,
    ALL_TYPES,
    AURORA,
    BROKEN,
    JSON_LOG_TYPES,
    LOG_TYPES,
    S3,
    VPC,
    Record,
    cut_short,
    example,
    example_over_lines,
    faulty,
    pool,
    pretty_pool,
    under_header,
    unknown,
)
from logs import VPC_HEADER
from pyarrow import parquet


@dataclass(frozen=True)
class Made:
    """A file's bytes and its truth.

    `exact` False: where the damage hits is not foreseen; what is found are some of these records, and one more.
    `missing`: what the product must have for it.
    """

    stored: bytes
    content: bytes
    found: list[Placed]
    exact: bool = True
    missing: str | None = None


Entry = tuple[str, str, Made]
Layer = Callable[[Content, Random], Made]


def zipped(data: bytes) -> bytes:
    return gzip.compress(data, 1, mtime=0)


def plain(content: Content, rng: Random | None = None) -> Made:
    return Made(bytes(content.data), bytes(content.data), content.found)


def stored_as(change: Callable[[bytes, Random], bytes], **truth: object) -> Layer:
    """A layer that gives all of the content back."""
    return lambda content, rng: replace(plain(content), stored=change(bytes(content.data), rng), **truth)


def members(data: bytes, rng: Random) -> bytes:
    """Two gzip members, an empty one between."""
    at = rng.randint(0, len(data))
    return zipped(data[:at]) + zipped(b"") + zipped(data[at:])


def nested(layers: int) -> Callable[[bytes, Random], bytes]:
    def change(data: bytes, rng: Random) -> bytes:
        for _ in range(layers):
            data = zipped(data)
        return data

    return change


LAYERS: dict[str, Layer] = {
    "plain": plain,
    "gzip": stored_as(nested(1)),
    "gzip members": stored_as(members),
    "gzip in gzip": stored_as(nested(2)),
    "gzip four times": stored_as(nested(4)),
    "gzip and zeros": stored_as(lambda data, rng: zipped(data) + bytes(rng.randint(1, 600))),
    "gzip members in gzip": stored_as(lambda data, rng: zipped(members(data, rng))),
}


def zstd(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


OTHER_LAYERS: dict[str, Layer] = {
    "zstd": stored_as(lambda data, rng: zstd(data), missing="zstd"),
    "zstd frames": stored_as(lambda data, rng: zstd(data[:99]) + zstd(data[99:]), missing="zstd"),
    "bz2": stored_as(lambda data, rng: bz2.compress(data), missing="bz2"),
    "bz2 in gzip": stored_as(lambda data, rng: zipped(bz2.compress(data)), missing="bz2"),
    "gzip in zstd": stored_as(lambda data, rng: zstd(members(data, rng)), missing="zstd"),
}


# ---------------------------------------------------------------- broken layers


def inflated(stored: bytes) -> bytes:
    """What zlib gives of a stream that is cut."""
    return zlib.decompressobj(31).decompress(stored)


def cut_gzip(content: Content, rng: Random) -> Made:
    stored = zipped(bytes(content.data))
    stored = stored[: rng.randint(2, len(stored) - 1)]
    kept = cut(content, len(inflated(stored)), known=True)
    return replace(plain(kept), stored=stored)


def cut_inside_gzip(content: Content, rng: Random) -> Made:
    made = cut_gzip(content, rng)
    return replace(made, stored=zipped(made.stored))


def ending_badly(change: Callable[[bytes, Random], bytes]) -> Layer:
    """All comes out, and then one rejected record of no bytes."""

    def layer(content: Content, rng: Random) -> Made:
        kept = cut(content, len(content.data), known=True)
        return replace(plain(kept), stored=change(bytes(content.data), rng))

    return layer


def wrong_check_sum(data: bytes, rng: Random) -> bytes:
    stored = bytearray(zipped(data))
    stored[-rng.randint(1, 8)] ^= 1 << rng.randrange(8)
    return bytes(stored)


def flipped_bit(content: Content, rng: Random) -> Made:
    stored = bytearray(zipped(bytes(content.data)))
    stored[rng.randint(10, len(stored) - 9)] ^= 1 << rng.randrange(8)
    kept = cut(content, len(content.data), known=True)
    return replace(plain(kept), stored=bytes(stored), exact=False)


def too_many_layers(content: Content, rng: Random) -> Made:
    stored = nested(5)(bytes(content.data), rng)
    inner = zipped(bytes(content.data))
    return Made(stored, inner, [Placed(Record(inner, None, "too_deep"), 0, len(inner), inner, 0)])


BROKEN_LAYERS: dict[str, Layer] = {
    "cut gzip": cut_gzip,
    "cut gzip in gzip": cut_inside_gzip,
    "wrong check sum": ending_badly(wrong_check_sum),
    "garbage behind gzip": ending_badly(lambda data, rng: zipped(data) + rng.choice((b"x", b"\n", b"\0\0x", b"\x1f"))),
    "flipped bit": flipped_bit,
    "gzip five times": too_many_layers,
}


def cut_line(log_type: str, records: list[Record], rng: Random) -> Made:
    """A file of lines that ends inside one."""
    content = lines(records, rng) if log_type != VPC else under(VPC_HEADER.encode(), records)
    content.add(cut_short(log_type, rng))
    return plain(content)


def cut_json(content: Content, rng: Random) -> Made:
    return plain(cut(content, rng.randint(1, len(content.data) - 1)))


# ---------------------------------------------------------------- of single types


def pretty(log_type: str, seed: int, rng: Random) -> Made:
    """Printed over many lines; a broken value takes the lines up to the next value."""
    content, records = Content(), rng.sample(pretty_pool(log_type, seed), 3)
    wrong = example_over_lines(log_type).removesuffix(b"\n}") + b",\n  " + rng.choice(BROKEN) + b"\n}"
    for record in (records[0], Record(wrong, None, "syntax"), *records[1:]):
        content.value(record)
        content.text(b"\n")
    return LAYERS["gzip"](content, rng)


def under(header: bytes, records: list[Record]) -> Content:
    content = Content(bytearray(header + b"\n"))
    content.append(lines(records, Random()))
    return content


def flow_logs(seed: int, rng: Random) -> Iterator[Entry]:
    """Under headers of every kind, without, and as Parquet."""
    header = VPC_HEADER.encode()
    flows = pool(VPC, seed)
    bad = [record for record in faulty(VPC) if record.reason != "unknown_type"]
    junk = Record(b"no record at all", VPC, "missing_required")  # below a header every line is a flow log's
    yield "header", VPC, plain(under(header, [*flows[:7], *bad, junk, *flows[7:9]]))
    yield "header only", VPC, plain(Content(bytearray(header + b"\r\n")))
    spelled = " ".join(f"${{{name}}}" for name in VPC_HEADER.replace("-", "_").upper().split()).encode()
    yield "header spelled otherwise", VPC, plain(under(spelled, flows[3:9]))
    for number in range(6):
        custom, rows = under_header(seed, number)
        yield "custom header", VPC, LAYERS["gzip"](under(custom, rows), rng)
        again = under(header, flows[:3])
        again.append(under(custom, rows[:5]))
        again.append(under(header, [bad[number % 4], *flows[3:5]]))
        yield "headers in the middle", VPC, plain(again)
    others = [pool(log_type, seed)[number] for number, log_type in enumerate(ALL_TYPES) if log_type != VPC]
    yield "other types below a header", VPC, plain(under(header, [*flows[:2], *others, *flows[2:4]]))
    yield from columnar(flows, rng)


def columnar(flows: list[Record], rng: Random) -> Iterator[Entry]:
    """Deliveries in Parquet: the rows are those of the text, in their order."""
    good = [record for record in flows if b"unknown" not in record.data][:9]
    bad = [record for record in faulty(VPC) if record.reason == "bad_value" and b" abc " not in record.data]
    for kind, records in {"Parquet": good, "Parquet, bad rows": good + bad, "Parquet without rows": []}.items():
        stored = parquet_flows(records)
        found = [Placed(record, row, 0, record.data, 0) for row, record in enumerate(records)]
        yield kind, VPC, Made(stored, b"", found, missing="Parquet")
        yield f"{kind}, gzip", VPC, Made(zipped(stored), b"", found, missing="Parquet")
    cut_off = parquet_flows(good)[:-20]
    yield "cut Parquet", VPC, Made(cut_off, b"", [whole("truncated", cut_off)], missing="Parquet")
    other = written(pa.table({"a": [1, 2], "b": ["x", "y"]}))
    yield "Parquet of something else", VPC, Made(other, b"", [whole("unknown_type", other)], missing="Parquet")


def parquet_flows(records: list[Record]) -> bytes:
    wide = {"packets", "bytes", "start", "end"}
    narrow = {"version", "srcport", "dstport", "protocol"}
    columns = {}
    for place, name in enumerate(VPC_HEADER.replace("-", "_").split()):
        texts = [record.data.decode().split()[place] for record in records]
        kind = pa.int64() if name in wide else pa.int32() if name in narrow else pa.string()
        columns[name] = pa.array([None if text == "-" else text for text in texts], pa.string()).cast(kind)
    return written(pa.table(columns))


def written(table: pa.Table) -> bytes:
    file = io.BytesIO()
    parquet.write_table(table, file, compression="gzip")
    return file.getvalue()


def whole(reason: str, data: bytes) -> Placed:
    """The whole input as one rejected record."""
    return Placed(Record(data, None, reason), 0, len(data), data, 0)


# ---------------------------------------------------------------- several types


def mixed(seed: int, rng: Random) -> Iterator[Entry]:
    """Several log types in one file; and bad records that need a neighbour or much room."""
    every = [pool(log_type, seed) for log_type in ALL_TYPES]
    for _ in range(4):
        records = [record for group in every for record in rng.sample(group, 2)]
        rng.shuffle(records)
        texts = [record for record in records if record.log_type in LOG_TYPES]
        values = [record for record in records if record.log_type in JSON_LOG_TYPES]
        yield "mixed lines", ALB, rng.choice((plain, LAYERS["gzip"]))(lines(texts + unknown(rng, 2) + values, rng), rng)
        yield "mixed lines and JSON", AURORA, plain(crlf([texts[0], *records], rng))
        yield "mixed JSON", "AWS.GuardDuty", plain(trail(values, rng))
        yield "mixed JSON and lines", S3, plain(lines([values[0], *records], rng))
        payload = subscription([alone(each) for each in records], rng)
        yield "mixed messages", AURORA, LAYERS["gzip in gzip"](payload, rng)
        yield "mixed export", AURORA, LAYERS["gzip"](exported([texts[0], *records], rng), rng)
    open_end = Record(example(AURORA).rsplit(b"'", 1)[0], AURORA, "syntax")
    audit = pool(AURORA, seed)
    yield "quote that never closes", AURORA, plain(blanks([*audit[:3], open_end, *audit[3:5], open_end], rng))
    for log_type in (S3, "AWS.WAFWebACL"):
        rows = pool(log_type, seed)
        yield "longer than max_record", log_type, LAYERS["gzip"](too_long(rows, log_type), rng)


def too_long(rows: list[Record], log_type: str) -> Content:
    content = lines(rows[:3], Random())
    text = b"x" * ((64 << 20) + 1)
    content.add(Record(text if log_type in LOG_TYPES else b'{"a":"' + text + b'"}', None, "too_long"), after=b"\n")
    content.append(lines(rows[3:6], Random()))
    return content
