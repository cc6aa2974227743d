"""DuckDB, polars and pandas read the nested tables of the JSON types and give back the same values.

What they give is compared with `table.to_pylist()`, value for value and type for type.
"""

import datetime
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import numpy
import pandas
import polars
import pyarrow as pa
import pytest
from json_documents import JSON_LOG_TYPES, Documents, Items, Value
from json_records import record
from oracle.json_tables import Member, Type, load_json_tables

import arrowtrail

pytestmark = pytest.mark.usefixtures("native")
CASES = Path(__file__).parent / "cases"
SERVICE = '{"serviceName":"s","detectorId":"d","count":%d,"eventFirstSeen":"%s"}'
FIRST, LAST = "0001-01-01T00:00:00.000001Z", "9999-12-31T23:59:59.999999Z"
ENDS = {
    "AWS.GuardDuty": [
        record("AWS.GuardDuty", updatedAt=f'"{time}"', severity=severity, service=SERVICE % (count, time))
        for time, severity, count in ((FIRST, "1e-45", -(2**63)), (LAST, "3.4028234e38", 2**63 - 1))
    ],
    "AWS.WAFWebACL": [
        record("AWS.WAFWebACL", formatVersion=str(version), requestBodySize=str(size), timestamp=time)
        for version, size, time in ((-32768, -(2**63), "-62135596800000"), (32767, 2**63 - 1, "253402300799999.999"))
    ],
}


class Sparse(Documents):
    """Writes lists with null elements."""

    def value(self, kind: Type, member: Member) -> Value:
        value = super().value(kind, member)
        if isinstance(value, Items):
            value[:] = [b"null" if self.rng.random() < 0.2 else item for item in value]
        return value


@cache
def logs(log_type: str) -> list[bytes]:
    """The hand-worked cases of the type, values at the ends of their range, and generated records, some of them odd."""
    cases = [path.read_bytes() for path in sorted(CASES.glob(f"{log_type}/*.log"))]
    documents = Sparse(load_json_tables()[log_type], Random(f"nested {log_type}"))
    return [*cases, *ENDS.get(log_type, []), b"\n".join(documents.record(0.4) for _ in range(250))]


def scan_of(log_type: str) -> arrowtrail.Scan:
    return arrowtrail.scan(logs(log_type), log_type, batch_rows=50, row_id_seed=1)


@cache
def table_of(log_type: str) -> pa.Table:
    return scan_of(log_type).to_table()


@pytest.fixture(params=JSON_LOG_TYPES)
def log_type(request: pytest.FixtureRequest) -> str:
    return request.param


# ---------------------------------------------------------------- comparing


def assert_rows(found: list[dict[str, Any]], log_type: str, *, without: tuple[str, ...] = ("p_parse_time",)) -> None:
    """The rows are those of the table: the same columns in the same order, the same values of the same types."""
    rows = table_of(log_type).to_pylist()
    assert len(found) == len(rows) > 150
    for number, (got, row) in enumerate(zip(found, rows, strict=True)):
        assert list(got) == list(row)
        for name in row.keys() - set(without):
            assert same(plain(got[name]), plain(row[name])), f"{name}, row {number}: {got[name]!r}, not {row[name]!r}"


def plain(value: Any) -> Any:
    """A value of an engine as Python has it: arrays as lists, times in UTC, any null as None."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list | numpy.ndarray):
        return [plain(item) for item in value]
    if value is None or value is pandas.NaT or value is pandas.NA:
        return None
    if isinstance(value, pandas.Timestamp):
        assert value.nanosecond == 0
        value = value.to_pydatetime()
    return value.astimezone(datetime.UTC) if isinstance(value, datetime.datetime) else value


def same(left: Any, right: Any) -> bool:
    """Equal, and of one type at every level: 1 is not 1.0, nor True; -0.0 is not 0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left.hex() == right.hex() if isinstance(left, float) else left == right


# ---------------------------------------------------------------- what is compared


def paths(kind: pa.DataType, path: str, values: list[Any]) -> Iterator[tuple[str, pa.DataType, list[Any]]]:
    """Every level of a column: its path, its type and all its values."""
    yield path, kind, values
    there = [value for value in values if value is not None]
    if pa.types.is_struct(kind):
        for member in kind:
            yield from paths(member.type, f"{path}.{member.name}", [value[member.name] for value in there])
    if pa.types.is_list(kind):
        yield from paths(kind.value_type, f"{path}[]", [item for value in there for item in value])


def always_there(log_type: str) -> set[str]:
    """What is null in no row: required columns and members, and those added columns that every row has."""
    found = {"p_event_time", "p_parse_time", "p_log_type", "p_row_id"}

    def look(members: tuple[Member, ...], path: str) -> None:
        for member in members:
            if member.required:
                found.add(path + member.name)
            kind, inside = member.type, path + member.name
            if kind.name == "list" and kind.item:
                kind, inside = kind.item, inside + "[]"
            look(kind.members, inside + ".")

    look(load_json_tables()[log_type].columns, "")
    return found


def test_the_rows_hold_values_and_nulls_at_every_level(log_type: str):
    table, always = table_of(log_type), always_there(log_type)
    for name in table.column_names:
        if name.startswith(("p_any_", "p_source_")):
            continue
        for path, kind, values in paths(table.schema.field(name).type, name, table[name].to_pylist()):
            assert any(value is not None for value in values), path
            assert (None in values) == (path not in always), path
            if pa.types.is_list(kind):
                assert [] in values and any(len(value or []) > 1 for value in values), path


def test_the_rows_reach_every_type():
    names = set()
    for log_type in JSON_LOG_TYPES:
        for field in table_of(log_type).schema:
            names |= {str(kind).partition("<")[0] for _, kind, _ in paths(field.type, field.name, [])}
    timestamp = "timestamp[us, tz=UTC]"
    assert names == {"bool", "double", "float", "int16", "int64", "list", "string", "struct", timestamp}


# ---------------------------------------------------------------- DuckDB


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own. Its times with a zone are moments, and shown in the zone that it is told."""
    with duckdb.connect() as opened:
        opened.execute("set TimeZone = 'UTC'")
        yield opened


def duckdb_rows(found: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def test_duckdb_reads_a_table(log_type: str, connection):
    logs = table_of(log_type)  # noqa: F841 (duckdb finds it by name)
    assert_rows(duckdb_rows(connection.sql("select * from logs")), log_type, without=())


def test_duckdb_reads_a_scan(log_type: str, connection):
    scan = scan_of(log_type)  # noqa: F841
    assert_rows(duckdb_rows(connection.sql("select * from scan")), log_type)


def test_duckdb_goes_down_to_the_innermost_list(connection):
    requests = table_of("AWS.WAFWebACL")
    found = connection.sql("""
        with groups as (select unnest(ruleGroupList) as g from requests),
             matches as (select unnest(g.terminatingRule.ruleMatchDetails) as m from groups)
        select count(*), sum(len(m.matchedData)), max(m.matchedData[1]) from matches""").fetchall()
    assert found == [innermost(requests)]


def innermost(table: pa.Table) -> tuple[int, int, str]:
    """How many matches of terminating rules, how much matched data in them, the greatest first of these."""
    groups = [group or {} for groups in table["ruleGroupList"].to_pylist() for group in groups or []]
    rules = [group.get("terminatingRule") or {} for group in groups]
    matches = [match or {} for rule in rules for match in rule.get("ruleMatchDetails") or []]
    data = [match.get("matchedData") or [] for match in matches]
    return len(matches), sum(map(len, data)), max(texts[0] for texts in data if texts and texts[0] is not None)


# ---------------------------------------------------------------- polars


def test_polars_reads_a_table(log_type: str):
    assert_rows(polars.from_arrow(table_of(log_type)).to_dicts(), log_type, without=())


def test_polars_reads_a_scan(log_type: str):
    assert_rows(polars.DataFrame(scan_of(log_type)).to_dicts(), log_type)


def test_polars_goes_down_to_the_innermost_list():
    table = table_of("AWS.WAFWebACL")
    rule = polars.col("ruleGroupList").struct.field("terminatingRule")
    data = polars.col("matches").struct.field("matchedData")
    frame = polars.DataFrame(table).select("ruleGroupList").explode("ruleGroupList")
    frame = frame.select(rule.struct.field("ruleMatchDetails").alias("matches")).filter(
        polars.col("matches").list.len() > 0
    )
    frame = frame.explode("matches")
    found = frame.select(polars.len(), data.list.len().sum().alias("data"), data.list.first().max().alias("first"))
    assert found.rows() == [innermost(table)]


# ---------------------------------------------------------------- pandas


def pandas_rows(frame: pandas.DataFrame) -> list[dict[str, Any]]:
    """The values that a loop over the columns gives."""
    return [
        dict(zip(frame.columns, row, strict=True)) for row in zip(*(list(frame[name]) for name in frame), strict=True)
    ]


def test_pandas_reads_a_table_with_arrow_types(log_type: str):
    frame = table_of(log_type).to_pandas(types_mapper=pandas.ArrowDtype)
    assert_rows(pandas_rows(frame), log_type, without=())


def test_pandas_reads_a_scan_with_arrow_types(log_type: str):
    frame = scan_of(log_type).to_reader().read_pandas(types_mapper=pandas.ArrowDtype)
    assert_rows(pandas_rows(frame), log_type)


def test_pandas_gives_arrow_types_back_as_they_were(log_type: str):
    table = table_of(log_type)
    frame = table.to_pandas(types_mapper=pandas.ArrowDtype)
    assert pa.Table.from_pandas(frame, schema=table.schema, preserve_index=False) == table


def test_pandas_reads_a_table_with_numpy_types(log_type: str):
    """Numpy has no null: where text or a number is missing in a column stands NaN, which no value is."""
    frame = table_of(log_type).to_pandas(integer_object_nulls=True)
    rows = [{name: None if is_nan(value) else value for name, value in row.items()} for row in pandas_rows(frame)]
    assert_rows(rows, log_type, without=())


def is_nan(value: Any) -> bool:
    return isinstance(value, float) and value != value


def test_pandas_without_options_has_floats_where_an_integer_is_missing(log_type: str):
    """So do structs and lists that hold such integers; all other values are as above."""
    table = table_of(log_type)
    frame = table.to_pandas()
    for field in table.schema:
        values = table[field.name].to_pylist()
        for got, want in zip(frame[field.name], values, strict=True):
            assert same(floats(None if is_nan(got) else plain(got)), floats(plain(want))), field.name
        if pa.types.is_integer(field.type):
            assert frame[field.name].dtype == ("float64" if None in values else field.type.to_pandas_dtype())


def floats(value: Any) -> Any:
    """The value with its integers, at any depth, as floats; missing ones as None."""
    if isinstance(value, dict):
        return {name: floats(member) for name, member in value.items()}
    if isinstance(value, list):
        return [floats(item) for item in value]
    return None if is_nan(value) else float(value) if type(value) is int else value


# ---------------------------------------------------------------- Parquet


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each type, as `write` makes them."""
    folder = tmp_path_factory.mktemp("written")
    for log_type in JSON_LOG_TYPES:
        arrowtrail.write(logs(log_type), folder / log_type, log_type=log_type, row_id_seed=1, batch_rows=50)
    return folder


def parquet_of(written: Path, log_type: str) -> str:
    (path,) = written.glob(f"{log_type}/{log_type}/*.parquet")
    return str(path)


def test_duckdb_reads_written_parquet(written: Path, log_type: str, connection):
    assert_rows(duckdb_rows(connection.read_parquet(parquet_of(written, log_type))), log_type)


def test_polars_reads_written_parquet(written: Path, log_type: str):
    assert_rows(polars.read_parquet(parquet_of(written, log_type)).to_dicts(), log_type)


def test_pandas_reads_written_parquet(written: Path, log_type: str):
    frame = pandas.read_parquet(parquet_of(written, log_type), dtype_backend="pyarrow")
    assert_rows(pandas_rows(frame), log_type)
