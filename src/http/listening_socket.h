// A socket that listens, on its way from one server to the next.
#pragma once

#include <utility>

#include <unistd.h>

namespace rankloop::http {

// Owns the descriptor, or nothing.
class ListeningSocket {
 public:
  ListeningSocket() = default;
  explicit ListeningSocket(int descriptor) : descriptor_(descriptor) {}
  ListeningSocket(ListeningSocket&& other) noexcept : descriptor_(other.release()) {}
  ListeningSocket& operator=(ListeningSocket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~ListeningSocket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  explicit operator bool() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  // It belongs to the caller from now on.
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_ = -1;
};

}  // namespace rankloop::http
