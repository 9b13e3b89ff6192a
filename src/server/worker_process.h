// `rankloop worker`: the core on a store that several processes share. Its door is for those who watch it.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "config/settings.h"
#include "error/result.h"
#include "server/core.h"
#include "server/front_end.h"

namespace rankloop::server {

class WorkerProcess {
 public:
  // A new store is prepared by a server, not by a worker: until then there is nothing to rank. Errors are for
  // people. kFailedPrecondition: the store belongs to one process. kUnavailable: the address is taken.
  static Result<std::unique_ptr<WorkerProcess>> build(const config::Settings& settings);

  explicit WorkerProcess(const config::Settings& settings, std::shared_ptr<const Domain> domain)
      : core_(settings, std::move(domain)) {}

  const Core& core() const { return core_; }
  std::string url() const { return door_ ? door_->url() : ""; }  // where it answers; empty: nowhere
  // Runs tasks until `stop` is requested; then running ones end (long ones are given back), and the store is
  // closed.
  void run(const std::stop_token& stop);

 private:
  Status open(const std::optional<Address>& address);

  Core core_;
  std::unique_ptr<SystemFrontEnd> door_;
};

}  // namespace rankloop::server
