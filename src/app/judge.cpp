#include "app/judge.h"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "domain/keyed_hash.h"
#include "ml/evaluate.h"
#include "ml/rank.h"
#include "ml/train.h"

namespace rankloop::app {
namespace {

constexpr std::size_t kWholeCatalogRequests =
    50;  // of the test part, for latency and the share of the catalog
constexpr int kShown = 10;
constexpr double kQuickEnough = 0.001;  // seconds: nobody is slow beside a champion that takes microseconds

std::vector<double> doubles(std::span<const float> values) {
  return {values.begin(), values.end()};
}

struct Judged {
  std::vector<double> scores;
  std::vector<double> calibrated;
};

Judged score(const ml::Model& model, const ml::LabelledRows& rows) {
  Judged judged;
  judged.scores = doubles(ml::score_rows(model, rows));
  for (const double raw : judged.scores) judged.calibrated.push_back(model.calibration().apply(raw));
  return judged;
}

// Rows as the metrics want them.
struct Truth {
  explicit Truth(const ml::LabelledRows& rows)
      : labels(doubles(rows.labels)), weights(doubles(rows.weights)), requests(rows.requests) {}
  ml::Scored with(std::span<const double> scores) const { return {scores, labels, weights, requests}; }
  std::vector<double> labels;
  std::vector<double> weights;
  std::span<const std::int64_t> requests;
};

// What a model does with the whole catalog for some test requests.
struct CatalogView {
  double seconds = 0;  // median of one ranking
  std::unordered_set<ItemId, KeyedHash> shown;
};

CatalogView view_catalog(const ml::Model& model, const std::shared_ptr<const ml::Catalog>& catalog,
                         std::span<const TestRequest> requests, std::size_t memory, const Clock& clock) {
  const auto scorer = model.bind(catalog, nullptr, memory);
  CatalogView view;
  std::vector<double> seconds;
  for (const TestRequest& request : requests) {
    const auto begin = clock.monotonic();
    const Ranking ranking = ml::rank(*scorer, model, {},
                                     {.request_columns = request.columns,
                                      .best = kShown,
                                      .seed = static_cast<std::uint64_t>(request.id.value)});
    seconds.push_back(std::chrono::duration<double>(clock.monotonic() - begin).count());
    for (const RankedItem& item : ranking.items) view.shown.insert(item.item);
  }
  if (seconds.empty()) return view;
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  view.seconds = *middle;
  return view;
}

std::vector<ml::LoggedBy> loggers(std::span<const TestRequest> requests) {
  std::map<ModelId, std::size_t> counts;
  for (const TestRequest& request : requests) ++counts[request.logged_by];
  std::vector<ml::LoggedBy> logged;
  for (const auto& [model, count] : counts) {
    logged.push_back({model.value == 0 ? "none" : std::to_string(model.value), count});
  }
  return logged;
}

// Comparisons since the last promotion, the one that is being made included.
std::size_t looks_so_far(storage::Store& store) {
  constexpr int kMost = 1000;
  std::size_t looks = 1;
  const auto history = store.model_history(std::nullopt, kMost);
  if (!history) return looks;
  for (const storage::ModelEvent& event : *history) {
    if (event.what == "promoted" || event.what == "rolled_back") break;
    if (event.what == "rejected" || event.what == "insufficient_evidence") ++looks;
  }
  return looks;
}

// Until which request a model has learned; 0 for one that did not learn from the ledger.
InferenceId trained_until(const std::vector<storage::ModelRecord>& models, ModelId id) {
  const auto found =
      std::find_if(models.begin(), models.end(), [&](const auto& model) { return model.id == id; });
  return found == models.end() ? InferenceId{} : request_in_lineage(found->lineage, "trained_until");
}

// The rows of requests that neither model was trained on.
std::size_t first_fresh(const ml::LabelledRows& rows, InferenceId until) {
  const auto fresh = std::upper_bound(rows.requests.begin(), rows.requests.end(), until.value);
  return static_cast<std::size_t>(fresh - rows.requests.begin());
}

}  // namespace

Result<ml::GateOutcome> judge(const ml::Model& challenger, const Dataset& dataset, const Evidence& evidence) {
  const ServingState& serving = evidence.serving;
  const ml::Model& champion = *serving.champion.model;
  const auto models = evidence.store.models();
  if (!models) return models.error();
  const std::size_t first = first_fresh(dataset.test.rows, trained_until(*models, serving.champion.id));
  const ml::LabelledRows rows = ml::slice(dataset.test.rows, first, dataset.test.rows.rows());
  std::span<const TestRequest> requests = dataset.test_requests;
  while (!requests.empty() && (rows.rows() == 0 || requests.front().id.value < rows.requests.front())) {
    requests = requests.subspan(1);
  }

  const Truth truth(rows);
  const Judged of_champion = score(champion, rows);
  const Judged of_challenger = score(challenger, rows);
  const auto values = [&](const Judged& judged) {
    const bool probabilities = evidence.rules.metric == ml::MetricName::kLogloss;
    return ml::metric_per_request(truth.with(probabilities ? judged.calibrated : judged.scores),
                                  evidence.rules.metric);
  };
  const auto champion_values = values(of_champion);
  if (!champion_values) return champion_values.error();
  const auto challenger_values = values(of_challenger);
  if (!challenger_values) return challenger_values.error();
  std::vector<std::int64_t> people;
  for (const TestRequest& request : requests)
    people.push_back(static_cast<std::int64_t>(request.person >> 1));
  const auto paired = ml::pair_values(*champion_values, *challenger_values, people);
  if (!paired) return paired.error();

  ml::GateInput input{
      .champion = paired->champion, .challenger = paired->challenger, .people = paired->people};
  input.left_out = paired->left_out;
  input.logged_by = loggers(requests);
  input.looks = looks_so_far(evidence.store);
  if (const auto metrics = ml::evaluate(truth.with(of_challenger.scores), of_challenger.calibrated)) {
    input.calibration_error = metrics->calibration_error;
  }
  // A random order takes no time and shows everything: it is no measure of either.
  if (serving.catalog->live_items() > 0 && !requests.empty() && !champion.draws()) {
    const auto some = requests.first(std::min(requests.size(), kWholeCatalogRequests));
    const CatalogView before =
        view_catalog(champion, serving.catalog, some, evidence.item_halves_memory, evidence.clock);
    const CatalogView after =
        view_catalog(challenger, serving.catalog, some, evidence.item_halves_memory, evidence.clock);
    input.latency_ratio = after.seconds / std::max(before.seconds, kQuickEnough);
    if (!before.shown.empty()) {
      input.catalog_share =
          static_cast<double>(after.shown.size()) / static_cast<double>(before.shown.size());
    }
  }
  return ml::judge_challenger(evidence.rules, input);
}

}  // namespace rankloop::app
