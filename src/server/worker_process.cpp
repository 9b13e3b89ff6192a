// Builds a worker, runs it until a stop, closes it.
#include "server/worker_process.h"

#include <string_view>

#include "server/domain_source.h"
#include "sync/sleep.h"

namespace rankloop::server {

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::build(const config::Settings& settings) {
  if (!settings.store.starts_with("postgresql:")) {
    return Error{ErrorCode::kFailedPrecondition,
                 "a separate worker cannot share the embedded SQLite store: its workers run inside 'rankloop "
                 "serve' (--workers N). For workers of their own set store = \"postgresql://...\"."};
  }
  std::optional<Address> address;
  if (!settings.worker_listen.empty()) {
    Result<Address> wanted = listen_address("worker_listen", settings.worker_listen, settings);
    if (!wanted) return wanted.error();
    address = *std::move(wanted);
  }
  Result<std::shared_ptr<const Domain>> domain = load_domain(settings);
  if (!domain) return domain.error();
  config::Settings of_worker = settings;
  of_worker.empty = true;  // a server prepares a new store
  auto process = std::make_unique<WorkerProcess>(of_worker, *std::move(domain));
  if (Status opened = process->open(address); !opened) return opened.error();
  return process;
}

Status WorkerProcess::open(const std::optional<Address>& address) {
  Status opened = process_.open();
  if (opened) opened = workspace_.open([](std::string_view, double, std::string_view) {}, {});
  if (opened) opened = workspace_.open_external();
  if (!opened || !address) return opened;
  auto front_end = SystemFrontEnd::open(workspace_, *address);
  if (!front_end) return front_end.error();
  front_end_ = *std::move(front_end);
  process_.log.info("ready", {{"url", front_end_->url()}});
  return {};
}

void WorkerProcess::run(const std::stop_token& stop) {
  workspace_.run_tasks();
  sleep_until_stopped(stop);
  process_.log.info("draining");
  front_end_.reset();  // it asks the store
  workspace_.close();
  process_.close();
}

}  // namespace rankloop::server
