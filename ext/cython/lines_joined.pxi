# Records that go on over several lines: finding where one ends, and making one text of it.


cdef bool ends_joined(const Plan_* plan, const char* text, size_t size) noexcept nogil:
    """Whether the line ends in quote, separator, digits, and perhaps separator and letters."""
    cdef char separator = plan.separators[0]
    cdef size_t at = size
    while at > 0 and (c'a' <= (text[at - 1] | 0x20) <= c'z'):
        at -= 1
    if at == 0:
        return False
    if at == size:
        return ends_in_number(plan, text, size)
    return text[at - 1] == separator and ends_in_number(plan, text, at - 1)


cdef bool ends_in_number(const Plan_* plan, const char* text, size_t at) noexcept nogil:
    while at > 0 and is_digit(text[at - 1]):
        at -= 1
    return at >= 2 and text[at - 1] == plan.separators[0] and text[at - 2] == plan.joined_quote


cdef bool begins_record(LineReader* reader, int type, string_view text) except? False nogil:
    """Whether a line begins a record of its own, so that none before it goes on."""
    cdef size_t prefix = export_prefix(text)
    cdef string_view rest = string_view(text.data() + prefix, text.size() - prefix)
    if starts_fit(reader.state(type).plan, text) and positional_fits(&reader.state(type).plan, text):
        return True
    if prefix != 0 and starts_fit(reader.state(type).plan, rest) and positional_fits(&reader.state(type).plan, rest):
        return True
    return reader.given() and (starts_compact(text) or starts_compact(rest))


cdef int join_lines(LineReader* reader, Line* line, int type, string_view* text, Verdict* verdict) except -1 nogil:
    """Join the lines behind to a record whose middle opens a quote and does not close it in this line.

    `text` becomes the joined text. The verdict is `more` where the lines at hand do not tell, `syntax` where
    none ends the record.
    """
    cdef const Plan_* plan = &reader.state(type).plan
    cdef size_t next
    verdict.code = Code.ok
    if not opens_quote(plan, text[0]) or ends_joined(plan, text.data(), text.size()):
        return 0
    next = find_end(reader, line, type, verdict)
    if verdict.outcome == Outcome.more:
        return 0
    if next == 0:
        refuse(verdict, type, Code.syntax, plan.joined_column)
        return 0
    join_text(reader, line, next, verdict)
    verdict.joined, verdict.next = True, next
    if reader.frame.too_long(verdict.size, verdict.size):
        refuse(verdict, type, Code.too_long, -1)
        return 0
    text[0] = string_view(reader.joined.data(), reader.joined.size() - kPadding)
    verdict.repaired = not is_utf8(text[0])
    if verdict.repaired:
        repair(reader, text)
    return 0


cdef bool opens_quote(const Plan_* plan, string_view text) noexcept nogil:
    cdef int separators = 0
    cdef size_t place
    for place in range(text.size()):
        if text.data()[place] == plan.separators[0]:
            separators += 1
            if separators == plan.head:
                return place + 1 < text.size() and text.data()[place + 1] == plan.joined_quote
    return False


cdef size_t find_end(LineReader* reader, Line* line, int type, Verdict* verdict) except? 0 nogil:
    """Where the line behind the joined record begins; 0 where no line ends it, or `more` is the verdict."""
    cdef const Plan_* plan = &reader.state(type).plan
    cdef const char* data = reader.frame.data()
    cdef int64_t base = reader.frame.offset()
    cdef size_t at = line.end + 1, end, size, begin = line.data - data
    if reader.clear_from <= base + <int64_t>at < reader.clear_to:
        at = <size_t>(reader.clear_to - base)
    else:
        reader.clear_from = reader.clear_to = base + <int64_t>at
    while at < line.region:
        end = <const char*>memchr(data + at, c'\n', line.region - at) - data
        size = end - at
        if size != 0 and data[at + size - 1] == c'\r':
            size -= 1
        while size != 0 and is_blank(data[at + size - 1]):
            size -= 1
        if at + size - begin > plan.joined_most or begins_record(reader, type, trim_line(string_view(data + at, size))):
            return 0
        if ends_joined(plan, data + at, size):
            return end + 1
        at = end + 1
        reader.clear_to = base + <int64_t>at
    if line.last or reader.frame.size() - begin > plan.joined_most + 1:
        return 0
    verdict.outcome = Outcome.more
    return 0


cdef int join_text(LineReader* reader, Line* line, size_t next, Verdict* verdict) except -1 nogil:
    """The record's lines in one, each behind a line feed, without CR and blanks at their ends."""
    cdef const char* data = reader.frame.data()
    cdef size_t at = line.end + 1, end, size
    reader.joined.assign(line.data + line.prefix, line.size - line.prefix)
    while at < next:
        end = <const char*>memchr(data + at, c'\n', next - at) - data
        size = end - at
        if size != 0 and data[at + size - 1] == c'\r':
            size -= 1
        while size != 0 and is_blank(data[at + size - 1]):
            size -= 1
        reader.joined.append(1, c'\n')
        reader.joined.append(data + at, size)
        verdict.size = data + at + size - line.data
        at = end + 1
    reader.joined.append(kPadding, 0)
    return 0
