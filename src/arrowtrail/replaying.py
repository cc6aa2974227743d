"""The pass that parses rejected records again, each by itself, and gives what is still bad its first place."""

import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from .errors import RejectedRecord
from .inflate import Block, Broken, limited
from .logtype import LogType
from .options import Options
from .origin import Origin
from .passes import Pass
from .schema import REJECTED
from .sources import Source
from .stats import KeptRejects
from .stream import SMALL_BATCH_BYTES, End, Item, Recipe, Rejected, Rows, add_counts

__all__ = ["Group", "Replay"]

MOST_RAW_BYTES = 1048576  # what the engine keeps of a record
WAITING_ROWS = 256
WAITING_BYTES = 1048576
_GZIP = b"\x1f\x8b"
# Behind the prefix of a CloudWatch Logs export there may be several values: `raw` of each is the whole line.
_SHARED_LINE = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \s*[{\[]")


class Group(Source):
    """Rejected records of one source, in the order of the file that holds them."""

    def __init__(self, name: str | None, table: pa.Table) -> None:
        self.name = name
        self.table = table

    def size(self) -> float:
        """Of records, which are parsed one by one."""
        return 0


@dataclass(slots=True)
class ReplayEnd(End):
    """A group is parsed again: how many records it had, and how many of them hold nothing bad any more."""

    replayed: int = 0
    mended: int = 0


class Replay(Pass):
    """`records` and `mended` count the rejected records that were read and those with nothing bad in them now."""

    def __init__(self, options: Options, groups: Iterable[Group]) -> None:
        super().__init__(Recipe(options, SMALL_BATCH_BYTES), groups, KeptRejects(0), busy=True)
        self.records = 0
        self.mended = 0
        self.recipes = {None: self.recipe} | {
            log_type.name: _of_one(options, log_type) for log_type in options.log_types if not options.given
        }
        headed = next((log_type for log_type in options.log_types if log_type.records.header is not None), None)
        looks = replace(options, columns=("p_log_type",), indicators="off", unmapped=False, strict=False)
        self.headers = None if headed is None or options.header else _of_one(looks, headed)
        self.pending: ReplayEnd | None = None

    def rows(self) -> Generator[Rows, None, None]:
        """As that of a pass over the sources themselves."""
        yield from super().rows()
        self._end_source()

    def recipe_of(self, log_type: str | None, header: str | None) -> Recipe | None:
        """What to parse a record of this log type with; None where the type is not among those to read."""
        recipe = self.recipes.get(None if self.recipe.options.given else log_type)
        headed = recipe is not None and any(each.records.header is not None for each in recipe.options.log_types)
        return recipe.with_header(header) if recipe is not None and header is not None and headed else recipe

    def _read(self, source: Source, number: int) -> Generator[Item, None, None]:
        assert isinstance(source, Group)
        headed = {None, *(self.headers.schemas if self.headers is not None else ())}
        looked_for = self.recipe.options.given or not headed.isdisjoint(source.table["log_type"].to_pylist())
        yield from _GroupRun(self, source, Origin(source.name, self.headers if looked_for else None)).items()

    def _end(self, end: End) -> None:
        """Ends of one source's groups are told as one."""
        assert isinstance(end, ReplayEnd)
        self.records += end.replayed
        self.mended += end.mended
        if self.pending is not None and self.pending.source != end.source:
            self._end_source()
        if self.pending is None:
            self.pending = end
        else:
            _add_end(self.pending, end)

    def _end_source(self) -> None:
        if self.pending is not None:
            super()._end(self.pending)
        self.pending = None


def _of_one(options: Options, log_type: LogType) -> Recipe:
    header = options.header if log_type.records.header is not None else None
    return Recipe(replace(options, log_types=(log_type,), given=True, header=header), SMALL_BATCH_BYTES)


class _GroupRun:
    """A group's records, one after the other."""

    def __init__(self, replay: Replay, group: Group, origin: Origin) -> None:
        self.replay = replay
        self.group = group
        self.origin = origin
        self.waiting: list[dict[str, Any]] = []
        self.waiting_bytes = 0
        counts: dict[str, Any] = {"rejected": {}, "warnings": {}, "outside": 0, "blank": 0, "bytes": 0}
        self.end = ReplayEnd(group.name, counts, Counter(), (), None)

    def items(self) -> Iterator[Item]:
        for record in self.group.table.to_pylist():
            rejected = sum(self.end.counts["rejected"].values())
            yield from self._again(record)
            self.end.replayed += 1
            self.end.mended += sum(self.end.counts["rejected"].values()) == rejected
            if len(self.waiting) >= WAITING_ROWS or self.waiting_bytes >= WAITING_BYTES:
                yield self._taken()
        if self.waiting:
            yield self._taken()
        yield self.end

    def _again(self, record: dict[str, Any]) -> Iterator[Item]:
        """Parse one record again."""
        record |= {name: record[name] or 0 for name in ("record", "line", "offset", "length")}
        raw, offset, length = record["raw"] or b"", record["offset"], record["length"]
        if not raw or raw.startswith(_GZIP):
            self._stay(record, record["message"])
            return
        capped = len(raw) >= MOST_RAW_BYTES and length > len(raw)
        in_place = self.origin.at(offset, len(raw)) == raw
        if capped and not in_place:
            self._stay(record, f"only the first {len(raw)} of its {length} bytes were kept, and {self._gone(offset)}")
            return
        recipe = self.replay.recipe_of(record["log_type"], self.origin.header if in_place else None)
        if recipe is None:
            self._stay(record, f"its log type, {record['log_type']}, is not among those to read; name it (--type)")
            return
        at_home = in_place or self.origin.is_message(raw, offset, length)
        chunks: Iterable[Block] = self.origin.stream(offset, length) if capped else (raw,)
        piece = _Piece(record, chunks, self.origin.identity() if at_home else None)
        shift = offset if piece.home is not None and recipe.options.row_id_seed is None else 0
        inside = length != len(raw) and not capped  # a message: the places in it are not those of the source
        try:
            for item in self._parsed(recipe, piece, raw):
                if isinstance(item, Rows):
                    item.batch = _moved(item.batch, shift)
                    yield item
                elif isinstance(item, Rejected):
                    for found in item.batch.to_pylist():
                        self._reject(_placed(found, record, inside), in_place)
                else:
                    self._count(item)
        except RejectedRecord as error:
            raise _as_first(error, record) from None

    def _parsed(self, recipe: Recipe, piece: "_Piece", raw: bytes) -> Iterable[Item]:
        """What a record gives now; nothing where it shares its line, of which the others would come out twice."""
        items = recipe.read(piece, piece.number())
        if not _SHARED_LINE.match(raw) or piece.record["reason"] == "too_long":
            return items
        found = list(items)
        if sum(item.counts["records"] for item in found if isinstance(item, End)) <= 1:
            return found
        self._stay(piece.record, "its line holds several records, of which it is one; convert the source again")
        return ()

    def _gone(self, offset: int) -> str:
        if self.origin.file is None or not self.origin.buffer:
            return f"the rest cannot be read: {self.origin.why}; convert the source again"
        return f"the source no longer holds them at byte {offset}; convert it again"

    def _stay(self, record: dict[str, Any], message: str | None) -> None:
        """Keep a record that cannot be parsed again as it is, but for the message."""
        if self.replay.recipe.options.strict:
            raise _as_first(RejectedRecord(**{name: record[name] for name in _PLACE} | {"message": message}), record)
        counts = self.end.counts["rejected"]
        counts[record["reason"]] = counts.get(record["reason"], 0) + 1
        self._reject({**record, "message": message}, True)

    def _reject(self, record: dict[str, Any], in_place: bool) -> None:
        if record["reason"] == "no_header" and not in_place and self.origin.recipe is not None:
            record["message"] += f"; the source's own header is not known: {self.origin.why}"
        self.waiting.append(record)
        self.waiting_bytes += len(record["raw"] or b"")

    def _taken(self) -> Rejected:
        batch = pa.RecordBatch.from_pylist(self.waiting, REJECTED)
        reasons = Counter(record["reason"] for record in self.waiting)
        self.waiting, self.waiting_bytes = [], 0
        return Rejected(batch, reasons, batch.nbytes)

    def _count(self, end: Item) -> None:
        assert isinstance(end, End)
        _add_end(self.end, end)
        self.end.read_bytes += end.read_bytes


class _Piece(Source):
    """The bytes of one rejected record. Its rows have the ids that they have in the source where it is still what it
    was (`home`, its identity); else ids from the record's place and bytes, the same whenever it is parsed again."""

    def __init__(self, record: dict[str, Any], data: Iterable[Block], home: bytes | None) -> None:
        self.name = record["source"]
        self.record = record
        self.data = data
        self.home = home

    def identity(self) -> bytes | None:
        return self.home or self._place()

    def number(self) -> int:
        """What stands for the number of a source where row ids are seeded."""
        return int.from_bytes(self._place())

    def chunks(self, max_decompressed: int | None = None) -> Iterator[Block]:
        yield from self.data if max_decompressed is None else limited(iter(self.data), max_decompressed)
        if self.record["reason"] == "truncated":  # no option makes whole what was cut
            raise Broken("truncated", self.record["message"] or "the input ends inside this record")

    def _place(self) -> bytes:
        place = [self.record[name] for name in ("source", "record", "offset", "raw")]
        return blake2b(repr(place).encode("utf-8", "replace"), digest_size=16).digest()


_PLACE = ("source", "record", "line", "offset", "reason", "column", "message")


def _placed(found: dict[str, Any], record: dict[str, Any], inside: bool) -> dict[str, Any]:
    """What is still bad, in its place in the source."""
    place = {name: record[name] for name in ("source", "record", "line", "offset", "length")}
    if not inside:
        place["line"] += found["line"] - 1
        place["offset"] += found["offset"]
        place["length"] = found["length"]
    return {**found, **place}


def _as_first(error: RejectedRecord, record: dict[str, Any]) -> RejectedRecord:
    """A strict pass's error, in the record's place in the source."""
    place = {name: record[name] for name in ("source", "record", "line", "offset")}
    return RejectedRecord(**place, reason=error.reason, column=error.column, message=error.message)


def _moved(batch: pa.RecordBatch, offset: int) -> pa.RecordBatch:
    """Rows with ids whose last six bytes, the place in the source, are `offset` further on."""
    place = batch.schema.get_field_index("p_row_id")
    if not offset or place < 0:
        return batch
    ids = [f"{old[:20]}{int(old[20:], 16) + offset:012x}" for old in batch.column(place).to_pylist()]
    return batch.set_column(place, batch.schema.field(place), pa.array(ids, pa.string()))


def _add_end(end: End, more: End) -> None:
    """Add what a reader has counted to what those before have."""
    add_counts(end.counts, more.counts)
    end.rows_by_type.update(more.rows_by_type)
    end.log_types += tuple(each for each in more.log_types if each not in end.log_types)
