// Builds the server, stops it, and everything between.
#include "server/application.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stop_token>
#include <thread>
#include <utility>

#include "app/serve/kept_answers.h"
#include "http/idempotency.h"
#include "http/route_table.h"
#include "http/routes/inference.h"
#include "http/server.h"
#include "http/thread_pool.h"
#include "server/address.h"
#include "server/core.h"
#include "server/front_end.h"
#include "server/last_word.h"
#include "server/open_files.h"
#include "server/options.h"
#include "server/settings_json.h"
#include "server/simulated_guests.h"
#include "server/version.h"
#include "sync/mutex.h"
#include "telemetry/thread_name.h"

namespace rankloop::server {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLastPatience{5'000};  // beyond the grace, for what has been told to stop

class HttpApplication final : public Application {
 public:
  HttpApplication(const config::Settings& settings, std::shared_ptr<const Domain> domain, Address address)
      : core_(settings, std::move(domain)), address_(std::move(address)) {}
  ~HttpApplication() override { close(); }

  Status open(const PrepareProgress& progress, const std::stop_token& stop);
  ReadyInfo ready_info() const override;
  std::string guests_in_words() const;
  void run() override;
  void stop() override;

 private:
  Status open_server();  // the door and the threads behind it
  Status open_http();
  void open_views();
  void drain();
  void close();

  // Destroyed in the opposite order, after close() has ended every thread but those of the door's reads.
  LastWord last_word_;
  Core core_;
  const Address address_;
  // The door's last reads may still use these.
  std::unique_ptr<app::LoopFlow> loop_;  // what only pages ask for
  std::unique_ptr<app::DriftHistory> drift_history_;
  std::unique_ptr<app::ItemSearch> item_search_;
  std::unique_ptr<app::SystemReport> state_;
  std::unique_ptr<SimulatedGuests> guests_;  // of demo mode
  std::unique_ptr<http::Waits> waits_;
  std::unique_ptr<http::Services> services_;
  std::unique_ptr<http::Server> server_;  // the door
  std::unique_ptr<http::BlockingPool> lists_;
  std::unique_ptr<http::BlockingPool> catalog_changes_;
  std::unique_ptr<http::BlockingPool> history_imports_;
  std::stop_source ending_;  // of changes and imports
  std::unique_ptr<http::BlockingPool> searches_;
  std::unique_ptr<app::KeptAnswers> kept_answers_;
  std::unique_ptr<http::Idempotency> idempotency_;

  Mutex mutex_;
  Condition wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;

  std::atomic<bool> leaving_{false};
};

Status HttpApplication::open(const PrepareProgress& progress, const std::stop_token& stop) {
  if (Status status = core_.open(progress, stop); !status) return status;
  if (Status status = core_.open_external(); !status) return status;
  if (Status status = open_http(); !status) return status;
  const ReadyInfo info = ready_info();
  core_.log.info("ready", {{"url", info.url}, {"items", info.items}, {"model", info.model}});
  return {};
}

Status HttpApplication::open_server() {
  http::ServerOptions options = http_options(core_.settings, address_, *core_.tracer);
  const std::size_t files = raise_open_files();
  if (const std::size_t most = connections_within(files); most < options.max_connections) {
    core_.log.warning("fewer connections than http.max_connections",
                      {{"connections", std::to_string(most)}, {"open_files", std::to_string(files)}});
    options.max_connections = most;
  }
  auto server = http::make_server(options, core_.metrics.http, core_.log);
  if (!server) return server.error();
  server_ = *std::move(server);
  waits_ = std::make_unique<http::Waits>(server_->inbox());
  lists_ = std::make_unique<http::ThreadPool>("lists", 1, 64);
  catalog_changes_ = std::make_unique<http::ThreadPool>("catalog", 1, 64);
  history_imports_ = std::make_unique<http::ThreadPool>("history", 1, 16);
  searches_ = std::make_unique<http::ThreadPool>("search", 1, 32);
  return {};
}

Status HttpApplication::open_http() {
  if (Status status = open_server(); !status) return status;
  open_views();
  services_ = std::make_unique<http::Services>(http::Services{
      .system = system_services(core_, *server_),
      .domain = *core_.domain,
      .inference = *core_.inference,
      .training = *core_.training,
      .models = *core_.models,
      .explanations = *core_.explanations,
      .drift = *core_.drift,
      .drift_history = *drift_history_,
      .loop = *loop_,
      .state = *state_,
      .performance = *core_.performance,
      .tasks = *core_.tasks,
      .catalog = *core_.catalog,
      .item_search = *item_search_,
      .history = *core_.history,
      .content = *core_.content,
      .serving = *core_.serving,
      .payloads = *core_.payloads,
      .events = *core_.events,
      .watch = *core_.watch,
      .guests = *guests_,
      .waits = *waits_,
      .inbox = server_->inbox(),
      .reads = server_->pool(),
      .lists = *lists_,
      .catalog_changes = *catalog_changes_,
      .history_imports = *history_imports_,
      .ending = ending_.get_token(),
      .searches = *searches_,
      .settings = settings_json(core_.settings),
      .max_artefact = core_.settings.models_max_artefact.count,
      .max_import = core_.settings.http_max_import.count,
      .best = static_cast<int>(core_.settings.ranking_best),
  });
  services_->system.ready = [this, ready = std::move(services_->system.ready)]() -> Status {
    if (leaving_.load()) return Error{ErrorCode::kUnavailable, "the server is stopping"};
    return ready();
  };
  kept_answers_ = std::make_unique<app::KeptAnswers>(*core_.store, core_.clock);
  idempotency_ = std::make_unique<http::Idempotency>(
      *kept_answers_, core_.clock, server_->inbox(), server_->pool(),
      [this](const TaskId& task) { return http::answer_task_status(*services_, task); });
  server_->serve(http::route_table(*services_, !core_.settings.auth_token.empty()), idempotency_.get());
  if (core_.directory) core_.directory->announce(ready_info().url);
  return {};
}

void HttpApplication::open_views() {
  const config::Settings& settings = core_.settings;
  loop_ = std::make_unique<app::LoopFlow>(*core_.store, core_.clock, core_.training->needs());
  drift_history_ = std::make_unique<app::DriftHistory>(*core_.domain, *core_.store, core_.clock);
  item_search_ =
      std::make_unique<app::ItemSearch>(*core_.store, *core_.serving, *core_.performance, core_.clock);
  app::SystemFacts facts{.version = version(),
                         .revision = revision(),
                         .domain = core_.domain->name,
                         .workers = settings.workers,
                         .demo = settings.demo};
  state_ = std::make_unique<app::SystemReport>(std::move(facts), *core_.store, *core_.hints, core_.clock);
  std::string refusal;
  if (!settings.demo) {
    refusal = "This server does not run in demo mode; start it with: rankloop serve --demo";
  } else if (!core_.domain->built_in) {
    refusal = "Guests can be simulated for the built-in places to stay only";
  }
  guests_ = std::make_unique<SimulatedGuests>(std::move(refusal), ready_info().url, settings.auth_token);
}

// How the first guests come; simulated ones know the built-in places to stay only.
std::string HttpApplication::guests_in_words() const {
  if (core_.catalog->size() == 0) return "would find nothing yet: rankloop import items FILE";
  const std::string url = url_of(address_, *server_);
  return core_.domain->built_in ? "rankloop simulate traffic --url " + url
                                : "POST " + url + "/inference/start, or Try it on the page";
}

ReadyInfo HttpApplication::ready_info() const {
  return {.url = url_of(address_, *server_),
          .items = core_.items_in_words(),
          .model = core_.model_in_words(),
          .guests = guests_in_words(),
          .seconds = core_.seconds()};
}

void HttpApplication::run() {
  core_.run_tasks();
  std::jthread drainer{[this] {
    telemetry::name_this_thread("drainer");
    drain();
  }};
  server_->run();
  close();
}

void HttpApplication::stop() {
  {
    const Lock lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
}

// Waits for stop(), then: no new connections, what comes on open ones is answered and they are closed,
// waiting requests answer with what there is, and the door closes when all is quiet or the grace is over.
void HttpApplication::drain() {
  {
    Lock lock{mutex_};
    wake_.wait(lock, [this]() REQUIRES(mutex_) { return stopping_; });
  }
  const config::Settings& settings = core_.settings;
  const milliseconds grace = settings.shutdown_grace;
  core_.log.info("draining", {{"grace_ms", std::to_string(grace.count())}});
  last_word_.after(grace + kLastPatience, core_.log);
  const Monotonic began = core_.clock.monotonic();
  leaving_.store(true);
  std::this_thread::sleep_for(std::min(settings.shutdown_lead, grace));
  guests_->close();  // while the server still answers them
  server_->drain();
  server_->inbox().post([this] { waits_->release(); });
  // A proxy may be about to use a connection that it has kept open: it gets its answer, and is told to close
  // it.
  const Monotonic lingered = core_.clock.monotonic() + settings.shutdown_linger;
  constexpr milliseconds kLook{5};
  for (Monotonic now = began; now < began + grace; now = core_.clock.monotonic()) {
    if (server_->idle() && (server_->connections() == 0 || now >= lingered)) break;
    std::this_thread::sleep_for(kLook);
  }
  ending_.request_stop();
  server_->stop();
}

// Nothing changes the catalog any more before the core goes: what it changes is the core's.
void HttpApplication::close() {
  stop();
  if (guests_) guests_->close();
  ending_.request_stop();
  catalog_changes_.reset();
  lists_.reset();
  history_imports_.reset();
  searches_.reset();
  core_.close();
}

}  // namespace

Result<std::unique_ptr<Application>> Application::build(const config::Settings& settings,
                                                        const PrepareProgress& progress,
                                                        const std::stop_token& stop) {
  Result<Address> address = listen_address("listen", settings.listen, settings);
  if (!address) return address.error();
  if (settings.demo && !address->loopback()) {
    return Error{ErrorCode::kInvalidArgument,
                 "listen = '" + settings.listen +
                     "' is reachable from other machines, and demo mode lets everybody there send simulated "
                     "guests. Listen on 127.0.0.1, or leave demo mode."};
  }
  Result<std::shared_ptr<const Domain>> domain = load_domain(settings.domain);
  if (!domain) return domain.error();
  // Before a store is made for a server that cannot serve it.
  if (Status free = check_free(*address); !free) return free.error();
  auto application = std::make_unique<HttpApplication>(settings, *std::move(domain), *std::move(address));
  if (Status status = application->open(progress, stop); !status) return status.error();
  return std::unique_ptr<Application>{std::move(application)};
}

}  // namespace rankloop::server
