"""TOML -> Table and Column, as the oracle reads them. No checks: `test_tables.py` has those."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parents[2] / "src" / "arrowtrail" / "tables"

MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
SHAPES = {  # regular expressions for whole fields; fields are those of one line, parted by separators
    "any": None,
    "word": None,
    "hex64": "[0-9A-Fa-f]{64}",
    "digits16": "[0-9]{16}",
    "alnum64": "[0-9A-Za-z]{64}",
    "upper": "[A-Z_]+",
    "upper_word": "[A-Z_]{1,32}",
    "rfc3339_z": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z",
    "clf_time": rf"\[[0-9]{{1,2}}/(?:{MONTHS})/[0-9]{{4}}:[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}} [+-][0-9]{{4}}\]",
    "aws_account_or_null": "[0-9]{12}|unknown|-",
    "eni_or_null": "eni-.*|-",
    "arn": "arn:(?:[^:]*:){4}.*",
    "aws_region": "[a-z]+(?:-[a-z]+)+-[0-9]+",
    "ip": None,
    "address": None,
    "number": r"[+-]?[0-9]+(?:\.[0-9]+)?",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
}


@dataclass(frozen=True)
class Column:
    """One line of a table. `source` is its `from`; the other names are the table language's."""

    name: str
    source: int | str
    type: str
    part: str | None = None
    required: bool | str = False
    null: tuple[str, ...] = ()
    time: str | None = None
    time_given: str | None = None
    allowed: tuple[str, ...] | None = None
    range: tuple[int, int] | None = None
    shape: str | None = None
    only: tuple[str, ...] | str | None = None
    unfit: str | None = None
    split: str | None = None
    indicator: str | None = None
    indicator_more: str | None = None

    rest: int | None = None  # of a column that takes all tokens from one on: that one


def load_column(words: dict[str, Any]) -> Column:
    words = {key: tuple(value) if isinstance(value, list) else value for key, value in words.items()}
    source = words.pop("from")
    for word in ("about", "unit"):
        words.pop(word, None)
    rest = int(source[:-3]) if str(source).endswith("...") else None
    return Column(**words, source=source, rest=rest)


@dataclass(frozen=True, eq=False)
class Table:
    name: str
    added: tuple[str, ...]
    event_time: tuple[str, ...]
    records: dict[str, Any]
    tokens: dict[str, Any]
    detect: dict[str, Any]
    columns: tuple[Column, ...]
    known: frozenset[str] = field(default=frozenset())

    @property
    def header(self) -> int:
        """How many known names make a line a header; 0: this type has no headers."""
        return self.records.get("header", 0)

    @property
    def schema(self) -> list[str]:
        return [column.name for column in self.columns] + list(self.added)


def load(path: Path, order: dict[str, list[str]]) -> Table:
    raw = tomllib.loads(path.read_text())
    columns = tuple(map(load_column, raw["columns"]))
    return Table(
        name=raw["name"],
        added=tuple(order[raw["added"]]),
        event_time=tuple(raw["event_time"]),
        records=raw["records"],
        tokens=raw["tokens"],
        detect=raw["detect"],
        columns=columns,
        known=frozenset(c.source for c in columns if isinstance(c.source, str) and c.rest is None) - {"unmapped"},
    )


def framing(path: Path) -> str:
    return str(tomllib.loads(path.read_text())["records"]["framing"])


@cache
def load_tables(folder: Path = TABLES) -> dict[str, Table]:
    """Log type -> table, those with headers last: under a header every line may be a row."""
    order = tomllib.loads((folder / "_added.toml").read_text())["order"]
    paths = [path for path in sorted(folder.glob("[!_]*.toml")) if framing(path) == "lines"]
    lines = [load(path, order) for path in paths]
    return {table.name: table for table in sorted(lines, key=lambda table: table.header > 0)}
