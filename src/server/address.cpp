// Reads an address and says whether it is a loopback one.
#include "server/address.h"

#include <cerrno>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rankloop::server {

bool Address::loopback() const {
  return host.starts_with("127.") || host == "::1";
}

std::string Address::url_host() const {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

Status check_free(const Address& address) {
  sockaddr_storage place{};
  socklen_t size = 0;
  const bool six = address.host.find(':') != std::string::npos;
  if (six) {
    auto& to = reinterpret_cast<sockaddr_in6&>(place);
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(address.port);
    inet_pton(AF_INET6, address.host.c_str(), &to.sin6_addr);
    size = sizeof to;
  } else {
    auto& to = reinterpret_cast<sockaddr_in&>(place);
    to.sin_family = AF_INET;
    to.sin_port = htons(address.port);
    inet_pton(AF_INET, address.host.c_str(), &to.sin_addr);
    size = sizeof to;
  }
  const int probe = ::socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  const bool bound = probe >= 0 && ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
                     ::bind(probe, reinterpret_cast<const sockaddr*>(&place), size) == 0 &&
                     ::listen(probe, 1) == 0;
  const int reason = errno;
  if (probe >= 0) ::close(probe);
  if (bound) return {};
  return Error{ErrorCode::kUnavailable, "cannot listen on " + address.url_host() + ":" +
                                            std::to_string(address.port) + ": " + std::strerror(reason)};
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
  const bool bracketed = address.host.starts_with('[') && address.host.ends_with(']');
  if (bracketed) {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (text.find_first_of("[]") == std::string::npos && address.host.find(':') != std::string::npos) {
    // Nobody can tell where such an address ends and the port begins.
    return Error{ErrorCode::kInvalidArgument,
                 "listen = '" + text +
                     "' has an IPv6 address without brackets; write [ADDRESS]:PORT, "
                     "such as [::1]:4789"};
  } else if (address.host == "localhost") {
    address.host = "127.0.0.1";
  }
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, address.port);
  if (error != std::errc{} || stop != end) return wrong;
  in6_addr bytes;
  if (inet_pton(bracketed ? AF_INET6 : AF_INET, address.host.c_str(), &bytes) != 1) return wrong;
  return address;
}

}  // namespace rankloop::server
