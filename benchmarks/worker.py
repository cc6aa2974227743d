"""The process that is measured: one peer, one core, told what to do line by line.

    python -m benchmarks.worker PEER CORES

reads one JSON object a line, `{"do": "read", "path": ..., "log_type": ...}`, and answers with one. Its
driver is `rounds.py`. Times cover the call alone: imports, the first warm-up and freeing the result are outside.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks import corpus, peers
from benchmarks.compare import compare


def status_kb(name: str) -> int:
    """VmRSS or VmHWM of this process, in kB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise KeyError(name)


_threads_s: list[float] = []  # CPU seconds of the threads that have ended


def count_threads() -> None:
    """From now on each thread of Python's says, at its end, how long it has worked."""
    run = threading.Thread.run

    def counted(thread: threading.Thread) -> None:
        try:
            run(thread)
        finally:
            _threads_s.append(time.thread_time())

    threading.Thread.run = counted


def measured(call) -> tuple[object, dict]:
    """What the call returns; CPU and wall seconds, those of CPU of the busiest thread, and the peak of memory while it
    ran, in MB."""
    gc.collect()
    _threads_s.clear()
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM starts again
    before_kb = status_kb("VmRSS")
    wall, own, cpu = time.perf_counter(), time.thread_time(), time.process_time()
    result = call()
    cpu, own, wall = time.process_time() - cpu, time.thread_time() - own, time.perf_counter() - wall
    times = {"cpu_s": cpu, "wall_s": wall, "busiest_s": max(own, *_threads_s, 0)}
    return result, {**times, "peak_mb": status_kb("VmHWM") / 1e3, "before_mb": before_kb / 1e3}


def read(peer, task: dict) -> dict:
    path, options = Path(task["path"]), task.get("options", {})
    table, answer = measured(lambda: peer.read(path, task["log_type"], **options))
    answer["rows"], answer["columns"] = table.num_rows, table.num_columns
    if task.get("check"):
        answer["check"] = compare(table, corpus.truth(path), without=getattr(peer, "RESPELLED", ()))
    return answer


def stream(peer, task: dict) -> dict:
    paths = [Path(path) for path in task["paths"]]
    count, answer = measured(lambda: peer.stream(paths, task["log_type"], **task.get("options", {})))
    return {**answer, "rows": count}


def extract(peer, task: dict) -> dict:
    table, answer = measured(lambda: peer.extract(Path(task["path"])))
    answer["found"] = {name: sum(map(len, table[name].drop_null().to_pylist())) for name in table.column_names}
    return {**answer, "rows": table.num_rows}


def convert(peer, task: dict) -> dict:
    """Files to Parquet in a folder of its own, which is deleted again."""
    out = Path(tempfile.mkdtemp(prefix="arrowtrail-bench-"))
    try:
        paths, options = [Path(path) for path in task["paths"]], task.get("options", {})
        _, answer = measured(lambda: peer.convert(paths, out, task["log_type"], task["columns"], **options))
        answer.update(_written(out))
    finally:
        shutil.rmtree(out)
    return answer


def _written(out: Path) -> dict:
    import pyarrow.parquet as parquet

    files = list(out.rglob("*.parquet"))
    metas = [parquet.read_metadata(file) for file in files]
    columns = len(metas[0].schema.to_arrow_schema()) if metas else 0
    size = sum(file.stat().st_size for file in files)
    return {"rows": sum(meta.num_rows for meta in metas), "columns": columns, "size_bytes": size}


def about(peer, _task: dict) -> dict:
    return {"name": peer.NAME}


def main() -> None:
    name, cores = sys.argv[1], {int(core) for core in sys.argv[2].split(",")}
    os.sched_setaffinity(0, cores)
    count_threads()
    peer = peers.load(name)
    tasks = {"read": read, "stream": stream, "extract": extract, "convert": convert, "about": about}
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(tasks[task["do"]](peer, task)), flush=True)


if __name__ == "__main__":
    main()
