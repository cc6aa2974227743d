"""What a number was measured on; it stands beside every number."""

from __future__ import annotations

import importlib
import os
import platform
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def about() -> dict:
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in ("arrowtrail", "pyarrow", "duckdb", "polars", "msgspec", "isal")},
        "kernel": _kernel(),
        "commit": _commit(),
        "load": f"{os.getloadavg()[0]:.2f}",
        "command": "python " + " ".join([os.path.relpath(sys.argv[0], ROOT), *sys.argv[1:]]),
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # perhaps on the path without being installed
        with suppress(ImportError):
            return importlib.import_module(name).__version__
        return "not installed"


def _kernel() -> str:
    """The instruction set that arrowtrail chose."""
    try:
        from arrowtrail import _native
    except ImportError:
        return "not built"
    return _native.kernel()


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
