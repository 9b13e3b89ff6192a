// The options of each part, made from the settings.
#include "server/options.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "domain/clock.h"
#include "server/version.h"

namespace rankloop::server {
namespace {

// "a, b" is {"a", "b"}.
std::vector<std::string> listed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    const auto first = word.find_first_not_of(kBlank);
    if (first == std::string_view::npos) continue;
    words.emplace_back(word.substr(first, word.find_last_not_of(kBlank) - first + 1));
  }
  return words;
}

}  // namespace

telemetry::LogLevel log_level(const config::Settings& settings) {
  return telemetry::parse_log_level(settings.log_level).value_or(telemetry::LogLevel::kInfo);
}

telemetry::LogFormat log_format(const config::Settings& settings) {
  return settings.log_format == "json" ? telemetry::LogFormat::kJson : telemetry::LogFormat::kText;
}

storage::StoreOptions store_options(const config::Settings& settings, telemetry::Metrics& metrics,
                                    telemetry::Logger& log) {
  storage::StoreOptions options;
  options.max_waiting_tasks = static_cast<std::size_t>(settings.tasks_max_waiting);
  options.max_attempts = static_cast<int>(settings.tasks_max_attempts);
  options.lease = settings.tasks_lease;
  if (!settings.store.empty()) options.readers = static_cast<int>(settings.store_readers);
  options.deadline = settings.store_deadline;
  options.most_stall = settings.store_stall;
  options.cache_bytes = settings.memory_store_cache.count;
  options.max_artefact = settings.models_max_artefact.count;
  options.metrics = &metrics.storage;
  options.task_metrics = &metrics.tasks;
  options.log = &log;
  return options;
}

std::optional<telemetry::ExporterOptions> exporter_options(const config::Settings& settings) {
  if (settings.tracing_endpoint.empty()) return std::nullopt;
  const std::string instance = fmt::format("{:016x}{:016x}", random_bits(), random_bits());
  return telemetry::ExporterOptions{
      .endpoint = settings.tracing_endpoint,
      .source = {.service = settings.tracing_service, .version = version(), .instance = instance}};
}

Status check_trace_page(const config::Settings& settings) {
  const std::string& page = settings.tracing_page;
  const bool of_web = page.starts_with("http://") || page.starts_with("https://");
  if (page.empty() || (of_web && page.find("{trace_id}") != std::string::npos)) return {};
  return Error{ErrorCode::kInvalidArgument, "tracing.page is '" + page +
                                                "'; allowed is an address with {trace_id} in it, such as "
                                                "http://127.0.0.1:16686/trace/{trace_id}"};
}

Status check_tokens(const config::Settings& settings) {
  if (settings.auth_guest_token.empty()) return {};
  if (settings.auth_token.empty()) {
    return Error{
        ErrorCode::kInvalidArgument,
        "auth.guest_token is set, but auth.token is not, so that everybody may do everything. Set both, or "
        "auth.guest_token = \"\"."};
  }
  if (settings.auth_guest_token != settings.auth_token) return {};
  return Error{ErrorCode::kInvalidArgument,
               "auth.guest_token is the same as auth.token; a guest's token has to be another one"};
}

Result<app::TrainingOptions> training_options(const config::Settings& settings,
                                              const telemetry::Tracer* tracer) {
  const Result<ml::MetricName> metric = ml::parse_metric(settings.gate_metric);
  if (!metric) return metric.error();
  Result<ml::Hyperparameters> hyperparameters = ml::parse_hyperparameters(settings.training_hyperparameters);
  if (!hyperparameters) {
    return Error{hyperparameters.error().code,
                 "training.hyperparameters: " + hyperparameters.error().message};
  }
  app::TrainingOptions options;
  options.tracer = tracer;
  options.hyperparameters = *std::move(hyperparameters);
  options.family = settings.training_family;
  options.objective =
      settings.training_objective == "listwise" ? ml::Objective::kListwise : ml::Objective::kLogistic;
  options.minimum = settings.training_minimum;
  options.dataset.window = settings.training_window;
  options.dataset.most_shown = static_cast<std::size_t>(settings.training_most_shown);
  options.dataset.person_limit = static_cast<std::size_t>(settings.training_person_limit);
  options.dataset.judge_imported = settings.gate_imported;
  options.dataset.test_share = settings.training_test_share;
  options.promote = settings.training_promote == "auto";
  options.weigh_by_examination = settings.training_position_bias == "estimate";
  options.threads = static_cast<int>(settings.training_threads);
  options.max_artefact = settings.models_max_artefact.count;
  options.item_halves_memory = settings.memory_item_halves.count;
  options.gate.metric = *metric;
  options.gate.margin = settings.gate_margin;
  options.gate.min_requests = static_cast<std::size_t>(settings.gate_min_requests);
  options.gate.min_people = static_cast<std::size_t>(settings.gate_min_people);
  options.gate.person_limit = options.dataset.person_limit;
  options.gate.spend_over_looks = settings.gate_looks == "spend";
  options.gate.least_own_top_shown = settings.gate_min_own_shown;
  options.gate.most_latency_ratio = settings.gate_max_latency_ratio;
  options.gate.most_calibration_error = settings.gate_max_calibration_error;
  options.gate.least_catalog_share = settings.gate_min_catalog_share;
  return options;
}

Result<app::UseCaseOptions> use_case_options(const config::Settings& settings, const Domain& domain,
                                             const telemetry::Tracer& tracer) {
  Result<app::TrainingOptions> training = training_options(settings, &tracer);
  if (!training) return training.error();
  app::UseCaseOptions options;
  options.inference = {.best = static_cast<int>(settings.ranking_best),
                       .explore = settings.exploration_share,
                       .tracer = &tracer};
  options.training = *std::move(training);
  options.retraining = {.every = settings.training_every,
                        .interval = settings.training_interval,
                        .drift = settings.training_drift,
                        .minimum = settings.training_minimum};
  options.facts = {.version = version(),
                   .revision = revision(),
                   .domain = domain.name,
                   .workers = settings.workers,
                   .demo = settings.demo};
  options.foreign_tasks = {settings.celery_inference_task, settings.celery_training_task};
  options.item_halves = settings.memory_item_halves.count;
  options.recent_results = settings.memory_recent_results.count;
  options.item_texts = settings.memory_item_texts.count;
  return options;
}

queue::QueueOptions queue_options(const config::Settings& settings, const std::string& workspace,
                                  telemetry::Logger& log) {
  const std::string prefix = workspace.empty() ? "" : workspace + ".";
  queue::QueueOptions options;
  options.workspace = workspace;
  options.type = settings.queue_type == "quorum" ? queue::QueueType::kQuorum : queue::QueueType::kClassic;
  options.queues = {prefix + settings.celery_inference_queue, prefix + settings.celery_training_queue};
  options.tasks = {settings.celery_inference_task, settings.celery_training_task};
  options.node = settings.celery_node;
  options.results_url = settings.celery_results;
  options.log = &log;
  return options;
}

Result<std::optional<queue::ExternalOptions>> external_options(const config::Settings& settings,
                                                               telemetry::Logger& log) {
  if (settings.celery_external.empty()) return std::optional<queue::ExternalOptions>{};
  const auto refused = [](std::string message) {
    return Error{ErrorCode::kInvalidArgument, std::move(message)};
  };
  if (!settings.queue.starts_with("amqp:"))
    return refused("celery.external is '" + settings.celery_external +
                   "', but there is no RabbitMQ to reach Python workers: set queue = \"amqp://...\", or "
                   "celery.external = \"\"");
  for (const std::string& own : {settings.celery_inference_queue, settings.celery_training_queue}) {
    if (settings.celery_external_queue == own)
      return refused("celery.external_queue is '" + own +
                     "', which rankloop reads itself; Python workers need a queue of their own");
  }
  return std::optional{queue::ExternalOptions{.broker = settings.queue,
                                              .results_url = settings.celery_results,
                                              .task = settings.celery_inference_task,
                                              .queue = settings.celery_external_queue,
                                              .timeout = settings.celery_external_timeout,
                                              .log = &log}};
}

http::ServerOptions http_options(const config::Settings& settings, const Address& address,
                                 const telemetry::Tracer& tracer) {
  http::ServerOptions options;
  options.tracer = &tracer;
  options.host = address.host;
  options.port = address.port;
  options.token = settings.auth_token;
  options.guest_token = settings.auth_guest_token;
  options.public_url = settings.http_public_url;
  options.allowed_hosts = listed(settings.http_allowed_hosts);
  options.allowed_origins = listed(settings.http_allowed_origins);
  options.trusted_proxies = listed(settings.http_trusted_proxies);
  options.max_connections = static_cast<std::size_t>(settings.http_max_connections);
  options.max_connections_per_peer = static_cast<std::size_t>(settings.http_max_connections_per_peer);
  options.max_waiting = static_cast<std::size_t>(settings.http_max_waiting);
  options.max_waiting_per_peer = static_cast<std::size_t>(settings.http_max_waiting_per_peer);
  options.max_guest_changes = static_cast<std::size_t>(settings.http_max_guest_changes);
  options.max_unsent = settings.http_max_unsent.count;
  options.least_rate = settings.http_least_rate.count;
  options.max_body = settings.http_max_body.count;
  options.max_buffered = std::max(settings.http_max_import.count * 2, options.max_buffered);
  if (!settings.store.empty()) {
    options.blocking_threads = std::max(options.blocking_threads, static_cast<int>(settings.store_readers));
  }
  options.read_timeout = settings.http_read_timeout;
  options.write_timeout = settings.http_write_timeout;
  options.idle_timeout = settings.http_idle_timeout;
  return options;
}

}  // namespace rankloop::server
