// Which arm of which experiment a request belongs to.
//
// All traffic is one layer: each experiment that runs has a slice of it, apart from those of the others, by a
// hash of the person. Within its slice each arm has a range of a circle of hashes that is the experiment's
// own (its salt), so that the arms of one experiment say nothing about those of another. What no slice has is
// left to the nameless experiment, whose arms are the challengers with a share of the traffic.
//
// A person who did not say who it is counts as one for each request. Immutable; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "domain/hash_circle.h"
#include "domain/ids.h"
#include "domain/ledger_words.h"
#include "storage/experiments.h"

namespace rankloop::app {

// Which model answers an arm: that number of the challengers, or the champion.
inline constexpr std::size_t kByChampion = static_cast<std::size_t>(-1);

// Who answers together with an arm, with one list.
struct Beside {
  Interleaving way{};
  std::size_t model = kByChampion;
};

struct ServedArm {
  ArmId id;  // 0: of the nameless experiment
  CircleRanges ranges;
  std::size_t model = kByChampion;
  std::optional<Beside> beside{};
};

struct ServedExperiment {
  std::uint64_t salt = 0;
  ExperimentUnit unit = ExperimentUnit::kPerson;
  CircleRanges slice;  // of the layer
  std::vector<ServedArm> arms;
};

// An experiment as it is exposed now: each arm begins where it would at full exposure, so that more exposure
// takes nobody from an arm, and less gives nobody to another. Of interleaved arms the first has the ranges of
// both, and the second beside it.
ServedExperiment served(const storage::ExperimentRecord& experiment);
// The nameless one, without arms: what is left of the layer is its own.
ServedExperiment nameless_experiment();

// The arm that a request belongs to, of the first experiment whose slice it is in. Null: of none.
const ServedArm* arm_of(std::span<const ServedExperiment> experiments, std::string_view user_key,
                        const TaskId& task);

}  // namespace rankloop::app
