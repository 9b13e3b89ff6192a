// Workers of another program (Python's Celery) that run a task in rankloop's place: what they are asked goes
// into a queue of the broker, what they answer comes back from Redis or from a queue of replies.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <boost/json/value.hpp>

#include "domain/ids.h"
#include "error/result.h"
#include "telemetry/log.h"

namespace rankloop::queue {

struct ExternalOptions {
  std::string broker;  // amqp://user:password@host:port/vhost
  std::string
      results_url;  // redis://... where those workers leave results; empty: they send replies (rpc://)
  std::string task = "inference";
  std::string queue = "rankloop.external";
  std::chrono::milliseconds timeout{30'000};  // for one answer
  std::chrono::seconds heartbeat{10};
  telemetry::Logger* log = nullptr;  // borrowed; without one, nothing is logged
};

// Thread-safe; no call blocks but wait_ready.
class ExternalWorkers {
 public:
  // What the workers answered, as JSON. kUnavailable: broker or Redis are away or we are stopping, so nobody
  // can be blamed; kDeadlineExceeded: no answer in time; anything else: the worker's fault, in words for
  // people.
  using Done = std::function<void(Result<boost::json::value>)>;

  // Calls that are open end with kUnavailable.
  virtual ~ExternalWorkers() = default;

  // `id` is the message's own, never used before; `arguments` a JSON object; `traceparent` the span that
  // asks, or empty. `done` is called exactly once unless the call is forgotten, on the thread of this object;
  // it must be short and must not throw.
  virtual void ask(const TaskId& id, std::string arguments, std::string traceparent, Done done) = 0;
  // The answer is of no interest any more.
  virtual void forget(const TaskId& id) = 0;
  // Waits until what is asked now can be sent and answered; false when it cannot within the time.
  virtual bool wait_ready(std::chrono::milliseconds at_most, const std::stop_token& stop) = 0;
};

// Begins to connect; a broker or Redis that is away is no error. kInvalidArgument for options that cannot be.
Result<std::unique_ptr<ExternalWorkers>> open_external_workers(const ExternalOptions& options);

}  // namespace rankloop::queue
