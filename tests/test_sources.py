"""What is named becomes chunks of decompressed bytes: gzip whole, nested, cut or corrupt; files found in order."""

import gzip
import io
import os
import random
import sys
import threading
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrowtrail import SourceError, SourceNotFound, SourceUsedUp, UsageError, inflate
from arrowtrail.inflate import Broken
from arrowtrail.parallel import in_order
from arrowtrail.sources import BytesSource, FileSource, ObjectSource, find_sources

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


def names(what):
    return [source.name for source in find_sources(what)]


@pytest.fixture
def logs(tmp_path, monkeypatch):
    """A tree of files, seen from its top."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "a/file10.log",
        "a/file2.log",
        "a/file2.log.gz",
        "a/b/c/deep.log",
        "a/b/file1.log",
        "a/.hidden.log",
        "a/.git/x.log",
        "a/_SUCCESS",
        "a/ELBAccessLogTestFile",
        "a/aws-logs-write-test",
        "z.log",
        "odd[1].log",
    ):
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


EVERY = ["a/b/c/deep.log", "a/b/file1.log", "a/file2.log", "a/file2.log.gz", "a/file10.log"]


@pytest.mark.parametrize(
    ("what", "want"),
    [
        ("z.log", ["z.log"]),
        ("./z.log", ["./z.log"]),
        ("odd[1].log", ["odd[1].log"]),
        ("a", EVERY),
        ("a/", EVERY),
        (Path("a"), EVERY),
        ("a/*.log", ["a/file2.log", "a/file10.log"]),
        ("a/file[0-9].log", ["a/file2.log"]),
        ("a/**/*.log", ["a/b/c/deep.log", "a/b/file1.log", "a/file2.log", "a/file10.log"]),
        ("**/deep.log", ["a/b/c/deep.log"]),
        ("**/**/deep.log", ["a/b/c/deep.log"]),
        ("a/**/b/**/*.log", ["a/b/c/deep.log", "a/b/file1.log"]),
        ("a/**", EVERY),
        ("a/*", EVERY),
        ("*/b/*.log", ["a/b/file1.log"]),
        ("a/.*.log", ["a/.hidden.log"]),
        ("a/?", ["a/b/c/deep.log", "a/b/file1.log"]),
        (["z.log", "a/b", "z.log"], ["z.log", "a/b/c/deep.log", "a/b/file1.log", "z.log"]),
        ((Path("z.log"),), ["z.log"]),
        ([], []),
    ],
    ids=str,
)
def test_files_are_found_in_natural_order(logs, what, want):
    assert names(what) == want


def test_an_absolute_pattern_finds_files(logs):
    assert names(f"{logs}/a/*/f*.log") == [f"{logs}/a/b/file1.log"]


def test_links_to_folders_are_no_loops(logs):
    Path("a/b/loop").symlink_to(logs / "a")
    Path("a/link.log").symlink_to(logs / "z.log")
    assert names("a") == [*EVERY[:4], "a/file10.log", "a/link.log"]


@pytest.mark.parametrize("what", ["nothing", "no/where/*.log", "a/*.csv", "a/nothing.log", "x\0y", "z.log/x"])
def test_what_is_not_there_is_an_error_before_anything_is_read(logs, what):
    with pytest.raises(SourceNotFound, match=r"no such file|no file fits"):
        find_sources(["z.log", what])


@pytest.mark.parametrize("what", [5, None, [5], object()])
def test_what_is_no_source_is_refused(what):
    with pytest.raises(UsageError, match="is no source"):
        find_sources(what)


def test_an_address_is_refused_with_a_way_out():
    with pytest.raises(UsageError, match=r"s3://bucket/key: only local paths are read; pass an open file object"):
        find_sources("s3://bucket/key")


def test_files_are_looked_for_anew_by_each_loop(logs):
    sources = find_sources("a")
    before = [source.name for source in sources]
    Path("a/file3.log").write_text("x")
    assert [source.name for source in sources] == sorted([*before, "a/file3.log"], key=EVERY_KEY)


def EVERY_KEY(name):
    order = ["a/b/c/deep.log", "a/b/file1.log", "a/file2.log", "a/file2.log.gz", "a/file3.log", "a/file10.log"]
    return order.index(name)


def test_a_folder_that_cannot_be_looked_into_is_a_source_that_cannot_be_read(logs, monkeypatch):
    def scandir(path, real=os.scandir):
        if path == "a/b":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)  # root may look everywhere
    first, second, *_ = find_sources("a")
    with pytest.raises(SourceError, match="a/b: Permission denied"):
        read(first)
    assert second.name == "a/file2.log"


def test_a_file_that_cannot_be_opened_says_which(logs):
    Path("a/broken.log").symlink_to("nowhere")
    (source,) = find_sources("a/broken.log")
    with pytest.raises(SourceError, match=r"a/broken\.log: No such file or directory"):
        read(source)


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, lambda data: memoryview(bytearray(data))])
def test_bytes_of_any_kind_are_read(make):
    (source,) = find_sources(make(ZIPPED))
    assert read(source) == read(source) == (TEXT, None)
    assert source.name is None and source.identity() is None


def test_arrow_buffers_and_arrays_are_read():
    import array

    import pyarrow as pa

    assert read(*find_sources(pa.py_buffer(ZIPPED))) == (TEXT, None)
    assert read(*find_sources(array.array("i", [1, 2]))) == (array.array("i", [1, 2]).tobytes(), None)


def test_bytes_with_gaps_are_refused():
    with pytest.raises(UsageError, match="cannot be read in place"):
        find_sources(memoryview(b"abcdef")[::2])


class Pipe(io.RawIOBase):
    """Reads once, in small pieces."""

    def __init__(self, data, piece=100):
        self.rest = io.BytesIO(data)
        self.piece = piece

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.rest.readinto(memoryview(buffer)[: self.piece])


@pytest.mark.parametrize("data", [TEXT, ZIPPED], ids=["plain", "gzip"])
def test_file_objects_are_read_from_where_they_stand(data):
    file = io.BytesIO(b"xyz" + data)
    file.read(3)
    (source,) = find_sources(file)
    source.begin()
    assert read(source) == (TEXT, None)
    source.begin()
    assert read(source) == (TEXT, None)


@pytest.mark.parametrize("wrap", [Pipe, lambda data: io.BufferedReader(Pipe(data))], ids=["raw", "buffered"])
@pytest.mark.parametrize("data", [TEXT, ZIPPED], ids=["plain", "gzip"])
def test_a_pipe_is_read_once_and_says_so(wrap, data):
    (source,) = find_sources(wrap(data))
    source.begin()
    assert read(source) == (TEXT, None)
    with pytest.raises(SourceUsedUp, match="can be read once only"):
        source.begin()


def test_a_look_at_a_pipe_loses_nothing():
    (source,) = find_sources(Pipe(ZIPPED))
    assert bytes(next(source.chunks())) in TEXT
    source.begin()
    assert read(source) == (TEXT, None)


def test_a_corrupt_pipe_gives_what_is_whole():
    data = ZIPPED[:-5] + b"x" + ZIPPED[-4:]
    assert read(ObjectSource(Pipe(data)))[0] == TEXT
    assert read(ObjectSource(Pipe(ZIPPED[:200])))[0] == inflated(ZIPPED[:200])[0]


def test_a_long_pipe_is_not_kept():
    text = os.urandom(1024) * 9000
    source = ObjectSource(Pipe(text, piece=300_000))
    assert read(source) == (text, None)
    assert source.kept is None
    with pytest.raises(SourceUsedUp):
        read(source)


def test_text_mode_is_refused(tmp_path):
    (tmp_path / "x").write_text("x")
    with (tmp_path / "x").open() as file, pytest.raises(UsageError, match="open it in binary mode"):
        find_sources(file)


def test_a_reader_of_text_is_refused():
    class Text:
        def read(self, size):
            return "x" * size

    with pytest.raises(UsageError, match="reads str, not bytes"):
        read(*find_sources(Text()))


def test_a_file_object_that_fails_says_so():
    class Failing(io.RawIOBase):
        name = "tape"

        def read(self, size=-1):
            raise OSError(5, "Input/output error")

    with pytest.raises(SourceError, match="tape: Input/output error"):
        read(*find_sources(Failing()))


def test_the_identity_is_path_size_and_time(tmp_path, monkeypatch):
    path = tmp_path / "x.log"
    path.write_bytes(TEXT)
    os.utime(path, ns=(1, 2))
    known = FileSource(path).identity()
    monkeypatch.chdir(tmp_path)
    assert FileSource("x.log").identity() == FileSource("../" + tmp_path.name + "/x.log").identity() == known
    os.utime(path, ns=(1, 3))
    assert FileSource(path).identity() != known
    assert FileSource(tmp_path / "none").identity() is None


class Item:
    def __init__(self, value, size_bytes=1000):
        self.value = value
        self.size_bytes = size_bytes


@pytest.mark.parametrize("workers", [0, 1, 2, 5])
@pytest.mark.parametrize("queue_bytes", [1, 5000, 10**9])
def test_items_come_in_the_order_of_the_sources(workers, queue_bytes):
    def items(source):
        for number in range(source % 7):
            if number % 3 == 2:
                time.sleep(0.0005)
            yield Item((source, number))

    found = [item.value for item in in_order(range(60), items, workers=workers, queue_bytes=queue_bytes)]
    assert found == [(source, number) for source in range(60) for number in range(source % 7)]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_an_exception_comes_where_its_items_would(workers):
    def items(source):
        yield Item(source)
        if source == 4:
            raise ValueError("four")

    found = []
    with pytest.raises(ValueError, match="four"):
        for item in in_order(iter(range(100)), items, workers=workers, queue_bytes=3000):
            found.append(item.value)
    assert found == [0, 1, 2, 3, 4]
    assert_no_threads()


def test_sources_that_fail_fail_in_their_place():
    def sources():
        yield from range(3)
        raise OSError("lost")

    found = []
    with pytest.raises(OSError, match="lost"):
        for item in in_order(sources(), lambda source: (Item(source) for _ in range(2)), workers=2, queue_bytes=9):
            found.append(item.value)
    assert found == [0, 0, 1, 1, 2, 2]


def test_closing_early_stops_the_threads():
    closed = []

    def items(source):
        try:
            while True:
                yield Item(source)
        finally:
            closed.append(source)

    found = in_order(range(1000), items, workers=3, queue_bytes=10_000)
    assert next(found).value == 0
    found.close()
    assert_no_threads()
    assert sorted(closed) == [0, 1, 2]


def test_what_waits_is_bounded():
    waiting, most, lock = [0], [0], threading.Lock()

    def items(source):
        for _ in range(50):
            with lock:
                waiting[0] += 1
                most[0] = max(most[0], waiting[0])
            yield Item(source)

    for _ in in_order(range(20), items, workers=4, queue_bytes=10_000):
        with lock:
            waiting[0] -= 1
    # Ten items may wait, each thread holds one, and the first source may add one.
    assert most[0] <= 10 + 4 + 2


def assert_no_threads():
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not [thread for thread in threading.enumerate() if thread.name.startswith("arrowtrail-")]:
            return
        time.sleep(0.01)
    raise AssertionError("threads are left")


def test_standard_input_is_one_source(monkeypatch):
    class Stdin:
        buffer = io.BytesIO(ZIPPED)

        def fileno(self):
            raise io.UnsupportedOperation("fileno")

    monkeypatch.setattr(sys, "stdin", Stdin())
    (source,) = find_sources("-")
    assert source.name == "stdin"
    assert read(source) == (TEXT, None)
