// Users, and all that is known of an inference.
#include "storage/packed_ranking.h"
#include "storage/postgres/postgres_store.h"

namespace rankloop::storage::postgres {
namespace {

UserRecord user_of(const Row& row) {
  return {UserId{row.integer(0)}, row.time(1), row.text(2), row.text(3), row.small(4)};
}

InferenceRecord head_of(const Row& row) {
  InferenceRecord record;
  record.id = InferenceId{row.integer(0)};
  record.task = row.task_id(1);
  record.user = UserId{row.integer(2)};
  record.created = row.time(3);
  record.domain_version = row.small(4);
  // History that was imported has no task: it is over.
  record.state = row.is_null(5) ? TaskState::kSucceeded : static_cast<TaskState>(row.small(5));
  record.error = row.text(6);
  record.attempt = row.small(7);
  return record;
}

}  // namespace

Result<Ranking> ranking_of(const Row& row, int first) {
  Result<std::vector<RankedItem>> items = unpack_ranking(row.bytes(first + 7));
  if (!items) return items.error();
  Ranking ranking;
  ranking.items = *std::move(items);
  ranking.model = ModelId{row.integer(first)};
  ranking.policy = {row.text(first + 1), row.text(first + 2), row.boolean(first + 3)};
  ranking.seed = static_cast<std::uint64_t>(row.integer(first + 4));
  ranking.catalog_version = row.integer(first + 5);
  ranking.domain_version = row.small(first + 6);
  return ranking;
}

Feedback feedback_of(const Row& row, int first) {
  Feedback feedback;
  if (!row.is_null(first)) feedback.item = ItemId{row.integer(first)};
  feedback.rank = row.small(first + 1);
  feedback.kind = row.text(first + 2);
  feedback.value = row.real(first + 3);
  feedback.weight = row.real(first + 4);
  feedback.at = row.time(first + 5);
  return feedback;
}

// All of it in one round trip, found by the task or by the number.
Result<InferenceRecord> PostgresStore::read_inference(std::optional<TaskId> task,
                                                      std::optional<InferenceId> id) {
  return readers_.with<InferenceRecord>([&](Connection& connection) -> Result<InferenceRecord> {
    connection.send("begin_read");
    for (const std::string_view part : {"inference", "ranking", "exposures", "feedback"}) {
      connection.send(part, task, id);
    }
    connection.send("commit");
    const std::vector<Rows> results = connection.flush();
    if (results[1].empty()) {
      if (task) return Error{ErrorCode::kNotFound, "Task not found"};
      return Error{ErrorCode::kNotFound, "No inference has the number " + std::to_string(id->value)};
    }
    InferenceRecord record = head_of(results[1].front());
    if (record.state == TaskState::kSucceeded && !results[2].empty()) {
      Result<Ranking> ranking = ranking_of(results[2].front(), 0);
      if (!ranking) return ranking.error();
      record.ranking = *std::move(ranking);
    }
    const Rows& exposures = results[3];
    for (int i = 0; i < exposures.size(); ++i) {
      const Row row = exposures[i];
      record.exposures.push_back({row.small(0), row.small(1), row.time(2), row.text(3)});
    }
    // "None chosen" may stand there before, and without, a ranking.
    for (int i = 0; i < results[4].size(); ++i) record.feedback.push_back(feedback_of(results[4][i], 0));
    return record;
  });
}

Result<InferenceRecord> PostgresStore::inference(InferenceId id) {
  return read_inference(std::nullopt, id);
}

Result<InferenceRecord> PostgresStore::inference(const TaskId& task) {
  return read_inference(task, std::nullopt);
}

Result<UserRecord> PostgresStore::user(UserId id) {
  return readers_.with<UserRecord>([&](Connection& connection) -> Result<UserRecord> {
    const Rows rows = connection.run("user", id);
    if (rows.empty())
      return Error{ErrorCode::kNotFound, "No user has the number " + std::to_string(id.value)};
    return user_of(rows.front());
  });
}

Result<std::vector<UserRecord>> PostgresStore::users(std::int64_t offset, int limit) {
  using Records = std::vector<UserRecord>;
  return readers_.with<Records>([&](Connection& connection) -> Result<Records> {
    Records found;
    const Rows rows = connection.run("users", offset, limit);
    for (int i = 0; i < rows.size(); ++i) found.push_back(user_of(rows[i]));
    return found;
  });
}

}  // namespace rankloop::storage::postgres
