// Headers of lines: which names are in force, and whether a line is a header.
#include <algorithm>
#include <utility>

#include "engine/reader.hpp"

namespace engine {
namespace {

std::vector<std::string> words(std::string_view text, const std::string& separators) {
  std::vector<std::string> out;
  while (true) {
    size_t begin = text.find_first_not_of(separators);
    if (begin == std::string_view::npos) return out;
    size_t end = std::min(text.find_first_of(separators, begin), text.size());
    out.push_back(header_name(text.substr(begin, end - begin)));
    text.remove_prefix(end);
  }
}

}  // namespace

// Only what the caller gave is in force.
void LineReader::forget_headers() {
  for (auto& state : states_) {
    if (state->plan.header_least == 0) continue;
    state->foreign = false;
    if (options_.has_header) {
      set_given_header(*state);
    } else {
      state->bind_default();
    }
  }
}

void LineReader::set_given_header(TypeState& state) {
  set_header(state, words(options_.header, state.plan.separators));
}

// Takes the names as the format of the lines that follow; false where they belong to another log.
bool LineReader::set_header(TypeState& state, std::vector<std::string> names) {
  const auto& foreign = state.plan.foreign;
  const auto found = std::find_first_of(names.begin(), names.end(), foreign.begin(), foreign.end());
  state.foreign = found != names.end();
  if (state.foreign) {
    state.names = {*found};
    return false;
  }
  state.program = bind(state.plan, &names);
  state.bound = true;
  state.by_default = false;
  for (const Unknown& unknown : state.program.unknown) {
    const std::string& name = names[static_cast<size_t>(unknown.token)];
    if (std::find(unknown_names_.begin(), unknown_names_.end(), name) == unknown_names_.end())
      unknown_names_.push_back(name);
  }
  state.names = std::move(names);
  return true;
}

bool LineReader::may_be_header(int type, const Token* tokens, size_t count) const noexcept {
  const TypeState& state = *states_[static_cast<size_t>(type)];
  if (static_cast<int64_t>(count) != state.program.named) return true;
  if (record_ == 0 && static_cast<int64_t>(count) < state.plan.header_least) return true;  // few names do for the first
  for (int place : state.program.header_texts) {
    const Token& token = tokens[place];
    if (token.size == 0) continue;
    const uint64_t sizes = state.name_sizes[token.data[0] & 31];
    if (token.data[0] == '$' || (sizes >> std::min<size_t>(token.size, 63) & 1) != 0) return true;
  }
  return false;
}

size_t LineReader::known_names(const TypeState& state, const std::vector<std::string>& names) const {
  auto known = [&state](const std::string& name) { return state.plan.known_names.count(name) != 0; };
  return static_cast<size_t>(std::count_if(names.begin(), names.end(), known));
}

// As with a header line, few names are enough where the type is given and all of them are known.
bool LineReader::set_columns(int type, std::vector<std::string> names) {
  TypeState& state = *states_[static_cast<size_t>(type)];
  if (!state.plan.parquet) return false;
  for (std::string& name : names) name = header_name(name);
  const size_t known = known_names(state, names);
  const bool all = options_.given && !names.empty() && known == names.size();
  if (known < static_cast<size_t>(state.plan.header_least) && !all) return false;
  if (!set_header(state, std::move(names))) return false;
  if (first_named_ < 0) first_named_ = type;
  return true;
}

Outcome LineReader::try_header(int type, const Token* tokens, size_t count, std::string_view line, size_t prefix,
                               int64_t offset) {
  TypeState& state = *states_[static_cast<size_t>(type)];
  std::vector<std::string> names;
  names.reserve(count);
  for (size_t token = 0; token < count; ++token) names.push_back(header_name(tokens[token].text()));
  const size_t known = known_names(state, names);
  bool first = record_ == 0 && headers_ == 0;
  bool full = known >= static_cast<size_t>(state.plan.header_least);
  bool small = options_.given && first && !small_over_ && count != 0 && known == count;
  if (!full && !small) return Outcome::row;
  ++headers_seen_;
  if (!set_header(state, std::move(names))) return Outcome::rejected;
  ++headers_;
  if (first_named_ < 0) first_named_ = type;
  if (!full) {
    small_header_ = true;
    small_line.assign(line).append(kPadding, '\0');
    small_offset = offset;
    small_prefix = prefix;
    small_behind_ = line_;
  }
  return Outcome::header;
}

void LineReader::drop_small_header() {
  small_header_ = false;
  small_over_ = true;
  --headers_;
  TypeState& state = *states_[0];
  if (options_.has_header) {
    set_given_header(state);
  } else {
    state.bind_default();
  }
}

}  // namespace engine
