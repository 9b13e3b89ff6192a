#include "server/address.h"

#include <charconv>

#include <arpa/inet.h>

namespace rankloop::server {

bool Address::loopback() const {
  return host.starts_with("127.") || host == "::1";
}

std::string Address::url_host() const {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

Result<Address> parse_address(const std::string& text) {
  const Error wrong{ErrorCode::kInvalidArgument,
                    "listen = '" + text +
                        "' is no address; allowed are IP:PORT such as 127.0.0.1:4789 or "
                        "[::1]:4789, and localhost:PORT"};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return wrong;
  Address address;
  address.host = text.substr(0, colon);
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.host == "localhost") address.host = "127.0.0.1";
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (error != std::errc{} || stop != end) return wrong;
  in6_addr bytes;
  const int family = address.host.find(':') == std::string::npos ? AF_INET : AF_INET6;
  if (inet_pton(family, address.host.c_str(), &bytes) != 1) return wrong;
  return address;
}

}  // namespace rankloop::server
