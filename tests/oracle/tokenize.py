"""Text of a record -> tokens."""

import re
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase

from .tables import Table

NAME_LETTERS = str.maketrans(ascii_uppercase + "_", ascii_lowercase + "-")
TAIL_INTEGER = re.compile("[+-]?[0-9]+")
RAW_QUOTE_ENDS = {  # what stands at and behind a quote that ends the token
    "number_follows": re.compile('" (?:[0-9]{3}|-) '),
    "quote_follows": re.compile('" (?:"|- )'),
    "last": re.compile('"(?: |\\Z)'),
}


class Reject(Exception):
    """The record is none of this type: reason, and the column it is about."""

    def __init__(self, reason: str, column: str | None = None):
        super().__init__(reason, column)
        self.reason, self.column = reason, column


def tokenize(table: Table, text: str) -> tuple[list[str | None], bool]:
    """The tokens, and whether a last field was dropped."""
    if table.tokens["format"] == "positional":
        return positional(table, text)
    tokens = delimited(table, text)
    if len(tokens) < table.tokens.get("least", 0):
        raise Reject("field_count")
    return tokens, False


@lru_cache(maxsize=16)  # detection and reading ask for the same line
def delimited(table: Table, text: str) -> list[str]:
    separators = table.tokens["separators"]
    if not table.tokens.keys() & {"quote", "raw_quotes", "bracketed"}:
        return [token for token in re.split(f"[{re.escape(separators)}]", text) if token]
    tokens: list[str] = []
    at = 0
    while True:
        while at < len(text) and text[at] in separators:
            at += 1
        if at == len(text):
            return tokens
        token, at = token_at(table, text, at, str(len(tokens)))
        tokens.append(token)


def token_at(table: Table, text: str, at: int, number: str) -> tuple[str, int]:
    """The token that begins at `at`, and where it ends in the text."""
    raw_rule = table.tokens.get("raw_quotes", {}).get(number)
    if raw_rule and text[at] == '"':
        close = raw_quote_end(text, at + 1, raw_rule)
        return text[at + 1 : close], close + 1
    if text[at] == table.tokens.get("quote"):
        close = quote_end(table, text, at + 1)
        return text[at + 1 : close], close + 1
    begin = at
    if number == str(table.tokens.get("bracketed")) and text[at] == "[":
        at = max(at, text.find("]", at))
    end = next_separator(table, text, at)
    return text[begin:end], end


def next_separator(table: Table, text: str, at: int) -> int:
    found = re.compile(f"[{re.escape(table.tokens['separators'])}]").search(text, at)
    return found.start() if found else len(text)


def quote_end(table: Table, text: str, at: int) -> int:
    """Of the quote that ends a token whose content begins at `at`."""
    begin = at
    while True:
        at = text.find(table.tokens["quote"], at)
        if at < 0:
            raise Reject("syntax")
        before = text[begin:at]
        escaped = (len(before) - len(before.rstrip("\\"))) % 2 == 1
        if not escaped and (at + 1 == len(text) or text[at + 1] in table.tokens["separators"]):
            return at
        at += 1


def raw_quote_end(text: str, at: int, rule: str) -> int:
    found = RAW_QUOTE_ENDS[rule].finditer(text, at)
    ends = [match.start() for match in found]
    if not ends:
        raise Reject("syntax")
    return ends[-1] if rule == "last" else ends[0]


def middle_of(table: Table, text: str) -> str | None:
    """Positional: all that follows the separators of the head, or None if there are too few."""
    parts = text.split(table.tokens["separators"], table.tokens["head"])
    return parts[-1] if len(parts) > table.tokens["head"] else None


def positional(table: Table, text: str) -> tuple[list[str | None], bool]:
    separator, head = table.tokens["separators"], table.tokens["head"]
    fields = text.split(separator)
    surplus = len(fields) - (head + table.tokens["tail"] + 1)
    if surplus < -1:
        raise Reject("field_count")
    dropped = surplus > 0 and "tail_more" in table.tokens and is_word_behind_tail(table, fields)
    if dropped:
        fields.pop()
    tail = fields[-table.tokens["tail"] :]
    middle = fields[head : -table.tokens["tail"]]
    return [*fields[:head], separator.join(middle) if middle else None, *tail], dropped


def is_word_behind_tail(table: Table, fields: list[str]) -> bool:
    last, before = fields[-1], fields[-2]
    return (
        not TAIL_INTEGER.fullmatch(last) and last not in table.tokens["null"] and bool(TAIL_INTEGER.fullmatch(before))
    )


def header_name(token: str) -> str:
    """A header's token as names are compared: `${SRC_ADDR}` is `src-addr`."""
    return token.removeprefix("${").removesuffix("}").translate(NAME_LETTERS)


@lru_cache(maxsize=16)
def header_names(table: Table, text: str) -> list[str]:
    return [header_name(token) for token in delimited(table, text)]
