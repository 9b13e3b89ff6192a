// Opens the log and the way of spans, and closes them last.
#include "server/process.h"

#include <chrono>
#include <functional>
#include <utility>

#include "server/options.h"
#include "telemetry/last_line.h"

namespace rankloop::server {

Process::Process(const config::Settings& wanted)
    : settings(wanted), log(log_level(wanted), log_format(wanted)), started_(clock.monotonic()) {
  telemetry::leave_last_line_as(log.format());
}

Status Process::open() {
  if (Status status = check_trace_page(settings); !status) return status;
  std::function<void(telemetry::Span)> sink;
  if (auto wanted = exporter_options(settings)) {
    auto opened = telemetry::SpanExporter::open(*std::move(wanted), log);
    if (!opened) return opened.error();
    exporter_ = *std::move(opened);
    sink = [this](telemetry::Span span) { exporter_->add(std::move(span)); };
  }
  tracer_ = std::make_unique<telemetry::Tracer>(settings.tracing_sample, random_bits, std::move(sink));
  return {};
}

void Process::close() {
  if (std::exchange(closed_, true)) return;
  constexpr std::chrono::seconds kLastSpans{3};
  if (exporter_) exporter_->close(kLastSpans);
  log.info("stopped");
}

double Process::seconds() const {
  return std::chrono::duration<double>(clock.monotonic() - started_).count();
}

telemetry::SpanCounts Process::spans() const {
  return exporter_ ? exporter_->counts() : telemetry::SpanCounts{};
}

}  // namespace rankloop::server
