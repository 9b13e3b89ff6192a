#include "server/worker_process.h"

#include <condition_variable>
#include <mutex>
#include <string_view>

namespace rankloop::server {

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::build(const config::Settings& settings) {
  if (!settings.store.starts_with("postgresql:")) {
    return Error{ErrorCode::kFailedPrecondition,
                 "a separate worker cannot share the embedded SQLite store: its workers run inside 'rankloop "
                 "serve' (--workers N). For workers of their own set store = \"postgresql://...\"."};
  }
  Result<std::shared_ptr<const Domain>> domain = load_domain(settings.domain);
  if (!domain) return domain.error();
  config::Settings of_worker = settings;
  of_worker.empty = true;  // a server prepares a new store
  auto process = std::make_unique<WorkerProcess>(of_worker, *std::move(domain));
  Status opened = process->core_.open([](std::string_view, double, std::string_view) {}, {});
  if (opened) opened = process->core_.open_external();
  if (!opened) return opened.error();
  return process;
}

void WorkerProcess::run(const std::stop_token& stop) {
  core_.run_tasks();
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock{mutex};
  wake.wait(lock, stop, [] { return false; });
  core_.log.info("draining");
  core_.close();
}

}  // namespace rankloop::server
