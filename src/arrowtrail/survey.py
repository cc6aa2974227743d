"""What is in logs nobody has looked at yet: a pass's rows, times, rejected records, top values and schema drift."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .dicts import is_json
from .drift import Drift, Found, rest_column, unmapped_column
from .logtype import LogType
from .schema import arrow_schema
from .stats import Stats
from .stream import End, Rows
from .tablefile import added_columns
from .tally import Timeline, ValueCounts

__all__ = ["Faults", "Survey", "Top", "TypeSurvey", "time_text"]

MOST_PLACES = 3
MOST_TEXT_CHARS = 200
FEW_VALUES = 1_000  # a column that was not asked for is counted as long as it has no more
HANDFUL = 10
MOST_COLUMNS = 12


@dataclass(slots=True)
class Faults:
    """Rejected records of one reason: how many, and the first of them without their bytes."""

    count: int = 0
    places: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A column of plain values, or a member of its structs that is one."""

    path: str
    column: str
    steps: tuple[str | None, ...]
    """What leads from the column to the values: a member's name, or None into a list."""
    field: pa.Field
    in_structs: bool
    """It is a member of structs in a list."""

    @property
    def telling(self) -> bool:
        """Whether its values may be worth counting unasked: words, flags and numbers that measure nothing."""
        kind = self.field.type
        if self.in_structs or is_json(self.field) or b"unit" in (self.field.metadata or {}):
            return False
        return not pa.types.is_timestamp(kind)

    def values(self, batch: pa.RecordBatch) -> pa.Array:
        """The values of a batch, with its nulls but without those of lists."""
        array = batch.column(self.column)
        for step in self.steps:
            array = pc.list_flatten(array) if step is None else pc.struct_field(array, [step])
        if pa.types.is_timestamp(array.type):
            return array.cast(pa.timestamp("us")).cast(pa.string())
        if array.type == pa.float32():
            return array.cast(pa.string()).cast(pa.float64())  # 8.9, not 8.899999618530273
        return array


class Top:
    """The values of a column, or of a member of its structs, that came most."""

    def __init__(self, leaf: _Leaf, few: int | None = None) -> None:
        """`few`: with more different values it is not worth counting."""
        self.path = leaf.path
        self.counts = ValueCounts()
        self._leaf = leaf
        self._few = few

    def add(self, batch: pa.RecordBatch) -> bool:
        """Count a batch; False once there are too many different values."""
        column = batch.column(self._leaf.column)
        if column.null_count < len(column):
            self.counts.add(self._leaf.values(batch))
        return self._few is None or (self.counts.exact and len(self.counts.counts) <= self._few)

    @property
    def telling(self) -> bool:
        """Whether the values come again and again, or are a handful."""
        return len(self.counts.counts) <= max(HANDFUL, self.counts.total // 2)


class TypeSurvey:
    """What was seen of one log type; of None: of the records that are of no type."""

    def __init__(self, log_type: LogType | None, columns: Sequence[str] | None = None, drift: bool = True) -> None:
        self.log_type = log_type
        self.rows = 0
        self.times = Timeline()
        self.rejected: dict[str, Faults] = {}
        """By reason."""
        self.warnings: Counter[str] = Counter()
        self.drift = None if log_type is None or not drift else Drift(log_type)
        self._chosen = columns is not None
        self._tops, self._indicators = ([], []) if log_type is None else _tops(log_type, columns)

    @property
    def name(self) -> str | None:
        """The log type's name."""
        return None if self.log_type is None else self.log_type.name

    def add(self, batch: pa.RecordBatch) -> None:
        """Count the rows of a batch."""
        self.rows += batch.num_rows
        self.times.add(batch.column("p_event_time"))
        for top in self._indicators:
            top.add(batch)
        self._tops = [top for top in self._tops if top.add(batch)]
        if self.drift is not None:
            self.drift.add(batch)

    def top(self) -> list[Top]:
        """The counts of the columns that were asked for; else of those with few values, then of the indicators.

        Of columns with few values there are up to 12, those with one value only where there is room.
        """
        filled = [top for top in self._tops if top.counts.total and (self._chosen or top.telling)]
        if not self._chosen:
            ranked = sorted(filled, key=lambda top: len(top.counts.counts) < 2)[:MOST_COLUMNS]
            filled = [top for top in filled if top in ranked]
        return filled + [top for top in self._indicators if top.counts.total]

    def faults(self) -> list[tuple[str, Faults]]:
        """Rejected records by reason, the most frequent first."""
        return sorted(self.rejected.items(), key=lambda item: (-item[1].count, item[0]))


class Survey:
    """Takes what a pass gives, in bounded memory; `columns` names those whose values are counted, instead of a choice.

    `read` says which columns of each log type the pass must have.

    >>> from arrowtrail.catalog import find
    >>> from arrowtrail.stream import Rows
    >>> import arrowtrail
    >>> log = b"2 - eni-1 - - - - - - - 1714644732 1714644791 - NODATA"
    >>> survey = Survey([find("AWS.VPCFlow")])
    >>> for batch in arrowtrail.scan(log, "AWS.VPCFlow", columns=survey.read["AWS.VPCFlow"]):
    ...     survey.add(Rows(find("AWS.VPCFlow"), batch, 0))
    >>> [(top.path, top.counts.top(1)) for top in survey.found()[0].top()]
    [('version', [(2, 1)]), ('interfaceId', [('eni-1', 1)]), ('status', [('NODATA', 1)])]
    """

    def __init__(
        self, log_types: Sequence[LogType], *, columns: Sequence[str] | None = None, unmapped: bool = True
    ) -> None:
        self.read = {each.name: _to_read(each, columns) for each in log_types}
        self._log_types = {each.name: each for each in log_types}
        self._columns = columns
        self._unmapped = unmapped
        self._types: dict[str | None, TypeSurvey] = {}

    def add(self, rows: Rows) -> None:
        """Count a batch of rows."""
        self._of(rows.log_type.name).add(rows.batch)

    def add_rejected(self, batch: pa.RecordBatch) -> None:
        """Count rejected records (schema `REJECTED`)."""
        keys = zip(batch.column("log_type").to_pylist(), batch.column("reason").to_pylist(), strict=True)
        for row, (name, reason) in enumerate(keys):
            faults = self._of(name).rejected.setdefault(reason, Faults())
            faults.count += 1
            if len(faults.places) < MOST_PLACES:
                faults.places.append(_place(batch, row))

    def end(self, end: End) -> None:
        """A source is read: its name belongs to what was first seen in it, its warnings to its log types."""
        names = end.counts["unknown_names"]
        for each in self._types.values():
            if each.drift is not None:
                each.drift.end(end.source, ())
        headed = [each for each in (*end.log_types, *self._log_types.values()) if each.records.header is not None]
        if names and headed and (drift := self._of(headed[0].name).drift) is not None:
            drift.end(end.source, names)
        for what, count in end.counts["warnings"].items():
            having = [each for each in end.log_types if what in arrow_schema(each).names] or end.log_types
            if len(having) == 1:  # else it is in the counts of the pass alone
                self._of(having[0].name).warnings[what] += count

    def found(self) -> list[TypeSurvey]:
        """Every log type that has rows or rejected records, most rows first; records of no type come last."""
        return sorted(self._types.values(), key=lambda each: (each.name is None, -each.rows, each.name or ""))

    def as_data(self, stats: Stats, most: int) -> dict[str, Any]:
        """All of it as JSON-ready data, with the counts of the pass and `most` values of each column."""
        return {
            "files": stats.files,
            "bytes": stats.bytes,
            "records": stats.records,
            "rows": stats.rows,
            "outside": stats.outside,
            "blank": stats.blank,
            "rejected": dict(stats.rejected.most_common()),
            "warnings": dict(stats.warnings.most_common()),
            "failed_files": stats.failed_files,
            "failed": [{"source": source, "why": why} for source, why in stats.failed],
            "log_types": [_type_data(each, most) for each in self.found()],
        }

    def _of(self, name: str | None) -> TypeSurvey:
        found = self._types.get(name)
        if found is None:
            log_type = None if name is None else self._log_types[name]
            found = self._types[name] = TypeSurvey(log_type, self._columns, self._unmapped)
        return found


def time_text(moment: datetime) -> str:
    """RFC 3339 in UTC, a fraction only where there is one.

    >>> time_text(datetime(1, 1, 1)), time_text(datetime(2024, 5, 2, 10, 11, 12, 500000))
    ('0001-01-01T00:00:00Z', '2024-05-02T10:11:12.5Z')
    """
    text = moment.replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


def _to_read(log_type: LogType, columns: Sequence[str] | None) -> tuple[str, ...]:
    """All but raw JSON that nobody asked for: a value that turns null is counted only where its column is read."""
    return tuple(
        each.name
        for each in arrow_schema(log_type)
        if not is_json(each) or each.name == unmapped_column(log_type) or (columns is not None and each.name in columns)
    )


def _tops(log_type: LogType, columns: Sequence[str] | None) -> tuple[list[Top], list[Top]]:
    """What counts columns, and what counts indicators; those are columns like others where columns are asked for."""
    schema = arrow_schema(log_type)
    if columns is not None:
        return [Top(leaf) for each in schema if each.name in columns for leaf in _leaves(each)], []
    rest = rest_column(log_type)
    own = [schema.field(each.name) for each in log_type.columns if rest is None or each.name != rest[0]]
    added = [schema.field(each.name) for each in added_columns(log_type.added)]
    return (
        [Top(leaf, FEW_VALUES) for each in own for leaf in _leaves(each) if leaf.telling],
        [Top(leaf) for each in added if pa.types.is_list(each.type) for leaf in _leaves(each)],
    )


def _leaves(column: pa.Field) -> Iterator[_Leaf]:
    """The column, or every member of its structs that is no struct."""

    def below(each: pa.Field, path: str, steps: tuple[str | None, ...], listed: bool) -> Iterator[_Leaf]:
        if pa.types.is_list(each.type):
            inside = each.type.value_field
            yield from below(inside, path, (*steps, None), listed or pa.types.is_struct(inside.type))
        elif pa.types.is_struct(each.type):
            for member in each.type:
                yield from below(member, f"{path}.{member.name}", (*steps, member.name), listed)
        else:
            yield _Leaf(path, column.name, steps, each, listed)

    return below(column, column.name, (), False)


def _place(batch: pa.RecordBatch, row: int) -> dict[str, Any]:
    names = ("source", "record", "line", "offset", "column", "message")
    place = {name: batch.column(name)[row].as_py() for name in names}
    message = place["message"]
    return place | {"message": message and message[:MOST_TEXT_CHARS]}


def _type_data(found: TypeSurvey, most: int) -> dict[str, Any]:
    times = found.times
    return {
        "log_type": found.name,
        "rows": found.rows,
        "first": None if times.first is None else time_text(times.first),
        "last": None if times.last is None else time_text(times.last),
        "rejected": [{"reason": reason, "count": each.count, "first": each.places} for reason, each in found.faults()],
        "warnings": dict(found.warnings.most_common()),
        "events": {
            "seconds": times.width,
            "buckets": [{"start": time_text(start), "count": count} for start, count in times.buckets()],
        },
        "top": [_top_data(each, most) for each in found.top()],
        "drift": None if found.drift is None else [_drift_data(each) for each in found.drift.found()],
        "drift_more": 0 if found.drift is None else found.drift.more,
    }


def _top_data(top: Top, most: int) -> dict[str, Any]:
    return {
        "column": top.path,
        "count": top.counts.total,
        "values": [{"value": value, "count": count} for value, count in top.counts.top(most)],
        "different": len(top.counts.counts),
        "exact": top.counts.exact,
        "missed": top.counts.missed,
    }


def _drift_data(found: Found) -> dict[str, Any]:
    return {
        "path": found.path,
        "kind": found.kind,
        "rows": found.rows,
        "headers": found.headers,
        "example": found.example,
        "source": found.source,
        "offset": found.offset,
        "row_id": found.row_id,
    }
