// The slopes of a factorisation, and the steps down.
#include "ml/families/factorization/factor_trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace rankloop::ml {
namespace {

// Of rows against each other.
double softmax_loss(const LabelledRows& rows, const FactorRows::Group& group, std::span<const float> scores,
                    std::span<float> residuals) {
  const float most = *std::ranges::max_element(scores);
  double sum = 0;
  for (const float score : scores) sum += std::exp(static_cast<double>(score - most));
  double loss = group.weight * std::log(sum);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto above = static_cast<double>(scores[i] - most);
    const double picks = FactorRows::picks(rows, group.first + i);
    loss -= picks * above;
    residuals[i] = static_cast<float>(group.weight * std::exp(above) / sum - picks);
  }
  return loss;
}

// Of a row by itself.
double row_loss(const LabelledRows& rows, const FactorRows::Group& group, std::span<const float> scores,
                std::span<float> residuals) {
  const auto score = static_cast<double>(scores[0]);
  const auto label = static_cast<double>(rows.labels[group.first]);
  residuals[0] = static_cast<float>(group.weight * (1 / (1 + std::exp(-score)) - label));
  return group.weight * (std::max(score, 0.0) - score * label + std::log1p(std::exp(-std::abs(score))));
}

}  // namespace

void FactorPass::add_row(const FactorRows& rows, std::size_t row, bool of_item, const FactorParameters& at,
                         float* sum, float& squares) {
  slots_.each(rows, row, of_item, [&](std::uint32_t slot, float value) {
    if (value == 0) return;
    parts_.push_back({slot, value});
    const float* vector = at.vectors.data() + slot * factors_;
    for (std::size_t f = 0; f < factors_; ++f) {
      const float part = value * vector[f];
      sum[f] += part;
      squares += part * part;
    }
  });
  ends_.push_back(parts_.size());
}

std::span<const float> FactorPass::score(const FactorRows& rows, const FactorRows::Group& group,
                                         const FactorParameters& at) {
  const std::size_t count = group.last - group.first;
  parts_.clear();
  ends_.clear();
  request_.assign(factors_, 0);
  items_.assign(count * factors_, 0);
  scores_.resize(count);
  float of_request = 0;  // pairs of the request's inputs order nothing
  add_row(rows, group.first, false, at, request_.data(), of_request);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = group.first + i;
    float* sum = items_.data() + i * factors_;
    float squares = 0;
    add_row(rows, row, true, at, sum, squares);
    float pairs = 0;
    for (std::size_t f = 0; f < factors_; ++f) pairs += sum[f] * (request_[f] + sum[f] / 2);
    scores_[i] = at.stretch * rows.linear[row] + pairs - squares / 2;
    if (rows.item[row] != FactorRows::kNone) scores_[i] += at.weights[rows.item[row]];
  }
  return scores_;
}

double FactorPass::loss(const FactorRows& rows, const FactorRows::Group& group) {
  residuals_.resize(scores_.size());
  return rows.objective == Objective::kListwise ? softmax_loss(rows.rows, group, scores_, residuals_)
                                                : row_loss(rows.rows, group, scores_, residuals_);
}

template <class Add>
void FactorPass::each_slope(const FactorParameters& at, Add add) {
  slopes_.assign(3 * factors_, 0);
  float* of_request = slopes_.data();
  float* of_row = of_request + factors_;
  float* of_part = of_row + factors_;
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    const float* sum = items_.data() + i * factors_;
    for (std::size_t f = 0; f < factors_; ++f) {
      of_request[f] += residuals_[i] * sum[f];
      of_row[f] = residuals_[i] * (request_[f] + sum[f]);
    }
    for (std::size_t p = ends_[i]; p < ends_[i + 1]; ++p) {
      const Part part = parts_[p];
      const float own = residuals_[i] * part.value * part.value;  // a part does not meet itself
      const float* vector = at.vectors.data() + part.slot * factors_;
      for (std::size_t f = 0; f < factors_; ++f) of_part[f] = part.value * of_row[f] - own * vector[f];
      add(part.slot, of_part);
    }
  }
  for (std::size_t p = 0; p < ends_.front(); ++p) {
    for (std::size_t f = 0; f < factors_; ++f) of_part[f] = parts_[p].value * of_request[f];
    add(parts_[p].slot, of_part);
  }
}

FactorTrainer::FactorTrainer(const FactorSlots& slots, std::size_t factors, const FactorRows& rows,
                             const FactorRecipe& recipe)
    : slots_(slots),
      factors_(factors),
      rows_(rows),
      recipe_(recipe),
      random_(recipe.seed),
      pass_(slots, factors),
      counts_(slots.size()),
      order_(rows.groups.size()),
      slopes_(slots.size() * factors),
      is_touched_(slots.size()) {
  std::iota(order_.begin(), order_.end(), 0U);
  at_.weights.resize(slots.first_person() - slots.first_item());
  squares_ = {std::vector<float>(slots.size() * factors), std::vector<float>(at_.weights.size()), 0};
  count();
  draw();
}

void FactorTrainer::touch(std::uint32_t slot) {
  if (is_touched_[slot] != 0) return;
  is_touched_[slot] = 1;
  touched_.push_back(slot);
}

void FactorTrainer::count() {
  for (const FactorRows::Group& group : rows_.groups) {
    slots_.each(rows_, group.first, false, [&](std::uint32_t slot, float) { touch(slot); });
    for (std::size_t row = group.first; row < group.last; ++row)
      slots_.each(rows_, row, true, [&](std::uint32_t slot, float) { touch(slot); });
    for (const std::uint32_t slot : touched_) {
      ++counts_[slot];
      is_touched_[slot] = 0;
    }
    touched_.clear();
  }
}

// What never occurs has no vector: nothing would take it away again.
void FactorTrainer::draw() {
  constexpr double kSpread = 0.1;
  at_.vectors.resize(slots_.size() * factors_);
  for (std::size_t i = 0; i < at_.vectors.size(); ++i) {
    const double drawn = random_.uniform(-kSpread, kSpread);
    at_.vectors[i] = counts_[i / factors_] > 0 ? static_cast<float>(drawn) : 0.0F;
  }
}

void FactorTrainer::step(float& number, float& squares, float slope) const {
  constexpr float kTiny = 1e-10F;  // the square of a small slope may be 0
  squares += slope * slope;
  number -= static_cast<float>(recipe_.learning_rate) * slope / std::sqrt(squares + kTiny);
}

void FactorTrainer::learn(const FactorRows::Group& group) {
  pass_.each_slope(at_, [&](std::uint32_t slot, const float* slopes) {
    touch(slot);
    for (std::size_t f = 0; f < factors_; ++f) slopes_[slot * factors_ + f] += slopes[f];
  });
  const auto penalty = static_cast<float>(recipe_.penalty);
  for (const std::uint32_t slot : touched_) {
    const float shrink = penalty / counts_[slot];
    for (std::size_t i = slot * factors_; i < (slot + 1) * factors_; ++i) {
      step(at_.vectors[i], squares_.vectors[i], slopes_[i] + shrink * at_.vectors[i]);
      slopes_[i] = 0;
    }
    is_touched_[slot] = 0;
  }
  touched_.clear();
  float of_stretch = 0;
  for (std::size_t i = 0; i < group.last - group.first; ++i) {
    const std::size_t row = group.first + i;
    const float slope = pass_.residuals()[i];
    of_stretch += slope * rows_.linear[row];
    const std::uint32_t item = rows_.item[row];
    if (item == FactorRows::kNone) continue;
    const float shrink = penalty / counts_[slots_.first_item() + item];
    step(at_.weights[item], squares_.weights[item], slope + shrink * at_.weights[item]);
  }
  step(at_.stretch, squares_.stretch, of_stretch);
}

std::optional<double> FactorTrainer::epoch(const std::stop_token& stop) {
  for (std::size_t i = order_.size(); i > 1; --i)
    std::swap(order_[i - 1], order_[random_.below(static_cast<std::uint32_t>(i))]);
  double loss = 0;
  double weight = 0;
  for (const std::uint32_t at : order_) {
    if (stop.stop_requested()) return std::nullopt;
    const FactorRows::Group& group = rows_.groups[at];
    pass_.score(rows_, group, at_);
    loss += pass_.loss(rows_, group);
    weight += group.weight;
    learn(group);
  }
  return weight > 0 ? loss / weight : 0;
}

double mean_loss(const FactorSlots& slots, std::size_t factors, const FactorRows& rows,
                 const FactorParameters& at) {
  FactorPass pass(slots, factors);
  double loss = 0;
  double weight = 0;
  for (const FactorRows::Group& group : rows.groups) {
    pass.score(rows, group, at);
    loss += pass.loss(rows, group);
    weight += group.weight;
  }
  return weight > 0 ? loss / weight : std::numeric_limits<double>::infinity();
}

}  // namespace rankloop::ml
