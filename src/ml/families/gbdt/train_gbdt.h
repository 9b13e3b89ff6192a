// Training the trees of the gbdt family.
//
// How many trees, how deep, and how words count, is asked of lists that a fit was not trained on: with few
// rows five fits leave a fifth of the lists out each and every list is judged once (Stone, JRSS B 1974), so
// that no small part decides by luck; with many rows the validation rows judge, or a tenth where there are
// none. The model itself learns from `rows` alone.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "ml/families/gbdt/word_numbers.h"
#include "ml/train.h"

namespace rankloop::ml {

struct GbdtRecipe {
  Objective objective = Objective::kLogistic;  // kListwise: softmax over the rows of each request
  int depth = 0;                               // 0: 3 and 6 are tried, and the better one is kept
  // How words count; neither: by shares first, then, with the deepest trees, by themselves, and the better
  // way is kept.
  std::optional<WordsAs> words;
  double learning_rate = 0.08;
  double row_share = 0.8;     // of the rows, or lists, drawn for each tree
  double column_share = 0.8;  // of the columns, drawn for each tree; of fewer than five all are
  double least_weight = 1;  // the least sum of second derivatives in a leaf; within lists one with a pick has
                            // 1 or less in all
  int trees = 0;            // exactly so many; 0: as many as lists that were left out ask for
  int most_trees = 600;     // that they may ask for
  int patience = 40;  // trees without a better loss on what was left out before it ends; the best are kept
  int threads = 1;    // the model does not depend on it
  std::uint64_t seed = 42;
};

// What lists that were left out chose, or what was told.
struct GbdtChoice {
  int depth = 0;
  int trees = 0;
  WordsAs words = WordsAs::kShares;
};

// Fills `choice`, if there is one. `stop` is looked at before every tree and every portion of rows. Progress
// has the phase "trees"; for kListwise its losses are the mean cross-entropy of a pick among its list; the
// validation loss is that of the lists that were left out. kInvalidArgument: a recipe out of range; for
// kListwise rows without requests. kAborted: "training was cancelled". kInternal: XGBoost failed.
Result<std::shared_ptr<const Model>> train_gbdt(const Domain& domain, const LabelledRows& rows,
                                                const LabelledRows& validation, const GbdtRecipe& recipe,
                                                const ProgressSink& progress, const std::stop_token& stop,
                                                GbdtChoice* choice = nullptr);

// As the plan says, for the table of families.
Result<std::shared_ptr<const Model>> train_gbdt_family(const TrainingInput& input);

}  // namespace rankloop::ml
