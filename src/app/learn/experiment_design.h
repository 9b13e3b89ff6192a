// What an experiment measures, by the names of list_metric.h, how many people it is planned for and how it
// begins, kept with it as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/learn/list_metric.h"
#include "error/result.h"
#include "ml/ramp.h"
#include "storage/experiments.h"

namespace rankloop::app {

struct Guardrail {
  std::string metric{ListMetric::kNoneRate};
  double bound = 0;  // how much worse than the control an arm may be, in the metric's unit
};

struct ExperimentDesign {
  std::string primary{ListMetric::kPickRate};
  std::vector<Guardrail> guardrails{};
  double smallest_effect = 0;       // on the primary metric, that is worth to be seen
  std::int64_t planned_people = 0;  // in all arms (requests, where the unit is the request)
  ml::RampPlan ramp{};
};

// An experiment as it is asked for.
struct ExperimentRequest {
  storage::NewExperiment experiment;  // without its design
  ExperimentDesign design;            // planned_people 0: to be computed
  std::optional<double> baseline;     // of the primary metric; none: as it was measured
  std::optional<double> deviation;    // between people, of a metric that is no rate
};

std::string to_json(const ExperimentDesign& design);
// kDataLoss: this version does not know it.
Result<ExperimentDesign> read_design(const std::string& text);

}  // namespace rankloop::app
