// The threads of each kind: wait, claim, run.
#include "worker/pool.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "error/caught.h"
#include "telemetry/thread_name.h"
#include "worker/backoff.h"

namespace rankloop::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFallbackPoll{1'000};
constexpr std::chrono::minutes kLongestJob{10};  // of those that give no signs of life themselves
constexpr milliseconds kRest{100};               // after a turn that could not be ended

// Prolongs the leases of what one turn has claimed, for as long as that turn lasts.
class KeptLeases {
 public:
  KeptLeases(LeaseKeeper& keeper, const std::vector<storage::ClaimedTask>& claimed)
      : keeper_(keeper), claimed_(claimed) {
    // Without memory for it a lease lapses, at worst; its task runs all the same.
    const Status kept = without_throwing([&] {
      for (const storage::ClaimedTask& task : claimed_) keeper_.keep(task.lease);
    });
    static_cast<void>(kept);
  }
  KeptLeases(const KeptLeases&) = delete;
  KeptLeases& operator=(const KeptLeases&) = delete;
  ~KeptLeases() {
    for (const storage::ClaimedTask& task : claimed_) keeper_.let_go(task.lease);
  }

 private:
  LeaseKeeper& keeper_;
  const std::vector<storage::ClaimedTask>& claimed_;
};

}  // namespace

// What becomes of a task whose lease was lost is refused by its fence.
Pool::Pool(storage::TaskLedger& store, queue::HintQueue& hints, telemetry::Logger& log,
           std::chrono::milliseconds lease, std::chrono::milliseconds gather)
    : store_(store),
      hints_(hints),
      log_(log),
      keeper_(store, lease / 3, kLongestJob, [](const storage::Lease&) {}),
      gather_(gather) {}

void Pool::start(const Job& job, int threads) {
  for (int i = 0; i < std::min(threads, job.most_threads); ++i) {
    threads_.emplace_back([this, job](const std::stop_token& stop) { work(job, stop); });
  }
}

void Pool::stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

struct Pool::Looking {
  std::chrono::steady_clock::time_point looked = std::chrono::steady_clock::now();
  bool more = false;  // the last look found as many tasks as it may take
};

// What a turn throws (memory is out) ends that turn: the leases of what it had claimed lapse, and the tasks
// run again.
void Pool::work(const Job& job, const std::stop_token& stop) {
  telemetry::name_this_thread(name_of(job.kind));
  Looking looking;
  while (!stop.stop_requested()) {
    const Status turned = without_throwing([&] { turn(job, looking, stop); });
    if (turned) continue;
    log_.error("a worker goes on after a fault", turned.error());
    std::this_thread::sleep_for(kRest);
  }
}

void Pool::turn(const Job& job, Looking& looking, const std::stop_token& stop) {
  const int limit = job.room ? std::min(job.at_once, job.room(stop)) : job.at_once;
  if (limit == 0) return;
  std::vector<TaskId> hinted;
  if (!looking.more) hinted = hints_.wait_ready(job.kind, limit, kFallbackPoll, stop);
  if (stop.stop_requested()) return;
  std::vector<TaskId> ready = hinted;
  // Now and then the oldest ready tasks are taken whatever the hints say: a lost hint costs latency only,
  // also under a load that never lets the hints run dry.
  const auto now = std::chrono::steady_clock::now();
  if (ready.empty() || now - looking.looked >= kFallbackPoll) {
    looking.looked = now;
    ready.clear();
  }
  const bool by_itself = ready.empty();
  Result<std::vector<storage::ClaimedTask>> claimed = store_.claim(job.kind, ready, limit);
  if (!claimed) {
    log_.error("claiming tasks failed", claimed.error());
    looking.more = false;
    return;  // without acknowledging: the hints come again
  }
  hints_.acknowledge(job.kind, hinted);
  const bool full = claimed->size() == static_cast<std::size_t>(limit);
  // Without hints (their broker is away) a backlog is worked off as fast as with them.
  looking.more = by_itself && full;
  const KeptLeases kept(keeper_, *claimed);
  for (const storage::ClaimedTask& task : *claimed) {
    run_guarded(job, task, stop);
    keeper_.let_go(task.lease);
  }
  if (claimed->size() > 1 && !full) std::this_thread::sleep_for(gather_);
}

// The worker's one catch-all: a job that throws fails its own task only, which is tried again.
void Pool::run_guarded(const Job& job, const storage::ClaimedTask& task, const std::stop_token& stop) {
  const Status ran = without_throwing([&] { job.run(task, stop); });
  if (ran) return;
  log_.error("a task failed", ran.error(),
             {{"task_id", task.lease.task.to_string()}, {"trace_id", telemetry::LoggedTrace(task.trace)}});
  store_.fail_task(task.lease, ran.error().message, backoff(task), nullptr);
}

}  // namespace rankloop::worker
