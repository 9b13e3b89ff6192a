// Newton's steps for both objectives, halved until the loss falls.
#include "ml/families/logistic/penalised_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
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
      const auto [column, mean, deviation, bounds] = inputs_[i];
      const double scale = 1 / deviation;
      for (std::size_t r = 0; r < count; ++r) {
        const float value = rows.values[(first + r) * rows.features + column];
        values_(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(i)) =
            std::isnan(value)
                ? 0
                : (static_cast<double>(bounds.bound(value)) - static_cast<double>(mean)) * scale;
      }
    }
    values_.col(values_.cols() - 1).setOnes();
    return values_.topRows(static_cast<Eigen::Index>(count));
  }

 private:
  std::span<const StandardInput> inputs_;
  Eigen::MatrixXd values_;
};

enum class Look {
  kSlope,      // loss and gradient
  kCurvature,  // and the curvature, which costs several times as much
};

// Loss, gradient and perhaps curvature at one point.
struct Terrain {
  Terrain(Eigen::Index size, Look wanted)
      : look(wanted),
        gradient(Eigen::VectorXd::Zero(size)),
        curvature(Eigen::MatrixXd::Zero(wanted == Look::kCurvature ? size : 0,
                                        wanted == Look::kCurvature ? size : 0)) {}

  Look look;
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
        if (look == Look::kCurvature) {
          const Eigen::VectorXd mean = values.middleRows(r, count).transpose() * chosen;
          curvature.selfadjointView<Eigen::Lower>().rankUpdate(mean, -picks);
        }
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
    if (look == Look::kSlope) return;
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

}  // namespace

Linear PenalisedFit::linear(std::span<const StandardInput> inputs) const {
  Linear linear;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const double weight = slopes[static_cast<Eigen::Index>(i)] / inputs[i].deviation;
    linear.inputs.push_back({inputs[i].column, inputs[i].mean, static_cast<float>(weight), inputs[i].bounds});
  }
  linear.intercept = static_cast<float>(slopes[slopes.size() - 1]);
  return linear;
}

struct PenalisedFitter::Work {
  Work(Likelihood likelihood_, std::span<const LabelledRows* const> parts_,
       std::span<const StandardInput> inputs)
      : likelihood(likelihood_), parts(parts_), block(inputs), size(Block::size(inputs)) {}

  Terrain look(const Eigen::VectorXd& at, Look wanted, const std::stop_token& stop) {
    Terrain terrain(size, wanted);
    for (const LabelledRows* rows : parts) {
      for (std::size_t first = 0; first < rows->rows() && !stop.stop_requested();) {
        const std::size_t end = block_end(likelihood, *rows, first);
        terrain.add(likelihood, block.load(*rows, first, end - first), *rows, first, at);
        first = end;
      }
    }
    return terrain;
  }

  const Likelihood likelihood;
  const std::span<const LabelledRows* const> parts;
  Block block;
  const Eigen::Index size;
  Eigen::MatrixXd curvature;  // of an earlier point, without penalty; empty before the first
};

namespace {

// One fit: where it stands, and the steps from there.
class Descent {
 public:
  using LookAt = std::function<Terrain(const Eigen::VectorXd&, Look)>;

  Descent(LookAt look_at, Eigen::MatrixXd& curvature, Eigen::VectorXd penalties, Eigen::VectorXd start,
          Precision precision)
      : precision_(precision),
        look_at_(std::move(look_at)),
        curvature_(curvature),
        penalties_(std::move(penalties)),
        at_(std::move(start)),
        here_(look_at_(at_, curvature.size() == 0 ? Look::kCurvature : Look::kSlope)) {
    if (curvature.size() == 0) take_curvature(here_);
  }

  // Whether what is left to gain matters. Finds the next step.
  bool done() {
    // Half of slope x move is what a full step gains on a parabola.
    const double enough = precision_ == Precision::kFinal ? 1e-8 : 1e-6;
    constexpr double kRounding = 1e-11;  // of the loss
    const double before = decrement_;
    find_move();
    // A curvature of elsewhere points well enough as long as every step leaves a tenth or less to gain.
    if (!fresh_ && decrement_ > 0.1 * before) refresh();
    const auto little_left = [&] { return decrement_ / 2 <= enough + kRounding * here_.entropy; };
    if (precision_ == Precision::kToCompare || fresh_ || !little_left()) return little_left();
    refresh();  // the curvature of elsewhere may be too large by far, where a pick has become certain
    return little_left();
  }

  // Takes the step, or a half of it, or a quarter ...; false when none leads down.
  bool step() {
    constexpr double kShortest = 1e-6;
    double length = 1;
    for (;;) {
      Terrain there = look_at_(at_ - length * move_, Look::kSlope);
      if (objective(there, at_ - length * move_) <= objective(here_, at_)) {
        at_ -= length * move_;
        here_ = std::move(there);
        fresh_ = false;
        return true;
      }
      if (!fresh_) {
        refresh();
        length = 1;
      } else if (length > kShortest) {
        length /= 2;
      } else {
        return false;
      }
    }
  }

  const Eigen::VectorXd& at() const { return at_; }
  double loss() const { return here_.entropy / here_.weight; }

 private:
  double objective(const Terrain& terrain, const Eigen::VectorXd& at) const {
    return terrain.entropy + 0.5 * at.cwiseAbs2().dot(penalties_);
  }

  void take_curvature(Terrain& terrain) {
    curvature_ = std::move(terrain.curvature);
    terrain.look = Look::kSlope;
    fresh_ = true;
  }

  void refresh() {
    Terrain again = look_at_(at_, Look::kCurvature);
    take_curvature(again);
    find_move();
  }

  void find_move() {
    // Where every probability is certain the curvature vanishes; the smallest ridge keeps the step finite.
    constexpr double kRidge = 1e-9;
    Eigen::MatrixXd curvature = curvature_;
    curvature.diagonal() += penalties_;
    curvature.diagonal().array() += kRidge * here_.weight;
    const Eigen::VectorXd slope = here_.gradient + penalties_.cwiseProduct(at_);
    move_ = curvature.selfadjointView<Eigen::Lower>().ldlt().solve(slope);
    decrement_ = slope.dot(move_);
  }

  const Precision precision_;
  const LookAt look_at_;
  Eigen::MatrixXd& curvature_;
  const Eigen::VectorXd penalties_;
  Eigen::VectorXd at_;
  Terrain here_;
  bool fresh_ = false;  // the curvature is that of this very point
  Eigen::VectorXd move_;
  double decrement_ = std::numeric_limits<double>::infinity();
};

}  // namespace

PenalisedFitter::PenalisedFitter(Likelihood likelihood, std::span<const LabelledRows* const> parts,
                                 std::span<const StandardInput> inputs)
    : work_(std::make_unique<Work>(likelihood, parts, inputs)) {}

PenalisedFitter::~PenalisedFitter() = default;

Result<PenalisedFit> PenalisedFitter::fit(double penalty, const Eigen::VectorXd& start,
                                          const std::function<void(int, double)>& stepped,
                                          const std::stop_token& stop, Precision precision) {
  constexpr int kSteps = 200;
  Eigen::VectorXd penalties = Eigen::VectorXd::Constant(work_->size, penalty);
  penalties[work_->size - 1] = 0;
  Eigen::VectorXd from = start.size() == work_->size ? start : Eigen::VectorXd::Zero(work_->size);
  Descent descent([&](const Eigen::VectorXd& at, Look wanted) { return work_->look(at, wanted, stop); },
                  work_->curvature, std::move(penalties), std::move(from), precision);
  for (int step = 1; step <= kSteps && !stop.stop_requested() && !descent.done(); ++step) {
    if (!descent.step()) break;
    if (stepped) stepped(step, descent.loss());
  }
  if (stop.stop_requested()) return Error(ErrorCode::kAborted, "training was cancelled");
  return PenalisedFit{descent.at(), descent.loss()};
}

void PenalisedFitter::set_intercept(PenalisedFit& fit) {
  if (work_->likelihood == Likelihood::kRows) return;
  double& intercept = fit.slopes[work_->size - 1];
  intercept = 0;
  intercept = fitted_intercept(work_->parts, work_->block, fit.slopes);
}

double mean_loss(Likelihood likelihood, const LabelledRows& rows, std::span<const StandardInput> inputs,
                 const Eigen::VectorXd& slopes) {
  Block block(inputs);
  Terrain terrain(slopes.size(), Look::kSlope);
  for (std::size_t first = 0; first < rows.rows();) {
    const std::size_t end = block_end(likelihood, rows, first);
    terrain.add(likelihood, block.load(rows, first, end - first), rows, first, slopes);
    first = end;
  }
  return terrain.weight > 0 ? terrain.entropy / terrain.weight : 0;
}

}  // namespace rankloop::ml
