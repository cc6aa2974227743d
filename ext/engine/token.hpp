// The unit that passes between stages: the bytes of one value in a record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace engine {

// Behind every record that stages see there are this many readable bytes, so that loads and copies may
// be wide. They hold nothing that counts.
constexpr size_t kPadding = 64;

struct Token {
  const char* data = nullptr;  // null: absent, not merely empty
  size_t size = 0;

  std::string_view text() const noexcept { return {data, size}; }
};

inline uint64_t load8(const char* at) noexcept {
  uint64_t word;
  std::memcpy(&word, at, 8);
  return word;
}

inline bool is_digit(char byte) noexcept { return static_cast<unsigned char>(byte - '0') < 10; }
inline bool is_blank(char byte) noexcept { return byte == ' ' || byte == '\t'; }
inline bool is_space(char byte) noexcept { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

}  // namespace engine
