"""What the JSON log types share: how a record is written, and which values are the right ones."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from random import Random

from benchmarks.logs.world import ODD, World

Change = Callable[[World, Random, dict], None]
Encode = Callable[[object], str]


def _encoder(**options) -> Encode:
    return json.JSONEncoder(**{"separators": (",", ":"), "check_circular": False, **options}).encode


COMPACT = _encoder(ensure_ascii=False)
_ASCII = _encoder()


def _escaped(value: object) -> str:
    """No byte beyond ASCII, and slashes as JavaScript likes them in pages."""
    return _ASCII(value).replace("/", "\\/")


_FORMS: tuple[Encode, ...] = (_escaped, _encoder(ensure_ascii=False, separators=(", ", ": ")))


class Writer:
    """Turns records into text. `truth` maps a column to its kind, `sources` to the member where that has another name.

    A dotted name goes into structs; through a list it gives the texts of all elements, one a line. One
    record in `1 / ODD` is odd: `changes` give it other values, `spellings` write the same ones otherwise.
    """

    def __init__(
        self,
        truth: Mapping[str, str],
        sources: Mapping[str, str] | None = None,
        changes: Sequence[Change] = (),
        spellings: Sequence[Change] = (),
    ) -> None:
        self._paths = [((sources or {}).get(name, name).split("."), kind) for name, kind in truth.items()]
        self._changes = changes
        self._spellings = (*spellings, shuffled)
        self._odd = (*changes, *self._spellings, *_FORMS)

    def write(self, world: World, random: Random, records: Iterable[dict]) -> tuple[list[str], list[tuple]]:
        texts, rows = [], []
        for record in records:
            odd = random.choice(self._odd) if random.random() < ODD else None
            encode = odd if odd in _FORMS else COMPACT
            if odd in self._changes:
                odd(world, random, record)
            rows.append(self._row(record, encode))
            if odd in self._spellings:
                odd(world, random, record)
            texts.append(encode(record))
        return texts, rows

    def _row(self, record: dict, encode: Encode) -> tuple:
        return tuple([_value(record, path, kind, encode) for path, kind in self._paths])


def _value(value, path: list[str], kind: str, encode: Encode):
    if value is None:
        return None
    if isinstance(value, list) and not (kind == "json" and not path):
        found = [_value(element, path, kind, encode) for element in value]
        return "\n".join("" if each is None else str(each) for each in found)
    if path:
        return _value(value.get(path[0]), path[1:], kind, encode)
    return encode(value) if kind == "json" else value


def shuffled(_world: World, random: Random, record: dict) -> None:
    """The members in another order: some tools that pass logs on keep none."""
    members = list(record.items())
    random.shuffle(members)
    record.clear()
    record.update(members)


@lru_cache(maxsize=4096)
def seconds(time_s: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time_s))


def millis(time_ms: int) -> str:
    return f"{seconds(time_ms // 1000)[:-1]}.{time_ms % 1000:03d}Z"


def uuid(random: Random) -> str:
    text = f"{random.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def key_id(random: Random, prefix: str) -> str:
    """An id as IAM gives them: the prefix says of what, then 16 capitals and digits."""
    return prefix + "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))
