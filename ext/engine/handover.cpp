// Where an input stands between two records, as text: a reader that begins there reads on as the first would have.
#include <algorithm>

#include "engine/json_reader.hpp"
#include "engine/reader.hpp"

namespace engine {
namespace {

constexpr size_t kMostOpen = 64;  // arrays and objects around a record; deeper ones are not handed over

void put(std::string& out, const std::vector<std::string>& words) {
  out += std::to_string(words.size()) + ' ';
  for (const std::string& word : words) out += std::to_string(word.size()) + ' ' + word;
}

size_t take_number(std::string_view& from) {
  size_t number = 0;
  for (; !from.empty() && from.front() != ' '; from.remove_prefix(1))
    number = number * 10 + static_cast<size_t>(from.front() - '0');
  from.remove_prefix(std::min<size_t>(1, from.size()));
  return number;
}

std::vector<std::string> take_words(std::string_view& from) {
  std::vector<std::string> words(take_number(from));
  for (std::string& word : words) {
    const size_t size = take_number(from);
    word = from.substr(0, size);
    from.remove_prefix(word.size());
  }
  return words;
}

char take_mark(std::string_view& from) {
  const char mark = from.front();
  from.remove_prefix(1);
  return mark;
}

}  // namespace

bool LineReader::put_state(std::string& out) const {
  if (!started_ || utf16_ || small_header_ || frame.size() != 0 || frame.skipping() || frame.skip_done()) return false;
  if (!goes_on_ && record_ + headers_ == 0) return false;  // a header of few names may come yet
  if (foreign_open()) return false;                         // its next line may come yet
  for (const auto& state : states_) {
    if (state->plan.header_least == 0) continue;
    out += state->foreign ? 'f' : (state->by_default ? 'd' : 'n');
    put(out, state->names);
  }
  out += headers_ != 0 ? 'h' : '-';
  put(out, unknown_names_);
  return true;
}

void LineReader::take_state(std::string_view& from) {
  goes_on_ = started_ = small_over_ = true;
  for (auto& state : states_) {
    if (state->plan.header_least == 0) continue;
    const char mark = take_mark(from);
    std::vector<std::string> names = take_words(from);
    if (mark == 'n') {
      set_header(*state, std::move(names));
    } else {
      state->bind_default();
      state->foreign = mark == 'f';
      state->names = std::move(names);
    }
  }
  headers_ = headers_before_ = take_mark(from) == 'h' ? 1 : 0;
  headers_seen_ = 1;
  unknown_names_ = take_words(from);
  unknown_before_ = unknown_names_.size();
}

bool JsonReader::put_state(std::string& out) {
  wanted_ = 0;
  if (size() != 0) run(false);
  if (size() != 0 || broken_ || skip_.until != Skip::Until::nothing || open_.size() > kMostOpen) return false;
  out += left_ ? 'l' : '-';
  for (const Open& each : open_) out += each.object ? 'o' : (each.separator ? 's' : (each.first ? 'f' : 'e'));
  return true;
}

void JsonReader::take_state(std::string_view from) {
  left_ = take_mark(from) == 'l';
  for (const char mark : from) {
    Open each;
    each.object = mark == 'o';
    each.separator = mark == 's';
    each.first = mark == 'f' || mark == 'o';
    open_.push_back(each);
  }
}

}  // namespace engine
