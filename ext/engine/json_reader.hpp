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

class JsonReader {
 public:
  explicit JsonReader(LineReader& books);

  // Reads the records that the bytes complete.
  void feed(const char* data, size_t size);
  // No more bytes come; `truncated` says why the input was cut, or is null.
  void finish(const std::string* truncated);

 private:
  enum class Inside : uint8_t { array, records, behind_records };  // what the values stand in
  enum class Want : uint8_t { value_or_end, value, comma_or_end };

  const char* data() const noexcept { return buffer_.get() + begin_; }
  size_t size() const noexcept { return end_ - begin_; }
  void make_room(size_t size);
  void consume(size_t size);
  void run(bool last);
  // Reads tokens until they end; returns how many bytes are done with.
  size_t read_tokens(bool last);
  bool step(bool last);
  bool step_in(bool last);
  bool begin_object(bool last);
  bool behind_records(bool last);
  bool enter_records(uint32_t key);
  void take(const JsonCheck& check);
  bool unwrap(uint32_t object);
  void take_log_events(uint32_t events);
  void take_message(uint32_t text);
  void take_record(uint32_t record);
  void refuse(int type, Status status, std::string_view fault, uint32_t value, const std::string& path);
  void leave();
  bool resume(size_t fault, bool last);
  size_t element_end(size_t begin, bool& found) const;
  void reject(Code code, std::string_view message, size_t begin, size_t end);
  int64_t line_of(size_t place) const;

  LineReader& books_;
  std::vector<int> types_;  // of JSON, in the order in which they are asked
  JsonIndex json_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0, begin_ = 0, end_ = 0;
  int64_t offset_ = 0, line_ = 1;  // of data()
  size_t span_;                    // bytes to look at at once
  size_t wanted_ = 0;              // bytes that must be there before it is worth looking again
  uint32_t token_ = 0;
  size_t done_ = 0;      // bytes before this place are done with
  bool again_ = false;   // the tokens behind `done_` must be found anew
  bool left_ = false;    // an array was left at an error: its closing brackets may follow
  std::vector<Inside> inside_;
  Want want_ = Want::value_or_end;
};

}  // namespace engine
