// How many requests may wait at once (long polls, streams, those behind another with the same
// Idempotency-Key), in all and of one peer.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <prometheus/gauge.h>

namespace rankloop::http {

// I/O thread only. Outlives the places it gives.
class WaitingPlaces {
 public:
  WaitingPlaces(std::size_t most, std::size_t most_of_peer, prometheus::Gauge& shown)
      : most_(most), most_of_peer_(most_of_peer), shown_(shown) {}

  class Place {
   public:
    Place(WaitingPlaces& owner, std::string peer) : owner_(&owner), peer_(std::move(peer)) {}
    Place(Place&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), peer_(std::move(other.peer_)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (owner_ != nullptr) owner_->give_back(peer_);
    }

   private:
    WaitingPlaces* owner_;
    std::string peer_;
  };

  // `peer`: empty for one that counts for nobody.
  bool room_for(const std::string& peer) const {
    if (taken_ >= most_) return false;
    const auto found = of_peer_.find(peer);
    return peer.empty() || found == of_peer_.end() || found->second < most_of_peer_;
  }
  std::optional<Place> take(const std::string& peer) {
    if (!room_for(peer)) return std::nullopt;
    if (!peer.empty()) ++of_peer_[peer];
    shown_.Set(static_cast<double>(++taken_));
    return std::optional<Place>(std::in_place, *this, peer);
  }

 private:
  void give_back(const std::string& peer) {
    shown_.Set(static_cast<double>(--taken_));
    const auto found = of_peer_.find(peer);
    if (found != of_peer_.end() && --found->second == 0) of_peer_.erase(found);
  }

  const std::size_t most_;
  const std::size_t most_of_peer_;
  prometheus::Gauge& shown_;
  std::size_t taken_ = 0;
  std::map<std::string, std::size_t> of_peer_;  // a tree: peers choose their addresses
};

}  // namespace rankloop::http
