"""parse(), scan(), rows(), split(): bytes or sources -> tables, batches, dicts; Scan exports __arrow_c_stream__."""

import datetime
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from . import dicts
from .catalog import builtin
from .detecting import first_log_type, looking
from .errors import MixedLogTypes, SourceError, UsageError
from .inputs import find_sources
from .logtype import LogType
from .options import MAX_RECORD, Moment, Options, Rejects, check
from .passes import OnePass, Pass
from .sources import BytesSource, ObjectSource
from .stats import KeptRejects, Stats
from .stream import SMALL_BATCH_BYTES, Recipe

if TYPE_CHECKING:
    from ._native import RowMaker

__all__ = ["Result", "Scan", "detect", "log_types", "parse", "rows", "scan", "split"]

PARSE_BYTES = 8 * 1024**3


@dataclass(frozen=True)
class Result:
    """What `parse` found."""

    table: pa.Table
    """The rows. No columns where nothing was found and no log type was given."""
    rejected: pa.Table
    """Every rejected record: source, log_type, record, line, offset, length, reason, column, message, raw."""
    stats: Stats


def log_types() -> list[str]:
    """The names of the built-in log types, sorted.

    >>> log_types()[0]
    'AWS.ALB'
    """
    return list(builtin())


def detect(data: object, *, log_types: Sequence[str | LogType] | None = None) -> str | None:
    """The log type of the first record that has one, or None.

    `data` is bytes-like or a binary file object, compressed or not; a file's first MB is enough, and no more
    is looked at. `log_types` names those to tell apart. Raises UsageError (a wrong argument) or SourceError.

    >>> detect(b"2 - eni-1 - - - - - - - 1714644732 1714644791 - NODATA")
    'AWS.VPCFlow'
    """
    found = first_log_type(looking(log_types), _one_source(data))
    return None if found is None else found.name


def parse(
    data: object,
    log_type: str | LogType | None = None,
    *,
    columns: Sequence[str] | None = None,
    indicators: str = "extended",
    unmapped: bool = True,
    source_id: str | None = None,
    source_label: str | None = None,
    header: str | Sequence[str] | None = None,
    strict: bool = False,
    rejects: Rejects | None = None,
    batch_rows: int = 65536,
    threads: int | None = None,
    log_types: Sequence[str | LogType] | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    parse_time: datetime.datetime | int | None = None,
    row_id_seed: int | str | bytes | None = None,
    max_record: int = MAX_RECORD,
    max_decompressed: int | None = PARSE_BYTES,
) -> Result:
    """Parse bytes (or a binary file object) into a table; gzip, zstd, bz2 and Parquet are told by the first bytes.

    With `log_type` None each record's type is detected. A bad record raises nothing: it is in `rejected`.

    columns: build these only (their order is the schema's). indicators: `extended`, `panther` or `off`.
    unmapped: False leaves the column `unmapped` null. source_id, source_label: the values of those columns.
    header: names, or a `${...}` format, for lines without a header. strict: raise RejectedRecord at the first
    bad record. rejects: a path (Parquet) or a function that takes the rejected records as batches.
    batch_rows: rows of a batch at most. threads: at most so many. log_types: detect only among these.
    since, until: only rows whose event time is not before `since` and before `until`; a datetime, its text in ISO 8601
    (UTC where it names no zone) or microseconds since 1970. The others are counted as `outside`.
    parse_time, row_id_seed: fixed values for tests; the time is a datetime or microseconds since 1970.
    max_record, max_decompressed: bytes of one record and of the whole input (None: no limit); what is longer
    is one rejected record.

    Raises UsageError (also UnknownLogType, UnknownColumn) for a wrong argument, MixedLogTypes where several
    types are detected, RejectedRecord when strict, SourceError where a file object cannot be read.

    >>> result = parse(b"2 - eni-1 - - - - - - - 1714644732 1714644791 - NODATA", "AWS.VPCFlow")
    >>> result.table["status"].to_pylist(), result.stats.records
    (['NODATA'], 1)
    """
    options = check(
        log_type,
        columns=columns,
        indicators=indicators,
        unmapped=unmapped,
        source_id=source_id,
        source_label=source_label,
        header=header,
        strict=strict,
        rejects=rejects,
        batch_rows=batch_rows,
        threads=1 if threads is None else threads,
        log_types=log_types,
        since=since,
        until=until,
        parse_time=parse_time,
        row_id_seed=row_id_seed,
        max_record=max_record,
        max_decompressed=max_decompressed,
    )
    run = Pass(Recipe(options), [_one_source(data)], KeptRejects(sys.maxsize, sys.maxsize))
    batches = [(rows.log_type, rows.batch) for rows in run.rows()]
    run.raise_failed()
    found = {each.name: each for each, _ in batches} or {each.name: each for each in run.log_types}
    if len(found) > 1:
        raise MixedLogTypes(list(found))
    name = options.log_types[0].name if options.given else next(iter(found), None)
    schema = pa.schema([]) if name is None else run.recipe.schemas[name]
    return Result(pa.Table.from_batches([batch for _, batch in batches], schema), run.kept.table(), run.stats)


def scan(
    source: object,
    log_type: str | LogType | None = None,
    *,
    columns: Sequence[str] | None = None,
    indicators: str = "extended",
    unmapped: bool = True,
    source_id: str | None = None,
    source_label: str | None = None,
    header: str | Sequence[str] | None = None,
    strict: bool = False,
    rejects: Rejects | None = None,
    batch_rows: int = 65536,
    threads: int | None = None,
    log_types: Sequence[str | LogType] | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    parse_time: datetime.datetime | int | None = None,
    row_id_seed: int | str | bytes | None = None,
    max_record: int = MAX_RECORD,
    max_decompressed: int | None = None,
) -> "Scan":
    """Read logs lazily, in bounded memory: a path, a pattern (`logs/**/*.gz`), a directory, `-` (standard
    input), a binary file object, bytes, or a list of these.

    Several files are read by `threads` threads (default: one per usable CPU, 8 at most); the order of rows is
    that of the sources. The options are those of `parse`; `max_decompressed` counts per source.

    Raises SourceNotFound where a path or pattern finds nothing, and what `parse` raises for its arguments.

    >>> log = b"2 - eni-1 - - - - - - - 1714644732 1714644791 - NODATA"
    >>> sum(batch.num_rows for batch in scan([log, log], "AWS.VPCFlow"))
    2
    """
    options = check(
        log_type,
        columns=columns,
        indicators=indicators,
        unmapped=unmapped,
        source_id=source_id,
        source_label=source_label,
        header=header,
        strict=strict,
        rejects=rejects,
        batch_rows=batch_rows,
        threads=threads,
        log_types=log_types,
        since=since,
        until=until,
        parse_time=parse_time,
        row_id_seed=row_id_seed,
        max_record=max_record,
        max_decompressed=max_decompressed,
    )
    return Scan(find_sources(source), options)


def rows(
    source: object,
    log_type: str | LogType | None = None,
    *,
    decode_json: bool = True,
    columns: Sequence[str] | None = None,
    indicators: str = "extended",
    unmapped: bool = True,
    source_id: str | None = None,
    source_label: str | None = None,
    header: str | Sequence[str] | None = None,
    strict: bool = False,
    rejects: Rejects | None = None,
    batch_rows: int = 65536,
    threads: int | None = None,
    log_types: Sequence[str | LogType] | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    parse_time: datetime.datetime | int | None = None,
    row_id_seed: int | str | bytes | None = None,
    max_record: int = MAX_RECORD,
    max_decompressed: int | None = None,
) -> OnePass[dict[str, Any]]:
    """Read logs as dicts, as Panther's events look to a detection rule: one pass, lazy, in bounded memory.

    A row has the columns that are not null, in the schema's order; members of structs likewise. Timestamps are text,
    `YYYY-MM-DD hh:mm:ss.nnnnnnnnn` in UTC; JSON columns are what they hold (`decode_json` False: their text). Every row
    can be written as JSON: there an unpaired surrogate is U+FFFD, and a number that Python does not take is its text.
    Rows of several log types are told apart by `p_log_type`; those of one type stand in the order of the input.

    Sources and options are those of `scan`. The iterator has `stats`, `rejected` and `close()`. Raises what `scan` and
    a pass of it raise, but never MixedLogTypes.

    >>> log = b"2 - eni-1 - - - - - - - 1714644672 1714644791 - NODATA"
    >>> found = rows(log, "AWS.VPCFlow", columns=["start", "status", "srcAddr"])
    >>> list(found), found.stats.records
    ([{'start': '2024-05-02 10:11:12.000000000', 'status': 'NODATA'}], 1)
    """
    options = check(
        log_type,
        columns=columns,
        indicators=indicators,
        unmapped=unmapped,
        source_id=source_id,
        source_label=source_label,
        header=header,
        strict=strict,
        rejects=rejects,
        batch_rows=batch_rows,
        threads=threads,
        log_types=log_types,
        since=since,
        until=until,
        parse_time=parse_time,
        row_id_seed=row_id_seed,
        max_record=max_record,
        max_decompressed=max_decompressed,
    )
    recipe = Recipe(options, SMALL_BATCH_BYTES)

    @cache
    def maker(name: str) -> "RowMaker":
        return dicts.row_maker(recipe.schemas[name], dicts.decode_json if decode_json else None)

    run = Pass(recipe, find_sources(source), KeptRejects(), busy=True)
    return OnePass(run, lambda found: chain.from_iterable(dicts.row_blocks(maker(found.log_type.name), found.batch)))


def split(
    source: object,
    *,
    columns: Sequence[str] | None = None,
    indicators: str = "extended",
    unmapped: bool = True,
    source_id: str | None = None,
    source_label: str | None = None,
    header: str | Sequence[str] | None = None,
    strict: bool = False,
    rejects: Rejects | None = None,
    batch_rows: int = 65536,
    threads: int | None = None,
    log_types: Sequence[str | LogType] | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    parse_time: datetime.datetime | int | None = None,
    row_id_seed: int | str | bytes | None = None,
    max_record: int = MAX_RECORD,
    max_decompressed: int | None = None,
) -> OnePass[tuple[str, pa.RecordBatch]]:
    """Read logs of several types mixed: one pass that gives (log type, pyarrow.RecordBatch) pairs.

    Batches of one type have one schema, and their rows stand in the order of the input; batches of different types
    come as they are full. Sources and options are those of `scan`; the iterator is like that of `rows`.

    >>> flow = b"2 - eni-1 - - - - - - - 1714644672 1714644791 - NODATA\\n"
    >>> audit = b"1714644672000000,db,user,10.0.0.1,7,8,QUERY,shop,'select 1',0\\n"
    >>> sorted((name, batch.num_rows) for name, batch in split(flow + audit + flow))
    [('AWS.AuroraMySQLAudit', 1), ('AWS.VPCFlow', 2)]
    """
    options = check(
        None,
        columns=columns,
        indicators=indicators,
        unmapped=unmapped,
        source_id=source_id,
        source_label=source_label,
        header=header,
        strict=strict,
        rejects=rejects,
        batch_rows=batch_rows,
        threads=threads,
        log_types=log_types,
        since=since,
        until=until,
        parse_time=parse_time,
        row_id_seed=row_id_seed,
        max_record=max_record,
        max_decompressed=max_decompressed,
    )
    run = Pass(Recipe(options), find_sources(source), KeptRejects())
    return OnePass(run, lambda found: ((found.log_type.name, found.batch),))


class Scan:
    """A recipe for reading: each loop, `to_...` and `__arrow_c_stream__` is a pass of its own.

    A pass reads nothing before its first batch is asked for. It raises MixedLogTypes at a row of another
    type than the first record's, SourceUsedUp where a source cannot be read again, and SourceError at its
    end where a source could not be read.
    """

    def __init__(self, sources: Any, options: Options) -> None:
        self._sources = sources
        self._options = options
        self._recipe = Recipe(options)
        self._log_type = options.log_types[0] if options.given else None
        self._latest: Pass | None = None

    @property
    def log_type(self) -> str | None:
        """The log type: the given one, else that of the first record that has one (which this looks for)."""
        found = self._find()
        return None if found is None else found.name

    @property
    def schema(self) -> pa.Schema:
        """The schema of all batches; without columns where no record has a type."""
        found = self._find()
        return pa.schema([]) if found is None else self._recipe.schemas[found.name]

    @property
    def rejected(self) -> pa.Table:
        """Rejected records of the latest pass so far: the first 10,000 or 16 MiB. `rejects=` gets all."""
        return KeptRejects().table() if self._latest is None else self._latest.kept.table()

    @property
    def stats(self) -> Stats:
        """Counts of the latest pass so far."""
        return Stats() if self._latest is None else self._latest.stats

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """A new pass, batch by batch."""
        found = self._find()
        self._latest = run = Pass(self._recipe, self._sources, KeptRejects())
        for rows in run.rows():
            self._log_type = found = found or rows.log_type
            if rows.log_type is not found:
                raise MixedLogTypes([found.name, rows.log_type.name])
            yield rows.batch
        run.raise_failed()

    def to_reader(self) -> pa.RecordBatchReader:
        """A new pass as a pyarrow.RecordBatchReader."""
        return pa.RecordBatchReader.from_batches(self.schema, iter(self))

    def to_table(self) -> pa.Table:
        """A new pass, read to its end."""
        return pa.Table.from_batches(list(self), self.schema)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """A new pass as an Arrow C stream; see the Arrow PyCapsule interface."""
        return self.to_reader().__arrow_c_stream__(requested_schema)

    def _find(self) -> LogType | None:
        """The given type; else a look at the sources, of which nothing is lost."""
        if self._log_type is None:
            for source in self._sources:
                with suppress(SourceError):  # the pass will say so
                    self._log_type = first_log_type(self._recipe, source)
                if self._log_type is not None:
                    break
        return self._log_type


def _one_source(data: object) -> Any:
    """Bytes or a file object; a path is a mistake, since `parse` takes what a file holds."""
    sources = None if isinstance(data, str) or hasattr(data, "__fspath__") else tuple(find_sources(data))
    if not sources or len(sources) > 1 or not isinstance(sources[0], (BytesSource, ObjectSource)):
        raise UsageError(f"bytes or a binary file object is wanted, not {type(data).__name__}; use scan() for paths")
    return sources[0]
