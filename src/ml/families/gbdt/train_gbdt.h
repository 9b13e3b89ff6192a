// Training the trees of the gbdt family.
#pragma once

#include <memory>
#include <stop_token>

#include "ml/train.h"

namespace rankloop::ml {

struct GbdtRecipe {
  Objective objective = Objective::kLogistic;  // kListwise: LambdaMART over the rows of each request (Burges,
                                               // MSR-TR-2010-82)
  int depth = 3;
  double learning_rate = 0.08;
  double row_share = 0.8;     // of the rows, drawn for each tree
  double column_share = 0.8;  // of the columns, drawn for each tree
  double least_weight = 10;   // the least sum of second derivatives in a leaf
  int most_trees = 400;       // with validation rows
  int trees = 120;            // without
  int patience = 40;          // trees without a better validation loss before it ends; the best is kept
  int threads = 1;
  std::uint64_t seed = 42;
};

// `stop` is looked at before every tree and every portion of rows. Progress has the phase "trees"; for
// kListwise its losses are 1 - NDCG@10. kInvalidArgument: a recipe out of range; for kListwise rows without
// requests. kAborted: "training was cancelled". kInternal: XGBoost failed.
Result<std::shared_ptr<const Model>> train_gbdt(const Domain& domain, const LabelledRows& rows,
                                                const LabelledRows& validation, const GbdtRecipe& recipe,
                                                const ProgressSink& progress, std::stop_token stop);

// As the plan says, for the table of families.
Result<std::shared_ptr<const Model>> train_gbdt_family(const TrainingInput& input);

}  // namespace rankloop::ml
