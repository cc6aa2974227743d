"""How many rows a reader got right: speed that loses rows is no speed."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc


def compare(table: pa.Table, truth: pa.Table, without: Collection[str] = ()) -> dict:
    """Rows of `table` beside the truth, by the columns that both have, `without` some.

    `right` rows have every compared value right, wherever they stand; `wrong` rows came out but are no row
    of the truth; `lost` is how many came out too few (negative: too many). `columns` names those with wrong
    values and how many, when no row is missing.
    """
    names = [name for name in truth.column_names if has(table.schema, name) and name not in without]
    expected = truth.select(names)
    found = pa.table({name: flat(table, name) for name in names}).cast(expected.schema)
    right = _common_rows(found, expected)
    report = {"rows": len(found), "right": right, "wrong": len(found) - right, "lost": len(expected) - len(found)}
    report["compared"] = len(names)
    if len(found) == len(expected) and right < len(found):
        counts = {name: _different(found[name], expected[name]) for name in names}
        report["columns"] = {name: count for name, count in counts.items() if count}
    return report


def has(schema: pa.Schema, path: str) -> bool:
    """Whether there is such a column, or such a member of a struct or of the structs in a list."""
    kind: pa.DataType = pa.struct(list(schema))
    for name in path.split("."):
        kind = kind.value_type if _is_list(kind) else kind
        if not pa.types.is_struct(kind) or kind.get_field_index(name) < 0:
            return False
        kind = kind.field(name).type
    return True


def flat(table: pa.Table, path: str) -> pa.ChunkedArray:
    """The values at a dotted path; those of a list are texts, joined to one, one a line."""
    column, *members = path.split(".")
    return pa.chunked_array([_flat(chunk, members) for chunk in table[column].chunks] or [pa.nulls(0)])


def _flat(array: pa.Array, members: list[str]) -> pa.Array:
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if _is_list(array.type):
        return _joined(array, members)
    return _flat(pc.struct_field(array, members[0]), members[1:]) if members else array


def _joined(array: pa.Array, members: list[str]) -> pa.Array:
    elements = pc.fill_null(_flat(pc.list_flatten(array), members).cast(pa.string()), "")
    lengths = pc.fill_null(pc.list_value_length(array), 0)
    ends = pc.cumulative_sum(lengths).cast(pa.int32())
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    lists = pa.ListArray.from_arrays(offsets, elements, mask=array.is_null())
    return pc.binary_join(lists, "\n")


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind)


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
