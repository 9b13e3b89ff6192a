// The bytes of answers that clients have not taken yet, all connections together. Where one more does not
// fit, the answers that have stood longest are given up. Bytes that several answers share count once.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

#include "http/connections.h"

namespace rankloop::http {

// I/O thread only. Outlives its holdings.
class UnsentBytes {
 public:
  explicit UnsentBytes(std::size_t limit) : limit_(limit) {}

  // Bytes that other answers may have, too, known by their address; none: nullptr.
  struct Shared {
    const void* address;
    std::size_t bytes;
  };

  // A place for one answer; give it up by destroying it.
  class Holding {
   public:
    Holding(UnsentBytes& owner, Connection& connection, std::size_t bytes, Shared shared = {})
        : owner_(owner) {
      // Held before there is room, so that making room cannot give the last one up.
      const bool first = shared.address != nullptr && owner_.shared_[shared.address]++ == 0;
      const std::size_t more = bytes + (first ? shared.bytes : 0);
      owner_.make_room(more);
      owner_.used_ += more;
      place_ = owner_.line_.insert(owner_.line_.end(), {this, &connection, bytes, shared});
    }
    Holding(const Holding&) = delete;
    Holding& operator=(const Holding&) = delete;
    ~Holding() {
      if (!given_up_) owner_.forget(place_);
    }

   private:
    friend class UnsentBytes;
    struct Entry {
      Holding* holding;
      Connection* connection;
      std::size_t bytes;
      Shared shared;
    };
    UnsentBytes& owner_;
    std::list<Entry>::iterator place_;
    bool given_up_ = false;
  };

 private:
  using Line = std::list<Holding::Entry>;

  void forget(Line::iterator place) {
    used_ -= place->bytes;
    const Shared shared = place->shared;
    line_.erase(place);
    const auto held = shared_.find(shared.address);
    if (held == shared_.end() || --held->second > 0) return;
    shared_.erase(held);
    used_ -= shared.bytes;
  }
  void make_room(std::size_t bytes) {
    while (!line_.empty() && used_ + bytes > limit_) {
      const Holding::Entry first = line_.front();
      first.holding->given_up_ = true;
      forget(line_.begin());
      first.connection->close();
    }
  }

  const std::size_t limit_;
  std::size_t used_ = 0;
  Line line_;                                            // the longest standing first
  std::unordered_map<const void*, std::size_t> shared_;  // by address: how many answers have them
};

}  // namespace rankloop::http
