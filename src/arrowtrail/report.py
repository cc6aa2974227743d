"""What the command line tells: data on stdout; on stderr progress while it reads, and a summary behind it."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from .stats import Stats

__all__ = ["counted", "plural", "print_data", "progress", "replayed", "summary", "tell", "tell_counted"]

_UNITS = ("B", "kB", "MB", "GB", "TB")
MOST_NAMED = 10


def print_data(data: bytes) -> None:
    """Write all of it to stdout: with PYTHONUNBUFFERED a write may take a part only."""
    left = memoryview(data)
    while left:
        left = left[sys.stdout.buffer.write(left) :]
    sys.stdout.buffer.flush()


@contextmanager
def progress(stats: Stats, wanted: bool) -> Iterator[None]:
    """A line that shows how far `stats` have come."""
    if not wanted:
        yield
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    with Live(
        console=Console(stderr=True),
        get_renderable=lambda: Text(_state(stats)),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        yield


def tell(stats: Stats, files: Sequence[str], wanted: bool, whole: bool = True) -> None:
    """Print the summary, if wanted, and in any case which inputs could not be read.

    `whole`: reading was not stopped before the end.
    """
    _tell(stats, summary(stats, files) if wanted else None, whole)


def tell_counted(stats: Stats, values: Mapping[str, int], wanted: bool) -> None:
    """As `tell`, of what was read line by line."""
    _tell(stats, counted(stats, values) if wanted else None)


def _tell(stats: Stats, text: str | None, whole: bool = True) -> None:
    for source, why in stats.failed:
        click.echo(f"error: {source}: {why}", err=True)
    if stats.failed_files > len(stats.failed):
        click.echo(f"error: {stats.failed_files - len(stats.failed)} more inputs could not be read", err=True)
    if text is not None:
        click.echo(text, err=True)
        if whole and not stats.files and not stats.failed_files:
            click.echo("note: no file was found; hidden files and the notices of AWS are left out", err=True)


def summary(stats: Stats, files: Sequence[str]) -> str:
    """What was read, what came out, what was rejected and why.

    >>> print(summary(Stats(rows=2, bytes=2000, seconds=0.5, files=1), []))
    read      1 file, 2.0 kB, 2 records in 0.50 s (4 rows/s, 4.0 kB/s)
    rows      2
    rejected  0
    """
    lines = [("read", _read(stats)), ("rows", _counts(stats.rows, stats.rows_by_type))]
    if stats.outside:
        lines.append(("outside", f"{stats.outside:,} of other times"))
    lines.append(("rejected", _counts(stats.rejected.total(), stats.rejected)))
    if stats.warnings:
        lines.append(("warnings", _counts(stats.warnings.total(), stats.warnings)))
    if stats.failed_files:
        lines.append(("failed", plural(stats.failed_files, "input")))
    for file in files[:MOST_NAMED]:
        lines.append(("wrote", f"{file} ({_size(_file_size(file))})"))
    if len(files) > MOST_NAMED:
        lines.append(("wrote", f"{len(files) - MOST_NAMED} more files"))
    return "\n".join(f"{title:<10}{text}" for title, text in lines)


def counted(stats: Stats, values: Mapping[str, int]) -> str:
    """What was read line by line, and how many different values of each kind came out.

    >>> print(counted(Stats(rows=2, bytes=2000, seconds=0.5, files=1), {"ip_addresses": 3, "emails": 0}))
    read      1 file, 2.0 kB, 2 lines in 0.50 s (4.0 kB/s)
    found     3: ip_addresses 3
    """
    what = f"{plural(stats.files, 'file')}, {_size(stats.bytes)}, {plural(stats.rows, 'line')}"
    read = f"{what} in {stats.seconds:.2f} s ({_size(stats.bytes / max(stats.seconds, 1e-9))}/s)"
    found = +Counter(values)
    return f"{'read':<10}{read}\n{'found':<10}{_counts(found.total(), found)}"


def replayed(records: int, mended: int) -> str:
    """What became of rejected records; their reasons are in the summary.

    >>> print(replayed(12, 10))
    replayed  12 records: 10 mended, 2 still bad
    """
    return f"{'replayed':<10}{plural(records, 'record')}: {mended:,} mended, {records - mended:,} still bad"


def _read(stats: Stats) -> str:
    seconds = max(stats.seconds, 1e-9)
    rates = f"{stats.rows / seconds:,.0f} rows/s, {_size(stats.bytes / seconds)}/s"
    what = f"{plural(stats.files, 'file')}, {_size(stats.bytes)}, {plural(stats.records, 'record')}"
    return f"{what} in {stats.seconds:.2f} s ({rates})"


def _state(stats: Stats) -> str:
    seconds = max(stats.seconds, 1e-9)
    return (
        f"{plural(stats.files, 'file')}  {_size(stats.bytes)}  {stats.rows:,} rows  "
        f"{stats.rows / seconds:,.0f} rows/s  {stats.rejected.total():,} rejected"
    )


def _counts(total: int, parts: Counter[str]) -> str:
    named = ", ".join(f"{name} {count:,}" for name, count in parts.most_common())
    return f"{total:,}" + (f": {named}" if named else "")


def plural(count: int, what: str) -> str:
    """A count with its noun.

    >>> plural(1, "row"), plural(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def _size(count: float) -> str:
    """Bytes in the unit that leaves one to three digits."""
    unit = 0
    while count >= 999.5 and unit < len(_UNITS) - 1:
        count /= 1000
        unit += 1
    return f"{count:.0f} B" if unit == 0 else f"{count:.1f} {_UNITS[unit]}"


def _file_size(path: str) -> int:
    return Path(path).stat().st_size
