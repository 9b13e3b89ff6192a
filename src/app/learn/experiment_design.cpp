// The design of an experiment as JSON.
#include "app/learn/experiment_design.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace rankloop::app {

std::string to_json(const ExperimentDesign& design) {
  boost::json::object object;
  object["primary"] = design.primary;
  boost::json::array& guardrails = object["guardrails"].emplace_array();
  for (const Guardrail& each : design.guardrails)
    guardrails.push_back({{"metric", each.metric}, {"bound", each.bound}});
  object["smallest_effect"] = design.smallest_effect;
  object["planned_people"] = design.planned_people;
  object["ramp"] = nullptr;
  if (!design.ramp.steps.empty()) {
    object["ramp"] = {{"steps", boost::json::array(design.ramp.steps.begin(), design.ramp.steps.end())},
                      {"hold_seconds", design.ramp.hold.count()},
                      {"people", design.ramp.people}};
  }
  return boost::json::serialize(object);
}

Result<ExperimentDesign> read_design(const std::string& text) {
  const Error damaged{ErrorCode::kDataLoss, "The design of an experiment cannot be read by this version"};
  try {
    const boost::json::object object = boost::json::parse(text).as_object();
    ExperimentDesign design;
    design.primary = object.at("primary").as_string();
    for (const boost::json::value& each : object.at("guardrails").as_array()) {
      design.guardrails.push_back(
          {std::string{each.at("metric").as_string()}, each.at("bound").to_number<double>()});
    }
    design.smallest_effect = object.at("smallest_effect").to_number<double>();
    design.planned_people = object.at("planned_people").to_number<std::int64_t>();
    const boost::json::value& ramp = object.at("ramp");
    if (ramp.is_null()) return design;
    for (const boost::json::value& step : ramp.at("steps").as_array())
      design.ramp.steps.push_back(step.to_number<double>());
    design.ramp.hold = std::chrono::seconds{ramp.at("hold_seconds").to_number<std::int64_t>()};
    design.ramp.people = ramp.at("people").to_number<std::int64_t>();
    return design;
  } catch (const std::exception&) {
    return damaged;
  }
}

}  // namespace rankloop::app
