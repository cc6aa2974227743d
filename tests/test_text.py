"""The scanner `text` (README 10): what it finds in texts worked out by hand, and engine == oracle on generated ones.

ARROWTRAIL_TEXTS is how many texts the long comparison has (200,000), and ARROWTRAIL_RECORDS_DIVISOR
divides it, for runs under sanitizers.
"""

import importlib.util
import itertools
import os
import time
import tomllib
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from conftest import DIVISOR, run_with_other_kernels
from indicator_texts import texts
from oracle.find import Found
from oracle.text import DOMAINS
from oracle.text import text as scan_text

import arrowtrail

TEXTS = int(os.environ.get("ARROWTRAIL_TEXTS", "200000")) // DIVISOR
BATCH = 5000
ROOT = Path(__file__).parent.parent
LISTS = ROOT / "tests/indicators"
COLUMNS = {
    "ip": "ip_addresses",
    "domain": "domain_names",
    "md5": "md5_hashes",
    "sha1": "sha1_hashes",
    "sha256": "sha256_hashes",
    "account": "aws_account_ids",
    "instance": "aws_instance_ids",
    "arn": "aws_arns",
    "email": "emails",
}
Answer = dict[str, list[str]]  # without the columns in which nothing is


def by_oracle(value: str) -> Answer:
    found: Found = {}
    scan_text(value, found)
    return {name.removeprefix("p_any_"): sorted(values) for name, values in found.items()}


def by_engine(values: list[str]) -> list[Answer]:
    array = arrowtrail.indicators(pa.array(values, pa.string()))
    array.validate(full=True)
    assert len(array) == len(values)
    assert {field.name for field in array.type} == set(COLUMNS.values())
    return [{name: found for name, found in row.items() if found is not None} for row in array.to_pylist()]


def hits() -> list[tuple[str, Answer]]:
    pairs = itertools.chain.from_iterable(tomllib.loads((LISTS / "hits.toml").read_text("utf-8")).values())
    return [(text, {COLUMNS[kind]: listed(values) for kind, values in found.items()}) for text, found in pairs]


def listed(values: str | list[str]) -> list[str]:
    return sorted([values] if isinstance(values, str) else values)


def near_misses() -> list[tuple[str, Answer]]:
    groups = tomllib.loads((LISTS / "near_misses.toml").read_text("utf-8"))
    return [(text, {}) for text in itertools.chain.from_iterable(groups.values())]


def smallest(pairs: Iterable[tuple[str, Answer, Answer]]) -> str:
    """Of texts with two answers the shortest whose answers differ, as a message; empty where none does."""
    wrong = [(text, got, wanted) for text, got, wanted in pairs if got != wanted]
    if not wrong:
        return ""
    text, got, wanted = min(wrong, key=lambda pair: (len(pair[0]), pair[0]))
    return f"{len(wrong)} differ; the shortest is {text!r}: got {got!r}, wanted {wanted!r}"


LISTED = pytest.mark.parametrize("pairs", [hits(), near_misses()], ids=["hits", "near_misses"])


@LISTED
def test_the_lists_are_long_and_name_nothing_twice(pairs: list[tuple[str, Answer]]):
    assert len(pairs) >= 220
    assert len({text for text, _ in pairs}) == len(pairs)


@LISTED
def test_oracle_finds_what_is_listed(pairs: list[tuple[str, Answer]]):
    assert not smallest((text, by_oracle(text), wanted) for text, wanted in pairs)


@LISTED
def test_engine_finds_what_is_listed(pairs: list[tuple[str, Answer]]):
    got = by_engine([text for text, _ in pairs])
    assert not smallest((text, answer, wanted) for (text, wanted), answer in zip(pairs, got, strict=True))


@pytest.mark.slow
def test_engine_finds_what_the_oracle_finds():
    for seed, count in enumerate([BATCH] * (TEXTS // BATCH) + [TEXTS % BATCH]):
        values = list(texts(seed, count))
        got = by_engine(values)
        message = smallest((text, answer, by_oracle(text)) for text, answer in zip(values, got, strict=True))
        assert not message, f"seed {seed}: {message}"


@pytest.mark.slow
def test_every_kernel_finds_what_the_oracle_finds(native):
    run_with_other_kernels(native, __file__, "engine_finds", min(TEXTS, 5000))


def test_the_same_seed_gives_the_same_texts():
    assert list(texts(7, 300)) == list(texts(7, 300))
    assert list(texts(7, 300)) != list(texts(8, 300))


def test_generated_texts_hold_every_kind():
    """And many hold nothing: the generator is worth its time only where both are common."""
    answers = [by_oracle(text) for text in texts(1, 3000)]
    assert {name for answer in answers for name in answer} == set(COLUMNS.values())
    assert 0.1 < sum(not answer for answer in answers) / len(answers) < 0.9


PIECES = [
    "a.b-",
    "a.com ",
    "arn:",
    "arn:a:b:c:d:e:",
    "i-",
    "i-0123abcd ",
    "@a.com",
    "a@b.com,",
    "http://",
    "a://u@",
    "::",
]
PIECES += ["a:", "1:", "1.1.1.1 ", "1.", "%41", "\\n", "-", ".", "é", "0a", "xn--a.", "[::1]", "://[", "a.b@", "f" * 16]


@pytest.mark.parametrize("piece", PIECES)
def test_time_grows_with_the_text_and_not_faster(piece: str):
    """Sixteen times the text may take sixteen times as long, and some; not 256 times."""
    short, long = (piece * (size // len(piece)) for size in (64_000, 1_024_000))
    took = [min(timed(text) for _ in range(3)) for text in (short, long)]
    assert took[1] < 64 * max(took[0], 0.0005), took


def timed(text: str) -> float:
    array = pa.array([text])
    begun = time.perf_counter()
    arrowtrail.indicators(array)
    return time.perf_counter() - begun


def test_a_row_of_many_indicators_has_them_sorted_and_once_each():
    names = [f"h{number}.example.com" for number in range(50_000)]
    shuffled = Random(1).sample(names * 2, k=2 * len(names))
    (found,) = arrowtrail.indicators(pa.array([" ".join(shuffled)])).field("domain_names").to_pylist()
    assert found == sorted(names)


def test_the_hash_of_top_level_domains_is_that_of_the_list():
    spec = importlib.util.spec_from_file_location("top_level_domains", ROOT / "ext/top_level_domains.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.table(tomllib.loads(module.DATA.read_text("utf-8"))) == module.TABLE.read_text("ascii")


def test_every_top_level_domain_ends_a_name_and_no_other_word_does():
    words = DOMAINS["top_level"].split() + DOMAINS["private"]
    endings = [word for word in words if word not in DOMAINS["file_endings"]]
    (found,) = arrowtrail.indicators(pa.array([" ".join(f"a.{word}" for word in words)])).to_pylist()
    assert len(found["domain_names"]) == len(endings)
    near = {word[:-1] for word in words} | {word + "x" for word in words} | {word[::-1] for word in words}
    strangers = " ".join(f"a.{word}" for word in near - set(words) if word)
    assert arrowtrail.indicators(pa.array([strangers])).field("domain_names").to_pylist() == [None]
