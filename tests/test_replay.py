"""`replay()`: what a fix mends is a row with the id of its place, what is still bad keeps its first place."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from logs import BAD_LINE, VPC_HEADER, alb, vpc, vpc_row
from pyarrow import dataset, parquet

import arrowtrail
from arrowtrail import RejectedRecord, SourceError, SourceNotFound, UsageError, replay, write

VPC = "AWS.VPCFlow"
ALB = "AWS.ALB"
PLACE = ["source", "record", "line", "offset", "length"]


def rejected(folder):
    return parquet.read_table(Path(folder) / "rejected.parquet").to_pylist()


def rows(folder, name):
    """Rows without the time at which they were parsed."""
    table = dataset.dataset(Path(folder) / name).to_table()
    return table.drop_columns(["p_parse_time"]).sort_by("p_row_id").to_pylist()


def manifest(folder):
    return [json.loads(line) for line in (Path(folder) / "_manifest.ndjson").read_text().splitlines()]


@pytest.fixture
def strict_limit(tmp_path, native):
    """A log whose longest line was over the limit, so that it was rejected; and the rows it gives without the limit."""
    log = tmp_path / "x.log"
    lines = vpc(3) + vpc_row(3)[:-1].encode() + b" " + b"y" * 2000 + b"\n" + BAD_LINE + vpc(2, first=4, header=False)
    log.write_bytes(lines)
    write(log, tmp_path / "first", log_type=VPC, max_record=1000)
    write(log, tmp_path / "whole", log_type=VPC)
    return log


def test_a_mended_row_is_the_one_that_the_source_gives(strict_limit, tmp_path):
    assert [each["reason"] for each in rejected(tmp_path / "first")] == ["too_long", "missing_required"]
    done = replay(tmp_path / "first", tmp_path / "again")
    assert (done.records, done.mended, done.stats.rows, done.stats.rejected) == (2, 1, 1, {"missing_required": 1})
    assert rows(tmp_path / "whole", VPC) == sorted(
        rows(tmp_path / "first", VPC) + rows(tmp_path / "again", VPC), key=lambda row: row["p_row_id"]
    )
    assert rejected(tmp_path / "again") == rejected(tmp_path / "whole")
    assert manifest(tmp_path / "again") == [
        {
            "source": str(strict_limit),
            "log_types": [VPC],
            "bytes": len(vpc_row(3)) + 2000 + len(BAD_LINE) - 1,
            "records": 2,
            "rows": 1,
            "rows_by_type": {VPC: 1},
            "outside": 0,
            "rejected": {"missing_required": 1},
            "warnings": {},
            "blank": 0,
            "failed": None,
        }
    ]


def test_a_file_of_rejected_records_is_replayed_as_well(strict_limit, tmp_path):
    done = replay(tmp_path / "first/rejected.parquet", tmp_path / "again", threads=1, partition_by=["day", "log_type"])
    assert Path(done.files[0]).parent.name == f"log_type={VPC}"
    assert done.mended == 1


def test_a_record_over_a_mebibyte_comes_from_its_source(tmp_path, native):
    log = tmp_path / "x.log.gz"
    long = vpc_row(3)[:-1].encode() + b" " + b"y" * 3_000_000 + b"\n"
    log.write_bytes(gzip.compress(vpc(3) + long + vpc(2, first=4, header=False)))
    write(log, tmp_path / "first", max_record=2_000_000)
    assert [len(each["raw"]) for each in rejected(tmp_path / "first")] == [1 << 20]
    replay(tmp_path / "first", tmp_path / "again")
    write(log, tmp_path / "whole")
    whole = rows(tmp_path / "whole", VPC)
    assert rows(tmp_path / "again", VPC) == [row for row in whole if row["packets"] == 3]

    log.write_bytes(gzip.compress(vpc(5) + long))
    done = replay(tmp_path / "first", tmp_path / "changed")
    assert (done.mended, done.stats.rejected) == (0, {"too_long": 1})
    want = f"only the first 1048576 of its {len(long) - 1} bytes were kept, and the source no longer holds them at byte"
    assert rejected(tmp_path / "changed")[0]["message"].startswith(want)
    log.unlink()
    replay(tmp_path / "first", tmp_path / "gone")
    assert f"{log} is not there; convert the source again" in rejected(tmp_path / "gone")[0]["message"]
    for folder in ("changed", "gone"):
        found, first = rejected(tmp_path / folder)[0], rejected(tmp_path / "first")[0]
        assert {**found, "message": None} == {**first, "message": None}


TWO_HEADERS = (
    "version account-id interface-id srcaddr dstaddr srcport log-status start\n"
    "2 210987654321 eni-1 10.0.0.1 10.0.0.2 7 FINE 1714644672\n"
    "\n"
    "version account-id interface-id dstaddr srcaddr srcport log-status start\n"
    "2 210987654321 eni-1 10.0.0.1 10.0.0.2 8 FINE 1714644672\n"
)


def status_table(tmp_path):
    """The table of flow logs as if FINE were a status: the fix."""
    text = (Path(arrowtrail.__file__).parent / "tables/aws_vpc_flow.toml").read_text()
    assert '"SKIPDATA"' in text
    path = tmp_path / "fixed.toml"
    path.write_text(text.replace('"SKIPDATA"', '"SKIPDATA", "FINE"'))
    return arrowtrail.LogType.load(path)


def test_the_header_is_the_one_before_the_line(tmp_path, native):
    log = tmp_path / "x.log"
    log.write_text(TWO_HEADERS)
    write(log, tmp_path / "first")
    assert [each["line"] for each in rejected(tmp_path / "first")] == [2, 5]
    replay(tmp_path / "first", tmp_path / "again", log_type=status_table(tmp_path))
    found = [(row["srcPort"], row["srcAddr"], row["dstAddr"]) for row in rows(tmp_path / "again", VPC)]
    assert found == [(7, "10.0.0.1", "10.0.0.2"), (8, "10.0.0.2", "10.0.0.1")]


def test_without_the_source_a_header_is_asked_for(tmp_path, native):
    log = tmp_path / "x.log"
    log.write_text(TWO_HEADERS)
    write(log, tmp_path / "first")
    log.unlink()
    fixed = status_table(tmp_path)
    done = replay(tmp_path / "first", tmp_path / "gone", log_type=fixed)
    assert (done.mended, done.stats.rejected) == (0, {"no_header": 2})
    message = rejected(tmp_path / "gone")[0]["message"]
    assert "pass header= (--header); the source's own header is not known: " in message and "is not there" in message
    names = TWO_HEADERS.splitlines()[0]
    done = replay(tmp_path / "first", tmp_path / "again", log_type=fixed, header=names)
    assert done.mended == 2
    assert {row["srcAddr"] for row in rows(tmp_path / "again", VPC)} == {"10.0.0.1"}


def test_ids_without_a_source_are_the_same_at_each_replay(tmp_path, native):
    write(BAD_LINE + BAD_LINE, tmp_path / "first", log_type=ALB)
    table = parquet.read_table(tmp_path / "first/rejected.parquet")
    raw = [alb(1).strip()] * 2
    parquet.write_table(table.set_column(9, "raw", [raw]), tmp_path / "bad.parquet")
    ids = []
    for number in range(2):
        replay(tmp_path / "bad.parquet", tmp_path / f"{number}")
        ids.append([row["p_row_id"] for row in rows(tmp_path / f"{number}", ALB)])
    assert ids[0] == ids[1] and len(set(ids[0])) == 2


def subscription(*messages):
    events = [{"id": "1", "timestamp": 1, "message": message} for message in messages]
    envelope = {"messageType": "DATA_MESSAGE", "logGroup": "g", "logStream": "s", "logEvents": events}
    return json.dumps(envelope).encode()


def test_a_record_in_a_message_keeps_the_messages_place(tmp_path, native):
    log = tmp_path / "x.json"
    odd = vpc_row(1).replace("OK", "FINE")
    log.write_bytes(subscription(vpc_row(0), odd, vpc_row(2) + "z\n" + odd, "z"))
    fixed = status_table(tmp_path)
    write(log, tmp_path / "first", log_type=VPC)
    write(log, tmp_path / "whole", log_type=fixed)
    whole = rejected(tmp_path / "whole")
    done = replay(tmp_path / "first", tmp_path / "again", log_type=fixed)
    again = rejected(tmp_path / "again")
    assert (done.records, done.mended, len(whole)) == (4, 2, 2)
    assert [[each[name] for name in PLACE] for each in again] == [[each[name] for name in PLACE] for each in whole]
    new = {row["p_row_id"] for row in rows(tmp_path / "again", VPC)}
    assert len(new & {row["p_row_id"] for row in rows(tmp_path / "whole", VPC)}) == 1  # the one alone in its message
    assert len(new) == done.mended and new.isdisjoint(row["p_row_id"] for row in rows(tmp_path / "first", VPC))


DNS = {"query_name": "a.example.com.", "query_timestamp": "2024-05-02T10:11:12Z", "query_type": "A", "vpc_id": "vpc-1"}
DNS |= {"srcaddr": "10.0.0.1", "version": "1.1", "account_id": "123456789012", "region": "x", "query_class": "IN"}
DNS |= {"rcode": "NOERROR", "transport": "UDP", "srcport": "1", "srcids": {}, "answers": []}


PREFIX = "2024-05-02T10:11:12.000Z "


@pytest.mark.parametrize("frame", ['{"Records": [%s, %s]}', "[%s,\n %s]", "%s\n%s\n", f"{PREFIX}%s\n\n{PREFIX}%s"])
def test_a_record_is_at_home_in_any_frame(tmp_path, native, frame):
    log = tmp_path / "x.log"
    log.write_text(frame % (json.dumps(DNS), json.dumps(DNS)))
    write(log, tmp_path / "first", log_types=["AWS.GuardDuty"])
    write(log, tmp_path / "whole")
    assert replay(tmp_path / "first", tmp_path / "again").mended == 2
    assert rows(tmp_path / "again", "AWS.VPCDns") == rows(tmp_path / "whole", "AWS.VPCDns")


def test_a_record_that_shares_its_line_is_not_taken_for_another(tmp_path, native):
    """`raw` is the whole line there: parsed again it gives the rows that are written already, too."""
    good, bad = DNS, json.dumps(DNS | {"query_timestamp": "no"})
    lines = [bad + json.dumps(good) + bad, bad, json.dumps(good)]
    log = tmp_path / "x.log"
    log.write_text("".join(f"{PREFIX}{line}\n" for line in lines))
    write(log, tmp_path / "first")
    first = rejected(tmp_path / "first")
    assert [each["record"] for each in first] == [1, 3, 4]
    done = replay(tmp_path / "first", tmp_path / "again")
    assert (done.records, done.mended, done.stats.rows) == (3, 0, 0)
    again = rejected(tmp_path / "again")
    message = "its line holds several records, of which it is one; convert the source again"
    assert again == [{**each, "message": message} for each in first[:2]] + first[2:]


def test_what_was_cut_stays_cut(tmp_path, native):
    log = tmp_path / "x.log.gz"
    log.write_bytes(gzip.compress(vpc(2) + vpc_row(2).encode(), mtime=0)[:-9])
    (tmp_path / "y.gz").write_bytes(gzip.compress(vpc(2), mtime=0)[:-1])
    write([log, tmp_path / "y.gz"], tmp_path / "first")
    first = rejected(tmp_path / "first")
    assert [each["reason"] for each in first] == ["truncated", "truncated"] and first[1]["length"] == 0
    done = replay(tmp_path / "first", tmp_path / "again")
    assert (done.records, done.mended, done.stats.rejected) == (2, 0, {"truncated": 2})
    assert rejected(tmp_path / "again") == first


def test_a_log_type_that_is_not_read_is_said(tmp_path, native):
    table = Path(__file__).parent / "tables/good_my_app.toml"
    write(BAD_LINE, tmp_path / "first", log_type=arrowtrail.LogType.load(table))
    replay(tmp_path / "first", tmp_path / "again")
    assert "its log type, My.App, is not among those to read" in rejected(tmp_path / "again")[0]["message"]


def test_a_strict_replay_raises_with_the_first_place(strict_limit, tmp_path):
    with pytest.raises(RejectedRecord, match=r"x\.log, record 5 \(line 6, byte "):
        replay(tmp_path / "first", tmp_path / "again", strict=True)
    assert not (tmp_path / "again").exists()


def test_the_records_of_many_sources_are_told_apart(tmp_path, native):
    logs = []
    for number in range(5):
        logs.append(tmp_path / f"{number}.log")
        logs[-1].write_bytes(vpc(2) + BAD_LINE * number)
    write(logs, tmp_path / "first", log_type=VPC)
    done = replay(tmp_path / "first", tmp_path / "again", threads=3)
    assert (done.records, done.mended, done.stats.files) == (10, 0, 4)
    assert [(entry["source"], entry["records"]) for entry in manifest(tmp_path / "again")] == [
        (str(log), number) for number, log in enumerate(logs) if number
    ]
    assert rejected(tmp_path / "again") == rejected(tmp_path / "first")


def test_what_holds_no_rejected_records_says_so(tmp_path, native):
    write(vpc(2), tmp_path / "first")
    with pytest.raises(SourceNotFound, match=r"first/rejected\.parquet: no such file"):
        replay(tmp_path / "first", tmp_path / "again")
    with pytest.raises(UsageError, match=r"part-00000\.parquet: holds no rejected records, it has no column 'source'"):
        replay(tmp_path / "first" / VPC / "part-00000.parquet", tmp_path / "again")
    (tmp_path / "x.parquet").write_bytes(b"no")
    with pytest.raises(SourceError, match=r"x\.parquet: is no whole Parquet file of rejected records: "):
        replay(tmp_path / "x.parquet", tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_the_rows_beside_the_rejected_records_are_not_replaced(strict_limit, tmp_path):
    with pytest.raises(UsageError, match="the rejected records lie here, beside the rows; choose another folder"):
        replay(tmp_path / "first", tmp_path / "first", overwrite=True)


def test_the_command_tells_what_was_mended(strict_limit, tmp_path):
    command = [sys.executable, "-m", "arrowtrail", "replay", tmp_path / "first", "-o", tmp_path / "again"]
    done = subprocess.run([*command, "--header", VPC_HEADER], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "replayed  2 records: 1 mended, 1 still bad\n" in done.stderr
    assert "rejected  1: missing_required 1\n" in done.stderr
    assert f"wrote     {tmp_path / 'again' / VPC / 'part-00000.parquet'} (" in done.stderr
