// Checks the URL of a server and takes it apart.
#include "client/server_url.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace rankloop::client {

Result<ServerUrl> parse_server_url(std::string_view url) {
  const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
  if (!parsed || parsed->scheme_id() != boost::urls::scheme::http || parsed->encoded_host().empty() ||
      parsed->has_userinfo() || parsed->has_query() || parsed->has_fragment()) {
    return Error{ErrorCode::kInvalidArgument,
                 "\"" + std::string{url} +
                     "\" is no URL of a server; it must look like http://127.0.0.1:4789 "
                     "(https is not supported: run this next to the server)"};
  }
  ServerUrl server{.host = std::string{parsed->host_address()},
                   .port = parsed->has_port() ? std::string{parsed->port()} : "80",
                   .authority = std::string{parsed->encoded_host_and_port()},
                   .prefix = std::string{parsed->encoded_path()}};
  while (server.prefix.ends_with('/')) server.prefix.pop_back();
  return server;
}

}  // namespace rankloop::client
