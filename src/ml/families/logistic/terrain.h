// The loss of a logistic regression and what bends it, at one point.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <Eigen/Core>

#include "ml/families/logistic/design.h"

namespace rankloop::ml {

enum class Likelihood {
  kRows,      // each row by itself
  kRequests,  // conditional logit; the rows need to know their requests
};

// The end of the block of rows that begins at `first`: of so many rows, or of whole requests.
std::size_t block_end(Likelihood likelihood, const LabelledRows& rows, std::size_t first);

enum class Look {
  kSlope,      // loss and gradient
  kCurvature,  // and the curvature, which costs several times as much
  kDiagonal,   // and what the curvature is multiplied by, with a diagonal that is not below its own
};

// Loss, gradient and what else is wanted at one point.
struct Terrain {
  Terrain(Eigen::Index size, Look wanted)
      : look(wanted),
        gradient(Eigen::VectorXd::Zero(size)),
        diagonal(Eigen::VectorXd::Zero(wanted == Look::kDiagonal ? size : 0)),
        curvature(Eigen::MatrixXd::Zero(wanted == Look::kCurvature ? size : 0,
                                        wanted == Look::kCurvature ? size : 0)) {}

  Look look;
  double weight = 0;
  double entropy = 0;
  Eigen::VectorXd gradient;
  Eigen::VectorXd diagonal;
  std::vector<double> bends;  // with the diagonal: how the loss bends along each row's log-odds
  Eigen::MatrixXd curvature;  // the lower half

  void add(Likelihood likelihood, const Design& design, const LabelledRows& rows, std::size_t first,
           const Eigen::VectorXd& at);

 private:
  void add_rows(const Design& design, const LabelledRows& rows, std::size_t first, const Eigen::VectorXd& at);
  void add_requests(const Design& design, const LabelledRows& rows, std::size_t first,
                    const Eigen::VectorXd& at);
  void finish(const Design& design, const Eigen::VectorXd& residual, const Eigen::VectorXd& bend);
};

// Adds the curvature times a direction, as far as the design's rows make it. `bends`: those of a Terrain at
// the point, of these rows.
void add_product(Likelihood likelihood, const Design& design, const LabelledRows& rows, std::size_t first,
                 std::span<const double> bends, const Eigen::VectorXd& direction, Eigen::VectorXd& product);

}  // namespace rankloop::ml
