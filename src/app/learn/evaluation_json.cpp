// What an evaluation came to, as JSON.
#include <algorithm>

#include "app/learn/ledger_evaluation.h"
#include "domain/json_writer.h"
#include "ml/explore/exploration.h"

namespace rankloop::app {
namespace {

void write_target(JsonWriter& json, const EvaluationFacts& facts) {
  json.key("target").begin_object().key("model_id");
  if (facts.model.value == 0) {
    json.null();
  } else {
    json.integer(facts.model.value);
  }
  json.key("family").text(facts.family).key("explore").number(facts.explore);
  json.key("explore_by").word(ml::way_of(facts.way).name);
  if (facts.way == PolicyKind::kSoftmax) json.key("temperature").number(facts.temperature);
  if (facts.way == PolicyKind::kSquareCb) json.key("gamma").number(facts.gamma);
  json.end_object();
}

void write_moment(JsonWriter& json, std::string_view name, const std::optional<WallTime>& at) {
  json.key(name);
  if (at) {
    json.text(to_iso8601(*at));
  } else {
    json.null();
  }
}

void write_requests(JsonWriter& json, const EvaluationFacts& facts) {
  json.key("requests").begin_object().key("read").integer(facts.read).key("used").integer(facts.used());
  json.key("first").integer(facts.first.value).key("last").integer(facts.last.value);
  write_moment(json, "earliest", facts.earliest);
  write_moment(json, "latest", facts.latest);
  json.key("left_out").begin_array();
  for (std::size_t i = 0; i < kOfNoUse; ++i) {
    if (facts.left_out[i] == 0) continue;
    const auto reason = static_cast<OfNoUse>(i);
    json.begin_object().key("reason").word(name_of(reason)).key("requests").integer(facts.left_out[i]);
    json.key("because").text(sentence_of(reason)).end_object();
  }
  json.end_array().end_object();
}

void write_logs(JsonWriter& json, const EvaluationFacts& facts) {
  const double used = static_cast<double>(std::max<std::int64_t>(facts.used(), 1));
  json.key("logs").begin_object().key("policies").begin_array();
  for (const auto& [name, requests] : facts.policies)
    json.begin_object().key("policy").text(name).key("requests").integer(requests).end_object();
  json.end_array().key("models").begin_array();
  for (const auto& [model, requests] : facts.logged_by)
    json.begin_object().key("model_id").integer(model.value).key("requests").integer(requests).end_object();
  json.end_array().key("randomised_share").number(static_cast<double>(facts.randomised) / used);
  json.key("eligible_items").number(facts.eligible);
  json.key("older_catalog").integer(facts.older_catalog);
  json.key("ranked_again").begin_object().key("lists").integer(facts.checked);
  json.key("differing").integer(facts.differing).end_object().end_object();
}

void write_rewards(JsonWriter& json, const EvaluationFacts& facts) {
  json.key("rewards").begin_object().key("family").text(facts.reward_family);
  json.key("folds").integer(static_cast<std::int64_t>(facts.folds));
  json.key("requests").integer(facts.reward_requests).key("examination");
  if (facts.examination) {
    json.begin_array();
    for (const double at : facts.examination->at_position) json.number(at);
    json.end_array();
  } else {
    json.null();
  }
  json.end_object();
}

}  // namespace

std::string to_json(const LedgerEvaluation& evaluation) {
  std::string text;
  JsonWriter json{text};
  json.begin_object();
  write_target(json, evaluation.facts);
  write_requests(json, evaluation.facts);
  write_logs(json, evaluation.facts);
  write_rewards(json, evaluation.facts);
  json.key("clip").number(evaluation.facts.clip).key("confidence").number(evaluation.facts.confidence);
  json.key("report").json(ml::to_json(evaluation.report));
  json.key("next_steps").begin_array();
  for (const std::string& step : evaluation.next_steps) json.text(step);
  json.end_array().end_object();
  return text;
}

}  // namespace rankloop::app
