"""Same bytes, one process each, one core, in turn: arrowtrail beside the readers people use today.

    python benchmarks/bench_peers.py [--mb 64] [--runs 5] [--type AWS.ALB] [--row read] [--json FILE]

Prints a line for each speed to reach (goals.py) and writes all samples as JSON for report.py. MB/s are plain
input bytes (10^6) over the median CPU time; "rounds" is the range of the ratio over the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from itertools import compress, product
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import corpus, goals, machine, peers, processes
from benchmarks.free_cores import FreeCores
from benchmarks.logs import LOGS
from benchmarks.rounds import interleave, ratio

FLOW = "AWS.VPCFlow"


def read_rows(options: argparse.Namespace) -> Iterator[dict]:
    """One row a goal: arrowtrail and every peer that can read the log type, each result held against the truth."""
    for log_type in options.type:
        file = corpus.path(log_type, options.mb, seed=options.seed)
        task = {"do": "read", "path": str(file), "log_type": log_type}
        about = {"size_bytes": corpus.size_bytes(file), "rows": corpus.rows(file), "log_type": log_type}
        for goal in goals.READ[log_type]:
            goal = goal._replace(indicators=options.indicators or goal.indicators)
            ours = {**task, "options": {"indicators": goal.indicators}}
            tasks = {"arrowtrail": ours, **dict.fromkeys(peers.RIVALS[log_type], task)}
            results = interleave(tasks, options.runs, [options.core], check=True)
            yield _row(goal, results, **about)


def extract_rows(options: argparse.Namespace) -> Iterator[dict]:
    """Indicators anywhere in ALB lines. The peer knows no boundaries or top-level domains, so counts differ."""
    file = corpus.path("AWS.ALB", options.mb, seed=options.seed)
    task = {"do": "extract", "path": str(file)}
    results = interleave({"arrowtrail": task, "polars": task}, options.runs, [options.core])
    about = {"size_bytes": corpus.size_bytes(file), "rows": corpus.rows(file), "log_type": "AWS.ALB"}
    yield _row(goals.EXTRACT, results, **about)


def convert_rows(options: argparse.Namespace) -> Iterator[dict]:
    """gz files to zstd Parquet: the columns that a CSV reader has, then all of ours against what the peer has."""
    same = list(LOGS[FLOW].TRUTH)
    yield _convert_row(options, goals.SAME_COLUMNS, FLOW, ours=same, theirs=same)
    yield _convert_row(options, goals.WHOLE_SCHEMA, FLOW, ours=None, theirs=same)
    yield _convert_row(options, goals.TRAIL_FILES, "AWS.CloudTrail", ours=None, theirs=None)


def _convert_row(
    options: argparse.Namespace, goal: goals.Goal, log_type: str, ours: list[str] | None, theirs: list[str] | None
) -> dict:
    paths = corpus.paths(log_type, options.mb, options.files, gz=True, seed=options.seed)
    size, rows = sum(map(corpus.size_bytes, paths)), sum(map(corpus.rows, paths))
    task = {"do": "convert", "paths": [str(path) for path in paths], "log_type": log_type}
    tasks = {"arrowtrail": {**task, "columns": ours}, goal.peer: {**task, "columns": theirs}}
    results = interleave(tasks, options.runs, [options.core])
    return _row(goal, results, size_bytes=size, rows=rows, log_type=log_type)


def thread_rows(options: argparse.Namespace) -> Iterator[dict]:
    """CPU time of one thread over that of the busiest of two threads (or half of all, where that is more).

    That is at most what two free cores would give, since threads that wait take no CPU time; the wall time beside it
    is what the machine had to spare. Rounds count in which both cores were free; the ratio of all stands beside it.
    """
    free = FreeCores()
    for goal, files in ((goals.THREADS, options.files), (goals.THREADS_OF_A_FILE, 1)):
        yield _thread_row(options, goal, corpus.paths(FLOW, options.mb, files, seed=options.seed), free)


def _thread_row(options: argparse.Namespace, goal: goals.Goal, paths: list[Path], free: FreeCores) -> dict:
    size, rows = sum(map(corpus.size_bytes, paths)), sum(map(corpus.rows, paths))
    task = {"do": "stream", "paths": [str(path) for path in paths], "log_type": FLOW}
    cores = sorted(os.sched_getaffinity(0))[-2:]
    tasks = {
        name: {**task, "peer": "arrowtrail", "options": {"threads": threads}}
        for name, threads in (("one thread", 1), ("arrowtrail", 2))
    }
    results = interleave(tasks, max(options.runs, 51), cores, free=free)
    about = {"size_bytes": size, "rows": rows, "log_type": FLOW}
    if any("failed" in result for result in results.values()):
        return _row(goal, results, **about)
    one, two = results["one thread"], results["arrowtrail"]
    pairs = zip(two["cpu_s"], two["busiest_s"], strict=True)
    two.update(all_cpu_s=two["cpu_s"], cpu_s=[max(cpu / 2, busiest) for cpu, busiest in pairs])
    free_rounds = [all(both) for both in zip(one["free"], two["free"], strict=True)]
    of_all = ratio(one["cpu_s"], two["cpu_s"])["ratio"]
    about["chosen"] = f"cores free in {sum(free_rounds)} of {len(free_rounds)} rounds; {of_all:.2f} of all"
    if not any(free_rounds):
        results["arrowtrail"] = {"failed": about["chosen"]}
        return _row(goal, results, **about)
    for result, name in product((one, two), ("cpu_s", "wall_s")):
        result[name] = list(compress(result[name], free_rounds))
    return _row(goal, results, **about) | {"wall": median(one["wall_s"]) / median(two["wall_s"])}


def memory_rows(options: argparse.Namespace) -> Iterator[dict]:
    """Twice, the second time with four times the bytes: the peak must not follow."""
    for mb in (options.memory_mb, 4 * options.memory_mb):
        results = processes.peak_memory(FLOW, mb)
        row = {"goal": goals.MEMORY._asdict(), "log_type": FLOW, "size_bytes": mb * corpus.MB, "results": results}
        ours = results["arrowtrail"]
        if "failed" not in ours:
            row.update(value=ours["peak_mb"], sound=ours["rows"] == ours["expected"])
        yield row


def import_rows(options: argparse.Namespace) -> Iterator[dict]:
    found = processes.import_cost(max(options.runs, 9))
    row = {"goal": goals.IMPORT._asdict(), "results": {"arrowtrail": found}}
    yield row if "failed" in found else {**row, "value": found["more_ms"]}


def _row(goal: goals.Goal, results: dict, **about) -> dict:
    row = {"goal": goal._asdict(), "results": results, **about}
    ours, theirs = results["arrowtrail"], results[goal.peer]
    if "failed" not in ours and "failed" not in theirs:
        found = ratio(theirs["cpu_s"], ours["cpu_s"])
        row.update(value=found["ratio"], rounds=[found["least"], found["most"]], sound=_sound(ours, about["rows"]))
    return row


def _sound(result: dict, rows: int) -> bool:
    """Whether no row is lost or wrong: without that no speed counts."""
    check = result["first"].get("check")
    return result["first"]["rows"] == rows and (check is None or check["right"] == rows)


def show(row: dict) -> None:
    """The row as people read it: the goal, then each process's rate, memory and rows."""
    goal = goals.Goal(**row["goal"])
    value = row.get("value")
    verdict = "not measured" if value is None else f"{value:.2f} {goal.unit}, reached: {goals.verdict(row)}"
    spread = f" (rounds {row['rounds'][0]:.2f} to {row['rounds'][1]:.2f})" if "rounds" in row else ""
    wanted = f"at {'least' if goal.unit == 'x' else 'most'} {goal.least:g}, stretch {goal.stretch:g} {goal.unit}"
    chosen = f" | {row['chosen']}" if "chosen" in row else ""
    print(f"\n{goal.work} | vs {goal.peer} | {wanted} | {verdict}{spread}{chosen}")
    for peer, result in row["results"].items():
        print(f"    {result.get('name', peer):28}", "  ".join(_facts(result, row)), flush=True)


def _facts(result: dict, row: dict) -> Iterator[str]:
    if "failed" in result:
        yield f"failed: {result['failed'][:150]}"
        return
    if isinstance(result.get("cpu_s"), list):
        rates = [row["size_bytes"] / seconds / 1e6 for seconds in result["cpu_s"]]
        first = result["first"]
        yield f"{median(rates):6.0f} MB/s ({min(rates):.0f} to {max(rates):.0f})  {median(result['cpu_s']):.3f} s CPU"
        yield f"peak {result['peak_mb']:.0f} MB"
        yield f"{first['rows']} of {row['rows']} rows"
        yield f"wall {median(result['wall_s']):.3f} s"
        if "found" in first:
            yield f"found {first['found']}"
        if "check" in first:
            check = first["check"]
            yield f"right {check['right']}, wrong {check['wrong']}, lost {check['lost']} by {check['compared']} columns"
    else:
        yield "  ".join(f"{name} {value:.0f}" for name, value in result.items())


ROWS = {
    "read": read_rows,
    "extract": extract_rows,
    "convert": convert_rows,
    "threads": thread_rows,
    "memory": memory_rows,
    "import": import_rows,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="arrowtrail beside its peers.")
    parser.add_argument("--mb", type=int, default=64, help="MB of plain text a row")
    parser.add_argument("--files", type=int, default=64, help="files of the rows about many files")
    parser.add_argument("--memory-mb", type=int, default=512, help="MB converted while memory is watched")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--indicators", choices=("extended", "panther", "off"), help="mode; left out: the goal's")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="core that all are pinned to")
    parser.add_argument("--type", choices=sorted(goals.READ), action="append", help="log types of the read rows")
    parser.add_argument("--row", choices=sorted(ROWS), action="append", help="kinds of rows; all when left out")
    parser.add_argument("--json", type=Path, help="file for all samples")
    options = parser.parse_args()
    options.type = options.type or list(goals.READ)
    about = machine.about()
    print(" | ".join(f"{name} {value}" for name, value in about.items()))
    rows = []
    for kind in options.row or list(ROWS):
        for row in ROWS[kind](options):
            rows.append({"kind": kind, **row})
            show(row)
    if options.json:
        settings = {name: value for name, value in vars(options).items() if name != "json"}
        options.json.write_text(json.dumps({"machine": about, "settings": settings, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
