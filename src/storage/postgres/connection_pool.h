// A few connections, lent to one thread at a time.
//
// Thread-safe. A connection that broke is replaced at its next use, or by mend(). While the server has no
// room for another one, those that are there serve everyone.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "error/caught.h"
#include "error/result.h"
#include "storage/postgres/connector.h"
#include "sync/mutex.h"

namespace rankloop::storage::postgres {

class ConnectionPool {
 public:
  // `connector` must outlive the pool.
  ConnectionPool(Connector& connector, int connections);

  // Calls `use` with a connection outside of any transaction. kUnavailable: closed, no connection became free
  // in time, or the database cannot be reached; a DatabaseError comes back as its Error.
  template <class T, class Use>
  Result<T> with(const Use& use) {
    Result<std::unique_ptr<Connection>> lent = borrow();
    if (!lent) return lent.error();
    Result<T> result = used<T>(*lent, use);
    give_back(*std::move(lent));
    return result;
  }
  // Makes those that are missing, as far as the server lets it.
  void mend();
  // Waits for the connections that are lent out and closes all.
  void close();

 private:
  template <class T, class Use>
  static Result<T> used(std::unique_ptr<Connection>& connection, const Use& use) {
    try {
      return use(*connection);
    } catch (const DatabaseError& error) {
      return error.to_error();
    } catch (...) {
      Error error = caught();
      connection.reset();  // what is still to come over it is unknown
      return error;
    }
  }
  using Time = std::chrono::steady_clock;

  Result<std::unique_ptr<Connection>> borrow();
  Result<std::unique_ptr<Connection>> take(Time::time_point until);
  bool wait_for_a_made_one(Time::time_point until);
  bool has_made_one() const REQUIRES(mutex_) { return !free_.empty() && free_.back() != nullptr; }
  bool take_missing();
  void give_back(std::unique_ptr<Connection> connection);
  static bool reusable(Connection& connection) noexcept;

  Connector& connector_;
  Mutex mutex_;
  Condition returned_;
  // A null stands for one that is still to be made.
  std::vector<std::unique_ptr<Connection>> free_ GUARDED_BY(mutex_);
  std::size_t lent_ GUARDED_BY(mutex_) = 0;
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace rankloop::storage::postgres
