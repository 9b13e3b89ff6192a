// Asking a worker of Celery: the task message, and what is read back from its result. Pure: no I/O, no clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "domain/ids.h"
#include "error/result.h"
#include "queue/celery/message.h"
#include "queue/celery/moment.h"

namespace rankloop::queue::celery {

struct ExternalCall {
  TaskId id;
  std::string task;
  std::string arguments;  // by name: a JSON object
  std::string reply_to;   // a queue, or empty
  std::string origin;
  Moment expires;
  std::chrono::milliseconds expires_in{0};
  std::string traceparent{};  // of the span that asks, or empty
};

// Workers discard it once it has expired, and so does the broker.
Message external_message(const ExternalCall& call);

// The value that a task returned, from the JSON of a result back-end or a reply; nothing while it has not
// ended (STARTED, RETRY and the like). kInternal: it failed or was revoked, with what it raised;
// kInvalidArgument: this is no result.
Result<std::optional<boost::json::value>> read_result(std::string_view content_type, std::string_view meta);

}  // namespace rankloop::queue::celery
