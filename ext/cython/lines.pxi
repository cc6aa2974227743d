# Records to tokens for the line formats: masks in, token positions out, no GIL.
#
# A slice of whole lines is marked at once (engine/masks.hpp). A line without odd bytes is cut at its marks and
# appended; whatever is unusual about it hands it to lines_slow.pxi, which reads it by the rules as written.

cdef enum:
    MOST_QUICK_SLICE = 1048576
    MOST_QUICK_LINE = 65536
    MOST_QUICK_TOKENS = 1000
    PIECE = 131072  # bytes of a chunk read at once: they stay in the cache
    LOOK = 4096  # bytes of an input that are copied at once until it is known what it is


cdef int read_chunk(LineReader* reader, const char* data, size_t size) except -1 nogil:
    """Read the lines that the bytes complete; what is left of them is kept.

    Once the line that an earlier chunk began is whole, the bytes are read where they are, which spares a copy:
    3 % on ALB (1.004 to 1.041 in seven pairs), 1 to 2 % on the others, within their noise.
    """
    cdef size_t piece
    cdef const char* feed
    cdef bool more = False  # the lines at hand do not end the record: a line at a time would be slow
    while size != 0:
        piece = min(size, <size_t>PIECE)
        if reader.frame.size() == 0 and not reader.frame.skipping():
            reader.frame.lend(data, piece)
            read_lines(reader, False)
            reader.frame.keep_rest()
        else:
            feed = <const char*>memchr(data, c'\n', piece)
            if feed != NULL and not more:
                piece = feed - data + 1
            reader.frame.add(data, piece)
            reader.take_long_line()
            read_lines(reader, False)
            more = reader.frame.size() != 0
        data += piece
        size -= piece
    return 0


cdef int read_lines(LineReader* reader, bool last) except -1 nogil:
    """Read the whole lines that the frame holds; with `last`, no more bytes will come."""
    cdef size_t complete, used
    if not reader.start(last) or reader.drop_utf16():
        return 0
    while True:
        complete = reader.frame.complete()
        if complete == 0:
            break
        used = 0
        read_slice(reader, reader.slice(complete), complete, last, &used)
        if used == 0:  # a record that goes on behind the bytes at hand
            break
        reader.pass_foreign(reader.frame.offset(), string_view(reader.frame.data(), used))
        reader.frame.consume(used)
        if reader.single():
            return 0
    reader.frame.check_tail()
    return 0


cdef int read_slice(LineReader* reader, size_t size, size_t region, bool last, size_t* used) except -1 nogil:
    """Read the lines of the frame's first `size` bytes; `used` is where the first line unread begins."""
    cdef int type = reader.in_force()
    cdef const char* data = reader.frame.data()
    cdef const uint32_t* marks
    cdef const uint32_t* odd
    cdef size_t start = 0, end = 0, next = 0
    cdef bool waits = False
    if type < 0 or size > MOST_QUICK_SLICE or reader.single():
        return read_unmarked(reader, size, region, last, used)
    reader.mark(reader.state(type), data, size)
    marks, odd = reader.marks(), reader.odd()
    while start < size:
        if data[start] == c'\n':
            reader.blank_line()
            start += 1
            continue
        while marks[0] < start:
            marks += 1
        while odd[0] < start:
            odd += 1
        if read_quick(reader, type, data, start, odd[0], &marks, &end):
            start = end + 1
            continue
        end = <const char*>memchr(data + start, c'\n', size - start) - data
        read_slow(reader, start, end, region, last, &next, &waits)
        if waits:
            break
        start = next
        if reader.in_force() != type:
            break
    used[0] = start
    return 0


cdef int read_unmarked(LineReader* reader, size_t size, size_t region, bool last, size_t* used) except -1 nogil:
    """Read line by line, until a log type is in force."""
    cdef const char* data = reader.frame.data()
    cdef int type = reader.in_force()
    cdef size_t start = 0, end, next = 0
    cdef bool waits = False
    while start < size:
        end = <const char*>memchr(data + start, c'\n', region - start) - data
        read_slow(reader, start, end, region, last, &next, &waits)
        if waits:
            break
        start = next
        if reader.in_force() != type or reader.single():
            break
    used[0] = start
    return 0


cdef int read_quick(
    LineReader* reader, int type, const char* data, size_t start, size_t odd, const uint32_t** marks, size_t* behind
) except -1 nogil:
    """Append the line as a row of `type` where nothing about it is unusual; `behind` is the place of its line feed.

    0 where the slow path must decide. `odd` is the next place that is odd.
    """
    cdef TypeState* state = &reader.state(type)
    cdef Token* tokens
    cdef size_t count, end, stop
    cdef int64_t place
    if <unsigned char>data[start] <= 32 or data[start] == c'{' or data[start] == c'[':
        return 0
    if not state.bound or state.foreign:
        return 0
    tokens = reader.tokens(state.program, MOST_QUICK_TOKENS)
    if state.plan.format == Format.positional:
        count = cut_positional(state, data, tokens, marks, start)
    elif not state.plan.raw_quotes.empty() or state.plan.bracketed >= 0:
        count = cut_delimited(state, data, tokens, marks, start, state.plan.quote != 0, True)
    elif state.plan.quote != 0:
        count = cut_delimited(state, data, tokens, marks, start, True, False)
    else:
        count = cut_delimited(state, data, tokens, marks, start, False, False)
    if count == 0 or count < <size_t>state.plan.least or <int64_t>count < state.program.named:
        return 0
    end = marks[0][-1]
    stop = end - (data[end - 1] == c'\r')
    if odd <= end or <unsigned char>data[stop - 1] <= 32:
        return 0
    if stop - start > MOST_QUICK_LINE or reader.frame.too_long(stop - start, end - start):
        return 0
    tokens[count - 1].size -= end - stop
    if state.plan.header_least != 0 and reader.may_be_header(type, tokens, count):
        return 0
    if not quick_type(reader, type, tokens, string_view(data + start, stop - start), count):
        return 0
    place = reader.row_place(reader.frame.offset() + <int64_t>start)
    if state.rows.append_quick(state.program, tokens, count, place).code != Code.ok:
        return 0
    reader.begin_line()
    reader.row_done(type, end - start)
    behind[0] = end
    return 1


cdef bool quick_type(LineReader* reader, int type, const Token* tokens, string_view line, size_t count) noexcept nogil:
    """Whether the line is of the type in force, without doubt.

    Types that are asked before it must not have its form; all others where a header says that any line is its.
    """
    cdef TypeState* state = &reader.state(type)
    cdef bool headers = state.plan.header_least != 0
    if reader.given() and not state.by_default:
        return True
    if state.by_default and count != <size_t>state.plan.detect_exactly:
        return False
    if state.by_default or not headers:
        if not state.quick_starts.fit(state.plan, tokens, count, line.data()):
            return False
    if reader.given():
        return True
    return not reader.is_before(type, line)


# Each of these cuts the line that begins at `start` at its marks, moves them behind its line feed, and returns the
# count of tokens; 0 where that is not how the format reads it. A carriage return is left on the last token.
cdef inline size_t cut_delimited(
    const TypeState* state, const char* data, Token* tokens, const uint32_t** marks, size_t start, bool quoted, bool raw
) noexcept nogil:
    """A token may stand in quotes that no separator parts (`quoted`), or in raw quotes or brackets (`raw`).

    Where they are constants the loop is without what the format does not need.
    """
    cdef const uint32_t* mark = marks[0]
    cdef size_t begin = start, count = 0
    cdef size_t place, quote
    while True:
        place = mark[0]
        mark += 1
        if raw and <int>count == state.plan.bracketed and data[begin] == c'[':
            if data[place] != c'\n' and data[place - 1] != c']':
                place = mark[0]
                mark += 1
                if data[place - 1] != c']':
                    return 0
        quote = quoted and data[begin] == c'"'
        tokens[count].data = data + begin + quote
        tokens[count].size = place - begin - 2 * quote
        if raw and not quoted and data[begin] == c'"' and not quick_raw_quote(state, data, tokens, count, place):
            return 0
        count += 1
        if data[place] == c'\n':
            break
        if count == MOST_QUICK_TOKENS:
            return 0
        begin = place + 1
    marks[0] = mark
    return count


cdef bool quick_raw_quote(
    const TypeState* state, const char* data, Token* tokens, size_t count, size_t place
) noexcept nogil:
    """Take the quotes off a token where it ends by its rule, given that quotes pair up; else False."""
    cdef int rule = state.raw_rules[count] if count < 64 else -1
    cdef const char* at = data + place
    if rule < 0 or at[0] == c'\n' or tokens[count].size < 2:
        return False
    if rule == <int>QuoteEnd.number_follows and not number_follows(at, at + 6):
        return False
    if rule == <int>QuoteEnd.quote_follows and not quote_follows(at, at + 4):
        return False
    tokens[count].data += 1
    tokens[count].size -= 2
    return True


cdef size_t cut_positional(
    const TypeState* state, const char* data, Token* tokens, const uint32_t** marks, size_t start
) noexcept nogil:
    """The first `head` fields, what is between, and the last one."""
    cdef const uint32_t* mark = marks[0]
    cdef size_t head = <size_t>state.plan.head, begin = start, field
    cdef char quote = state.plan.joined_quote
    if state.plan.tail != 1:
        return 0
    for field in range(head):
        if data[mark[0]] == c'\n':
            return 0
        tokens[field].data = data + begin
        tokens[field].size = mark[0] - begin
        begin = mark[0] + 1
        mark += 1
    if data[mark[0]] == c'\n':
        return 0
    while data[mark[0]] != c'\n':
        mark += 1
    tokens[head].data = data + begin
    tokens[head].size = mark[-1] - begin
    tokens[head + 1].data = data + mark[-1] + 1
    tokens[head + 1].size = mark[0] - mark[-1] - 1
    if not all_digits(tokens[head + 1].data, tokens[head + 1].size - (data[mark[0] - 1] == c'\r')):
        return 0
    if quote != 0 and tokens[head].size != 0 and tokens[head].data[0] == quote:
        if tokens[head].size < 2 or tokens[head].data[tokens[head].size - 1] != quote:
            return 0
    marks[0] = mark + 1
    return head + 2


cdef bool all_digits(const char* text, size_t size) noexcept nogil:
    cdef size_t place
    for place in range(size):
        if not is_digit(text[place]):
            return False
    return True


cdef bool number_follows(const char* at, const char* end) noexcept nogil:
    """At `at`: a space, three digits or "-", a space."""
    if at >= end or at[0] != c' ':
        return False
    if end - at >= 3 and at[1] == c'-' and at[2] == c' ':
        return True
    return end - at >= 5 and is_digit(at[1]) and is_digit(at[2]) and is_digit(at[3]) and at[4] == c' '


cdef bool quote_follows(const char* at, const char* end) noexcept nogil:
    """At `at`: a space, then a quote, or "-" and a space."""
    if at >= end or at[0] != c' ':
        return False
    if end - at >= 2 and at[1] == c'"':
        return True
    return end - at >= 3 and at[1] == c'-' and at[2] == c' '
