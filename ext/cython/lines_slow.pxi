# The slow path: one line at a time, by the rules as they are written, with a verdict for every line.


cdef struct Line:
    size_t start       # of the whole line in the frame
    size_t end         # its line feed
    size_t region      # of the frame's whole lines
    bool last          # no more bytes come
    const char* data   # without blanks at both ends
    size_t size
    int64_t offset     # of `data` in the stream
    size_t prefix      # bytes of an export prefix that are skipped now


cdef struct Verdict:
    Outcome outcome
    int type           # whose verdict it is, or -1
    Code code
    int column
    bool joined        # the record took further lines
    size_t next        # where the line behind the record begins
    size_t size        # of the record, from its first byte
    bool repaired      # it was no UTF-8


cdef int read_slow(
    LineReader* reader, size_t start, size_t end, size_t region, bool last, size_t* next, bool* waits
) except -1 nogil:
    """Read the line from `start` to its line feed at `end`, and lines joined to it; `next` is behind them."""
    cdef const char* data = reader.frame.data()
    cdef string_view text = trim_line(string_view(data + start, end - start))
    cdef Line line
    cdef Verdict verdict
    next[0] = end + 1
    if text.size() == 0:
        reader.blank_line()
        return 0
    line.start, line.end, line.region, line.last = start, end, region, last
    line.data, line.size, line.prefix = text.data(), text.size(), 0
    line.offset = reader.frame.offset() + (text.data() - data)
    reader.begin_line()
    if reader.frame.too_long(line.size, end - start):
        verdict.outcome, verdict.type = Outcome.rejected, 0 if reader.given() else -1
        verdict.code, verdict.column, verdict.next, verdict.size = Code.too_long, -1, end + 1, line.size
        verdict.joined = verdict.repaired = False
    else:
        judge(reader, &line, &verdict)
    if verdict.outcome == Outcome.more:
        reader.skip_lines(-1)
        waits[0] = True
        return 0
    settle(reader, &line, &verdict)
    next[0] = verdict.next
    return 0


cdef int judge(LineReader* reader, Line* line, Verdict* verdict) except -1 nogil:
    """Attempt the line as it stands, then behind an export prefix."""
    attempt(reader, line, verdict)
    if verdict.outcome != Outcome.rejected:
        return 0
    line.prefix = export_prefix(string_view(line.data, line.size))
    if line.prefix != 0:
        attempt(reader, line, verdict)
    return 0


cdef int settle(LineReader* reader, Line* line, Verdict* verdict) except -1 nogil:
    """Count the row, the header or the rejected record."""
    cdef Status status
    cdef string_view fault
    if verdict.outcome == Outcome.rejected:
        status.code, status.column = verdict.code, verdict.column
        if verdict.code == Code.field_count:
            fault = string_view(reader.fault)
        elif verdict.type >= 0:
            fault = reader.state(verdict.type).rows.fault()
        reader.reject(verdict.type, status, fault, line.offset, verdict.size, string_view(line.data, verdict.size))
    elif not reader.given():
        reader.set_in_force(verdict.type)
    if verdict.outcome == Outcome.row:
        reader.row_done(verdict.type, verdict.next - line.start)
        if verdict.repaired:
            reader.warn_utf8()
    if verdict.joined:
        reader.skip_lines(count_feeds(reader.frame.data(), line.end + 1, verdict.next))
    return 0


cdef int64_t count_feeds(const char* data, size_t begin, size_t end) noexcept nogil:
    cdef int64_t feeds = 0
    cdef size_t place
    for place in range(begin, end):
        feeds += data[place] == c'\n'
    return feeds


cdef void refuse(Verdict* verdict, int type, Code code, int column) noexcept nogil:
    verdict.outcome, verdict.type, verdict.code, verdict.column = Outcome.rejected, type, code, column


cdef int attempt(LineReader* reader, Line* line, Verdict* verdict) except -1 nogil:
    """One verdict on the line behind its prefix."""
    cdef string_view text = string_view(line.data + line.prefix, line.size - line.prefix)
    cdef int type, whose = 0 if reader.given() else -1
    verdict.next, verdict.size, verdict.joined, verdict.repaired = line.end + 1, line.size, False, False
    refuse(verdict, whose, Code.unknown_type, -1)
    if text.size() == 0 or text.data()[0] == c'{' or text.data()[0] == c'[':
        return 0
    if not is_utf8(text):
        repair(reader, &text)
        verdict.repaired = True
    for type in range(reader.types()):
        if reader.state(type).plan.header_least != 0:
            if attempt_header_format(reader, line, type, text, verdict):
                return 0
        elif reader.given() or fits_detect(reader, type, text):
            if reader.state(type).plan.joined_quote != 0:
                join_lines(reader, line, type, &text, verdict)
                if verdict.outcome == Outcome.more or verdict.code != Code.ok:
                    return 0
            attempt_row(reader, line, type, text, verdict)
            return 0
    return 0


cdef int repair(LineReader* reader, string_view* text) except -1 nogil:
    """Turn the text into UTF-8, in a buffer of the reader's."""
    cdef string fixed = repair_utf8(text[0])
    cdef size_t size = fixed.size()
    fixed.resize(size + kPadding)
    reader.repaired.swap(fixed)
    text[0] = string_view(reader.repaired.data(), size)
    return 0


cdef int64_t tokenize(LineReader* reader, int type, string_view text, Token** tokens) except -2 nogil:
    """Tokens of the text by the type's rules; -1 where a quote never closes."""
    cdef TypeState* state = &reader.state(type)
    cdef size_t room = MOST_QUICK_TOKENS
    cdef int64_t count
    tokens[0] = reader.tokens(room + state.program.tokens)
    if state.plan.format == Format.positional:
        return tokenize_positional(&state.plan, text.data(), text.size(), tokens[0])
    count = tokenize_delimited(state, text.data(), text.size(), tokens[0], room)
    if count > <int64_t>room:
        room = <size_t>count
        tokens[0] = reader.tokens(room + state.program.tokens)
        count = tokenize_delimited(state, text.data(), text.size(), tokens[0], room)
    return count


cdef bool fits_detect(LineReader* reader, int type, string_view text) except? False nogil:
    """Whether the text has the form of the type."""
    cdef const Plan_* plan = &reader.state(type).plan
    cdef Token* tokens = NULL
    cdef int64_t count
    if not starts_fit(plan[0], text):
        return False
    if plan.detect_exactly == 0 and plan.detect_least == 0:
        return True
    count = tokenize(reader, type, text, &tokens)
    if plan.detect_exactly != 0:
        return count == plan.detect_exactly
    if plan.format == Format.positional:
        return positional_fits(plan, text)
    return count >= plan.detect_least


cdef bool positional_fits(const Plan_* plan, string_view text) noexcept nogil:
    cdef int fields = 1
    cdef size_t place, rest = 0
    for place in range(text.size()):
        if text.data()[place] == plan.separators[0]:
            if fields == plan.head:
                rest = place + 1
            fields += 1
    if fields >= plan.detect_least:
        return True
    return fields >= plan.detect_least_quoted and rest < text.size() and rest != 0 and text.data()[rest] == plan.joined_quote


cdef bool attempt_header_format(
    LineReader* reader, Line* line, int type, string_view text, Verdict* verdict
) except? False nogil:
    """A verdict on a line of a format with headers; False where it is none of the type's."""
    cdef TypeState* state = &reader.state(type)
    cdef int whose = 0 if reader.given() else -1
    cdef Token* tokens = NULL
    cdef int64_t count = tokenize(reader, type, text, &tokens)
    cdef Outcome outcome
    if count < 0:
        refuse(verdict, whose, Code.syntax if reader.given() else Code.unknown_type, -1)
        return reader.given()
    outcome = reader.try_header(type, tokens, count, text, line.offset)
    if outcome == Outcome.header:
        verdict.outcome, verdict.type = Outcome.header, type
        return True
    if state.foreign:  # this header, or the last one, belongs to another log
        refuse(verdict, whose, Code.unknown_type, -1)
        return True
    if state.by_default and not (count == state.plan.detect_exactly and starts_fit(state.plan, text)):
        refuse(verdict, whose, Code.no_header if reader.given() else Code.unknown_type, -1)
        return reader.given()
    attempt_row(reader, line, type, text, verdict)
    return True


cdef int attempt_row(LineReader* reader, Line* line, int type, string_view text, Verdict* verdict) except -1 nogil:
    """Tokenize and append the text as a row of the type."""
    cdef TypeState* state = &reader.state(type)
    cdef Token* tokens = NULL
    cdef int64_t count = tokenize(reader, type, text, &tokens)
    cdef int64_t least = state.plan.least
    cdef Status status
    cdef bool dropped = False
    if count < 0:
        refuse(verdict, type, Code.syntax, -1)
        return 0
    if state.plan.format == Format.positional:
        least = state.plan.head + state.plan.tail
        dropped = count >= least and drop_last_field(&state.plan, text, tokens)
    if count < least:
        reader.fault = to_string(<int>count)
        refuse(verdict, type, Code.field_count, -1)
        return 0
    reader.make_way(type, text.size())
    status = state.rows.append_slow(state.program, tokens, <size_t>count, line.offset)
    if status.code != Code.ok:
        refuse(verdict, type, status.code, status.column)
        return 0
    verdict.outcome, verdict.type = Outcome.row, type
    if dropped:
        reader.warn_dropped()
    return 0


cdef int64_t tokenize_delimited(TypeState* state, const char* text, size_t size, Token* tokens, size_t room) noexcept nogil:
    """Tokens by separators, quotes and brackets; counts on where `tokens` is full. -1: a quote never closes."""
    cdef const Plan_* plan = &state.plan
    cdef char first = plan.separators[0], second = plan.separators[plan.separators.size() - 1]
    cdef size_t at = 0, begin, stop
    cdef int64_t count = 0
    cdef int rule
    while True:
        while at < size and (text[at] == first or text[at] == second):
            at += 1
        if at == size:
            return count
        rule = state.raw_rules[count] if count < 64 else -1
        begin = at
        if text[at] == c'"' and (rule >= 0 or plan.quote == c'"'):
            begin = at + 1
            stop = close_quote(rule, first, second, text, begin, size)
            if stop == size:
                return -1
            at = stop + 1
        else:
            if count == plan.bracketed and text[at] == c'[':
                at = behind_bracket(text, at, size)
            while at < size and text[at] != first and text[at] != second:
                at += 1
            stop = at
        if <size_t>count < room:
            tokens[count].data = text + begin
            tokens[count].size = stop - begin
        count += 1


cdef size_t close_quote(int rule, char first, char second, const char* text, size_t begin, size_t size) noexcept nogil:
    """Place of the quote that ends a token which begins at `begin`; `size` where there is none."""
    cdef size_t place = begin, back
    cdef bool ends
    if rule == <int>QuoteEnd.last:
        place = size
        while place > begin:
            place -= 1
            if text[place] == c'"' and (place + 1 == size or text[place + 1] == c' '):
                return place
        return size
    while place < size:
        if text[place] == c'"':
            if rule == <int>QuoteEnd.number_follows:
                ends = number_follows(text + place + 1, text + size)
            elif rule == <int>QuoteEnd.quote_follows:
                ends = quote_follows(text + place + 1, text + size)
            else:
                back = place
                while back > begin and text[back - 1] == c'\\':
                    back -= 1
                ends = (place - back) % 2 == 0 and (
                    place + 1 == size or text[place + 1] == first or text[place + 1] == second)
            if ends:
                return place
        place += 1
    return size


cdef size_t behind_bracket(const char* text, size_t at, size_t size) noexcept nogil:
    """Place behind the first closing bracket, or `at` where there is none."""
    cdef const char* found = <const char*>memchr(text + at, c']', size - at)
    return at if found == NULL else <size_t>(found - text) + 1


cdef int64_t tokenize_positional(const Plan_* plan, const char* text, size_t size, Token* tokens) noexcept nogil:
    """The first `head` fields, what is between, and the last `tail`; fewer where the line has fewer."""
    cdef char separator = plan.separators[0]
    cdef size_t begin = 0, stop = size, place
    cdef int64_t field = 0, head = plan.head, tail = plan.tail, last = head + tail
    for place in range(size):
        if text[place] == separator and field < head:
            tokens[field].data = text + begin
            tokens[field].size = place - begin
            begin = place + 1
            field += 1
    if field < head:
        return field + 1
    field = 0
    place = size
    while place > begin and field < tail:
        place -= 1
        if text[place] == separator:
            tokens[last - field].data = text + place + 1
            tokens[last - field].size = stop - place - 1
            stop = place
            field += 1
    if field == tail - 1:  # one separator fewer: there is no middle
        tokens[head + 1].data = text + begin
        tokens[head + 1].size = stop - begin
        tokens[head].data = NULL
        tokens[head].size = 0
        return last + 1
    if field < tail - 1:
        return head + field + 1
    tokens[head].data = text + begin
    tokens[head].size = stop - begin
    return last + 1


cdef bool is_integer(const char* text, size_t size) noexcept nogil:
    if size != 0 and (text[0] == c'+' or text[0] == c'-'):
        text += 1
        size -= 1
    return size != 0 and all_digits(text, size)


cdef bool drop_last_field(const Plan_* plan, string_view text, Token* tokens) noexcept nogil:
    """Drop a word behind the last field where the plan has it so."""
    cdef Token* last = &tokens[plan.head + plan.tail]
    cdef Token* middle = &tokens[plan.head]
    cdef size_t place = middle.size
    if not plan.tail_more or plan.tail != 1 or middle.data == NULL:
        return False
    if last.size == 0 or (last.size == 1 and last.data[0] == c'-') or is_integer(last.data, last.size):
        return False
    while place > 0 and middle.data[place - 1] != plan.separators[0]:
        place -= 1
    if place == 0 or not is_integer(middle.data + place, middle.size - place):
        return False
    last.data = middle.data + place
    last.size = middle.size - place
    middle.size = place - 1
    return True


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


cdef int finish_small_header(LineReader* reader) except -1 nogil:
    """A header of few names that no line followed is a row under the caller's header, or rejected."""
    cdef Line line
    cdef Verdict verdict
    cdef int64_t behind = reader.behind_small_header()
    if not reader.small_header():
        return 0
    line.start = line.end = line.region = line.prefix = 0
    line.last, line.offset = True, reader.small_offset
    line.data, line.size = reader.small_line.data(), reader.small_line.size() - kPadding
    verdict.next, verdict.size, verdict.joined, verdict.repaired = 0, line.size, False, False
    refuse(&verdict, 0, Code.no_header, -1)
    if reader.drop_small_header():
        attempt_row(reader, &line, 0, string_view(line.data, line.size), &verdict)
    reader.skip_lines(-behind)
    settle(reader, &line, &verdict)
    reader.skip_lines(behind)
    return 0
