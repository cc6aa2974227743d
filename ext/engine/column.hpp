// Values to Arrow buffers. A column grows a row at a time; rows it is not told of are null and cost
// nothing until a later row is written, so that a column no row fills has no buffers at all. Validity is
// kept as runs of valid rows: bits are written when a run ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/buffer.hpp"
#include "engine/plan.hpp"
#include "engine/token.hpp"

namespace engine {

// How far before what is written now memory is fetched: more than two rows of what is short, less than what the
// cache holds of eighty columns. Without them Aurora is read 8 %, VPC flow 10 %, ALB and S3 23 % slower.
constexpr uintptr_t kAhead = 192, kAheadData = 384;

// Aligned, so that what a row needs of it is one cache line.
class alignas(64) Column {
 public:
  explicit Column(const Type& type);

  Kind kind() const noexcept { return kind_; }
  const std::vector<Column>& children() const noexcept { return children_; }
  Column& child(size_t place) noexcept { return children_[place]; }

  // Each writes the value of row `row`, which is at least `length()` and below the room made by
  // `make_room`. All may throw std::bad_alloc.
  void append_bool(int64_t row, bool value);
  ENGINE_INLINE void append_int64(int64_t row, int64_t value) { append_fixed<int64_t>(row, value); }
  // An integer or a float in the column's own width; the caller has seen that it fits.
  void append_number(int64_t row, int64_t value);
  void append_number(int64_t row, double value);
  ENGINE_INLINE void append_float64(int64_t row, double value) { append_fixed<double>(row, value); }
  // `text` must have kPadding readable bytes behind it.
  ENGINE_INLINE void append_string(int64_t row, std::string_view text) {
    copy_padded(append_bytes(row, text.size()), text.data(), text.size());
  }
  // A string of `size` bytes that the caller writes; kPadding bytes behind them may be written too.
  ENGINE_INLINE char* append_bytes(int64_t row, size_t size) {
    if (row != length_) catch_up(row);
    int32_t* offsets = reinterpret_cast<int32_t*>(values_.data) + row;
    size_t end = static_cast<size_t>(offsets[0]);
    if (data_.capacity < end + size + kPadding) grow_data(end, size);
    offsets[1] = static_cast<int32_t>(end + size);
    length_ = row + 1;
    prefetch_behind(data_.data + end, kAheadData);
    prefetch_behind(offsets, kAhead);
    return reinterpret_cast<char*>(data_.data) + end;
  }
  // A list of strings.
  ENGINE_INLINE void append_list(int64_t row, const Token* items, size_t count) {
    if (row != length_) catch_up(row);
    Column& items_column = children_[0];
    for (size_t item = 0; item < count; ++item) items_column.append_item(items[item].text());
    int32_t* offsets = reinterpret_cast<int32_t*>(values_.data) + row;
    offsets[1] = static_cast<int32_t>(offsets[0] + static_cast<int64_t>(count));
    length_ = row + 1;
    prefetch_behind(offsets, kAhead);
  }

  // A struct that is there; its members are the children's rows of the same number.
  void append_struct(int64_t row) {
    if (row != length_) catch_up(row);
    length_ = row + 1;
  }
  // A list of `count` items, which are the child's rows from the one that comes back on; the caller writes those
  // that are not null.
  int64_t append_items(int64_t row, size_t count);

  // Room for `rows` rows; what was written stays.
  void make_room(int64_t rows);
  // Takes back what was written for `row` and behind it.
  void truncate(int64_t row) noexcept;
  // Bytes that hold values now.
  size_t size_bytes() const noexcept;
  // Nulls up to `rows`; returns how many rows are valid. Without any, the column has no buffers.
  int64_t finish(int64_t rows);
  // The next batches will be like this one: as much room for texts and items.
  void learn() noexcept;
  // Ready for the next batch, whose buffers come from `arena`.
  void reset(Arena* arena) noexcept;
  // A batch is to come that is like the last one of `other`, so many times larger: room for its texts and items.
  void expect_like(const Column& other, double times) noexcept;

  // Once finished: the buffers, null where there are none.
  const void* validity() const noexcept { return validity_.data; }
  const void* values() const noexcept { return values_.data; }
  const void* data() const noexcept { return data_.data; }

 private:
  template <typename T>
  ENGINE_INLINE void append_fixed(int64_t row, T value) {
    if (row != length_) catch_up(row);
    T* values = reinterpret_cast<T*>(values_.data) + row;
    *values = value;
    length_ = row + 1;
    prefetch_behind(values, kAhead);
  }
  // In few sizes, up to kPadding bytes too many: loops over the exact size are guessed wrong too often.
  static ENGINE_INLINE void copy_padded(char* to, const char* from, size_t size) noexcept {
    std::memcpy(to, from, 16);
    if (size <= 16) return;
    std::memcpy(to + 16, from + 16, 48);
    if (size <= 64) return;
    std::memcpy(to + 64, from + 64, 64);
    if (size > 128) std::memcpy(to + 128, from + 128, size - 128);
  }
  bool has_offsets() const noexcept { return kind_ == Kind::string || kind_ == Kind::list; }
  void catch_up(int64_t row);
  void end_run();
  void grow_data(size_t used, size_t more);
  ENGINE_INLINE void append_item(std::string_view text) {
    int64_t row = length_ < 0 ? 0 : length_;
    if (row >= room_) make_room(room_ < 64 ? 128 : room_ * 2);
    append_string(row, text);
  }

  int64_t length_ = -1;  // rows written so far, the last of them valid; -1: nothing is, there are no buffers
  Buffer values_, data_;
  int64_t room_ = 0;  // rows
  Kind kind_;
  uint8_t width_;  // bytes of a row in values_; for booleans 0
  std::vector<Column> children_;
  Buffer validity_;
  int64_t run_ = 0;    // where the run of valid rows that ends at length_ began
  int64_t valid_ = 0;  // in the runs before
  Arena* arena_ = nullptr;
  size_t data_wanted_ = 1024;
};

}  // namespace engine
