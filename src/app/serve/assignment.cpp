// Salts, slices and arms.
#include "app/serve/assignment.h"

#include "ml/random_numbers.h"

namespace rankloop::app {
namespace {

constexpr std::uint64_t kLayer = 0x6c61796572U;         // apart from every experiment's salt
constexpr std::uint64_t kAssignment = 0x61737369676eU;  // and from the other draws of a task

std::uint64_t salt_of(std::int64_t experiment) {
  return ml::mix_bits(kAssignment ^ static_cast<std::uint64_t>(experiment));
}

std::uint32_t point_of(std::uint64_t key, std::uint64_t salt) {
  return circle_point(ml::mix_bits(key ^ ml::mix_bits(salt)));
}

}  // namespace

ServedExperiment served(const storage::ExperimentRecord& experiment) {
  ServedExperiment made{salt_of(experiment.id.value), experiment.unit, experiment.slice, {}};
  double all = 0;
  for (const storage::ExperimentArm& arm : experiment.arms) all += arm.share;
  double before = 0;
  for (const storage::ExperimentArm& arm : experiment.arms) {
    const std::uint32_t first = circle_points(before / all);
    before += arm.share;
    const std::uint32_t full = circle_points(before / all) - first;
    const auto exposed = static_cast<std::uint32_t>(experiment.exposure * full);
    ServedArm& added = made.arms.emplace_back(arm.id);
    if (exposed > 0) added.ranges.push_back({first, first + exposed});
  }
  if (experiment.interleaving) {
    made.arms[0].ranges = united(made.arms[0].ranges, made.arms[1].ranges);
    made.arms[0].beside = Beside{*experiment.interleaving};
    made.arms[1].ranges.clear();
  }
  return made;
}

ServedExperiment nameless_experiment() {
  return {salt_of(0), ExperimentUnit::kPerson, {{0, kCirclePoints}}, {}};
}

const ServedArm* arm_of(std::span<const ServedExperiment> experiments, std::string_view user_key,
                        const TaskId& task) {
  if (experiments.empty()) return nullptr;
  const std::uint64_t request = task.seed();
  const std::uint64_t person = user_key.empty() ? request : ml::hash_text(user_key);
  const std::uint32_t in_layer = point_of(person, kLayer);
  for (const ServedExperiment& experiment : experiments) {
    if (!holds(experiment.slice, in_layer)) continue;
    const std::uint64_t key = experiment.unit == ExperimentUnit::kPerson ? person : request;
    const std::uint32_t point = point_of(key, experiment.salt);
    for (const ServedArm& arm : experiment.arms) {
      if (holds(arm.ranges, point)) return &arm;
    }
    return nullptr;
  }
  return nullptr;
}

}  // namespace rankloop::app
