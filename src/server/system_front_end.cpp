// What front ends answer of the system, and a worker's own.
#include "server/system_front_end.h"

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

http::SystemServices system_services(Workspace& workspace, http::Server& server) {
  return {.domain = *workspace.domain,
          .metrics = workspace.metrics,
          .log = workspace.log,
          .reads = server.pool(),
          .ready = [&workspace] { return workspace.store().ping(); },
          .version = version(),
          .revision = revision(),
          .store_kind = std::string{workspace.store().kind()},
          .queue_kind = std::string{workspace.hints().kind()}};
}

std::string url_of(const Address& address, const http::Server& server) {
  return "http://" + address.url_host() + ":" + std::to_string(server.port());
}

Result<std::unique_ptr<SystemFrontEnd>> SystemFrontEnd::open(Workspace& workspace, const Address& address) {
  const http::ServerOptions options = http_options(workspace.settings, address, workspace.process.tracer());
  auto server = http::make_server(options, workspace.metrics.http, workspace.log);
  if (!server) return server.error();
  return std::unique_ptr<SystemFrontEnd>{new SystemFrontEnd{workspace, address, *std::move(server)}};
}

SystemFrontEnd::SystemFrontEnd(Workspace& workspace, const Address& address,
                               std::unique_ptr<http::Server> server)
    : address_(address),
      services_(std::make_unique<http::SystemServices>(system_services(workspace, *server))),
      server_(std::move(server)) {
  server_->serve(http::system_routes(*services_), nullptr);
  thread_ = std::thread{[this] {
    telemetry::name_this_thread("front end");
    server_->run();
  }};
}

SystemFrontEnd::~SystemFrontEnd() {
  server_->stop();
  thread_.join();
}

}  // namespace rankloop::server
