"""pyarrow.csv given the schema, one thread."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from benchmarks.peers.fields import EPOCHS, FIELDS

NAME = f"pyarrow.csv {pa.__version__}"
_KINDS = {"string": pa.string(), "int": pa.int64(), "float": pa.float64(), "time": pa.timestamp("us", "UTC")}
_PARSE = {
    "AWS.VPCFlow": csv.ParseOptions(delimiter=" ", quote_char=False),
    "AWS.ALB": csv.ParseOptions(delimiter=" ", quote_char='"', invalid_row_handler=lambda row: "skip"),
    "AWS.AuroraMySQLAudit": csv.ParseOptions(delimiter=",", quote_char="'", double_quote=False, escape_char="\\"),
}
_NULLS = {"AWS.VPCFlow": ["-", "unknown"], "AWS.ALB": ["-"], "AWS.AuroraMySQLAudit": ["", "-"]}


def supports(log_type: str) -> bool:
    """Not S3: its rows differ in length, and pyarrow.csv drops the short ones."""
    return log_type in _PARSE


def read(path: Path, log_type: str) -> pa.Table:
    pa.set_cpu_count(1)
    fields = FIELDS[log_type]
    header = log_type == "AWS.VPCFlow"
    table = csv.read_csv(
        path,
        read_options=csv.ReadOptions(use_threads=False, column_names=list(fields), skip_rows=int(header)),
        parse_options=_PARSE[log_type],
        convert_options=csv.ConvertOptions(
            column_types={name: _KINDS[kind] for name, kind in fields.items()},
            null_values=_NULLS[log_type],
            strings_can_be_null=True,
            quoted_strings_can_be_null=log_type == "AWS.ALB",
        ),
    )
    for name, unit in EPOCHS.get(log_type, {}).items():
        times = table[name].cast(pa.timestamp(unit, "UTC")).cast(pa.timestamp("us", "UTC"))
        table = table.set_column(table.schema.get_field_index(name), name, times)
    return table
