// `rankloop worker`: the core without a door, on a store that several processes share.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "config/settings.h"
#include "error/result.h"
#include "server/core.h"

namespace rankloop::server {

class WorkerProcess {
 public:
  // A new store is prepared by a server, not by a worker: until then there is nothing to rank. Errors are for
  // people. kFailedPrecondition: the store belongs to one process.
  static Result<std::unique_ptr<WorkerProcess>> build(const config::Settings& settings);

  explicit WorkerProcess(const config::Settings& settings, std::shared_ptr<const Domain> domain)
      : core_(settings, std::move(domain)) {}

  const Core& core() const { return core_; }
  // Runs tasks until `stop` is requested; then running ones end (long ones are given back), and the store is
  // closed.
  void run(const std::stop_token& stop);

 private:
  Core core_;
};

}  // namespace rankloop::server
