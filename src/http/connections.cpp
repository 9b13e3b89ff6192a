// The list of open connections and who is closed for a newcomer.
#include "http/connections.h"

#include <iterator>

namespace rankloop::http {

namespace {
constexpr std::size_t kMostLimited = 64;
}

Connections::Entry Connections::enter(Connection& connection, const std::string& peer) {
  // Whoever has used up its own bound makes room among its own.
  if (const auto known = peers_.find(peer); known != peers_.end() && known->second.count >= most_of_peer_) {
    close_first(known->second.idle);
  }
  const auto known = peers_.find(peer);
  const bool peer_full = known != peers_.end() && known->second.count >= most_of_peer_;
  if (!peer_full && count_ >= most_) close_longest_idle();
  if (peer_full || count_ >= most_) {
    if (limited_.size() >= kMostLimited) close_first(limited_);
    connection.line_ = &limited_;
    connection.place_ = limited_.insert(limited_.end(), &connection);
    return Entry::kLimited;
  }
  ++count_;
  connection.counted_ = true;
  connection.peer_ = peer;
  if (!peer.empty()) ++peers_[peer].count;
  becomes_idle(connection);
  return Entry::kFull;
}

void Connections::becomes_idle(Connection& connection) {
  if (!connection.counted_) return;
  step_out(connection);
  connection.line_ = &idle_;
  connection.place_ = idle_.insert(idle_.end(), &connection);
  if (connection.peer_.empty()) return;
  connection.peer_line_ = &peers_[connection.peer_].idle;
  connection.peer_place_ = connection.peer_line_->insert(connection.peer_line_->end(), &connection);
}

void Connections::becomes_busy(Connection& connection) {
  if (connection.counted_) step_out(connection);
}

void Connections::step_out(Connection& connection) {
  if (connection.line_ != nullptr) connection.line_->erase(connection.place_);
  if (connection.peer_line_ != nullptr) connection.peer_line_->erase(connection.peer_place_);
  connection.line_ = nullptr;
  connection.peer_line_ = nullptr;
}

void Connections::leave(Connection& connection) {
  step_out(connection);
  if (!connection.counted_) return;
  connection.counted_ = false;
  --count_;
  const auto peer = peers_.find(connection.peer_);
  if (peer != peers_.end() && --peer->second.count == 0) peers_.erase(peer);
}

bool Connections::close_longest_idle() {
  if (idle_.empty()) return false;
  close_first(idle_);
  return true;
}

// It counts no longer from now on, although its coroutine ends a little later.
void Connections::close_first(Connection::Line& line) {
  if (line.empty()) return;
  Connection& first = *line.front();
  leave(first);
  first.close();
}

}  // namespace rankloop::http
