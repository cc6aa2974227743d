#include "engine/json.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "engine/bytes16.hpp"
#include "engine/text.hpp"

#include "simdjson.h"

namespace engine {
namespace {

constexpr size_t kSmallestRoom = 64 * 1024;

unsigned hex_value(const char* at) noexcept {
  unsigned value = 0;
  for (int place = 0; place < 4; ++place) {
    const char byte = at[place];
    value = value * 16 + static_cast<unsigned>(is_digit(byte) ? byte - '0' : (byte | 0x20) - 'a' + 10);
  }
  return value;
}

// Bytes of a piece without a character that its end may cut, by the rule of simdjson, which leaves them out too.
size_t whole_characters(const char* data, size_t size) noexcept {
  static constexpr unsigned char kLeads[] = {0xC0, 0xE0, 0xF0};
  for (size_t back = 1; back <= 3 && back <= size; ++back) {
    if (static_cast<unsigned char>(data[size - back]) >= kLeads[back - 1]) return size - back;
  }
  return size;
}

// Bytes up to the last brace that closes, 0 where none is near the end.
size_t behind_brace(const char* data, size_t size) noexcept {
  constexpr size_t kNear = 64 * 1024;
  for (size_t back = 0; back < std::min(size, kNear); ++back) {
    if (data[size - back - 1] == '}') return size - back;
  }
  return 0;
}

// Whether simdjson uses its portable kernel.
bool portable() noexcept {
  static const bool found = simdjson::get_active_implementation()->name() == "fallback";
  return found;
}

}  // namespace

JsonIndex::JsonIndex() = default;
JsonIndex::~JsonIndex() = default;

void JsonIndex::build(const char* data, size_t size, bool last) {
  data_ = data;
  last_ = last;
  open_string_ = adjacent_ = refused_ = slow_ = false;
  bad_.clear();
  if (size > room_) {
    room_ = std::max(size, kSmallestRoom);
    stage_.reset();
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(room_, 1, stage_) != simdjson::SUCCESS)
      throw std::bad_alloc();
  }
  if (last || !build_to_brace(size)) build_whole(size);
  escape_ = 0;
  escape_from_ = size_;
  if (close_.size() < count_) close_.resize(count_);
}

// Finds the tokens up to the last brace; false where that is far, or in a string. What simdjson does with a piece that
// ends anywhere takes as long again: it goes back through the tokens in search of two values with no comma between.
bool JsonIndex::build_to_brace(size_t size) {
  size_ = behind_brace(data_, size);
  if (size_ == 0 || stage_->stage1(reinterpret_cast<const uint8_t*>(data_), size_, simdjson::stage1_mode::regular) !=
                        simdjson::SUCCESS)
    return false;
  places_ = stage_->structural_indexes.get();
  count_ = stage_->n_structural_indexes;
  return true;
}

void JsonIndex::build_whole(size_t size) {
  size_ = last_ ? size : whole_characters(data_, size);
  // A character that the end of the input cuts is no UTF-8; simdjson would leave it out.
  const bool cut = last_ && whole_characters(data_, size) != size;
  const auto result = size_ == 0 || cut ? simdjson::EMPTY
                                        : stage_->stage1(reinterpret_cast<const uint8_t*>(data_), size_,
                                                         simdjson::stage1_mode::streaming_partial);
  refused_ = result == simdjson::CAPACITY && !is_utf8({data_, size_});  // simdjson has not looked there
  refused_ |= cut || (result != simdjson::SUCCESS && result != simdjson::CAPACITY && result != simdjson::EMPTY);
  if (!refused_ && result != simdjson::EMPTY) {
    // CAPACITY: there is no whole value, and the index is all there but for a string that is open. Otherwise it
    // ends where a value is followed by another with no comma between.
    places_ = stage_->structural_indexes.get();
    count_ = stage_->n_structural_indexes;
    const bool more = places_[count_] != size_;
    open_string_ = more && (result == simdjson::CAPACITY || (mark(count_) == '"' && !closes(places_[count_])));
    adjacent_ = more && !open_string_;
    if (result == simdjson::CAPACITY && portable() && has_controls()) {  // which it then does not tell
      refused_ = true;
      build_slowly();
    }
    if (open_string_ && mark(count_) != '"') build_slowly();  // its quote follows a scalar and is no token
  } else {
    build_slowly();
  }
}

// Byte by byte, where simdjson refuses the bytes: they are no UTF-8, or a string holds a control character.
void JsonIndex::build_slowly() {
  slow_ = true;
  adjacent_ = open_string_ = false;
  slow_places_.clear();
  for (size_t at = 0; at < size_;) {
    const char byte = data_[at];
    if (is_white(byte)) {
      ++at;
      continue;
    }
    slow_places_.push_back(static_cast<uint32_t>(at));
    if (byte == '"') {
      const size_t begin = at++;
      while (at < size_ && data_[at] != '"') {
        if (static_cast<unsigned char>(data_[at]) < ' ') bad_.push_back(at);
        at += data_[at] == '\\' ? 2 : 1;
      }
      if (at >= size_) {
        slow_places_.back() = static_cast<uint32_t>(begin);
        open_string_ = true;
        break;
      }
      ++at;
    } else if (std::memchr("{}[]:,", byte, 6) != nullptr) {
      ++at;
    } else {
      while (at < size_ && !is_white(data_[at]) && std::memchr("{}[]:,\"", data_[at], 7) == nullptr) ++at;
    }
  }
  count_ = static_cast<uint32_t>(slow_places_.size()) - (open_string_ ? 1 : 0);
  if (!open_string_) slow_places_.push_back(static_cast<uint32_t>(size_));
  places_ = slow_places_.data();
  if (close_.size() < count_) close_.resize(count_);
}

JsonCheck JsonIndex::check(uint32_t token) {
  // Copies: what is written to `close` might else be taken for them.
  const char* const data = data_;
  const uint32_t* const places = places_;
  uint32_t* const close = close_.data();
  const uint32_t count = count_, first = token;
  bool deep = false, object = false;  // `object`: the innermost that is open is one
  Open* top = open_.data();           // below it nothing is open
  *top = {first, first};
  // The first fault: it stays so, however many bytes follow.
  auto fault = [this, first](size_t place) { return JsonCheck{Code::syntax, 0, first_bad(places_[first], place)}; };
  // The tokens end where a value or a name is due, or (`mark_due`) where a bracket, colon or comma is.
  auto cut = [this, first](bool mark_due) {
    const size_t place = first_bad(places_[first], places_[count_]);
    const bool bad = place != places_[count_];
    const bool wrong = bad || adjacent_ || (open_string_ && (mark_due || (last_ && !cut_string_is_good())));
    return JsonCheck{wrong ? Code::syntax : Code::more, 0, place};
  };
  auto mark = [data, places](uint32_t at) { return data[places[at]]; };
  auto good = [this, places, close](uint32_t at) {
    if (escape_from_ > places[at] || escape_ < places[at + 1]) return good_string(at);
    close[at] = 0;
    return true;
  };
  char byte;

value:
  if (token >= count) return cut(false);
  byte = mark(token);
  if (byte == '"') {
    if (!good(token)) return fault(places[token]);
    ++token;
    goto behind_value;
  }
  if (byte == '{' || byte == '[') {
    deep |= top - open_.data() >= kMostDepth;
    if (++top == open_.data() + open_.size()) top = more_open();
    *top = {token, token};
    object = byte == '{';
    if (++token >= count) return cut(false);
    if (mark(token) == (object ? '}' : ']')) goto close;
    if (!object) goto value;
    goto key;
  }
  if (token + 1 >= count && !last_ && !adjacent_ && !open_string_) return cut(false);
  if (!good_scalar(token)) return cut_scalar(token) ? cut(false) : fault(places[token]);
  ++token;

behind_value:
  if (top == open_.data()) goto done;
  if (token >= count) return cut(true);
  byte = mark(token);
  if (object) {
    if (byte == '}') goto close;
    if (byte != ',') return fault(places[token]);
    if (++token >= count) return cut(false);
    goto key;
  }
  if (byte == ']') goto close;
  if (byte != ',') return fault(places[token]);
  ++token;
  goto value;

key:
  if (mark(token) != '"' || !good(token)) return fault(places[token]);
  close[top->key] |= token << 1;  // at the first key, this is of the bracket, and passes
  top->key = token;
  if (++token >= count) return cut(true);
  if (mark(token) != ':') return fault(places[token]);
  ++token;
  goto value;

close:
  close[top->bracket] = token++;
  --top;
  object = mark(top->bracket) == '{';
  goto behind_value;

done:
  if (!bad_.empty() && first_bad(places[first], places[token]) != places[token]) return fault(places[token]);
  return {deep ? Code::too_deep : Code::ok, token, places[first]};
}

// Room for twice as many; returns where the next goes.
JsonIndex::Open* JsonIndex::more_open() {
  const size_t size = open_.size();
  open_.resize(size * 2);
  return open_.data() + size;
}

// Whether a string holds a control character.
bool JsonIndex::has_controls() const noexcept {
  auto control = [](char byte) { return static_cast<unsigned char>(byte) < ' '; };
  for (uint32_t token = 0; token < count_ + (open_string_ ? 1 : 0); ++token) {
    if (mark(token) != '"') continue;
    const size_t end = token < count_ ? token_end(token) : size_;
    if (std::any_of(data_ + places_[token], data_ + end, control)) return true;
  }
  return false;
}

// Whether the string that begins at a place ends in the bytes.
bool JsonIndex::closes(size_t place) const noexcept {
  for (size_t at = place + 1; at < size_; ++at) {
    if (data_[at] == '"') return true;
    if (data_[at] == '\\') ++at;
  }
  return false;
}

// Place of the first string with a control character, from a place on; `end` where there is none before it.
size_t JsonIndex::first_bad(size_t begin, size_t end) const noexcept {
  const auto bad = std::lower_bound(bad_.begin(), bad_.end(), begin);
  if (bad == bad_.end() || *bad >= end) return end;
  return *(std::upper_bound(places_, places_ + count_, *bad) - 1);
}

bool JsonIndex::cut_string_is_good() const {
  const size_t begin = places_[count_] + 1;
  if (!bad_.empty() && bad_.back() >= begin) return false;
  std::string text(data_ + begin, size_ - begin);
  const size_t size = text.size();
  text.append(kPadding, '\0');
  for (size_t cut = 0; cut <= std::min<size_t>(size, 5); ++cut) {  // the last escape may be cut
    const std::string_view rest = std::string_view(text).substr(0, size - cut);
    if (!good_escapes(rest)) continue;
    const std::string_view tail = std::string_view(text).substr(size - cut, cut);
    if (cut == 0 || tail == "\\") return true;
    if (tail[0] == '\\' && tail[1] == 'u' && std::all_of(tail.begin() + 2, tail.end(), is_hex)) return true;
    return false;
  }
  return false;
}

bool JsonIndex::good_string(uint32_t token) noexcept {
  const size_t begin = places_[token];
  if (begin < escape_from_ || escape_ < begin) {
    const void* found = std::memchr(data_ + begin, '\\', size_ - begin);
    escape_ = found != nullptr ? static_cast<size_t>(static_cast<const char*>(found) - data_) : size_;
    escape_from_ = begin;
  }
  close_[token] = escape_ < places_[token + 1];
  return close_[token] == 0 || good_escapes(inside(token));
}

bool JsonIndex::good_scalar(uint32_t token) const {
  const std::string_view text(data_ + places_[token], token_end(token) - places_[token]);
  // simdjson takes these control characters for a comma and a colon.
  const char behind = text.data()[text.size()];
  if (!slow_ && (behind == '\x0C' || behind == '\x1A')) throw NeedsBytes();
  if (text == "true" || text == "false" || text == "null" || is_json_number(text)) return true;
  if (!slow_ && text.find('"') != std::string_view::npos) throw NeedsBytes();
  return false;
}

// Whether a scalar is the beginning of one, which the input cuts.
bool JsonIndex::cut_scalar(uint32_t token) const noexcept {
  if (!last_ || token + 1 != count_ || open_string_ || is_white(data_[size_ - 1])) return false;
  const std::string_view text(data_ + places_[token], size_ - places_[token]);
  for (std::string_view word : {"true", "false", "null"}) {
    if (word.substr(0, text.size()) == text) return true;
  }
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return false;
  std::string longer(text);
  longer += '0';
  return is_json_number(longer);
}

bool good_escapes(std::string_view inside) noexcept {
  for (size_t at = find_byte(inside, '\\'); at < inside.size();) {
    if (inside[at] != '\\') {
      const size_t next = find_byte(inside.substr(at), '\\');
      if (next == std::string_view::npos) return true;
      at += next;
    }
    if (at + 1 >= inside.size()) return false;
    const char byte = inside[at + 1];
    if (byte == 'u') {
      if (inside.size() - at < 6) return false;
      for (size_t place = at + 2; place < at + 6; ++place) {
        if (!is_hex(inside[place])) return false;
      }
      at += 6;
    } else if (byte != 0 && std::memchr("\"\\/bfnrt", byte, 8) != nullptr) {
      at += 2;
    } else {
      return false;
    }
  }
  return true;
}

bool is_json_number(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && *at == '-') ++at;
  const char* begin = at;
  while (at != end && is_digit(*at)) ++at;
  if (at == begin || (*begin == '0' && at - begin > 1)) return false;
  if (at != end && *at == '.') {
    begin = ++at;
    while (at != end && is_digit(*at)) ++at;
    if (at == begin) return false;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    begin = at;
    while (at != end && is_digit(*at)) ++at;
    if (at == begin) return false;
  }
  return at == end;
}

void unescape(std::string& out, std::string_view inside) {
  size_t at = 0;
  while (at < inside.size()) {
    const size_t found = std::min(inside.find('\\', at), inside.size());
    out.append(inside.data() + at, found - at);
    if (found == inside.size()) return;
    const char byte = inside[found + 1];
    at = found + 2;
    if (byte != 'u') {
      static constexpr char kFrom[] = "\"\\/bfnrt", kTo[] = "\"\\/\b\f\n\r\t";
      out += kTo[std::strchr(kFrom, byte) - kFrom];
      continue;
    }
    unsigned code = hex_value(inside.data() + at);
    at += 4;
    if (code >= 0xD800 && code < 0xE000) {
      const bool pair = code < 0xDC00 && inside.size() - at >= 6 && inside[at] == '\\' && inside[at + 1] == 'u';
      const unsigned low = pair ? hex_value(inside.data() + at + 2) : 0;
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
      } else {
        code = 0xFFFD;
      }
    }
    put_utf8(out, code);
  }
}

}  // namespace engine
