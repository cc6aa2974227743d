"""Whole processes: the peak of memory while converting, and what an import costs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks import corpus
from benchmarks.rounds import python_path

_POLARS = (
    "import sys; from pathlib import Path; from benchmarks.peers import polars_peer as peer; "
    "peer.convert([Path(path) for path in sys.argv[2:]], Path(sys.argv[1]), 'AWS.VPCFlow', None)"
)


def peak_memory(log_type: str, mb: int, files: int = 8) -> dict[str, dict]:
    """Peak of resident memory (MB) of a process that converts `mb` MB of plain logs with two threads."""
    paths = [str(path) for path in corpus.paths(log_type, mb, files)]
    rows = sum(corpus.rows(Path(path)) for path in paths)
    ours = [sys.executable, "-m", "arrowtrail", "convert", *paths, "-o", "{out}", "--type", log_type, "--threads", "2"]
    commands = {"arrowtrail": ours, "polars": [sys.executable, "-c", _POLARS, "{out}", *paths]}
    return {peer: _converted(command, rows) for peer, command in commands.items()}


def _converted(command: list[str], rows: int) -> dict:
    out = Path(tempfile.mkdtemp(prefix="arrowtrail-bench-"))
    try:
        peak_mb, cpu_s, error = watched([part.replace("{out}", str(out)) for part in command])
        if error:
            return {"failed": error}
        return {"peak_mb": peak_mb, "cpu_s": cpu_s, "rows": _rows(out), "expected": rows}
    finally:
        shutil.rmtree(out)


def _rows(out: Path) -> int:
    import pyarrow.parquet as parquet

    return sum(parquet.read_metadata(file).num_rows for file in out.rglob("*.parquet"))


def watched(command: list[str], interval_s: float = 0.005) -> tuple[float, float, str]:
    """Peak memory in MB, CPU seconds, and the last line of what went wrong, of a process until it ends.

    VmHWM only grows, so looking often is enough. Not ru_maxrss: it counts what the parent had before exec.
    """
    environment = {**os.environ, "PYTHONPATH": python_path(), "POLARS_MAX_THREADS": "2"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # installed packages have their byte code
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        peak_kb = 0
        while True:
            peak_kb = max(peak_kb, _peak_kb(process.pid))
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            time.sleep(interval_s)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        lines = errors.read().strip().splitlines()
    failure = (lines[-1] if lines else f"ended with {process.returncode}") if process.returncode else ""
    return peak_kb / 1e3, used.ru_utime + used.ru_stime, failure


def _peak_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def import_cost(runs: int) -> dict:
    """CPU milliseconds of `import pyarrow`, and what `import arrowtrail` with one name used takes more."""
    programs = {"pyarrow": "import pyarrow", "arrowtrail": "import arrowtrail; arrowtrail.parse", "nothing": "pass"}
    used: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(runs + 1):  # the first fills the caches
        for name, program in programs.items():
            _, cpu_s, error = watched([sys.executable, "-c", program], 0.002)
            if error:
                return {"failed": error}
            used[name].append(cpu_s * 1e3)
    times = {name: median(values[1:]) for name, values in used.items()}
    return {
        "python_ms": times["nothing"],
        "pyarrow_ms": times["pyarrow"],
        "more_ms": times["arrowtrail"] - times["pyarrow"],
    }
