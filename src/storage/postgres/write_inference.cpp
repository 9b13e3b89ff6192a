// Requests, rankings, exposures and feedback: what is written of an inference, one statement for each kind.
#include <span>

#include "storage/outcome_so_far.h"
#include "storage/packed_ranking.h"
#include "storage/postgres/hints.h"
#include "storage/postgres/postgres_store.h"
#include "storage/stored_ranking.h"
#include "storage/task_refusals.h"

namespace rankloop::storage::postgres {
namespace {

using StoredRankings = std::vector<StoredRanking>;

void send_start(StatementBatch& statements, const NewInference& request, std::int64_t source) {
  const std::string packed = pack_ids(request.candidates);
  std::optional<Blob> candidates;
  if (request.candidates_given) candidates = Blob{packed};
  const std::string trace = telemetry::to_traceparent(request.trace);
  statements.send_numbered_row(
      "start_inferences", request.task, request.at, request.domain_version, unless_empty(request.person),
      request.payload, source, candidates, unless_empty(request.candidate_fields),
      unless_empty(request.unknown_candidates), unless_empty(request.wishes), unless_empty(trace));
}

// False when the task is there already.
bool run_foreign_start(Connection& connection, const NewInference& request, bool waits, std::int64_t source,
                       std::int64_t number) {
  const std::string packed = pack_ids(request.candidates);
  std::optional<Blob> candidates;
  if (request.candidates_given) candidates = Blob{packed};
  const ForeignTerms& terms = *request.foreign;
  const std::string trace = telemetry::to_traceparent(request.trace);
  const auto run_at = waits ? terms.not_before : std::nullopt;
  const Rows started =
      connection.run("start_foreign_inference", number, request.task, request.at, request.domain_version,
                     unless_empty(request.person), request.payload, source, candidates,
                     unless_empty(request.candidate_fields), unless_empty(request.unknown_candidates),
                     unless_empty(request.wishes), run_at, terms.expires, unless_empty(trace));
  if (started.changed() == 0) return false;
  insert_reply(connection, request.task, terms.reply);
  return true;
}

void send_finish(StatementBatch& statements, const Lease& lease, const StoredRankings& rankings, WallTime at,
                 const std::vector<std::int64_t>& policies) {
  const StoredRanking& first = rankings.front();
  const auto with = [&](const auto& send) {
    send(lease.task, lease.fence, at, first.made.model, policies.front(),
         static_cast<std::int64_t>(first.made.seed), first.made.catalog_version, first.made.domain_version,
         static_cast<std::int64_t>(first.size), Blob{first.packed}, arm_or_null(first.made.arm),
         blob_unless_empty(first.placed), first.made.known, known_hash_or_null(first.made));
  };
  if (rankings.size() == 1) {
    return with([&](const auto&... values) { statements.send_row("finish_inferences", values...); });
  }
  Table shadows;
  for (std::size_t i = 1; i < rankings.size(); ++i) {
    const Ranking& made = rankings[i].made;
    shadows.add(made.model, policies[i], static_cast<std::int64_t>(made.seed), made.catalog_version,
                made.domain_version, Blob{rankings[i].packed});
  }
  with([&](const auto&... values) { statements.send("finish_inference_with_shadows", values..., shadows); });
}

Result<std::vector<Exposure>> exposures_of(WriteBatch& batch, const NewExposure& exposure, RowSpan rows) {
  const Row head = rows.front();
  if (!head.boolean("known")) return unknown_inference(exposure.inference);
  if (head.is_null("model_id")) return without_results(exposure.inference);
  std::vector<Exposure> shown;
  for (int i = 0; i < rows.size(); ++i) {
    if (rows[i].is_null("first_rank")) continue;
    const Result<Exposure> one = exposure_of(rows[i]);
    if (!one) return one.error();
    shown.push_back(*one);
  }
  const bool added = head.boolean("added");
  if (added && shown.size() == 1) batch.count({.model = ModelId{head.integer("model_id")}, .shown = 1});
  return shown;
}

Result<Exposure> feedback_result(WriteBatch& batch, const NewFeedback& feedback, RowSpan rows) {
  const Row row = rows.front();
  if (row.boolean("repeated")) return event_is_there(feedback.event_id);
  if (!row.boolean("added")) return feedback.item ? never_shown() : unknown_inference(feedback.inference);
  const OutcomeSoFar before = outcome_so_far_of(row);
  if (before.shown) batch.count(counts_of(feedback, before));
  return feedback.item ? exposure_of(row) : Exposure{};
}

}  // namespace

void PostgresStore::start_inference(NewInference request,
                                    std::optional<RecordedAnswer<StartedInference>> keep,
                                    Done<StartedInference> done) {
  if (request.foreign) return start_foreign(std::move(request), std::move(keep), std::move(done));
  const auto shared = std::make_shared<const NewInference>(std::move(request));
  const auto source = std::make_shared<std::int64_t>(0);
  submit<StartedInference>(
      {[shared, source](WriteBatch& batch) -> Status {
         if (Status admitted = batch.admit_task(); !admitted) return admitted;
         *source = batch.source_number(name_of(shared->source));
         return {};
       },
       [shared, source](StatementBatch& statements) { send_start(statements, *shared, *source); },
       [shared](WriteBatch& batch, RowSpan rows) -> Result<StartedInference> {
         batch.hint(ready_hint(TaskKind::kInference, shared->task));
         const std::int64_t number = rows.front().integer("id");
         return StartedInference{RequestId{number}, InferenceId{number}};
       }},
      std::move(keep),
      [this, shared](const Result<StartedInference>& started) {
        if (!started) return;
        requests_grew(started->inference.value);
        recent_.add(shared);
        listener_.task_ready(TaskKind::kInference, shared->task);
      },
      std::move(done));
}

// In a savepoint, because a task that is there already must not use up a number.
void PostgresStore::start_foreign(NewInference request, std::optional<RecordedAnswer<StartedInference>> keep,
                                  Done<StartedInference> done) {
  const auto shared = std::make_shared<const NewInference>(std::move(request));
  const bool waits = is_later(shared->foreign->not_before, clock_.wall());
  submit_body<StartedInference>(
      [shared, waits](WriteBatch& batch) -> Result<StartedInference> {
        if (Status admitted = batch.admit_task(); !admitted) return admitted.error();
        const std::int64_t source = batch.source_number(name_of(shared->source));
        const std::int64_t number = batch.last_number() + 1;
        if (!run_foreign_start(batch.connection(), *shared, waits, source, number)) return task_is_there();
        if (!waits) batch.hint(ready_hint(TaskKind::kInference, shared->task));
        return StartedInference{RequestId{number}, InferenceId{number}};
      },
      std::move(keep),
      [this, shared, waits](const Result<StartedInference>& started) {
        if (!started) return;
        requests_grew(started->inference.value);
        if (waits) return;
        recent_.add(shared);
        listener_.task_ready(TaskKind::kInference, shared->task);
      },
      std::move(done));
}

void PostgresStore::finish_inference(const Lease& lease, Ranking ranking, std::vector<Ranking> shadows,
                                     WallTime at, Done<StartedInference> done) {
  if (Status checked = check_rankings(ranking, shadows); !checked) return done(checked.error());
  const auto rankings =
      std::make_shared<const StoredRankings>(packed_for_store(std::move(ranking), std::move(shadows)));
  const auto policies = std::make_shared<std::vector<std::int64_t>>();
  submit<StartedInference>(
      {[rankings, policies](WriteBatch& batch) -> Status {
         policies->clear();
         for (const StoredRanking& one : *rankings) policies->push_back(batch.policy_number(one.made.policy));
         return {};
       },
       [lease, rankings, at, policies](StatementBatch& statements) {
         send_finish(statements, lease, *rankings, at, *policies);
       },
       [lease](WriteBatch& batch, RowSpan rows) -> Result<StartedInference> {
         if (rows.empty()) return lease_lost(lease.task);
         batch.hint(changed_hint(lease.task, TaskState::kSucceeded));
         return ended_inference_of(rows.front());
       }},
      std::nullopt,
      [this, id = lease.task](const Result<StartedInference>& finished) {
        if (finished) listener_.task_changed(id, TaskState::kSucceeded);
      },
      std::move(done));
}

void PostgresStore::record_exposure(NewExposure exposure, Done<std::vector<Exposure>> done) {
  const auto shared = std::make_shared<const NewExposure>(exposure);
  const auto source = std::make_shared<std::int64_t>(0);
  const bool ordered = options_.histories;
  submit<std::vector<Exposure>>(
      {[shared, source](WriteBatch& batch) -> Status {
         *source = batch.source_number(name_of(shared->source));
         return {};
       },
       [shared, source, ordered](StatementBatch& statements) {
         statements.send_row("record_exposures", shared->inference, shared->up_to, shared->at, *source,
                             name_of(shared->source), ordered);
       },
       [shared](WriteBatch& batch, RowSpan rows) { return exposures_of(batch, *shared, rows); },
       shared->inference, ordered},
      std::nullopt, history_moves<std::vector<Exposure>>(), std::move(done));
}

void PostgresStore::record_feedback(NewFeedback feedback, std::optional<RecordedAnswer<Exposure>> keep,
                                    Done<Exposure> done) {
  const auto shared = std::make_shared<const NewFeedback>(feedback);
  const bool ordered = options_.histories;
  submit<Exposure>(
      {nullptr,
       [shared, ordered](StatementBatch& statements) {
         statements.send_row("record_feedbacks", shared->inference, shared->item, shared->rank, shared->kind,
                             shared->value, shared->people, shared->weight, shared->at,
                             unless_empty(shared->event_id), ordered);
       },
       [shared](WriteBatch& batch, RowSpan rows) { return feedback_result(batch, *shared, rows); },
       shared->inference, ordered},
      std::move(keep), history_moves<Exposure>(), std::move(done));
}

void PostgresStore::record_person_event(NewPersonEvent event, Done<void> done) {
  const auto shared = std::make_shared<const NewPersonEvent>(std::move(event));
  const bool ordered = options_.histories;
  submit<void>({nullptr,
                [shared, ordered](StatementBatch& statements) {
                  statements.send_row("record_person_events", shared->person, shared->item, shared->kind,
                                      shared->value, shared->at, shared->received,
                                      unless_empty(shared->event_id), ordered);
                },
                [shared](WriteBatch&, RowSpan rows) -> Result<void> {
                  if (rows.front().boolean("repeated")) return event_is_there(shared->event_id);
                  return {};
                },
                std::nullopt, ordered},
               std::nullopt, history_moves<void>(), std::move(done));
}

}  // namespace rankloop::storage::postgres
