// Requests, rankings, exposures and feedback: what is written of an inference, one statement each.
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

Error unknown_inference(InferenceId id) {
  return {ErrorCode::kNotFound, "No inference has the number " + std::to_string(id.value)};
}

// What a statement needs of the connection before it is sent.
struct Numbers {
  std::int64_t request = 0;
  std::int64_t source = 0;
  std::vector<std::int64_t> policies;
};

void send_start(Connection& connection, const NewInference& request, const Numbers& numbers) {
  const std::string packed = pack_ids(request.candidates);
  std::optional<Blob> candidates;
  if (request.candidates_given) candidates = Blob{packed};
  connection.send("start_inference", numbers.request, request.task, request.at, request.domain_version,
                  unless_empty(request.user_key), request.payload, numbers.source, candidates);
}

// False when the task is there already.
bool run_foreign_start(Connection& connection, const NewInference& request, bool waits, std::int64_t source,
                       std::int64_t number) {
  const std::string packed = pack_ids(request.candidates);
  std::optional<Blob> candidates;
  if (request.candidates_given) candidates = Blob{packed};
  const ForeignTerms& terms = *request.foreign;
  const auto run_at = waits ? terms.not_before : std::nullopt;
  const Rows started = connection.run("start_foreign_inference", number, request.task, request.at,
                                      request.domain_version, unless_empty(request.user_key), request.payload,
                                      source, candidates, run_at, terms.expires);
  if (started.changed() == 0) return false;
  insert_reply(connection, request.task, terms.reply);
  return true;
}

void send_finish(Connection& connection, const Lease& lease, const StoredRankings& rankings, WallTime at,
                 const Numbers& numbers) {
  const StoredRanking& first = rankings.front();
  const auto send = [&](std::string_view name, const auto&... shadows) {
    connection.send(name, lease.task, lease.fence, at, first.made.model, numbers.policies.front(),
                    static_cast<std::int64_t>(first.made.seed), first.made.catalog_version,
                    first.made.domain_version, static_cast<std::int64_t>(first.size), Blob{first.packed},
                    shadows...);
  };
  if (rankings.size() == 1) return send("finish_inference");
  Column models(Column::Of::kInteger);
  Column policies(Column::Of::kInteger);
  Column seeds(Column::Of::kInteger);
  Column catalogs(Column::Of::kInteger);
  Column domains(Column::Of::kInteger);
  Column packed(Column::Of::kBytes);
  for (std::size_t i = 1; i < rankings.size(); ++i) {
    models.add(rankings[i].made.model.value);
    policies.add(numbers.policies[i]);
    seeds.add(static_cast<std::int64_t>(rankings[i].made.seed));
    catalogs.add(rankings[i].made.catalog_version);
    domains.add(std::int64_t{rankings[i].made.domain_version});
    packed.add(std::string_view(rankings[i].packed));
  }
  send("finish_inference_with_shadows", models, policies, seeds, catalogs, domains, packed);
}

Exposure exposure_of(const Row& row, int first) {
  return {row.small(first), row.small(first + 1), row.time(first + 2), row.text(first + 3)};
}

Result<std::vector<Exposure>> exposures_of(WriteBatch& batch, const NewExposure& exposure, const Rows& rows) {
  const Row head = rows.front();
  if (!head.boolean(0)) return unknown_inference(exposure.inference);
  if (head.is_null(1)) {
    return Error{ErrorCode::kFailedPrecondition,
                 "Inference " + std::to_string(exposure.inference.value) + " has no results yet"};
  }
  std::vector<Exposure> shown;
  for (int i = 0; i < rows.size(); ++i) {
    if (!rows[i].is_null(3)) shown.push_back(exposure_of(rows[i], 3));
  }
  const bool added = head.boolean(2);
  if (added && shown.size() == 1) batch.count({.model = ModelId{head.integer(1)}, .shown = 1});
  return shown;
}

Result<Exposure> feedback_result(WriteBatch& batch, const NewFeedback& feedback, const Rows& rows) {
  const Row row = rows.front();
  if (!row.boolean(1)) {
    if (!feedback.item) return unknown_inference(feedback.inference);
    return Error{ErrorCode::kFailedPrecondition, "The picked item was never shown"};
  }
  const OutcomeSoFar before{row.boolean(2), ModelId{row.integer(3)}, row.integer(4) > 0, row.integer(5) > 0,
                            row.integer(6) > 0};
  if (before.shown && feedback.weight > 0) batch.count(counts_of(feedback, before));
  return feedback.item ? exposure_of(row, 7) : Exposure{};
}

}  // namespace

void PostgresStore::start_inference(NewInference request, std::optional<Keep<StartedInference>> keep,
                                    Done<StartedInference> done) {
  if (request.foreign) return start_foreign(std::move(request), std::move(keep), std::move(done));
  const auto shared = std::make_shared<const NewInference>(std::move(request));
  const auto numbers = std::make_shared<Numbers>();
  submit<StartedInference>(
      {[shared, numbers](WriteBatch& batch) -> Status {
         if (Status admitted = batch.admit_task(); !admitted) return admitted;
         numbers->source = batch.source_number(shared->source);
         numbers->request = batch.next_number();
         return {};
       },
       [shared, numbers](WriteBatch& batch) { send_start(batch.connection(), *shared, *numbers); },
       [shared, numbers](WriteBatch& batch, const Rows&) -> Result<StartedInference> {
         batch.hint(ready_hint(TaskKind::kInference, shared->task));
         return StartedInference{UserId{numbers->request}, InferenceId{numbers->request}};
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
void PostgresStore::start_foreign(NewInference request, std::optional<Keep<StartedInference>> keep,
                                  Done<StartedInference> done) {
  const auto shared = std::make_shared<const NewInference>(std::move(request));
  const bool waits = is_later(shared->foreign->not_before, clock_.wall());
  submit_body<StartedInference>(
      [shared, waits](WriteBatch& batch) -> Result<StartedInference> {
        if (Status admitted = batch.admit_task(); !admitted) return admitted.error();
        const std::int64_t source = batch.source_number(shared->source);
        const std::int64_t number = batch.next_number();
        if (!run_foreign_start(batch.connection(), *shared, waits, source, number)) return task_is_there();
        if (!waits) batch.hint(ready_hint(TaskKind::kInference, shared->task));
        return StartedInference{UserId{number}, InferenceId{number}};
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
  const auto numbers = std::make_shared<Numbers>();
  submit<StartedInference>(
      {[rankings, numbers](WriteBatch& batch) -> Status {
         numbers->policies.clear();
         for (const StoredRanking& one : *rankings) {
           numbers->policies.push_back(batch.policy_number(one.made.policy));
         }
         return {};
       },
       [lease, rankings, at, numbers](WriteBatch& batch) {
         send_finish(batch.connection(), lease, *rankings, at, *numbers);
       },
       [lease](WriteBatch& batch, const Rows& rows) -> Result<StartedInference> {
         if (rows.empty()) return lease_lost(lease.task);
         batch.hint(changed_hint(lease.task, TaskState::kSucceeded));
         return StartedInference{UserId{rows.front().integer(1)}, InferenceId{rows.front().integer(0)}};
       }},
      std::nullopt,
      [this, id = lease.task](const Result<StartedInference>& finished) {
        if (finished) listener_.task_changed(id, TaskState::kSucceeded);
      },
      std::move(done));
}

void PostgresStore::record_exposure(NewExposure exposure, Done<std::vector<Exposure>> done) {
  const auto shared = std::make_shared<const NewExposure>(std::move(exposure));
  const auto source = std::make_shared<std::int64_t>(0);
  submit<std::vector<Exposure>>(
      {[shared, source](WriteBatch& batch) -> Status {
         *source = batch.source_number(shared->source);
         return {};
       },
       [shared, source](WriteBatch& batch) {
         batch.connection().send("record_exposure", shared->inference, shared->up_to, shared->at, *source,
                                 shared->source);
       },
       [shared](WriteBatch& batch, const Rows& rows) { return exposures_of(batch, *shared, rows); }},
      std::nullopt, nullptr, std::move(done));
}

void PostgresStore::record_feedback(NewFeedback feedback, std::optional<Keep<Exposure>> keep,
                                    Done<Exposure> done) {
  const auto shared = std::make_shared<const NewFeedback>(std::move(feedback));
  submit<Exposure>(
      {nullptr,
       [shared](WriteBatch& batch) {
         batch.connection().send("record_feedback", shared->inference, shared->item, shared->rank,
                                 shared->kind, shared->value, shared->weight, shared->at);
       },
       [shared](WriteBatch& batch, const Rows& rows) { return feedback_result(batch, *shared, rows); }},
      std::move(keep), nullptr, std::move(done));
}

}  // namespace rankloop::storage::postgres
