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
    int log            # that is none of the log types, whose line it is, or -1
    bool under_foreign  # a header, or a line under one, that belongs to another log


cdef int read_slow(
    LineReader* reader, size_t start, size_t end, size_t region, bool last, size_t* next, bool* waits
) except -1 nogil:
    """Read the line from `start` to its line feed at `end`, and lines joined to it; `next` is behind them."""
    cdef const char* data = reader.frame.data()
    cdef string_view text = trim_line(string_view(data + start, end - start))
    cdef Line line
    cdef Verdict verdict
    verdict.log = -1
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
        verdict.joined = verdict.repaired = verdict.under_foreign = False
    elif line.data[0] == c'{':
        reader.read_json_line(string_view(line.data, line.size), 0, line.offset)
        return 0
    else:
        judge(reader, &line, &verdict)
    if verdict.outcome == Outcome.json:
        return 0
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
    if line.prefix != 0 and line.prefix < line.size and line.data[line.prefix] == c'{':
        reader.read_json_line(string_view(line.data, line.size), line.prefix, line.offset)
        verdict.outcome = Outcome.json
        return 0
    if line.prefix != 0:
        attempt(reader, line, verdict)
    if verdict.outcome == Outcome.rejected and not verdict.joined and not verdict.under_foreign:
        if reader.given() or verdict.type < 0:
            verdict.log = foreign_log(reader, line)
    return 0


cdef int foreign_log(LineReader* reader, Line* line) except -2 nogil:
    """The log whose form a rejected line has, as it stands or behind its prefix; -1: none, or its own type knows it."""
    cdef string_view text = string_view(line.data, line.size)
    cdef string_view rest = string_view(line.data + line.prefix, line.size - line.prefix)
    cdef int log = reader.foreign_line(text)
    if log < 0:
        log = reader.foreign_line(rest)
    if log < 0 or not reader.given() or reader.state(0).plan.format == Format.json:
        return log
    return -1 if fits_detect(reader, 0, text) or fits_detect(reader, 0, rest) else log


cdef Code foreign_code(LineReader* reader) noexcept nogil:
    """The reason of a line of another log; with a JSON type given it is that of all text."""
    if reader.given() and reader.state(0).plan.format == Format.json:
        return Code.syntax
    return Code.unknown_type


cdef int settle(LineReader* reader, Line* line, Verdict* verdict) except -1 nogil:
    """Count the row, the header or the rejected record."""
    cdef Status status
    cdef string_view fault
    if verdict.log >= 0:
        reader.add_foreign(verdict.log, foreign_code(reader), line.offset, verdict.size)
    elif verdict.outcome == Outcome.rejected:
        status.code, status.column = verdict.code, verdict.column
        if verdict.code == Code.field_count or verdict.under_foreign:
            fault = string_view(reader.fault)
        elif verdict.type >= 0 and verdict.code != Code.unknown_type:
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
    verdict.next, verdict.size = line.end + 1, line.size
    verdict.joined = verdict.repaired = verdict.under_foreign = False
    refuse(verdict, whose, Code.unknown_type, -1)
    if text.size() == 0:
        return 0
    if not is_utf8(text):
        repair(reader, &text)
        verdict.repaired = True
    for type in range(reader.types()):
        if reader.state(type).plan.format == Format.json:
            if reader.given():
                refuse(verdict, type, Code.syntax, -1)
        elif reader.state(type).plan.header_least != 0:
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
    tokens[0] = reader.tokens(state.program, room)
    if state.plan.format == Format.positional:
        return tokenize_positional(&state.plan, text.data(), text.size(), tokens[0])
    count = tokenize_delimited(state, text.data(), text.size(), tokens[0], room)
    if count > <int64_t>room:
        room = <size_t>count
        tokens[0] = reader.tokens(state.program, room)
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
    if rest == 0 or rest >= text.size():
        return False
    return fields >= plan.detect_least_quoted and text.data()[rest] == plan.joined_quote


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
    outcome = reader.try_header(type, tokens, count, string_view(line.data, line.size), line.prefix, line.offset)
    if outcome == Outcome.header:
        verdict.outcome, verdict.type = Outcome.header, type
        return True
    if state.foreign:  # this header, or the last one, belongs to another log
        verdict.under_foreign = True
        reader.fault = state.names[0]
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
    status = state.rows.append_slow(state.program, tokens, <size_t>count, reader.row_place(line.offset))
    if status.code != Code.ok:
        refuse(verdict, type, status.code, status.column)
        return 0
    verdict.outcome, verdict.type = Outcome.row, type
    if dropped:
        reader.warn_dropped()
    return 0


cdef int finish_small_header(LineReader* reader) except -1 nogil:
    """A header of few names that no line followed is a row under the caller's header, or rejected."""
    cdef Line line
    cdef Verdict verdict
    cdef int64_t behind = reader.behind_small_header()
    if not reader.small_header():
        return 0
    line.start = line.end = line.region = 0
    line.last, line.offset, line.prefix = True, reader.small_offset, reader.small_prefix
    line.data, line.size = reader.small_line.data(), reader.small_line.size() - kPadding
    verdict.log = -1
    reader.drop_small_header()
    attempt(reader, &line, &verdict)
    reader.skip_lines(-behind)
    settle(reader, &line, &verdict)
    reader.skip_lines(behind)
    return 0
