#include "storage/postgres/connection_pool.h"

#include <algorithm>
#include <chrono>

namespace rankloop::storage::postgres {
namespace {

constexpr std::chrono::seconds kLongestWait{10};

}  // namespace

ConnectionPool::ConnectionPool(Connector& connector, int connections) : connector_(connector) {
  free_.resize(static_cast<std::size_t>(std::max(connections, 1)));
}

Result<std::unique_ptr<Connection>> ConnectionPool::borrow() {
  std::unique_ptr<Connection> connection;
  {
    std::unique_lock lock(mutex_);
    if (!returned_.wait_for(lock, kLongestWait, [this] { return closed_ || !free_.empty(); })) {
      return Error{ErrorCode::kUnavailable, "All connections to the database are busy"};
    }
    if (closed_) return Error{ErrorCode::kUnavailable, "The store is closed"};
    connection = std::move(free_.back());
    free_.pop_back();
    ++lent_;
  }
  if (connection != nullptr && !connection->was_closed()) return connection;
  Result<std::unique_ptr<Connection>> made = connector_.connect();
  if (!made) give_back(nullptr);
  return made;
}

bool ConnectionPool::reusable(Connection& connection) noexcept {
  try {
    if (!connection.broken() && connection.in_transaction()) connection.run("roll_back");
    return !connection.broken();
  } catch (const DatabaseError&) {
    return false;
  }
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
  if (connection != nullptr && !reusable(*connection)) connection.reset();
  const std::lock_guard lock(mutex_);
  // The next borrower takes the one in use last: those that were never needed are never made.
  if (connection != nullptr) {
    free_.push_back(std::move(connection));
  } else {
    free_.insert(free_.begin(), nullptr);
  }
  --lent_;
  if (closed_) {
    returned_.notify_all();
  } else {
    returned_.notify_one();
  }
}

void ConnectionPool::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  returned_.notify_all();
  returned_.wait(lock, [this] { return lent_ == 0; });
  free_.clear();
}

}  // namespace rankloop::storage::postgres
