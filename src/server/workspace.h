// One domain, its store, and all that works on it: the queue of hints, the use cases, the workers. A process
// has one or several; nothing of one is told in the metrics, the log or the hints of another.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "app/serve/foreign_tasks.h"
#include "app/serve/hint_relay.h"
#include "app/use_cases.h"
#include "config/settings.h"
#include "queue/queue.h"
#include "server/data_directory.h"
#include "server/first_start.h"
#include "server/process.h"
#include "storage/store.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "worker/jobs/ask_external.h"
#include "worker/maintainer.h"
#include "worker/pool.h"

namespace rankloop::server {

class Workspace {
 public:
  // `name`: of one among several, in metrics, log and queues; empty where the process has only this one.
  // `settings`: its own store, queue and terms. The process must outlive it.
  Workspace(Process& process, std::string name, const config::Settings& settings,
            std::shared_ptr<const Domain> domain);
  ~Workspace() { close(); }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // Opens the store, prepares what a first start needs, makes the use cases. kAborted when `stop` was
  // requested meanwhile; otherwise errors are for people.
  Status open(const PrepareProgress& progress, const std::stop_token& stop,
              DomainAdoption adoption = DomainAdoption::kNext);
  // Begins to reach the Python workers that the settings may want; before run_tasks(). kInvalidArgument: they
  // cannot be reached.
  Status open_external();
  // Starts the workers that the settings want and the maintainer.
  void run_tasks();
  // Running tasks end, what was queued is committed, the store is closed. Idempotent.
  void close();

  // The lock of the embedded store, from the workspace before it in the same process; before open().
  void take_directory(std::unique_ptr<DataDirectory> directory) { directory_ = std::move(directory); }
  // For the workspace after it; after close().
  std::unique_ptr<DataDirectory> give_directory() { return std::move(directory_); }

  // Once it is open.
  app::UseCases& app() const { return *app_; }
  storage::Store& store() { return *store_; }
  queue::HintQueue& hints() { return *hints_; }
  DataDirectory* directory() { return directory_.get(); }  // none of a shared store
  std::string items_in_words() const;                      // "210 locations"
  std::string model_in_words() const;                      // "mlp 1", or "random order (no model yet)"

  Process& process;
  // Constant after construction.
  const std::string name;
  const config::Settings settings;
  const std::shared_ptr<const Domain> domain;

  telemetry::Logger log;
  telemetry::Metrics metrics;

 private:
  Status open_directory();
  Status open_store(const PrepareProgress& progress, const std::stop_token& stop, DomainAdoption adoption);
  Status open_use_cases();
  telemetry::Readings read() const;

  // In order of building; destroyed in the opposite order, after close() has ended every thread.
  std::unique_ptr<DataDirectory> directory_;  // the lock of the embedded store
  app::ForeignForwarder foreign_;             // where tasks of other programs come in
  std::unique_ptr<queue::HintQueue> hints_;   // ready tasks and changes
  std::unique_ptr<app::HintRelay> relay_;     // what the store has done becomes hints
  std::unique_ptr<storage::Store> store_;     // the truth
  std::unique_ptr<app::UseCases> app_;
  std::unique_ptr<worker::AskExternal> external_;   // lets Python workers rank; none unless they are to
  std::unique_ptr<worker::Pool> workers_;           // run tasks
  std::unique_ptr<worker::Maintainer> maintainer_;  // once a second
  int domain_version_ = 0;
  std::chrono::milliseconds gather_{};
  bool closed_ = false;
};

}  // namespace rankloop::server
