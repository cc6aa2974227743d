#include "engine/row.hpp"

#include <algorithm>
#include <cstring>

#include "engine/address.hpp"
#include "engine/bytes16.hpp"
#include "engine/parse.hpp"
#include "engine/shape.hpp"

namespace engine {
namespace {

// The two hex digits of every byte.
struct HexBytes {
  constexpr HexBytes() noexcept : digits() {
    for (int byte = 0; byte < 256; ++byte) {
      digits[byte * 2] = "0123456789abcdef"[byte >> 4];
      digits[byte * 2 + 1] = "0123456789abcdef"[byte & 15];
    }
  }
  char digits[512];
};
constexpr HexBytes kHexBytes;

const Type& string_list() {
  static const Type type{Kind::list, {Type{Kind::string, {}}}};
  return type;
}

}  // namespace

RowBuilder::RowBuilder(const Plan& plan, bool given, const uint8_t* stream_id, int64_t parse_time_us,
                       size_t batch_bytes, std::shared_ptr<Pool> pool)
    : plan_(plan),
      pool_(std::move(pool)),
      given_(given),
      batch_bytes_(batch_bytes),
      parse_time_us_(parse_time_us),
      row_ids_(Type{Kind::string, {}}),
      event_times_(Type{Kind::timestamp_us, {}}),
      warnings_(plan.columns.size(), 0) {
  for (const ColumnPlan& column : plan.columns) columns_.emplace_back(column.type);
  for (int kind = 0; kind < kIndicators; ++kind) indicators_.emplace_back(string_list());
  set_arena();
  for (const AddedPlan& added : plan.added) {
    want_row_id_ |= added.built && added.what == Added::row_id;
    want_event_time_ |= added.built && added.what == Added::event_time;
  }
  hits_.collect(plan.collects);
  for (int place = 0; place < 10; ++place) {
    std::memcpy(row_id_ + place * 2, kHexBytes.digits + stream_id[place] * 2, 2);
  }
}

// Whether a token no longer than the longest null is one.
ENGINE_INLINE bool RowBuilder::is_null(const Op& op, const Token& token) const noexcept {
  if (token.size == 1 && op.only_dash) return token.data[0] == '-';
  return is_long_null(op, token);
}

bool RowBuilder::is_long_null(const Op& op, const Token& token) const noexcept {
  if (token.data == nullptr) return true;
  if (token.size == 0) return plan_.null_empty;
  if (token.size == 1 && token.data[0] == '-') return plan_.null_dash;
  auto is = [&token](const std::string& text) { return token.text() == text; };
  return std::any_of(plan_.nulls.begin(), plan_.nulls.end(), is) ||
         std::any_of(op.plan->nulls.begin(), op.plan->nulls.end(), is);
}

Code RowBuilder::reject(Code code, const Op& op, std::string_view text) noexcept {
  fault_ = {text.data(), text.size()};
  fault_column_ = op.column;
  return code;
}

// The one place that decides what an unusable value means.
template <bool quick>
Code RowBuilder::unfit(const Op& op, std::string_view text) {
  if (op.required || op.plan->unfit_rejects) return reject(Code::bad_value, op, text);
  if (quick) return Code::odd;
  if (op.build) row_warnings_.push_back(op.column);
  return Code::ok;
}

template <bool quick>
Code RowBuilder::append_integer(const Op& op, std::string_view text) {
  auto value = parse_int64(text);
  if (!value || *value < op.least || *value > op.most) {
    bool outside = value && op.plan->ranged && (*value < op.plan->least || *value > op.plan->most);
    return outside ? reject(Code::bad_value, op, text) : unfit<quick>(op, text);
  }
  if (op.build) columns_[op.column].append_number(rows_, *value);
  find(op, text);
  return Code::ok;
}

template <bool quick>
Code RowBuilder::append_floating(const Op& op, std::string_view text) {
  auto value = parse_float64(text);
  if (!value) return unfit<quick>(op, text);
  if (op.plan->ranged &&
      (*value < static_cast<double>(op.plan->least) || *value > static_cast<double>(op.plan->most))) {
    return reject(Code::bad_value, op, text);
  }
  if (op.build) columns_[op.column].append_number(rows_, *value);
  return Code::ok;
}

template <bool quick>
Code RowBuilder::append_boolean(const Op& op, std::string_view text) {
  auto value = parse_bool(text);
  if (!value) return unfit<quick>(op, text);
  if (op.build) columns_[op.column].append_bool(rows_, *value);
  return Code::ok;
}

template <bool quick>
Code RowBuilder::append_time(const Op& op, std::string_view text) {
  auto value = parse_time_us(text, op.plan->time);
  if (!value && given_ && op.plan->time_given != Time::none) value = parse_time_us(text, op.plan->time_given);
  if (!value) return unfit<quick>(op, text);
  take_time(op, *value);
  if (op.build) columns_[op.column].append_int64(rows_, *value);
  return Code::ok;
}

template <bool quick>
Code RowBuilder::split_address(const Op& op, std::string_view text, Token* tokens) {
  Address address = split_host_port(text);
  if (address.host_is_ip) hits_.know_address(address.host);
  tokens[op.out] = address.host;
  tokens[op.out - 1] = address.port;
  if (!address.bad_port) return Code::ok;
  if (quick) return Code::odd;
  if (op.build) row_warnings_.push_back(op.column);
  return Code::ok;
}

// Three words or more: the first, the last, and what is between.
Code RowBuilder::split_request(const Op& op, std::string_view text, Token* tokens) {
  Token* parts = tokens + op.out;
  size_t first = 0, last = text.size();
  while (first < text.size() && text[first] != ' ') ++first;
  while (last > 0 && text[last - 1] != ' ') --last;
  if (last-- == 0 || first == last) return reject(Code::bad_value, op, text);  // one space, or none
  parts[0] = {text.data(), first};
  parts[-1] = {text.data() + first + 1, last - first - 1};
  parts[-2] = {text.data() + last + 1, text.size() - last - 1};
  return Code::ok;
}

void RowBuilder::append_list(const Op& op, std::string_view text) {
  items_.clear();
  const char split = op.plan->split;
  const bool keep_empty = split != ' ';
  size_t begin = 0;
  for (size_t at = 0; at < text.size() && split != 0; at += 16) {
    uint32_t found = Bytes16(text.data() + at).equal(split) & within16(text.size(), at);
    for (; found != 0; found &= found - 1) {
      const size_t end = at + static_cast<size_t>(lowest_bit(found));
      if (end != begin || keep_empty) items_.push_back({text.data() + begin, end - begin});
      begin = end + 1;
    }
  }
  const Token last{text.data() + begin, text.size() - begin};
  if (items_.empty() && last.size != 0) {  // one item, as nearly always
    find(op, last.text());
    if (op.build) columns_[op.column].append_list(rows_, &last, 1);
    return;
  }
  if (last.size != 0 || keep_empty) items_.push_back(last);
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

Code RowBuilder::append_null(const Op& op, Token* tokens) noexcept {
  if (op.action == Action::split_address || op.action == Action::split_request) {
    tokens[op.out] = tokens[op.out - 1] = Token{};
    if (op.action == Action::split_request) tokens[op.out - 2] = Token{};
  }
  return op.required ? reject(Code::missing_required, op, tokens[op.token].text()) : Code::ok;
}

// What few tokens of a row ask for.
template <bool quick>
Code RowBuilder::append_other(const Program& program, const Op& op, Token* tokens, size_t count) {
  std::string_view text = op.longest_null < 0 ? std::string_view() : tokens[op.token].text();
  if (op.plan->must.shape != Shape::none && !fits(op.plan->must, text)) return reject(Code::bad_value, op, text);
  if (op.plan->only.shape != Shape::none && !fits(op.plan->only, text)) return Code::ok;
  switch (op.action) {
    case Action::plain_text:
    case Action::word_text:
    case Action::found_text:
    case Action::text:
      if (op.build) columns_[op.column].append_string(rows_, text);
      find(op, text);
      return Code::ok;
    case Action::plain_int64:
    case Action::integer: return append_integer<quick>(op, text);
    case Action::plain_float64:
    case Action::floating: return append_floating<quick>(op, text);
    case Action::boolean: return append_boolean<quick>(op, text);
    case Action::plain_seconds:
    case Action::plain_time:
    case Action::timestamp: return append_time<quick>(op, text);
    case Action::split_address: return split_address<quick>(op, text, tokens);
    case Action::split_request: return split_request(op, text, tokens);
    case Action::list: append_list(op, text); return Code::ok;
    case Action::rest:
      if (op.build) columns_[op.column].append_list(rows_, tokens + op.token, count - static_cast<size_t>(op.token));
      return Code::ok;
    case Action::unmapped:
      if (op.build) append_unmapped(program, op, tokens, count);
      return Code::ok;
  }
  return Code::ok;
}

// The loop that every token passes. What it reads again and again stands in locals: the stores of values
// could, for all the compiler knows, change anything else.
template <bool quick>
Code RowBuilder::append_values(const Program& program, Token* tokens, size_t count) {
  const int64_t row = rows_;
  Column* const columns = columns_.data();
  const std::vector<Op>& ops = quick ? program.quick_ops : program.ops;
  const Op* const end = ops.data() + ops.size();
  for (const Op* op = ops.data(); op != end; ++op) {
    const Token* token = tokens + op->token;
    const char* data = token->data;
    const size_t size = token->size;
    if (static_cast<int64_t>(size) <= op->longest_null && is_null(*op, *token)) {
      Code code = append_null(*op, tokens);
      if (code != Code::ok) return code;
      continue;
    }
    switch (op->action) {
      case Action::plain_text: columns[op->column].append_string(row, {data, size}); continue;
      case Action::plain_int64: {
        auto value = parse_int64({data, size});
        if (!value || *value < op->least || *value > op->most) break;
        columns[op->column].append_int64(row, *value);
        continue;
      }
      case Action::plain_float64: {
        auto value = parse_float64({data, size});
        if (!value) break;
        columns[op->column].append_float64(row, *value);
        continue;
      }
      case Action::plain_seconds: {
        auto value = parse_unix_s({data, size});
        if (!value) break;
        columns[op->column].append_int64(row, *value);
        take_time(*op, *value);
        continue;
      }
      case Action::plain_time: {
        auto value = parse_rfc3339_us({data, size});
        if (!value) break;
        columns[op->column].append_int64(row, *value);
        take_time(*op, *value);
        continue;
      }
      case Action::word_text:
        if (!is_short_word(op->plan->must, {data, size})) break;
        columns[op->column].append_string(row, {data, size});
        continue;
      case Action::found_text:
        columns[op->column].append_string(row, {data, size});
        find(*op, {data, size});
        continue;
      case Action::rest:
        if (static_cast<int64_t>(count) <= op->token) continue;
        break;
      case Action::unmapped:
        if (static_cast<int64_t>(count) <= program.named && program.unknown.empty()) continue;
        break;
      case Action::text:
      case Action::integer:
      case Action::floating:
      case Action::boolean:
      case Action::timestamp:
      case Action::list:
      case Action::split_address:
      case Action::split_request: break;
    }
    Code code = append_other<quick>(program, *op, tokens, count);
    if (code != Code::ok) return code;
  }
  return Code::ok;
}

template <bool quick>
Status RowBuilder::append(const Program& program, Token* tokens, size_t count, int64_t offset) {
  if (rows_ == room_) make_room();
  for (size_t token = count; token < static_cast<size_t>(program.tokens); ++token) tokens[token] = Token{};
  fault_column_ = -1;
  Code code = append_values<quick>(program, tokens, count);
  if (code != Code::ok) {
    take_back();
    return {code, fault_column_};
  }
  if (leaves_out(event_time())) {
    take_back();
    return {};
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

void RowBuilder::put_row_id(int64_t offset) {
  char* out = row_ids_.append_bytes(rows_, 32);
  std::memcpy(out, row_id_, 20);
  for (int place = 0; place < 6; ++place) {
    std::memcpy(out + 20 + place * 2, kHexBytes.digits + (offset >> (40 - place * 8) & 0xFF) * 2, 2);
  }
}

void RowBuilder::commit(int64_t offset) {
  if (want_row_id_) put_row_id(offset);
  if (want_event_time_) event_times_.append_int64(rows_, event_time());
  event_place_ = -1;
  for (uint32_t kinds = hits_.filled(); kinds != 0; kinds &= kinds - 1) {
    int kind = lowest_bit(kinds);
    size_t found;
    const Token* values = hits_.take(kind, found);
    indicators_[kind].append_list(rows_, values, found);
  }
  hits_.clear();
  if (!row_warnings_.empty()) {
    for (int column : row_warnings_) ++warnings_[column];
    row_warnings_.clear();
  }
  ++rows_;
}

}  // namespace engine
