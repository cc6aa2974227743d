"""Bytes become chunks of decompressed bytes: gzip whole, nested, cut or corrupt; with both inflaters.

`read` gives what comes out of a source, for other tests too.
"""

import gzip
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrowtrail import inflate
from arrowtrail.inflate import Broken
from arrowtrail.sources import BytesSource, FileSource

pytestmark = pytest.mark.python

TEXT = b"".join(b"line %d %d\n" % (number, random.Random(number).getrandbits(40)) for number in range(40))
ZIPPED = gzip.compress(TEXT, mtime=0)


def read(source, **options):
    """All bytes of a source, and the Broken they end with, if any."""
    chunks = []
    try:
        for chunk in source.chunks(**options):
            assert 0 < len(chunk) <= inflate.OUTPUT_BYTES
            chunks.append(bytes(chunk))
    except Broken as broken:
        return b"".join(chunks), broken
    return b"".join(chunks), None


def inflated(data):
    """What zlib gives of one member before it refuses, byte by byte; and whether it refused or was cut."""
    inflater, found = zlib.decompressobj(31), []
    try:
        for at in range(len(data)):
            found.append(inflater.decompress(data[at : at + 1]))
    except zlib.error:
        return b"".join(found), True
    return b"".join(found), not inflater.eof


@pytest.fixture(params=["isal", "zlib"])
def inflater(request, monkeypatch):
    """Both inflaters give the same."""
    monkeypatch.setattr(
        inflate, "fast_zlib", pytest.importorskip("isal.isal_zlib") if request.param == "isal" else zlib
    )


@pytest.mark.parametrize(
    ("data", "want"),
    [
        (b"", b""),
        (TEXT, TEXT),
        (b"\x1f", b"\x1f"),
        (ZIPPED, TEXT),
        (gzip.compress(b""), b""),
        (gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:]), TEXT),
        (gzip.compress(b"") + gzip.compress(TEXT) + gzip.compress(b""), TEXT),
        (gzip.compress(TEXT[:99]) + bytes(700) + gzip.compress(TEXT[99:]) + bytes(70_000), TEXT),
        (gzip.compress(ZIPPED), TEXT),
        (gzip.compress(gzip.compress(gzip.compress(ZIPPED[:50]) + gzip.compress(ZIPPED[50:]))), TEXT),
    ],
    ids=["empty", "plain", "half magic", "one", "empty member", "two", "four", "zeros", "in gzip", "4 layers"],
)
def test_every_member_and_layer_is_read(inflater, data, want):
    assert read(BytesSource(data)) == (want, None)


def test_gzip_is_told_by_its_bytes_alone(tmp_path):
    for name, data in (("plain.gz", TEXT), ("zipped.log", ZIPPED)):
        (tmp_path / name).write_bytes(data)
        assert read(FileSource(tmp_path / name)) == (TEXT, None)


def test_five_layers_are_too_deep(inflater):
    data = TEXT
    for _ in range(5):
        data = gzip.compress(data, mtime=0)
    found, broken = read(BytesSource(data))
    assert found == b""
    assert (broken.reason, broken.raw) == ("too_deep", ZIPPED)


def test_a_stream_cut_at_any_byte_gives_what_is_whole(inflater):
    for cut in range(2, len(ZIPPED)):
        found, broken = read(BytesSource(ZIPPED[:cut]))
        assert found == inflated(ZIPPED[:cut])[0]
        assert broken.reason == "truncated"
        assert f"ends at byte {cut}, inside the member that begins at byte 0" in broken.message


def test_the_second_member_cut_keeps_the_first(inflater):
    first = gzip.compress(TEXT[:500], mtime=0)
    for cut in range(len(first) + 2, len(first + ZIPPED)):
        found, broken = read(BytesSource((first + ZIPPED)[:cut]))
        assert found == TEXT[:500] + inflated(ZIPPED[: cut - len(first)])[0]
        assert f"begins at byte {len(first)}" in broken.message


def test_a_stream_corrupt_at_any_byte_gives_what_is_whole(inflater):
    # Byte 3 holds flags, of which ISA-L passes over the reserved ones.
    for place in set(range(2, len(ZIPPED))) - {3}:
        data = bytearray(ZIPPED)
        data[place] ^= 0x41
        want, refused = inflated(data)
        found, broken = read(BytesSource(bytes(data)))
        assert found == want
        assert (broken is not None) == refused


def test_a_cut_or_corrupt_inner_layer_gives_what_is_whole(inflater):
    for inner in (ZIPPED[:-9], ZIPPED[:300], ZIPPED[:-5] + b"x" + ZIPPED[-4:]):
        for layered in (gzip.compress(inner), gzip.compress(gzip.compress(inner))):
            found, broken = read(BytesSource(layered))
            assert found == inflated(inner)[0]
            assert broken.reason == "truncated"


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32), size=st.integers(0, 1_000_000), place=st.floats(0, 1), flip=st.integers(0, 255))
def test_any_flipped_bits_lose_nothing_before_them(seed, size, place, flip):
    rng = random.Random(seed)
    text = b"".join(b"%d %x\n" % (rng.getrandbits(9), rng.getrandbits(20)) for _ in range(size // 10))
    data = bytearray(gzip.compress(text, compresslevel=1))
    at = min(10 + int(place * (len(data) - 10)), len(data) - 1)
    data[at] ^= flip
    found, broken = read(BytesSource(bytes(data)))
    whole = zlib.decompressobj(31).decompress(bytes(data[:at]))
    assert found.startswith(whole)
    assert (broken is not None) == inflated(bytes(data))[1]  # a bit behind the end of a block means nothing


@pytest.mark.parametrize("rest", [b"garbage", b"\x1f", b"\0\0x", b"\x1f\x00", b"\n"])
def test_bytes_behind_a_member_end_the_stream(inflater, rest):
    found, broken = read(BytesSource(ZIPPED + rest))
    assert found == TEXT
    assert broken.reason == "truncated"
    at = len(ZIPPED) + len(rest) - len(rest.lstrip(b"\0"))
    assert f"from byte {at} on, are no gzip" in broken.message


@pytest.mark.parametrize("most", [1, 10, len(TEXT) - 1])
@pytest.mark.parametrize("data", [TEXT, ZIPPED], ids=["plain", "gzip"])
def test_more_than_max_decompressed_is_not_read(data, most):
    found, broken = read(BytesSource(data), max_decompressed=most)
    assert found == TEXT[:most]
    assert f"longer than max_decompressed, {most} bytes" in broken.message


def test_exactly_max_decompressed_is_read():
    assert read(BytesSource(ZIPPED), max_decompressed=len(TEXT)) == (TEXT, None)


def test_a_bomb_comes_in_small_chunks():
    bomb = gzip.compress(gzip.compress(bytes(200_000_000)))
    found = 0
    for chunk in BytesSource(bomb).chunks():
        assert len(chunk) <= inflate.OUTPUT_BYTES
        found += len(chunk)
    assert found == 200_000_000
