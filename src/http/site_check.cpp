// Compares Host, Origin and Sec-Fetch-Site with what is ours.
#include "http/site_check.h"

#include <algorithm>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "http/ascii.h"

namespace rankloop::http {

namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";

std::string lower(std::string_view text) {
  std::string copy(text);
  for (char& c : copy) c = to_lower(c);
  return copy;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Letters, digits and what RFC 3986 calls unreserved and sub-delimiters. Escapes are none of a name's.
bool in_name(char c) {
  const char small = to_lower(c);
  return is_digit(c) || (small >= 'a' && small <= 'z') ||
         std::string_view("-._~!$&'()*+,;=").find(c) != std::string_view::npos;
}

bool is_address(std::string_view name) {
  boost::system::error_code error;
  boost::asio::ip::make_address(name, error);
  return !error;
}

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

// "https://Rank.example:443" becomes "https://rank.example". Nothing when it is no origin.
std::optional<std::string> origin_of(std::string_view text) {
  for (const auto& [scheme, port] :
       {std::pair{kHttp, std::string_view(":80")}, std::pair{kHttps, std::string_view(":443")}}) {
    if (!equal_ignoring_case(text.substr(0, scheme.size()), scheme)) continue;
    std::string_view place = text.substr(scheme.size());
    if (!host_name(place)) return std::nullopt;
    if (place.ends_with(port)) place.remove_suffix(port.size());
    return std::string(scheme) + lower(place);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> host_name(std::string_view host_header) {
  std::string_view name = host_header;
  std::string_view rest;
  if (name.starts_with('[')) {
    const auto end = name.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    rest = name.substr(end + 1);
    name = name.substr(1, end - 1);
    if (name.find(':') == std::string_view::npos || !is_address(name)) return std::nullopt;
  } else {
    const auto colon = name.find(':');
    rest = colon == std::string_view::npos ? std::string_view() : name.substr(colon);
    name = name.substr(0, colon);
    if (name.empty() || !std::all_of(name.begin(), name.end(), in_name)) return std::nullopt;
  }
  if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
  return name;
}

Result<SiteCheck> SiteCheck::make(const SiteOptions& options) {
  SiteCheck check;
  check.options_ = options;
  check.hosts_ = {"localhost", "127.0.0.1", "::1", lower(options.listen_host)};
  for (const std::string& host : options.allowed_hosts) {
    if (host == "*") {
      check.any_host_ = true;
      continue;
    }
    const auto name = is_address(host) ? std::optional<std::string_view>(host) : host_name(host);
    if (!name) {
      return Error(
          ErrorCode::kInvalidArgument,
          "http.allowed_hosts has '" + host + "'; allowed are names such as rank.example, addresses, and *");
    }
    check.hosts_.push_back(lower(*name));
  }
  std::vector<std::pair<std::string_view, std::string>> origins;
  if (!options.public_url.empty()) origins.emplace_back("http.public_url", options.public_url);
  for (const std::string& origin : options.allowed_origins)
    origins.emplace_back("http.allowed_origins", origin);
  for (auto& [key, text] : origins) {
    if (text.ends_with('/')) text.pop_back();
    const auto origin = origin_of(text);
    if (!origin) {
      return Error(ErrorCode::kInvalidArgument,
                   std::string(key) + " has '" + text +
                       "'; allowed is the address of a site without a path, such as "
                       "https://rank.example");
    }
    if (key == "http.public_url") {
      check.hosts_.emplace_back(*host_name(std::string_view(*origin).substr(origin->find("//") + 2)));
    }
    check.origins_.push_back(*origin);
  }
  return check;
}

bool SiteCheck::takes_host(std::string_view name) const {
  if (any_host_) return true;
  const auto is_name = [name](const std::string& known) { return equal_ignoring_case(name, known); };
  if (std::any_of(hosts_.begin(), hosts_.end(), is_name)) return true;
  if (options_.loopback || !options_.allowed_hosts.empty()) return false;
  return options_.token || is_address(name);
}

bool SiteCheck::is_named_origin(std::string_view origin) const {
  const auto sent = origin_of(origin);
  return sent && std::find(origins_.begin(), origins_.end(), *sent) != origins_.end();
}

bool SiteCheck::takes_origin(std::string_view origin, std::string_view host_header) const {
  const auto sent = origin_of(origin);
  if (!sent) return false;
  // The page came by http or https, whichever a proxy speaks; a page at the same place is ours either way.
  for (const std::string_view scheme : {kHttp, kHttps}) {
    if (origin_of(std::string(scheme) + std::string(host_header)) == sent) return true;
  }
  return is_named_origin(origin);
}

}  // namespace rankloop::http
