#include "engine/masks.hpp"

#include <cstring>
#include <string>
#include <string_view>

#include "engine/token.hpp"

#include "simdjson.h"

#if defined(__x86_64__) || defined(_M_X64)
#define ARROWTRAIL_X86 1
#include <immintrin.h>
#elif defined(__aarch64__) || defined(_M_ARM64)
#define ARROWTRAIL_ARM64 1
#include <arm_neon.h>
#endif

namespace engine {
namespace {

// Portable: eight bytes at a time in a 64-bit word.
namespace fallback {

struct Bytes {
  explicit Bytes(const char* data) noexcept { std::memcpy(words, data, 64); }
  // One bit for each byte of `zero_where_equal` that is zero.
  static uint64_t zero_bytes(uint64_t word) noexcept {
    const uint64_t low = 0x7F7F7F7F7F7F7F7F;
    return ~((((word & low) + low) | word) | low);
  }
  static uint64_t gather(uint64_t tops) noexcept { return (tops >> 7) * 0x0102040810204080 >> 56; }
  uint64_t eq(char byte) const noexcept {
    const uint64_t all = 0x0101010101010101 * static_cast<unsigned char>(byte);
    uint64_t mask = 0;
    for (int part = 0; part < 8; ++part) mask |= gather(zero_bytes(words[part] ^ all)) << (part * 8);
    return mask;
  }
  uint64_t high() const noexcept {
    uint64_t mask = 0;
    for (int part = 0; part < 8; ++part) mask |= gather(words[part] & 0x8080808080808080) << (part * 8);
    return mask;
  }
  // Both ends are ASCII: a byte without its top bit carries into it where it is `least` or more, or beyond `most`.
  uint64_t in(char least, char most) const noexcept {
    const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    uint64_t mask = 0;
    for (int part = 0; part < 8; ++part) {
      const uint64_t low = words[part] & ~tops;
      const uint64_t from = low + ones * static_cast<uint64_t>(0x80 - least);
      const uint64_t beyond = low + ones * static_cast<uint64_t>(0x7F - most);
      mask |= gather(from & ~beyond & ~words[part] & tops) << (part * 8);
    }
    return mask;
  }
  Bytes lower() const noexcept {
    Bytes bytes = *this;
    for (uint64_t& word : bytes.words) word |= 0x2020202020202020;
    return bytes;
  }
  uint64_t words[8];
};

inline uint64_t prefix_xor(uint64_t word) noexcept {
  for (int shift = 1; shift < 64; shift *= 2) word ^= word << shift;
  return word;
}

#include "engine/emit_body.inc"
#include "engine/masks_body.inc"
#include "engine/text_body.inc"

}  // namespace fallback

#if defined(ARROWTRAIL_X86)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("sse4.2,pclmul,popcnt"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("sse4.2,pclmul,popcnt")
#endif
namespace westmere {

struct Bytes {
  explicit Bytes(const char* data) noexcept {
    for (int part = 0; part < 4; ++part) parts[part] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data) + part);
  }
  static uint64_t bits(__m128i part) noexcept { return static_cast<uint32_t>(_mm_movemask_epi8(part)); }
  uint64_t eq(char byte) const noexcept {
    const __m128i all = _mm_set1_epi8(byte);
    uint64_t mask = 0;
    for (int part = 0; part < 4; ++part) mask |= bits(_mm_cmpeq_epi8(parts[part], all)) << (part * 16);
    return mask;
  }
  uint64_t high() const noexcept {
    uint64_t mask = 0;
    for (int part = 0; part < 4; ++part) mask |= bits(parts[part]) << (part * 16);
    return mask;
  }
  uint64_t in(char least, char most) const noexcept {
    const __m128i from = _mm_set1_epi8(least), width = _mm_set1_epi8(static_cast<char>(most - least));
    uint64_t mask = 0;
    for (int part = 0; part < 4; ++part) {
      const __m128i moved = _mm_sub_epi8(parts[part], from);
      mask |= bits(_mm_cmpeq_epi8(_mm_min_epu8(moved, width), moved)) << (part * 16);
    }
    return mask;
  }
  Bytes lower() const noexcept {
    Bytes bytes = *this;
    for (__m128i& part : bytes.parts) part = _mm_or_si128(part, _mm_set1_epi8(0x20));
    return bytes;
  }
  __m128i parts[4];
};

inline uint64_t prefix_xor(uint64_t word) noexcept {
  const __m128i value = _mm_set_epi64x(0, static_cast<long long>(word));
  return static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(value, _mm_set1_epi8(-1), 0)));
}

#include "engine/emit_body.inc"
#include "engine/masks_body.inc"
#include "engine/text_body.inc"

}  // namespace westmere
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,popcnt,pclmul"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt,pclmul")
#endif
namespace haswell {

struct Bytes {
  explicit Bytes(const char* data) noexcept
      : low(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(data))),
        upper(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(data) + 1)) {}
  static uint64_t bits(__m256i part) noexcept { return static_cast<uint32_t>(_mm256_movemask_epi8(part)); }
  uint64_t eq(char byte) const noexcept {
    const __m256i all = _mm256_set1_epi8(byte);
    return bits(_mm256_cmpeq_epi8(low, all)) | bits(_mm256_cmpeq_epi8(upper, all)) << 32;
  }
  uint64_t high() const noexcept { return bits(low) | bits(upper) << 32; }
  uint64_t in(char least, char most) const noexcept {
    const __m256i from = _mm256_set1_epi8(least), width = _mm256_set1_epi8(static_cast<char>(most - least));
    const __m256i one = _mm256_sub_epi8(low, from), other = _mm256_sub_epi8(upper, from);
    return bits(_mm256_cmpeq_epi8(_mm256_min_epu8(one, width), one)) |
           bits(_mm256_cmpeq_epi8(_mm256_min_epu8(other, width), other)) << 32;
  }
  Bytes lower() const noexcept {
    Bytes bytes = *this;
    bytes.low = _mm256_or_si256(low, _mm256_set1_epi8(0x20));
    bytes.upper = _mm256_or_si256(upper, _mm256_set1_epi8(0x20));
    return bytes;
  }
  __m256i low, upper;
};

inline uint64_t prefix_xor(uint64_t word) noexcept {
  const __m128i value = _mm_set_epi64x(0, static_cast<long long>(word));
  return static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(value, _mm_set1_epi8(-1), 0)));
}

#include "engine/emit_body.inc"
#include "engine/masks_body.inc"
#include "engine/text_body.inc"

}  // namespace haswell
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt,pclmul"))), \
                             apply_to = function)
#elif defined(__GNUC__)
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,popcnt,pclmul")
#endif
namespace icelake {

struct Bytes {
  explicit Bytes(const char* data) noexcept : all(_mm512_loadu_si512(data)) {}
  // The byte 64 times, in a register throughout a loop: gcc would rather make it anew for every word.
  static __m512i every(char byte) noexcept {
    __m512i bytes = _mm512_set1_epi8(byte);
#if defined(__GNUC__)
    asm("" : "+v"(bytes));
#endif
    return bytes;
  }
  uint64_t eq(char byte) const noexcept { return _mm512_cmpeq_epi8_mask(all, every(byte)); }
  uint64_t high() const noexcept { return _mm512_movepi8_mask(all); }
  uint64_t in(char least, char most) const noexcept {
    const __m512i moved = _mm512_sub_epi8(all, every(least));
    return _mm512_cmple_epu8_mask(moved, every(static_cast<char>(most - least)));
  }
  Bytes lower() const noexcept {
    Bytes bytes = *this;
    bytes.all = _mm512_or_si512(all, every(0x20));
    return bytes;
  }
  __m512i all;
};

inline uint64_t prefix_xor(uint64_t word) noexcept {
  const __m128i value = _mm_set_epi64x(0, static_cast<long long>(word));
  return static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(value, _mm_set1_epi8(-1), 0)));
}

// Sixteen places at a time: the bytes 0 to 63 whose bits are set, packed, then widened.
inline uint32_t* emit(uint64_t bits, uint32_t base, uint32_t* at) noexcept {
  alignas(64) static constexpr uint8_t kPlaces[64] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                                      16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                                      32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                                      48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
  const __m512i bases = _mm512_set1_epi32(static_cast<int>(base));
  __m512i packed = _mm512_maskz_compress_epi8(bits, _mm512_load_si512(kPlaces));
  const int set = count_bits(bits);
  int done = 0;
  do {  // once at least: whether a word is empty is not to be guessed
    const __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed));
    _mm512_storeu_si512(at + done, _mm512_add_epi32(wide, bases));
    packed = _mm512_shuffle_i64x2(packed, packed, 0x39);
    done += 16;
  } while (done < set);
  return at + set;
}

#include "engine/masks_body.inc"
#include "engine/text_body.inc"

}  // namespace icelake
#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

#elif defined(ARROWTRAIL_ARM64)

namespace arm64 {

struct Bytes {
  explicit Bytes(const char* data) noexcept {
    for (int part = 0; part < 4; ++part) parts[part] = vld1q_u8(reinterpret_cast<const uint8_t*>(data) + part * 16);
  }
  // One bit of each of 64 bytes that are all ones or all zeros.
  static uint64_t gather(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) noexcept {
    static constexpr uint8_t kBits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t bits = vld1q_u8(kBits);
    uint8x16_t sum =
        vpaddq_u8(vpaddq_u8(vandq_u8(a, bits), vandq_u8(b, bits)), vpaddq_u8(vandq_u8(c, bits), vandq_u8(d, bits)));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
  }
  uint64_t eq(char byte) const noexcept {
    const uint8x16_t all = vdupq_n_u8(static_cast<uint8_t>(byte));
    return gather(vceqq_u8(parts[0], all), vceqq_u8(parts[1], all), vceqq_u8(parts[2], all), vceqq_u8(parts[3], all));
  }
  uint64_t high() const noexcept {
    const uint8x16_t top = vdupq_n_u8(0x80);
    return gather(vcgeq_u8(parts[0], top), vcgeq_u8(parts[1], top), vcgeq_u8(parts[2], top), vcgeq_u8(parts[3], top));
  }
  uint64_t in(char least, char most) const noexcept {
    const uint8x16_t from = vdupq_n_u8(static_cast<uint8_t>(least));
    const uint8x16_t width = vdupq_n_u8(static_cast<uint8_t>(most - least));
    return gather(vcleq_u8(vsubq_u8(parts[0], from), width), vcleq_u8(vsubq_u8(parts[1], from), width),
                  vcleq_u8(vsubq_u8(parts[2], from), width), vcleq_u8(vsubq_u8(parts[3], from), width));
  }
  Bytes lower() const noexcept {
    Bytes bytes = *this;
    for (uint8x16_t& part : bytes.parts) part = vorrq_u8(part, vdupq_n_u8(0x20));
    return bytes;
  }
  uint8x16_t parts[4];
};

inline uint64_t prefix_xor(uint64_t word) noexcept { return fallback::prefix_xor(word); }

#include "engine/emit_body.inc"
#include "engine/masks_body.inc"
#include "engine/text_body.inc"

}  // namespace arm64

#endif

struct Kernel {
  void (*mark_bytes)(const char*, size_t, const MaskSpec&, Marks&) noexcept;
  TextMarks (*mark_text)(const char*, size_t, TextMarks*) noexcept;
};

Kernel choose() noexcept {
  const std::string_view name = kernel_name();
#if defined(ARROWTRAIL_X86)
  if (name == "icelake") return {icelake::mark_bytes, icelake::mark_text};
  if (name == "haswell") return {haswell::mark_bytes, haswell::mark_text};
  if (name == "westmere") return {westmere::mark_bytes, westmere::mark_text};
#elif defined(ARROWTRAIL_ARM64)
  if (name == "arm64") return {arm64::mark_bytes, arm64::mark_text};
#endif
  return {fallback::mark_bytes, fallback::mark_text};
}

const Kernel& kernel() noexcept {
  static const Kernel chosen = choose();
  return chosen;
}

}  // namespace

const char* kernel_name() noexcept {
  static const std::string name = simdjson::get_active_implementation()->name();
  return name.c_str();
}

std::vector<std::string> kernel_names() {
  std::vector<std::string> names;
  for (const simdjson::implementation* kernel : simdjson::get_available_implementations()) {
    if (kernel->supported_by_runtime_system()) names.push_back(kernel->name());
  }
  return names;
}

void mark_bytes(const char* data, size_t size, const MaskSpec& spec, Marks& out) noexcept {
  kernel().mark_bytes(data, size, spec, out);
}

TextMarks mark_text(const char* data, size_t size, TextMarks* out) noexcept {
  return kernel().mark_text(data, size, out);
}

}  // namespace engine
