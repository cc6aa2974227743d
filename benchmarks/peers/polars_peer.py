"""polars scan_csv with a schema; POLARS_MAX_THREADS=1 is set by whoever starts the process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from benchmarks.logs import LOGS
from benchmarks.peers.fields import EPOCHS, FIELDS

if TYPE_CHECKING:
    import pyarrow as pa  # not at run time: its 60 MB would count where polars alone is measured

NAME = f"polars scan_csv {pl.__version__}"
_KINDS = {"int": pl.Int64, "float": pl.Float64}
_OPTIONS = {
    "AWS.VPCFlow": {"separator": " ", "quote_char": None, "null_values": ["-", "unknown"], "has_header": True},
    "AWS.ALB": {"separator": " ", "quote_char": '"', "null_values": ["-"], "missing_columns": "insert"},
}


def supports(log_type: str) -> bool:
    """Not Aurora: the reader has no escape character. Not S3: raw quotes end its file."""
    return log_type in _OPTIONS


def scan(paths: list[Path], log_type: str) -> pl.LazyFrame:
    fields = FIELDS[log_type]
    options = {"has_header": False, **_OPTIONS[log_type]}
    names = LOGS[log_type].FRAME.header.split() or list(fields)
    kinds = [_KINDS.get(kind, pl.String) for kind in fields.values()]
    frame = pl.scan_csv(paths, schema=dict(zip(names, kinds, strict=True)), **options).rename(
        dict(zip(names, fields, strict=True)), strict=False
    )
    times = [
        pl.col(name).str.to_datetime("%+", time_unit="us", time_zone="UTC")
        for name, kind in fields.items()
        if kind == "time"
    ]
    epochs = EPOCHS.get(log_type, {})
    times += [pl.from_epoch(name, unit).cast(pl.Datetime("us", "UTC")) for name, unit in epochs.items()]
    return frame.with_columns(times)


def read(path: Path, log_type: str) -> pa.Table:
    return scan([path], log_type).collect().to_arrow()


def extract(path: Path) -> pa.Table:
    """Five lists a line, as five regular expressions find them; no duplicates dropped, no names checked."""
    lines = pl.scan_csv(path, has_header=False, separator="\x01", quote_char=None, schema={"line": pl.String})
    found = [pl.col("line").str.extract_all(pattern).alias(name) for name, pattern in _PATTERNS.items()]
    return lines.select(found).collect().to_arrow()


_PATTERNS = {
    "ip_addresses": r"\b(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\b",
    "domain_names": r"\b(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,18}\b",
    "sha256_hashes": r"\b[0-9a-fA-F]{64}\b",
    "aws_arns": r"\barn:[^\s\"',;)\]}>]+",
    "emails": r"\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,18}\b",
}


def convert(paths: list[Path], out: Path, log_type: str, columns: list[str] | None) -> None:
    """One Parquet file, zstd, as `sink_parquet` writes it on its streaming engine."""
    frame = scan(paths, log_type)
    if columns:
        frame = frame.select(columns)
    frame.sink_parquet(out / "all.parquet", compression="zstd", mkdir=True)
