// Weighs the picks of a dataset by what their positions draw.
#include "app/learn/position_weights.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rankloop::app {
namespace {

constexpr double kMostWeight = 10;
constexpr double kMostlyLone = 0.9;
constexpr std::size_t kSwappedPositions = 20;

void weigh(Dataset& dataset, const ml::Examination& curve) {
  for (DatasetPart* part : {&dataset.train, &dataset.validation, &dataset.test})
    ml::weigh_by_attraction(part->rows, curve, kMostWeight);
}

// Weights by the swaps of what may be learned from; what judges knows them all. Nothing where either is too
// little.
std::optional<WeighedPositions> weigh_by_swaps(Dataset& dataset, const std::vector<ml::Swap>& swaps) {
  std::vector<ml::Swap> learned;
  std::copy_if(swaps.begin(), swaps.end(), std::back_inserter(learned),
               [&](const ml::Swap& swap) { return swap.request <= dataset.lineage.trained_until.value; });
  const auto weights = ml::harvest_attraction(learned, kSwappedPositions);
  auto all = ml::harvest_attraction(swaps, kSwappedPositions);
  if (!weights || !all) return std::nullopt;
  weigh(dataset, weights->attraction.curve);
  return WeighedPositions{PositionSource::kSwaps, std::move(all->attraction), all->picks};
}

}  // namespace

std::string_view name_of(PositionSource source) {
  switch (source) {
    case PositionSource::kNothing:
      return "nothing";
    case PositionSource::kRandomOrders:
      return "random_orders";
    case PositionSource::kSwaps:
      return "swaps";
  }
  return "";
}

WeighedPositions weigh_by_position(Dataset& dataset, const AskSwaps& swaps) {
  ml::PositionCounts learned, all;
  for (const DatasetPart* part : {&dataset.train, &dataset.validation}) {
    learned.add(part->rows, part->randomised);
    all.add(part->rows, part->randomised);
  }
  all.add(dataset.test.rows, dataset.test.randomised);
  const bool tell = all.picks() >= kFewestPicksAtRandom;
  if (!tell && swaps) {
    if (auto weighed = weigh_by_swaps(dataset, swaps())) return *std::move(weighed);
  }
  weigh(dataset, ml::estimate_attraction(learned).curve);
  if (!tell) return {};
  return {PositionSource::kRandomOrders, ml::estimate_attraction(all), 0};
}

bool is_mostly_lone(const Lineage& lineage) {
  return static_cast<double>(lineage.lone) >= kMostlyLone * static_cast<double>(lineage.requests);
}

}  // namespace rankloop::app
