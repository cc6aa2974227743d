#include "engine/buffer.hpp"

#include <cstring>
#include <new>
#include <utility>

namespace engine {
namespace {

constexpr size_t kSmallest = 256;

uint8_t* allocate(size_t size) { return static_cast<uint8_t*>(::operator new(size, std::align_val_t{64})); }
void release(uint8_t* data) noexcept { ::operator delete(data, std::align_val_t{64}); }

int class_of(size_t capacity) noexcept {
  int bits = 0;
  while ((size_t{1} << bits) < capacity) ++bits;
  return bits;
}

}  // namespace

Buffer::Buffer(uint8_t* data, size_t capacity, std::shared_ptr<Pool> pool) noexcept
    : data_(data), capacity_(capacity), pool_(std::move(pool)) {}

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)),
      pool_(std::move(other.pool_)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this != &other) {
    drop();
    data_ = std::exchange(other.data_, nullptr);
    capacity_ = std::exchange(other.capacity_, 0);
    pool_ = std::move(other.pool_);
  }
  return *this;
}

Buffer::~Buffer() { drop(); }

void Buffer::drop() noexcept {
  if (data_ == nullptr) return;
  if (pool_) {
    pool_->give_back(data_, capacity_);
  } else {
    release(data_);
  }
  data_ = nullptr;
}

Pool::~Pool() {
  for (auto& list : free_) {
    for (uint8_t* data : list) release(data);
  }
}

Buffer Pool::acquire(size_t size) {
  int size_class = class_of(size < kSmallest ? kSmallest : size);
  size_t capacity = size_t{1} << size_class;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    auto& list = free_[size_class];
    if (!list.empty()) {
      uint8_t* data = list.back();
      list.pop_back();
      held_ -= capacity;
      return Buffer(data, capacity, shared_from_this());
    }
  }
  return Buffer(allocate(capacity), capacity, shared_from_this());
}

void Pool::give_back(uint8_t* data, size_t capacity) noexcept {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (held_ + capacity <= most_) {
      try {
        free_[class_of(capacity)].push_back(data);
        held_ += capacity;
        return;
      } catch (const std::bad_alloc&) {  // no room to remember it: free it below
      }
    }
  }
  release(data);
}

std::shared_ptr<const Buffer> Pool::zeros(size_t size) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!zeros_ || zeros_->capacity() < size) {
    size_t capacity = size_t{1} << class_of(size < kSmallest ? kSmallest : size);
    uint8_t* data = allocate(capacity);
    std::memset(data, 0, capacity);
    zeros_ = std::make_shared<const Buffer>(data, capacity, nullptr);
  }
  return zeros_;
}

}  // namespace engine
