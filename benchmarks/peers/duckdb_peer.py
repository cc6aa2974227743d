"""duckdb read_csv with declared types, short rows padded with nulls, one thread."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.peers.fields import EPOCHS, FIELDS

NAME = f"duckdb read_csv {duckdb.__version__}"
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
    return log_type in _OPTIONS


def read(path: Path, log_type: str) -> pa.Table:
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
        makers = {"s": "to_timestamp({})", "us": "make_timestamp({})"}
        changed = ", ".join(f"{makers[unit].format(_quoted(name))} AS {_quoted(name)}" for name, unit in epochs.items())
        relation = relation.select(f"* REPLACE ({changed})")
    return relation.to_arrow_table()


@lru_cache
def _connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _quoted(name: str) -> str:
    return f'"{name}"'
