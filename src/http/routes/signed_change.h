// Changes of models and experiments: who signs them and why.
#pragma once

#include <chrono>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include "app/learn/models.h"
#include "http/await.h"
#include "http/routes/inputs.h"
#include "http/routes/services.h"

namespace rankloop::http {

inline const TextInput kReason{.name = "reason", .help = "Why; kept in the history", .most = 1'000};
inline const TextInput kRemark{
    .name = "actor", .help = "A remark on who asked; who signs is told by the token", .most = 1'000};

// `read_more` reads what else the route asks for. kInvalidArgument with every fault.
template <class ReadMore>
Result<app::Signed> read_change(const Request& request, const ReadMore& read_more) {
  app::Signed by{.actor = std::string(request.actor)};
  const Result<boost::json::value> body =
      request.body.empty() ? Result<boost::json::value>(boost::json::value(boost::json::object()))
                           : json_body(request);
  if (!body) return body.error();
  BodyReader reader{*body};
  by.remark = reader.read(kRemark);
  by.reason = reader.read(kReason);
  read_more(reader);
  if (const Status read = reader.status(); !read) return read.error();
  return by;
}

inline Result<app::Signed> read_change(const Request& request) {
  return read_change(request, [](BodyReader&) {});
}

// Waits until this process answers by what the registry says now, so that the next request of whoever changed
// it meets the change. What is durable is told all the same when that takes long.
inline boost::asio::awaitable<void> registry_served(Services& services) {
  constexpr std::chrono::seconds kAtMost{5};
  (void)co_await callback_result<bool>(kAtMost, [&serving = services.app.serving](auto done) {
    serving.when_registry_is_served([done] { done(true); });
  });
}

}  // namespace rankloop::http
