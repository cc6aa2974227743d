"""How many rows a reader got right: speed that loses rows is no speed."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def compare(table: pa.Table, truth: pa.Table) -> dict:
    """Rows of `table` beside the truth, by the columns that both have.

    `right` rows have every compared value right, wherever they stand; `wrong` rows came out but are no row
    of the truth; `lost` is how many came out too few (negative: too many). `columns` names those with wrong
    values and how many, when no row is missing.
    """
    names = [name for name in truth.column_names if name.partition(".")[0] in table.column_names]
    expected = truth.select(names)
    found = pa.table([_values(table, name) for name in names], names).cast(expected.schema)
    right = _common_rows(found, expected)
    report = {"rows": len(found), "right": right, "wrong": len(found) - right, "lost": len(expected) - len(found)}
    report["compared"] = len(names)
    if len(found) == len(expected) and right < len(found):
        counts = {name: _different(found[name], expected[name]) for name in names}
        report["columns"] = {name: count for name, count in counts.items() if count}
    return report


def _values(table: pa.Table, path: str) -> pa.ChunkedArray:
    """A column, or a member of its structs."""
    column, *members = path.split(".")
    return pc.struct_field(table[column], members) if members else table[column]


def _common_rows(found: pa.Table, expected: pa.Table) -> int:
    import duckdb

    connection = duckdb.connect()
    connection.register("found", found)
    connection.register("expected", expected)
    query = "SELECT count(*) FROM (SELECT * FROM found INTERSECT ALL SELECT * FROM expected)"
    return connection.execute(query).fetchall()[0][0]


def _different(found: pa.ChunkedArray, expected: pa.ChunkedArray) -> int:
    differs = pc.or_(pc.xor(found.is_null(), expected.is_null()), pc.fill_null(pc.not_equal(found, expected), False))
    return pc.sum(differs).as_py() or 0
