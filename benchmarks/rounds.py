"""Drives the measured processes: one each, the same core, a run of each in turn, medians and spread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from statistics import median

from benchmarks.free_cores import FreeCores

ROOT = Path(__file__).resolve().parent.parent


def python_path() -> str:
    """This repository first, then whatever the caller had."""
    return os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))


class Failed(Exception):
    """A measured process ended; the message is what it last wrote."""


class Worker:
    """A peer in a process of its own. Use as a context; it ends with it."""

    def __init__(self, peer: str, cores: list[int]) -> None:
        environment = {**os.environ, "POLARS_MAX_THREADS": str(len(cores)), "PYTHONPATH": python_path()}
        command = [sys.executable, "-m", "benchmarks.worker", peer, ",".join(map(str, cores))]
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed in __exit__)
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, env=environment, text=True
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_exc) -> None:
        self._process.kill()
        self._process.wait()
        with suppress(BrokenPipeError):  # it ended by itself: what it said is in the result
            self._process.stdin.close()
        self._process.stdout.close()
        self._errors.close()

    def ask(self, **task) -> dict:
        """The worker's answer. This process sleeps until it is there, and disturbs nothing."""
        try:
            self._process.stdin.write(json.dumps(task) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Failed(self._last_words()) from None
        answer = self._process.stdout.readline()
        if not answer:
            raise Failed(self._last_words())
        return json.loads(answer)

    def _last_words(self) -> str:
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines()
        return lines[-1] if lines else f"ended with {self._process.returncode}"


def interleave(
    tasks: dict[str, dict], runs: int, cores: list[int], check: bool = False, free: FreeCores | None = None
) -> dict[str, dict]:
    """Each peer's task in a process of its own: once to warm up, then `runs` times in turn, A B A B.

    Two tasks of one peer have names of their own, and say `peer`.
    Of each peer: its name, CPU and wall seconds of the runs and the CPU seconds of their busiest threads, the highest
    peak of memory, the answer of the warm-up run as `first`; where it fails, `failed` with the reason instead.
    With `free` each run waits until the cores are free, and `free` says of each whether they still were at its end.
    """
    with ExitStack() as stack:
        workers = {peer: stack.enter_context(Worker(task.get("peer", peer), cores)) for peer, task in tasks.items()}
        results = {peer: _warm_up(worker, tasks[peer], check) for peer, worker in workers.items()}
        whole = {peer: result for peer, result in results.items() if "failed" not in result}
        for _ in range(runs):
            for peer, result in whole.items():
                at_begin = free is None or free.wait()
                answer = workers[peer].ask(**tasks[peer])
                result["free"].append(at_begin and (free is None or free.now()))
                result["cpu_s"].append(answer["cpu_s"])
                result["wall_s"].append(answer["wall_s"])
                result["busiest_s"].append(answer["busiest_s"])
                result["peak_mb"] = max(result["peak_mb"], answer["peak_mb"])
    return results


def _warm_up(worker: Worker, task: dict, check: bool) -> dict:
    try:
        name = worker.ask(do="about")["name"]
        first = worker.ask(**task, check=check)
    except Failed as failure:
        return {"failed": str(failure)}
    return {"name": name, "first": first, "cpu_s": [], "wall_s": [], "busiest_s": [], "free": [], "peak_mb": 0.0}


def ratio(theirs: list[float], ours: list[float]) -> dict[str, float]:
    """How many times less time ours took: of the medians, and the range over the rounds."""
    rounds = [a / b for a, b in zip(theirs, ours, strict=True)]
    return {"ratio": median(theirs) / median(ours), "least": min(rounds), "most": max(rounds)}
