// new and delete of the whole program, over the malloc that is linked first (mimalloc). mimalloc's own new
// ends the process when memory is out, because it is built as C; this one throws std::bad_alloc as the
// language says, so that one request fails and the others go on. Not in builds with sanitizers.
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <new>

#include "sync/mutex.h"

namespace {

using rankloop::Lock;
using rankloop::Mutex;

// Small blocks for the moment when there are no others: what a failing request needs to say so, and the
// writer to settle what it has committed. Untouched it costs no memory.
template <std::size_t kBytes, std::size_t kCount>
class Blocks {
 public:
  void* take() noexcept {
    const Lock lock(mutex_);
    if (first_free_ != nullptr) {
      void* const block = first_free_;
      first_free_ = *static_cast<void**>(block);
      return block;
    }
    return used_ < kCount ? &bytes_[kBytes * used_++] : nullptr;
  }
  bool owns(const void* block) const noexcept {
    const std::less<> before;
    return !before(block, &bytes_[0]) && before(block, &bytes_[0] + sizeof bytes_);
  }
  void give_back(void* block) noexcept {
    const Lock lock(mutex_);
    *static_cast<void**>(block) = first_free_;
    first_free_ = block;
  }

 private:
  Mutex mutex_;
  void* first_free_ GUARDED_BY(mutex_) = nullptr;  // a free block holds the address of the next one
  std::size_t used_ GUARDED_BY(mutex_) = 0;
  alignas(64) char bytes_[kBytes * kCount] = {};
};

constexpr std::size_t kSmall = 256;
constexpr std::size_t kMiddle = 4'096;
constexpr std::size_t kLarge = 65'536;
constexpr std::size_t kMostAlignment = 64;

// Constant-initialised and never destroyed: there is allocating before main() and after it.
constinit Blocks<kSmall, 8'192> small_blocks;
constinit Blocks<kMiddle, 512> middle_blocks;
constinit Blocks<kLarge, 32> large_blocks;

void* take_reserved(std::size_t size, std::size_t alignment) noexcept {
  if (size > kLarge || alignment > kMostAlignment) return nullptr;
  void* block = size <= kSmall ? small_blocks.take() : nullptr;
  if (block == nullptr && size <= kMiddle) block = middle_blocks.take();
  return block != nullptr ? block : large_blocks.take();
}

void release(void* block) noexcept {
  if (small_blocks.owns(block)) return small_blocks.give_back(block);
  if (middle_blocks.owns(block)) return middle_blocks.give_back(block);
  if (large_blocks.owns(block)) return large_blocks.give_back(block);
  std::free(block);
}

void* allocate_or_null(std::size_t size, std::size_t alignment) noexcept {
  size = std::max<std::size_t>(size, 1);
  for (;;) {
    void* block = nullptr;
    if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
      block = std::malloc(size);
    } else if (posix_memalign(&block, alignment, size) != 0) {
      block = nullptr;
    }
    const std::new_handler handler = std::get_new_handler();
    if (block != nullptr) return block;
    if (handler == nullptr) return take_reserved(size, alignment);
    try {
      handler();
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }
}

void* allocate(std::size_t size, std::size_t alignment) {
  void* const block = allocate_or_null(size, alignment);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

constexpr std::size_t kPreset = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size, kPreset);
}
void* operator new[](std::size_t size) {
  return allocate(size, kPreset);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate_or_null(size, kPreset);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate_or_null(size, kPreset);
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate_or_null(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate_or_null(size, static_cast<std::size_t>(alignment));
}

void operator delete(void* block) noexcept {
  release(block);
}
void operator delete[](void* block) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t) noexcept {
  release(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  release(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  release(block);
}
void operator delete[](void* block, std::align_val_t) noexcept {
  release(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  release(block);
}
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
  release(block);
}
void operator delete(void* block, const std::nothrow_t&) noexcept {
  release(block);
}
void operator delete[](void* block, const std::nothrow_t&) noexcept {
  release(block);
}
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  release(block);
}
void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  release(block);
}
