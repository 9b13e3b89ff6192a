// The reference's training: 10,000 rows of 30 inputs, the 20 best of them, 100 epochs of 1,000 batches of 8.
#include <random>
#include <string>

#include <benchmark/benchmark.h>

#include "ml/families/mlp/train_mlp.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kRows = 10'000;
constexpr std::size_t kFeatures = 30;

void TrainReferenceRecipe(benchmark::State& state) {
  Domain domain;
  for (std::size_t c = 0; c < kFeatures; ++c) domain.features.push_back({std::to_string(c), Side::kItem, c});
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(0, 1);
  LabelledRows rows;
  rows.width = kFeatures;
  for (std::size_t i = 0; i < kRows; ++i) {
    float sum = 0;
    for (std::size_t c = 0; c < kFeatures; ++c) {
      rows.values.push_back(uniform(random));
      if (c < 6) sum += rows.values.back();
    }
    rows.labels.push_back(sum > 4 ? 1 : 0);
  }
  for (auto _ : state) {
    auto model = train_mlp(domain, rows, MlpRecipe{}, {}, {});
    if (!model) return state.SkipWithError(model.error().message.c_str());
    benchmark::DoNotOptimize(model);
  }
}

BENCHMARK(TrainReferenceRecipe)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
}  // namespace rankloop::ml
