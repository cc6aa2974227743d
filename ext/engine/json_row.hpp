// The values of a JSON record to one row: the columns, nested ones too, the indicators, what no column took.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/extract.hpp"
#include "engine/json.hpp"
#include "engine/plan.hpp"
#include "engine/row.hpp"
#include "engine/status.hpp"

namespace engine {

// Whether a text is the one of small letters, but for the case of ASCII letters.
bool same_in_any_case(std::string_view text, std::string_view small) noexcept;

// The keys that walkers know.
class WalkedKeys {
 public:
  explicit WalkedKeys(const std::vector<WalkedKey>& keys);
  // Null where the key is none of them, endings apart; kPadding bytes behind it are readable.
  const WalkedKey* find(std::string_view key) const noexcept;
  Scanner by_ending(std::string_view key, Scanner WalkedKey::* scanner) const noexcept;

 private:
  static constexpr size_t kSlots = 128;
  struct Known {
    std::string text;  // the key, and bytes behind it
    size_t size;
    const WalkedKey* key;
  };
  static size_t slot_of(std::string_view key) noexcept;

  std::vector<Known> known_;                        // by slot
  std::array<uint16_t, kSlots + 1> begin_{};        // where those of a slot begin
  std::vector<const WalkedKey*> endings_;
  uint64_t last_letters_ = 0;  // of the endings
};

class JsonRow {
 public:
  JsonRow(const Plan& plan, RowBuilder& rows);

  // Looks at an object that may be a record; whether it has no keys but the type's.
  bool locate(const JsonIndex& json, uint32_t object);
  // Whether the record, a checked value, meets the type's conditions.
  bool detect(const JsonIndex& json, uint32_t record);
  // Types that are asked before this one; whether, after `detect` said yes, none of them has the record.
  void add_rival(const Plan& other);
  bool has_rivals() const noexcept { return !rivals_.empty(); }
  bool rules_out_rivals();
  // Appends the record, a checked object, as a row, or says why not. `located`: it was the last that was looked at.
  Status append(const JsonIndex& json, uint32_t record, int64_t offset, bool located);
  // Of the last append that failed: the value, and the path of the member where that is no whole column.
  std::string_view fault() const noexcept { return fault_; }
  const std::string& fault_path() const noexcept { return fault_path_; }

 private:
  // Where a column's value is.
  struct Source {
    const Level* level = nullptr;
    size_t place = 0;
    uint32_t slot = 0;
  };
  struct Items {
    Level level;
    std::vector<uint32_t> slots;
  };
  // What a record of another type has: keys that this one does not know, one bit or two of `Level::key_bits` for each
  // (0: none), and what can be told of members that both know.
  struct Rival {
    uint64_t keys = 0;
    std::vector<Condition> conditions;
  };
  // A value in the form that its column has.
  struct Value {
    int64_t integer = 0;
    double floating = 0;
  };

  void add_lists(const std::vector<Member>& members);
  bool meets(const JsonIndex& json, const Condition& condition);
  uint32_t value_of(const Level& level, size_t place) const noexcept { return slots_[level.slot(place)]; }
  bool is_null(uint32_t token) const noexcept { return token == kAbsent || json_->mark(token) == 'n'; }

  std::string_view text_of(uint32_t token);
  std::optional<int64_t> read_time(const Member& member, uint32_t token);
  bool fits_kind(const Member& member, uint32_t token) const noexcept;
  bool read(const Member& member, uint32_t token, Value& value);
  Code check(const Level& level, size_t place);
  Code refuse(Code code, const Member& member, uint32_t token);

  void append_member(const Level& level, size_t place, const uint32_t* slots, Column* column, int64_t row, int warned);
  void append_value(const Member& member, uint32_t token, Column* column, int64_t row, int warned);
  void append_items(const Member& member, uint32_t token, Column* column, int64_t row, int warned);
  void append_item(const Member& member, uint32_t token, Column* column, int64_t row, int warned);
  void look(const Member& member, uint32_t token, std::string_view text);
  void look_by(const Level& level, const Member& member, const uint32_t* slots, uint32_t token);

  // walk.cpp. A key, and what walkers know of it.
  struct Walked {
    std::string_view text;
    const WalkedKey* known = nullptr;
    bool there = false;
  };
  // The walkers of what stands under a key.
  static uint8_t under(uint8_t walkers, const WalkedKey* known) noexcept {
    return static_cast<uint8_t>(walkers & ~(known != nullptr && known->opaque ? kWalkerText : 0));
  }
  void walk(uint8_t walkers, uint32_t token) { walk(walkers, token, {}, false); }
  void walk_member(uint8_t walkers, std::string_view key, uint32_t value);
  void walk(uint8_t walkers, uint32_t token, const Walked& key, bool own);
  void walk_object(uint8_t walkers, uint32_t token, const Walked& key);
  void walk_array(uint8_t walkers, uint32_t token, const Walked& key, bool own);
  void walk_string(uint8_t walkers, uint32_t token, const Walked& key, bool own);
  bool find_tag(uint32_t object, bool any_case);
  // leftover.cpp: the members of an object that nothing took, as a JSON object; false where there are none.
  bool put_left(const Level& level, uint32_t object, const uint32_t* slots, std::string& out);
  bool put_left_in(const Level& level, size_t place, const uint32_t* slots, std::string& out);
  bool is_left(const Member& member, uint32_t token);
  bool any_left(const Member& list, uint32_t token);
  void find_event_time();
  void append_left(uint32_t record);

  const Plan& plan_;
  RowBuilder& rows_;
  const WalkedKeys keys_;
  uint32_t slot_count_ = 0;
  Level root_;
  std::vector<Source> sources_;  // by column
  std::vector<int> checked_;     // columns that may reject a record
  std::vector<int> closely_;     // those of them that want more than to be there
  std::vector<uint32_t> there_;  // the slots of the others
  std::vector<Items> items_;     // by list
  std::vector<Rival> rivals_;
  int left_column_ = -1;
  uint8_t left_walkers_ = 0;

  // Of the record at hand.
  const JsonIndex* json_ = nullptr;
  std::vector<uint32_t> slots_;
  size_t left_ = 0;                // values that no slot holds, and those that turned null
  std::deque<std::string> texts_;  // unescaped, kPadding bytes behind them
  // Times that were read, by the last bits of their tokens: a required one is asked for up to three times.
  struct KnownTime {
    const Member* member = nullptr;
    uint32_t token = kAbsent;
    std::optional<int64_t> time_us;
  };
  std::array<KnownTime, 8> times_;
  std::string_view fault_;
  std::string fault_path_;
};

}  // namespace engine
