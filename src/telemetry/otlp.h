// Spans as OTLP's JSON (ExportTraceServiceRequest): ids in hex, moments and integers as decimal texts.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "telemetry/trace.h"

namespace rankloop::telemetry {

struct SpanSource {
  std::string service;   // service.name
  std::string version;   // service.version
  std::string instance;  // service.instance.id
};

std::string otlp_json(const SpanSource& source, std::span<const Span> spans);

}  // namespace rankloop::telemetry
