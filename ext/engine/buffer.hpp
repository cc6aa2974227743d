// Memory of batches: 64-byte aligned buffers that go back to a pool when the last consumer lets go.
// The pool may outlive its reader and is used by any thread, without the interpreter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace engine {

class Pool;

// One aligned piece of memory; goes back to its pool, or is freed where it has none.
class Buffer {
 public:
  Buffer() = default;
  Buffer(uint8_t* data, size_t capacity, std::shared_ptr<Pool> pool) noexcept;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  uint8_t* data() const noexcept { return data_; }
  size_t capacity() const noexcept { return capacity_; }

 private:
  void drop() noexcept;
  uint8_t* data_ = nullptr;
  size_t capacity_ = 0;
  std::shared_ptr<Pool> pool_;
};

class Pool : public std::enable_shared_from_this<Pool> {
 public:
  // Keeps at most `most` bytes that no one uses.
  explicit Pool(size_t most) : most_(most) {}
  ~Pool();

  // At least `size` bytes, contents unspecified; throws std::bad_alloc.
  Buffer acquire(size_t size);
  // `size` zero bytes that many columns may point at.
  std::shared_ptr<const Buffer> zeros(size_t size);

 private:
  friend class Buffer;
  void give_back(uint8_t* data, size_t capacity) noexcept;

  static constexpr int kClasses = 48;
  std::mutex mutex_;
  std::vector<uint8_t*> free_[kClasses];  // by power of two
  size_t held_ = 0;
  const size_t most_;
  std::shared_ptr<const Buffer> zeros_;
};

}  // namespace engine
