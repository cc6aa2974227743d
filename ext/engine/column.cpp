#include "engine/column.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace engine {
namespace {

constexpr size_t kMostData = 0x7fffffff;  // what int32 offsets can address

uint8_t width_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::boolean:
    case Kind::structure: return 0;
    case Kind::int8: return 1;
    case Kind::int16: return 2;
    case Kind::int32:
    case Kind::float32:
    case Kind::string:
    case Kind::list: return 4;
    case Kind::int64:
    case Kind::float64:
    case Kind::timestamp_us: return 8;
  }
  return 0;
}

size_t bit_bytes(int64_t rows) noexcept { return static_cast<size_t>(rows + 7) / 8; }

// A buffer of `size` bytes that begins with the first `used` of this one.
void enlarge(Buffer& buffer, size_t used, size_t size, Arena& arena) {
  if (buffer.capacity >= size) return;
  Buffer larger = arena.allocate(size);
  if (used != 0 && buffer.data != nullptr) std::memcpy(larger.data, buffer.data, used);
  arena.leave(buffer);
  buffer = larger;
}

// Sets the bits from `begin` to `end`.
void set_bits(uint8_t* bits, int64_t begin, int64_t end) noexcept {
  if (begin >= end) return;
  uint8_t* const first = bits + begin / 8;
  uint8_t* const last = bits + (end - 1) / 8;
  const int from = 0xFF << begin % 8, to = 0xFF >> (7 - (end - 1) % 8);
  if (first == last) {
    *first = static_cast<uint8_t>(*first | (from & to));
    return;
  }
  *first = static_cast<uint8_t>(*first | from);
  std::memset(first + 1, 0xFF, static_cast<size_t>(last - first) - 1);
  *last = static_cast<uint8_t>(*last | to);
}

}  // namespace

Column::Column(const Type& type) : kind_(type.kind), width_(width_of(type.kind)) {
  children_.reserve(type.children.size());
  for (const Type& child : type.children) children_.emplace_back(child);
}

void Column::make_room(int64_t rows) {
  int64_t old = room_;
  room_ = rows;
  if (kind_ == Kind::structure) {
    for (Column& child : children_) child.make_room(rows);
  }
  if (length_ < 0) return;
  size_t used = static_cast<size_t>(length_);
  if (kind_ == Kind::string && length_ > 0) {  // as many bytes a row as so far
    data_wanted_ = size_bytes() / used * (static_cast<size_t>(rows) + static_cast<size_t>(rows) / 16);
  }
  if (kind_ == Kind::list && length_ > 0) {  // as many items a row as so far
    const int64_t count = reinterpret_cast<const int32_t*>(values_.data)[length_];
    const auto items = static_cast<int64_t>(static_cast<double>(count) / static_cast<double>(length_) *
                                            (static_cast<double>(rows) * 17 / 16));
    if (items > children_[0].room_) children_[0].make_room(items);
  }
  if (kind_ == Kind::boolean) {
    enlarge(values_, bit_bytes(old), bit_bytes(rows), *arena_);
  } else if (width_ != 0) {
    size_t extra = has_offsets() ? 1 : 0;
    enlarge(values_, (used + extra) * width_, (static_cast<size_t>(rows) + extra) * width_, *arena_);
  }
  if (validity_.data != nullptr) {
    enlarge(validity_, bit_bytes(old), bit_bytes(rows), *arena_);
    std::memset(validity_.data + bit_bytes(old), 0, bit_bytes(rows) - bit_bytes(old));
  }
}

// Writes the nulls before `row`; at the batch's first value, makes the buffers.
void Column::catch_up(int64_t row) {
  if (length_ < 0) {
    length_ = run_ = valid_ = 0;
    int64_t rows = room_;
    room_ = 0;
    make_room(rows);
    if (has_offsets()) std::memset(values_.data, 0, width_);
  }
  if (row == length_) return;
  end_run();
  size_t gap = static_cast<size_t>(row - length_);
  if (has_offsets()) {
    int32_t* offsets = reinterpret_cast<int32_t*>(values_.data);
    std::fill_n(offsets + length_ + 1, gap, offsets[length_]);
  } else if (width_ != 0) {
    std::memset(values_.data + static_cast<size_t>(length_) * width_, 0, gap * width_);
  }
  length_ = run_ = row;
}

void Column::end_run() {
  if (validity_.data == nullptr) {
    validity_ = arena_->allocate(bit_bytes(room_));
    std::memset(validity_.data, 0, bit_bytes(room_));
  }
  set_bits(validity_.data, run_, length_);
  valid_ += length_ - run_;
  run_ = length_;
}

void Column::grow_data(size_t used, size_t more) {
  if (used + more > kMostData) throw std::bad_alloc();  // a batch ends long before: only one huge record gets here
  size_t size = std::max(data_wanted_, used + more) + kPadding;
  // What is left behind is lost to the batch: small buffers grow in few steps, large ones in small steps.
  size_t grown = data_.capacity < 65536 ? data_.capacity * 4 : data_.capacity + data_.capacity / 2;
  enlarge(data_, used, std::max(size, grown), *arena_);
}

void Column::append_bool(int64_t row, bool value) {
  if (row != length_) catch_up(row);
  uint8_t bit = static_cast<uint8_t>(1 << (row & 7));
  uint8_t& byte = values_.data[row >> 3];
  byte = static_cast<uint8_t>(value ? byte | bit : byte & ~bit);
  length_ = row + 1;
}

void Column::append_number(int64_t row, int64_t value) {
  switch (kind_) {
    case Kind::int8: return append_fixed(row, static_cast<int8_t>(value));
    case Kind::int16: return append_fixed(row, static_cast<int16_t>(value));
    case Kind::int32: return append_fixed(row, static_cast<int32_t>(value));
    case Kind::int64:
    case Kind::timestamp_us: return append_fixed(row, value);
    case Kind::boolean:
    case Kind::float32:
    case Kind::float64:
    case Kind::string:
    case Kind::list:
    case Kind::structure: return;
  }
}

void Column::append_number(int64_t row, double value) {
  if (kind_ == Kind::float32) return append_fixed(row, static_cast<float>(value));
  append_fixed(row, value);
}

int64_t Column::append_items(int64_t row, size_t count) {
  if (row != length_) catch_up(row);
  int32_t* offsets = reinterpret_cast<int32_t*>(values_.data) + row;
  const int64_t first = offsets[0], end = first + static_cast<int64_t>(count);
  if (end > static_cast<int64_t>(kMostData)) throw std::bad_alloc();
  Column& items = children_[0];
  if (end > items.room_) items.make_room(std::max(end, items.room_ < 64 ? int64_t{128} : items.room_ * 2));
  offsets[1] = static_cast<int32_t>(end);
  length_ = row + 1;
  return first;
}

void Column::truncate(int64_t row) noexcept {
  if (length_ <= row) return;
  length_ = row;
  if (kind_ == Kind::list) {
    int64_t keep = reinterpret_cast<const int32_t*>(values_.data)[row];
    if (children_[0].length_ > keep) children_[0].length_ = keep;
  }
}

size_t Column::size_bytes() const noexcept {
  if (length_ <= 0) return 0;
  size_t size = static_cast<size_t>(length_) * width_ + bit_bytes(length_);
  if (kind_ == Kind::string) size += static_cast<size_t>(reinterpret_cast<const int32_t*>(values_.data)[length_]);
  for (const Column& child : children_) size += child.size_bytes();
  return size;
}

int64_t Column::finish(int64_t rows) {
  if (length_ <= 0 || valid_ + length_ - run_ == 0) return 0;
  if (length_ < rows) catch_up(rows);
  if (validity_.data != nullptr) end_run();
  return validity_.data != nullptr ? valid_ : rows;
}

void Column::learn() noexcept {
  if (kind_ == Kind::string && length_ > 0) {
    size_t used = static_cast<size_t>(reinterpret_cast<const int32_t*>(values_.data)[length_]);
    data_wanted_ = used + used / 32 + 256;
  }
  if (kind_ == Kind::list && length_ > 0) {
    const int64_t items = reinterpret_cast<const int32_t*>(values_.data)[length_];
    children_[0].room_ = items + items / 32;
  }
  for (Column& child : children_) child.learn();
}

void Column::reset(Arena* arena) noexcept {
  length_ = -1;
  values_ = data_ = validity_ = Buffer();
  arena_ = arena;
  for (Column& child : children_) child.reset(arena);
}

void Column::expect_like(const Column& other, double times) noexcept {
  room_ = static_cast<int64_t>(static_cast<double>(other.room_) * times);
  data_wanted_ = std::min(static_cast<size_t>(static_cast<double>(other.data_wanted_) * times), kMostData / 2);
  for (size_t place = 0; place < children_.size(); ++place) children_[place].expect_like(other.children_[place], times);
}

}  // namespace engine
