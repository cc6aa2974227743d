#include "engine/json_reader.hpp"

#include <algorithm>
#include <cstring>

#include "engine/json_row.hpp"
#include "engine/text.hpp"

namespace engine {
namespace {

constexpr size_t kSmallestSpan = 4096, kLargestSpan = 256 * 1024;

// Members that tell what an object is wrapped in, or that it is no log.
struct Wrapper {
  static constexpr std::string_view kNames[] = {"Records",     "messageType", "logGroup", "logStream",   "logEvents",
                                                "Type",        "Message",     "s3",       "Event",       "s3Bucket",
                                                "s3ObjectKey", "detail-type", "detail",   "source",      "account",
                                                "time"};
  enum Name {
    records, message_type, log_group, log_stream, log_events, type, message, s3, event, s3_bucket, s3_object_key,
    detail_type, detail, source, account, time, names
  };
  uint32_t values[names];

  Wrapper(const JsonIndex& json, uint32_t object) {
    std::fill(std::begin(values), std::end(values), kAbsent);
    std::string scratch;
    for (uint32_t at = object + 1; json.mark(at) == '"'; at += json.mark(at) == ',') {
      const std::string_view key = key_text(json, at, scratch);
      if (key.size() <= 11) {
        for (int name = 0; name < names; ++name) {
          if (key == kNames[name]) values[name] = at + 2;
        }
      }
      at = json.behind(at + 2);
    }
  }
  bool has(Name name) const noexcept { return values[name] != kAbsent; }
};

bool is_text(const JsonIndex& json, uint32_t token, std::string_view text) {
  std::string scratch;
  return token != kAbsent && json.mark(token) == '"' && key_text(json, token, scratch) == text;
}

// The member of an object, the last of that name, or kAbsent.
uint32_t member_of(const JsonIndex& json, uint32_t object, std::string_view name) {
  uint32_t found = kAbsent;
  std::string scratch;
  for (uint32_t at = object + 1; json.mark(at) == '"'; at += json.mark(at) == ',') {
    if (key_text(json, at, scratch) == name) found = at + 2;
    at = json.behind(at + 2);
  }
  return found;
}

}  // namespace

JsonReader::JsonReader(LineReader& books) : books_(books), span_(kLargestSpan) {
  for (int type = 0; type < books.types(); ++type) {
    if (books.state(type).json != nullptr) types_.push_back(type);
  }
  std::stable_sort(types_.begin(), types_.end(), [&books](int left, int right) {
    return books.state(left).plan.order < books.state(right).plan.order;
  });
}

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
    size_t blank = 0;
    while (blank < size() && JsonIndex::is_white(data()[blank])) ++blank;
    consume(blank);
    const size_t span = std::min(span_, size());
    if (span == 0) break;
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
  books_.set_line(line_of(begin) - 1);
  books_.read_text({data() + begin, end - begin}, offset_ + static_cast<int64_t>(begin));
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
  if (json_.mark(value) != '{' || !unwrap(value)) take_record(value);
}

// Takes an object for what it wraps, or refuses it as no log; false where it is a record.
bool JsonReader::unwrap(uint32_t object) {
  using W = Wrapper;
  const W wrapper(json_, object);
  const uint32_t* values = wrapper.values;
  auto mark = [this, values](W::Name name) { return values[name] == kAbsent ? '\0' : json_.mark(values[name]); };
  if (mark(W::records) == '[') return enter_records(values[W::records] - 2);
  if (mark(W::records) == 'n') return true;
  if (wrapper.has(W::message_type) && wrapper.has(W::log_group) && wrapper.has(W::log_stream) &&
      (mark(W::log_events) == '[' || mark(W::log_events) == 'n')) {
    if (mark(W::log_events) == '[' && !is_text(json_, values[W::message_type], "CONTROL_MESSAGE"))
      take_log_events(values[W::log_events]);
    return true;
  }
  if (is_text(json_, values[W::type], "Notification") && mark(W::message) == '"') {
    take_message(values[W::message]);
    return true;
  }
  const bool notice = (mark(W::s3) == '{' && member_of(json_, values[W::s3], "object") != kAbsent) ||
                      is_text(json_, values[W::event], "s3:TestEvent") ||
                      (wrapper.has(W::s3_bucket) && wrapper.has(W::s3_object_key));
  if (notice) {
    refuse(books_.given() ? 0 : -1, {Code::not_a_log, -1}, {}, object, {});
    return true;
  }
  const bool event = wrapper.has(W::detail_type) && wrapper.has(W::detail) && wrapper.has(W::source) &&
                     wrapper.has(W::account) && wrapper.has(W::time);
  if (!event || !books_.given() || books_.state(0).json == nullptr || books_.state(0).plan.envelope) return false;
  take_record(values[W::detail]);
  return true;
}

void JsonReader::take_log_events(uint32_t events) {
  for (uint32_t at = events + 1; json_.mark(at) != ']'; at += json_.mark(at) == ',') {
    const uint32_t text = json_.mark(at) == '{' ? member_of(json_, at, "message") : kAbsent;
    if (text != kAbsent && json_.mark(text) == '"') {
      take_message(text);
    } else {
      refuse(books_.given() ? 0 : -1, {Code::missing_required, -1}, {}, at, "message");
    }
    at = json_.behind(at);
  }
}

// A text that is an input of its own.
void JsonReader::take_message(uint32_t token) {
  std::string text;
  unescape(text, json_.inside(token));
  const size_t begin = json_.place(token);
  const std::string_view raw = json_.raw(token);
  books_.read_message(text, {offset_ + static_cast<int64_t>(begin), raw.size(), line_of(begin)});
}

void JsonReader::refuse(int type, Status status, std::string_view fault, uint32_t value, const std::string& path) {
  const size_t begin = json_.place(value);
  const std::string_view raw = json_.raw(value);
  books_.set_line(line_of(begin));
  books_.reject(type, status, fault, offset_ + static_cast<int64_t>(begin), raw.size(), raw, &path);
}

void JsonReader::take_record(uint32_t record) {
  const size_t begin = json_.place(record), length = json_.end(record) - begin;
  const int64_t offset = books_.row_place(offset_ + static_cast<int64_t>(begin));
  int type = -1;
  for (int other : types_) {
    if (!books_.given() && !books_.state(other).json->detect(json_, record)) continue;
    type = other;
    break;
  }
  if (type < 0 || json_.mark(record) != '{') return refuse(books_.given() ? 0 : -1, {Code::unknown_type, -1}, {}, record, {});
  TypeState& state = books_.state(type);
  books_.make_way(type, length);
  const Status status = state.json->append(json_, record, offset);
  if (status.code == Code::ok) return books_.row_done(type, length);
  refuse(type, status, state.json->fault(), record, state.json->fault_path());
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
