"""What the bytes of a fuzzer's input mean: a log type, options, cuts, and the log itself.

The first four bytes pick; the log follows. Each table has a first byte of its own, made from its name, so that
an input keeps its meaning when tables are added; any other byte means that the type is detected.
"""

from dataclasses import dataclass
from itertools import pairwise
from random import Random
from zlib import crc32

MODES = ("extended", "panther", "off")
MAX_RECORD = (64 << 20, 4096, 256, 30)
BATCH_ROWS = (65536, 1, 3, 100)
BATCH_BYTES = (8 << 20, 2000)
HEADER, TRUNCATED, SMALL = 4, 8, 16


@dataclass(frozen=True)
class Case:
    """One input: how a reader is made, and what it is fed."""

    log_type: str | None
    mode: str
    header: str | None
    truncated: bool
    max_record: int
    batch_rows: int
    batch_bytes: int
    seed: int
    data: bytes

    def chunks(self) -> list[bytes]:
        """The log in pieces. Seed 0: the first bytes one by one; else at places drawn from the seed."""
        size = len(self.data)
        rng = Random(self.seed)
        cuts = range(40) if self.seed == 0 else sorted(rng.randrange(size + 1) for _ in range(1 + self.seed % 8))
        ends = [0, *(cut for cut in cuts if cut <= size), size]
        return [self.data[begin:end] for begin, end in pairwise(ends)]


def key(log_type: str | None) -> int:
    """The first byte of an input for a log type; 0 where it is detected."""
    return 0 if log_type is None else 1 + (crc32(log_type.encode()) >> 8) % 255


def decode(raw: bytes, log_types: list[str]) -> Case:
    """The case that an input states; any bytes state one."""
    first, options, limits, seed = raw[:4].ljust(4, b"\0")
    header, data = None, raw[4:]
    if options & HEADER:
        line, _, data = data.partition(b"\n")
        header = line.decode("utf-8", "replace")
        if not header.strip() or "\r" in header:  # which the public calls refuse
            header = None
    return Case(
        log_type=next((name for name in log_types if key(name) == first), None),
        mode=MODES[options % 4 % 3],
        header=header,
        truncated=bool(options & TRUNCATED),
        max_record=MAX_RECORD[limits % 4],
        batch_rows=BATCH_ROWS[limits // 4 % 4],
        batch_bytes=BATCH_BYTES[bool(options & SMALL)],
        seed=seed,
        data=data,
    )


def encode(log_type: str | None, data: bytes, *, options: int = 0, limits: int = 0, seed: int = 1) -> bytes:
    """An input that states the case; with HEADER in `options`, the first line of `data` is the header."""
    return bytes((key(log_type), options, limits, seed)) + data
