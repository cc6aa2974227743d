"""Batches -> rows as dicts: nulls left out, timestamps as text, json columns as what they hold."""

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import pyarrow as pa

from .schema import SCALARS

if TYPE_CHECKING:
    from ._native import RowMaker

__all__ = ["decode_json", "is_json", "row_blocks", "row_maker"]

BLOCK_ROWS = 128  # few enough to stay in the caches; with 1024 a row takes a third longer
_KINDS = {arrow: kind for kind, arrow in SCALARS.items()}
_Spec = tuple[str, str, list[Any]]  # name, kind, the same of its children


def decode_json(text: str) -> Any:
    """What a JSON text holds, fit to be written as JSON again in UTF-8.

    An unpaired surrogate escape is U+FFFD; of a doubled key the last one counts. A number that Python's float or int
    does not take is its text, and so is all that is no JSON (a table of lines may call any text JSON).

    >>> decode_json('{"a": [1e999, "x\\\\ud800"], "a": [123456789012345678901234567890, 1e999, "x\\\\ud800"]}')
    {'a': [123456789012345678901234567890, '1e999', 'x\ufffd']}
    """
    whole = _ESCAPES.sub(_paired, text) if "\\ud" in text or "\\uD" in text else text
    try:
        value, end = _decoder.raw_decode(whole)
        if end == len(whole):
            return value
    except ValueError:
        pass
    try:
        return _slow_decoder.decode(whole)
    except ValueError:
        return text


def is_json(field: pa.Field) -> bool:
    """Whether the field's values are JSON texts."""
    return (field.metadata or {}).get(b"content") == b"json"


def row_maker(schema: pa.Schema, decode: Callable[[str], Any] | None) -> "RowMaker":
    """What makes dicts of batches with this schema; `decode` takes each JSON text, None leaves it a text.

    Raises TypeError where the schema has a type that no log type has.
    """
    from ._native import RowMaker

    return RowMaker([_spec(field) for field in schema], decode)


def row_blocks(maker: "RowMaker", batch: pa.RecordBatch) -> Iterator[list[dict[str, Any]]]:
    """All rows of a batch, some hundred at a time.

    >>> batch = pa.record_batch({"a": ["x", None], "n": [1, 2]})
    >>> list(row_blocks(row_maker(batch.schema, decode_json), batch))
    [[{'a': 'x', 'n': 1}, {'n': 2}]]
    """
    _, array = batch.__arrow_c_array__()
    for at in range(0, batch.num_rows, BLOCK_ROWS):
        yield maker.rows(array, at, min(BLOCK_ROWS, batch.num_rows - at))


def _spec(field: pa.Field) -> _Spec:
    kind = field.type
    if kind == pa.string():
        return field.name, "json" if is_json(field) else "string", []
    if pa.types.is_list(kind):
        return field.name, "list", [_spec(kind.value_field)]
    if pa.types.is_struct(kind):
        return field.name, "struct", [_spec(member) for member in kind]
    if kind not in _KINDS:
        raise TypeError(f"{field.name}: no log type has columns of the type {kind}")
    return field.name, _KINDS[kind], []


def _float(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text


def _int(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:  # more digits than sys.get_int_max_str_digits() allows
        return text


def _no_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _paired(escape: re.Match[str]) -> str:
    return "\\ufffd" if escape[1] else escape[0]


# An escape in JSON text; group 1 is there for half a surrogate pair.
_ESCAPES = re.compile(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)|\\.")
_decoder = json.JSONDecoder(parse_float=_float, parse_constant=_no_json)
_slow_decoder = json.JSONDecoder(parse_float=_float, parse_int=_int, parse_constant=_no_json)
