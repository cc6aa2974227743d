"""The logs that benchmarks read: valid, odd where they say so, and with the right values beside them."""

import pyarrow as pa
import pytest
from conftest import DIVISOR
from engine_rows import assert_same, engine_rows, oracle_rows

import arrowtrail
from benchmarks import corpus
from benchmarks.compare import compare
from benchmarks.logs import LOGS, records

pytestmark = pytest.mark.usefixtures("native")
SIZE = 200_000 // DIVISOR


@pytest.fixture(params=sorted(LOGS))
def log_type(request: pytest.FixtureRequest) -> str:
    return request.param


def make_odd(monkeypatch: pytest.MonkeyPatch, log_type: str, share: float) -> None:
    for module in (records, LOGS[log_type]):
        monkeypatch.setattr(module, "ODD", share, raising=False)


def test_there_is_a_corpus_of_every_log_type():
    assert sorted(LOGS) == arrowtrail.log_types()


@pytest.mark.parametrize("named", [True, False])
def test_engine_and_oracle_read_a_corpus_alike(log_type: str, named: bool):
    data = corpus.make(log_type, SIZE)
    given = log_type if named else None
    assert_same(engine_rows(data, given), oracle_rows(data, given))


def test_engine_and_oracle_read_odd_records_alike(log_type: str, monkeypatch: pytest.MonkeyPatch):
    make_odd(monkeypatch, log_type, 1.0)
    data = corpus.make(log_type, 2 * SIZE)
    assert_same(engine_rows(data, log_type), oracle_rows(data, log_type))


@pytest.mark.python
@pytest.mark.parametrize("odd", [records.ODD, 1.0])
def test_every_value_of_a_corpus_is_right(log_type: str, odd: float, tmp_path, monkeypatch: pytest.MonkeyPatch):
    make_odd(monkeypatch, log_type, odd)
    file = tmp_path / "corpus.log"
    corpus.write(file, log_type, 4 * SIZE, seed=7)
    result = arrowtrail.parse(file.read_bytes())
    assert (result.rejected.num_rows, dict(result.stats.warnings)) == (0, {})
    report = compare(result.table, corpus.truth(file))
    assert report["right"] == report["rows"] == corpus.rows(file) and report["lost"] == 0
    assert report["compared"] == len(LOGS[log_type].TRUTH)


@pytest.mark.python
def test_a_seed_gives_the_same_bytes_and_another_seed_others(log_type: str):
    again, other = corpus.make(log_type, SIZE), corpus.make(log_type, SIZE, seed=2)
    assert corpus.make(log_type, SIZE) == again != other
    assert len(again) >= SIZE


@pytest.mark.python
def test_a_small_log_has_as_many_records_as_asked_for(log_type: str):
    assert arrowtrail.parse(corpus.some(log_type, 10), log_type).table.num_rows == 10


def test_a_wrong_member_and_a_lost_row_are_counted():
    answers = [[{"Rdata": "a", "Type": "A"}, {"Rdata": None, "Type": "B"}], [], None]
    table = pa.table({"answers": answers, "ids": [{"n": 1}, {"n": 2}, None]})
    truth = pa.table({"answers.Rdata": ["a\n", "", None], "ids.n": [1, 2, None], "ids.other": ["", "", ""]})
    right = {"rows": 3, "right": 3, "wrong": 0, "lost": 0, "compared": 2}
    assert compare(table, truth) == right
    assert compare(table, truth, without=["ids.n"]) == {**right, "compared": 1}
    wrong = truth.set_column(1, "ids.n", pa.array([1, 3, None]))
    assert compare(table, wrong) == {**right, "right": 2, "wrong": 1, "columns": {"ids.n": 1}}
    assert compare(table.slice(1), truth) == {**right, "rows": 2, "right": 2, "lost": 1}
