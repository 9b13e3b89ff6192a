// The main job: start an inference, run it, show its results, take the pick.
//
// Calls that may write answer through `done` (see storage/writes.h for when and where it is called). Calls
// named recent_* and known_* answer from memory and never block; their blocking counterparts may read the
// disk. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/serve/histories.h"
#include "app/serve/recent_inferences.h"
#include "app/serve/serving.h"
#include "app/serve/task_spans.h"
#include "domain/clock.h"
#include "domain/domain.h"
#include "ml/rank.h"
#include "storage/store.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace rankloop::app {

struct TaskStatus {
  TaskId id;
  TaskKind kind = TaskKind::kInference;
  TaskState state = TaskState::kReady;
  int attempt = 0;
  std::string error;  // public reason of a failure or revocation
  std::vector<LeftOut>
      left_out{};  // candidates that were not ranked: of a success; by a start what names nothing
};

// A request as the API takes it, already parsed.
struct InferenceInput {
  Record request;
  PersonKey person;
  std::vector<ItemId> candidates;
  bool candidates_given = false;
  std::string unknown_candidates{};              // what names nothing (domain/ranking.h)
  std::string candidate_fields{};                // what it says of them (domain/candidate_fields.h)
  std::string wishes{};                          // that it names (domain/wish_json.h)
  std::optional<storage::ForeignTerms> foreign;  // of a task that another program sent
  std::optional<telemetry::TraceContext> trace;  // the span that asks for it
  std::vector<std::string> ignored;              // names of the body that nobody reads
};

// A result as it stands after a pick.
struct Picked {
  std::shared_ptr<const EndedInference> ended;
  int rank = 0;
  storage::Exposure exposure;  // that showed it
};

struct InferenceOptions {
  int best = 1000;            // items that a ranking keeps
  ml::Exploration explore{};  // how requests are answered so that something is learned; see ml/rank.h
  const telemetry::Tracer* tracer = nullptr;  // borrowed; none: nothing is traced
};

// One attempt at a claimed task, while it is made.
struct InferenceRun {
  InferenceRun(const InferenceOptions& options, const storage::ClaimedTask& claimed, Monotonic now)
      : task(claimed), begin(now), spans(options.tracer, claimed, now) {}
  storage::ClaimedTask task;
  Monotonic begin;
  TaskSpans spans;
  Ranking kept;  // what results are answered from, once it is committed
};

class Inference {
 public:
  Inference(std::shared_ptr<const Domain> domain, int domain_version, const InferenceOptions& options,
            storage::Store& store, Serving& serving, Histories& histories, RecentInferences& recent,
            telemetry::Metrics& metrics, telemetry::Logger& log, const Clock& clock);

  // Checks a request body (POST /inference/start). kInvalidArgument with every fault.
  Result<InferenceInput> check(const boost::json::value& body) const;

  // Accepts a request: durable when `done` is called. Answers the new task's id at once, for the
  // answer that is kept.
  TaskId new_task_id() const;
  void start(const TaskId& task, InferenceInput input,
             std::optional<storage::RecordedAnswer<storage::StartedInference>> keep,
             storage::Done<storage::StartedInference> done);

  // Runs a claimed task: scores with the model that answers this person now, commits, tells who waits. Called
  // by workers; it returns before the commit.
  void run(const storage::ClaimedTask& task);
  // The same in steps, for a task that somebody else ranks: begun, then finished (commits what it was
  // answered with and what the shadows say) or failed (tried again after `retry_in`, if given).
  std::shared_ptr<InferenceRun> begin(const storage::ClaimedTask& task) const;
  void finish(std::shared_ptr<InferenceRun> run, Ranking ranking, std::vector<Ranking> shadows);
  void fail(InferenceRun& run, std::string reason, std::optional<std::chrono::milliseconds> retry_in);
  // Or it could not be begun: tried again where only the store was away, else failed.
  void give_up(InferenceRun& run, const Error& error);

  // What a request is ranked from, and which of its candidates are not ranked; see candidates.h.
  Result<std::shared_ptr<const ml::Catalog>> ranked_from(const storage::NewInference& request,
                                                         const ServedModels& serving) const;
  Result<std::vector<LeftOut>> left_out(const storage::NewInference& request, const ml::RankRequest& asked,
                                        const ServedModels& serving, const ml::Catalog& from,
                                        std::span<const RankedItem> ranked) const;

  // An ended inference. nullptr / kNotFound "Task not found"; kFailedPrecondition when it has not ended.
  std::shared_ptr<const EndedInference> recent(const TaskId& task) { return recent_.find(task); }
  Result<std::shared_ptr<const EndedInference>> load(const TaskId& task);

  std::optional<TaskStatus> known_status(const TaskId& task);
  Result<TaskStatus> status(const TaskId& task);

  // Marks the best `limit` as shown unless they already are; `done` gets how many are shown now.
  void show(const std::shared_ptr<const EndedInference>& ended, int limit, ExposureSource source,
            storage::Done<int> done);

  // Records a pick of a shown item. The rank of `item` in the ranking must be found by the caller.
  void pick(const std::shared_ptr<const EndedInference>& ended, int rank,
            std::optional<storage::RecordedAnswer<storage::Exposure>> keep, storage::Done<Picked> done);
  // The number of any known inference, ended or not. kNotFound "Task not found".
  // Records what was told of a ranking, the rank found by the caller.
  void tell(storage::NewFeedback feedback, std::optional<storage::RecordedAnswer<storage::Exposure>> keep,
            storage::Done<storage::Exposure> done);
  Result<InferenceId> number_of(const TaskId& task);
  // Records "none chosen" for any known inference.
  void pick_none(const TaskId& task, InferenceId inference,
                 std::optional<storage::RecordedAnswer<storage::Exposure>> keep,
                 storage::Done<storage::Exposure> done);

 private:
  // Counts what people ask for, field by field.
  void observe(std::span<const double> columns) const;
  void finished(InferenceRun& run, Result<storage::StartedInference> outcome);

  const std::shared_ptr<const Domain> domain_;
  const int domain_version_;
  const InferenceOptions options_;
  storage::Store& store_;
  Serving& serving_;
  Histories& histories_;
  RecentInferences& recent_;
  telemetry::Metrics& metrics_;
  const telemetry::FeedbackCounters told_;
  telemetry::Logger& log_;
  const Clock& clock_;
  // By column of a request; null where it is of another kind.
  std::vector<prometheus::Histogram*> numbers_;
  std::vector<prometheus::Counter*> flags_;
};

// The 1-based rank of an item, or 0 when the ranking does not have it.
int rank_in(const Ranking& ranking, ItemId item);

// What the outside reads of an inference that has not succeeded: "results are not ready ..." (409).
Error not_ready(const EndedInference* ended, TaskState state);

}  // namespace rankloop::app
