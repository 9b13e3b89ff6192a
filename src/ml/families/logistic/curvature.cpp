// How a step is found that the curvature of a loss asks for.
#include "ml/families/logistic/curvature.h"

#include <utility>

#include <Eigen/Cholesky>

namespace rankloop::ml {
namespace {

class WrittenCurvature final : public Curvature {
 public:
  explicit WrittenCurvature(Eigen::MatrixXd matrix) : matrix_(std::move(matrix)) {}

  Eigen::VectorXd solve(const Multiply& /*multiply*/, const Eigen::VectorXd& diagonal,
                        const Eigen::VectorXd& slope) const override {
    Eigen::MatrixXd sum = matrix_;
    sum.diagonal() += diagonal;
    return sum.selfadjointView<Eigen::Lower>().ldlt().solve(slope);
  }

 private:
  Eigen::MatrixXd matrix_;
};

class MultipliedCurvature final : public Curvature {
 public:
  MultipliedCurvature(std::vector<double> bends, Eigen::VectorXd diagonal)
      : bends_(std::move(bends)), own_(std::move(diagonal)) {}

  Eigen::VectorXd solve(const Multiply& multiply, const Eigen::VectorXd& diagonal,
                        const Eigen::VectorXd& slope) const override {
    constexpr int kMostRounds = 100;
    constexpr double kLeft = 1e-2;
    const Eigen::VectorXd inverse = (own_ + diagonal).cwiseInverse();
    Eigen::VectorXd move = Eigen::VectorXd::Zero(slope.size());
    Eigen::VectorXd left = slope;
    Eigen::VectorXd scaled = inverse.cwiseProduct(left);
    Eigen::VectorXd direction = scaled;
    double size = left.dot(scaled);
    const double enough = kLeft * kLeft * size;
    for (int round = 0; round < kMostRounds && size > enough; ++round) {
      const Eigen::VectorXd product = multiply(bends_, direction) + diagonal.cwiseProduct(direction);
      const double bend = direction.dot(product);
      if (!(bend > 0)) break;
      move += size / bend * direction;
      left -= size / bend * product;
      scaled = inverse.cwiseProduct(left);
      const double next = left.dot(scaled);
      direction = scaled + next / size * direction;
      size = next;
    }
    return move;
  }

 private:
  const std::vector<double> bends_;
  const Eigen::VectorXd own_;  // its diagonal, or above
};

}  // namespace

std::unique_ptr<Curvature> written_curvature(Eigen::MatrixXd matrix) {
  return std::make_unique<WrittenCurvature>(std::move(matrix));
}

std::unique_ptr<Curvature> multiplied_curvature(std::vector<double> bends, Eigen::VectorXd diagonal) {
  return std::make_unique<MultipliedCurvature>(std::move(bends), std::move(diagonal));
}

}  // namespace rankloop::ml
