// Where a process answers: what the doors of a server and of a worker have in common, and a worker's.
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
#include "server/core.h"

namespace rankloop::server {

// The address that the setting `key` gives as `text`. kInvalidArgument: it is none, or others can reach it
// although nobody has to show a token.
Result<Address> listen_address(std::string_view key, const std::string& text,
                               const config::Settings& settings);

// `core` must be open; it and `door` must outlive the services.
http::SystemServices system_services(Core& core, http::Server& door);

// "http://127.0.0.1:4789"
std::string url_of(const Address& address, const http::Server& door);

// Answers the routes that say how a process does, and no other, on a thread of its own from its making to its
// end. The core must outlive it.
class SystemFrontEnd {
 public:
  // kUnavailable: the address is taken.
  static Result<std::unique_ptr<SystemFrontEnd>> open(Core& core, const Address& address);
  ~SystemFrontEnd();
  SystemFrontEnd(const SystemFrontEnd&) = delete;
  SystemFrontEnd& operator=(const SystemFrontEnd&) = delete;

  std::string url() const { return url_of(address_, *door_); }

 private:
  SystemFrontEnd(Core& core, const Address& address, std::unique_ptr<http::Server> door);

  const Address address_;
  std::unique_ptr<http::SystemServices> services_;  // outlives the door, whose last reads may still use it
  const std::unique_ptr<http::Server> door_;
  std::thread thread_;
};

}  // namespace rankloop::server
