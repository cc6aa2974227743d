#include "engine/buffer.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace engine {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kSmallestSlab = size_t{64} << 10;
constexpr size_t kLargestSlab = size_t{16} << 20;
constexpr size_t kNextSlab = size_t{2} << 20;  // behind a first one that did not do
// About a table of 64 MB of logs: making one again took a sixth longer where its memory was new to the process.
constexpr size_t kMostKept = size_t{192} << 20;
// What is kept at hand. Each block that is lent to the system interrupts the other processors, which takes two threads
// 3 % of their time where files are small.
constexpr size_t kMostOwned = size_t{128} << 20;
constexpr size_t kPage = 4096;
constexpr size_t kAlignment = 64;

size_t alignment_of(size_t size) noexcept { return size >= kHugePage ? kHugePage : kPage; }
size_t round_up(size_t size, size_t unit) noexcept { return (size + unit - 1) / unit * unit; }

}  // namespace

Block::Block(size_t size) : size_(round_up(std::max<size_t>(size, 1), kPage)) {
  if (size_ >= kHugePage) size_ = round_up(size_, kHugePage);
  data_ = static_cast<uint8_t*>(::operator new(size_, std::align_val_t{alignment_of(size_)}));
#if defined(__linux__)
  // Pages of 4 KB cost more to get than a batch costs to fill.
  if (size_ >= kHugePage) madvise(data_, size_, MADV_HUGEPAGE);
#endif
}

Block::Block(Block&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Block& Block::operator=(Block&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Block::~Block() {
  if (data_ != nullptr) ::operator delete(data_, std::align_val_t{alignment_of(size_)});
}

// Tells the system that it may take the memory where it is short of it.
void Block::lend() noexcept {
#if defined(__linux__) && defined(MADV_FREE)
  if (size_ >= kHugePage) madvise(data_, size_, MADV_FREE);
#endif
}

// The use of the pool, unless another thread keeps it: it never has it for long, but may be made to wait itself. A
// mutex's try_lock asks for a newer glibc than manylinux_2_28 has.
class Pool::Turn {
 public:
  explicit Turn(std::atomic_flag& busy) noexcept : busy_(nullptr) {
    for (int tries = 0; busy_ == nullptr && tries < kTries; ++tries) {
      if (!busy.test_and_set(std::memory_order_acquire)) busy_ = &busy;
    }
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (busy_ != nullptr) busy_->clear(std::memory_order_release);
  }
  explicit operator bool() const noexcept { return busy_ != nullptr; }

 private:
  static constexpr int kTries = 1000;
  std::atomic_flag* busy_;
};

Block Pool::acquire(size_t size, size_t wanted) {
  wanted = std::max(size, wanted);
  auto distance = [wanted](const Block& block) {
    return block.size() > wanted ? block.size() - wanted : wanted - block.size();
  };
  if (Turn turn(busy_); turn) {
    auto best = free_.end();
    for (auto block = free_.begin(); block != free_.end(); ++block) {
      if (block->size() < size || block->size() < wanted / 2) continue;
      if (best == free_.end() || distance(*block) < distance(*best)) best = block;
    }
    if (best != free_.end()) {
      Block found = std::move(*best);
      std::swap(*best, free_.back());
      free_.pop_back();
      held_ -= found.size();
      return found;
    }
  }
  return Block(wanted);
}

void Pool::give_back(Block block) noexcept {
  if (block.size() == 0) return;  // it holds nothing
  if (held_.load(std::memory_order_relaxed) > kMostOwned) block.lend();
  const Turn turn(busy_);
  if (!turn || held_ + block.size() > most_) return;
  try {
    held_ += block.size();
    free_.push_back(std::move(block));
  } catch (const std::bad_alloc&) {  // no room to remember it: it is freed
    held_ -= block.size();
  }
}

std::shared_ptr<const Block> Pool::zeros(size_t size) {
  const Turn turn(busy_);
  if (turn && zeros_ && zeros_->size() >= size) return zeros_;
  Block block(size);
  std::memset(block.data(), 0, block.size());
  auto zeros = std::make_shared<const Block>(std::move(block));
  if (turn) zeros_ = zeros;
  return zeros;
}

std::shared_ptr<Pool> process_pool() {
  static const auto* const pool = new std::shared_ptr<Pool>(new Pool(kMostKept));  // threads may outlive the statics
  return *pool;
}

Arena::Arena(std::shared_ptr<Pool> pool, size_t expected)
    : pool_(std::move(pool)), next_size_(std::clamp(expected, kSmallestSlab, kLargestSlab)) {}

Arena::~Arena() {
  for (Slab& slab : slabs_) pool_->give_back(std::move(slab.block));
}

size_t Arena::used() const noexcept {
  size_t used = 0;
  for (const Slab& slab : slabs_) used += slab.used;
  return used - left_;
}

Buffer Arena::allocate(size_t size) {
  size = round_up(std::max<size_t>(size, 1), kAlignment);
  for (Slab& slab : slabs_) {
    if (slab.block.size() - slab.used < size) continue;
    Buffer buffer{slab.block.data() + slab.used, size};
    slab.used += size;
    return buffer;
  }
  slabs_.push_back({pool_->acquire(size, next_size_), size});
  next_size_ = std::min(next_size_ * 2, kNextSlab);
  return {slabs_.back().block.data(), size};
}

}  // namespace engine
