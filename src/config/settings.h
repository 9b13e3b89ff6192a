// Every setting of the server, declared once in settings_table.cpp: key, default, range and help. The sample
// file (config/rankloop.toml), `--help`, the RANKLOOP_ variables and the checks all come from that table.
//
// A setting is taken from, later wins: its default, the file, the environment (RANKLOOP_ and the key in upper
// case, dots as underscores), the command line.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "error/result.h"

namespace rankloop::config {

struct Bytes {
  std::uint64_t count = 0;
};

struct Settings {
  std::string listen;
  std::string worker_listen;
  std::string data_dir;
  std::string domain;
  std::int64_t workers = 0;
  bool empty = false;
  bool insecure = false;
  bool demo = false;
  std::string store;
  std::int64_t store_readers = 0;
  std::chrono::milliseconds store_deadline{};
  std::chrono::milliseconds store_stall{};
  std::string queue;
  std::string queue_type;
  std::string celery_inference_queue;
  std::string celery_training_queue;
  std::string celery_inference_task;
  std::string celery_training_task;
  std::string celery_feedback_task;
  std::string celery_node;
  std::string celery_results;
  std::string celery_external;
  std::string celery_external_queue;
  std::chrono::milliseconds celery_external_timeout{};
  std::string auth_token;
  std::string auth_guest_token;
  std::string log_level;
  std::string log_format;
  std::string tracing_endpoint;
  double tracing_sample = 0;
  std::string tracing_service;
  std::string tracing_page;
  std::chrono::milliseconds shutdown_grace{};
  std::chrono::milliseconds shutdown_lead{};
  std::chrono::milliseconds shutdown_linger{};
  std::string http_public_url;
  std::string http_allowed_hosts;
  std::string http_allowed_origins;
  std::string http_trusted_proxies;
  std::int64_t http_max_connections = 0;
  std::int64_t http_max_connections_per_peer = 0;
  std::int64_t http_max_waiting = 0;
  std::int64_t http_max_waiting_per_peer = 0;
  std::int64_t http_max_guest_changes = 0;
  Bytes http_max_body;
  Bytes http_max_import;
  Bytes http_max_unsent;
  Bytes http_least_rate;
  std::chrono::milliseconds http_read_timeout{};
  std::chrono::milliseconds http_write_timeout{};
  std::chrono::milliseconds http_idle_timeout{};
  std::int64_t tasks_max_waiting = 0;
  std::int64_t tasks_max_attempts = 0;
  std::chrono::milliseconds tasks_lease{};
  std::int64_t ranking_best = 0;
  bool baseline = true;
  std::string exploration_policy;
  double exploration_share = 0;
  double exploration_temperature = 0;
  double exploration_gamma = 0;
  std::int64_t exploration_depth = 0;
  std::int64_t exploration_safe_top = 0;
  double exploration_most_loss = 0;
  std::string exploration_segment;
  std::string training_family;
  std::string training_objective;
  std::string training_target;
  std::int64_t training_minimum = 0;
  std::int64_t training_window = 0;
  std::int64_t training_most_shown = 0;
  std::int64_t training_person_limit = 0;
  double training_test_share = 0;
  std::string training_promote;
  std::string training_position_bias;
  std::int64_t training_threads = 0;
  std::string training_hyperparameters;
  std::int64_t training_every = 0;
  std::chrono::milliseconds training_interval{};
  double training_drift = 0;
  std::string gate_metric;
  double gate_margin = 0;
  double gate_effect = 0;
  std::int64_t gate_min_requests = 0;
  std::int64_t gate_min_people = 0;
  std::string gate_looks;
  bool gate_imported = false;
  double gate_min_own_shown = 0;
  double gate_max_latency_ratio = 0;
  double gate_max_calibration_error = 0;
  double gate_min_catalog_share = 0;
  Bytes models_max_artefact;
  Bytes memory_item_halves;
  Bytes memory_recent_results;
  Bytes memory_item_texts;
  Bytes memory_histories;
  Bytes memory_persons;
  Bytes memory_store_cache;
  std::chrono::milliseconds idempotency_kept_for{};

  // Where a setting that is not at its default was taken from, by key: "file", "environment", "command line".
  std::map<std::string, std::string, std::less<>> taken_from;
};

using Field = std::variant<std::string Settings::*, std::int64_t Settings::*, double Settings::*,
                           bool Settings::*, std::chrono::milliseconds Settings::*, Bytes Settings::*>;

struct Option {
  std::string_view key;  // "tasks.max_waiting"
  Field field;
  std::string_view preset;  // the default, as text
  std::string_view help;
  std::int64_t minimum = 0;  // of numbers, milliseconds and bytes; of texts the least length, unless empty
  std::int64_t maximum = 0;
  std::vector<std::string_view> allowed;  // of texts; empty: any
  bool secret = false;                    // never shown
  bool is_family = false;                 // a model family: what is allowed is said by whoever knows them
  bool takes_table = false;               // of texts: pairs "name=value, ...", also as a table in a file
};

// The names of all model families; empty: not known, so that any is allowed.
using Families = std::vector<std::string_view>;

std::span<const Option> options();
std::string environment_name(const Option& option);  // "RANKLOOP_TASKS_MAX_WAITING"
// A setting as one would write it, secrets included.
std::string text_of(const Settings& settings, const Option& option);

struct Sources {
  std::string file;                                                           // empty: none
  std::function<std::optional<std::string>(const std::string&)> environment;  // by variable's name
  std::vector<std::string> variables;               // names of all that begin with RANKLOOP_
  std::map<std::string, std::string> command_line;  // key -> text
  Families families{};
};

// kInvalidArgument names the source, the key, the value and what is allowed; an unknown key, and a variable
// that begins like ours and is none, come with the nearest known one. kNotFound: the file is not there.
Result<Settings> load_settings(const Sources& sources);

// The text of config/rankloop.toml: every key with its default, commented. `pairs`: a line for each name that
// may stand in a table of pairs.
std::string sample_file(const Families& families, std::span<const std::string> pairs = {});

}  // namespace rankloop::config
