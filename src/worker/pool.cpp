#include "worker/pool.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <thread>

#include "telemetry/thread_name.h"
#include "worker/backoff.h"

namespace rankloop::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFallbackPoll{1'000};
constexpr std::chrono::minutes kLongestJob{10};  // of those that give no signs of life themselves

}  // namespace

// What becomes of a task whose lease was lost is refused by its fence.
Pool::Pool(storage::Store& store, queue::HintQueue& hints, telemetry::Logger& log,
           std::chrono::milliseconds lease)
    : store_(store),
      hints_(hints),
      log_(log),
      keeper_(store, lease / 3, kLongestJob, [](const storage::Lease&) {}) {}

void Pool::start(const Job& job, int threads) {
  for (int i = 0; i < std::min(threads, job.most_threads); ++i) {
    threads_.emplace_back([this, job](const std::stop_token& stop) { work(job, stop); });
  }
}

void Pool::stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void Pool::work(const Job& job, const std::stop_token& stop) {
  telemetry::name_this_thread(name_of(job.kind));
  auto looked = std::chrono::steady_clock::now();
  bool more = false;  // the last look found as many tasks as it may take
  while (!stop.stop_requested()) {
    const int limit = job.room ? std::min(job.at_once, job.room(stop)) : job.at_once;
    if (limit == 0) continue;
    std::vector<TaskId> hinted;
    if (!more) hinted = hints_.wait_ready(job.kind, limit, kFallbackPoll, stop);
    if (stop.stop_requested()) return;
    std::vector<TaskId> ready = hinted;
    // Now and then the oldest ready tasks are taken whatever the hints say: a lost hint costs latency only,
    // also under a load that never lets the hints run dry.
    if (const auto now = std::chrono::steady_clock::now(); ready.empty() || now - looked >= kFallbackPoll) {
      looked = now;
      ready.clear();
    }
    const bool by_itself = ready.empty();
    Result<std::vector<storage::ClaimedTask>> claimed = store_.claim(job.kind, ready, limit);
    if (!claimed) {
      log_.error("claiming tasks failed", claimed.error());
      more = false;
      continue;  // without acknowledging: the hints come again
    }
    hints_.acknowledge(job.kind, hinted);
    const bool full = claimed->size() == static_cast<std::size_t>(limit);
    // Without hints (their broker is away) a backlog is worked off as fast as with them.
    more = by_itself && full;
    for (const storage::ClaimedTask& task : *claimed) keeper_.keep(task.lease);
    for (const storage::ClaimedTask& task : *claimed) {
      run_guarded(job, task, stop);
      keeper_.let_go(task.lease);
    }
    if (claimed->size() > 1 && !full) std::this_thread::sleep_for(store_.gather());
  }
}

// The worker's one catch-all: a job that throws fails its own task only.
void Pool::run_guarded(const Job& job, const storage::ClaimedTask& task, const std::stop_token& stop) {
  std::string fault;
  try {
    job.run(task, stop);
    return;
  } catch (const std::exception& thrown) {
    fault = thrown.what();
  } catch (...) {
    fault = "not a std::exception";
  }
  log_.error("a task failed", Error{ErrorCode::kInternal, "the task could not be run", fault},
             {{"task_id", task.lease.task.to_string()}, {"trace_id", telemetry::LoggedTrace(task.trace)}});
  store_.fail_task(task.lease, "internal error", backoff(task), nullptr);
}

}  // namespace rankloop::worker
