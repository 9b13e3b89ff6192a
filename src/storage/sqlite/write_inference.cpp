// Requests, rankings, exposures and feedback: what is written of an inference.
#include <algorithm>
#include <span>

#include "storage/outcome_so_far.h"
#include "storage/packed_ranking.h"
#include "storage/sqlite/sqlite_store.h"
#include "storage/stored_ranking.h"
#include "storage/task_refusals.h"

namespace rankloop::storage::sqlite {
namespace {

Result<StartedInference> insert_inference(WriteTransaction& transaction, const NewInference& request,
                                          const std::optional<WallTime>& scheduled) {
  Database& database = transaction.connection();
  if (request.foreign && has_row(database, "task", request.task)) return task_is_there();
  database.execute("add_user", request.at, request.domain_version, unless_empty(request.person),
                   request.payload);
  const RequestId user{database.last_id()};
  const std::string packed = pack_ids(request.candidates);
  std::optional<Blob> candidates;
  if (request.candidates_given) candidates = Blob{packed};
  database.execute("add_inference", request.task, user, request.at, request.domain_version,
                   transaction.source_number(name_of(request.source)), candidates,
                   unless_empty(request.candidate_fields), unless_empty(request.unknown_candidates),
                   unless_empty(request.wishes));
  const InferenceId inference{database.last_id()};
  const ForeignTerms terms = request.foreign.value_or(ForeignTerms{});
  const std::string trace = telemetry::to_traceparent(request.trace);
  database.execute("add_task", request.task, inference, request.at, scheduled, terms.expires,
                   unless_empty(trace));
  insert_reply(database, request.task, terms.reply);
  return StartedInference{user, inference};
}

struct RankingHead {
  int size = 0;
  ModelId model;
};

// Of the inference's ranking; kNotFound, or kFailedPrecondition while there is none.
Result<RankingHead> ranking_head(Database& database, InferenceId inference) {
  const auto head_of = [](const auto& row) {
    return RankingHead{row.small("item_count"), ModelId{row.integer("model_id")}};
  };
  if (const auto head = the_row(database, "ranking_head", head_of, inference)) return *head;
  if (!has_row(database, "inference_exists", inference)) return unknown_inference(inference);
  return without_results(inference);
}

Result<std::vector<Exposure>> insert_exposure(WriteTransaction& transaction, const NewExposure& exposure) {
  Database& database = transaction.connection();
  const Result<RankingHead> ranking = ranking_head(database, exposure.inference);
  if (!ranking) return ranking.error();
  auto shown = all_readable(all_rows(database, "exposures", exposure_of, exposure.inference));
  if (!shown) return shown;
  const int next = shown->empty() ? 1 : shown->back().first_rank + shown->back().count;
  const int count = std::min(exposure.up_to, ranking->size) + 1 - next;
  if (count <= 0) return shown;
  if (shown->empty()) transaction.count({.model = ranking->model, .shown = 1});
  database.execute("add_exposure", exposure.inference, next, count, exposure.at,
                   transaction.source_number(name_of(exposure.source)), transaction.next_position());
  shown->push_back({next, count, exposure.at, exposure.source});
  return shown;
}

// The exposure that showed what was picked; an empty one when nothing was.
Result<Exposure> exposure_for(Database& database, const NewFeedback& feedback) {
  if (!feedback.item) {
    // "None chosen" is recorded of any inference there is, also before its ranking.
    const Result<RankingHead> ranking = ranking_head(database, feedback.inference);
    if (!ranking && ranking.error().code == ErrorCode::kNotFound) return ranking.error();
    return Exposure{};
  }
  auto exposure = the_row(database, "exposure_of_rank", exposure_of, feedback.inference, feedback.rank);
  if (!exposure) return never_shown();
  if (*exposure && feedback.rank >= (*exposure)->first_rank + (*exposure)->count) return never_shown();
  return *std::move(exposure);
}

bool is_known(Database& database, const std::string& event_id) {
  return !event_id.empty() && has_row(database, "event_is_known", event_id);
}

Result<Exposure> insert_feedback(WriteTransaction& transaction, const NewFeedback& feedback) {
  Database& database = transaction.connection();
  if (is_known(database, feedback.event_id)) return event_is_there(feedback.event_id);
  Result<Exposure> shown = exposure_for(database, feedback);
  if (!shown) return shown;
  const OutcomeSoFar before =
      the_row(database, "outcome_so_far", outcome_so_far_of, feedback.inference, feedback.item).value();
  database.execute("add_feedback", feedback.inference, feedback.item, feedback.rank, feedback.kind,
                   feedback.value, feedback.people, feedback.weight, before.shown, feedback.at,
                   unless_empty(feedback.event_id), transaction.next_position());
  if (before.shown) transaction.count(counts_of(feedback, before));
  return shown;
}

Status insert_person_event(WriteTransaction& transaction, const NewPersonEvent& event) {
  Database& database = transaction.connection();
  if (is_known(database, event.event_id)) return event_is_there(event.event_id);
  database.execute("add_person_event", event.person, event.item, event.kind, event.value, event.at,
                   event.received, unless_empty(event.event_id), transaction.next_position());
  return {};
}

// The ranking that answers, then those of the shadows.
using StoredRankings = std::vector<StoredRanking>;

Result<StartedInference> insert_rankings(WriteTransaction& transaction, const Lease& lease,
                                         const LiveTask& live, const StoredRankings& rankings, WallTime at) {
  Database& database = transaction.connection();
  const auto ended = the_row(database, "end_inference", ended_inference_of, lease.task, lease.fence,
                             live.attempt, live.started, at);
  if (!ended) return lease_lost(lease.task);
  const Ranking& made = rankings.front().made;
  database.execute("add_ranking", ended->inference, made.model, transaction.policy_number(made.policy),
                   static_cast<std::int64_t>(made.seed), made.catalog_version, made.domain_version,
                   static_cast<std::int64_t>(rankings.front().size), Blob{rankings.front().packed},
                   arm_or_null(made.arm), blob_unless_empty(rankings.front().placed), made.known,
                   known_hash_or_null(made));
  for (const StoredRanking& shadow : std::span(rankings).subspan(1)) {
    database.execute("add_shadow_ranking", ended->inference, shadow.made.model,
                     transaction.policy_number(shadow.made.policy),
                     static_cast<std::int64_t>(shadow.made.seed), shadow.made.catalog_version,
                     shadow.made.domain_version, Blob{shadow.packed});
  }
  return *ended;
}

}  // namespace

void SqliteStore::start_inference(NewInference request, std::optional<RecordedAnswer<StartedInference>> keep,
                                  Done<StartedInference> done) {
  const TaskId id = request.task;
  const auto shared = std::make_shared<const NewInference>(std::move(request));
  LiveTask live = live_task(TaskKind::kInference, shared->foreign);
  live.inference = shared;
  live.trace = shared->trace;
  std::optional<WallTime> scheduled;
  if (live.state == TaskState::kScheduled) scheduled = shared->foreign->not_before;
  if (Status added = live_.add(id, std::move(live), false); !added) return done(added.error());
  submit_body<StartedInference>(
      [shared, scheduled](WriteTransaction& transaction) {
        return insert_inference(transaction, *shared, scheduled);
      },
      std::move(keep),
      [this, id, shared](const Result<StartedInference>& started) {
        if (!started) return live_.remove(id);
        users_ = started->user.value;
        inferences_ = started->inference.value;
        if (shared->foreign) open_task(TaskKind::kInference, id);
      },
      std::move(done));
  // Another program may send an id twice: only the commit tells whether there is anything to run.
  if (!shared->foreign) open_task(TaskKind::kInference, id);
}

void SqliteStore::finish_inference(const Lease& lease, Ranking ranking, std::vector<Ranking> shadows,
                                   WallTime at, Done<StartedInference> done) {
  if (Status checked = check_rankings(ranking, shadows); !checked) return done(checked.error());
  const auto stored =
      std::make_shared<const StoredRankings>(packed_for_store(std::move(ranking), std::move(shadows)));
  submit_held<StartedInference>(
      lease,
      [lease, stored, at](WriteTransaction& transaction, const LiveTask& live) {
        return insert_rankings(transaction, lease, live, *stored, at);
      },
      [this, id = lease.task](const Result<StartedInference>& finished) {
        if (finished) task_ended(id, TaskState::kSucceeded);
      },
      std::move(done));
}

void SqliteStore::record_exposure(NewExposure exposure, Done<std::vector<Exposure>> done) {
  submit_body<std::vector<Exposure>>(
      [exposure](WriteTransaction& transaction) { return insert_exposure(transaction, exposure); },
      std::nullopt, history_moves<std::vector<Exposure>>(), std::move(done));
}

void SqliteStore::record_feedback(NewFeedback feedback, std::optional<RecordedAnswer<Exposure>> keep,
                                  Done<Exposure> done) {
  submit_body<Exposure>(
      [feedback](WriteTransaction& transaction) { return insert_feedback(transaction, feedback); },
      std::move(keep), history_moves<Exposure>(), std::move(done));
}

void SqliteStore::record_person_event(NewPersonEvent event, Done<void> done) {
  submit_body<void>(
      [event = std::move(event)](WriteTransaction& transaction) -> Result<void> {
        return insert_person_event(transaction, event);
      },
      std::nullopt, history_moves<void>(), std::move(done));
}

}  // namespace rankloop::storage::sqlite
