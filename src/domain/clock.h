// Time and randomness come through these, so that tests decide what they are. Durations use the monotonic
// clock; wall time is for people.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace rankloop {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using Monotonic = std::chrono::steady_clock::time_point;

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual Monotonic monotonic() const = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  WallTime wall() const override;
  Monotonic monotonic() const override { return std::chrono::steady_clock::now(); }
};

// 64 random bits of the kernel's generator: from any number of them nobody can tell another. For ids and
// secrets, never for rankings. Throws std::system_error when the kernel has none.
std::uint64_t random_bits();

// "2026-03-01T12:00:00.123Z"; the one text form of a moment in the API.
std::string to_iso8601(WallTime time);

}  // namespace rankloop
