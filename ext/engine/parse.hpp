// Token to value. Pure functions; none allocates. Every text must have kPadding readable bytes behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/plan.hpp"
#include "engine/token.hpp"

namespace engine {

namespace detail {

// The value of up to eight digits in `word`, first digit in the lowest byte; false where one is no digit.
ENGINE_INLINE bool eight_digits(uint64_t word, uint64_t& value) noexcept {
  uint64_t high = word & 0xF0F0F0F0F0F0F0F0;
  if (high != 0x3030303030303030 || ((word + 0x0606060606060606) & 0xF0F0F0F0F0F0F0F0) != 0x3030303030303030)
    return false;
  word = (word & 0x0F0F0F0F0F0F0F0F) * 2561 >> 8;
  word = (word & 0x00FF00FF00FF00FF) * 6553601 >> 16;
  value = (word & 0x0000FFFF0000FFFF) * 42949672960001 >> 32;
  return true;
}

// The first `size` (1 to 8) bytes at `at`, moved up so that '0' fills the front.
ENGINE_INLINE uint64_t load_digits(const char* at, size_t size) noexcept {
  uint64_t word = load8(at);
  if (size == 8) return word;
  unsigned shift = static_cast<unsigned>(8 - size) * 8;
  return (word << shift) | (0x3030303030303030 >> (size * 8));
}

std::optional<int64_t> parse_long_int64(std::string_view text) noexcept;

}  // namespace detail

// Optional sign and decimal digits that fit 64 bits, or nothing.
ENGINE_INLINE std::optional<int64_t> parse_int64(std::string_view text) noexcept {
  if (text.size() - 1 < 8) {
    uint64_t value;
    if (detail::eight_digits(detail::load_digits(text.data(), text.size()), value)) return static_cast<int64_t>(value);
  } else if (text.size() - 9 < 8) {
    uint64_t head, tail;
    size_t front = text.size() - 8;
    if (detail::eight_digits(detail::load_digits(text.data(), front), head) &&
        detail::eight_digits(load8(text.data() + front), tail)) {
      return static_cast<int64_t>(head * 100000000 + tail);
    }
  }
  return detail::parse_long_int64(text);
}

constexpr int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z

// Microseconds of whole seconds since 1970, or nothing.
ENGINE_INLINE std::optional<int64_t> parse_unix_s(std::string_view text) noexcept {
  auto seconds = parse_int64(text);
  if (!seconds || *seconds < kFirstSecond || *seconds > kLastSecond) return std::nullopt;
  return *seconds * 1000000;
}

// [+-]digits[.digits][e[+-]digits], finite as a double, or nothing.
std::optional<double> parse_float64(std::string_view text) noexcept;

// "true" or "false" in any case, or nothing.
std::optional<bool> parse_bool(std::string_view text) noexcept;

// Microseconds since 1970-01-01T00:00:00Z in the years 0001 to 9999, or nothing.
std::optional<int64_t> parse_time_us(std::string_view text, Time form) noexcept;
std::optional<int64_t> parse_rfc3339_us(std::string_view text) noexcept;

}  // namespace engine
