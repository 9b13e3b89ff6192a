#include "telemetry/metrics.h"

#include <prometheus/text_serializer.h>

namespace rankloop::telemetry {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

const Buckets kRequestSeconds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                 0.025,  0.05,    0.1,    0.25,  1,      5,     30};
const Buckets kTrainingSeconds = {0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200};
const Buckets kTaskSeconds = {0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001,
                              0.0025,  0.005,    0.01,    0.025,  0.1,     1,      10};
const Buckets kBatch = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

struct Maker {
  prometheus::Registry& registry;
  prometheus::Counter* counter(const char* name, const char* help) {
    return &prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
  }
  prometheus::Gauge* gauge(const char* name, const char* help) {
    return &prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
  }
  prometheus::Histogram* histogram(const char* name, const char* help, const Buckets& buckets) {
    return &prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, buckets);
  }
};

HttpMetrics make_http(prometheus::Registry& registry) {
  Maker make{registry};
  HttpMetrics http;
  http.requests = &prometheus::BuildCounter()
                       .Name("rankloop_http_requests_total")
                       .Help("Answered requests by method, route template and status")
                       .Register(registry);
  http.seconds = &prometheus::BuildHistogram()
                      .Name("rankloop_http_request_seconds")
                      .Help("From the first byte of a request to its answer, by route template")
                      .Register(registry);
  http.connections = make.gauge("rankloop_http_connections", "Open connections");
  http.waiting = make.gauge("rankloop_http_waiting", "Long polls and streams that wait");
  http.refused = make.counter("rankloop_http_refused_total", "Connections over the bound, answered with 503");
  http.unknown_fields =
      make.counter("rankloop_http_unknown_fields_total", "Fields of request bodies that no schema knows");
  return http;
}

TaskMetrics make_tasks(prometheus::Registry& registry) {
  Maker make{registry};
  TaskMetrics tasks;
  tasks.started = make.counter("rankloop_task_started_total", "Accepted tasks");
  tasks.succeeded = make.counter("rankloop_task_succeeded_total", "Tasks that succeeded");
  tasks.failed = make.counter("rankloop_task_failed_total", "Tasks that failed for good");
  tasks.retried =
      make.counter("rankloop_task_retried_total", "Attempts that failed and were scheduled again");
  tasks.cancelled = make.counter("rankloop_task_cancelled_total", "Tasks that were cancelled");
  tasks.wait_seconds =
      make.histogram("rankloop_task_wait_seconds", "From accepted to claimed by a worker", kTaskSeconds);
  tasks.score_seconds =
      make.histogram("rankloop_task_score_seconds", "Features, model and top-K of one request", kTaskSeconds);
  tasks.total_seconds =
      make.histogram("rankloop_task_total_seconds", "From accepted to results committed", kTaskSeconds);
  return tasks;
}

FeedbackMetrics make_feedback(prometheus::Registry& registry) {
  Maker make{registry};
  return {make.counter("rankloop_feedback_good_total", "Picks (event good_inference)"),
          make.counter("rankloop_feedback_bad_total", "Outcomes with nothing chosen (event bad_inference)")};
}

TrainingMetrics make_training(prometheus::Registry& registry) {
  auto& ended = prometheus::BuildCounter()
                    .Name("rankloop_training_ended_total")
                    .Help("Trainings by what the gate said of the model; failed: there was none")
                    .Register(registry);
  Maker make{registry};
  return {&ended.Add({{"verdict", "promote"}}), &ended.Add({{"verdict", "reject"}}),
          &ended.Add({{"verdict", "insufficient_evidence"}}), &ended.Add({{"verdict", "failed"}}),
          make.histogram("rankloop_training_seconds", "One training, from its dataset to its commit",
                         kTrainingSeconds)};
}

DriftMetrics make_drift(prometheus::Registry& registry) {
  return {
      &prometheus::BuildGauge()
           .Name("rankloop_drift_stability_index")
           .Help(
               "Population stability index of a feature: the newest requests against the champion's training")
           .Register(registry)};
}

StorageMetrics make_storage(prometheus::Registry& registry) {
  Maker make{registry};
  return {make.histogram("rankloop_storage_commit_seconds", "One commit of the group writer", kTaskSeconds),
          make.histogram("rankloop_storage_batch_writes", "Writes in one commit", kBatch),
          make.counter("rankloop_storage_commit_failures_total", "Commits that failed and were rolled back")};
}

}  // namespace

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

Metrics::Metrics()
    : http(make_http(registry_)),
      tasks(make_tasks(registry_)),
      feedback(make_feedback(registry_)),
      training(make_training(registry_)),
      drift(make_drift(registry_)),
      storage(make_storage(registry_)) {}

void Metrics::observe(std::string name, std::string help, std::function<double()> read) {
  prometheus::Gauge& gauge =
      prometheus::BuildGauge().Name(std::move(name)).Help(std::move(help)).Register(registry_).Add({});
  observed_.push_back({&gauge, std::move(read)});
}

std::string Metrics::text() const {
  for (const Observed& observed : observed_) observed.gauge->Set(observed.read());
  return prometheus::TextSerializer{}.Serialize(registry_.Collect());
}

}  // namespace rankloop::telemetry
