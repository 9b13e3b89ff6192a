// Ranking one request over a million items that have words: 5 categories of 10,000 words together, 5 tags
// each, a vector of 32 and 10 numbers, with crosses of tags and vectors, by each family that learns of them.
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "ml/feature_space.h"
#include "ml/rank.h"
#include "ml/train.h"
#include "resident_memory.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kItems = 1'000'000;
constexpr std::size_t kNumbers = 10;
constexpr std::size_t kCategories = 5;
constexpr std::size_t kWordsOfCategory = 2'000;
constexpr std::size_t kTags = 5;
constexpr std::size_t kTagWords = 500;
constexpr std::size_t kVector = 32;

std::shared_ptr<const Domain> make_domain() {
  auto domain = std::make_shared<Domain>();
  for (std::size_t i = 0; i < kNumbers; ++i)
    domain->features.push_back({"number" + std::to_string(i), Side::kItem, i});
  domain->features.push_back({"vector", Side::kItem, kNumbers, FeatureKind::kVector, kVector});
  for (std::size_t i = 0; i < kCategories; ++i)
    domain->features.push_back({"category" + std::to_string(i), Side::kItem, i, FeatureKind::kCode});
  domain->features.push_back({"tags", Side::kItem, kCategories, FeatureKind::kCodes});
  domain->features.push_back({"budget", Side::kRequest, 0});
  domain->features.push_back({"country", Side::kRequest, 0, FeatureKind::kCode});
  const auto cross = [&](std::string name, CrossOp op, std::size_t request, std::size_t item,
                         std::size_t size) {
    domain->crosses.push_back(
        {.name = std::move(name), .op = op, .request_column = request, .item_column = item, .size = size});
  };
  cross("tags in common", CrossOp::kCoverage, 1, kCategories, 1);
  cross("angle", CrossOp::kCosine, 1, kNumbers, kVector);
  domain->feature_fingerprint = "bench";
  return domain;
}

class Drawing {
 public:
  explicit Drawing(std::uint32_t seed) : random_(seed) {}
  double number() { return uniform_(random_); }
  std::string word(std::string_view of, std::size_t count) {
    return std::string{of} + std::to_string(static_cast<std::size_t>(number() * static_cast<double>(count)));
  }
  std::vector<std::string> tags() {
    std::vector<std::string> some;
    for (std::size_t i = 0; i < kTags; ++i) some.push_back(word("tag ", kTagWords));
    return some;
  }
  Values item() {
    Values item;
    for (std::size_t i = 0; i < kNumbers + kVector; ++i) item.numbers.push_back(number());
    for (std::size_t i = 0; i < kCategories; ++i)
      item.words.push_back({{word("word " + std::to_string(i) + " ", kWordsOfCategory)}});
    item.words.emplace_back(tags());
    return item;
  }
  Values request() {
    Values request;
    for (std::size_t i = 0; i < 1 + kVector; ++i) request.numbers.push_back(number());
    request.words.push_back({{word("country ", 50)}});
    request.words.emplace_back(tags());
    return request;
  }

 private:
  std::mt19937 random_;
  std::uniform_real_distribution<double> uniform_{0, 1};
};

// One of ten is picked: what has a small number and a word that ends so.
LabelledRows make_rows(const Catalog& catalog, Drawing& drawing) {
  constexpr std::int64_t kRequests = 2'000;
  constexpr int kShown = 10;
  const FeatureMaker maker(catalog.domain(), catalog);
  LabelledRows rows = maker.no_rows();
  for (std::int64_t r = 0; r < kRequests; ++r) {
    const Values request = drawing.request();
    const auto first = static_cast<std::int64_t>(rows.rows());
    double best = 2;
    std::int64_t picked = first;
    for (int i = 0; i < kShown; ++i) {
      const Values item = drawing.item();
      maker.append(request, catalog.pick(item), rows);
      rows.labels.push_back(0);
      rows.requests.push_back(r);
      rows.items.push_back(ItemId{first + i + 1});
      const double liked = item.numbers[0] - (item.words[0]->front().ends_with('7') ? 0.5 : 0);
      if (liked < best) best = liked, picked = first + i;
    }
    rows.labels[static_cast<std::size_t>(picked)] = 1;
  }
  return rows;
}

const std::shared_ptr<const Catalog>& million() {
  static const auto catalog = [] {
    constexpr std::size_t kPortion = 10'000;
    Drawing drawing(1);
    auto made = Catalog::empty(make_domain());
    std::vector<ItemChange> changes;
    for (std::size_t i = 0; i < kItems; ++i) {
      changes.push_back({ItemId{static_cast<std::int64_t>(i) + 1}, 1, made->pick(drawing.item())});
      if (changes.size() < kPortion && i + 1 < kItems) continue;
      made = made->with(1, changes);
      changes.clear();
    }
    return made;
  }();
  return catalog;
}

void rank_words(benchmark::State& state, std::string_view family) {
  const auto& catalog = million();
  std::shared_ptr<const CatalogScorer> scorer;
  std::shared_ptr<const Model> model;
  {
    Drawing drawing(2);
    const LabelledRows rows = make_rows(*catalog, drawing);
    const TrainingPlan plan{.family = std::string{family}};
    const auto trained =
        train_model(catalog->domain(), slice(rows, 0, 16'000), slice(rows, 16'000, 20'000), plan, {}, {});
    if (!trained) return state.SkipWithError(trained.error().message.c_str());
    model = *trained;
    scorer = model->bind(catalog, nullptr, SIZE_MAX);
  }
  Drawing drawing(3);
  const Values asked = drawing.request();
  RankRequest request;
  request.values = asked;
  request.best = 100;
  for (auto _ : state) benchmark::DoNotOptimize(rank(*scorer, *model, ModelId{1}, request));
  state.counters["rss_MB"] = resident_memory() / 1e6;
  state.counters["half_MB"] = static_cast<double>(scorer->resident_bytes()) / 1e6;
}

BENCHMARK_CAPTURE(rank_words, logistic, "logistic")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(rank_words, mlp, "mlp")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(rank_words, factorization, "factorization")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace rankloop::ml
