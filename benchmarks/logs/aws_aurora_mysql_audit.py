"""Aurora MySQL audit logs: 10 fields with commas between them, SQL among them, about 200 bytes a line."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from benchmarks.logs.frame import LINES
from benchmarks.logs.world import EPOCH_S, ODD, WORDS, Pool, World

LOG_TYPE = "AWS.AuroraMySQLAudit"
FRAME = LINES
TRUTH = {
    "timestamp": "time_us",
    "serverHost": "string",
    "username": "string",
    "host": "string",
    "connectionId": "int",
    "queryId": "int",
    "operation": "string",
    "database": "string",
    "object": "string",
    "retCode": "int",
}
_SERVERS = ("orders-prod-instance-1", "orders-prod-instance-2", "billing-cluster-writer", "billing-cluster-reader-1")
_OPERATIONS = ("QUERY",) * 76 + ("READ",) * 12 + ("WRITE",) * 8 + ("CONNECT",) * 2 + ("DISCONNECT",) * 2


def block(world: World, random: Random, number: int, count: int) -> tuple[list[str], list[tuple]]:
    lines, rows = [], []
    draws = zip(
        _sessions(world).draw(random, count),
        _statements(world).draw(random, count),
        random.choices(_OPERATIONS, k=count),
        strict=True,
    )
    now_us, query = (EPOCH_S + number * 10) * 1_000_000, 40_000_000 + number * 100_000
    for (server, user, host, base), (database, table, sql), what in draws:
        now_us += int(random.random() * 5_000)
        query += 1 + (what == "QUERY")
        head = (now_us, server, user, host, base + (query & 63))
        if random.random() < ODD:
            row = random.choice(_ODDITIES)(random, head, query, database, table)
        elif what == "QUERY":
            row = (*head, query, what, database, _filled(random, sql), 0)
        elif what in ("READ", "WRITE"):
            row = (*head, query, what, database, table, None)
        else:
            row = (*head, 0, what, database, None, 0)
        lines.append(",".join(["" if value is None else str(value) for value in row]))
        rows.append(row)
    return lines, rows


def _filled(random: Random, sql: str) -> str:
    """The statement with its values, in quotes and with those inside escaped, as Aurora writes it."""
    bits = random.getrandbits
    return f"'{sql}'" % {
        "id": bits(27),
        "id2": bits(20),
        "uuid": f"{bits(32):08x}-{bits(16):04x}-4{bits(12):03x}-a{bits(12):03x}-{bits(48):012x}",
        "name": random.choice(WORDS).title(),
        "day": 1 + bits(4),
        "amount": f"{bits(14) / 100:.2f}",
    }


def _failed(_random: Random, head: tuple, _query: int, _database: str, _table: str) -> tuple:
    return (*head, 0, "FAILED_CONNECT", None, None, 1045)


def _error(_random: Random, head: tuple, query: int, database: str, table: str) -> tuple:
    return (*head, query, "QUERY", database, f"'select * from {table} where nmae = \\'x, y\\''", 1054)


def _newlines(random: Random, head: tuple, query: int, database: str, table: str) -> tuple:
    sql = f"'select t.id,\\n       t.name\\n  from {table} t\\n where t.id = {random.getrandbits(20)} -- by id\\n'"
    return (*head, query, "QUERY", database, sql, 0)


def _double_quotes(random: Random, head: tuple, query: int, database: str, table: str) -> tuple:
    sql = f"'select \"id\", \"no\" from {table} where path = \\'C:\\\\\\\\data\\\\\\\\{random.getrandbits(16)}\\''"
    return (*head, query, "QUERY", database, sql, 0)


def _addresses(random: Random, head: tuple, query: int, database: str, table: str) -> tuple:
    mail = f"{random.choice(WORDS)}.{random.choice(WORDS)}@mail.example.com"
    values = f"\\'{mail}\\', \\'198.51.100.{random.randrange(256)}\\', \\'https://www.example.org/{table}\\'"
    return (*head, query, "QUERY", database, f"'insert into {table} (mail, addr, url) values ({values})'", 0)


def _local(random: Random, head: tuple, query: int, _database: str, _table: str) -> tuple:
    now_us, server, _, _, connection = head
    sql = f"'SET @@session.wait_timeout={random.randrange(60, 9999)}'"
    return (now_us, server, "rdsadmin", "localhost", connection, query, "QUERY", None, sql, 0)


def _schema_change(random: Random, head: tuple, query: int, database: str, table: str) -> tuple:
    what = random.choice(("CREATE", "ALTER", "DROP", "RENAME"))
    return (*head, query, what, database, f"tmp_{table}_{random.getrandbits(16)}", None)


_ODDITIES = (_failed, _error, _newlines, _double_quotes, _addresses, _local, _schema_change)


@lru_cache(maxsize=2)
def _sessions(world: World) -> Pool:
    """(server, user, host, first connection id): who talks to which server; fixed in a world."""
    random = Random("sessions")
    sessions = []
    for host in world.hosts.draw(random, 400):
        user = random.choice(("app_rw", "app_ro", "billing", "reporting", "etl_loader"))
        sessions.append((random.choice(_SERVERS), user, host, random.randrange(10_000, 900_000)))
    return Pool(sessions, 0.7)


@lru_cache(maxsize=2)
def _statements(_world: World) -> Pool:
    """(database, table, SQL with places for values): an application has some hundred statements."""
    random = Random("statements")
    statements = []
    for _ in range(400):
        table, other = f"{random.choice(WORDS)}s", f"{random.choice(WORDS)}s"
        columns = random.sample(WORDS, 6)
        names = {"table": table, "other": other, "list": ", ".join(columns), "first": columns[0], "last": columns[-1]}
        sql = random.choice(_SHAPES).format(**names).replace("'", "\\'")
        statements.append((random.choice(("orders", "billing", "shop")), table, sql))
    return Pool(statements, 0.6)


_SHAPES = (
    "select id, {list} from {table} where id = %(id)d",
    "select id, {list}, created_at from {table} where {first}_id in (%(id)d, %(id2)d) order by created_at limit 50",
    "SELECT a.id, a.{first}, b.{last} FROM {table} a JOIN {other} b ON b.{first}_id = a.id "
    "WHERE a.uuid = '%(uuid)s' AND b.state <> 'gone'",
    "insert into {table} ({list}) values (%(id)d, '%(name)s', '%(uuid)s', %(amount)s, '2024-05-%(day)02d', null)",
    "update {table} set {first} = '%(name)s', {last} = %(amount)s where id = %(id)d and version = %(id2)d",
    "delete from {table} where {first} = '%(uuid)s'",
    "select count(*) from {table} where {first} = %(id2)d and {last} like '%%%(name)s, %%'",
    "insert into {other} (id, {first}, {last}, note, created_at) values (%(id)d, '%(uuid)s', %(amount)s, "
    "'%(name)s; see {table}, {first}', '2024-05-%(day)02d 10:00:00') on duplicate key update {last} = 0",
    "commit",
)
