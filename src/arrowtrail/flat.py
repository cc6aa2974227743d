"""indicator_table(): the indicators of rows as rows of their own, for a table that is searched by value."""

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .errors import UsageError
from .finding import PREFIX

__all__ = ["FLAT", "indicator_table"]

BATCH_ROWS = 65536
FLAT = pa.schema(
    [
        pa.field("p_row_id", pa.string()),
        pa.field("p_event_time", pa.timestamp("us", tz="UTC")),
        pa.field("p_log_type", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("value", pa.string()),
    ]
)
_OF_ROW = FLAT.names[:3]
_IS_LIST = (pa.types.is_list, pa.types.is_large_list, pa.types.is_null)  # null: pandas gives an empty column so


def indicator_table(table: Any, /) -> Any:
    """The flat view of rows: a row (p_row_id, p_event_time, p_log_type, kind, value) for each of their indicators.

    `table` holds rows as `parse`, `scan` and written files give them: a pyarrow.Table or RecordBatch, which gives a
    pyarrow.Table; or a Scan, or what else has `__arrow_c_stream__`, such as a polars DataFrame, which gives a
    pyarrow.RecordBatchReader and is read batch by batch. `kind` is the name of the `p_any_` column without `p_any_`.
    Rows stand in the order of the table, of one row in that of its columns and lists.

    Raises UsageError where the columns p_row_id, p_event_time, p_log_type or all of p_any_... are missing.

    >>> import arrowtrail
    >>> log = b"2 123456789012 eni-1 10.0.0.7 10.0.0.8 1 2 6 1 40 1714644732 1714644791 ACCEPT OK"
    >>> flat = indicator_table(arrowtrail.parse(log).table)
    >>> list(zip(flat["kind"].to_pylist(), flat["value"].to_pylist()))
    [('ip_addresses', '10.0.0.7'), ('ip_addresses', '10.0.0.8'), ('aws_account_ids', '123456789012')]
    """
    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    if isinstance(table, pa.Table):
        _check(table.schema)
        return pa.Table.from_batches(_flat_batches(table.to_batches()), FLAT)
    if not hasattr(table, "__arrow_c_stream__"):
        hint = "; give its .table" if hasattr(table, "table") else ""
        raise UsageError(f"a table or a stream of record batches is wanted, not {type(table).__name__}{hint}")
    reader = pa.RecordBatchReader.from_stream(table)
    _check(reader.schema)
    return pa.RecordBatchReader.from_batches(FLAT, _flat_batches(reader))


def _check(schema: pa.Schema) -> None:
    missing = [name for name in _OF_ROW if name not in schema.names]
    lists = [field for field in schema if field.name.startswith(PREFIX)]
    if not lists:
        missing.append(f"{PREFIX}...")
    if missing:
        raise UsageError(f"the table lacks {', '.join(missing)}: read it with these among its columns")
    if doubled := [name for name in _OF_ROW if schema.names.count(name) > 1]:
        raise UsageError(f"the table has more than one column {', '.join(doubled)}")
    for field in lists:
        if not any(is_list(field.type) for is_list in _IS_LIST):
            raise UsageError(f"the column {field.name} is {field.type}, and no list")


def _flat_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The flat view of each batch, some thousand rows at a time."""
    for batch in batches:
        for at in range(0, batch.num_rows, BATCH_ROWS):
            yield _flat(batch.slice(at, BATCH_ROWS))


def _flat(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Each kind's values with the rows they are of, and all of these by row; the order within one stays."""
    rows, kinds, values = [pa.array([], pa.int64())], [pa.array([], pa.string())], [pa.array([], pa.string())]
    for name in batch.schema.names:
        if name.startswith(PREFIX) and (lists := batch.column(name)).null_count < len(lists):
            texts = pc.list_flatten(lists).cast(pa.string())
            rows.append(pc.list_parent_indices(lists).filter(texts.is_valid()))
            values.append(texts.drop_null())
            kinds.append(pa.repeat(name.removeprefix(PREFIX), len(values[-1])))
    row = pa.concat_arrays(rows)
    order = pc.array_sort_indices(row)  # stable
    of_row = [batch.column(name).cast(FLAT.field(name).type, safe=False).take(row.take(order)) for name in _OF_ROW]
    found = [pa.concat_arrays(kinds).take(order), pa.concat_arrays(values).take(order)]
    return pa.RecordBatch.from_arrays([*of_row, *found], schema=FLAT)
