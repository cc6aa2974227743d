// Reads a finished batch as a consumer would: every offset, every byte of every text, within its buffers,
// where AddressSanitizer watches. What was read goes into a hash for each column.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "engine/arrow_c.h"
#include "engine/text.hpp"

namespace fuzz {

// Widths beside bits of a fixed width.
constexpr int kText = 0;
constexpr int kBinary = -1;
constexpr int kList = -2;    // the item's follows
constexpr int kStruct = -3;  // how many members, and theirs, follow

inline uint64_t mix(uint64_t hash, uint64_t value) { return (hash ^ value) * 0x9E3779B97F4A7C15 ^ (hash >> 29); }

inline uint64_t mix(uint64_t hash, std::string_view bytes) {
  uint64_t word;
  size_t place = 0;
  for (; place + sizeof word <= bytes.size(); place += sizeof word) {
    std::memcpy(&word, bytes.data() + place, sizeof word);
    hash = mix(hash, word);
  }
  word = 0;
  if (place != bytes.size()) std::memcpy(&word, bytes.data() + place, bytes.size() - place);
  return mix(mix(hash, word), bytes.size());
}

inline bool bit(const void* bits, int64_t place) {
  return (static_cast<const uint8_t*>(bits)[place >> 3] >> (place & 7) & 1) != 0;
}

inline bool is_valid(const ArrowArray& array, int64_t row) {
  return array.buffers[0] == nullptr || bit(array.buffers[0], row);
}

// The range of a row of texts or lists; false where offsets do not rise from 0.
inline bool range(const ArrowArray& array, int64_t row, int32_t& begin, int32_t& end) {
  const int32_t* offsets = static_cast<const int32_t*>(array.buffers[1]);
  begin = offsets[row];
  end = offsets[row + 1];
  return begin >= 0 && begin <= end && (row != 0 || begin == 0);
}

inline bool add_text(const ArrowArray& array, int64_t row, bool binary, uint64_t& hash) {
  int32_t begin, end;
  if (array.n_buffers != 3 || !range(array, row, begin, end)) return false;
  std::string_view text;
  if (begin != end) text = {static_cast<const char*>(array.buffers[2]) + begin, static_cast<size_t>(end - begin)};
  hash = mix(hash, text);
  return binary || engine::is_utf8(text);
}

inline bool add_fixed(const ArrowArray& array, int64_t row, int bits, uint64_t& hash) {
  if (array.n_buffers != 2) return false;
  const uint8_t* values = static_cast<const uint8_t*>(array.buffers[1]);
  if (bits == 1) {
    hash = mix(hash, uint64_t{bit(values, row)});
    return true;
  }
  hash = mix(hash,
             std::string_view(reinterpret_cast<const char*>(values) + row * (bits / 8), static_cast<size_t>(bits / 8)));
  return true;
}

// Behind the widths of one column.
inline const int* behind(const int* width) {
  if (*width == kList) return behind(width + 1);
  if (*width != kStruct) return width + 1;
  const int members = width[1];
  width += 2;
  for (int member = 0; member < members; ++member) width = behind(width);
  return width;
}

inline bool add_value(const ArrowArray& array, int64_t row, const int* width, uint64_t& hash);

inline bool add_list(const ArrowArray& array, int64_t row, const int* item_width, uint64_t& hash) {
  int32_t begin, end;
  if (array.n_buffers != 2 || array.n_children != 1 || !range(array, row, begin, end)) return false;
  const ArrowArray& items = *array.children[0];
  if (end > items.length) return false;
  for (int32_t item = begin; item < end; ++item) {
    if (!add_value(items, item, item_width, hash)) return false;
  }
  hash = mix(hash, static_cast<uint64_t>(end - begin));
  return true;
}

inline bool add_struct(const ArrowArray& array, int64_t row, const int* width, uint64_t& hash) {
  if (array.n_buffers != 1 || array.n_children != width[1]) return false;
  const int* member_width = width + 2;
  for (int member = 0; member < width[1]; ++member) {
    const ArrowArray& values = *array.children[member];
    if (values.length != array.length || !add_value(values, row, member_width, hash)) return false;
    member_width = behind(member_width);
  }
  return true;
}

inline bool add_value(const ArrowArray& array, int64_t row, const int* width, uint64_t& hash) {
  const bool valid = is_valid(array, row);
  hash = mix(hash, uint64_t{valid});
  if (!valid) return true;
  if (*width == kList) return add_list(array, row, width + 1, hash);
  if (*width == kStruct) return add_struct(array, row, width, hash);
  return *width > 0 ? add_fixed(array, row, *width, hash) : add_text(array, row, *width == kBinary, hash);
}

inline bool add_column(const ArrowArray& array, const int* width, uint64_t& hash) {
  int64_t nulls = 0;
  for (int64_t row = 0; row < array.length; ++row) {
    nulls += is_valid(array, row) ? 0 : 1;
    if (!add_value(array, row, width, hash)) return false;
  }
  return array.offset == 0 && (array.null_count == nulls || array.null_count == -1);
}

// Adds the rows of a batch to the hashes of its columns; false where an array is not as Arrow has it.
inline bool add_rows(const ArrowArray* batch, const std::vector<int>& widths, std::vector<uint64_t>& hashes) {
  if (batch->null_count > 0) return false;
  hashes.resize(static_cast<size_t>(batch->n_children));
  const int* width = widths.data();
  for (size_t place = 0; place < hashes.size(); ++place) {
    if (width >= widths.data() + widths.size()) return false;
    const ArrowArray& column = *batch->children[place];
    if (column.length != batch->length || !add_column(column, width, hashes[place])) return false;
    width = behind(width);
  }
  return width == widths.data() + widths.size();
}

}  // namespace fuzz
