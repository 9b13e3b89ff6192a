// Writes what is told of experiments.
#include "app/watch/experiment_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tables/cell_text.h"

namespace rankloop::app {
namespace {

namespace json = boost::json;

json::value number_or_null(double number) {
  return std::isfinite(number) ? json::value(number) : json::value(nullptr);
}

json::value moment_or_null(const std::optional<WallTime>& moment) {
  return moment ? json::value(to_iso8601(*moment)) : json::value(nullptr);
}

json::value interval_json(const ml::Interval& interval) {
  if (!std::isfinite(interval.low) || !std::isfinite(interval.high)) return nullptr;
  return json::array{interval.low, interval.high};
}

json::value interval_json(const std::optional<ml::Interval>& interval) {
  return interval ? interval_json(*interval) : json::value(nullptr);
}

json::value fixed_interval(double mean, double variance) {
  constexpr double kConfidence = 0.95;
  return interval_json(ml::interval_of(mean, variance, kConfidence));
}

std::string_view name_of(GuardrailState state) {
  switch (state) {
    case GuardrailState::kHolds:
      return "holds";
    case GuardrailState::kBroken:
      return "broken";
    case GuardrailState::kUnsure:
      break;
  }
  return "unsure";
}

json::value model_json(ModelId model) {
  return model == ModelId{} ? json::value("champion") : json::value(model.value);
}

json::object effect_object(const ml::Effect& effect, const std::optional<ml::Interval>& band) {
  return {{"difference", effect.difference},
          {"interval", fixed_interval(effect.difference, effect.variance)},
          {"band", interval_json(band)},
          {"lift", number_or_null(effect.lift)},
          {"lift_interval", fixed_interval(effect.lift, effect.lift_variance)}};
}

json::value adjusted_json(const Comparison& comparison) {
  if (!comparison.adjusted || !comparison.effect) return nullptr;
  json::object object = effect_object(*comparison.adjusted, comparison.adjusted_band);
  const double before = comparison.effect->variance;
  object["variance_reduction"] =
      before > 0 ? json::value(1 - comparison.adjusted->variance / before) : json::value(nullptr);
  return object;
}

json::object comparison_object(const Comparison& comparison, const storage::ExperimentRecord& experiment) {
  json::object object{{"arm", experiment.arms[comparison.arm].name},
                      {"control", experiment.arms.front().name}};
  json::object effect = comparison.effect ? effect_object(*comparison.effect, comparison.band)
                                          : json::object{{"difference", nullptr},
                                                         {"interval", nullptr},
                                                         {"band", nullptr},
                                                         {"lift", nullptr},
                                                         {"lift_interval", nullptr}};
  for (auto& member : effect) object[member.key()] = std::move(member.value());
  object["p"] = comparison.p;
  object["p_adjusted"] = comparison.p_adjusted;
  object["cuped"] = adjusted_json(comparison);
  object["guardrail"] =
      comparison.guardrail ? json::value(name_of(*comparison.guardrail)) : json::value(nullptr);
  return object;
}

json::object metric_object(const MetricReport& metric, const storage::ExperimentRecord& experiment) {
  json::object object{{"metric", metric.metric.name()},
                      {"primary", metric.primary},
                      {"less_is_better", metric.metric.less_is_better()},
                      {"bound", metric.bound ? json::value(*metric.bound) : json::value(nullptr)}};
  json::array& arms = object["arms"].emplace_array();
  for (std::size_t i = 0; i < metric.arms.size(); ++i) {
    const ml::ArmMean& mean = metric.arms[i];
    arms.push_back({{"arm", experiment.arms[i].name},
                    {"requests", mean.requests},
                    {"people", mean.people},
                    {"mean", mean.requests > 0 ? json::value(mean.mean) : json::value(nullptr)},
                    {"interval", mean.people > 1 ? fixed_interval(mean.mean, mean.variance) : nullptr}});
  }
  json::array& comparisons = object["comparisons"].emplace_array();
  for (const Comparison& each : metric.comparisons)
    comparisons.push_back(comparison_object(each, experiment));
  return object;
}

json::object ratio_object(const ExperimentReport& report) {
  json::object object;
  json::array& arms = object["arms"].emplace_array();
  double all = 0;
  std::int64_t counted = 0;
  for (const storage::ExperimentArm& arm : report.experiment.arms) all += arm.share;
  for (const std::int64_t count : report.assigned) counted += count;
  for (std::size_t i = 0; i < report.experiment.arms.size(); ++i) {
    const storage::ExperimentArm& arm = report.experiment.arms[i];
    arms.push_back({{"arm", arm.name},
                    {"expected", static_cast<double>(counted) * arm.share / all},
                    {"counted", report.assigned[i]}});
  }
  object["chi_squared"] = report.ratio.chi_squared;
  object["p"] = report.ratio.p;
  object["p_sequential"] = report.ratio.p_sequential;
  object["alarm"] = ratio_alarm(report);
  return object;
}

json::array bands_array(const ExperimentReport& report) {
  json::array array;
  for (const BandPoint& point : report.bands) {
    json::object object{{"at", to_iso8601(point.at)}, {"requests", point.requests}};
    json::array& arms = object["arms"].emplace_array();
    for (std::size_t i = 0; i < point.bands.size(); ++i) {
      const auto& effect = point.effects[i];
      arms.push_back({{"arm", report.experiment.arms[i + 1].name},
                      {"difference", effect ? json::value(effect->difference) : json::value(nullptr)},
                      {"band", interval_json(point.bands[i])}});
    }
    array.push_back(std::move(object));
  }
  return array;
}

// Whom a list of both speaks for.
json::value preferred_name(const ListOutcome& list, const storage::ExperimentRecord& experiment) {
  const auto winner = won_by_picks(list);
  return winner ? json::value(experiment.arms[*winner].name) : json::value(nullptr);
}

json::value preferred_json(const ExperimentReport& report) {
  if (!report.preferred) return nullptr;
  const Preferred& preferred = *report.preferred;
  json::object object{{"way", rankloop::name_of(preferred.way)}, {"merged", preferred.merged}};
  json::array& arms = object["arms"].emplace_array();
  for (std::size_t arm = 0; arm < 2; ++arm) {
    arms.push_back({{"arm", report.experiment.arms[arm].name},
                    {"wins", preferred.wins[arm]},
                    {"people", preferred.people[arm]},
                    {"credit", preferred.credit[arm]}});
  }
  object["ties"] = preferred.ties;
  object["sign_test_p"] = preferred.sign_test_p;
  object["preferred"] = preferred.by_the_band
                            ? json::value(report.experiment.arms[*preferred.by_the_band].name)
                            : json::value(nullptr);
  return object;
}

}  // namespace

Result<json::object> to_object(const storage::ExperimentRecord& experiment) {
  const auto design = read_design(experiment.design);
  if (!design) return design.error();
  json::object object{
      {"experiment_id", experiment.id.value},
      {"name", experiment.name},
      {"method", experiment.interleaving ? "interleaving" : "split"},
      {"interleaving", experiment.interleaving ? json::value(rankloop::name_of(*experiment.interleaving))
                                               : json::value(nullptr)},
      {"unit", rankloop::name_of(experiment.unit)},
      {"state", rankloop::name_of(experiment.state)}};
  json::array& arms = object["arms"].emplace_array();
  for (const storage::ExperimentArm& arm : experiment.arms)
    arms.push_back({{"name", arm.name}, {"model_id", model_json(arm.model)}, {"share", arm.share}});
  json::value members = json::parse(experiment.design);
  for (auto& member : members.as_object()) object[member.key()] = std::move(member.value());
  object["exposure"] = experiment.exposure;
  object["created"] = to_iso8601(experiment.created);
  object["started"] = moment_or_null(experiment.started);
  object["ramped"] = moment_or_null(experiment.ramped);
  object["ended"] = moment_or_null(experiment.ended);
  object["conclusion"] =
      experiment.conclusion ? json::value(rankloop::name_of(*experiment.conclusion)) : json::value(nullptr);
  object["winner"] = experiment.winner.empty() ? json::value(nullptr) : json::value(experiment.winner);
  return object;
}

std::string record_json(const storage::ExperimentRecord& experiment) {
  return json::serialize(to_object(experiment).value());
}

json::object to_object(const storage::ExperimentEvent& event) {
  json::value detail;
  if (!event.detail.empty()) detail = json::parse(event.detail);
  return {{"id", event.id},
          {"at", to_iso8601(event.at)},
          {"what", rankloop::name_of(event.what)},
          {"experiment_id", event.experiment.value},
          {"actor", event.actor},
          {"remark", event.remark.empty() ? json::value(nullptr) : json::value(event.remark)},
          {"reason", event.reason},
          {"detail", std::move(detail)}};
}

std::string to_json(const std::vector<ListMetric>& metrics) {
  json::array array;
  for (const ListMetric& metric : metrics) {
    array.push_back({{"metric", metric.name()},
                     {"rate", metric.is_rate()},
                     {"less_is_better", metric.less_is_better()},
                     {"of_an_arm", metric.is_of_an_arm()}});
  }
  return json::serialize(array);
}

std::string to_json(const ExperimentReport& report) {
  json::object object{{"experiment_id", report.experiment.id.value},
                      {"requests", report.requests},
                      {"people", report.people},
                      {"planned_people", report.design.planned_people},
                      {"complete", report.complete},
                      {"sample_ratio", ratio_object(report)},
                      {"interleaving", preferred_json(report)}};
  json::array& metrics = object["metrics"].emplace_array();
  for (const MetricReport& metric : report.metrics)
    metrics.push_back(metric_object(metric, report.experiment));
  object["bands"] = bands_array(report);
  json::array& answers = object["answered_by"].emplace_array();
  for (const AnsweredBy& each : report.answered_by) {
    answers.push_back({{"arm", report.experiment.arms[each.arm].name},
                       {"model_id", each.model.value},
                       {"requests", each.requests}});
  }
  return json::serialize(object);
}

std::string to_json(const std::vector<SegmentReport>& segments, const storage::ExperimentRecord& experiment,
                    std::string_view field) {
  json::object object{{"experiment_id", experiment.id.value}, {"field", field}};
  json::array& array = object["segments"].emplace_array();
  for (const SegmentReport& segment : segments) {
    json::object each{{"value", segment.value}, {"requests", segment.requests}};
    for (auto& member : metric_object(segment.primary, experiment))
      each[member.key()] = std::move(member.value());
    array.push_back(std::move(each));
  }
  return json::serialize(object);
}

RequestRows::RequestRows(const storage::ExperimentRecord& experiment, std::span<const FeedbackRule> rules,
                         RequestFormat format)
    : experiment_(experiment),
      rules_(rules),
      format_(format),
      picks_(ListMetric::of_design("picks", rules)),
      value_(ListMetric::of_design("value", rules)),
      metrics_(list_metrics(rules)) {
  constexpr std::array<std::string_view, 5> kToldByPicks = {ListMetric::kPickRate, "picks", "value",
                                                            "outcome_rate", ListMetric::kNoneRate};
  std::erase_if(metrics_, [&](const ListMetric& metric) {
    return std::ranges::find(kToldByPicks, metric.name()) != kToldByPicks.end();
  });
}

std::string RequestRows::columns() const {
  std::string columns = "request,task_id,at,person,arm,model_id,picks,nones,value";
  for (const ListMetric& metric : metrics_) columns += ',' + metric.name();
  if (experiment_.interleaving) columns += ",second_model_id,credit,second_credit,preferred";
  return columns;
}

json::object RequestRows::object_of(const storage::ArmRequest& request) const {
  const ListOutcome list = outcome_of_list(request.request, rules_, request.placed);
  const std::string& person = request.request.person;
  const bool together = experiment_.interleaving.has_value();
  const auto arm = std::ranges::find(experiment_.arms, request.arm, &storage::ExperimentArm::id);
  json::object row{{"request", request.request.id.value},
                   {"task_id", request.task.to_string()},
                   {"at", to_iso8601(request.request.created)},
                   {"person", person.empty() ? json::value(nullptr) : json::value(person)},
                   {"arm", together ? json::value(nullptr) : json::value(arm->name)},
                   {"model_id", request.model.value},
                   {"picks", static_cast<std::int64_t>(picks_.of(list))},
                   {"nones", list.nones},
                   {"value", value_.of(list)}};
  for (const ListMetric& metric : metrics_) {
    const double told = metric.of(list);
    row[metric.name()] = metric.is_rate() ? json::value(static_cast<std::int64_t>(told)) : json::value(told);
  }
  if (!together) return row;
  const ml::Credit credit = credit_of_picks(list);
  row["second_model_id"] = merged_list_of(request).second.value;
  row["credit"] = credit.first;
  row["second_credit"] = credit.second;
  row["preferred"] = preferred_name(list, experiment_);
  return row;
}

void RequestRows::append(std::string& out, const storage::ArmRequest& request) const {
  const json::object row = object_of(request);
  if (format_ == RequestFormat::kJsonLines) {
    out += json::serialize(row);
  } else {
    bool first = true;
    for (const auto& [name, value] : row) {
      if (!std::exchange(first, false)) out += ',';
      if (value.is_string()) {
        tables::append_cell(out, value.get_string(), ',');
      } else if (!value.is_null()) {
        out += json::serialize(value);
      }
    }
  }
  out += '\n';
}

}  // namespace rankloop::app
