#include "ml/families/logistic/penalised_fit.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>

namespace rankloop::ml {
namespace {

// Rows are standardised anew in every step, a block at a time: a copy of them all in double precision would
// be twice as large as the rows themselves.
constexpr std::size_t kFitRows = 512;

double cross_entropy(double log_odds, double label) {
  return std::max(log_odds, 0.0) - log_odds * label + std::log1p(std::exp(-std::abs(log_odds)));
}

class Block {
 public:
  explicit Block(std::span<const StandardInput> inputs)
      : inputs_(inputs), values_(static_cast<Eigen::Index>(kFitRows), size(inputs)) {}

  static Eigen::Index size(std::span<const StandardInput> inputs) {
    return static_cast<Eigen::Index>(inputs.size()) + 1;
  }

  // The rows' inputs and, last, the 1 of the intercept.
  auto load(const LabelledRows& rows, std::size_t first, std::size_t count) {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const auto [column, mean, deviation] = inputs_[i];
      for (std::size_t r = 0; r < count; ++r) {
        const float value = rows.values[(first + r) * rows.features + column];
        values_(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(i)) =
            std::isnan(value) ? 0 : (static_cast<double>(value) - static_cast<double>(mean)) / deviation;
      }
    }
    values_.col(values_.cols() - 1).setOnes();
    return values_.topRows(static_cast<Eigen::Index>(count));
  }

 private:
  std::span<const StandardInput> inputs_;
  Eigen::MatrixXd values_;
};

// Loss, gradient and curvature at one point.
struct Terrain {
  double weight = 0;
  double entropy = 0;
  Eigen::VectorXd gradient;
  Eigen::MatrixXd curvature;  // the lower half

  void add(const Eigen::Ref<const Eigen::MatrixXd>& values, const LabelledRows& rows, std::size_t first,
           const Eigen::VectorXd& at) {
    const Eigen::VectorXd log_odds = values * at;
    Eigen::VectorXd residual(values.rows());
    Eigen::VectorXd root(values.rows());
    for (Eigen::Index r = 0; r < values.rows(); ++r) {
      const std::size_t row = first + static_cast<std::size_t>(r);
      const auto row_weight = static_cast<double>(rows.weight(row));
      const auto label = static_cast<double>(rows.labels[row]);
      const double probability = 1 / (1 + std::exp(-log_odds[r]));
      weight += row_weight;
      entropy += row_weight * cross_entropy(log_odds[r], label);
      residual[r] = row_weight * (probability - label);
      root[r] = std::sqrt(row_weight * probability * (1 - probability));
    }
    gradient.noalias() += values.transpose() * residual;
    const Eigen::MatrixXd scaled = root.asDiagonal() * values;
    curvature.selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose());
  }
};

class Newton {
 public:
  Newton(std::span<const LabelledRows* const> parts, std::span<const StandardInput> inputs, double penalty,
         const std::stop_token& stop)
      : parts_(parts), block_(inputs), size_(Block::size(inputs)), stop_(stop) {
    penalties_ = Eigen::VectorXd::Constant(size_, penalty);
    penalties_[size_ - 1] = 0;
  }

  Result<PenalisedFit> solve(const Eigen::VectorXd& start, const std::function<void(int, double)>& stepped) {
    constexpr int kSteps = 50;
    constexpr double kEnough = 1e-9;  // of the loss
    constexpr double kShortest = 1e-6;
    Eigen::VectorXd at = start.size() == size_ ? start : Eigen::VectorXd::Zero(size_);
    Terrain here = look(at);
    for (int step = 1; step <= kSteps && !stop_.stop_requested(); ++step) {
      const Eigen::VectorXd move = downhill(here, at);
      double length = 1;
      Terrain there = look(at - move);
      while (!(objective(there, at - length * move) <= objective(here, at)) && length > kShortest &&
             !stop_.stop_requested()) {
        length /= 2;
        there = look(at - length * move);
      }
      const double gained = objective(here, at) - objective(there, at - length * move);
      if (!(gained >= 0)) break;
      at -= length * move;
      here = std::move(there);
      if (stepped) stepped(step, here.entropy / here.weight);
      if (gained <= kEnough * here.entropy) break;
    }
    if (stop_.stop_requested()) return Error(ErrorCode::kAborted, "training was cancelled");
    return PenalisedFit{at, here.entropy / here.weight};
  }

 private:
  Terrain look(const Eigen::VectorXd& at) {
    Terrain terrain{0, 0, Eigen::VectorXd::Zero(size_), Eigen::MatrixXd::Zero(size_, size_)};
    for (const LabelledRows* rows : parts_) {
      for (std::size_t first = 0; first < rows->rows() && !stop_.stop_requested(); first += kFitRows) {
        const std::size_t count = std::min(kFitRows, rows->rows() - first);
        terrain.add(block_.load(*rows, first, count), *rows, first, at);
      }
    }
    return terrain;
  }

  double objective(const Terrain& terrain, const Eigen::VectorXd& at) const {
    return terrain.entropy + 0.5 * at.cwiseAbs2().dot(penalties_);
  }

  Eigen::VectorXd downhill(const Terrain& terrain, const Eigen::VectorXd& at) const {
    // Where every probability is certain the curvature vanishes; the smallest ridge keeps the step finite.
    constexpr double kRidge = 1e-9;
    Eigen::MatrixXd curvature = terrain.curvature;
    curvature.diagonal() += penalties_;
    curvature.diagonal().array() += kRidge * terrain.weight;
    const Eigen::VectorXd slope = terrain.gradient + penalties_.cwiseProduct(at);
    return curvature.selfadjointView<Eigen::Lower>().ldlt().solve(slope);
  }

  std::span<const LabelledRows* const> parts_;
  Block block_;
  Eigen::Index size_;
  Eigen::VectorXd penalties_;
  const std::stop_token& stop_;
};

}  // namespace

Linear PenalisedFit::linear(std::span<const StandardInput> inputs) const {
  Linear linear;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const double weight = slopes[static_cast<Eigen::Index>(i)] / inputs[i].deviation;
    linear.inputs.push_back({inputs[i].column, inputs[i].mean, static_cast<float>(weight)});
  }
  linear.intercept = static_cast<float>(slopes[slopes.size() - 1]);
  return linear;
}

Result<PenalisedFit> fit_penalised(std::span<const LabelledRows* const> parts,
                                   std::span<const StandardInput> inputs, double penalty,
                                   const Eigen::VectorXd& start,
                                   const std::function<void(int, double)>& stepped,
                                   const std::stop_token& stop) {
  return Newton(parts, inputs, penalty, stop).solve(start, stepped);
}

double mean_loss(const LabelledRows& rows, std::span<const StandardInput> inputs,
                 const Eigen::VectorXd& slopes) {
  Block block(inputs);
  double entropy = 0;
  double weight = 0;
  for (std::size_t first = 0; first < rows.rows(); first += kFitRows) {
    const std::size_t count = std::min(kFitRows, rows.rows() - first);
    const Eigen::VectorXd log_odds = block.load(rows, first, count) * slopes;
    for (std::size_t r = 0; r < count; ++r) {
      const auto row_weight = static_cast<double>(rows.weight(first + r));
      weight += row_weight;
      entropy += row_weight * cross_entropy(log_odds[static_cast<Eigen::Index>(r)],
                                            static_cast<double>(rows.labels[first + r]));
    }
  }
  return weight > 0 ? entropy / weight : 0;
}

}  // namespace rankloop::ml
