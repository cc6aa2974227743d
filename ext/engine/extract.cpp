#include "engine/extract.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/bytes16.hpp"

namespace engine {
namespace {

constexpr size_t kBuckets = 64;  // each a bit of a word
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
  if (!json.escaped(token)) return inside;
  scratch.clear();
  unescape(scratch, inside);
  const size_t size = scratch.size();
  scratch.append(kPadding, '\0');
  return std::string_view(scratch).substr(0, size);
}

// A key that no key begins with, where the name is too long or may be written with escapes only.
Level::Key::Key(std::string_view name) {
  const bool plain = !name.empty() && name.size() < kLongestKey && name.find_first_of("\"\\") == name.npos;
  const std::string key = plain ? std::string(name) + '"' : std::string(1, '\0');
  size = static_cast<uint8_t>(key.size());
  std::memset(text, 0, sizeof text);
  std::memcpy(text, key.data(), key.size());
}

// kPadding bytes are readable.
ENGINE_INLINE bool Level::Key::begins(const char* bytes) const noexcept {
  static_assert(kLongestKey % 16 == 0 && kLongestKey <= 48, "all bytes that are compared are there");
  const uint32_t first = Bytes16(bytes).equal(Bytes16(text));
  if (size <= 16) return (first | ~within16(size, 0)) == ~0u;
  return first == 0xFFFF && same_bytes(bytes + 16, text + 16, size - size_t{16});
}

Level::Level(const std::vector<Member>& members, uint32_t& slots)
    : members_(&members), first_(slots), names_(kBuckets) {
  slots += static_cast<uint32_t>(members.size());
  levels_.resize(members.size());
  keys_.emplace_back(std::string_view());
  for (size_t place = 0; place < members.size(); ++place) {
    add_name(static_cast<int>(place), members[place].name);
    for (const std::string& alias : members[place].aliases) add_name(static_cast<int>(place), alias);
    keys_.emplace_back(members[place].name);
    if (members[place].members.empty()) continue;
    levels_[place] = Level(members[place].members, slots);
    objects_.push_back(place);
  }
  behind_ = slots;
  for (size_t place = 0; place < members.size(); ++place) {  // a key that leads to others too is looked up
    const std::string name = lowered(members[place].name);
    const auto& names = names_[bucket(name)];
    if (std::count_if(names.begin(), names.end(), [&name](const auto& other) { return other.first == name; }) != 1)
      keys_[place + 1] = Key(std::string_view());
  }
}

void Level::add_name(int member, const std::string& name) {
  std::pair<std::string, int> found(lowered(name), member);
  auto& names = names_[bucket(name)];
  if (std::find(names.begin(), names.end(), found) == names.end()) names.push_back(std::move(found));
}

// Which of the names of a member the key is: 0 the name, then its aliases, last the name in other letters; -1: none.
int Level::rank(const Member& member, std::string_view key) noexcept {
  if (key == member.name) return 0;
  for (size_t place = 0; place < member.aliases.size(); ++place) {
    if (key == member.aliases[place]) return static_cast<int>(place) + 1;
  }
  const bool other_case =
      key.size() == member.name.size() && std::equal(key.begin(), key.end(), member.name.begin(),
                                                     [](char left, char right) { return lower(left) == lower(right); });
  return other_case ? kOtherCase : -1;
}

size_t Level::locate(const JsonIndex& json, uint32_t object, uint32_t* slots) {
  std::fill(slots + first_, slots + behind_, kAbsent);
  unknown_keys_ = 0;
  return find(json, object, slots);
}

// The key that these bytes begin with, if it has come behind this one before, or 0.
ENGINE_INLINE uint32_t Level::guess_key(uint32_t key, const char* bytes) noexcept {
  Key& last = keys_[key];
  if (last.next != 0 && keys_[last.next].begins(bytes)) return last.next;
  if (last.other == 0 || !keys_[last.other].begins(bytes)) return 0;
  std::swap(last.next, last.other);
  return last.next;
}

size_t Level::find(const JsonIndex& json, uint32_t object, uint32_t* slots) {
  size_t values = 0, held = 0;  // that are not null
  uint32_t key = 0;             // the last one that was a member's
  for (uint32_t token = json.first_key(object); token != 0; token = json.next_key(token)) {
    const uint32_t value = token + 2;
    const bool there = json.mark(value) != 'n';
    values += there;
    if (const uint32_t guess = guess_key(key, json.data() + json.place(token) + 1); guess != 0) {
      uint32_t& slot = slots[first_ + guess - 1];
      held += there;
      if (slot != kAbsent) held -= json.mark(slot) != 'n';  // a doubled key
      slot = value;
      key = guess;
    } else if (const uint32_t found = find_key(json, token, slots, held); found != 0) {
      keys_[key].other = std::exchange(keys_[key].next, found);
      key = found;
    }
  }
  values -= held;
  for (size_t place : objects_) {
    const uint32_t value = slots[first_ + place];
    if (value != kAbsent && json.mark(value) == '{') values += levels_[place].find(json, value, slots);
  }
  return values;
}

size_t Level::holder(uint32_t value, const uint32_t* slots, uint32_t& key) const noexcept {
  const uint32_t guess = keys_[key].next;
  if (guess != 0 && slots[first_ + guess - 1] == value) {
    key = guess;
    return guess - 1;
  }
  const uint32_t* const begin = slots + first_;
  const auto place = static_cast<size_t>(std::find(begin, begin + members_->size(), value) - begin);
  if (place < members_->size()) key = static_cast<uint32_t>(place) + 1;
  return place;
}

// Puts the value behind a key into the slots that the key leads to; returns the last one's place in `keys_`, or 0.
uint32_t Level::find_key(const JsonIndex& json, uint32_t token, uint32_t* slots, size_t& held) {
  std::string scratch, other;
  const std::string_view key = key_text(json, token, scratch);
  uint32_t last = 0;
  for (const auto& [name, place] : names_[bucket(key)]) {
    if (!same_letters(key, name)) continue;
    const Member& member = (*members_)[static_cast<size_t>(place)];
    const int found = rank(member, key);
    uint32_t& slot = slots[first_ + static_cast<uint32_t>(place)];
    if (found < 0) continue;
    if (slot != kAbsent) {
      // Another key led here before, or a spelling of this one: which of them counts?
      if (found != 0 && rank(member, key_text(json, slot - 2, other)) < found) continue;
      held -= json.mark(slot) != 'n';
    }
    slot = token + 2;
    held += json.mark(slot) != 'n';
    last = static_cast<uint32_t>(place) + 1;
  }
  if (last == 0) unknown_keys_ |= uint64_t{1} << bucket(key);
  return last;
}

uint64_t Level::key_bits(const Member& member) noexcept {
  uint64_t bits = uint64_t{1} << bucket(member.name);
  for (const std::string& alias : member.aliases) bits |= uint64_t{1} << bucket(alias);
  return bits;
}

}  // namespace engine
