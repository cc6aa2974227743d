"""Files that hold no record and are no error, told by content, by name, or by key; and UTF-16, which is one."""

import bz2
import gzip
import io
import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from logs import LOGS, vpc
from test_sources import Pipe

import arrowtrail
from arrowtrail.inputs import find_sources

NOTICE = b"Enable AccessLog for ELB: web-1 at 2024-05-02T10:11:12.345Z"
WRAPPED = {
    "plain": bytes,
    "gzip": gzip.compress,
    "gzip in gzip": lambda data: gzip.compress(gzip.compress(data)),
    "zstd": lambda data: pa.Codec("zstd").compress(data, asbytes=True),
    "bz2": bz2.compress,
}
wrapped = pytest.mark.parametrize("wrap", list(WRAPPED.values()), ids=list(WRAPPED))
EMPTY = [b"", b" ", b"\n\n", b"\r\n \t\r\n", b"\xef\xbb\xbf", NOTICE, NOTICE + b"\r\n"]
EMPTY += [b"Permission Check Successful", b"Permission Check Successful\n"]


@wrapped
@pytest.mark.parametrize("data", EMPTY, ids=repr)
@pytest.mark.parametrize("log_type", [None, "AWS.ALB", "AWS.VPCFlow", "AWS.CloudTrail"])
def test_what_holds_no_record_is_nothing(tmp_path, wrap, data, log_type):
    path = tmp_path / "object"
    path.write_bytes(wrap(data))
    for source in (wrap(data), path, io.BytesIO(wrap(data)), Pipe(wrap(data), piece=3)):
        scan = arrowtrail.scan(source, log_type)
        assert scan.to_table().num_rows == 0
        assert (scan.stats.records, scan.stats.files) == (0, 1)
    assert arrowtrail.detect(wrap(data)) is None


@pytest.mark.parametrize(
    "data",
    [NOTICE + b"\nanother line", NOTICE + b"\n" + NOTICE, NOTICE + b"x" * 2000, b"Enable AccessLog", b"x " + NOTICE],
    ids=["a line more", "twice", "long", "half", "not at the start"],
)
def test_what_is_more_than_a_notice_is_read(data):
    result = arrowtrail.parse(data, "AWS.ALB")
    assert [row["raw"] for row in result.rejected.to_pylist()] == data.splitlines()


def test_a_notice_before_rows_costs_them_nothing():
    result = arrowtrail.parse(NOTICE + b"\n" + vpc(3), "AWS.VPCFlow")
    assert (result.table.num_rows, result.rejected["raw"].to_pylist()) == (3, [NOTICE])


def test_keys_of_folders_are_no_inputs():
    folder = io.BytesIO(b"what is this")
    folder.name = "logs/2024/"
    scan = arrowtrail.scan([folder, vpc(2)], "AWS.VPCFlow")
    assert scan.to_table().num_rows == 2
    assert scan.stats.records == 2


def test_a_bucket_with_all_of_them_gives_its_rows_alone(tmp_path):
    for name, data in {
        "AWSLogs/210987654321/ELBAccessLogTestFile": NOTICE,
        "AWSLogs/210987654321/elasticloadbalancing/a.log.gz": gzip.compress(LOGS["AWS.ALB"](4)),
        "AWSLogs/210987654321/renamed-test-file": NOTICE,
        "export/aws-logs-write-test": b"anything",
        "export/000000.gz": gzip.compress(b"\n \n"),
        "flow/_SUCCESS": b"not even empty",
        "flow/part.log": vpc(3),
        "flow/empty": b"",
        "flow/.hidden": b"junk",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    done = arrowtrail.write(tmp_path, tmp_path / "out")
    assert dict(done.stats.rows_by_type) == {"AWS.ALB": 4, "AWS.VPCFlow": 3}
    assert not done.stats.rejected and not done.stats.failed


@wrapped
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("log_type", [None, "AWS.ALB", "AWS.CloudTrail"])
def test_utf16_is_one_rejected_record(wrap, encoding, log_type):
    data = ("\ufeff" + LOGS["AWS.ALB"](50).decode()).encode(encoding)
    (rejected,) = arrowtrail.parse(wrap(data), log_type).rejected.to_pylist()
    assert (rejected["reason"], rejected["log_type"], rejected["offset"]) == ("syntax", log_type, 0)
    assert (rejected["length"], rejected["raw"]) == (len(data), data)
    assert rejected["message"] == "the input is UTF-16; convert it to UTF-8"


def test_a_message_that_begins_like_utf16_is_text():
    flow = vpc(2, header=False).decode().splitlines()
    events = [{"message": text} for text in ("\u00ff\u00fe" + flow[0], "\ufeff" + flow[1], "\ufffe" + flow[0])]
    payload = {"messageType": "DATA_MESSAGE", "logGroup": "g", "logStream": "s", "logEvents": events}
    result = arrowtrail.parse(json.dumps(payload).encode(), "AWS.VPCFlow")
    assert result.table.num_rows == 1  # a byte order mark of UTF-8 is dropped
    assert result.rejected["reason"].to_pylist() == ["no_header"] * 2


def test_partition_folders_are_read_in_natural_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    want = [
        "log_type=flow/day=2024-05-02/hour=0/part-2.log",
        "log_type=flow/day=2024-05-02/hour=0/part-10.log",
        "log_type=flow/day=2024-05-02/hour=9/part-1.log",
        "log_type=flow/day=2024-05-02/hour=10/part-1.log",
        "log_type=flow/day=2024-05-10/hour=00/part-1.log",
        "log_type=flow/day=2024-10-01/hour=1/part-1.log",
        "log_type=flow/day=2024-11-01/hour=1/part-1.log",
    ]
    for name in [*reversed(want), "log_type=flow/day=2024-05-02/.tmp/x.log", "log_type=flow/.part-0.log.crc"]:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(vpc(1))
    for what in ("log_type=flow", "log_type=*", "**/part-*.log", "*/day=*/hour=*/*.log", "log_type=flow/"):
        assert [source.name for source in find_sources(what)] == want, what
    assert [source.name for source in find_sources("*/day=2024-05-*/hour=[0-9]/*")] == want[:3]
    table = arrowtrail.scan("log_type=flow", "AWS.VPCFlow", unmapped=False).to_table()
    assert table.num_rows == len(want)
    assert "day" not in table.column_names


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_links_in_circles_end(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("logs/day=1").mkdir(parents=True)
    Path("logs/day=1/a.log").write_bytes(vpc(2))
    Path("logs/day=1/up").symlink_to("..")
    Path("logs/loop").symlink_to("loop")
    scan = arrowtrail.scan("logs", "AWS.VPCFlow", threads=1)
    with pytest.raises(arrowtrail.SourceError, match=r"logs/loop: Too many levels of symbolic links"):
        for batch in scan:
            assert batch.num_rows == 2
    assert (scan.stats.rows, scan.stats.failed_files) == (2, 1)
    assert [source.name for source in find_sources("logs/day=1/**/*.log")] == ["logs/day=1/a.log"]
