"""One small file per competitor, set up as its best user would: types declared, nulls named, one thread.

Each module has `NAME` and the same two functions:

    supports(log_type) -> bool
    read(path, log_type) -> pyarrow.Table      all columns, parsed, held as a whole

and those that convert folders have `convert(paths, out, log_type, columns)`. A column that has a name of
ours holds what ours holds; where a peer can only give something else (the text around a time, SQL without
its quotes) its column has another name, and the comparison with the truth leaves it out. JSON that a peer writes
anew, with the same meaning, it names in `RESPELLED`: left out too.
"""

from __future__ import annotations

import importlib
from types import ModuleType

NAMES = ("arrowtrail", "pyarrow", "duckdb", "polars", "msgspec")
# Which of them read a log type at all, so that no process is started in vain; the first is the one to beat.
RIVALS = {
    "AWS.VPCFlow": ("pyarrow", "duckdb", "polars"),
    "AWS.ALB": ("duckdb", "pyarrow", "polars"),
    "AWS.S3ServerAccess": ("duckdb",),
    "AWS.AuroraMySQLAudit": ("pyarrow", "duckdb"),
    "AWS.CloudTrail": ("msgspec",),
    "AWS.WAFWebACL": ("duckdb",),
    "AWS.VPCDns": ("duckdb",),
    "AWS.GuardDuty": ("duckdb",),
}


def load(name: str) -> ModuleType:
    """The module of a peer; imports the competitor itself, so call it in the process that measures."""
    return importlib.import_module(f"benchmarks.peers.{name}_peer")
