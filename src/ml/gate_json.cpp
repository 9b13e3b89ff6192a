// The gate's outcome as JSON.
#include <cmath>

#include <boost/json/parse.hpp>

#include "domain/strict_json.h"
#include "ml/gate.h"

namespace rankloop::ml {
namespace {

// JSON knows neither infinities nor NaN; a bound may be infinite when it is to hold always.
void append_number(std::string& json, const std::optional<double>& value) {
  if (value && std::isfinite(*value)) {
    append_json_number(json, *value);
  } else {
    json += "null";
  }
}

void append_member(std::string& json, std::string_view name, std::string_view text) {
  append_json_string(json, name);
  json += ':';
  append_json_string(json, text);
}

void append_member(std::string& json, std::string_view name, const std::optional<double>& value) {
  append_json_string(json, name);
  json += ':';
  append_number(json, value);
}

void append_member(std::string& json, std::string_view name, std::size_t count) {
  append_json_string(json, name);
  json += ':' + std::to_string(count);
}

void append_guardrail(std::string& json, const Guardrail& guardrail) {
  json += '{';
  append_member(json, "name", guardrail.name);
  json += ',';
  append_member(json, "value", guardrail.value);
  json += ',';
  append_member(json, guardrail.kind == BoundKind::kAtMost ? "at_most" : "at_least",
                std::optional{guardrail.bound});
  json += ',';
  append_member(json, "state", name_of(guardrail.state));
  json += '}';
}

// "name":[...] with what `append` makes of each element.
template <class Elements, class Append>
void append_list(std::string& json, std::string_view name, const Elements& elements, const Append& append) {
  append_json_string(json, name);
  json += ":[";
  bool first = true;
  for (const auto& element : elements) {
    if (!first) json += ',';
    first = false;
    append(element);
  }
  json += ']';
}

void append_randomised(std::string& json, const GateOutcome& outcome) {
  json += ",\"randomised\":";
  if (outcome.randomised_delta) {
    json += '{';
    append_member(json, "requests", outcome.n_randomised);
    json += ',';
    append_member(json, "delta", outcome.randomised_delta);
    json += ",\"ci\":[";
    append_number(json, outcome.randomised_low);
    json += ',';
    append_number(json, outcome.randomised_high);
    json += "]}";
  } else {
    json += "null";
  }
  std::optional<double> share;
  if (outcome.n_requests > 0)
    share = static_cast<double>(outcome.n_randomised) / static_cast<double>(outcome.n_requests);
  json += ',';
  append_member(json, "randomised_share", share);
}

void append_power(std::string& json, const std::optional<Power>& power) {
  json += ",\"power\":";
  if (!power) {
    json += "null";
    return;
  }
  json += '{';
  append_member(json, "detectable", std::optional{power->detectable});
  json += ',';
  append_member(json, "effect", std::optional{power->effect});
  json += ',';
  append_member(json, "requests", power->requests);
  json += ',';
  append_member(json, "randomised_share", power->randomised_share);
  json += '}';
}

}  // namespace

std::string_view name_of(Basis basis) {
  switch (basis) {
    case Basis::kGiven:
      return "given";
    case Basis::kRandomised:
      return "randomised";
    case Basis::kCorrected:
      return "corrected";
    case Basis::kUncorrected:
      return "uncorrected";
    case Basis::kOffPolicy:
      return "off_policy";
  }
  return "given";
}

std::string_view name_of(GuardrailState state) {
  switch (state) {
    case GuardrailState::kPassed:
      return "passed";
    case GuardrailState::kFailed:
      return "failed";
    case GuardrailState::kNotEvaluated:
      return "not_evaluated";
  }
  return "not_evaluated";
}

std::string to_json(const GateOutcome& outcome) {
  std::string json = "{";
  const auto add = [&](std::string_view name, const auto& value) {
    if (json.back() != '{') json += ',';
    append_member(json, name, value);
  };
  add("verdict", name_of(outcome.verdict));
  add("metric", name_of(outcome.metric));
  add("margin", std::optional{outcome.margin});
  add("confidence", std::optional{outcome.confidence});
  add("delta", outcome.delta);
  json += ",\"ci\":[";
  append_number(json, outcome.ci_low);
  json += ',';
  append_number(json, outcome.ci_high);
  json += ']';
  add("champion", outcome.champion);
  add("challenger", outcome.challenger);
  add("n_requests", outcome.n_requests);
  add("n_people", outcome.n_people);
  add("left_out", outcome.left_out);
  add("basis", name_of(outcome.basis));
  append_randomised(json, outcome);
  add("own_top_shown", outcome.own_top_shown);
  append_power(json, outcome.power);
  json += outcome.looked ? ",\"looked\":true" : ",\"looked\":false";
  json += ',';
  append_list(json, "guardrails", outcome.guardrails,
              [&](const Guardrail& guardrail) { append_guardrail(json, guardrail); });
  json += ',';
  append_list(json, "reasons", outcome.reasons,
              [&](const std::string& reason) { append_json_string(json, reason); });
  add("looks", outcome.looks);
  json += ',';
  append_list(json, "logged_by", outcome.logged_by, [&](const LoggedBy& logged) {
    json += '{';
    append_member(json, "model", std::string_view{logged.model});
    json += ',';
    append_member(json, "requests", logged.requests);
    json += '}';
  });
  return json + "}";
}

std::optional<Judged> read_judged(std::string_view json) {
  boost::system::error_code fault;
  const boost::json::value outcome = boost::json::parse(json, fault);
  const boost::json::object* const members = fault ? nullptr : outcome.if_object();
  if (members == nullptr) return std::nullopt;
  const boost::json::value* const word = members->if_contains("verdict");
  if (word == nullptr || !word->is_string()) return std::nullopt;
  const std::optional<Verdict> verdict = parse_verdict(word->get_string());
  if (!verdict) return std::nullopt;
  const boost::json::value* const looked = members->if_contains("looked");
  return Judged{*verdict, looked == nullptr || !looked->is_bool() || looked->get_bool()};
}

}  // namespace rankloop::ml
