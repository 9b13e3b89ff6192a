// The store without a front end and without workers, for commands.
#pragma once

#include <memory>
#include <utility>

#include "config/settings.h"
#include "domain/clock.h"
#include "error/result.h"
#include "server/process.h"
#include "server/workspace.h"
#include "storage/nobody_listens.h"

namespace rankloop::server {

// A workspace of a process that serves nothing.
struct Offline {
  Offline(const config::Settings& settings, std::shared_ptr<const Domain> domain)
      : process(settings), workspace(process, "", settings, std::move(domain)) {}
  Process process;
  Workspace workspace;
};

// Of the embedded store while no server runs (it holds the lock of the data directory as long as it lives),
// or of a shared store beside its servers. Logs warnings and errors only. Errors as Application::build.
Result<std::unique_ptr<Offline>> open_offline(const config::Settings& settings);

// The embedded store while no server runs, to be read: it is left as it is, and none is made. Holds the lock.
class StoreToRead {
 public:
  // kNotFound: there is no store; kFailedPrecondition: it is in use, or its schema is not this program's.
  static Result<std::unique_ptr<StoreToRead>> open(const config::Settings& settings);

  app::Models& models() { return *models_; }

 private:
  StoreToRead() = default;

  const SystemClock clock_;
  storage::NobodyListens nobody_;
  std::unique_ptr<DataDirectory> directory_;
  std::unique_ptr<storage::Store> store_;
  std::shared_ptr<const Domain> domain_;  // the store's own
  std::unique_ptr<app::ItemNames> item_names_;
  std::unique_ptr<app::Models> models_;
};

// kNotFound: no process serves the data directory, and there is no store in it.
Status check_store_is_there(const config::Settings& settings);

}  // namespace rankloop::server
