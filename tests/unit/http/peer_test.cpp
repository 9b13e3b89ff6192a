// Who asks, by the address of the connection or as a proxy tells it.
#include "http/peer.h"

#include <string>

#include <gtest/gtest.h>

namespace rankloop::http {
namespace {

std::string name(const char* address) {
  return peer_name(boost::asio::ip::make_address(address));
}

std::string behind(const TrustedProxies& proxies, std::string_view forwarded) {
  Request request;
  request.headers = {{"x-forwarded-for", forwarded}};
  return proxies.client_behind(request);
}

TEST(Peer, IsAnAddressOrTheNetworkOfACustomer) {
  EXPECT_EQ(name("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(name("::ffff:203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(name("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(name("2001:db8:1:2::9"), name("2001:db8:1:2:ffff::"));
}

TEST(TrustedProxies, AreAddressesAndNetworks) {
  const auto proxies = TrustedProxies::make({"127.0.0.1", "10.32.0.0/11", "2001:db8::/33", "0.0.0.0/0"});
  ASSERT_TRUE(proxies);
  const auto some = TrustedProxies::make({"127.0.0.1", "10.32.0.0/11", "2001:db8::/33"});
  const auto trusts = [&](const char* text) { return some->contains(boost::asio::ip::make_address(text)); };
  EXPECT_TRUE(trusts("127.0.0.1"));
  EXPECT_TRUE(trusts("::ffff:127.0.0.1"));
  EXPECT_FALSE(trusts("127.0.0.2"));
  EXPECT_TRUE(trusts("10.63.255.255"));
  EXPECT_FALSE(trusts("10.64.0.0"));
  EXPECT_TRUE(trusts("2001:db8:7fff::1"));
  EXPECT_FALSE(trusts("2001:db8:8000::1"));
  EXPECT_FALSE(TrustedProxies().contains(boost::asio::ip::make_address("127.0.0.1")));
  for (const char* wrong : {"proxy.example", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::1/129", "/8"}) {
    const auto refused = TrustedProxies::make({wrong});
    ASSERT_FALSE(refused) << wrong;
    EXPECT_TRUE(refused.error().message.starts_with("http.trusted_proxies has '" + std::string(wrong)))
        << wrong;
  }
}

TEST(TrustedProxies, NameTheLastWhoIsNoProxy) {
  const auto proxies = TrustedProxies::make({"10.0.0.0/8"});
  EXPECT_EQ(behind(*proxies, "203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(behind(*proxies, "198.51.100.1, 203.0.113.7 ,10.1.1.1"), "203.0.113.7");
  EXPECT_EQ(behind(*proxies, "203.0.113.7:4711"), "203.0.113.7");
  EXPECT_EQ(behind(*proxies, "[2001:db8::1]:4711"), "2001:db8::/64");
  EXPECT_EQ(behind(*proxies, "2001:db8::1"), "2001:db8::/64");
  for (const char* none : {"", "10.1.1.1", "unknown", "203.0.113.7, unknown", "[", "_hidden, 10.1.1.1"}) {
    EXPECT_EQ(behind(*proxies, none), "") << none;
  }
}

}  // namespace
}  // namespace rankloop::http
