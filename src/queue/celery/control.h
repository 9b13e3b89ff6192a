// Celery's remote control ("celery inspect", Flower): requests on the fanout exchange "celery.pidbox",
// replies by the direct exchange that the request names. Pure: what is known of the worker is a parameter.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "error/result.h"
#include "queue/celery/events.h"
#include "queue/celery/message.h"

namespace rankloop::queue::celery {

struct ControlRequest {
  std::string method;
  boost::json::object arguments;
  std::vector<std::string> destination;  // empty: everyone
  std::string pattern;                   // of node names, when `matcher` is set
  std::string matcher;
  std::string ticket;
  std::string reply_exchange;  // empty: no reply is wanted
  std::string reply_key;
  std::uint64_t clock = 0;
};

struct TaskView {
  TaskFacts facts;
  std::string queue;
  std::optional<Moment> started;
};

struct WorkerView {
  std::string node;
  std::int64_t pid = 0;
  std::uint64_t clock = 0;
  std::int64_t uptime_seconds = 0;
  std::string broker_host;
  int broker_port = 0;
  std::string broker_user;
  std::string broker_vhost;
  int prefetch = 0;
  std::vector<std::string> queues;
  std::vector<std::string> tasks;             // names it can run
  std::map<std::string, std::int64_t> ended;  // by name, since the start
  std::vector<TaskView> active;
  std::vector<TaskView> reserved;
  std::vector<std::string> revoked;
};

struct ControlAnswer {
  boost::json::value payload;       // for this node's part of the reply
  std::optional<bool> task_events;  // switch them on or off
  std::vector<std::string> revoke;  // ids of tasks
  bool beat = false;                // send a heartbeat now
};

// kInvalidArgument for what is no request.
Result<ControlRequest> parse_control(const Message& message);
// Whether a request is for this node: no destination, its name, or a glob that matches it. Other matchers
// never match.
bool is_addressed(const ControlRequest& request, const std::string& node);
// nullopt for what a worker that does not know it may leave unanswered (election).
std::optional<ControlAnswer> answer_control(const ControlRequest& request, const WorkerView& worker);
Message control_reply(const ControlRequest& request, std::string_view node, const boost::json::value& payload,
                      std::uint64_t clock);

}  // namespace rankloop::queue::celery
