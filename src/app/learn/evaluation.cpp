// Starts evaluations and does their work.
#include "app/learn/evaluation.h"

#include <algorithm>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace rankloop::app {
namespace {

std::string progress_json(const EvaluationProgress& progress) {
  boost::json::object json;
  json["phase"] = progress.phase;
  json["progress"] = progress.share;
  return boost::json::serialize(json);
}

}  // namespace

Evaluation::Evaluation(std::shared_ptr<const Domain> domain, EvaluationOptions options, std::int64_t window,
                       storage::Store& store, const Serving& serving, const Clock& clock)
    : domain_(std::move(domain)),
      options_(std::move(options)),
      window_(window),
      store_(store),
      serving_(serving),
      clock_(clock) {}

Result<EvaluationRequest> Evaluation::check(const boost::json::value& body) const {
  Result<EvaluationRequest> request = read_evaluation_body(body, window_);
  if (!request || request->target.kind == TargetKind::kRandom) return request;
  const auto models = store_.models();
  if (!models) return models.error();
  const bool champion = request->target.kind == TargetKind::kChampion;
  const bool there = std::any_of(models->begin(), models->end(), [&](const storage::ModelRecord& model) {
    return champion ? model.champion : model.id == request->target.model;
  });
  if (!there) return no_such_target(request->target);
  return request;
}

void Evaluation::start(const EvaluationRequest& request, std::optional<telemetry::TraceContext> trace,
                       std::optional<storage::RecordedAnswer<storage::TaskRecord>> keep,
                       storage::Done<storage::TaskRecord> done) {
  const TaskId task = TaskId::make(clock_.wall().time_since_epoch().count(), random_bits(), random_bits());
  store_.start_job(
      {task, traits_of(TaskKind::kEvaluation), to_json(request), clock_.wall(), std::nullopt, trace},
      std::move(keep), std::move(done));
}

Result<std::vector<storage::TaskRecord>> Evaluation::list(int limit) const {
  return store_.tasks({.kind = TaskKind::kEvaluation, .limit = limit});
}

Result<storage::JobResult> Evaluation::run(const storage::ClaimedTask& task, Heartbeat& heart) const {
  const Result<EvaluationRequest> request = read_evaluation_body(boost::json::parse(task.arguments), window_);
  if (!request) return request.error();
  EvaluationOptions options = options_;
  options.rewards.target.now = clock_.wall();
  const auto evaluation = evaluate_ledger(
      {store_, domain_, serving_.current()->catalog}, *request, options,
      [&](const EvaluationProgress& progress) { heart.tell(progress_json(progress)); }, {}, heart.stop());
  if (!evaluation) return evaluation.error();
  return storage::JobResult{.json = to_json(*evaluation)};
}

}  // namespace rankloop::app
