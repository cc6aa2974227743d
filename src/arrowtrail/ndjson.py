"""Batches -> JSON lines: nulls left out, timestamps as text, json columns as the JSON they hold."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

__all__ = ["json_lines"]

SLICE_ROWS = 4096
_NO_BREAKS = str.maketrans("\r\n", "  ")
_quoted: Callable[[str], str] = json.encoder.encode_basestring
_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def json_lines(batch: pa.RecordBatch) -> bytes:
    """Every row as one line of UTF-8 JSON, its members in the order of the columns.

    Timestamps are written `YYYY-MM-DD hh:mm:ss.nnnnnnnnn`, in UTC.

    >>> json_lines(pa.record_batch({"a": ["x", None], "n": [1, 2]}))
    b'{"a":"x","n":1}\\n{"n":2}\\n'
    """
    parts = (_lines(batch.slice(at, SLICE_ROWS)) for at in range(0, batch.num_rows, SLICE_ROWS))
    return "".join(parts).encode()


def _lines(batch: pa.RecordBatch) -> str:
    columns = [
        _members(field, column)
        for field, column in zip(batch.schema, batch.columns, strict=True)
        if column.null_count < len(column)
    ]
    if not columns:
        return "{}\n" * len(batch)
    return "".join(["{" + ",".join(filter(None, row)) + "}\n" for row in zip(*columns, strict=True)])


def _members(field: pa.Field, column: pa.Array) -> Iterator[str | None]:
    """Each value of a column as a member of its row's object; None for null."""
    name = _quoted(field.name) + ":"
    if pa.types.is_timestamp(field.type):
        # Microseconds as text without a zone, so that no zone data base is asked.
        texts = column.cast(pa.int64()).cast(pa.timestamp("us")).cast(pa.string()).to_pylist()
        return (None if text is None else f'{name}"{text}000"' for text in texts)
    as_text = _writer(field)
    return (None if value is None else name + as_text(value) for value in column.to_pylist())


def _writer(field: pa.Field) -> Callable[[Any], str]:
    """What turns a value of the field into JSON text."""
    if field.type == pa.string():
        return _raw if (field.metadata or {}).get(b"content") == b"json" else _quoted
    if pa.types.is_integer(field.type):
        return str
    return _nested if pa.types.is_nested(field.type) else _encoded


def _raw(value: str) -> str:
    """JSON text, on one line: outside of its strings a line break is a blank."""
    return value.translate(_NO_BREAKS)


def _nested(value: Any) -> str:
    return _encoded(_plain(value))


def _plain(value: Any) -> Any:
    """A nested value without the nulls of its structs."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
