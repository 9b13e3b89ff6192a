// The writer's thread and the line before it.
#include "storage/group_commit.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "error/caught.h"
#include "telemetry/metrics.h"
#include "telemetry/thread_name.h"

namespace rankloop::storage {

GroupCommit::GroupCommit(Transaction& transaction, Limits limits, telemetry::StorageMetrics* metrics,
                         telemetry::Logger* log)
    : transaction_(transaction), limits_(limits), metrics_(metrics), outage_(log) {
  batch_.reserve(limits_.max_batch);
  writer_ = std::thread([this] { write_until_closed(); });
}

GroupCommit::~GroupCommit() {
  close();
}

void GroupCommit::submit(std::unique_ptr<Write> write) {
  Error refusal;
  {
    const Lock lock(mutex_);
    if (closed_) {
      refusal = {ErrorCode::kUnavailable, "The store is closing"};
    } else if (line_.size() - head_ >= limits_.max_waiting) {
      refusal = {ErrorCode::kResourceExhausted, "Too many writes are waiting for the store"};
    } else {
      line_.push_back(std::move(write));
      waiting_.store(line_.size() - head_, std::memory_order_relaxed);
      if (writer_sleeps_) arrived_.notify_one();
      return;
    }
  }
  write->settle(refusal);
}

void GroupCommit::close() {
  const Lock one_closer(close_mutex_);
  {
    const Lock lock(mutex_);
    closed_ = true;
    arrived_.notify_one();
  }
  if (writer_.joinable()) writer_.join();
}

void GroupCommit::write_until_closed() {
  telemetry::name_this_thread("writer");
  while (wait_for_work()) {
    const bool busy = run_batch() > 1;
    if (busy && limits_.gather.count() > 0) gather();
    transaction_.tidy(false);
  }
}

// False once the line is closed and empty.
bool GroupCommit::wait_for_work() {
  Lock lock(mutex_);
  const auto work = [this]() REQUIRES(mutex_) { return has_work(); };
  while (!has_work()) {
    writer_sleeps_ = true;
    if (tidied_) {
      arrived_.wait(lock, work);
    } else if (!arrived_.wait_for(lock, limits_.idle_after, work)) {
      writer_sleeps_ = false;
      tidied_ = true;
      lock.unlock();
      transaction_.tidy(true);
      lock.lock();
    }
    writer_sleeps_ = false;
  }
  tidied_ = false;
  return head_ < line_.size();
}

void GroupCommit::gather() {
  Lock lock(mutex_);
  arrived_.wait_for(lock, limits_.gather, [this]() REQUIRES(mutex_) { return closed_; });
}

// Takes no memory, so that no write is lost on the way.
std::size_t GroupCommit::take() {
  const Lock lock(mutex_);
  const std::size_t count = std::min(limits_.max_batch - batch_.size(), line_.size() - head_);
  const auto first = line_.begin() + static_cast<std::ptrdiff_t>(head_);
  std::move(first, first + static_cast<std::ptrdiff_t>(count), std::back_inserter(batch_));
  head_ += count;
  if (head_ == line_.size()) {
    line_.clear();
    head_ = 0;
  }
  waiting_.store(line_.size() - head_, std::memory_order_relaxed);
  return count;
}

// What arrives while the batch runs joins it, up to the limit, where the database wants that.
Status GroupCommit::run_line() {
  for (std::size_t more = take(); more > 0; more = take()) {
    if (Status ran = transaction_.run(std::span(batch_).last(more)); !ran) return ran;
    if (!transaction_.grows()) break;
  }
  return {};
}

void GroupCommit::judge(const Status& committed, std::size_t writes, std::int64_t rows) {
  const auto now = std::chrono::steady_clock::now();
  if (!committed) {
    healthy_.store(false, std::memory_order_relaxed);
    outage_.failed(committed.error(), writes, rows, now);
  } else if (rows > 0) {
    healthy_.store(true, std::memory_order_relaxed);
    outage_.committed(rows, now);
  }
}

std::size_t GroupCommit::run_batch() {
  const auto started = std::chrono::steady_clock::now();
  std::int64_t rows = 0;
  Status committed = without_throwing([this] { return transaction_.begin(); });
  if (committed) {
    committed = without_throwing([this] { return run_line(); });
    rows = transaction_.changes();
    if (committed) committed = without_throwing([this] { return transaction_.commit(); });
    if (!committed) transaction_.roll_back();
  } else {
    take();
  }
  judge(committed, batch_.size(), rows);
  if (metrics_ != nullptr) {
    metrics_->commit_seconds->Observe(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
    metrics_->batch_size->Observe(static_cast<double>(batch_.size()));
    if (!committed) metrics_->commit_failures->Increment();
  }
  for (const std::unique_ptr<Write>& write : batch_) write->settle(committed);
  const std::size_t writes = batch_.size();
  batch_.clear();
  return writes;
}

}  // namespace rankloop::storage
