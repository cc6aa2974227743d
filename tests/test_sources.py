"""What is named is found and read: paths, patterns, folders, bytes, file objects, standard input."""

import http.client
import io
import os
import sys
import threading
import time
import zlib
from pathlib import Path

import pytest
from test_inflate import TEXT, ZIPPED, inflated, read

from arrowtrail import SourceError, SourceNotFound, SourceUsedUp, UsageError
from arrowtrail.inputs import find_sources
from arrowtrail.sources import FileSource, ObjectSource


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


@pytest.mark.parametrize("error", [http.client.IncompleteRead(b"", 99), EOFError("ended"), zlib.error("bad")], ids=repr)
def test_an_exception_of_a_clients_own_is_an_input_that_cannot_be_read(error):
    class Body:
        def __init__(self):
            self.text = io.BytesIO(TEXT)

        def read(self, size=-1):
            if block := self.text.read(5000):
                return block
            raise error

    with pytest.raises(SourceError, match=f"{type(error).__name__}: ") as raised:
        read(*find_sources(Body()))
    assert raised.value.__cause__ is error


def test_a_closed_file_is_told():
    closed = io.BytesIO(TEXT)
    (source,) = find_sources(closed)
    closed.close()
    with pytest.raises(SourceError, match="ValueError: I/O operation on closed file"):
        read(source)
    with pytest.raises(UsageError, match="cannot be read: I/O operation on closed file"):
        find_sources(closed)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes wait there")
@pytest.mark.parametrize("buffering", [0, -1])
def test_what_does_not_wait_is_waited_for(buffering):
    begin, end = os.pipe()
    os.set_blocking(begin, False)

    def late():
        with os.fdopen(end, "wb", buffering=0) as pipe:
            for at in range(0, 3000, 1000):
                time.sleep(0.05)
                pipe.write(TEXT[at : at + 1000])

    writer = threading.Thread(target=late)
    writer.start()
    with os.fdopen(begin, "rb", buffering=buffering) as file:
        assert read(*find_sources(file)) == (TEXT[:3000], None)
    writer.join()


def test_what_cannot_be_waited_for_is_told():
    class Never:
        name = "socket"

        def read(self, size=-1):
            return None

    with pytest.raises(SourceError, match=r"socket: it has nothing to give yet.*make its read\(\) wait"):
        read(*find_sources(Never()))


@pytest.mark.skipif(sys.platform != "linux", reason="names are text there")
def test_names_that_are_no_text_stay_apart(tmp_path):
    for name in (b"\xff\xfd.log", b"\xff\xfe.log"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(TEXT)
    assert [Path(source.name).name for source in find_sources(tmp_path)] == [r"\xff\xfd.log", r"\xff\xfe.log"]


def test_names_that_differ_in_zeros_have_an_order(tmp_path):
    for name in ("a01", "a1", "a001", "a2"):
        (tmp_path / name).write_bytes(TEXT)
    assert [Path(source.name).name for source in find_sources(tmp_path)] == ["a001", "a01", "a1", "a2"]


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


def test_standard_input_is_one_source(monkeypatch):
    class Stdin:
        buffer = io.BytesIO(ZIPPED)

        def fileno(self):
            raise io.UnsupportedOperation("fileno")

    monkeypatch.setattr(sys, "stdin", Stdin())
    (source,) = find_sources("-")
    assert source.name == "stdin"
    assert read(source) == (TEXT, None)
