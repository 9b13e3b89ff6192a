// The loss of a logistic regression and what bends it, at one point.
#pragma once

#include <cstddef>

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
  kDiagonal,   // and of the curvature a diagonal that is not below its own
  kProduct,    // and the curvature times a direction, but no gradient: who goes along one has it already
};

// Loss, gradient and what else is wanted at one point.
struct Terrain {
  Terrain(Eigen::Index size, Look wanted, const Eigen::VectorXd* direction = nullptr)
      : look(wanted),
        along(direction),
        gradient(Eigen::VectorXd::Zero(size)),
        product(Eigen::VectorXd::Zero(wanted == Look::kDiagonal || wanted == Look::kProduct ? size : 0)),
        curvature(Eigen::MatrixXd::Zero(wanted == Look::kCurvature ? size : 0,
                                        wanted == Look::kCurvature ? size : 0)) {}

  Look look;
  const Eigen::VectorXd* along;
  double weight = 0;
  double entropy = 0;
  Eigen::VectorXd gradient;
  Eigen::VectorXd product;    // or the diagonal
  Eigen::MatrixXd curvature;  // the lower half

  void add(Likelihood likelihood, const Design& design, const LabelledRows& rows, std::size_t first,
           const Eigen::VectorXd& at);

 private:
  void add_rows(const Design& design, const LabelledRows& rows, std::size_t first, const Eigen::VectorXd& at,
                const Eigen::VectorXd& ahead);
  void add_requests(const Design& design, const LabelledRows& rows, std::size_t first,
                    const Eigen::VectorXd& at, const Eigen::VectorXd& ahead);
  void finish(const Design& design, const Eigen::VectorXd& residual, const Eigen::VectorXd& bend);
};

}  // namespace rankloop::ml
