// Writes experiments and their reports as tables and sentences.
#include "cli/experiment_text.h"

#include <cmath>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace rankloop::cli {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
  if (value.is_null()) return "-";
  return value.is_string() ? std::string{value.get_string()} : json::serialize(value);
}

std::string number_of(const json::value& value) {
  return value.is_number() ? fmt::format("{:.4g}", value.to_number<double>()) : "-";
}

std::string pair_of(const json::value& pair) {
  if (!pair.is_array()) return "not known yet";
  return number_of(pair.at(0)) + " to " + number_of(pair.at(1));
}

std::string method_of(const json::object& experiment) {
  return experiment.at("interleaving").is_null() ? "split" : text_of(experiment.at("interleaving"));
}

std::string outcome_of(const json::object& experiment) {
  if (experiment.at("conclusion").is_null()) return "";
  const std::string winner = experiment.at("winner").is_null() ? "" : " " + text_of(experiment.at("winner"));
  return text_of(experiment.at("conclusion")) + winner;
}

std::string arms_of(const json::object& experiment) {
  std::string text;
  for (const json::value& arm : experiment.at("arms").as_array())
    text += (text.empty() ? "" : ", ") + text_of(arm.at("name"));
  return text;
}

std::string metric_text(const json::object& metric) {
  const bool primary = metric.at("primary").as_bool();
  std::string text = fmt::format("\n{}{}\n", text_of(metric.at("metric")), primary ? " (decides)" : "");
  for (const json::value& arm : metric.at("arms").as_array()) {
    text += fmt::format("  {:<20}  {:>8} people  {:>8} lists  {:>10}\n", text_of(arm.at("arm")),
                        text_of(arm.at("people")), text_of(arm.at("requests")), number_of(arm.at("mean")));
  }
  for (const json::value& each : metric.at("comparisons").as_array()) {
    text += fmt::format("  {} less {}: {} (at all moments {}; p {})", text_of(each.at("arm")),
                        text_of(each.at("control")), number_of(each.at("difference")),
                        pair_of(each.at("band")), number_of(each.at("p_adjusted")));
    if (!each.at("guardrail").is_null()) text += "; guardrail: " + text_of(each.at("guardrail"));
    text += '\n';
  }
  return text;
}

std::string preference_text(const json::object& found) {
  std::string text =
      fmt::format("\nlists of both arms ({}): {}\n", text_of(found.at("way")), text_of(found.at("merged")));
  for (const json::value& arm : found.at("arms").as_array()) {
    text += fmt::format("  {:<20}  {:>8} won  {:>8} people  credit {:>10}\n", text_of(arm.at("arm")),
                        text_of(arm.at("wins")), text_of(arm.at("people")), number_of(arm.at("credit")));
  }
  text += fmt::format("  {} ties; sign test over people at this one moment: p {}\n",
                      text_of(found.at("ties")), number_of(found.at("sign_test_p")));
  return text + (found.at("preferred").is_null() ? std::string{"  neither arm is surely preferred yet\n"}
                                                 : "  preferred: " + text_of(found.at("preferred")) + "\n");
}

}  // namespace

std::string experiments_text(const json::array& experiments) {
  if (experiments.empty()) return "no experiment yet\n";
  std::string text = fmt::format("{:>6}  {:<24}  {:<10}  {:<13}  {:<12}  {:>8}  {:<22}  {}\n", "number",
                                 "name", "state", "method", "decides", "planned", "outcome", "arms");
  for (const json::value& each : experiments) {
    const json::object& experiment = each.as_object();
    text +=
        fmt::format("{:>6}  {:<24}  {:<10}  {:<13}  {:<12}  {:>8}  {:<22}  {}\n",
                    text_of(experiment.at("experiment_id")), text_of(experiment.at("name")),
                    text_of(experiment.at("state")), method_of(experiment), text_of(experiment.at("primary")),
                    text_of(experiment.at("planned_people")), outcome_of(experiment), arms_of(experiment));
  }
  return text;
}

std::string experiment_text(const json::object& experiment) {
  std::string text = fmt::format(
      "experiment {} '{}' is {}{}\n", text_of(experiment.at("experiment_id")), text_of(experiment.at("name")),
      text_of(experiment.at("state")) == "draft" ? "a " : "", text_of(experiment.at("state")));
  if (!outcome_of(experiment).empty()) text += "  conclusion: " + outcome_of(experiment) + "\n";
  text += fmt::format(
      "  method: {}; unit: {}; decides: {}; smallest effect: {}; planned people: {}; exposure: {:.0f} %\n",
      method_of(experiment), text_of(experiment.at("unit")), text_of(experiment.at("primary")),
      number_of(experiment.at("smallest_effect")), text_of(experiment.at("planned_people")),
      100 * experiment.at("exposure").to_number<double>());
  for (const json::value& arm : experiment.at("arms").as_array()) {
    const json::value& model = arm.at("model_id");
    text += fmt::format("  arm {}: {}{}, {:.4g} % of the traffic\n", text_of(arm.at("name")),
                        model.is_string() ? "the " : "model ", text_of(model),
                        100 * arm.at("share").to_number<double>());
  }
  return text;
}

std::string report_text(const json::object& report) {
  std::string text =
      fmt::format("  {} lists of {} people{}\n", text_of(report.at("requests")), text_of(report.at("people")),
                  report.at("complete").as_bool() ? "" : ", the newest left out");
  const json::object& ratio = report.at("sample_ratio").as_object();
  if (ratio.at("alarm").as_bool())
    text += "  ALARM: sample ratio mismatch (p " + number_of(ratio.at("p")) +
            "); nothing below can be believed\n";
  if (const json::object* found = report.at("interleaving").if_object()) text += preference_text(*found);
  for (const json::value& each : report.at("metrics").as_array()) {
    const json::object& metric = each.as_object();
    if (metric.at("primary").as_bool() || !metric.at("bound").is_null()) text += metric_text(metric);
  }
  return text;
}

std::string size_text(const json::object& size, bool interleaved) {
  const std::string terms =
      fmt::format("see the effect with a chance of {:.0f} %, and one that is not there with {:.2g} %\n",
                  100 * size.at("power").to_number<double>(), 100 * size.at("alpha").to_number<double>());
  if (interleaved) return text_of(size.at("people")) + " people with lists of both arms " + terms;
  return fmt::format("{} people in each of two equal arms, {} in all, ", text_of(size.at("people_per_arm")),
                     text_of(size.at("people"))) +
         terms;
}

}  // namespace rankloop::cli
