// A connection that hears what other processes say, on a thread of its own. It is made again whenever it is
// lost, and while the server answers nobody, everyone is told so through the connector.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "storage/postgres/connector.h"

namespace rankloop::storage::postgres {

class Listening {
 public:
  // All are called on the listening thread and may throw DatabaseError, which costs the connection.
  struct Callbacks {
    std::function<void(bool again)> connected;  // again: hints may have been missed
    std::function<void(const std::string& payload)> heard;
    std::function<void(Connection&)> look;  // about once a second
  };

  // `first` listens before this returns, so that nothing said from then on is missed; throws DatabaseError.
  // `connector` must outlive it.
  Listening(Connector& connector, std::unique_ptr<Connection> first, Callbacks callbacks);
  ~Listening();
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

 private:
  void run(std::unique_ptr<Connection> first);
  void listen(Connection& connection, bool again);
  // False when it is time to stop.
  bool wait(int socket, std::chrono::milliseconds at_most) const;

  Connector& connector_;
  const Callbacks callbacks_;
  const int stop_;  // an eventfd, readable from the moment on that the thread shall end
  std::thread thread_;
};

}  // namespace rankloop::storage::postgres
