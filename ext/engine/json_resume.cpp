// Behind what is broken or too long: rejects it, and finds where reading goes on.
#include <algorithm>
#include <utility>

#include "engine/json_reader.hpp"

namespace engine {
namespace {

const std::string kNoPath;

}  // namespace

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
  const std::string_view text(data(), std::min(size(), begin + most_));
  last = last && text.size() == size();
  size_t stop = text.size();
  if (around != 0) {
    Skip element;
    element.until = Skip::Until::element;
    element.depth = depth;
    stop = element.find(text, begin);
  }
  if (stop < text.size()) {
    reject(code, {}, begin, stop);
    leave_element(around, stop);
    return true;
  }
  const size_t line = text.find("\n{", begin);
  const bool found = line != std::string_view::npos;
  if (!last && (!found || around != 0)) {  // behind the bytes at hand the element may end
    broken_ = true;
    return false;
  }
  reject(found && code == Code::truncated ? Code::syntax : code, {}, begin, found ? line : text.size());
  leave_arrays(around, found ? line + 1 : text.size());
  return true;
}

// Goes on at the "," or "]" behind an element.
void JsonReader::leave_element(size_t around, size_t stop) {
  open_.resize(around);
  const bool comma = data()[stop] == ',';
  open_.back().separator = !comma;  // else its end is read now
  again_ = true;
  done_ = stop + (comma ? 1 : 0);
}

// Goes on with a value that is in no array.
void JsonReader::leave_arrays(size_t around, size_t begin) {
  left_ = left_ || around != 0;
  open_.clear();
  again_ = true;
  done_ = begin;
}

// From here on the value at data() is passed over: it is longer than what is held.
void JsonReader::begin_skip() {
  skip_ = Skip();
  skip_.offset = offset_;
  skip_.line = line_;
  const bool inside = !open_.empty() && open_.back().object;
  skip_.depth = inside ? 1 : 0;
  skip_.around = open_.size() - (inside ? 1 : 0);
  skip_.lines = true;
  if (skip_.around != 0) {
    skip_.until = Skip::Until::element;
  } else if (broken_) {
    skip_.until = Skip::Until::object_line;
  } else {
    skip_.until = inside || *data() == '{' ? Skip::Until::close : Skip::Until::line;
  }
}

// Passes over bytes; false where it ends behind them.
bool JsonReader::skip() {
  const std::string_view text(data(), size());
  const size_t stop = skip_.find(text, 0);
  const std::string_view passed = text.substr(0, stop);
  if (skip_.raw.size() < kMostRaw) skip_.raw.append(passed.substr(0, kMostRaw - skip_.raw.size()));
  size_t full = passed.size();
  while (full != 0 && JsonIndex::is_white(passed[full - 1])) --full;
  if (full != 0) skip_.length = skip_.passed + full;
  skip_.passed += passed.size();
  if (stop == text.size() && !skip_.over) {
    consume(stop);
    return false;
  }
  reject_skipped();
  if (skip_.until == Skip::Until::element && text[stop] != '{') {
    leave_element(skip_.around, stop);
  } else {
    leave_arrays(skip_.around, stop);
  }
  skip_ = Skip();
  consume(done_);
  return true;
}

void JsonReader::reject_skipped() {
  skip_.raw.resize(std::min(skip_.raw.size(), skip_.length));
  books_.set_line(skip_.line);
  const Code code = skip_.length > books_.max_record() || skip_.length >= most_ ? Code::too_long : Code::syntax;
  books_.reject(books_.given() ? 0 : -1, {code, -1}, {}, skip_.offset, skip_.length, skip_.raw, &kNoPath);
}

// Place where it ends, from a place on, or the size of the text. A line's end, and a bracket that closes a value,
// belong to it.
size_t Skip::find(std::string_view text, size_t at) {
  for (; at < text.size(); ++at) {
    const char byte = text[at], before = std::exchange(last, byte);
    if (lines && before == '\n' && byte == '{' && (until == Until::object_line || !due)) return ends(at);
    if (until == Until::line && byte == '\n') return ends(at + 1);
    if (until == Until::line || until == Until::object_line) continue;
    if (in_string) {
      in_string = byte != '\n' && (escape || byte != '"');
      escape = in_string && !escape && byte == '\\';
      continue;
    }
    if (JsonIndex::is_white(byte)) continue;
    if (until == Until::element && depth == 0 && (byte == ',' || byte == ']')) return ends(at);
    due = byte == ',' || byte == ':' || byte == '[';
    in_string = byte == '"';
    if (byte == '{' || byte == '[') {
      ++depth;
    } else if (byte == '}' || byte == ']') {
      depth = std::max<int64_t>(0, depth - 1);
      if (until == Until::close && depth == 0) return ends(at + 1);
    }
  }
  return at;
}

}  // namespace engine
