// A real RabbitMQ on loopback for tests: node name, ports, folder, cookie and epmd of its own.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "support/temporary_folder.h"

namespace rankloop::testing {

class RabbitMqServer {
 public:
  RabbitMqServer();
  ~RabbitMqServer();
  RabbitMqServer(const RabbitMqServer&) = delete;
  RabbitMqServer& operator=(const RabbitMqServer&) = delete;

  // The one of this test program, started at first use and stopped at the end.
  static RabbitMqServer& shared();

  // "amqp://guest:guest@127.0.0.1:port".
  std::string url() const;
  int port() const { return port_; }
  // Begins and waits until it takes connections; throws with the log's end when it does not within two
  // minutes.
  void start();
  // As a power cut would.
  void kill();
  // Closes every connection from the broker's side.
  void close_connections();

 private:
  pid_t spawn(const std::vector<std::string>& command, const std::string& log) const;
  bool answers() const;
  std::vector<std::string> environment() const;
  std::string log_end() const;

  TemporaryFolder folder_;
  int port_;
  int distribution_port_;
  int epmd_port_;
  pid_t epmd_ = -1;
  pid_t server_ = -1;
};

}  // namespace rankloop::testing
