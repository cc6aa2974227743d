#include "engine/top_level.hpp"

#include <cstdint>

#include "engine/token.hpp"

namespace engine {
namespace {

// A name as three words of eight bytes: the first, the last where it is longer, and what is between.
struct Name {
  uint64_t first, last, middle;
  uint8_t size;
  bool file_ending;
};

#include "engine/top_level.inc"

constexpr size_t kLongest = 24;
constexpr uint64_t kSmall = 0x2020202020202020;  // makes capitals small; of what a label consists changes nothing else

}  // namespace

// A perfect hash: what a name is moved by depends on its bucket.
TopLevel top_level(std::string_view label) noexcept {
  const size_t size = label.size();
  if (size < 2 || size > kLongest) return TopLevel::none;
  const uint64_t kept = size >= 8 ? ~uint64_t{0} : (uint64_t{1} << (size * 8)) - 1;
  const uint64_t first = (load8(label.data()) | kSmall) & kept;
  const uint64_t last = size > 8 ? load8(label.data() + size - 8) | kSmall : 0;
  const uint64_t hash = (first ^ size) * kFactors[0] + last * kFactors[1];
  const uint16_t number = kSlots[hash >> 53 ^ kMoves[hash >> 40 & 511]];
  if (number == 0) return TopLevel::none;
  const Name& name = kNames[number - 1];
  if (name.first != first || name.last != last || name.size != size) return TopLevel::none;
  if (size > 16 && (load8(label.data() + 8) | kSmall) != name.middle) return TopLevel::none;
  return name.file_ending ? TopLevel::file_ending : TopLevel::domain;
}

}  // namespace engine
