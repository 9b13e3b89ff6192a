#include "http/site_check.h"

#include <utility>

#include "http/ascii.h"

namespace rankloop::http {

namespace {

// "localhost:80" is "localhost", "[::1]:80" is "[::1]".
std::string_view without_port(std::string_view host) {
  const auto colon = host.rfind(':');
  if (colon == std::string_view::npos) return host;
  const auto bracket = host.rfind(']');
  if (bracket != std::string_view::npos && bracket > colon) return host;
  return host.substr(0, colon);
}

std::string_view without_suffix(std::string_view text, std::string_view suffix) {
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

std::string_view without_brackets(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
  return host;
}

}  // namespace

bool is_local_name(std::string_view host_header, std::string_view listen_host) {
  const std::string_view name = without_brackets(without_port(host_header));
  return equal_ignoring_case(name, "localhost") || name == "127.0.0.1" || name == "::1" ||
         equal_ignoring_case(name, without_brackets(listen_host));
}

bool same_origin(std::string_view origin, std::string_view host_header) {
  for (const auto& [scheme, port] : {std::pair{std::string_view("http://"), std::string_view(":80")},
                                     std::pair{std::string_view("https://"), std::string_view(":443")}}) {
    if (!equal_ignoring_case(origin.substr(0, scheme.size()), scheme)) continue;
    return equal_ignoring_case(without_suffix(origin.substr(scheme.size()), port),
                               without_suffix(host_header, port));
  }
  return false;
}

}  // namespace rankloop::http
