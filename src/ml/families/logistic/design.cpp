// Products with the rows of a fit, and how they are loaded.
#include "ml/families/logistic/design.h"

#include <cmath>

namespace rankloop::ml {

Eigen::VectorXd Design::times(const Eigen::VectorXd& slopes) const {
  if (words_ == 0) return numbers_ * slopes;
  Eigen::VectorXd sums = numbers_.leftCols(count()) * slopes.head(count());
  for (Eigen::Index r = 0; r < rows(); ++r) {
    sums[r] += slopes[slopes.size() - 1];
    for (const std::uint32_t place : places(r)) sums[r] += slopes[count() + place];
  }
  return sums;
}

void Design::add_transposed(const Eigen::VectorXd& by_row, Eigen::VectorXd& sum) const {
  if (words_ == 0) {
    sum.noalias() += numbers_.transpose() * by_row;
    return;
  }
  sum.head(count()).noalias() += numbers_.leftCols(count()).transpose() * by_row;
  sum[sum.size() - 1] += by_row.sum();
  add_to_places(by_row, sum);
}

void Design::add_squares(const Eigen::VectorXd& by_row, Eigen::VectorXd& sum) const {
  sum.head(count()).noalias() += numbers_.leftCols(count()).cwiseAbs2().transpose() * by_row;
  sum[sum.size() - 1] += by_row.sum();
  add_to_places(by_row, sum);
}

void Design::add_to_places(const Eigen::VectorXd& by_row, Eigen::VectorXd& sum) const {
  for (Eigen::Index r = 0; r < rows(); ++r) {
    for (const std::uint32_t place : places(r)) sum[count() + place] += by_row[r];
  }
}

Design Block::load(const LabelledRows& rows, const PlacesOfRows& places, std::size_t first,
                   std::size_t count) {
  if (static_cast<Eigen::Index>(count) > values_.rows()) {
    values_.resize(static_cast<Eigen::Index>(count), values_.cols());
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const StandardInput input = inputs_[i];
    const double scale = 1 / input.deviation;
    for (std::size_t r = 0; r < count; ++r) {
      const float value = rows.values[(first + r) * rows.width + input.column];
      double& number = values_(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(i));
      if (std::isnan(value) || input.absence) {
        number = input.absence && std::isnan(value) ? scale : 0;
      } else {
        number = (static_cast<double>(input.bounds.bound(value)) - static_cast<double>(input.mean)) * scale;
      }
    }
  }
  values_.col(values_.cols() - 1).setOnes();
  return {values_.topRows(static_cast<Eigen::Index>(count)), places, first, words_};
}

}  // namespace rankloop::ml
