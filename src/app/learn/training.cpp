// A training from its request to the model in the registry: dataset, fit, gate, commit.
#include "app/learn/training.h"

#include <algorithm>
#include <array>
#include <future>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "app/learn/job_attempt.h"
#include "app/learn/judge.h"
#include "app/learn/model_record.h"
#include "app/watch/position_evidence.h"

namespace rankloop::app {
namespace {

// The losses of a training, a point for every hundredth of its epochs.
class LossCurve {
 public:
  void add(const ml::TrainingProgress& progress) {
    if (progress.loss <= 0 || progress.epoch < last_ + std::max(1, progress.epochs / kCurvePoints)) return;
    last_ = progress.epoch;
    boost::json::object point;
    point["epoch"] = progress.epoch;
    point["loss"] = progress.loss;
    point["validation_loss"] =
        progress.validation_loss > 0 ? boost::json::value(progress.validation_loss) : nullptr;
    points_.push_back(std::move(point));
  }
  const boost::json::array& points() const { return points_; }

 private:
  static constexpr int kCurvePoints = 100;

  int last_ = 0;
  boost::json::array points_;
};

// Why requests with a pick may have no outcome; empty when there are none.
std::string picked_below(std::int64_t requests, std::size_t most_shown) {
  if (requests == 0) return {};
  return "; " + std::to_string(requests) + " more were picked from below rank " + std::to_string(most_shown) +
         ", which does not count (training.most_shown)";
}

std::string progress_json(const ml::TrainingProgress& progress, const LossCurve& curve) {
  boost::json::object json;
  json["phase"] = progress.phase;
  json["epoch"] = progress.epoch;
  json["epochs"] = progress.epochs;
  json["loss"] = progress.loss;
  json["validation_loss"] = progress.validation_loss;
  json["progress"] = progress.share;
  json["curve"] = curve.points();
  return boost::json::serialize(json);
}

ml::TrainingPlan plan_of(const TrainingOptions& options, const TrainingRequest& request, bool of_one) {
  ml::TrainingPlan plan{.family = request.family,
                        .objective = of_one ? ml::Objective::kLogistic : options.objective,
                        .threads = options.threads,
                        .hyperparameters = options.hyperparameters};
  for (const auto& [name, value] : request.hyperparameters) plan.hyperparameters[name] = value;
  return plan;
}

// What a training did to outliers, which is logged, too.
std::vector<std::string> warnings_of(const ml::TrainingReport& report, telemetry::Logger& log) {
  std::vector<std::string> warnings;
  for (const ml::BoundedInput& bounded : report.bounded) {
    warnings.push_back(ml::to_sentence(bounded));
    log.warning("outliers were bounded", {{"field", bounded.name}, {"what", warnings.back()}});
  }
  return warnings;
}

// What the gate says of the model, and whether it answers from now on.
void sign(storage::NewModel& model, const ml::GateOutcome& outcome, bool promote) {
  model.verdict = outcome.verdict;
  model.detail = ml::to_json(outcome);
  model.promote = promote && outcome.verdict == Verdict::kPromote;
  model.actor = "gate";
  model.reason = outcome.reasons.empty() ? std::string(name_of(outcome.verdict)) : outcome.reasons.front();
}

}  // namespace

Training::Training(std::shared_ptr<const Domain> domain, int domain_version, TrainingOptions options,
                   storage::Store& store, const Serving& serving, telemetry::Metrics& metrics,
                   telemetry::Logger& log, const Clock& clock, PositionEvidence* positions)
    : domain_(std::move(domain)),
      domain_version_(domain_version),
      options_(std::move(options)),
      store_(store),
      serving_(serving),
      metrics_(metrics),
      log_(log),
      clock_(clock),
      positions_(positions) {}

Result<TrainingRequest> Training::check(const boost::json::value& body) const {
  return read_training_body(body,
                            {.family = options_.family,
                             .window = options_.dataset.window,
                             .promote = options_.promote,
                             .cause = "request"},
                            options_.minimum);
}

EvidenceNeeds Training::needs() const {
  return {options_.minimum, static_cast<std::int64_t>(options_.gate.min_requests),
          options_.dataset.test_share};
}

Status Training::enough_evidence() const {
  const auto counts = store_.outcome_counts({}, options_.minimum);
  if (!counts) return counts.error();
  if (counts->with_outcome >= options_.minimum) return {};
  std::string message = "Too little to learn from: " + std::to_string(counts->with_outcome) + " of " +
                        std::to_string(options_.minimum) + " requests with an outcome";
  if (serving_.current()->catalog->live_items() == 0) {
    message += "; the catalog is empty: add " + domain_->item.many + " first (POST /items:import)";
  } else if (counts->shown == 0) {
    message += "; nothing was shown yet: ask for a ranking, read its results, and report what was picked";
  } else {
    const bool more = counts->shown >= options_.minimum;
    message += " (" + std::to_string(counts->shown) + (more ? " or more" : "") +
               " were shown; report what was picked, or -1 for none, with PUT /inference/select/";
    if (options_.dataset.most_shown > 0) {
      message += "; what is picked from below rank " + std::to_string(options_.dataset.most_shown) +
                 " does not count: training.most_shown";
    }
    message += ")";
  }
  message += ". For the " + std::to_string(options_.gate.min_requests) +
             " test requests that a promotion needs, about " + std::to_string(needs().gate(1)) +
             " have to end with a pick";
  return Error(ErrorCode::kFailedPrecondition, message);
}

void Training::start(const TrainingRequest& request, std::optional<telemetry::TraceContext> trace,
                     std::optional<storage::RecordedAnswer<storage::TaskRecord>> keep,
                     storage::Done<storage::TaskRecord> done) {
  const TaskId task = TaskId::make(clock_.wall().time_since_epoch().count(), random_bits(), random_bits());
  store_.start_job(
      {task, traits_of(TaskKind::kTraining), to_json(request), clock_.wall(), std::nullopt, trace},
      std::move(keep), std::move(done));
}

void Training::start_foreign(const TaskId& task, TrainingRequest request, storage::ForeignTerms terms,
                             std::optional<telemetry::TraceContext> trace,
                             storage::Done<storage::TaskRecord> done) {
  request.cause = "celery";
  store_.start_job(
      {task, traits_of(TaskKind::kTraining), to_json(request), clock_.wall(), std::move(terms), trace},
      std::nullopt, std::move(done));
}

void Training::run(const storage::ClaimedTask& task, const std::stop_token& stop) {
  TaskSpans spans(options_.tracer, task, clock_.monotonic());
  const TaskOutcome outcome = run(task, stop, spans);
  spans.end(outcome, clock_.monotonic());
}

TaskOutcome Training::run(const storage::ClaimedTask& task, const std::stop_token& stop, TaskSpans& spans) {
  const auto begin = clock_.monotonic();
  const std::string id = task.lease.task.to_string();
  const telemetry::LoggedTrace trace(task.trace);
  const TrainingRequest request = read_training_request(task.arguments);
  log_.info("training begins", {{"task_id", id}, {"family", request.family}, {"trace_id", trace}});
  Verdict verdict{};
  const auto work = [&](Heartbeat& heart) -> Result<storage::JobResult> {
    LossCurve curve;
    const auto tell = [&](const ml::TrainingProgress& progress) {
      curve.add(progress);
      spans.enter(progress.phase, clock_.monotonic());
      heart.tell(progress_json(progress, curve));
    };
    Result<Made> made = make_model(request, tell, heart.stop());
    if (!made) return made.error();
    made->lineage.curve = boost::json::serialize(curve.points());
    made->model.lineage = to_json(made->lineage);
    made->model.dry_run = request.dry_run;
    verdict = made->verdict;
    if (!heart.stop().stop_requested()) spans.enter("commit", clock_.monotonic());
    return storage::JobResult{.model = std::move(made->model)};
  };
  JobAttempt attempt(store_, log_, clock_, task,
                     {.what = "trained model",
                      .heartbeat = options_.heartbeat,
                      .commits = options_.commits,
                      .between_commits = options_.between_commits,
                      .failing = [this] { metrics_.training.failed->Increment(); }});
  const TaskOutcome outcome = attempt.run(work, stop);
  if (!outcome.model) return outcome;
  count(verdict);
  metrics_.training.seconds->Observe(std::chrono::duration<double>(clock_.monotonic() - begin).count());
  log_.info("training ended", {{"task_id", id},
                               {"model_id", std::to_string(outcome.model->value)},
                               {"verdict", name_of(verdict)},
                               {"trace_id", trace}});
  return outcome;
}

void Training::count(Verdict verdict) {
  const telemetry::TrainingMetrics& training = metrics_.training;
  prometheus::Counter* counter = training.insufficient;
  if (verdict == Verdict::kPromote) counter = training.promoted;
  if (verdict == Verdict::kReject) counter = training.rejected;
  counter->Increment();
}

Result<ml::GateOutcome> Training::judged(const ml::Model& model, const Dataset& dataset,
                                         const WeighedPositions& positions, bool lone) const {
  const std::shared_ptr<const ServedModels> serving = serving_.current();
  ml::GateRules rules = options_.gate;
  if (lone) rules.metric = ml::MetricName::kLogloss;
  auto outcome = judge(model, dataset,
                       {rules, options_.item_halves_memory, store_, *serving, clock_,
                        options_.weigh_by_examination ? &positions.attraction : nullptr});
  if (!outcome) return outcome;
  if (outcome->basis == ml::Basis::kCorrected && positions.source == PositionSource::kSwaps) {
    outcome->reasons.push_back(
        "What positions draw is known from swaps, items that models which share the traffic put at different "
        "places (" +
        std::to_string(positions.swapped_picks) + " picks of them), not from random orders.");
  }
  if (lone) {
    outcome->reasons.push_back(
        "The lists hold one item each, so there is no order to learn: the model was fitted row by row "
        "(training.objective = \"logistic\") and judged by logloss.");
  }
  const std::int64_t imported = dataset.lineage.imported;
  if (imported > 0 && !options_.dataset.judge_imported) {
    outcome->reasons.push_back(std::to_string(imported) +
                               " imported requests train and do not judge "
                               "(gate.imported).");
  }
  if (outcome->verdict == Verdict::kInsufficientEvidence && !outcome->looked) {
    const auto judged = static_cast<double>(std::max<std::size_t>(outcome->n_requests, 1));
    const auto tested = static_cast<double>(std::max<std::int64_t>(dataset.lineage.test_requests, 1));
    outcome->reasons.push_back("About " + std::to_string(needs().gate(std::min(1.0, judged / tested))) +
                               " requests with an outcome are needed; there are " +
                               std::to_string(dataset.lineage.requests) +
                               picked_below(dataset.lineage.picked_below, options_.dataset.most_shown) + ".");
  }
  return outcome;
}

WeighedPositions Training::weigh(Dataset& dataset, const std::stop_token& stop) const {
  constexpr RankingBudget kBudget{.rows = 200'000'000, .rankings = 20'000};
  if (!options_.weigh_by_examination) return {};
  if (positions_ == nullptr) return weigh_by_position(dataset);
  return weigh_by_position(dataset, [&]() -> std::vector<ml::Swap> {
    auto observed = positions_->gather(dataset.target, kBudget, stop);
    if (observed) return std::move(observed->swaps);
    log_.warning("swaps between models could not be read", {{"error", observed.error().message}});
    return {};
  });
}

Result<Training::Made> Training::make_model(const TrainingRequest& request, const ml::ProgressSink& progress,
                                            const std::stop_token& stop) {
  const auto begin = clock_.monotonic();
  progress({.phase = "dataset"});
  DatasetOptions wanted = options_.dataset;
  wanted.window = request.window;
  wanted.target.now = clock_.wall();
  Result<Dataset> dataset = read_dataset(store_, *domain_, wanted, stop);
  if (!dataset) return dataset.error();
  if (dataset->lineage.requests < options_.minimum) {
    return Error(ErrorCode::kFailedPrecondition,
                 "Too little to learn from: " + std::to_string(dataset->lineage.requests) + " of " +
                     std::to_string(options_.minimum) + " requests with an outcome" +
                     picked_below(dataset->lineage.picked_below, options_.dataset.most_shown));
  }
  const bool of_one = is_mostly_lone(dataset->lineage);
  const WeighedPositions positions = weigh(*dataset, stop);
  const ml::TrainingPlan plan = plan_of(options_, request, of_one);
  ml::TrainingReport report;
  const auto trained =
      ml::train_model(*domain_, dataset->train.rows, dataset->validation.rows, plan, progress, stop, &report);
  if (!trained) return trained.error();
  if (stop.stop_requested()) return Error(ErrorCode::kAborted, "training was cancelled");
  progress({.phase = "gate", .share = 1});
  Result<storage::NewModel> model = model_record(**trained, *dataset, options_.max_artefact);
  if (!model) return model.error();
  auto outcome = judged(**trained, *dataset, positions, of_one);
  if (!outcome) return outcome.error();
  std::vector<std::string> warnings = warnings_of(report, log_);
  for (const std::string& warning : warnings) outcome->reasons.push_back(warning + ".");

  model->domain_version = domain_version_;
  model->at = clock_.wall();
  sign(*model, *outcome, request.promote);
  ModelLineage lineage =
      lineage_of(*domain_, *dataset, plan, report,
                 {.window = request.window,
                  .positions_weighed = options_.weigh_by_examination,
                  .position_evidence = std::string(name_of(positions.source)),
                  .cause = request.cause,
                  .warnings = std::move(warnings),
                  .seconds = std::chrono::duration<double>(clock_.monotonic() - begin).count()});
  return Made{*std::move(model), std::move(lineage), outcome->verdict};
}

}  // namespace rankloop::app
