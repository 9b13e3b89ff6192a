// Ranking one request with the network of 30 inputs (17 of the item): the default domain's 210 places, all of
// them ordered, and a catalog of a million items, the best 100.
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "ml/families/mlp/network.h"
#include "ml/rank.h"
#include "resident_memory.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kItemFeatures = 17;
constexpr std::size_t kRequestFeatures = 13;
constexpr std::size_t kUnbounded = SIZE_MAX;

std::shared_ptr<const Domain> make_domain() {
  auto domain = std::make_shared<Domain>();
  for (std::size_t c = 0; c < kItemFeatures; ++c) {
    domain->features.push_back({"item" + std::to_string(c), Side::kItem, c});
  }
  for (std::size_t c = 0; c < kRequestFeatures; ++c) {
    domain->features.push_back({"request" + std::to_string(c), Side::kRequest, c});
  }
  domain->feature_fingerprint = "bench";
  return domain;
}

std::shared_ptr<const Catalog> make_catalog(std::size_t items) {
  constexpr std::size_t kPortion = 10'000;
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(0, 1);
  auto catalog = Catalog::empty(make_domain());
  std::vector<ItemChange> changes;
  for (std::size_t i = 0; i < items; ++i) {
    ItemChange change{ItemId{static_cast<std::int64_t>(i) + 1}, 1,
                      ItemValues{std::vector<float>(kItemFeatures), {}}};
    for (float& value : change.values->numbers) value = uniform(random);
    changes.push_back(std::move(change));
    if (changes.size() == kPortion || i + 1 == items) {
      catalog = catalog->with(1, changes);
      changes.clear();
    }
  }
  return catalog;
}

std::shared_ptr<const Model> make_network() {
  std::mt19937 random(2);
  std::uniform_real_distribution<float> uniform(-0.2F, 0.2F);
  Network network;
  for (std::uint32_t i = 0; i < kItemFeatures + kRequestFeatures; ++i) network.inputs.push_back({i, 0, 1});
  network.first_weights.resize(network.inputs.size() * kHidden);
  for (float& weight : network.first_weights) weight = uniform(random);
  for (float& weight : network.second_weights) weight = uniform(random);
  for (float& weight : network.third_weights) weight = uniform(random);
  return make_mlp_model(std::move(network), "bench");
}

void rank_catalog(benchmark::State& state, std::size_t memory) {
  const auto catalog = make_catalog(static_cast<std::size_t>(state.range(0)));
  const auto model = make_network();
  const auto scorer = model->bind(catalog, nullptr, memory);
  const std::vector<double> columns(kRequestFeatures, 0.5);
  RankRequest request;
  request.values = columns;
  request.best = static_cast<int>(state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(rank(*scorer, *model, ModelId{1}, request));
  state.counters["rss_MB"] = resident_memory() / 1e6;
  state.counters["half_MB"] = static_cast<double>(scorer->resident_bytes()) / 1e6;
}

void RankPrecomputed(benchmark::State& state) {
  rank_catalog(state, kUnbounded);
}
void RankOnTheFly(benchmark::State& state) {
  rank_catalog(state, 0);
}

void Bind(benchmark::State& state) {
  const auto catalog = make_catalog(static_cast<std::size_t>(state.range(0)));
  const auto model = make_network();
  for (auto _ : state) benchmark::DoNotOptimize(model->bind(catalog, nullptr, kUnbounded));
}

BENCHMARK(RankPrecomputed)->Args({210, 210})->Unit(benchmark::kMicrosecond);
BENCHMARK(RankPrecomputed)->Args({1'000'000, 100})->Unit(benchmark::kMillisecond);
BENCHMARK(RankOnTheFly)->Args({1'000'000, 100})->Unit(benchmark::kMillisecond);
BENCHMARK(Bind)->Arg(210)->Unit(benchmark::kMicrosecond);
BENCHMARK(Bind)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace rankloop::ml
