// The whole server: builds everything, runs it, stops everything in order.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "app/catalog.h"
#include "app/history.h"
#include "app/models.h"
#include "config/settings.h"
#include "error/result.h"
#include "server/first_start.h"

namespace rankloop::server {

struct ReadyInfo {
  std::string url;     // where it answers
  std::string items;   // "210 locations"
  std::string model;   // "mlp 1", or "random order (no model yet)"
  double seconds = 0;  // since the start
};

class Application {
 public:
  // Builds everything up to an open port. Errors are for people: what is wrong and what to do. kAborted when
  // `stop` was requested while a first start trained; the next start goes on from there.
  static Result<std::unique_ptr<Application>> build(const config::Settings& settings,
                                                    const PrepareProgress& progress,
                                                    const std::stop_token& stop);
  virtual ~Application() = default;

  virtual ReadyInfo ready_info() const = 0;
  // Serves until stop(); then lets running work end within the grace and closes the store.
  virtual void run() = 0;
  virtual void stop() = 0;  // from any thread; returns at once
};

// The use cases without a door and without workers, for commands while no server runs: holds the lock of the
// data directory as long as it lives.
class OfflineApplication {
 public:
  // Errors as Application::build.
  static Result<std::unique_ptr<OfflineApplication>> open(const config::Settings& settings);
  virtual ~OfflineApplication() = default;

  virtual const Domain& domain() const = 0;
  virtual storage::Store& store() = 0;
  virtual app::Catalog& catalog() = 0;
  virtual app::History& history() = 0;
  virtual app::Models& models() = 0;
};

// The domain that the settings name. kNotFound, kInvalidArgument.
Result<std::shared_ptr<const Domain>> load_domain(const std::string& file);

}  // namespace rankloop::server
