// The HTTP front end of a workspace: the server, the threads behind it, and what its routes work with.
#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>

#include "error/result.h"
#include "http/idempotency.h"
#include "http/routes/services.h"
#include "http/server.h"
#include "server/address.h"
#include "server/simulated_guests.h"
#include "server/workspace.h"

namespace rankloop::server {

class FrontEnd {
 public:
  // Listens, and answers once it runs. The workspace must be open and outlive it. kUnavailable: the address
  // is taken.
  static Result<std::unique_ptr<FrontEnd>> open(Workspace& workspace, const Address& address);
  ~FrontEnd() { close(); }
  FrontEnd(const FrontEnd&) = delete;
  FrontEnd& operator=(const FrontEnd&) = delete;

  std::string url() const;
  // Answers on the calling thread until drain() has ended.
  void run() { server_->run(); }
  // No new connections, what comes on open ones is answered and they are closed, waiting requests answer with
  // what there is; ends the server when all is quiet or the workspace's grace is over. From another thread.
  void drain();
  // After run() has returned: nothing changes the workspace any more. Idempotent.
  void close();

 private:
  FrontEnd(Workspace& workspace, const Address& address) : workspace_(workspace), address_(address) {}
  Status listen();
  void open_services();

  Workspace& workspace_;
  const Address address_;

  // Destroyed in the opposite order, after close() has ended every thread but those of the server's reads,
  // the last of which may still use these.
  std::unique_ptr<SimulatedGuests> guests_;  // of demo mode
  std::unique_ptr<http::Waits> waits_;
  std::unique_ptr<http::Services> services_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::BlockingPool> lists_;
  std::unique_ptr<http::BlockingPool> catalog_changes_;
  std::unique_ptr<http::BlockingPool> history_imports_;
  std::unique_ptr<http::BlockingPool> searches_;
  std::stop_source ending_;  // of changes and imports
  std::unique_ptr<http::Idempotency> idempotency_;
  std::atomic<bool> leaving_{false};
};

}  // namespace rankloop::server
