// A clock that stands still until a test moves it. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "domain/clock.h"

namespace rankloop {

class FakeClock final : public Clock {
 public:
  WallTime wall() const override { return kStart + std::chrono::milliseconds{passed_.load()}; }
  Monotonic monotonic() const override { return Monotonic{} + std::chrono::milliseconds{passed_.load()}; }
  void advance(std::chrono::milliseconds by) { passed_ += by.count(); }

 private:
  // 2026-03-01T12:00:00Z
  static constexpr WallTime kStart{std::chrono::milliseconds{1'772'366'400'000}};
  std::atomic<std::int64_t> passed_{0};
};

}  // namespace rankloop
