"""duckdb read_csv and read_json with declared types, one thread; short rows of CSV are padded with nulls."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.peers.fields import EPOCHS, FIELDS
from benchmarks.peers.json_fields import JSON_FIELDS

NAME = f"duckdb {duckdb.__version__}"
RESPELLED = ("resource", "service.additionalInfo", "service.action")  # JSON without the source's escapes and spaces
_TIMES = {
    "s": "to_timestamp({})",
    "ms": "epoch_ms({})::TIMESTAMPTZ",
    "us": "make_timestamp({})",
}
_KINDS = {"string": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "time": "TIMESTAMPTZ", "clf": "TIMESTAMP"}
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
    return log_type in _OPTIONS or log_type in JSON_FIELDS


def read(path: Path, log_type: str) -> pa.Table:
    relation = _json(path, log_type) if log_type in JSON_FIELDS else _csv(path, log_type)
    epochs = EPOCHS.get(log_type)
    if epochs:
        changed = ", ".join(f"{_TIMES[unit].format(_quoted(name))} AS {_quoted(name)}" for name, unit in epochs.items())
        relation = relation.select(f"* REPLACE ({changed})")
    return relation.to_arrow_table()


def _csv(path: Path, log_type: str) -> duckdb.DuckDBPyRelation:
    return _connection().read_csv(
        str(path),
        columns={name: _KINDS[kind] for name, kind in FIELDS[log_type].items()},
        header=False,
        auto_detect=False,
        null_padding=True,
        **_OPTIONS[log_type],
    )


def _json(path: Path, log_type: str) -> duckdb.DuckDBPyRelation:
    """`maximum_object_size` makes no difference (256 KB to 16 MB: within 3 %)."""
    return _connection().read_json(str(path), columns=JSON_FIELDS[log_type], format="newline_delimited")


@lru_cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _quoted(name: str) -> str:
    return f'"{name}"'
