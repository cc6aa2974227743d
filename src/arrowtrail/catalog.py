"""The built-in tables, loaded when first asked for; a value, and never changed."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from .errors import UnknownLogType
from .logtype import LogType
from .tablefile import read

__all__ = ["READABLE_FRAMINGS", "builtin", "find"]

# The engine cannot read "json" yet. What is not listed here has a table, but is no log type to callers: adding
# "json" turns the JSON types on everywhere.
READABLE_FRAMINGS = ("lines", "json")


@cache
def builtin() -> Mapping[str, LogType]:
    """Every built-in log type that can be read, by name, sorted by name.

    >>> "AWS.ALB" in builtin()
    True
    """
    folder = resources.files(__package__) / "tables"
    files = [file for file in folder.iterdir() if file.name.endswith(".toml") and not file.name.startswith("_")]
    log_types = sorted((read(file.read_bytes(), file.name) for file in files), key=lambda found: found.name)
    return MappingProxyType(
        {log_type.name: log_type for log_type in log_types if log_type.records.framing in READABLE_FRAMINGS}
    )


def find(log_type: str | LogType) -> LogType:
    """The built-in log type of this name; a LogType is given back as it is.

    Raises UnknownLogType, which names the nearest.
    """
    if isinstance(log_type, LogType):
        return log_type
    found = builtin().get(log_type)
    if found is None:
        raise UnknownLogType(log_type, builtin())
    return found
