"""AWS logs straight into Apache Arrow. The names below are found when they are first used."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import (
        ArrowtrailError,
        MixedLogTypes,
        RejectedRecord,
        SinkError,
        SourceError,
        SourceNotFound,
        SourceUsedUp,
        TableError,
        UnknownColumn,
        UnknownLogType,
        UsageError,
    )
    from .finding import indicators
    from .flat import indicator_table
    from .logtype import Column, LogType
    from .passes import OnePass
    from .reader import Result, Scan, detect, log_types, parse, rows, scan, split
    from .replay import Replayed, replay
    from .schema import schema
    from .sinks import Written, write
    from .stats import Stats

_HOMES = {
    "errors": (
        "ArrowtrailError",
        "MixedLogTypes",
        "RejectedRecord",
        "SinkError",
        "SourceError",
        "SourceNotFound",
        "SourceUsedUp",
        "TableError",
        "UnknownColumn",
        "UnknownLogType",
        "UsageError",
    ),
    "finding": ("indicators",),
    "flat": ("indicator_table",),
    "logtype": ("Column", "LogType"),
    "passes": ("OnePass",),
    "reader": ("Result", "Scan", "detect", "log_types", "parse", "rows", "scan", "split"),
    "replay": ("Replayed", "replay"),
    "schema": ("schema",),
    "sinks": ("Written", "write"),
    "stats": ("Stats",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__version__ = "0.1.0"
__all__ = [
    "ArrowtrailError",
    "Column",
    "LogType",
    "MixedLogTypes",
    "OnePass",
    "RejectedRecord",
    "Replayed",
    "Result",
    "Scan",
    "SinkError",
    "SourceError",
    "SourceNotFound",
    "SourceUsedUp",
    "Stats",
    "TableError",
    "UnknownColumn",
    "UnknownLogType",
    "UsageError",
    "Written",
    "detect",
    "indicator_table",
    "indicators",
    "log_types",
    "parse",
    "replay",
    "rows",
    "scan",
    "schema",
    "split",
    "write",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'arrowtrail' has no attribute {name!r}")
    value: object = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


class _Package(ModuleType):
    """The package; keeps the import system from putting the module `schema` where the function belongs."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
