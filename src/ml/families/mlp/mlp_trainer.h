// The epochs of training the network: samples rows as the recipe says, takes a step on each batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "ml/families/mlp/network.h"
#include "ml/families/mlp/train_mlp.h"
#include "ml/families/mlp/training_kernel.h"
#include "ml/families/mlp/training_set.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {

// One thread.
class MlpTrainer {
 public:
  // The recipe is sound, and the set holds what its sampling draws from.
  MlpTrainer(TrainingSet set, const MlpRecipe& recipe);

  // One pass over the rows, as the recipe samples them; returns the mean loss of the samples before each
  // step, or nothing when a stop was requested.
  std::optional<double> epoch(const std::stop_token& stop);

  Network network() const;

 private:
  std::optional<double> balanced_epoch(const std::stop_token& stop);
  std::optional<double> epoch_of_rows(const std::stop_token& stop);
  std::optional<double> epoch_of_requests(const std::stop_token& stop);

  // Each adds gradients and returns the sum of the samples' weighted losses.
  double add_balanced_batch();
  double add_rows(std::span<const std::uint32_t> rows);
  double add_request(const RequestRows& request, float share);

  // `count` rows from `first` on, at most a group's; without weights.
  SampleGroup group_of(std::uint32_t first, std::size_t count) const;
  void set_row(SampleGroup& group, std::size_t sample, std::uint32_t row) const;
  void step();  // along the gradients, with decay and averaging
  void update();
  void decay();
  void average();
  void shuffle(std::size_t size);
  void draw(std::size_t first, std::size_t count, std::size_t layer_inputs);
  std::uint32_t draw_row(const std::vector<std::uint32_t>& rows);

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
  std::vector<std::uint32_t> order_;  // of the rows or requests in this epoch
  std::vector<float> logits_;         // of one request
};

}  // namespace rankloop::ml
