// Reads the URL of a broker.
#include "queue/rabbitmq/address.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

#include "telemetry/log.h"

namespace rankloop::queue::rabbitmq {

Result<Address> parse_address(std::string_view url) {
  const auto refused = [&] {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format(
            "{} is no address of a queue; allowed are memory: and amqp://user:password@host:port/vhost",
            telemetry::redact(url))};
  };
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme() != "amqp" || parsed->host().empty() || parsed->has_query())
    return refused();
  Address address;
  address.host = parsed->host_address();
  if (parsed->has_port()) address.port = parsed->port_number();
  if (address.port == 0) return refused();
  if (parsed->has_userinfo()) {
    address.user = parsed->user();
    address.password = parsed->password();
  }
  if (const std::string path = parsed->path(); path.size() > 1) address.vhost = path.substr(1);
  return address;
}

}  // namespace rankloop::queue::rabbitmq
