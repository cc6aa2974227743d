"""The golden pairs: `cases/LOG_TYPE/NAME.log` and what NAME.json says of it.

A row names the columns it speaks of; with `"exact": true` all that are not null (but the row id, parse
time and source). `when` is "given" or "detected" where the two differ; `indicators`, `header` are options.
"""

import json
from pathlib import Path

import pytest
from engine_rows import Found, engine_rows, oracle_rows
from oracle.parse import parse_rfc3339
from oracle.tables import load_tables

ALL_CASES = sorted(Path(__file__).parent.glob("cases/*/*.json"))
CASES = [path for path in ALL_CASES if path.parent.name in load_tables()]  # the others: test_json_oracle.py
VOLATILE = {"p_row_id", "p_parse_time", "p_source_id", "p_source_label", "unmapped"}


def parameters() -> list:
    return list(each_parameter())


def each_parameter():
    for path in CASES:
        case = json.loads(path.read_text())
        for when in ("given", "detected"):
            if case.get("when", when) == when:
                yield pytest.param(path, case, when == "given", id=f"{path.parent.name}-{path.stem}-{when}")


@pytest.mark.parametrize(("path", "case", "given"), parameters())
def test_the_oracle_reads_the_case(path: Path, case: dict, given: bool):
    check(case, path.parent.name, lambda log_type, **options: oracle_rows(log_of(path), log_type, **options), given)


@pytest.mark.parametrize(("path", "case", "given"), parameters())
def test_the_engine_reads_the_case(native, path: Path, case: dict, given: bool):
    check(case, path.parent.name, lambda log_type, **options: engine_rows(log_of(path), log_type, **options), given)


def test_every_case_is_a_pair():
    logs = {path.with_suffix("") for path in Path(__file__).parent.glob("cases/*/*.log")}
    assert logs == {path.with_suffix("") for path in ALL_CASES}


def log_of(path: Path) -> bytes:
    return path.with_suffix(".log").read_bytes()


def check(case: dict, log_type: str, read, given: bool) -> None:
    options = {name: case[name] for name in ("header",) if name in case}
    modes = [case["indicators"]] if "indicators" in case else ["panther", "extended", "off"]
    for mode in modes:
        found = read(log_type if given else None, indicators=mode, **options)
        check_rows(case, in_input_order(found))
        check_rejected(case["rejected"], found.rejected)
        assert case.get("warnings", found.warnings) == found.warnings
        for count in ("blank", "headers"):
            assert case.get(count, found.counts[count]) == found.counts[count]
    if case.get("exact"):
        check_superset(
            case["rows"], in_input_order(read(log_type if given else None, indicators="extended", **options))
        )


def check_rows(case: dict, rows: list[dict]) -> None:
    assert len(rows) == len(case["rows"])
    for row, expected in zip(rows, case["rows"], strict=True):
        expected = {name: as_read(name, value) for name, value in expected.items()}
        names = expected
        if case.get("exact"):
            names = {name for name, value in row.items() if value is not None} - VOLATILE
        assert {name: row[name] for name in names} == expected


def check_superset(expected_rows: list[dict], rows: list[dict]) -> None:
    """Mode `extended` changes no column and loses no indicator."""
    for row, expected in zip(rows, expected_rows, strict=True):
        for name, value in expected.items():
            if name.startswith("p_any_"):
                assert set(value) <= set(row[name])
            else:
                assert row[name] == as_read(name, value)


def check_rejected(expected: list[dict], rejected: list[dict]) -> None:
    assert len(rejected) == len(expected)
    for record, wanted in zip(rejected, expected, strict=True):
        record = record | {"raw": record["raw"].decode("utf-8", "replace")}
        assert {name: record[name] for name in wanted} == wanted


def as_read(name: str, value):
    """A case's value as `Found` has it: times as microseconds, floats hexadecimal."""
    if isinstance(value, float):
        return value.hex()
    times = {column.name for table in load_tables().values() for column in table.columns if column.type == "timestamp"}
    return parse_rfc3339(value) if value is not None and name in times | {"p_event_time"} else value


def in_input_order(found: Found) -> list[dict]:
    """The rows of all types, by the offset in their row ids."""
    rows = []
    for columns in found.columns.values():
        rows += [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return sorted(rows, key=lambda row: row["p_row_id"][20:])
