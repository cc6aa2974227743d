"""`arrowtrail indicators` as a person sees it: lines on stdout, all else on stderr, exit statuses."""

import bz2
import gzip
import json
import subprocess
import sys

import pytest
from test_cli import on_terminal, run

from arrowtrail import counting
from arrowtrail.finding import kinds
from arrowtrail.inputs import find_sources
from arrowtrail.stats import Stats

pytestmark = pytest.mark.python

LOG = b"10.0.0.7 GET https://a.example.com/\r\n\n10.0.0.8 10.0.0.8\n10.0.0.9 \x1b[1m\n10.0.0.9"
ADDRESSES = "ip_addresses\t10.0.0.9\t2\nip_addresses\t10.0.0.7\t1\nip_addresses\t10.0.0.8\t1\n"


def counted(*sources, only=("ip_addresses",), most=None):
    """The counts of each kind, and the stats."""
    counts = {kind: counting.Counter() for kind in only}
    stats = Stats()
    counting.count_lines(find_sources(list(sources)), counts, stats, most)
    return counts, stats


def test_values_come_with_how_many_lines_name_them(native):
    status, out, err = run("indicators", data=LOG)
    assert (status, out) == (0, ADDRESSES + "domain_names\ta.example.com\t1\n")
    assert err.splitlines()[0].startswith("read      1 file, 78 B, 5 lines in ")
    assert err.splitlines()[1:] == ["found     4: ip_addresses 3, domain_names 1"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress])
def test_files_of_any_kind_are_read(native, tmp_path, pack):
    (tmp_path / "a.log").write_bytes(pack(LOG))
    (tmp_path / "b.log").write_bytes(pack(b"10.0.0.8\n"))
    out = "ip_addresses\t10.0.0.8\t2\nip_addresses\t10.0.0.9\t2\nip_addresses\t10.0.0.7\t1\n"
    assert run("indicators", tmp_path, "--kind", "ip_addresses", "-q") == (0, out, "")
    assert run("indicators", tmp_path / "a.log", "-", "-q", "--kind", "ip_addresses", data=b"10.0.0.8") == (0, out, "")


def test_kinds_formats_and_the_most_frequent(native):
    asked = ("indicators", "-q", "--kind", "domain_names", "--kind", "ip_addresses", "--top", 1)
    assert run(*asked, data=LOG)[1] == "ip_addresses\t10.0.0.9\t2\ndomain_names\ta.example.com\t1\n"
    assert run(*asked, "--format", "csv", data=LOG)[1] == (
        "kind,value,count\nip_addresses,10.0.0.9,2\ndomain_names,a.example.com,1\n"
    )
    lines = run(*asked, "--format", "ndjson", data=LOG)[1].splitlines()
    assert json.loads(lines[0]) == {"kind": "ip_addresses", "value": "10.0.0.9", "count": 2} and len(lines) == 2
    assert run(*asked, "--format", "csv")[1] == "kind,value,count\n"


def test_a_terminal_is_told_nothing_that_it_acts_on():
    values = counting.Counter({'arn:aws:x:::a\x1b[1m="y",é': 1})
    assert (
        b"".join(counting.shown({"aws_arns": values}, "text")) == 'aws_arns\tarn:aws:x:::a\\x1b[1m="y",é\t1\n'.encode()
    )
    assert json.loads(b"".join(counting.shown({"aws_arns": values}, "ndjson")))["value"] == next(iter(values))
    assert '"arn:aws:x:::a\x1b[1m=""y"",é"'.encode() in b"".join(counting.shown({"aws_arns": values}, "csv"))


def test_wrong_usage_is_told_before_anything_is_read(native):
    status, out, err = run("indicators", "--kind", "ip_address", "no/such/file")
    assert (status, out) == (2, "") and "unknown kind 'ip_address'; did you mean 'ip_addresses'?" in err
    status, out, err = run("indicators", "no/such/file")
    assert (status, out) == (2, "") and "no such file" in err


def test_what_is_whole_of_a_broken_input_counts(native, tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress((LOG + b"\n") * 1000, 0)[:-30_000])
    (tmp_path / "b").write_bytes(b"10.0.0.7\n")
    status, out, err = run("indicators", tmp_path, "-q")
    assert status == 1 and out.startswith("ip_addresses\t10.0.0.9\t")
    assert err.count("\n") == 1 and "a.gz: the gzip stream ends" in err


@pytest.mark.parametrize(("head", "why"), [(b"PAR1\x15\x04", "is Parquet"), (b"\xff\xfe1\x000\x00", "is UTF-16")])
def test_what_is_no_text_is_told(native, head, why):
    status, out, err = run("indicators", "-q", data=head)
    assert (status, out) == (1, "") and err.startswith(f"error: stdin: {why}")


def test_a_closed_pipe_ends_in_silence(native, tmp_path):
    (tmp_path / "x").write_text("".join(f"10.{n % 250}.{n // 250 % 250}.{n // 62_500}\n" for n in range(100_000)))
    command = [sys.executable, "-m", "arrowtrail", "indicators", "-q", str(tmp_path / "x")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ip_addresses\t10.0.0.0\t1\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_the_summary_is_shown_on_a_terminal_too(native, tmp_path):
    (tmp_path / "x").write_bytes(LOG)
    shown = on_terminal(["indicators", str(tmp_path / "x")], "stderr", stdout=subprocess.DEVNULL)
    assert b"found     4: ip_addresses 3, domain_names 1" in shown


@pytest.mark.parametrize("text_bytes", [1, 7, 100, 1_000_000])
def test_counts_do_not_depend_on_pieces(native, monkeypatch, text_bytes):
    monkeypatch.setattr(counting, "TEXT_BYTES", text_bytes)
    monkeypatch.setattr("arrowtrail.sources.BLOCK_BYTES", 11)
    lines = [f"10.0.0.{number % 7} " * (number % 5) for number in range(200)]
    counts, stats = counted("\n".join(lines).encode())
    want = counting.Counter(f"10.0.0.{number % 7}" for number in range(200) if number % 5)
    assert counts["ip_addresses"] == want and stats.rows == 200


def test_a_long_line_is_cut_between_values(native, monkeypatch):
    monkeypatch.setattr(counting, "LONGEST_BYTES", 1000)
    monkeypatch.setattr(counting, "TEXT_BYTES", 1)
    monkeypatch.setattr("arrowtrail.sources.BLOCK_BYTES", 13)
    values = [f"10.0.{number // 250}.{number % 250}" for number in range(2000)]
    for mark in (" ", '","'):
        counts, stats = counted(mark.join(values).encode())
        assert counts["ip_addresses"] == counting.Counter(values) and 1 < stats.rows < 200


def test_no_more_than_the_given_bytes_are_read(native):
    counts, stats = counted(b"10.0.0.7\n" * 1000, most=90)
    assert counts["ip_addresses"] == {"10.0.0.7": 10}
    assert stats.failed == [("input", "longer than max_decompressed, 90 bytes; the rest was not read")]


@pytest.mark.parametrize("most", range(20, 40))
def test_a_line_that_is_cut_does_not_count(native, most):
    """Half of a name may be another one."""
    counts, stats = counted(
        b"10.0.0.7\n1.1.1.100 host0.example.company\n", only=("ip_addresses", "domain_names"), most=most
    )
    assert counts == {"ip_addresses": {"10.0.0.7": 1}, "domain_names": {}} and stats.failed


def test_the_last_line_of_a_cut_stream_does_not_count(native):
    counts, stats = counted(gzip.compress(b"10.0.0.7\n10.0.0.100")[:-9])
    assert counts["ip_addresses"] == {"10.0.0.7": 1} and stats.failed


@pytest.mark.parametrize("block_bytes", [1, 2, 5, 100])
def test_a_byte_order_mark_is_no_part_of_the_first_word(native, monkeypatch, block_bytes):
    monkeypatch.setattr("arrowtrail.sources.BLOCK_BYTES", block_bytes)
    assert counted(b"\xef\xbb\xbf10.0.0.7\n")[0]["ip_addresses"] == {"10.0.0.7": 1}


def test_a_text_may_begin_like_parquet(native):
    counts, stats = counted(b"PAR1 is what it says 10.0.0.7\n")
    assert counts["ip_addresses"] == {"10.0.0.7": 1} and not stats.failed


def test_help_names_every_kind(native):
    said = run("indicators", "--help")[1]
    assert [kind for kind in kinds() if kind not in said] == []
