#include "engine/column.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace engine {
namespace {

constexpr size_t kMostData = 0x7fffffff;  // what int32 offsets can address

size_t width_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::boolean: case Kind::structure: return 0;
    case Kind::int8: return 1;
    case Kind::int16: return 2;
    case Kind::int32: case Kind::float32: case Kind::string: case Kind::list: return 4;
    case Kind::int64: case Kind::float64: case Kind::timestamp_us: return 8;
  }
  return 0;
}

void enlarge(Buffer& buffer, size_t used, size_t size, const std::shared_ptr<Pool>& pool) {
  Buffer larger = pool->acquire(size);
  if (used != 0) std::memcpy(larger.data(), buffer.data(), used);
  buffer = std::move(larger);
}

}  // namespace

Column::Column(const Type& type, std::shared_ptr<Pool> pool)
    : kind_(type.kind), width_(width_of(type.kind)), pool_(std::move(pool)) {
  children_.reserve(type.children.size());
  for (const Type& child : type.children) children_.emplace_back(child, pool_);
}

void Column::grow_rows(int64_t row) {
  int64_t rows = std::max({wanted_, capacity_ * 2, row + 1});
  size_t used = static_cast<size_t>(length_);
  size_t bits = static_cast<size_t>(rows + 7) / 8;
  size_t bits_used = (static_cast<size_t>(capacity_) + 7) / 8;
  enlarge(validity_, bits_used, bits, pool_);
  std::memset(validity_.data() + bits_used, 0, bits - bits_used);
  if (kind_ == Kind::boolean) {
    enlarge(values_, bits_used, bits, pool_);
    std::memset(values_.data() + bits_used, 0, bits - bits_used);
  } else if (width_ != 0) {
    size_t extra = has_offsets() ? 1 : 0;
    bool first = values_.data() == nullptr;
    enlarge(values_, first ? 0 : (used + extra) * width_, (static_cast<size_t>(rows) + extra) * width_, pool_);
    if (first && extra != 0) std::memset(values_.data(), 0, width_);
  }
  capacity_ = rows;
}

// Makes room for `row` and writes the nulls before it.
void Column::catch_up(int64_t row) {
  if (row >= capacity_) grow_rows(row);
  if (row > length_) {
    size_t gap = static_cast<size_t>(row - length_);
    if (has_offsets()) {
      int32_t* offsets = reinterpret_cast<int32_t*>(values_.data());
      std::fill_n(offsets + length_ + 1, gap, offsets[length_]);
    } else if (width_ != 0) {
      std::memset(values_.data() + static_cast<size_t>(length_) * width_, 0, gap * width_);
    }
    length_ = row;
  }
}

void Column::grow_data(size_t used, size_t more) {
  if (used + more > kMostData) throw std::bad_alloc();  // a batch ends long before: only one huge record gets here
  size_t size = std::max(data_wanted_ + kPadding, used + more + kPadding);
  enlarge(data_, used, data_.data() == nullptr ? size : std::max(size, data_.capacity() * 2), pool_);
}

void Column::append_bool(int64_t row, bool value) {
  if (row != length_ || row >= capacity_) catch_up(row);
  uint8_t bit = static_cast<uint8_t>(1 << (row & 7));
  uint8_t& byte = values_.data()[row >> 3];
  byte = static_cast<uint8_t>(value ? byte | bit : byte & ~bit);
  set_valid(row);
}

void Column::append_number(int64_t row, int64_t value) {
  switch (kind_) {
    case Kind::int8: return append_fixed(row, static_cast<int8_t>(value));
    case Kind::int16: return append_fixed(row, static_cast<int16_t>(value));
    case Kind::int32: return append_fixed(row, static_cast<int32_t>(value));
    case Kind::int64: case Kind::timestamp_us: return append_fixed(row, value);
    case Kind::boolean: case Kind::float32: case Kind::float64: case Kind::string: case Kind::list:
    case Kind::structure: return;
  }
}

void Column::append_number(int64_t row, double value) {
  if (kind_ == Kind::float32) return append_fixed(row, static_cast<float>(value));
  append_fixed(row, value);
}

void Column::append_list(int64_t row, const Token* items, size_t count) {
  if (row != length_ || row >= capacity_) catch_up(row);
  int32_t* offsets = reinterpret_cast<int32_t*>(values_.data());
  Column& items_column = children_[0];
  int64_t place = offsets[row];
  for (size_t item = 0; item < count; ++item) items_column.append_string(place++, items[item].text());
  offsets[row + 1] = static_cast<int32_t>(place);
  set_valid(row);
}

void Column::truncate(int64_t row) noexcept {
  if (length_ <= row) return;
  validity_.data()[row >> 3] &= static_cast<uint8_t>(~(1 << (row & 7)));
  --valid_;
  length_ = row;
  if (kind_ == Kind::list) {
    Column& items = children_[0];
    int32_t keep = reinterpret_cast<const int32_t*>(values_.data())[row];
    while (items.length_ > keep) items.truncate(items.length_ - 1);
  }
}

size_t Column::size_bytes() const noexcept {
  if (valid_ == 0) return 0;
  size_t size = static_cast<size_t>(length_) * width_ + static_cast<size_t>(length_) / 8;
  if (kind_ == Kind::string) size += static_cast<size_t>(reinterpret_cast<const int32_t*>(values_.data())[length_]);
  for (const Column& child : children_) size += child.size_bytes();
  return size;
}

void Column::reset(int64_t rows) noexcept {
  wanted_ = rows;
  length_ = capacity_ = valid_ = 0;
  for (Column& child : children_) child.reset(rows);
}

}  // namespace engine
