// Searching for the hyperparameters of a family.
//
// Random search (Bergstra and Bengio, "Random Search for Hyper-Parameter Optimization", JMLR 2012): each
// trial draws what may be searched from the ranges of the table, the first one takes what is told and the
// presets. A trial trains on the training rows alone, of which the last tenth of the requests stops it early
// and chooses penalties, and is judged on the validation rows, which it has not seen. What comes later, the
// rows of a test, nobody looks at.
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "ml/train.h"

namespace rankloop::ml {

struct Trial {
  Hyperparameters drawn;  // what this trial sets beside what was told; empty: the presets
  Metrics metrics;        // on the validation rows
};

struct Tuning {
  MetricName judged_by = MetricName::kNdcg10;  // logloss, where rows know no requests or no order
  std::vector<Trial> trials;                   // best first; of equal ones the earlier
};

// `done` trials so far, the current one's share of its work, and the best figure (NaN: none yet).
struct TuningProgress {
  std::size_t done = 0;
  double share = 0;
  double best = 0;
};

// The figure that trials are compared by; NaN where it is undefined.
double figure_of(const Trial& trial, MetricName judged_by);

// Runs `trials` of the plan's family; what the plan sets is not searched. Deterministic by the plan's seed.
// Errors as train_model(); kInvalidArgument also: nothing is left to search, too few rows to hold some out.
Result<Tuning> tune(const Domain& domain, const LabelledRows& rows, const LabelledRows& validation,
                    const TrainingPlan& plan, std::size_t trials,
                    const std::function<void(const TuningProgress&)>& progress, const std::stop_token& stop);

// " --set gbdt.depth=8 --set gbdt.row_share=0.5": as the command line takes it.
std::string set_line(const Hyperparameters& given);

}  // namespace rankloop::ml
