"""Partitioned output: every row once, in its folder and in its order, whoever reads it; bounded; whole or not there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import polars
import pyarrow as pa
import pytest
from logs import BAD_LINE, LOGS, VPC_HEADER, alb, aurora, s3, vpc
from pyarrow import dataset, ipc, parquet

import arrowtrail
from arrowtrail import RejectedRecord, SinkError, SourceError, UsageError, gather, write
from arrowtrail import folder as output
from arrowtrail.partition import Partitioning

pytestmark = pytest.mark.python

VPC = "AWS.VPCFlow"
ALB = "AWS.ALB"
MANIFEST = "_manifest.ndjson"
DAY = 86400
START = 1714644672  # 2024-05-02 10:11:12


def flows(count, step=3600, first=0, source=None):
    """Flows that begin `step` seconds apart; `packets` counts them."""
    lines = [VPC_HEADER] if first == 0 else []
    for number in range(first, first + count):
        start = START + number * step
        lines.append(f"2 210987654321 eni-{number % 7} 10.0.0.1 10.0.0.2 1 443 6 {number} 1 {start} {start} ACCEPT OK")
    return "\n".join(lines).encode() + b"\n"


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


def manifest(folder):
    return [json.loads(line) for line in (Path(folder) / MANIFEST).read_text().splitlines()]


def stable(rows):
    """Rows as a set would hold them, without the time at which they were parsed."""
    return sorted(({**row, "p_parse_time": None} for row in rows), key=lambda row: row["p_row_id"])


def test_folders_stand_in_the_order_of_the_keys(tmp_path, native):
    write(flows(20) + alb(3) + BAD_LINE, tmp_path / "a", partition_by=["day", "log_type"])
    assert tree(tmp_path / "a") == [
        MANIFEST,
        f"day=2024-05-02/log_type={ALB}/part-00000.parquet",
        f"day=2024-05-02/log_type={VPC}/part-00000.parquet",
        f"day=2024-05-03/log_type={VPC}/part-00000.parquet",
        "rejected.parquet",
    ]
    write(flows(2), tmp_path / "b", partition_by=("hour", "month", "year"), format="ndjson")
    assert tree(tmp_path / "b") == [
        f"{VPC}/hour=2024-05-02-10/month=2024-05/year=2024/part-00000.ndjson",
        f"{VPC}/hour=2024-05-02-11/month=2024-05/year=2024/part-00000.ndjson",
        MANIFEST,
    ]


READ = {
    "pyarrow": lambda path: dataset.dataset(path, partitioning="hive").to_table(),
    "duckdb": lambda path: duckdb.sql(
        f"select * from read_parquet('{path}/**/*.parquet', hive_partitioning = true)"
    ).to_arrow_table(),
    "polars": lambda path: polars.scan_parquet(f"{path}/", hive_partitioning=True).collect().to_arrow(),
}


@pytest.mark.parametrize("reader", READ)
def test_every_reader_gets_every_row(tmp_path, native, reader):
    logs = [flows(50), flows(70, first=50)]
    columns = ["srcAddr", "packets", "interfaceId", "start", "p_row_id"]
    write(logs, tmp_path / "plain", log_type=VPC, columns=columns, row_id_seed=1)
    write(logs, tmp_path / "out", log_type=VPC, columns=columns, row_id_seed=1, partition_by=["day", "interfaceId"])
    want = READ[reader](tmp_path / "plain" / VPC).select(columns).sort_by("packets").to_pylist()
    table = READ[reader](tmp_path / "out" / VPC)
    assert table.num_rows == 120
    assert table.select(columns).sort_by("packets").to_pylist() == want
    days = {str(day) for day in table["day"].to_pylist()}
    assert days == {f"2024-05-0{number}" for number in range(2, 8)}


def test_rows_keep_their_order_in_each_partition(tmp_path, native):
    write(
        [flows(40, step=-1800, first=0), flows(500, first=40, step=977)], tmp_path, log_type=VPC, partition_by=["hour"]
    )
    count = 0
    for folder in (tmp_path / VPC).iterdir():
        packets = parquet.read_table(folder / "part-00000.parquet", partitioning=None)["packets"].to_pylist()
        assert packets == sorted(packets)
        count += len(packets)
    assert count == 540


@pytest.mark.parametrize("name", LOGS)
def test_each_types_rows_are_those_of_plain_output(tmp_path, native, name):
    log = LOGS[name](300)
    write(log, tmp_path / "plain", log_type=name, row_id_seed=1)
    write(log, tmp_path / "out", log_type=name, row_id_seed=1, partition_by=["hour"])
    found = dataset.dataset(tmp_path / "out" / name).to_table()
    assert found.schema.equals(arrowtrail.schema(name))
    assert stable(found.to_pylist()) == stable(parquet.read_table(tmp_path / "plain" / name).to_pylist())


def test_names_are_encoded_as_hive_does_it(tmp_path, native):
    source_id = "a/b=c: 100% \\ [x]?é\x01\"'#*{^}"
    write(flows(1), tmp_path / "a", log_type=VPC, source_id=source_id, partition_by=["p_source_id"])
    name = "p_source_id=a%2Fb%3Dc%3A 100%25 %5C %5Bx%5D%3Fé%01%22%27%23%2A%7B%5E}"
    assert tree(tmp_path / "a") == [f"{VPC}/{name}/part-00000.parquet", MANIFEST]
    for reader in ("pyarrow", "duckdb", "polars"):
        assert READ[reader](tmp_path / "a" / VPC)["p_source_id"].to_pylist() == [source_id]
    write(flows(1), tmp_path / "b", log_type=VPC, partition_by=["p_source_id", "account"])
    name = "p_source_id=__HIVE_DEFAULT_PARTITION__/account=210987654321"
    assert tree(tmp_path / "b") == [f"{VPC}/{name}/part-00000.parquet", MANIFEST]


def test_times_before_1970_and_at_the_ends_of_time():
    schema = pa.schema([pa.field("p_event_time", pa.timestamp("us", tz="UTC"))])
    micros = pa.array([-62135596800000000, 253402300799999999, -1, 0], pa.int64())
    times = micros.cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    table = pa.Table.from_arrays([times], schema=schema)
    for key, names in {
        "year": ["0001", "9999", "1969", "1970"],
        "month": ["0001-01", "9999-12", "1969-12", "1970-01"],
        "day": ["0001-01-01", "9999-12-31", "1969-12-31", "1970-01-01"],
        "hour": ["0001-01-01-00", "9999-12-31-23", "1969-12-31-23", "1970-01-01-00"],
    }.items():
        found = [name for name, _ in Partitioning([key], []).split("T", table)]
        assert found == [f"T/{key}={name}" for name in names]


def test_null_empty_and_integer_values():
    table = pa.table({"s": ["", None, "x", "x", None], "n": pa.array([1, 2, None, -3, 2], pa.int32())})
    partitioning = Partitioning([], [])
    partitioning.keys = ("s", "n")
    null = "__HIVE_DEFAULT_PARTITION__"
    found = {name: rows["n"].to_pylist() for name, rows in partitioning.split("T", table)}
    assert found == {
        f"T/s={null}/n=1": [1],
        f"T/s={null}/n=2": [2, 2],
        f"T/s=x/n={null}": [None],
        "T/s=x/n=-3": [-3],
    }


WRONG = {
    "text": ({"partition_by": "day"}, "partition_by must be a list of keys, not the text 'day'"),
    "unknown": ({"partition_by": ["dya"]}, "partition_by: there is no key 'dya'; did you mean 'day'"),
    "twice": ({"partition_by": ["day", "day"]}, "partition_by names 'day' twice"),
    "not in all": ({"partition_by": ["srcAddr"]}, "has no column 'srcAddr'; a key must be in every log type"),
    "time": ({"partition_by": ["start"], "log_type": VPC}, "'start' of AWS.VPCFlow is timestamp"),
    "list": ({"partition_by": ["p_any_emails"]}, "is list<.*a key is a column of strings or integers"),
    "json": ({"partition_by": ["unmapped"], "log_type": VPC}, "'unmapped' of AWS.VPCFlow is JSON"),
    "nothing left": (
        {"partition_by": ["p_source_id"], "columns": ["p_source_id"]},
        "takes every column of columns out of the files",
    ),
    "size": ({"target_bytes": 0}, "target_bytes must be 1 or more, not 0"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_keys_are_told_before_anything_is_read(tmp_path, native, wrong):
    options, message = WRONG[wrong]
    with pytest.raises(UsageError, match=message):
        write(flows(1), tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_column_that_a_folder_would_hide_is_no_key(tmp_path, native):
    table = tmp_path / "my.toml"
    text = (Path(__file__).parent / "tables/good_my_app.toml").read_text()
    table.write_text(text.replace('"verb"', '"day"'))
    log_type = arrowtrail.LogType.load(table)
    with pytest.raises(UsageError, match=r"My\.App has a column 'day' of its own, which a folder would hide"):
        write(b"", tmp_path / "out", log_type=log_type, partition_by=["day"])


def test_keys_are_built_where_columns_leave_them_out(tmp_path, native):
    write(flows(30), tmp_path, log_type=VPC, columns=["packets"], partition_by=["day", "interfaceId"])
    table = dataset.dataset(tmp_path / VPC, partitioning="hive").to_table()
    assert table.column_names == ["packets", "day", "interfaceId"]
    assert {(row["packets"], row["interfaceId"]) for row in table.to_pylist()} == {
        (number, f"eni-{number % 7}") for number in range(30)
    }
    first = next((tmp_path / VPC).glob("*/*/*.parquet"))
    assert parquet.read_schema(first).names == ["packets"]


@pytest.mark.parametrize("format", ["parquet", "arrow", "ndjson"])
def test_a_file_that_has_grown_enough_is_followed_by_the_next(tmp_path, native, format):
    done = write(vpc(20_000), tmp_path, log_type=VPC, format=format, target_bytes=100_000)
    files = [Path(name) for name in done.files[:-1]]
    assert [path.name for path in files] == [f"part-{number:05}.{format}" for number in range(len(files))]
    sizes = [path.stat().st_size for path in files]
    assert len(files) > 2 and all(size >= 100_000 for size in sizes[:-1]) and max(sizes) < 300_000
    if format == "ndjson":
        packets = [json.loads(line)["packets"] for path in files for line in path.read_text().splitlines()]
    else:
        read = parquet.read_table if format == "parquet" else lambda path: ipc.open_file(path).read_all()
        packets = [number for path in files for number in read(path)["packets"].to_pylist()]
    assert packets == list(range(20_000))


@pytest.mark.parametrize("format", ["parquet", "arrow", "ndjson"])
def test_few_files_are_open_at_once(tmp_path, native, monkeypatch, format):
    monkeypatch.setattr(output, "MOST_OPEN", 3)
    monkeypatch.setattr(gather, "GATHERED_BYTES", 1)
    opened = set()
    begin = output._Writing._file

    def begun(self, place, name):
        file = begin(self, place, name)
        opened.add(len(self.open))
        return file

    monkeypatch.setattr(output._Writing, "_file", begun)
    logs = [flows(60, first=60 * number, step=0 if number % 2 else 7200) for number in range(6)]
    logs = [log if log.startswith(b"version") else VPC_HEADER.encode() + b"\n" + log for log in logs]
    done = write([*logs, alb(5)], tmp_path, format=format, partition_by=["hour", "log_type"])
    assert max(opened) == 3 and done.stats.rows == 365
    parts = [path for path in tree(tmp_path) if "part-" in path]
    assert sorted(parts) == sorted(os.path.relpath(name, tmp_path) for name in done.files[:-1])
    if format == "parquet":
        assert sum(parquet.read_metadata(tmp_path / name).num_rows for name in parts) == 365


def test_row_groups_of_open_files_are_bounded(tmp_path, native, monkeypatch):
    monkeypatch.setattr(output, "MOST_OPEN_ROW_GROUPS", 4)
    monkeypatch.setattr(gather, "GATHERED_BYTES", 1)
    logs = [VPC_HEADER.encode() + b"\n" + flows(4, first=4 * number + 1, step=43200) for number in range(6)]
    done = write(logs, tmp_path, log_type=VPC, partition_by=["year"])
    assert [parquet.read_metadata(name).num_row_groups for name in done.files[:-1]] == [5, 1]


def test_the_same_again_gives_the_same_rows_and_ids(tmp_path, native):
    folder = tmp_path / "in"
    folder.mkdir()
    for number, (name, make) in enumerate(LOGS.items()):
        (folder / f"{number}.{name}.log").write_bytes(make(3000) + BAD_LINE)
    found = []
    for number, options in enumerate(
        [{"threads": 1}, {"threads": 1}, {"threads": 3}, {"partition_by": ["hour", "log_type"], "threads": 2}]
    ):
        write(folder, tmp_path / f"{number}", **options)
        files = [path for path in (tmp_path / f"{number}").rglob("part-*.parquet")]
        rows = [row for path in files for row in parquet.read_table(path, partitioning=None).to_pylist()]
        rejected = parquet.read_table(tmp_path / f"{number}/rejected.parquet").to_pylist()
        found.append((stable(rows), rejected, manifest(tmp_path / f"{number}")))
    assert len(found[0][0]) == 12_000 and len({row["p_row_id"] for row in found[0][0]}) == 12_000
    assert found[1:] == found[:1] * 3


def test_the_manifest_says_what_became_of_each_source(tmp_path, native):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "1.log").write_bytes(vpc(3) + b"\n" + BAD_LINE + aurora(2))
    (folder / "2.log").write_bytes(b"")
    (folder / "3.log").symlink_to("nowhere")
    (folder / "4 é.log").write_bytes(s3(4) + b'{"a": 1}\n')
    (folder / "_SUCCESS").write_bytes(b"")
    with pytest.raises(SourceError):
        write(folder, tmp_path / "out", threads=3)
    nothing = {"log_types": [], "bytes": 0, "records": 0, "rows": 0, "rows_by_type": {}, "outside": 0}
    blank = {**nothing, "rejected": {}, "warnings": {}}
    assert manifest(tmp_path / "out") == [
        {
            "source": str(folder / "1.log"),
            "log_types": ["AWS.AuroraMySQLAudit", VPC],
            "bytes": (folder / "1.log").stat().st_size,
            "records": 6,
            "rows": 5,
            "rows_by_type": {VPC: 3, "AWS.AuroraMySQLAudit": 2},
            "outside": 0,
            "rejected": {"missing_required": 1},
            "warnings": {},
            "blank": 1,
            "failed": None,
        },
        {"source": str(folder / "2.log"), **blank, "blank": 0, "failed": None},
        {"source": str(folder / "3.log"), **blank, "blank": 0, "failed": "No such file or directory"},
        {
            "source": str(folder / "4 é.log"),
            **blank,
            "log_types": ["AWS.S3ServerAccess"],
            "bytes": (folder / "4 é.log").stat().st_size,
            "records": 5,
            "rows": 4,
            "rows_by_type": {"AWS.S3ServerAccess": 4},
            "rejected": {"unknown_type": 1},
            "blank": 0,
            "failed": None,
        },
    ]


def test_partitioned_output_is_replaced_whole(tmp_path, native):
    write(flows(60) + BAD_LINE, tmp_path, partition_by=["day", "log_type"])
    (tmp_path / "day=2024-05-02" / "notes.txt").write_text("mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "part-00000.parquet").write_text("mine")
    with pytest.raises(UsageError, match="output is there already"):
        write(flows(1), tmp_path)
    write(flows(1), tmp_path, overwrite=True)
    want = [f"{VPC}/part-00000.parquet", MANIFEST, "day=2024-05-02/notes.txt", "mine/part-00000.parquet"]
    assert tree(tmp_path) == want
    assert not (tmp_path / "day=2024-05-03").exists()


@pytest.mark.parametrize("format", ["parquet", "arrow", "ndjson"])
def test_a_failure_leaves_nothing(tmp_path, native, monkeypatch, format):
    monkeypatch.setattr(output, "MOST_OPEN", 3)
    monkeypatch.setattr(gather, "GATHERED_BYTES", 1000)
    bad = VPC_HEADER.encode() + b"\n" + b"2 210987654321 eni-1 - - - - - - - - - - FINE\n"
    with pytest.raises(RejectedRecord):
        write(
            [flows(90), bad], tmp_path / "out", log_type=VPC, strict=True, format=format, partition_by=["hour", "day"]
        )
    assert list(tmp_path.iterdir()) == []


def test_where_names_cannot_be_given_none_is_kept(tmp_path, native, monkeypatch):
    replace, count = Path.replace, []

    def failing(path, target):
        count.append(path)
        if len(count) == 3:
            raise OSError(28, "No space left on device")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(SinkError, match="No space left on device; free some space"):
        write(flows(60) + BAD_LINE, tmp_path / "out", partition_by=["day"])
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_too_long_says_what_to_do(tmp_path, native):
    with pytest.raises(SinkError, match="File name too long; partition by columns of short values"):
        write(flows(1), tmp_path / "out", log_type=VPC, source_id="x" * 300, partition_by=["p_source_id"])
    assert list(tmp_path.iterdir()) == []


MEASURE = """
import resource, sys
import arrowtrail
arrowtrail.write(sys.argv[1], sys.argv[2], log_type="AWS.VPCFlow", threads=2, partition_by=sys.argv[3:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.memory
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="measures in Linux's unit")
def test_hundreds_of_partitions_take_no_more_memory_than_one(tmp_path, native):
    """Days by turns, so that each flush meets all of them: what is open and what is gathered is bounded."""
    log = tmp_path / "x.log"
    log.write_bytes(VPC_HEADER.encode() + b"\n" + flows(400, first=1, step=DAY) * 250)
    environment = {**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system"}
    peaks = {}
    for keys in ((), ("day",)):
        command = [sys.executable, "-c", MEASURE, log, tmp_path / f"out{len(keys)}", *keys]
        run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        peaks[keys] = int(run.stdout)
    assert len(tree(tmp_path / "out1")) > 400
    assert peaks["day",] < peaks[()] + 60, peaks


def test_the_command_line_takes_keys_and_sizes(tmp_path, native):
    (tmp_path / "x.log").write_bytes(flows(60) + alb(2))
    options = ["-o", "out", "--partition-by", "day, log_type", "--target-size", "2k", "--format", "ndjson"]
    command = [sys.executable, "-m", "arrowtrail", "convert", "x.log", *options]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)
    parts = [name.split("/") for name in tree(tmp_path / "out") if name != MANIFEST]
    assert {(day[:11], log_type) for day, log_type, _ in parts} == {
        ("day=2024-05", f"log_type={name}") for name in (ALB, VPC)
    }
    assert len(parts) > 4
    assert sum(entry["rows"] for entry in manifest(tmp_path / "out")) == 62


@pytest.mark.parametrize(
    ("text", "count"), [("1000000", 10**6), ("64MB", 64 * 10**6), ("1.5 GiB", 3 * 2**29), ("2k", 2048), ("7b", 7)]
)
def test_sizes_are_read_with_and_without_units(text, count):
    from arrowtrail.cli import _bytes

    assert _bytes(text) == count
