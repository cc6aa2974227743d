"""Files of any text -> how many of their lines name each indicator: what `arrowtrail indicators` prints.

Memory holds some MB of text and the different values.
"""

import codecs
import csv
import io
import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from .errors import SourceError
from .finding import found_in
from .inflate import Block, Broken, headed
from .sources import Source
from .stats import Stats
from .survey_text import visible

__all__ = ["count_lines", "shown"]

Counts = Mapping[str, Counter[str]]

TEXT_BYTES = 2 * 1024 * 1024  # searched at once
LONGEST_BYTES = 8 * 1024 * 1024  # of a line; a longer one counts as several
# No indicator has one of these in it, or is another one for what stands beyond.
_CUTS = b' "\t\r'
_MARKS = {
    b"PAR1": "is Parquet; give its columns to arrowtrail.indicators, or its rows to arrowtrail.indicator_table",
    b"\xff\xfe": "is UTF-16; make it UTF-8 first",
    b"\xfe\xff": "is UTF-16; make it UTF-8 first",
}
# Behind the first mark of a Parquet file stands binary; a text may begin with those letters.
_HEAD_BYTES = 16
_PARQUET = re.compile(rb"PAR1.{0,12}[\x00-\x08\x0e-\x1f\x80-\xff]", re.DOTALL)
_WRITTEN = 1000


def count_lines(sources: Iterable[Source], counts: Counts, stats: Stats, most: int | None = None) -> None:
    """Add to the counts of each kind how many lines of the sources hold a value; `most` bytes of each are read.

    Lines, bytes and what could not be read are counted in `stats`; what is whole of a source counts.
    """
    started = time.perf_counter()
    for source in sources:
        try:
            source.begin()
            for text in _texts(_readable(source, most)):
                lines = pc.split_pattern(pa.array([text.removesuffix(b"\n")], pa.binary()), pattern=b"\n").values
                _count(lines, counts)
                stats.rows += len(lines)
                stats.bytes += len(text)
                stats.seconds = time.perf_counter() - started
        except (Broken, SourceError) as error:
            stats.fail(source.name or "input", error.message if isinstance(error, Broken) else error.why)
        else:
            stats.files += 1


def shown(counts: Counts, form: str, top: int | None = None) -> Iterator[bytes]:
    """The values in a format, kind by kind, the most frequent first (the `top` ones of each kind); some at a time.

    `form` is text, ndjson or csv.
    """
    if form == "csv":
        yield _csv(("kind", "value", "count"))
    lines = []
    for kind, values in counts.items():
        for value, count in sorted(values.items(), key=lambda each: (-each[1], each[0]))[:top]:
            lines.append(_line(kind, value, count, form))
            if len(lines) == _WRITTEN:
                yield b"".join(lines)
                lines.clear()
    yield b"".join(lines)


def _line(kind: str, value: str, count: int, form: str) -> bytes:
    if form == "text":
        return f"{kind}\t{value if value.isprintable() else visible(value)}\t{count}\n".encode()
    if form == "ndjson":
        row = {"kind": kind, "value": value, "count": count}
        return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    return _csv((kind, value, count))


def _csv(values: tuple[object, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue().encode()


def _count(lines: pa.Array, counts: Counts) -> None:
    found = found_in(lines)
    for kind, values in counts.items():
        different = pc.value_counts(found.field(kind).flatten())
        for value, count in zip(
            different.field("values").to_pylist(), different.field("counts").to_pylist(), strict=True
        ):
            values[value] += count


def _readable(source: Source, most: int | None) -> Iterator[Block]:
    """The chunks of a source; raises SourceError where they are no text that can be read line by line."""
    head, chunks = headed(source.chunks(most), _HEAD_BYTES)
    for mark, why in _MARKS.items():
        if head.startswith(mark) and (mark != b"PAR1" or _PARQUET.match(head)):
            raise SourceError(source.name or "input", why)
    return _unmarked(chunks) if head.startswith(codecs.BOM_UTF8) else chunks


def _unmarked(chunks: Iterator[Block]) -> Iterator[Block]:
    """The chunks without the byte order mark before them, which is no character of the first word."""
    mark = len(codecs.BOM_UTF8)
    for chunk in chunks:
        yield chunk[mark:]
        mark = max(0, mark - len(chunk))


def _texts(chunks: Iterator[Block]) -> Iterator[bytes]:
    """The chunks as texts of whole lines; raises what the chunks do behind all they gave."""
    text = bytearray()
    failed: Exception | None = None
    end = 0  # of its last whole line
    try:
        for chunk in chunks:
            begin = len(text)
            text += chunk
            end = text.rfind(b"\n", begin) + 1 or end
            if not end and len(text) > LONGEST_BYTES:
                end = max(text.rfind(mark, LONGEST_BYTES // 2) for mark in _CUTS) + 1 or len(text)
            if end and len(text) >= TEXT_BYTES:
                yield bytes(text[:end])
                del text[:end]
                end = 0
    except (Broken, SourceError) as error:
        failed = error
    if failed is not None:  # what the last line says may be a part of what it said
        del text[max(end, text.rfind(b"\n") + 1) :]
    if text:
        yield bytes(text)
    if failed is not None:
        raise failed
