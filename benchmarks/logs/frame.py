"""How the records of a file are held together."""

from __future__ import annotations

from typing import NamedTuple


class Frame(NamedTuple):
    """A file is `header`, its records with `between` between them, and `footer`."""

    header: str = ""
    between: str = "\n"
    footer: str = "\n"


LINES = Frame()
RECORDS = Frame('{"Records":[', ",", "]}")
