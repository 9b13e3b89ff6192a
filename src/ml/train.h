// Training from labelled rows.
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
#include "ml/model.h"

namespace rankloop::ml {

// Labelled rows, row-major float32: features in the domain's order, and for a model that shall use the
// domain's crosses these after them (`features` is then both together). NaN: absent.
struct LabelledRows {
  std::size_t features = 0;
  std::vector<float> values;           // [rows][features]
  std::vector<std::uint8_t> labels;    // 0 or 1
  std::vector<std::int64_t> requests;  // which request a row belongs to; empty when unknown
  std::size_t rows() const { return labels.size(); }
};

struct TrainingProgress {
  std::string_view phase;  // "features", "epochs", "evaluation"
  int epoch = 0;
  int epochs = 0;
  double loss = 0;   // mean binary cross-entropy of the last epoch
  double share = 0;  // of all the work, 0..1
};
using ProgressSink = std::function<void(const TrainingProgress&)>;

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

struct BinaryMetrics {  // raw sigmoid at 0.5, as the reference counts them (but with precision and recall
  double accuracy = 0;  // on their own sides)
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  double auc = 0.5;  // ties count half; 0.5 when only one class is present
  double logloss = 0;
};

// Deterministic by seed on one kind of processor; one thread. `progress` (may be empty) is called at most
// once an epoch; `stop` is looked at before every batch. kInvalidArgument: no rows, one class only, a width
// that is not the domain's, a recipe out of range. kAborted: "training was cancelled", when `stop` was
// requested.
Result<std::shared_ptr<const Model>> train_mlp(const Domain& domain, const LabelledRows& rows,
                                               const MlpRecipe& recipe, const ProgressSink& progress,
                                               std::stop_token stop);

// Scores of labelled rows by a model (no catalog needed), then the metrics of scores against labels. A ratio
// without cases (precision when nothing was predicted positive) is 0.
std::vector<float> score_labelled(const Model& model, const Domain& domain, const LabelledRows& rows);
BinaryMetrics evaluate_binary(std::span<const float> scores, std::span<const std::uint8_t> labels);

}  // namespace rankloop::ml
