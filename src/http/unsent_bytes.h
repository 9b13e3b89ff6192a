// The bytes of answers that clients have not taken yet, all connections together. Where one more does not
// fit, the answers that have stood longest are given up.
#pragma once

#include <cstddef>
#include <list>
#include <utility>

#include "http/connections.h"

namespace rankloop::http {

// I/O thread only. Outlives its holdings.
class UnsentBytes {
 public:
  explicit UnsentBytes(std::size_t limit) : limit_(limit) {}

  // A place for one answer; give it up by destroying it.
  class Holding {
   public:
    Holding(UnsentBytes& owner, Connection& connection, std::size_t bytes) : owner_(owner) {
      owner_.make_room(bytes);
      owner_.used_ += bytes;
      place_ = owner_.line_.insert(owner_.line_.end(), {this, &connection, bytes});
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
    };
    UnsentBytes& owner_;
    std::list<Entry>::iterator place_;
    bool given_up_ = false;
  };

 private:
  using Line = std::list<Holding::Entry>;

  void forget(Line::iterator place) {
    used_ -= place->bytes;
    line_.erase(place);
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
  Line line_;  // the longest standing first
};

}  // namespace rankloop::http
