"""zstd and bz2, whole, nested, cut or corrupt, come out as gzip does."""

import bz2
import gzip
import io
import itertools
import random
import sys

import pyarrow as pa
import pytest
from test_inflate import TEXT, read
from test_sources import Pipe

from arrowtrail import SourceError, inflate, parse, scan
from arrowtrail.sources import BytesSource, ObjectSource

ZSTD = b"\x28\xb5\x2f\xfd"
SKIPPED = b"\x5a\x2a\x4d\x18\x03\0\0\0abc"


def zstd(data):
    return pa.Codec("zstd").compress(data, asbytes=True)


def zstd_frame(*blocks, header=b"\x00\x50"):
    """A frame whose blocks hold their bytes as they are."""
    last = len(blocks) - 1
    raw = (((len(block) << 3) | (number == last)).to_bytes(3, "little") + block for number, block in enumerate(blocks))
    return ZSTD + header + b"".join(raw)


CODECS = {"zstd": zstd, "bz2": bz2.compress, "gzip": gzip.compress}
codec = pytest.mark.parametrize("codec", ["zstd", "bz2"])


@codec
def test_every_frame_is_read(codec):
    pack = CODECS[codec]
    for data in (TEXT, b"", b"x", TEXT * 1000):
        assert read(BytesSource(pack(data))) == (data, None)
    assert read(BytesSource(pack(TEXT[:99]) + pack(b"") + pack(TEXT[99:]))) == (TEXT, None)
    assert read(ObjectSource(Pipe(pack(TEXT), piece=1))) == (TEXT, None)


@pytest.mark.parametrize("codecs", list(itertools.product(CODECS, repeat=2)), ids="-".join)
def test_any_codec_stands_in_any_other_four_deep(codecs):
    outer, inner = (CODECS[codec] for codec in codecs)
    for data in (outer(inner(TEXT)), inner(outer(inner(outer(TEXT))))):
        assert read(BytesSource(data)) == (TEXT, None)
    found, broken = read(BytesSource(inner(outer(inner(outer(inner(TEXT)))))))
    assert (found, broken.reason) == (b"", "too_deep")
    assert broken.message == f"still {codecs[1]} after 4 layers of compression"
    assert broken.raw == inner(TEXT) or codecs[1] == "gzip"  # whose header holds the time


def test_a_bz2_stream_cut_anywhere_gives_its_whole_blocks():
    data = bz2.compress(TEXT) + bz2.compress(TEXT[:700])
    for cut in range(10, len(data)):
        reference, want = bz2.BZ2Decompressor(), []
        rest = data[:cut]
        while rest:
            want.append(reference.decompress(rest))
            rest, ended = reference.unused_data, reference.eof
            if ended and rest:
                reference = bz2.BZ2Decompressor()
        found, broken = read(BytesSource(data[:cut]))
        assert found == b"".join(want)
        if cut == len(bz2.compress(TEXT)):
            assert broken is None
        else:
            assert broken.reason == "truncated"
            assert broken.message == f"the bz2 stream ends at byte {cut}, inside a frame"


def test_a_zstd_stream_cut_anywhere_gives_its_whole_blocks():
    blocks = [TEXT[:200], TEXT[200:201], TEXT[201:]]
    first = zstd_frame(*blocks)
    data = first + zstd_frame(TEXT)
    ends = [len(zstd_frame(*blocks[:count])) for count in range(1, 4)]
    for cut in range(4, len(data)):
        whole = sum(len(block) for block, end in zip(blocks, ends, strict=True) if end <= cut)
        found, broken = read(BytesSource(data[:cut]))
        assert (TEXT + TEXT).startswith(found) and len(found) >= whole
        assert (broken is None) == (cut == len(first))
        if broken:
            assert broken.message == f"the zstd stream ends at byte {cut}, inside a frame"


@codec
def test_a_corrupt_byte_costs_nothing_before_it(codec):
    rng = random.Random(7)
    text = b"".join(b"%x\n" % rng.getrandbits(64) for _ in range(100_000))
    pack = CODECS[codec]
    pieces = [pack(text[at : at + 400_000]) for at in range(0, len(text), 400_000)]
    assert len(pieces) == 5
    pieces[3] = pieces[3][:-20] + bytes(byte ^ 0x5A for byte in pieces[3][-20:])
    found, broken = read(BytesSource(b"".join(pieces)))
    assert text.startswith(found) and len(found) >= 1_200_000
    assert broken.reason == "truncated"
    start, end = sum(map(len, pieces[:3])), sum(map(len, pieces[:4]))
    at = int(broken.message.partition("before byte ")[2].partition(":")[0])
    assert start < at <= end + 10, (start, at, end)
    assert f"the {codec} stream is corrupt" in broken.message


@codec
@pytest.mark.parametrize("rest", [b"garbage behind it", b"\0\0\0\0\0\0"])
def test_bytes_behind_a_frame_end_the_stream(codec, rest):
    found, broken = read(BytesSource(CODECS[codec](TEXT) + rest))
    assert found == TEXT
    assert broken.reason == "truncated"
    assert f"the {codec} stream is corrupt, or ends with other bytes, before byte" in broken.message


@codec
def test_a_cut_outer_layer_costs_the_inner_one_nothing(codec):
    big = TEXT * 500
    inner = [gzip.compress(big, compresslevel=0), zstd_frame(*(big[at : at + 1000] for at in range(0, len(big), 1000)))]
    for layer in inner:
        outer = zstd_frame(*(layer[at : at + 500] for at in range(0, len(layer), 500)))
        outer = outer if codec == "zstd" else bz2.compress(layer[:-90_000], 1)
        found, broken = read(BytesSource(outer[:-20_000] if codec == "zstd" else outer))
        assert big.startswith(found) and len(found) > len(big) - 120_000
        assert broken.message.startswith("the zstd stream ends" if codec == "zstd" else ("the gzip", "the zstd"))


def test_frames_to_be_skipped_are():
    assert read(BytesSource(SKIPPED + zstd(TEXT) + SKIPPED + zstd(TEXT))) == (TEXT + TEXT, None)
    assert read(BytesSource(SKIPPED)) == (b"", None)


@pytest.mark.parametrize(
    ("header", "why"),
    [(b"\x01\x50\x07", "Dictionary mismatch"), (b"\x00\xff", "too much memory")],
    ids=["dict", "window"],
)
def test_a_frame_that_cannot_be_read_says_why(header, why):
    found, broken = read(BytesSource(zstd(TEXT) + zstd_frame(TEXT, header=header)))
    assert (found, broken.reason) == (TEXT, "truncated")
    assert why in broken.message


@pytest.mark.parametrize(
    "text", [b"BZh", b"BZh9", b"BZh91AY&S", b"BZh01AY&SY is a text\n", b"BZh9 is the bank's code\n"]
)
def test_text_that_begins_like_bz2_is_text(text):
    assert read(BytesSource(text)) == (text, None)
    assert read(BytesSource(gzip.compress(text))) == (text, None)


@codec
def test_a_bomb_comes_in_small_chunks(codec):
    bomb = CODECS[codec](CODECS[codec](bytes(50_000_000)))
    assert sum(len(chunk) for chunk in BytesSource(bomb).chunks()) == 50_000_000
    found, broken = read(BytesSource(bomb), max_decompressed=1000)
    assert found == bytes(1000) and "max_decompressed" in broken.message


@codec
def test_a_build_without_the_codec_is_named(codec, monkeypatch):
    def stream(file, codec):
        raise NotImplementedError(f"Support for codec '{codec}' not built")

    packed = CODECS[codec](TEXT)
    monkeypatch.setattr(pa, "CompressedInputStream", stream)  # as pyarrow refuses it
    monkeypatch.setitem(sys.modules, "bz2", None)
    result = parse(packed)
    assert result.rejected["reason"].to_pylist() == ["truncated"]
    by = "Python" if codec == "bz2" else "pyarrow"
    assert result.rejected["message"].to_pylist() == [
        f"the input is {codec}, which this build of {by} cannot read; decompress it first"
    ]


@pytest.mark.parametrize("kept", [100, 4_000_000], ids=["long", "short"])
@pytest.mark.parametrize("codec", CODECS)
def test_a_pipe_that_fails_within_a_frame_is_a_failed_source(codec, kept, monkeypatch):
    class Failing(Pipe):
        def readinto(self, buffer):
            if self.rest.tell() > 5000:
                raise OSError(5, "Input/output error")
            return super().readinto(buffer)

    monkeypatch.setattr("arrowtrail.sources.KEPT_BYTES", kept)
    rng = random.Random(3)
    text = b"".join(b"%x\n" % rng.getrandbits(64) for _ in range(20_000))
    packed = b"".join(CODECS[codec](text[at : at + 3000]) for at in range(0, len(text), 3000))
    source, found = ObjectSource(Failing(packed)), []
    with pytest.raises(SourceError, match="Input/output error"):
        found += source.chunks()
    assert text.startswith(b"".join(found))
    run = scan(Failing(packed), "AWS.ALB")
    with pytest.raises(SourceError, match="Input/output error"):
        run.to_table()
    assert run.stats.failed_files == 1


@codec
def test_a_long_pipe_that_is_corrupt_gives_what_was_read(codec, monkeypatch):
    monkeypatch.setattr("arrowtrail.sources.KEPT_BYTES", 1000)
    rng = random.Random(3)
    text = b"".join(b"%x\n" % rng.getrandbits(64) for _ in range(200_000))
    packed = b"".join(CODECS[codec](text[at : at + 300_000]) for at in range(0, len(text), 300_000))
    found, broken = read(ObjectSource(io.BufferedReader(Pipe(packed[:-9], piece=50_000))))
    assert text.startswith(found) and len(found) > len(text) - 600_000 - inflate.OUTPUT_BYTES
    assert broken.reason == "truncated"
