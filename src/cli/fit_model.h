// Fits one model to rows and shows how far it has come.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>

#include "domain/clock.h"
#include "ml/train.h"
#include "ml/tune.h"

namespace rankloop::cli {

struct FittedModel {
  std::shared_ptr<const ml::Model> model;
  ml::TrainingReport report;
  std::optional<ml::Tuning> tuning;
};

// Searches hyperparameters in so many trials first, unless there are none, and lets the plan have the best;
// then trains. Draws bars and says warnings on standard error, unless `quiet`. Errors as ml::train_model()
// and ml::tune().
Result<FittedModel> fit_model(const Domain& domain, const ml::LabelledRows& rows,
                              const ml::LabelledRows& validation, ml::TrainingPlan& plan, std::size_t trials,
                              bool quiet, const Clock& clock, const std::stop_token& stop);

}  // namespace rankloop::cli
