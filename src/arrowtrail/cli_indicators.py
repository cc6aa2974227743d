"""`arrowtrail indicators`: what addresses, names, hashes and so on stand in files of any text."""

import sys
from collections import Counter

import click

from .errors import UsageError, nearest

__all__ = ["indicators"]

FORMATS = ("text", "ndjson", "csv")


@click.command()
@click.argument("sources", nargs=-1)
@click.option("--kind", "only", multiple=True, metavar="KIND", help="Only this kind; can be given several times.")
@click.option("--top", type=click.IntRange(1), metavar="N", help="Only the N most frequent values of each kind.")
@click.option("--format", "form", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True)
@click.option("--max-decompressed", type=click.IntRange(1), metavar="BYTES", help="Most bytes of one input.")
@click.option("--progress/--no-progress", "shows", default=True, help="Show progress where stderr is a terminal.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
def indicators(
    sources: tuple[str, ...],
    only: tuple[str, ...],
    top: int | None,
    form: str,
    max_decompressed: int | None,
    shows: bool,
    quiet: bool,
) -> None:
    """List the indicators in files of any text: addresses, names, hashes, accounts, ARNs and so on.

    Each value is a line: its kind, itself and how many lines name it, with tabs between; the most frequent of a kind
    come first. Nothing has to be a log that arrowtrail knows; Parquet and UTF-16 are refused. Without SOURCES, standard
    input is read. Kinds: ip_addresses, domain_names, md5_hashes, sha1_hashes, sha256_hashes, aws_account_ids,
    aws_instance_ids, aws_arns, emails.

    \b
    arrowtrail indicators access.log.gz | grep ^ip_addresses
    kubectl logs my-pod | arrowtrail indicators --kind domain_names --top 10
    """
    from .counting import count_lines, shown
    from .inputs import find_sources
    from .report import print_data, progress, tell_counted
    from .stats import Stats

    counts: dict[str, Counter[str]] = {kind: Counter() for kind in _kinds(only)}
    stats = Stats()
    with progress(stats, shows and not quiet and sys.stderr.isatty()):
        count_lines(find_sources(sources or ("-",)), counts, stats, max_decompressed)
    for data in shown(counts, form, top):
        print_data(data)
    tell_counted(stats, {kind: len(values) for kind, values in counts.items()}, not quiet)
    sys.exit(1 if stats.failed else 0)


def _kinds(only: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are wanted, in their usual order."""
    from .finding import kinds

    for kind in only:
        if kind not in kinds():
            close = nearest(kind, kinds())
            hint = f"did you mean {close!r}?" if close else f"there are {', '.join(kinds())}"
            raise UsageError(f"--kind: unknown kind {kind!r}; {hint}")
    return tuple(kind for kind in kinds() if kind in only or not only)
