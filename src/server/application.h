// `rankloop serve`: a process with one workspace behind an HTTP front end.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "config/settings.h"
#include "error/result.h"
#include "server/first_start.h"

namespace rankloop::server {

struct ReadyInfo {
  std::string url;     // where it answers
  std::string items;   // "210 locations"
  std::string model;   // "mlp 1", or "random order (no model yet)"
  std::string guests;  // how they come, for this domain and catalog
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
  // Serves until stop(); then lets running work end within the grace and closes the store. An error: the
  // domain was to be changed, and neither the new nor the old one could be opened.
  virtual Status run() = 0;
  virtual void stop() = 0;  // from any thread; returns at once
};

}  // namespace rankloop::server
