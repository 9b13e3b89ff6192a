// The lists that a training of trees learns from and those it is judged on: labels and weights of all rows,
// and which of several fits leaves which list out. No values: those are in the matrix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "ml/labelled_rows.h"

namespace rankloop::ml {

// Immutable after construction. A list is what one request saw; rows without requests are lists of one.
class HeldOut {
 public:
  static constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

  // Deals the lists of both parts to `folds` equal parts by `seed`; with one fold a tenth of the lists is in
  // it and the others in none.
  HeldOut(const LabelledRows& rows, const LabelledRows& validation, std::size_t folds, std::uint64_t seed);

  std::size_t rows() const { return labels_.size(); }
  std::size_t lists() const { return folds_.size(); }
  std::size_t first(std::size_t list) const { return begins_[list]; }
  std::size_t last(std::size_t list) const { return begins_[list + 1]; }
  double label(std::size_t row) const { return static_cast<double>(labels_[row]); }
  double weight(std::size_t row) const { return static_cast<double>(weights_[row]); }
  // What is later than the training rows: nobody but the folds' fits may learn from it.
  bool later(std::size_t list) const { return list >= training_lists_; }
  // The fold of a list, or kNobody.
  std::size_t fold(std::size_t list) const { return folds_[list]; }

 private:
  std::vector<float> labels_;
  std::vector<float> weights_;
  std::vector<std::size_t> begins_;  // [lists + 1] rows
  std::size_t training_lists_ = 0;
  std::vector<std::size_t> folds_;  // [lists]
};

}  // namespace rankloop::ml
