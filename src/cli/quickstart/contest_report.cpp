// A contest as a table, as JSON and as the reason that the registry keeps.
#include <algorithm>
#include <array>
#include <cstdio>

#include <boost/json/array.hpp>

#include "cli/quickstart/contest.h"

namespace rankloop::cli {
namespace {

std::string formatted(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4f", value);
  return text.data();
}

// "0.6120 (0.5901 to 0.6340)"
std::string in_words(const std::optional<ml::MeanOverRequests>& mean) {
  if (!mean) return "-";
  return formatted(mean->mean) + " (" + formatted(mean->interval.low) + " to " +
         formatted(mean->interval.high) + ")";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string line_of(const Contestant& each, std::size_t figure) {
  std::string line = "  " + padded(each.family, 16);
  if (!each.fault.empty()) return line + each.fault + "\n";
  std::array<char, 32> seconds{};
  std::snprintf(seconds.data(), seconds.size(), "%7.1f", each.seconds);
  return line + padded(in_words(each.standing.metric), figure) + padded(in_words(each.standing.mrr), figure) +
         padded(in_words(each.standing.hits), figure) + seconds.data() + "\n";
}

boost::json::value to_value(const std::optional<ml::MeanOverRequests>& mean) {
  if (!mean) return nullptr;
  return boost::json::object{
      {"mean", mean->mean}, {"low", mean->interval.low}, {"high", mean->interval.high}};
}

}  // namespace

std::string reason_for(const Contestant& contestant, const Contest& contest) {
  std::string reason = std::string{ml::name_of(contest.metric)} + " " + in_words(contestant.standing.metric) +
                       " on the newest " + std::to_string(contest.judged) + " requests of imported history";
  for (const Contestant& rival : contest.ranks) {
    const bool baseline = rival.family == "popularity" || rival.family == "random";
    if (!baseline || rival.family == contestant.family || !rival.standing.metric) continue;
    reason += ", " + rival.family + " " + formatted(rival.standing.metric->mean);
  }
  return reason;
}

std::string to_table(const Contest& contest) {
  constexpr std::size_t kFigure = 28;
  if (contest.ranks.empty()) return {};
  std::string table = "judged on the newest " + std::to_string(contest.judged) + " requests of " +
                      std::to_string(contest.people) +
                      " people, which no model learned from (95 % intervals)\n\n";
  table += "  " + padded("family", 16) + padded(std::string{ml::name_of(contest.metric)}, kFigure) +
           padded("mrr", kFigure) + padded("hit@" + std::to_string(ml::kHitDepth), kFigure) + "seconds\n";
  for (const Contestant& each : contest.ranks) table += line_of(each, kFigure);
  return table;
}

boost::json::object to_json(const Contest& contest) {
  boost::json::array families;
  for (const Contestant& each : contest.ranks) {
    families.push_back(boost::json::object{
        {"family", each.family},
        {"model_id", each.id.value == 0 ? boost::json::value() : boost::json::value(each.id.value)},
        {"champion", each.id.value != 0 && each.id == contest.champion},
        {ml::name_of(contest.metric), to_value(each.standing.metric)},
        {"mrr", to_value(each.standing.mrr)},
        {"hit@" + std::to_string(ml::kHitDepth), to_value(each.standing.hits)},
        {"seconds", each.seconds},
        {"fault", each.fault.empty() ? boost::json::value() : boost::json::value(each.fault)}});
  }
  return {{"metric", ml::name_of(contest.metric)},
          {"learned_requests", contest.learned},
          {"judged_requests", contest.judged},
          {"judged_people", contest.people},
          {"judged_by", "imported history"},
          {"families", std::move(families)},
          {"reason", contest.reason}};
}

}  // namespace rankloop::cli
