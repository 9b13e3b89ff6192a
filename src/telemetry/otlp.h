// Spans as OTLP's JSON (ExportTraceServiceRequest): ids in hex, moments and integers as decimal texts.
#pragma once

#include <cstddef>
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

// What a collector that answered 200 has not taken all the same (partialSuccess).
struct Rejection {
  std::size_t spans = 0;
  std::string reason{};  // in the collector's words, cut to 200 bytes
};

// Of an answer's body; nothing is rejected when it says nothing of the kind.
Rejection otlp_rejection(std::string_view answer);

}  // namespace rankloop::telemetry
