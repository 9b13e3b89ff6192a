// Where a process answers: what the front ends of a server and of a worker have in common, and a worker's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "config/settings.h"
#include "error/result.h"
#include "http/routes/services.h"
#include "http/server.h"
#include "server/address.h"
#include "server/workspace.h"

namespace rankloop::server {

// The address that the setting `key` gives as `text`. kInvalidArgument: it is none, or others can reach it
// although nobody has to show a token.
Result<Address> listen_address(std::string_view key, const std::string& text,
                               const config::Settings& settings);

// The workspace must be open; it and `server` must outlive the services.
http::SystemServices system_services(Workspace& workspace, http::Server& server);

// "http://127.0.0.1:4789"
std::string url_of(const Address& address, const http::Server& server);

// Answers the routes that say how a process does, and no other, on a thread of its own from its making to its
// end. The workspace must outlive it.
class SystemFrontEnd {
 public:
  // kUnavailable: the address is taken.
  static Result<std::unique_ptr<SystemFrontEnd>> open(Workspace& workspace, const Address& address);
  ~SystemFrontEnd();
  SystemFrontEnd(const SystemFrontEnd&) = delete;
  SystemFrontEnd& operator=(const SystemFrontEnd&) = delete;

  std::string url() const { return url_of(address_, *server_); }

 private:
  SystemFrontEnd(Workspace& workspace, const Address& address, std::unique_ptr<http::Server> server);

  const Address address_;
  std::unique_ptr<http::SystemServices> services_;  // outlives the server, whose last reads may still use it
  const std::unique_ptr<http::Server> server_;
  std::thread thread_;
};

}  // namespace rankloop::server
