// Derivatives of the logistic and of the listwise loss.
#include "ml/families/gbdt/gradients.h"

#include <algorithm>
#include <cmath>

namespace rankloop::ml {
namespace {

// Rounds to multiples of one power of two, of which the greatest value has 2^22: a float holds them, and a
// double the sum of a billion.
void round_alike(std::vector<float>& values) {
  float most = 0;
  for (const float value : values) most = std::max(most, std::abs(value));
  if (!(most > 0) || !std::isfinite(most)) return;
  const double step = std::exp2(std::ceil(std::log2(static_cast<double>(most))) - 22);
  for (float& value : values) value = static_cast<float>(std::rint(static_cast<double>(value) / step) * step);
}

struct Picks {
  double sum = 0;
  double most = 0;  // the greatest margin
  double mass = 0;  // of exp(margin - most)
};

Picks look_at(const HeldOut& held_out, std::size_t list, std::span<const float> margins) {
  Picks picks{0, -INFINITY, 0};
  for (std::size_t r = held_out.first(list); r < held_out.last(list); ++r) {
    picks.sum += held_out.weight(r) * held_out.label(r);
    picks.most = std::max(picks.most, static_cast<double>(margins[r]));
  }
  if (!(picks.sum > 0)) return picks;
  for (std::size_t r = held_out.first(list); r < held_out.last(list); ++r) {
    picks.mass += std::exp(static_cast<double>(margins[r]) - picks.most);
  }
  return picks;
}

}  // namespace

Gradients::Gradients(const HeldOut& held_out, Objective objective)
    : held_out_(held_out), objective_(objective) {
  if (objective != Objective::kListwise) return;
  double picks = 0;
  double lists = 0;
  for (std::size_t list = 0; list < held_out.lists(); ++list) {
    double sum = 0;
    for (std::size_t r = held_out.first(list); r < held_out.last(list); ++r) {
      sum += held_out.weight(r) * held_out.label(r);
    }
    picks += sum;
    lists += sum > 0 ? 1 : 0;
  }
  if (picks > 0) scale_ = lists / picks;
}

void Gradients::fill(std::span<const float> margins, std::span<const unsigned char> drawn,
                     RowGradients& gradients) const {
  gradients.first.assign(held_out_.rows(), 0);
  gradients.second.assign(held_out_.rows(), 0);
  for (std::size_t list = 0; list < held_out_.lists(); ++list) {
    if (drawn[list] != 0) fill_list(list, margins, gradients);
  }
  round_alike(gradients.first);
  round_alike(gradients.second);
}

void Gradients::fill_list(std::size_t list, std::span<const float> margins, RowGradients& gradients) const {
  const std::size_t first = held_out_.first(list);
  const std::size_t last = held_out_.last(list);
  if (objective_ != Objective::kListwise) {
    for (std::size_t r = first; r < last; ++r) {
      const double probability = 1 / (1 + std::exp(-static_cast<double>(margins[r])));
      const double weight = held_out_.weight(r);
      gradients.first[r] = static_cast<float>(weight * (probability - held_out_.label(r)));
      gradients.second[r] = static_cast<float>(weight * probability * (1 - probability));
    }
    return;
  }
  const Picks picks = look_at(held_out_, list, margins);
  if (!(picks.sum > 0)) return;
  for (std::size_t r = first; r < last; ++r) {
    const double chosen = std::exp(static_cast<double>(margins[r]) - picks.most) / picks.mass;
    const double own = held_out_.weight(r) * held_out_.label(r);
    gradients.first[r] = static_cast<float>(scale_ * (picks.sum * chosen - own));
    gradients.second[r] = static_cast<float>(scale_ * picks.sum * chosen * (1 - chosen));
  }
}

SummedLoss Gradients::loss(std::size_t list, std::span<const float> margins) const {
  SummedLoss loss;
  const Picks picks = objective_ == Objective::kListwise ? look_at(held_out_, list, margins) : Picks{};
  for (std::size_t r = held_out_.first(list); r < held_out_.last(list); ++r) {
    const auto margin = static_cast<double>(margins[r]);
    const double label = held_out_.label(r);
    double weight = held_out_.weight(r);
    if (objective_ == Objective::kListwise) {
      weight *= scale_ * label;
      if (weight > 0) loss.sum += weight * (std::log(picks.mass) + picks.most - margin);
    } else {
      loss.sum += weight * (std::max(margin, 0.0) - margin * label + std::log1p(std::exp(-std::abs(margin))));
    }
    loss.weight += weight;
  }
  return loss;
}

double Gradients::mean_label() const {
  double labels = 0;
  double weights = 0;
  for (std::size_t r = 0; r < held_out_.rows(); ++r) {
    labels += held_out_.label(r) * held_out_.weight(r);
    weights += held_out_.weight(r);
  }
  return weights > 0 ? labels / weights : 0.5;
}

}  // namespace rankloop::ml
