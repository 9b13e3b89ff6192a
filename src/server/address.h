// The address a server listens on, as a setting gives it: "127.0.0.1:4789", "[::1]:4789", "localhost:4789".
#pragma once

#include <cstdint>
#include <string>

#include "error/result.h"

namespace rankloop::server {

struct Address {
  std::string host;  // an IP address
  std::uint16_t port = 0;
  bool loopback() const;
  std::string url_host() const;  // in brackets for IPv6
};

// Whether one could listen there now. kUnavailable: the address is taken, or not this machine's.
Status check_free(const Address& address);

// kInvalidArgument names the text and what is allowed.
Result<Address> parse_address(const std::string& text);

}  // namespace rankloop::server
