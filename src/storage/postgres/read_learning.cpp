// What learning reads: requests with what was shown and what came of it, their counts, and shadow rankings.
#include <algorithm>

#include "storage/postgres/postgres_store.h"
#include "storage/postgres/row_stream.h"

namespace rankloop::storage::postgres {
namespace {

constexpr int kRanking = 9;    // where the ranking's columns begin
constexpr int kFeedback = 18;  // and the feedback's, behind its number

Result<ShownRequest> shown_request_of(const Row& row) {
  Result<Ranking> ranking = ranking_of(row, kRanking);
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

// A request's rows follow each other, one for each of its feedbacks: it is complete when another one's come.
class ShownRequests {
 public:
  explicit ShownRequests(const std::function<bool(const ShownRequest&)>& visit) : visit_(visit) {}

  bool take(const Row& row) {
    if (!request_ || request_->id.value != row.integer(0)) {
      if (!finish()) return false;
      Result<ShownRequest> next = shown_request_of(row);
      if (!next) {
        status_ = next.error();
        return false;
      }
      request_ = *std::move(next);
    }
    if (!row.is_null(kFeedback - 1)) request_->feedback.push_back(feedback_of(row, kFeedback));
    return true;
  }
  // False when the visitor wants no more.
  bool finish() {
    if (!request_) return true;
    const bool more = visit_(*request_);
    request_.reset();
    return more;
  }
  const Status& status() const { return status_; }

 private:
  const std::function<bool(const ShownRequest&)>& visit_;
  std::optional<ShownRequest> request_;
  Status status_;
};

}  // namespace

Status PostgresStore::each_shown(InferenceId after, const std::function<bool(const ShownRequest&)>& visit) {
  return in_snapshot<void>([&](Connection& connection) -> Status {
    ShownRequests requests(visit);
    each_row(connection, "shown_requests", [&](const Row& row) { return requests.take(row); }, after);
    requests.finish();
    return requests.status();
  });
}

Result<OutcomeCounts> PostgresStore::outcome_counts(InferenceId after, std::int64_t most) {
  return readers_.with<OutcomeCounts>([&](Connection& connection) -> Result<OutcomeCounts> {
    const Rows rows = connection.run("outcome_counts", after, most);
    return OutcomeCounts{rows.front().integer(0), rows.front().integer(1)};
  });
}

Result<InferenceId> PostgresStore::nth_newest_outcome(std::int64_t n) {
  if (n < 1) {
    return Error{ErrorCode::kInvalidArgument,
                 "Requests with an outcome are counted from 1; asked was number " + std::to_string(n)};
  }
  return readers_.with<InferenceId>([&](Connection& connection) -> Result<InferenceId> {
    const Rows rows = connection.run("nth_newest_outcome", n);
    return rows.empty() ? InferenceId{} : InferenceId{rows.front().integer(0)};
  });
}

Result<std::vector<Ranking>> PostgresStore::shadow_rankings(InferenceId inference) {
  using Rankings = std::vector<Ranking>;
  return readers_.with<Rankings>([&](Connection& connection) -> Result<Rankings> {
    Rankings found;
    const Rows rows = connection.run("shadow_rankings", inference);
    for (int i = 0; i < rows.size(); ++i) {
      Result<Ranking> ranking = ranking_of(rows[i], 0);
      if (!ranking) return ranking.error();
      found.push_back(*std::move(ranking));
    }
    return found;
  });
}

}  // namespace rankloop::storage::postgres
