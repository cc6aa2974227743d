"""The speeds to reach: per core, beside a peer in the same run, with no row lost or wrong."""

from __future__ import annotations

from typing import NamedTuple


class Goal(NamedTuple):
    """`least` and `stretch` are ratios to the peer, or where `unit` is given, at most so many of it.

    `indicators` is the mode in which the work is done.
    """

    work: str
    peer: str
    least: float
    stretch: float
    unit: str = "x"
    indicators: str = "extended"

    def reached(self, value: float) -> str:
        if self.unit != "x":
            return "stretch" if value <= self.stretch else "yes" if value <= self.least else "NO"
        return "stretch" if value >= self.stretch else "yes" if value >= self.least else "NO"


READ = {
    "AWS.VPCFlow": [Goal("VPC flow v2, header, indicators extended", "pyarrow", 3.5, 4.5)],
    "AWS.ALB": [Goal("ALB, 33 fields, indicators extended", "duckdb", 6, 8)],
    "AWS.S3ServerAccess": [Goal("S3 server access, indicators extended", "duckdb", 6, 8)],
    "AWS.AuroraMySQLAudit": [Goal("Aurora audit, indicators extended", "pyarrow", 3, 4)],
    "AWS.CloudTrail": [
        Goal('CloudTrail {"Records":[...]}, indicators panther', "msgspec", 5, 7, indicators="panther"),
        Goal('CloudTrail {"Records":[...]}, indicators extended', "msgspec", 4, 5),
    ],
    "AWS.WAFWebACL": [Goal("WAF NDJSON, indicators extended", "duckdb", 2.5, 3.5)],
    "AWS.VPCDns": [Goal("VPC DNS NDJSON, indicators extended", "duckdb", 2.5, 3.5)],
    "AWS.GuardDuty": [Goal("GuardDuty NDJSON, indicators extended", "duckdb", 2, 3)],
}
EXTRACT = Goal("text indicators alone, ALB lines", "polars", 8, 12)
SAME_COLUMNS = Goal("64 gz VPC flow -> zstd Parquet, the same 14 columns, CPU", "polars", 1.5, 2)
WHOLE_SCHEMA = Goal("64 gz VPC flow -> zstd Parquet, whole schema, CPU", "polars", 1.1, 1.4)
TRAIL_FILES = Goal("64 gz CloudTrail -> zstd Parquet, whole schema, CPU", "msgspec", 3, 4)
MEMORY = Goal("peak memory while converting VPC flow, two threads", "polars", 120, 100, "MB")
THREADS = Goal("two threads on many files, CPU-time based", "one thread", 1.8, 1.95)
THREADS_OF_A_FILE = Goal("two threads on one large file, CPU-time based", "one thread", 1.8, 1.95)
IMPORT = Goal("import arrowtrail and one name used, over import pyarrow", "pyarrow", 20, 5, "ms")


def verdict(row: dict) -> str:
    """Whether a measured row reaches its goal; one that loses a row or gets it wrong reaches none."""
    if "value" not in row:
        return "NO"
    return Goal(**row["goal"]).reached(row["value"]) if row.get("sound", True) else "NO (rows lost or wrong)"
