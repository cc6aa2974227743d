"""`arrowtrail stats` as a person sees it: the whole text, JSON, terminals, exit statuses."""

import json
import os
import re
import sys
from pathlib import Path

import pytest
from logs import BAD_LINE, VPC_HEADER, alb, vpc, vpc_row
from surveys import call
from test_cli import on_terminal, run

pytestmark = pytest.mark.python

WIDE = {"COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
TEXT = """\
6 rows, 1 rejected, 2 warnings in 3 files

AWS.VPCFlow: 3 rows, 1 rejected
  2024-05-02T10:11:12Z to 2024-05-02T10:11:32Z
  events over time, 1 second a column
  2 │                    █
    │                    █
    │█                   █
    │█                   █
    └┬────────────────────
     2024-05-02 10:11:12
  top values
    version                2 (3)
    account                210987654321 (3)
    interfaceId            eni-00000000000000014 (2), eni-00000000000000000 (1)
    srcAddr                10.0.0.20 (2), 10.0.0.0 (1)
    dstAddr                198.51.100.20 (3)
    srcPort                20 (2), 0 (1)
    dstPort                443 (3)
    protocol               6 (3)
    packets                0 (1), 20 (1)
    action                 ACCEPT (3)
    status                 OK (3)
    p_any_ip_addresses     198.51.100.20 (3), 10.0.0.20 (2), ... 3 values
    p_any_aws_account_ids  210987654321 (3)
  rejected
    1 missing_required
      logs/flow.log, line 5, offset 460: column start is required and the record has no value for it
  warnings
    packets 1, unknown_name 1
  not in the table
    new-field  3 rows, 1 header: "zzz"
      first in logs/flow.log, offset 125

AWS.CloudTrail: 2 rows
  2024-05-02T10:11:12Z to 2024-05-02T10:11:12Z
  top values
    awsRegion               eu-west-1 (2)
    eventID                 e-1 (2)
    eventName               GetObject (2)
    eventSource             s3.amazonaws.com (2)
    eventType               AwsApiCall (2)
    eventVersion            1.11 (2)
    sourceIPAddress         198.51.100.7 (2)
    userIdentity.type       Root (2)
    userIdentity.accountId  210987654321 (2)
    p_any_ip_addresses      198.51.100.7 (2)
    p_any_aws_account_ids   210987654321 (2)
  not in the table
    userIdentity.newMember  1 row: {"since": "today"}
      first in logs/trail.json, offset 292

AWS.ALB: 1 row
  2024-05-02T10:11:12Z to 2024-05-02T10:11:12Z
  top values
    type                   https (1)
    elb                    app/web/0a1b2c3d4e5f6071 (1)
    clientIp               198.51.100.0 (1)
    clientPort             50000 (1)
    targetIp               10.20.0.9 (1)
    targetPort             8443 (1)
    elbStatusCode          200 (1)
    targetStatusCode       200 (1)
    requestHttpMethod      GET (1)
    requestUrl             https://shop.example.com:443/p0 (1)
    requestHttpVersion     HTTP/2.0 (1)
    actionsExecuted        forward (1), waf (1)
    p_any_ip_addresses     10.20.0.9 (1), 198.51.100.0 (1)
    p_any_domain_names     shop.example.com (1)
    p_any_aws_account_ids  210987654321 (1)
    p_any_aws_arns         arn:aws:elasticloadbalancin...roup/web/9f8e7d (1)
    p_any_trace_ids        1-66336a60-000000000000000000000000 (1)
"""
FLOWS = f"{VPC_HEADER} new-field\n" + "".join(f"{vpc_row(number).strip()} zzz\n" for number in (0, 20, 20))


@pytest.fixture
def folder(tmp_path, native):
    """Small logs of three types; a member, a header name and a record that are not as they should be."""
    logs = tmp_path / "logs"
    logs.mkdir()
    identity = {"type": "Root", "accountId": "210987654321", "newMember": {"since": "today"}}
    (logs / "alb.log").write_bytes(alb(1))
    (logs / "flow.log").write_bytes(FLOWS.replace(" 6 20 ", " 6 x ", 1).encode() + BAD_LINE)
    (logs / "trail.json").write_bytes(call() + call(userIdentity=identity))
    return tmp_path


def test_the_text_of_a_small_folder(folder):
    assert run("stats", "logs", "-q", "--top", 2, cwd=folder, env=WIDE) == (0, TEXT, "")


def test_the_page_shows_this_text():
    page = (Path(__file__).parent.parent / "docs/stats.md").read_text()
    assert f"$ arrowtrail stats logs --top 2 -q\n{TEXT}```\n" in page


def test_a_summary_is_told_beside(folder):
    status, stdout, stderr = run("stats", "logs", "--top", 2, cwd=folder, env=WIDE)
    assert (status, stdout) == (0, TEXT)
    assert "rows      6: AWS.VPCFlow 3, AWS.CloudTrail 2, AWS.ALB 1" in stderr and "rejected  1: " in stderr


def test_json_is_one_object_with_the_same(folder):
    status, stdout, stderr = run("stats", "logs", "-q", "--format", "json", cwd=folder)
    data = json.loads(stdout)
    assert (status, stderr) == (0, "")
    types = data.pop("log_types")
    assert data == {
        "files": 3,
        "bytes": sum(path.stat().st_size for path in (folder / "logs").iterdir()),
        "records": 7,
        "rows": 6,
        "outside": 0,
        "blank": 0,
        "rejected": {"missing_required": 1},
        "warnings": {"packets": 1, "unknown_name": 1},
        "failed_files": 0,
        "failed": [],
    }
    flow = types[0]
    assert [each["log_type"] for each in types] == ["AWS.VPCFlow", "AWS.CloudTrail", "AWS.ALB"]
    row_id = flow["drift"][0].pop("row_id")
    assert len(row_id) == 32 and int(row_id[-12:], 16) == len(FLOWS.partition("\n")[0]) + 1
    tops = {each["column"]: each for each in flow.pop("top")}
    assert tops["action"] == {
        "column": "action",
        "count": 3,
        "values": [{"value": "ACCEPT", "count": 3}],
        "different": 1,
        "exact": True,
        "missed": 0,
    }
    place = {"source": "logs/flow.log", "record": 4, "line": 5, "offset": len(FLOWS) - 1, "column": "start"}
    message = "column start is required and the record has no value for it"
    drift = {"path": "new-field", "kind": "unknown", "rows": 3, "headers": 1, "example": '"zzz"'}
    assert flow == {
        "log_type": "AWS.VPCFlow",
        "rows": 3,
        "first": "2024-05-02T10:11:12Z",
        "last": "2024-05-02T10:11:32Z",
        "rejected": [{"reason": "missing_required", "count": 1, "first": [place | {"message": message}]}],
        "warnings": {"packets": 1, "unknown_name": 1},
        "events": {
            "seconds": 1,
            "buckets": [
                {"start": "2024-05-02T10:11:12Z", "count": 1},
                {"start": "2024-05-02T10:11:32Z", "count": 2},
            ],
        },
        "drift": [drift | {"source": "logs/flow.log", "offset": 125}],
        "drift_more": 0,
    }


def test_standard_input_is_read_by_itself(native):
    status, stdout, stderr = run("stats", "-q", data=vpc(5))
    assert (status, stderr) == (0, "") and stdout.startswith("5 rows, 0 rejected, 0 warnings in 1 file\n")


def test_no_rows_at_all_is_no_failure(tmp_path, native):
    (tmp_path / "empty.log").write_bytes(b"")
    assert run("stats", "-q", tmp_path) == (0, "0 rows, 0 rejected, 0 warnings in 1 file\n", "")
    (tmp_path / "empty.log").write_bytes(BAD_LINE)
    text = "0 rows, 1 rejected, 0 warnings in 1 file\n\nof no log type: 0 rows, 1 rejected\n"
    status, stdout, stderr = run("stats", "-q", tmp_path)
    assert (status, stderr) == (0, "") and stdout.startswith(f"{text}  rejected\n    1 unknown_type\n")
    assert f"      {tmp_path / 'empty.log'}, line 1, offset 0: " in stdout


def test_the_options_of_reading_apply(folder):
    status, stdout, _ = run("stats", "logs", "-q", "--columns", "srcAddr,clientIp", "--no-unmapped", cwd=folder)
    assert status == 0
    assert "    srcAddr  10.0.0.20 (2), 10.0.0.0 (1)\n" in stdout and "    clientIp  198.51.100.0 (1)\n" in stdout
    assert "action" not in stdout and stdout.count("(--no-unmapped)") == 3
    status, stdout, _ = run("stats", "logs/flow.log", "-q", "--type", "AWS.ALB", "--threads", 2, cwd=folder)
    assert status == 0 and stdout.splitlines()[2] == "AWS.ALB: 0 rows, 5 rejected"
    status, _, stderr = run("stats", "logs/flow.log", "-q", "--rejects", "bad.parquet", cwd=folder)
    assert (status, stderr) == (0, "") and (folder / "bad.parquet").exists()
    assert "top values" not in run("stats", "logs", "-q", "--top", 0, cwd=folder)[1]


def test_wrong_columns_are_told_before_anything_is_read(folder):
    status, stdout, stderr = run("stats", "logs", "--columns", "srcadr", cwd=folder)
    assert (status, stdout) == (2, "") and "did you mean 'srcAddr'?" in stderr


def test_strict_stops_with_a_place(folder):
    status, stdout, stderr = run("stats", "logs", "--strict", cwd=folder)
    assert (status, stdout) == (1, "") and f"logs/flow.log, record 4 (line 5, byte {len(FLOWS) - 1}): " in stderr


def test_an_unreadable_input_is_told_and_the_rest_is_read(folder):
    (folder / "logs/b.log").symlink_to("nowhere")
    status, stdout, stderr = run("stats", "logs", "-q", cwd=folder)
    assert (status, stderr) == (1, "error: logs/b.log: No such file or directory\n")
    assert stdout.startswith("6 rows, 1 rejected, 2 warnings in 3 files, 1 input could not be read\n")
    data = json.loads(run("stats", "logs", "-q", "--format", "json", cwd=folder)[1])
    assert data["failed"] == [{"source": "logs/b.log", "why": "No such file or directory"}]


def test_what_stdout_cannot_show_is_drawn_and_spelled_in_ascii(folder):
    (folder / "logs/flow.log").write_text(FLOWS.replace("zzz", "zz\u00e9"), encoding="utf-8")
    status, stdout, stderr = run("stats", "logs/flow.log", "-q", cwd=folder, env=WIDE | {"PYTHONIOENCODING": "ascii"})
    assert (status, stderr) == (0, "") and stdout.isascii()
    assert "  2 |                    #\n" in stdout and "    |#                   #\n    ++---" in stdout
    assert '"zz\\xe9"' in stdout


def test_no_value_moves_the_cursor(folder):
    (folder / "logs/flow.log").write_text(FLOWS.replace("zzz", "\x1b]0;x\x07").replace("ACCEPT", "ACC\x1b[2J"))
    stdout = run("stats", "logs/flow.log", "-q", cwd=folder)[1]
    assert "\x1b" not in stdout and "\x07" not in stdout
    assert "4 rejected" not in stdout and "3 rejected" in stdout and "'ACC\\x1b[2J'" in stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no such terminal")
@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colours_and_its_width(folder, env, coloured):
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    environ = kept | {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"} | env
    seen = on_terminal(["stats", "logs", "-q", "--top", "2"], "stdout", 60, cwd=folder, env=environ)
    assert (b"\x1b[36m" in seen) == coloured
    lines = re.sub(r"\x1b\[[0-9;]*m", "", seen.decode()).split("\r\n")
    assert "    interfaceId            eni-00000000000000014 (2)," in lines
    assert "AWS.VPCFlow: 3 rows, 1 rejected" in lines
