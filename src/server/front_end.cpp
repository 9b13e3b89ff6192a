// What doors answer of the system, and a worker's own door.
#include "server/front_end.h"

#include <utility>

#include "http/routes/system.h"
#include "server/options.h"
#include "server/version.h"
#include "telemetry/thread_name.h"

namespace rankloop::server {

Result<Address> listen_address(std::string_view key, const std::string& text,
                               const config::Settings& settings) {
  if (Status tokens = check_tokens(settings); !tokens) return tokens.error();
  Result<Address> address = parse_address(text);
  if (!address || address->loopback() || !settings.auth_token.empty() || settings.insecure) return address;
  return Error{ErrorCode::kInvalidArgument,
               std::string{key} + " = '" + text +
                   "' is reachable from other machines, but nobody has to show a "
                   "token. Set auth.token, listen on 127.0.0.1, or say --insecure."};
}

http::SystemServices system_services(Core& core, http::Server& door) {
  return {.domain = *core.domain,
          .metrics = core.metrics,
          .log = core.log,
          .inbox = door.inbox(),
          .reads = door.pool(),
          .ready = [&core] { return core.store->ping(); },
          .version = version(),
          .revision = revision(),
          .store_kind = std::string{core.store->kind()},
          .queue_kind = std::string{core.hints->kind()}};
}

std::string url_of(const Address& address, const http::Server& door) {
  return "http://" + address.url_host() + ":" + std::to_string(door.port());
}

Result<std::unique_ptr<SystemFrontEnd>> SystemFrontEnd::open(Core& core, const Address& address) {
  auto door =
      http::make_server(http_options(core.settings, address, *core.tracer), core.metrics.http, core.log);
  if (!door) return door.error();
  return std::unique_ptr<SystemFrontEnd>{new SystemFrontEnd{core, address, *std::move(door)}};
}

SystemFrontEnd::SystemFrontEnd(Core& core, const Address& address, std::unique_ptr<http::Server> door)
    : address_(address),
      services_(std::make_unique<http::SystemServices>(system_services(core, *door))),
      door_(std::move(door)) {
  door_->serve(http::system_routes(*services_), nullptr);
  thread_ = std::thread{[this] {
    telemetry::name_this_thread("door");
    door_->run();
  }};
}

SystemFrontEnd::~SystemFrontEnd() {
  door_->stop();
  thread_.join();
}

}  // namespace rankloop::server
