// Chooses the test requests and the rows of each that can be judged.
#include "app/learn/judged_lists.h"

#include <algorithm>
#include <memory>
#include <unordered_set>
#include <utility>

#include "app/serve/history_walk.h"
#include "ml/rank.h"

namespace rankloop::app {
namespace {

// Of a model that is not there, or that did not learn from the ledger: nothing.
Lineage lineage_of(const std::vector<storage::ModelRecord>& models, ModelId id) {
  const auto found =
      std::find_if(models.begin(), models.end(), [&](const auto& model) { return model.id == id; });
  return found == models.end() ? Lineage{} : read_lineage(found->lineage);
}

std::vector<FreshRequest> fresh_requests(const Dataset& dataset, const Lineage& champion) {
  const std::vector<std::int64_t>& of_row = dataset.test.rows.requests;
  std::vector<FreshRequest> fresh;
  std::size_t row = 0;
  for (const TestRequest& request : dataset.test_requests) {
    const std::size_t first = row;
    while (row < of_row.size() && of_row[row] == request.id.value) ++row;
    if (row > first && !learned_from(champion, request.id, request.at, request.imported))
      fresh.push_back({&request, first, row});
  }
  return fresh;
}

bool model_ordered(const TestRequest& request) {
  return !request.randomised && !request.imported;
}

// Some of a list of requests, evenly spread.
std::vector<FreshRequest> spread(const std::vector<FreshRequest>& requests, std::size_t most) {
  if (requests.size() <= most) return requests;
  std::vector<FreshRequest> some;
  for (std::size_t i = 0; i < most; ++i) some.push_back(requests[i * requests.size() / most]);
  return some;
}

// How many requests may be ranked anew by a model, for the time that it takes.
std::size_t affordable(const ml::Catalog& catalog) {
  constexpr std::size_t kRowsScored = 200'000'000;
  return kRowsScored / std::max<std::size_t>(1, 2 * catalog.live_items());
}

std::unordered_set<ItemId> own_best(const ml::CatalogScorer& scorer, const ml::Model& model,
                                    const TestRequest& request, const ml::Past* past, std::size_t best) {
  std::unordered_set<ItemId> items;
  const Ranking ranking = ml::rank(scorer, model, {},
                                   {.values = request.values,
                                    .person = request.known_person(),
                                    .past = past,
                                    .best = static_cast<int>(best),
                                    .seed = static_cast<std::uint64_t>(request.id.value)});
  for (const RankedItem& item : ranking.items) items.insert(item.item);
  return items;
}

// Judges requests by the rows that both models would show of them.
class CommonRows {
 public:
  CommonRows(const ml::Model& champion, const ml::Model& challenger, const ml::LabelledRows& rows,
             const Evidence& evidence)
      : champion_(champion),
        challenger_(challenger),
        rows_(rows),
        of_champion_(champion.bind(evidence.serving.catalog, nullptr, evidence.item_halves_memory)),
        of_challenger_(challenger.bind(evidence.serving.catalog, nullptr, evidence.item_halves_memory)) {}

  void add(const FreshRequest& request, const ml::Past* past, Compared& compared) {
    const std::size_t shown = request.last - request.first;
    const auto theirs = own_best(*of_champion_, champion_, *request.about, past, shown);
    const auto own = own_best(*of_challenger_, challenger_, *request.about, past, shown);
    count_top(request, own_best(*of_challenger_, challenger_, *request.about, past, std::min(shown, kTop)));
    compared.begin(request);
    for (std::size_t row = request.first; row < request.last; ++row) {
      if (theirs.contains(rows_.items[row]) && own.contains(rows_.items[row])) compared.take(row);
    }
  }

  std::optional<double> own_top_shown() const {
    if (own_ == 0) return std::nullopt;
    return static_cast<double>(own_shown_) / static_cast<double>(own_);
  }

 private:
  static constexpr std::size_t kTop = 10;

  // Of what the challenger would show first, how much stood first in the list?
  void count_top(const FreshRequest& request, const std::unordered_set<ItemId>& top) {
    own_ += top.size();
    const std::size_t last = std::min(request.last, request.first + kTop);
    for (std::size_t row = request.first; row < last; ++row) own_shown_ += top.count(rows_.items[row]);
  }

  const ml::Model& champion_;
  const ml::Model& challenger_;
  const ml::LabelledRows& rows_;
  const std::shared_ptr<const ml::CatalogScorer> of_champion_;
  const std::shared_ptr<const ml::CatalogScorer> of_challenger_;
  std::size_t own_ = 0;
  std::size_t own_shown_ = 0;
};

bool has_pick(const FreshRequest& request, const ml::LabelledRows& rows) {
  return std::any_of(rows.labels.begin() + static_cast<std::ptrdiff_t>(request.first),
                     rows.labels.begin() + static_cast<std::ptrdiff_t>(request.last),
                     [](float label) { return label > 0; });
}

// Which requests and rows are judged, and what their lists can tell.
class Selector {
 public:
  Selector(const Dataset& dataset, const Lineage& champion, const Evidence& evidence)
      : rows_(dataset.test.rows), evidence_(evidence), fresh_(fresh_requests(dataset, champion)) {}

  ml::Basis basis() const { return basis_; }

  std::size_t with_pick() const {
    return static_cast<std::size_t>(std::count_if(
        fresh_.begin(), fresh_.end(), [&](const FreshRequest& request) { return has_pick(request, rows_); }));
  }

  Result<Compared> choose(const ml::Model& champion, const ml::Model& challenger) {
    std::vector<FreshRequest> ordered, others, randomised;
    for (const FreshRequest& request : fresh_) {
      (model_ordered(*request.about) ? ordered : others).push_back(request);
      if (request.about->randomised) randomised.push_back(request);
    }
    Compared compared;
    if (ordered.empty() || enough_at_random(randomised)) {
      if (!ordered.empty()) {
        compared.remarks.push_back(std::to_string(ordered.size()) +
                                   " test requests whose lists models had ordered were not needed.");
      }
      if (!randomised.empty()) basis_ = ml::Basis::kRandomised;
      for (const FreshRequest& request : ordered.empty() ? others : randomised) take_whole(request, compared);
    } else {
      const bool known = evidence_.attraction == nullptr || evidence_.attraction->has_value();
      basis_ = known ? ml::Basis::kCorrected : ml::Basis::kUncorrected;
      for (const FreshRequest& request : others) take_whole(request, compared);
      if (evidence_.rules.metric == ml::MetricName::kLogloss) {
        // A probability is judged by its own row; no order is compared.
        for (const FreshRequest& request : ordered) take_whole(request, compared);
      } else {
        const Status taken = take_common(ordered, champion, challenger, compared);
        if (!taken) return taken.error();
      }
    }
    leave_out_lone(compared);
    return compared;
  }

 private:
  // As many as the gate wants, with a pick and of enough people.
  bool enough_at_random(const std::vector<FreshRequest>& randomised) const {
    std::size_t picked = 0;
    std::unordered_set<std::uint64_t> people;
    for (const FreshRequest& request : randomised) {
      if (!has_pick(request, rows_) || request.last - request.first < 2) continue;
      ++picked;
      people.insert(request.about->person);
    }
    const ml::GateRules& rules = evidence_.rules;
    return picked >= rules.min_requests && people.size() >= std::min(rules.min_people, rules.min_requests);
  }

  static void take_whole(const FreshRequest& request, Compared& compared) {
    compared.begin(request);
    for (std::size_t row = request.first; row < request.last; ++row) compared.take(row);
  }

  Status take_common(const std::vector<FreshRequest>& ordered, const ml::Model& champion,
                     const ml::Model& challenger, Compared& compared) const {
    CommonRows common(champion, challenger, rows_, evidence_);
    const std::vector<FreshRequest> some = spread(ordered, affordable(*evidence_.serving.catalog));
    if (const Status added = add_all(some, common, compared); !added) return added;
    compared.own_top_shown = common.own_top_shown();
    compared.remarks.push_back(
        "Where models ordered the lists, the models are compared by the items that both would show.");
    return {};
  }

  // Each as it was asked: with what was known of what had happened before.
  Status add_all(const std::vector<FreshRequest>& requests, CommonRows& common, Compared& compared) const {
    const ml::Catalog& catalog = *evidence_.serving.catalog;
    const ml::HistoryPlan plan(catalog.domain());
    if (plan.inputs().empty()) {
      for (const FreshRequest& request : requests) common.add(request, nullptr, compared);
      return {};
    }
    std::vector<HistoryStop> stops;
    for (const FreshRequest& request : requests)
      stops.push_back({request.about->known, request.about->known_person()});
    return walk_history(plan, evidence_.store, stops,
                        [&](std::size_t at, const KnownHistory& known) -> Status {
                          const TestRequest& about = *requests[at].about;
                          const ml::KnownPast past(plan, known.fold, known.person, moment_of(about.at),
                                                   ml::session_of(plan.domain(), about.values), catalog);
                          common.add(requests[at], &past, compared);
                          return {};
                        },
                        {});
  }

  // An order of one item says nothing of who orders better.
  void leave_out_lone(Compared& compared) const {
    if (evidence_.rules.metric == ml::MetricName::kLogloss) return;
    std::size_t lone = 0;
    for (const FreshRequest& request : compared.requests) lone += request.last - request.first < 2 ? 1 : 0;
    if (lone == 0) return;
    Compared kept;
    for (const FreshRequest& request : compared.requests) {
      if (request.last - request.first < 2) continue;
      kept.begin(request);
      for (std::size_t i = request.first; i < request.last; ++i) kept.take(compared.rows[i]);
    }
    compared.requests = std::move(kept.requests);
    compared.rows = std::move(kept.rows);
    compared.remarks.push_back(std::to_string(lone) +
                               " test requests have fewer than two items to compare; where lists hold one "
                               "item, judge by gate.metric = \"logloss\".");
  }

  const ml::LabelledRows& rows_;
  const Evidence& evidence_;
  const std::vector<FreshRequest> fresh_;
  ml::Basis basis_ = ml::Basis::kGiven;
};

}  // namespace

Result<Selection> select_requests(const Dataset& dataset, const std::vector<storage::ModelRecord>& models,
                                  const ml::Model& challenger, const Evidence& evidence) {
  const ServedModel& champion = evidence.serving.champion;
  Selector selector(dataset, lineage_of(models, champion.id), evidence);
  Selection selection;
  auto compared = selector.choose(*champion.model, challenger);
  if (!compared) return compared.error();
  selection.compared = *std::move(compared);
  selection.basis = selector.basis();
  selection.test_requests = selector.with_pick();
  return selection;
}

RequestSet fresh_requests_of(const Dataset& dataset, const std::vector<storage::ModelRecord>& models,
                             ModelId champion) {
  RequestSet fresh;
  for (const FreshRequest& request : fresh_requests(dataset, lineage_of(models, champion))) {
    if (!request.about->imported) fresh.insert(request.about->id);
  }
  return fresh;
}

}  // namespace rankloop::app
