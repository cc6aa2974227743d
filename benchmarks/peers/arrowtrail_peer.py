"""arrowtrail itself, through its public API, one thread unless told otherwise."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

import arrowtrail

arrowtrail.scan  # noqa: B018 (loads the engine now, outside of what is timed)
NAME = f"arrowtrail {arrowtrail.__version__}"


def supports(log_type: str) -> bool:
    return log_type in arrowtrail.log_types()


def read(path: Path, log_type: str, indicators: str = "extended", threads: int = 1) -> pa.Table:
    return arrowtrail.scan(path, log_type, indicators=indicators, threads=threads).to_table()


def stream(paths: list[Path], log_type: str, indicators: str = "extended", threads: int = 1) -> int:
    """Reads every batch and drops it again; how many rows there were."""
    return sum(batch.num_rows for batch in arrowtrail.scan(paths, log_type, indicators=indicators, threads=threads))


def convert(paths: list[Path], out: Path, log_type: str, columns: list[str] | None, threads: int = 1) -> None:
    """Parquet, zstd, with indicators extended; `columns` None: the whole schema."""
    options = {} if columns is None else {"columns": columns}
    arrowtrail.write(paths, out, log_type=log_type, threads=threads, **options)


def extract(path: Path) -> pa.Table:
    """Only the indicators of each line, found anywhere in it."""
    text = arrowtrail.LogType.load(Path(__file__).with_name("any_text.toml"))
    return arrowtrail.scan(path, text, columns=_FOUND, threads=1).to_table()


_FOUND = [f"p_any_{kind}" for kind in ("ip_addresses", "domain_names", "sha256_hashes", "aws_arns", "emails")]
