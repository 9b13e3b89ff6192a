// Every metric of rankloop, declared in one place (metrics.cpp). Names follow
// rankloop_<area>_<what>_{seconds,bytes,total}; durations are histograms; no label is ever an id.
//
// Thread-safe: counters and histograms may be used from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "sync/mutex.h"
#include "telemetry/process_usage.h"

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

// Where the time of an inference goes.
struct StageMetrics {
  prometheus::Histogram* wait = nullptr;      // from accepted to claimed
  prometheus::Histogram* features = nullptr;  // reading the request, choosing the model
  prometheus::Histogram* score = nullptr;
  prometheus::Histogram* top_k = nullptr;
  prometheus::Histogram* commit = nullptr;  // until the ranking is on the disk
};

struct TaskMetrics {
  prometheus::Counter* started = nullptr;
  prometheus::Counter* succeeded = nullptr;
  prometheus::Counter* failed = nullptr;
  prometheus::Counter* retried = nullptr;
  prometheus::Counter* cancelled = nullptr;
  StageMetrics stages;
  prometheus::Histogram* total_seconds = nullptr;  // from accepted to committed
};

// What people ask for, by field of the domain: numbers and flags only, never texts.
struct RequestMetrics {
  prometheus::Family<prometheus::Histogram>* numbers = nullptr;
  prometheus::Family<prometheus::Counter>* flags = nullptr;  // requests that want it
  prometheus::Histogram& number(const std::string& field) const;
};

struct FeedbackMetrics {
  prometheus::Counter* good = nullptr;                        // event good_inference
  prometheus::Counter* bad = nullptr;                         // event bad_inference
  prometheus::Family<prometheus::Counter>* events = nullptr;  // by kind, and by what they are of
};

// The counters of a domain's kinds of feedback, which are there from the beginning.
class FeedbackCounters {
 public:
  // `of`: what the events are of, "ranking" or "elsewhere".
  FeedbackCounters(const FeedbackMetrics& metrics, std::span<const std::string_view> kinds,
                   std::string_view of);
  // One of this kind; others are not counted.
  void count(std::string_view kind) const;

 private:
  std::map<std::string, prometheus::Counter*, std::less<>> by_kind_;
};

struct TrainingMetrics {
  prometheus::Counter* promoted = nullptr;  // by verdict of the gate
  prometheus::Counter* rejected = nullptr;
  prometheus::Counter* insufficient = nullptr;
  prometheus::Counter* failed = nullptr;  // no model came of it
  prometheus::Histogram* seconds = nullptr;
};

struct StorageMetrics {
  prometheus::Histogram* commit_seconds = nullptr;
  prometheus::Histogram* batch_size = nullptr;
  prometheus::Counter* commit_failures = nullptr;
};

// What is not counted as it happens but read when the text is made.
struct Readings {
  struct Tasks {
    std::string_view kind;
    std::string_view state;
    double count = 0;
    double oldest_seconds = 0;  // age of the first of them
  };
  struct Model {
    std::string_view family;
    std::string_view role;  // champion, challenger, shadow
  };
  struct Drift {
    std::string feature;
    std::string_view side;  // request (who asks), item (what was shown)
    double stability_index = 0;
  };
  struct Queue {
    double announced = 0;
    double dropped = 0;
    double dead_letters = 0;
    double connections = 0;
    bool is_there = true;
  };
  struct Spans {  // of the whole process
    double exported = 0;
    double dropped = 0;
  };
  double waiting_writes = 0;
  double catalog_items = 0;
  double history_behind = 0;
  std::vector<std::string_view> task_kinds;  // all there are
  std::vector<Tasks> tasks;   // of the ledger, by kind and state; those that are missing are none
  std::vector<Model> models;  // that are bound to the catalog now
  std::vector<Drift> drift;   // of the domain's features
  Queue queue;
  Spans spans;
};

struct ReadingMetrics {
  prometheus::Gauge* waiting_writes = nullptr;
  prometheus::Gauge* catalog_items = nullptr;
  prometheus::Gauge* history_behind = nullptr;
  // By state, in the order scheduled, ready, running.
  std::array<prometheus::Family<prometheus::Gauge>*, 3> tasks{};
  prometheus::Family<prometheus::Gauge>* oldest_seconds = nullptr;
  prometheus::Family<prometheus::Gauge>* models = nullptr;
  prometheus::Family<prometheus::Gauge>* drift = nullptr;
  prometheus::Family<prometheus::Gauge>* build = nullptr;
  prometheus::Counter* announced = nullptr;
  prometheus::Counter* dropped = nullptr;
  prometheus::Counter* dead_letters = nullptr;
  prometheus::Counter* connections = nullptr;
  prometheus::Gauge* is_there = nullptr;
  prometheus::Counter* spans_exported = nullptr;
  prometheus::Counter* spans_dropped = nullptr;
};

// Under the names that every Prometheus client uses.
struct ProcessMetrics {
  prometheus::Counter* cpu_seconds = nullptr;
  prometheus::Gauge* resident_bytes = nullptr;
  prometheus::Gauge* virtual_bytes = nullptr;
  prometheus::Gauge* open_files = nullptr;
  prometheus::Gauge* most_files = nullptr;
  prometheus::Gauge* start_seconds = nullptr;
  prometheus::Gauge* threads = nullptr;
};

// What one workspace and its process count. Owns the registry.
class Metrics {
 private:
  prometheus::Registry registry_;  // first: the metrics below are made in it

 public:
  // `workspace`: a label of all that is its own; empty where a process has only one.
  explicit Metrics(std::string_view workspace = {});
  HttpMetrics http;
  TaskMetrics tasks;
  FeedbackMetrics feedback;
  TrainingMetrics training;
  StorageMetrics storage;
  RequestMetrics requests;

  // Called at every scrape. Call before the first text().
  void read_with(std::function<Readings()> read) { read_ = std::move(read); }
  // Which program this is: a label of rankloop_build_info.
  void name_build(std::string_view version, std::string_view revision);
  // Prometheus text format, version 0.0.4.
  std::string text();

 private:
  void show(const Readings& readings) REQUIRES(one_reader_);
  void show(const ProcessUsage& usage) REQUIRES(one_reader_);

  std::function<Readings()> read_;
  Mutex one_reader_;
  std::vector<prometheus::Gauge*> shown_models_ GUARDED_BY(one_reader_);
  std::vector<prometheus::Gauge*> shown_drift_ GUARDED_BY(one_reader_);
  ReadingMetrics readings_ GUARDED_BY(one_reader_);
  ProcessMetrics process_ GUARDED_BY(one_reader_);
};

}  // namespace rankloop::telemetry
