"""Every reason a record is rejected for, with its place; every odd input, with what it gives."""

import gzip

import pytest
from logs import BAD_LINE, VPC_HEADER, alb, aurora, s3, vpc, vpc_row

import arrowtrail

pytestmark = pytest.mark.usefixtures("native")
VPC = "AWS.VPCFlow"
GOOD = vpc(2)
AFTER = vpc_row(9).encode()


def deep(data, times):
    for _ in range(times):
        data = gzip.compress(data)
    return data


# reason -> (data, log type, options, record, line, offset, length, column)
ROW = vpc_row(7).encode()
REASONS = {
    "unknown_type": (vpc(1, header=False) + BAD_LINE, None, {}, 2, 2, len(vpc(1, header=False)), 33, None),
    "syntax": (b'http "open 1 2 3', "AWS.ALB", {}, 1, 1, 0, 16, None),
    "field_count": (b"\n a b c \n", "AWS.ALB", {}, 1, 2, 2, 5, None),
    "missing_required": (GOOD + ROW.replace(b" OK", b" -"), VPC, {}, 3, 4, len(GOOD), len(ROW) - 2, "status"),
    "bad_value": (GOOD + ROW.replace(b"ACCEPT", b"MAYBE"), VPC, {}, 3, 4, len(GOOD), len(ROW) - 2, "action"),
    "no_header": (b"a b c\n" + GOOD, VPC, {}, 1, 1, 0, 5, None),
    "too_long": (GOOD + b"x" * 2000 + b"\n" + AFTER, VPC, {"max_record": 1000}, 3, 4, len(GOOD), 2000, None),
    "truncated": (gzip.compress(GOOD + ROW[:50])[:-8], VPC, {}, 3, 4, len(GOOD), 50, None),
    "too_deep": (deep(GOOD, 5), VPC, {}, 1, 1, 0, len(gzip.compress(GOOD)), None),
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_rejected_record_has_its_reason_and_place(reason):
    data, log_type, options, record, line, offset, length, column = REASONS[reason]
    result = arrowtrail.parse(data, log_type, **options)
    (found,) = result.rejected.to_pylist()
    assert found["reason"] == reason
    assert (found["record"], found["line"], found["offset"], found["length"], found["column"]) == (
        record,
        line,
        offset,
        length,
        column,
    )
    assert found["message"]
    assert found["source"] is None
    assert found["raw"] == (found["raw"] if reason in ("truncated", "too_deep") else data[offset : offset + length])
    assert result.stats.records == result.table.num_rows + 1


def test_all_rows_around_a_bad_record_come_out():
    result = arrowtrail.parse(GOOD + BAD_LINE + AFTER, VPC)
    assert result.table["packets"].to_pylist() == [0, 1, 9]
    assert result.rejected["record"].to_pylist() == [3]


def test_every_line_of_binary_junk_is_rejected():
    junk = bytes(range(256)) * 300
    for log_type in (None, *arrowtrail.log_types()):
        result = arrowtrail.parse(junk, log_type)
        lines = [line for line in junk.split(b"\n") if line.strip(b" \t\r")]
        assert (result.table.num_rows, result.rejected.num_rows) == (0, len(lines))


def test_utf16_is_one_clear_rejected_record():
    for codec in ("utf-16-le", "utf-16-be"):
        data = ("\ufeff" + vpc_row(1)).encode(codec)
        (found,) = arrowtrail.parse(data, VPC).rejected.to_pylist()
        assert (found["reason"], found["offset"]) == ("syntax", 0)
        assert "UTF-16" in found["message"]


def test_line_ends_and_a_byte_order_mark_change_nothing():
    plain = arrowtrail.parse(GOOD, VPC).table.drop_columns(["p_row_id", "p_parse_time"])
    for data in (
        b"\xef\xbb\xbf" + GOOD,
        GOOD.replace(b"\n", b"\r\n"),
        GOOD.replace(b"\n", b"\n\n \t\n"),
        GOOD.rstrip(b"\n"),
        GOOD.replace(b"\n", b" \t\r\n"),
    ):
        result = arrowtrail.parse(data, VPC)
        assert result.table.drop_columns(["p_row_id", "p_parse_time"]) == plain
        assert result.rejected.num_rows == 0


def test_nul_bytes_stay_in_the_value():
    data = alb(1).replace(b"agent/0", b"agent\0/0")
    assert arrowtrail.parse(data).table["userAgent"].to_pylist() == ["agent\0/0"]


def test_invalid_utf8_is_replaced_and_counted():
    data = alb(2).replace(b"agent/0", b"ag\xff\xe2\x82ent")
    result = arrowtrail.parse(data)
    result.table.validate(full=True)
    assert result.table["userAgent"].to_pylist() == ["ag\ufffd\ufffdent", "agent/1"]
    assert result.stats.warnings["invalid_utf8"] == 1


def test_a_value_turned_null_is_counted_by_column():
    data = GOOD + vpc_row(3).encode().replace(b" 6 3 ", b" 6 many ")
    result = arrowtrail.parse(data, VPC)
    assert result.table["packets"].to_pylist() == [0, 1, None]
    assert result.stats.warnings == {"packets": 1}


def test_an_unknown_name_in_a_header_is_reported_once():
    data = (VPC_HEADER + " new-field\n").encode() + b"".join(vpc_row(n).strip().encode() + b" x\n" for n in range(3))
    assert arrowtrail.parse(data, VPC).stats.warnings == {"unknown_name": 1}


@pytest.mark.memory
def test_a_line_of_sixty_megabytes_is_one_row_or_one_rejected_record():
    long = alb(1).replace(b"agent/0", b"a" * 60_000_000)
    result = arrowtrail.parse(alb(1) + long + alb(1))
    assert (result.table.num_rows, result.rejected.num_rows) == (3, 0)
    assert len(result.table["userAgent"][1].as_py()) == 60_000_000
    result = arrowtrail.parse(alb(1) + b"y" * 60_000_000 + b"\n" + alb(1))
    (found,) = result.rejected.to_pylist()
    assert (result.table.num_rows, found["length"], len(found["raw"])) == (2, 60_000_000, 1 << 20)


def test_a_record_too_long_leaves_the_rest():
    data = s3(2) + s3(1, first=2).replace(b"tool", b"t" * 5000) + s3(2, first=3)
    result = arrowtrail.parse(data, max_record=2000)
    assert result.table.num_rows == 4
    (found,) = result.rejected.to_pylist()
    assert (found["record"], found["line"], found["reason"]) == (3, 3, "too_long")


def test_a_gzip_stream_cut_at_any_byte_adds_up():
    zipped = gzip.compress(vpc(6), mtime=0)
    for cut in range(2, len(zipped)):
        result = arrowtrail.parse(zipped[:cut], VPC)
        (found,) = result.rejected.to_pylist()
        assert found["reason"] == "truncated"
        assert found["record"] == result.table.num_rows + 1 == result.stats.records
        assert result.stats.bytes >= found["offset"] + found["length"]
        assert "gzip" in found["message"]
    assert result.table.num_rows == 6


def test_corrupt_gzip_gives_what_is_whole_and_one_rejected_record():
    zipped = bytearray(gzip.compress(vpc(6), mtime=0))
    zipped[-6] ^= 1
    result = arrowtrail.parse(bytes(zipped), VPC)
    assert result.table.num_rows == 6
    (found,) = result.rejected.to_pylist()
    assert (found["reason"], found["length"], found["raw"]) == ("truncated", 0, b"")


def test_bytes_behind_gzip_are_one_rejected_record():
    result = arrowtrail.parse(gzip.compress(vpc(6)) + b"garbage", VPC)
    assert result.table.num_rows == 6
    (found,) = result.rejected.to_pylist()
    assert (found["reason"], found["length"]) == ("truncated", 0)


def test_a_bomb_is_one_rejected_record():
    bomb = gzip.compress(vpc(3) + bytes(10_000_000))
    result = arrowtrail.parse(bomb, VPC, max_decompressed=1_000_000)
    assert result.table.num_rows == 3
    (found,) = result.rejected.to_pylist()
    assert found["reason"] == "truncated"
    assert "max_decompressed, 1000000 bytes" in found["message"]


def test_numbers_of_lines_and_records_go_on_behind_joined_lines():
    data = aurora(1) + b"1714644672000000,a,b,10.0.0.1,1,2,QUERY,d,'select\n1,\n2',0\n" + BAD_LINE + aurora(1)
    result = arrowtrail.parse(data, "AWS.AuroraMySQLAudit")
    assert result.table["object"].to_pylist()[1] == "'select\n1,\n2'"
    (found,) = result.rejected.to_pylist()
    assert (found["record"], found["line"]) == (3, 5)
