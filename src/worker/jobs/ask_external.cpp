// Asks, keeps what is open, and writes what came back.
#include "worker/jobs/ask_external.h"

#include <algorithm>
#include <utility>

#include "worker/backoff.h"

namespace rankloop::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{1'000};              // for room
constexpr milliseconds kMostBetweenBeats{5'000};  // so that a cancelled task frees its slot soon
constexpr milliseconds kPeerBackoff{500};

}  // namespace

AskExternal::AskExternal(const AskExternalOptions& options, storage::TaskLedger& store,
                         app::ExternalRanking ranking, app::Inference& inference,
                         std::unique_ptr<queue::ExternalWorkers> workers, telemetry::Logger& log,
                         const Clock& clock)
    : options_(options),
      store_(store),
      ranking_(std::move(ranking)),
      inference_(inference),
      log_(log),
      clock_(clock),
      keeper_(store, std::min(options.lease / 3, kMostBetweenBeats), std::chrono::hours{48},
              [this](const storage::Lease& lease) { lost(lease); }),
      workers_(std::move(workers)) {}

void AskExternal::close() {
  keeper_.stop();
  workers_.reset();
}

int AskExternal::room(const std::stop_token& stop) {
  if (!workers_->wait_ready(kLook, stop)) return 0;
  Lock lock{mutex_};
  freed_.wait_for(lock, stop, kLook, [this]() REQUIRES(mutex_) { return free_slots() > 0; });
  return std::max(free_slots(), 0);
}

void AskExternal::run(const storage::ClaimedTask& task) {
  const std::shared_ptr<app::InferenceRun> run = inference_.begin(task);
  const auto question = ranking_.question(run);
  if (!question) return inference_.give_up(*run, question.error());
  const std::shared_ptr<const app::ExternalQuestion>& asked = *question;
  if (asked->items.empty()) return ranking_.answer_nothing(*asked);
  const TaskId message = TaskId::make(clock_.wall().time_since_epoch().count(), random_bits(), random_bits());
  {
    const Lock lock{mutex_};
    open_.insert_or_assign(task.lease.task, Open{task.lease, message});
  }
  keeper_.keep(task.lease);
  run->spans.enter("answer", clock_.monotonic());
  workers_->ask(
      message, ranking_.arguments(*asked), telemetry::to_traceparent(run->spans.context()),
      [this, asked = asked](const Result<boost::json::value>& answer) { answered(*asked, answer); });
}

void AskExternal::answered(const app::ExternalQuestion& asked, const Result<boost::json::value>& answer) {
  const storage::Lease lease = asked.task().lease;
  free_slot(lease);
  if (!answer && answer.error().code == ErrorCode::kUnavailable) {
    asked.run->spans.end({"released"}, clock_.monotonic());
    return store_.release(lease, kPeerBackoff);
  }
  if (!answer) return fail(*asked.run, answer.error());
  if (const Status taken = ranking_.answer(asked, *answer); !taken) fail(*asked.run, taken.error());
}

// The ledger has the reason; the log has not, for an exception may quote what the person asked with.
void AskExternal::fail(app::InferenceRun& run, const Error& why) {
  log_.warning("an external worker did not rank a task",
               {{"task_id", run.task.lease.task.to_string()},
                {"attempt", std::to_string(run.task.attempt)},
                {"code", name_of(why.code)},
                {"trace_id", telemetry::LoggedTrace(run.task.trace)}});
  inference_.fail(run, why.message, backoff(run.task));
}

// Cancelled, or taken back: whatever the other worker says is of no use.
void AskExternal::lost(const storage::Lease& lease) {
  TaskId message;
  {
    const Lock lock{mutex_};
    const auto open = open_.find(lease.task);
    if (open == open_.end() || open->second.lease.fence != lease.fence) return;
    message = open->second.message;
  }
  workers_->forget(message);
  free_slot(lease);
}

void AskExternal::free_slot(const storage::Lease& lease) {
  keeper_.let_go(lease);
  const Lock lock{mutex_};
  const auto open = open_.find(lease.task);
  if (open == open_.end() || open->second.lease.fence != lease.fence) return;
  open_.erase(open);
  freed_.notify_all();
}

Job ask_external(AskExternal& external) {
  return {TaskKind::kInference, external.slots(), 1,
          [&external](const storage::ClaimedTask& task, const std::stop_token&) { external.run(task); },
          [&external](const std::stop_token& stop) { return external.room(stop); }};
}

}  // namespace rankloop::worker
