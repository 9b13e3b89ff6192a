// What is asked, by whom, and what is known of what happened before.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "domain/history_feature.h"
#include "domain/ids.h"
#include "domain/schema.h"
#include "ml/labelled_rows.h"

namespace rankloop::ml {

struct CatalogChunk;

// What history says of items to one request at its moment. Belongs to one thread.
class Past {
 public:
  virtual ~Past() = default;
  // Of the rows [first, first + values.size()) of a chunk; `history`: its place in Domain::histories. NaN
  // where it says nothing.
  virtual void fill(std::size_t history, const CatalogChunk& chunk, std::size_t first,
                    std::span<float> values) const = 0;
  // The items to which the person who asks did something of a kind so often or more; none where nobody says
  // who asks. What the plan does not count (HistoryPlan::own_counter), nobody did.
  virtual std::vector<ItemId> own_items(std::string_view kind, HistoryReach reach,
                                        std::chrono::milliseconds span, double times) const = 0;
};

struct Query {
  ValuesView values;  // of domain.requests
  Person person = 0;
  const Past* past = nullptr;  // borrowed; null: nothing is known

  Query() = default;
  template <class Given>
    requires std::convertible_to<const Given&, ValuesView>
  Query(const Given& given, Person who = 0, const Past* known = nullptr)
      : values(given), person(who), past(known) {}
};

}  // namespace rankloop::ml
