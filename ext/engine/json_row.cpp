#include "engine/json_row.hpp"

#include <algorithm>
#include <cmath>

#include "engine/parse.hpp"
#include "engine/shape.hpp"

namespace engine {
namespace {

bool is_number(char mark) noexcept { return mark == '-' || is_digit(mark); }
bool is_integer(Kind kind) noexcept {
  return kind == Kind::int8 || kind == Kind::int16 || kind == Kind::int32 || kind == Kind::int64;
}

int64_t most_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::int8: return INT8_MAX;
    case Kind::int16: return INT16_MAX;
    case Kind::int32: return INT32_MAX;
    default: return INT64_MAX;
  }
}

}  // namespace

JsonRow::JsonRow(const Plan& plan, RowBuilder& rows)
    : plan_(plan),
      rows_(rows),
      keys_(plan.walked_keys),
      root_(plan.members, slot_count_),
      left_walkers_(plan.unmapped_walkers) {
  slots_.assign(slot_count_, kAbsent);
  items_.resize(static_cast<size_t>(plan.lists));
  add_lists(plan.members);
  for (size_t column = 0; column < plan.columns.size(); ++column) {
    Source source{&root_, 0, 0};
    const std::vector<int>& path = plan.paths[column];
    for (size_t step = 0; step < path.size(); ++step) {
      if (step != 0) source.level = &source.level->level(source.place);
      source.place = static_cast<size_t>(path[step]);
    }
    if (path.empty()) {
      source.level = nullptr;
    } else {
      source.slot = source.level->slot(source.place);
      const Member& member = source.level->members()[source.place];
      const bool only_there = member.type.kind == Kind::string && !member.ranged && member.must.shape == Shape::none;
      if (member.checked) checked_.push_back(static_cast<int>(column));
      if (member.checked && only_there) there_.push_back(source.slot);
      if (member.checked && !only_there) closely_.push_back(static_cast<int>(column));
    }
    sources_.push_back(source);
    if (plan.columns[column].from == From::unmapped) left_column_ = static_cast<int>(column);
  }
}

void JsonRow::add_lists(const std::vector<Member>& members) {
  for (const Member& member : members) {
    add_lists(member.members);
    if (member.item.empty()) continue;
    Items& items = items_[static_cast<size_t>(member.list)];
    uint32_t slots = 0;
    items.level = Level(member.item[0].members, slots);
    items.slots.assign(slots, kAbsent);
    add_lists(member.item[0].members);
  }
}

bool JsonRow::locate(const JsonIndex& json, uint32_t object) {
  json_ = &json;
  left_ = root_.locate(json, object, slots_.data());
  return root_.unknown_keys() == 0;
}

bool JsonRow::detect(const JsonIndex& json, uint32_t record) {
  if (json.mark(record) != '{') return false;
  locate(json, record);
  for (const std::vector<Condition>& all : plan_.conditions) {
    bool met = true;
    for (const Condition& condition : all) met = met && meets(json, condition);
    if (met) return true;
  }
  return false;
}

bool JsonRow::meets(const JsonIndex& json, const Condition& condition) {
  const Level* level = &root_;
  for (size_t step = 0; step + 1 < condition.path.size(); ++step)
    level = &level->level(static_cast<size_t>(condition.path[step]));
  const uint32_t token = value_of(*level, static_cast<size_t>(condition.path.back()));
  if (is_null(token)) return false;
  const bool is_string = json.mark(token) == '"';
  if (!condition.word.empty()) return is_string && text_of(token) == condition.word;
  if (condition.number) return is_number(json.mark(token)) || (is_string && parse_float64(text_of(token)));
  return true;
}

// A string's content, of other values the text as it stands; kPadding bytes behind it are readable. It lives until
// the row is over.
std::string_view JsonRow::text_of(uint32_t token) {
  if (json_->mark(token) != '"') return json_->raw(token);
  const std::string_view inside = json_->inside(token);
  if (!json_->escaped(token)) return inside;
  std::string& text = texts_.emplace_back();
  text.reserve(inside.size() + kPadding);
  unescape(text, inside);
  const size_t size = text.size();
  text.append(kPadding, '\0');
  return {text.data(), size};
}

bool JsonRow::fits_kind(const Member& member, uint32_t token) const noexcept {
  const char mark = json_->mark(token);
  switch (member.type.kind) {
    case Kind::string: return true;
    case Kind::structure: return mark == '{';
    case Kind::list: return mark == '[' || mark == '{' || member.item[0].type.kind == Kind::string;
    case Kind::boolean: return mark == '"' || mark == 't' || mark == 'f';
    default: return mark == '"' || is_number(mark);
  }
}

std::optional<int64_t> JsonRow::read_time(const Member& member, uint32_t token) {
  KnownTime& known = times_[token % times_.size()];
  if (known.token != token || known.member != &member)
    known = {&member, token, parse_time_us(text_of(token), member.time)};
  return known.time_us;
}

// Reads a number, a time or a truth value; false where it is none, or does not fit.
bool JsonRow::read(const Member& member, uint32_t token, Value& value) {
  if (!fits_kind(member, token)) return false;
  const Kind kind = member.type.kind;
  if (kind == Kind::string || kind == Kind::list || kind == Kind::structure) return true;
  if (kind == Kind::timestamp_us) {
    const auto found = read_time(member, token);
    value.integer = found.value_or(0);
    return found.has_value();
  }
  const std::string_view text = text_of(token);
  if (kind == Kind::boolean) {
    const auto found = parse_bool(text);
    value.integer = found.value_or(false);
    return found.has_value();
  }
  if (is_integer(kind)) {
    const auto found = parse_int64(text);
    value.integer = found.value_or(0);
    return found && *found <= most_of(kind) && *found >= -most_of(kind) - 1;
  }
  const auto found = parse_float64(text);
  value.floating = found.value_or(0);
  return found && (kind == Kind::float64 || std::isfinite(static_cast<float>(*found)));
}

Code JsonRow::refuse(Code code, const Member& member, uint32_t token) {
  fault_ = token == kAbsent ? std::string_view() : json_->raw(token);
  fault_path_ = member.path;
  return code;
}

// What rejects a record is looked at before anything is appended.
Code JsonRow::check(const Level& level, size_t place) {
  const Member& member = level.members()[place];
  const uint32_t token = value_of(level, place);
  if (is_null(token)) return member.required ? refuse(Code::missing_required, member, token) : Code::ok;
  const bool asked = member.required || member.ranged || member.must.shape != Shape::none;
  Value value;
  if (asked && !read(member, token, value)) return member.required ? refuse(Code::bad_value, member, token) : Code::ok;
  if (member.must.shape != Shape::none && !fits(member.must, text_of(token)))
    return refuse(Code::bad_value, member, token);
  if (member.ranged) {
    const double number = is_integer(member.type.kind) ? static_cast<double>(value.integer) : value.floating;
    if (number < member.least || number > member.most) return refuse(Code::bad_value, member, token);
  }
  if (member.type.kind != Kind::structure || json_->mark(token) != '{') return Code::ok;
  const Level& inner = level.level(place);
  for (size_t child = 0; child < inner.members().size(); ++child) {
    if (inner.members()[child].field < 0 || !inner.members()[child].checked) continue;
    const Code code = check(inner, child);
    if (code != Code::ok) return code;
  }
  return Code::ok;
}

Status JsonRow::append(const JsonIndex& json, uint32_t record, int64_t offset, bool located) {
  if (rows_.rows_ == rows_.room_) rows_.make_room();
  if (!located) locate(json, record);
  times_.fill({});
  auto missing = [this](uint32_t slot) { return is_null(slots_[slot]); };
  for (int column : std::any_of(there_.begin(), there_.end(), missing) ? checked_ : closely_) {
    const Source& source = sources_[static_cast<size_t>(column)];
    const Code code = check(*source.level, source.place);
    if (code != Code::ok) {
      texts_.clear();
      return {code, column};
    }
  }
  find_event_time();
  if (rows_.leaves_out(rows_.event_time())) {
    rows_.event_place_ = -1;
    texts_.clear();
    return {};
  }
  for (size_t column = 0; column < sources_.size(); ++column) {
    if (sources_[column].level == nullptr || slots_[sources_[column].slot] == kAbsent) continue;
    Column* target = plan_.columns[column].built ? &rows_.columns_[column] : nullptr;
    append_member(*sources_[column].level, sources_[column].place, slots_.data(), target, rows_.rows_,
                  static_cast<int>(column));
  }
  append_left(record);
  rows_.commit(offset);
  texts_.clear();
  return {};
}

void JsonRow::find_event_time() {
  for (size_t place = 0; place < plan_.event_time.size(); ++place) {
    const Source& source = sources_[static_cast<size_t>(plan_.event_time[place])];
    const Member& member = source.level->members()[source.place];
    Value value;
    const uint32_t token = value_of(*source.level, source.place);
    if (rows_.event_place_ >= 0 || is_null(token) || !read(member, token, value)) continue;
    rows_.event_place_ = static_cast<int>(place);
    rows_.event_value_ = value.integer;
  }
}

void JsonRow::append_member(const Level& level, size_t place, const uint32_t* slots, Column* column, int64_t row,
                            int warned) {
  const Member& member = level.members()[place];
  const uint32_t token = slots[level.slot(place)];
  if (is_null(token)) return;
  if (member.plain && column != nullptr && json_->mark(token) == '"' && !json_->escaped(token)) {
    return column->append_string(row, json_->inside(token));
  }
  if (member.type.kind != Kind::structure || json_->mark(token) != '{') {
    append_value(member, token, column, row, warned);
    if (member.by >= 0) look_by(level, member, slots, token);
    return;
  }
  if (column != nullptr) column->append_struct(row);
  const Level& inner = level.level(place);
  for (size_t child = 0; child < inner.members().size(); ++child) {
    const int field = inner.members()[child].field;
    if (field < 0 || slots[inner.slot(child)] == kAbsent) continue;
    append_member(inner, child, slots, column != nullptr ? &column->child(static_cast<size_t>(field)) : nullptr, row,
                  warned);
  }
}

// A value that is no struct.
void JsonRow::append_value(const Member& member, uint32_t token, Column* column, int64_t row, int warned) {
  const Kind kind = member.type.kind;
  if (kind == Kind::string) {
    const std::string_view text = member.json ? json_->raw(token) : text_of(token);
    if (column != nullptr) column->append_string(row, text);
    return look(member, token, text);
  }
  Value value;
  if (!read(member, token, value)) {
    ++left_;
    if (column != nullptr) rows_.row_warnings_.push_back(warned);
    return;
  }
  if (kind == Kind::list) return append_items(member, token, column, row, warned);
  if (!member.scanners.empty()) look(member, token, text_of(token));
  if (column == nullptr) return;
  if (kind == Kind::boolean) return column->append_bool(row, value.integer != 0);
  if (kind == Kind::float32 || kind == Kind::float64) return column->append_number(row, value.floating);
  column->append_number(row, value.integer);
}

void JsonRow::append_items(const Member& member, uint32_t token, Column* column, int64_t row, int warned) {
  const bool single = json_->mark(token) != '[';
  size_t count = single ? 1 : 0;
  if (!single && json_->mark(token + 1) != ']') {
    for (uint32_t at = token + 1;; ++at) {
      ++count;
      at = json_->behind(at);
      if (json_->mark(at) == ']') break;
    }
  }
  int64_t item = column != nullptr ? column->append_items(row, count) : 0;
  Column* items = column != nullptr ? &column->child(0) : nullptr;
  for (uint32_t at = single ? token : token + 1; count-- != 0; ++item) {
    append_item(member, at, items, item, warned);
    at = json_->behind(at) + 1;
  }
}

void JsonRow::append_item(const Member& list, uint32_t token, Column* column, int64_t row, int warned) {
  const Member& member = list.item[0];
  if (is_null(token)) return;
  if (member.type.kind != Kind::structure || json_->mark(token) != '{')
    return append_value(member, token, column, row, warned);
  Items& items = items_[static_cast<size_t>(list.list)];
  left_ += items.level.locate(*json_, token, items.slots.data());
  if (column != nullptr) column->append_struct(row);
  for (size_t child = 0; child < items.level.members().size(); ++child) {
    const int field = items.level.members()[child].field;
    if (field < 0) continue;
    append_member(items.level, child, items.slots.data(),
                  column != nullptr ? &column->child(static_cast<size_t>(field)) : nullptr, row, warned);
  }
}

void JsonRow::look(const Member& member, uint32_t token, std::string_view text) {
  for (Scanner scanner : member.scanners) rows_.hits_.find(scanner, text);
  if (member.walkers != 0) walk(member.walkers, token);
}

void JsonRow::look_by(const Level& level, const Member& member, const uint32_t* slots, uint32_t token) {
  const uint32_t other = slots[level.slot(static_cast<size_t>(member.by))];
  if (is_null(other) || json_->mark(other) != '"') return;
  const std::string_view word = text_of(other);
  for (const auto& [by, scanner] : member.by_words) {
    if (member.by_any_case ? same_in_any_case(word, by) : word == by) return rows_.hits_.find(scanner, text_of(token));
  }
}

}  // namespace engine
