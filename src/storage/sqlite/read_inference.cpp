// Users, and all that is known of an inference.
#include <tuple>
#include <utility>

#include "storage/packed_ranking.h"
#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {
namespace {

UserRecord user_of(const Query& row) {
  return {UserId{row.integer(0)}, row.time(1), row.text(2), row.text(3), row.small(4)};
}

Status read_ranking(Database& database, InferenceRecord& record) {
  Query row = database.query("ranking", record.id);
  if (!row.step()) return {};
  Result<Ranking> ranking = ranking_of(row, 0);
  if (!ranking) return ranking.error();
  record.ranking = *std::move(ranking);
  return {};
}

void read_exposures(Database& database, InferenceRecord& record) {
  Query rows = database.query("exposures", record.id);
  while (rows.step()) record.exposures.push_back({rows.small(0), rows.small(1), rows.time(2), rows.text(3)});
}

void read_feedback(Database& database, InferenceRecord& record) {
  Query rows = database.query("feedback", record.id);
  while (rows.step()) record.feedback.push_back(feedback_of(rows, 0));
}

}  // namespace

Result<Ranking> ranking_of(const Query& row, int first) {
  Result<std::vector<RankedItem>> items = unpack_ranking(row.bytes(first + 7));
  if (!items) return items.error();
  Ranking ranking;
  ranking.items = *std::move(items);
  ranking.model = ModelId{row.integer(first)};
  ranking.policy = parse_policy(row.bytes(first + 1), row.bytes(first + 2), row.small(first + 3) == 1);
  ranking.seed = static_cast<std::uint64_t>(row.integer(first + 4));
  ranking.catalog_version = row.integer(first + 5);
  ranking.domain_version = row.small(first + 6);
  return ranking;
}

Feedback feedback_of(const Query& row, int first) {
  Feedback feedback;
  if (!row.is_null(first)) feedback.item = ItemId{row.integer(first)};
  feedback.rank = row.small(first + 1);
  feedback.kind = row.text(first + 2);
  feedback.value = row.real(first + 3);
  feedback.weight = row.real(first + 4);
  feedback.at = row.time(first + 5);
  return feedback;
}

Result<InferenceRecord> SqliteStore::read_inference(Database& database, InferenceId id) const {
  InferenceRecord record;
  record.id = id;
  {
    Query row = database.query("inference", id);
    if (!row.step()) {
      return Error{ErrorCode::kNotFound, "No inference has the number " + std::to_string(id.value)};
    }
    record.task = row.task_id(0);
    record.user = UserId{row.integer(1)};
    record.created = row.time(2);
    record.domain_version = row.small(3);
    // History that was imported has no task: it is over.
    record.state = row.is_null(4) ? TaskState::kSucceeded : static_cast<TaskState>(row.small(4));
    record.error = row.text(5);
    record.attempt = row.small(6);
  }
  if (record.state == TaskState::kSucceeded) {
    if (Status read = read_ranking(database, record); !read) return read.error();
    read_exposures(database, record);
  } else if (!is_terminal(record.state)) {
    if (const auto live = live_.state(record.task)) std::tie(record.state, record.attempt) = *live;
  }
  read_feedback(database, record);  // "none chosen" may stand there before, and without, a ranking
  return record;
}

Result<InferenceRecord> SqliteStore::inference(InferenceId id) {
  return readers_->with<InferenceRecord>([&](Database& database) { return read_inference(database, id); });
}

Result<InferenceRecord> SqliteStore::inference(const TaskId& task) {
  return readers_->with<InferenceRecord>([&](Database& database) -> Result<InferenceRecord> {
    InferenceId id;
    {
      Query row = database.query("inference_of_task", blob(task));
      if (!row.step()) return Error{ErrorCode::kNotFound, "Task not found"};
      id.value = row.integer(0);
    }
    return read_inference(database, id);
  });
}

Result<RankedInference> SqliteStore::ranked(const TaskId& task) {
  Result<InferenceRecord> record = inference(task);
  if (!record) return record.error();
  RankedInference ranked{.id = record->id,
                         .user = record->user,
                         .state = record->state,
                         .attempt = record->attempt,
                         .error = std::move(record->error),
                         .ranking = std::move(record->ranking)};
  if (!record->exposures.empty()) {
    const Exposure& last = record->exposures.back();
    ranked.shown = last.first_rank + last.count - 1;
  }
  return ranked;
}

Result<UserRecord> SqliteStore::user(UserId id) {
  return readers_->with<UserRecord>([&](Database& database) -> Result<UserRecord> {
    Query row = database.query("user", id);
    if (!row.step()) return Error{ErrorCode::kNotFound, "No user has the number " + std::to_string(id.value)};
    return user_of(row);
  });
}

Result<std::vector<UserRecord>> SqliteStore::users(std::int64_t offset, int limit) {
  return readers_->with<std::vector<UserRecord>>([&](Database& database) -> Result<std::vector<UserRecord>> {
    std::vector<UserRecord> found;
    Query rows = database.query("users", offset, limit);
    while (rows.step()) found.push_back(user_of(rows));
    return found;
  });
}

}  // namespace rankloop::storage::sqlite
