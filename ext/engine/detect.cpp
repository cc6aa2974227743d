// Which log type a JSON record is. The types are asked in their order; that of the record before is tried first, which
// changes cost only: its answer counts where what was found of its members rules the types before it out.
#include <algorithm>

#include "engine/json_reader.hpp"
#include "engine/json_row.hpp"

namespace engine {
namespace {

bool same_name(std::string_view left, std::string_view right) noexcept {
  auto lower = [](char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [lower](char one, char other) { return lower(one) == lower(other); });
}

// Every name of a member; `visit` says whether to go on.
template <typename Visit>
bool all_names(const Member& member, Visit visit) {
  return visit(member.name) && std::all_of(member.aliases.begin(), member.aliases.end(), visit);
}

// Whether no key leads to both.
bool apart(const Member& left, const Member& right) {
  return all_names(left, [&right](const std::string& name) {
    return all_names(right, [&name](const std::string& other) { return !same_name(name, other); });
  });
}

}  // namespace

void JsonRow::add_rival(const Plan& other) {
  for (const std::vector<Condition>& all : other.conditions) {
    Rival rival;
    for (const Condition& condition : all) {
      const Member& asked = other.members[static_cast<size_t>(condition.path[0])];
      const auto end = plan_.members.end();
      const auto known =
          std::find_if(plan_.members.begin(), end, [&asked](const Member& member) { return !apart(asked, member); });
      if (known == end) {
        rival.keys |= Level::key_bits(asked);
      } else if (condition.path.size() == 1 && known->name == asked.name && known->aliases == asked.aliases &&
                 std::all_of(known + 1, end, [&asked](const Member& member) { return apart(asked, member); })) {
        rival.conditions.push_back(condition);
        rival.conditions.back().path[0] = static_cast<int>(known - plan_.members.begin());
      }
    }
    rivals_.push_back(rival);
  }
}

// Of a record that `detect` has found to be of this type: whether each rival lacks something. What it needs and this
// type does not know is among the keys that were not known; what both know has been located.
bool JsonRow::rules_out_rivals() {
  const uint64_t keys = root_.unknown_keys();
  return std::all_of(rivals_.begin(), rivals_.end(), [this, keys](const Rival& rival) {
    if (rival.keys != 0 && (rival.keys & keys) == 0) return true;
    return std::any_of(rival.conditions.begin(), rival.conditions.end(),
                       [this](const Condition& condition) { return !meets(*json_, condition); });
  });
}

// The type of the record, or -1. Where it is not given, the record's members have been located by the type's row then.
int JsonReader::type_of(uint32_t record) {
  if (books_.given()) return types_.empty() ? -1 : types_[0];
  const int last = books_.last_json();
  if (last >= 0) {
    JsonRow& row = *books_.state(last).json;
    if (row.detect(json_, record) && row.rules_out_rivals()) return last;
  }
  const auto found = std::find_if(types_.begin(), types_.end(), [this, record](int type) {
    return books_.state(type).json->detect(json_, record);
  });
  if (found == types_.end()) return -1;
  JsonRow& row = *books_.state(*found).json;
  if (!row.has_rivals()) {
    for (auto type = types_.begin(); type != found; ++type) row.add_rival(books_.state(*type).plan);
  }
  books_.set_last_json(*found);
  return *found;
}

}  // namespace engine
