"""Mode `panther` is Panther's own, exactly: what other modes learn to find must not change it.

`panther.json` holds a digest of each log type's rows in this mode, made before there was a scanner for free text:

    PYTHONPATH=. python tests/test_panther.py > tests/panther.json
"""

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pytest

import arrowtrail
from benchmarks import corpus

DIGESTS = Path(__file__).parent / "panther.json"
BYTES = 1_000_000
SAME = ("AWS.CloudTrailDigest", "AWS.VPCDns", "AWS.VPCFlow")  # mode `extended` adds nothing that their logs hold


def table(log_type: str, mode: str) -> pa.Table:
    data = corpus.make(log_type, BYTES)
    return arrowtrail.parse(data, log_type, indicators=mode, parse_time=0, row_id_seed="panther").table


def digest(log_type: str) -> str:
    rows = json.dumps(table(log_type, "panther").to_pylist(), default=str, ensure_ascii=False)
    return hashlib.sha256(rows.encode()).hexdigest()


@pytest.mark.parametrize("log_type", arrowtrail.log_types())
def test_mode_panther_gives_what_it_always_gave(log_type):
    assert digest(log_type) == json.loads(DIGESTS.read_text())[log_type]


@pytest.mark.parametrize("log_type", arrowtrail.log_types())
def test_modes_differ_in_indicators_alone(log_type):
    panther, extended = table(log_type, "panther"), table(log_type, "extended")
    found = [name for name in panther.column_names if name.startswith("p_any_")]
    assert panther.drop_columns(found).equals(extended.drop_columns(found))
    assert panther.equals(extended) == (log_type in SAME)
    assert any(panther[name].null_count < panther.num_rows for name in found)


if __name__ == "__main__":
    print(json.dumps({log_type: digest(log_type) for log_type in arrowtrail.log_types()}, indent=1))
