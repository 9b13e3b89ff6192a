// Runs the work of a job and writes what became of it.
#include "app/learn/job_attempt.h"

#include <future>
#include <optional>
#include <string>
#include <utility>

#include "sync/sleep.h"

namespace rankloop::app {

TaskOutcome JobAttempt::run(const JobWork& work, const std::stop_token& stop) {
  Heartbeat heart(store_, task_.lease, terms_.heartbeat, stop);
  const auto released = [&]() -> TaskOutcome {
    store_.release(task_.lease, std::chrono::milliseconds{0});
    return {"released"};
  };
  const Result<storage::JobResult> result = work(heart);
  if (heart.lost()) return {"lost"};  // cancelled, or somebody else's by now
  if (stop.stop_requested()) return released();
  if (!result) return fail(result.error(), heart);
  const Result<ModelId> made = keep(*result, heart);
  if (heart.lost() || (!made && made.error().code == ErrorCode::kAborted)) return {"lost"};
  if (!made && stop.stop_requested()) return released();
  if (!made) return fail(made.error(), heart);
  return {"succeeded", *made};
}

// A disk that is full may be emptied, and doing the work again costs more than waiting for that.
Result<ModelId> JobAttempt::keep(const storage::JobResult& result, Heartbeat& heart) {
  const std::string what(terms_.what);
  for (int tried = 1;; ++tried) {
    Result<ModelId> made = commit(result);
    const bool for_now = !made && (made.error().code == ErrorCode::kUnavailable ||
                                   made.error().code == ErrorCode::kResourceExhausted);
    if (!for_now) return made;
    if (tried == 1) {
      log_.error(
          "a " + what + " could not be kept yet; that is tried again", made.error(),
          {{"task_id", task_.lease.task.to_string()}, {"trace_id", telemetry::LoggedTrace(task_.trace)}});
    }
    if (tried >= terms_.commits) {
      return Error(ErrorCode::kDeadlineExceeded, "The " + what + " could not be kept in " +
                                                     std::to_string(tried) +
                                                     " attempts: " + made.error().message);
    }
    if (!sleep_for(terms_.between_commits, heart.stop())) return made;
  }
}

Result<ModelId> JobAttempt::commit(storage::JobResult result) {
  std::promise<Result<ModelId>> committed;
  store_.finish_job(task_.lease, std::move(result), clock_.wall(),
                    [&](Result<ModelId> outcome) { committed.set_value(std::move(outcome)); });
  return committed.get_future().get();
}

// Holds the task until its end is written: one that lapsed would be worked on again, to no better end.
TaskOutcome JobAttempt::fail(const Error& error, Heartbeat& heart) {
  log_.warning(std::string(name_of(task_.kind)) + " failed",
               {{"task_id", task_.lease.task.to_string()},
                {"reason", error.message},
                {"trace_id", telemetry::LoggedTrace(task_.trace)}});
  if (terms_.failing) terms_.failing();
  std::optional<std::chrono::milliseconds> retry;
  if (error.code == ErrorCode::kUnavailable) retry = terms_.retry_in;
  do {
    std::promise<Result<TaskState>> written;
    store_.fail_task(task_.lease, error.message, retry,
                     [&](Result<TaskState> outcome) { written.set_value(std::move(outcome)); });
    const Result<TaskState> ended = written.get_future().get();
    if (ended || ended.error().code == ErrorCode::kAborted) break;
  } while (sleep_for(terms_.between_commits, heart.stop()));
  return {"failed"};
}

}  // namespace rankloop::app
