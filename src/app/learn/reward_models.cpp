// Divides rows into folds and fits a model without each of them.
#include "app/learn/reward_models.h"

#include <algorithm>
#include <utility>

#include "app/learn/dataset.h"
#include "ml/random_numbers.h"

namespace rankloop::app {
namespace {

constexpr double kFewestPicks = 50;  // on lists in random order, to know what positions draw
constexpr double kMostWeight = 10;

std::size_t fold_among(std::size_t folds, ml::Person person, std::int64_t request) {
  const std::uint64_t who = person != 0 ? person : static_cast<std::uint64_t>(request);
  return ml::mix_bits(who) % folds;
}

// Rewards up to 1: families take whole numbers above for grades.
double divide_by_greatest(ml::LabelledRows& rows) {
  double greatest = 1;
  for (const float label : rows.labels) greatest = std::max(greatest, static_cast<double>(label));
  if (greatest > 1) {
    for (float& label : rows.labels) label /= static_cast<float>(greatest);
  }
  return greatest;
}

ml::LabelledRows without_fold(const ml::LabelledRows& rows, std::size_t fold,
                              const RewardModelOptions& options) {
  ml::LabelledRows others = ml::LabelledRows::like(rows);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    if (rows.shown[r].position > static_cast<std::int32_t>(options.positions)) continue;
    if (fold_among(options.folds, rows.people[r], rows.requests[r]) != fold) others.add(rows, r);
  }
  return others;
}

}  // namespace

Result<RewardModels> RewardModels::fit(storage::LearningReads& store, const Domain& domain,
                                       const RewardModelOptions& options,
                                       const std::function<void(double)>& tell, const std::stop_token& stop) {
  Result<Dataset> dataset = read_dataset(
      store, domain,
      {.window = options.requests, .test_share = 0, .validation_share = 0, .target = options.target}, stop);
  if (!dataset) return dataset.error();
  RewardModels fitted;
  fitted.requests_ = dataset->lineage.requests;
  ml::LabelledRows& rows = dataset->train.rows;
  fitted.greatest_ = divide_by_greatest(rows);
  ml::PositionCounts counts;
  counts.add(rows, dataset->train.randomised);
  if (counts.picks() >= kFewestPicks) {
    fitted.examination_ = ml::estimate_attraction(counts).curve;
    ml::weigh_by_attraction(rows, *fitted.examination_, kMostWeight);
  }
  const ml::TrainingPlan plan{
      .family = options.family, .threads = options.threads, .hyperparameters = options.hyperparameters};
  for (std::size_t fold = 0; fold < options.folds; ++fold) {
    tell(static_cast<double>(fold) / static_cast<double>(options.folds));
    const auto model = ml::train_model(domain, without_fold(rows, fold, options),
                                       ml::LabelledRows::like(rows), plan, {}, stop);
    if (stop.stop_requested()) return Error(ErrorCode::kAborted, "evaluation was cancelled");
    if (!model) {
      fitted.models_.clear();
      fitted.why_ = model.error().message;
      return fitted;
    }
    fitted.models_.emplace_back(*model, options.memory / options.folds);
  }
  return fitted;
}

std::size_t RewardModels::fold_of(ml::Person person, InferenceId request) const {
  return fold_among(models_.size(), person, request.value);
}

double RewardModels::reward(std::size_t fold, float score) const {
  return greatest_ * models_[fold].model().calibration().apply(static_cast<double>(score));
}

}  // namespace rankloop::app
