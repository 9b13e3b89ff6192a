// What the settings mean to each part of the program.
#pragma once

#include <optional>

#include "app/learn/training.h"
#include "app/use_cases.h"
#include "config/settings.h"
#include "error/result.h"
#include "http/server.h"
#include "queue/external_workers.h"
#include "queue/queue.h"
#include "server/address.h"
#include "storage/store.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/span_exporter.h"
#include "telemetry/trace.h"

namespace rankloop::server {

telemetry::LogLevel log_level(const config::Settings& settings);
telemetry::LogFormat log_format(const config::Settings& settings);
// `metrics` and `log` must outlive the store.
storage::StoreOptions store_options(const config::Settings& settings, telemetry::Metrics& metrics,
                                    telemetry::Logger& log);
app::EvaluationOptions evaluation_options(const config::Settings& settings,
                                          const app::TrainingOptions& training);
// Nothing without a collector.
std::optional<telemetry::ExporterOptions> exporter_options(const config::Settings& settings);
// kInvalidArgument: the dashboard could not link to it.
Status check_trace_page(const config::Settings& settings);
// kInvalidArgument: the tokens do not tell guests from operators.
Status check_tokens(const config::Settings& settings);
// `tracer` must outlive the use cases. kInvalidArgument: no such metric or hyperparameter.
Result<app::UseCaseOptions> use_case_options(const config::Settings& settings, const Domain& domain,
                                             const telemetry::Tracer& tracer);
// kInvalidArgument: the settings of exploration contradict each other, the domain or the family that learns.
Result<ml::Exploration> exploration_options(const config::Settings& settings, const Domain& domain);
// `tracer` may be none. kInvalidArgument: no such metric or hyperparameter.
Result<app::TrainingOptions> training_options(const config::Settings& settings,
                                              const telemetry::Tracer* tracer);
// A workspace with a name has queues, and hints, of its own on a broker. `log` must outlive the queue.
queue::QueueOptions queue_options(const config::Settings& settings, const std::string& workspace,
                                  telemetry::Logger& log);
// Nothing when no tasks are left to Python workers. kInvalidArgument: they could not be reached.
Result<std::optional<queue::ExternalOptions>> external_options(const config::Settings& settings,
                                                               telemetry::Logger& log);
// `tracer` must outlive the server.
http::ServerOptions http_options(const config::Settings& settings, const Address& address,
                                 const telemetry::Tracer& tracer);

}  // namespace rankloop::server
