// The report on a policy's value as JSON.
#include <utility>

#include "domain/json_writer.h"
#include "ml/policy_value.h"

namespace rankloop::ml {
namespace {

void write_interval(JsonWriter& json, std::string_view name, const Interval& interval) {
  json.key(name).begin_array().number(interval.low).number(interval.high).end_array();
}

void write_weights(JsonWriter& json, const WeightReport& weights) {
  json.key("effective").number(weights.effective).key("largest").number(weights.largest);
  json.key("mean").number(weights.mean).key("mean_error").number(weights.mean_error);
}

void write_sentences(JsonWriter& json, std::string_view name, const std::vector<std::string>& sentences) {
  json.key(name).begin_array();
  for (const std::string& sentence : sentences) json.text(sentence);
  json.end_array();
}

}  // namespace

std::string to_json(const PolicyReport& report) {
  std::string text;
  JsonWriter json{text};
  json.begin_object().key("lists").integer(static_cast<std::int64_t>(report.lists));
  json.key("items").integer(static_cast<std::int64_t>(report.items));
  json.key("people").integer(static_cast<std::int64_t>(report.people));
  json.key("logged").begin_object().key("value").number(report.logged);
  write_interval(json, "interval", report.logged_interval);
  json.end_object().key("estimates").begin_array();
  for (const PolicyEstimate& each : report.estimates) {
    json.begin_object().key("estimator").word(name_of(each.estimator)).key("value").number(each.value);
    write_interval(json, "interval", each.interval);
    json.end_object();
  }
  json.end_array();
  if (report.bernstein) write_interval(json, "bernstein", *report.bernstein);
  json.key("weights").begin_object();
  write_weights(json, report.weights);
  json.key("clipped_share").number(report.clipped_share).key("clip_bias").number(report.clip_bias);
  json.end_object();
  for (const auto& [name, weights] :
       {std::pair{"joint_weights", &report.joint}, std::pair{"examined_weights", &report.examined}}) {
    if (!*weights) continue;
    json.key(name).begin_object();
    write_weights(json, **weights);
    json.end_object();
  }
  write_sentences(json, "refusals", report.refusals);
  write_sentences(json, "warnings", report.warnings);
  json.end_object();
  return text;
}

}  // namespace rankloop::ml
