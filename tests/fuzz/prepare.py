"""Writes what the fuzz target needs: native plans of the tables, first inputs, and a dictionary.

    python tests/fuzz/prepare.py build/fuzz

Plans are written as plain dicts: `fuzz_native.pyx` makes the engine's plans of them as the shipped module does.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from unittest.mock import patch

from case import HEADER, MODES, TRUNCATED, encode, key

import arrowtrail.plan
from arrowtrail.catalog import builtin
from arrowtrail.foreign import foreign_logs

CASES = Path(__file__).parents[1] / "cases"
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"\xed\xa0\x80", b"\0", b"\r\n", b"\n")
TEXTS = (
    "\"|\\|'|,| |{|[|2024-05-02T10:11:12.123Z |[02/May/2024:10:11:12 +0000]|20240502 10:11:12|1714644672123456|1.2.3.4|"
    "[::1]:80|xn--fa-hia.|arn:aws:iam::123456789012:user/u|Root=1-|i-0123456789abcdef0|HTTP/1.1|"
    '{"Records":[|]}|},{|"message":"|"logEvents":[|null|true|1e9|\\u0000|\\ud83d\\ude00|"tags":[{"key":"k","value":"v"}]'
)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tables = builtin()
    if len({key(name) for name in (None, *tables)}) <= len(tables):
        sys.exit("two tables have the same first byte: change case.key")
    with patch.object(arrowtrail.plan, "Plan", dict):
        plans = {
            mode: {name: arrowtrail.plan.native_plan(table, indicators=mode) for name, table in tables.items()}
            for mode in MODES
        }
        foreign = [arrowtrail.plan.native_plan(log) for log in foreign_logs()]
    (folder / "plans.txt").write_text(repr((plans, foreign)))
    write_inputs(folder / "first", list(tables))
    write_words(folder / "words.dict", [*plans["extended"].values(), *foreign])


def write_inputs(folder: Path, log_types: list[str]) -> None:
    """The golden cases: with the type given and detected, and a log of all types in turn."""
    folder.mkdir(exist_ok=True)
    every = b""
    for log in sorted(CASES.glob("*/*.log")):
        log_type = log.parent.name
        data = log.read_bytes()[:6000]
        every += data.partition(b"\n")[0] + b"\n"
        if log_type in log_types:
            (folder / f"{log_type}-{log.stem}").write_bytes(encode(log_type, data, limits=len(data) % 16))
            (folder / f"any-{log_type}-{log.stem}").write_bytes(encode(None, data, seed=len(data) % 256))
    (folder / "every").write_bytes(encode(None, every))
    for log_type in log_types:
        (folder / f"{log_type}-header").write_bytes(encode(log_type, b"version ${start} end\n" + every, options=HEADER))
        (folder / f"{log_type}-cut").write_bytes(encode(log_type, every, options=TRUNCATED, seed=0))


def names_in(members: Iterable[dict]) -> Iterator[str]:
    """Names of members at any depth."""
    for member in members:
        yield from (member["name"], *member["aliases"])
        yield from names_in(member["members"])
        yield from names_in(member["item"])


def write_words(file: Path, plans: list[dict]) -> None:
    """Words that mean something to a table, and bytes that mean something to the engine."""
    words = set(MARKS) | set(TEXTS.split("|"))
    for plan in plans:
        for column in plan["columns"]:
            texts = (column["token_name"], *(column["allowed"] or ()), *(column["only_words"] or ()), *column["nulls"])
            words.update(texts)
        words.update(plan.get("foreign", ()), plan.get("nulls", ()))
        words.update(word for starts, _ in plan.get("starts", ()) for word in starts or ())
        words.update(names_in(plan["json"]["members"] if "json" in plan else ()))
    written = sorted({word if isinstance(word, bytes) else word.encode() for word in words} - {b""})
    lines = ('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in written)
    file.write_text("".join(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
