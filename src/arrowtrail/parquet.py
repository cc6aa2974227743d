"""A Parquet file -> rows in columns of text and integers, for the native reader, which takes them for lines.

Read row group by row group, some thousand rows at a time, and of these the columns that the log type has a use for.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet as pq

from .inflate import Broken
from .logtype import LogType

if TYPE_CHECKING:
    from ._native import Reader

__all__ = ["feed_parquet"]

BATCH_ROWS = 16384
BUFFER_BYTES = 262144
PIECE_BYTES = 1048576
MOST_NAMED = 20
# Units of the times that the table language counts from 1970.
_UNITS = {"unix_s": "s", "unix_ms": "ms", "unix_us": "us"}
_TEXT = pc.CastOptions(target_type=pa.string(), allow_invalid_utf8=True)
_INT64 = 2.0**63
_FAULTS = (pa.ArrowException, OSError, ValueError, LookupError)


def feed_parquet(reader: "Reader", file: Any, log_types: Sequence[LogType], most: int | None) -> Iterator[float]:
    """Read all rows of the file, which pyarrow can seek in; says after each batch which part of them that were.

    What cannot be read is one rejected record for each row group, or Broken where it is the whole file. `log_types` are
    the reader's; `most` is how many bytes the values may have.
    """
    try:
        opened = _opened(file)
        names = opened.schema_arrow.names
        places = None if _are_rows(names) else reader.open_columns([name.strip() for name in names])
    except _FAULTS as error:
        raise Broken("truncated", _explained(error)) from None
    if places is None:
        reader.reject("unknown_type", _no_log(names, log_types), b"", 0)
        return
    yield 0
    log_type = log_types[reader.log_types[0]]
    units = {str(column.source): _UNITS[column.time] for column in log_type.columns if column.time in _UNITS}
    yield from _Rows(reader, opened, places, units, most).fed()


class _Unreadable(Exception):
    """Rows of a row group cannot be read."""


class _Rows:
    """Feeds the rows of an open file. `units`: of the names that are times counted from 1970."""

    def __init__(
        self, reader: "Reader", opened: pq.ParquetFile, places: list[int], units: Mapping[str, str], most: int | None
    ) -> None:
        self.reader = reader
        self.opened = opened
        self.places = places
        self.units = units
        self.left = sys.maxsize if most is None else most
        self.most = most
        self.names = opened.schema_arrow.names
        self.row = 0

    def fed(self) -> Iterator[float]:
        metadata = self.opened.metadata
        columns = list(dict.fromkeys(self.names[place] for place in self.places))
        for group in range(self.opened.num_row_groups):
            end = self.row + metadata.row_group(group).num_rows
            batches = self.opened.iter_batches(BATCH_ROWS, row_groups=[group], columns=columns, use_threads=False)
            try:
                while (batch := _next(batches)) is not None:
                    for _ in self._feed(batch):
                        yield self.row / max(metadata.num_rows, self.row, 1)
                        if self.left < 0:
                            message = f"longer than max_decompressed, {self.most} bytes; the rest was not read"
                            self.reader.reject("truncated", message, b"", self.row)
                            return
                if self.row < end:
                    raise _Unreadable("the file ends before them")
            except _Unreadable as error:
                message = (
                    f"rows {self.row} to {end - 1} of the Parquet file (row group {group}) cannot be read: {error}"
                )
                self.reader.reject("truncated", message, b"", self.row)
            self.row = max(self.row, end)

    def _feed(self, batch: pa.RecordBatch) -> Iterator[None]:
        """Feed the columns that are wanted (of those of one name, the last), some rows at a time."""
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        names = [self.names[place] for place in self.places]
        units = [self.units.get(name.strip().lower().replace("_", "-")) for name in names]
        try:
            cells = [_cells(columns[name], unit) for name, unit in zip(names, units, strict=True)]
        except _FAULTS as error:  # such as places that a dictionary does not have
            raise _Unreadable(f"{error}; reading went on behind them") from None
        kinds = ["string" if pa.types.is_dictionary(each.type) else str(each.type) for each in cells]
        rows = pa.StructArray.from_arrays(cells, names=names) if cells else pa.array([{}] * batch.num_rows)
        _, capsule = rows.__arrow_c_array__()
        begin = 0
        while begin < batch.num_rows:
            count, size = self.reader.feed_columns(capsule, self.places, kinds, begin, self.row, PIECE_BYTES)
            begin += count
            self.row += count
            self.left -= size
            yield


def _opened(file: Any) -> pq.ParquetFile:
    """The file, of which texts are read as dictionaries: a page of few bytes can hold a long text a million times."""
    first = pq.ParquetFile(file, pre_buffer=False)
    return pq.ParquetFile(
        file,
        metadata=first.metadata,
        read_dictionary=[field.name for field in first.schema_arrow if _is_text(field.type)],
        buffer_size=BUFFER_BYTES,
        pre_buffer=False,
        coerce_int96_timestamp_unit="us",
        page_checksum_verification=True,
    )


def _next(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
    try:
        return next(batches, None)
    except _FAULTS as error:
        raise _Unreadable(f"{error}; reading went on behind them") from None


def _is_text(kind: pa.DataType) -> bool:
    return any(
        test(kind)
        for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    )


def _explained(error: Exception) -> str:
    """Why nothing of the file can be read, and what to do."""
    if "encrypt" in str(error):
        return f"the Parquet file is encrypted: decrypt it first ({error})"
    return f"the Parquet file is cut or corrupt, and nothing of it can be read: deliver it again ({error})"


def _are_rows(names: Sequence[str]) -> bool:
    """Whether a log was parsed to this already, by arrowtrail or by Panther."""
    return {"p_row_id", "p_log_type"}.issubset(names)


def _no_log(names: Sequence[str], log_types: Sequence[LogType]) -> str:
    """Says that the file's rows are no records of any of these."""
    if _are_rows(names):
        return (
            "a Parquet file of rows that a log was parsed to before (it has p_row_id and p_log_type), and no log: "
            "read it as it is, with pyarrow, DuckDB or polars"
        )
    shown = ", ".join(names[:MOST_NAMED]) + (f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else "")
    which = log_types[0].name if len(log_types) == 1 else "a log type that is delivered as Parquet"
    return (
        f"a Parquet file with the columns {shown or 'of no name'}, which are not those of {which}; "
        "it is columnar already: read it as it is, with pyarrow, DuckDB or polars"
    )


def _cells(column: pa.Array, unit: str | None) -> pa.Array:
    """The column as texts, perhaps in a dictionary, as int32 or as int64; a time with a unit as its count from 1970.

    What has no text, such as a list, is JSON.
    """
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    kind = column.type
    if pa.types.is_dictionary(kind):
        if not _is_text(kind.value_type) or column.dictionary.null_count:
            return _cells(column.dictionary_decode(), unit)
        return pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), _text(column.dictionary))
    if unit is not None and (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
        return _counted(column, unit)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _numbers(column)
    if kind == pa.uint64():
        return _text(column)
    if pa.types.is_integer(kind):
        return column if kind in (pa.int32(), pa.int64()) else column.cast(pa.int64())
    return _text(column)


def _text(column: pa.Array) -> pa.StringArray:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp(column.type.unit))  # in UTC: other zones need a data base of them
    try:
        return pc.cast(column, options=_TEXT)
    except (pa.ArrowInvalid, NotImplementedError):
        return pa.array([_json(value) for value in column], pa.string())


def _json(value: pa.Scalar) -> str | None:
    if not value.is_valid:
        return None
    try:
        return json.dumps(value.as_py(), default=str, ensure_ascii=False)
    except (ValueError, TypeError, OverflowError):  # bytes that are no UTF-8, a time beyond Python's
        return repr(value)


def _counted(column: pa.Array, unit: str) -> pa.Array:
    """Moments as their count of units since 1970; those that fall between two of them as text."""
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("ms"), safe=False)
    units = column.cast(pa.timestamp(unit, column.type.tz), safe=False)
    exact = pc.equal(units.cast(column.type, safe=False), column)
    return _either(exact, units.cast(pa.int64()), column)


def _numbers(column: pa.Array) -> pa.Array:
    """Decimals and floats, the whole ones without a point; what is no number is null, as pandas means it."""
    if pa.types.is_decimal(column.type):
        return pc.replace_substring_regex(_text(column), r"\.0+$", "")
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    values = column.cast(pa.float64())
    values = pc.if_else(pc.is_nan(values), None, values)
    whole = pc.and_(pc.equal(pc.floor(values), values), pc.less(pc.abs(values), _INT64))
    column = pc.if_else(pc.is_valid(values), column, None)
    return _either(whole, pc.if_else(whole, values, 0.0).cast(pa.int64()), column)


def _either(exact: pa.BooleanArray, numbers: pa.Int64Array, column: pa.Array) -> pa.Array:
    """The numbers, where all are exact; else as text, and what is not exact in its own."""
    if exact.false_count == 0:
        return numbers
    return pc.if_else(exact, numbers.cast(pa.string()), _text(column))
