// Training the network of the mlp family.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>

#include "ml/train.h"

namespace rankloop::ml {

// Which rows a batch is made of.
enum class MlpSampling {
  kBalanced,  // drawn with replacement, half of them positive (label > 0.5); weights are not looked at
  kEveryRow,  // each row once an epoch, in random order; its loss counts by its weight and its soft label
  // Each request with a pick once an epoch, in random order, its rows against each other: the softmax over
  // them against the picks (Cao et al., "Learning to Rank: From Pairwise Approach to Listwise Approach",
  // ICML 2007, with one place). A pick counts by its row's weight.
  kEveryRequest,
};

// What the network sees of the rows' columns.
enum class MlpInputs {
  kBestScaled,       // the k best by chi-squared, the smallest value of the rows at 0, the greatest at 1
  kAllStandardised,  // all that vary, with mean 0 and deviation 1
};

// The presets are the reference's recipe (contract.md): min-max scaling fitted on the rows; the k best
// features by chi-squared; k-64-16-1 with dropout after the first linear layer; Adam; binary cross-entropy;
// balanced mini-batches.
struct MlpRecipe {
  MlpSampling sampling = MlpSampling::kBalanced;
  MlpInputs inputs = MlpInputs::kBestScaled;
  int best_features = 20;  // of kBestScaled
  int epochs = 100;
  int batches = 1000;  // an epoch, when balanced
  int batch = 8;       // rows; whole requests until there are as many
  double dropout = 0.3;
  double learning_rate = 1e-3;
  // Weights, not biases, shrink by this share of the learning rate in each step (AdamW: Loshchilov and
  // Hutter, ICLR 2019). Not of kBalanced, nor is the next.
  double decay = 0;
  // The network is the running mean of the parameters with this weight of the past, updated every batch
  // (Polyak and Juditsky, SIAM J. Control and Optimization 1992); 0: the last parameters.
  double averaging = 0;
  // Stops after as many epochs without a lower loss on the validation rows, and keeps the epoch of the lowest
  // (Prechelt, "Early Stopping - But When?", 1998); 0: never.
  int patience = 0;
  std::uint64_t seed = 42;
};

// What Recipe::kDefault stands for, given the number of training rows: all features and crosses, every row,
// early stopping. Fewer than 2,000 rows are gone over so much more often, that the steps are not fewer.
// Its raw scores are probabilities, so most of them are small where picks are rare.
MlpRecipe default_mlp_recipe(std::size_t rows, Objective objective = Objective::kLogistic);

// One thread; the input's stop is looked at before every batch. kInvalidArgument: a recipe out of range, one
// class only, rows without requests for kEveryRequest. kAborted: "training was cancelled".
Result<std::shared_ptr<const Model>> train_mlp(const TrainingInput& input, const MlpRecipe& recipe);

// Without validation rows.
Result<std::shared_ptr<const Model>> train_mlp(const Domain& domain, const LabelledRows& rows,
                                               const MlpRecipe& recipe, const ProgressSink& progress,
                                               std::stop_token stop);

// As the plan says, for the table of families.
Result<std::shared_ptr<const Model>> train_mlp_family(const TrainingInput& input);

}  // namespace rankloop::ml
