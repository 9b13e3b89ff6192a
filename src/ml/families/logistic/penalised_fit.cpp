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

// Some rows: their numbers, standardised, with the 1 of the intercept as the last one, and the places of
// their words. Slopes stand in the order numbers, places, intercept.
class Design {
 public:
  Design(Eigen::Ref<const Eigen::MatrixXd> numbers, const PlacesOfRows& places, std::size_t first,
         Eigen::Index words)
      : numbers_(std::move(numbers)), places_(places), first_(first), words_(words) {}

  Eigen::Index rows() const { return numbers_.rows(); }
  const Eigen::Ref<const Eigen::MatrixXd>& numbers() const { return numbers_; }

  Eigen::VectorXd times(const Eigen::VectorXd& slopes) const {
    if (words_ == 0) return numbers_ * slopes;
    Eigen::VectorXd sums = numbers_.leftCols(count()) * slopes.head(count());
    for (Eigen::Index r = 0; r < rows(); ++r) {
      sums[r] += slopes[slopes.size() - 1];
      for (const std::uint32_t place : places(r)) sums[r] += slopes[count() + place];
    }
    return sums;
  }
  // Adds the design's transpose times one number a row.
  void add_transposed(const Eigen::VectorXd& by_row, Eigen::VectorXd& sum) const {
    if (words_ == 0) {
      sum.noalias() += numbers_.transpose() * by_row;
      return;
    }
    sum.head(count()).noalias() += numbers_.leftCols(count()).transpose() * by_row;
    sum[sum.size() - 1] += by_row.sum();
    add_to_places(by_row, sum);
  }
  // The same of the squares of what the design holds.
  void add_squares(const Eigen::VectorXd& by_row, Eigen::VectorXd& sum) const {
    sum.head(count()).noalias() += numbers_.leftCols(count()).cwiseAbs2().transpose() * by_row;
    sum[sum.size() - 1] += by_row.sum();
    add_to_places(by_row, sum);
  }

 private:
  Eigen::Index count() const { return numbers_.cols() - 1; }
  std::span<const std::uint32_t> places(Eigen::Index row) const {
    return places_.at(first_ + static_cast<std::size_t>(row));
  }
  void add_to_places(const Eigen::VectorXd& by_row, Eigen::VectorXd& sum) const {
    for (Eigen::Index r = 0; r < rows(); ++r) {
      for (const std::uint32_t place : places(r)) sum[count() + place] += by_row[r];
    }
  }

  Eigen::Ref<const Eigen::MatrixXd> numbers_;
  const PlacesOfRows& places_;
  const std::size_t first_;
  const Eigen::Index words_;
};

// Makes designs, one at a time.
class Block {
 public:
  Block(std::span<const StandardInput> inputs, const Vocabularies& words)
      : inputs_(inputs),
        words_(static_cast<Eigen::Index>(words.size())),
        values_(static_cast<Eigen::Index>(kFitRows), static_cast<Eigen::Index>(inputs.size()) + 1) {}

  Eigen::Index slopes() const { return values_.cols() + words_; }
  bool has_words() const { return words_ > 0; }

  Design load(const LabelledRows& rows, const PlacesOfRows& places, std::size_t first, std::size_t count) {
    if (static_cast<Eigen::Index>(count) > values_.rows()) {
      values_.resize(static_cast<Eigen::Index>(count), values_.cols());
    }
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const StandardInput input = inputs_[i];
      const double scale = 1 / input.deviation;
      for (std::size_t r = 0; r < count; ++r) {
        const float value = rows.values[(first + r) * rows.width + input.column];
        double& number = values_(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(i));
        if (std::isnan(value) || input.absence) {
          number = input.absence && std::isnan(value) ? scale : 0;
        } else {
          number = (static_cast<double>(input.bounds.bound(value)) - static_cast<double>(input.mean)) * scale;
        }
      }
    }
    values_.col(values_.cols() - 1).setOnes();
    return {values_.topRows(static_cast<Eigen::Index>(count)), places, first, words_};
  }

 private:
  const std::span<const StandardInput> inputs_;
  const Eigen::Index words_;
  Eigen::MatrixXd values_;
};

enum class Look {
  kSlope,      // loss and gradient
  kCurvature,  // and the curvature, which costs several times as much
  kDiagonal,   // and of the curvature a diagonal that is not below its own
  kProduct,    // and the curvature times a direction
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
           const Eigen::VectorXd& at) {
    const Eigen::VectorXd ahead = look == Look::kProduct ? design.times(*along) : Eigen::VectorXd();
    if (likelihood == Likelihood::kRows) {
      add_rows(design, rows, first, at, ahead);
    } else {
      add_requests(design, rows, first, at, ahead);
    }
  }

  void add_rows(const Design& design, const LabelledRows& rows, std::size_t first, const Eigen::VectorXd& at,
                const Eigen::VectorXd& ahead) {
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

  void add_requests(const Design& design, const LabelledRows& rows, std::size_t first,
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

 private:
  static bool same_request(const LabelledRows& rows, std::size_t first, Eigen::Index a, Eigen::Index b) {
    return rows.requests[first + static_cast<std::size_t>(a)] ==
           rows.requests[first + static_cast<std::size_t>(b)];
  }
  static double picks_of(const LabelledRows& rows, std::size_t first, Eigen::Index r) {
    const std::size_t row = first + static_cast<std::size_t>(r);
    return static_cast<double>(rows.weight(row)) * static_cast<double>(rows.labels[row]);
  }
  void finish(const Design& design, const Eigen::VectorXd& residual, const Eigen::VectorXd& bend) {
    design.add_transposed(residual, gradient);
    if (look == Look::kDiagonal) design.add_squares(bend, product);
    if (look == Look::kProduct) design.add_transposed(bend, product);
    if (look != Look::kCurvature) return;
    const Eigen::MatrixXd scaled = bend.cwiseSqrt().asDiagonal() * design.numbers();
    curvature.selfadjointView<Eigen::Lower>().rankUpdate(scaled.transpose());
  }
};

// The intercept with which the rows' probabilities add up to their labels, the slopes being what they are.
double fitted_intercept(std::span<const LabelledRows* const> parts, std::span<const PlacesOfRows> places,
                        Block& block, const Eigen::VectorXd& slopes) {
  std::vector<double> log_odds;
  std::vector<float> labels;
  std::vector<float> weights;
  for (std::size_t part = 0; part < parts.size(); ++part) {
    const LabelledRows* rows = parts[part];
    for (std::size_t first = 0; first < rows->rows(); first += kFitRows) {
      const std::size_t count = std::min(kFitRows, rows->rows() - first);
      const Eigen::VectorXd some = block.load(*rows, places[part], first, count).times(slopes);
      log_odds.insert(log_odds.end(), some.begin(), some.end());
      for (std::size_t r = first; r < first + count; ++r) weights.push_back(rows->weight(r));
    }
    labels.insert(labels.end(), rows->labels.begin(), rows->labels.end());
  }
  return ml::fitted_intercept(log_odds, labels, weights);
}

}  // namespace

namespace {

// The curvature of a loss, or what multiplies by it.
class Curvature {
 public:
  using LookAt = std::function<Terrain(const Eigen::VectorXd&, Look, const Eigen::VectorXd*)>;

  virtual ~Curvature() = default;
  // x of (curvature + diagonal) x = slope.
  virtual Eigen::VectorXd solve(const LookAt& look_at, const Eigen::VectorXd& diagonal,
                                const Eigen::VectorXd& slope) const = 0;
};
using LookAt = Curvature::LookAt;

}  // namespace

Linear PenalisedFit::linear(std::span<const StandardInput> inputs, const Vocabularies& words) const {
  Linear linear;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const StandardInput& input = inputs[i];
    const auto weight = static_cast<float>(slopes[static_cast<Eigen::Index>(i)] / input.deviation);
    if (!input.absence) {
      linear.inputs.push_back({input.column, input.mean, weight, input.bounds});
      continue;
    }
    const auto same = std::ranges::find(linear.inputs, input.column, &LinearInput::column);
    LinearInput& of =
        same != linear.inputs.end() ? *same : linear.inputs.emplace_back(LinearInput{input.column});
    of.absent = weight;
  }
  linear.words = words;
  for (std::size_t place = 0; place < words.size(); ++place) {
    linear.word_weights.push_back(
        static_cast<float>(slopes[static_cast<Eigen::Index>(inputs.size() + place)]));
  }
  linear.intercept = static_cast<float>(slopes[slopes.size() - 1]);
  return linear;
}

struct PenalisedFitter::Work {
  Work(Likelihood likelihood_, std::span<const LabelledRows* const> parts_,
       std::span<const StandardInput> inputs, const Vocabularies& words)
      : likelihood(likelihood_), parts(parts_), block(inputs, words), size(block.slopes()) {
    for (const LabelledRows* rows : parts) places.emplace_back(words, rows->view(), rows->rows());
  }

  Terrain look(const Eigen::VectorXd& at, Look wanted, const std::stop_token& stop,
               const Eigen::VectorXd* direction = nullptr) {
    Terrain terrain(size, wanted, direction);
    for (std::size_t part = 0; part < parts.size(); ++part) {
      const LabelledRows& rows = *parts[part];
      for (std::size_t first = 0; first < rows.rows() && !stop.stop_requested();) {
        const std::size_t end = block_end(likelihood, rows, first);
        terrain.add(likelihood, block.load(rows, places[part], first, end - first), rows, first, at);
        first = end;
      }
    }
    return terrain;
  }

  const Likelihood likelihood;
  const std::span<const LabelledRows* const> parts;
  std::vector<PlacesOfRows> places;  // of each part
  Block block;
  const Eigen::Index size;
  std::unique_ptr<Curvature> curvature;  // of an earlier point; null before the first
};

namespace {

class WrittenCurvature final : public Curvature {
 public:
  explicit WrittenCurvature(Eigen::MatrixXd matrix) : matrix_(std::move(matrix)) {}

  Eigen::VectorXd solve(const LookAt& /*look_at*/, const Eigen::VectorXd& diagonal,
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
  MultipliedCurvature(Eigen::VectorXd at, Eigen::VectorXd diagonal)
      : at_(std::move(at)), own_(std::move(diagonal)) {}

  // Preconditioned conjugate gradients (Hestenes and Stiefel, 1952), until a hundredth of the slope is left.
  Eigen::VectorXd solve(const LookAt& look_at, const Eigen::VectorXd& diagonal,
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
      const Terrain there = look_at(at_, Look::kProduct, &direction);
      const Eigen::VectorXd product = there.product + diagonal.cwiseProduct(direction);
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
  const Eigen::VectorXd at_;
  const Eigen::VectorXd own_;  // its diagonal, or above
};

// One fit: where it stands, and the steps from there.
class Descent {
 public:
  Descent(LookAt look_at, bool written, std::unique_ptr<Curvature>& curvature, Eigen::VectorXd penalties,
          Eigen::VectorXd start, Precision precision)
      : precision_(precision),
        look_at_(std::move(look_at)),
        wanted_(written ? Look::kCurvature : Look::kDiagonal),
        curvature_(curvature),
        penalties_(std::move(penalties)),
        at_(std::move(start)),
        here_(look_at_(at_, curvature == nullptr ? wanted_ : Look::kSlope, nullptr)) {
    if (curvature == nullptr) take_curvature(here_);
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
      Terrain there = look_at_(at_ - length * move_, Look::kSlope, nullptr);
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
    if (wanted_ == Look::kCurvature) {
      curvature_ = std::make_unique<WrittenCurvature>(std::move(terrain.curvature));
    } else {
      curvature_ = std::make_unique<MultipliedCurvature>(at_, std::move(terrain.product));
    }
    fresh_ = true;
  }

  void refresh() {
    Terrain again = look_at_(at_, wanted_, nullptr);
    take_curvature(again);
    find_move();
  }

  void find_move() {
    // Where every probability is certain the curvature vanishes; the smallest ridge keeps the step finite.
    constexpr double kRidge = 1e-9;
    const Eigen::VectorXd diagonal = penalties_.array() + kRidge * here_.weight;
    const Eigen::VectorXd slope = here_.gradient + penalties_.cwiseProduct(at_);
    move_ = curvature_->solve(look_at_, diagonal, slope);
    decrement_ = slope.dot(move_);
  }

  const Precision precision_;
  const LookAt look_at_;
  const Look wanted_;  // what a curvature is made of
  std::unique_ptr<Curvature>& curvature_;
  const Eigen::VectorXd penalties_;
  Eigen::VectorXd at_;
  Terrain here_;
  bool fresh_ = false;  // the curvature is that of this very point
  Eigen::VectorXd move_;
  double decrement_ = std::numeric_limits<double>::infinity();
};

}  // namespace

PenalisedFitter::PenalisedFitter(Likelihood likelihood, std::span<const LabelledRows* const> parts,
                                 std::span<const StandardInput> inputs, const Vocabularies& words)
    : work_(std::make_unique<Work>(likelihood, parts, inputs, words)) {}

PenalisedFitter::~PenalisedFitter() = default;

Result<PenalisedFit> PenalisedFitter::fit(double penalty, const Eigen::VectorXd& start,
                                          const std::function<void(int, double)>& stepped,
                                          const std::stop_token& stop, Precision precision) {
  constexpr int kSteps = 200;
  Eigen::VectorXd penalties = Eigen::VectorXd::Constant(work_->size, penalty);
  penalties[work_->size - 1] = 0;
  Eigen::VectorXd from = start.size() == work_->size ? start : Eigen::VectorXd::Zero(work_->size);
  const LookAt look_at = [&](const Eigen::VectorXd& at, Look wanted, const Eigen::VectorXd* direction) {
    return work_->look(at, wanted, stop, direction);
  };
  Descent descent(look_at, !work_->block.has_words(), work_->curvature, std::move(penalties), std::move(from),
                  precision);
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
  intercept = fitted_intercept(work_->parts, work_->places, work_->block, fit.slopes);
}

double mean_loss(Likelihood likelihood, const LabelledRows& rows, std::span<const StandardInput> inputs,
                 const Vocabularies& words, const Eigen::VectorXd& slopes) {
  Block block(inputs, words);
  const PlacesOfRows places(words, rows.view(), rows.rows());
  Terrain terrain(slopes.size(), Look::kSlope);
  for (std::size_t first = 0; first < rows.rows();) {
    const std::size_t end = block_end(likelihood, rows, first);
    terrain.add(likelihood, block.load(rows, places, first, end - first), rows, first, slopes);
    first = end;
  }
  return terrain.weight > 0 ? terrain.entropy / terrain.weight : 0;
}

}  // namespace rankloop::ml
