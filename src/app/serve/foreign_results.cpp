// Who waits for which result, the answers after a task's end, and those that are still due after a restart.
#include "app/serve/foreign_results.h"

#include <algorithm>
#include <utility>

#include "app/serve/results_json.h"
#include "queue/celery/result.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kMostExpected = 10'000;
constexpr std::size_t kMostWaiting = 10'000;
constexpr std::size_t kBest = 10;
constexpr int kDueAtOnce = 100;
constexpr std::chrono::seconds kLeftToOthers{2};  // whoever took the task in answers it within that time

std::string training_json(const storage::TaskRecord& task) {
  const std::string model = task.model.value == 0 ? "null" : std::to_string(task.model.value);
  return R"({"task_id":")" + task.id.to_string() + R"(","model_id":)" + model + "}";
}

}  // namespace

ForeignResults::ForeignResults(storage::TaskLedger& store, Inference& inference, ItemPayloads& payloads,
                               const Serving& serving, queue::HintQueue& hints, telemetry::Logger& log,
                               const Clock& clock)
    : store_(store),
      inference_(inference),
      payloads_(payloads),
      serving_(serving),
      hints_(hints),
      log_(log),
      clock_(clock),
      executor_("foreign results", kMostWaiting),
      subscription_(hints.subscribe([this](const queue::Change& change) {
        if (const auto* task = std::get_if<queue::TaskChanged>(&change)) changed(task->id, task->state);
      })) {}

void ForeignResults::stop() {
  subscription_.reset();
  executor_.stop();
}

bool ForeignResults::expect(const TaskId& task, storage::Reply reply) {
  const Lock lock(mutex_);
  if (expected_.size() >= kMostExpected) return false;
  return expected_.insert({task, std::move(reply)}).second;
}

void ForeignResults::forget(const TaskId& task) {
  const Lock lock(mutex_);
  expected_.erase(task);
}

void ForeignResults::changed(const TaskId& task, TaskState state) {
  if (!is_terminal(state)) return;
  {
    const Lock lock(mutex_);
    if (!expected_.contains(task)) return;
  }
  executor_.submit([this, task] { answer_now(task); });
}

void ForeignResults::answer_now(const TaskId& task) {
  const Result<storage::TaskRecord> record = store_.task(task);
  if (!record || !is_terminal(record->state)) return;
  const std::optional<std::string> meta = meta_of(*record);
  if (!meta) return;
  storage::Reply reply;
  {
    const Lock lock(mutex_);
    const auto found = expected_.find(task);
    if (found == expected_.end()) return;  // the same end was told twice
    reply = std::move(found->second);
    expected_.erase(found);
  }
  send(*record, reply, *meta);
  sent({task});
}

void ForeignResults::answer_due() {
  const auto due = store_.due_replies(clock_.wall() - kLeftToOthers, kDueAtOnce);
  if (!due) return log_.error("results of other programs' tasks could not be looked for", due.error());
  std::vector<TaskId> answered;
  for (const storage::DueReply& one : *due) {
    const std::optional<std::string> meta = meta_of(one.task);
    if (!meta) break;
    send(one.task, one.reply, *meta);
    forget(one.task.id);
    answered.push_back(one.task.id);
  }
  if (!answered.empty()) sent(std::move(answered));
}

std::optional<std::string> ForeignResults::meta_of(const storage::TaskRecord& task) {
  const std::string id = task.id.to_string();
  const WallTime ended = task.finished.value_or(clock_.wall());
  if (task.state == TaskState::kCancelled || task.state == TaskState::kExpired) {
    return queue::celery::revoked_meta(id, task.error, ended);
  }
  if (task.state == TaskState::kFailed) {
    return queue::celery::failure_meta(id, task.attempt == 0 ? "ValueError" : "RuntimeError", task.error,
                                       ended);
  }
  if (task.kind == TaskKind::kTraining) return queue::celery::success_meta(id, training_json(task), ended);
  const Result<std::string> ranking = ranking_of(task.id);
  if (ranking) return queue::celery::success_meta(id, *ranking, ended);
  log_.error("a ranking could not be sent to another program", ranking.error(),
             {{"task_id", id}, {"trace_id", telemetry::LoggedTrace(task.trace)}});
  if (ranking.error().code == ErrorCode::kUnavailable) return std::nullopt;
  return queue::celery::failure_meta(id, "RuntimeError", ranking.error().message, ended);
}

Result<std::string> ForeignResults::ranking_of(const TaskId& task) {
  const auto ended = inference_.load(task);
  if (!ended) return ended.error();
  const Ranking& ranking = (*ended)->ranking;
  std::vector<ItemId> best;
  for (std::size_t i = 0; i < std::min(kBest, ranking.items.size()); ++i) {
    best.push_back(ranking.items[i].item);
  }
  auto payloads = payloads_.known(*serving_.current()->catalog, best, ranking.catalog_version);
  if (!payloads) {
    auto loaded = payloads_.load(best, ranking.catalog_version);
    if (!loaded) return loaded.error();
    payloads = *std::move(loaded);
  }
  std::string out;
  JsonWriter json{out};
  json.begin_object().key("task_id").word(task.to_string()).key("results");
  write_results(json, serving_.item_names(), ranking, *payloads);
  json.end_object();
  return out;
}

void ForeignResults::send(const storage::TaskRecord& task, const storage::Reply& reply, std::string meta) {
  hints_.send_result({task.id.to_string(), reply.to, reply.correlation, std::move(meta),
                      telemetry::to_traceparent(task.trace)});
}

void ForeignResults::sent(std::vector<TaskId> tasks) {
  store_.forget_replies(std::move(tasks), [this](const Status& forgotten) {
    if (!forgotten) log_.warning("results may be sent twice", {{"reason", forgotten.error().message}});
  });
}

}  // namespace rankloop::app
