// Users, and all that is known of an inference.
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
  Result<std::vector<RankedItem>> items = unpack_ranking(row.bytes(7));
  if (!items) return items.error();
  Ranking& ranking = record.ranking;
  ranking.items = *std::move(items);
  ranking.model = ModelId{row.integer(0)};
  ranking.policy = {row.text(1), row.text(2), row.small(3) == 1};
  ranking.seed = static_cast<std::uint64_t>(row.integer(4));
  ranking.catalog_version = row.integer(5);
  ranking.domain_version = row.small(6);
  return {};
}

void read_exposures(Database& database, InferenceRecord& record) {
  Query rows = database.query("exposures", record.id);
  while (rows.step()) record.exposures.push_back({rows.small(0), rows.small(1), rows.time(2), rows.text(3)});
}

void read_feedback(Database& database, InferenceRecord& record) {
  Query rows = database.query("feedback", record.id);
  while (rows.step()) {
    Feedback feedback;
    if (!rows.is_null(0)) feedback.item = ItemId{rows.integer(0)};
    feedback.rank = rows.small(1);
    feedback.kind = rows.text(2);
    feedback.value = rows.real(3);
    feedback.weight = rows.real(4);
    feedback.at = rows.time(5);
    record.feedback.push_back(std::move(feedback));
  }
}

}  // namespace

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
  }
  if (record.state == TaskState::kSucceeded) {
    if (Status read = read_ranking(database, record); !read) return read.error();
    read_exposures(database, record);
  } else if (!is_terminal(record.state)) {
    if (const auto live = live_.state(record.task)) record.state = live->first;
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
