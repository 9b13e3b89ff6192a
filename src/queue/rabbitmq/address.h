// Where a broker is: amqp://user:password@host:port/vhost.
#pragma once

#include <string>
#include <string_view>

#include "error/result.h"

namespace rankloop::queue::rabbitmq {

struct Address {
  std::string host = "localhost";
  int port = 5672;
  std::string user = "guest";
  std::string password = "guest";
  std::string vhost = "/";

  std::string shown() const { return host + ":" + std::to_string(port); }  // for messages
};

// Parts that are missing are RabbitMQ's defaults; "/%2F" and no path are both the vhost "/". kInvalidArgument
// without the password in its message.
Result<Address> parse_address(std::string_view url);

}  // namespace rankloop::queue::rabbitmq
