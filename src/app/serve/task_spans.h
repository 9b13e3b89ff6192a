// The spans of a task that somebody traces: one of the whole task and one of each stage.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "domain/clock.h"
#include "storage/records.h"
#include "telemetry/trace.h"

namespace rankloop::app {

// How a task ended this time: "succeeded", "failed", "lost" (its lease: cancelled, or somebody else's by
// now), "released" (given back unharmed).
struct TaskOutcome {
  std::string_view name = "succeeded";
  std::optional<ModelId> model{};
};

// Of one attempt. Used by one thread at a time. Does nothing, and allocates nothing, for a task that nobody
// traces; `tracer` may be null.
class TaskSpans {
 public:
  // `begin`: when a worker took the task up.
  TaskSpans(const telemetry::Tracer* tracer, const storage::ClaimedTask& task, Monotonic begin);
  ~TaskSpans();  // ends it as abandoned, unless it has ended
  TaskSpans(const TaskSpans&) = delete;
  TaskSpans& operator=(const TaskSpans&) = delete;

  // The attempt's own span: what this work asks of others is its child.
  const std::optional<telemetry::TraceContext>& context() const { return context_; }
  // `name` is a literal; `to` at least `from`.
  void stage(std::string_view name, Monotonic from, Monotonic to);
  // A stage that lasts until the next call or the end.
  void enter(std::string_view name, Monotonic now);
  // Exports all of it; once.
  void end(const TaskOutcome& outcome, Monotonic now);

 private:
  struct Stage {
    std::string_view name;
    telemetry::SpanTime from;
    telemetry::SpanTime to;
  };
  void close_open(telemetry::SpanTime at);

  const telemetry::Tracer* tracer_ = nullptr;  // null: nothing is recorded
  std::optional<telemetry::SpanClock> clock_;
  std::optional<telemetry::TraceContext> context_;
  std::optional<telemetry::SpanId> parent_;
  std::string_view name_;
  std::string task_;
  int attempt_ = 0;
  telemetry::SpanTime begin_;
  std::vector<Stage> stages_;
  bool open_ = false;  // whether the last stage goes on
};

}  // namespace rankloop::app
