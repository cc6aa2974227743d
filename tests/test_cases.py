"""The golden pairs: `cases/LOG_TYPE/NAME.log` and what NAME.json says of it.

A row names the columns it speaks of; with `"exact": true` all that are not null (but the row id, parse
time and source). `when` is "given" or "detected" where the two differ; `indicators`, `header` are options.
"""

import json
from pathlib import Path

import pytest
from engine_rows import Found, engine_rows, oracle_rows
from oracle.json_tables import Type, load_json_tables
from oracle.parse import parse_rfc3339
from oracle.tables import load_tables

ALL_CASES = sorted(Path(__file__).parent.glob("cases/*/*.json"))
TABLES = {**load_tables(), **load_json_tables()}
VOLATILE = {"p_row_id", "p_parse_time", "p_source_id", "p_source_label", "unmapped"}


def parameters() -> list:
    return list(each_parameter())


def each_parameter():
    for path in ALL_CASES:
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
        check_rows(log_type, case, in_input_order(found))
        check_rejected(case["rejected"], found.rejected)
        assert case.get("warnings", found.warnings) == found.warnings
        for count in ("blank", "headers"):
            assert case.get(count, found.counts[count]) == found.counts[count]
    if case.get("exact"):
        found = read(log_type if given else None, indicators="extended", **options)
        check_superset(log_type, case["rows"], in_input_order(found))


def check_rows(log_type: str, case: dict, rows: list[dict]) -> None:
    assert len(rows) == len(case["rows"])
    for row, wanted in zip(rows, case["rows"], strict=True):
        expected = expected_row(log_type, wanted)
        names = expected.keys()
        if case.get("exact"):
            names = {name for name, value in row.items() if value is not None} - VOLATILE | (names & VOLATILE)
        assert {name: row[name] for name in names} == expected


def check_superset(log_type: str, expected_rows: list[dict], rows: list[dict]) -> None:
    """Mode `extended` changes no column and loses no indicator."""
    for row, expected in zip(rows, expected_rows, strict=True):
        for name, value in expected_row(log_type, expected).items():
            if name.startswith("p_any_"):
                assert set(value) <= set(row[name])
            else:
                assert row[name] == value


def check_rejected(expected: list[dict], rejected: list[dict]) -> None:
    assert len(rejected) == len(expected)
    for record, wanted in zip(rejected, expected, strict=True):
        record = record | {"raw": record["raw"].decode("utf-8", "replace")}
        assert {name: record[name] for name in wanted} == wanted


def expected_row(log_type: str, wanted: dict) -> dict:
    """A case's row as `Found` has it: times as microseconds, floats hexadecimal."""
    types = {column.name: column.type for column in TABLES[log_type].columns} | {"p_event_time": "timestamp"}
    return {name: expected_value(types.get(name, "json"), value) for name, value in wanted.items()}


def expected_value(kind: Type | str, value):
    """A case's value as `Found` has it. A member that a struct does not name is null."""
    if isinstance(kind, str):  # of a line type
        kind = Type(kind)
    if value is None or kind.name in ("string", "json"):
        return value
    if kind.name == "struct":
        assert value.keys() <= {member.name for member in kind.members}
        return {member.name: expected_value(member.type, value.get(member.name)) for member in kind.members}
    if kind.name == "list":
        return [expected_value(kind.item, item) for item in value]
    if kind.name == "timestamp":
        return parse_rfc3339(value)
    return float(value).hex() if kind.name.startswith("float") else value


def in_input_order(found: Found) -> list[dict]:
    """The rows of all types, by the offset in their row ids."""
    rows = []
    for columns in found.columns.values():
        rows += [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return sorted(rows, key=lambda row: row["p_row_id"][20:])
