// What the settings of training make of a dataset, the same in a server and on the command line.
#pragma once

#include <optional>

#include "app/learn/dataset.h"
#include "ml/examination.h"

namespace rankloop::app {

// Weighs picks, in every part, by the inverse of what their positions draw, as learned from lists in random
// order of training and validation; training, calibration and gate then see the same world. Answers what
// positions draw by all parts; nothing when fewer than 50 picks tell.
std::optional<ml::Attraction> weigh_by_position(Dataset& dataset);

// Whether lists hold one item each, mostly: then nothing can be learned from the order of a list.
bool is_mostly_lone(const Lineage& lineage);

}  // namespace rankloop::app
