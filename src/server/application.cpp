// Builds the server, stops it, and everything between.
#include "server/application.h"

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "server/address.h"
#include "server/domain_changes.h"
#include "server/domain_source.h"
#include "server/front_end.h"
#include "server/last_word.h"
#include "server/process.h"
#include "server/system_front_end.h"
#include "server/workspace.h"
#include "sync/mutex.h"
#include "telemetry/thread_name.h"

namespace rankloop::server {
namespace {

constexpr std::chrono::milliseconds kLastPatience{5'000};  // beyond the grace, for what was told to stop

class HttpApplication final : public Application {
 public:
  HttpApplication(const config::Settings& settings, Address address)
      : process_(settings), address_(std::move(address)) {}
  ~HttpApplication() override { close(); }

  Status open(std::shared_ptr<const Domain> domain, const PrepareProgress& progress,
              const std::stop_token& stop);
  ReadyInfo ready_info() const override;
  Status run() override;
  void stop() override;

 private:
  // A workspace that is to serve a domain.
  struct Opening {
    std::shared_ptr<const Domain> domain;
    DomainAdoption adoption = DomainAdoption::kNext;
    std::unique_ptr<DataDirectory> directory{};  // none: it locks one
  };
  Status open_workspace(Opening opening, const PrepareProgress& progress, const std::stop_token& stop);
  Status open_front_end(http::ListeningSocket listening, std::string fault);
  std::string guests_in_words() const;
  void serve();
  void drain_when_told();
  Status change_domain();
  std::unique_ptr<DataDirectory> close_workspace();
  bool is_stopping();
  void close();

  // Destroyed in the opposite order, after close() has ended every thread.
  LastWord last_word_;
  Process process_;
  std::unique_ptr<Workspace> workspace_;
  const Address address_;
  std::unique_ptr<FrontEnd> front_end_;

  Mutex mutex_;
  Condition wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool changing_ GUARDED_BY(mutex_) = false;  // the domain
};

Status HttpApplication::open(std::shared_ptr<const Domain> domain, const PrepareProgress& progress,
                             const std::stop_token& stop) {
  if (Status status = process_.open(); !status) return status;
  if (Status status = open_workspace({std::move(domain)}, progress, stop); !status) return status;
  return open_front_end({}, "");
}

Status HttpApplication::open_workspace(Opening opening, const PrepareProgress& progress,
                                       const std::stop_token& stop) {
  workspace_ = std::make_unique<Workspace>(process_, "", process_.settings, std::move(opening.domain));
  workspace_->take_directory(std::move(opening.directory));
  if (Status status = workspace_->open(progress, stop, opening.adoption); !status) return status;
  return workspace_->open_external();
}

Status HttpApplication::open_front_end(http::ListeningSocket listening, std::string fault) {
  const auto change = [this] {
    {
      const Lock lock{mutex_};
      changing_ = true;
    }
    wake_.notify_all();
  };
  auto front_end = FrontEnd::open(*workspace_, address_, {std::move(listening), std::move(fault), change});
  if (!front_end) return front_end.error();
  front_end_ = *std::move(front_end);
  if (workspace_->directory()) workspace_->directory()->announce(front_end_->url());
  const ReadyInfo info = ready_info();
  process_.log.info("ready", {{"url", info.url}, {"items", info.items}, {"model", info.model}});
  return {};
}

// How the first guests come; simulated ones know the built-in places to stay only.
std::string HttpApplication::guests_in_words() const {
  if (workspace_->app().catalog.size() == 0) return "would find nothing yet: rankloop import items FILE";
  return workspace_->domain->built_in
             ? "rankloop simulate traffic --url " + front_end_->url()
             : "POST " + front_end_->url() + "/inference/start, or Try it on the page";
}

ReadyInfo HttpApplication::ready_info() const {
  return {.url = front_end_->url(),
          .items = workspace_->items_in_words(),
          .model = workspace_->model_in_words(),
          .guests = guests_in_words(),
          .seconds = process_.seconds()};
}

Status HttpApplication::run() {
  Status going_on;
  do {
    serve();
    if (is_stopping()) break;
    going_on = change_domain();
  } while (going_on);
  close();
  return going_on;
}

// Until the front end has been drained.
void HttpApplication::serve() {
  workspace_->run_tasks();
  std::jthread drainer{[this] {
    telemetry::name_this_thread("drainer");
    drain_when_told();
  }};
  front_end_->run();
}

void HttpApplication::stop() {
  {
    const Lock lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
}

bool HttpApplication::is_stopping() {
  const Lock lock{mutex_};
  return stopping_;
}

void HttpApplication::drain_when_told() {
  {
    Lock lock{mutex_};
    wake_.wait(lock, [this]() REQUIRES(mutex_) { return stopping_ || changing_; });
  }
  if (!is_stopping()) return front_end_->hand_over();
  const std::chrono::milliseconds grace = process_.settings.shutdown_grace;
  process_.log.info("draining", {{"grace_ms", std::to_string(grace.count())}});
  last_word_.after(grace + kLastPatience, process_.log);
  front_end_->drain();
}

// The wanted domain takes the place of the one that was served. Where it cannot, the old one goes on: nothing
// was kept by the new one yet.
Status HttpApplication::change_domain() {
  {
    const Lock lock{mutex_};
    changing_ = false;
  }
  const WantedDomain change = front_end_->domain_change().value();
  const std::shared_ptr<const Domain> before = workspace_->domain;
  front_end_->close();
  http::ListeningSocket listening = front_end_->listening();
  const PrepareProgress quiet = [](std::string_view, double, std::string_view) {};
  std::string fault;
  if (Status opened = open_workspace({change.domain, DomainAdoption::kNext, close_workspace()}, quiet, {});
      !opened) {
    fault = opened.error().message;
    process_.log.error("the domain is not changed", opened.error());
    if (Status taken_back = change.take_back(); !taken_back) fault += "; " + taken_back.error().message;
    opened = open_workspace({before, DomainAdoption::kPutBack, close_workspace()}, quiet, {});
    if (!opened) return opened;
  }
  return open_front_end(std::move(listening), std::move(fault));
}

// The data directory stays this process's own.
std::unique_ptr<DataDirectory> HttpApplication::close_workspace() {
  workspace_->close();
  front_end_.reset();
  auto directory = workspace_->give_directory();
  workspace_.reset();
  return directory;
}

// From the outside in: nothing changes the workspace any more before it goes.
void HttpApplication::close() {
  stop();
  if (front_end_) front_end_->close();
  if (workspace_) workspace_->close();
  process_.close();
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
  Result<std::shared_ptr<const Domain>> domain = load_domain(settings);
  if (!domain) return domain.error();
  // Before a store is made for a server that cannot serve it.
  if (Status free = check_free(*address); !free) return free.error();
  auto application = std::make_unique<HttpApplication>(settings, *std::move(address));
  if (Status status = application->open(*std::move(domain), progress, stop); !status) return status.error();
  return std::unique_ptr<Application>{std::move(application)};
}

}  // namespace rankloop::server
