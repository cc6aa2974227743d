# The engine's public names, declared once.
from libc.stdint cimport int8_t, int64_t, uint8_t, uint32_t, uint64_t
from libcpp cimport bool
from libcpp.deque cimport deque
from libcpp.map cimport map as cpp_map
from libcpp.memory cimport shared_ptr, unique_ptr
from libcpp.pair cimport pair
from libcpp.string cimport string
from libcpp.unordered_set cimport unordered_set
from libcpp.vector cimport vector


cdef extern from "<string_view>" namespace "std" nogil:
    cdef cppclass string_view:
        string_view()
        string_view(const char*, size_t)
        string_view(const string&)
        const char* data() noexcept
        size_t size() noexcept
        bool operator!=(string_view) noexcept


cdef extern from "engine/status.hpp" namespace "engine" nogil:
    cdef enum class Code(unsigned char):
        ok, unknown_type, syntax, field_count, missing_required, bad_value, no_header, not_a_log, too_deep, too_long
        truncated, odd, more
    const int kCodes
    const char* code_name "engine::name"(Code) noexcept
    cdef cppclass Status:
        Status()
        Code code
        int column


cdef extern from "engine/token.hpp" namespace "engine" nogil:
    const size_t kPadding
    cdef cppclass Token:
        const char* data
        size_t size
    bool is_digit(char) noexcept
    bool is_space(char) noexcept
    bool is_blank(char) noexcept


cdef extern from "engine/plan.hpp" namespace "engine" nogil:
    cdef enum class Kind(unsigned char):
        boolean, int8, int16, int32, int64, float32, float64, timestamp_us, string, list, structure
    cdef enum class Time(unsigned char):
        none, rfc3339, clf, unix_s, unix_ms, unix_us, digits_us, compact
    cdef enum class Shape(unsigned char):
        none, any, word, hex64, digits16, alnum64, upper_word, upper, rfc3339_z, clf_time, aws_account_or_null
        eni_or_null, arn, aws_region, ip, address, number, date, words
    cdef enum class Part(unsigned char):
        whole, host, port, http_method, http_url, http_version
    cdef enum class Scanner(unsigned char):
        none, ip, domain, domain_raw, hostname, url, net_addr, md5, sha1, sha256, trace_id, trace_root, arn_only
        aws_arn, aws_principal, aws_account_id, aws_instance_id, aws_tag, email, username, dns_name, dns_last_word
        text
    cdef enum class Indicator(unsigned char):
        ip_addresses, domain_names, sha1_hashes, md5_hashes, sha256_hashes, aws_account_ids, aws_instance_ids, aws_arns
        aws_tags, trace_ids, emails, usernames
    cdef enum class Required(unsigned char):
        no, always, in_header
    cdef enum class From(unsigned char):
        number, rest, name, unmapped, nothing
    cdef enum class Added(unsigned char):
        log_type, row_id, event_time, parse_time, source_id, source_label, indicator
    cdef enum class Format(unsigned char):
        delimited, positional, json
    cdef enum class QuoteEnd(unsigned char):
        number_follows, quote_follows, last
    cdef cppclass Type:
        Kind kind
        vector[Type] children
    cdef cppclass Pattern:
        Shape shape
        vector[string] words
        vector[uint64_t] short_words
    cdef cppclass ColumnPlan:
        string name
        Type type
        From from_ "from"
        int token
        string token_name
        Part part
        Required required
        vector[string] nulls
        Time time
        Time time_given
        bool ranged
        int64_t least
        int64_t most
        Pattern must
        Pattern only
        bool unfit_rejects
        char split
        vector[Scanner] scanners
        bool built
    const uint8_t kWalkerN, kWalkerL, kWalkerMore
    cdef cppclass Member:
        string name
        vector[string] aliases
        string path
        int column
        int field
        Type type
        bool json
        bool plain
        bool required
        bool checked
        bool ranged
        double least
        double most
        Time time
        Pattern must
        vector[Scanner] scanners
        uint8_t walkers
        int by
        bool by_any_case
        vector[pair[string, Scanner]] by_words
        vector[Member] members
        vector[Member] item
        int list
    cdef cppclass WalkedKey:
        string key
        bool ending
        Scanner n
        Scanner l
        Scanner more
        bool opaque
    cdef cppclass Condition:
        vector[int] path
        string word
        bool number
    cdef cppclass AddedPlan:
        Added what
        Indicator indicator
        bool built
    cdef cppclass Plan_ "engine::Plan":
        string log_type
        int header_least
        bool parquet
        vector[string] default_names
        vector[string] foreign
        unordered_set[string] known_names
        char joined_quote
        size_t joined_most
        int joined_column
        Format format
        string separators
        bool null_dash
        bool null_empty
        vector[string] nulls
        char quote
        cpp_map[int, QuoteEnd] raw_quotes
        int bracketed
        int least
        int head
        int tail
        bool tail_more
        vector[Pattern] starts
        int detect_least
        int detect_least_quoted
        int detect_exactly
        vector[vector[Condition]] conditions
        int order
        vector[Member] members
        vector[vector[int]] paths
        int lists
        bool keep_unmapped
        uint8_t unmapped_walkers
        vector[WalkedKey] walked_keys
        bool envelope
        vector[ColumnPlan] columns
        vector[AddedPlan] added
        vector[int] event_time
        bool collects[12]


cdef extern from "engine/arrow_c.h" nogil:
    cdef struct ArrowArray:
        int64_t length, null_count, offset, n_buffers, n_children
        const void** buffers
        ArrowArray** children
        ArrowArray* dictionary
        void (*release)(ArrowArray*) noexcept nogil


cdef extern from "engine/format.hpp" namespace "engine" nogil:
    size_t format_time(int64_t, char*) noexcept


cdef extern from "engine/shape.hpp" namespace "engine" nogil:
    bool starts_fit(const Plan_&, string_view) noexcept
    cdef cppclass QuickStarts:
        bool fit(const Plan_&, const Token*, size_t, const char*) noexcept
    size_t export_prefix(string_view) noexcept
    bool starts_compact(string_view) noexcept


cdef extern from "engine/text.hpp" namespace "engine" nogil:
    bool is_utf8(string_view) noexcept
    string repair_utf8(string_view) except +


cdef extern from "engine/masks.hpp" namespace "engine" nogil:
    const char* kernel_name() noexcept
    vector[string] kernel_names() except +


cdef extern from "engine/buffer.hpp" namespace "engine" nogil:
    cdef cppclass Pool_ "engine::Pool":
        pass
    shared_ptr[Pool_] process_pool() except +


cdef extern from "engine/batch.hpp" namespace "engine" nogil:
    cdef cppclass ArrayOwner:
        ArrayOwner()
        ArrowArray* get() noexcept
        ArrowArray* release() noexcept


cdef extern from "engine/frame.hpp" namespace "engine" nogil:
    string_view trim_line(string_view) noexcept
    cdef cppclass Frame:
        void add(const char*, size_t) except +
        void lend(const char*, size_t) noexcept
        void keep_rest() except +
        bool skipping() noexcept
        void end() except +
        const char* data() noexcept
        size_t size() noexcept
        int64_t offset() noexcept
        size_t complete() noexcept
        void consume(size_t) noexcept
        void check_tail() except +
        bool skip_done() noexcept
        bool too_long(size_t, size_t) noexcept


cdef extern from "engine/program.hpp" namespace "engine" nogil:
    cdef cppclass Program:
        int tokens
        int named


cdef extern from "engine/row.hpp" namespace "engine" nogil:
    cdef cppclass RowBuilder:
        Status append_quick "append<true>"(const Program&, Token*, size_t, int64_t) except +
        Status append_slow "append<false>"(const Program&, Token*, size_t, int64_t) except +
        string_view fault() noexcept


cdef extern from "engine/reject.hpp" namespace "engine" nogil:
    cdef cppclass Rejected:
        int64_t record
        int64_t line
        int64_t offset
        Code code
        string column
        string message
    cdef cppclass Rejects:
        ArrayOwner take(size_t&) except +
        int64_t waiting() noexcept
        int64_t count(Code) noexcept
        const Rejected& first() noexcept


cdef extern from "engine/reader.hpp" namespace "engine" nogil:
    cdef enum class Outcome(unsigned char):
        row, header, rejected, more, json
    cdef cppclass ReaderOptions:
        ReaderOptions()
        bool given
        int64_t parse_time_us
        bool has_source, has_source_id, has_source_label, has_header
        string source, source_id, source_label, header
        int64_t batch_rows
        size_t batch_bytes
        size_t max_record
        int64_t offset
        int64_t since_us, until_us
    cdef cppclass TypeState:
        const Plan_ plan
        int8_t raw_rules[64]
        RowBuilder rows
        Program program
        QuickStarts quick_starts
        bool bound
        bool by_default
        bool foreign
        vector[string] names
    cdef cppclass FinishedBatch:
        int type
        ArrayOwner array
        int64_t rows
        size_t size_bytes
    cdef cppclass LineReader:
        LineReader(
            vector[shared_ptr[const Plan_]], const vector[string]&, vector[shared_ptr[const Plan_]],
            const ReaderOptions&, shared_ptr[Pool_]) except +
        int in_force() noexcept
        void set_in_force(int) noexcept
        TypeState& state(int) noexcept
        int types() noexcept
        bool given() noexcept
        bool start(bool) except +
        bool drop_utf16() except +
        bool is_before(int, string_view) noexcept
        size_t slice(size_t) noexcept
        void mark(const TypeState&, const char*, size_t) except +
        const uint32_t* marks() noexcept
        const uint32_t* odd() noexcept
        Token* tokens(const Program&, size_t) except +
        void blank_line() noexcept
        void begin_line() noexcept
        void skip_lines(int64_t) noexcept
        void row_done(int, size_t) except +
        void make_way(int, size_t) except +
        void reject(int, Status, string_view, int64_t, size_t, string_view) except +
        void reject_stream(Code, string_view, int64_t, size_t, string_view) except +
        void take_long_line() except +
        int foreign_line(string_view) noexcept
        void add_foreign(int, Code, int64_t, size_t) except +
        void pass_foreign(int64_t, string_view) except +
        int64_t row_place(int64_t) noexcept
        bool single() noexcept
        void read_json_line(string_view, size_t, int64_t) except +
        void set_read_lines(int (*)(LineReader*, bool) except -1 nogil) noexcept
        void warn_utf8() noexcept
        void warn_dropped() noexcept
        bool may_be_header(int, const Token*, size_t) noexcept
        Outcome try_header(int, const Token*, size_t, string_view, size_t, int64_t) except +
        bool small_header() noexcept
        void drop_small_header() except +
        int64_t behind_small_header() noexcept
        bool put_state(string&) except +
        void take_state(string_view&) except +
        void flush_all() except +
        void expect_like(LineReader&, double) except +
        void finish(const string*) except +
        deque[FinishedBatch]& batches() noexcept
        Rejects& rejects() noexcept
        vector[int] found_types() except +
        vector[pair[string, int64_t]] warnings() except +
        vector[string] unknown_names() except +
        int64_t records() noexcept
        int64_t line() noexcept
        int64_t row_count() noexcept
        int64_t blank() noexcept
        int64_t outside() noexcept
        int64_t headers() noexcept
        int64_t bytes() noexcept
        void count_bytes(size_t) noexcept
        Frame frame
        string repaired
        string joined
        string fault
        string small_line
        int64_t small_offset
        size_t small_prefix
        int64_t clear_from
        int64_t clear_to


cdef extern from "engine/columnar.hpp" namespace "engine" nogil:
    cdef cppclass ColumnarReader:
        ColumnarReader(LineReader&)
        bool open(const vector[string]&) except +
        bool wanted(size_t) noexcept
        int64_t read(
            const ArrowArray&, const vector[int]&, const vector[Kind]&, int64_t, int64_t, size_t, size_t&) except +


cdef extern from "engine/json_reader.hpp" namespace "engine" nogil:
    cdef cppclass JsonPlace:
        int64_t offset
        int64_t line
    cdef cppclass JsonReader:
        JsonReader(LineReader&, const JsonPlace&) except +
        void feed(const char*, size_t) except +
        int64_t line() noexcept
        bool put_state(string&) except +
        void take_state(string_view) except +
        void finish(const string*) except +
