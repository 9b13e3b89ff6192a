// Sends ended spans to a collector: OTLP over HTTP, in JSON, in batches.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "error/result.h"
#include "sync/mutex.h"
#include "telemetry/log.h"
#include "telemetry/otlp.h"
#include "telemetry/trace.h"

namespace rankloop::telemetry {

struct ExporterOptions {
  std::string endpoint;  // http:// or https://; a user and password in it are sent as Basic authorization
  SpanSource source;
  std::size_t max_waiting = 8'192;  // spans; more are dropped
  std::size_t max_batch = 512;      // spans in one request
  std::chrono::milliseconds gather{1'000};
  std::chrono::milliseconds request_timeout{5'000};
  std::chrono::milliseconds least_backoff{500};  // doubled with each attempt
  int attempts = 5;                              // then a batch is dropped
};

// Since the exporter was opened.
struct SpanCounts {
  std::uint64_t exported = 0;  // the collector has taken them
  std::uint64_t dropped = 0;   // it has not, or too many waited for it
};

// Thread-safe; one thread of its own sends. A batch is tried again when the collector is away or answers 429,
// 502, 503 or 504 (after its Retry-After), as OTLP asks; any other refusal drops it. Faults are logged once a
// minute.
class SpanExporter {
 public:
  // kInvalidArgument: the endpoint is no such URL (the message has no password). `log` must outlive the
  // exporter.
  static Result<std::unique_ptr<SpanExporter>> open(ExporterOptions options, Logger& log);
  ~SpanExporter();

  // Never blocks; drops the span when too many wait.
  void add(Span span);
  SpanCounts counts() const noexcept { return {.exported = exported_, .dropped = dropped_}; }
  // Sends what waits, for at most so long (a request under way may take a second more). Idempotent.
  void close(std::chrono::milliseconds at_most);

 private:
  using Moment = std::chrono::steady_clock::time_point;
  class Post;
  SpanExporter(ExporterOptions options, std::string shown, Logger& log);

  void run();
  std::vector<Span> take_batch();
  void send(const std::vector<Span>& batch);
  // False when the exporter has no time left.
  bool rest(std::chrono::milliseconds at_most);
  std::chrono::milliseconds time_left();
  void count_sent(std::size_t spans, const Rejection& rejection);
  void complain(const std::string& reason, std::size_t spans);

  // Constant after construction.
  const ExporterOptions options_;
  const std::string shown_;  // the endpoint without secrets
  Logger& log_;
  std::atomic<std::uint64_t> exported_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::unique_ptr<Post> post_;  // of the thread

  Moment next_complaint_{};  // of the thread

  Mutex mutex_;
  Condition changed_;
  std::deque<Span> waiting_ GUARDED_BY(mutex_);
  std::optional<Moment> deadline_ GUARDED_BY(mutex_);  // set by close()

  std::thread thread_;
};

}  // namespace rankloop::telemetry
