"""Rows -> the folders of a partitioned output, named as Hive names them: `day=2024-05-02/log_type=AWS.ALB`."""

import datetime
import re
from array import array
from collections.abc import Iterator, Sequence

import pyarrow as pa
from pyarrow import compute as pc

from .errors import UsageError, nearest
from .logtype import LogType
from .schema import arrow_schema

__all__ = ["Partitioning"]

TIMES = {"year": 4, "month": 7, "day": 10, "hour": 13}  # and how much of 2024-05-02-10 names it
LOG_TYPE = "log_type"
EVENT_TIME = "p_event_time"
NULL = "__HIVE_DEFAULT_PARTITION__"
_ESCAPED = re.compile("[\x00-\x1f\x7f\"#%'*/:=?\\\\{\\[\\]^]")
_YEAR_ONE = datetime.datetime(1, 1, 1)
_YEAR_ONE_US = -62_135_596_800_000_000
_HOUR_US = 3_600_000_000


class Partitioning:
    """The keys of a partitioned output, checked against the log types that are read; without keys there is one
    folder for each log type."""

    def __init__(self, keys: Sequence[str], log_types: Sequence[LogType]) -> None:
        if isinstance(keys, str):
            raise UsageError(f"partition_by must be a list of keys, not the text {keys!r}")
        self.keys = tuple(keys)
        for key in self.keys:
            _check(key, log_types)
            if self.keys.count(key) > 1:
                raise UsageError(f"partition_by names {key!r} twice")
        self.columns = tuple(key for key in self.keys if key not in TIMES and key != LOG_TYPE)
        """Columns that folders are named by. They are not in the files, where most readers refuse them."""

    def needed(self, columns: Sequence[str] | None) -> tuple[str, ...] | None:
        """The columns to build so that these (None: all) can be written."""
        if columns is None:
            return None
        if not set(columns) - set(self.columns):
            raise UsageError("partition_by takes every column of columns out of the files; name one more to write")
        times = (EVENT_TIME,) if not TIMES.keys().isdisjoint(self.keys) else ()
        return tuple(dict.fromkeys((*columns, *self.columns, *times)))

    def written(self, schema: pa.Schema, columns: Sequence[str] | None) -> pa.Schema:
        """The schema of the files, of that of the rows."""
        kept = [
            field for field in schema if field.name not in self.columns and (columns is None or field.name in columns)
        ]
        return pa.schema(kept, metadata=schema.metadata)

    def split(self, log_type: str, table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        """The rows of each folder, in their order, with the folder's path below the output folder."""
        folders, codes = [] if LOG_TYPE in self.keys else [log_type], None
        for key in self.keys:
            names, places = _coded(key, log_type, table)
            folders, codes = _combined(folders, codes, names, places)
        if codes is None or len(folders) == 1:
            yield folders[0], table
            return
        table = table.take(pc.sort_indices(codes))  # which is stable
        counts = {count["values"]: count["counts"] for count in pc.value_counts(codes).to_pylist()}
        begin = 0
        for code in sorted(counts):
            yield folders[code], table.slice(begin, counts[code])
            begin += counts[code]


def _check(key: str, log_types: Sequence[LogType]) -> None:
    """Raise UsageError for what cannot name a folder of each log type."""
    schemas = {log_type.name: arrow_schema(log_type) for log_type in log_types}
    have = [name for name, schema in schemas.items() if key in schema.names]
    if key in TIMES or key == LOG_TYPE:
        if have:
            raise UsageError(f"partition_by: {have[0]} has a column {key!r} of its own, which a folder would hide")
        return
    if not have:
        close = nearest(
            key, [*TIMES, LOG_TYPE, *dict.fromkeys(name for each in schemas.values() for name in each.names)]
        )
        hint = f"did you mean {close!r}?" if close else f"there are {', '.join(TIMES)}, {LOG_TYPE} and columns"
        raise UsageError(f"partition_by: there is no key {key!r}; {hint}")
    for name, schema in schemas.items():
        if name not in have:
            raise UsageError(
                f"partition_by: {name} has no column {key!r}; a key must be in every log type that is read, so name "
                "the one to read"
            )
        field = schema.field(key)
        is_json = b"content" in (field.metadata or {})
        if is_json or not (pa.types.is_string(field.type) or pa.types.is_integer(field.type)):
            kind = "JSON" if is_json else field.type
            raise UsageError(f"partition_by: {key!r} of {name} is {kind}; a key is a column of strings or integers")


def _coded(key: str, log_type: str, table: pa.Table) -> tuple[list[str], pa.Array | None]:
    """The names of a key's folders, and for each row which of them is its own (None: the first)."""
    if key == LOG_TYPE:
        return [f"{key}={_escaped(log_type)}"], None
    if key in TIMES:
        micros = table.column(EVENT_TIME).cast(pa.int64())
        column = pc.divide(pc.subtract(micros, _int64([_YEAR_ONE_US])[0]), _int64([_HOUR_US])[0])
    else:
        column = table.column(key)
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    names = [f"{key}={_named(key, value)}" for value in coded.dictionary.to_pylist()]
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return list(places), _int64([places[name] for name in names]).take(coded.indices)


def _int64(values: Sequence[int]) -> pa.Array:
    """As pyarrow.array, which imports pandas where there is one: 40 MB."""
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(array("q", values))])


def _named(key: str, value: str | int | None) -> str:
    """A key's value as it stands in a folder's name; Hive and Spark put the empty text with the nulls."""
    if key in TIMES:
        moment = _YEAR_ONE + datetime.timedelta(hours=int(value or 0))
        return moment.isoformat("-")[: TIMES[key]]
    return NULL if value is None or value == "" else _escaped(str(value))


def _escaped(text: str) -> str:
    """Percent-encoded where Hive and Spark do it."""
    return _ESCAPED.sub(lambda found: f"%{ord(found[0]):02X}", text)


def _combined(
    folders: list[str], codes: pa.Array | None, names: list[str], places: pa.Array | None
) -> tuple[list[str], pa.Array | None]:
    """The folders of one more key below those there are, and which of them is that of each row."""
    if not folders:
        return names, places
    if codes is None or places is None:
        return [f"{folder}/{name}" for folder in folders for name in names], places if codes is None else codes
    both = pc.add(pc.multiply(codes, _int64([len(names)])[0]), places).dictionary_encode()
    pairs = (divmod(code, len(names)) for code in both.dictionary.to_pylist())
    return [f"{folders[outer]}/{names[inner]}" for outer, inner in pairs], both.indices.cast(pa.int64())
