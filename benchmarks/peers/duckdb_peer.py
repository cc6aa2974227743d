"""duckdb read_csv and read_json with declared types, short rows padded with nulls, one thread."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa

import arrowtrail
from arrowtrail.catalog import builtin
from benchmarks.peers.fields import EPOCHS, FIELDS

NAME = f"duckdb {duckdb.__version__}"
_KINDS = {"string": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "time": "TIMESTAMPTZ", "clf": "TIMESTAMP"}
_JSON = ("AWS.WAFWebACL", "AWS.VPCDns", "AWS.GuardDuty")
_ARROW = {
    **{"string": "VARCHAR", "bool": "BOOLEAN", "int8": "TINYINT", "int16": "SMALLINT", "int32": "INTEGER"},
    **{"int64": "BIGINT", "float": "FLOAT", "double": "DOUBLE"},
}
_SPACED = {"sep": " ", "quotechar": '"', "escapechar": '"', "na_values": ["-"]}
_OPTIONS = {
    "AWS.VPCFlow": {"sep": " ", "quotechar": "", "escapechar": "", "na_values": ["-", "unknown"], "skiprows": 1},
    "AWS.ALB": _SPACED,
    # strict_mode=False: a raw quote in a user agent costs the whole query otherwise, or with ignore_errors
    # nearly every row behind it.
    "AWS.S3ServerAccess": {**_SPACED, "strict_mode": False, "timestamp_format": "[%d/%b/%Y:%H:%M:%S"},
    "AWS.AuroraMySQLAudit": {
        "sep": ",",
        "quotechar": "'",
        "escapechar": "\\",
        "na_values": ["", "-"],
        "strict_mode": False,
    },
}


def supports(log_type: str) -> bool:
    return log_type in _OPTIONS or log_type in _JSON


def read(path: Path, log_type: str) -> pa.Table:
    if log_type in _JSON:
        columns = _members(log_type)
        relation = _connection().read_json(str(path), columns=columns, format="newline_delimited")
    else:
        relation = _connection().read_csv(
            str(path),
            columns={name: _KINDS[kind] for name, kind in FIELDS[log_type].items()},
            header=False,
            auto_detect=False,
            null_padding=True,
            **_OPTIONS[log_type],
        )
    epochs = EPOCHS.get(log_type)
    if epochs:
        makers = {"s": "to_timestamp({})", "us": "make_timestamp({})", "ms": "make_timestamp({} * 1000)"}
        changed = ", ".join(f"{makers[unit].format(_quoted(name))} AS {_quoted(name)}" for name, unit in epochs.items())
        relation = relation.select(f"* REPLACE ({changed})")
    return relation.to_arrow_table()


@lru_cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _members(log_type: str) -> dict[str, str]:
    """The members of a record that are columns of ours, with their types in duckdb's words."""
    own = {column.name for column in builtin()[log_type].columns if column.source == column.name}
    members = {field.name: _type(field) for field in arrowtrail.schema(log_type) if field.name in own}
    return members | dict.fromkeys(EPOCHS.get(log_type, ()), "BIGINT")


def _type(field: pa.Field) -> str:
    kind = field.type
    if (field.metadata or {}).get(b"content") == b"json":
        return "JSON"
    if pa.types.is_list(kind):
        return _type(kind.value_field) + "[]"
    if pa.types.is_struct(kind):
        return "STRUCT(" + ", ".join(f"{_quoted(member.name)} {_type(member)}" for member in kind) + ")"
    return "TIMESTAMPTZ" if pa.types.is_timestamp(kind) else _ARROW[str(kind)]


def _quoted(name: str) -> str:
    return f'"{name}"'
