// What every role of the program has: the store, the use cases, the workers. `rankloop serve` puts a door
// before it, `rankloop worker` only runs tasks, commands use it offline.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "app/learn/history.h"
#include "app/learn/models.h"
#include "app/learn/retraining.h"
#include "app/learn/training.h"
#include "app/serve/catalog.h"
#include "app/serve/content.h"
#include "app/serve/event_counts.h"
#include "app/serve/explanation.h"
#include "app/serve/foreign_results.h"
#include "app/serve/foreign_tasks.h"
#include "app/serve/hint_relay.h"
#include "app/serve/inference.h"
#include "app/serve/item_payloads.h"
#include "app/serve/recent_inferences.h"
#include "app/serve/serving.h"
#include "app/serve/task_watch.h"
#include "app/serve/tasks.h"
#include "app/watch/drift.h"
#include "app/watch/performance.h"
#include "config/settings.h"
#include "queue/queue.h"
#include "server/data_directory.h"
#include "server/first_start.h"
#include "storage/store.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/span_exporter.h"
#include "telemetry/trace.h"
#include "worker/jobs/ask_external.h"
#include "worker/maintainer.h"
#include "worker/pool.h"

namespace rankloop::server {

class Core {
 public:
  Core(const config::Settings& settings, std::shared_ptr<const Domain> domain);
  ~Core() { close(); }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // Opens the store, prepares what a first start needs, builds the use cases. kAborted when `stop` was
  // requested meanwhile; otherwise errors are for people.
  Status open(const PrepareProgress& progress, const std::stop_token& stop);
  // Begins to reach the Python workers that the settings may want; before run_tasks(). kInvalidArgument: they
  // cannot be reached.
  Status open_external();
  // Starts the workers that the settings want and the maintainer.
  void run_tasks();
  // Running tasks end, what was queued is committed, the store is closed. Idempotent.
  void close();

  std::string items_in_words() const;  // "210 locations"
  std::string model_in_words() const;  // "mlp 1", or "random order (no model yet)"
  double seconds() const;              // since it was made

  // Constant after construction.
  const config::Settings settings;
  const std::shared_ptr<const Domain> domain;
  const SystemClock clock;

  // In order of building; destroyed in the opposite order, after close() has ended every thread.
  telemetry::Logger log;
  telemetry::Metrics metrics;
  std::unique_ptr<telemetry::SpanExporter> exporter;  // none without a collector
  std::unique_ptr<telemetry::Tracer> tracer;
  std::unique_ptr<DataDirectory> directory;       // the lock of the embedded store; none of a shared one
  app::ForeignForwarder door;                     // where tasks of other programs come in
  std::unique_ptr<queue::HintQueue> hints;        // ready tasks and changes
  std::unique_ptr<app::HintRelay> relay;          // what the store has done becomes hints
  std::unique_ptr<storage::Store> store;          // the truth
  std::chrono::milliseconds gather{0};            // storage::worth_gathering() of it
  std::unique_ptr<app::Serving> serving;          // catalog and champion in memory
  std::unique_ptr<app::RecentInferences> recent;  // ended tasks in memory
  std::unique_ptr<app::ItemPayloads> payloads;    // item texts in memory
  std::unique_ptr<app::EventCounts> events;       // counted events
  std::unique_ptr<app::TaskWatch> watch;          // who waits for which task
  std::unique_ptr<app::Inference> inference;      // use cases
  std::unique_ptr<app::History> history;
  std::unique_ptr<app::Training> training;
  std::unique_ptr<app::Models> models;
  std::unique_ptr<app::Explanations> explanations;
  std::unique_ptr<app::Drift> drift;
  std::unique_ptr<app::Performance> performance;
  std::unique_ptr<app::Retraining> retraining;
  std::unique_ptr<app::Tasks> tasks;
  std::unique_ptr<app::Catalog> catalog;
  std::unique_ptr<app::Content> content;
  std::unique_ptr<app::ForeignResults> foreign_results;  // of other programs' tasks, with a broker only
  std::unique_ptr<app::ForeignTasks> foreign_tasks;
  std::unique_ptr<worker::AskExternal> external;   // lets Python workers rank; none unless they are to
  std::unique_ptr<worker::Pool> workers;           // run tasks
  std::unique_ptr<worker::Maintainer> maintainer;  // once a second

 private:
  Status open_tracing();
  Status open_store(const PrepareProgress& progress, const std::stop_token& stop, int& domain_version);
  Status open_use_cases(int domain_version);
  void open_to_others();
  void observe();

  const Monotonic started_;
  int domain_version_ = 0;
  bool closed_ = false;
};

// The domain that the settings name. kNotFound, kInvalidArgument.
Result<std::shared_ptr<const Domain>> load_domain(const std::string& file);

}  // namespace rankloop::server
