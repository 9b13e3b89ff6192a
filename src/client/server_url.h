// Where a server is, as people write it.
#pragma once

#include <string>
#include <string_view>

#include "error/result.h"

namespace rankloop::client {

struct ServerUrl {
  std::string host;  // a name or a number, without brackets
  std::string port;
  std::string authority;  // as the Host header has it: "127.0.0.1:4789"
  std::string prefix;     // what stands before every path, without a slash at its end; often empty

  std::string text() const { return "http://" + authority + prefix; }
};

// kInvalidArgument: not an http:// URL, or one with a query, fragment or user.
Result<ServerUrl> parse_server_url(std::string_view url);

}  // namespace rankloop::client
