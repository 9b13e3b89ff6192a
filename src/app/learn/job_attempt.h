// One attempt at a claimed job, whatever its kind: signs of life while it works, and what becomes of its
// result, its failure, a lost lease and a process that ends. Killed at any moment, the task runs again and
// nothing of the attempt is seen.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string_view>
#include <utility>

#include "app/learn/heartbeat.h"
#include "app/serve/task_spans.h"
#include "domain/clock.h"
#include "error/result.h"
#include "storage/task_ledger.h"
#include "telemetry/log.h"

namespace rankloop::app {

struct JobTerms {
  std::string_view what = "result";           // that the job makes, for people
  std::chrono::milliseconds heartbeat{500};   // at most this long between two signs of life
  std::chrono::milliseconds retry_in{1'000};  // after a failure that may pass: kUnavailable
  int commits = 120;                          // so often a result is offered to a store that does not take it
  std::chrono::milliseconds between_commits{5'000};
  std::function<void()> failing{};  // called before a failure is written
};

// Works until it is done or heart.stop() is requested; heart.tell() says how far it is.
using JobWork = std::function<Result<storage::JobResult>(Heartbeat& heart)>;

// Used by one thread.
class JobAttempt {
 public:
  JobAttempt(storage::TaskLedger& store, telemetry::Logger& log, const Clock& clock,
             const storage::ClaimedTask& task, JobTerms terms)
      : store_(store), log_(log), clock_(clock), task_(task), terms_(std::move(terms)) {}

  // Blocks until the end of the attempt is written. A requested stop gives the task back unharmed. What
  // `work` throws passes through: the worker's catch-all has the task tried again.
  TaskOutcome run(const JobWork& work, const std::stop_token& stop);

 private:
  Result<ModelId> keep(const storage::JobResult& result, Heartbeat& heart);
  Result<ModelId> commit(storage::JobResult result);
  TaskOutcome fail(const Error& error, Heartbeat& heart);

  storage::TaskLedger& store_;
  telemetry::Logger& log_;
  const Clock& clock_;
  const storage::ClaimedTask& task_;
  const JobTerms terms_;
};

}  // namespace rankloop::app
