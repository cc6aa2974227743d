"""LogType -> native plan: the table in the engine's terms, for the columns and indicators asked for."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from ._native import Plan
from .foreign import foreign_logs
from .indicators import scanners as indicators_by_scanner
from .jsonplan import json_plan
from .logtype import Column, LogType, Tokens
from .schema import select
from .tablefile import covers, output_columns
from .vocabulary import Type, parse_type

__all__ = ["foreign_plans", "native_plan"]


def native_plan(
    log_type: LogType, *, columns: Sequence[str] | None = None, indicators: str = "extended", unmapped: bool = True
) -> Plan:
    """The plan of a log type that builds `columns` (None: all) and the indicators of a mode."""
    found = {column for fed in indicators_by_scanner().values() for column in fed}
    if columns is not None and found.isdisjoint(columns):
        indicators = "off"  # nothing shows what is found; three columns of CloudTrail take an eighth less time so
    return _plan(log_type, None if columns is None else tuple(columns), indicators, unmapped)


@cache
def foreign_plans() -> tuple[Plan, ...]:
    """Plans of the logs that are named and refused."""
    return tuple(native_plan(log) for log in foreign_logs())


@lru_cache(maxsize=256)
def _plan(log_type: LogType, columns: tuple[str, ...] | None, indicators: str, unmapped: bool) -> Plan:
    tokens = log_type.tokens
    if tokens is None:
        how = {"json": json_plan(log_type, indicators, unmapped)}
    else:
        how = {**_records(log_type, tokens), **_tokens(tokens), **_detect(log_type)}
    wanted = {column.name for column in select(log_type, columns)}
    own = {column.name for column in log_type.columns}
    places = {column.name: place for place, column in enumerate(log_type.columns)}
    return Plan(
        {
            "log_type": log_type.name,
            **how,
            "columns": [
                _column(column, tokens is not None, column.name in wanted, indicators, unmapped)
                for column in log_type.columns
            ],
            "added": [
                (column.name, column.name in wanted) for column in output_columns(log_type) if column.name not in own
            ],
            "collect": indicators != "off",
            "event_time": [places[name] for name in log_type.event_time],
        }
    )


def _records(log_type: LogType, tokens: Tokens) -> dict[str, Any]:
    records, joined = log_type.records, log_type.records.joined
    middle = [place for place, column in enumerate(log_type.columns) if column.source == tokens.head]
    return {
        "header_least": records.header or 0,
        "parquet": records.parquet,
        "default_names": records.default or (),
        "foreign": records.foreign,
        "joined_quote": joined.quote if joined else None,
        "joined_most": joined.most if joined else 0,
        "joined_column": middle[0] if joined and middle else -1,
    }


def _tokens(tokens: Tokens) -> dict[str, Any]:
    return {
        "format": tokens.format,
        "separators": tokens.separators,
        "nulls": tokens.null,
        "quote": tokens.quote,
        "raw_quotes": dict(tokens.raw_quotes),
        "bracketed": -1 if tokens.bracketed is None else tokens.bracketed,
        "least": tokens.least,
        "head": tokens.head,
        "tail": tokens.tail,
        "tail_more": tokens.tail_more is not None,
    }


def _detect(log_type: LogType) -> dict[str, Any]:
    detect = log_type.detect
    return {
        "starts": [(None, start) if isinstance(start, str) else (start, None) for start in detect.starts],
        "detect_least": detect.least or 0,
        "detect_least_quoted": detect.least_quoted or detect.least or 0,
        "detect_exactly": detect.exactly or 0,
    }


def _column(column: Column, line: bool, wanted: bool, indicators: str, unmapped: bool) -> dict[str, Any]:
    origin, token, token_name = _source(column.source)
    if line and origin == "unmapped" and not unmapped:
        origin = "nothing"
    only_words = None if isinstance(column.only, str) else column.only
    return {
        "name": column.name,
        "type": _type(parse_type(column.type)),
        "from": origin,
        "token": token,
        "token_name": token_name,
        "part": column.part,
        "required": column.required,
        "nulls": column.null,
        "time": column.time,
        "time_given": column.time_given,
        "range": column.range if line else None,
        "allowed": column.allowed,
        "shape": column.shape,
        "only_words": only_words,
        "only_shape": column.only if isinstance(column.only, str) else None,
        "unfit_rejects": column.unfit == "reject",
        "split": column.split,
        "scanners": scanners(column.indicator, column.indicator_more, indicators) if line else [],
        "built": wanted,
    }


def _source(source: int | str) -> tuple[str, int, str]:
    """Where the token comes from, its number, its name."""
    if isinstance(source, int):
        return "number", source, ""
    if source.endswith("..."):
        return "rest", int(source[:-3]), ""
    return ("unmapped", 0, "") if source == "unmapped" else ("name", 0, source)


def _type(tree: Type) -> tuple[str, list[Any]]:
    return tree.kind, [_type(child) for _, child in tree.children]


def scanners(indicator: str | None, more: str | None, indicators: str) -> list[str]:
    """The scanners of a mode; one that finds all that another does comes alone."""
    if indicators == "off":
        return []
    names = [name for name in (indicator, more if indicators == "extended" else None) if name is not None]
    return [name for name in names if not any(name in covers().get(other, ()) for other in names)]
