"""The command line: arguments in, public API calls out. Data goes to stdout, all else to stderr.

pyarrow and rich are imported inside the commands, so that `--help` need not wait for them.
"""

import functools
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from . import __version__
from .errors import ArrowtrailError, SourceError, UsageError
from .options import INDICATORS, MAX_RECORD, Options, check

if TYPE_CHECKING:
    from .logtype import LogType
    from .passes import Pass

__all__ = ["FORMATS", "cli", "main"]

FORMATS = ("parquet", "arrow", "ndjson")
DEBUG = "ARROWTRAIL_DEBUG"


def main() -> None:
    """The program `arrowtrail`."""
    # pyarrow on the system's allocator takes 25 MB less for an open Parquet file; read when it is imported.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    signal.signal(signal.SIGTERM, _terminated)
    cli(prog_name="arrowtrail")


class _Commands(click.Group):
    """Turns every failure into a message and an exit status: 2 for usage, 1 for what failed."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except UsageError as error:
            raise click.UsageError(str(error), ctx) from error
        except BrokenPipeError:
            _close_stdout()
        except KeyboardInterrupt:
            _fail("interrupted; nothing was left under a final name", 130)
        except Exception as error:
            if os.environ.get(DEBUG):
                raise
            _fail(_message(error))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="arrowtrail %(version)s")
def cli() -> None:
    """AWS logs straight into Arrow and Parquet, with every indicator extracted and no record lost.

    SOURCES are files, directories, patterns ('logs/**/*.gz') or - for standard input; gzip is told by content.

    Exit status: 0 done (rejected records are counted in the summary); 1 an input could not be read, the output
    could not be written, or --strict met a rejected record; 2 wrong usage.
    """


def _reading(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command that reads rows the options of reading, as its arguments `options` and `show`."""
    options = (
        click.option(
            "--type", "log_type", metavar="TYPE", help="Log type, or a table (FILE.toml). Default: told apart."
        ),
        click.option("--columns", metavar="A,B,...", help="Only these columns."),
        click.option("--indicators", type=click.Choice(INDICATORS), default=INDICATORS[0], show_default=True),
        click.option("--unmapped/--no-unmapped", default=True, help="Fill the column 'unmapped', or leave it null."),
        click.option("--header", metavar="NAMES", help="The fields' names, where lines come without a header."),
        click.option("--source-id", metavar="ID", help="Value of p_source_id."),
        click.option("--source-label", metavar="TEXT", help="Value of p_source_label."),
        click.option(
            "--since", metavar="TIME", help="Only rows from this event time on: 2024-05-02, 2024-05-02T10:11Z."
        ),
        click.option("--until", metavar="TIME", help="Only rows before this event time."),
        click.option("--strict", is_flag=True, help="Stop at the first rejected record."),
        click.option("--rejects", metavar="FILE", help="Write the rejected records to this Parquet file."),
        click.option("--threads", type=click.IntRange(1), help="Files read at once. Default: one per CPU, up to 8."),
        click.option(
            "--max-record", type=click.IntRange(1), default=MAX_RECORD, metavar="BYTES", help="Longest record."
        ),
        click.option("--max-decompressed", type=click.IntRange(1), metavar="BYTES", help="Most bytes of one input."),
        click.option("--progress/--no-progress", default=True, help="Show progress where stderr is a terminal."),
        click.option("-q", "--quiet", is_flag=True, help="No progress and no summary."),
    )

    @functools.wraps(command)
    def with_options(progress: bool, quiet: bool, **values: Any) -> None:
        own = {name: values.pop(name) for name in names if name in values}
        command(**own, options=_options(**values), show=_Show(progress and not quiet, not quiet))

    names = command.__code__.co_varnames[: command.__code__.co_argcount]
    for option in reversed(options):
        with_options = option(with_options)
    return with_options


class _Show:
    """What is told on stderr."""

    def __init__(self, progress: bool, summary: bool) -> None:
        self.progress = progress and sys.stderr.isatty()
        self.summary = summary


@cli.command()
@click.argument("sources", nargs=-1, required=True)
@click.option("-o", "--output", "out_dir", required=True, metavar="DIR", help="Folder for the output.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True)
@click.option("--overwrite", is_flag=True, help="Replace output that is there.")
@_reading
def convert(
    sources: tuple[str, ...], out_dir: str, format_: str, overwrite: bool, options: Options, show: _Show
) -> None:
    """Convert logs to Parquet (zstd), Arrow IPC or JSON lines.

    DIR gets a folder for each log type, and rejected.parquet where records were rejected. Files get their
    names when all of them are whole.
    """
    from .report import progress, tell
    from .sinks import OutputFolder

    run = _pass(sources, options)
    folder = OutputFolder(out_dir, format_, options.log_types, overwrite)
    with progress(run.stats, show.progress):
        files = folder.fill(run)
    tell(run.stats, files, show.summary)
    sys.exit(1 if run.stats.failed else 0)


@cli.command()
@click.argument("sources", nargs=-1)
@click.option("-n", "--limit", type=click.IntRange(0), metavar="N", help="Stop after N rows.")
@_reading
def cat(sources: tuple[str, ...], limit: int | None, options: Options, show: _Show) -> None:
    """Print rows as JSON lines: nulls left out, times in UTC.

    Without SOURCES, standard input is read.
    """
    from .ndjson import json_lines
    from .report import progress, tell

    run = _pass(sources or ("-",), options)
    left = sys.maxsize if limit is None else limit
    with progress(run.stats, show.progress and not sys.stdout.isatty()):
        rows = run.rows()
        while left > 0 and (found := next(rows, None)) is not None:
            batch = found.batch.slice(0, left)
            _print(json_lines(batch))
            left -= batch.num_rows
    tell(run.stats, (), show.summary)
    sys.exit(1 if run.stats.failed else 0)


@cli.command()
@click.argument("log_type", required=False, metavar="[TYPE]")
@click.option("--format", "format_", type=click.Choice(("table", "json")), default="table", show_default=True)
def schema(log_type: str | None, format_: str) -> None:
    """Show the columns of a log type (or of a table, FILE.toml), or which log types there are."""
    import json

    from . import describe
    from .catalog import builtin, find

    if log_type is None:
        every = builtin().values()
        data: Any = [{"name": each.name, "about": each.about} for each in every]
        text = describe.overview(every)
    else:
        found = find(_named(log_type))
        data, text = describe.as_data(found), describe.as_text(found)
    click.echo(json.dumps(data, indent=2) if format_ == "json" else text)


@cli.command()
@click.argument("sources", nargs=-1)
def detect(sources: tuple[str, ...]) -> None:
    """Print the log type of each source, told by its first records; - where none is known.

    Without SOURCES, standard input is read.
    """
    from .detecting import first_log_type, looking
    from .sources import find_sources

    failed = False
    recipe = looking()
    for source in find_sources(sources or ("-",)):
        try:
            found = first_log_type(recipe, source)
        except SourceError as error:
            failed = True
            click.echo(f"error: {error}", err=True)
        else:
            click.echo(f"{source.name}\t{'-' if found is None else found.name}")
    sys.exit(1 if failed else 0)


def _pass(sources: tuple[str, ...], options: Options) -> "Pass":
    from .passes import Pass
    from .sources import find_sources
    from .stats import KeptRejects
    from .stream import SMALL_BATCH_BYTES, Recipe

    return Pass(Recipe(options, SMALL_BATCH_BYTES), find_sources(sources), KeptRejects(0), busy=True)


def _options(log_type: str | None, columns: str | None, **values: Any) -> Options:
    """The options of reading, as the command line gives them."""
    return check(
        None if log_type is None else _named(log_type),
        columns=None if columns is None else [name.strip() for name in columns.split(",")],
        batch_rows=65536,
        log_types=None,
        parse_time=None,
        row_id_seed=None,
        **values,
    )


def _named(log_type: str) -> "str | LogType":
    """A built-in log type's name, or the log type that a table states."""
    if not log_type.endswith(".toml"):
        return log_type
    from .logtype import LogType

    try:
        return LogType.load(log_type)
    except OSError as error:
        raise UsageError(f"{log_type}: {error.strerror or error}") from error


def _print(data: bytes) -> None:
    """Write all of it: with PYTHONUNBUFFERED a write may take a part only."""
    left = memoryview(data)
    while left:
        left = left[sys.stdout.buffer.write(left) :]
    sys.stdout.buffer.flush()


def _message(error: Exception) -> str:
    if isinstance(error, ArrowtrailError):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory; try fewer --threads or a smaller --max-record"
    if isinstance(error, OSError):
        return f"{error.filename or 'system'}: {error.strerror or error}"
    return f"a fault of arrowtrail itself: {type(error).__name__}: {error}; set {DEBUG}=1 to see where"


def _fail(message: str, status: int = 1) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    sys.exit(status)


def _close_stdout() -> NoReturn:
    """Whoever reads our output has enough: end in silence."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def _terminated(signum: int, frame: object) -> NoReturn:
    """Leave by an exception, so that temporary files are removed."""
    sys.exit(128 + signum)
