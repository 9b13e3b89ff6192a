// Newton's steps for both objectives, halved until the loss falls.
#include "ml/families/logistic/penalised_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "ml/families/logistic/curvature.h"
#include "ml/intercept.h"

namespace rankloop::ml {
namespace {

// The intercept with which the rows' probabilities add up to their labels, the slopes being what they are.
double fitted_intercept(std::span<const LabelledRows* const> parts, const Vocabularies& words, Block& block,
                        const Eigen::VectorXd& slopes) {
  std::vector<double> log_odds;
  std::vector<float> labels;
  std::vector<float> weights;
  for (const LabelledRows* rows : parts) {
    const PlacesOfRows places(words, rows->view(), rows->rows());
    for (std::size_t first = 0; first < rows->rows(); first += kFitRows) {
      const std::size_t count = std::min(kFitRows, rows->rows() - first);
      const Eigen::VectorXd some = block.load(*rows, places, first, count).times(slopes);
      log_odds.insert(log_odds.end(), some.begin(), some.end());
      for (std::size_t r = first; r < first + count; ++r) weights.push_back(rows->weight(r));
    }
    labels.insert(labels.end(), rows->labels.begin(), rows->labels.end());
  }
  return ml::fitted_intercept(log_odds, labels, weights);
}

}  // namespace

Linear PenalisedFit::linear(std::span<const StandardInput> inputs, const Vocabularies& words) const {
  Linear linear;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const StandardInput& input = inputs[i];
    const auto weight = static_cast<float>(slopes[static_cast<Eigen::Index>(i)] / input.deviation);
    if (!input.absence) {
      linear.inputs.push_back({input.column, input.mean, weight, input.bounds});
      if (deviations.size() > 0) {
        linear.inputs.back().deviation =
            static_cast<float>(deviations[static_cast<Eigen::Index>(i)] / input.deviation);
      }
      continue;
    }
    const auto same = std::ranges::find(linear.inputs, input.column, &LinearInput::column);
    LinearInput& of =
        same != linear.inputs.end() ? *same : linear.inputs.emplace_back(LinearInput{input.column});
    of.absent = weight;
  }
  linear.words = words;
  for (std::size_t place = 0; place < words.size(); ++place) {
    const auto at = static_cast<Eigen::Index>(inputs.size() + place);
    linear.word_weights.push_back(static_cast<float>(slopes[at]));
    if (deviations.size() > 0) linear.word_deviations.push_back(static_cast<float>(deviations[at]));
  }
  linear.intercept = static_cast<float>(slopes[slopes.size() - 1]);
  return linear;
}

struct PenalisedFitter::Work {
  Work(Likelihood likelihood_, std::span<const LabelledRows* const> parts_,
       std::span<const StandardInput> inputs, const Vocabularies& words_)
      : likelihood(likelihood_), parts(parts_), words(words_), block(inputs, words), size(block.slopes()) {
    for (const LabelledRows* rows : parts) {
      places.emplace_back(words, rows->view(), rows->rows());
      if (likelihood == Likelihood::kRequests) places.back().forget_shared(rows->requests);
    }
  }

  // Calls take(design, rows, first) for all rows, a block at a time.
  template <class Take>
  void each_block(const std::stop_token& stop, Take take) {
    for (std::size_t part = 0; part < parts.size(); ++part) {
      const LabelledRows& rows = *parts[part];
      for (std::size_t first = 0; first < rows.rows() && !stop.stop_requested();) {
        const std::size_t end = block_end(likelihood, rows, first);
        take(block.load(rows, places[part], first, end - first), rows, first);
        first = end;
      }
    }
  }

  Terrain look(const Eigen::VectorXd& at, Look wanted, const std::stop_token& stop) {
    Terrain terrain(size, wanted);
    each_block(stop, [&](const Design& design, const LabelledRows& rows, std::size_t first) {
      terrain.add(likelihood, design, rows, first, at);
    });
    return terrain;
  }

  // The curvature times a direction; of a look that was stopped it is of no use.
  Eigen::VectorXd multiply(std::span<const double> bends, const Eigen::VectorXd& direction,
                           const std::stop_token& stop) {
    Eigen::VectorXd product = Eigen::VectorXd::Zero(size);
    std::size_t done = 0;
    each_block(stop, [&](const Design& design, const LabelledRows& rows, std::size_t first) {
      const auto count = static_cast<std::size_t>(design.rows());
      if (done + count > bends.size()) return;  // the look was stopped
      add_product(likelihood, design, rows, first, bends.subspan(done, count), direction, product);
      done += count;
    });
    return product;
  }

  const Likelihood likelihood;
  const std::span<const LabelledRows* const> parts;
  const Vocabularies& words;
  std::vector<PlacesOfRows> places;  // of each part, without those that say nothing within a request
  Block block;
  const Eigen::Index size;
  std::unique_ptr<Curvature> curvature;  // of an earlier point; null before the first
};

namespace {

// What is to be seen at a point.
using LookAt = std::function<Terrain(const Eigen::VectorXd& at, Look wanted)>;

// One fit: where it stands, and the steps from there.
class Descent {
 public:
  Descent(LookAt look_at, Multiply multiply, bool written, std::unique_ptr<Curvature>& curvature,
          Eigen::VectorXd penalties, Eigen::VectorXd start, Precision precision)
      : precision_(precision),
        look_at_(std::move(look_at)),
        multiply_(std::move(multiply)),
        wanted_(written ? Look::kCurvature : Look::kDiagonal),
        curvature_(curvature),
        penalties_(std::move(penalties)),
        at_(std::move(start)),
        here_(look_at_(at_, curvature == nullptr ? wanted_ : Look::kSlope)) {
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
    if (wanted_ == Look::kCurvature) {
      curvature_ = written_curvature(std::move(terrain.curvature));
    } else {
      curvature_ = multiplied_curvature(std::move(terrain.bends), std::move(terrain.diagonal));
    }
    fresh_ = true;
  }

  void refresh() {
    Terrain again = look_at_(at_, wanted_);
    take_curvature(again);
    find_move();
  }

  void find_move() {
    // Where every probability is certain the curvature vanishes; the smallest ridge keeps the step finite.
    constexpr double kRidge = 1e-9;
    const Eigen::VectorXd diagonal = penalties_.array() + kRidge * here_.weight;
    const Eigen::VectorXd slope = here_.gradient + penalties_.cwiseProduct(at_);
    move_ = curvature_->solve(multiply_, diagonal, slope);
    decrement_ = slope.dot(move_);
  }

  const Precision precision_;
  const LookAt look_at_;
  const Multiply multiply_;
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
  const LookAt look_at = [&](const Eigen::VectorXd& at, Look wanted) {
    return work_->look(at, wanted, stop);
  };
  const Multiply multiply = [&](std::span<const double> bends, const Eigen::VectorXd& direction) {
    return work_->multiply(bends, direction, stop);
  };
  Descent descent(look_at, multiply, !work_->block.has_words(), work_->curvature, std::move(penalties),
                  std::move(from), precision);
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
  intercept = fitted_intercept(work_->parts, work_->words, work_->block, fit.slopes);
}

void PenalisedFitter::set_deviations(PenalisedFit& fit, double penalty) {
  const Terrain terrain = work_->look(fit.slopes, Look::kDiagonal, {});
  fit.deviations = (terrain.diagonal.array() + penalty).max(1.0).rsqrt();
}

std::vector<PartLoss> losses_of(Likelihood likelihood, const LabelledRows& rows,
                                std::span<const StandardInput> inputs, const Vocabularies& words,
                                const Eigen::VectorXd& slopes) {
  constexpr std::size_t kParts = 100;  // of rows by themselves: enough to tell how parts differ
  const std::size_t size = std::clamp<std::size_t>(rows.rows() / kParts, 1, kFitRows);
  Block block(inputs, words);
  const PlacesOfRows places(words, rows.view(), rows.rows());
  Terrain terrain(slopes.size(), Look::kSlope);
  std::vector<PartLoss> losses;
  for (std::size_t first = 0; first < rows.rows();) {
    std::size_t end = std::min(first + size, rows.rows());
    if (likelihood == Likelihood::kRequests)
      for (end = first + 1; end < rows.rows() && rows.requests[end] == rows.requests[first];) ++end;
    const PartLoss before{terrain.weight, terrain.entropy};
    terrain.add(likelihood, block.load(rows, places, first, end - first), rows, first, slopes);
    losses.push_back({terrain.weight - before.weight, terrain.entropy - before.entropy});
    first = end;
  }
  return losses;
}

double mean_loss(std::span<const PartLoss> losses) {
  PartLoss all;
  for (const PartLoss& part : losses) {
    all.weight += part.weight;
    all.entropy += part.entropy;
  }
  return all.weight > 0 ? all.entropy / all.weight : 0;
}

double error_of_difference(std::span<const PartLoss> one, std::span<const PartLoss> other) {
  const double difference = mean_loss(one) - mean_loss(other);
  double weight = 0;
  double squares = 0;
  double parts = 0;
  for (std::size_t p = 0; p < one.size(); ++p) {
    if (!(one[p].weight > 0)) continue;
    const double rest = one[p].entropy - other[p].entropy - difference * one[p].weight;
    weight += one[p].weight;
    squares += rest * rest;
    ++parts;
  }
  if (parts < 2) return std::numeric_limits<double>::infinity();
  return std::sqrt(squares * parts / (parts - 1)) / weight;
}

}  // namespace rankloop::ml
