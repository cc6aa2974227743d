"""The generator of JSON documents, and what must hold for the oracle whatever it reads."""

from collections import Counter
from random import Random

import oracle
import pytest
from json_documents import JSON_LOG_TYPES, Documents
from json_logs import Frames, make_json_log
from oracle.json_tables import load_json_tables

pytestmark = pytest.mark.python

PLACE = {"p_row_id"}


@pytest.mark.parametrize("log_type", JSON_LOG_TYPES)
def test_a_log_without_odd_records_is_all_rows(log_type: str):
    for seed in range(8):
        data = make_json_log(log_type, seed, 15, odd=0)
        assert data == make_json_log(log_type, seed, 15, odd=0)
        for named in (log_type, None):
            outcome = oracle.read(data, named)
            assert not outcome.rejected
            assert [name for name, _ in outcome.rows] == [log_type] * 15


@pytest.mark.parametrize("log_type", JSON_LOG_TYPES)
def test_framing_changes_no_row(log_type: str):
    rng = Random(f"framing {log_type}")
    documents = Documents(load_json_tables()[log_type], rng)
    for _ in range(40):
        parts = [documents.record(0.5).replace(b"\n", b" ") for _ in range(rng.randint(1, 5))]
        bare = [bare_rows(part, log_type) for part in parts]
        framed = Frames(rng).wrapped(parts)
        if framed[0].startswith(b'{"Type"'):
            del framed[1:]  # a notice
        if framed[0].startswith(b'{"version":"0"') and load_json_tables()[log_type].envelope:
            continue  # an envelope that is a record itself
        rows, faults = bare_rows(b"\n".join(framed), log_type)
        assert rows == [row for rows, _ in bare for row in rows]
        assert faults == [fault for _, faults in bare for fault in faults]


def bare_rows(data: bytes, log_type: str) -> tuple[list, list]:
    """Rows and rejected records, without what tells their place."""
    outcome = oracle.read(data, log_type)
    rows = [{name: repr(value) for name, value in row.items() if name not in PLACE} for _, row in outcome.rows]
    return rows, [(row["reason"], row["column"]) for row in outcome.rejected]


@pytest.mark.parametrize("log_type", JSON_LOG_TYPES)
def test_generated_logs_reach_every_verdict(log_type: str):
    reasons, columns, warnings = Counter(), Counter(), Counter()
    for seed in range(40):
        data = make_json_log(log_type, seed, 25, odd=0.7)
        outcome = oracle.read(data, log_type)
        reasons.update(row["reason"] for row in outcome.rejected)
        columns.update(row["column"] for row in outcome.rejected)
        warnings.update(outcome.warnings)
        check_places(data, outcome)
    assert reasons.keys() >= {"syntax", "unknown_type", "missing_required", "bad_value", "too_deep", "truncated"}
    assert len(columns) > 3 and warnings["invalid_utf8"]


def check_places(data: bytes, outcome: oracle.Outcome) -> None:
    """A rejected record lies in the input, behind the one before it, and on the line that it says."""
    behind = 0
    for row in outcome.rejected:
        assert behind <= row["offset"] <= row["offset"] + row["length"] <= len(data)
        assert row["line"] >= 1
        behind = row["offset"]
    ids = [row["p_row_id"] for _, row in outcome.rows]
    assert ids == sorted(set(ids))
