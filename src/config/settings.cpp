#include "config/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iomanip>
#include <sstream>

#include <toml++/toml.h>

#include "domain/closest_name.h"
#include "domain/toml_bounds.h"
#include "domain/units.h"

namespace rankloop::config {
namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kGigabyte = 1LL << 30;
constexpr std::int64_t kLeastToken = 16;  // characters
constexpr std::string_view kOurs = "RANKLOOP_";

const std::vector<Option>& table() {
  static const std::vector<Option> options = {
      {"listen", &Settings::listen, "127.0.0.1:4789",
       "Address and port to serve on. Any address but loopback needs auth.token (or insecure)."},
      {"worker_listen", &Settings::worker_listen, "",
       "Address and port where a worker answers /metrics, /health and /version, as 'listen'; empty: "
       "nowhere."},
      {"data_dir", &Settings::data_dir, "data", "Folder of the embedded store; made if missing."},
      {"domain", &Settings::domain, "", "Domain file; empty: the built-in places to stay."},
      {"workers", &Settings::workers, "1", "Worker threads inside this process; 0: none.", 0, 64},
      {"empty", &Settings::empty, "false", "Do not fill a new store of the built-in domain with its places."},
      {"baseline", &Settings::baseline, "true",
       "Train the built-in domain's first model on simulated guests; false: begin with a random order."},
      {"insecure", &Settings::insecure, "false", "Allow a public listen address without auth.token."},
      {"demo", &Settings::demo, "false",
       "Let the page send simulated guests to this server; for trying it on loopback only."},
      {"store",
       &Settings::store,
       "",
       "Store that several processes share, postgresql://user:password@host/database; empty: SQLite in "
       "data_dir.",
       0,
       0,
       {},
       true},
      {"store_readers", &Settings::store_readers, "4",
       "Connections of each process that read from PostgreSQL; the farther away it is, the more are needed.",
       1, 64},
      {"store_deadline", &Settings::store_deadline, "5s",
       "How long a PostgreSQL that answers nobody may keep a request waiting; then 503.", 4000, 300'000},
      {"store_stall", &Settings::store_stall, "2s",
       "How long a process that is halted while it writes to PostgreSQL may keep the others waiting.", 500,
       120'000},
      {"queue",
       &Settings::queue,
       "memory:",
       "What carries hints between processes: amqp://user:password@host:port/vhost, or memory: (PostgreSQL "
       "does it then).",
       0,
       0,
       {},
       true},
      {"queue_type",
       &Settings::queue_type,
       "classic",
       "Of RabbitMQ's queues of tasks.",
       0,
       0,
       {"classic", "quorum"}},
      {"celery.inference_queue", &Settings::celery_inference_queue, "celery",
       "RabbitMQ queue of inference tasks."},
      {"celery.training_queue", &Settings::celery_training_queue, "celery.training",
       "RabbitMQ queue of training tasks."},
      {"celery.inference_task", &Settings::celery_inference_task, "inference",
       "What Celery's tools call an inference."},
      {"celery.training_task", &Settings::celery_training_task, "training",
       "What Celery's tools call a training."},
      {"celery.node", &Settings::celery_node, "",
       "What Celery's tools call this worker; empty: rankloop-<process>@<host>."},
      {"celery.results",
       &Settings::celery_results,
       "",
       "Where Celery's producers look for results, redis://user:password@host:port/0; empty: reply queues "
       "only.",
       0,
       0,
       {},
       true},
      {"celery.external",
       &Settings::celery_external,
       "",
       "Tasks that Python workers run in rankloop's place; empty: none.",
       0,
       0,
       {"", "inference"}},
      {"celery.external_queue", &Settings::celery_external_queue, "rankloop.external",
       "RabbitMQ queue that those Python workers read."},
      {"celery.external_timeout", &Settings::celery_external_timeout, "30s",
       "How long a Python worker may take to answer; then the attempt has failed.", 100, kDay},
      {"auth.token",
       &Settings::auth_token,
       "",
       "When set, requests need 'Authorization: Bearer <token>'; at least 16 characters.",
       kLeastToken,
       0,
       {},
       true},
      {"auth.guest_token",
       &Settings::auth_guest_token,
       "",
       "A second token that may only ask for rankings, read and pick from them; all else needs auth.token.",
       kLeastToken,
       0,
       {},
       true},
      {"log.level",
       &Settings::log_level,
       "info",
       "How much is logged.",
       0,
       0,
       {"debug", "info", "warning", "error", "off"}},
      {"log.format",
       &Settings::log_format,
       "text",
       "One event a line, for people or for machines.",
       0,
       0,
       {"text", "json"}},
      {"tracing.endpoint",
       &Settings::tracing_endpoint,
       "",
       "Collector that takes spans as OTLP over HTTP in JSON, http://user:password@host:4318/v1/traces; "
       "empty: "
       "none.",
       0,
       0,
       {},
       true},
      {"tracing.sample", &Settings::tracing_sample, "0",
       "Share of requests without a traceparent that begin a trace; with one, the caller has decided.", 0, 1},
      {"tracing.service", &Settings::tracing_service, "rankloop",
       "What the collector knows this process by."},
      {"tracing.page", &Settings::tracing_page, "",
       "Address of a trace for people, http://host:16686/trace/{trace_id}, which the dashboard links to; "
       "empty: none."},
      {"shutdown.grace", &Settings::shutdown_grace, "20s", "How long SIGTERM waits for running work.", 0,
       kDay},
      {"shutdown.lead", &Settings::shutdown_lead, "0s",
       "How long it still accepts connections after SIGTERM while /health/ready says 503, for balancers that "
       "ask; part "
       "of the grace.",
       0, kDay},
      {"shutdown.linger", &Settings::shutdown_linger, "1s",
       "How long connections that are open then may still bring one more request; part of the grace.", 0,
       kDay},
      {"http.public_url", &Settings::http_public_url, "",
       "Where people reach this server through a proxy, https://rank.example; empty: nowhere else."},
      {"http.allowed_hosts", &Settings::http_allowed_hosts, "",
       "More names that requests may give in Host, with commas; *: any. Empty: on loopback its own names; "
       "elsewhere "
       "without auth.token addresses, with it any name."},
      {"http.allowed_origins", &Settings::http_allowed_origins, "",
       "More sites whose pages may change something here, https://rank.example, with commas."},
      {"http.trusted_proxies", &Settings::http_trusted_proxies, "",
       "Addresses and networks of proxies whose X-Forwarded-For says who asks, 127.0.0.1, 10.0.0.0/8, with "
       "commas."},
      {"http.max_connections", &Settings::http_max_connections, "4096",
       "Open connections; one more closes the longest idle one, and gets 503 when none is idle.", 1, 100'000},
      {"http.max_connections_per_peer", &Settings::http_max_connections_per_peer, "1024",
       "Of them those of one address; trusted proxies are not counted.", 1, 100'000},
      {"http.max_waiting", &Settings::http_max_waiting, "2048",
       "Long polls and streams that wait at once; one more gets 503.", 1, 100'000},
      {"http.max_waiting_per_peer", &Settings::http_max_waiting_per_peer, "512",
       "Of them those of one address, as trusted proxies tell it.", 1, 100'000},
      {"http.max_guest_changes", &Settings::http_max_guest_changes, "0",
       "Rankings, picks and cancellations that one address may ask for in a minute without the operator's "
       "token; more get 429. 0: no bound.",
       0, 10'000'000},
      {"http.max_body", &Settings::http_max_body, "1MB", "Largest request body; larger gets 413.", 1024,
       kGigabyte},
      {"http.max_import", &Settings::http_max_import, "256MB", "Largest body of an items import.", 1024,
       4 * kGigabyte},
      {"http.max_unsent", &Settings::http_max_unsent, "128MB",
       "Answers that clients have not taken yet, together; beyond it the longest standing are given up.",
       1 << 20, 1024 * kGigabyte},
      {"http.least_rate", &Settings::http_least_rate, "16KB",
       "Bytes a second with which, after these times, a body has to come and an answer to be taken.", 1,
       kGigabyte},
      {"http.read_timeout", &Settings::http_read_timeout, "10s",
       "For the head of a request once begun, and between two pieces of its body; then 408.", 100, kDay},
      {"http.write_timeout", &Settings::http_write_timeout, "30s",
       "Between two pieces of an answer that a client takes; then closed.", 100, kDay},
      {"http.idle_timeout", &Settings::http_idle_timeout, "75s",
       "Between requests of a connection; then closed.", 100, kDay},
      {"tasks.max_waiting", &Settings::tasks_max_waiting, "10000",
       "Accepted tasks that no worker has begun; one more start gets 503.", 1, 10'000'000},
      {"tasks.max_attempts", &Settings::tasks_max_attempts, "4", "Attempts before a task fails for good.", 1,
       100},
      {"tasks.lease", &Settings::tasks_lease, "10s", "How long a worker holds a task without a sign of life.",
       1000, kDay},
      {"ranking.best", &Settings::ranking_best, "1000", "How many items of a ranking are kept.", 1, 65'535},
      {"exploration.share", &Settings::exploration_share, "0",
       "Share of requests that a random order answers, so that training sees more than its own best ten.", 0,
       1},
      {"training.family",
       &Settings::training_family,
       "logistic",
       "Model family that a training makes when it is not told.",
       0,
       0,
       {"random", "popularity", "logistic", "mlp", "gbdt"}},
      {"training.objective",
       &Settings::training_objective,
       "listwise",
       "What the families logistic, mlp and gbdt are fitted to: the rows of a request against each other "
       "(listwise), or "
       "each row by itself (logistic).",
       0,
       0,
       {"listwise", "logistic"}},
      {"training.minimum", &Settings::training_minimum, "250",
       "Requests with an outcome that a training needs.", 10, 1'000'000'000},
      {"training.window", &Settings::training_window, "100000",
       "The newest requests with an outcome that a training looks at; 0: all.", 0, 1'000'000'000},
      {"training.most_shown", &Settings::training_most_shown, "50",
       "Ranks of a list that count as shown and picked, however much was read; 0: all.", 0, 65'535},
      {"training.person_limit", &Settings::training_person_limit, "50",
       "Requests of one person that count in full, in training and gate; 0: all.", 0, 1'000'000'000},
      {"training.test_share", &Settings::training_test_share, "0.2",
       "The newest share of them, kept to judge the model.", 0, 1},
      {"training.promote",
       &Settings::training_promote,
       "auto",
       "A model that the gate lets through answers at once (auto) or when somebody promotes it (manual).",
       0,
       0,
       {"auto", "manual"}},
      {"training.position_bias",
       &Settings::training_position_bias,
       "estimate",
       "People overlook lower positions: weigh picks by how much that matters (estimated where the random "
       "order "
       "answered), or ignore it.",
       0,
       0,
       {"estimate", "ignore"}},
      {"training.threads", &Settings::training_threads, "1", "Threads that a training may use.", 1, 64},
      {"training.hyperparameters", &Settings::training_hyperparameters, "",
       "Of the families, as \"gbdt.depth=8, logistic.penalty=1\"; docs/learning.md lists them."},
      {"training.every", &Settings::training_every, "0",
       "Retrain after this many new requests with an outcome; 0: never by itself.", 0, 1'000'000'000},
      {"training.interval", &Settings::training_interval, "0s", "Retrain this often; 0s: never by itself.", 0,
       365 * kDay},
      {"training.drift", &Settings::training_drift, "0",
       "Retrain when a feature of who asks has a stability index above this (0.25 is much); 0: never by "
       "itself.",
       0, 100},
      {"gate.metric",
       &Settings::gate_metric,
       "ndcg@10",
       "What a new model must be better at.",
       0,
       0,
       {"ndcg@1", "ndcg@3", "ndcg@5", "ndcg@10", "mrr", "map", "logloss"}},
      {"gate.margin", &Settings::gate_margin, "0", "By how much it must be better, at the least.", 0, 1},
      {"gate.min_requests", &Settings::gate_min_requests, "200", "Test requests that a promotion needs.", 1,
       1'000'000'000},
      {"gate.min_people", &Settings::gate_min_people, "30",
       "People that the test requests must be of (user_key; each request without one is a person's), or "
       "gate.min_requests when that is less.",
       1, 1'000'000'000},
      {"gate.looks",
       &Settings::gate_looks,
       "spend",
       "Every model judged since the last promotion is another try of chance: make each interval wider "
       "(spend), or "
       "not (ignore).",
       0,
       0,
       {"spend", "ignore"}},
      {"gate.imported", &Settings::gate_imported, "false",
       "Imported history may judge models too; otherwise it only trains."},
      {"gate.min_own_shown", &Settings::gate_min_own_shown, "0.5",
       "How much of what it would show must have been shown, where models ordered the lists.", 0, 1},
      {"gate.max_latency_ratio", &Settings::gate_max_latency_ratio, "20",
       "How many times as long as the champion it may take to score.", 1, 1'000'000},
      {"gate.max_calibration_error", &Settings::gate_max_calibration_error, "0.1",
       "How far its probabilities may be off, on average.", 0, 1},
      {"gate.min_catalog_share", &Settings::gate_min_catalog_share, "0.2",
       "How much of the catalog that the champion shows it must show, at the least.", 0, 1},
      {"models.max_artefact", &Settings::models_max_artefact, "32MB",
       "Largest artefact of a model; a larger one is not imported, kept after a training, or loaded.", 1024,
       kGigabyte},
      {"memory.item_halves", &Settings::memory_item_halves, "1GB",
       "For what a model computes from items alone; beyond it that part is computed per request.", 0,
       1024 * kGigabyte},
      {"memory.recent_results", &Settings::memory_recent_results, "16MB",
       "For results of recent tasks, kept to answer without the disk.", 0, 1024 * kGigabyte},
      {"memory.item_texts", &Settings::memory_item_texts, "16MB",
       "For the texts of items that were answered lately, kept likewise.", 0, 1024 * kGigabyte},
      {"memory.store_cache", &Settings::memory_store_cache, "16MB", "Page cache of the embedded store.",
       1 << 20, 1024 * kGigabyte},
      {"idempotency.kept_for", &Settings::idempotency_kept_for, "24h",
       "How long an answer is kept under its Idempotency-Key.", 1000, 365 * kDay},
  };
  return options;
}

std::string range_text(const Option& option) {
  if (std::holds_alternative<std::chrono::milliseconds Settings::*>(option.field)) {
    return to_text(std::chrono::milliseconds{option.minimum}) + " to " +
           to_text(std::chrono::milliseconds{option.maximum});
  }
  if (std::holds_alternative<Bytes Settings::*>(option.field)) {
    return bytes_to_text(static_cast<std::uint64_t>(option.minimum)) + " to " +
           bytes_to_text(static_cast<std::uint64_t>(option.maximum));
  }
  return std::to_string(option.minimum) + " to " + std::to_string(option.maximum);
}

bool in_range(const Option& option, std::int64_t value) {
  return value >= option.minimum && value <= option.maximum;
}

std::string shown_choice(std::string_view name) {
  return name.empty() ? R"("")" : std::string{name};
}

// One overload a type: reads `text` into the setting, or says what is allowed.
std::optional<std::string> assign(const Option& option, std::string& target, std::string_view text) {
  if (!option.allowed.empty() &&
      std::find(option.allowed.begin(), option.allowed.end(), text) == option.allowed.end()) {
    std::string names;
    for (const std::string_view name : option.allowed)
      names += (names.empty() ? "" : ", ") + shown_choice(name);
    return "one of " + names;
  }
  if (!text.empty() && static_cast<std::int64_t>(text.size()) < option.minimum) {
    return "nothing, or at least " + std::to_string(option.minimum) + " characters";
  }
  target = text;
  return std::nullopt;
}

std::optional<std::string> assign(const Option& option, std::int64_t& target, std::string_view text) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), target);
  if (error != std::errc{} || end != text.data() + text.size() || !in_range(option, target)) {
    return "a whole number, " + range_text(option);
  }
  return std::nullopt;
}

std::optional<std::string> assign(const Option& option, double& target, std::string_view text) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), target);
  const bool in_range =
      target >= static_cast<double>(option.minimum) && target <= static_cast<double>(option.maximum);
  if (error != std::errc{} || end != text.data() + text.size() || !in_range) {
    return "a number, " + range_text(option);
  }
  return std::nullopt;
}

std::optional<std::string> assign(const Option&, bool& target, std::string_view text) {
  if (text != "true" && text != "false" && text != "1" && text != "0") return "true or false";
  target = text == "true" || text == "1";
  return std::nullopt;
}

std::optional<std::string> assign(const Option& option, std::chrono::milliseconds& target,
                                  std::string_view text) {
  const auto value = parse_duration(text);
  if (!value || !in_range(option, value->count())) {
    return "a duration such as 500ms, 30s or 24h, " + range_text(option);
  }
  target = *value;
  return std::nullopt;
}

std::optional<std::string> assign(const Option& option, Bytes& target, std::string_view text) {
  const auto value = parse_bytes(text);
  if (!value || !in_range(option, static_cast<std::int64_t>(*value))) {
    return "a size such as 512KB, 64MB or 2GB, " + range_text(option);
  }
  target.count = *value;
  return std::nullopt;
}

Status set(Settings& settings, const Option& option, std::string_view text, const std::string& source) {
  const std::optional<std::string> allowed =
      std::visit([&](auto member) { return assign(option, settings.*member, text); }, option.field);
  if (!allowed) return {};
  return Error{ErrorCode::kInvalidArgument, source + ": " + std::string{option.key} + " is '" +
                                                (option.secret ? "***" : std::string{text}) +
                                                "'; allowed is " + *allowed};
}

const Option* find(std::string_view key) {
  for (const Option& option : table()) {
    if (option.key == key) return &option;
  }
  return nullptr;
}

Error unknown_key(const std::string& key, const std::string& source) {
  std::vector<std::string_view> names;
  for (const Option& option : table()) names.push_back(option.key);
  std::string message = source + ": there is no setting '" + key + "'";
  if (const auto nearest = closest_name(key, names))
    message += "; did you mean '" + std::string{*nearest} + "'?";
  return Error{ErrorCode::kInvalidArgument, message};
}

// The text of a TOML value, so that a file and an environment variable go the same way; nothing for a list or
// a date, which no setting takes.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  std::ostringstream out;
  if (const auto number = node.value_exact<std::int64_t>()) {
    out << *number;
  } else if (const auto flag = node.value_exact<bool>()) {
    out << (*flag ? "true" : "false");
  } else if (const auto real = node.value_exact<double>()) {
    out << std::setprecision(15) << *real;
  } else {
    return std::nullopt;
  }
  return out.str();
}

Status read_table(Settings& settings, const toml::table& from, const std::string& prefix,
                  const std::string& file) {
  for (const auto& [name, node] : from) {
    const std::string key = prefix + std::string{name.str()};
    if (const toml::table* inner = node.as_table()) {
      if (Status status = read_table(settings, *inner, key + ".", file); !status) return status;
      continue;
    }
    const std::string source = file + ":" + std::to_string(node.source().begin.line);
    const Option* option = find(key);
    if (option == nullptr) return unknown_key(key, source);
    const std::optional<std::string> text = text_of(node);
    if (!text) {
      return Error{ErrorCode::kInvalidArgument,
                   source + ": " + key + " is a list or a date; allowed is a text, a number, true or false"};
    }
    if (Status status = set(settings, *option, *text, source); !status) return status;
    settings.taken_from.insert_or_assign(key, "file");
  }
  return {};
}

// What others call by our name: the tests and scripts around the program, and what Kubernetes sets in every
// container beside a service named rankloop.
bool is_of_others(std::string_view variable) {
  constexpr std::array<std::string_view, 5> kNames{"RANKLOOP_BENCHMARKS", "RANKLOOP_BIN", "RANKLOOP_BINARY",
                                                   "RANKLOOP_PORT"};
  return std::find(kNames.begin(), kNames.end(), variable) != kNames.end() ||
         variable.starts_with("RANKLOOP_SERVICE_") || variable.starts_with("RANKLOOP_PORT_");
}

Status check_variables(std::span<const std::string> variables) {
  std::vector<std::string> names;
  for (const Option& option : table()) names.push_back(environment_name(option));
  for (const std::string& variable : variables) {
    if (is_of_others(variable) || std::find(names.begin(), names.end(), variable) != names.end()) continue;
    std::string message = "environment: there is no setting '" + variable + "'";
    std::vector<std::string_view> endings;  // what all have in common would make anything look near
    for (const std::string& name : names) endings.push_back(std::string_view{name}.substr(kOurs.size()));
    if (const auto nearest = closest_name(std::string_view{variable}.substr(kOurs.size()), endings))
      message += "; did you mean '" + std::string{kOurs} + std::string{*nearest} + "'?";
    return Error{ErrorCode::kInvalidArgument, message + " (rankloop config lists the settings)"};
  }
  return {};
}

Status read_file(Settings& settings, const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return Error{ErrorCode::kNotFound, "cannot read the config file '" + file + "'"};
  std::stringstream text;
  text << in.rdbuf();
  if (const auto excess = toml_excess(text.view())) {
    return Error{ErrorCode::kInvalidArgument,
                 file + ":" + std::to_string(excess->line) + ": " + excess->message};
  }
  try {
    return read_table(settings, toml::parse(text.str()), "", file);
  } catch (const toml::parse_error& error) {
    return Error{ErrorCode::kInvalidArgument, file + ":" + std::to_string(error.source().begin.line) + ": " +
                                                  std::string{error.description()}};
  }
}

std::string quoted(const Option& option) {
  const bool bare = std::holds_alternative<std::int64_t Settings::*>(option.field) ||
                    std::holds_alternative<bool Settings::*>(option.field);
  return bare ? std::string{option.preset} : "\"" + std::string{option.preset} + "\"";
}

}  // namespace

std::span<const Option> options() {
  return table();
}

std::string environment_name(const Option& option) {
  std::string name{kOurs};
  for (const char c : option.key) {
    name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

Result<Settings> load_settings(const Sources& sources) {
  Settings settings;
  for (const Option& option : table()) {
    if (Status status = set(settings, option, option.preset, "default"); !status) return status.error();
  }
  if (!sources.file.empty()) {
    if (Status status = read_file(settings, sources.file); !status) return status.error();
  }
  if (Status status = check_variables(sources.variables); !status) return status.error();
  for (const Option& option : table()) {
    const std::string name = environment_name(option);
    const std::optional<std::string> value = sources.environment ? sources.environment(name) : std::nullopt;
    if (!value) continue;
    if (Status status = set(settings, option, *value, name); !status) return status.error();
    settings.taken_from.insert_or_assign(std::string{option.key}, "environment");
  }
  for (const auto& [key, value] : sources.command_line) {
    const Option* option = find(key);
    if (option == nullptr) return unknown_key(key, "command line");
    if (Status status = set(settings, *option, value, "command line"); !status) return status.error();
    settings.taken_from.insert_or_assign(key, "command line");
  }
  return settings;
}

std::string sample_file() {
  std::string text =
      "# Settings of rankloop. Every key stands here with its default; remove the '#' to change one.\n"
      "# Each is also a variable (RANKLOOP_ and the key in upper case, dots as underscores).\n";
  std::string section;
  for (const Option& option : table()) {
    const std::size_t dot = option.key.find('.');
    const std::string own = dot == std::string_view::npos ? "" : std::string{option.key.substr(0, dot)};
    if (own != section) {
      section = own;
      text += "\n[" + section + "]\n";
    }
    text += "\n# " + std::string{option.help};
    if (!option.allowed.empty()) {
      text += " One of";
      for (const std::string_view name : option.allowed) text += " " + shown_choice(name);
      text += ".";
    } else if (option.maximum > 0) {
      text += " (" + range_text(option) + ")";
    }
    text += "\n# " + std::string{dot == std::string_view::npos ? option.key : option.key.substr(dot + 1)} +
            " = " + quoted(option) + "\n";
  }
  return text;
}

}  // namespace rankloop::config
