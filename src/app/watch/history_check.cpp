// Makes the hashes of rankings again and compares.
#include "app/watch/history_check.h"

#include <algorithm>
#include <utility>

#include "app/serve/candidates.h"
#include "app/serve/catalog_loading.h"
#include "app/serve/histories.h"
#include "app/serve/history_walk.h"
#include "app/serve/past_catalogs.h"

namespace rankloop::app {
namespace {

struct Asked {
  TaskId task;
  HistoryStop stop;
};

// Those that kept a hash.
Result<std::vector<Asked>> rankings_to_check(storage::Store& store, std::int64_t newest,
                                             HistoryCheck& check) {
  std::vector<Asked> asked;
  const std::int64_t after = newest == 0 ? 0 : std::max<std::int64_t>(0, store.counts().inferences - newest);
  const Status read = store.each_shown(InferenceId{after}, [&](const storage::ShownRequest& request) {
    if (!request.ranking.known)
      ++check.without;
    else
      asked.push_back({request.task, {*request.ranking.known, ml::person_number(request.person)}});
    return true;
  });
  if (!read) return read.error();
  return asked;
}

class Checker {
 public:
  Checker(const Domain& domain, storage::Store& store)
      : domain_(domain),
        store_(store),
        plan_(domain),
        present_(ml::Catalog::empty({std::shared_ptr<void>{}, &domain})),
        catalogs_(store, 2) {}

  // Brings the catalog into memory.
  Status open(const std::stop_token& stop) {
    return bring_to(present_, storage::CatalogStore::kCurrentVersion, store_, stop);
  }

  const ml::HistoryPlan& plan() const { return plan_; }

  // Whether it comes out the same.
  Result<bool> check(const TaskId& task, const KnownHistory& known) {
    const auto record = store_.inference(task);
    if (!record) return record.error();
    const auto user = store_.user(record->user);
    if (!user) return user.error();
    const auto values = domain_.requests.read(user->payload);
    if (!values) return values.error();
    auto catalog = catalogs_.at(record->ranking.catalog_version, present_);
    if (!catalog) return catalog.error();
    storage::NewInference request;
    request.candidates = record->candidates.value_or(std::vector<ItemId>{});
    request.candidate_fields = record->candidate_fields;
    const auto from = catalog_for(request, *catalog, store_);
    if (!from) return from.error();
    const RankedWith with = ranked_with(known, values->values, record->created, **from);
    const Ranking& ranking = record->ranking;
    return hash_of_known(plan_, with, ranking.items, items_in(plan_, **from)) == ranking.known_hash;
  }

 private:
  const Domain& domain_;
  storage::Store& store_;
  const ml::HistoryPlan plan_;
  std::shared_ptr<const ml::Catalog> present_;
  PastCatalogs catalogs_;
};

}  // namespace

Result<HistoryCheck> check_histories(const Domain& domain, storage::Store& store, std::int64_t newest,
                                     const std::function<void(double)>& progress,
                                     const std::stop_token& stop) {
  if (domain.histories.empty())
    return Error(ErrorCode::kFailedPrecondition,
                 "the domain has no [[history]], so there is nothing to check");
  HistoryCheck check;
  const auto asked = rankings_to_check(store, newest, check);
  if (!asked) return asked.error();
  std::vector<HistoryStop> stops;
  for (const Asked& one : *asked) stops.push_back(one.stop);
  Checker checker(domain, store);
  if (const Status opened = checker.open(stop); !opened) return opened.error();
  const Status walked = walk_history(
      checker.plan(), store, stops,
      [&](std::size_t at, const KnownHistory& known) -> Status {
        const auto same = checker.check((*asked)[at].task, known);
        if (!same) return same.error();
        ++check.checked;
        check.position = std::max(check.position, known.position);
        if (!*same && ++check.differ <= static_cast<std::int64_t>(HistoryCheck::kMostNamed))
          check.differing.push_back((*asked)[at].task);
        progress(static_cast<double>(check.checked) / static_cast<double>(stops.size()));
        return {};
      },
      stop);
  if (!walked) return walked.error();
  return check;
}

}  // namespace rankloop::app
