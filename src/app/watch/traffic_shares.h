// How models shared the traffic, as it was counted: a pure table. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "domain/clock.h"
#include "domain/ids.h"

namespace rankloop::app {

using Shares = std::map<ModelId, double>;  // of the requests; they sum to 1

class TrafficShares {
 public:
  static constexpr std::chrono::seconds kSettling{5};  // after a change, until all processes have heard of it
  static constexpr std::int64_t kFewestRequests = 20;  // of a model between two changes

  // `changes`: when it was changed who answers, in any order.
  explicit TrafficShares(std::vector<WallTime> changes);

  void count(WallTime at, ModelId model);

  // The models that a request of then might have been answered by, at least two; empty where one answered
  // all, while a change settled, and where `answered_by` is not among them.
  Shares at(WallTime at, ModelId answered_by) const;

 private:
  std::size_t period_of(WallTime at) const;
  bool settled(WallTime at) const;

  std::vector<WallTime> changes_;                        // ascending
  std::vector<std::map<ModelId, std::int64_t>> counts_;  // of the periods before, between and after them
};

}  // namespace rankloop::app
