// What tells one dataset from another.
#pragma once

#include <string>

#include "app/learn/dataset.h"

namespace rankloop::app {

// SHA-256, hex, of every number, word and label of all parts.
std::string hash_of(const Dataset& dataset);

}  // namespace rankloop::app
