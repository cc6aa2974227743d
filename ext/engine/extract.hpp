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

// The names that lead to the members of one object level.
class Level {
 public:
  Level() = default;
  // `slots`: the number of the first member's slot; the members' own levels follow it.
  Level(const std::vector<Member>& members, uint32_t& slots);

  // Puts the value token of each member into its slot, kAbsent where there is none, and so for the members of
  // those that are objects. `object` must be a checked object. Returns how many values, nulls apart, no slot holds.
  size_t locate(const JsonIndex& json, uint32_t object, uint32_t* slots) const;

  const std::vector<Member>& members() const noexcept { return *members_; }
  uint32_t slot(size_t member) const noexcept { return first_ + static_cast<uint32_t>(member); }
  const Level& level(size_t member) const noexcept { return levels_[member]; }
  bool empty() const noexcept { return members_ == nullptr || members_->empty(); }

 private:
  struct Name {
    uint64_t key = 0;  // see key_of
    std::string text;  // in lower case
    int member = -1;   // -1: no name stands here
    bool more = false;  // another name with the same text follows
  };
  int rank(const Member& member, std::string_view key) const noexcept;
  void add_name(int member, const std::string& name);
  void clear(uint32_t* slots) const noexcept;

  const std::vector<Member>* members_ = nullptr;
  std::vector<Level> levels_;  // of members that are objects; of others empty
  uint32_t first_ = 0;
  std::vector<std::vector<std::pair<std::string, int>>> names_;  // by hash: lower-case name, member
};

// A member's key, unescaped where it must be; `scratch` may hold it.
std::string_view key_text(const JsonIndex& json, uint32_t token, std::string& scratch);

}  // namespace engine
