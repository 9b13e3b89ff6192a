// Estimates with their intervals, weights, refusals and warnings, line by line.
#include "cli/policy_table.h"

#include <array>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace rankloop::cli {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kMeanings{
    {{"ips", "by weights alone"},
     {"clipped_ips", "weights cut at the clip"},
     {"snips", "weights that average to 1"},
     {"rips", "weights of an item and all above it"},
     {"dm", "by the reward model alone"},
     {"dr", "the model, corrected by weights"},
     {"sndr", "the same, weights average to 1"},
     {"switch_dr", "the model alone above the clip"},
     {"dros", "weights shrink above the clip"},
     {"cascade_dr", "corrected from the top down"},
     {"pbm", "by how often items are looked at"},
     {"pbm_dr", "the model, corrected by that"}}};

double number(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

std::string_view text(const boost::json::value& value) {
  return value.is_string() ? std::string_view{value.get_string()} : std::string_view{};
}

std::string line(std::string_view name, double value, const boost::json::value& interval,
                 std::string_view meaning) {
  const boost::json::array& ends = interval.as_array();
  return fmt::format("  {:<14}{:>10.4f}   {:>9.4f} to {:>9.4f}   {}\n", name, value,
                     ends.at(0).to_number<double>(), ends.at(1).to_number<double>(), meaning);
}

std::string estimate_lines(const boost::json::object& report) {
  std::string lines;
  for (const boost::json::value& each : report.at("estimates").as_array()) {
    const boost::json::object& estimate = each.as_object();
    const std::string_view name = text(estimate.at("estimator"));
    std::string_view meaning;
    for (const auto& [known, means] : kMeanings) {
      if (known == name) meaning = means;
    }
    lines += line(name, number(estimate, "value"), estimate.at("interval"), meaning);
  }
  return lines;
}

std::string weight_lines(const boost::json::object& report) {
  const boost::json::object& weights = report.at("weights").as_object();
  std::string lines = fmt::format(
      "\nweights\n  mean {:.4f} (1: nothing is missing), largest {:.4g}, {:.3g} % of items above the clip\n",
      number(weights, "mean"), number(weights, "largest"), 100 * number(weights, "clipped_share"));
  lines += fmt::format("  the items say as much as {:.0f} without weights", number(weights, "effective"));
  if (const boost::json::value* examined = report.if_contains("examined_weights")) {
    lines += fmt::format(", by the examination as {:.0f}", number(examined->as_object(), "effective"));
  }
  return lines + "\n";
}

}  // namespace

std::string policy_table(const boost::json::object& report, const PolicyTableTerms& terms) {
  std::string table = fmt::format("what a list earns   {:.0f} % interval\n", 100 * terms.confidence);
  const boost::json::object& logged = report.at("logged").as_object();
  table += line("the log's own", number(logged, "value"), logged.at("interval"), "as it was shown");
  table += estimate_lines(report);
  if (const boost::json::value* bernstein = report.if_contains("bernstein")) {
    table += fmt::format(
        "\n  clipped_ips for certain (empirical Bernstein): {:.4f} to {:.4f}; the clip of {} hides {:.4f} at "
        "most\n",
        bernstein->as_array().at(0).to_number<double>(), bernstein->as_array().at(1).to_number<double>(),
        terms.clip, number(report.at("weights").as_object(), "clip_bias"));
  }
  table += weight_lines(report);
  const boost::json::array& refusals = report.at("refusals").as_array();
  if (!refusals.empty()) table += "\nNO ANSWER\n";
  for (const auto* sentences : {&refusals, &report.at("warnings").as_array()}) {
    for (const boost::json::value& sentence : *sentences) table += fmt::format("  - {}\n", text(sentence));
  }
  return table;
}

}  // namespace rankloop::cli
