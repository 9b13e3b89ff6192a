// Every metric of rankloop, declared in one place (metrics.cpp). Names follow
// rankloop_<area>_<what>_{seconds,bytes,total}; durations are histograms; no label is ever an id.
//
// Thread-safe: counters and histograms may be used from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace rankloop::telemetry {

struct HttpMetrics {
  prometheus::Family<prometheus::Counter>* requests = nullptr;
  prometheus::Family<prometheus::Histogram>* seconds = nullptr;
  prometheus::Gauge* connections = nullptr;
  prometheus::Gauge* waiting = nullptr;           // long polls and streams
  prometheus::Counter* refused = nullptr;         // connections over the bound
  prometheus::Counter* unknown_fields = nullptr;  // of request bodies
};

// The counters of one route (its template; "unmatched" for none), resolved once so that a request costs no
// look-up by labels.
class HttpRouteMetrics {
 public:
  HttpRouteMetrics(HttpMetrics& metrics, std::string_view method, std::string_view route);
  void answered(int status, double seconds);

 private:
  HttpMetrics& metrics_;
  prometheus::Labels labels_;
  prometheus::Histogram& seconds_;
  std::array<std::atomic<prometheus::Counter*>, 1000> by_status_{};
};

struct TaskMetrics {
  prometheus::Counter* started = nullptr;
  prometheus::Counter* succeeded = nullptr;
  prometheus::Counter* failed = nullptr;
  prometheus::Counter* retried = nullptr;
  prometheus::Counter* cancelled = nullptr;
  prometheus::Histogram* wait_seconds = nullptr;   // from accepted to claimed
  prometheus::Histogram* score_seconds = nullptr;  // features, network, top-K
  prometheus::Histogram* total_seconds = nullptr;  // from accepted to committed
};

struct FeedbackMetrics {
  prometheus::Counter* good = nullptr;  // event good_inference
  prometheus::Counter* bad = nullptr;   // event bad_inference
};

struct TrainingMetrics {
  prometheus::Counter* promoted = nullptr;  // by verdict of the gate
  prometheus::Counter* rejected = nullptr;
  prometheus::Counter* insufficient = nullptr;
  prometheus::Counter* failed = nullptr;  // no model came of it
  prometheus::Histogram* seconds = nullptr;
};

struct DriftMetrics {
  prometheus::Family<prometheus::Gauge>* stability_index = nullptr;  // by feature of the domain
};

struct StorageMetrics {
  prometheus::Histogram* commit_seconds = nullptr;
  prometheus::Histogram* batch_size = nullptr;
  prometheus::Counter* commit_failures = nullptr;
};

// Owns the registry. Gauges that are derived from the ledger are read when the text is made.
class Metrics {
 private:
  prometheus::Registry registry_;  // first: the metrics below are made in it

 public:
  Metrics();
  HttpMetrics http;
  TaskMetrics tasks;
  FeedbackMetrics feedback;
  TrainingMetrics training;
  DriftMetrics drift;
  StorageMetrics storage;

  // A gauge whose value is read at every scrape. Call before the first text().
  void observe(std::string name, std::string help, std::function<double()> read);
  // Prometheus text format, version 0.0.4.
  std::string text() const;

 private:
  struct Observed {
    prometheus::Gauge* gauge;
    std::function<double()> read;
  };
  std::vector<Observed> observed_;
};

}  // namespace rankloop::telemetry
