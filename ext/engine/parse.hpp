// Token to value. Pure functions; none allocates. Every text must have kPadding readable bytes behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/plan.hpp"
#include "engine/token.hpp"

namespace engine {

namespace detail {

// The first `size` (1 to 8) bytes at `at` without their '0', moved up so that zeros stand before them.
ENGINE_INLINE uint64_t load_digits(const char* at, size_t size) noexcept {
  return (load8(at) ^ 0x3030303030303030) << (64 - size * 8);
}

// The value of eight digits without their '0', the first in the lowest byte; false where one is no digit.
ENGINE_INLINE bool eight_digits(uint64_t word, uint64_t& value) noexcept {
  if (((word | (word + 0x7676767676767676)) & 0x8080808080808080) != 0) return false;
  word = word * 10 + (word >> 8);  // pairs, in every other byte
  constexpr uint64_t kPairs = 0x000000FF000000FF;
  value =
      ((word & kPairs) * (100 + (uint64_t{1000000} << 32)) + (word >> 16 & kPairs) * (1 + (uint64_t{10000} << 32))) >>
      32;
  return true;
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
        detail::eight_digits(detail::load_digits(text.data() + front, 8), tail)) {
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
