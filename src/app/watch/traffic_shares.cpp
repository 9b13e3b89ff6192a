// Counts requests by model between the changes of who answers.
#include "app/watch/traffic_shares.h"

#include <algorithm>
#include <utility>

namespace rankloop::app {

TrafficShares::TrafficShares(std::vector<WallTime> changes)
    : changes_(std::move(changes)), counts_(changes_.size() + 1) {
  std::sort(changes_.begin(), changes_.end());
}

std::size_t TrafficShares::period_of(WallTime at) const {
  return static_cast<std::size_t>(std::upper_bound(changes_.begin(), changes_.end(), at) - changes_.begin());
}

bool TrafficShares::settled(WallTime at) const {
  const std::size_t period = period_of(at);
  return period == 0 || at >= changes_[period - 1] + kSettling;
}

void TrafficShares::count(WallTime at, ModelId model) {
  if (settled(at)) ++counts_[period_of(at)][model];
}

Shares TrafficShares::at(WallTime at, ModelId answered_by) const {
  if (!settled(at)) return {};
  Shares shares;
  double all = 0;
  for (const auto& [model, requests] : counts_[period_of(at)]) {
    if (requests < kFewestRequests) continue;
    shares[model] = static_cast<double>(requests);
    all += static_cast<double>(requests);
  }
  if (shares.size() < 2 || !shares.contains(answered_by)) return {};
  for (auto& [model, share] : shares) share /= all;
  return shares;
}

}  // namespace rankloop::app
