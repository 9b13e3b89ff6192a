// From rows to a network: the recipe's selection, scaling and epochs.
#include "ml/families/mlp/train_mlp.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ml/families/mlp/mlp_trainer.h"
#include "ml/families/mlp/network.h"
#include "ml/families/mlp/training_set.h"
#include "ml/feature_space.h"
#include "ml/intercept.h"

namespace rankloop::ml {
namespace {

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Status check(const TrainingSet& set, MlpSampling sampling) {
  if (sampling == MlpSampling::kEveryRequest && set.requests.empty()) {
    return invalid("a listwise objective needs requests with a pick, and to know which rows belong to them");
  }
  if (sampling != MlpSampling::kBalanced) return {};  // soft labels need not pass a half
  if (set.positives.empty() || set.negatives.empty()) {
    return invalid("rows of both classes are needed, there are " + std::to_string(set.positives.size()) +
                   " positive and " + std::to_string(set.negatives.size()) + " negative ones");
  }
  return {};
}

Status check(const MlpRecipe& recipe) {
  if (recipe.best_features < 1 || recipe.epochs < 1 || recipe.batches < 1 || recipe.batch < 2) {
    return invalid("best_features, epochs and batches must be 1 or more and batch 2 or more");
  }
  if (!(recipe.dropout >= 0 && recipe.dropout < 1)) return invalid("dropout must be in [0, 1)");
  if (!(recipe.learning_rate > 0)) return invalid("learning_rate must be greater than 0");
  if (!(recipe.decay >= 0)) return invalid("decay must be 0 or more");
  if (!(recipe.averaging >= 0 && recipe.averaging < 1)) return invalid("averaging must be in [0, 1)");
  if (recipe.patience < 0) return invalid("patience must be 0 or more");
  return {};
}

std::vector<double> log_odds_of(const Model& model, const LabelledRows& rows) {
  constexpr double kSmallest = 1e-7;
  std::vector<double> log_odds;
  for (const float score : score_rows(model, rows)) {
    const double bounded = std::clamp(static_cast<double>(score), kSmallest, 1 - kSmallest);
    log_odds.push_back(std::log(bounded / (1 - bounded)));
  }
  return log_odds;
}

// The mean cross-entropy of the rows, weighted.
double loss_of_rows(const std::vector<double>& log_odds, const LabelledRows& rows) {
  double loss = 0;
  double weights = 0;
  for (std::size_t r = 0; r < log_odds.size(); ++r) {
    const auto weight = static_cast<double>(rows.weight(r));
    loss += weight * (std::log1p(std::exp(-std::abs(log_odds[r]))) + std::max(log_odds[r], 0.0) -
                      static_cast<double>(rows.labels[r]) * log_odds[r]);
    weights += weight;
  }
  return weights > 0 ? loss / weights : 0;
}

// The mean cross-entropy of the picks among the rows of their requests.
double loss_of_requests(const std::vector<double>& log_odds, const LabelledRows& rows) {
  double loss = 0;
  double picks = 0;
  for (std::size_t first = 0, last = 0; first < rows.rows(); first = last) {
    double sum = 0;
    double picked = 0;
    double picked_odds = 0;
    for (; last < rows.rows() && rows.requests[last] == rows.requests[first]; ++last) {
      const double pick = static_cast<double>(rows.weight(last)) * static_cast<double>(rows.labels[last]);
      sum += std::exp(log_odds[last]);
      picked += pick;
      picked_odds += pick * log_odds[last];
    }
    loss += picked * std::log(sum) - picked_odds;
    picks += picked;
  }
  return picks > 0 ? loss / picks : 0;
}

double validation_loss(const Model& model, const LabelledRows& rows, MlpSampling sampling) {
  const std::vector<double> log_odds = log_odds_of(model, rows);
  return sampling == MlpSampling::kEveryRequest ? loss_of_requests(log_odds, rows)
                                                : loss_of_rows(log_odds, rows);
}

// The network with the lowest loss on the validation rows so far.
class BestEpoch {
 public:
  // Whether the last `patience` epochs brought nothing.
  bool waited_enough(int patience) const { return patience > 0 && since_ >= patience; }

  void offer(Network network, double loss) {
    ++since_;
    if (loss >= lowest_) return;
    lowest_ = loss;
    network_ = std::move(network);
    since_ = 0;
  }
  std::optional<Network> take() { return std::move(network_); }

 private:
  double lowest_ = std::numeric_limits<double>::infinity();
  std::optional<Network> network_;
  int since_ = 0;
};

}  // namespace

MlpRecipe default_mlp_recipe(std::size_t rows, Objective objective) {
  constexpr std::size_t kEnoughRows = 2000;
  constexpr std::size_t kMostPasses = 50;
  const auto passes =
      static_cast<int>(std::clamp(kEnoughRows / std::max(rows, std::size_t{1}), std::size_t{1}, kMostPasses));
  MlpRecipe recipe;
  recipe.sampling = objective == Objective::kListwise ? MlpSampling::kEveryRequest : MlpSampling::kEveryRow;
  recipe.inputs = MlpInputs::kAllStandardised;
  recipe.epochs = 60 * passes;
  recipe.batch = 32;
  recipe.decay = 1;
  recipe.averaging = 0.998;
  recipe.patience = 8 * passes;
  return recipe;
}

Result<std::shared_ptr<const Model>> train_mlp(const TrainingInput& input, const MlpRecipe& recipe) {
  if (const Status sound = check(recipe); !sound) return sound.error();
  TrainingProgress report{.phase = "features", .epochs = recipe.epochs};
  if (input.progress) input.progress(report);
  TrainingSet set = make_training_set(input.rows, recipe, FeatureSpace(input.domain).numbers_of_features());
  if (const Status sound = check(set, recipe.sampling); !sound) return sound.error();
  input.report.bounded = bounded_inputs(input.domain, set.bounds);
  const bool validated = recipe.patience > 0 && input.validation.rows() > 0;
  const auto model_of = [&](Network network) {
    return make_mlp_model(std::move(network), input.domain.feature_fingerprint);
  };
  MlpTrainer trainer(std::move(set), recipe);
  BestEpoch best;
  report.phase = "epochs";
  for (int epoch = 1; epoch <= recipe.epochs && !best.waited_enough(recipe.patience); ++epoch) {
    const std::optional<double> loss = trainer.epoch(input.stop);
    if (!loss) return Error(ErrorCode::kAborted, "training was cancelled");
    report.epoch = epoch;
    report.loss = *loss;
    report.share = static_cast<double>(epoch) / recipe.epochs;
    if (validated) {
      Network network = trainer.network();
      report.validation_loss = validation_loss(*model_of(network), input.validation, recipe.sampling);
      best.offer(std::move(network), report.validation_loss);
    }
    if (input.progress) input.progress(report);
  }
  Network network = best.take().value_or(trainer.network());
  if (recipe.sampling == MlpSampling::kEveryRequest) {
    const std::vector<double> log_odds = log_odds_of(*model_of(network), input.rows);
    network.third_bias +=
        static_cast<float>(fitted_intercept(log_odds, input.rows.labels, input.rows.weights));
  }
  return model_of(std::move(network));
}

Result<std::shared_ptr<const Model>> train_mlp(const Domain& domain, const LabelledRows& rows,
                                               const MlpRecipe& recipe, const ProgressSink& progress,
                                               std::stop_token stop) {
  const TrainingPlan plan;
  const LabelledRows none;
  TrainingReport unread;
  return train_mlp({domain, rows, none, plan, progress, std::move(stop), unread}, recipe);
}

Result<std::shared_ptr<const Model>> train_mlp_family(const TrainingInput& input) {
  MlpRecipe recipe = input.plan.recipe == Recipe::kReference
                         ? MlpRecipe{}
                         : default_mlp_recipe(input.rows.rows(), input.plan.objective);
  recipe.seed = input.plan.seed;
  const Hyperparameters& given = input.plan.hyperparameters;
  if (const double epochs = value_of(given, "mlp.epochs"); epochs > 0)
    recipe.epochs = static_cast<int>(epochs);
  if (const double batch = value_of(given, "mlp.batch"); batch > 0)
    recipe.batch = std::max(2, static_cast<int>(batch));
  if (const double decay = value_of(given, "mlp.decay"); decay >= 0) recipe.decay = decay;
  recipe.learning_rate = value_of(given, "mlp.learning_rate");
  recipe.dropout = value_of(given, "mlp.dropout");
  input.report.hyperparameters = {{"mlp.epochs", recipe.epochs},
                                  {"mlp.batch", recipe.batch},
                                  {"mlp.decay", recipe.decay},
                                  {"mlp.learning_rate", recipe.learning_rate},
                                  {"mlp.dropout", recipe.dropout}};
  return train_mlp(input, recipe);
}

}  // namespace rankloop::ml
