// The writer's line: writes from all threads, run one after the other by one thread, many to a transaction.
//
// A batch starts with the first write in the line and goes on until the line is empty or `max_batch` is
// reached; then it is committed once and every write is told. So a lone write waits for nobody, what follows
// from it while it runs is committed with it, and under load one flush of the disk serves hundreds of writes.
//
// Knows nothing of SQL: a Transaction is what it needs of a database. All calls are thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "error/result.h"
#include "storage/outage.h"
#include "sync/mutex.h"

namespace rankloop::telemetry {
class Logger;
struct StorageMetrics;
}  // namespace rankloop::telemetry

namespace rankloop::storage {

// One write; what it does is between it and the transaction that runs it. The call comes from the writer's
// thread, except that a write refused before it is queued is settled on the caller's.
class Write {
 public:
  virtual ~Write() = default;
  // Called exactly once: after the commit, or with the reason why nothing of the write is there.
  virtual void settle(const Status& committed) noexcept = 0;
};

// What the line needs of a database. Called on the writer's thread only.
class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual Status begin() = 0;
  // Runs what was taken from the line, in its order; a write that fails undoes its own part. An error means
  // that the transaction itself is lost: the whole batch is rolled back.
  virtual Status run(std::span<const std::unique_ptr<Write>> writes) = 0;
  // Whether what arrives while a batch runs may still join it. A database that is a round trip away takes
  // what stands in the line at once.
  virtual bool grows() const noexcept { return true; }
  virtual Status commit() = 0;
  virtual void roll_back() noexcept = 0;
  // How many rows the transaction has changed: an empty commit proves nothing about the disk, a small one
  // little.
  virtual std::int64_t changes() const noexcept { return 1; }
  // After each batch (`idle` false) and once when nothing came for a while (`idle` true): time for upkeep.
  virtual void tidy(bool idle) noexcept = 0;
};

class GroupCommit {
 public:
  struct Limits {
    std::size_t max_waiting = 20'000;
    std::size_t max_batch = 512;
    std::chrono::milliseconds idle_after{200};
    // After a batch of more than one write the next one waits so long for others to join it: where a
    // transaction costs much beside its writes.
    std::chrono::microseconds gather{0};
  };

  // `transaction`, `metrics` and `log` (both may be null) must outlive the line.
  GroupCommit(Transaction& transaction, Limits limits, telemetry::StorageMetrics* metrics,
              telemetry::Logger* log = nullptr);
  ~GroupCommit();
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  // Queues a write. When the line is full (kResourceExhausted) or closed (kUnavailable) it is settled with
  // that error before this returns.
  void submit(std::unique_ptr<Write> write);
  std::size_t waiting() const noexcept { return waiting_.load(std::memory_order_relaxed); }
  // The last batch's commit worked (true before the first).
  bool healthy() const noexcept { return healthy_.load(std::memory_order_relaxed); }
  // Runs what waits, refuses what comes later, ends the thread. Idempotent; not from the writer's thread.
  void close();

 private:
  using Line = std::vector<std::unique_ptr<Write>>;

  void write_until_closed();
  bool has_work() const REQUIRES(mutex_) { return head_ < line_.size() || closed_; }
  bool wait_for_work();
  std::size_t run_batch();  // how many writes it had
  void gather();
  Status run_line();
  std::size_t take();
  void judge(const Status& committed, std::size_t writes, std::int64_t rows);

  Transaction& transaction_;
  const Limits limits_;
  telemetry::StorageMetrics* const metrics_;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<bool> healthy_{true};
  // Of the writer's thread alone.
  Outage outage_;
  Line batch_;  // has room for a whole one from the start: it is filled whatever memory there is

  Mutex mutex_;
  Condition arrived_;
  // The line from `head_` on; what stands before it was taken.
  Line line_ GUARDED_BY(mutex_);
  std::size_t head_ GUARDED_BY(mutex_) = 0;
  bool writer_sleeps_ GUARDED_BY(mutex_) = false;
  bool tidied_ GUARDED_BY(mutex_) = true;
  bool closed_ GUARDED_BY(mutex_) = false;

  Mutex close_mutex_;
  std::thread writer_;
};

}  // namespace rankloop::storage
