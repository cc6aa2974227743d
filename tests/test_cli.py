"""The command line: output where it belongs, messages that say what to do, exit statuses, no traceback ever."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from logs import BAD_LINE, LOGS, VPC_HEADER, alb, s3, vpc, vpc_row
from pyarrow import ipc, parquet

import arrowtrail

pytestmark = pytest.mark.python

VPC = "AWS.VPCFlow"
MANIFEST = "_manifest.ndjson"


def on_terminal(args, stream, columns=80, **options):
    """What the command writes to a terminal."""
    import fcntl
    import pty
    import struct
    import termios

    terminal, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen([sys.executable, "-m", "arrowtrail", *args], **{stream: side}, **options) as process:
        os.close(side)
        seen = b""
        try:
            while piece := os.read(terminal, 65536):
                seen += piece
        except OSError:
            pass
    os.close(terminal)
    assert process.returncode == 0
    return seen


def run(*args, data=b"", cwd=None, env=None, **options):
    """The command, run as a user runs it: (status, stdout, stderr), and never a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "arrowtrail", *map(str, args)],
        input=data,
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        **options,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err and "Exception ignored" not in err, err
    return done.returncode, out, err


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


@pytest.fixture
def logs(tmp_path, native):
    """A folder of logs of every type."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for name, make in LOGS.items():
        (folder / f"{name}.log").write_bytes(make(20))
    (folder / "flows.gz").write_bytes(gzip.compress(vpc(30) + BAD_LINE))
    return folder


def test_help_needs_no_pyarrow_and_no_rich():
    code = """
import sys
from click.testing import CliRunner
from arrowtrail.cli import cli
HELP = "", "--help", "convert --help", "replay -h", "cat -h", "stats -h", "indicators -h", "schema -h"
for args in (*HELP, "schema", "schema AWS.ALB", "-V"):
    result = CliRunner().invoke(cli, args.split())
    assert result.output and result.exit_code in (0, 2), (args, result)
assert not {"pyarrow", "rich", "isal", "arrowtrail._native"} & set(sys.modules), sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_version_is_told():
    assert run("--version") == (0, f"arrowtrail {arrowtrail.__version__}\n", "")


def test_convert_writes_folders_and_a_summary(logs, tmp_path):
    out = tmp_path / "out"
    status, stdout, stderr = run("convert", logs, "-o", out)
    assert (status, stdout) == (0, "")
    assert tree(out) == sorted([*(f"{name}/part-00000.parquet" for name in LOGS), "rejected.parquet", MANIFEST])
    assert parquet.read_table(out / VPC).num_rows == 50
    lines = dict(line.split(maxsplit=1) for line in stderr.splitlines() if not line.startswith("wrote"))
    assert lines["read"].startswith("5 files, ") and "111 records in " in lines["read"] and "rows/s" in lines["read"]
    assert lines["rows"].startswith("110: AWS.VPCFlow 50, ")
    assert lines["rejected"] == "1: missing_required 1"
    wrote = [line.split()[1] for line in stderr.splitlines() if line.startswith("wrote")]
    assert sorted(wrote) == sorted(str(out / name) for name in tree(out))


@pytest.mark.parametrize("format", ["arrow", "ndjson"])
def test_convert_writes_other_formats(logs, tmp_path, format):
    out = tmp_path / "out"
    assert run("convert", logs / "flows.gz", "-o", out, "--format", format, "--type", VPC)[0] == 0
    path = out / VPC / f"part-00000.{format}"
    rows = ipc.open_file(path).read_all().num_rows if format == "arrow" else len(path.read_text().splitlines())
    assert rows == 30


def test_convert_takes_the_options_of_reading(logs, tmp_path):
    out = tmp_path / "out"
    options = ["--type", VPC, "--columns", "srcAddr, p_source_id,p_any_ip_addresses", "--indicators", "off"]
    options += ["--source-id", "s1", "--threads", "2", "--rejects", tmp_path / "bad.parquet", "-q"]
    assert run("convert", logs / "flows.gz", "-o", out, *options) == (0, "", "")
    table = parquet.read_table(out / VPC)
    assert table.column_names == ["srcAddr", "p_source_id", "p_any_ip_addresses"]
    assert table["p_source_id"].to_pylist() == ["s1"] * 30
    assert table["p_any_ip_addresses"].null_count == 30
    assert parquet.read_table(tmp_path / "bad.parquet").num_rows == 1
    assert tree(out) == [f"{VPC}/part-00000.parquet", MANIFEST]


def test_convert_reads_standard_input(tmp_path, native):
    assert run("convert", "-", "-o", tmp_path / "out", data=gzip.compress(vpc(7)))[0] == 0
    assert parquet.read_table(tmp_path / "out" / VPC).num_rows == 7


def test_convert_does_not_mix_with_what_is_there(logs, tmp_path):
    out = tmp_path / "out"
    assert run("convert", logs / "flows.gz", "-o", out, "-q")[0] == 0
    status, _, stderr = run("convert", logs / "flows.gz", "-o", out)
    assert status == 2
    assert "part-00000.parquet: output is there already; choose another folder" in stderr and "--overwrite" in stderr
    assert run("convert", logs / "flows.gz", "-o", out, "--overwrite", "-q") == (0, "", "")


def test_headerless_lines_are_read_with_a_header(tmp_path, native):
    data = b"".join(vpc_row(n).split(" ", 1)[1].encode() for n in range(3))
    header = VPC_HEADER.split(" ", 1)[1]
    status, stdout, _ = run("cat", "--type", VPC, "--header", header, data=data)
    assert (status, len(stdout.splitlines())) == (0, 3)


def test_cat_prints_the_rows_of_rows_as_json_lines(logs):
    status, stdout, stderr = run("cat", logs / "flows.gz", "--type", VPC)
    now = {"p_parse_time": "now"}
    rows = [json.loads(line) | now for line in stdout.splitlines()]
    assert (status, len(rows)) == (0, 30)
    assert rows == [row | now for row in arrowtrail.rows(logs / "flows.gz", VPC)]
    assert rows[0]["start"] == "2024-05-02 10:11:12.000000000"
    assert "vpcId" not in rows[0]
    assert "rejected  1: missing_required 1" in stderr


def test_cat_reads_standard_input_by_itself(native):
    status, stdout, stderr = run("cat", "-q", "--columns", "type", data=alb(2))
    assert (status, stdout, stderr) == (0, '{"type":"https"}\n' * 2, "")


def test_cat_stops_after_the_limit(logs):
    for limit in (0, 1, 25):
        status, stdout, stderr = run("cat", "-n", limit, logs)
        assert (status, len(stdout.splitlines())) == (0, limit)
        assert "no file was found" not in stderr


def test_cat_prints_mixed_types(logs):
    _, stdout, _ = run("cat", "-q", logs)
    assert {json.loads(line)["p_log_type"] for line in stdout.splitlines()} == set(LOGS)


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipe")
def test_a_closed_pipe_ends_in_silence(tmp_path, native):
    (tmp_path / "x.log").write_bytes(vpc(50_000))
    command = ["bash", "-c", 'set -o pipefail; "$0" -m arrowtrail cat "$1" | head -n 2', sys.executable]
    done = subprocess.run([*command, tmp_path / "x.log"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == 2


def test_schema_lists_the_log_types():
    status, stdout, _ = run("schema")
    assert status == 0
    assert [line.split()[0] for line in stdout.splitlines()] == arrowtrail.log_types()
    assert [each["name"] for each in json.loads(run("schema", "--format", "json")[1])] == arrowtrail.log_types()


@pytest.mark.parametrize("log_type", sorted(LOGS))
def test_schema_shows_every_column(log_type):
    names = arrowtrail.schema(log_type).names
    _, stdout, _ = run("schema", log_type)
    assert [line.split()[0] for line in stdout.partition("\n\n")[2].splitlines()[1:]] == names
    data = json.loads(run("schema", log_type, "--format", "json")[1])
    assert [column["name"] for column in data["columns"]] == names
    assert all(column["about"] for column in data["columns"])


def test_schema_shows_a_users_table():
    status, stdout, _ = run("schema", Path(__file__).parent / "tables/good_my_app.toml")
    assert status == 0 and stdout.startswith("My.App: One request to my application.")


def test_detect_names_the_type_of_each_source(logs):
    (logs / "junk").write_bytes(BAD_LINE)
    status, stdout, _ = run("detect", logs)
    found = dict(line.split("\t") for line in stdout.splitlines())
    assert status == 0
    assert {Path(name).name: log_type for name, log_type in found.items()} == {
        **{f"{name}.log": name for name in LOGS},
        "flows.gz": VPC,
        "junk": "-",
    }
    assert run("detect", data=s3(1)) == (0, "stdin\tAWS.S3ServerAccess\n", "")


def test_a_users_table_is_a_type(tmp_path, native):
    table = Path(__file__).parent / "tables/good_my_app.toml"
    status, stdout, _ = run("cat", "-q", "--type", table, data=b"2024-05-02T10:11:12Z GET host:80 0.5 x\n")
    assert status == 0
    assert json.loads(stdout)["p_any_domain_names"] == ["host"]


USAGE = {
    "no command": (["frobnicate"], "No such command 'frobnicate'"),
    "no source": (["convert", "-o", "out"], "Missing argument 'SOURCES...'"),
    "no output": (["convert", "x.log"], "Missing option '-o'"),
    "no such path": (["convert", "x.log", "nothing", "-o", "out"], "nothing: no such file or directory"),
    "no such folder": (["convert", "no/such/dir/", "-o", "out"], "no/such/dir/: no such file or directory"),
    "no match": (["cat", "*.gz"], "*.gz: no file fits the pattern"),
    "log type": (["convert", "x.log", "-o", "out", "--type", "AWS.VPCflows"], "did you mean 'AWS.VPCFlow'?"),
    "schema type": (["schema", "alb"], "unknown log type 'alb'; did you mean 'AWS.ALB'?"),
    "column": (["cat", "x.log", "--columns", "type,srcadr"], "has no column 'srcadr'; did you mean 'srcAddr'?"),
    "typed column": (["cat", "x.log", "--type", "AWS.ALB", "--columns", "tipe"], "AWS.ALB has no column 'tipe'"),
    "indicators": (["cat", "x.log", "--indicators", "panthr"], "'panthr' is not one of"),
    "format": (["convert", "x.log", "-o", "out", "--format", "csv"], "'csv' is not one of"),
    "threads": (["cat", "x.log", "--threads", "0"], "0 is not in the range x>=1"),
    "address": (["cat", "s3://bucket/x"], "s3://bucket/x: only local paths are read"),
    "header": (["cat", "x.log", "--type", "AWS.ALB", "--header", "a b"], "AWS.ALB are not named by a header"),
    "key": (["convert", "x.log", "-o", "out", "--partition-by", "dya"], "there is no key 'dya'; did you mean 'day'?"),
    "size": (["convert", "x.log", "-o", "out", "--target-size", "64 M B"], "'64 M B' is no size; write it as 64MB"),
    "no size": (["convert", "x.log", "-o", "out", "--target-size", "0"], "'0' is no size"),
    "no rejects": (["replay", "nothing", "-o", "out"], "nothing: no such file"),
    "no table": (["cat", "x.log", "--type", "my.toml"], "my.toml: No such file or directory"),
}


@pytest.mark.parametrize("usage", USAGE)
def test_wrong_usage_is_told_before_anything_is_done(tmp_path, native, usage):
    args, message = USAGE[usage]
    (tmp_path / "x.log").write_bytes(vpc(1))
    status, stdout, stderr = run(*args, cwd=tmp_path)
    assert (status, stdout) == (2, "")
    assert message in stderr
    assert tree(tmp_path) == ["x.log"] and not (tmp_path / "out").exists()


def test_a_bad_table_says_where(tmp_path, native):
    table = Path(__file__).parent / "tables/unknown_scanner.toml"
    status, _, stderr = run("cat", "--type", table)
    assert status == 1
    assert "unknown_scanner.toml: column 'client': unknown indicator 'net_adr'; did you mean 'net_addr'?" in stderr


INPUTS = {
    "empty": (b"", 0, 0),
    "blank": (b"\n \n\t\r\n", 0, 0),
    "junk": (bytes(range(256)) * 50, 0, 51),
    "nul": (bytes(1000), 0, 1),
    "truncated gzip": (gzip.compress(vpc(50), mtime=0)[:-12], 49, 1),
    "garbage behind gzip": (gzip.compress(vpc(50)) + b"x", 50, 1),
    "no utf-8": (vpc(3).replace(b"eni-", b"en\xff-"), 3, 0),
    "crlf": (vpc(3).replace(b"\n", b"\r\n"), 3, 0),
    "bom": (b"\xef\xbb\xbf" + vpc(3), 3, 0),
    "no line end": (vpc(3).rstrip(), 3, 0),
    "utf-16": (vpc(3).decode().encode("utf-16"), 0, 1),
}


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("typed", [True, False], ids=["typed", "detected"])
def test_odd_input_is_no_failure(tmp_path, native, kind, typed):
    data, rows, rejected = INPUTS[kind]
    (tmp_path / "x.log").write_bytes(data)
    args = ["--type", VPC] if typed else []
    status, _, stderr = run("convert", tmp_path / "x.log", "-o", tmp_path / "out", *args)
    assert status == 0
    lines = dict(line.split(maxsplit=1) for line in stderr.splitlines())
    assert int(lines["rows"].split(":")[0]) == rows
    assert int(lines["rejected"].split(":")[0].replace(",", "")) == rejected


@pytest.mark.memory
def test_a_line_of_sixty_megabytes_is_no_failure(tmp_path, native):
    (tmp_path / "x.log").write_bytes(vpc(3) + b"x" * 60_000_000 + b"\n" + vpc_row(3).encode())
    status, _, stderr = run("convert", tmp_path / "x.log", "-o", tmp_path / "out", "--type", VPC)
    assert status == 0
    assert "rows      4: " in stderr and "rejected  1: " in stderr


def test_strict_stops_with_a_place(tmp_path, native):
    (tmp_path / "x.log").write_bytes(vpc(3) + BAD_LINE)
    status, _, stderr = run("convert", tmp_path / "x.log", "-o", tmp_path / "out", "--type", VPC, "--strict")
    assert status == 1
    assert f"error: {tmp_path / 'x.log'}, record 4 (line 5, byte {len(vpc(3))}): " in stderr
    assert tree(tmp_path) == ["x.log"]


@pytest.mark.parametrize("command", ["convert", "cat"])
def test_an_unreadable_input_fails_when_all_else_is_done(tmp_path, native, command):
    (tmp_path / "a.log").write_bytes(vpc(3))
    (tmp_path / "b.log").symlink_to("nowhere")
    (tmp_path / "c.log").write_bytes(vpc(4))
    output = ["-o", tmp_path / "out"] if command == "convert" else []
    status, stdout, stderr = run(command, tmp_path / "*.log", *output)
    assert status == 1
    assert f"error: {tmp_path / 'b.log'}: No such file or directory" in stderr
    assert "failed    1 input" in stderr
    rows = len(stdout.splitlines()) if command == "cat" else parquet.read_table(tmp_path / "out" / VPC).num_rows
    assert rows == 7


def test_detect_says_what_it_cannot_read(tmp_path, native):
    (tmp_path / "a.log").symlink_to("nowhere")
    (tmp_path / "b.log").write_bytes(vpc(1))
    status, stdout, stderr = run("detect", tmp_path)
    assert (status, stdout) == (1, f"{tmp_path / 'b.log'}\t{VPC}\n")
    assert stderr == f"error: {tmp_path / 'a.log'}: No such file or directory\n"


@pytest.mark.parametrize("out", ["/proc/nothing/out", "x.log", "x.log/out"])
def test_a_folder_that_cannot_be_written_says_what_to_do(tmp_path, native, out):
    (tmp_path / "x.log").write_bytes(vpc(3))
    status, _, stderr = run("convert", "x.log", "-o", out, cwd=tmp_path)
    assert status == 1
    assert stderr.startswith(f"error: {out}: cannot be ")
    assert tree(tmp_path) == ["x.log"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_a_full_disk_says_what_to_do(tmp_path, native):
    import resource

    (tmp_path / "x.log").write_bytes(vpc(100_000))
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # noqa: E731
    status, _, stderr = run("convert", "x.log", "-o", "out", cwd=tmp_path, preexec_fn=limit)
    assert status == 1
    assert "part-00000.parquet: cannot be written: File too large; the file may not grow further here" in stderr
    assert tree(tmp_path) == ["x.log"] and not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
@pytest.mark.parametrize("options", ["--threads 1", "--threads 2", "--threads 2 --partition-by day,log_type,hour"])
def test_a_signal_stops_at_once_and_leaves_nothing(tmp_path, native, name, status, options):
    command = [sys.executable, "-m", "arrowtrail", "convert", "-", "-o", tmp_path / "out", *options.split()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            process.stdin.write(vpc(100_000))  # and then nothing more comes
            process.stdin.flush()
            deadline = time.monotonic() + 20
            while not list(tmp_path.rglob(".part-*.part")):
                assert time.monotonic() < deadline and process.poll() is None
                time.sleep(0.02)
            process.send_signal(getattr(signal, name))
            started = time.monotonic()
            stderr = process.stderr.read()
            assert process.wait(10) == status
            assert time.monotonic() - started < 3
        finally:
            process.kill()
    assert b"Traceback" not in stderr and b"Fatal" not in stderr
    assert tree(tmp_path) == [] and not (tmp_path / "out").exists()


def test_an_empty_folder_is_said(tmp_path, native):
    (tmp_path / "in").mkdir()
    status, _, stderr = run("convert", tmp_path / "in", "-o", tmp_path / "out")
    assert status == 0 and "note: no file was found" in stderr
    (tmp_path / "in/x.log").write_bytes(vpc(1))
    assert "note:" not in run("convert", tmp_path / "in", "-o", tmp_path / "out", "--overwrite")[2]


@pytest.mark.skipif(sys.platform == "win32", reason="no such terminal")
@pytest.mark.parametrize(("args", "shown"), [([], True), (["--no-progress"], False), (["-q"], False)])
def test_progress_is_shown_on_a_terminal_only(tmp_path, native, args, shown):
    (tmp_path / "x.log").write_bytes(vpc(150_000))
    command = ["convert", tmp_path / "x.log", "-o", tmp_path / "out", *args]
    seen = on_terminal(command, "stderr", env={**os.environ, "TERM": "xterm"})
    assert (b"\x1b[" in seen) == shown
    assert (b"read      1 file" in seen) == (args != ["-q"])


def test_a_fault_of_ours_is_one_line(monkeypatch):
    from click.testing import CliRunner

    from arrowtrail import cli, describe

    monkeypatch.setattr(describe, "overview", lambda every: 1 / 0)
    result = CliRunner().invoke(cli.cli, ["schema"])
    assert result.exit_code == 1
    assert result.stderr.startswith("error: a fault of arrowtrail itself: ZeroDivisionError: ")
    assert "ARROWTRAIL_DEBUG=1" in result.stderr
    monkeypatch.setenv("ARROWTRAIL_DEBUG", "1")
    assert isinstance(CliRunner().invoke(cli.cli, ["schema"]).exception, ZeroDivisionError)


@pytest.mark.parametrize(
    ("count", "want"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (123_456_789, "123.5 MB"), (10**16, "10000.0 TB")]
)
def test_sizes_are_short(count, want):
    from arrowtrail.report import _size

    assert _size(count) == want
