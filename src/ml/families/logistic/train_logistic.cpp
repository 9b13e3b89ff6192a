// Standardises the rows, fits, and takes the scale back into the weights.
#include "ml/families/logistic/train_logistic.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "ml/families/logistic/penalised_fit.h"
#include "ml/feature_space.h"

namespace rankloop::ml {
namespace {

constexpr std::array kPenalties = {1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.1, 0.01};
constexpr double kPenaltyUnseen = 1;
constexpr int kWorseIsEnough = 3;  // weaker penalties only fit the training rows more closely, and slowly

// Rows without a pick say nothing of a penalty: the strongest would always be the best.
bool can_validate(const LabelledRows& rows, Likelihood likelihood) {
  if (likelihood == Likelihood::kRequests && rows.requests.size() != rows.rows()) return false;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    if (rows.weight(r) * rows.labels[r] > 0) return true;
  }
  return false;
}

// Reports the fits of a training one after another.
class Progress {
 public:
  Progress(const ProgressSink& sink, std::size_t fits) : sink_(sink), fits_(static_cast<double>(fits)) {}

  void stepped(double loss) {
    step_.loss = loss;
    ++step_.epoch;
    if (sink_) sink_(step_);
  }
  void fitted(double validation_loss) {
    step_.validation_loss = validation_loss;
    step_.share += 1 / fits_;
  }

 private:
  const ProgressSink& sink_;
  const double fits_;
  TrainingProgress step_{.phase = "steps"};
};

// A penalty that was tried on the training rows, and what the validation rows say of it.
struct Trial {
  double penalty = kPenaltyUnseen;
  Eigen::VectorXd slopes{};
  std::vector<PartLoss> losses{};
};

// The strongest penalty of which it is not known that it is worse than the best: by less than one standard
// error of how much they differ (Breiman, Friedman, Olshen and Stone, Classification and Regression Trees,
// 1984, 3.4.3). Few picks to judge by choose nearly by chance, and a weak penalty is the dearer mistake.
Trial chosen_of(std::vector<Trial> trials) {
  const auto best =
      std::ranges::min_element(trials, {}, [](const Trial& trial) { return mean_loss(trial.losses); });
  const double least = mean_loss(best->losses);
  const auto strongest = std::find_if(trials.begin(), best, [&](const Trial& trial) {
    return mean_loss(trial.losses) - least <= error_of_difference(trial.losses, best->losses);
  });
  return std::move(*strongest);  // the best itself where no stronger one will do
}

}  // namespace

Result<Linear> fit_linear(const TrainingInput& input) {
  const Likelihood likelihood =
      input.plan.objective == Objective::kListwise ? Likelihood::kRequests : Likelihood::kRows;
  const std::array<const LabelledRows*, 2> parts = {&input.rows, &input.validation};
  const auto training = std::span(parts).first(1);
  const std::size_t features = FeatureSpace(input.domain).numbers_of_features();
  const double told = input.plan.value("logistic.penalty");
  const bool validated = can_validate(input.validation, likelihood);
  const bool chosen = validated && told < 0;
  Progress progress(input.progress, chosen ? kPenalties.size() + 1 : 1);
  const auto stepped = [&](int /*step*/, double loss) { progress.stepped(loss); };

  Trial choice{.penalty = told < 0 ? kPenaltyUnseen : told};
  if (chosen) {
    const std::vector<StandardInput> inputs = standardise(training, features);
    const Vocabularies words = Vocabularies::fit(training);
    PenalisedFitter fitter(likelihood, training, inputs, words);
    double least = std::numeric_limits<double>::infinity();
    std::vector<Trial> trials;
    int worse_in_a_row = 0;
    for (const double candidate : kPenalties) {
      const auto fit =
          fitter.fit(candidate, trials.empty() ? Eigen::VectorXd() : trials.back().slopes, stepped,
                     input.stop, Precision::kToCompare);  // the last one's slopes are near
      if (!fit) return fit.error();
      trials.push_back(
          {candidate, fit->slopes, losses_of(likelihood, input.validation, inputs, words, fit->slopes)});
      const double loss = mean_loss(trials.back().losses);
      progress.fitted(loss);
      worse_in_a_row = loss < least ? 0 : worse_in_a_row + 1;
      if (worse_in_a_row == kWorseIsEnough) break;
      least = std::min(least, loss);
    }
    choice = chosen_of(std::move(trials));
  }
  const auto all = validated ? std::span(parts) : training;
  const std::vector<FittedBounds> bounds = fit_bounds(all);
  input.report.bounded = bounded_inputs(input.domain, bounds);
  const std::vector<StandardInput> inputs = standardise(all, bounds, features);
  const Vocabularies words = Vocabularies::fit(all);
  PenalisedFitter fitter(likelihood, all, inputs, words);
  auto fit = fitter.fit(choice.penalty, choice.slopes, stepped, input.stop, Precision::kFinal);
  if (!fit) return fit.error();
  fitter.set_intercept(*fit);
  fitter.set_deviations(*fit, choice.penalty);
  input.report.hyperparameters["logistic.penalty"] = choice.penalty;
  return fit->linear(inputs, words);
}

Result<std::shared_ptr<const Model>> train_logistic_family(const TrainingInput& input) {
  Result<Linear> linear = fit_linear(input);
  if (!linear) return linear.error();
  return make_logistic_model(*std::move(linear), input.domain.feature_fingerprint);
}

}  // namespace rankloop::ml
