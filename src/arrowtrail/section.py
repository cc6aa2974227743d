"""One TOML table of a table file: hands out checked values, complains with file, column and nearest word."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from . import vocabulary as words
from .errors import TableError, nearest
from .indicators import line_scanners, scanners


class Section:
    """The keys of one TOML table: of the part `part` (see `vocabulary.KEYS`) of a table of a framing.

    `name` is what it is called in errors.
    """

    def __init__(
        self, values: object, part: str, framing: str, table: str, column: str | None = None, name: str = ""
    ) -> None:
        self.framing, self.table, self.column, self.name = framing, table, column, name
        if not isinstance(values, dict):
            self.fail(f"{name} must be a table of keys")
        self.values: dict[str, Any] = values
        keys = words.KEYS[framing][part]
        for key in values:
            if key in keys:
                continue
            what = f"key {key!r}" + (f" in {name}" if name else "")
            if any(key in parts.get(part, ()) for parts in words.KEYS.values()):
                self.fail(f"{what} does not go with framing {framing!r}")
            self.unknown(what, key, keys)

    def fail(self, message: str, close: str | None = None) -> NoReturn:
        raise TableError(message, table=self.table, column=self.column, nearest=close)

    def unknown(self, what: str, word: str, allowed: Iterable[str]) -> NoReturn:
        allowed = list(allowed)
        close = nearest(word, allowed)
        hint = f"did you mean {close!r}?" if close else f"allowed: {', '.join(allowed)}"
        self.fail(f"unknown {what}; {hint}", close)

    def get(self, key: str, kind: type | tuple[type, ...], what: str, need: bool = False) -> Any:
        value = self.values.get(key)
        if value is None and need:
            self.fail(f"lacks {self.path(key)}")
        if value is not None and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            self.fail(f"{self.path(key)} must be {what}, not {value!r}")
        return value

    def path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def section(self, key: str, part: str) -> "Section":
        values = self.get(key, dict, "a table of keys", need=True)
        return Section(values, part, self.framing, self.table, self.column, self.path(key))

    def columns(self) -> Iterator["Section"]:
        """The lines of `columns`, none of which has the name of another."""
        lines = self.get("columns", list, "a list of columns", need=True)
        if not lines:
            self.fail("columns is empty")
        seen: dict[str, str] = {}
        for number, line in enumerate(lines, 1):
            name = line.get("name") if isinstance(line, dict) else None
            label = name if isinstance(name, str) else f"number {number}"
            at = Section(line, "column", self.framing, self.table, label)
            if (other := seen.setdefault(label.lower(), label)) is not label:
                at.fail(f"stands twice (as {other!r}; case makes no difference)")
            yield at

    def text(self, key: str) -> str:
        value: str = self.get(key, str, "text", need=True)
        if not value.strip():
            self.fail(f"{self.path(key)} is empty")
        return value

    def word(self, key: str, allowed: Iterable[str]) -> str:
        value = self.word_or_none(key, allowed)
        return self.fail(f"lacks {self.path(key)}") if value is None else value

    def word_or_none(self, key: str, allowed: Iterable[str]) -> str | None:
        value: str | None = self.get(key, str, "a word")
        if value is not None and value not in (allowed := list(allowed)):
            self.unknown(f"{self.path(key)} {value!r}", value, allowed)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.get(key, list, "a list of texts") or []
        if not all(isinstance(value, str) for value in values):
            self.fail(f"{self.path(key)} must be a list of texts, not {values!r}")
        return tuple(values)

    def patterns(self, key: str) -> tuple[str, ...]:
        """A list of regular expressions."""
        found = self.texts(key)
        for text in found:
            try:
                re.compile(text)
            except re.error as error:
                self.fail(f"{self.path(key)} {text!r} is no regular expression: {error}")
        return found

    def flag(self, key: str) -> bool:
        return bool(self.get(key, bool, "true or false"))

    def count(self, key: str, least: int = 0) -> int | None:
        value: int | None = self.get(key, int, "a number")
        if value is not None and value < least:
            self.fail(f"{self.path(key)} must be {least} or more, not {value}")
        return value

    def byte(self, key: str, need: bool = False) -> str | None:
        value: str | None = self.get(key, str, "one ASCII character", need)
        if value is not None and (len(value) != 1 or not value.isascii() or value in "\r\n"):
            self.fail(f"{self.path(key)} must be one ASCII character, not {value!r}")
        return value

    def scanner(self, key: str) -> str | None:
        value: str | None = self.get(key, str, "a word")
        if value in scanners() and self.framing == "lines" and value not in line_scanners():
            self.fail(f"{self.path(key)} {value!r} does not go with framing 'lines'")
        return self.word_or_none(key, scanners() if self.framing == "json" else line_scanners())

    def kind(self) -> words.Type:
        """The key `type`, taken apart."""
        try:
            return words.parse_type(self.text("type"))
        except words.BadType as error:
            if error.word is not None:
                self.unknown(f"type {error.word!r}", error.word, (*words.SCALARS, "list", "struct"))
            self.fail(str(error))
