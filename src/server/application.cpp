// Builds the server, stops it, and everything between.
#include "server/application.h"

#include <chrono>
#include <stop_token>
#include <thread>
#include <utility>

#include "server/address.h"
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
  HttpApplication(const config::Settings& settings, std::shared_ptr<const Domain> domain, Address address)
      : process_(settings),
        workspace_(process_, "", settings, std::move(domain)),
        address_(std::move(address)) {}
  ~HttpApplication() override { close(); }

  Status open(const PrepareProgress& progress, const std::stop_token& stop);
  ReadyInfo ready_info() const override;
  void run() override;
  void stop() override;

 private:
  std::string guests_in_words() const;
  void drain_when_stopped();
  void close();

  // Destroyed in the opposite order, after close() has ended every thread.
  LastWord last_word_;
  Process process_;
  Workspace workspace_;
  const Address address_;
  std::unique_ptr<FrontEnd> front_end_;

  Mutex mutex_;
  Condition wake_;
  bool stopping_ GUARDED_BY(mutex_) = false;
};

Status HttpApplication::open(const PrepareProgress& progress, const std::stop_token& stop) {
  if (Status status = process_.open(); !status) return status;
  if (Status status = workspace_.open(progress, stop); !status) return status;
  if (Status status = workspace_.open_external(); !status) return status;
  auto front_end = FrontEnd::open(workspace_, address_);
  if (!front_end) return front_end.error();
  front_end_ = *std::move(front_end);
  if (workspace_.directory()) workspace_.directory()->announce(front_end_->url());
  const ReadyInfo info = ready_info();
  process_.log.info("ready", {{"url", info.url}, {"items", info.items}, {"model", info.model}});
  return {};
}

// How the first guests come; simulated ones know the built-in places to stay only.
std::string HttpApplication::guests_in_words() const {
  if (workspace_.app().catalog.size() == 0) return "would find nothing yet: rankloop import items FILE";
  return workspace_.domain->built_in
             ? "rankloop simulate traffic --url " + front_end_->url()
             : "POST " + front_end_->url() + "/inference/start, or Try it on the page";
}

ReadyInfo HttpApplication::ready_info() const {
  return {.url = front_end_->url(),
          .items = workspace_.items_in_words(),
          .model = workspace_.model_in_words(),
          .guests = guests_in_words(),
          .seconds = process_.seconds()};
}

void HttpApplication::run() {
  workspace_.run_tasks();
  std::jthread drainer{[this] {
    telemetry::name_this_thread("drainer");
    drain_when_stopped();
  }};
  front_end_->run();
  close();
}

void HttpApplication::stop() {
  {
    const Lock lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
}

void HttpApplication::drain_when_stopped() {
  {
    Lock lock{mutex_};
    wake_.wait(lock, [this]() REQUIRES(mutex_) { return stopping_; });
  }
  const std::chrono::milliseconds grace = process_.settings.shutdown_grace;
  process_.log.info("draining", {{"grace_ms", std::to_string(grace.count())}});
  last_word_.after(grace + kLastPatience, process_.log);
  front_end_->drain();
}

// From the outside in: nothing changes the workspace any more before it goes.
void HttpApplication::close() {
  stop();
  if (front_end_) front_end_->close();
  workspace_.close();
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
  auto application = std::make_unique<HttpApplication>(settings, *std::move(domain), *std::move(address));
  if (Status status = application->open(progress, stop); !status) return status.error();
  return std::unique_ptr<Application>{std::move(application)};
}

}  // namespace rankloop::server
