"""Bytes of one input -> rows and rejected records."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .find import SCANNERS
from .frame import UTF16_MARKS, is_utf8
from .json_find import find_json
from .json_read import all_records
from .reading import Reading, Record, Verdict
from .tables import Table

RAW_MOST = 1 << 20


@dataclass
class Outcome:
    """All that reading one input gives. Timestamps are microseconds since 1970."""

    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)
    warnings: Counter = field(default_factory=Counter)
    blank: int = 0
    headers: int = 0
    control: int = 0  # control messages of CloudWatch Logs
    types: list[str] = field(default_factory=list)

    @property
    def records(self) -> int:
        return len(self.rows) + len(self.rejected)

    @property
    def log_types(self) -> list[str]:
        """Of the rows; without any, of the first header or rejected record that has one."""
        found = [log_type for log_type, _ in self.rows] or self.types[:1]
        return sorted(set(found))


def find(table: Table, values: dict, indicators: str) -> dict[str, list[str] | None]:
    """The p_any_ columns of a row."""
    found: dict[str, set[str]] = {}
    for column in table.columns:
        if values[column.name] is None or indicators == "off":
            continue
        if column.indicator:
            SCANNERS[column.indicator](values[column.name], found)
        if column.indicator_more and indicators == "extended":
            SCANNERS[column.indicator_more](values[column.name], found)
    return {name: sorted(found[name]) if name in found else None for name in table.added if name.startswith("p_any_")}


def read(
    data: bytes,
    log_type: str | None = None,
    *,
    indicators: str = "extended",
    header: str | list[str] | None = None,
    columns: list[str] | None = None,
    unmapped: bool = True,
    max_record: int = 64 << 20,
    stream: bytes | dict[str, bytes] = bytes(10),
    parse_time_us: int = 0,
    source_id: str | None = None,
    source_label: str | None = None,
) -> Outcome:
    """Decompressed bytes of one input -> Outcome. Without `log_type` each record's type is detected."""
    added = {"p_parse_time": parse_time_us, "p_source_id": source_id or None, "p_source_label": source_label or None}
    outcome, reading = Outcome(), Reading(data, log_type, header, max_record)
    for record in records_of(reading, outcome):
        verdict = record.verdict
        if verdict.kind == "header":
            outcome.headers += 1
            outcome.types.append(verdict.table.name)
        elif verdict.kind == "reject":
            reject(outcome, record)
        else:
            stream_id = stream if isinstance(stream, bytes) else stream[verdict.table.name]
            row_id = stream_id.hex() + (record.begin + record.further).to_bytes(6, "big").hex()
            row = finish(verdict, added | {"p_row_id": row_id}, indicators, unmapped)
            keep(outcome, verdict, row, columns, is_utf8(record.raw))
    outcome.warnings["unknown_name"] = len(reading.unknown_names)
    outcome.warnings = +outcome.warnings
    return outcome


def records_of(reading: Reading, outcome: Outcome) -> list[Record]:
    data = reading.data
    if data.startswith(UTF16_MARKS):
        return [Record(Verdict("reject", reading.given, reason="syntax"), 1, 0, len(data), data)]
    return all_records(reading, outcome)


def finish(verdict: Verdict, added: dict, indicators: str, unmapped: bool) -> dict:
    """All columns of a row, in schema order."""
    table, values = verdict.table, verdict.row
    times = [values[name] for name in table.event_time if values[name] is not None]
    added["p_log_type"] = table.name
    added["p_event_time"] = times[0] if times else added["p_parse_time"]
    if verdict.json:
        values["unmapped"] = verdict.json.unmapped()
        added |= find_json(table, values, values["unmapped"], indicators)
    else:
        added |= find(table, values, indicators)
    if "unmapped" in values and not unmapped:
        values["unmapped"] = None
    return values | {name: added[name] for name in table.added}


def keep(outcome: Outcome, verdict: Verdict, row: dict, columns: list[str] | None, utf8: bool) -> None:
    """Add a row, with the warnings about its selected columns."""
    if columns is not None:
        row = {name: value for name, value in row.items() if name in columns}
    outcome.rows.append((verdict.table.name, row))
    outcome.warnings.update(name for name in verdict.warnings if name in row or name == "dropped_field")
    outcome.warnings["invalid_utf8"] += not utf8


def reject(outcome: Outcome, record: Record) -> None:
    verdict = record.verdict
    log_type = verdict.table.name if verdict.table else None
    if log_type:
        outcome.types.append(log_type)
    outcome.rejected.append(
        {
            "record": outcome.records + 1,
            "line": record.line,
            "offset": record.begin,
            "length": record.end - record.begin,
            "log_type": log_type,
            "reason": verdict.reason,
            "column": verdict.column,
            "raw": record.raw[:RAW_MOST],
        }
    )
