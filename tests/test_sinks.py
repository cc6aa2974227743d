"""Output is whole under its final name or not there at all; every format holds the same rows."""

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from logs import BAD_LINE, LOGS, alb, aurora, s3, vpc
from pyarrow import dataset, ipc, parquet

import arrowtrail
from arrowtrail import MixedLogTypes, RejectedRecord, SinkError, SourceError, UsageError, files, gather, ndjson
from arrowtrail import folder as output
from arrowtrail.schema import REJECTED

pytestmark = pytest.mark.python

VPC = "AWS.VPCFlow"
MANIFEST = "_manifest.ndjson"


def tree(folder):
    """Every file and folder below, as text."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*"))


def read_ndjson(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


@pytest.fixture
def mixed(tmp_path, native):
    """A folder of logs of all types, with some bad records, and an empty folder for output."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name, make in LOGS.items():
        (folder / f"{name}.1.log").write_bytes(make(30))
        (folder / f"{name}.2.log.gz").write_bytes(
            gzip.compress(make(20, first=30) + (BAD_LINE if name != VPC else b""))
        )
    return folder


def schemas(table, name):
    return zip(table.schema, arrowtrail.schema(name), strict=True)


READERS = {
    "parquet": parquet.read_table,
    "arrow": lambda path: ipc.open_file(path).read_all(),
}


@pytest.mark.parametrize("format", ["parquet", "arrow", "ndjson"])
@pytest.mark.parametrize("threads", [1, 3])
def test_each_type_has_its_folder_and_rejected_records_lie_beside(mixed, tmp_path, format, threads):
    out = tmp_path / "out"
    done = arrowtrail.write(mixed, out, format=format, threads=threads)
    want = sorted([*LOGS, *(f"{name}/part-00000.{format}" for name in LOGS), "rejected.parquet", MANIFEST])
    assert tree(out) == want
    assert sorted(done.files) == sorted(str(out / name) for name in want if name not in LOGS)
    assert done.stats.rows_by_type == dict.fromkeys(LOGS, 50)
    assert done.stats.rejected == {"unknown_type": 3}
    for name, make in LOGS.items():
        path = out / name / f"part-00000.{format}"
        want = arrowtrail.scan([make(30), make(20, first=30)], name).to_table()
        if format == "ndjson":
            rows = read_ndjson(path)
            assert len(rows) == 50
            assert {key for row in rows for key in row} == {
                key for key in want.column_names if want[key].null_count < 50
            }
        else:
            found = READERS[format](path)
            assert found.schema.equals(arrowtrail.schema(name))
            assert all(
                dict(field.metadata).items() >= dict(own.metadata).items() for field, own in schemas(found, name)
            )
            for column in want.column_names:
                if column not in ("p_row_id", "p_parse_time"):
                    assert found[column].to_pylist() == want[column].to_pylist()
    assert parquet.read_table(out / "rejected.parquet").schema.equals(REJECTED)


def test_a_folder_is_a_dataset(mixed, tmp_path):
    arrowtrail.write(mixed, tmp_path / "out", log_type=VPC)
    found = dataset.dataset(tmp_path / "out" / VPC)
    assert found.count_rows() == 50
    assert found.schema.equals(arrowtrail.schema(VPC))


def test_without_rows_the_given_types_file_is_empty(tmp_path, native):
    done = arrowtrail.write(b"", tmp_path / "out", log_type=VPC)
    assert tree(tmp_path / "out") == [VPC, f"{VPC}/part-00000.parquet", MANIFEST]
    assert parquet.read_table(done.files[0]).schema.equals(arrowtrail.schema(VPC))


def test_without_anything_there_is_no_file(tmp_path, native):
    assert arrowtrail.write(b"", tmp_path / "out").files == (str(tmp_path / "out" / MANIFEST),)
    assert tree(tmp_path / "out") == [MANIFEST]


def test_rejected_records_go_where_they_are_asked_to(tmp_path, native):
    arrowtrail.write(vpc(2) + BAD_LINE, tmp_path / "out", log_type=VPC, rejects=tmp_path / "bad.parquet")
    assert tree(tmp_path / "out") == [VPC, f"{VPC}/part-00000.parquet", MANIFEST]
    assert parquet.read_table(tmp_path / "bad.parquet").num_rows == 1


def test_small_batches_are_gathered_into_row_groups(tmp_path, native):
    done = arrowtrail.write([vpc(100, first=100 * n) for n in range(100)], tmp_path / "out", log_type=VPC, threads=2)
    meta = parquet.ParquetFile(done.files[0]).metadata
    assert (meta.num_rows, meta.num_row_groups) == (10_000, 1)
    assert meta.row_group(0).column(0).compression == "ZSTD"
    table = parquet.read_table(done.files[0])
    table.validate(full=True)
    assert table["packets"].to_pylist() == list(range(10_000))
    assert table["p_any_ip_addresses"][9_999].as_py() == ["10.0.39.249", "198.51.100.20"]
    assert table["vpcId"].null_count == 10_000


def test_files_are_cut_before_their_footer_grows(tmp_path, native, monkeypatch):
    monkeypatch.setattr(gather, "GATHERED_BYTES", 1)
    monkeypatch.setattr(output, "MOST_ROW_GROUPS", 4)
    done = arrowtrail.write([vpc(10, first=10 * n) for n in range(10)], tmp_path / "out", log_type=VPC)
    assert [Path(name).name for name in done.files] == [*(f"part-0000{n}.parquet" for n in range(3)), MANIFEST]
    table = pa.concat_tables([parquet.read_table(name) for name in done.files[:3]])
    assert table["packets"].to_pylist() == list(range(100))


def test_the_largest_row_group_is_written_when_types_take_turns(tmp_path, native, monkeypatch):
    monkeypatch.setattr(output, "MOST_GATHERED_BYTES", 60_000)
    sources = [make(50, first=50 * n) for n in range(6) for make in (vpc, alb, s3)]
    done = arrowtrail.write(sources, tmp_path / "out")
    groups = [parquet.ParquetFile(name).metadata.num_row_groups for name in done.files[:3]]
    assert max(groups) > 1
    assert done.stats.rows == 900


def test_existing_output_is_not_mixed_with(tmp_path, native):
    out = tmp_path / "out"
    arrowtrail.write(vpc(3) + BAD_LINE, out, log_type=VPC)
    before = tree(out)
    with pytest.raises(UsageError, match=r"part-00000\.parquet: output is there already"):
        arrowtrail.write(vpc(4), out)
    with pytest.raises(UsageError, match=r"part-00000\.parquet: output is there already"):
        arrowtrail.write(alb(4), out, log_type="AWS.ALB")
    assert tree(out) == before
    assert parquet.read_table(out / VPC).num_rows == 3


def test_existing_output_is_replaced_whole(tmp_path, native):
    out = tmp_path / "out"
    arrowtrail.write(vpc(3) + alb(3) + BAD_LINE, out)
    (out / VPC / "part-00001.parquet").write_bytes(b"old")
    (out / VPC / "notes.txt").write_bytes(b"mine")
    arrowtrail.write(vpc(4), out, overwrite=True, format="arrow")
    assert tree(out) == [VPC, f"{VPC}/notes.txt", f"{VPC}/part-00000.arrow", MANIFEST]


def test_other_files_in_the_folder_do_not_matter(tmp_path, native):
    (tmp_path / "readme").write_text("x")
    (tmp_path / "AWS.ALB").mkdir()
    arrowtrail.write(vpc(4), tmp_path)
    assert tree(tmp_path) == ["AWS.ALB", VPC, f"{VPC}/part-00000.parquet", MANIFEST, "readme"]


FAILURES = {
    "strict": (lambda tmp: vpc(50_000) + BAD_LINE, {"strict": True, "log_type": VPC}, RejectedRecord),
    "column": (lambda tmp: [vpc(9), alb(9)], {"columns": ["srcAddr"]}, arrowtrail.UnknownColumn),
    "function": (lambda tmp: vpc(9) + BAD_LINE, {"log_type": VPC, "rejects": lambda batch: 1 / 0}, ZeroDivisionError),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("format", ["parquet", "arrow", "ndjson"])
def test_a_failure_leaves_nothing(tmp_path, native, failure, format):
    source, options, error = FAILURES[failure]
    out = tmp_path / "a" / "out"
    with pytest.raises(error):
        arrowtrail.write(source(tmp_path), out, format=format, batch_rows=1000, **options)
    assert tree(tmp_path) == []


def test_a_failure_leaves_what_was_there(tmp_path, native):
    out = tmp_path / "out"
    arrowtrail.write(vpc(3), out)
    with pytest.raises(RejectedRecord):
        arrowtrail.write(vpc(9) + BAD_LINE, out, log_type=VPC, strict=True, overwrite=True)
    assert tree(out) == [VPC, f"{VPC}/part-00000.parquet", MANIFEST]
    assert parquet.read_table(out / VPC).num_rows == 3


def test_an_unreadable_input_is_said_when_all_else_is_written(tmp_path, native):
    (tmp_path / "x.log").symlink_to("nowhere")
    with pytest.raises(SourceError, match=r"x\.log: No such file or directory"):
        arrowtrail.write([vpc(3), tmp_path / "x.log", vpc(3)], tmp_path / "out", log_type=VPC)
    assert parquet.read_table(tmp_path / "out" / VPC).num_rows == 6


def test_a_client_whose_object_fails_does_not_stop_the_others(tmp_path, native):
    packed = gzip.compress(vpc(50))[:-30]
    whole, _, rest = gzip.GzipFile(fileobj=io.BytesIO(packed)).read1().rpartition(b"\n")
    rows = whole.count(b"\n")  # the first line is a header
    assert rows and rest
    cut = gzip.GzipFile(fileobj=io.BytesIO(packed))
    with pytest.raises(SourceError, match=r"EOFError: "):
        arrowtrail.write([vpc(3), cut, vpc(3)], tmp_path / "out", log_type=VPC)
    first, second, third = read_ndjson(tmp_path / "out" / MANIFEST)
    assert [each["rows"] for each in (first, second, third)] == [3, rows, 3]
    assert second["failed"].startswith("EOFError: ") and second["rejected"] == {"truncated": 1}
    assert parquet.read_table(tmp_path / "out" / VPC).num_rows == 6 + rows


@pytest.mark.parametrize("out", ["out", "a folder/out"])
def test_output_below_the_input_is_not_read_again(mixed, tmp_path, out):
    want = arrowtrail.write(mixed, tmp_path / "elsewhere").stats
    (mixed / "a folder").mkdir()
    for more in ({}, {"overwrite": True}, {"overwrite": True}):
        done = arrowtrail.write(mixed, mixed / out, **more).stats
        assert (done.rows_by_type, done.rejected, done.files) == (want.rows_by_type, want.rejected, want.files)
    again = arrowtrail.write(mixed, tmp_path / "later").stats
    assert (again.rows_by_type, again.rejected) == (want.rows_by_type, want.rejected)


def test_output_that_is_named_is_refused_file_by_file(tmp_path, native):
    arrowtrail.write(vpc(3), tmp_path / "out", log_type=VPC)
    for what in (tmp_path / "out" / VPC, str(tmp_path / "out/*/*.parquet")):
        scan = arrowtrail.scan(what, VPC)
        assert scan.to_table().num_rows == 0
        (rejected,) = scan.rejected.to_pylist()
        assert (
            rejected["reason"] == "unknown_type"
            and "a Parquet file of rows that a log was parsed to before" in rejected["message"]
        )


def test_an_unknown_format_names_the_nearest(tmp_path):
    with pytest.raises(UsageError, match=r"unknown format 'parket'; did you mean 'parquet'\?"):
        arrowtrail.write(b"", tmp_path, format="parket")


@pytest.mark.parametrize("name", ["file", "file/out"])
def test_a_file_where_the_folder_should_be_says_so(tmp_path, native, name):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SinkError, match=f"{name}: cannot be written: (File exists|Not a directory)"):
        arrowtrail.write(vpc(3), tmp_path / name)
    assert (tmp_path / "file").read_text() == "x"


def test_a_folder_that_cannot_be_written_says_so(tmp_path, native, monkeypatch):
    def refuse(path, *mode, **options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)  # root may write everywhere
    with pytest.raises(SinkError, match=r"_manifest\.ndjson: cannot be written: Permission denied; check the folder"):
        arrowtrail.write(vpc(3), tmp_path / "out")
    assert tree(tmp_path) == []


LIMITED = """
import resource, sys
import arrowtrail
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    arrowtrail.write(sys.argv[1], sys.argv[2], format=sys.argv[3])
except arrowtrail.SinkError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
@pytest.mark.parametrize("format", ["parquet", "arrow", "ndjson"])
def test_a_file_that_may_not_grow_leaves_nothing(tmp_path, native, format):
    (tmp_path / "x.log").write_bytes(vpc(100_000))
    command = [sys.executable, "-c", LIMITED, tmp_path / "x.log", tmp_path / "out", format]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert f"part-00000.{format}: cannot be written: File too large" in run.stdout
    assert tree(tmp_path) == ["x.log"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount")
@pytest.mark.parametrize("keys", [[], ["hour", "log_type"]], ids=["plain", "partitioned"])
@pytest.mark.parametrize("format", ["parquet", "arrow", "ndjson"])
def test_a_full_disk_leaves_nothing(tmp_path, native, format, keys):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        with pytest.raises(SinkError, match="cannot be written: No space left on device; free some space"):
            arrowtrail.write(vpc(100_000), disk / "out", format=format, partition_by=keys)
        assert tree(disk) == []
    finally:
        subprocess.run(["umount", disk], check=True)


def test_discarding_follows_anything(tmp_path):
    schema = pa.schema([("a", pa.int64())])
    for make in (files.ParquetFile, files.ArrowFile, files.NdjsonFile):
        file = make(str(tmp_path / "x"), schema)
        file.write(pa.table({"a": [1]}, schema=schema))
        file.discard()
        file.discard()
        closed = make(str(tmp_path / "x"), schema)
        closed.close()
        closed.discard()
        assert tree(tmp_path) == []
        done = make(str(tmp_path / "x"), schema)
        done.finish()
        done.discard()
        assert tree(tmp_path) == ["x"]
        (tmp_path / "x").unlink()


def test_json_lines_have_panthers_look():
    micros = pa.array([1714644672123456, None, -62135596800000000, 253402300799999999], pa.int64())
    batch = pa.record_batch(
        {
            "text": pa.array(['a"\\\n\x00é😀', "", None, "x"]),
            "time": micros.cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
            "number": pa.array([1, None, -5, 2**62]),
            "float": pa.array([0.1, None, -1.0, 1e300]),
            "small": pa.array([0.1, None, None, 1.5], pa.float32()),
            "flag": pa.array([True, None, False, True]),
            "list": pa.array([["a", None], [], None, ["b"]]),
            "structs": pa.array(
                [[{"a": 1, "b": None}], None, [None], []], pa.list_(pa.struct({"a": "int8", "b": "int8"}))
            ),
            "none": pa.nulls(4, pa.string()),
        },
        schema=None,
    )
    lines = ndjson.json_lines(batch).decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "text": 'a"\\\n\x00é😀',
            "time": "2024-05-02 10:11:12.123456000",
            "number": 1,
            "float": 0.1,
            "small": pytest.approx(0.1),
            "flag": True,
            "list": ["a", None],
            "structs": [{"a": 1}],
        },
        {"text": "", "list": []},
        {"time": "0001-01-01 00:00:00.000000000", "number": -5, "float": -1.0, "flag": False, "structs": [None]},
        {
            "text": "x",
            "time": "9999-12-31 23:59:59.999999000",
            "number": 2**62,
            "float": 1e300,
            "small": 1.5,
            "flag": True,
            "list": ["b"],
            "structs": [],
        },
    ]


def test_json_columns_are_the_json_they_hold():
    field = pa.field("extra", pa.string(), metadata={"content": "json"})
    batch = pa.record_batch([pa.array(['{"a":\n 1.0e5}', None, "null"])], schema=pa.schema([field]))
    assert ndjson.json_lines(batch) == b'{"extra":{"a":  1.0e5}}\n{}\n{"extra":null}\n'


def test_json_lines_of_many_rows_are_all_there():
    batch = pa.record_batch({"n": list(range(10_000))})
    assert [row["n"] for row in map(json.loads, ndjson.json_lines(batch).splitlines())] == list(range(10_000))


def test_the_command_line_knows_the_formats():
    from arrowtrail import cli

    assert tuple(output.FORMATS) == cli.FORMATS


def test_mixed_input_is_written_where_scan_refuses_it(tmp_path, native):
    data = alb(2) + s3(3) + aurora(4)
    with pytest.raises(MixedLogTypes):
        arrowtrail.scan(data).to_table()
    assert arrowtrail.write(data, tmp_path / "out").stats.rows_by_type == {
        "AWS.ALB": 2,
        "AWS.S3ServerAccess": 3,
        "AWS.AuroraMySQLAudit": 4,
    }


@pytest.mark.parametrize("format", ["parquet", "arrow", "ndjson"])
def test_writing_does_not_load_pandas(tmp_path, native, format):
    """pyarrow does where values become Python objects; it takes 40 MB and half a second."""
    program = (
        "import sys, arrowtrail\n"
        "options = {'format': sys.argv[3], 'partition_by': ['hour', 'log_type', 'p_source_id']}\n"
        "arrowtrail.write(sys.argv[1].encode(), sys.argv[2] + '/1', format=sys.argv[3])\n"
        "arrowtrail.write(sys.argv[1].encode(), sys.argv[2] + '/2', **options)\n"
        "sys.exit('pandas' in sys.modules)\n"
    )
    log = (vpc(5) + BAD_LINE).decode()
    subprocess.run([sys.executable, "-c", program, log, str(tmp_path / "out"), format], check=True, timeout=60)
