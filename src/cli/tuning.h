// The search of `rankloop train --tune`: its progress, its table and its JSON.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>

#include "domain/clock.h"
#include "ml/tune.h"

namespace rankloop::cli {

// Runs the trials and draws how far they are on standard error, unless `quiet`. Errors as ml::tune().
Result<ml::Tuning> search_hyperparameters(const Domain& domain, const ml::LabelledRows& rows,
                                          const ml::LabelledRows& validation, const ml::TrainingPlan& plan,
                                          std::size_t trials, bool quiet, const Clock& clock,
                                          const std::stop_token& stop);

// The best ten trials, a line each, and what to say to train like the first of them again.
std::string to_table(const ml::Tuning& tuning, const ml::TrainingPlan& plan);

// {"judged_by":"ndcg@10","set":"--set gbdt.depth=8","trials":[{"hyperparameters":{},"validation":{}}]}, best
// first.
std::string to_json(const ml::Tuning& tuning);

}  // namespace rankloop::cli
