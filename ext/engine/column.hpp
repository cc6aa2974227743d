// Values to Arrow buffers. A column grows a row at a time; rows it is not told of are null and cost
// nothing until a later row is written, so that a column no row fills has no buffers at all.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/buffer.hpp"
#include "engine/plan.hpp"
#include "engine/token.hpp"

namespace engine {

class Column {
 public:
  Column(const Type& type, std::shared_ptr<Pool> pool);

  Kind kind() const noexcept { return kind_; }
  const std::vector<Column>& children() const noexcept { return children_; }

  // Each writes the value of row `row`, which is at least `length()`. All may throw std::bad_alloc.
  void append_bool(int64_t row, bool value);
  void append_int64(int64_t row, int64_t value) { append_fixed<int64_t>(row, value); }
  void append_float64(int64_t row, double value) { append_fixed<double>(row, value); }
  // An integer or a float in the column's own width; the caller has seen that it fits.
  void append_number(int64_t row, int64_t value);
  void append_number(int64_t row, double value);
  // `text` must have kPadding readable bytes behind it.
  void append_string(int64_t row, std::string_view text) {
    if (row != length_ || row >= capacity_) catch_up(row);
    int32_t* offsets = reinterpret_cast<int32_t*>(values_.data());
    size_t end = static_cast<size_t>(offsets[row]);
    if (data_.capacity() < end + text.size() + kPadding) grow_data(end, text.size());
    copy_padded(data_.data() + end, text.data(), text.size());
    offsets[row + 1] = static_cast<int32_t>(end + text.size());
    set_valid(row);
  }
  // A list of strings.
  void append_list(int64_t row, const Token* items, size_t count);

  // Rows written so far, the last of them not null.
  int64_t length() const noexcept { return length_; }
  // Takes back what was written for `row` and behind it.
  void truncate(int64_t row) noexcept;
  // Bytes that hold values now.
  size_t size_bytes() const noexcept;
  // Fills up to `rows` with nulls, where any value was written.
  void finish(int64_t rows) {
    if (valid_ == 0) return;
    if (length_ < rows) catch_up(rows);
    if (kind_ == Kind::string) data_wanted_ = static_cast<size_t>(reinterpret_cast<const int32_t*>(values_.data())[rows]);
  }
  // Ready for the next batch, with room for `rows` when first written.
  void reset(int64_t rows) noexcept;

  int64_t valid() const noexcept { return valid_; }
  Buffer take_validity() noexcept { return std::move(validity_); }
  Buffer take_values() noexcept { return std::move(values_); }
  Buffer take_data() noexcept { return std::move(data_); }
  Column& child(size_t place) noexcept { return children_[place]; }

 private:
  template <typename T>
  void append_fixed(int64_t row, T value) {
    if (row != length_ || row >= capacity_) catch_up(row);
    reinterpret_cast<T*>(values_.data())[row] = value;
    set_valid(row);
  }
  void set_valid(int64_t row) noexcept {
    validity_.data()[row >> 3] |= static_cast<uint8_t>(1 << (row & 7));
    length_ = row + 1;
    ++valid_;
  }
  static void copy_padded(uint8_t* to, const char* from, size_t size) noexcept {
    if (size <= 16) {
      std::memcpy(to, from, 16);
    } else if (size <= 32) {
      std::memcpy(to, from, 32);
    } else {
      std::memcpy(to, from, size);
    }
  }
  bool has_offsets() const noexcept { return kind_ == Kind::string || kind_ == Kind::list; }
  void catch_up(int64_t row);
  void grow_rows(int64_t row);
  void grow_data(size_t used, size_t more);

  Kind kind_;
  size_t width_;  // bytes of a row in values_; for booleans 0
  std::vector<Column> children_;
  std::shared_ptr<Pool> pool_;
  Buffer validity_, values_, data_;
  int64_t length_ = 0;
  int64_t capacity_ = 0;  // rows
  int64_t valid_ = 0;
  int64_t wanted_ = 1024;  // rows to make room for at first
  size_t data_wanted_ = 4096;
};

}  // namespace engine
