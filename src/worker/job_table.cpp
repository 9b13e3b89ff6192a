// The jobs of all kinds, and what those have in common that take their time.
#include "worker/job_table.h"

#include <utility>

#include "app/learn/job_attempt.h"
#include "worker/backoff.h"

namespace rankloop::worker {

std::vector<Job> job_table(const JobParts& parts) {
  return {
#define RANKLOOP_KIND(Name, name, number, one_at_a_time) name##_job(parts),
      RANKLOOP_TASK_KINDS(RANKLOOP_KIND)
#undef RANKLOOP_KIND
  };
}

Job long_job(TaskKind kind, const JobParts& parts, Work work) {
  const auto run = [&store = parts.store, &log = parts.log, &clock = parts.clock, work = std::move(work)](
                       const storage::ClaimedTask& task, const std::stop_token& stop) {
    app::JobAttempt attempt(store, log, clock, task, {.retry_in = backoff(task)});
    attempt.run([&](app::Heartbeat& heart) { return work(task, heart); }, stop);
  };
  return {kind, 1, 1, run};
}

}  // namespace rankloop::worker
