// A hash of what comes piece by piece.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace rankloop::app {

// SHA-256 of what is added, one after another. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void add(std::span<const std::byte> bytes);
  std::string hex();  // once, at the end

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace rankloop::app
