# Text to tokens by the rules as they are written, for lines that the marks do not cut.


cdef int64_t tokenize_delimited(
    TypeState* state, const char* text, size_t size, Token* tokens, size_t room
) noexcept nogil:
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
