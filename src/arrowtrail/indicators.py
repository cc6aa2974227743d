"""The indicator scanners and the added columns, as the shipped tables list them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "tables"  # as shipped; importlib.resources would take 10 ms of `import arrowtrail`


@cache
def scanners() -> Mapping[str, tuple[str, ...]]:
    """Indicator scanner -> the p_any_ columns it can fill."""
    return {name: tuple(columns) for name, columns in shipped("_indicators.toml")["scanners"].items()}


@cache
def covers() -> Mapping[str, tuple[str, ...]]:
    """Indicator scanner -> the scanners that find nothing that it does not."""
    return {name: tuple(covered) for name, covered in shipped("_indicators.toml")["covers"].items()}


@cache
def walkers() -> tuple[str, ...]:
    """The scanners that walk through raw JSON."""
    return tuple(shipped("_indicators.toml")["json"]["walkers"])


@cache
def walked_keys() -> tuple[tuple[str, str | None, str | None, str | None, bool], ...]:
    """(key, its scanner for walker N, for walker L, in the mode `extended`, whether it holds opaque ids).

    "*Id" is any key that ends so.
    """
    shipped_keys = shipped("_indicators.toml")
    n, by_l, more = (_by_key(keys) for keys in shipped_keys["keys"].values())
    opaque = dict.fromkeys(shipped_keys["text"]["opaque"], True)
    return tuple(
        (key, n.get(key), by_l.get(key), more.get(key), key in opaque) for key in {**n, **by_l, **more, **opaque}
    )


def _by_key(scanners: Mapping[str, list[str]]) -> dict[str, str]:
    return {key: scanner for scanner, keys in scanners.items() for key in keys}


@cache
def line_scanners() -> tuple[str, ...]:
    """The scanners that line types may name."""
    json = shipped("_indicators.toml")["json"]
    return tuple(name for name in scanners() if name not in (*json["walkers"], *json["values"]))


@cache
def shipped(name: str) -> dict[str, Any]:
    """What a file of the package's `tables/` says."""
    return tomllib.loads((TABLES / name).read_text("utf-8"))
