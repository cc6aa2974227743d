// What a text looks like: the fixed vocabulary of shapes that tables name, and which log type a line is.
#pragma once

#include <string_view>

#include "engine/plan.hpp"
#include "engine/token.hpp"

namespace engine {

// Texts and lines must have kPadding readable bytes behind them.

bool fits(Shape shape, std::string_view text) noexcept;
bool fits(const Pattern& pattern, std::string_view text) noexcept;

// Whether the text is one of the pattern's words of up to eight bytes.
ENGINE_INLINE bool is_short_word(const Pattern& pattern, std::string_view text) noexcept {
  if (text.size() - 1 >= 8 || text.back() == '\0') return false;
  const uint64_t word = load8(text.data()) & (~uint64_t{0} >> (64 - text.size() * 8));
  bool found = false;
  for (uint64_t short_word : pattern.short_words) found |= word == short_word;  // which one cannot be guessed
  return found;
}

// Whether the line's first fields are as the plan's `detect` says, each behind the separator.
bool starts_fit(const Plan& plan, std::string_view line) noexcept;

// The same of a line that single separators part into these tokens, and that is none where they do not tell.
bool starts_fit(const Plan& plan, const Token* tokens, size_t count) noexcept;

// What tells most lines of other forms at a glance.
class Opening {
 public:
  Opening(const Plan& plan, int type);
  // Whether a line may be as the plan's `detect` says; told by its first bytes.
  ENGINE_INLINE bool may_fit(std::string_view line) const noexcept {
    const auto byte = static_cast<unsigned char>(line[0]);
    if ((first_[byte / 64] >> (byte % 64) & 1) == 0) return false;
    return width_ == 0 || (line.size() >= width_ && is_behind(line.data()[width_]));
  }
  int type() const noexcept { return type_; }

 private:
  // Behind the line stands its end, which separates too where runs do.
  ENGINE_INLINE bool is_behind(char byte) const noexcept {
    return byte == one_ || byte == other_ || byte == '\n' || byte == '\r';
  }
  uint64_t first_[4] = {};  // bytes that its first field may begin with
  size_t width_;            // of this field, where it is fixed; else 0
  char one_, other_;        // separators
  int type_;
};

// "YYYY-MM-DDThh:mm:ss.mmmZ " at the start of a CloudWatch Logs export line; its size, or 0.
size_t export_prefix(std::string_view line) noexcept;

// Whether the line's first field is a compact time.
bool starts_compact(std::string_view line) noexcept;

}  // namespace engine
