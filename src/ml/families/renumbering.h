// Items of a model that get other numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "domain/ids.h"

namespace rankloop::ml {

// The places of `numbers` that have one (not 0), in order of the numbers.
inline std::vector<std::size_t> places_by_number(std::span<const ItemId> numbers) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i].value != 0) places.push_back(i);
  }
  std::ranges::sort(places, {}, [&](std::size_t place) { return numbers[place]; });
  return places;
}

}  // namespace rankloop::ml
