// What learning reads: requests with what was shown and what came of it, their counts, and shadow rankings.
#include <algorithm>

#include "storage/sqlite/sqlite_store.h"

namespace rankloop::storage::sqlite {
namespace {

Result<ShownRequest> shown_request_of(const Query& row) {
  Result<Ranking> ranking = ranking_of(row, 9);
  if (!ranking) return ranking.error();
  const auto shown = static_cast<std::size_t>(row.small(8));
  ranking->items.resize(std::min(shown, ranking->items.size()));
  return ShownRequest{InferenceId{row.integer(0)},
                      row.task_id(1),
                      UserId{row.integer(2)},
                      row.text(3),
                      row.time(4),
                      row.small(5),
                      row.text(6),
                      row.text(7),
                      *std::move(ranking),
                      {}};
}

}  // namespace

// Requests and feedback come in the same order, so two cursors side by side join them.
Status SqliteStore::each_shown(InferenceId after, const std::function<bool(const ShownRequest&)>& visit) {
  return readers_->with<void>([&](Database& database) -> Status {
    Query rows = database.query("shown_requests", after);
    Query feedback = database.query("feedback_after", after);
    bool more = feedback.step();
    while (rows.step()) {
      Result<ShownRequest> request = shown_request_of(rows);
      if (!request) return request.error();
      for (; more && feedback.integer(0) <= request->id.value; more = feedback.step()) {
        if (feedback.integer(0) == request->id.value) request->feedback.push_back(feedback_of(feedback, 1));
      }
      if (!visit(*request)) break;
    }
    return {};
  });
}

Result<OutcomeCounts> SqliteStore::outcome_counts(InferenceId after, std::int64_t most) {
  return readers_->with<OutcomeCounts>([&](Database& database) -> Result<OutcomeCounts> {
    Query row = database.query("outcome_counts", after, most);
    row.step();
    return OutcomeCounts{row.integer(0), row.integer(1)};
  });
}

Result<InferenceId> SqliteStore::nth_newest_outcome(std::int64_t n) {
  if (n < 1) {
    return Error{ErrorCode::kInvalidArgument,
                 "Requests with an outcome are counted from 1; asked was number " + std::to_string(n)};
  }
  return readers_->with<InferenceId>([&](Database& database) -> Result<InferenceId> {
    Query row = database.query("nth_newest_outcome", n);
    return row.step() ? InferenceId{row.integer(0)} : InferenceId{};
  });
}

Result<std::vector<Ranking>> SqliteStore::shadow_rankings(InferenceId inference) {
  using Rankings = std::vector<Ranking>;
  return readers_->with<Rankings>([&](Database& database) -> Result<Rankings> {
    Rankings found;
    Query rows = database.query("shadow_rankings", inference);
    while (rows.step()) {
      Result<Ranking> ranking = ranking_of(rows, 0);
      if (!ranking) return ranking.error();
      found.push_back(*std::move(ranking));
    }
    return found;
  });
}

}  // namespace rankloop::storage::sqlite
