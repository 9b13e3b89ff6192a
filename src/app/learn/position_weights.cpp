// Weighs the picks of a dataset by what their positions draw.
#include "app/learn/position_weights.h"

namespace rankloop::app {
namespace {

constexpr double kMostWeight = 10;
constexpr double kFewestPicks = 50;  // on lists in random order, to know what positions draw
constexpr double kMostlyLone = 0.9;

}  // namespace

std::optional<ml::Attraction> weigh_by_position(Dataset& dataset) {
  ml::PositionCounts learned, all;
  for (const DatasetPart* part : {&dataset.train, &dataset.validation}) {
    learned.add(part->rows, part->randomised);
    all.add(part->rows, part->randomised);
  }
  all.add(dataset.test.rows, dataset.test.randomised);
  const ml::Examination curve = ml::estimate_attraction(learned).curve;
  for (DatasetPart* part : {&dataset.train, &dataset.validation, &dataset.test})
    ml::weigh_by_attraction(part->rows, curve, kMostWeight);
  if (all.picks() < kFewestPicks) return std::nullopt;
  return ml::estimate_attraction(all);
}

bool is_mostly_lone(const Lineage& lineage) {
  return static_cast<double>(lineage.lone) >= kMostlyLone * static_cast<double>(lineage.requests);
}

}  // namespace rankloop::app
