#include "engine/columnar.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "engine/reader.hpp"
#include "engine/text.hpp"

namespace engine {
namespace {

constexpr size_t kMostDigits = 20;  // of an int64, and its sign

// Whether the token can change the row, be it that it rejects it. `finds`: indicators are collected.
bool asks(const Op& op, bool finds) noexcept {
  const ColumnPlan& column = *op.plan;
  const bool can_reject = op.required || column.ranged || column.unfit_rejects || column.must.shape != Shape::none;
  return op.build || op.event >= 0 || can_reject || (finds && op.scanner_count != 0);
}

template <typename Integer>
size_t put_integer(char* out, const char* data, int64_t row) noexcept {
  const Integer value = reinterpret_cast<const Integer*>(data)[row];
  return static_cast<size_t>(std::to_chars(out, out + kMostDigits, value).ptr - out);
}

}  // namespace

bool ColumnarReader::open(const std::vector<std::string>& names) {
  wanted_.assign(names.size(), false);
  for (int type = 0; type < reader_.types() && type_ < 0; ++type) {
    if (reader_.set_columns(type, names)) type_ = type;
  }
  if (type_ < 0) return false;
  const Program& program = reader_.state(type_).program;
  const auto& collects = reader_.state(type_).plan.collects;
  const bool finds = std::find(collects.begin(), collects.end(), true) != collects.end();
  bool keeps_unknown = false;
  for (const Op& op : program.ops) {
    if (op.action == Action::unmapped) {
      keeps_unknown = op.build;
    } else if (op.token >= 0 && asks(op, finds)) {
      wanted_[static_cast<size_t>(op.token)] = true;
    }
  }
  for (const Unknown& unknown : program.unknown) wanted_[static_cast<size_t>(unknown.token)] = keeps_unknown;
  return true;
}

ColumnarReader::Cells ColumnarReader::cells_of(const ArrowArray& column, int64_t offset, size_t place,
                                               Kind kind) const noexcept {
  Cells cells;
  cells.valid = column.null_count != 0 ? static_cast<const uint8_t*>(column.buffers[0]) : nullptr;
  cells.offset = offset + column.offset;
  cells.kind = kind;
  cells.place = place;
  if (kind != Kind::string) {
    cells.data = static_cast<const char*>(column.buffers[1]);
    return cells;
  }
  const ArrowArray& strings = column.dictionary != nullptr ? *column.dictionary : column;
  cells.begins = static_cast<const int32_t*>(strings.buffers[1]);
  cells.data = static_cast<const char*>(strings.buffers[2]);
  if (column.dictionary != nullptr) {
    cells.indices = static_cast<const int32_t*>(column.buffers[1]);
    cells.words = strings.length;
    cells.begins += strings.offset;
  }
  return cells;
}

// The value as text, absent where it is null or the empty string. Numbers are written to `digits`.
Token ColumnarReader::Cells::text(int64_t row, char* digits) const noexcept {
  int64_t at = offset + row;
  if (valid != nullptr && (valid[at >> 3] >> (at & 7) & 1) == 0) return {};
  if (kind == Kind::int32) return {digits, put_integer<int32_t>(digits, data, at)};
  if (kind == Kind::int64) return {digits, put_integer<int64_t>(digits, data, at)};
  if (indices != nullptr) at = indices[at];
  if (indices != nullptr && (at < 0 || at >= words)) return {};
  const auto size = static_cast<size_t>(begins[at + 1] - begins[at]);
  return size != 0 ? Token{data + begins[at], size} : Token{};
}

void ColumnarReader::read(const ArrowArray& rows, const std::vector<int>& places, const std::vector<Kind>& kinds,
                          int64_t first_row) {
  cells_.clear();
  for (size_t child = 0; child < places.size(); ++child) {
    cells_.push_back(
        cells_of(*rows.children[child], rows.offset, static_cast<size_t>(places[child]), kinds[child]));
  }
  digits_.resize(cells_.size() * kMostDigits);
  tokens_.assign(wanted_.size(), Token{});
  for (int64_t row = 0; row < rows.length; ++row) {
    fill(row);
    append(first_row + row);
  }
}

// Absent values are "-" in the row's text. Tokens point into it, since stages may read behind them.
void ColumnarReader::fill(int64_t row) {
  size_ = 0;
  char* digits = digits_.data();
  for (const Cells& cells : cells_) {
    const Token token = cells.text(row, digits);
    tokens_[cells.place] = token;
    size_ += 1 + std::max<size_t>(token.size, 1);
    digits += kMostDigits;
  }
  size_ -= size_ != 0 ? 1 : 0;
  const size_t kept = size_ > reader_.max_record() ? std::min(size_, kMostRaw) : size_;
  if (text_.size() < kept + kPadding) text_.resize(kept + kPadding);
  size_t at = 0;
  for (const Cells& cells : cells_) {
    if (at != 0 && at < kept) text_[at++] = ' ';
    Token& token = tokens_[cells.place];
    const Token shown = token.data != nullptr ? token : Token{"-", 1};
    const size_t size = std::min(shown.size, kept - at);
    std::memcpy(&text_[at], shown.data, size);
    if (token.data != nullptr) token.data = text_.data() + at;
    at += size;
  }
}

// Token by token, so that bytes that are no UTF-8 cannot run from one into the next.
void ColumnarReader::repair() {
  repaired_.clear();
  std::vector<size_t> begins;
  for (Token& token : tokens_) {
    begins.push_back(repaired_.size());
    if (token.data == nullptr) continue;
    const std::string fixed = repair_utf8(token.text());
    token.size = fixed.size();
    repaired_ += fixed;
  }
  repaired_.resize(repaired_.size() + kPadding);
  for (size_t place = 0; place < tokens_.size(); ++place) {
    if (tokens_[place].data != nullptr) tokens_[place].data = repaired_.data() + begins[place];
  }
}

void ColumnarReader::append(int64_t place) {
  TypeState& state = reader_.state(type_);
  reader_.set_line(place + 1);
  if (size_ > reader_.max_record()) {
    const std::string_view begin(text_.data(), std::min(size_, kMostRaw));
    return reader_.reject(type_, {Code::too_long, -1}, {}, place, size_, begin);
  }
  const std::string_view text(text_.data(), size_);
  const bool odd = !is_utf8(text);
  if (odd) repair();
  Token* tokens = reader_.tokens(state.program, tokens_.size());
  std::copy(tokens_.begin(), tokens_.end(), tokens);
  reader_.make_way(type_, size_);
  Status status{Code::odd, -1};
  if (!odd) status = state.rows.append<true>(state.program, tokens, tokens_.size(), place);
  if (status.code != Code::ok) status = state.rows.append<false>(state.program, tokens, tokens_.size(), place);
  if (status.code != Code::ok) return reader_.reject(type_, status, state.rows.fault(), place, size_, text);
  reader_.row_done(type_, size_);
  if (odd) reader_.warn_utf8();
}

}  // namespace engine
