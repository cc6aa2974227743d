"""Tokens -> values of the columns, with what was wrong with them."""

from .address import split_address
from .parse import INT_BITS, TIMES, fits_shape, parse_float, parse_int
from .tables import Column, Table
from .tokenize import Reject

JSON_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
JSON_ESCAPES |= {chr(code): f"\\u{code:04x}" for code in range(32) if chr(code) not in JSON_ESCAPES}


class Row:
    """The tokens of one record on their way to values."""

    def __init__(self, table: Table, tokens: list, names: list[str] | None, given: bool):
        self.table, self.tokens, self.names, self.given = table, tokens, names, given
        # Where a name stands: the last one counts. Without a header columns name the places themselves.
        self.places = {name: place for place, name in enumerate(names)} if names is not None else None
        self.null = frozenset(table.tokens["null"])
        self.warnings: list[str] = []

    def values(self) -> dict:
        return {column.name: self.value(column) for column in self.table.columns}

    def value(self, column: Column):
        """The value of a column. Raises Reject; notes a warning where a value turns null."""
        text = self.text(column)
        required = column.required is True or (column.required == "in_header" and column.source in self.places)
        if text is None:
            if required:
                raise Reject("missing_required", column.name)
            return None
        value = parse(column, text, self.given)
        if value is None and column.only is None:
            if required or column.unfit == "reject":
                raise Reject("bad_value", column.name)
            self.warnings.append(column.name)
        if value is not None and unfit(column, value):
            raise Reject("bad_value", column.name)
        return value

    def text(self, column: Column):
        """The token of a column, or its part; None if it is no value."""
        if column.source == "unmapped":
            return unmapped(self)
        if column.rest is not None:
            return self.tokens[column.rest :] or None
        place = column.source if self.places is None else self.places.get(column.source)
        token = self.tokens[place] if place is not None and place < len(self.tokens) else None
        if token is None or token in self.null or token in column.null:
            return None
        return self.part(column, token) if column.part else token

    def part(self, column: Column, token: str) -> str | None:
        if column.part in ("host", "port"):
            host, port, warn = split_address(token)
            if column.part == "host":
                return host
            if warn:
                self.warnings.append(column.name)
            return port
        words = token.split(" ")
        if len(words) < 3:
            if column.part == "http_version":
                raise Reject("bad_value", column.name)
            return None
        pieces = {"http_method": words[0], "http_url": " ".join(words[1:-1]), "http_version": words[-1]}
        piece = pieces[column.part]
        return None if piece in self.null else piece


def parse(column: Column, text, given: bool):
    """A token's text as a value of the column's type; None where it does not parse."""
    if column.type in ("string", "json"):
        return text if column.only is None or is_one_of(text, column.only) else None
    if column.type in INT_BITS:
        return parse_int(text, INT_BITS[column.type])
    if column.type == "float64":
        return parse_float(text)
    if column.type == "timestamp":
        value = TIMES[column.time](text)
        return TIMES[column.time_given](text) if value is None and given and column.time_given else value
    if column.type == "list<string>":
        return split(text, column.split) if column.split else text
    raise NotImplementedError(column.type)


def is_one_of(text: str, only: tuple[str, ...] | str) -> bool:
    return fits_shape(text, only) if isinstance(only, str) else text in only


def unfit(column: Column, value) -> bool:
    """A value that parses and still is none of those the column may have."""
    if column.allowed is not None and value not in column.allowed:
        return True
    if column.range is not None and not column.range[0] <= value <= column.range[1]:
        return True
    return column.shape is not None and not fits_shape(value, column.shape)


def split(text: str, separator: str) -> list[str]:
    items = text.split(separator)
    return [item for item in items if item] if separator == " " else items


def unmapped(row: Row) -> str | None:
    """The tokens under unknown names and behind the last name, as a JSON object."""
    if row.names is None:
        return None
    members = [
        f"{json_text(name)}:{json_text(row.tokens[place])}"
        for place, name in enumerate(row.names)
        if name not in row.table.known
        and row.places[name] == place
        and place < len(row.tokens)
        and row.tokens[place] not in row.null
    ]
    surplus = row.tokens[len(row.names) :]
    if surplus:
        members.append(f'"*":[{",".join(map(json_text, surplus))}]')
    return "{" + ",".join(members) + "}" if members else None


def json_text(text: str) -> str:
    return '"' + "".join(JSON_ESCAPES.get(char, char) for char in text) + '"'
