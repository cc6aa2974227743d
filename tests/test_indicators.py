"""indicators(): any kind of text, row for row; indicator_table(): what rows hold as rows of their own."""

import mmap
import random
import tomllib
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from logs import LOGS, vpc

import arrowtrail
from arrowtrail import UsageError, finding, indicator_table, indicators
from arrowtrail.finding import kinds

TABLES = Path(__file__).parent.parent / "src/arrowtrail/tables"
MD5 = "d41d8cd98f00b204e9800998ecf8427e"
# Texts, and the addresses and hashes in them.
TEXTS = {
    "10.0.0.7": ["10.0.0.7"],
    " 10.0.0.7 ": ["10.0.0.7"],
    "\n10.0.0.7\r\n": ["10.0.0.7"],
    "2001:db8::1": ["2001:db8::1"],
    "https://10.0.0.8/x?y": ["10.0.0.8"],
    "": None,
    " ": None,
    "-": None,
    "text": None,
    "\n": None,
    "\0": None,
    "a\0b\0": None,
    "é": None,
    "10.0.0.7é": None,
    MD5: None,
    "\ud800": None,
}
KINDS_OF_TEXT = (
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
    pa.dictionary(pa.int8(), pa.string()),
    pa.dictionary(pa.uint32(), pa.large_binary()),
)


@pytest.fixture
def texts():
    """Many texts in any order, nulls among them; what is no UTF-8 is left out."""
    rnd = random.Random(5)
    some = [*(text for text in TEXTS if text.isprintable() or text.isascii()), None]
    return [rnd.choice(some) for _ in range(40_000)]


def addresses(found):
    return found.field("ip_addresses").to_pylist() if isinstance(found, pa.StructArray) else addresses_of(found)


def addresses_of(chunked):
    return [each for chunk in chunked.chunks for each in chunk.field("ip_addresses").to_pylist()]


def wanted(texts):
    return [None if text is None else TEXTS[text] for text in texts]


def test_the_kinds_are_what_the_scanner_finds():
    scanners = tomllib.loads((TABLES / "_indicators.toml").read_text())["scanners"]
    assert sorted(f"p_any_{kind}" for kind in kinds()) == sorted(scanners["text"])
    assert kinds()[:2] == ("ip_addresses", "domain_names")


def test_the_table_of_texts_is_no_log_type():
    assert finding._log_type().name not in arrowtrail.log_types()


def test_each_kind_is_found_anywhere_in_a_text(native):
    text = (
        "curl -u eve@mail.example.com https://www.example.com/a?b=10.0.0.7 from [2001:db8::1]:443, "
        f"{MD5.upper()} {'a1' * 20} {'b2' * 32}, i-0123456789abcdef0 as arn:aws:iam::123456789012:user/eve"
    )
    assert indicators(text).as_py() == {
        "ip_addresses": ["10.0.0.7", "2001:db8::1"],
        "domain_names": ["mail.example.com", "www.example.com"],
        "md5_hashes": [MD5],
        "sha1_hashes": ["a1" * 20],
        "sha256_hashes": ["b2" * 32],
        "aws_account_ids": ["123456789012"],
        "aws_instance_ids": ["i-0123456789abcdef0"],
        "aws_arns": ["arn:aws:iam::123456789012:user/eve"],
        "emails": ["eve@mail.example.com"],
    }


@pytest.mark.parametrize("text", TEXTS)
def test_one_text_gives_one_struct(native, text):
    data = text.encode("utf-8", "surrogatepass")
    for each in (text, data, bytearray(data), memoryview(data), pa.py_buffer(data)):
        found = indicators(each)
        assert isinstance(found, pa.StructScalar)
        assert found["ip_addresses"].as_py() == TEXTS[text]
        assert list(found.as_py()) == list(kinds())
    assert indicators(text)["md5_hashes"].as_py() == ([MD5] if text == MD5 else None)


@pytest.mark.parametrize("kind", KINDS_OF_TEXT, ids=str)
def test_arrays_of_any_kind_of_text_give_a_row_for_each(native, texts, kind):
    dictionary = isinstance(kind, pa.DictionaryType)
    array = pa.array(texts).cast(kind.value_type if dictionary else kind)
    array = array.dictionary_encode().cast(kind) if dictionary else array
    found = indicators(array)
    found.validate(full=True)
    assert isinstance(found, pa.StructArray) and found.null_count == array.null_count
    assert addresses(found) == wanted(texts)
    for begin, count in ((0, 0), (1, 1), (17, 3), (16_000, 20_001), (39_990, 10)):
        cut = indicators(array.slice(begin, count))
        cut.validate(full=True)
        assert addresses(cut) == wanted(texts[begin : begin + count])


@pytest.mark.parametrize("values", [pa.string_view(), pa.binary_view()], ids=str)
@pytest.mark.parametrize("places", [[2, None, 0], [1] * 9], ids=["fewer texts than values", "more"])
def test_a_dictionary_of_views_is_looked_up(native, values, places):
    dictionary = pa.array(["10.0.0.1", "none", None, "10.0.0.2"], values)
    texts = pa.DictionaryArray.from_arrays(pa.array(places, pa.uint16()), dictionary)
    found = indicators(texts)
    found.validate(full=True)
    assert found.null_count == texts.null_count + places.count(2)
    assert addresses(found) == [["10.0.0.1"] if place == 0 else None for place in places]
    assert addresses(indicators(texts[1:])) == addresses(found)[1:]


def test_arrays_of_nulls_and_of_nothing_have_their_length(native):
    for kind in (pa.null(), pa.string(), pa.binary(), pa.dictionary(pa.int32(), pa.string())):
        found = indicators(pa.nulls(3, kind))
        assert found.to_pylist() == [None] * 3 and addresses(found) == [None] * 3
        assert len(indicators(pa.nulls(0, kind))) == 0
    assert [field.type for field in found.type] == [pa.list_(pa.string())] * len(kinds())
    assert indicators(pa.array([None, ""])).to_pylist() == [None, dict.fromkeys(kinds())]


def test_results_do_not_depend_on_batches(native, texts, monkeypatch):
    monkeypatch.setattr(finding._recipe(), "batch_bytes", 65_536)
    found = indicators(pa.array(texts))
    found.validate(full=True)
    assert addresses(found) == wanted(texts)


def test_what_is_in_chunks_stays_in_chunks(native, texts):
    chunked = pa.chunked_array([texts[:7], [], texts[7:]], pa.string())
    found = indicators(chunked)
    assert [len(chunk) for chunk in found.chunks] == [len(chunk) for chunk in chunked.chunks]
    assert addresses(found) == wanted(texts)
    assert indicators(pa.chunked_array([], pa.string())).type == found.type


def test_arrays_of_other_libraries_are_read(native, texts):
    held = pa.table({"text": texts})
    for array in (
        pl.Series(texts),
        pl.Series(texts, dtype=pl.Categorical),
        pd.Series(texts, dtype="string"),
        duckdb.sql("select text from held").to_arrow_table()["text"],
    ):
        assert addresses(indicators(array)) == wanted(texts)
    assert pl.from_arrow(indicators(pl.Series(["10.0.0.7", None]))).struct.field("ip_addresses").to_list() == [
        ["10.0.0.7"],
        None,
    ]
    assert held.num_rows == len(texts)


class OnlyArray:
    """As libraries give an array that is in one piece."""

    def __init__(self, array):
        self.array = array

    def __arrow_c_array__(self, requested_schema=None):
        return self.array.__arrow_c_array__(requested_schema)


def test_an_array_of_another_library_in_one_piece_stays_so(native):
    found = indicators(OnlyArray(pa.array(["10.0.0.7"])))
    assert isinstance(found, pa.StructArray) and addresses(found) == [["10.0.0.7"]]


def test_bytes_that_are_no_utf8_are_repaired_in_their_text_alone(native):
    found = indicators(pa.array([b"10.0.0.7", b"\xff", b"10.0.0.8\xc3", b"10.0.0.9", b"\xa9 "]))
    assert addresses(found) == [["10.0.0.7"], None, None, ["10.0.0.9"], None]


def test_a_long_text_is_a_text(native):
    long = "x" * 10_000_000
    assert addresses(indicators(pa.array([long, "10.0.0.7", long]))) == [None, ["10.0.0.7"], None]
    many = " ".join(f"10.0.{number % 256}.{number // 256}" for number in range(50_000))
    assert len(indicators(many)["ip_addresses"].as_py()) == 50_000


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (7, "not int"),
        (None, "not NoneType"),
        (["10.0.0.7"], r"not list; pyarrow\.array"),
        (pa.array([7]), "not of int64"),
        (pa.chunked_array([[["a"]]]), "not of list<"),
        (pa.table({"a": ["b"]}), "not of struct<.*; give one of its columns"),
        (np.array([b"10.0.0.1", b"a.com"]), "not ndarray"),
        (np.array(["10.0.0.1"], object), "not ndarray"),
        (memoryview(b"10.0.0.1").cast("i"), "not memoryview"),
        (memoryview(b"10.0.0.1")[::2], "not memoryview"),
        (mmap.mmap(-1, finding.MOST_BYTES), "too long: give it in pieces"),
    ],
)
def test_what_holds_no_text_is_told(native, wrong, message):
    with pytest.raises(UsageError, match=message):
        indicators(wrong)


def test_scalars_are_texts(native):
    assert indicators(pa.scalar("10.0.0.7"))["ip_addresses"].as_py() == ["10.0.0.7"]
    assert indicators(pa.scalar(None, pa.string())).as_py() is None


def test_the_function_is_not_the_module():
    from arrowtrail import indicators as found
    from arrowtrail.indicators import scanners

    assert found is arrowtrail.indicators is indicators and "text" in scanners()


# indicator_table


def flat_by_hand(table):
    """The flat view, row by row and column by column."""
    names = [name for name in table.schema.names if name.startswith("p_any_")]
    return [
        (row["p_row_id"], row["p_event_time"], row["p_log_type"], name.removeprefix("p_any_"), value)
        for row in table.to_pylist()
        for name in names
        for value in row[name] or ()
    ]


def rows_of(flat):
    return [tuple(row.values()) for row in flat.to_pylist()]


@pytest.fixture(params=sorted(LOGS))
def rows(request, native):
    """A table of one log type, in several batches."""
    return arrowtrail.parse(LOGS[request.param](500), batch_rows=100).table


def test_every_indicator_of_a_row_is_a_row(rows):
    flat = indicator_table(rows)
    flat.validate(full=True)
    assert flat.schema.names == ["p_row_id", "p_event_time", "p_log_type", "kind", "value"]
    assert rows_of(flat) == flat_by_hand(rows) and flat.num_rows
    assert rows_of(indicator_table(rows.slice(33, 120))) == flat_by_hand(rows.slice(33, 120))
    assert rows_of(indicator_table(rows.to_batches()[0])) == flat_by_hand(rows.slice(0, 100))


def test_a_large_table_is_flattened_in_pieces(rows, monkeypatch):
    monkeypatch.setattr("arrowtrail.flat.BATCH_ROWS", 7)
    assert rows_of(indicator_table(rows)) == flat_by_hand(rows)


def test_a_stream_gives_a_stream(native):
    scan = arrowtrail.scan([vpc(50)] * 3, "AWS.VPCFlow", row_id_seed=1)
    flat = indicator_table(scan)
    assert isinstance(flat, pa.RecordBatchReader)
    assert rows_of(flat.read_all()) == flat_by_hand(scan.to_table())


def test_tables_of_other_libraries_give_the_same(rows):
    want = flat_by_hand(rows)
    assert rows_of(indicator_table(pl.from_arrow(rows)).read_all()) == want
    assert rows_of(indicator_table(duckdb.sql("select * from rows")).read_all()) == want


def test_rows_without_indicators_give_none(native):
    table = arrowtrail.parse(vpc(5), indicators="off").table
    for empty in (table, table.slice(0, 0)):
        assert indicator_table(empty).num_rows == 0 and indicator_table(empty).schema.names[3] == "kind"


def test_a_null_among_indicators_is_none(native):
    table = arrowtrail.parse(vpc(5)).table
    names = pa.array([["a.example.com", None]] * 5)
    odd = table.set_column(table.schema.get_field_index("p_any_domain_names"), "p_any_domain_names", names)
    found = rows_of(indicator_table(odd))
    assert found == [row for row in flat_by_hand(odd) if row[4] is not None]
    assert ("domain_names", "a.example.com") in {row[3:] for row in found}


def test_columns_that_are_missing_are_named(native):
    table = arrowtrail.parse(vpc(5)).table
    with pytest.raises(UsageError, match=r"lacks p_event_time, p_log_type, p_any_\.\.\.: "):
        indicator_table(table.select(["p_row_id"]))
    with pytest.raises(UsageError, match="lacks p_row_id: "):
        indicator_table(arrowtrail.scan(vpc(5), columns=[*table.schema.names[-16:], "p_log_type"]))
    with pytest.raises(UsageError, match="p_any_x is string"):
        indicator_table(table.append_column("p_any_x", table["p_row_id"]))
    with pytest.raises(UsageError, match="not str"):
        indicator_table("logs/")
    with pytest.raises(UsageError, match=r"not Result; give its \.table"):
        indicator_table(arrowtrail.parse(vpc(5)))
    with pytest.raises(UsageError, match="more than one column p_row_id"):
        indicator_table(table.append_column("p_row_id", table["p_row_id"]))


def test_a_column_that_pandas_made_a_null_of_is_no_fault(native):
    table = arrowtrail.parse(vpc(5)).table
    empty = pa.nulls(table.num_rows)
    odd = table.set_column(table.schema.get_field_index("p_any_emails"), "p_any_emails", empty)
    assert indicator_table(odd).equals(indicator_table(table))
