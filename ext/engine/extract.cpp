#include "engine/extract.hpp"

#include <algorithm>
#include <cstring>

#include "engine/bytes16.hpp"

namespace engine {
namespace {

constexpr size_t kBuckets = 64;
constexpr int kOtherCase = 1 << 20;  // the rank of a key that is the name in other letters

char lower(char byte) noexcept { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool same_letters(std::string_view text, const std::string& lower_case) noexcept {
  if (text.size() != lower_case.size()) return false;
  for (size_t place = 0; place < text.size(); ++place) {
    if (lower(text[place]) != lower_case[place]) return false;
  }
  return true;
}

// By size, first and last byte in lower case: names of one level hardly share them.
size_t bucket(std::string_view key) noexcept {
  if (key.empty()) return 0;
  const auto first = static_cast<unsigned char>(key.front()) | 0x20u,
             last = static_cast<unsigned char>(key.back()) | 0x20u;
  return (key.size() * 7 + first * 3 + last * 11) % kBuckets;
}

}  // namespace

std::string_view key_text(const JsonIndex& json, uint32_t token, std::string& scratch) {
  const std::string_view inside = json.inside(token);
  if (!json.escapes() || find_byte(inside, '\\') == std::string_view::npos) return inside;
  scratch.clear();
  unescape(scratch, inside);
  return scratch;
}

Level::Level(const std::vector<Member>& members, uint32_t& slots)
    : members_(&members), first_(slots), names_(kBuckets) {
  slots += static_cast<uint32_t>(members.size());
  levels_.resize(members.size());
  for (size_t place = 0; place < members.size(); ++place) {
    add_name(static_cast<int>(place), members[place].name);
    for (const std::string& alias : members[place].aliases) add_name(static_cast<int>(place), alias);
    if (!members[place].members.empty()) levels_[place] = Level(members[place].members, slots);
  }
}

void Level::add_name(int member, const std::string& name) {
  std::pair<std::string, int> found(lowered(name), member);
  auto& names = names_[bucket(name)];
  if (std::find(names.begin(), names.end(), found) == names.end()) names.push_back(std::move(found));
}

// Which of the names of a member the key is: 0 the name, then its aliases, last the name in other letters; -1: none.
int Level::rank(const Member& member, std::string_view key) const noexcept {
  if (key == member.name) return 0;
  for (size_t place = 0; place < member.aliases.size(); ++place) {
    if (key == member.aliases[place]) return static_cast<int>(place) + 1;
  }
  return same_letters(key, lowered(member.name)) ? kOtherCase : -1;
}

void Level::clear(uint32_t* slots) const noexcept {
  for (size_t place = 0; place < levels_.size(); ++place) {
    slots[first_ + place] = kAbsent;
    levels_[place].clear(slots);
  }
}

size_t Level::locate(const JsonIndex& json, uint32_t object, uint32_t* slots) const {
  clear(slots);
  size_t values = 0;
  std::string scratch;
  uint32_t token = object + 1;
  while (json.mark(token) == '"') {
    const std::string_view key = key_text(json, token, scratch);
    const uint32_t value = token + 2;
    values += json.mark(value) != 'n';
    for (const auto& [name, place] : names_[bucket(key)]) {
      if (!same_letters(key, name)) continue;
      const Member& member = (*members_)[static_cast<size_t>(place)];
      const int found = rank(member, key);
      uint32_t& slot = slots[first_ + static_cast<uint32_t>(place)];
      if (found < 0) continue;
      if (slot != kAbsent && found != 0) {  // another key led here before: which of them counts?
        std::string other;
        if (rank(member, key_text(json, slot - 2, other)) < found) continue;
      }
      slot = value;
    }
    token = json.behind(value);
    if (json.mark(token) == ',') ++token;
  }
  for (size_t place = 0; place < levels_.size(); ++place) {
    const uint32_t value = slots[first_ + place];
    if (value == kAbsent || json.mark(value) == 'n') continue;
    --values;
    if (!levels_[place].empty() && json.mark(value) == '{') values += levels_[place].locate(json, value, slots);
  }
  return values;
}

}  // namespace engine
