// Reading the snapshot that the loop's report is made from.
#include "app/watch/loop_flow.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "app/learn/dataset.h"

namespace rankloop::app {
namespace {

using std::chrono::seconds;

constexpr int kNewest = 1'000;                  // requests that are looked at
constexpr std::size_t kSampled = 40;            // of them read whole ...
constexpr std::size_t kSampleOf = 2;            // ... from the newer half
constexpr std::int64_t kMostCounted = 100'000;  // outcomes
constexpr int kTrainings = 20;
constexpr int kEvents = 100;
constexpr seconds kFresh{1};
constexpr seconds kFreshLearning{5};
constexpr seconds kFreshTrainings{60};

boost::json::object needs_object(const LoopNeeds& needs) {
  return {{"outcomes", needs.outcomes},
          {"outcomes_at_least", needs.at_least},
          {"training", needs.training},
          {"gate", needs.gate}};
}

}  // namespace

Result<LoopReport> LoopFlow::report() {
  const Lock lock{mutex_};
  const Monotonic now = clock_.monotonic();
  if (last_ && now - measured_ < kFresh) return *last_;
  if (Status status = read_requests(); !status) return status.error();
  if (!learning_read_ || now - *learning_read_ >= kFreshLearning) {
    if (Status status = read_learning(); !status) return status.error();
    learning_read_ = now;
  }
  measured_ = now;
  last_ = loop_report(snapshot_);
  return *last_;
}

Status LoopFlow::read_requests() {
  snapshot_.now = clock_.wall();
  auto tasks = store_.tasks({.kind = TaskKind::kInference, .limit = kNewest});
  if (!tasks) return tasks.error();
  snapshot_.tasks = *std::move(tasks);
  const auto open = store_.open_tasks(TaskKind::kInference);
  if (!open) return open.error();
  snapshot_.waiting = {};
  for (const storage::OpenTasks& some : *open) {
    if (some.state == TaskState::kRunning || some.count == 0) continue;
    const bool first = snapshot_.waiting.count == 0 || some.oldest < snapshot_.waiting.oldest;
    if (first) snapshot_.waiting.oldest = some.oldest;
    snapshot_.waiting.count += some.count;
  }
  const auto counted = store_.model_counts();
  if (!counted) return counted.error();
  snapshot_.lists = {};
  for (const storage::ModelCounts& one : *counted) {
    snapshot_.lists.shown += one.shown;
    snapshot_.lists.picked += one.picked;
    snapshot_.lists.none += one.none;
  }
  snapshot_.shown.clear();
  const InferenceId after{std::max<std::int64_t>(0, store_.counts().inferences - kNewest)};
  const Status read = store_.each_shown(after, [this](const storage::ShownRequest& request) REQUIRES(mutex_) {
    if (request.source == RequestSource::kImport) return true;
    snapshot_.shown.push_back(request);
    snapshot_.shown.back().payload.clear();
    snapshot_.shown.back().candidate_fields = {};
    snapshot_.shown.back().ranking.items.clear();
    return true;
  });
  return read ? read_sample() : read;
}

// The newest of them, some apart from each other, so that a burst does not speak for all.
Status LoopFlow::read_sample() {
  snapshot_.sample.clear();
  const std::size_t apart = std::max<std::size_t>(1, snapshot_.shown.size() / kSampleOf / kSampled);
  for (std::size_t at = 0; at < snapshot_.shown.size() && snapshot_.sample.size() < kSampled; at += apart) {
    auto request = store_.inference(snapshot_.shown[snapshot_.shown.size() - 1 - at].task);
    if (!request) return request.error();
    request->ranking.items.clear();
    request->candidate_fields = {};
    snapshot_.sample.push_back(*std::move(request));
  }
  return {};
}

Status LoopFlow::read_learning() {
  if (Status status = read_trainings(); !status) return status;
  auto models = store_.models();
  if (!models) return models.error();
  snapshot_.models = *std::move(models);
  auto history = store_.model_history(std::nullopt, kEvents);
  if (!history) return history.error();
  snapshot_.history = *std::move(history);
  InferenceId learned;
  for (const storage::ModelRecord& model : snapshot_.models) {
    learned = std::max(learned, read_lineage(model.lineage).last);
  }
  const auto counted = store_.outcome_counts(learned, kMostCounted);
  if (!counted) return counted.error();
  snapshot_.fresh = counted->with_outcome;
  snapshot_.minimum = needs_.training;
  return read_needs();
}

// How often a request ends with a pick is told by the newest ones.
Status LoopFlow::read_needs() {
  std::int64_t picked = 0, told = 0;
  for (const storage::ShownRequest& request : snapshot_.shown) {
    const auto says = [&](std::string_view kind) {
      return std::any_of(request.feedback.begin(), request.feedback.end(),
                         [&](const auto& feedback) { return feedback.evidence && feedback.kind == kind; });
    };
    const bool pick = says(kPickKind);
    picked += pick ? 1 : 0;
    told += pick || says(kNoneKind) ? 1 : 0;
  }
  const double share =
      told > 0 ? static_cast<double>(std::max<std::int64_t>(picked, 1)) / static_cast<double>(told) : 1;
  snapshot_.gate = needs_.gate(share);
  const std::int64_t most = std::min(std::max(snapshot_.gate, snapshot_.minimum), kMostCounted);
  const auto all = store_.outcome_counts({}, most);
  if (!all) return all.error();
  snapshot_.outcomes = all->with_outcome;
  return {};
}

// A few trainings among millions of inferences are far apart: they are read when one has begun or ended.
Status LoopFlow::read_trainings() {
  const auto open = store_.open_tasks(TaskKind::kTraining);
  if (!open) return open.error();
  std::int64_t count = 0;
  for (const storage::OpenTasks& some : *open) count += some.count;
  const std::int64_t registry = store_.registry_version();
  const Monotonic now = clock_.monotonic();
  const bool same = count == open_trainings_ && registry == registry_;
  if (same && trainings_read_ && now - *trainings_read_ < kFreshTrainings) return {};
  auto trainings = store_.tasks({.kind = TaskKind::kTraining, .limit = kTrainings});
  if (!trainings) return trainings.error();
  snapshot_.trainings = *std::move(trainings);
  open_trainings_ = count;
  registry_ = registry;
  trainings_read_ = now;
  return {};
}

std::string to_json(const LoopReport& report) {
  const auto number = [](const std::optional<double>& value) {
    return value ? boost::json::value(*value) : boost::json::value(nullptr);
  };
  boost::json::array arrows;
  for (const LoopArrow& arrow : report.arrows) {
    boost::json::object object;
    object["from"] = arrow.from;
    object["to"] = arrow.to;
    object["per_second"] = arrow.per_second;
    object["lag_seconds"] = number(arrow.lag);
    object["lag_p95_seconds"] = number(arrow.lag_p95);
    object["lag_of"] = arrow.lag_of;
    object["health"] = name_of(arrow.health);
    object["says"] = arrow.says;
    arrows.push_back(std::move(object));
  }
  return boost::json::serialize(boost::json::object{
      {"at", to_iso8601(report.at)},
      {"window_seconds", report.window_seconds},
      {"waiting", report.waiting},
      {"lists",
       {{"shown", report.lists.shown}, {"picked", report.lists.picked}, {"none", report.lists.none}}},
      {"new_outcomes", report.new_outcomes},
      {"needs", needs_object(report.needs)},
      {"arrows", std::move(arrows)}});
}

}  // namespace rankloop::app
