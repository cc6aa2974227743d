#include "engine/row.hpp"

#include <algorithm>
#include <cstring>

#include "engine/address.hpp"
#include "engine/parse.hpp"
#include "engine/shape.hpp"

namespace engine {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

const Type& string_list() {
  static const Type type{Kind::list, {Type{Kind::string, {}}}};
  return type;
}

}  // namespace

RowBuilder::RowBuilder(const Plan& plan, bool given, const uint8_t* stream_id, int64_t parse_time_us,
                       std::shared_ptr<Pool> pool)
    : plan_(plan),
      given_(given),
      parse_time_us_(parse_time_us),
      row_ids_(Type{Kind::string, {}}, pool),
      event_times_(Type{Kind::timestamp_us, {}}, pool),
      warnings_(plan.columns.size(), 0) {
  for (const ColumnPlan& column : plan.columns) columns_.emplace_back(column.type, pool);
  for (int kind = 0; kind < kIndicators; ++kind) indicators_.emplace_back(string_list(), pool);
  for (const AddedPlan& added : plan.added) {
    want_row_id_ |= added.built && added.what == Added::row_id;
    want_event_time_ |= added.built && added.what == Added::event_time;
  }
  hits_.collect(plan.collects);
  std::memset(row_id_, 0, sizeof row_id_);
  for (int place = 0; place < 10; ++place) {
    row_id_[place * 2] = kHexDigits[stream_id[place] >> 4];
    row_id_[place * 2 + 1] = kHexDigits[stream_id[place] & 15];
  }
}

bool RowBuilder::is_null(const Op& op, const Token& token) const noexcept {
  if (token.data == nullptr) return true;
  if (token.size == 0) return op.null_empty;
  if (token.size == 1 && token.data[0] == '-') return op.null_dash;
  if (!op.more_nulls) return false;
  auto is = [&token](const std::string& text) { return token.text() == text; };
  return std::any_of(plan_.nulls.begin(), plan_.nulls.end(), is) ||
         std::any_of(op.plan->nulls.begin(), op.plan->nulls.end(), is);
}

Status RowBuilder::reject(Code code, const Op& op, std::string_view text) noexcept {
  fault_ = {text.data(), text.size()};
  return {code, op.column};
}

// The one place that decides what an unusable value means.
template <bool quick>
Status RowBuilder::unfit(const Op& op, std::string_view text) {
  if (op.required || op.plan->unfit_rejects) return reject(Code::bad_value, op, text);
  if (quick) return {Code::odd, op.column};
  row_warnings_.push_back(op.column);
  return {};
}

template <bool quick>
Status RowBuilder::append_integer(const Op& op, std::string_view text) {
  auto value = parse_int64(text);
  if (!value || *value < op.least || *value > op.most) return unfit<quick>(op, text);
  if (op.plan->ranged && (*value < op.plan->least || *value > op.plan->most)) return reject(Code::bad_value, op, text);
  if (op.build) {
    Column& column = columns_[op.column];
    if (column.kind() == Kind::int64) {
      column.append_int64(rows_, *value);
    } else {
      column.append_number(rows_, *value);
    }
  }
  find(op, text);
  return {};
}

template <bool quick>
Status RowBuilder::append_floating(const Op& op, std::string_view text) {
  auto value = parse_float64(text);
  if (!value) return unfit<quick>(op, text);
  if (op.plan->ranged && (*value < static_cast<double>(op.plan->least) || *value > static_cast<double>(op.plan->most))) {
    return reject(Code::bad_value, op, text);
  }
  if (op.build) columns_[op.column].append_number(rows_, *value);
  return {};
}

template <bool quick>
Status RowBuilder::append_boolean(const Op& op, std::string_view text) {
  auto value = parse_bool(text);
  if (!value) return unfit<quick>(op, text);
  if (op.build) columns_[op.column].append_bool(rows_, *value);
  return {};
}

template <bool quick>
Status RowBuilder::append_time(const Op& op, std::string_view text) {
  auto value = parse_time_us(text, op.plan->time);
  if (!value && given_ && op.plan->time_given != Time::none) value = parse_time_us(text, op.plan->time_given);
  if (!value) return unfit<quick>(op, text);
  if (op.event >= 0 && (event_place_ < 0 || op.event < event_place_)) {
    event_place_ = op.event;
    event_value_ = *value;
  }
  if (op.build) columns_[op.column].append_int64(rows_, *value);
  return {};
}

template <bool quick>
Status RowBuilder::split_address(const Op& op, std::string_view text) {
  Address address = split_host_port(text);
  parts_[op.out] = address.host;
  parts_[op.out + 1] = address.port;
  if (!address.bad_port) return {};
  if (quick) return {Code::odd, op.column};
  row_warnings_.push_back(op.column);
  return {};
}

// Three words or more: the first, the last, and what is between.
Status RowBuilder::split_request(const Op& op, const Token& token) {
  Token* parts = parts_ + op.out;
  parts[0] = parts[1] = parts[2] = Token{};
  if (is_null(op, token)) return {};
  std::string_view text = token.text();
  size_t first = text.find(' ');
  size_t last = text.rfind(' ');
  if (first == last) return reject(Code::bad_value, op, text);  // also where there is none
  parts[0] = {text.data(), first};
  parts[1] = {text.data() + first + 1, last - first - 1};
  parts[2] = {text.data() + last + 1, text.size() - last - 1};
  return {};
}

void RowBuilder::append_list(const Op& op, std::string_view text) {
  items_.clear();
  char split = op.plan->split;
  bool runs = split == ' ';
  while (true) {
    size_t end = split == 0 ? std::string_view::npos : text.find(split);
    size_t size = end == std::string_view::npos ? text.size() : end;
    if (size != 0 || !runs) items_.push_back({text.data(), size});
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  for (const Token& item : items_) find(op, item.text());
  if (op.build) columns_[op.column].append_list(rows_, items_.data(), items_.size());
}

void RowBuilder::append_unmapped(const Program& program, const Op& op, const Token* tokens, size_t count) {
  text_.clear();
  auto key = [this](const std::string& name) {
    text_ += text_.empty() ? "{" : ",";
    text_ += name;
    text_ += ':';
  };
  for (const Unknown& unknown : program.unknown) {
    const Token& token = tokens[unknown.token];
    if (is_null(op, token)) continue;
    key(unknown.key);
    put_json(text_, token.text());
  }
  size_t named = static_cast<size_t>(program.named);
  if (count > named) {
    key("\"*\"");
    for (size_t token = named; token < count; ++token) {
      text_ += token == named ? '[' : ',';
      put_json(text_, tokens[token].text());
    }
    text_ += ']';
  }
  if (text_.empty()) return;
  text_ += '}';
  size_t size = text_.size();
  text_.resize(size + kPadding);
  columns_[op.column].append_string(rows_, std::string_view(text_).substr(0, size));
}

template <bool quick>
Status RowBuilder::append_value(const Program& program, const Op& op, Token* tokens, size_t count) {
  const Token& token = op.from_parts ? parts_[op.token] : tokens[op.token];
  if (op.action == Action::split_request) return split_request(op, token);
  if (op.action == Action::rest) {
    size_t from = static_cast<size_t>(op.token);
    if (op.build && count > from) columns_[op.column].append_list(rows_, tokens + from, count - from);
    return {};
  }
  if (op.action == Action::unmapped) {
    if (op.build && (!program.unknown.empty() || (program.named >= 0 && count > static_cast<size_t>(program.named)))) {
      append_unmapped(program, op, tokens, count);
    }
    return {};
  }
  if (is_null(op, token)) {
    if (op.action == Action::split_address) parts_[op.out] = parts_[op.out + 1] = Token{};
    if (op.required) return reject(Code::missing_required, op, token.text());
    return {};
  }
  std::string_view text = token.text();
  if (op.patterns) {
    if (!fits(op.plan->must, text)) return reject(Code::bad_value, op, text);
    if (!fits(op.plan->only, text)) return {};
  }
  switch (op.action) {
    case Action::string:
      if (op.build) columns_[op.column].append_string(rows_, text);
      find(op, text);
      return {};
    case Action::integer: return append_integer<quick>(op, text);
    case Action::floating: return append_floating<quick>(op, text);
    case Action::boolean: return append_boolean<quick>(op, text);
    case Action::timestamp: return append_time<quick>(op, text);
    case Action::list: append_list(op, text); return {};
    case Action::split_address: return split_address<quick>(op, text);
    case Action::split_request: case Action::rest: case Action::unmapped: return {};
  }
  return {};
}

template <bool quick>
Status RowBuilder::append(const Program& program, Token* tokens, size_t count, int64_t offset) {
  for (size_t token = count; token < static_cast<size_t>(program.tokens); ++token) tokens[token] = Token{};
  for (const Op& op : program.ops) {
    Status status = append_value<quick>(program, op, tokens, count);
    if (status.code != Code::ok) {
      take_back();
      return status;
    }
  }
  commit(offset);
  return {};
}

template Status RowBuilder::append<true>(const Program&, Token*, size_t, int64_t);
template Status RowBuilder::append<false>(const Program&, Token*, size_t, int64_t);

// Forgets what was written of the row that failed.
void RowBuilder::take_back() noexcept {
  for (Column& column : columns_) column.truncate(rows_);
  hits_.clear();
  row_warnings_.clear();
  event_place_ = -1;
}

void RowBuilder::commit(int64_t offset) {
  if (want_row_id_) {
    for (int place = 0; place < 6; ++place) {
      unsigned byte = static_cast<unsigned>(offset >> (40 - place * 8)) & 0xFF;
      row_id_[20 + place * 2] = kHexDigits[byte >> 4];
      row_id_[21 + place * 2] = kHexDigits[byte & 15];
    }
    row_ids_.append_string(rows_, {row_id_, 32});
  }
  if (want_event_time_) event_times_.append_int64(rows_, event_place_ >= 0 ? event_value_ : parse_time_us_);
  event_place_ = -1;
  if (!hits_.empty()) {
    for (int kind = 0; kind < kIndicators; ++kind) {
      if (!hits_.has(kind)) continue;
      size_t found;
      const Token* values = hits_.sorted(kind, found);
      indicators_[kind].append_list(rows_, values, found);
    }
    hits_.clear();
  }
  for (int column : row_warnings_) ++warnings_[column];
  row_warnings_.clear();
  ++rows_;
}

size_t RowBuilder::size_bytes() const noexcept {
  size_t size = row_ids_.size_bytes() + event_times_.size_bytes();
  for (const Column& column : columns_) size += column.size_bytes();
  for (const Column& column : indicators_) size += column.size_bytes();
  return size;
}

}  // namespace engine
