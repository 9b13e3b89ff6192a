#include "server/application.h"

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "app/hint_relay.h"
#include "app/retraining.h"
#include "http/idempotency.h"
#include "http/route_table.h"
#include "http/routes/inference.h"
#include "http/server.h"
#include "http/thread_pool.h"
#include "server/address.h"
#include "server/data_directory.h"
#include "server/version.h"
#include "telemetry/thread_name.h"
#include "worker/maintainer.h"
#include "worker/pool.h"

namespace rankloop::server {
namespace {

using std::chrono::milliseconds;

telemetry::LogLevel log_level(const std::string& name) {
  if (name == "debug") return telemetry::LogLevel::kDebug;
  if (name == "warning") return telemetry::LogLevel::kWarning;
  if (name == "error") return telemetry::LogLevel::kError;
  if (name == "off") return telemetry::LogLevel::kOff;
  return telemetry::LogLevel::kInfo;
}

storage::StoreOptions store_options(const config::Settings& settings, telemetry::Metrics& metrics) {
  storage::StoreOptions options;
  options.max_waiting_tasks = static_cast<std::size_t>(settings.tasks_max_waiting);
  options.max_attempts = static_cast<int>(settings.tasks_max_attempts);
  options.lease = settings.tasks_lease;
  options.cache_bytes = settings.memory_store_cache.count;
  options.metrics = &metrics.storage;
  options.task_metrics = &metrics.tasks;
  return options;
}

app::InferenceOptions inference_options(const config::Settings& settings) {
  return {.best = static_cast<int>(settings.ranking_best), .explore = settings.exploration_share};
}

Result<app::TrainingOptions> training_options(const config::Settings& settings) {
  const Result<ml::MetricName> metric = ml::parse_metric(settings.gate_metric);
  if (!metric) return metric.error();
  app::TrainingOptions options;
  options.family = settings.training_family;
  options.objective =
      settings.training_objective == "listwise" ? ml::Objective::kListwise : ml::Objective::kLogistic;
  options.minimum = settings.training_minimum;
  options.dataset.window = settings.training_window;
  options.dataset.test_share = settings.training_test_share;
  options.promote = settings.training_promote == "auto";
  options.weigh_by_examination = settings.training_position_bias == "estimate";
  options.threads = static_cast<int>(settings.training_threads);
  options.item_halves_memory = settings.memory_item_halves.count;
  options.gate.metric = *metric;
  options.gate.margin = settings.gate_margin;
  options.gate.min_requests = static_cast<std::size_t>(settings.gate_min_requests);
  options.gate.most_latency_ratio = settings.gate_max_latency_ratio;
  options.gate.most_calibration_error = settings.gate_max_calibration_error;
  options.gate.least_catalog_share = settings.gate_min_catalog_share;
  return options;
}

app::RetrainingOptions retraining_options(const config::Settings& settings) {
  return {.every = settings.training_every,
          .interval = settings.training_interval,
          .drift = settings.training_drift,
          .minimum = settings.training_minimum};
}

http::ServerOptions http_options(const config::Settings& settings, const Address& address) {
  http::ServerOptions options;
  options.host = address.host;
  options.port = address.port;
  options.token = settings.auth_token;
  options.max_connections = static_cast<std::size_t>(settings.http_max_connections);
  options.max_waiting = static_cast<std::size_t>(settings.http_max_waiting);
  options.max_body = settings.http_max_body.count;
  options.max_buffered = std::max(settings.http_max_import.count * 2, options.max_buffered);
  options.read_timeout = settings.http_read_timeout;
  options.idle_timeout = settings.http_idle_timeout;
  return options;
}

class EmbeddedApplication final : public Application, public OfflineApplication {
 public:
  EmbeddedApplication(const config::Settings& settings, std::shared_ptr<const Domain> domain, Address address)
      : settings_(settings),
        domain_(std::move(domain)),
        address_(std::move(address)),
        started_(clock_.monotonic()),
        log_(log_level(settings.log_level),
             settings.log_format == "json" ? telemetry::LogFormat::kJson : telemetry::LogFormat::kText) {}

  ~EmbeddedApplication() override { close(); }

  Status open(const PrepareProgress& progress, const std::stop_token& stop);
  // The store and the use cases without a door: for commands that change something offline.
  Status open_offline();
  const Domain& domain() const override { return *domain_; }
  storage::Store& store() override { return *store_; }
  app::Catalog& catalog() override { return *catalog_; }
  app::History& history() override { return *history_; }
  app::Models& models() override { return *models_; }
  ReadyInfo ready_info() const override;
  void run() override;
  void stop() override;

 private:
  Status open_store(const PrepareProgress& progress, const std::stop_token& stop);
  Status open_use_cases(int domain_version);
  Status open_http();
  void observe();
  void drain();
  void close();

  // Constant after construction.
  const config::Settings settings_;
  const std::shared_ptr<const Domain> domain_;
  const Address address_;
  const SystemClock clock_;
  const Monotonic started_;

  // In order of building; destroyed in the opposite order, after close() has ended every thread.
  telemetry::Logger log_;
  telemetry::Metrics metrics_;
  std::unique_ptr<DataDirectory> directory_;       // the lock of the embedded store
  std::unique_ptr<queue::HintQueue> hints_;        // ready tasks and changes
  std::unique_ptr<app::HintRelay> relay_;          // what the store has done becomes hints
  std::unique_ptr<storage::Store> store_;          // the truth
  std::unique_ptr<app::Serving> serving_;          // catalog and champion in memory
  std::unique_ptr<app::RecentInferences> recent_;  // ended tasks in memory
  std::unique_ptr<app::ItemPayloads> payloads_;    // item texts in memory
  std::unique_ptr<app::EventCounts> events_;       // counted events
  std::unique_ptr<app::TaskWatch> watch_;          // who waits for which task
  std::unique_ptr<app::Inference> inference_;      // use cases
  std::unique_ptr<app::History> history_;
  std::unique_ptr<app::Training> training_;
  std::unique_ptr<app::Models> models_;
  std::unique_ptr<app::Explanations> explanations_;
  std::unique_ptr<app::Drift> drift_;
  std::unique_ptr<app::Retraining> retraining_;
  std::unique_ptr<app::Tasks> tasks_;
  std::unique_ptr<app::Catalog> catalog_;
  std::unique_ptr<app::Content> content_;
  std::unique_ptr<worker::Pool> workers_;           // run tasks
  std::unique_ptr<worker::Maintainer> maintainer_;  // once a second
  std::unique_ptr<http::Server> server_;            // the door
  std::unique_ptr<http::BlockingPool> catalog_changes_;
  std::unique_ptr<http::Services> services_;
  std::unique_ptr<http::Idempotency> idempotency_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  bool stopping_ = false;
  bool closed_ = false;
};

Status EmbeddedApplication::open(const PrepareProgress& progress, const std::stop_token& stop) {
  if (Status status = open_store(progress, stop); !status) return status;
  if (Status status = open_http(); !status) return status;
  observe();
  log_.info("ready",
            {{"url", ready_info().url}, {"items", ready_info().items}, {"model", ready_info().model}});
  return {};
}

Status EmbeddedApplication::open_offline() {
  log_.set_level(telemetry::LogLevel::kWarning);
  return open_store([](std::string_view, double, std::string_view) {}, {});
}

Status EmbeddedApplication::open_store(const PrepareProgress& progress, const std::stop_token& stop) {
  auto hints = queue::open_queue(settings_.queue);
  if (!hints) return hints.error();
  hints_ = *std::move(hints);
  relay_ = std::make_unique<app::HintRelay>(*hints_);
  std::string url = settings_.store;
  if (url.empty()) {
    auto directory = DataDirectory::open(settings_.data_dir);
    if (!directory) return directory.error();
    directory_ = *std::move(directory);
    url = directory_->store_url();
  }
  auto store = storage::open_store(url, store_options(settings_, metrics_), clock_, *relay_);
  if (!store) return store.error();
  store_ = *std::move(store);
  const Result<int> domain_version = adopt_domain(*domain_, *store_, clock_);
  if (!domain_version) return domain_version.error();
  if (domain_->built_in && !settings_.empty) {
    Status prepared = prepare_default_domain(*domain_, *domain_version, settings_.baseline, *store_, clock_,
                                             progress, stop);
    if (!prepared) return prepared;
  }
  return open_use_cases(*domain_version);
}

Status EmbeddedApplication::open_use_cases(int domain_version) {
  serving_ =
      std::make_unique<app::Serving>(domain_, *store_, *hints_, log_, settings_.memory_item_halves.count);
  if (Status status = serving_->start(); !status) return status;
  recent_ = std::make_unique<app::RecentInferences>(settings_.memory_recent_results.count);
  payloads_ = std::make_unique<app::ItemPayloads>(*store_, settings_.memory_item_texts.count);
  events_ = std::make_unique<app::EventCounts>(*store_, clock_);
  watch_ = std::make_unique<app::TaskWatch>(*hints_, *store_);
  inference_ = std::make_unique<app::Inference>(domain_, domain_version, inference_options(settings_),
                                                *store_, *serving_, *recent_, metrics_, log_, clock_);
  const Result<app::TrainingOptions> training = training_options(settings_);
  if (!training) return training.error();
  training_ = std::make_unique<app::Training>(domain_, domain_version, *training, *store_, *serving_,
                                              metrics_, log_, clock_);
  history_ = std::make_unique<app::History>(domain_, domain_version, *store_, *serving_, clock_);
  models_ = std::make_unique<app::Models>(*domain_, domain_version, *store_, clock_);
  explanations_ = std::make_unique<app::Explanations>(*domain_, *store_);
  drift_ = std::make_unique<app::Drift>(*domain_, *store_, metrics_, clock_);
  retraining_ = std::make_unique<app::Retraining>(retraining_options(settings_), *training_, *drift_, *store_,
                                                  log_, clock_);
  tasks_ = std::make_unique<app::Tasks>(*store_, metrics_);
  catalog_ = std::make_unique<app::Catalog>(domain_, *store_, *serving_, clock_);
  content_ = std::make_unique<app::Content>(*store_);
  workers_ = std::make_unique<worker::Pool>(*store_, *hints_, log_);
  maintainer_ = std::make_unique<worker::Maintainer>(*store_, *watch_, *events_, *retraining_, log_, clock_,
                                                     settings_.idempotency_kept_for);
  return {};
}

Status EmbeddedApplication::open_http() {
  auto server = http::make_server(http_options(settings_, address_), metrics_.http, log_);
  if (!server) return server.error();
  server_ = *std::move(server);
  catalog_changes_ = std::make_unique<http::ThreadPool>("catalog", 1, 64);
  services_ = std::make_unique<http::Services>(http::Services{
      .domain = *domain_,
      .inference = *inference_,
      .training = *training_,
      .models = *models_,
      .explanations = *explanations_,
      .drift = *drift_,
      .tasks = *tasks_,
      .catalog = *catalog_,
      .history = *history_,
      .content = *content_,
      .serving = *serving_,
      .payloads = *payloads_,
      .events = *events_,
      .watch = *watch_,
      .metrics = metrics_,
      .inbox = server_->inbox(),
      .reads = server_->pool(),
      .catalog_changes = *catalog_changes_,
      .ready = [this] { return store_->ping(); },
      .version = version(),
      .revision = revision(),
      .store_kind = std::string{store_->kind()},
      .queue_kind = std::string{hints_->kind()},
      .max_import = settings_.http_max_import.count,
      .best = static_cast<int>(settings_.ranking_best),
  });
  idempotency_ = std::make_unique<http::Idempotency>(
      *store_, clock_, server_->inbox(), server_->pool(),
      [this](const TaskId& task) { return http::answer_task_status(*services_, task); });
  server_->serve(http::route_table(*services_, !settings_.auth_token.empty()), idempotency_.get());
  if (directory_) directory_->announce(ready_info().url);
  return {};
}

void EmbeddedApplication::observe() {
  metrics_.observe("rankloop_storage_waiting_writes", "Writes in the writer's line",
                   [this] { return static_cast<double>(store_->waiting_writes()); });
  metrics_.observe("rankloop_catalog_items", "Items that can be ranked",
                   [this] { return static_cast<double>(catalog_->size()); });
  for (const TaskState state : {TaskState::kScheduled, TaskState::kReady, TaskState::kRunning}) {
    metrics_.observe("rankloop_task_" + std::string{name_of(state)},
                     "Tasks in this state, counted in the ledger", [this, state] {
                       const auto counts = store_->open_task_counts(TaskKind::kInference);
                       if (!counts) return 0.0;
                       for (const auto& [counted, number] : *counts) {
                         if (counted == state) return static_cast<double>(number);
                       }
                       return 0.0;
                     });
  }
}

ReadyInfo EmbeddedApplication::ready_info() const {
  const auto serving = serving_->current();
  ReadyInfo info;
  info.url = "http://" + address_.url_host() + ":" + std::to_string(server_->port());
  info.items = std::to_string(serving->catalog->live_items()) + " " + domain_->item.many;
  info.model = serving->champion.id.value == 0 ? "random order (no model yet)"
                                               : std::string{serving->champion.model->family()} + " " +
                                                     std::to_string(serving->champion.id.value);
  info.seconds = std::chrono::duration<double>(clock_.monotonic() - started_).count();
  return info;
}

void EmbeddedApplication::run() {
  for (const worker::Job& job : worker::job_table(*inference_, *training_)) {
    workers_->start(job, static_cast<int>(settings_.workers));
  }
  maintainer_->start();
  std::jthread drainer{[this] {
    telemetry::name_this_thread("drainer");
    drain();
  }};
  server_->run();
  close();
}

void EmbeddedApplication::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
}

// Waits for stop(), then: no new work, running requests and tasks end (as far as the grace goes), the door
// closes.
void EmbeddedApplication::drain() {
  {
    std::unique_lock lock{mutex_};
    wake_.wait(lock, [this] { return stopping_; });
  }
  log_.info("draining", {{"grace_ms", std::to_string(settings_.shutdown_grace.count())}});
  const Monotonic deadline = clock_.monotonic() + settings_.shutdown_grace;
  server_->drain();
  constexpr milliseconds kLook{5};
  while (!server_->idle() && clock_.monotonic() < deadline) std::this_thread::sleep_for(kLook);
  server_->stop();
}

// Order: nothing runs tasks any more, the last counts are written, what was queued is committed, and only
// then may the rest go: completions of writes touch use cases and the server's inbox.
void EmbeddedApplication::close() {
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(closed_, true)) return;
    stopping_ = true;
  }
  wake_.notify_all();
  catalog_changes_.reset();
  if (workers_) workers_->stop();
  if (maintainer_) maintainer_->stop();
  if (store_) store_->close();
  log_.info("stopped");
}

}  // namespace

Result<std::unique_ptr<Application>> Application::build(const config::Settings& settings,
                                                        const PrepareProgress& progress,
                                                        const std::stop_token& stop) {
  Result<Address> address = parse_address(settings.listen);
  if (!address) return address.error();
  if (!address->loopback() && settings.auth_token.empty() && !settings.insecure) {
    return Error{ErrorCode::kInvalidArgument,
                 "listen = '" + settings.listen +
                     "' is reachable from other machines, but nobody has to show a "
                     "token. Set auth.token, listen on 127.0.0.1, or say --insecure."};
  }
  Result<std::shared_ptr<const Domain>> domain = load_domain(settings.domain);
  if (!domain) return domain.error();
  auto application = std::make_unique<EmbeddedApplication>(settings, *std::move(domain), *std::move(address));
  if (Status status = application->open(progress, stop); !status) return status.error();
  return std::unique_ptr<Application>{std::move(application)};
}

Result<std::unique_ptr<OfflineApplication>> OfflineApplication::open(const config::Settings& settings) {
  Result<std::shared_ptr<const Domain>> domain = load_domain(settings.domain);
  if (!domain) return domain.error();
  auto application = std::make_unique<EmbeddedApplication>(settings, *std::move(domain), Address{});
  if (Status status = application->open_offline(); !status) return status.error();
  return std::unique_ptr<OfflineApplication>{std::move(application)};
}

Result<std::shared_ptr<const Domain>> load_domain(const std::string& file) {
  if (file.empty()) return default_domain();
  std::ifstream in{file, std::ios::binary};
  if (!in) return Error{ErrorCode::kNotFound, "cannot read the domain file '" + file + "'"};
  std::stringstream text;
  text << in.rdbuf();
  const DomainCheck check = read_domain(text.str(), file);
  if (check.domain) return check.domain;
  const DomainFault& first = check.faults.front();
  return Error{ErrorCode::kInvalidArgument, file + ":" + std::to_string(first.line) + ": " + first.message +
                                                " (see all with: rankloop domain check " + file + ")"};
}

}  // namespace rankloop::server
