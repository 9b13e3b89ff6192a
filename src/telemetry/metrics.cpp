// Every metric with its name and help, and what is read at each scrape.
#include "telemetry/metrics.h"

#include <algorithm>
#include <utility>

#include <prometheus/text_serializer.h>

namespace rankloop::telemetry {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

const Buckets kRequestSeconds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                 0.025,  0.05,    0.1,    0.25,  1,      5,     30};
const Buckets kTrainingSeconds = {0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200};
const Buckets kTaskSeconds = {0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001,
                              0.0025,  0.005,    0.01,    0.025,  0.1,     1,      10};
// Of any number a domain may have: people, nights, years, prices.
const Buckets kNumbers = {0,   1,   2,   3,   4,     5,     6,     8,     10,     15,
                          20,  25,  30,  40,  50,    60,    80,    100,   150,    200,
                          300, 400, 500, 750, 1'000, 1'500, 2'000, 5'000, 10'000, 100'000};
const Buckets kBatch = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

// Makes metrics in a registry; all of them carry the same labels.
struct Maker {
  prometheus::Registry& registry;
  prometheus::Labels labels;

  auto& counters(const char* name, const char* help) const {
    return prometheus::BuildCounter().Name(name).Help(help).Labels(labels).Register(registry);
  }
  auto& gauges(const char* name, const char* help) const {
    return prometheus::BuildGauge().Name(name).Help(help).Labels(labels).Register(registry);
  }
  auto& histograms(const char* name, const char* help) const {
    return prometheus::BuildHistogram().Name(name).Help(help).Labels(labels).Register(registry);
  }
  prometheus::Counter* counter(const char* name, const char* help) const {
    return &counters(name, help).Add({});
  }
  prometheus::Gauge* gauge(const char* name, const char* help) const { return &gauges(name, help).Add({}); }
  prometheus::Histogram* histogram(const char* name, const char* help, const Buckets& buckets) const {
    return &histograms(name, help).Add({}, buckets);
  }
};

Maker maker(prometheus::Registry& registry, std::string_view workspace) {
  if (workspace.empty()) return {registry, {}};
  return {registry, {{"workspace", std::string{workspace}}}};
}

HttpMetrics make_http(const Maker& make) {
  HttpMetrics http;
  http.requests = &make.counters("rankloop_http_requests_total",
                                 "Answered requests by method, route template and status");
  http.seconds = &make.histograms("rankloop_http_request_seconds",
                                  "From the first byte of a request to its answer, by route template");
  http.connections = make.gauge("rankloop_http_connections", "Open connections");
  http.waiting = make.gauge("rankloop_http_waiting", "Long polls and streams that wait");
  http.refused = make.counter("rankloop_http_refused_total", "Connections over the bound, answered with 503");
  http.unknown_fields =
      make.counter("rankloop_http_unknown_fields_total", "Fields of request bodies that no schema knows");
  return http;
}

TaskMetrics make_tasks(const Maker& make) {
  TaskMetrics tasks;
  tasks.started = make.counter("rankloop_task_started_total", "Accepted tasks");
  tasks.succeeded = make.counter("rankloop_task_succeeded_total", "Tasks that succeeded");
  tasks.failed = make.counter("rankloop_task_failed_total", "Tasks that failed for good");
  tasks.retried =
      make.counter("rankloop_task_retried_total", "Attempts that failed and were scheduled again");
  tasks.cancelled = make.counter("rankloop_task_cancelled_total", "Tasks that were cancelled");
  auto& stages = make.histograms(
      "rankloop_task_stage_seconds",
      "Where the time of an inference goes: wait (for a worker), features, score, top_k, commit");
  const auto stage = [&](const char* name) { return &stages.Add({{"stage", name}}, kTaskSeconds); };
  tasks.stages = {stage("wait"), stage("features"), stage("score"), stage("top_k"), stage("commit")};
  tasks.total_seconds =
      make.histogram("rankloop_task_total_seconds", "From accepted to results committed", kTaskSeconds);
  return tasks;
}

FeedbackMetrics make_feedback(const Maker& make) {
  return {make.counter("rankloop_feedback_good_total", "Picks (event good_inference)"),
          make.counter("rankloop_feedback_bad_total", "Outcomes with nothing chosen (event bad_inference)"),
          &make.counters("rankloop_feedback_events_total",
                         "Feedback by its kind, told of rankings or of what people did elsewhere (of)")};
}

TrainingMetrics make_training(const Maker& make) {
  auto& ended = make.counters("rankloop_training_ended_total",
                              "Trainings by what the gate said of the model; failed: there was none");
  return {&ended.Add({{"verdict", "promote"}}), &ended.Add({{"verdict", "reject"}}),
          &ended.Add({{"verdict", "insufficient_evidence"}}), &ended.Add({{"verdict", "failed"}}),
          make.histogram("rankloop_training_seconds", "One training, from its dataset to its commit",
                         kTrainingSeconds)};
}

StorageMetrics make_storage(const Maker& make) {
  return {make.histogram("rankloop_storage_commit_seconds", "One commit of the group writer", kTaskSeconds),
          make.histogram("rankloop_storage_batch_writes", "Writes in one commit", kBatch),
          make.counter("rankloop_storage_commit_failures_total", "Commits that failed and were rolled back")};
}

RequestMetrics make_requests(const Maker& make) {
  return {&make.histograms("rankloop_request_number", "Numbers that people ask with, by field of the domain"),
          &make.counters("rankloop_request_wishes_total",
                         "Accepted requests in which a flag of the domain is set, by field")};
}

ReadingMetrics make_readings(const Maker& make) {
  const auto family = [&](const char* name, const char* help) { return &make.gauges(name, help); };
  ReadingMetrics readings;
  readings.waiting_writes = make.gauge("rankloop_storage_waiting_writes", "Writes in the writer's line");
  readings.history_behind =
      make.gauge("rankloop_history_behind", "Positions of the ledger that histories have not folded yet");
  readings.catalog_items = make.gauge("rankloop_catalog_items", "Items that can be ranked");
  readings.tasks = {
      family("rankloop_task_scheduled", "Tasks that wait for their time, counted in the ledger"),
      family("rankloop_task_ready", "Tasks that wait for a worker, counted in the ledger"),
      family("rankloop_task_running", "Tasks that a worker holds, counted in the ledger")};
  readings.oldest_seconds =
      family("rankloop_task_oldest_seconds", "Age of the oldest task that waits for a worker");
  readings.models =
      family("rankloop_model_info", "1 for each model that answers or shadows, by family and role");
  readings.drift = family(
      "rankloop_drift_stability_index",
      "Population stability index of a feature of who asks (request) or what was shown (item): the newest "
      "requests against the champion's training");
  readings.build = family("rankloop_build_info", "1, with the program's version and revision");
  readings.announced = make.counter("rankloop_queue_announced_total", "Hints that the queue has taken");
  readings.dropped =
      make.counter("rankloop_queue_dropped_total", "Hints that it did not take; they cost latency");
  readings.dead_letters =
      make.counter("rankloop_queue_dead_letters_total", "Messages of others that nobody here can run");
  readings.connections = make.counter("rankloop_queue_connections_total", "Connections made to the broker");
  readings.is_there = make.gauge("rankloop_queue_up", "0 while the broker is away");
  readings.spans_exported =
      make.counter("rankloop_trace_spans_exported_total", "Spans that the collector has taken");
  readings.spans_dropped = make.counter("rankloop_trace_spans_dropped_total",
                                        "Spans that it has not taken, or that were too many to wait for it");
  return readings;
}

ProcessMetrics make_process(const Maker& make) {
  return {make.counter("process_cpu_seconds_total", "Time on processors, of the user and the system"),
          make.gauge("process_resident_memory_bytes", "Memory in use"),
          make.gauge("process_virtual_memory_bytes", "Memory that is mapped"),
          make.gauge("process_open_fds", "Open file descriptors"),
          make.gauge("process_max_fds", "Most file descriptors that may be open"),
          make.gauge("process_start_time_seconds", "When it started, since the epoch"),
          make.gauge("process_threads", "Threads")};
}

void raise(prometheus::Counter& counter, double to) {
  if (to > counter.Value()) counter.Increment(to - counter.Value());
}

}  // namespace

prometheus::Histogram& RequestMetrics::number(const std::string& field) const {
  return numbers->Add({{"field", field}}, kNumbers);
}

HttpRouteMetrics::HttpRouteMetrics(HttpMetrics& metrics, std::string_view method, std::string_view route)
    : metrics_(metrics),
      labels_{{"method", std::string{method}}, {"route", std::string{route}}},
      seconds_(metrics.seconds->Add(labels_, kRequestSeconds)) {}

void HttpRouteMetrics::answered(int status, double seconds) {
  seconds_.Observe(seconds);
  const std::size_t slot = static_cast<std::size_t>(status % 1000);
  prometheus::Counter* counter = by_status_[slot].load(std::memory_order_acquire);
  if (counter == nullptr) {
    prometheus::Labels labels = labels_;
    labels["status"] = std::to_string(status);
    counter = &metrics_.requests->Add(labels);  // the family answers the same counter for the same labels
    by_status_[slot].store(counter, std::memory_order_release);
  }
  counter->Increment();
}

FeedbackCounters::FeedbackCounters(const FeedbackMetrics& metrics, std::span<const std::string_view> kinds,
                                   std::string_view of) {
  for (const std::string_view kind : kinds) {
    by_kind_[std::string{kind}] =
        &metrics.events->Add({{"kind", std::string{kind}}, {"of", std::string{of}}});
  }
}

void FeedbackCounters::count(std::string_view kind) const {
  if (const auto found = by_kind_.find(kind); found != by_kind_.end()) found->second->Increment();
}

Metrics::Metrics(std::string_view workspace)
    : http(make_http(maker(registry_, workspace))),
      tasks(make_tasks(maker(registry_, workspace))),
      feedback(make_feedback(maker(registry_, workspace))),
      training(make_training(maker(registry_, workspace))),
      storage(make_storage(maker(registry_, workspace))),
      requests(make_requests(maker(registry_, workspace))),
      readings_(make_readings(maker(registry_, workspace))),
      process_(make_process(maker(registry_, {}))) {}

void Metrics::name_build(std::string_view version, std::string_view revision) {
  const Lock lock(one_reader_);
  readings_.build->Add({{"version", std::string{version}}, {"revision", std::string{revision}}}).Set(1);
}

void Metrics::show(const Readings& now) {
  constexpr std::array<std::string_view, 3> kStates = {"scheduled", "ready", "running"};
  readings_.waiting_writes->Set(now.waiting_writes);
  readings_.catalog_items->Set(now.catalog_items);
  readings_.history_behind->Set(now.history_behind);
  for (const std::string_view kind : now.task_kinds) {
    const prometheus::Labels labels = {{"kind", std::string{kind}}};
    for (std::size_t i = 0; i < kStates.size(); ++i) {
      const auto found = std::ranges::find_if(now.tasks, [&](const Readings::Tasks& tasks) {
        return tasks.kind == kind && tasks.state == kStates[i];
      });
      const bool some = found != now.tasks.end();
      readings_.tasks[i]->Add(labels).Set(some ? found->count : 0);
      if (kStates[i] == "ready") readings_.oldest_seconds->Add(labels).Set(some ? found->oldest_seconds : 0);
    }
  }
  // Models and features come and go: what was shown before is taken away.
  for (prometheus::Gauge* shown : std::exchange(shown_models_, {})) readings_.models->Remove(shown);
  for (const Readings::Model& model : now.models) {
    prometheus::Gauge& gauge =
        readings_.models->Add({{"family", std::string{model.family}}, {"role", std::string{model.role}}});
    gauge.Set(1);
    if (std::ranges::find(shown_models_, &gauge) == shown_models_.end()) shown_models_.push_back(&gauge);
  }
  for (prometheus::Gauge* shown : std::exchange(shown_drift_, {})) readings_.drift->Remove(shown);
  for (const Readings::Drift& drift : now.drift) {
    shown_drift_.push_back(
        &readings_.drift->Add({{"feature", drift.feature}, {"side", std::string{drift.side}}}));
    shown_drift_.back()->Set(drift.stability_index);
  }
  raise(*readings_.announced, now.queue.announced);
  raise(*readings_.dropped, now.queue.dropped);
  raise(*readings_.dead_letters, now.queue.dead_letters);
  raise(*readings_.connections, now.queue.connections);
  readings_.is_there->Set(now.queue.is_there ? 1 : 0);
  raise(*readings_.spans_exported, now.spans.exported);
  raise(*readings_.spans_dropped, now.spans.dropped);
}

void Metrics::show(const ProcessUsage& usage) {
  raise(*process_.cpu_seconds, usage.cpu_seconds);
  process_.resident_bytes->Set(usage.resident_bytes);
  process_.virtual_bytes->Set(usage.virtual_bytes);
  process_.open_files->Set(usage.open_files);
  process_.most_files->Set(usage.most_files);
  process_.start_seconds->Set(usage.start_seconds);
  process_.threads->Set(usage.threads);
}

std::string Metrics::text() {
  const Lock lock(one_reader_);
  if (read_) show(read_());
  show(process_usage());
  return prometheus::TextSerializer{}.Serialize(registry_.Collect());
}

}  // namespace rankloop::telemetry
