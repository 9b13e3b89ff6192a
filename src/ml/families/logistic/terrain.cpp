// What every row, or every request, adds to the loss and its derivatives.
#include "ml/families/logistic/terrain.h"

#include <algorithm>
#include <cmath>

namespace rankloop::ml {
namespace {

double cross_entropy(double log_odds, double label) {
  return std::max(log_odds, 0.0) - log_odds * label + std::log1p(std::exp(-std::abs(log_odds)));
}

bool same_request(const LabelledRows& rows, std::size_t first, Eigen::Index a, Eigen::Index b) {
  return rows.requests[first + static_cast<std::size_t>(a)] ==
         rows.requests[first + static_cast<std::size_t>(b)];
}

double picks_of(const LabelledRows& rows, std::size_t first, Eigen::Index r) {
  const std::size_t row = first + static_cast<std::size_t>(r);
  return static_cast<double>(rows.weight(row)) * static_cast<double>(rows.labels[row]);
}

}  // namespace

std::size_t block_end(Likelihood likelihood, const LabelledRows& rows, std::size_t first) {
  std::size_t end = std::min(first + kFitRows, rows.rows());
  if (likelihood == Likelihood::kRows) return end;
  while (end < rows.rows() && rows.requests[end] == rows.requests[end - 1]) ++end;
  return end;
}

void Terrain::add(Likelihood likelihood, const Design& design, const LabelledRows& rows, std::size_t first,
                  const Eigen::VectorXd& at) {
  const Eigen::VectorXd ahead = look == Look::kProduct ? design.times(*along) : Eigen::VectorXd();
  if (likelihood == Likelihood::kRows) {
    add_rows(design, rows, first, at, ahead);
  } else {
    add_requests(design, rows, first, at, ahead);
  }
}

void Terrain::add_rows(const Design& design, const LabelledRows& rows, std::size_t first,
                       const Eigen::VectorXd& at, const Eigen::VectorXd& ahead) {
  const Eigen::VectorXd log_odds = design.times(at);
  Eigen::VectorXd residual(design.rows());
  Eigen::VectorXd bend(design.rows());
  for (Eigen::Index r = 0; r < design.rows(); ++r) {
    const std::size_t row = first + static_cast<std::size_t>(r);
    const auto row_weight = static_cast<double>(rows.weight(row));
    const auto label = static_cast<double>(rows.labels[row]);
    const double probability = 1 / (1 + std::exp(-log_odds[r]));
    weight += row_weight;
    entropy += row_weight * cross_entropy(log_odds[r], label);
    residual[r] = row_weight * (probability - label);
    bend[r] = row_weight * probability * (1 - probability);
  }
  if (look == Look::kProduct) bend = bend.cwiseProduct(ahead);
  finish(design, residual, bend);
}

void Terrain::add_requests(const Design& design, const LabelledRows& rows, std::size_t first,
                           const Eigen::VectorXd& at, const Eigen::VectorXd& ahead) {
  const Eigen::VectorXd utility = design.times(at);
  Eigen::VectorXd residual = Eigen::VectorXd::Zero(design.rows());
  Eigen::VectorXd bend = Eigen::VectorXd::Zero(design.rows());
  for (Eigen::Index r = 0; r < design.rows();) {
    Eigen::Index end = r;
    double picks = 0;
    for (; end < design.rows() && same_request(rows, first, r, end); ++end)
      picks += picks_of(rows, first, end);
    const Eigen::Index count = end - r;
    if (picks > 0) {
      const double most = utility.segment(r, count).maxCoeff();
      Eigen::VectorXd chosen = (utility.segment(r, count).array() - most).exp();
      const double sum = chosen.sum();
      chosen /= sum;
      weight += picks;
      entropy += picks * (std::log(sum) + most);
      for (Eigen::Index i = 0; i < count; ++i) {
        const double own = picks_of(rows, first, r + i);
        entropy -= own * utility[r + i];
        residual[r + i] = picks * chosen[i] - own;
        bend[r + i] = picks * chosen[i];
      }
      if (look == Look::kCurvature) {
        const Eigen::VectorXd mean = design.numbers().middleRows(r, count).transpose() * chosen;
        curvature.selfadjointView<Eigen::Lower>().rankUpdate(mean, -picks);
      } else if (look == Look::kProduct) {
        const double mean = chosen.dot(ahead.segment(r, count));
        bend.segment(r, count).array() *= ahead.segment(r, count).array() - mean;
      }
    }
    r = end;
  }
  finish(design, residual, bend);
}

void Terrain::finish(const Design& design, const Eigen::VectorXd& residual, const Eigen::VectorXd& bend) {
  if (look != Look::kProduct) design.add_transposed(residual, gradient);
  if (look == Look::kDiagonal) design.add_squares(bend, product);
  if (look == Look::kProduct) design.add_transposed(bend, product);
  if (look != Look::kCurvature) return;
  const Eigen::MatrixXd scaled = bend.cwiseSqrt().asDiagonal() * design.numbers();
  curvature.selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose());
}

}  // namespace rankloop::ml
