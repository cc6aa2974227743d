// The memory of a batch under construction.
#include <algorithm>
#include <utility>

#include "engine/row.hpp"

namespace engine {

template <typename Do>
void RowBuilder::each_column(Do&& what) {
  for (Column& column : columns_) what(column);
  for (Column& column : indicators_) what(column);
  what(row_ids_);
  what(event_times_);
}

// Room for eight times the rows, or for as many as the batch will hold by the look of those so far.
void RowBuilder::make_room() {
  if (room_ == 0) {
    room_ = 128;
  } else {
    auto batch = static_cast<int64_t>(batch_bytes_ / (size_bytes() / static_cast<size_t>(rows_) + 1));
    room_ = std::max(room_ + room_ / 4, std::min(room_ * 8, batch + batch / 32));
  }
  give_room();
}

void RowBuilder::give_room() {
  each_column([this](Column& column) { column.make_room(room_); });
}

void RowBuilder::set_arena() {
  arena_ = std::make_unique<Arena>(pool_, expected_bytes_);
  each_column([this](Column& column) { column.reset(arena_.get()); });
}

std::unique_ptr<Arena> RowBuilder::take_arena() {
  // The last one, or one before a pause, holds what was left: nothing is learnt from it, unless it is all so far.
  if (!learnt_ || arena_->used() >= expected_bytes_ / 2) {
    learnt_ = true;
    expected_bytes_ = arena_->used();
    expected_size_ = size_bytes();
    expected_rows_ = std::max<int64_t>(128, rows_ + rows_ / 32);
    each_column([](Column& column) { column.learn(); });
  }
  std::unique_ptr<Arena> taken = std::move(arena_);
  set_arena();
  room_ = expected_rows_;
  rows_ = 0;
  give_room();
  return taken;
}

int64_t RowBuilder::expect_like(const RowBuilder& other, double times) {
  if (other.expected_size_ == 0) return 0;
  times = std::min(times, static_cast<double>(batch_bytes_) / static_cast<double>(other.expected_size_));
  if (other.learnt_) times += times / 16;  // once: what it was only told has that already
  auto more = [times](auto number) { return static_cast<decltype(number)>(static_cast<double>(number) * times); };
  expected_bytes_ = more(other.expected_bytes_);
  expected_size_ = more(other.expected_size_);
  room_ = expected_rows_ = std::max<int64_t>(128, more(other.expected_rows_));
  for (size_t place = 0; place < columns_.size(); ++place) columns_[place].expect_like(other.columns_[place], times);
  for (size_t place = 0; place < indicators_.size(); ++place)
    indicators_[place].expect_like(other.indicators_[place], times);
  row_ids_.expect_like(other.row_ids_, times);
  event_times_.expect_like(other.event_times_, times);
  set_arena();
  give_room();
  return room_;
}

size_t RowBuilder::size_bytes() const noexcept {
  size_t size = row_ids_.size_bytes() + event_times_.size_bytes();
  for (const Column& column : columns_) size += column.size_bytes();
  for (const Column& column : indicators_) size += column.size_bytes();
  return size;
}

}  // namespace engine
