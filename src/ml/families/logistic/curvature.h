// The curvature of a loss at one point: a matrix that is written down, or one that vectors are multiplied by.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <Eigen/Core>

namespace rankloop::ml {

// The curvature times a direction, by what its point's Terrain has of it.
using Multiply =
    std::function<Eigen::VectorXd(std::span<const double> bends, const Eigen::VectorXd& direction)>;

class Curvature {
 public:
  virtual ~Curvature() = default;
  // x of (curvature + diagonal) x = slope.
  virtual Eigen::VectorXd solve(const Multiply& multiply, const Eigen::VectorXd& diagonal,
                                const Eigen::VectorXd& slope) const = 0;
};

// By Cholesky's decomposition; of the matrix the lower half is read.
std::unique_ptr<Curvature> written_curvature(Eigen::MatrixXd matrix);
// By preconditioned conjugate gradients (Hestenes and Stiefel, 1952), until a hundredth of the slope is left.
// `diagonal`: the curvature's, or above.
std::unique_ptr<Curvature> multiplied_curvature(std::vector<double> bends, Eigen::VectorXd diagonal);

}  // namespace rankloop::ml
