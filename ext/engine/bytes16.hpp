// Sixteen bytes compared at once; each answer is a mask with bit b for byte b. SSE2 and NEON are part of
// their architectures' baselines, so nothing is chosen at run time.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__x86_64__) || defined(_M_X64)
#include <emmintrin.h>
#elif defined(__aarch64__) || defined(_M_ARM64)
#include <arm_neon.h>
#endif

#include "engine/token.hpp"

namespace engine {

class Bytes16 {
 public:
#if defined(__x86_64__) || defined(_M_X64)
  explicit Bytes16(const char* at) noexcept : bytes_(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))) {}
  uint32_t equal(char byte) const noexcept { return bits(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8(byte))); }
  uint32_t equal(Bytes16 other) const noexcept { return bits(_mm_cmpeq_epi8(bytes_, other.bytes_)); }
  // Bytes beyond `byte`, as signed numbers: those beyond ASCII are below.
  uint32_t above(char byte) const noexcept { return bits(_mm_cmpgt_epi8(bytes_, _mm_set1_epi8(byte))); }

 private:
  static uint32_t bits(__m128i mask) noexcept { return static_cast<uint32_t>(_mm_movemask_epi8(mask)); }
  __m128i bytes_;
#elif defined(__aarch64__) || defined(_M_ARM64)
  explicit Bytes16(const char* at) noexcept : bytes_(vld1q_s8(reinterpret_cast<const int8_t*>(at))) {}
  uint32_t equal(char byte) const noexcept { return bits(vceqq_s8(bytes_, vdupq_n_s8(static_cast<int8_t>(byte)))); }
  uint32_t equal(Bytes16 other) const noexcept { return bits(vceqq_s8(bytes_, other.bytes_)); }
  uint32_t above(char byte) const noexcept { return bits(vcgtq_s8(bytes_, vdupq_n_s8(static_cast<int8_t>(byte)))); }

 private:
  static uint32_t bits(uint8x16_t mask) noexcept {
    static constexpr uint8_t kBits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t set = vandq_u8(mask, vld1q_u8(kBits));
    return vaddv_u8(vget_low_u8(set)) | static_cast<uint32_t>(vaddv_u8(vget_high_u8(set))) << 8;
  }
  int8x16_t bytes_;
#else
  explicit Bytes16(const char* at) noexcept { std::memcpy(bytes_, at, 16); }
  uint32_t equal(char byte) const noexcept {
    uint32_t mask = 0;
    for (int place = 0; place < 16; ++place) mask |= static_cast<uint32_t>(bytes_[place] == byte) << place;
    return mask;
  }
  uint32_t equal(Bytes16 other) const noexcept {
    uint32_t mask = 0;
    for (int place = 0; place < 16; ++place)
      mask |= static_cast<uint32_t>(bytes_[place] == other.bytes_[place]) << place;
    return mask;
  }
  uint32_t above(char byte) const noexcept {
    uint32_t mask = 0;
    for (int place = 0; place < 16; ++place) mask |= static_cast<uint32_t>(bytes_[place] > byte) << place;
    return mask;
  }

 private:
  signed char bytes_[16];
#endif
};

// The mask of the bytes of a text from `at` on that belong to it.
ENGINE_INLINE uint32_t within16(size_t size, size_t at) noexcept {
  return size - at >= 16 ? 0xFFFF : (1u << (size - at)) - 1;
}

// Whether `size` bytes are the same; fifteen behind them are readable on both sides.
ENGINE_INLINE bool same_bytes(const char* left, const char* right, size_t size) noexcept {
  for (size_t at = 0; at < size; at += 16) {
    if ((Bytes16(left + at).equal(Bytes16(right + at)) | ~within16(size, at)) != ~0u) return false;
  }
  return true;
}

// Place of the first `byte` in a short text, or npos; kPadding bytes behind the text are readable.
ENGINE_INLINE size_t find_byte(std::string_view text, char byte) noexcept {
  for (size_t at = 0; at < text.size(); at += 16) {
    const uint32_t found = Bytes16(text.data() + at).equal(byte) & within16(text.size(), at);
    if (found != 0) return at + static_cast<size_t>(lowest_bit(found));
  }
  return std::string_view::npos;
}

}  // namespace engine
