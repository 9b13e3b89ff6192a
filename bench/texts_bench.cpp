// Ranking one request over a million items by how well their texts, of 20 words each, match its own (BM25),
// and taking such items into a catalog. Words are as frequent as in texts of people: the n-th one as 1/n.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "ml/feature_space.h"
#include "ml/rank.h"
#include "ml/train.h"
#include "resident_memory.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kItems = 1'000'000;
constexpr std::size_t kPortion = 10'000;  // as a server loads them
constexpr double kDifferentWords = 200'000;
constexpr std::size_t kWordsOfItem = 20;
constexpr std::size_t kWordsOfRequest = 5;

std::shared_ptr<const Domain> make_domain() {
  auto domain = std::make_shared<Domain>();
  domain->features.push_back({"price", Side::kItem, 0});
  domain->crosses.push_back(
      {.name = "match", .op = CrossOp::kMatch, .request_column = 0, .item_column = 0, .size = 1});
  domain->feature_fingerprint = "bench";
  return domain;
}

class Drawing {
 public:
  explicit Drawing(std::uint32_t seed) : random_(seed) {}

  Values values(std::size_t words) {
    Values drawn;
    drawn.numbers.push_back(uniform_(random_));
    std::vector<std::string> text;
    for (std::size_t i = 0; i < words; ++i) text.push_back(word());
    drawn.texts.emplace_back(std::move(text));
    return drawn;
  }
  Values item() { return values(kWordsOfItem); }
  Values request() { return values(kWordsOfRequest); }

 private:
  std::string word() {
    const double rank = std::exp(uniform_(random_) * std::log(kDifferentWords));
    return "word" + std::to_string(static_cast<std::size_t>(rank));
  }

  std::mt19937 random_;
  std::uniform_real_distribution<double> uniform_{0, 1};
};

// A million items, taken in as a server does; `drawn` is told before and after each portion is drawn.
template <class Drawn>
std::shared_ptr<const Catalog> make_catalog(Drawn drawn) {
  Drawing drawing(1);
  auto made = Catalog::empty(make_domain());
  std::vector<Values> items;
  std::vector<ItemChange> changes;
  for (std::size_t first = 0; first < kItems; first += kPortion) {
    drawn(true);
    items.clear();
    for (std::size_t i = 0; i < kPortion; ++i) items.push_back(drawing.item());
    drawn(false);
    changes.clear();
    for (std::size_t i = 0; i < kPortion; ++i)
      changes.push_back({ItemId{static_cast<std::int64_t>(first + i) + 1}, 1, made->pick(items[i])});
    made = made->with(1, changes);
  }
  return made;
}

// What matches better is picked.
LabelledRows make_rows(const Catalog& catalog, Drawing& drawing) {
  constexpr std::int64_t kRequests = 500;
  constexpr int kShown = 10;
  const FeatureMaker maker(catalog.domain(), catalog);
  LabelledRows rows = maker.no_rows();
  for (std::int64_t r = 0; r < kRequests; ++r) {
    const Values request = drawing.request();
    const auto first = rows.rows();
    for (int i = 0; i < kShown; ++i) {
      maker.append(request, catalog.pick(drawing.item()), rows);
      rows.labels.push_back(0);
      rows.requests.push_back(r);
      rows.items.push_back(ItemId{static_cast<std::int64_t>(rows.rows())});
    }
    const auto match = [&](std::size_t row) { return rows.values[row * rows.width + 1]; };
    std::size_t best = first;
    for (std::size_t row = first; row < rows.rows(); ++row) best = match(row) > match(best) ? row : best;
    rows.labels[best] = 1;
  }
  return rows;
}

void rank_texts(benchmark::State& state) {
  static const auto catalog = make_catalog([](bool) {});
  Drawing drawing(2);
  const auto trained = train_model(catalog->domain(), make_rows(*catalog, drawing), {},
                                   TrainingPlan{.family = "logistic"}, {}, {});
  if (!trained) return state.SkipWithError(trained.error().message.c_str());
  const auto scorer = (*trained)->bind(catalog, nullptr, SIZE_MAX);
  // A request as good as any: its words are drawn like those of items, so most have some that many items
  // have.
  std::vector<Values> asked;
  for (int i = 0; i < 20; ++i) asked.push_back(drawing.request());
  std::size_t next = 0;
  for (auto _ : state) {
    RankRequest request;
    request.values = asked[next++ % asked.size()];
    request.best = 100;
    benchmark::DoNotOptimize(rank(*scorer, **trained, ModelId{1}, request));
  }
  state.counters["rss_MB"] = resident_memory() / 1e6;
}

void load_texts(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    const auto catalog =
        make_catalog([&](bool begins) { begins ? state.PauseTiming() : state.ResumeTiming(); });
    benchmark::DoNotOptimize(catalog);
  }
}

BENCHMARK(load_texts)->Unit(benchmark::kSecond)->Iterations(1);
BENCHMARK(rank_texts)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace rankloop::ml
