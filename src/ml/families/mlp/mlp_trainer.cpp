// Epochs over rows and over requests, and Adam's steps.
#include "ml/families/mlp/mlp_trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace rankloop::ml {
namespace {

// Binary cross-entropy of a logit, without overflow: log(1 + e^z) - label * z.
double cross_entropy(float logit, float label) {
  const auto z = static_cast<double>(logit);
  return std::max(z, 0.0) - z * static_cast<double>(label) + std::log1p(std::exp(-std::abs(z)));
}

}  // namespace

MlpTrainer::MlpTrainer(TrainingSet set, const MlpRecipe& recipe)
    : recipe_(recipe),
      set_(std::move(set)),
      layout_(set_.inputs.size(), set_.words.size()),
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
  draw(layout_.words, layout_.size - layout_.words, std::max(layout_.inputs, std::size_t{1}));
  for (std::uint32_t& state : dropout_.state) state = static_cast<std::uint32_t>(random_.bits()) | 1U;
  dropout_.threshold = static_cast<std::uint32_t>(std::lround(recipe.dropout * 0x1p24));
  dropout_.kept = static_cast<float>(1 / (1 - recipe.dropout));
}

std::optional<double> MlpTrainer::epoch(const std::stop_token& stop) {
  switch (recipe_.sampling) {
    case MlpSampling::kBalanced:
      return balanced_epoch(stop);
    case MlpSampling::kEveryRow:
      return epoch_of_rows(stop);
    case MlpSampling::kEveryRequest:
      return epoch_of_requests(stop);
  }
  return std::nullopt;
}

std::optional<double> MlpTrainer::balanced_epoch(const std::stop_token& stop) {
  double loss = 0;
  for (int batch = 0; batch < recipe_.batches; ++batch) {
    if (stop.stop_requested()) return std::nullopt;
    loss += add_balanced_batch();
    update();
  }
  return loss / recipe_.batches / recipe_.batch;
}

std::optional<double> MlpTrainer::epoch_of_rows(const std::stop_token& stop) {
  shuffle(set_.labels.size());
  const auto batch = static_cast<std::size_t>(recipe_.batch);
  double loss = 0;
  for (std::size_t first = 0; first < order_.size(); first += batch) {
    if (stop.stop_requested()) return std::nullopt;
    loss += add_rows(std::span(order_).subspan(first, std::min(batch, order_.size() - first)));
    step();
  }
  return loss / static_cast<double>(order_.size());
}

std::optional<double> MlpTrainer::epoch_of_requests(const std::stop_token& stop) {
  shuffle(set_.requests.size());
  double loss = 0;
  double picks = 0;
  for (std::size_t first = 0, last = 0; first < order_.size(); first = last) {
    if (stop.stop_requested()) return std::nullopt;
    for (std::size_t rows = 0; last < order_.size() && rows < static_cast<std::size_t>(recipe_.batch);
         ++last) {
      rows += set_.requests[order_[last]].count;
    }
    const float share = 1 / static_cast<float>(last - first);
    for (std::size_t i = first; i < last; ++i) {
      loss += add_request(set_.requests[order_[i]], share);
      picks += static_cast<double>(set_.requests[order_[i]].picks);
    }
    step();
  }
  return loss / picks;
}

double MlpTrainer::add_balanced_batch() {
  const auto batch = static_cast<std::size_t>(recipe_.batch);
  double loss = 0;
  for (std::size_t first = 0; first < batch; first += kLanes) {
    SampleGroup group;
    group.inputs.fill(set_.values.data());
    const std::size_t samples = std::min(kLanes, batch - first);
    for (std::size_t s = 0; s < samples; ++s) {
      const bool positive = first + s < batch / 2;
      set_row(group, s, draw_row(positive ? set_.positives : set_.negatives));
      group.labels[s] = positive ? 1.0F : 0.0F;
      group.weights[s] = 1.0F / static_cast<float>(batch);
    }
    kernel_.add_gradients(layout_, parameters_.data(), group, dropout_, gradients_.data());
    for (std::size_t s = 0; s < samples; ++s) loss += cross_entropy(group.logits[s], group.labels[s]);
  }
  return loss;
}

double MlpTrainer::add_rows(std::span<const std::uint32_t> rows) {
  double loss = 0;
  for (std::size_t first = 0; first < rows.size(); first += kLanes) {
    SampleGroup group;
    group.inputs.fill(set_.values.data());
    const std::size_t samples = std::min(kLanes, rows.size() - first);
    for (std::size_t s = 0; s < samples; ++s) {
      const std::uint32_t row = rows[first + s];
      set_row(group, s, row);
      group.labels[s] = set_.labels[row];
      group.weights[s] = set_.weights[row] / static_cast<float>(recipe_.batch);
    }
    kernel_.add_gradients(layout_, parameters_.data(), group, dropout_, gradients_.data());
    for (std::size_t s = 0; s < samples; ++s) {
      loss += static_cast<double>(set_.weights[rows[first + s]]) *
              cross_entropy(group.logits[s], group.labels[s]);
    }
  }
  return loss;
}

// The dropout of the first pass is drawn again in the second: the softmax needs all logits before the first
// gradient.
double MlpTrainer::add_request(const RequestRows& request, float share) {
  logits_.resize(request.count);
  Dropout dropout = dropout_;
  for (std::uint32_t first = 0; first < request.count; first += kLanes) {
    const std::size_t samples = std::min(kLanes, std::size_t{request.count - first});
    SampleGroup group = group_of(request.first + first, samples);
    kernel_.find_logits(layout_, parameters_.data(), group, dropout);
    std::copy_n(group.logits.begin(), samples, logits_.begin() + first);
  }
  const float most = *std::max_element(logits_.begin(), logits_.end());
  double sum = 0;
  for (const float logit : logits_) sum += std::exp(static_cast<double>(logit - most));
  double loss = static_cast<double>(request.picks) * (std::log(sum) + static_cast<double>(most));
  for (std::uint32_t first = 0; first < request.count; first += kLanes) {
    const std::size_t samples = std::min(kLanes, std::size_t{request.count - first});
    SampleGroup group = group_of(request.first + first, samples);
    std::array<float, kLanes> errors{};
    for (std::size_t s = 0; s < samples; ++s) {
      const float logit = logits_[first + s];
      const std::uint32_t row = request.first + first + static_cast<std::uint32_t>(s);
      const float picked = set_.weights[row] * set_.labels[row];
      const auto chosen = static_cast<float>(std::exp(static_cast<double>(logit - most)) / sum);
      errors[s] = share * (request.picks * chosen - picked);
      loss -= static_cast<double>(picked) * static_cast<double>(logit);
    }
    kernel_.add_gradients_of(layout_, parameters_.data(), group, errors, dropout_, gradients_.data());
  }
  return loss;
}

SampleGroup MlpTrainer::group_of(std::uint32_t first, std::size_t count) const {
  SampleGroup group;
  group.inputs.fill(set_.values.data());
  for (std::size_t s = 0; s < count; ++s) set_row(group, s, first + static_cast<std::uint32_t>(s));
  return group;
}

void MlpTrainer::set_row(SampleGroup& group, std::size_t sample, std::uint32_t row) const {
  group.inputs[sample] = set_.row(row);
  group.words[sample] = set_.places->at(row);
}

void MlpTrainer::step() {
  update();
  decay();
  average();
}

void MlpTrainer::update() {
  beta1_power_ *= 0.9;
  beta2_power_ *= 0.999;
  const AdamStep step{static_cast<float>(recipe_.learning_rate / (1 - beta1_power_)),
                      static_cast<float>(1 / std::sqrt(1 - beta2_power_))};
  kernel_.update(step, layout_.size, parameters_.data(), gradients_.data(), first_moment_.data(),
                 second_moment_.data());
}

void MlpTrainer::decay() {
  const auto kept = static_cast<float>(1 - recipe_.learning_rate * recipe_.decay);
  const auto shrink = [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) parameters_[i] *= kept;
  };
  shrink(0, layout_.first_bias);
  shrink(layout_.second, layout_.second_bias);
  shrink(layout_.third, layout_.third_bias);
  shrink(layout_.words, layout_.size);
}

void MlpTrainer::average() {
  if (!(recipe_.averaging > 0)) return;
  ++averaged_steps_;
  // The first steps are their plain mean, so that the random start is forgotten at once.
  const double past = std::min(recipe_.averaging, 1 - 1 / static_cast<double>(averaged_steps_));
  const auto present = static_cast<float>(1 - past);
  for (std::size_t i = 0; i < averaged_.size(); ++i) {
    averaged_[i] += present * (parameters_[i] - averaged_[i]);
  }
}

void MlpTrainer::shuffle(std::size_t size) {
  if (order_.empty()) {
    order_.resize(size);
    std::iota(order_.begin(), order_.end(), 0U);
  }
  for (std::size_t i = order_.size(); i > 1; --i) {
    std::swap(order_[i - 1], order_[random_.below(static_cast<std::uint32_t>(i))]);
  }
}

Network MlpTrainer::network() const {
  const std::vector<float>& parameters = recipe_.averaging > 0 ? averaged_ : parameters_;
  Network network;
  network.inputs = set_.inputs;
  const auto at = [&](std::size_t offset) {
    return parameters.begin() + static_cast<std::ptrdiff_t>(offset);
  };
  network.first_weights.assign(at(0), at(layout_.first_bias));
  network.words = set_.words;
  network.word_weights.assign(at(layout_.words), at(layout_.size));
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

void MlpTrainer::draw(std::size_t first, std::size_t count, std::size_t layer_inputs) {
  const double bound = 1 / std::sqrt(static_cast<double>(layer_inputs));
  for (std::size_t i = first; i < first + count; ++i) {
    parameters_[i] = static_cast<float>(random_.uniform(-bound, bound));
  }
}

std::uint32_t MlpTrainer::draw_row(const std::vector<std::uint32_t>& rows) {
  return rows[random_.below(static_cast<std::uint32_t>(rows.size()))];
}

}  // namespace rankloop::ml
