// The open connections: how many there may be, in all and of one peer, and who gives way when there is no
// room. A connection is idle until the head of its next request is there; the longest idle one is closed
// first.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>

namespace rankloop::http {

// What is counted. Its owner calls Connections::leave() before it ends.
class Connection {
 public:
  virtual ~Connection() = default;
  // Ends it soon, without an answer.
  virtual void close() = 0;

 private:
  friend class Connections;
  using Line = std::list<Connection*>;
  Line* line_ = nullptr;  // in which it stands idle, or limited
  Line::iterator place_;
  Line* peer_line_ = nullptr;
  Line::iterator peer_place_;
  std::string peer_;  // empty: counted for nobody
  bool counted_ = false;
};

// I/O thread only.
class Connections {
 public:
  // How one is let in.
  enum class Entry {
    kFull,     // as any other
    kLimited,  // there is no room and nobody idle: only what must always be answered may be asked, once
  };

  Connections(std::size_t most, std::size_t most_of_peer) : most_(most), most_of_peer_(most_of_peer) {}

  // `peer`: empty for one that is counted for nobody. The new one is idle.
  Entry enter(Connection& connection, const std::string& peer);
  void becomes_idle(Connection& connection);
  void becomes_busy(Connection& connection);
  void leave(Connection& connection);
  // Closes the longest idle one; false when none is.
  bool close_longest_idle();
  std::size_t count() const { return count_; }

 private:
  struct Peer {
    std::size_t count = 0;
    Connection::Line idle;
  };

  void close_first(Connection::Line& line);
  void step_out(Connection& connection);

  const std::size_t most_;
  const std::size_t most_of_peer_;
  std::size_t count_ = 0;
  Connection::Line idle_;  // the longest idle first
  Connection::Line limited_;
  std::map<std::string, Peer> peers_;  // a tree: peers choose their addresses
};

}  // namespace rankloop::http
