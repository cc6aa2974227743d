"""What the fuzzer found: the engine reads it as the oracle does.

`fuzz/corpus` holds the inputs that once made something fail. ARROWTRAIL_FUZZ_INPUTS names a folder with more, such
as `build/fuzz/inputs` after a run.
"""

import os
from pathlib import Path

import pytest
from engine_rows import assert_same, engine_rows, oracle_rows
from fuzz.case import decode
from oracle.tables import load_tables

CORPUS = Path(__file__).parent / "fuzz" / "corpus"
MORE = os.environ.get("ARROWTRAIL_FUZZ_INPUTS")
INPUTS = [file for folder in (CORPUS, MORE) if folder for file in sorted(Path(folder).iterdir())]


@pytest.mark.parametrize("file", INPUTS, ids=lambda file: file.name)
def test_an_input_of_the_fuzzer_is_read_as_by_the_oracle(native, file: Path):
    case = decode(file.read_bytes(), list(load_tables()))
    options = {"indicators": case.mode, "header": case.header, "max_record": case.max_record}
    batches = {"batch_rows": case.batch_rows, "batch_bytes": case.batch_bytes}
    expected = oracle_rows(case.data, case.log_type, **options)
    assert_same(engine_rows(case.data, case.log_type, **options, **batches), expected)
    assert_same(engine_rows(case.chunks(), case.log_type, **options, **batches), expected)
