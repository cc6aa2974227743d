"""Tables load; bad ones say why and what was meant; what is generated from them is current."""

import itertools
import pickle
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from oracle.find import decode_punycode

import arrowtrail
from arrowtrail import LogType, TableError, UnknownColumn, UnknownLogType, UsageError, describe
from arrowtrail.catalog import builtin, find
from arrowtrail.schema import REJECTED, arrow_schema, output_columns
from arrowtrail.tablefile import read, scanners
from arrowtrail.vocabulary import BadType, parse_type

ROOT = Path(__file__).parent.parent
TABLES = Path(__file__).parent / "tables"
BAD = sorted(path for path in TABLES.glob("*.toml") if not path.name.startswith("good_"))
GOOD = TABLES / "good_my_app.toml"


def expectations(path):
    """The comments on top of a bad table: what its error says, names and suggests."""
    lines = itertools.takewhile(lambda line: line.startswith("# "), path.read_text().splitlines())
    return dict(line[2:].split(": ", 1) for line in lines)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_table_says_where_and_what_was_meant(path):
    want = expectations(path)
    with pytest.raises(TableError) as caught:
        LogType.load(path)
    error = caught.value
    assert want["expects"] in str(error)
    assert str(error).startswith(str(path))
    assert error.column == want.get("column")
    if "column" in want:
        assert repr(want["column"]) in str(error)
    assert error.nearest == want.get("nearest")
    if "nearest" in want:
        assert f"did you mean {want['nearest']!r}?" in str(error)


def test_bytes_that_are_no_text_are_no_table():
    with pytest.raises(TableError, match="is not TOML"):
        read(b"name = '\xff'", "x.toml")


def test_a_missing_table_is_an_os_error():
    with pytest.raises(FileNotFoundError):
        LogType.load("no/such/table.toml")


def test_a_users_table_becomes_a_schema():
    schema = arrowtrail.schema(LogType.load(GOOD))
    assert schema.names[:5] == ["at", "verb", "client", "seconds", "rest"]
    assert schema.names[5:9] == ["p_event_time", "p_parse_time", "p_log_type", "p_row_id"]
    assert schema.field("seconds").type == pa.float32()
    assert schema.field("rest").type == pa.list_(pa.string())
    assert schema.field("seconds").metadata == {b"description": b"How long it took.", b"unit": b"s"}
    assert schema.field("client").metadata[b"indicators"] == b"net_addr"
    assert schema.field("at").metadata[b"required"] == b"true"


def test_a_log_type_is_a_value():
    one, other = LogType.load(GOOD), LogType.load(GOOD)
    assert one == other and hash(one) == hash(other)
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(AttributeError):
        one.name = "Other"


def test_the_catalog_cannot_be_changed():
    with pytest.raises(TypeError):
        builtin()["x"] = find("AWS.ALB")
    assert arrowtrail.log_types() == sorted(builtin())
    assert all(name == log_type.name for name, log_type in builtin().items())


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("alb", "AWS.ALB"), ("AWS.VPCflow", "AWS.VPCFlow"), ("AWS.S3", "AWS.S3ServerAccess"), ("aws.alb", "AWS.ALB")],
)
def test_an_unknown_log_type_names_the_nearest(wrong, meant):
    with pytest.raises(UnknownLogType) as caught:
        arrowtrail.schema(wrong)
    assert caught.value.nearest == meant
    assert f"did you mean {meant!r}?" in str(caught.value)


def test_an_unknown_column_names_the_nearest():
    with pytest.raises(UnknownColumn, match=r"AWS\.ALB has no column 'clientip'; did you mean 'clientIp'\?"):
        arrowtrail.schema("AWS.ALB", columns=["clientip"])


@pytest.mark.parametrize("columns", [[], "clientIp"])
def test_columns_must_be_a_list_of_names(columns):
    with pytest.raises(UsageError, match="columns"):
        arrowtrail.schema("AWS.ALB", columns=columns)


@pytest.mark.parametrize("log_type", builtin().values(), ids=lambda log_type: log_type.name)
def test_the_schema_is_the_tables_columns_and_the_added_ones(log_type):
    schema = arrow_schema(log_type)
    assert schema.names == [column.name for column in output_columns(log_type)]
    assert schema.names[: len(log_type.columns)] == [column.name for column in log_type.columns]
    assert len(set(schema.names)) == len(schema.names)
    assert all(field.nullable and field.metadata[b"description"] for field in schema)
    assert all(column.about.endswith(".") for column in output_columns(log_type))
    assert schema.metadata[b"log_type"] == log_type.name.encode()


def test_selected_columns_keep_the_tables_order():
    schema = arrowtrail.schema("AWS.ALB", columns=["p_row_id", "userAgent", "type"])
    assert schema.names == ["type", "userAgent", "p_row_id"]


def test_added_columns_hold_every_column_a_scanner_can_fill():
    for log_type in builtin().values():
        names = {column.name for column in output_columns(log_type)}
        assert set(itertools.chain.from_iterable(scanners().values())) <= names


def test_the_language_page_names_every_key_and_word():
    from arrowtrail import vocabulary

    page = (ROOT / "src/arrowtrail/tables/README.md").read_text()
    keys = {key for parts in vocabulary.KEYS.values() for part in parts.values() for key in part}
    allowed = vocabulary.PARTS + vocabulary.TIMES + vocabulary.UNITS + vocabulary.SHAPES + vocabulary.DETECT_KINDS
    for word in {*keys, *allowed, *vocabulary.RAW_QUOTES, *vocabulary.SCALARS, *vocabulary.FORMATS}:
        assert f"`{word}" in page or f'"{word}"' in page, word


def test_no_python_code_names_a_log_type():
    for path in (ROOT / "src/arrowtrail").glob("*.py"):
        code = path.read_text()
        docs = code.split('"""')
        outside = "".join(docs[::2])
        assert not any(name in outside for name in builtin()), path.name


def test_the_log_types_page_is_current():
    assert (ROOT / "docs/log-types.md").read_text() == describe.page(builtin())


def test_the_page_is_written_by_a_module():
    run = subprocess.run([sys.executable, "-m", "arrowtrail.describe"], capture_output=True, check=True, text=True)
    assert run.stdout == describe.page(builtin())


def test_every_column_is_described():
    for log_type in builtin().values():
        text = describe.as_text(log_type)
        assert all(column.name in text for column in output_columns(log_type))
        assert [column["name"] for column in describe.as_data(log_type)["columns"]] == arrow_schema(log_type).names


def test_rejected_records_have_a_fixed_schema():
    assert [(field.name, str(field.type)) for field in REJECTED] == [
        ("source", "string"),
        ("log_type", "string"),
        ("record", "int64"),
        ("line", "int64"),
        ("offset", "int64"),
        ("length", "int64"),
        ("reason", "string"),
        ("column", "string"),
        ("message", "string"),
        ("raw", "binary"),
    ]


@pytest.mark.parametrize(
    "text",
    ["string", "list<struct<arn: string, ids: list<int8>>>", " list < string > ", 'list<struct< "a b-c" : json>>'],
)
def test_a_type_is_read(text):
    assert parse_type(text).kind in ("string", "list")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "list",
        "list<>",
        "struct<>",
        "struct<a>",
        "struct<a: string, a: json>",
        "json x",
        'struct<"": json>',
        'struct<"a: json>',
        'struct<a: json, "a": json>',
    ],
)
def test_a_bad_type_is_refused(text):
    with pytest.raises(BadType):
        parse_type(text)


def test_a_type_nested_without_end_is_refused():
    with pytest.raises(BadType, match="too deeply"):
        parse_type("list<" * 2000 + "string" + ">" * 2000)


def own_rows(data, *columns, records="", **values):
    """The rows of lines that a user's table of these columns reads."""
    lines = ",\n".join(f'{{ about = "A column.", {column} }}' for column in columns)
    table = f"""
        name    = "My.Own"
        about   = "A line."
        added   = "A"
        records = {{ framing = "lines" {records} }}
        tokens  = {{ format = "delimited", separators = " ", null = ["-"] }}
        detect  = {{ starts = ["word"] }}
        columns = [{lines}]
    """
    result = arrowtrail.parse(data, read(table.encode(), "own.toml"), **values)
    assert result.rejected.num_rows == 0
    return result.table


def test_only_the_host_that_was_split_off_is_an_address():
    rows = own_rows(
        b"10.0.0.1:80 10.0.0.2\n- 10.0.0.3:1\n10.0.0.4:80 10.0.0.4\n",
        'name = "host", from = 0, part = "host", type = "string", indicator = "ip"',
        'name = "whole", from = 0, type = "string", indicator = "ip"',
        'name = "other", from = 1, type = "string", indicator = "ip"',
    )
    assert rows["p_any_ip_addresses"].to_pylist() == [["10.0.0.1", "10.0.0.2"], None, ["10.0.0.4"]]


def test_a_columns_own_null_may_be_one_byte():
    rows = own_rows(
        b"? ?\nx -\n", 'name = "a", from = 0, type = "string", null = ["?"]', 'name = "b", from = 1, type = "string"'
    )
    assert rows.select(["a", "b"]).to_pylist() == [{"a": None, "b": "?"}, {"a": "x", "b": None}]


def test_a_line_may_be_split_into_any_number_of_parts():
    tokens = range(100)
    columns = [
        f'name = "{part}{token}", from = {token}, part = "{part}", type = "{kind}"'
        for token in tokens
        for part, kind in (("host", "string"), ("port", "int64"))
    ]
    rows = own_rows(b" ".join(b"h%d:%d" % (token, token) for token in tokens), *columns)
    expected = {f"host{token}": f"h{token}" for token in tokens} | {f"port{token}": token for token in tokens}
    assert rows.select(list(expected)).to_pylist() == [expected]


def test_allowed_words_may_be_short_in_letters_and_long_in_bytes():
    word = "\u00e9" * 6
    column = f'name = "a", from = 0, type = "string", allowed = ["{word}", "ok"]'
    assert own_rows(f"{word}\nok\n".encode(), column)["a"].to_pylist() == [word, "ok"]


def test_parts_of_a_named_token_hide_no_header():
    rows = own_rows(
        b"x y z\nh:1 b c\nnew y z\n7 B C\n",
        'name = "host", from = "x", part = "host", type = "string"',
        'name = "port", from = "x", part = "port", type = "int64"',
        'name = "b", from = "y", type = "string"',
        'name = "c", from = "z", type = "string"',
        records=", header = 2",
    )
    assert rows.select(["host", "b", "c"]).to_pylist() == [
        {"host": "h", "b": "b", "c": "c"},
        {"host": None, "b": "B", "c": "C"},
    ]


@pytest.mark.parametrize("size", [1, 50, 4092, 4093, 5000, 30_000])
def test_long_labels_are_decoded(size):
    name = "xn--" + "x" * size + "p1ai.example"
    found = own_rows(name.encode(), 'name = "a", from = 0, type = "string", indicator = "domain"')
    assert found["p_any_domain_names"].to_pylist() == [[decode_punycode(name) or name]]


def test_labels_that_would_fill_the_memory_are_kept():
    name = "xn--" + "x" * (1 << 20) + "p1ai"
    found = own_rows(name.encode(), 'name = "a", from = 0, type = "string", indicator = "domain"')
    assert found["p_any_domain_names"].to_pylist() == [[name]]
