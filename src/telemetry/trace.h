// Traces: who asked for a piece of work, as W3C Trace Context says it (traceparent), and how long its parts
// took (spans, exported by span_exporter.h).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rankloop::telemetry {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

// A span by its ids. Neither id is all zeros.
struct TraceContext {
  TraceId trace{};
  SpanId span{};
  bool sampled = false;  // whether spans are to be exported, as the caller has decided
  bool operator==(const TraceContext&) const = default;
};

// Version 00 to the letter; of a later version the four fields that 00 has. Nothing for anything else: ids of
// zeros, upper case, another length.
std::optional<TraceContext> parse_traceparent(std::string_view text);
std::string to_traceparent(const TraceContext& context);
std::string to_traceparent(const std::optional<TraceContext>& context);  // empty for none
std::string trace_id_text(const TraceContext& context);                  // 32 hex digits
// The field trace_id of a log line, which is left out without a trace.
class LoggedTrace {
 public:
  explicit LoggedTrace(const std::optional<TraceContext>& context)
      : text_(context ? trace_id_text(*context) : std::string()) {}
  operator std::string_view() const {
    return text_.empty() ? std::string_view() : text_;
  }  // NOLINT: in a list

 private:
  const std::string text_;
};

void append_hex(std::string& out, const std::uint8_t* bytes, std::size_t count);

// ---- Spans -----------------------------------------------------------------------------------------------

using SpanTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// Moments of the monotonic clock by the wall clock as it stood when this was made: those of one object keep
// their order and distances.
class SpanClock {
 public:
  SpanClock();
  SpanTime operator()(std::chrono::steady_clock::time_point moment) const {
    return SpanTime{moment.time_since_epoch() + offset_};
  }

 private:
  std::chrono::nanoseconds offset_;
};

enum class SpanKind { kInternal = 1, kServer = 2, kConsumer = 5 };  // OTLP's numbers

struct SpanAttribute {
  std::string_view key;  // a literal
  std::variant<std::string, std::int64_t> value;
};

struct Span {
  TraceContext context;          // its own
  std::optional<SpanId> parent;  // of the same trace
  std::string name;
  SpanKind kind = SpanKind::kInternal;
  SpanTime begin;
  SpanTime end;
  std::vector<SpanAttribute> attributes{};  // no personal data
  bool failed = false;
};

// The span of a request, and the caller's if it named one.
struct RequestTrace {
  TraceContext span;
  std::optional<SpanId> parent;
};

// Thread-safe.
class Tracer {
 public:
  // `sample`: the share of requests without a traceparent that begin a trace. `random` answers 64 random bits
  // on any thread. `sink` takes ended spans; it must be short and never block. Without one nothing is
  // exported.
  Tracer(double sample, std::function<std::uint64_t()> random, std::function<void(Span)> sink)
      : sample_(sample), random_(std::move(random)), sink_(std::move(sink)) {}

  // Of a request with this traceparent (empty: none). Nothing: it is not traced.
  std::optional<RequestTrace> enter(std::string_view traceparent) const;
  TraceContext child_of(const TraceContext& parent) const;
  // Whether an ended span goes anywhere; ask before making one.
  bool records(const TraceContext& context) const { return context.sampled && sink_ != nullptr; }
  void end(Span span) const { sink_(std::move(span)); }

 private:
  SpanId new_span() const;

  const double sample_;
  const std::function<std::uint64_t()> random_;
  const std::function<void(Span)> sink_;
};

}  // namespace rankloop::telemetry
