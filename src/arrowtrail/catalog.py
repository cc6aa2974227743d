"""The built-in tables, loaded when first asked for; a value, and never changed."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from .errors import UnknownLogType
from .logtype import LogType
from .tablefile import read

__all__ = ["builtin", "find"]


@cache
def builtin() -> Mapping[str, LogType]:
    """Every built-in log type by name, sorted by name.

    >>> "AWS.ALB" in builtin()
    True
    """
    folder = resources.files(__package__) / "tables"
    files = [file for file in folder.iterdir() if file.name.endswith(".toml") and not file.name.startswith("_")]
    log_types = (read(file.read_bytes(), file.name) for file in files)
    return MappingProxyType({log_type.name: log_type for log_type in sorted(log_types, key=lambda found: found.name)})


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
