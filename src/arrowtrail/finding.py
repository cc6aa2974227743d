"""indicators(): texts of any kind -> a struct of lists, by the scanner `text`.

The native reader takes the texts for a column of a table that has no other, as it takes those of a Parquet delivery.
"""

import struct
import sys
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .errors import UsageError
from .indicators import TABLES, scanners
from .logtype import LogType
from .options import check
from .sources import BytesSource
from .stream import Recipe
from .tablefile import read

__all__ = ["PREFIX", "found_in", "indicators", "kinds"]

FILE = "_text.toml"
PREFIX = "p_any_"
# What is fed at once: each piece is asked anew whether it is all ASCII, which is quicker to read.
PIECE_ROWS = 16384
# An array's results are one batch where they can be: batches would have to be copied together.
BATCH_BYTES = 1 << 30
MOST_BYTES = (1 << 31) - 1  # of one text
_BYTES = ("B", "b", "c")
_TEXT = pc.CastOptions(target_type=pa.string(), allow_invalid_utf8=True)
_VIEWS = (pa.string_view(), pa.binary_view())  # pyarrow cannot decode a dictionary of them
_IS_TEXT = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
    pa.types.is_fixed_size_binary,
)


def indicators(text: Any, /) -> Any:
    """The indicators in texts of any kind, wherever they stand in them: a list for each kind.

    `text` is an Arrow array of texts or bytes (pyarrow's, or what has `__arrow_c_array__` or `__arrow_c_stream__`, such
    as a polars Series), or one str or bytes. An array gives a pyarrow.StructArray of its length, what is in chunks a
    pyarrow.ChunkedArray; one text a pyarrow.StructScalar. The fields are those of `p_any_` columns that can stand in a
    text, without `p_any_`; each is a sorted list<string>, null where nothing was found. A null gives a null. Bytes that
    are no UTF-8 count as U+FFFD.

    Raises UsageError for what holds no texts.

    >>> found = indicators(pa.array(["GET https://www.example.com/ from 10.0.0.7", "nothing", None]))
    >>> found.field("ip_addresses").to_pylist(), found.field("domain_names").to_pylist()
    ([['10.0.0.7'], None, None], [['www.example.com'], None, None])
    >>> indicators("mail to eve@example.com")["emails"].as_py()
    ['eve@example.com']
    """
    if isinstance(text, str):
        return found_in(_one(text.encode("utf-8", "surrogatepass")))[0]
    if isinstance(text, pa.Array):
        return found_in(text)
    if isinstance(text, pa.ChunkedArray) or hasattr(text, "__arrow_c_stream__"):
        chunks = text.chunks if isinstance(text, pa.ChunkedArray) else pa.chunked_array(text).chunks
        return pa.chunked_array([found_in(chunk) for chunk in chunks], _type())
    if hasattr(text, "__arrow_c_array__"):
        return found_in(pa.array(text))
    if isinstance(text, pa.Scalar):
        return found_in(pa.array([text.as_py()], text.type))[0]
    return found_in(_one(_bytes(text)))[0]


def _bytes(text: Any) -> memoryview:
    """What a bytes-like object holds; of other buffers, such as NumPy's arrays, the bytes are no text."""
    try:
        view = memoryview(text)
    except TypeError:
        view = None
    if view is None or view.format not in _BYTES or view.ndim != 1 or not view.c_contiguous:
        raise UsageError(
            f"text, bytes or an Arrow array of them is wanted, not {type(text).__name__}; pyarrow.array(...) makes one"
        )
    if len(view) >= MOST_BYTES:
        raise UsageError(f"a text of {len(view)} bytes is too long: give it in pieces below {MOST_BYTES}")
    return view


@cache
def kinds() -> tuple[str, ...]:
    """What a text can hold: the names of `p_any_` columns without `p_any_`, in the order of the fields.

    >>> kinds()[:2]
    ('ip_addresses', 'domain_names')
    """
    return tuple(name.removeprefix(PREFIX) for name in _schema().names)


def found_in(column: pa.Array) -> pa.StructArray:
    """As `indicators`, of a pyarrow.Array."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    kind = column.type
    if pa.types.is_dictionary(kind):
        if len(column.dictionary) > len(column) and kind.value_type not in _VIEWS:
            return found_in(column.dictionary_decode())
        return found_in(column.dictionary).take(column.indices)
    if pa.types.is_null(kind):
        return pa.nulls(len(column), _type())
    if not any(is_text(kind) for is_text in _IS_TEXT):
        hint = "; give one of its columns" if pa.types.is_struct(kind) else ""
        raise UsageError(f"an array of texts or bytes is wanted, not of {kind}{hint}")
    lists = _lists(column)
    return pa.StructArray.from_arrays(lists, fields=list(_type()), mask=column.is_null() if column.null_count else None)


def _lists(column: pa.Array) -> list[pa.Array]:
    """The lists of each kind that texts hold."""
    recipe = _recipe()
    reader = recipe.reader_maker(BytesSource(b""))()
    reader.open_columns([column.name for column in _log_type().columns])
    for at in range(0, len(column), PIECE_ROWS):
        texts = _as_text(column.slice(at, PIECE_ROWS))
        _, capsule = pa.StructArray.from_arrays([texts], ["text"]).__arrow_c_array__()
        reader.feed_columns(capsule, [0], ["string"], 0, at, sys.maxsize)
    reader.finish()
    batches = [recipe.batch(_log_type(), array) for _, array in reader.take()]
    if len(batches) == 1:
        return list(batches[0].columns)
    return [column.combine_chunks() for column in pa.Table.from_batches(batches, _schema()).columns]


def _as_text(column: pa.Array) -> pa.StringArray:
    """The column with offsets of 32 bits; what its bytes are is not asked."""
    try:
        return pc.cast(column, options=_TEXT)
    except (pa.ArrowInvalid, NotImplementedError):  # beyond 2 GiB of an array; a view, in older pyarrow
        return pc.cast(pa.array(column.to_pylist()), options=_TEXT)


def _one(text: Any) -> pa.Array:
    """Bytes, where they are, as an array of one."""
    data = pa.py_buffer(text)
    return pa.Array.from_buffers(pa.binary(), 1, [None, pa.py_buffer(struct.pack("=ii", 0, data.size)), data])


@cache
def _type() -> pa.StructType:
    return pa.struct([(name, pa.list_(pa.string())) for name in kinds()])


def _schema() -> pa.Schema:
    return _recipe().schemas[_log_type().name]


@cache
def _log_type() -> LogType:
    return read((TABLES / FILE).read_bytes(), FILE)


@cache
def _recipe() -> Recipe:
    """How texts are read: no row is null, too long or told by anything but its text."""
    log_type = _log_type()
    fed = [name for column in log_type.columns for scanner in column.indicators for name in scanners()[scanner]]
    options = check(
        log_type,
        columns=fed,
        indicators="extended",
        unmapped=False,
        source_id=None,
        source_label=None,
        header=None,
        strict=False,
        rejects=None,
        batch_rows=sys.maxsize,
        threads=1,
        log_types=None,
        since=None,
        until=None,
        parse_time=0,
        row_id_seed=0,
        max_record=sys.maxsize,
        max_decompressed=None,
    )
    return Recipe(options, BATCH_BYTES)
