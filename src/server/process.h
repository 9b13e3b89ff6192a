// What a process has once, whatever it serves: its settings, its clock, its log, its way to a collector of
// spans. Domains and their stores are workspaces in it.
#pragma once

#include <memory>

#include "config/settings.h"
#include "domain/clock.h"
#include "error/result.h"
#include "telemetry/log.h"
#include "telemetry/span_exporter.h"
#include "telemetry/trace.h"

namespace rankloop::server {

class Process {
 public:
  explicit Process(const config::Settings& settings);
  ~Process() { close(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Before any workspace is made. kInvalidArgument: the settings of traces.
  Status open();
  // After every workspace is closed: sends the last spans. Idempotent.
  void close();

  double seconds() const;  // since it was made
  const telemetry::Tracer& tracer() const { return *tracer_; }
  telemetry::SpanCounts spans() const;

  // Constant after construction.
  const config::Settings settings;
  const SystemClock clock;
  telemetry::Logger log;

 private:
  const Monotonic started_;
  std::unique_ptr<telemetry::SpanExporter> exporter_;  // none without a collector
  std::unique_ptr<telemetry::Tracer> tracer_;
  bool closed_ = false;
};

}  // namespace rankloop::server
