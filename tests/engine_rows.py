"""The engine's output and the oracle's in one form, so that tests can say `==`.

The only place in the tests that knows how Plan, Reader and the capsules fit together.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import oracle
from oracle.json_tables import load_json_tables
from oracle.tables import load_tables

PARSE_TIME_US = 1_714_644_672_000_001
STREAMS = {name: bytes([number]) * 9 + b"\xfe" for number, name in enumerate([*load_tables(), *load_json_tables()])}
REJECTED = ("record", "line", "offset", "length", "log_type", "reason", "column", "raw")


@dataclass
class Found:
    """What reading one input gave. Times are microseconds, floats hexadecimal (so -0.0 is not 0.0)."""

    columns: dict[str, dict[str, list[Any]]]  # log type -> column -> a value for each row
    rejected: list[dict[str, Any]]
    warnings: dict[str, int]
    counts: dict[str, int]
    log_types: list[str] = field(default_factory=list)


def oracle_rows(data: bytes, log_type: str | None = None, *, columns: list[str] | None = None, **options) -> Found:
    """As the oracle reads it."""
    outcome = oracle.read(data, log_type, columns=columns, stream=STREAMS, parse_time_us=PARSE_TIME_US, **options)
    by_type: dict[str, list[dict[str, Any]]] = {}
    for name, row in outcome.rows:
        by_type.setdefault(name, []).append(row)
    counts = {"records": outcome.records, "rows": len(outcome.rows), "blank": outcome.blank, "headers": outcome.headers}
    return Found(
        columns={name: columns_of(rows) for name, rows in by_type.items()},
        rejected=outcome.rejected,
        warnings=dict(outcome.warnings),
        counts=counts,
        log_types=outcome.log_types,
    )


def columns_of(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [as_found(row[name]) for row in rows] for name in rows[0]}


def as_found(value: Any) -> Any:
    """A value with its floats, at any depth, as `Found` has them."""
    if isinstance(value, dict):
        return {name: as_found(member) for name, member in value.items()}
    if isinstance(value, list):
        return [as_found(item) for item in value]
    return value.hex() if isinstance(value, float) else value


def engine_rows(
    chunks: bytes | Iterable[bytes],
    log_type: str | None = None,
    *,
    indicators: str = "extended",
    columns: list[str] | None = None,
    unmapped: bool = True,
    header: str | None = None,
    **limits: Any,
) -> Found:
    """As the engine reads it, from chunks cut anywhere."""
    from arrowtrail._native import Reader
    from arrowtrail.catalog import builtin
    from arrowtrail.plan import foreign_plans, native_plan
    from arrowtrail.schema import arrow_schema

    names = [log_type] if log_type else [*load_tables(), *load_json_tables()]
    types = [builtin()[name] for name in names]
    kept = [columns_of_type(name, columns) for name in names]
    plans = [
        native_plan(found, columns=wanted, indicators=indicators, unmapped=unmapped)
        for found, wanted in zip(types, kept, strict=True)
    ]
    source = {name: limits.pop(name, None) for name in ("source_id", "source_label")}
    reader = Reader(
        plans,
        given=log_type is not None,
        stream_ids=[STREAMS[name] for name in names],
        parse_time_us=PARSE_TIME_US,
        foreign=foreign_plans(),
        header=header,
        **source,
        **limits,
    )
    batches = []
    for chunk in [chunks] if isinstance(chunks, bytes) else chunks:
        reader.feed(chunk)
        batches += reader.take()
    reader.finish()
    batches += reader.take()
    schemas = [arrow_schema(*pair) for pair in zip(types, kept, strict=True)]
    return found_in(reader, names, schemas, batches)


def columns_of_type(log_type: str, columns: list[str] | None) -> list[str] | None:
    schema = {**load_tables(), **load_json_tables()}[log_type].schema
    return columns and [name for name in schema if name in columns]


def found_in(reader: Any, names: list[str], schemas: list, batches: list) -> Found:
    import pyarrow as pa

    from arrowtrail.schema import REJECTED as REJECTED_SCHEMA

    gathered: dict[str, list[pa.RecordBatch]] = {}
    for number, array in batches:
        gathered.setdefault(names[number], []).append(imported(schemas[number], array))
    array = reader.take_rejected()
    rejected = imported(REJECTED_SCHEMA, array).to_pylist() if array is not None else []
    counts = reader.counts
    assert counts["records"] == counts["rows"] + sum(counts["rejected"].values())
    assert sum(counts["rejected"].values()) == len(rejected)
    assert all(row["message"] for row in rejected)
    return Found(
        columns={name: table_columns(pa.Table.from_batches(found)) for name, found in gathered.items()},
        rejected=[{name: row[name] for name in REJECTED} for row in rejected],
        warnings=counts["warnings"],
        counts={name: counts[name] for name in ("records", "rows", "blank", "headers")},
        log_types=sorted(names[number] for number in reader.log_types),
    )


def imported(schema: Any, array: Any) -> Any:
    """The record batch of a finished array, checked in full."""
    import pyarrow as pa

    batch = pa.RecordBatch._import_from_c(array.address, schema)
    batch.validate(full=True)
    assert batch.num_rows == array.num_rows
    return batch


def table_columns(table: Any) -> dict[str, list[Any]]:
    columns = zip(table.column_names, table.columns, strict=True)
    return {name: as_found(column.cast(without_times(column.type)).to_pylist()) for name, column in columns}


def without_times(kind: Any) -> Any:
    """The Arrow type with int64 for its timestamps, at any depth."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return pa.int64()
    if pa.types.is_list(kind):
        return pa.list_(without_times(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, without_times(field.type)) for field in kind])
    return kind


def assert_same(engine: Found, expected: Found) -> None:
    """Equal in all but messages; the first difference is what the failure shows."""
    assert engine.counts == expected.counts
    assert engine.rejected == expected.rejected
    assert engine.columns.keys() == expected.columns.keys()
    for log_type, columns in expected.columns.items():
        assert engine.columns[log_type].keys() == columns.keys()
        for name, values in columns.items():
            got = engine.columns[log_type][name]
            for number, (left, right) in enumerate(zip(got, values, strict=True)):
                assert left == right, f"{log_type} {name}, row {number}: engine {left!r}, oracle {right!r}"
    assert engine.warnings == expected.warnings
    assert engine.log_types == expected.log_types
