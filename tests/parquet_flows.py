"""Flow logs as Parquet, as AWS documents it, for the tests of what reads them."""

import io

import pyarrow as pa
from engine_rows import PARSE_TIME_US
from logs import VPC_HEADER
from pyarrow import parquet as pq

import arrowtrail

FLOW = "AWS.VPCFlow"
INT32 = {"version", "srcport", "dstport", "protocol", "tcp-flags", "traffic-path", "encryption-status"}
INT64 = {"packets", "bytes", "start", "end"}
NAMES = VPC_HEADER.split()
ROW, NODATA = (
    line.split()
    for line in (
        "2 210987654321 eni-1 10.0.0.1 198.51.100.7 443 49152 6 9 840 1714644672 1714644731 ACCEPT OK",
        "2 - eni-1 - - - - - - - 1714644672 1714644731 - NODATA",
    )
)
ROWS = [ROW, NODATA, [*ROW[:12], "REJECT", "SKIPDATA"], [*ROW[:3], "2001:db8::1", *ROW[4:]]]


def typed(name, values):
    """A column as AWS writes it: null for what has no value."""
    kind = pa.int32() if name in INT32 else pa.int64() if name in INT64 else pa.string()
    values = [None if value == "-" else value for value in values]
    return pa.array(values if kind == pa.string() else [value and int(value) for value in values], kind)


def flows(names, rows):
    columns = zip(*rows, strict=True) if rows else [[] for _ in names]
    arrays = [typed(name, column) for name, column in zip(names, columns, strict=True)]
    return pa.Table.from_arrays(arrays, names=[name.replace("-", "_") for name in names])


def packed(table, **options):
    file = io.BytesIO()
    pq.write_table(table, file, **{"compression": "gzip", "store_schema": False, **options})
    return file.getvalue()


def text_of(names, rows):
    return "".join(" ".join(row) + "\n" for row in [names, *rows]).encode()


def parsed(data, log_type=FLOW, **options):
    return arrowtrail.parse(data, log_type, parse_time=PARSE_TIME_US, row_id_seed=1, **options)
