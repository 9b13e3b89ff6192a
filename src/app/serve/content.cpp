// Users and results as the store has them, page by page.
#include "app/serve/content.h"

#include <algorithm>

namespace rankloop::app {
namespace {

Error renamed(Error error, const char* message) {
  if (error.code == ErrorCode::kNotFound) error.message = message;
  return error;
}

ResultRow row_at(const storage::InferenceRecord& record, int rank) {
  const RankedItem& ranked = record.ranking.items[static_cast<std::size_t>(rank) - 1];
  ResultRow row = ranked_row(record.id, record.task, record.user, ranked, rank);
  for (const storage::Exposure& exposure : record.exposures) {
    if (rank < exposure.first_rank || rank >= exposure.first_rank + exposure.count) continue;
    row.position = rank;
    row.shown_at = exposure.at;
  }
  row.label = std::any_of(record.feedback.begin(), record.feedback.end(),
                          [&](const storage::Feedback& feedback) { return feedback.item == ranked.item; });
  return row;
}

}  // namespace

ResultRow ranked_row(InferenceId inference, const TaskId& task, RequestId user, const RankedItem& item,
                     int rank) {
  ResultRow row;
  row.id = result_id(inference, rank);
  row.task = task;
  row.user = user;
  row.item = item.item;
  row.score = item.score;
  return row;
}

Result<storage::RequestRecord> Content::user(RequestId id) {
  Result<storage::RequestRecord> record = store_.user(id);
  if (!record) return renamed(record.error(), "User not found");
  return record;
}

Result<UserPage> Content::users(std::int64_t offset, int limit) {
  Result<std::vector<storage::RequestRecord>> users = store_.users(offset, limit);
  if (!users) return users.error();
  return UserPage{*std::move(users), store_.counts().users};
}

Result<ResultRow> Content::result(ResultId id) {
  const int rank = rank_of(id);
  Result<storage::InferenceRecord> record = store_.inference(inference_of(id));
  if (!record) return renamed(record.error(), "Result not found");
  if (rank < 1 || static_cast<std::size_t>(rank) > record->ranking.items.size()) {
    return Error{ErrorCode::kNotFound, "Result not found"};
  }
  return row_at(*record, rank);
}

Result<ResultPage> Content::results(const TaskId& task, std::int64_t offset, int limit) {
  Result<storage::InferenceRecord> record = store_.inference(task);
  if (!record) return renamed(record.error(), "Task not found");
  ResultPage page;
  page.total = static_cast<std::int64_t>(record->ranking.items.size());
  const std::int64_t end = std::min(page.total, offset + limit);
  for (std::int64_t at = offset; at < end; ++at)
    page.rows.push_back(row_at(*record, static_cast<int>(at) + 1));
  return page;
}

}  // namespace rankloop::app
