// 64 bytes to bit masks of separators, quotes and line ends; one body per instruction set, chosen once.
// Bit b of word w stands for byte 64 * w + b of the slice.
#pragma once

#include <cstddef>
#include <cstdint>

namespace engine {

struct MaskSpec {
  char first_separator = ' ';
  char second_separator = ' ';
  bool runs = true;     // neighbouring separators are one: two of them are odd
  bool quotes = false;  // separators between double quotes are none
};

// Words of a slice. `ends`: line feeds. `marks`: separators that part tokens, and line feeds. `odd`:
// bytes that the quick path does not understand; a line that holds one takes the slow path.
struct Masks {
  uint64_t* ends;
  uint64_t* marks;
  uint64_t* odd;
  bool high;  // whether any byte is beyond ASCII
};

// Fills the words of `size` bytes; at least kPadding bytes behind them are readable.
void fill_masks(const char* data, size_t size, const MaskSpec& spec, Masks& masks) noexcept;

// The places of the set bits, in order; `out` has room for them and sixteen more. Returns their count.
size_t flatten(const uint64_t* words, size_t count, uint32_t* out) noexcept;
// The same where a word has one bit or none, nearly always.
size_t flatten_few(const uint64_t* words, size_t count, uint32_t* out) noexcept;

// Name of the instruction set that fill_masks uses: simdjson's own choice.
const char* kernel_name() noexcept;

}  // namespace engine
