"""The built-in tables, loaded when first asked for; a value, and never changed."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from .errors import UnknownLogType
from .indicators import TABLES
from .logtype import LogType
from .tablefile import read

__all__ = ["builtin", "find"]


@cache
def builtin() -> Mapping[str, LogType]:
    """Every built-in log type, by name, sorted by name.

    >>> "AWS.ALB" in builtin()
    True
    """
    files = [file for file in TABLES.glob("*.toml") if not file.name.startswith("_")]
    log_types = sorted((read(file.read_bytes(), file.name) for file in files), key=lambda found: found.name)
    return MappingProxyType({log_type.name: log_type for log_type in log_types})


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
