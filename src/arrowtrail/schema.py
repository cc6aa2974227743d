"""LogType -> Arrow schema; units, descriptions and indicators travel as field metadata."""

from collections.abc import Sequence
from functools import lru_cache

import pyarrow as pa

from .catalog import find
from .errors import UnknownColumn, UsageError
from .logtype import Column, LogType
from .tablefile import output_columns
from .vocabulary import Type, parse_type

__all__ = ["REJECTED", "SCALARS", "arrow_schema", "output_columns", "schema"]

REJECTED = pa.schema(
    [
        pa.field("source", pa.string()),
        pa.field("log_type", pa.string()),
        pa.field("record", pa.int64()),
        pa.field("line", pa.int64()),
        pa.field("offset", pa.int64()),
        pa.field("length", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("column", pa.string()),
        pa.field("message", pa.string()),
        pa.field("raw", pa.binary()),
    ]
)

SCALARS = {
    "string": pa.string(),
    "json": pa.string(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def schema(log_type: str | LogType, columns: Sequence[str] | None = None) -> pa.Schema:
    """The Arrow schema of a log type's rows, always the same for a type.

    `columns` keeps these only, in the schema's own order. A field's metadata holds `description`, and
    where they apply `unit`, `required`, `indicators` (its scanners) and `content` (`json`: raw JSON text).
    Members of structs have the last three in their own metadata.
    Raises UnknownLogType or UnknownColumn, which name the nearest.

    >>> schema("AWS.ALB").field("clientPort").type
    DataType(int64)
    """
    return arrow_schema(find(log_type), columns)


def arrow_schema(log_type: LogType, columns: Sequence[str] | None = None) -> pa.Schema:
    """As `schema`, of a LogType."""
    if isinstance(columns, str):
        raise UsageError(f"columns must be a list of names, not the text {columns!r}")
    return _schema(log_type, None if columns is None else tuple(columns))


@lru_cache(maxsize=256)
def _schema(log_type: LogType, columns: tuple[str, ...] | None) -> pa.Schema:
    fields = [_field(column) for column in select(log_type, columns)]
    return pa.schema(fields, metadata={"log_type": log_type.name, "about": log_type.about})


def select(log_type: LogType, columns: Sequence[str] | None) -> tuple[Column, ...]:
    """The output columns of these names (None: all), in the schema's order; raises UnknownColumn."""
    every = output_columns(log_type)
    if columns is None:
        return every
    names = [column.name for column in every]
    for name in columns:
        if name not in names:
            raise UnknownColumn(name, log_type.name, names)
    if not columns:
        raise UsageError("columns is empty: name at least one, or leave it out for all")
    return tuple(column for column in every if column.name in columns)


def arrow_type(kind: Type, column: Column | None = None, above: str = "") -> pa.DataType:
    """The Arrow type of a table's type; of a column's type the struct members have metadata too.

    `above` is the path that leads here, ending in "." unless it is empty.
    """
    if kind.kind == "list":
        return pa.list_(arrow_type(kind.children[0][1], column, above))
    if kind.kind == "struct":
        return pa.struct([_member_field(name, member, column, above + name) for name, member in kind.children])
    return SCALARS[kind.kind]


def _member_field(name: str, kind: Type, column: Column | None, path: str) -> pa.Field:
    stated = column.member(path) if column is not None else None
    metadata = _metadata(kind, bool(stated and stated.required), stated.indicators if stated else ())
    return pa.field(name, arrow_type(kind, column, f"{path}."), metadata=metadata or None)


def _field(column: Column) -> pa.Field:
    kind = parse_type(column.type)
    metadata = {"description": column.about}
    if column.unit is not None:
        metadata["unit"] = column.unit
    metadata |= _metadata(kind, column.required, column.indicators)
    return pa.field(column.name, arrow_type(kind, column), metadata=metadata)


def _metadata(kind: Type, required: bool | str, indicators: Sequence[str]) -> dict[str, str]:
    metadata = {}
    if required:
        metadata["required"] = "true" if required is True else str(required)
    if indicators:
        metadata["indicators"] = ",".join(indicators)
    if kind.kind == "json":
        metadata["content"] = "json"
    return metadata
