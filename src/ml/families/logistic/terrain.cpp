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
  if (likelihood == Likelihood::kRows) {
    add_rows(design, rows, first, at);
  } else {
    add_requests(design, rows, first, at);
  }
}

void Terrain::add_rows(const Design& design, const LabelledRows& rows, std::size_t first,
                       const Eigen::VectorXd& at) {
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
  finish(design, residual, bend);
}

void Terrain::add_requests(const Design& design, const LabelledRows& rows, std::size_t first,
                           const Eigen::VectorXd& at) {
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
      auto expected = bend.segment(r, count);  // picks of each row
      expected = (utility.segment(r, count).array() - most).exp();
      const double sum = expected.sum();
      expected *= picks / sum;
      weight += picks;
      entropy += picks * (std::log(sum) + most);
      for (Eigen::Index i = 0; i < count; ++i) {
        const double own = picks_of(rows, first, r + i);
        entropy -= own * utility[r + i];
        residual[r + i] = expected[i] - own;
      }
      if (look == Look::kCurvature) {
        const Eigen::VectorXd mean = design.numbers().middleRows(r, count).transpose() * expected / picks;
        curvature.selfadjointView<Eigen::Lower>().rankUpdate(mean, -picks);
      }
    }
    r = end;
  }
  finish(design, residual, bend);
}

void Terrain::finish(const Design& design, const Eigen::VectorXd& residual, const Eigen::VectorXd& bend) {
  design.add_transposed(residual, gradient);
  if (look == Look::kDiagonal) {
    design.add_squares(bend, diagonal);
    bends.insert(bends.end(), bend.begin(), bend.end());
  }
  if (look != Look::kCurvature) return;
  const Eigen::MatrixXd scaled = bend.cwiseSqrt().asDiagonal() * design.numbers();
  curvature.selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose());
}

// Against each other, rows bend by how far they go ahead of their request's mean.
void add_product(Likelihood likelihood, const Design& design, const LabelledRows& rows, std::size_t first,
                 std::span<const double> bends, const Eigen::VectorXd& direction, Eigen::VectorXd& product) {
  const Eigen::Map<const Eigen::VectorXd> bend(bends.data(), design.rows());
  Eigen::VectorXd ahead = design.times(direction);
  for (Eigen::Index r = 0; likelihood == Likelihood::kRequests && r < design.rows();) {
    Eigen::Index end = r;
    while (end < design.rows() && same_request(rows, first, r, end)) ++end;
    const double picks = bend.segment(r, end - r).sum();
    if (picks > 0)
      ahead.segment(r, end - r).array() -= bend.segment(r, end - r).dot(ahead.segment(r, end - r)) / picks;
    r = end;
  }
  design.add_transposed(ahead.cwiseProduct(bend), product);
}

}  // namespace rankloop::ml
