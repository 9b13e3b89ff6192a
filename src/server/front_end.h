// The HTTP front end of a workspace: the server, the threads behind it, and what its routes work with.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "error/result.h"
#include "http/idempotency.h"
#include "http/routes/services.h"
#include "http/server.h"
#include "server/address.h"
#include "server/domain_changes.h"
#include "server/simulated_guests.h"
#include "server/workspace.h"

namespace rankloop::server {

// What a front end takes over from the one before it, and whom it tells that another has to follow.
struct Succession {
  http::ListeningSocket listening{};      // empty: it binds its address
  std::string fault{};                    // why a change of the domain was taken back
  std::function<void()> change_domain{};  // empty: the domain is not changed while it serves
};

class FrontEnd {
 public:
  // Listens, and answers once it runs. The workspace must be open and outlive it. kUnavailable: the address
  // is taken.
  static Result<std::unique_ptr<FrontEnd>> open(Workspace& workspace, const Address& address,
                                                Succession succession = {});
  ~FrontEnd() { close(); }
  FrontEnd(const FrontEnd&) = delete;
  FrontEnd& operator=(const FrontEnd&) = delete;

  std::string url() const;
  // Answers on the calling thread until drain() has ended.
  void run() { server_->run(); }
  // No new connections, what comes on open ones is answered and they are closed, waiting requests answer with
  // what there is; ends the server when all is quiet or the workspace's grace is over. From another thread.
  void drain();
  // The same, at once and without a refusal: new connections wait for the front end that follows.
  void hand_over();
  // After run() has returned: nothing changes the workspace any more. Idempotent.
  void close();

  std::optional<WantedDomain> domain_change() const { return domain_changes_.wanted(); }
  // Once it was handed over and is closed.
  http::ListeningSocket listening() { return server_->listening(); }

 private:
  FrontEnd(Workspace& workspace, const Address& address, Succession succession)
      : workspace_(workspace),
        address_(address),
        domain_changes_(workspace, std::move(succession.change_domain), std::move(succession.fault)) {}
  Status listen(http::ListeningSocket listening);
  void end_requests(Monotonic end);
  void open_services();

  Workspace& workspace_;
  const Address address_;
  DomainChanges domain_changes_;

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
