// Reads requests in portions, since who visits one may read from the store.
#include "app/learn/logged_requests.h"

#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domain/keyed_hash.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kPortion = 4'096;

class Portions {
 public:
  Portions(storage::Store& store, const LoggedRange& range)
      : store_(store), range_(range), after_(range.after) {}

  // The next one; empty: there are no more.
  Result<std::vector<storage::ShownRequest>> next() {
    std::vector<storage::ShownRequest> portion;
    const Status read = store_.each_shown(after_, [&](const storage::ShownRequest& shown) {
      if (shown.id > range_.last) return false;
      after_ = shown.id;
      if (range_.wanted(shown)) portion.push_back(shown);
      return portion.size() < kPortion;
    });
    if (!read) return read.error();
    return portion;
  }
  InferenceId read_to() const { return after_; }

 private:
  storage::Store& store_;
  const LoggedRange& range_;
  InferenceId after_;
};

Error cancelled() {
  return {ErrorCode::kAborted, "reading the ledger was stopped"};
}

// What each wanted request knew of, and their numbers in step.
struct Stops {
  std::vector<HistoryStop> stops;
  std::vector<InferenceId> requests;
};

Result<Stops> stops_of(storage::Store& store, const LoggedRange& range, const std::stop_token& stop) {
  Stops found;
  const Status read = store.each_shown(range.after, [&](const storage::ShownRequest& shown) {
    if (shown.id > range.last || stop.stop_requested()) return false;
    if (!range.wanted(shown)) return true;
    found.stops.push_back({shown.known.value_or(0), ml::person_number(shown.person)});
    found.requests.push_back(shown.id);
    return true;
  });
  if (!read) return read.error();
  if (stop.stop_requested()) return cancelled();
  return found;
}

// Requests that were read and not visited yet: as many as lie between what two of them knew.
class Waiting {
 public:
  Waiting(storage::Store& store, const LoggedRange& range) : portions_(store, range) {}

  Result<storage::ShownRequest> take(InferenceId request) {
    auto found = waiting_.find(request);
    while (found == waiting_.end()) {
      auto portion = portions_.next();
      if (!portion) return portion.error();
      if (portion->empty()) return Error(ErrorCode::kDataLoss, "a request of the ledger has gone");
      for (storage::ShownRequest& shown : *portion) waiting_.emplace(shown.id, std::move(shown));
      found = waiting_.find(request);
    }
    storage::ShownRequest shown = std::move(found->second);
    waiting_.erase(found);
    return shown;
  }
  InferenceId read_to() const { return portions_.read_to(); }

 private:
  Portions portions_;
  std::unordered_map<InferenceId, storage::ShownRequest, KeyedHash> waiting_;
};

}  // namespace

Status each_logged_request(const Domain& domain, storage::Store& store, const LoggedRange& range,
                           const VisitLogged& visit, const std::stop_token& stop) {
  const ml::HistoryPlan plan(domain);
  if (plan.empty()) {
    Portions portions(store, range);
    while (true) {
      const auto portion = portions.next();
      if (!portion) return portion.error();
      if (portion->empty()) return {};
      for (const storage::ShownRequest& shown : *portion) {
        if (stop.stop_requested()) return cancelled();
        visit(shown, portions.read_to(), nullptr);
      }
    }
  }
  const Result<Stops> found = stops_of(store, range, stop);
  if (!found) return found.error();
  Waiting waiting(store, range);
  return walk_history(
      plan, store, found->stops,
      [&](std::size_t at, const KnownHistory& known) -> Status {
        if (stop.stop_requested()) return cancelled();
        const auto shown = waiting.take(found->requests[at]);
        if (!shown) return shown.error();
        visit(*shown, waiting.read_to(), &known);
        return {};
      },
      stop);
}

}  // namespace rankloop::app
