#include "ml/families/logistic/penalised_fit.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <Eigen/Cholesky>

#include "ml/intercept.h"

namespace rankloop::ml {
namespace {

// Rows are standardised anew in every step, a block at a time: a copy of them all in double precision would
// be twice as large as the rows themselves. A block holds whole requests.
constexpr std::size_t kFitRows = 512;

// The end of the block that begins at `first`.
std::size_t block_end(Likelihood likelihood, const LabelledRows& rows, std::size_t first) {
  std::size_t end = std::min(first + kFitRows, rows.rows());
  if (likelihood == Likelihood::kRows) return end;
  while (end < rows.rows() && rows.requests[end] == rows.requests[end - 1]) ++end;
  return end;
}

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
    if (static_cast<Eigen::Index>(count) > values_.rows()) {
      values_.resize(static_cast<Eigen::Index>(count), values_.cols());
    }
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

  void add(Likelihood likelihood, const Eigen::Ref<const Eigen::MatrixXd>& values, const LabelledRows& rows,
           std::size_t first, const Eigen::VectorXd& at) {
    if (likelihood == Likelihood::kRows) {
      add_rows(values, rows, first, at);
    } else {
      add_requests(values, rows, first, at);
    }
  }

  void add_rows(const Eigen::Ref<const Eigen::MatrixXd>& values, const LabelledRows& rows, std::size_t first,
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
    add_slope_and_curvature(values, residual, root);
  }

  void add_requests(const Eigen::Ref<const Eigen::MatrixXd>& values, const LabelledRows& rows,
                    std::size_t first, const Eigen::VectorXd& at) {
    const Eigen::VectorXd utility = values * at;
    Eigen::VectorXd residual = Eigen::VectorXd::Zero(values.rows());
    Eigen::VectorXd root = Eigen::VectorXd::Zero(values.rows());
    for (Eigen::Index r = 0; r < values.rows();) {
      Eigen::Index end = r;
      double picks = 0;
      for (; end < values.rows() && same_request(rows, first, r, end); ++end)
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
          root[r + i] = std::sqrt(picks * chosen[i]);
        }
        const Eigen::VectorXd mean = values.middleRows(r, count).transpose() * chosen;
        curvature.selfadjointView<Eigen::Lower>().rankUpdate(mean, -picks);
      }
      r = end;
    }
    add_slope_and_curvature(values, residual, root);
  }

 private:
  static bool same_request(const LabelledRows& rows, std::size_t first, Eigen::Index a, Eigen::Index b) {
    return rows.requests[first + static_cast<std::size_t>(a)] ==
           rows.requests[first + static_cast<std::size_t>(b)];
  }
  static double picks_of(const LabelledRows& rows, std::size_t first, Eigen::Index r) {
    const std::size_t row = first + static_cast<std::size_t>(r);
    return static_cast<double>(rows.weight(row)) * static_cast<double>(rows.labels[row]);
  }
  void add_slope_and_curvature(const Eigen::Ref<const Eigen::MatrixXd>& values,
                               const Eigen::VectorXd& residual, const Eigen::VectorXd& root) {
    gradient.noalias() += values.transpose() * residual;
    const Eigen::MatrixXd scaled = root.asDiagonal() * values;
    curvature.selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose());
  }
};

// The intercept with which the rows' probabilities add up to their labels, the slopes being what they are.
double fitted_intercept(std::span<const LabelledRows* const> parts, Block& block,
                        const Eigen::VectorXd& slopes) {
  std::vector<double> log_odds;
  std::vector<float> labels;
  std::vector<float> weights;
  for (const LabelledRows* rows : parts) {
    for (std::size_t first = 0; first < rows->rows(); first += kFitRows) {
      const std::size_t count = std::min(kFitRows, rows->rows() - first);
      const Eigen::VectorXd some = block.load(*rows, first, count) * slopes;
      log_odds.insert(log_odds.end(), some.begin(), some.end());
      for (std::size_t r = first; r < first + count; ++r) weights.push_back(rows->weight(r));
    }
    labels.insert(labels.end(), rows->labels.begin(), rows->labels.end());
  }
  return ml::fitted_intercept(log_odds, labels, weights);
}

class Newton {
 public:
  Newton(Likelihood likelihood, std::span<const LabelledRows* const> parts,
         std::span<const StandardInput> inputs, double penalty, const std::stop_token& stop)
      : likelihood_(likelihood), parts_(parts), block_(inputs), size_(Block::size(inputs)), stop_(stop) {
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
    if (likelihood_ == Likelihood::kRequests) {
      at[size_ - 1] = 0;
      at[size_ - 1] = fitted_intercept(parts_, block_, at);
    }
    return PenalisedFit{at, here.entropy / here.weight};
  }

 private:
  Terrain look(const Eigen::VectorXd& at) {
    Terrain terrain{0, 0, Eigen::VectorXd::Zero(size_), Eigen::MatrixXd::Zero(size_, size_)};
    for (const LabelledRows* rows : parts_) {
      for (std::size_t first = 0; first < rows->rows() && !stop_.stop_requested();) {
        const std::size_t end = block_end(likelihood_, *rows, first);
        terrain.add(likelihood_, block_.load(*rows, first, end - first), *rows, first, at);
        first = end;
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

  const Likelihood likelihood_;
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

Result<PenalisedFit> fit_penalised(Likelihood likelihood, std::span<const LabelledRows* const> parts,
                                   std::span<const StandardInput> inputs, double penalty,
                                   const Eigen::VectorXd& start,
                                   const std::function<void(int, double)>& stepped,
                                   const std::stop_token& stop) {
  return Newton(likelihood, parts, inputs, penalty, stop).solve(start, stepped);
}

double mean_loss(Likelihood likelihood, const LabelledRows& rows, std::span<const StandardInput> inputs,
                 const Eigen::VectorXd& slopes) {
  Block block(inputs);
  Terrain terrain{0, 0, Eigen::VectorXd::Zero(slopes.size()),
                  Eigen::MatrixXd::Zero(slopes.size(), slopes.size())};
  for (std::size_t first = 0; first < rows.rows();) {
    const std::size_t end = block_end(likelihood, rows, first);
    terrain.add(likelihood, block.load(rows, first, end - first), rows, first, slopes);
    first = end;
  }
  return terrain.weight > 0 ? terrain.entropy / terrain.weight : 0;
}

}  // namespace rankloop::ml
