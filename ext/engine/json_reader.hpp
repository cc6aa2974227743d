// A stream of JSON values to records: objects one by one, arrays and {"Records": [...]} element by element, so that
// only the record at hand is held. What is broken costs one record (specification, section 5).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json.hpp"
#include "engine/reader.hpp"

namespace engine {

constexpr size_t kNowhere = ~size_t{0};

// Where a stream begins.
struct JsonPlace {
  int64_t offset = 0, line = 1;
  bool one_line = false;  // what is cut is `syntax`
};

// Looks for the end of a value by its quotes and brackets alone, which need not fit: of one that is broken, or that
// is passed over because it is longer than what is held.
struct Skip {
  // What ends it: the "," or "]" behind an element; the bracket that closes it; a line that begins with "{"; its line.
  enum class Until : uint8_t { nothing, element, close, object_line, line };

  size_t find(std::string_view text, size_t at);
  size_t ends(size_t place) noexcept {
    over = true;
    return place;
  }

  Until until = Until::nothing;
  int64_t depth = 0;
  bool lines = false;  // also where a line begins with "{" and no value is due
  bool due = true, in_string = false, escape = false, over = false;
  char last = ',';
  // Of what is passed over.
  size_t around = 0;  // how many arrays and objects it stands in
  int64_t offset = 0, line = 0;
  size_t passed = 0, length = 0;  // the length is that without white space at the end
  std::string raw;                // its first kMostRaw bytes
};

class JsonReader {
 public:
  JsonReader(LineReader& books, const JsonPlace& place);

  // Reads a stream that is all there.
  void read(std::string_view text);

  // Reads the records that the bytes complete.
  void feed(const char* data, size_t size);
  int64_t line() const noexcept { return line_; }
  // Where the input stands, as LineReader has it.
  bool put_state(std::string& out);
  void take_state(std::string_view from);
  // No more bytes come; `truncated` says why the input was cut, or is null.
  void finish(const std::string* truncated);

 private:
  // What values stand in: an array, or an object behind its array of records.
  struct Open {
    bool object = false;
    bool first = true;       // of an array: nothing was read in it
    bool separator = false;  // of an array: an element was read, a comma or the end must follow
  };

  const char* data() const noexcept { return window_ + begin_; }
  size_t size() const noexcept { return end_ - begin_; }
  void make_room(size_t size);
  void hold(const char* data, size_t size);
  void read_lent(const char* data, size_t size);
  void consume(size_t size);
  void run(bool last);
  // Reads tokens until they end; returns how many bytes are done with.
  size_t read_tokens(bool last);
  bool between_values(bool last);
  bool in_array(bool last);
  bool begin_value(bool last);
  bool read_members(uint32_t token, bool first);
  bool behind_records(bool last);
  void open_array(uint32_t token);
  void close_array();
  void take(const JsonCheck& check);
  static bool only_records(const std::vector<Member>& members);
  bool unwrap(uint32_t object, uint32_t& record);
  bool take_text(size_t begin, bool last);
  void take_log_events(uint32_t events);
  void take_message(uint32_t text);
  int type_of(uint32_t record);
  void take_record(uint32_t record, bool located);
  void take_repaired(int type, uint32_t record, int64_t offset);
  void refuse_record(int type, Status status, uint32_t record);
  void refuse(int type, Status status, std::string_view fault, uint32_t value, const std::string& path);
  bool resume(Code code, size_t begin, int64_t depth, bool last);
  void leave_element(size_t around, size_t stop);
  void leave_arrays(size_t around, size_t begin);
  void begin_skip();
  bool skip();
  void reject_skipped();
  void reject(Code code, std::string_view message, size_t begin, size_t end);
  int64_t line_of(size_t place);

  LineReader& books_;
  std::vector<int> types_;  // of JSON, in the order in which they are asked
  TypeState* given_ = nullptr;  // of the type that the caller named
  JsonIndex json_;
  std::unique_ptr<JsonIndex> repaired_;  // of a record that is no UTF-8
  std::unique_ptr<char[]> buffer_;  // what is held of bytes whose owner has taken them back
  const char* window_ = nullptr;    // the buffer, or bytes that are lent
  size_t capacity_ = 0, begin_ = 0, end_ = 0;
  int64_t offset_, line_;  // of data()
  const bool one_line_;
  const size_t most_;              // bytes that are held of one value
  size_t span_;                    // bytes to look at at once
  size_t wanted_ = 0;              // bytes that must be there before it is worth looking again
  size_t counted_ = 0, counted_feeds_ = 0;  // line feeds up to a place
  uint32_t token_ = 0;
  size_t done_ = 0;      // bytes before this place are done with
  bool again_ = false;   // the tokens behind `done_` must be found anew
  size_t fault_ = kNowhere;  // what the last check found wrong
  size_t deep_ = kNowhere;  // where an element begins that is too deep
  bool broken_ = false;  // the value at data() is broken, and its end has not come
  Skip skip_;
  bool left_ = false;    // an array was left before its end: its closing brackets are ignored
  std::vector<Open> open_;
  const std::string* truncated_ = nullptr;  // why the input was cut
  bool told_ = false;                       // a rejected record says that it was
};

}  // namespace engine
