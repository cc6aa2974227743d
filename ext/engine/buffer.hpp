// Memory of batches. A batch has an arena of a few large slabs that all its buffers are cut from; when the
// last consumer lets go, the slabs go back to a pool for the next batch. All readers of the process share one,
// as they share malloc's memory. It is used by any thread, without the interpreter.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace engine {

// 64-byte aligned memory of an arena or a block; who holds a Buffer holds that too.
struct Buffer {
  uint8_t* data = nullptr;
  size_t capacity = 0;
};

// A piece of aligned memory with one owner.
class Block {
 public:
  Block() = default;
  explicit Block(size_t size);  // throws std::bad_alloc
  Block(Block&& other) noexcept;
  Block& operator=(Block&& other) noexcept;
  ~Block();

  // Until it is written again the contents may be lost.
  void lend() noexcept;
  uint8_t* data() const noexcept { return data_; }
  size_t size() const noexcept { return size_; }

 private:
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

class Pool {
 public:
  // Keeps at most `most` bytes that no one uses. No call waits for long: while the pool stays in use memory comes
  // from the system and goes back to it, so a process that was forked meanwhile goes on.
  explicit Pool(size_t most) : most_(most) {}

  // A block of `size` bytes or more, contents unspecified: one that is free and not much smaller than
  // `wanted`, else a new one of `wanted` bytes.
  Block acquire(size_t size, size_t wanted = 0);
  void give_back(Block block) noexcept;
  // `size` zero bytes that many columns may point at.
  std::shared_ptr<const Block> zeros(size_t size);

 private:
  class Turn;
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
  std::vector<Block> free_;
  std::atomic<size_t> held_{0};  // bytes, in free_; changed by whoever has the use of the pool
  const size_t most_;
  std::shared_ptr<const Block> zeros_;
};

std::shared_ptr<Pool> process_pool();

class Arena {
 public:
  // `expected`: how many bytes will be asked for, as far as is known.
  Arena(std::shared_ptr<Pool> pool, size_t expected);
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  // A buffer of `size` bytes or a little more, contents unspecified; throws std::bad_alloc.
  Buffer allocate(size_t size);
  // A buffer is used no more: a larger one has what was in it.
  void leave(const Buffer& buffer) noexcept { left_ += buffer.capacity; }
  // Bytes handed out so far and not left.
  size_t used() const noexcept;

 private:
  struct Slab {
    Block block;
    size_t used = 0;
  };
  std::shared_ptr<Pool> pool_;
  std::vector<Slab> slabs_;
  size_t next_size_, left_ = 0;
};

}  // namespace engine
