"""Batches -> JSON lines: nulls left out, timestamps as text, json columns as the JSON they hold."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

__all__ = ["json_lines"]

_quoted: Callable[[str], str] = json.encoder.encode_basestring
_NO_BREAKS = str.maketrans("\r\n", "  ")
SLICE_ROWS = 4096


def json_lines(batch: pa.RecordBatch) -> bytes:
    """Every row as one line of UTF-8 JSON, its members in the order of the columns.

    Timestamps are written `YYYY-MM-DD hh:mm:ss.nnnnnnnnn`, in UTC.

    >>> json_lines(pa.record_batch({"a": ["x", None], "n": [1, 2]}))
    b'{"a":"x","n":1}\\n{"n":2}\\n'
    """
    parts = (_lines(batch.slice(at, SLICE_ROWS)) for at in range(0, batch.num_rows, SLICE_ROWS))
    return "".join(parts).encode()


def _lines(batch: pa.RecordBatch) -> str:
    rows: list[list[str]] = [[] for _ in range(batch.num_rows)]
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if column.null_count == len(column):
            continue
        name = _quoted(field.name) + ":"
        for row, text in zip(rows, _texts(field, column), strict=True):
            if text is not None:
                row.append(name + text)
    return "".join(["{" + ",".join(row) + "}\n" for row in rows])


def _texts(field: pa.Field, column: pa.Array) -> Iterator[str | None]:
    """Each value of a column as JSON text."""
    if pa.types.is_timestamp(field.type):
        return (value and f'"{value}000"' for value in _naive(column).to_pylist())
    values = column.to_pylist()
    if field.type == pa.string():
        if (field.metadata or {}).get(b"content") == b"json":
            return (value and value.translate(_NO_BREAKS) for value in values)
        return (None if value is None else _quoted(value) for value in values)
    return (None if value is None else json.dumps(_plain(value), ensure_ascii=False) for value in values)


def _naive(column: pa.Array) -> pa.Array:
    """Microseconds as text in UTC, without a zone (and so without a zone data base)."""
    return column.cast(pa.int64()).cast(pa.timestamp("us")).cast(pa.string())


def _plain(value: Any) -> Any:
    """A nested value without the nulls of its structs."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
