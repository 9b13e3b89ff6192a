// Who may talk to us through a browser: checks of Host, Origin and Sec-Fetch-Site.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "error/result.h"

namespace rankloop::http {

// The name of a Host header without its port ("[::1]:80" is "::1"). Nothing unless it is
// host or host:port as RFC 9110 has it: no user, path or blank is part of it.
std::optional<std::string_view> host_name(std::string_view host_header);

// Where this server may be reached by a browser, as the settings say.
struct SiteOptions {
  std::string listen_host;                   // the address it listens on
  bool loopback = false;                     // that is one of this machine only
  bool token = false;                        // somebody has to show one
  std::string public_url;                    // "https://rank.example"; empty: none
  std::vector<std::string> allowed_hosts;    // names without a port; "*": any
  std::vector<std::string> allowed_origins;  // "https://rank.example"
};

// Immutable after construction.
class SiteCheck {
 public:
  // kInvalidArgument: an address is no http(s):// address of a site, or a host is none; the message begins
  // with the setting's name.
  static Result<SiteCheck> make(const SiteOptions& options);

  // Against DNS rebinding: another site's name that points here is not ours. Always taken are localhost, the
  // address that is listened on, `public_url` and `allowed_hosts`. Beyond them a server that asks for a token
  // takes any name unless `allowed_hosts` are set (a page of another site has no token to show), and one on a
  // public address takes numbers (they need no name that could be pointed elsewhere).
  bool takes_host(std::string_view name) const;

  // True when `origin` ("http://localhost:4789") is the place `host_header` names, `public_url` or an allowed
  // one; "null" never is.
  bool takes_origin(std::string_view origin, std::string_view host_header) const;
  // Whether it is named by the settings: such a page may call from another site.
  bool is_named_origin(std::string_view origin) const;

 private:
  SiteOptions options_;
  std::vector<std::string> hosts_;    // lower case
  std::vector<std::string> origins_;  // lower case, without the scheme's own port
  bool any_host_ = false;
};

}  // namespace rankloop::http
