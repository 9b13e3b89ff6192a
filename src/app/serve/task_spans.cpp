// Begins, names and ends the spans of a task's stages.
#include "app/serve/task_spans.h"

#include <algorithm>
#include <utility>

namespace rankloop::app {
namespace {

// When the task was accepted, or a moment before `begin` when the clocks of two machines disagree.
telemetry::SpanTime accepted(const storage::ClaimedTask& task, const telemetry::SpanClock& clock,
                             telemetry::SpanTime begin) {
  if (task.inference == nullptr) return begin;
  if (task.inference->accepted != Monotonic{}) return clock(task.inference->accepted);
  return std::min<telemetry::SpanTime>(task.inference->at, begin);
}

}  // namespace

TaskSpans::TaskSpans(const telemetry::Tracer* tracer, const storage::ClaimedTask& task, Monotonic begin) {
  if (tracer == nullptr || !task.trace) return;
  context_ = tracer->child_of(*task.trace);
  if (!tracer->records(*context_)) return;
  tracer_ = tracer;
  parent_ = task.trace->span;
  name_ = name_of(task.kind);
  task_ = task.lease.task.to_string();
  attempt_ = task.attempt;
  clock_.emplace();
  begin_ = (*clock_)(begin);
  // Its wait belongs to the first attempt; between attempts it rests.
  if (attempt_ > 1) return;
  const telemetry::SpanTime since = accepted(task, *clock_, begin_);
  if (since == begin_) return;
  stages_.push_back({"wait", since, begin_});
  begin_ = since;
}

TaskSpans::~TaskSpans() {
  end({"abandoned"}, std::chrono::steady_clock::now());
}

void TaskSpans::stage(std::string_view name, Monotonic from, Monotonic to) {
  if (tracer_ == nullptr) return;
  const telemetry::SpanTime at = (*clock_)(from);
  stages_.push_back({name, at, (*clock_)(to)});
}

void TaskSpans::enter(std::string_view name, Monotonic now) {
  if (tracer_ == nullptr) return;
  if (open_ && stages_.back().name == name) return;
  const telemetry::SpanTime at = (*clock_)(now);
  close_open(at);
  stages_.push_back({name, at, at});
  open_ = true;
}

void TaskSpans::close_open(telemetry::SpanTime at) {
  if (std::exchange(open_, false)) stages_.back().to = at;
}

void TaskSpans::end(const TaskOutcome& outcome, Monotonic now) {
  const telemetry::Tracer* tracer = std::exchange(tracer_, nullptr);
  if (tracer == nullptr) return;
  const telemetry::SpanTime at = (*clock_)(now);
  close_open(at);
  for (const Stage& stage : stages_) {
    tracer->end({.context = tracer->child_of(*context_),
                 .parent = context_->span,
                 .name = std::string{stage.name},
                 .begin = stage.from,
                 .end = stage.to});
  }
  telemetry::Span span{.context = *context_,
                       .parent = parent_,
                       .name = std::string{name_},
                       .kind = telemetry::SpanKind::kConsumer,
                       .begin = begin_,
                       .end = at,
                       .failed = outcome.name == "failed"};
  span.attributes = {{"rankloop.task_id", task_},
                     {"rankloop.attempt", std::int64_t{attempt_}},
                     {"rankloop.outcome", std::string{outcome.name}}};
  if (outcome.model) span.attributes.push_back({"rankloop.model_id", outcome.model->value});
  tracer->end(std::move(span));
}

}  // namespace rankloop::app
