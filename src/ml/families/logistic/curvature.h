// The curvature of a loss at one point: a matrix that is written down, or one that vectors are multiplied by.
#pragma once

#include <functional>
#include <memory>

#include <Eigen/Core>

#include "ml/families/logistic/terrain.h"

namespace rankloop::ml {

// What is to be seen at a point, along a direction where the look wants one.
using LookAt =
    std::function<Terrain(const Eigen::VectorXd& at, Look wanted, const Eigen::VectorXd* direction)>;

class Curvature {
 public:
  virtual ~Curvature() = default;
  // x of (curvature + diagonal) x = slope.
  virtual Eigen::VectorXd solve(const LookAt& look_at, const Eigen::VectorXd& diagonal,
                                const Eigen::VectorXd& slope) const = 0;
};

// By Cholesky's decomposition; of the matrix the lower half is read.
std::unique_ptr<Curvature> written_curvature(Eigen::MatrixXd matrix);
// By preconditioned conjugate gradients (Hestenes and Stiefel, 1952), until a hundredth of the slope is left.
// `at`: the point; `diagonal`: of its curvature, or above.
std::unique_ptr<Curvature> multiplied_curvature(Eigen::VectorXd at, Eigen::VectorXd diagonal);

}  // namespace rankloop::ml
