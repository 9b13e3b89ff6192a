// Gathers the figures of the process and of what it stands on.
#include "app/watch/system_report.h"

#include <chrono>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "telemetry/process_usage.h"

namespace rankloop::app {
namespace {

boost::json::value fault_of(const Status& status) {
  return status ? boost::json::value(nullptr) : boost::json::value(status.error().message);
}

boost::json::object tasks_of(storage::Store& store, WallTime now) {
  boost::json::object tasks;
  for (const TaskKindTraits& kind : kTaskKinds) {
    boost::json::object states;
    double oldest = 0;
    const auto open = store.open_tasks(kind.kind);
    for (const storage::OpenTasks& some : open ? *open : std::vector<storage::OpenTasks>{}) {
      if (some.count == 0) continue;
      states[name_of(some.state)] = some.count;
      if (some.state != TaskState::kRunning)
        oldest = std::max(oldest, std::chrono::duration<double>(now - some.oldest).count());
    }
    states["oldest_waiting_seconds"] = oldest;
    tasks[kind.name] = std::move(states);
  }
  return tasks;
}

}  // namespace

std::string SystemReport::json() {
  const telemetry::ProcessUsage usage = telemetry::process_usage();
  const WallTime now = clock_.wall();
  const storage::Counts counts = store_.counts();
  const queue::QueueCounts hints = hints_.counts();
  const std::optional<std::int64_t> bytes = store_.bytes();
  boost::json::object json;
  json["version"] = facts_.version;
  json["revision"] = facts_.revision;
  json["domain"] = facts_.domain;
  json["demo"] = facts_.demo;
  json["workers"] = facts_.workers;
  json["at"] = to_iso8601(now);
  json["uptime_seconds"] = std::chrono::duration<double>(clock_.monotonic() - started_).count();
  const auto whole = [](double value) { return static_cast<std::int64_t>(value); };
  json["process"] = {{"resident_bytes", whole(usage.resident_bytes)},
                     {"virtual_bytes", whole(usage.virtual_bytes)},
                     {"cpu_seconds", usage.cpu_seconds},
                     {"threads", whole(usage.threads)},
                     {"open_files", whole(usage.open_files)},
                     {"most_files", whole(usage.most_files)}};
  json["store"] = {{"kind", store_.kind()},
                   {"fault", fault_of(store_.ping())},
                   {"bytes", bytes ? boost::json::value(*bytes) : boost::json::value(nullptr)},
                   {"waiting_writes", store_.waiting_writes()},
                   {"requests", counts.inferences},
                   {"users", counts.users},
                   {"catalog_version", store_.catalog_version()}};
  json["queue"] = {
      {"kind", hints_.kind()},    {"fault", fault_of(hints_.ping())},   {"announced", hints.announced},
      {"dropped", hints.dropped}, {"dead_letters", hints.dead_letters}, {"connections", hints.connections}};
  json["tasks"] = tasks_of(store_, now);
  return boost::json::serialize(json);
}

}  // namespace rankloop::app
