#include "engine/columnar.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "engine/reader.hpp"
#include "engine/text.hpp"

namespace engine {
namespace {

constexpr size_t kMostDigits = 20;  // of an int64, and its sign
constexpr size_t kCopied = 4096;

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

ColumnarReader::Cells ColumnarReader::cells_of(const ArrowArray& column, int64_t offset, size_t place, Kind kind,
                                               std::string& padded) const {
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
  }
  if (strings.length == 0) return cells;
  cells.begins += strings.offset;
  const int32_t begin = cells.begins[0], end = cells.begins[strings.length];
  cells.begins -= column.dictionary != nullptr ? 0 : strings.offset;
  cells.wide = end - static_cast<int32_t>(kPadding);
  const std::string_view all(cells.data + begin, static_cast<size_t>(end - begin));
  cells.ascii = is_ascii(all);
  if (all.size() <= kCopied) {  // a dictionary of few words: each row would have one near its end
    padded.assign(all).append(kPadding, '\0');
    cells.data = padded.data() - begin;
    cells.wide = end;
  }
  return cells;
}

// The value as text, absent where it is null or the empty string. Numbers are written to `digits`.
ENGINE_INLINE Token ColumnarReader::Cells::text(int64_t row, char* digits, bool& narrow) const noexcept {
  int64_t at = offset + row;
  if (valid != nullptr && (valid[at >> 3] >> (at & 7) & 1) == 0) return {};
  if (kind == Kind::int32) return {digits, put_integer<int32_t>(digits, data, at)};
  if (kind == Kind::int64) return {digits, put_integer<int64_t>(digits, data, at)};
  if (indices != nullptr) at = indices[at];
  if (indices != nullptr && (at < 0 || at >= words)) return {};
  const int32_t begin = begins[at], end = begins[at + 1];
  narrow |= end > wide;
  return end != begin ? Token{data + begin, static_cast<size_t>(end - begin)} : Token{};
}

int64_t ColumnarReader::read(const ArrowArray& rows, const std::vector<int>& places, const std::vector<Kind>& kinds,
                             int64_t begin, int64_t first_row, size_t enough, size_t& bytes) {
  cells_.clear();
  ascii_ = true;
  padded_.resize(places.size());
  for (size_t child = 0; child < places.size(); ++child) {
    const auto place = static_cast<size_t>(places[child]);
    cells_.push_back(cells_of(*rows.children[child], rows.offset, place, kinds[child], padded_[child]));
    ascii_ &= cells_.back().ascii;
  }
  digits_.resize(cells_.size() * kMostDigits + kPadding);
  tokens_.assign(wanted_.size(), Token{});
  bytes = 0;
  int64_t row = begin;
  for (; row < rows.length && bytes < enough; ++row) {
    take(row);
    append(first_row + row - begin);
    bytes += size_;
  }
  return row - begin;
}

void ColumnarReader::take(int64_t row) {
  size_t size = 0;
  narrow_ = false;
  char* digits = digits_.data();
  for (const Cells& cells : cells_) {
    const Token token = cells.text(row, digits, narrow_);
    tokens_[cells.place] = token;
    size += 1 + std::max<size_t>(token.size, 1);
    digits += kMostDigits;
  }
  size_ = size - (size != 0 ? 1 : 0);
}

// The row as text, with "-" for what is absent. The tokens point into it then.
void ColumnarReader::write() {
  const size_t kept = size_ > reader_.max_record() ? std::min(size_, kMostRaw) : size_;
  text_.resize(kept + kPadding);
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

std::string_view ColumnarReader::text() const noexcept { return {text_.data(), text_.size() - kPadding}; }

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
  const bool too_long = size_ > reader_.max_record();
  const bool written = narrow_ || !ascii_ || too_long;
  bool odd = false;
  reader_.set_line(place + 1);
  if (written) {
    write();
    if (too_long) return reader_.reject(type_, {Code::too_long, -1}, {}, place, size_, text());
    odd = !ascii_ && !is_utf8(text());
    if (odd) repair();
  }
  Token* tokens = reader_.tokens(state.program, tokens_.size());
  std::copy(tokens_.begin(), tokens_.end(), tokens);
  reader_.make_way(type_, size_);
  Status status{Code::odd, -1};
  if (!odd) status = state.rows.append<true>(state.program, tokens, tokens_.size(), place);
  if (status.code != Code::ok) status = state.rows.append<false>(state.program, tokens, tokens_.size(), place);
  if (status.code == Code::ok) {
    reader_.row_done(type_, size_);
    if (odd) reader_.warn_utf8();
    return;
  }
  const std::string fault(state.rows.fault());  // `write` may move it
  if (!written) write();
  reader_.reject(type_, status, fault, place, size_, text());
}

}  // namespace engine
