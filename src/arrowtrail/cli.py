"""The command line: arguments in, public API calls out. Data goes to stdout, all else to stderr.

pyarrow and rich are imported inside the commands, so that `--help` need not wait for them.
"""

import functools
import os
import re
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from . import __version__
from .cli_indicators import indicators
from .errors import ArrowtrailError, SourceError, UsageError
from .options import INDICATORS, MAX_RECORD, Options, check

if TYPE_CHECKING:
    from .logtype import LogType
    from .passes import Pass

__all__ = ["FORMATS", "cli", "main"]

FORMATS = ("parquet", "arrow", "ndjson")
DEBUG = "ARROWTRAIL_DEBUG"
_SIZE = re.compile(r"(\d+(?:\.\d+)?) *([A-Za-z]*)")
_UNITS = {"": 1, "b": 1} | {
    unit + end: base**power
    for power, unit in enumerate("kmgt", 1)
    for end, base in (("b", 1000), ("ib", 1024), ("", 1024))
}


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

    SOURCES are files, directories, patterns ('logs/**/*.gz') or - for standard input; gzip, zstd, bz2 and Parquet
    are told by content.

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


def _writing(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command that writes files the options of writing, as its arguments `out_dir` and `writing`."""
    options = (
        click.option("-o", "--output", "out_dir", required=True, metavar="DIR", help="Folder for the output."),
        click.option("--format", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True),
        click.option("--overwrite", is_flag=True, help="Replace all output that is there."),
        click.option(
            "--partition-by",
            metavar="KEY,...",
            help="Folders such as day=2024-05-02/p_source_id=prod, in this order: year, month, day, hour (of the event "
            "time, UTC), log_type, or a column that all log types have.",
        ),
        click.option(
            "--target-size", metavar="SIZE", default="256MiB", show_default=True, help="Begin a new file at this size."
        ),
    )

    @functools.wraps(command)
    def with_options(format: str, overwrite: bool, partition_by: str | None, target_size: str, **values: Any) -> None:
        writing = {
            "format": format,
            "overwrite": overwrite,
            "partition_by": _names(partition_by) or (),
            "target_bytes": _bytes(target_size),
        }
        command(writing=writing, **values)

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
@_writing
@_reading
def convert(sources: tuple[str, ...], out_dir: str, writing: dict[str, Any], options: Options, show: _Show) -> None:
    """Convert logs to Parquet (zstd), Arrow IPC or JSON lines.

    DIR gets a folder for each log type, rejected.parquet where records were rejected, and _manifest.ndjson, which
    says what became of each source. Files get their names when all of them are whole.
    """
    from .folder import OutputFolder
    from .report import progress, tell

    folder = OutputFolder(out_dir, options, **writing)
    run = _pass(sources, folder.building)
    with progress(run.stats, show.progress):
        files = folder.fill(run)
    tell(run.stats, files, show.summary)
    sys.exit(1 if run.stats.failed else 0)


@cli.command()
@click.argument("rejects_file", metavar="REJECTS")
@_writing
@_reading
def replay(rejects_file: str, out_dir: str, writing: dict[str, Any], options: Options, show: _Show) -> None:
    """Parse rejected records again, after a fix or with other options.

    REJECTS is a Parquet file of rejected records, or a folder with rejected.parquet in it. DIR gets the rows as
    'convert' writes them, and rejected.parquet with what is still bad. Records are parsed from the bytes that were
    kept, those over 1 MiB from their source; a row's id is the one it has in its source, if that is still there.
    """
    from .folder import OutputFolder
    from .replay import RejectsSource
    from .replaying import Replay
    from .report import progress, replayed, tell

    source = RejectsSource(rejects_file, out_dir)
    folder = OutputFolder(out_dir, options, **writing)
    run = Replay(folder.building, source)
    with progress(run.stats, show.progress):
        files = folder.fill(run)
    if show.summary:
        click.echo(replayed(run.records, run.mended), err=True)
    tell(run.stats, files, show.summary)


@cli.command()
@click.argument("sources", nargs=-1)
@click.option("-n", "--limit", type=click.IntRange(0), metavar="N", help="Stop after N rows.")
@_reading
def cat(sources: tuple[str, ...], limit: int | None, options: Options, show: _Show) -> None:
    """Print rows as JSON lines: nulls left out, times in UTC.

    Without SOURCES, standard input is read.
    """
    from .ndjson import json_lines
    from .report import print_data, progress, tell

    run = _pass(sources or ("-",), options)
    left = sys.maxsize if limit is None else limit
    with progress(run.stats, show.progress and not sys.stdout.isatty()):
        rows = run.rows()
        while left > 0 and (found := next(rows, None)) is not None:
            batch = found.batch.slice(0, left)
            print_data(json_lines(batch))
            left -= batch.num_rows
    tell(run.stats, (), show.summary, whole=left > 0)
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

    Where the name of a source is that of an object of another log type, a note says so: what it holds is what counts.
    Without SOURCES, standard input is read.
    """
    from .detecting import by_key, first_log_type, looking
    from .inputs import find_sources

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
            named = by_key(source.name or "", recipe.options.log_types)
            if named not in (None, found):
                click.echo(f"note: {source.name} has a name as objects of {named.name} have", err=True)
    sys.exit(1 if failed else 0)


@cli.command()
@click.argument("sources", nargs=-1)
@click.option(
    "--top", "most", type=click.IntRange(0), default=5, show_default=True, metavar="N", help="Values a column."
)
@click.option("--format", "format_", type=click.Choice(("table", "json")), default="table", show_default=True)
@_reading
def stats(sources: tuple[str, ...], most: int, format_: str, options: Options, show: _Show) -> None:
    """Tell what is in logs: rows, times, rejected records, top values and what no column knows.

    Top values are those of columns with few different ones and of the indicators, or of --columns (of a struct: of
    its members). A new member or field, which the log type's table does not know, is listed with its first place.
    Without SOURCES, standard input is read.
    """
    import dataclasses
    import json

    from .report import print_data, progress, tell
    from .survey import Survey
    from .survey_text import show_survey

    survey = Survey(options.log_types, columns=options.columns, unmapped=options.unmapped)
    run = _pass(sources or ("-",), dataclasses.replace(options, columns=None), survey.read)
    run.on_rejected, run.on_end = survey.add_rejected, survey.end
    with progress(run.stats, show.progress):
        for rows in run.rows():
            survey.add(rows)
    if format_ == "json":
        print_data(json.dumps(survey.as_data(run.stats, most), indent=2).encode() + b"\n")
    else:
        show_survey(survey, run.stats, most, print_data)
    tell(run.stats, (), show.summary)
    sys.exit(1 if run.stats.failed else 0)


cli.add_command(indicators)


def _pass(sources: tuple[str, ...], options: Options, columns_of: "dict[str, tuple[str, ...]] | None" = None) -> "Pass":
    from .inputs import find_sources
    from .passes import Pass
    from .stats import KeptRejects
    from .stream import SMALL_BATCH_BYTES, Recipe

    return Pass(Recipe(options, SMALL_BATCH_BYTES, columns_of), find_sources(sources), KeptRejects(0), busy=True)


def _options(log_type: str | None, columns: str | None, **values: Any) -> Options:
    """The options of reading, as the command line gives them."""
    return check(
        None if log_type is None else _named(log_type),
        columns=_names(columns),
        batch_rows=65536,
        log_types=None,
        parse_time=None,
        row_id_seed=None,
        **values,
    )


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",")]


def _bytes(size: str) -> int:
    """A size such as 64MB, 1.5 GiB or 1000000."""
    found = _SIZE.fullmatch(size.strip())
    count = float(found[1]) * _UNITS[found[2].lower()] if found and found[2].lower() in _UNITS else 0
    if not 1 <= count < 2**63:
        raise UsageError(f"--target-size: {size!r} is no size; write it as 64MB, 1GiB or 1000000 (bytes)")
    return int(count)


def _named(log_type: str) -> "str | LogType":
    """A built-in log type's name, or the log type that a table states."""
    if not log_type.endswith(".toml"):
        return log_type
    from .logtype import LogType

    try:
        return LogType.load(log_type)
    except OSError as error:
        raise UsageError(f"{log_type}: {error.strerror or error}") from error


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
