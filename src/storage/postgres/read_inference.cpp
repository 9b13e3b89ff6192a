// Users, and all that is known of an inference.
#include "storage/packed_ranking.h"
#include "storage/postgres/postgres_store.h"

namespace rankloop::storage::postgres {
namespace {

UserRecord user_of(const Row& row) {
  return {UserId{row.integer(0)}, row.time(1), row.text(2), row.text(3), row.small(4)};
}

// Columns of the statement "inference": those of every part, then those of the first one.
enum Column : int {
  kPart,
  kPlace,
  kNumber,
  kSecond,
  kWord,
  kValue,
  kWeight,
  kAt,
  kTask,
  kDomain,
  kState,
  kAttempt,
  kRanking
};
enum Part : int { kItself = 1, kOutcome = 3 };

Result<InferenceRecord> head_of(const Row& row) {
  InferenceRecord record;
  record.id = InferenceId{row.integer(kNumber)};
  record.task = row.task_id(kTask);
  record.user = UserId{row.integer(kSecond)};
  record.created = row.time(kAt);
  record.domain_version = row.small(kDomain);
  // History that was imported has no task: it is over.
  record.state = row.is_null(kState) ? TaskState::kSucceeded : static_cast<TaskState>(row.small(kState));
  record.error = row.text(kWord);
  record.attempt = row.small(kAttempt);
  if (record.state != TaskState::kSucceeded || row.is_null(kRanking)) return record;
  Result<Ranking> ranking = ranking_of(row, kRanking);
  if (!ranking) return ranking.error();
  record.ranking = *std::move(ranking);
  return record;
}

// A row of the statement "ranked".
Result<RankedInference> ranked_of(const Row& row) {
  RankedInference found{.id = InferenceId{row.integer(0)},
                        .user = UserId{row.integer(1)},
                        .state = static_cast<TaskState>(row.small(2)),
                        .attempt = row.small(3),
                        .error = row.text(4),
                        .ranking = {},
                        .shown = row.small(5)};
  constexpr int kModel = 6;  // the first column of the ranking
  if (found.state != TaskState::kSucceeded || row.is_null(kModel)) return found;
  Result<Ranking> ranking = ranking_of(row, kModel);
  if (!ranking) return ranking.error();
  found.ranking = *std::move(ranking);
  return found;
}

}  // namespace

Result<Ranking> ranking_of(const Row& row, int first) {
  Result<std::vector<RankedItem>> items = unpack_ranking(row.bytes(first + 7));
  if (!items) return items.error();
  Ranking ranking;
  ranking.items = *std::move(items);
  ranking.model = ModelId{row.integer(first)};
  ranking.policy = parse_policy(row.bytes(first + 1), row.bytes(first + 2), row.boolean(first + 3));
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

// Found by the task or by the number.
Result<InferenceRecord> PostgresStore::read_inference(std::optional<TaskId> task,
                                                      std::optional<InferenceId> id) {
  return readers_.with<InferenceRecord>([&](Connection& connection) -> Result<InferenceRecord> {
    const Rows rows = connection.run("inference", task, id);
    if (rows.empty() || rows.front().small(kPart) != kItself) {
      if (task) return Error{ErrorCode::kNotFound, "Task not found"};
      return Error{ErrorCode::kNotFound, "No inference has the number " + std::to_string(id->value)};
    }
    Result<InferenceRecord> record = head_of(rows.front());
    if (!record) return record;
    for (int i = 1; i < rows.size(); ++i) {
      const Row row = rows[i];
      // "None chosen" may stand there before, and without, a ranking.
      if (row.small(kPart) == kOutcome) {
        record->feedback.push_back(feedback_of(row, kNumber));
      } else {
        record->exposures.push_back({row.small(kNumber), row.small(kSecond), row.time(kAt), row.text(kWord)});
      }
    }
    return record;
  });
}

Result<InferenceRecord> PostgresStore::inference(InferenceId id) {
  return read_inference(std::nullopt, id);
}

Result<InferenceRecord> PostgresStore::inference(const TaskId& task) {
  return read_inference(task, std::nullopt);
}

Result<RankedInference> PostgresStore::ranked(const TaskId& task) {
  return readers_.with<RankedInference>([&](Connection& connection) -> Result<RankedInference> {
    const Rows rows = connection.run("ranked", task);
    if (rows.empty()) return Error{ErrorCode::kNotFound, "Task not found"};
    return ranked_of(rows.front());
  });
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
