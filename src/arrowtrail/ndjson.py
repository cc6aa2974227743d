"""Batches -> JSON lines: the rows of `dicts.py`, written with the texts of their json columns as they are."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa

from .dicts import is_json, row_blocks, row_maker

__all__ = ["json_lines"]

_Writer = Callable[[Any], str]
_NO_BREAKS = str.maketrans("\r\n", "  ")
_quoted: Callable[[str], str] = json.encoder.encode_basestring
_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def json_lines(batch: pa.RecordBatch) -> bytes:
    """Every row as one line of UTF-8 JSON, as `arrowtrail.rows` gives it; json columns keep their spelling.

    >>> json_lines(pa.record_batch({"a": ["x", None], "n": [1, 2]}))
    b'{"a":"x","n":1}\\n{"n":2}\\n'
    """
    write = _object_writer(batch.schema)
    blocks = row_blocks(row_maker(batch.schema, None), batch)
    return "".join([write(row) + "\n" for block in blocks for row in block]).encode()


def _object_writer(fields: Iterable[pa.Field]) -> _Writer:
    """What turns a dict with values of these fields into JSON text."""
    writers = {field.name: (_quoted(field.name) + ":", _writer(field)) for field in fields}

    def write(value: dict[str, Any]) -> str:
        return "{" + ",".join([writers[name][0] + writers[name][1](member) for name, member in value.items()]) + "}"

    return write


def _writer(field: pa.Field) -> _Writer:
    """What turns a value of the field into JSON text."""
    if is_json(field):
        return _raw
    if not _holds_json(field):
        if pa.types.is_integer(field.type):
            return str
        return _quoted if field.type == pa.string() or pa.types.is_timestamp(field.type) else _encoded
    if pa.types.is_struct(field.type):
        return _object_writer(field.type)
    item = _writer(field.type.value_field)
    return lambda value: "[" + ",".join(["null" if each is None else item(each) for each in value]) + "]"


def _holds_json(field: pa.Field) -> bool:
    """Whether JSON texts are among the field's values, at any depth."""
    if pa.types.is_list(field.type):
        return _holds_json(field.type.value_field)
    return is_json(field) or (pa.types.is_struct(field.type) and any(map(_holds_json, field.type)))


def _raw(value: str) -> str:
    """JSON text, on one line: outside of its strings a line break is a blank."""
    return value.translate(_NO_BREAKS) if "\n" in value or "\r" in value else value
