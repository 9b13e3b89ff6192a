// What each row asks of the next tree: the first and second derivatives of a loss by its margin.
//
// Row by row the loss is the cross-entropy of the sigmoid. Within a list it is that of the softmax over the
// list (McFadden, "Conditional logit analysis of qualitative choice behavior", 1974; as ListNet with one
// place, Cao et al., ICML 2007): every pick counts with its own weight.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ml/families/gbdt/held_out.h"
#include "ml/train.h"

namespace rankloop::ml {

struct RowGradients {
  std::vector<float> first;   // [rows]
  std::vector<float> second;  // [rows]
};

// A loss, summed and what it was summed over.
struct SummedLoss {
  double sum = 0;
  double weight = 0;
  double mean() const { return weight > 0 ? sum / weight : 0; }
};

// Immutable; `held_out` is borrowed.
class Gradients {
 public:
  Gradients(const HeldOut& held_out, Objective objective);

  // Derivatives of the lists in `drawn` (by list: 1 or 0), 0 for all others. They are multiples of one power
  // of two, so that sums of them are exact: then they do not depend on an order, or on the number of threads.
  void fill(std::span<const float> margins, std::span<const unsigned char> drawn,
            RowGradients& gradients) const;

  // The loss of one list: by row, or by pick.
  SummedLoss loss(std::size_t list, std::span<const float> margins) const;

  // Over all rows, weighted.
  double mean_label() const;

 private:
  void fill_list(std::size_t list, std::span<const float> margins, RowGradients& gradients) const;

  const HeldOut& held_out_;
  const Objective objective_;
  double scale_ = 1;  // of weights within lists: a list with a pick weighs 1 on average
};

}  // namespace rankloop::ml
