// Scores the test requests with both models and puts the gate's input together.
#include "app/learn/judge.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "app/learn/judged_lists.h"
#include "app/learn/list_values.h"
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
                                     {.values = request.values,
                                      .person = request.known_person(),
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
std::size_t looks_so_far(storage::Registry& store) {
  constexpr int kMost = 1000;
  std::size_t looks = 1;
  const auto history = store.model_history(std::nullopt, kMost);
  if (!history) return looks;
  for (const storage::ModelEvent& event : *history) {
    if (makes_champion(event.what)) break;
    if (event.what == ModelEventKind::kRejected) ++looks;
    if (event.what != ModelEventKind::kInsufficientEvidence) continue;
    const std::optional<ml::Judged> judged = ml::read_judged(event.detail);
    if (!judged || judged->looked) ++looks;
  }
  return looks;
}

ml::LabelledRows rows_at(const ml::LabelledRows& all, std::span<const std::size_t> chosen) {
  ml::LabelledRows rows = ml::LabelledRows::like(all);
  for (const std::size_t r : chosen) rows.add(all, r);
  return rows;
}

// The mean over the picks of a request of the inverse of what their positions draw; 1 where no model ordered
// the list or nothing was picked.
double pick_weight(const FreshRequest& request, const ml::LabelledRows& rows, const ml::Examination& curve) {
  constexpr double kMost = 50;
  double picks = 0;
  double weight = 0;
  if (request.about->imported) return 1;
  for (std::size_t r = request.first; r < request.last; ++r) {
    const auto label = static_cast<double>(rows.labels[r]);
    picks += label;
    weight += label * std::min(1 / curve.at(rows.shown[r].position), kMost);
  }
  return picks > 0 ? weight / picks : 1;
}

std::vector<double> pick_weights(const Compared& compared, const ml::LabelledRows& rows,
                                 std::span<const std::size_t> kept, const ml::Examination& curve) {
  std::vector<double> weights;
  for (const std::size_t i : kept) weights.push_back(pick_weight(compared.requests[i], rows, curve));
  return weights;
}

// What models do with the whole catalog; nothing beside a random order, which takes no time and shows
// everything.
void compare_views(const ml::Model& champion, const ml::Model& challenger,
                   std::span<const TestRequest> requests, const Evidence& evidence, ml::GateInput& input) {
  const ServedModels& serving = evidence.serving;
  if (serving.catalog->live_items() == 0 || requests.empty() || champion.draws()) return;
  const auto some = requests.first(std::min(requests.size(), kWholeCatalogRequests));
  const CatalogView before =
      view_catalog(champion, serving.catalog, some, evidence.item_halves_memory, evidence.clock);
  const CatalogView after =
      view_catalog(challenger, serving.catalog, some, evidence.item_halves_memory, evidence.clock);
  input.latency_ratio = after.seconds / std::max(before.seconds, kQuickEnough);
  if (!before.shown.empty()) {
    input.catalog_share = static_cast<double>(after.shown.size()) / static_cast<double>(before.shown.size());
  }
}

// What else the gate wants to know, whichever way the models were compared: `requests` and `rows` are what
// was judged.
Result<ml::GateOutcome> completed(ml::GateInput input, const ml::Model& challenger, const Evidence& evidence,
                                  std::span<const TestRequest> requests, const ml::LabelledRows& rows) {
  input.logged_by = loggers(requests);
  input.looks = looks_so_far(evidence.store);
  const Truth truth(rows);
  const Judged judged = score(challenger, rows);
  if (const auto metrics = ml::evaluate(truth.with(judged.scores), judged.calibrated))
    input.calibration_error = metrics->calibration_error;
  compare_views(*evidence.serving.champion.model, challenger, requests, evidence, input);
  return ml::judge_challenger(evidence.rules, input);
}

// By the order of what was shown.
Result<ml::GateOutcome> judge_by_order(const ml::Model& challenger, const Dataset& dataset,
                                       const Evidence& evidence,
                                       const std::vector<storage::ModelRecord>& models) {
  const ml::Model& champion = *evidence.serving.champion.model;
  const auto selected = select_requests(dataset, models, challenger, evidence);
  if (!selected) return selected.error();
  const Selection& selection = *selected;
  const Compared& compared = selection.compared;
  const ml::LabelledRows rows = rows_at(dataset.test.rows, compared.rows);

  const Truth truth(rows);
  const auto values = [&](const ml::Model& model) {
    const Judged judged = score(model, rows);
    const bool probabilities = evidence.rules.metric == ml::MetricName::kLogloss;
    return ml::metric_per_request(truth.with(probabilities ? judged.calibrated : judged.scores),
                                  evidence.rules.metric);
  };
  const auto champion_values = values(champion);
  if (!champion_values) return champion_values.error();
  const auto challenger_values = values(challenger);
  if (!challenger_values) return challenger_values.error();
  std::vector<std::int64_t> people;
  std::vector<TestRequest> requests;
  for (const FreshRequest& request : compared.requests) {
    people.push_back(static_cast<std::int64_t>(request.about->person >> 1));
    requests.push_back(*request.about);
  }
  const auto paired = ml::pair_values(*champion_values, *challenger_values, people);
  if (!paired) return paired.error();

  ml::GateInput input{
      .champion = paired->champion, .challenger = paired->challenger, .people = paired->people};
  input.left_out = paired->left_out;
  input.basis = selection.basis;
  input.test_requests = selection.test_requests;
  input.own_top_shown = compared.own_top_shown;
  input.remarks = compared.remarks;
  std::vector<std::uint8_t> randomised;
  for (const std::size_t i : paired->kept) randomised.push_back(requests[i].randomised ? 1 : 0);
  input.randomised = randomised;
  std::vector<double> weights;
  if (input.basis == ml::Basis::kCorrected && evidence.attraction != nullptr) {
    const ml::Attraction& known = **evidence.attraction;
    weights = pick_weights(compared, rows, paired->kept, known.curve);
    for (const ml::Examination* curve : {&known.steeper, &known.flatter})
      input.other_weights.push_back(pick_weights(compared, rows, paired->kept, *curve));
    input.weights = weights;
  }
  return completed(std::move(input), challenger, evidence, requests, rows);
}

// By what the models' own lists would have earned.
Result<ml::GateOutcome> judge_by_value(const ml::Model& challenger, const Dataset& dataset,
                                       const Evidence& evidence,
                                       const std::vector<storage::ModelRecord>& models) {
  const ServedModels& serving = evidence.serving;
  const RequestSet fresh = fresh_requests_of(dataset, models, serving.champion.id);
  const auto valued = value_lists({evidence.store, serving.catalog->shared_domain(), serving.catalog},
                                  {serving.champion.model.get(), &challenger}, fresh,
                                  {.target = dataset.target, .memory = evidence.item_halves_memory / 2},
                                  evidence.item_halves_memory / 2, {});
  if (!valued) return valued.error();

  std::unordered_map<InferenceId, std::size_t, KeyedHash> used;
  for (std::size_t i = 0; i < valued->requests.size(); ++i) used.emplace(valued->requests[i], i);
  std::vector<TestRequest> requests;
  std::vector<std::uint8_t> randomised;
  std::array<std::vector<double>, 2> values;
  std::vector<std::int64_t> people;
  for (const TestRequest& request : dataset.test_requests) {
    const auto found = used.find(request.id);
    if (found == used.end()) continue;
    requests.push_back(request);
    randomised.push_back(request.randomised ? 1 : 0);
    for (std::size_t way = 0; way < values.size(); ++way)
      values[way].push_back(valued->values[way][found->second]);
    people.push_back(valued->people[found->second]);
  }
  ml::GateInput input{.champion = values[0], .challenger = values[1], .people = people};
  input.basis = ml::Basis::kOffPolicy;
  input.randomised = randomised;
  input.left_out = fresh.size() - used.size();
  input.refusals = valued->report.refusals;
  input.remarks = valued->report.warnings;
  input.remarks.push_back("Judged by what each model's own lists would have earned, doubly robust, from " +
                          std::to_string(used.size()) + " lists that were drawn with known chances.");
  return completed(std::move(input), challenger, evidence, requests, dataset.test.rows);
}

}  // namespace

Result<ml::GateOutcome> judge(const ml::Model& challenger, const Dataset& dataset, const Evidence& evidence) {
  const auto models = evidence.store.models();
  if (!models) return models.error();
  return evidence.rules.metric == ml::MetricName::kValue
             ? judge_by_value(challenger, dataset, evidence, *models)
             : judge_by_order(challenger, dataset, evidence, *models);
}

}  // namespace rankloop::app
