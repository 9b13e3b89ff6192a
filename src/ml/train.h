// Training a model of any family from labelled rows.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "domain/domain.h"
#include "error/result.h"
#include "ml/evaluate.h"
#include "ml/hyperparameters.h"
#include "ml/input_bounds.h"
#include "ml/labelled_rows.h"
#include "ml/model.h"

namespace rankloop::ml {

struct TrainingProgress {
  std::string_view phase;  // "features", "epochs", "trees", "steps", "calibration"
  int epoch = 0;           // of `epochs`: of the network, trees, steps of the optimiser
  int epochs = 0;
  double loss = 0;             // mean binary cross-entropy on the training rows so far
  double validation_loss = 0;  // on the validation rows; 0 where none are looked at
  double share = 0;            // of all the work, 0..1
};
using ProgressSink = std::function<void(const TrainingProgress&)>;

enum class Recipe {
  kReference,  // the reference's own (contract.md), for the families that it has: mlp
  kDefault,    // early stopping on the validation rows
};

// What a model is fitted to. Families that know one objective only take no notice.
enum class Objective {
  kLogistic,  // each row by itself: the probability of a pick
  // The rows of a request against each other: logistic's conditional logit, the softmax over the rows of
  // mlp, gbdt and factorization.
  kListwise,
};

// What to train and how. A service trains by its settings (`training.*`), which have presets of their own.
struct TrainingPlan {
  std::string family = "mlp";
  Recipe recipe = Recipe::kDefault;
  Objective objective = Objective::kLogistic;
  std::uint64_t seed = 42;
  int threads = 1;                  // models do not depend on it
  Hyperparameters hyperparameters;  // those of other families are not looked at
  double value(std::string_view name) const { return value_of(hyperparameters, name); }
};

// "logistic", "listwise"
std::string_view name_of(Objective objective);

// What a training found out beside the model.
struct TrainingReport {
  Hyperparameters hyperparameters;    // of the family, all of them, as they were used: what was chosen, too
  std::vector<BoundedInput> bounded;  // inputs whose outliers were bounded
};

// What a family's trainer gets: both parts have the same width, `validation` is later and may be empty.
struct TrainingInput {
  const Domain& domain;
  const LabelledRows& rows;
  const LabelledRows& validation;
  const TrainingPlan& plan;
  const ProgressSink& progress;  // may be empty; called at most about once an epoch
  std::stop_token stop;          // looked at several times a second
  TrainingReport& report;
};

// Labels above 1 are grades or gains: then families learn from shares of the greatest gain (ml/gains.h).
// Trains, then fits the calibration on the validation rows; fills `report`, if there is one. Deterministic by
// seed on one kind of processor. kInvalidArgument: an unknown family, no rows, rows without requests for a
// listwise objective, one class only, a width that is neither the domain's features nor these and its
// crosses. kFailedPrecondition: rows without items for a family that learns of items. kAborted: "training was
// cancelled", when a stop was requested.
Result<std::shared_ptr<const Model>> train_model(const Domain& domain, const LabelledRows& rows,
                                                 const LabelledRows& validation, const TrainingPlan& plan,
                                                 const ProgressSink& progress, std::stop_token stop,
                                                 TrainingReport* report = nullptr);

// The metrics of a model on labelled rows, logloss and calibration error of its calibrated scores. Errors as
// evaluate().
Result<Metrics> measure(const Model& model, const LabelledRows& rows);

// The raw scores of labelled rows; `seed` is for families that draw, which do so anew for each request.
std::vector<float> score_rows(const Model& model, const LabelledRows& rows, std::uint64_t seed = 0);

}  // namespace rankloop::ml
