// Chunks to lines: holds the bytes that are not read yet, keeps the unfinished tail between chunks, and
// skips over a line that is longer than a record may be.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/token.hpp"

namespace engine {

// How much of a rejected record is kept.
constexpr size_t kMostRaw = 1 << 20;

// A line without one CR at its end and without the spaces and tabs at both ends.
std::string_view trim_line(std::string_view line) noexcept;

class Frame {
 public:
  explicit Frame(size_t max_record);
  // The place of the first byte in the stream, where that is not 0.
  void begin_at(int64_t offset) noexcept { offset_ = offset; }

  // Puts bytes behind those held. The bytes are copied; throws std::bad_alloc.
  void add(const char* data, size_t size);
  // Where nothing is held: reads the caller's bytes in place, but for the last kPadding, until `keep_rest`
  // copies what was not consumed.
  void lend(const char* data, size_t size) noexcept;
  void keep_rest();
  // The input ends: what is held ends with a line feed now.
  void end();

  // Bytes held, kPadding readable ones behind them; `offset` is the place of the first in the stream.
  const char* data() const noexcept { return (lent_ != nullptr ? lent_ : buffer_.get()) + begin_; }
  size_t size() const noexcept { return end_ - begin_; }
  int64_t offset() const noexcept { return offset_; }
  // Bytes held that end with a line feed.
  size_t complete() const noexcept { return complete_ > begin_ ? complete_ - begin_ : 0; }
  void consume(size_t size) noexcept;

  // Once the complete lines are consumed: gives up holding an unfinished line that is too long already.
  void check_tail();
  // Whether such a line is under way, its end not seen yet.
  bool skipping() const noexcept { return skipping_; }
  // Whether such a line has ended, and what it was.
  bool skip_done() const noexcept { return skip_done_; }
  std::string_view long_raw() const noexcept { return long_raw_; }
  int64_t long_offset() const noexcept { return long_offset_; }
  int64_t long_size() const noexcept { return long_size_; }
  void clear_long() noexcept;

  // Whether a line is beyond the limit.
  bool too_long(size_t trimmed, size_t whole) const noexcept {
    return trimmed > max_record_ || whole > max_record_ + kMostRaw;
  }

 private:
  void make_room(size_t size);
  size_t skip(const char* data, size_t size);

  size_t max_record_;
  std::unique_ptr<char[]> buffer_;
  const char* lent_ = nullptr;
  size_t capacity_ = 0, begin_ = 0, end_ = 0;
  size_t complete_ = 0;  // place behind the last line feed
  int64_t offset_ = 0;
  bool skipping_ = false, skip_done_ = false;
  std::string long_raw_;
  int64_t long_offset_ = 0, long_size_ = 0;
  int64_t seen_ = 0;       // bytes of the long line so far
  int64_t content_ = 0;    // up to its last byte that is no blank
  int64_t before_cr_ = 0;  // the same, before the CR that is its last byte
  bool last_cr_ = false;
};

}  // namespace engine
