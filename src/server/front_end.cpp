// Opens a server over a workspace, and lets it end in good order.
#include "server/front_end.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "http/route_table.h"
#include "http/routes/inference.h"
#include "http/thread_pool.h"
#include "server/open_files.h"
#include "server/options.h"
#include "server/settings_json.h"
#include "server/system_front_end.h"

namespace rankloop::server {
namespace {

// Why no guests are simulated on a server; empty: they may come.
std::string refusal_of_guests(const Workspace& workspace) {
  if (!workspace.settings.demo) {
    return "This server does not run in demo mode; start it with: rankloop serve --demo";
  }
  return workspace.domain->built_in ? "" : "Guests can be simulated for the built-in places to stay only";
}

}  // namespace

Result<std::unique_ptr<FrontEnd>> FrontEnd::open(Workspace& workspace, const Address& address,
                                                 Succession succession) {
  http::ListeningSocket listening = std::move(succession.listening);
  std::unique_ptr<FrontEnd> made{new FrontEnd{workspace, address, std::move(succession)}};
  if (Status status = made->listen(std::move(listening)); !status) return status.error();
  made->open_services();
  return made;
}

Status FrontEnd::listen(http::ListeningSocket listening) {
  http::ServerOptions options = http_options(workspace_.settings, address_, workspace_.process.tracer());
  const std::size_t files = raise_open_files();
  if (const std::size_t most = connections_within(files); most < options.max_connections) {
    workspace_.log.warning("fewer connections than http.max_connections",
                           {{"connections", std::to_string(most)}, {"open_files", std::to_string(files)}});
    options.max_connections = most;
  }
  auto server = http::make_server(options, workspace_.metrics.http, workspace_.log, std::move(listening));
  if (!server) return server.error();
  server_ = *std::move(server);
  return {};
}

void FrontEnd::open_services() {
  const config::Settings& settings = workspace_.settings;
  waits_ = std::make_unique<http::Waits>();
  lists_ = std::make_unique<http::ThreadPool>("lists", 1, 64);
  catalog_changes_ = std::make_unique<http::ThreadPool>("catalog", 1, 64);
  history_imports_ = std::make_unique<http::ThreadPool>("history", 1, 16);
  searches_ = std::make_unique<http::ThreadPool>("search", 1, 32);
  guests_ = std::make_unique<SimulatedGuests>(refusal_of_guests(workspace_), url(), settings.auth_token);
  services_ = std::make_unique<http::Services>(http::Services{
      .system = system_services(workspace_, *server_),
      .domain = *workspace_.domain,
      .app = workspace_.app(),
      .guests = *guests_,
      .waits = *waits_,
      .reads = server_->pool(),
      .lists = *lists_,
      .catalog_changes = *catalog_changes_,
      .history_imports = *history_imports_,
      .ending = ending_.get_token(),
      .searches = *searches_,
      .settings = settings_json(settings),
      .max_artefact = settings.models_max_artefact.count,
      .max_import = settings.http_max_import.count,
      .best = static_cast<int>(settings.ranking_best),
      .domain_control = domain_changes_,
  });
  services_->system.ready = [this, ready = std::move(services_->system.ready)]() -> Status {
    if (leaving_.load()) return Error{ErrorCode::kUnavailable, "the server is stopping"};
    return ready();
  };
  idempotency_ = std::make_unique<http::Idempotency>(
      workspace_.app().kept_answers, workspace_.process.clock, server_->pool(),
      [this](const TaskId& task) { return http::answer_task_status(*services_, task); });
  server_->serve(http::route_table(*services_, !settings.auth_token.empty()), idempotency_.get());
}

std::string FrontEnd::url() const {
  return url_of(address_, *server_);
}

void FrontEnd::drain() {
  const config::Settings& settings = workspace_.settings;
  const Monotonic end = workspace_.process.clock.monotonic() + settings.shutdown_grace;
  leaving_.store(true);
  std::this_thread::sleep_for(std::min(settings.shutdown_lead, settings.shutdown_grace));
  guests_->close();  // while the server still answers them
  server_->drain();
  end_requests(end);
}

void FrontEnd::hand_over() {
  const Monotonic end = workspace_.process.clock.monotonic() + workspace_.settings.shutdown_grace;
  guests_->close();
  server_->hand_over();
  end_requests(end);
}

void FrontEnd::end_requests(Monotonic end) {
  const Clock& clock = workspace_.process.clock;
  http::inbox_of(server_->executor()).post([this] { waits_->release(); });
  // A proxy may be about to use a connection that it has kept open: it gets its answer, and is told to close
  // it.
  const Monotonic lingered = clock.monotonic() + workspace_.settings.shutdown_linger;
  constexpr std::chrono::milliseconds kLook{5};
  for (Monotonic now = clock.monotonic(); now < end; now = clock.monotonic()) {
    if (server_->idle() && (server_->connections() == 0 || now >= lingered)) break;
    std::this_thread::sleep_for(kLook);
  }
  ending_.request_stop();
  server_->stop();
}

void FrontEnd::close() {
  if (guests_) guests_->close();
  ending_.request_stop();
  catalog_changes_.reset();
  lists_.reset();
  history_imports_.reset();
  searches_.reset();
}

}  // namespace rankloop::server
