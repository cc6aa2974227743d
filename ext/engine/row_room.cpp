// The memory of a batch under construction.
#include <algorithm>
#include <utility>

#include "engine/row.hpp"

namespace engine {

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
  for (Column& column : columns_) column.make_room(room_);
  for (Column& column : indicators_) column.make_room(room_);
  row_ids_.make_room(room_);
  event_times_.make_room(room_);
}

void RowBuilder::set_arena() {
  arena_ = std::make_unique<Arena>(pool_, expected_bytes_);
  for (Column& column : columns_) column.reset(arena_.get());
  for (Column& column : indicators_) column.reset(arena_.get());
  row_ids_.reset(arena_.get());
  event_times_.reset(arena_.get());
}

std::unique_ptr<Arena> RowBuilder::take_arena() {
  expected_bytes_ = arena_->used();
  std::unique_ptr<Arena> taken = std::move(arena_);
  set_arena();
  room_ = std::max<int64_t>(128, rows_ + rows_ / 32);
  rows_ = 0;
  give_room();
  return taken;
}

size_t RowBuilder::size_bytes() const noexcept {
  size_t size = row_ids_.size_bytes() + event_times_.size_bytes();
  for (const Column& column : columns_) size += column.size_bytes();
  for (const Column& column : indicators_) size += column.size_bytes();
  return size;
}

}  // namespace engine
