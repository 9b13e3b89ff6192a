// Training as a use case: is there enough to learn from, schedule it, run it, judge the outcome.
//
// run() reads the dataset from the store, trains, measures, lets the gate compare the new model with the
// champion on the same test requests, and commits model, verdict, promotion and the task's end in one
// transaction. Killed at any moment, the task runs again and nothing of the first attempt is seen. While the
// store cannot write, what was trained is kept in memory and offered again.
//
// Thread-safe. start() answers through `done`; run(), evidence() and check() block.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "app/learn/dataset.h"
#include "app/learn/evidence_needs.h"
#include "app/learn/position_weights.h"
#include "app/learn/training_request.h"
#include "app/serve/serving.h"
#include "app/serve/task_spans.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "ml/gate.h"
#include "ml/train.h"
#include "storage/store.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace rankloop::app {

class PositionEvidence;

struct TrainingOptions {
  std::string family = "logistic";
  ml::Objective objective = ml::Objective::kListwise;
  std::int64_t minimum = 250;  // requests with an outcome
  DatasetOptions dataset;
  bool promote = true;  // what the gate lets through, at once
  bool weigh_by_examination = true;
  int threads = 1;
  ml::Hyperparameters hyperparameters;
  ml::GateRules gate{.spend_over_looks = true};
  std::size_t max_artefact = 32U << 20;       // bytes of a model
  std::size_t item_halves_memory = 1U << 30;  // of a model that is tried on the whole catalog
  std::chrono::milliseconds heartbeat{500};   // at most this long between two signs of life
  // A trained model that the store does not take now is offered again, so often and with such pauses.
  int commits = 120;
  std::chrono::milliseconds between_commits{5'000};
  const telemetry::Tracer* tracer = nullptr;  // borrowed; none: nothing is traced
};

class Training {
 public:
  Training(std::shared_ptr<const Domain> domain, int domain_version, TrainingOptions options,
           storage::Store& store, const Serving& serving, telemetry::Metrics& metrics, telemetry::Logger& log,
           const Clock& clock, PositionEvidence* positions = nullptr);

  std::int64_t minimum() const { return options_.minimum; }

  // Reads the body of POST /train/start (null: everything preset). kInvalidArgument with every fault.
  Result<TrainingRequest> check(const boost::json::value& body) const;

  EvidenceNeeds needs() const;

  // Reads the disk, no more of it the longer the ledger is. kFailedPrecondition says exactly what is missing:
  // "12 of 250 requests with an outcome ...".
  Status enough_evidence() const;

  // kFailedPrecondition: one is waiting or running.
  void start(const TrainingRequest& request, std::optional<telemetry::TraceContext> trace,
             std::optional<storage::RecordedAnswer<storage::TaskRecord>> keep,
             storage::Done<storage::TaskRecord> done);

  // The same for a task of another program, under its id. kAlreadyExists: it is there.
  void start_foreign(const TaskId& task, TrainingRequest request, storage::ForeignTerms terms,
                     std::optional<telemetry::TraceContext> trace, storage::Done<storage::TaskRecord> done);

  // Runs a claimed training to its end. A requested stop gives the task back unharmed.
  void run(const storage::ClaimedTask& task, const std::stop_token& stop);

 private:
  struct Made {
    storage::NewModel model;  // without its lineage
    ModelLineage lineage;     // without the curve of its losses
    Verdict verdict;
  };

  TaskOutcome run(const storage::ClaimedTask& task, const std::stop_token& stop, TaskSpans& spans);
  void count(Verdict verdict);
  Result<ml::GateOutcome> judged(const ml::Model& model, const Dataset& dataset,
                                 const WeighedPositions& positions, bool lone) const;
  WeighedPositions weigh(Dataset& dataset, const std::stop_token& stop) const;
  Result<Made> make_model(const TrainingRequest& request, const ml::ProgressSink& progress,
                          const std::stop_token& stop);

  const std::shared_ptr<const Domain> domain_;
  const int domain_version_;
  const TrainingOptions options_;
  storage::Store& store_;
  const Serving& serving_;
  telemetry::Metrics& metrics_;
  telemetry::Logger& log_;
  const Clock& clock_;
  PositionEvidence* const positions_;  // null: swaps between models are not asked for
};

}  // namespace rankloop::app
