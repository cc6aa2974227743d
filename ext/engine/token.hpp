// The unit that passes between stages: the bytes of one value in a record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#include <stdlib.h>
#endif

// What is called for every value: a call would cost more than the work.
#if defined(_MSC_VER) && !defined(__clang__)
#define ENGINE_INLINE __forceinline
#else
#define ENGINE_INLINE inline __attribute__((always_inline))
#endif

namespace engine {

// Behind every record that stages see there are this many readable bytes, so that loads and copies may
// be wide. They hold nothing that counts.
constexpr size_t kPadding = 64;

struct Token {
  const char* data = nullptr;  // null: absent, not merely empty
  size_t size = 0;

  std::string_view text() const noexcept { return {data, size}; }
};

// Whether the text begins with a literal; its size is known here, so nothing is called.
template <size_t size>
ENGINE_INLINE bool starts_with(std::string_view text, const char (&word)[size]) noexcept {
  return text.size() >= size - 1 && std::memcmp(text.data(), word, size - 1) == 0;
}

inline uint64_t load8(const char* at) noexcept {
  uint64_t word;
  std::memcpy(&word, at, 8);
  return word;
}

inline uint64_t swap_bytes(uint64_t word) noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
  return _byteswap_uint64(word);
#else
  return __builtin_bswap64(word);
#endif
}

// Place of the lowest bit of a word that is not zero.
inline int lowest_bit(uint64_t word) noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
  unsigned long place;
  _BitScanForward64(&place, word);
  return static_cast<int>(place);
#else
  return __builtin_ctzll(word);
#endif
}

// Place of the highest bit of a word that is not zero.
inline int highest_bit(uint64_t word) noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
  unsigned long place;
  _BitScanReverse64(&place, word);
  return static_cast<int>(place);
#else
  return 63 - __builtin_clzll(word);
#endif
}

inline int count_bits(uint64_t word) noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
  word -= word >> 1 & 0x5555555555555555;
  word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333);
  return static_cast<int>(((word + (word >> 4)) & 0x0F0F0F0F0F0F0F0F) * 0x0101010101010101 >> 56);
#else
  return __builtin_popcountll(word);
#endif
}

// Fetches the cache line that will be written soon, `bytes` behind `at`. A row writes to some eighty places far
// apart, more than the processor follows by itself.
ENGINE_INLINE void prefetch_behind(const void* at, uintptr_t bytes) noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
  (void)at, (void)bytes;
#else
  __builtin_prefetch(reinterpret_cast<const void*>(reinterpret_cast<uintptr_t>(at) + bytes), 1);
#endif
}

inline bool is_digit(char byte) noexcept { return static_cast<unsigned char>(byte - '0') < 10; }
inline bool is_hex(char byte) noexcept { return is_digit(byte) || static_cast<unsigned char>((byte | 0x20) - 'a') < 6; }
inline bool is_blank(char byte) noexcept { return byte == ' ' || byte == '\t'; }
inline bool is_space(char byte) noexcept { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

}  // namespace engine
