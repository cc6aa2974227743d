#include "engine/program.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace engine {
namespace {

Action action_of(const ColumnPlan& column) {
  if (column.from == From::rest) return Action::rest;
  if (column.from == From::unmapped) return Action::unmapped;
  switch (column.type.kind) {
    case Kind::boolean: return Action::boolean;
    case Kind::int8:
    case Kind::int16:
    case Kind::int32:
    case Kind::int64: return Action::integer;
    case Kind::float32:
    case Kind::float64: return Action::floating;
    case Kind::timestamp_us: return Action::timestamp;
    case Kind::string: return Action::text;
    case Kind::list:
    case Kind::structure: return Action::list;
  }
  return Action::text;
}

// The action for what is asked of the value, where that is little.
Action lighter(const Op& op) {
  const ColumnPlan& column = *op.plan;
  if (!op.build) return op.action;
  const Pattern& must = column.must;
  bool few_words = must.shape == Shape::words && must.short_words.size() == must.words.size();
  if (op.action == Action::text && few_words && column.only.shape == Shape::none && op.scanner_count == 0)
    return Action::word_text;
  bool checked = must.shape != Shape::none || column.only.shape != Shape::none;
  if (op.action == Action::text && !checked) return op.scanner_count == 0 ? Action::plain_text : Action::found_text;
  if (checked || op.scanner_count != 0) return op.action;
  if (op.action == Action::integer && column.type.kind == Kind::int64) return Action::plain_int64;
  if (op.action == Action::floating && column.type.kind == Kind::float64 && !column.ranged)
    return Action::plain_float64;
  if (op.action != Action::timestamp || column.time_given != Time::none) return op.action;
  if (column.time == Time::unix_s) return Action::plain_seconds;
  return column.time == Time::rfc3339 ? Action::plain_time : op.action;
}

void set_width(Op& op, Kind kind) {
  int bits = kind == Kind::int8 ? 8 : kind == Kind::int16 ? 16 : kind == Kind::int32 ? 32 : 64;
  op.most = static_cast<int64_t>((uint64_t{1} << (bits - 1)) - 1);
  op.least = -op.most - 1;
  if (!op.plan->ranged) return;
  op.least = std::max(op.least, op.plan->least);
  op.most = std::min(op.most, op.plan->most);
}

// The size of the longest text that may be a null: `rest` and `unmapped` look at none.
int16_t longest_null(const Plan& plan, const ColumnPlan& column) {
  if (column.from == From::rest || column.from == From::unmapped) return -1;
  size_t longest = plan.null_dash ? 1 : 0;
  for (const std::string& text : plan.nulls) longest = std::max(longest, text.size());
  for (const std::string& text : column.nulls) longest = std::max(longest, text.size());
  return static_cast<int16_t>(longest);
}

bool is_request(Part part) { return part == Part::http_method || part == Part::http_url || part == Part::http_version; }

class Binder {
 public:
  Binder(const Plan& plan, const std::vector<std::string>* names) : plan_(plan), names_(names) {
    if (names == nullptr) return;
    for (size_t token = 0; token < names->size(); ++token) places_[(*names)[token]] = static_cast<int>(token);
  }

  Program bind() {
    for (size_t place = 0; place < plan_.columns.size(); ++place) add(static_cast<int>(place));
    if (names_ != nullptr) {
      program_.named = static_cast<int>(names_->size());
      program_.tokens = std::max(program_.tokens, program_.named);
      add_unknown();
      find_header_texts();
    }
    sort_quick_ops();
    return std::move(program_);
  }

 private:
  void add(int place) {
    const ColumnPlan& column = plan_.columns[place];
    int token = column.from == From::name ? place_of(column.token_name) : column.token;
    if (token < 0 || column.from == From::nothing) return;  // no token has it: null
    Op op = op_of(place, token);
    bool can_reject = op.required || column.must.shape != Shape::none || column.ranged || column.unfit_rejects;
    bool split = column.part != Part::whole;
    bool feeds = op.event >= 0 || op.scanner_count != 0;
    if (split && (op.build || can_reject || feeds || is_request(column.part))) add_split(op, column);
    if (op.build || can_reject || feeds) program_.ops.push_back(op);
    program_.tokens = std::max(program_.tokens, token + 1);
  }

  Op op_of(int place, int token) {
    const ColumnPlan& column = plan_.columns[place];
    Op op;
    op.action = action_of(column);
    op.token = token;
    op.column = static_cast<int16_t>(place);
    op.plan = &column;
    op.required = column.required != Required::no;
    op.longest_null = longest_null(plan_, column);
    op.only_dash = plan_.null_dash && plan_.nulls.empty() && column.nulls.empty();
    op.build = column.built;
    set_width(op, column.type.kind);
    auto event = std::find(plan_.event_time.begin(), plan_.event_time.end(), place);
    if (event != plan_.event_time.end()) op.event = static_cast<int8_t>(event - plan_.event_time.begin());
    for (Scanner scanner : column.scanners) {
      if (op.scanner_count < kMostScanners) op.scanners[op.scanner_count++] = scanner;
    }
    op.action = lighter(op);
    return op;
  }

  // Columns that are parts of one token share one split of it, put before the first of them.
  void add_split(Op& op, const ColumnPlan& column) {
    bool request = is_request(column.part);
    auto key = std::make_pair(op.token, request);
    auto found = splits_.find(key);
    if (found == splits_.end()) {
      Op split = op;
      split.action = request ? Action::split_request : Action::split_address;
      split.out = -1 - program_.parts;
      split.required = false;
      split.event = -1;
      split.scanner_count = 0;
      split.column = rejecting_column(op, request ? Part::http_version : Part::port);
      split.build = plan_.columns[static_cast<size_t>(split.column)].built;
      program_.ops.push_back(split);
      program_.parts += request ? 3 : 2;
      found = splits_.emplace(key, split.out).first;
    }
    int piece = 0;
    if (column.part == Part::port || column.part == Part::http_url) piece = 1;
    if (column.part == Part::http_version) piece = 2;
    op.token = found->second - piece;
  }

  // Where the header has the name; the last place counts.
  int place_of(const std::string& name) const {
    auto found = places_.find(name);
    return found == places_.end() ? -1 : found->second;
  }

  int16_t rejecting_column(const Op& op, Part part) const {
    for (size_t place = 0; place < plan_.columns.size(); ++place) {
      const ColumnPlan& other = plan_.columns[place];
      if (other.part == part && other.token == op.plan->token && other.token_name == op.plan->token_name) {
        return static_cast<int16_t>(place);
      }
    }
    return op.column;
  }

  void add_unknown() {
    for (size_t token = 0; token < names_->size(); ++token) {
      const std::string& name = (*names_)[token];
      if (plan_.known_names.count(name) != 0 || place_of(name) != static_cast<int>(token)) continue;
      Unknown unknown{{}, static_cast<int>(token)};
      put_json(unknown.key, name);
      program_.unknown.push_back(std::move(unknown));
    }
  }

  // A row is taken for a header where `header_least` of its tokens are known names. Numbers and fixed words
  // are none, so among all but so many of the other tokens one must be.
  void find_header_texts() {
    std::vector<bool> fixed(names_->size(), false);
    for (const Op& op : program_.ops) {
      Kind kind = op.plan->type.kind;
      bool number = kind != Kind::string && kind != Kind::list && kind != Kind::structure;
      if (op.plan->from == From::name && op.token >= 0 && (number || !op.plan->must.words.empty()))
        fixed[static_cast<size_t>(op.token)] = true;
    }
    for (size_t token = 0; token < fixed.size(); ++token) {
      if (!fixed[token]) program_.header_texts.push_back(static_cast<int>(token));
    }
    size_t spared = std::min(program_.header_texts.size(), static_cast<size_t>(plan_.header_least - 1));
    program_.header_texts.resize(program_.header_texts.size() - spared);
  }

  // What a split makes stays behind it.
  void sort_quick_ops() {
    auto place = [](const Op& op) { return op.token < 0 || op.out < 0 ? 255 : static_cast<int>(op.action); };
    program_.quick_ops = program_.ops;
    std::stable_sort(program_.quick_ops.begin(), program_.quick_ops.end(),
                     [&place](const Op& left, const Op& right) { return place(left) < place(right); });
  }

  const Plan& plan_;
  const std::vector<std::string>* names_;
  std::unordered_map<std::string_view, int> places_;
  Program program_;
  std::map<std::pair<int, bool>, int> splits_;
};

}  // namespace

Program bind(const Plan& plan, const std::vector<std::string>* names) { return Binder(plan, names).bind(); }

std::string header_name(std::string_view token) {
  if (starts_with(token, "${")) token.remove_prefix(2);
  if (!token.empty() && token.back() == '}') token.remove_suffix(1);
  std::string name(token);
  for (char& byte : name) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte + 32);
    if (byte == '_') byte = '-';
  }
  return name;
}

void put_json(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (char byte : text) {
    unsigned char code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += byte;
    } else if (code >= 0x20) {
      out += byte;
    } else if (code == '\b' || code == '\t' || code == '\n' || code == '\f' || code == '\r') {
      out += '\\';
      out += "btn?fr"[code - '\b'];
    } else {
      out += "\\u00";
      out += kHex[code >> 4];
      out += kHex[code & 15];
    }
  }
  out += '"';
}

}  // namespace engine
