// Who asks, as far as bounds go: the address at the other end of a connection, or the one that a proxy of
// ours names.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "error/result.h"
#include "http/message.h"

namespace rankloop::http {

// What is counted together: an IPv4 address, or the first 64 bits of an IPv6 one, which one customer has to
// itself.
std::string peer_name(const boost::asio::ip::address& address);

// Immutable after construction.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  // Addresses ("127.0.0.1", "::1") and networks ("10.0.0.0/8"). kInvalidArgument names the one that is
  // neither.
  static Result<TrustedProxies> make(const std::vector<std::string>& texts);

  bool contains(const boost::asio::ip::address& address) const;
  // The peer that a proxy asks for: the last of X-Forwarded-For that is no proxy itself. Empty when there is
  // none: such a request counts for nobody.
  std::string client_behind(const Request& request) const;

 private:
  struct Network {
    boost::asio::ip::address first;
    int bits = 0;
  };
  std::vector<Network> networks_;
};

}  // namespace rankloop::http
