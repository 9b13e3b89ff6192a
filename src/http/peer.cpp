// Reads X-Forwarded-For where a proxy of ours sent it.
#include "http/peer.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "http/ascii.h"

namespace rankloop::http {

namespace asio = boost::asio;

namespace {

constexpr int kCustomerBits = 64;

// An IPv4 address that came by an IPv6 socket is that IPv4 address.
asio::ip::address plain(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

// The bytes of an address of either kind.
std::vector<unsigned char> bytes_of(const asio::ip::address& address) {
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  const auto bytes = address.to_v6().to_bytes();
  return {bytes.begin(), bytes.end()};
}

bool begins_alike(const asio::ip::address& left, const asio::ip::address& right, int bits) {
  if (left.is_v4() != right.is_v4()) return false;
  const auto a = bytes_of(left);
  const auto b = bytes_of(right);
  for (std::size_t i = 0; bits > 0; ++i, bits -= 8) {
    const int shift = std::max(0, 8 - bits);
    if (a[i] >> shift != b[i] >> shift) return false;
  }
  return true;
}

// As proxies write them: "203.0.113.7", "203.0.113.7:4711", "[2001:db8::1]:4711".
std::optional<asio::ip::address> forwarded_address(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[')) {
    text = text.substr(1, std::min(text.find(']'), text.size()) - 1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  boost::system::error_code error;
  const auto address = asio::ip::make_address(text, error);
  if (error) return std::nullopt;
  return plain(address);
}

}  // namespace

std::string peer_name(const asio::ip::address& address) {
  const asio::ip::address known = plain(address);
  if (known.is_v4()) return known.to_string();
  auto bytes = known.to_v6().to_bytes();
  std::fill(bytes.begin() + kCustomerBits / 8, bytes.end(), static_cast<unsigned char>(0));
  return asio::ip::address_v6(bytes).to_string() + "/64";
}

Result<TrustedProxies> TrustedProxies::make(const std::vector<std::string>& texts) {
  TrustedProxies proxies;
  for (const std::string& text : texts) {
    const std::string_view all = text;
    const auto slash = all.find('/');
    boost::system::error_code error;
    const auto first = asio::ip::make_address(all.substr(0, slash), error);
    const int most = !error && first.is_v4() ? 32 : 128;
    int bits = most;
    if (!error && slash != std::string_view::npos) {
      const std::string_view number = all.substr(slash + 1);
      const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), bits);
      if (fault != std::errc{} || end != number.data() + number.size()) bits = -1;
    }
    if (error || bits < 0 || bits > most) {
      return Error(ErrorCode::kInvalidArgument,
                   "http.trusted_proxies has '" + text +
                       "'; allowed are addresses such as 127.0.0.1 and networks such as "
                       "10.0.0.0/8");
    }
    proxies.networks_.push_back({first, bits});
  }
  return proxies;
}

bool TrustedProxies::contains(const asio::ip::address& address) const {
  const asio::ip::address known = plain(address);
  return std::any_of(networks_.begin(), networks_.end(), [&known](const Network& network) {
    return begins_alike(known, network.first, network.bits);
  });
}

std::string TrustedProxies::client_behind(const Request& request) const {
  // Each proxy adds the one it was asked by at the end, so what a client has written itself stands before.
  for (auto field = request.headers.rbegin(); field != request.headers.rend(); ++field) {
    if (!equal_ignoring_case(field->first, "X-Forwarded-For")) continue;
    std::string_view rest = field->second;
    while (!rest.empty()) {
      const auto comma = rest.rfind(',');
      const std::string_view last = comma == std::string_view::npos ? rest : rest.substr(comma + 1);
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
      const auto address = forwarded_address(last);
      if (!address) return {};
      if (!contains(*address)) return peer_name(*address);
    }
  }
  return {};
}

}  // namespace rankloop::http
