// Training a million rows and scoring a catalog with trees: seconds, those of the processors, peak memory.
//
//   gbdt_bench [rows] [threads]
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "ml/families/gbdt/train_gbdt.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFeatures = 30;
constexpr std::size_t kScoredFeatures = 40;
constexpr std::size_t kScoredItems = 210;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// Half of the features are the item's, the others the request's.
Domain domain_of(std::size_t features) {
  Domain domain;
  for (std::size_t c = 0; c < features; ++c) {
    domain.features.push_back({std::to_string(c), c % 2 == 0 ? Side::kItem : Side::kRequest, c / 2});
  }
  return domain;
}

// One row in eight is positive, for reasons that some columns know; `absent` of the values are NaN.
LabelledRows make_rows(std::size_t count, std::size_t features, double absent) {
  RandomNumbers random(1);
  LabelledRows rows;
  rows.width = features;
  rows.values.reserve(count * features);
  rows.labels.reserve(count);
  for (std::size_t r = 0; r < count; ++r) {
    double sum = 0;
    for (std::size_t c = 0; c < features; ++c) {
      const double value = random.uniform(0, 1);
      const bool known = random.uniform(0, 1) >= absent;
      rows.values.push_back(known ? static_cast<float>(value) : NAN);
      if (c < 8) sum += c % 2 == 0 ? value : -value * sum;
    }
    rows.labels.push_back(sum + random.uniform(0, 1) > 1.7 ? 1 : 0);
  }
  return rows;
}

int measure_training(std::size_t count, int threads) {
  const LabelledRows rows = make_rows(count, kFeatures, 0.02);
  GbdtRecipe recipe;
  recipe.depth = 6;
  recipe.trees = 100;
  recipe.threads = threads;
  const auto begin = Clock::now();
  const double processors = processor_seconds();
  const auto model = train_gbdt(domain_of(kFeatures), rows, {}, recipe, {}, {});
  if (!model) {
    std::fprintf(stderr, "%s\n%s\n", model.error().message.c_str(), model.error().detail.c_str());
    return 1;
  }
  std::printf(
      "train %zu rows x %zu, 100 trees of depth 6, %d threads: %.2f s (processors %.2f s), peak %.0f MB\n",
      count, kFeatures, threads, seconds_since(begin), processor_seconds() - processors, peak_megabytes());
  return 0;
}

class Nowhere final : public ScoreSink {
 public:
  void take(std::uint32_t /*first_row*/, std::span<const float> scores) override { sum += scores[0]; }
  float sum = 0;
};

int measure_scoring() {
  const auto domain = std::make_shared<const Domain>(domain_of(kScoredFeatures));
  const LabelledRows rows = make_rows(8000, kScoredFeatures, 0);
  GbdtRecipe recipe;
  recipe.depth = 3;
  recipe.trees = 120;
  const auto model = train_gbdt(*domain, rows, {}, recipe, {}, {});
  if (!model) return 1;
  RandomNumbers random(2);
  for (const std::size_t items : {kScoredItems, std::size_t{100'000}}) {
    std::vector<ItemChange> changes;
    for (std::size_t i = 0; i < items; ++i) {
      std::vector<float> columns;
      for (std::size_t c = 0; c < kScoredFeatures / 2; ++c)
        columns.push_back(static_cast<float>(random.uniform(0, 1)));
      changes.push_back({ItemId{static_cast<std::int64_t>(i + 1)}, 1, ItemValues{std::move(columns), {}}});
    }
    const auto scorer = (*model)->bind(Catalog::empty(domain)->with(1, changes), nullptr, 0);
    const std::vector<double> request(kScoredFeatures / 2, 0.5);
    const int rounds = items == kScoredItems ? 1000 : 5;
    Nowhere sink;
    scorer->score_all(request, 0, sink);
    const auto begin = Clock::now();
    const double processors = processor_seconds();
    for (int round = 0; round < rounds; ++round) scorer->score_all(request, 0, sink);
    std::printf("score %zu items x %zu inputs, %d trees of depth %d: %.3f ms (processor %.3f ms)\n", items,
                kScoredFeatures, recipe.trees, recipe.depth, seconds_since(begin) * 1000 / rounds,
                (processor_seconds() - processors) * 1000 / rounds);
  }
  return 0;
}

}  // namespace
}  // namespace rankloop::ml

int main(int argc, char** argv) {
  const long rows = argc > 1 ? std::atol(argv[1]) : 1'000'000;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 1;
  if (rows < 100 || threads < 1) {
    std::fprintf(stderr, "usage: gbdt_bench [rows, 100 or more] [threads]\n");
    return 2;
  }
  if (const int failed = rankloop::ml::measure_scoring(); failed != 0) return failed;
  return rankloop::ml::measure_training(static_cast<std::size_t>(rows), threads);
}
