// Requests, rankings, exposures and feedback: what is written of an inference.
#include <algorithm>

#include "storage/packed_ranking.h"
#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {
namespace {

// Texts that may be absent are NULL then.
std::optional<std::string_view> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

StartedInference insert_inference(WriteTransaction& transaction, const NewInference& request) {
  Database& database = transaction.database();
  database.run("add_user", request.at, request.domain_version, unless_empty(request.user_key), request.payload);
  const UserId user{database.last_id()};
  const std::string packed = pack_ids(request.candidates);
  std::optional<Blob> candidates;
  if (request.candidates_given) candidates = Blob{packed};
  database.run("add_inference", blob(request.task), user, request.at, request.domain_version,
               transaction.source_number(request.source), candidates);
  const InferenceId inference{database.last_id()};
  database.run("add_task", blob(request.task), static_cast<int>(TaskKind::kInference), inference, request.at,
               std::nullopt);
  return {user, inference};
}

Exposure exposure_of(const Query& row) { return {row.small(0), row.small(1), row.time(2), row.text(3)}; }

// How many items the inference's ranking has; kNotFound, or kFailedPrecondition while there is none.
Result<int> ranking_size(Database& database, InferenceId inference) {
  if (Query size = database.query("ranking_size", inference); size.step()) return size.small(0);
  if (Query known = database.query("inference_exists", inference); !known.step()) {
    return Error{ErrorCode::kNotFound, "No inference has the number " + std::to_string(inference.value)};
  }
  return Error{ErrorCode::kFailedPrecondition,
               "Inference " + std::to_string(inference.value) + " has no results yet"};
}

Result<std::vector<Exposure>> insert_exposure(WriteTransaction& transaction, const NewExposure& exposure) {
  Database& database = transaction.database();
  const Result<int> size = ranking_size(database, exposure.inference);
  if (!size) return size.error();
  std::vector<Exposure> shown;
  {
    Query rows = database.query("exposures", exposure.inference);
    while (rows.step()) shown.push_back(exposure_of(rows));
  }
  const int next = shown.empty() ? 1 : shown.back().first_rank + shown.back().count;
  const int count = std::min(exposure.up_to, *size) + 1 - next;
  if (count <= 0) return shown;
  database.run("add_exposure", exposure.inference, next, count, exposure.at,
               transaction.source_number(exposure.source));
  shown.push_back({next, count, exposure.at, exposure.source});
  return shown;
}

// The exposure that showed what was picked; an empty one when nothing was.
Result<Exposure> exposure_for(Database& database, const NewFeedback& feedback) {
  if (!feedback.item) {
    // "None chosen" is recorded of any inference there is, also before its ranking.
    const Result<int> size = ranking_size(database, feedback.inference);
    if (!size && size.error().code == ErrorCode::kNotFound) return size.error();
    return Exposure{};
  }
  Query row = database.query("exposure_of_rank", feedback.inference, feedback.rank);
  if (row.step()) {
    Exposure exposure = exposure_of(row);
    if (feedback.rank < exposure.first_rank + exposure.count) return exposure;
  }
  return Error{ErrorCode::kFailedPrecondition, "The picked item was never shown"};
}

Result<Exposure> insert_feedback(Database& database, const NewFeedback& feedback) {
  Result<Exposure> shown = exposure_for(database, feedback);
  if (!shown) return shown;
  database.run("add_feedback", feedback.inference, feedback.item, feedback.rank, feedback.kind, feedback.value,
               feedback.weight, feedback.at);
  return shown;
}

// A ranking as it goes to the disk; packed on the worker's thread, not on the writer's.
struct StoredRanking {
  Ranking made;  // without the items
  std::size_t size = 0;
  std::string packed;
};

Result<StartedInference> insert_ranking(WriteTransaction& transaction, const Lease& lease, const LiveTask& live,
                                        const StoredRanking& ranking, WallTime at) {
  Database& database = transaction.database();
  StartedInference started;
  {
    Query ended = database.query("end_inference", blob(lease.task), lease.fence, live.attempt, live.started, at);
    if (!ended.step()) return lease_lost(lease.task);
    started = {UserId{ended.integer(1)}, InferenceId{ended.integer(0)}};
    ended.step();  // an UPDATE with RETURNING is finished when it has no more rows
  }
  const Ranking& made = ranking.made;
  database.run("add_ranking", started.inference, made.model, transaction.policy_number(made.policy),
               static_cast<std::int64_t>(made.seed), made.catalog_version, made.domain_version,
               static_cast<std::int64_t>(ranking.size), Blob{ranking.packed});
  return started;
}

}  // namespace

void SqliteStore::start_inference(NewInference request, std::optional<Keep<StartedInference>> keep,
                                  Done<StartedInference> done) {
  const TaskId id = request.task;
  const auto shared = std::make_shared<const NewInference>(std::move(request));
  LiveTask live;
  live.inference = shared;
  if (Status added = live_.add(id, std::move(live), false); !added) return done(added.error());
  submit<StartedInference>(
      [shared](WriteTransaction& transaction) -> Result<StartedInference> {
        return insert_inference(transaction, *shared);
      },
      std::move(keep),
      [this, id](const Result<StartedInference>& started) {
        if (!started) return live_.remove(id);
        users_ = started->user.value;
        inferences_ = started->inference.value;
      },
      std::move(done));
  open_task(TaskKind::kInference, id);
}

void SqliteStore::finish_inference(const Lease& lease, Ranking ranking, WallTime at,
                                   Done<StartedInference> done) {
  if (ranking.items.size() > static_cast<std::size_t>(kMaxRank)) {
    return done(Error{ErrorCode::kInvalidArgument, "A ranking has at most 65535 items"});
  }
  auto stored = std::make_shared<StoredRanking>();
  stored->packed = pack_ranking(ranking.items);
  stored->size = ranking.items.size();
  ranking.items.clear();
  stored->made = std::move(ranking);
  submit_held<StartedInference>(
      lease,
      [lease, stored, at](WriteTransaction& transaction, const LiveTask& live) {
        return insert_ranking(transaction, lease, live, *stored, at);
      },
      [this, id = lease.task](const Result<StartedInference>& finished) {
        if (finished) task_ended(id, TaskState::kSucceeded);
      },
      std::move(done));
}

void SqliteStore::record_exposure(NewExposure exposure, Done<std::vector<Exposure>> done) {
  submit<std::vector<Exposure>>(
      [exposure = std::move(exposure)](WriteTransaction& transaction) {
        return insert_exposure(transaction, exposure);
      },
      std::nullopt, nullptr, std::move(done));
}

void SqliteStore::record_feedback(NewFeedback feedback, std::optional<Keep<Exposure>> keep, Done<Exposure> done) {
  submit<Exposure>(
      [feedback = std::move(feedback)](WriteTransaction& transaction) {
        return insert_feedback(transaction.database(), feedback);
      },
      std::move(keep), nullptr, std::move(done));
}

}  // namespace rankloop::storage::sqlite
