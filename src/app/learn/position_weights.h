// What the settings of training make of a dataset, the same in a server and on the command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "app/learn/dataset.h"
#include "ml/examination.h"
#include "ml/harvest.h"

namespace rankloop::app {

// How it is known what positions draw.
enum class PositionSource : std::uint8_t {
  kNothing,
  kRandomOrders,  // lists in random order
  kSwaps,         // of models that shared the traffic (ml/harvest.h)
};
std::string_view name_of(PositionSource source);  // "nothing", "random_orders", "swaps"

struct WeighedPositions {
  PositionSource source = PositionSource::kNothing;
  std::optional<ml::Attraction> attraction;  // by all parts; empty with kNothing
  std::size_t swapped_picks = 0;             // that it rests on; 0 unless kSwaps
};

// Fewer picks on lists in random order do not tell what positions draw.
inline constexpr double kFewestPicksAtRandom = 50;

// Weighs picks, in every part, by the inverse of what their positions draw, as learned from training and
// validation; training, calibration and gate then see the same world. Lists in random order say it, and where
// these have fewer than 50 picks, swaps, which are asked for only then. Of these no more than 20 positions
// are told apart. The few random orders weigh as far as they go where there is neither.
using AskSwaps = std::function<std::vector<ml::Swap>()>;
WeighedPositions weigh_by_position(Dataset& dataset, const AskSwaps& swaps = {});

// Whether lists hold one item each, mostly: then nothing can be learned from the order of a list.
bool is_mostly_lone(const Lineage& lineage);

}  // namespace rankloop::app
