"""Types of the compiled module: plans in, bytes in, Arrow arrays out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

class Plan:
    """A log type as the engine reads it. Built by `arrowtrail.plan.native_plan`."""

    def __init__(self, spec: Mapping[str, Any]) -> None: ...
    @property
    def log_type(self) -> str: ...

class Array:
    """One finished batch; the owner of its buffers until a consumer takes them."""

    num_rows: int
    size_bytes: int  # memory that it holds
    @property
    def address(self) -> int:
        """Where the `ArrowArray` struct of the C data interface is, while this object lives; it can be taken once."""

class Reader:
    """Bytes of one input in, batches and rejected records out. Calls are serialised."""

    def __init__(
        self,
        plans: Sequence[Plan],
        *,
        given: bool,
        stream_ids: Sequence[bytes],
        foreign: Sequence[Plan] = (),
        parse_time_us: int,
        source: str | None = None,
        source_id: str | None = None,
        source_label: str | None = None,
        header: str | None = None,
        batch_rows: int = 65536,
        batch_bytes: int = 8388608,
        max_record: int = 67108864,
        since_us: int | None = None,
        until_us: int | None = None,
        offset: int = 0,
        state: bytes | None = None,
        like: Reader | None = None,
        times: float = 1.0,
    ) -> None:
        """`like` is another reader of the input. What is to come is likely `times` as much: room is made for it."""
    def feed(self, chunk: object) -> None:
        """Read the records that `chunk` (any contiguous buffer) completes. The chunk is free to change afterwards."""
    def open_columns(self, names: Sequence[str]) -> list[int] | None:
        """The input is rows in columns of these names: the places of those to feed. None where no log type that comes
        so has them; the input is then of no type."""
    def feed_columns(
        self, capsule: object, places: Sequence[int], kinds: Sequence[str], begin: int, first_row: int, enough: int
    ) -> tuple[int, int]:
        """Read rows of the struct in an `arrow_array` capsule, from `begin` on, which is the input's row `first_row`.

        Ends with the row that makes their text `enough` bytes; gives back how many rows, and bytes, they were. The
        struct's children stand at `places` among the names of `open_columns`; `kinds` are `string`, `int32` or `int64`.
        """
    def reject(self, reason: str, message: str, raw: object, offset: int | None = None) -> None:
        """Add a rejected record that no line holds, such as bytes behind a gzip member."""
    def pause(self) -> bytes | None:
        """Complete the batches at hand; returns where the input stands, or None inside a record.

        The answer is all that matters of what was read so far. A reader made with it as `state`, and the place in the
        input as `offset`, reads on as this one would, but for the numbers of records and lines.
        """
    def finish(self, truncated: str | None = None) -> None:
        """The input ends. With `truncated` (a message) the unfinished tail is one rejected record `truncated`."""
    def take(self) -> list[tuple[int, Array]]:
        """Finished batches as (index of the plan, array), in order; `finish` completes the last ones."""
    def take_rejected(self) -> Array | None:
        """Rejected records since the last call, in the schema of `arrowtrail.schema.REJECTED`."""
    @property
    def counts(self) -> dict[str, Any]:
        """records, rows, outside, rejected (by reason), warnings (by what), blank, bytes, headers, `unknown_names` (of
        headers) and `first_rejected`: (record, line, offset, reason, column, message) or None."""
    @property
    def lines(self) -> int:
        """Line feeds that were read; whole where `pause` gives a state."""
    @property
    def log_types(self) -> list[int]:
        """Indices of the plans that gave rows; if none did, of the first header's or rejected record's; else empty."""

class RowMaker:
    """Makes dicts of the rows of record batches that have one schema. Built by `arrowtrail.dicts.row_maker`."""

    def __init__(self, fields: Sequence[tuple[str, str, Any]], decode: Callable[[str], Any] | None = None) -> None:
        """`fields` are (name, kind, the same of its children); `decode` takes the text of each value of kind `json`."""
    def rows(self, capsule: object, begin: int, count: int) -> list[dict[str, Any]]:
        """`count` rows from `begin` on of the array in an `arrow_array` capsule."""

def kernel() -> str:
    """Name of the instruction set in use, by simdjson's own detection."""

def kernels() -> list[str]:
    """Names of the instruction sets that this processor has; SIMDJSON_FORCE_IMPLEMENTATION picks one."""
