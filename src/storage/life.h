// The store as a whole: whether it works, how much it holds, who has it, and its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "error/result.h"

namespace rankloop::storage {

// When another process may have it though nobody gave it back: once the process or its connection is gone, or
// also a few seconds after holds() was last asked.
enum class LockEnds { kWithProcess, kInSilence };

// What one of all processes on a store has; destroyed, it is free for another.
class ExclusiveLock {
 public:
  virtual ~ExclusiveLock() = default;
  // Whether it is still had: a lost connection loses it. May block for a round trip.
  virtual bool holds() = 0;
};

class Life {
 public:
  virtual ~Life() = default;

  virtual std::string_view kind() const = 0;        // "sqlite", "postgresql"
  virtual bool is_shared() const noexcept = 0;      // other processes may change it, too
  virtual Status ping() = 0;                        // the store answers and can write
  virtual std::optional<std::int64_t> bytes() = 0;  // on its disk; nothing while it cannot be told
  virtual std::size_t waiting_writes() const noexcept = 0;
  // Nothing when another process has it; an embedded store belongs to one process, which has everything. Who
  // gets it knows the versions of catalog and registry as they are at that moment.
  virtual Result<std::unique_ptr<ExclusiveLock>> try_lock(std::string_view what, LockEnds ends) = 0;
  // Commits what waits, refuses what comes later, folds the log into the database. Idempotent.
  virtual void close() = 0;
};

}  // namespace rankloop::storage
