// `rankloop worker`: a workspace on a store that several processes share. It answers those who watch it only.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "config/settings.h"
#include "error/result.h"
#include "server/process.h"
#include "server/system_front_end.h"
#include "server/workspace.h"

namespace rankloop::server {

class WorkerProcess {
 public:
  // A new store is prepared by a server, not by a worker: until then there is nothing to rank. Errors are for
  // people. kFailedPrecondition: the store belongs to one process. kUnavailable: the address is taken.
  static Result<std::unique_ptr<WorkerProcess>> build(const config::Settings& settings);

  explicit WorkerProcess(const config::Settings& settings, std::shared_ptr<const Domain> domain)
      : process_(settings), workspace_(process_, "", settings, std::move(domain)) {}

  const Process& process() const { return process_; }
  const Workspace& workspace() const { return workspace_; }
  std::string url() const { return front_end_ ? front_end_->url() : ""; }  // where it answers; empty: nowhere
  // Runs tasks until `stop` is requested; then running ones end (long ones are given back), and the store is
  // closed.
  void run(const std::stop_token& stop);

 private:
  Status open(const std::optional<Address>& address);

  Process process_;
  Workspace workspace_;
  std::unique_ptr<SystemFrontEnd> front_end_;
};

}  // namespace rankloop::server
