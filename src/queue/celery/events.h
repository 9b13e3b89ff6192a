// What a Celery worker tells those who watch: events on the topic exchange "celeryev". Pure: clocks are
// parameters.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "queue/celery/message.h"
#include "queue/celery/moment.h"

namespace rankloop::queue::celery {

// Common to all events of a worker.
struct Stamp {
  std::string_view node;
  std::int64_t pid = 0;
  std::uint64_t clock = 0;  // Lamport's: one more than in the event before
  Moment at;
};

struct WorkerLoad {
  double beat_seconds = 2;
  std::int64_t active = 0;     // tasks being run
  std::int64_t processed = 0;  // tasks ended since the start
  std::array<double, 3> load_average{};
};

// What is known of a task when its message comes in; `args` and `kwargs` are shown as they are.
struct TaskFacts {
  std::string id;
  std::string name;
  std::string args = "()";
  std::string kwargs = "{}";
  std::string root_id;
  std::string parent_id;
  int retries = 0;
};

// `type` is worker-online, worker-heartbeat or worker-offline.
boost::json::object worker_event(std::string_view type, const Stamp& stamp, const WorkerLoad& load);
boost::json::object task_received(const Stamp& stamp, const TaskFacts& task);
boost::json::object task_started(const Stamp& stamp, std::string_view id);
boost::json::object task_succeeded(const Stamp& stamp, std::string_view id, std::string_view result,
                                   double runtime_seconds);
boost::json::object task_failed(const Stamp& stamp, std::string_view id, std::string_view exception);
boost::json::object task_revoked(const Stamp& stamp, std::string_view id, bool expired);

// One event under its own key ("worker.heartbeat"), or a list of task events under "task.multi".
struct EventMessage {
  std::string routing_key;
  Message message;
};
EventMessage event_message(const boost::json::object& event);
EventMessage task_events_message(std::string_view node, const boost::json::array& events);

}  // namespace rankloop::queue::celery
