// Work that may read the disk, away from the thread that asks for it.
#pragma once

#include <functional>
#include <utility>

#include "error/caught.h"
#include "error/result.h"

namespace rankloop::app {

// Runs blocking work on a bounded number of threads. Thread-safe.
class BlockingPool {
 public:
  virtual ~BlockingPool() = default;
  // False when too many wait; the work is then not run.
  virtual bool submit(std::function<void()> work) = 0;
};

// Calls `work(done)` on the pool: it calls `done` once, perhaps later and from elsewhere. What it throws
// before that goes to `done` as well, and so does kResourceExhausted, in the caller's thread, when the pool
// is full. Both are copied.
template <class T, class Work, class Done>
void hand_to(BlockingPool& pool, Work work, Done done) {
  const bool taken = pool.submit([done, work = std::move(work)]() mutable {
    if (const Status ran = without_throwing([&] { work(done); }); !ran) done(Result<T>(ran.error()));
  });
  if (!taken)
    done(Result<T>(Error(ErrorCode::kResourceExhausted, "too much of this work is waiting already")));
}

// Answers `done` with what `work` returns on the pool, a Result<T>. Errors as above.
template <class T, class Work, class Done>
void run_on(BlockingPool& pool, Work work, Done done) {
  hand_to<T>(pool, [work = std::move(work)](const auto& told) mutable { told(work()); }, std::move(done));
}

}  // namespace rankloop::app
