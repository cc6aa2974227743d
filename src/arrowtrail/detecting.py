"""A look at the first records of a source: of which log type are they?"""

import re
from collections.abc import Iterable, Iterator, Sequence

from .feeding import feed
from .inflate import Block, Broken
from .logtype import LogType
from .options import MAX_RECORD, check
from .sources import Source
from .stream import Recipe

__all__ = ["by_key", "first_log_type", "looking"]

LOOK_BYTES = 1048576
_FINE_BYTES = 65536


def looking(log_types: Sequence[str | LogType] | None = None) -> Recipe:
    """What it takes to tell these log types (None: the built-in ones) apart, and no more."""
    options = check(
        None,
        columns=("p_log_type",),
        indicators="off",
        unmapped=False,
        source_id=None,
        source_label=None,
        header=None,
        strict=False,
        rejects=None,
        batch_rows=65536,
        threads=1,
        log_types=log_types,
        since=None,
        until=None,
        parse_time=0,
        row_id_seed=0,
        max_record=MAX_RECORD,
        max_decompressed=None,
    )
    return Recipe(options)


def first_log_type(recipe: Recipe, source: Source) -> LogType | None:
    """The log type of the first record in the source's first MB that has one.

    The source is read from its start again by a pass; one that gives a single pass has kept what was seen.
    Raises SourceError where it cannot be read.
    """
    reader = recipe.reader(source)
    try:
        for _ in feed(source, reader, recipe.options.log_types, cut=_pieces):
            if found := reader.log_types:
                return recipe.options.log_types[found[0]]
    except Broken:
        pass
    reader.finish()
    found = reader.log_types
    return recipe.options.log_types[found[0]] if found else None


def by_key(key: str, log_types: Iterable[LogType]) -> LogType | None:
    """The log type whose objects have such a key, or path: a guess, and what the object holds wins.

    >>> from .catalog import builtin
    >>> by_key("logs/2024-05-02-10-11-12-0123456789ABCDEF", builtin().values()).name
    'AWS.S3ServerAccess'
    """
    return next((each for each in log_types if any(re.search(pattern, key) for pattern in each.keys)), None)


def _pieces(chunks: Iterator[Block]) -> Iterator[Block]:
    """The first MB; its first 64 KB line by line, so that a piece holds records of one type."""
    left = LOOK_BYTES
    fine = _FINE_BYTES
    for chunk in chunks:
        if fine:
            yield from bytes(chunk[:fine]).splitlines(keepends=True)
            chunk, fine = chunk[fine:], max(fine - len(chunk), 0)
        if chunk:
            yield chunk[:left]
        left -= len(chunk)
        if left <= 0:
            return
