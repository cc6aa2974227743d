#include "engine/json_reader.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/json_row.hpp"
#include "engine/text.hpp"

namespace engine {
namespace {

const std::string kNoPath;
constexpr size_t kMostOpen = 1 << 20;  // arrays and objects around a record: memory is bounded
constexpr size_t kLeastHeld = 64 << 20;  // bytes of one value: up to there a broken one ends where it should
constexpr size_t kMostHeld = 0x7fffffff;  // tokens are counted in 31 bits; no column takes more
constexpr size_t kSmallestSpan = 4096, kLargestSpan = 256 * 1024;
constexpr size_t kBridge = 16 * 1024;  // bytes that are copied at once to what is held
constexpr size_t kLeastLent = 64 * 1024;

}  // namespace

JsonReader::JsonReader(LineReader& books, const JsonPlace& place)
    : books_(books),
      offset_(place.offset),
      line_(place.line),
      one_line_(place.one_line),
      most_(std::min(std::max(books.max_record(), kLeastHeld), kMostHeld) + 1),
      span_(kLargestSpan) {
  for (int type = 0; type < books.types(); ++type) {
    if (!books.state(type).open_json()) continue;
    types_.push_back(type);
  }
  std::stable_sort(types_.begin(), types_.end(), [&books](int left, int right) {
    return books.state(left).plan.order < books.state(right).plan.order;
  });
  if (!books.given() || types_.empty()) return;
  given_ = &books.state(types_[0]);
  if (!given_->only_records) given_->only_records = only_records(given_->plan.members);
}

void JsonReader::make_room(size_t size) {
  const size_t held = end_ - begin_;
  if (capacity_ >= end_ + size + kPadding) return;
  if (capacity_ >= held + size + kPadding && begin_ > capacity_ / 2) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, held);
  } else {
    const size_t doubled = std::min(2 * (held + size), std::max(held, most_) + 2 * size);
    const size_t capacity = std::max(doubled, kLargestSpan) + kPadding;
    std::unique_ptr<char[]> larger(new char[capacity]);
    if (held != 0) std::memcpy(larger.get(), buffer_.get() + begin_, held);
    buffer_ = std::move(larger);
    capacity_ = capacity;
  }
  window_ = buffer_.get();
  begin_ = 0;
  end_ = held;
}

void JsonReader::consume(size_t size) {
  books_.pass_foreign(offset_, {data(), size});
  line_ = line_of(size);
  counted_ = counted_feeds_ = 0;
  offset_ += static_cast<int64_t>(size);
  begin_ += size;
}

// Places are asked for in rising order, nearly always.
int64_t JsonReader::line_of(size_t place) {
  if (place < counted_) counted_ = counted_feeds_ = 0;
  // They are few: the library's search is several times as fast as its count.
  const char* at = data() + counted_;
  const char* const end = data() + place;
  while ((at = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)))) != nullptr) {
    ++at;
    ++counted_feeds_;
  }
  counted_ = place;
  return line_ + static_cast<int64_t>(counted_feeds_);
}

void JsonReader::read(std::string_view text) {
  hold(text.data(), text.size());
  finish(nullptr);
}

// More is copied to what is held until all of that is part of these bytes; the others are read where they are.
void JsonReader::feed(const char* data, size_t size) {
  size_t copied = 0;
  while (copied < size && (this->size() > copied || size - copied < kLeastLent)) {
    const size_t left = size - copied, piece = left < kLeastLent ? left : kBridge;
    hold(data + copied, piece);
    copied += piece;
    if (this->size() >= wanted_) run(false);
  }
  if (copied < size) read_lent(data + copied - this->size(), size - copied + this->size());
}

void JsonReader::hold(const char* data, size_t size) {
  make_room(size);
  std::memcpy(buffer_.get() + end_, data, size);
  end_ += size;
  std::memset(buffer_.get() + end_, ' ', kPadding);
}

// Reads kLeastLent bytes or more, which begin with those that are held; what they do not complete is held then.
void JsonReader::read_lent(const char* data, size_t size) {
  window_ = data;
  begin_ = 0;
  end_ = size - kPadding;
  try {
    run(false);
  } catch (...) {
    begin_ = end_ = 0;
    window_ = buffer_.get();
    throw;
  }
  const size_t used = begin_;
  begin_ = end_ = 0;
  window_ = buffer_.get();
  hold(data + used, size - used);
}

void JsonReader::run(bool last) {
  wanted_ = 0;
  while (size() != 0) {
    if (skip_.until != Skip::Until::nothing && !skip()) break;
    size_t blank = 0;
    while (blank < size() && JsonIndex::is_white(data()[blank])) ++blank;
    consume(blank);
    const size_t span = std::min({span_, size(), most_});
    if (span == 0) break;
    const bool whole = last && span == size();
    json_.build(data(), span, whole);
    const size_t used = read_tokens(whole);
    consume(used);
    span_ = again_
                ? kSmallestSpan
                : (used == 0 ? std::min(span_, most_) * 2 : std::min(std::max(span_, kSmallestSpan) * 2, kLargestSpan));
    if (used != 0 || again_) continue;
    if (span == most_) {
      begin_skip();
    } else if (span == size()) {
      if (last) break;
      wanted_ = std::min(2 * size(), most_);
      return;
    }
  }
}

void JsonReader::finish(const std::string* truncated) {
  if (buffer_ == nullptr) make_room(0);
  truncated_ = truncated;
  run(true);
  if (skip_.until != Skip::Until::nothing) {
    reject_skipped();
    open_.clear();
  }
  if (open_.empty() && (truncated == nullptr || told_)) return;
  reject(Code::truncated, {}, size(), size());
}

size_t JsonReader::read_tokens(bool last) {
  token_ = 0;
  done_ = 0;
  again_ = broken_ = false;
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
  const size_t held = std::min(size() - begin, most_);
  const void* feed = std::memchr(data() + begin, '\n', held);
  if (feed == nullptr && !(last && begin + held == size())) return false;
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
  books_.pass_foreign(offset_, {data(), begin});
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
  const char mark = json_.mark(value);
  if (open_.size() >= kMostOpen && (mark == '[' || mark == '{'))
    return resume(Code::too_deep, json_.place(value), 0, last);
  if (mark == '[') {
    open_array(value);
    return true;
  }
  const JsonCheck check = json_.check(value);
  if (check.code == Code::ok || check.code == Code::too_deep) {
    take(check);
    return true;
  }
  if (mark == '{' && read_members(value + 1, true)) return true;
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

}  // namespace engine
