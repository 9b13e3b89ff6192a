#include "ml/families/mlp/train_mlp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "ml/families/mlp/network.h"
#include "ml/families/mlp/training_kernel.h"
#include "ml/features.h"
#include "ml/random_numbers.h"
#include "ml/standardise.h"

namespace rankloop::ml {
namespace {

// The rows as the network sees them: selected inputs, scaled, and the rows of each class.
struct TrainingSet {
  std::vector<NetworkInput> inputs;
  std::vector<float> values;   // [rows][inputs]
  std::vector<float> labels;   // [rows]
  std::vector<float> weights;  // [rows], 1 on the mean
  std::vector<std::uint32_t> positives;
  std::vector<std::uint32_t> negatives;
};

std::vector<NetworkInput> choose_inputs(const LabelledRows& rows, const MlpRecipe& recipe) {
  std::vector<NetworkInput> inputs;
  if (recipe.inputs == MlpInputs::kAllStandardised) {
    const std::array<const LabelledRows*, 1> parts = {&rows};
    for (const StandardInput& input : standardise(parts)) {
      inputs.push_back({input.column, input.mean, static_cast<float>(1 / input.deviation)});
    }
    return inputs;
  }
  const std::vector<ColumnRange> ranges = fit_ranges(rows);
  const std::vector<double> statistics = chi_squared(rows, ranges);
  for (const std::size_t column : best_columns(statistics, static_cast<std::size_t>(recipe.best_features))) {
    inputs.push_back({static_cast<std::uint32_t>(column), ranges[column].minimum, ranges[column].scale});
  }
  return inputs;
}

TrainingSet prepare(const LabelledRows& rows, const MlpRecipe& recipe) {
  TrainingSet set;
  set.inputs = choose_inputs(rows, recipe);
  set.values.reserve(rows.rows() * set.inputs.size());
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    for (const NetworkInput& input : set.inputs) {
      set.values.push_back(input.scaled(rows.values[r * rows.features + input.column]));
    }
    (rows.labels[r] > 0.5F ? set.positives : set.negatives).push_back(static_cast<std::uint32_t>(r));
  }
  set.labels = rows.labels;
  set.weights = rows.weights.empty() ? std::vector<float>(rows.rows(), 1.0F) : rows.weights;
  const double total = std::accumulate(set.weights.begin(), set.weights.end(), 0.0);
  const auto scale = static_cast<float>(static_cast<double>(rows.rows()) / total);
  for (float& weight : set.weights) weight *= scale;
  return set;
}

// Binary cross-entropy of a logit, without overflow: log(1 + e^z) - label * z.
double cross_entropy(float logit, float label) {
  const auto z = static_cast<double>(logit);
  return std::max(z, 0.0) - z * static_cast<double>(label) + std::log1p(std::exp(-std::abs(z)));
}

class Trainer {
 public:
  Trainer(TrainingSet set, const MlpRecipe& recipe)
      : recipe_(recipe),
        set_(std::move(set)),
        layout_(set_.inputs.size()),
        random_(recipe.seed),
        parameters_(layout_.size),
        gradients_(layout_.size),
        first_moment_(layout_.size),
        second_moment_(layout_.size),
        averaged_(recipe.averaging > 0 ? layout_.size : 0) {
    // Each layer starts uniform within 1 / sqrt(inputs of the layer), weights and biases alike.
    draw(0, layout_.second, std::max(layout_.inputs, std::size_t{1}));
    draw(layout_.second, layout_.third - layout_.second, kHidden);
    draw(layout_.third, kSecond + 1, kSecond);
    for (std::uint32_t& state : dropout_.state) state = static_cast<std::uint32_t>(random_.bits()) | 1U;
    dropout_.threshold = static_cast<std::uint32_t>(std::lround(recipe.dropout * 0x1p24));
    dropout_.kept = static_cast<float>(1 / (1 - recipe.dropout));
  }

  // One pass over the rows, as the recipe samples them; returns the mean loss of the samples before each
  // step, or nothing when a stop was requested.
  std::optional<double> epoch(const std::stop_token& stop) {
    double loss = 0;
    if (recipe_.sampling == MlpSampling::kBalanced) {
      for (int batch = 0; batch < recipe_.batches; ++batch) {
        if (stop.stop_requested()) return std::nullopt;
        loss += balanced_step();
      }
      return loss / recipe_.batches / recipe_.batch;
    }
    shuffle();
    const auto batch = static_cast<std::size_t>(recipe_.batch);
    for (std::size_t first = 0; first < order_.size(); first += batch) {
      if (stop.stop_requested()) return std::nullopt;
      loss += step_on(std::span(order_).subspan(first, std::min(batch, order_.size() - first)));
    }
    return loss / static_cast<double>(order_.size());
  }

  Network network() const { return network_of(recipe_.averaging > 0 ? averaged_ : parameters_); }

 private:
  // One balanced batch and one step; returns the sum of the samples' losses.
  double balanced_step() {
    const auto batch = static_cast<std::size_t>(recipe_.batch);
    double loss = 0;
    for (std::size_t first = 0; first < batch; first += kLanes) {
      SampleGroup group;
      group.inputs.fill(set_.values.data());
      const std::size_t samples = std::min(kLanes, batch - first);
      for (std::size_t s = 0; s < samples; ++s) {
        const bool positive = first + s < batch / 2;
        group.inputs[s] = draw_row(positive ? set_.positives : set_.negatives);
        group.labels[s] = positive ? 1.0F : 0.0F;
        group.weights[s] = 1.0F / static_cast<float>(batch);
      }
      kernel_.add_gradients(layout_, parameters_.data(), group, dropout_, gradients_.data());
      for (std::size_t s = 0; s < samples; ++s) loss += cross_entropy(group.logits[s], group.labels[s]);
    }
    update();
    return loss;
  }

  // One step on some rows; returns the sum of their weighted losses.
  double step_on(std::span<const std::uint32_t> rows) {
    double loss = 0;
    for (std::size_t first = 0; first < rows.size(); first += kLanes) {
      SampleGroup group;
      group.inputs.fill(set_.values.data());
      const std::size_t samples = std::min(kLanes, rows.size() - first);
      for (std::size_t s = 0; s < samples; ++s) {
        const std::uint32_t row = rows[first + s];
        group.inputs[s] = values_of(row);
        group.labels[s] = set_.labels[row];
        group.weights[s] = set_.weights[row] / static_cast<float>(recipe_.batch);
      }
      kernel_.add_gradients(layout_, parameters_.data(), group, dropout_, gradients_.data());
      for (std::size_t s = 0; s < samples; ++s) {
        loss += static_cast<double>(set_.weights[rows[first + s]]) *
                cross_entropy(group.logits[s], group.labels[s]);
      }
    }
    update();
    decay();
    average();
    return loss;
  }

  void update() {
    beta1_power_ *= 0.9;
    beta2_power_ *= 0.999;
    const AdamStep step{static_cast<float>(recipe_.learning_rate / (1 - beta1_power_)),
                        static_cast<float>(1 / std::sqrt(1 - beta2_power_))};
    kernel_.update(step, layout_.size, parameters_.data(), gradients_.data(), first_moment_.data(),
                   second_moment_.data());
  }

  void decay() {
    const auto kept = static_cast<float>(1 - recipe_.learning_rate * recipe_.decay);
    const auto shrink = [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) parameters_[i] *= kept;
    };
    shrink(0, layout_.first_bias);
    shrink(layout_.second, layout_.second_bias);
    shrink(layout_.third, layout_.third_bias);
  }

  void average() {
    if (!(recipe_.averaging > 0)) return;
    ++averaged_steps_;
    // The first steps are their plain mean, so that the random start is forgotten at once.
    const double past = std::min(recipe_.averaging, 1 - 1 / static_cast<double>(averaged_steps_));
    const auto present = static_cast<float>(1 - past);
    for (std::size_t i = 0; i < averaged_.size(); ++i) {
      averaged_[i] += present * (parameters_[i] - averaged_[i]);
    }
  }

  void shuffle() {
    if (order_.empty()) {
      order_.resize(set_.labels.size());
      std::iota(order_.begin(), order_.end(), 0U);
    }
    for (std::size_t i = order_.size(); i > 1; --i) {
      std::swap(order_[i - 1], order_[random_.below(static_cast<std::uint32_t>(i))]);
    }
  }

  Network network_of(const std::vector<float>& parameters) const {
    Network network;
    network.inputs = set_.inputs;
    const auto at = [&](std::size_t offset) {
      return parameters.begin() + static_cast<std::ptrdiff_t>(offset);
    };
    network.first_weights.assign(at(0), at(layout_.first_bias));
    std::copy_n(at(layout_.first_bias), kHidden, network.first_bias.begin());
    for (std::size_t h = 0; h < kHidden; ++h) {
      for (std::size_t o = 0; o < kSecond; ++o) {
        network.second_weights[h * kSecond + o] = parameters[layout_.second + o * kHidden + h];
      }
    }
    std::copy_n(at(layout_.second_bias), kSecond, network.second_bias.begin());
    std::copy_n(at(layout_.third), kSecond, network.third_weights.begin());
    network.third_bias = parameters[layout_.third_bias];
    return network;
  }

  void draw(std::size_t first, std::size_t count, std::size_t layer_inputs) {
    const double bound = 1 / std::sqrt(static_cast<double>(layer_inputs));
    for (std::size_t i = first; i < first + count; ++i) {
      parameters_[i] = static_cast<float>(random_.uniform(-bound, bound));
    }
  }

  const float* draw_row(const std::vector<std::uint32_t>& rows) {
    return values_of(rows[random_.below(static_cast<std::uint32_t>(rows.size()))]);
  }
  const float* values_of(std::uint32_t row) const { return set_.values.data() + row * set_.inputs.size(); }

  const MlpRecipe recipe_;
  const TrainingSet set_;
  const ParameterLayout layout_;
  const TrainingKernel& kernel_ = best_training_kernel();
  RandomNumbers random_;
  Dropout dropout_;
  double beta1_power_ = 1;
  double beta2_power_ = 1;
  std::vector<float> parameters_;
  std::vector<float> gradients_;
  std::vector<float> first_moment_;
  std::vector<float> second_moment_;
  std::vector<float> averaged_;
  std::int64_t averaged_steps_ = 0;
  std::vector<std::uint32_t> order_;  // of the rows in this epoch
};

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Status check(const TrainingSet& set, MlpSampling sampling) {
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

// The mean cross-entropy of the validation rows, weighted.
double validation_loss(const Model& model, const LabelledRows& rows) {
  const std::vector<float> scores = score_rows(model, rows);
  double loss = 0;
  double weights = 0;
  for (std::size_t r = 0; r < scores.size(); ++r) {
    constexpr double kSmallest = 1e-7;
    const double score = std::clamp(static_cast<double>(scores[r]), kSmallest, 1 - kSmallest);
    const auto label = static_cast<double>(rows.labels[r]);
    const auto weight = static_cast<double>(rows.weight(r));
    loss -= weight * (label * std::log(score) + (1 - label) * std::log(1 - score));
    weights += weight;
  }
  return weights > 0 ? loss / weights : 0;
}

// The model with the lowest loss on the validation rows so far.
class BestEpoch {
 public:
  // Whether the last `patience` epochs brought nothing.
  bool waited_enough(int patience) const { return patience > 0 && since_ >= patience; }

  void offer(std::shared_ptr<const Model> model, double loss) {
    ++since_;
    if (loss >= lowest_) return;
    lowest_ = loss;
    model_ = std::move(model);
    since_ = 0;
  }
  const std::shared_ptr<const Model>& model() const { return model_; }

 private:
  double lowest_ = std::numeric_limits<double>::infinity();
  std::shared_ptr<const Model> model_;
  int since_ = 0;
};

}  // namespace

MlpRecipe default_mlp_recipe(std::size_t rows) {
  constexpr std::size_t kEnoughRows = 2000;
  constexpr std::size_t kMostPasses = 50;
  const auto passes =
      static_cast<int>(std::clamp(kEnoughRows / std::max(rows, std::size_t{1}), std::size_t{1}, kMostPasses));
  MlpRecipe recipe;
  recipe.sampling = MlpSampling::kEveryRow;
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
  TrainingSet set = prepare(input.rows, recipe);
  if (const Status sound = check(set, recipe.sampling); !sound) return sound.error();
  const bool validated = recipe.patience > 0 && input.validation.rows() > 0;
  Trainer trainer(std::move(set), recipe);
  BestEpoch best;
  report.phase = "epochs";
  for (int epoch = 1; epoch <= recipe.epochs && !best.waited_enough(recipe.patience); ++epoch) {
    const std::optional<double> loss = trainer.epoch(input.stop);
    if (!loss) return Error(ErrorCode::kAborted, "training was cancelled");
    report.epoch = epoch;
    report.loss = *loss;
    report.share = static_cast<double>(epoch) / recipe.epochs;
    if (validated) {
      auto model = make_mlp_model(trainer.network(), input.domain.feature_fingerprint);
      report.validation_loss = validation_loss(*model, input.validation);
      best.offer(std::move(model), report.validation_loss);
    }
    if (input.progress) input.progress(report);
  }
  if (best.model() != nullptr) return best.model();
  return make_mlp_model(trainer.network(), input.domain.feature_fingerprint);
}

Result<std::shared_ptr<const Model>> train_mlp(const Domain& domain, const LabelledRows& rows,
                                               const MlpRecipe& recipe, const ProgressSink& progress,
                                               std::stop_token stop) {
  const TrainingPlan plan;
  const LabelledRows none;
  return train_mlp({domain, rows, none, plan, progress, std::move(stop)}, recipe);
}

Result<std::shared_ptr<const Model>> train_mlp_family(const TrainingInput& input) {
  MlpRecipe recipe =
      input.plan.recipe == Recipe::kReference ? MlpRecipe{} : default_mlp_recipe(input.rows.rows());
  recipe.seed = input.plan.seed;
  return train_mlp(input, recipe);
}

}  // namespace rankloop::ml
