// One input from bytes to batches: what the tokenizers in lines.pxi need to know and where rows, headers
// and rejected records go. The tokenizers decide what a line is; this keeps the books.
#pragma once

#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/batch.hpp"
#include "engine/frame.hpp"
#include "engine/masks.hpp"
#include "engine/plan.hpp"
#include "engine/program.hpp"
#include "engine/reject.hpp"
#include "engine/row.hpp"
#include "engine/shape.hpp"

namespace engine {

struct ReaderOptions {
  bool given = false;  // the caller named the log type: there is one plan
  int64_t parse_time_us = 0;
  bool has_source = false, has_source_id = false, has_source_label = false, has_header = false;
  std::string source, source_id, source_label, header;
  int64_t batch_rows = 65536;
  size_t batch_bytes = size_t{8} << 20;
  size_t max_record = size_t{64} << 20;
  int64_t offset = 0;  // of the first byte in the input
  int64_t since_us = std::numeric_limits<int64_t>::min();  // rows of other event times are counted, not given
  int64_t until_us = std::numeric_limits<int64_t>::max();  // .. the first beyond
};

class JsonIndex;
class JsonRow;

// How a record of one log type is read.
struct HeaderState {
  Program program;
  bool bound = false;       // `program` can be used
  bool by_default = false;  // .. for lines that fit `detect` only: there was no header
  bool foreign = false;     // the header belongs to another log
  std::vector<std::string> names;  // of the header in force, or the one that is foreign; none by default
};

struct TypeState : HeaderState {
  ~TypeState();
  TypeState(const Plan& plan, const ReaderOptions& options, const std::string& stream_id,
            const std::shared_ptr<Pool>& pool);

  void bind_default();
  // Makes what JSON records are read with, which takes a while; false of a type of lines.
  bool open_json();

  const Plan& plan;
  MaskSpec masks;
  QuickStarts quick_starts;
  int8_t raw_rules[64];  // QuoteEnd of a token, or -1
  uint64_t name_sizes[32] = {};  // sizes of the known names, by the low bits of their first byte
  RowBuilder rows;
  BatchMaker maker;
  std::unique_ptr<JsonRow> json;  // of a JSON type, once a value came
  std::optional<bool> only_records;  // of such a type: what JsonReader says of its members
  int64_t unchecked = 0;    // rows since the batch's size was last looked at
  size_t unchecked_bytes = 0;
};

struct FinishedBatch {
  int type;
  ArrayOwner array;
  int64_t rows;
  size_t size_bytes;
};

// Texts inside JSON. A message is an input of its own, whose records have its place.
struct Message {
  int64_t offset = 0;
  size_t length = 0;
  int64_t line = 0;
  std::string_view raw;  // of its rejected records, where it is not their own
  bool odd = false;      // and that is no UTF-8
};

// Lines of a log that is none of the log types, with no record and no header between them.
struct ForeignGroup {
  // Takes what is not there yet of the input's bytes at a place.
  void pass(int64_t from, std::string_view bytes);

  int log = -1;  // -1: there is no group
  Code code = Code::unknown_type;
  int64_t record = 0, headers = 0, stream = 0;  // as the books were at its first line
  int64_t line = 0, offset = 0, lines = 0;
  size_t length = 0;
  int64_t end = 0;   // up to here the bytes are in `raw`, as far as they are kept
  std::string raw;
  std::optional<Message> message;  // that it stands in
};

// What became of a line.
enum class Outcome : uint8_t { row, header, rejected, more, json };

class LineReader {
 public:
  LineReader(std::vector<std::shared_ptr<const Plan>> plans, const std::vector<std::string>& stream_ids,
             std::vector<std::shared_ptr<const Plan>> foreign, const ReaderOptions& options,
             std::shared_ptr<Pool> pool);
  ~LineReader();

  // Makes room for so many times what `other`, another reader of the input, has read. Before the first row.
  void expect_like(LineReader& other, double times);

  // The log type that the next line is tried as first, or -1.
  int in_force() const noexcept { return in_force_; }
  void set_in_force(int type) noexcept;
  // The JSON type that the next value is tried as first, or -1.
  int last_json() const noexcept { return last_json_; }
  void set_last_json(int type) noexcept { last_json_ = type; }
  // Whether a line has the form of a type that is asked before this one.
  bool is_before(int type, std::string_view line) const noexcept {
    for (const Opening& opening : openings_) {
      if (opening.type() >= type) return false;
      if (opening.may_fit(line) && starts_fit(*plans_[static_cast<size_t>(opening.type())], line)) return true;
    }
    return false;
  }
  TypeState& state(int type) noexcept { return *states_[static_cast<size_t>(type)]; }
  int types() const noexcept { return static_cast<int>(states_.size()); }
  bool given() const noexcept { return options_.given; }
  size_t max_record() const noexcept { return options_.max_record; }

  // Where the input stands. `start` looks at its first bytes; false while more are needed.
  bool start(bool last);
  // Takes what is at hand of an input that is UTF-16; false where it is not.
  bool drop_utf16();
  // Bytes of whole lines to read at once, of `complete`.
  size_t slice(size_t complete) noexcept;
  // Fills `marks` and `odd` for a slice of whole lines; behind the last odd place stands a larger one.
  void mark(const TypeState& state, const char* data, size_t size);
  const uint32_t* marks() const noexcept { return marks_; }
  const uint32_t* odd() const noexcept { return odd_; }
  // Room for so many tokens of a line, for those that the program looks at, and for its parts before them.
  Token* tokens(const Program& program, size_t count);

  // Bookkeeping of a line. `offset` is that of its first byte that is no blank.
  void blank_line() noexcept {
    ++line_;
    ++blank_;
  }
  void begin_line() noexcept {
    ++line_;
    small_header_ = false;  // another line follows it
  }
  void skip_lines(int64_t lines) noexcept { line_ += lines; }
  void set_line(int64_t line) noexcept { line_ = line; }
  void row_done(int type, size_t size);
  void make_way(int type, size_t size);
  // `path`: of a JSON value; where it is not empty, the member at fault.
  void reject(int type, Status status, std::string_view fault, int64_t offset, size_t length, std::string_view raw,
              const std::string* path = nullptr);
  void reject_stream(Code code, std::string_view message, int64_t offset, size_t length, std::string_view raw);
  void take_long_line();
  void warn_utf8() noexcept { ++invalid_utf8_; }
  void warn_dropped() noexcept { ++dropped_fields_; }

  // Logs that are none of the log types: the one (the first of its name, or -1), or the name of the one, whose form a
  // line, or a JSON value, has.
  int foreign_line(std::string_view line) const noexcept;
  std::string_view foreign_value(const JsonIndex& json, uint32_t value);
  // Rejects a line of one, in the frame; with those before it where they stand together.
  void add_foreign(int log, Code code, int64_t offset, size_t size);
  // The input's bytes at a place are done with.
  void pass_foreign(int64_t offset, std::string_view bytes) {
    if (foreign_open()) foreign_lines_.pass(offset, bytes);
  }

  // A message is an input of its own; `row_place` numbers its records.
  void read_message(std::string_view whole, const Message& message);
  size_t read_text(std::string_view text, int64_t offset, bool single, bool last);
  bool single() const noexcept { return single_; }
  // A line that is JSON from `prefix` on: a stream of its own.
  void read_json_line(std::string_view line, size_t prefix, int64_t offset);
  int64_t row_place(int64_t offset) const noexcept { return in_message_ ? message_.offset + message_rows_ : offset; }
  bool message_odd() const noexcept { return in_message_ && message_.odd; }
  void set_read_lines(int (*read_lines)(LineReader*, bool)) noexcept { read_lines_ = read_lines; }

  // Headers of formats that have them. `may_be_header`: whether the tokens of a row could be one as well.
  bool may_be_header(int type, const Token* tokens, size_t count) const noexcept;
  // The names of the columns that the rows come in, in the place of a header; false where they are none of the type's.
  bool set_columns(int type, std::vector<std::string> names);
  Outcome try_header(int type, const Token* tokens, size_t count, std::string_view line, size_t prefix, int64_t offset);

  // Whether the input is one header of few names, so that it is none after all.
  bool small_header() const noexcept { return small_header_; }
  // Forgets it: the caller's header is in force again, where there is one.
  void drop_small_header();
  // Lines behind it.
  int64_t behind_small_header() const noexcept { return line_ - small_behind_; }

  // Where the input stands between two records: what of the bytes so far decides how those behind them are read.
  // `put_state` says false where a record, or what may be one, is open; `take_state` comes before any bytes.
  bool put_state(std::string& out) const;
  void take_state(std::string_view& from);
  // Completes the batches at hand.
  void flush_all();

  // The input is over; `truncated` says why it was cut, or is null.
  void finish(const std::string* truncated);

  // Results.
  std::deque<FinishedBatch>& batches() noexcept { return batches_; }
  Rejects& rejects() noexcept { return rejects_; }
  std::vector<int> found_types() const;
  std::vector<std::pair<std::string, int64_t>> warnings() const;
  // Names of headers that no column has, as they are compared.
  std::vector<std::string> unknown_names() const {
    return {unknown_names_.begin() + static_cast<ptrdiff_t>(unknown_before_), unknown_names_.end()};
  }
  int64_t line() const noexcept { return line_; }
  int64_t records() const noexcept { return record_; }
  int64_t row_count() const noexcept { return row_count_; }
  int64_t outside() const noexcept { return outside_; }
  int64_t blank() const noexcept { return blank_; }
  int64_t headers() const noexcept { return headers_ - headers_before_; }
  int64_t bytes() const noexcept { return bytes_; }
  void count_bytes(size_t size) noexcept { bytes_ += static_cast<int64_t>(size); }

  Frame frame;
  std::string repaired, joined, fault;
  std::string small_line;  // a header of few names, kPadding bytes behind it
  int64_t small_offset = 0;
  size_t small_prefix = 0;  // of an export prefix before it
  int64_t clear_from = 0, clear_to = 0;  // lines that begin here neither end nor begin a joined record

 private:
  void make_mark_room(size_t size);
  bool foreign_open() const noexcept {
    const ForeignGroup& group = foreign_lines_;
    return group.log >= 0 && group.record == record_ && group.headers == headers_ && group.stream == stream_;
  }
  void end_foreign();
  // A message, or a line that is JSON: groups of lines end with it.
  int64_t enter_stream() noexcept;
  void leave_stream(int64_t outer);
  void forget_headers();
  size_t known_names(const TypeState& state, const std::vector<std::string>& names) const;
  bool set_header(TypeState& state, std::vector<std::string> names);
  void set_given_header(TypeState& state);
  void flush(int type);

  std::vector<std::shared_ptr<const Plan>> plans_, foreign_;
  const ReaderOptions options_;
  std::shared_ptr<Pool> pool_;
  std::vector<std::unique_ptr<TypeState>> states_;
  std::vector<Opening> openings_;
  Rejects rejects_;
  std::deque<FinishedBatch> batches_;
  int64_t batch_rows_;
  int in_force_ = -1, last_json_ = -1;
  bool started_ = false, over_ = false, utf16_ = false;
  bool goes_on_ = false;  // what comes before the bytes was read by another reader
  int64_t headers_before_ = 0;
  size_t unknown_before_ = 0;
  std::string utf16_raw_;
  size_t utf16_size_ = 0;
  size_t slice_ = 4096;
  Block scratch_;
  size_t marked_ = 0;  // bytes of a slice that the scratch has room for
  uint32_t *marks_ = nullptr, *odd_ = nullptr;
  std::vector<Token> tokens_;
  int64_t record_ = 0, line_ = 0, row_count_ = 0, outside_ = 0, blank_ = 0, headers_ = 0, bytes_ = 0;
  int64_t invalid_utf8_ = 0, dropped_fields_ = 0;
  std::vector<std::string> unknown_names_;
  std::vector<char> gave_rows_;
  int (*read_lines_)(LineReader*, bool) = nullptr;  // of the tokenizers
  bool in_message_ = false, single_ = false;
  Message message_;
  int64_t message_rows_ = 0;
  std::vector<std::unique_ptr<TypeState>> foreign_values_;  // of foreign logs that are JSON
  ForeignGroup foreign_lines_;
  int64_t stream_ = 0, streams_ = 0;
  int64_t headers_seen_ = 0;  // those of other logs, too
  int first_named_ = -1;  // of the first header or rejected record that has a log type
  // A header of few names that no line has followed yet.
  bool small_header_ = false, small_over_ = false;
  int64_t small_behind_ = 0;
};

}  // namespace engine
