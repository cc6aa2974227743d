# distutils: language = c++
"""The shipped bridge, compiled for the fuzzer, and what must hold of every input.

An input is read three times: whole, in pieces, and in pieces by a reader each, where one can go on from another. Each
time records must be rows and rejected records, and every array must be readable and its texts UTF-8; and all times
must give the same values.
"""

include "_native.pyx"

import ast
import os
import sys
from pathlib import Path

from libc.stdint cimport uint64_t

sys.path.insert(0, os.environ["ARROWTRAIL_FUZZ_SOURCE"])

from case import decode


cdef extern from "arrays.hpp" namespace "fuzz" nogil:
    bool add_rows(const ArrowArray*, const vector[int]&, vector[uint64_t]&) except +
    const int kText
    const int kBinary
    const int kList
    const int kStruct


cdef dict BITS = {"bool": 1, "int8": 8, "int16": 16, "int32": 32, "int64": 64, "float32": 32, "float64": 64,
                  "timestamp": 64}


def widths_of_type(tree):
    """How wide a type's values are, as arrays.hpp has it: lists and structs before what they hold."""
    kind, children = tree
    below = [width for child in children for width in widths_of_type(child)]
    if kind == "struct":
        return [kStruct, len(children), *below]
    return [kList, *below] if kind == "list" else [BITS.get(kind, kText)]


def widths_of(spec):
    """The same of a batch's columns."""
    texts = ("list", [("string", [])])
    added = [("timestamp", []) if name.endswith("_time") else texts if "_any_" in name else ("string", [])
             for name, _ in spec["added"]]
    types = [column["type"] for column in spec["columns"]] + added
    return [width for tree in types for width in widths_of_type(tree)]


SPECS, OTHERS = ast.literal_eval(Path(os.environ["ARROWTRAIL_FUZZ_PLANS"]).read_text().replace("inf)", "1e999)"))
cdef dict PLANS = {mode: {name: Plan(spec) for name, spec in specs.items()} for mode, specs in SPECS.items()}
cdef list FOREIGN = [Plan(spec) for spec in OTHERS]
cdef dict WIDTHS = {name: widths_of(spec) for name, spec in SPECS["extended"].items()}
cdef list REJECTED = [kText, kText, 64, 64, 64, 64, kText, kText, kText, kBinary]


cdef class Values:
    """The rows of one log type, however they were cut into batches: a hash of each column."""

    cdef vector[int] _widths
    cdef vector[uint64_t] _hashes
    cdef readonly int64_t rows

    def __init__(self, widths):
        self._widths = widths

    def add(self, Array array):
        self.rows += array.num_rows
        if not add_rows(array._array.get(), self._widths, self._hashes):
            raise AssertionError("an array is not as Arrow has it")

    def hashes(self):
        return list(self._hashes)


def read(case, chunks):
    """Counts, values and rejected records of one pass, in a form that can be compared."""
    names = list(WIDTHS) if case.log_type is None else [case.log_type]
    reader = reader_of(case, names)
    values = [Values(WIDTHS[name]) for name in names]
    rejected = Values(REJECTED)
    for chunk in chunks:
        reader.feed(chunk)
        take(reader, values, rejected)
    reader.finish("cut" if case.truncated else None)
    take(reader, values, rejected)
    counts = reader.counts
    if counts["records"] != counts["rows"] + rejected.rows or rejected.rows != sum(counts["rejected"].values()):
        raise AssertionError(f"records are not rows and rejected records: {counts}")
    if counts["rows"] != sum(each.rows for each in values) or counts["bytes"] != len(case.data):
        raise AssertionError(f"rows or bytes are lost: {counts}")
    return counts, reader.log_types, [each.hashes() for each in (*values, rejected)]


def read_by_several(case):
    """Counts and rows of one pass, by a new reader behind each piece that ends between two records."""
    names = list(WIDTHS) if case.log_type is None else [case.log_type]
    reader = reader_of(case, names)
    values = [Values(WIDTHS[name]) for name in names]
    rejected = Values(REJECTED)
    done = []
    offset = 0
    for chunk in case.chunks():
        reader.feed(chunk)
        offset += len(chunk)
        state = reader.pause()
        if state is not None:
            take(reader, values, rejected)
            done.append(reader.counts)
            reader = reader_of(case, names, offset=offset, state=state)
    reader.finish("cut" if case.truncated else None)
    take(reader, values, rejected)
    done.append(reader.counts)
    return added(done), [each.hashes() for each in values]


def added(several):
    """The sum of all counts."""
    out = {}
    for counts in several:
        for name, count in counts.items():
            if isinstance(count, dict):
                out[name] = added([out.get(name, {}), count])
            elif isinstance(count, int):
                out[name] = out.get(name, 0) + count
    return out


def reader_of(case, names, **place):
    return Reader(
        [PLANS[case.mode][name] for name in names], given=case.log_type is not None,
        stream_ids=[b"0123456789"] * len(names), parse_time_us=1, foreign=FOREIGN, source="fuzz", source_id="id",
        header=case.header, batch_rows=case.batch_rows, batch_bytes=case.batch_bytes, max_record=case.max_record,
        **place)


def take(reader, values, rejected):
    """What the reader has finished."""
    for place, array in reader.take():
        values[place].add(array)
    array = reader.take_rejected()
    if array is not None:
        rejected.add(array)


cdef public int fuzz_one(const char* data, size_t size) except -1:
    case = decode(data[:size], list(WIDTHS))
    whole = read(case, [case.data])
    cut = read(case, case.chunks())
    if whole != cut:
        raise AssertionError(f"cuts change what is read: {case}\nwhole {whole}\ncut   {cut}")
    counts, _, hashes = whole
    several = read_by_several(case)
    if several != (added([counts]), hashes[:-1]):
        raise AssertionError(f"several readers read otherwise: {case}\none     {whole}\nseveral {several}")
    return 0
