# Record batches -> rows as dicts, a block of rows at a time and in it column by column.

cdef class RowField:
    """A column, a member of a struct, or what a list is made of."""

    cdef object name
    cdef Kind kind
    cdef bool json
    cdef list children


cdef RowField row_field(object spec):
    cdef RowField field = RowField.__new__(RowField)
    name, kind, children = spec
    field.name = name
    field.kind = <Kind>(<int>KINDS[kind])
    field.json = kind == "json"
    field.children = [row_field(child) for child in children]
    return field


cdef class RowMaker:
    """Makes dicts of the rows of record batches that have one schema."""

    cdef RowField _row
    cdef object _decode

    def __init__(self, fields, decode=None):
        self._row = row_field(("", "struct", fields))
        self._decode = decode

    def rows(self, capsule, int64_t begin, int64_t count):
        """`count` rows from `begin` on of the array in an `arrow_array` capsule."""
        cdef const ArrowArray* array = <const ArrowArray*>PyCapsule_GetPointer(capsule, b"arrow_array")
        check_shape(self._row, array)
        if begin < 0 or count < 0 or count > array.length - begin:
            raise ValueError(f"there are no rows {begin} to {begin + count}")
        return values_of(self._row, array, begin, count, self._decode)


cdef int check_shape(RowField field, const ArrowArray* array) except -1:
    """Children and buffers are as many as the field's type has."""
    cdef int64_t place
    cdef int64_t buffers = 3 if field.kind == Kind.string else (1 if field.kind == Kind.structure else 2)
    if array.n_children != len(field.children) or array.n_buffers != buffers or array.dictionary != NULL:
        raise ValueError(f"the array of {field.name!r} is of another type than the schema says")
    for place in range(array.n_children):
        check_shape(field.children[place], array.children[place])
    return 0


# ---- values: each of these gives a list with None for null; `begin` counts from the array's own offset

cdef list values_of(RowField field, const ArrowArray* array, int64_t begin, int64_t count, object decode):
    cdef list out = [None] * count
    if count == 0 or array.null_count == array.length:
        return out
    if field.kind == Kind.structure:
        put_structs(out, field, array, begin, decode)
    elif field.kind == Kind.list:
        put_lists(out, field, array, begin, decode)
    elif field.kind == Kind.string:
        put_texts(out, array, begin, decode if field.json else None)
    elif field.kind == Kind.timestamp_us:
        put_times(out, array, begin)
    else:
        put_scalars(out, field.kind, array, begin)
    return out


cdef bool is_valid(const ArrowArray* array, int64_t at) noexcept:
    cdef const uint8_t* bits = <const uint8_t*>array.buffers[0]
    return bits == NULL or bits[at >> 3] >> (at & 7) & 1


cdef int put(list out, Py_ssize_t place, object value) except -1:
    Py_INCREF(value)  # which the list takes
    return PyList_SetItem(out, place, value)


cdef int put_structs(list out, RowField field, const ArrowArray* array, int64_t begin, object decode) except -1:
    cdef int64_t at = array.offset + begin
    cdef Py_ssize_t place, count = len(out)
    cdef RowField member
    cdef const ArrowArray* child
    for place in range(count):
        if is_valid(array, at + place):
            put(out, place, {})
    for place in range(len(field.children)):
        member, child = field.children[place], array.children[place]
        if child.null_count != child.length:
            add_members(out, member.name, values_of(member, child, at, count, decode))
    return 0


cdef int add_members(list rows, object name, list values) except -1:
    """Each value that is not null to its row, where there is one."""
    cdef Py_ssize_t place
    for place in range(len(rows)):
        row, value = rows[place], values[place]
        if value is not None and row is not None:
            PyDict_SetItem(row, name, value)
    return 0


cdef int put_lists(list out, RowField field, const ArrowArray* array, int64_t begin, object decode) except -1:
    cdef int64_t at = array.offset + begin
    cdef const int32_t* offsets = <const int32_t*>array.buffers[1] + at
    cdef Py_ssize_t place, count = len(out)
    cdef int64_t first = offsets[0]
    cdef list items = values_of(field.children[0], array.children[0], first, offsets[count] - first, decode)
    for place in range(count):
        if is_valid(array, at + place):
            put(out, place, PyList_GetSlice(items, offsets[place] - first, offsets[place + 1] - first))
    return 0


cdef int put_texts(list out, const ArrowArray* array, int64_t begin, object decode) except -1:
    """With `decode`, what the JSON texts hold."""
    cdef int64_t at = array.offset + begin
    cdef const int32_t* offsets = <const int32_t*>array.buffers[1] + at
    cdef const char* data = <const char*>array.buffers[2]
    cdef Py_ssize_t place
    cdef string_view text, last
    cdef object value = None
    for place in range(len(out)):
        if not is_valid(array, at + place):
            continue
        text = string_view(data + offsets[place], offsets[place + 1] - offsets[place])
        if decode is not None:
            value = decoded(text, decode)
        elif value is None or text != last:  # values that repeat share one object
            value = PyUnicode_DecodeUTF8(text.data(), text.size(), NULL)
            last = text
        put(out, place, value)
    return 0


cdef object decoded(string_view text, object decode):
    """What a JSON text holds; the two that are most frequent at once."""
    if text.size() == 2 and text.data()[0] == c'{':
        return {}
    if text.size() == 2 and text.data()[0] == c'[':
        return []
    return decode(PyUnicode_DecodeUTF8(text.data(), text.size(), NULL))


cdef int put_times(list out, const ArrowArray* array, int64_t begin) except -1:
    cdef int64_t at = array.offset + begin
    cdef const int64_t* times = <const int64_t*>array.buffers[1] + at
    cdef char[32] text
    cdef Py_ssize_t place
    cdef int64_t last = 0
    cdef object value = None
    for place in range(len(out)):
        if not is_valid(array, at + place):
            continue
        if value is None or times[place] != last:
            last = times[place]
            value = PyUnicode_DecodeUTF8(text, format_time(last, text), NULL)
        put(out, place, value)
    return 0


cdef int put_scalars(list out, Kind kind, const ArrowArray* array, int64_t begin) except -1:
    cdef int64_t at = array.offset + begin
    cdef Py_ssize_t place
    for place in range(len(out)):
        if is_valid(array, at + place):
            put(out, place, scalar_at(kind, array.buffers[1], at + place))
    return 0


cdef object scalar_at(Kind kind, const void* values, int64_t at):
    if kind == Kind.int64:
        return (<const int64_t*>values)[at]
    if kind == Kind.int32:
        return (<const int32_t*>values)[at]
    if kind == Kind.int16:
        return (<const int16_t*>values)[at]
    if kind == Kind.int8:
        return (<const int8_t*>values)[at]
    if kind == Kind.float64:
        return (<const double*>values)[at]
    if kind == Kind.float32:
        return <double>(<const float*>values)[at]
    return True if (<const uint8_t*>values)[at >> 3] >> (at & 7) & 1 else False
