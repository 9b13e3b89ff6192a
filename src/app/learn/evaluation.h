// Off-policy evaluation as a use case: what a model of the registry would have earned, told from the ledger.
//
// run() is the work of a task (ledger_evaluation.h); its result is kept with the task. Killed at any moment,
// the task runs again.
//
// Thread-safe. start() answers through `done`; the others block.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <boost/json/value.hpp>

#include "app/learn/evaluation_request.h"
#include "app/learn/heartbeat.h"
#include "app/learn/ledger_evaluation.h"
#include "app/serve/serving.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "storage/store.h"

namespace rankloop::app {

class Evaluation {
 public:
  // `window`: the newest requests with an outcome that are looked at unless a request says otherwise; 0: all.
  Evaluation(std::shared_ptr<const Domain> domain, EvaluationOptions options, std::int64_t window,
             storage::Store& store, const Serving& serving, const Clock& clock);

  // Reads the body of POST /evaluations (null: the champion, everything preset). kInvalidArgument with every
  // fault; kNotFound: no such model, or no champion yet.
  Result<EvaluationRequest> check(const boost::json::value& body) const;

  // kFailedPrecondition: one is waiting or running.
  void start(const EvaluationRequest& request, std::optional<telemetry::TraceContext> trace,
             std::optional<storage::RecordedAnswer<storage::TaskRecord>> keep,
             storage::Done<storage::TaskRecord> done);

  // The newest first, without their results.
  Result<std::vector<storage::TaskRecord>> list(int limit) const;

  // The work of a claimed task.
  Result<storage::JobResult> run(const storage::ClaimedTask& task, Heartbeat& heart) const;

 private:
  const std::shared_ptr<const Domain> domain_;
  const EvaluationOptions options_;
  const std::int64_t window_;
  storage::Store& store_;
  const Serving& serving_;
  const Clock& clock_;
};

}  // namespace rankloop::app
