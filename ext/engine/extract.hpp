// Record to values: one walk over the members of a JSON object, the members that the plan names picked out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/json.hpp"
#include "engine/plan.hpp"

namespace engine {

constexpr uint32_t kAbsent = 0xffffffff;
constexpr size_t kLongestKey = 48;  // of those that are compared in one step, with the quote

// The names that lead to the members of one object level. Objects of one kind have their keys in one order, some of
// them not in all, so the two keys that came next before are compared first, in one step each; hashes and spelling are
// asked where it is another.
class Level {
 public:
  Level() = default;
  // `slots`: the number of the first member's slot; the members' own levels follow it.
  Level(const std::vector<Member>& members, uint32_t& slots);

  // Puts the value token of each member into its slot, kAbsent where there is none, and so for the members of
  // those that are objects. `object` must be a checked object. Returns how many values, nulls apart, no slot holds.
  size_t locate(const JsonIndex& json, uint32_t object, uint32_t* slots);

  // Of the object located last: the keys that led to no member, told by a few bits. A key has those of its name, in
  // whatever letters.
  uint64_t unknown_keys() const noexcept { return unknown_keys_; }
  static uint64_t key_bits(const Member& member) noexcept;

  // Whether a key may lead to a member.
  static bool leads(std::string_view key, const Member& member) noexcept { return rank(member, key) >= 0; }

  // The place of the member that a value of the object was put to, or how many there are. `key`: 0 at the first member
  // of an object, then what the call before left there.
  size_t holder(uint32_t value, const uint32_t* slots, uint32_t& key) const noexcept;

  const std::vector<Member>& members() const noexcept { return *members_; }
  uint32_t slot(size_t member) const noexcept { return first_ + static_cast<uint32_t>(member); }
  const Level& level(size_t member) const noexcept { return levels_[member]; }
  bool empty() const noexcept { return members_ == nullptr || members_->empty(); }

 private:
  // A member's own name as a key has it, with its closing quote. A cache line.
  struct alignas(64) Key {
    char text[kLongestKey];
    uint8_t size = 0;
    uint32_t next = 0, other = 0;  // the keys that came behind it, the last one and one before

    explicit Key(std::string_view name);
    bool begins(const char* bytes) const noexcept;
  };
  uint32_t guess_key(uint32_t key, const char* bytes) noexcept;
  size_t find(const JsonIndex& json, uint32_t object, uint32_t* slots);
  uint32_t find_key(const JsonIndex& json, uint32_t token, uint32_t* slots, size_t& held);
  static int rank(const Member& member, std::string_view key) noexcept;
  void add_name(int member, const std::string& name);

  const std::vector<Member>* members_ = nullptr;
  std::vector<Level> levels_;        // of members that are objects; of others empty
  std::vector<size_t> objects_;      // the members that have one
  uint32_t first_ = 0, behind_ = 0;  // slots
  uint64_t unknown_keys_ = 0;
  std::vector<Key> keys_;            // of the object's begin, then of the members
  std::vector<std::vector<std::pair<std::string, int>>> names_;  // by hash: lower-case name, member
};

// A member's key, unescaped where it must be; `scratch` may hold it. kPadding bytes behind it are readable.
std::string_view key_text(const JsonIndex& json, uint32_t token, std::string& scratch);

}  // namespace engine
