// Bytes to the places of separators, line ends and oddities, by bit masks of 64 bytes; one body per instruction
// set, chosen once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace engine {

struct MaskSpec {
  char first_separator = ' ';
  char second_separator = ' ';
  bool runs = true;     // neighbouring separators are one: two of them are odd
  bool quotes = false;  // separators between double quotes are none
};

// Places in a slice, each list in order. `marks`: separators that part tokens, and line feeds. `odd`: bytes
// that the quick path does not understand; a line that holds one takes the slow path.
struct Marks {
  uint32_t* marks;  // room for one a byte and sixteen more
  uint32_t* odd;    // room for one a byte
  size_t odd_count;
  bool high;  // whether any byte is beyond ASCII
};

// Fills the lists for `size` bytes; at least kPadding bytes behind them are readable.
void mark_bytes(const char* data, size_t size, const MaskSpec& spec, Marks& out) noexcept;

// What the bytes of a text are, 64 at a time, a bit for each; and where something shows that may be an indicator.
struct TextMarks {
  uint64_t word;  // ASCII letters and digits, `_`, and all beyond ASCII
  uint64_t odd;   // `_` and all beyond ASCII
  uint64_t hex;   // hexadecimal digits
  uint64_t dot, dash, colon;
  uint64_t rare;  // `@`, `%` and backslashes
  uint64_t host;  // the last byte of "//"
  // The letter behind a dot, the digit behind the second dot of three numbers, the last byte of "n:", "i-" and "::".
  uint64_t shows;
};

// Fills the marks of a text, `size / 64 + 1` of them and an empty one; at least kPadding bytes behind it are readable.
// Returns those of rare and host joined.
TextMarks mark_text(const char* data, size_t size, TextMarks* out) noexcept;

// Name of the instruction set that mark_bytes uses: simdjson's own choice.
const char* kernel_name() noexcept;
// Names of all that this processor has.
std::vector<std::string> kernel_names();

}  // namespace engine
