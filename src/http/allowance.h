// How often something may happen for each peer: so many at once, and then one in a while. Peers beyond a
// fixed number are forgotten, the longest unseen first.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <string>

namespace rankloop::http {

// One thread only.
class Allowance {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Allowance(double at_once, std::chrono::duration<double> one_in) : at_once_(at_once), one_in_(one_in) {}

  // Whether there is one left.
  bool left(const std::string& peer, TimePoint now) { return refreshed(peer, now).left >= 1; }

  // Uses one up: zero when there was one, else how long until the next.
  std::chrono::seconds use(const std::string& peer, TimePoint now) {
    Known& known = refreshed(peer, now);
    if (known.left >= 1) {
      known.left -= 1;
      return std::chrono::seconds(0);
    }
    return std::max(std::chrono::seconds(1),
                    std::chrono::ceil<std::chrono::seconds>((1 - known.left) * one_in_));
  }

 private:
  static constexpr std::size_t kMostPeers = 4'096;
  struct Known {
    double left;
    TimePoint seen;
    std::list<std::string>::iterator place;
  };

  Known& refreshed(const std::string& peer, TimePoint now) {
    Known& known = known_of(peer, now);
    known.left = std::min(at_once_, known.left + std::chrono::duration<double>(now - known.seen) / one_in_);
    known.seen = now;
    return known;
  }

  Known& known_of(const std::string& peer, TimePoint now) {
    auto found = by_peer_.find(peer);
    if (found != by_peer_.end()) {
      order_.splice(order_.end(), order_, found->second.place);
      return found->second;
    }
    if (by_peer_.size() >= kMostPeers) {
      by_peer_.erase(order_.front());
      order_.pop_front();
    }
    order_.push_back(peer);
    return by_peer_.emplace(peer, Known{at_once_, now, std::prev(order_.end())}).first->second;
  }

  const double at_once_;
  const std::chrono::duration<double> one_in_;
  std::list<std::string> order_;  // the longest unseen first
  std::map<std::string, Known> by_peer_;
};

}  // namespace rankloop::http
