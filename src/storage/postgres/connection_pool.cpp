// Lends connections and makes those that are missing.
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
  const Time::time_point until = Time::now() + kLongestWait;
  for (;;) {
    Result<std::unique_ptr<Connection>> taken = take(until);
    if (!taken || (*taken != nullptr && !(*taken)->was_closed())) return taken;
    Result<std::unique_ptr<Connection>> made = connector_.connect();
    if (made) return made;
    give_back(nullptr);
    if (!wait_for_a_made_one(until)) return made;
  }
}

// Null where it is still to be made: of those that are free, one that is made goes first.
Result<std::unique_ptr<Connection>> ConnectionPool::take(Time::time_point until) {
  Lock lock(mutex_);
  if (!returned_.wait_until(lock, until, [this]() REQUIRES(mutex_) { return closed_ || !free_.empty(); })) {
    return Error{ErrorCode::kUnavailable, "All connections to the database are busy"};
  }
  if (closed_) return Error{ErrorCode::kUnavailable, "The store is closed"};
  std::unique_ptr<Connection> connection = std::move(free_.back());
  free_.pop_back();
  ++lent_;
  return connection;
}

// False when there is none to wait for.
bool ConnectionPool::wait_for_a_made_one(Time::time_point until) {
  Lock lock(mutex_);
  returned_.wait_until(lock, until,
                       [this]() REQUIRES(mutex_) { return closed_ || lent_ == 0 || has_made_one(); });
  return !closed_ && has_made_one();
}

// Whether there was one to take, which is lent to the caller from now on.
bool ConnectionPool::take_missing() {
  const Lock lock(mutex_);
  const auto missing = std::ranges::find_if(
      free_, [](const auto& connection) { return connection == nullptr || connection->was_closed(); });
  if (closed_ || missing == free_.end()) return false;
  free_.erase(missing);
  ++lent_;
  return true;
}

void ConnectionPool::mend() {
  while (take_missing()) {
    Result<std::unique_ptr<Connection>> made = connector_.connect();
    const bool is_there = made.ok();
    give_back(is_there ? *std::move(made) : nullptr);
    if (!is_there) return;
  }
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
  const Lock lock(mutex_);
  // The next borrower takes the one in use last: those that were never needed are never made.
  if (connection != nullptr) {
    free_.push_back(std::move(connection));
  } else {
    free_.insert(free_.begin(), nullptr);
  }
  --lent_;
  returned_.notify_all();  // some wait for any, some for one that is made
}

void ConnectionPool::close() {
  Lock lock(mutex_);
  closed_ = true;
  returned_.notify_all();
  returned_.wait(lock, [this]() REQUIRES(mutex_) { return lent_ == 0; });
  free_.clear();
}

}  // namespace rankloop::storage::postgres
