#include "engine/frame.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace engine {
namespace {

constexpr size_t kSmallest = 8 * 1024;

// Place behind the last line feed, or 0.
size_t behind_last_feed(const char* data, size_t size) noexcept {
  std::string_view text(data, size);
  size_t found = text.rfind('\n');
  return found == std::string_view::npos ? 0 : found + 1;
}

}  // namespace

std::string_view trim_line(std::string_view line) noexcept {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  return line;
}

Frame::Frame(size_t max_record) : max_record_(max_record) {}

void Frame::make_room(size_t size) {
  if (begin_ != 0 && end_ + size + kPadding > capacity_) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    complete_ -= std::min(complete_, begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ + size + kPadding <= capacity_) return;
  size_t capacity = std::max({kSmallest, capacity_ * 2, end_ + size + kPadding});
  std::unique_ptr<char[]> larger(new char[capacity]);  // make_unique would fill it with zeros
  if (end_ != 0) std::memcpy(larger.get(), buffer_.get(), end_);
  buffer_ = std::move(larger);
  capacity_ = capacity;
}

void Frame::add(const char* data, size_t size) {
  if (skipping_) {
    size_t used = skip(data, size);
    data += used;
    size -= used;
    if (size == 0) return;
  }
  make_room(size);
  std::memcpy(buffer_.get() + end_, data, size);
  size_t feed = behind_last_feed(data, size);
  if (feed != 0) complete_ = end_ + feed;
  end_ += size;
  std::memset(buffer_.get() + end_, 0, kPadding);
}

void Frame::lend(const char* data, size_t size) noexcept {
  lent_ = data;
  begin_ = 0;
  end_ = size;
  complete_ = size > kPadding ? behind_last_feed(data, size - kPadding) : 0;
}

void Frame::keep_rest() {
  const char* rest = data();
  size_t left = size();
  lent_ = nullptr;
  begin_ = end_ = complete_ = 0;
  if (left != 0) add(rest, left);
  check_tail();
}

void Frame::check_tail() {
  if (lent_ != nullptr) return;
  constexpr size_t kShort = 64;  // too little to give up on, and perhaps a byte order mark
  if (end_ - begin_ <= std::max(max_record_, kShort) || complete() != 0) return;
  std::string_view line = trim_line({data(), size()});
  if (!too_long(line.size(), size())) return;
  size_t lead = static_cast<size_t>(line.data() - data());
  offset_ += static_cast<int64_t>(lead);
  long_offset_ = offset_;
  skipping_ = true;
  last_cr_ = false;
  seen_ = content_ = before_cr_ = 0;
  std::string_view rest(line.data(), size() - lead);
  end_ = begin_;
  skip(rest.data(), rest.size());
}

// Takes bytes of the long line, through its line feed; returns how many.
size_t Frame::skip(const char* data, size_t size) {
  const void* feed = std::memchr(data, '\n', size);
  std::string_view text(data, feed == nullptr ? size : static_cast<size_t>(static_cast<const char*>(feed) - data));
  long_raw_.append(text.substr(0, kMostRaw - long_raw_.size()));
  if (!text.empty()) {
    bool cr = text.back() == '\r';
    size_t last = text.substr(0, text.size() - (cr ? 1 : 0)).find_last_not_of(" \t");
    int64_t before = last == std::string_view::npos ? content_ : seen_ + static_cast<int64_t>(last) + 1;
    seen_ += static_cast<int64_t>(text.size());
    before_cr_ = before;
    content_ = cr ? seen_ : before;
    last_cr_ = cr;
  }
  if (feed == nullptr) return text.size();
  skipping_ = false;
  skip_done_ = true;
  offset_ += seen_ + 1;
  long_size_ = last_cr_ ? before_cr_ : content_;
  long_raw_.resize(std::min(long_raw_.size(), static_cast<size_t>(long_size_)));
  return text.size() + 1;
}

void Frame::clear_long() noexcept {
  skip_done_ = false;
  long_raw_ = std::string();  // shrink_to_fit would ask for a newer libstdc++ than manylinux_2_28 has
}

void Frame::consume(size_t size) noexcept {
  begin_ += size;
  offset_ += static_cast<int64_t>(size);
}

void Frame::end() {
  if (skipping_) {
    skip("\n", 1);
  } else if (end_ > std::max(begin_, complete_)) {
    add("\n", 1);
  }
}

}  // namespace engine
