# distutils: language = c++
"""The bridge: plans and bytes in, Arrow arrays out. What the engine does stands in ext/engine."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.dict cimport PyDict_SetItem
from cpython.list cimport PyList_GetSlice, PyList_SetItem
from cpython.pycapsule cimport PyCapsule_GetPointer
from cpython.ref cimport Py_INCREF
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int16_t, int32_t, uintptr_t
from libc.string cimport memchr
from libcpp cimport bool
from libcpp.memory cimport make_shared, shared_ptr, unique_ptr
from libcpp.string cimport string, to_string
from libcpp.utility cimport move
from libcpp.vector cimport vector

from engine cimport *

include "lines.pxi"
include "lines_tokens.pxi"
include "lines_joined.pxi"
include "lines_slow.pxi"
include "plan.pxi"
include "rows.pxi"


cdef extern from *:
    """
    #include <mutex>
    namespace engine {
    // Calls of one reader from several threads wait for each other, without the interpreter's lock.
    struct Turn {
      std::mutex mutex;
      void take() { mutex.lock(); }
      void leave() noexcept { mutex.unlock(); }
    };
    }
    """
    cdef cppclass Turn "engine::Turn":
        Turn() nogil
        void take() except + nogil
        void leave() noexcept nogil


cdef class Array:
    """One finished batch; the owner of its buffers until a consumer takes them."""

    cdef ArrayOwner _array
    cdef readonly int64_t num_rows
    cdef readonly size_t size_bytes

    @property
    def address(self):
        """Where the `ArrowArray` struct of the C data interface is, while this object lives.

        A consumer moves it and marks it as released, so that it can be had once.
        """
        return <uintptr_t>self._array.get()


cdef Array array_of(ArrayOwner& owner, int64_t rows, size_t size_bytes):
    cdef Array array = Array.__new__(Array)
    array._array = move(owner)
    array.num_rows = rows
    array.size_bytes = size_bytes
    return array


cdef string text_of(object text):
    return <string>(<bytes>(text.encode() if text is not None else b""))


cdef class Reader:
    """Bytes of one input in, batches and rejected records out. Calls are serialised."""

    cdef unique_ptr[LineReader] _reader
    cdef unique_ptr[JsonReader] _json
    cdef unique_ptr[ColumnarReader] _columnar
    cdef Turn _turn
    cdef bool _over
    cdef bool _known        # whether the input is JSON or lines
    cdef int64_t _blank     # lines before that was known

    def __init__(self, plans, *, given, stream_ids, parse_time_us, foreign=(), source=None, source_id=None,
                 source_label=None, header=None, batch_rows=65536, batch_bytes=8388608, max_record=67108864,
                 since_us=None, until_us=None, offset=0, state=None, Reader like=None, double times=1.0):
        cdef ReaderOptions options
        cdef vector[shared_ptr[const Plan_]] native, others
        cdef vector[string] streams
        if given and len(plans) != 1:
            raise ValueError("with the log type given there is exactly one plan")
        if len(stream_ids) != len(plans) or any(len(stream_id) != 10 for stream_id in stream_ids):
            raise ValueError("stream_ids must hold 10 bytes for each plan")
        if batch_rows < 1 or batch_bytes < 1 or max_record < 1:
            raise ValueError("batch_rows, batch_bytes and max_record must be positive")
        for plan in plans:
            native.push_back((<Plan?>plan)._plan)
        for plan in foreign:
            others.push_back((<Plan?>plan)._plan)
        for stream_id in stream_ids:
            streams.push_back(<string>(<bytes>stream_id))
        options.given = given
        options.parse_time_us = parse_time_us
        options.has_source, options.source = source is not None, text_of(source)
        options.has_source_id, options.source_id = source_id is not None, text_of(source_id)
        options.has_source_label, options.source_label = source_label is not None, text_of(source_label)
        options.has_header, options.header = header is not None, text_of(header)
        options.batch_rows, options.batch_bytes, options.max_record = batch_rows, batch_bytes, max_record
        if since_us is not None:
            options.since_us = since_us
        if until_us is not None:
            options.until_us = until_us
        options.offset = offset
        self._reader.reset(new LineReader(native, streams, others, options, process_pool()))
        self._reader.get().set_read_lines(read_lines)
        if like is not None:
            like._turn.take()
            try:
                self._reader.get().expect_like(like._reader.get()[0], times)
            finally:
                like._turn.leave()
        if state is not None:
            self._go_on(state, offset)

    cdef int _go_on(self, bytes state, int64_t offset) except -1:
        """Begin between two records of an input, where another reader stood; lines are numbered from here."""
        cdef string text = <string>state
        cdef string_view rest = string_view(text)
        cdef JsonPlace place
        self._known = True
        self._reader.get().take_state(rest)
        if rest.size() != 0:
            place.offset, place.line = offset, 1
            self._json.reset(new JsonReader(self._reader.get()[0], place))
            self._json.get().take_state(rest)
        return 0

    def pause(self):
        """Complete the batches at hand; returns where the input stands, or None inside a record.

        The answer is bytes: all that matters of what was read so far. A reader made with it as `state`, and the place
        in the input as `offset`, reads on as this one would, but for the numbers of records and lines.
        """
        cdef LineReader* reader = self._reader.get()
        cdef string state, inside
        cdef bool whole
        self._turn.take()
        try:
            if self._known and not self._json:
                read_lines(reader, False)  # those that feeding has left
            # JSON first: it may read what it has put off.
            whole = self._known and (not self._json or self._json.get().put_state(inside)) and reader.put_state(state)
            reader.flush_all()
        finally:
            self._turn.leave()
        return <bytes>state + <bytes>inside if whole else None

    def feed(self, chunk):
        """Read the records that `chunk` (any contiguous buffer) completes. The chunk is free to change afterwards."""
        cdef Py_buffer view
        self._check()
        PyObject_GetBuffer(chunk, &view, PyBUF_SIMPLE)
        try:
            with nogil:
                self._feed(<const char*>view.buf, <size_t>view.len)
        finally:
            PyBuffer_Release(&view)

    cdef int _feed(self, const char* data, size_t size) except -1 nogil:
        cdef size_t look
        self._turn.take()
        try:
            self._reader.get().count_bytes(size)
            while size != 0 and not self._known:
                look = min(size, <size_t>LOOK)
                self._reader.get().frame.add(data, look)
                if self._know(False):
                    read_lines(self._reader.get(), False)
                data += look
                size -= look
            if size != 0 and self._json:
                self._json.get().feed(data, size)
            elif size != 0:
                read_chunk(self._reader.get(), data, size)
        finally:
            self._turn.leave()
        return 0

    cdef bool _know(self, bool last) except? False nogil:
        """Whether the input is lines, by its first byte that is no blank; a reader of JSON takes over otherwise."""
        cdef LineReader* reader = self._reader.get()
        cdef const char* data
        cdef size_t at = 0, size, line = 0  # `line`: behind the blank lines, which only lines count
        cdef bool plain = True
        cdef JsonPlace place
        if not reader.start(last):
            return False
        data, size = reader.frame.data(), reader.frame.size()
        while at < size and (is_blank(data[at]) or data[at] == c'\r' or data[at] == c'\n'):
            at += 1
            if data[at - 1] != c'\n':
                continue
            plain = plain and trim_line(string_view(data + line, at - 1 - line)).size() == 0
            if plain:  # and not a second carriage return, which lines take for a record
                self._blank += 1
                line = at
        reader.frame.consume(line)
        self._known = last or at < size
        if not self._known:
            return False
        if at == size or (data[at] != c'{' and data[at] != c'['):
            while self._blank != 0:
                reader.blank_line()
                self._blank -= 1
            return True
        data, size = reader.frame.data(), reader.frame.size()
        place.offset = reader.frame.offset()
        place.line = self._blank + 1
        self._json.reset(new JsonReader(reader[0], place))
        self._json.get().feed(data, size)
        reader.frame.consume(size)
        return False

    def open_columns(self, names):
        """The input is rows in columns of these names: the places of those to feed; None where no log type is so."""
        cdef vector[string] texts = texts_of(names)
        cdef size_t place
        cdef bool known
        self._check()
        self._turn.take()
        try:
            self._columnar.reset(new ColumnarReader(self._reader.get()[0]))
            known = self._columnar.get().open(texts)
        finally:
            self._turn.leave()
        if not known:
            return None
        return [place for place in range(texts.size()) if self._columnar.get().wanted(place)]

    def feed_columns(self, capsule, places, kinds, int64_t begin, int64_t first_row, size_t enough):
        """Read rows of the struct in an `arrow_array` capsule, from `begin` on, which is the input's row `first_row`.

        Ends with the row that makes their text `enough` bytes; gives back how many rows, and bytes, they were.
        """
        cdef int64_t count
        cdef size_t size = 0
        cdef const ArrowArray* rows = <const ArrowArray*>PyCapsule_GetPointer(capsule, b"arrow_array")
        cdef vector[int] at = places
        cdef vector[Kind] types
        self._check()
        for kind in kinds:
            types.push_back(<Kind><int>KINDS[kind])
        if not self._columnar or begin < 0 or at.size() != types.size() or rows.n_children != <int64_t>at.size():
            raise ValueError("open_columns comes first, and the array has a child for each place")
        with nogil:
            self._turn.take()
            try:
                count = self._columnar.get().read(rows[0], at, types, begin, first_row, enough, size)
            finally:
                self._turn.leave()
        return count, size

    def reject(self, reason, message, raw, offset=None):
        """Add a rejected record that no line holds, such as bytes behind a gzip member."""
        cdef string text = text_of(message)
        cdef string kept = <string>(<bytes>bytes(raw))
        cdef int64_t place = self._reader.get().bytes() if offset is None else offset
        cdef Code code = code_of(reason)
        self._turn.take()
        try:
            self._reader.get().reject_stream(code, string_view(text), place, kept.size(), string_view(kept))
        finally:
            self._turn.leave()

    def finish(self, truncated=None):
        """The input ends. With `truncated` (a message) the unfinished tail is one rejected record `truncated`."""
        cdef string message = text_of(truncated)
        cdef bool cut = truncated is not None
        self._check()
        self._over = True
        with nogil:
            self._finish(&message if cut else NULL)

    cdef int _finish(self, const string* truncated) except -1 nogil:
        cdef LineReader* reader = self._reader.get()
        self._turn.take()
        try:
            if not self._known:
                self._know(True)
            if self._json:
                self._json.get().finish(truncated)
                reader.finish(NULL)
                return 0
            if not (reader.start(True) and reader.drop_utf16()) and truncated == NULL:
                reader.frame.end()
            reader.take_long_line()
            read_lines(reader, truncated == NULL)
            finish_small_header(reader)
            reader.finish(truncated)
        finally:
            self._turn.leave()
        return 0

    cdef int _check(self) except -1:
        if self._over:
            raise ValueError("the reader is finished: make a new one for another input")
        return 0

    def take(self):
        """Finished batches as (index of the plan, array), in order; `finish` completes the last ones."""
        cdef LineReader* reader = self._reader.get()
        cdef FinishedBatch* batch
        cdef list out = []
        self._turn.take()
        try:
            while not reader.batches().empty():
                batch = &reader.batches().front()
                out.append((batch.type, array_of(batch.array, batch.rows, batch.size_bytes)))
                reader.batches().pop_front()
        finally:
            self._turn.leave()
        return out

    def take_rejected(self):
        """Rejected records since the last call, in the schema of `arrowtrail.schema.REJECTED`."""
        cdef ArrayOwner owner
        cdef size_t size_bytes = 0
        cdef int64_t rows
        self._turn.take()
        try:
            rows = self._reader.get().rejects().waiting()
            owner = self._reader.get().rejects().take(size_bytes)
        finally:
            self._turn.leave()
        return array_of(owner, rows, size_bytes) if rows != 0 else None

    @property
    def counts(self):
        """records, rows, outside, rejected (by reason), warnings (by what), unknown_names, blank, bytes, headers and
        first_rejected."""
        cdef LineReader* reader = self._reader.get()
        cdef dict rejected = {}
        cdef int code
        cdef int64_t count
        for code in range(1, kCodes):
            count = reader.rejects().count(<Code>code)
            if count != 0:
                rejected[code_text(<Code>code)] = count
        cdef const Rejected* fault = &reader.rejects().first()
        cdef bytes column = fault.column, message = fault.message
        cdef object first = None
        if fault.code != Code.ok:
            reason = code_text(fault.code)
            first = (fault.record, fault.line, fault.offset, reason, column.decode() or None, message.decode())
        return {
            "records": reader.records(),
            "rows": reader.row_count(),
            "outside": reader.outside(),
            "rejected": rejected,
            "warnings": warnings_of(reader),
            "unknown_names": unknown_names_of(reader),
            "blank": reader.blank(),
            "bytes": reader.bytes(),
            "headers": reader.headers(),
            "first_rejected": first,
        }

    @property
    def lines(self):
        """Line feeds that were read; whole where `pause` gives a state."""
        return self._json.get().line() - 1 if self._json else self._reader.get().line()

    @property
    def log_types(self):
        """Indices of the plans that gave rows; if none did, of the first header's or first rejected record's."""
        cdef vector[int] found = self._reader.get().found_types()
        return list(found)


cdef dict warnings_of(LineReader* reader):
    cdef vector[pair[string, int64_t]] warnings = reader.warnings()
    cdef size_t place
    cdef bytes what
    cdef dict out = {}
    for place in range(warnings.size()):
        what = warnings[place].first
        name = what.decode()
        out[name] = out.get(name, 0) + warnings[place].second  # log types may have columns of the same name
    return out


cdef list unknown_names_of(LineReader* reader):
    cdef vector[string] names = reader.unknown_names()
    cdef size_t place
    cdef bytes name
    cdef list out = []
    for place in range(names.size()):
        name = names[place]
        out.append(name.decode("utf-8", "replace"))
    return out


cdef str code_text(Code code):
    cdef bytes text = code_name(code)
    return text.decode()


cdef Code code_of(object reason) except *:
    cdef int code
    for code in range(1, kCodes):
        if code_text(<Code>code) == reason:
            return <Code>code
    raise ValueError(f"{reason!r} is no reason of a rejected record")


def kernel():
    """Name of the instruction set in use, by simdjson's own detection."""
    cdef bytes name = kernel_name()
    return name.decode()


def kernels():
    """Names of the instruction sets that this processor has; SIMDJSON_FORCE_IMPLEMENTATION picks one."""
    return [(<bytes>name).decode() for name in kernel_names()]
