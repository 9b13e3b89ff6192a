// Training the network of the mlp family.
#pragma once

#include <memory>
#include <stop_token>

#include "ml/train.h"

namespace rankloop::ml {

// The reference's recipe (contract.md): min-max scaling fitted on the rows; the k best features by
// chi-squared; k-64-16-1 with dropout after the first linear layer; Adam; binary cross-entropy; balanced
// mini-batches, half positives.
struct MlpRecipe {
  int best_features = 20;
  int epochs = 100;
  int batches = 1000;
  int batch = 8;
  double dropout = 0.3;
  double learning_rate = 1e-3;
  std::uint64_t seed = 42;
};

// One thread; `stop` is looked at before every batch. kInvalidArgument: a recipe out of range, one class
// only. kAborted: "training was cancelled".
Result<std::shared_ptr<const Model>> train_mlp(const Domain& domain, const LabelledRows& rows,
                                               const MlpRecipe& recipe, const ProgressSink& progress,
                                               std::stop_token stop);

// As the plan says, for the table of families.
Result<std::shared_ptr<const Model>> train_mlp_family(const TrainingInput& input);

}  // namespace rankloop::ml
