#include "ml/families/mlp/train_mlp.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "ml/families/mlp/network.h"
#include "ml/families/mlp/training_kernel.h"
#include "ml/features.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

// The rows as the network sees them: selected inputs, scaled, and the rows of each class.
struct TrainingSet {
  std::vector<NetworkInput> inputs;
  std::vector<float> values;  // [rows][inputs]
  std::vector<std::uint32_t> positives;
  std::vector<std::uint32_t> negatives;
};

TrainingSet prepare(const LabelledRows& rows, int best_features) {
  TrainingSet set;
  const std::vector<ColumnRange> ranges = fit_ranges(rows);
  const std::vector<double> statistics = chi_squared(rows, ranges);
  for (const std::size_t column : best_columns(statistics, static_cast<std::size_t>(best_features))) {
    set.inputs.push_back({static_cast<std::uint32_t>(column), ranges[column].minimum, ranges[column].scale});
  }
  set.values.reserve(rows.rows() * set.inputs.size());
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    for (const NetworkInput& input : set.inputs) {
      set.values.push_back(input.scaled(rows.values[r * rows.features + input.column]));
    }
    (rows.labels[r] > 0.5F ? set.positives : set.negatives).push_back(static_cast<std::uint32_t>(r));
  }
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
        second_moment_(layout_.size) {
    // Each layer starts uniform within 1 / sqrt(inputs of the layer), weights and biases alike.
    draw(0, layout_.second, layout_.inputs);
    draw(layout_.second, layout_.third - layout_.second, kHidden);
    draw(layout_.third, kSecond + 1, kSecond);
    for (std::uint32_t& state : dropout_.state) state = static_cast<std::uint32_t>(random_.bits()) | 1U;
    dropout_.threshold = static_cast<std::uint32_t>(std::lround(recipe.dropout * 0x1p24));
    dropout_.kept = static_cast<float>(1 / (1 - recipe.dropout));
  }

  // One balanced batch and one step; returns the sum of the samples' losses.
  double step() {
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
    beta1_power_ *= 0.9;
    beta2_power_ *= 0.999;
    const AdamStep step{static_cast<float>(recipe_.learning_rate / (1 - beta1_power_)),
                        static_cast<float>(1 / std::sqrt(1 - beta2_power_))};
    kernel_.update(step, layout_.size, parameters_.data(), gradients_.data(), first_moment_.data(),
                   second_moment_.data());
    return loss;
  }

  Network network() const {
    Network network;
    network.inputs = set_.inputs;
    const auto at = [this](std::size_t offset) {
      return parameters_.begin() + static_cast<std::ptrdiff_t>(offset);
    };
    network.first_weights.assign(at(0), at(layout_.first_bias));
    std::copy_n(at(layout_.first_bias), kHidden, network.first_bias.begin());
    for (std::size_t h = 0; h < kHidden; ++h) {
      for (std::size_t o = 0; o < kSecond; ++o) {
        network.second_weights[h * kSecond + o] = parameters_[layout_.second + o * kHidden + h];
      }
    }
    std::copy_n(at(layout_.second_bias), kSecond, network.second_bias.begin());
    std::copy_n(at(layout_.third), kSecond, network.third_weights.begin());
    network.third_bias = parameters_[layout_.third_bias];
    return network;
  }

 private:
  void draw(std::size_t first, std::size_t count, std::size_t layer_inputs) {
    const double bound = 1 / std::sqrt(static_cast<double>(layer_inputs));
    for (std::size_t i = first; i < first + count; ++i) {
      parameters_[i] = static_cast<float>(random_.uniform(-bound, bound));
    }
  }

  const float* draw_row(const std::vector<std::uint32_t>& rows) {
    const std::uint32_t row = rows[random_.below(static_cast<std::uint32_t>(rows.size()))];
    return set_.values.data() + row * set_.inputs.size();
  }

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
};

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Status check(const TrainingSet& set) {
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
  return {};
}

}  // namespace

Result<std::shared_ptr<const Model>> train_mlp(const Domain& domain, const LabelledRows& rows,
                                               const MlpRecipe& recipe, const ProgressSink& progress,
                                               std::stop_token stop) {
  if (const Status sound = check(recipe); !sound) return sound.error();
  const auto report = [&](const TrainingProgress& step) {
    if (progress) progress(step);
  };
  report({.phase = "features", .epochs = recipe.epochs});
  TrainingSet set = prepare(rows, recipe.best_features);
  if (const Status sound = check(set); !sound) return sound.error();
  Trainer trainer(std::move(set), recipe);
  for (int epoch = 1; epoch <= recipe.epochs; ++epoch) {
    double loss = 0;
    for (int batch = 0; batch < recipe.batches; ++batch) {
      if (stop.stop_requested()) return Error(ErrorCode::kAborted, "training was cancelled");
      loss += trainer.step();
    }
    report({.phase = "epochs",
            .epoch = epoch,
            .epochs = recipe.epochs,
            .loss = loss / recipe.batches / recipe.batch,
            .share = static_cast<double>(epoch) / recipe.epochs});
  }
  return make_mlp_model(trainer.network(), domain.feature_fingerprint);
}

Result<std::shared_ptr<const Model>> train_mlp_family(const TrainingInput& input) {
  MlpRecipe recipe;
  recipe.seed = input.plan.seed;
  return train_mlp(input.domain, input.rows, recipe, input.progress, input.stop);
}

}  // namespace rankloop::ml
