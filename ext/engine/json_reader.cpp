#include "engine/json_reader.hpp"

#include <algorithm>
#include <cstring>

#include "engine/json_row.hpp"
#include "engine/text.hpp"

namespace engine {
namespace {

const std::string kNoPath;
constexpr size_t kSmallestSpan = 4096, kLargestSpan = 256 * 1024;

// Members that tell what an object is wrapped in, or that it is no log.
struct Wrapper {
  static constexpr std::string_view kNames[] = {
      "Records", "messageType", "logGroup",    "logStream",   "logEvents", "Type",   "Message", "s3",
      "Event",   "s3Bucket",    "s3ObjectKey", "detail-type", "detail",    "source", "account", "time"};
  enum Name {
    records,
    message_type,
    log_group,
    log_stream,
    log_events,
    type,
    message,
    s3,
    event,
    s3_bucket,
    s3_object_key,
    detail_type,
    detail,
    source,
    account,
    time,
    names
  };
  uint32_t values[names];

  Wrapper(const JsonIndex& index, uint32_t object) : json(index) {
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
  bool has(Name name) const noexcept { return values[name] != kAbsent && json.mark(values[name]) != 'n'; }
  const JsonIndex& json;
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

JsonReader::JsonReader(LineReader& books, const JsonPlace& place)
    : books_(books), offset_(place.offset), line_(place.line), one_line_(place.one_line), span_(kLargestSpan) {
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
  line_ = line_of(size);
  counted_ = counted_feeds_ = 0;
  offset_ += static_cast<int64_t>(size);
  begin_ += size;
}

// Places are asked for in rising order, nearly always.
int64_t JsonReader::line_of(size_t place) {
  if (place < counted_) counted_ = counted_feeds_ = 0;
  counted_feeds_ += static_cast<size_t>(std::count(data() + counted_, data() + place, '\n'));
  counted_ = place;
  return line_ + static_cast<int64_t>(counted_feeds_);
}

void JsonReader::read(std::string_view text) {
  make_room(text.size());
  std::memcpy(buffer_.get() + end_, text.data(), text.size());
  end_ += text.size();
  finish(nullptr);
}

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
    span_ =
        again_ ? kSmallestSpan : (used == 0 ? span_ * 2 : std::min(std::max(span_, kSmallestSpan) * 2, kLargestSpan));
    if (used != 0 || again_ || span != size()) continue;
    if (last) break;
    wanted_ = 2 * size();
    return;
  }
}

void JsonReader::finish(const std::string* truncated) {
  if (buffer_ == nullptr) make_room(0);
  truncated_ = truncated;
  run(true);
  if (open_.empty() && (truncated == nullptr || told_)) return;
  reject(Code::truncated, {}, size(), size());
}

size_t JsonReader::read_tokens(bool last) {
  token_ = 0;
  done_ = 0;
  again_ = false;
  fault_ = kNowhere;
  while (token_ < json_.count()) {
    bool step;
    try {
      step = open_.empty() ? between_values(last) : (open_.back().object ? behind_records(last) : in_array(last));
    } catch (const NeedsBytes&) {
      json_.build_slowly();
      token_ = 0;
      while (json_.place(token_) < done_) ++token_;
      continue;
    }
    if (step && deep_ != kNowhere) {
      const size_t begin = std::exchange(deep_, kNowhere);
      step = resume(Code::too_deep, begin, 0, last);
      if (!step) open_.back().separator = false;
    }
    if (!step || again_) return done_;
    done_ = json_.place(token_);
  }
  if (last && json_.open_string()) {  // a string that the input cuts
    if (open_.empty()) {
      take_text(done_, last);
    } else if (open_.back().object) {
      resume(Code::syntax, done_, 1, last);
    } else {
      const bool due = !open_.back().separator && json_.cut_string_is_good();
      resume(due ? Code::truncated : Code::syntax, done_, 0, last);
    }
  }
  return done_;
}

// False where the bytes at hand do not tell: those from `done_` on are looked at again.
bool JsonReader::between_values(bool last) {
  const char mark = json_.mark(token_);
  if (mark == ',' || (left_ && (mark == ']' || mark == '}'))) {
    ++token_;
    return true;
  }
  if (mark == '{' || mark == '[') return begin_value(last);
  const size_t begin = json_.place(token_);
  const void* feed = std::memchr(data() + begin, '\n', size() - begin);
  if (feed == nullptr && !last) return false;
  const size_t stop = feed != nullptr ? static_cast<size_t>(static_cast<const char*>(feed) - data()) : size();
  const JsonCheck check = json_.check(token_);
  if (check.code == Code::more && !last) return false;
  if (check.code == Code::ok) {
    size_t end = json_.end(token_);
    while (end < stop && JsonIndex::is_white(data()[end])) ++end;
    if (end == stop) {  // a scalar alone on what is left of its line
      take(check);
      return true;
    }
  }
  return take_text(begin, last);
}

// A line that is no JSON, and those that are joined to it.
bool JsonReader::take_text(size_t begin, bool last) {
  std::string_view rest(data() + begin, size() - begin);
  std::string whole;
  if (one_line_ && rest.back() == '\r') rest = whole.append(rest).append("\r");  // its line has lost one CR already
  const std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
  const int64_t offset = offset_ + static_cast<int64_t>(begin), number = line_of(begin) - 1;
  books_.set_line(number);
  size_t used = books_.read_text(line, offset, true, last && line.size() == rest.size());
  if (used == 0 && line.size() != rest.size()) {
    books_.set_line(number);
    used = books_.read_text(rest, offset, true, last);
  }
  if (used == 0) return false;
  done_ = std::min(begin + used, size());
  again_ = true;
  return true;
}

bool JsonReader::in_array(bool last) {
  Open& array = open_.back();
  const char mark = json_.mark(token_);
  if (mark == ']' && (array.separator || array.first)) {
    ++token_;
    close_array();
    return true;
  }
  array.first = false;
  if (array.separator) {
    if (mark != ',') return resume(Code::syntax, json_.place(token_), 0, last);
    array.separator = false;
    ++token_;
    return true;
  }
  return begin_value(last);
}

void JsonReader::open_array(uint32_t token) {
  open_.push_back({});
  token_ = token + 1;
}

void JsonReader::close_array() {
  open_.pop_back();
  if (!open_.empty() && !open_.back().object) open_.back().separator = true;
}

bool JsonReader::begin_value(bool last) {
  const uint32_t value = token_;
  if (json_.mark(value) == '[') {
    open_array(value);
    return true;
  }
  const JsonCheck check = json_.check(value);
  if (check.code == Code::ok || check.code == Code::too_deep) {
    take(check);
    return true;
  }
  if (json_.mark(value) == '{' && read_members(value + 1, true)) return true;
  if (check.code == Code::more && !last) return false;
  fault_ = check.place;
  return resume(check.code == Code::more ? Code::truncated : Code::syntax, json_.place(value), 0, last);
}

// Reads members of an object that is not whole, from a token on, up to an array of records, which it enters; false
// where there is none before the object ends or breaks.
bool JsonReader::read_members(uint32_t token, bool first) {
  std::string scratch;
  while (token + 2 < json_.count()) {
    if (!first && json_.mark(token++) != ',') return false;
    first = false;
    if (token + 2 >= json_.count()) return false;
    const JsonCheck key = json_.mark(token) == '"' ? json_.check(token) : JsonCheck{Code::syntax, 0, 0};
    if (key.code != Code::ok || json_.mark(token + 1) != ':') return false;
    if (json_.mark(token + 2) == '[' && key_text(json_, token, scratch) == "Records") {
      open_.push_back({true});
      open_array(token + 2);
      return true;
    }
    const JsonCheck value = json_.check(token + 2);
    if (value.code != Code::ok && value.code != Code::too_deep) return false;
    token = value.behind;
  }
  return false;
}

// Behind the array of records of an object: members are checked and dropped.
bool JsonReader::behind_records(bool last) {
  uint32_t token = token_;
  const size_t begin = json_.place(token);
  while (token < json_.count()) {
    const char mark = json_.mark(token);
    if (mark == '}') {
      token_ = token + 1;
      open_.pop_back();
      if (!open_.empty()) open_.back().separator = true;
      return true;
    }
    if (mark != ',') return resume(Code::syntax, begin, 1, last);
    if (++token >= json_.count()) break;
    if (json_.mark(token) != '"') return resume(Code::syntax, begin, 1, last);
    if (json_.check(token).code != Code::ok) return resume(Code::syntax, begin, 1, last);
    if (token + 1 >= json_.count()) break;
    if (json_.mark(token + 1) != ':') return resume(Code::syntax, begin, 1, last);
    if (token + 2 >= json_.count()) break;
    std::string scratch;
    if (json_.mark(token + 2) == '[' && key_text(json_, token, scratch) == "Records") {
      open_array(token + 2);
      return true;
    }
    const JsonCheck check = json_.check(token + 2);
    if (check.code == Code::more) break;
    if (check.code == Code::syntax) return resume(Code::syntax, begin, 1, last);
    token = check.behind;
  }
  if (json_.adjacent()) return resume(Code::syntax, begin, 1, last);
  if (!last) return false;
  const bool good = !json_.open_string() || json_.cut_string_is_good();
  return resume(good ? Code::truncated : Code::syntax, begin, 1, last);
}

// A whole value.
void JsonReader::take(const JsonCheck& check) {
  const uint32_t value = token_;
  const size_t begin = json_.place(value), end = json_.end(value);
  token_ = check.behind;
  if (!open_.empty()) open_.back().separator = true;
  uint32_t record = value;
  if (json_.mark(value) == '{' && unwrap(value, record)) return;
  if (end - begin > books_.max_record()) return reject(Code::too_long, {}, begin, end);
  const bool deep = record == value ? check.code == Code::too_deep : json_.check(record).code == Code::too_deep;
  if (!deep) return take_record(record);
  if (open_.empty()) return reject(Code::too_deep, {}, begin, end);
  open_.back().separator = false;
  deep_ = begin;
}

// Takes an object for what it wraps, or refuses it as no log; false where it is a record, or `record` in it is.
bool JsonReader::unwrap(uint32_t object, uint32_t& record) {
  using W = Wrapper;
  const W wrapper(json_, object);
  const uint32_t* values = wrapper.values;
  auto mark = [this, values](W::Name name) { return values[name] == kAbsent ? '\0' : json_.mark(values[name]); };
  if (mark(W::records) == '[') {
    if (!open_.empty()) open_.back().separator = false;
    open_.push_back({true});
    uint32_t records = object + 1;  // the first of the name
    while (!(json_.mark(records + 2) == '[' && is_text(json_, records, "Records")))
      records = json_.behind(records + 2) + 1;
    open_array(records + 2);
    return true;
  }
  if (json_.raw(object).size() > books_.max_record()) return false;
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
  record = values[W::detail];
  return false;
}

void JsonReader::take_log_events(uint32_t events) {
  for (uint32_t at = events + 1; json_.mark(at) != ']'; at += json_.mark(at) == ',') {
    const uint32_t text = json_.mark(at) == '{' ? member_of(json_, at, "message") : kAbsent;
    if (text != kAbsent && json_.mark(text) == '"') {
      take_message(text);
    } else {
      refuse(books_.given() ? 0 : -1, {Code::missing_required, -1}, {}, at, {});
    }
    at = json_.behind(at);
  }
}

// A text that is an input of its own.
void JsonReader::take_message(uint32_t token) {
  std::string text;
  unescape(text, json_.inside(token));
  if (json_.refused() && !is_utf8(text)) text = repair_utf8(text);
  const size_t begin = json_.place(token);
  const std::string_view raw = json_.raw(token);
  books_.read_message(text, {offset_ + static_cast<int64_t>(begin), raw.size(), line_of(begin), {}, false});
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
  if (type < 0 || json_.mark(record) != '{')
    return refuse(books_.given() ? 0 : -1, {Code::unknown_type, -1}, {}, record, {});
  TypeState& state = books_.state(type);
  books_.make_way(type, length);
  if (json_.refused() && !is_utf8(json_.raw(record))) return take_repaired(type, record, offset);
  const Status status = state.json->append(json_, record, offset);
  if (status.code == Code::ok) {
    if (books_.message_odd()) books_.warn_utf8();
    return books_.row_done(type, length);
  }
  refuse(type, status, state.json->fault(), record, state.json->fault_path());
}

void JsonReader::take_repaired(int type, uint32_t record, int64_t offset) {
  TypeState& state = books_.state(type);
  std::string text = repair_utf8(json_.raw(record));
  const size_t size = text.size();
  text.append(kPadding, '\0');
  if (repaired_ == nullptr) repaired_ = std::make_unique<JsonIndex>();
  repaired_->build(text.data(), size, true);
  repaired_->check(0);
  const Status status = state.json->append(*repaired_, 0, offset);
  if (status.code != Code::ok) return refuse(type, status, state.json->fault(), record, state.json->fault_path());
  books_.row_done(type, size);
  books_.warn_utf8();
}

void JsonReader::reject(Code code, std::string_view message, size_t begin, size_t end) {
  while (end > begin && JsonIndex::is_white(data()[end - 1])) --end;
  if (end - begin > books_.max_record()) code = Code::too_long;
  if (code == Code::truncated && one_line_) code = Code::syntax;
  std::string place;
  if (code == Code::truncated) {
    told_ = true;
    if (truncated_ != nullptr) message = *truncated_;
  } else if (code == Code::syntax && fault_ >= begin && fault_ < end) {
    message = place = std::to_string(fault_ - begin);
  }
  books_.set_line(line_of(begin));
  const std::string_view raw(data() + begin, end - begin);
  books_.reject(books_.given() ? 0 : -1, {code, -1}, message, offset_ + static_cast<int64_t>(begin), raw.size(), raw,
                &kNoPath);
}

// Goes on behind the broken value that begins at a place. `depth`: 1 where an object is open around it, else 0.
bool JsonReader::resume(Code code, size_t begin, int64_t depth, bool last) {
  const size_t around = open_.size() - (depth == 1 ? 1 : 0);  // what the value stands in
  const size_t stop = around == 0 ? size() : element_end(begin, depth);
  if (stop < size()) {
    open_.resize(around);
    reject(code, {}, begin, stop);
    again_ = true;
    done_ = stop;
    if (data()[stop] == ',') {
      open_.back().separator = false;
      ++done_;
    } else {
      open_.back().separator = true;  // its end is read now
    }
    return true;
  }
  const size_t line = std::string_view(data(), size()).find("\n{", begin);
  const bool found = line != std::string_view::npos;
  if (!last && (!found || around != 0)) return false;  // behind the bytes at hand the element may end
  reject(found && code == Code::truncated ? Code::syntax : code, {}, begin, found ? line : size());
  open_.clear();
  left_ = left_ || (found && around != 0);
  again_ = true;
  done_ = found ? line + 1 : size();
  return true;
}

// Place of the first "," or "]" outside strings and brackets, or the end of the bytes.
size_t JsonReader::element_end(size_t at, int64_t depth) const {
  const char* const bytes = data();
  const size_t end = size();
  while (at < end) {
    const char byte = bytes[at];
    if (depth == 0 && (byte == ',' || byte == ']')) return at;
    ++at;
    if (byte == '"') {
      while (at < end && bytes[at] != '\n' && bytes[at] != '"')
        at += bytes[at] == '\\' && at + 1 < end && bytes[at + 1] != '\n' ? 2 : 1;
      if (at < end && bytes[at] == '"') ++at;
    } else if (byte == '{' || byte == '[') {
      ++depth;
    } else if (byte == '}' || byte == ']') {
      depth = std::max<int64_t>(0, depth - 1);
    }
  }
  return end;
}

}  // namespace engine
