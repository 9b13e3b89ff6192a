// A small HTTP/1.1 server on a free loopback port, for tests of clients: every request goes to one function.
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "sync/mutex.h"

namespace rankloop::testing {

struct LoopbackRequest {
  std::string method;
  std::string target;
  std::string head;  // request line and header lines
  std::string body;
};

struct LoopbackAnswer {
  int status = 200;
  std::string body;
  std::string headers;  // complete lines, each with its CRLF
  bool close = false;   // after the answer; with status 0: instead of it
};

// The handler runs on a thread per connection, one at a time (under a lock). The destructor ends every
// connection.
class LoopbackServer {
 public:
  using Handler = std::function<LoopbackAnswer(const LoopbackRequest&)>;

  explicit LoopbackServer(Handler handler);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::string url() const;
  std::size_t connections() const;  // accepted so far

 private:
  void accept_connections();
  void serve(int fd);

  const Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  Mutex handling_;
  mutable Mutex mutex_;
  std::vector<int> sockets_;          // guarded by mutex_; closed by the destructor
  std::vector<std::thread> threads_;  // guarded by mutex_
  std::thread accepting_;
};

}  // namespace rankloop::testing
