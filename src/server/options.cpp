// The options of each part, made from the settings.
#include "server/options.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "domain/clock.h"
#include "ml/families/families.h"
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

// Beside the embedded store; who has none keeps them where temporary files are.
std::string folder_of_bodies(const config::Settings& settings) {
  std::error_code fault;
  if (std::filesystem::is_directory(settings.data_dir, fault)) return settings.data_dir;
  const std::string temporary = std::filesystem::temp_directory_path(fault).string();
  return fault ? "/tmp" : temporary;
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
  const std::string_view value = name_of(ml::MetricName::kValue);
  const Result<ml::MetricName> metric =
      settings.gate_metric == value ? ml::MetricName::kValue : ml::parse_metric(settings.gate_metric);
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
  options.dataset.target.name = settings.training_target;
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
  options.gate.effect = settings.gate_effect;
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

app::EvaluationOptions evaluation_options(const config::Settings& settings,
                                          const app::TrainingOptions& training) {
  app::EvaluationOptions options;
  options.rewards.threads = training.threads;
  options.rewards.target = training.dataset.target;
  options.rewards.hyperparameters = training.hyperparameters;
  options.rewards.memory = settings.memory_item_halves.count / 2;
  options.memory = settings.memory_item_halves.count;
  options.explore = settings.exploration_share;
  options.best = static_cast<int>(settings.ranking_best);
  return options;
}

namespace {

// What a uniform order cannot keep to: lists in random order are a fair sample of requests, by which the gate
// judges and position bias is measured.
Status check_uniform(const config::Settings& settings) {
  const char* bound = nullptr;
  if (settings.exploration_safe_top > 0) bound = "exploration.safe_top";
  if (settings.exploration_most_loss < 1) bound = "exploration.most_loss";
  if (!settings.exploration_segment.empty()) bound = "exploration.segment";
  if (bound == nullptr) return {};
  return Error{
      ErrorCode::kInvalidArgument,
      std::string(bound) +
          " is set, but exploration.policy is uniform, which orders the whole catalog by chance for a "
          "fair sample of all requests; allowed with it is a smaller exploration.share, or another "
          "policy"};
}

Status check_posterior(const config::Settings& settings) {
  std::string names;
  for (const ml::Family& family : ml::families()) {
    if (!family.keeps_posterior) continue;
    if (family.name == settings.training_family) return {};
    names += (names.empty() ? "" : ", ") + std::string(family.name);
  }
  return Error{
      ErrorCode::kInvalidArgument,
      "exploration.policy is thompson, which draws from the posterior of a model, and training.family '" +
          settings.training_family + "' keeps none; families that do: " + names};
}

}  // namespace

Result<ml::Exploration> exploration_options(const config::Settings& settings, const Domain& domain) {
  ml::Exploration terms;
  terms.policy = exploring_kind(settings.exploration_policy).value_or(PolicyKind::kUniform);
  terms.share = settings.exploration_share;
  terms.temperature = settings.exploration_temperature;
  terms.gamma = settings.exploration_gamma;
  terms.depth = static_cast<int>(settings.exploration_depth);
  terms.safe_top = static_cast<int>(settings.exploration_safe_top);
  terms.most_loss = settings.exploration_most_loss;
  if (terms.policy == PolicyKind::kUniform) {
    if (const Status fits = check_uniform(settings); !fits) return fits.error();
    return terms;
  }
  if (terms.policy == PolicyKind::kThompson) {
    if (const Status fits = check_posterior(settings); !fits) return fits.error();
  }
  if (terms.safe_top >= terms.depth) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("exploration.safe_top is {}, so that none of the {} positions of exploration.depth "
                    "explores; allowed is less",
                    terms.safe_top, terms.depth)};
  }
  if (settings.exploration_segment.empty()) return terms;
  auto segment = ml::parse_segment(settings.exploration_segment, domain.requests);
  if (!segment) return Error{segment.error().code, "exploration.segment: " + segment.error().message};
  terms.segment = *std::move(segment);
  return terms;
}

std::string kinds_of(const Domain& domain) {
  std::string kinds;
  for (const FeedbackRule& rule : domain.feedback) kinds += (kinds.empty() ? "" : ", ") + rule.name;
  return kinds;
}

Result<app::UseCaseOptions> use_case_options(const config::Settings& settings, const Domain& domain,
                                             const telemetry::Tracer& tracer) {
  Result<app::TrainingOptions> training = training_options(settings, &tracer);
  if (!training) return training.error();
  Result<ml::Exploration> exploration = exploration_options(settings, domain);
  if (!exploration) return exploration.error();
  if (!app::is_target(settings.training_target, domain.feedback)) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format(
            "training.target is '{}'; allowed are reward, value and the domain's kinds of feedback: {}",
            settings.training_target, kinds_of(domain))};
  }
  app::UseCaseOptions options;
  options.inference = {
      .best = static_cast<int>(settings.ranking_best), .explore = *std::move(exploration), .tracer = &tracer};
  options.evaluation = evaluation_options(settings, *training);
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
  options.foreign_tasks = {{settings.celery_inference_task, settings.celery_training_task},
                           settings.celery_feedback_task};
  options.item_halves = settings.memory_item_halves.count;
  options.recent_results = settings.memory_recent_results.count;
  options.item_texts = settings.memory_item_texts.count;
  options.people = settings.memory_histories.count;
  options.persons = settings.memory_persons.count;
  std::error_code fault;
  if (std::filesystem::is_directory(settings.data_dir, fault))
    options.history_file = settings.data_dir + "/histories.fold";
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
  options.feedback_task = settings.celery_feedback_task;
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
  options.max_stored = std::max(settings.http_max_import.count * 2, options.max_stored);
  options.body_folder = folder_of_bodies(settings);
  if (!settings.store.empty()) {
    options.blocking_threads = std::max(options.blocking_threads, static_cast<int>(settings.store_readers));
  }
  options.read_timeout = settings.http_read_timeout;
  options.write_timeout = settings.http_write_timeout;
  options.idle_timeout = settings.http_idle_timeout;
  return options;
}

}  // namespace rankloop::server
