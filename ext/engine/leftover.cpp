// What no column took of a JSON record, written as an object. Looked for only where `left_` says that there is some.
#include <unordered_map>
#include <utility>

#include "engine/json_row.hpp"

namespace engine {
namespace {

// Which of an object's members with one key is the last. Objects have few members, or someone made them: then a
// table is needed.
class LastKeys {
 public:
  LastKeys(const JsonIndex& json, uint32_t object) : json_(json) {
    std::string scratch;
    const uint32_t last = json.behind(object) - 1;
    if (last - object <= kFewTokens) return;
    table_ = true;
    for (uint32_t key = json.first_key(object); key != 0; key = json.next_key(key))
      last_[std::string(key_text(json, key, scratch))] = key;
  }

  bool has(uint32_t key, std::string_view text) const {
    if (table_) return last_.at(std::string(text)) == key;
    std::string scratch;
    for (uint32_t other = json_.next_key(key); other != 0; other = json_.next_key(other)) {
      if (key_text(json_, other, scratch) == text) return false;
    }
    return true;
  }

 private:
  static constexpr uint32_t kFewTokens = 512;
  const JsonIndex& json_;
  bool table_ = false;
  std::unordered_map<std::string, uint32_t> last_;
};

}  // namespace

// `slots` are those of the level. Of a doubled key the last member counts.
bool JsonRow::put_left(const Level& level, uint32_t object, const uint32_t* slots, std::string& out) {
  const LastKeys last(*json_, object);
  std::string scratch;
  bool any = false;
  uint32_t known = 0;
  for (uint32_t key = json_->first_key(object); key != 0; key = json_->next_key(key)) {
    const uint32_t value = key + 2;
    if (is_null(value)) continue;
    const size_t place = level.holder(value, slots, known);
    const std::string_view text = key_text(*json_, key, scratch);
    if (place == level.members().size() && !last.has(key, text)) continue;  // a member has the last one
    const size_t begin = out.size();
    out += any ? ',' : '{';
    out += json_->raw(key);
    out += ':';
    bool left = true;
    if (place < level.members().size()) {
      left = put_left_in(level, place, slots, out);
    } else {
      out += json_->raw(value);
      if (left_walkers_ != 0) walk_member(left_walkers_, text, value);
    }
    if (!left) out.resize(begin);
    any |= left;
  }
  if (any) out += '}';
  return any;
}

// What is left of a member's value.
bool JsonRow::put_left_in(const Level& level, size_t place, const uint32_t* slots, std::string& out) {
  const Member& member = level.members()[place];
  const uint32_t token = slots[level.slot(place)];
  std::string scratch;
  const std::string_view name = key_text(*json_, token - 2, scratch);
  if (!level.level(place).empty() && json_->mark(token) == '{') {
    const uint8_t walkers = std::exchange(left_walkers_, under(left_walkers_, keys_.find(name)));
    const bool left = put_left(level.level(place), token, slots, out);
    left_walkers_ = walkers;
    return left;
  }
  if (member.taken() && !is_left(member, token)) return false;
  out += json_->raw(token);
  if (left_walkers_ != 0) walk_member(left_walkers_, name, token);
  return true;
}

// Whether a value that was taken is null in its column, or some of it is.
bool JsonRow::is_left(const Member& member, uint32_t token) {
  Value value;
  if (!read(member, token, value)) return true;
  return member.type.kind == Kind::list && member.item[0].type.kind != Kind::string && any_left(member, token);
}

bool JsonRow::any_left(const Member& list, uint32_t token) {
  const Member& member = list.item[0];
  const bool single = json_->mark(token) != '[';
  if (!single && json_->mark(token + 1) == ']') return false;
  for (uint32_t at = single ? token : token + 1;; ++at) {
    if (!is_null(at)) {
      if (member.type.kind != Kind::structure || json_->mark(at) != '{') {
        if (is_left(member, at)) return true;
      } else {
        Items& items = items_[static_cast<size_t>(list.list)];
        items.level.locate(*json_, at, items.slots.data());
        std::string scratch;
        const uint8_t walkers = left_walkers_;
        left_walkers_ = 0;
        const bool left = put_left(items.level, at, items.slots.data(), scratch);
        left_walkers_ = walkers;
        if (left) return true;
      }
    }
    at = json_->behind(at);
    if (single || json_->mark(at) == ']') return false;
  }
}

void JsonRow::append_left(uint32_t record) {
  if (left_column_ < 0 || left_ == 0) return;
  const bool built = plan_.columns[static_cast<size_t>(left_column_)].built && plan_.keep_unmapped;
  if (!built && left_walkers_ == 0) return;
  std::string& text = texts_.emplace_back();
  if (!put_left(root_, record, slots_.data(), text) || !built) return;
  const size_t size = text.size();
  text.append(kPadding, '\0');
  rows_.columns_[static_cast<size_t>(left_column_)].append_string(rows_.rows_, std::string_view(text).substr(0, size));
}

}  // namespace engine
