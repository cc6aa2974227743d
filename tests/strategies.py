"""A table and a seed -> logs that fit it, and logs that nearly do.

`make_log` writes valid, odd and broken records from a seed; `mutate` damages bytes and lines.
Hypothesis only draws seeds, sizes and cuts: `logs()` and `cut_points()`.
"""

from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from random import Random

from hypothesis import strategies as st
from oracle.tables import Column, Table, load_tables
from values import ODD_ANYWHERE, ODD_INTEGERS, ODD_TEXTS, odd_texts, usual

LOG_TYPES = sorted(load_tables())
EXPORT_TIME = b"2024-05-02T10:11:12.345Z "
JUNK = [
    b'{"a":1}', b"{", b"[1,2]", b"{} trailing", b"junk", b"-", b"\x00", b"\xff\xfe", b"Enable AccessLog for ELB: x",
    b'"', b"'", b",,,,,,,,,", b"tls 2.0 2024-05-02T10:11:12 net/lb/1 a b", b"http", b"version", b"srcaddr",
    b"\xef\xbb\xbfversion", b"a,b,c,d,e,f,g,h,'", b"start end",
]  # fmt: skip
SQL = [
    b'select id, "name" from t', b" where city = \\'Rome, IT\\'", b" x in (1,2)", b"\\\\", b"\\", b";", b"''", b"',0",
    b"',", b",'", b"caf\xc3\xa9 \xff\xe2\x82", b"\n", b"\r\n", b"\n\n  \n", b" \t\n\t from u",
    b"\n',0 x", b"\nselect,'a',1", b"\r", b"\n1714644672123456,h,u,1.2.3.4,1,2,QUERYx,d,o,0",
]  # fmt: skip
ENDS = [b",SOCKET", b",TCP", b",", b",-", b",0", b",TCP/IP", b",a1", b",SOCKET,SOCKET", b",+0,x", b",12,34"]


@cache
def odd_pools(table: Table) -> dict[int | str, list[bytes]]:
    """Token -> its odd texts; those of all columns that look at it."""
    pools: dict[int | str, list[bytes]] = {}
    for column in table.columns:
        if column.rest is None and column.source != "unmapped":
            pools.setdefault(column.source, []).extend(odd_texts(column))
    return pools


def by_token(table: Table) -> dict[int | str, Column]:
    """Token -> the first column that looks at it."""
    columns: dict[int | str, Column] = {}
    for column in table.columns:
        if column.rest is None and column.source != "unmapped":
            columns.setdefault(column.source, column)
    return columns


class Records:
    """Writes the records of one log."""

    def __init__(self, table: Table, seed: object, odd: float):
        self.table, self.rng, self.odd = table, Random(f"{table.name} {seed}"), odd
        self.separator = table.tokens["separators"][0].encode()
        self.columns = by_token(table)
        self.odd_texts = odd_pools(table)
        self.given_times = self.rng.random() < odd / 2  # the form of a time that only a named type may have
        self.quoted: set[int | str] = {int(place) for place in table.tokens.get("raw_quotes", {})}
        if "quote" in table.tokens:
            plain = len(table.detect["starts"])  # what tells the type apart stands without quotes
            self.quoted |= {place for place in self.columns if place >= plain and self.rng.random() < 0.5}

    def pool(self, token: int | str, size: int) -> list[bytes]:
        column = self.columns.get(token)
        if column is None:
            return [b"-", b"x", b"eni-1", b"Yes"]
        if "raw_quotes" in self.table.tokens and token in self.quoted:
            texts = (b"-", b"GET /b/k?x=1 HTTP/1.1", b"http://a.example/", b"tool 1.0", b"a")
            return [self.quote(token, text) for text in texts] + [b"-"]
        if column.time_given and self.given_times:
            column = replace(column, time=column.time_given)
        return [self.quote(token, usual(column, self.rng)) for _ in range(size)]

    def quote(self, token: int | str, text: bytes) -> bytes:
        quotes = token in self.quoted or (b" " in text and "quote" in self.table.tokens)
        return b'"' + text + b'"' if quotes else text

    def records(self, tokens: list[int | str], count: int) -> list[bytes]:
        """`count` records with these tokens, each in its place."""
        size = min(128, 4 + count // 4)
        picked = [self.rng.choices(self.pool(token, size), k=count) for token in tokens]
        random, odd, join = self.rng.random, self.odd, self.separator.join
        return [
            join(record) if random() >= odd else self.disturbed(tokens, list(record))
            for record in zip(*picked, strict=True)
        ]

    def disturbed(self, tokens: list[int | str], record: list[bytes]) -> bytes:
        rng = self.rng
        kind = rng.random()
        if kind < 0.6:
            for _ in range(rng.choice((1, 1, 1, 2, 4))):
                place = rng.randrange(len(record))
                text = rng.choice(self.odd_texts.get(tokens[place], ODD_ANYWHERE))
                record[place] = self.quote(tokens[place], text) if rng.random() < 0.8 else text
        elif kind < 0.7:
            del record[rng.randrange(len(record) + 1) :]
        elif kind < 0.77:
            record += rng.choices((b"-", b"x", b'"a b"', b'"', b"\x01\\\xc3\xa9", b'"-"', b"Yes"), k=rng.randint(1, 3))
        elif kind < 0.84:
            gaps = rng.choices((self.separator, self.separator * 2, b"\t", b" \t "), (8, 1, 1, 1), k=len(record))
            return b"".join(part for pair in zip(record, gaps, strict=True) for part in pair)
        elif kind < 0.92:
            line = self.separator.join(record)
            at = rng.randrange(len(line) + 1)
            return line[:at] + rng.choice((b'"', b'" ', b'\\"', b' "', b"'", b"]", b"\xff")) + line[at:]
        elif kind < 0.95:
            del record[rng.randrange(len(record))]
        else:
            record = [text if rng.random() < 0.4 else b"-" for text in record]
        return self.separator.join(record) or b"-"

    def numbered(self, count: int) -> list[bytes]:
        """Records of a format whose tokens are known by number."""
        known, least = max(self.columns) + 1, self.table.tokens["least"]
        lines: list[bytes] = []
        while len(lines) < count:
            width = self.rng.choice((least, known, known, known + 2, self.rng.randint(least, known)))
            lines += self.records(list(range(width)), min(count - len(lines), 500))
        return lines

    def positional(self, count: int) -> list[bytes]:
        """Records of a format with a middle token that may hold anything."""
        head = self.table.tokens["head"]
        heads = self.records(list(range(head)), count)
        return [line + self.separator + self.rest() for line in heads]

    def rest(self) -> bytes:
        """The middle token and what stands behind it."""
        rng = self.rng
        tail = b",0" if rng.random() >= self.odd else b"," + rng.choice(ODD_INTEGERS + ODD_ANYWHERE)
        if rng.random() < 0.4:
            return rng.choice((b"", b"orders", b"a,b", b"-", b"x 'y'")) + tail
        sql = b"".join(rng.choices(SQL[: 3 if rng.random() >= self.odd else None], k=rng.randint(0, 4)))
        if rng.random() >= self.odd:
            return b"'" + sql + b"'" + rng.choice((b",0", b",0", b",", b",1045"))
        end = rng.choice((b"'", b"'", b"'", b"", b"\n'")) + rng.choice((b",0", b",", b"", tail))
        return b"'" + sql + end + (rng.choice(ENDS) if rng.random() < 0.4 else b"")

    def under_headers(self, count: int) -> list[bytes]:
        """Sections, each with a header of its own, or without."""
        lines: list[bytes] = []
        while True:
            names = self.names() if lines or self.rng.random() >= self.odd / 3 else self.few_names()
            header = self.separator.join(map(self.spelled, names))
            if self.rng.random() >= self.odd:
                lines.append(header)
            elif self.rng.random() < 0.5:
                names = self.table.records["default"].split()
            if len(lines) > count:
                return lines
            lines += self.records(names, min(count + 1 - len(lines), self.rng.choice((1, 5, 50, 1000))))

    def names(self) -> list[str]:
        rng, default = self.rng, self.table.records["default"].split()
        if rng.random() < 0.4:
            return list(default)
        known = sorted(self.table.known)
        names = rng.sample(known, rng.choice((5, 6, 14, 29, len(known))))
        kind = rng.random()
        if kind < self.odd:
            names += rng.choices(
                ("new-field", "other", '"a\\\x01b', "\u00e9", "unmapped", "*", names[0], names[1]), k=rng.randint(1, 4)
            )
        elif kind < self.odd * 1.5:
            names += rng.sample([*self.table.records["foreign"], "resource-type"], 2)
        elif kind < self.odd * 2:
            names = self.few_names()
        rng.shuffle(names)
        return names

    def few_names(self) -> list[str]:
        """Too few for a header, but for a first line."""
        return self.rng.sample(sorted(self.table.known), self.rng.randint(1, self.table.header - 1))

    def spelled(self, name: str) -> bytes:
        rng = self.rng
        if rng.random() >= self.odd:
            return name.encode()
        name = rng.choice(
            (name.upper(), name.replace("-", "_"), name.title(), f"${{{name}}}", "${" + name, name + "}", "$" + name)
        )
        return name.encode()

    def lines(self, count: int) -> list[bytes]:
        if self.table.header:
            return self.under_headers(count)
        return self.positional(count) if "head" in self.table.tokens else self.numbered(count)


@cache
def strays() -> list[bytes]:
    """Lines that have no business in a log: of every type, JSON, junk."""
    lines = [line for table in load_tables().values() for line in Records(table, "strays", 0).lines(3)]
    return lines + [EXPORT_TIME + line for line in lines + JUNK[:6]] + JUNK


def dressed(records: Records, lines: list[bytes]) -> bytes:
    """Lines -> a file: line ends, blanks around lines, export prefixes, strays between them."""
    rng, odd = records.rng, records.odd
    prefix = EXPORT_TIME if rng.random() < odd / 2 else b""
    end = b"\r\n" if rng.random() < odd else b"\n"
    out = [b"\xef\xbb\xbf" if rng.random() < odd / 2 else b""]
    for line in lines:
        if rng.random() >= odd / 3:
            out += (prefix, line, end)
            continue
        kind = rng.randrange(6)
        if kind == 0:
            out += (rng.choice((b"", b" ", b"\t\r", b"\r")), b"\n", line, b"\n")
        elif kind == 1:
            out += (rng.choice((b" ", b"\t", b"  ")), line, rng.choice((b" ", b"\t\t", b" \r", b"\r\r", b"\r ")), b"\n")
        elif kind == 2:
            out += (EXPORT_TIME, rng.choice((b"", b"", b" ", EXPORT_TIME)), line, end)
        elif kind == 3:
            out += (line, b"\r\n")
        else:
            out += (rng.choice(strays()), end, prefix, line, end)
    if rng.random() < odd:
        out.append(rng.choice((b"", b" \n", b"\r", b"  ", b"\n\n")))
    data = b"".join(out)
    if rng.random() < odd / 20:
        return b"\xff\xfe" + data
    return data.removesuffix(b"\n") if rng.random() < odd else data


def make_log(log_type: str, seed: object, records: int, *, odd: float = 0.2) -> bytes:
    """A log of about so many records. `odd` is the share of records that are odd or broken; 0: all are rows."""
    writer = Records(load_tables()[log_type], seed, odd)
    return dressed(writer, writer.lines(records))


def mutate(data: bytes, seed: object) -> bytes:
    """Flip, insert, delete, double bytes and lines, or cut the end off; one to eight times."""
    rng = Random(f"mutate {seed}")
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data) + 1)
        size = rng.choice((1, 1, 2, 7, 40, 300))
        kind = rng.randrange(7)
        if kind == 0 and data:
            at = min(at, len(data) - 1)
            data = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + rng.choice(ODD_ANYWHERE + ODD_TEXTS + [b" ", b"\n", b"\r\n", b"\t"]) + data[at:]
        elif kind == 2:
            data = data[:at] + data[at + size :]
        elif kind == 3:
            data = data[: at + size] + data[at:]
        elif kind in (4, 5):
            lines = data.split(b"\n")
            place = rng.randrange(len(lines))
            lines[place : place + 1] = [] if kind == 4 else [lines[place]] * 2
            data = b"\n".join(lines)
        elif rng.random() < 0.3:
            data = data[:at]
    return data


@dataclass(frozen=True)
class Log:
    """A generated log, named by what makes it again."""

    log_type: str
    seed: int
    records: int
    odd: float
    damage: int | None
    data: bytes = field(repr=False, compare=False)


@st.composite
def logs(draw, log_types=tuple(LOG_TYPES), most=40) -> Log:
    """Logs of a drawn type, seed and size; half of them mutated."""
    log_type = draw(st.sampled_from(log_types))
    seed = draw(st.integers(0, 2**32 - 1))
    records = draw(st.integers(0, most))
    odd = draw(st.sampled_from((0.2, 0.7)))
    damage = draw(st.none() | st.integers(0, 2**32 - 1))
    data = make_log(log_type, seed, records, odd=odd)
    return Log(log_type, seed, records, odd, damage, data if damage is None else mutate(data, damage))


def cut_points():
    """Places to cut a log at, as shares of its length in 1/65536; cuts may coincide."""
    return st.lists(st.integers(0, 65536), max_size=12)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    """The log as chunks; some may be empty."""
    places = [0, *sorted(cut * len(data) // 65536 for cut in cuts), len(data)]
    return [data[begin:end] for begin, end in pairwise(places)]
