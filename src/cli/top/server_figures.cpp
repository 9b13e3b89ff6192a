// Asks a server for its loop and reads the answers.
#include "cli/top/server_figures.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "domain/ledger_words.h"

namespace rankloop::cli {
namespace {

constexpr std::chrono::milliseconds kDeadline{5'000};
constexpr std::chrono::seconds kDriftEvery{10};  // the server reads thousands of requests for it
constexpr std::int64_t kOldestPage = 1'000;      // the most tasks that one answer holds

// What a look itself asks for: it would be seen as load.
constexpr std::array<std::string_view, 6> kOwnRoutes = {"/metrics", "/version",        "/tasks",
                                                        "/models",  "/models/history", "/monitoring/drift"};

std::string text_at(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

// When the task with this id was made: a UUIDv7 begins with the milliseconds.
std::optional<WallTime> time_of(std::string id) {
  std::erase(id, '-');
  std::int64_t milliseconds = 0;
  if (id.size() < 12 || std::from_chars(id.data(), id.data() + 12, milliseconds, 16).ec != std::errc{})
    return std::nullopt;
  return WallTime{std::chrono::milliseconds{milliseconds}};
}

ModelState model_of(const boost::json::object& object) {
  ModelState model;
  model.id = object.at("model_id").as_int64();
  model.family = text_at(object, "family");
  model.share = object.at("share").to_number<double>();
  model.role = object.at("champion").as_bool() ? "champion"
               : object.at("shadow").as_bool() ? "shadow"
               : model.share > 0               ? "challenger"
                                               : "";
  model.verdict = text_at(object, "verdict");
  const boost::json::object& counts = object.at("counts").as_object();
  model.shown = counts.at("shown").as_int64();
  model.picked = counts.at("picked").as_int64();
  if (!counts.at("pick_rate").is_null()) {
    model.rate = counts.at("pick_rate").to_number<double>();
    model.rate_low = counts.at("pick_rate_ci").as_array().at(0).to_number<double>();
    model.rate_high = counts.at("pick_rate_ci").as_array().at(1).to_number<double>();
  }
  return model;
}

// The gate's own reason first, then every guardrail that did not hold.
std::vector<std::string> blocks_of(const boost::json::object& judgement, const std::string& reason) {
  std::vector<std::string> blocks;
  if (parse_verdict(text_at(judgement, "verdict")) == Verdict::kPromote) return blocks;
  if (!reason.empty()) blocks.push_back(reason);
  const boost::json::value* guardrails = judgement.if_contains("guardrails");
  if (guardrails == nullptr || !guardrails->is_array()) return blocks;
  for (const boost::json::value& guardrail : guardrails->get_array()) {
    if (text_at(guardrail.as_object(), "state") == "failed")
      blocks.push_back("The guardrail " + text_at(guardrail.as_object(), "name") + " failed.");
  }
  return blocks;
}

void take_history(const boost::json::array& events, ServerFigures& state) {
  for (const boost::json::value& entry : events) {
    const boost::json::object& event = entry.as_object();
    const boost::json::value* detail = event.if_contains("detail");
    if (detail == nullptr || !detail->is_object() || text_at(detail->get_object(), "verdict").empty())
      continue;
    const std::string reason = text_at(event, "reason");
    if (state.trainings.empty()) state.blocks = blocks_of(detail->get_object(), reason);
    state.trainings.push_back({text_at(event, "at"), event.at("model_id").as_int64(),
                               text_at(detail->get_object(), "verdict"), reason});
    if (state.trainings.size() == ServerFigures::kTrainings) return;
  }
}

}  // namespace

Result<ServerFigures> LoopReader::read() {
  ServerFigures state;
  // What an answer lacks or has otherwise than expected throws in the JSON library.
  try {
    const auto version = fetch("/version");
    if (!version) return version.error();
    const boost::json::value about = boost::json::parse(*version);
    state.version = text_at(about.as_object(), "version");
    state.domain = text_at(about.as_object(), "domain");
    for (const auto part : {&LoopReader::read_metrics, &LoopReader::read_tasks, &LoopReader::read_models,
                            &LoopReader::read_drift}) {
      if (Status done = (this->*part)(state); !done) return done.error();
    }
  } catch (const std::exception& fault) {
    return Error{ErrorCode::kInternal,
                 "http://" + server_.server().authority + " does not answer like rankloop", fault.what()};
  }
  return state;
}

Result<std::string> LoopReader::fetch(const std::string& path) {
  auto answer = server_.ask({.path = path}, kDeadline);
  if (!answer) return answer.error();
  if (answer->status == 200) return std::move(answer->body);
  if (answer->status == 401) {
    return Error{ErrorCode::kUnauthenticated,
                 "http://" + server_.server().authority + " asks for a token: set RANKLOOP_AUTH_TOKEN"};
  }
  return Error{ErrorCode::kUnavailable,
               "http://" + server_.server().authority + path + " answered " + std::to_string(answer->status)};
}

Status LoopReader::read_metrics(ServerFigures& state) {
  const auto text = fetch("/metrics");
  if (!text) return text.error();
  state.at = clock_.monotonic();
  const MetricText metrics{*text};
  for (const Measurement& answered : metrics.all("rankloop_http_requests_total")) {
    const auto route = answered.labels.find("route");
    if (route == answered.labels.end() || std::ranges::find(kOwnRoutes, route->second) != kOwnRoutes.end())
      continue;
    state.counts.requests += answered.value;
    const auto status = answered.labels.find("status");
    if (route->second == "/inference/results/{task_id}" && status != answered.labels.end() &&
        status->second == "200")
      state.counts.shown += answered.value;
  }
  state.counts.scored = metrics.sum("rankloop_task_succeeded_total");
  state.counts.picked = metrics.sum("rankloop_feedback_good_total");
  state.counts.failed = metrics.sum("rankloop_task_failed_total");
  state.waiting =
      static_cast<std::int64_t>(metrics.sum("rankloop_task_scheduled") + metrics.sum("rankloop_task_ready"));
  state.running = static_cast<std::int64_t>(metrics.sum("rankloop_task_running"));
  state.wait = buckets_of(metrics, "rankloop_task_stage_seconds", "wait");
  state.score = buckets_of(metrics, "rankloop_task_stage_seconds", "score");
  state.total = buckets_of(metrics, "rankloop_task_total_seconds");
  return {};
}

Status LoopReader::read_tasks(ServerFigures& state) {
  const auto training = fetch("/tasks?kind=training&state=running&limit=1");
  if (!training) return training.error();
  const boost::json::value running = boost::json::parse(*training);
  if (!running.as_array().empty())
    state.training = text_at(running.as_array().front().as_object(), "started");
  if (state.waiting == 0) return {};
  const auto ready = fetch("/tasks?state=ready&limit=" + std::to_string(kOldestPage));
  if (!ready) return ready.error();
  const boost::json::value waiting = boost::json::parse(*ready);
  if (waiting.as_array().empty()) return {};
  if (const auto since = time_of(text_at(waiting.as_array().back().as_object(), "task_id"))) {
    state.oldest = std::max(std::chrono::seconds{0},
                            std::chrono::duration_cast<std::chrono::seconds>(clock_.wall() - *since));
  }
  return {};
}

Status LoopReader::read_models(ServerFigures& state) {
  const auto models = fetch("/models");
  if (!models) return models.error();
  const boost::json::value listed = boost::json::parse(*models);
  for (const boost::json::value& model : listed.as_array())
    state.models.push_back(model_of(model.as_object()));
  const auto history = fetch("/models/history?limit=50");
  if (!history) return history.error();
  const boost::json::value events = boost::json::parse(*history);
  take_history(events.as_array(), state);
  return {};
}

Status LoopReader::read_drift(ServerFigures& state) {
  const Monotonic now = clock_.monotonic();
  if (!drift_read_ || now - *drift_read_ >= kDriftEvery) {
    drift_read_ = now;
    drift_.reset();
    // Without a champion there is nothing to have drifted from: any refusal leaves it out.
    if (const auto text = fetch("/monitoring/drift")) {
      const boost::json::value report = boost::json::parse(*text);
      for (const boost::json::value& feature : report.at("features").as_array()) {
        const boost::json::value& index = feature.at("stability_index");
        // What was shown changes with every model; who asks is what one wants to hear of.
        if (!index.is_number() || text_at(feature.as_object(), "side") == "item") continue;
        if (!drift_ || index.to_number<double>() > drift_->stability_index)
          drift_ = {text_at(feature.as_object(), "feature"), index.to_number<double>()};
      }
    }
  }
  state.drift = drift_;
  return {};
}

}  // namespace rankloop::cli
