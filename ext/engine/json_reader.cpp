#include "engine/json_reader.hpp"

#include <algorithm>
#include <cstring>

#include "engine/json_row.hpp"
#include "engine/text.hpp"

namespace engine {
namespace {

constexpr size_t kSmallestSpan = 4096, kLargestSpan = 256 * 1024;

}  // namespace

JsonReader::JsonReader(LineReader& books) : books_(books), span_(kLargestSpan) {}

void JsonReader::make_room(size_t size) {
  const size_t held = end_ - begin_;
  if (capacity_ >= end_ + size + kPadding) return;
  if (capacity_ >= held + size + kPadding && begin_ > capacity_ / 2) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, held);
  } else {
    const size_t capacity = std::max(2 * (held + size), kLargestSpan) + kPadding;
    std::unique_ptr<char[]> larger(new char[capacity]);
    if (held != 0) std::memcpy(larger.get(), buffer_.get() + begin_, held);
    buffer_ = std::move(larger);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = held;
}

void JsonReader::consume(size_t size) {
  line_ += std::count(data(), data() + size, '\n');
  offset_ += static_cast<int64_t>(size);
  begin_ += size;
}

int64_t JsonReader::line_of(size_t place) const { return line_ + std::count(data(), data() + place, '\n'); }

void JsonReader::feed(const char* data, size_t size) {
  make_room(size);
  std::memcpy(buffer_.get() + end_, data, size);
  end_ += size;
  if (this->size() >= wanted_) run(false);
}

void JsonReader::run(bool last) {
  std::memset(buffer_.get() + end_, ' ', kPadding);
  wanted_ = 0;
  while (size() != 0) {
    const size_t span = std::min(span_, size());
    const bool whole = last && span == size();
    json_.build(data(), span, whole);
    const size_t used = read_tokens(whole);
    consume(used);
    span_ = again_ ? kSmallestSpan : (used == 0 ? span_ * 2 : std::min(std::max(span_, kSmallestSpan) * 2, kLargestSpan));
    if (used != 0 || again_ || span != size()) continue;
    if (last) break;
    wanted_ = 2 * size();
    return;
  }
}

void JsonReader::finish(const std::string* truncated) {
  if (buffer_ == nullptr) make_room(0);
  run(true);
  const bool open = !inside_.empty();
  size_t begin = 0, end = size();
  while (begin < end && (is_space(data()[begin]))) ++begin;
  if (begin == end && !open && truncated == nullptr) return;
  reject(Code::truncated, truncated != nullptr ? std::string_view(*truncated) : "the input ends inside a value", begin, end);
  consume(end);
}

size_t JsonReader::read_tokens(bool last) {
  token_ = 0;
  done_ = 0;
  again_ = false;
  while (token_ < json_.count()) {
    if (!(inside_.empty() ? step(last) : step_in(last))) return done_;
    if (again_) return done_;
    done_ = token_ < json_.count() ? json_.place(token_) : json_.place(json_.count());
  }
  return done_;
}

// One value of the stream. False where it goes on behind the bytes at hand.
bool JsonReader::step(bool last) {
  const char mark = json_.mark(token_);
  if (mark == ',' || (left_ && (mark == ']' || mark == '}'))) {
    ++token_;
    return true;
  }
  left_ = false;
  if (mark == '{') return begin_object(last);
  if (mark == '[') {
    inside_.push_back(Inside::array);
    want_ = Want::value_or_end;
    ++token_;
    return true;
  }
  const JsonCheck check = json_.check(token_);
  if (check.code == Code::more && !last) return false;
  if (check.code == Code::ok) {
    take(check);
    return true;
  }
  const size_t begin = json_.place(token_);  // a line of text
  const void* feed = std::memchr(data() + begin, '\n', size() - begin);
  if (feed == nullptr && !last) return false;
  const size_t end = feed != nullptr ? static_cast<size_t>(static_cast<const char*>(feed) - data()) : size();
  reject(books_.given() ? Code::syntax : Code::unknown_type, {}, begin, end);
  done_ = std::min(end + 1, size());
  again_ = true;
  return true;
}

// One element of an array, or what stands between two.
bool JsonReader::step_in(bool last) {
  if (inside_.back() == Inside::behind_records) return behind_records(last);
  const char mark = json_.mark(token_);
  if (want_ == Want::comma_or_end) {
    if (mark == ',') {
      want_ = Want::value;
      ++token_;
      return true;
    }
    if (mark != ']') return resume(json_.place(token_), last);
  }
  if (mark == ']' && want_ != Want::value) {
    ++token_;
    leave();
    return true;
  }
  if (mark == '[') {
    inside_.push_back(Inside::array);
    want_ = Want::value_or_end;
    ++token_;
    return true;
  }
  if (mark == '{') return begin_object(last);
  const JsonCheck check = json_.check(token_);
  if (check.code == Code::more) return last && resume(check.place, last);
  if (check.code != Code::ok) return resume(check.place, last);
  take(check);
  return true;
}

// Behind the closing bracket of an array: back to what it stands in.
void JsonReader::leave() {
  if (inside_.back() == Inside::records) {
    inside_.back() = Inside::behind_records;
    return;
  }
  inside_.pop_back();
  want_ = Want::comma_or_end;
}

bool JsonReader::enter_records(uint32_t key) {
  if (json_.inside(key) != "Records" || key + 2 >= json_.count() || json_.mark(key + 2) != '[') return false;
  token_ = key + 3;
  inside_.push_back(Inside::records);
  want_ = Want::value_or_end;
  return true;
}

bool JsonReader::begin_object(bool last) {
  const uint32_t object = token_;
  if (object + 1 < json_.count() && json_.mark(object + 1) == '"' && enter_records(object + 1)) return true;
  const JsonCheck check = json_.check(object);
  if (check.code == Code::ok || check.code == Code::too_deep) {
    take(check);
    return true;
  }
  if (check.code == Code::more && !last) return false;
  return resume(check.place, last);
}

// Members behind the array of an object with records are checked and dropped.
bool JsonReader::behind_records(bool last) {
  const char mark = json_.mark(token_);
  if (mark == '}') {
    ++token_;
    inside_.pop_back();
    want_ = Want::comma_or_end;
    return true;
  }
  if (mark != ',') return resume(json_.place(token_), last);
  const uint32_t key = token_ + 1;
  if (key + 2 >= json_.count()) return last && resume(json_.place(token_), last);
  if (json_.mark(key) != '"' || json_.mark(key + 1) != ':') return resume(json_.place(key), last);
  const JsonCheck check = json_.check(key + 2);
  if (check.code == Code::more && !last) return false;
  if (check.code != Code::ok) return resume(check.place, last);
  token_ = check.behind;
  return true;
}

// A whole value.
void JsonReader::take(const JsonCheck& check) {
  const uint32_t value = token_;
  const size_t begin = json_.place(value), end = json_.end(value);
  token_ = check.behind;
  want_ = Want::comma_or_end;
  if (check.code != Code::ok) return reject(check.code, {}, begin, end);
  if (json_.mark(value) == '{') {
    for (uint32_t at = value + 1; json_.mark(at) == '"'; at += json_.mark(at) == ',') {
      if (enter_records(at)) return;
      at = json_.behind(at + 2);
    }
  }
  take_record(value);
}

void JsonReader::take_record(uint32_t record) {
  const size_t begin = json_.place(record), length = json_.end(record) - begin;
  const int64_t offset = offset_ + static_cast<int64_t>(begin);
  const std::string_view raw = json_.raw(record);
  int type = books_.given() ? 0 : -1;
  if (books_.given() && books_.state(0).json == nullptr) type = -1;
  for (int other = 0; type < 0 && !books_.given() && other < books_.types(); ++other) {
    TypeState& state = books_.state(other);
    if (state.json != nullptr && state.json->detect(json_, record)) type = other;
  }
  if (type < 0 || json_.mark(record) != '{') {
    books_.set_line(line_of(begin));
    return books_.reject(-1, {Code::unknown_type, -1}, {}, offset, length, raw);
  }
  TypeState& state = books_.state(type);
  books_.make_way(type, length);
  const Status status = state.json->append(json_, record, offset);
  if (status.code == Code::ok) return books_.row_done(type, length);
  books_.set_line(line_of(begin));
  books_.reject(type, status, state.json->fault(), offset, length, raw);
}

void JsonReader::reject(Code code, std::string_view message, size_t begin, size_t end) {
  while (end > begin && is_space(data()[end - 1])) --end;
  books_.set_line(line_of(begin));
  const std::string_view raw(data() + begin, end - begin);
  books_.reject(books_.given() ? 0 : -1, {code, -1}, message, offset_ + static_cast<int64_t>(begin), raw.size(), raw);
}

// The value at `done_` is broken: goes on behind it, where that can be told.
bool JsonReader::resume(size_t fault, bool last) {
  (void)fault;
  const size_t begin = done_;
  bool found = false;
  size_t end;
  if (!inside_.empty() && inside_.back() != Inside::behind_records) {
    end = element_end(begin, found);
  } else {
    end = begin;
    while (end < size() && !found) {
      const void* feed = std::memchr(data() + end, '\n', size() - end);
      if (feed == nullptr) break;
      end = static_cast<size_t>(static_cast<const char*>(feed) - data()) + 1;
      found = end < size() && data()[end] == '{';
    }
  }
  if (!found && !last) return false;
  if (!found) end = size();
  reject(Code::syntax, {}, begin, end);
  again_ = true;
  done_ = end;
  if (!found || inside_.empty() || inside_.back() == Inside::behind_records) {
    inside_.clear();
    left_ = true;
    return true;
  }
  want_ = Want::comma_or_end;
  return true;
}

// Place of the first "," or "]" outside strings and brackets.
size_t JsonReader::element_end(size_t begin, bool& found) const {
  int64_t depth = 0;
  bool string = false;
  for (size_t at = begin; at < size(); ++at) {
    const char byte = data()[at];
    if (string) {
      if (byte == '\\') {
        ++at;
      } else if (byte == '"' || byte == '\n') {
        string = false;
      }
      continue;
    }
    if (byte == '"') string = true;
    if (byte == '{' || byte == '[') ++depth;
    if (depth == 0 && (byte == ',' || byte == ']')) {
      found = true;
      return at;
    }
    if (byte == '}' || byte == ']') --depth;
  }
  return size();
}

}  // namespace engine
