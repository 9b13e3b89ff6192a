// Logistic regression with an L2 penalty, on standardised inputs: of each row by itself, or of the rows of a
// request against each other.
//
// Minimises sum of weight x cross-entropy + penalty / 2 x |slopes|^2 by Newton's method (iteratively
// reweighted least squares; McCullagh and Nelder, Generalized Linear Models, 1989; with the penalty: le
// Cessie and van Houwelingen, Applied Statistics 1992), a step being halved until the loss falls. Most of the
// work is the curvature, so one of an earlier point, or of another penalty, serves as long as the steps with
// it shrink fast. It ends where at most a millionth of a nat is left to gain as far as that curvature tells;
// the last fit goes on until a hundred-millionth is left by the curvature of the very point, which bounds the
// gradient. The intercept is not penalised.
// Labels may be any share in 0..1.
//
// Against each other is the conditional logit (McFadden, "Conditional logit analysis of qualitative choice
// behavior", 1974): a pick is explained by what else was shown, so that lists of good items and lists of bad
// ones teach the same slopes. A request of which nothing was picked says nothing; the intercept is then
// fitted to the rows by itself.
//
// With words there may be thousands of slopes: the curvature is then never written down, a step is found by
// conjugate gradients that only multiply by it (truncated Newton: Lin, Weng and Keerthi, JMLR 2008), with its
// diagonal as preconditioner.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include <Eigen/Core>

#include "error/result.h"
#include "ml/families/logistic/linear.h"
#include "ml/families/logistic/terrain.h"
#include "ml/labelled_rows.h"
#include "ml/standardise.h"
#include "ml/vocabulary.h"

namespace rankloop::ml {

enum class Precision {
  kToCompare,  // penalties with each other
  kFinal,      // the maximum itself
};

struct PenalisedFit {
  Eigen::VectorXd slopes;  // per input, on the standardised scale; per place of a word; then the intercept
  double loss = 0;         // mean cross-entropy (a row, or a pick), without the penalty
  Eigen::VectorXd deviations{};  // of the slopes in their posterior, on the same scale; empty: not told
  Linear linear(std::span<const StandardInput> inputs, const Vocabularies& words) const;
};

// Fits of the same rows with one penalty after another. Rows, inputs and words are borrowed; the rows must
// have weight in both classes. Not thread-safe.
class PenalisedFitter {
 public:
  PenalisedFitter(Likelihood likelihood, std::span<const LabelledRows* const> parts,
                  std::span<const StandardInput> inputs, const Vocabularies& words);
  ~PenalisedFitter();

  // `start`: where to begin, or empty. `stepped` is told of every step. Within requests the intercept means
  // nothing before set_intercept(). kAborted: a stop was requested.
  Result<PenalisedFit> fit(double penalty, const Eigen::VectorXd& start,
                           const std::function<void(int step, double loss)>& stepped,
                           const std::stop_token& stop, Precision precision);

  // The intercept with which the rows' probabilities add up to their labels; that of single rows is fitted
  // already.
  void set_intercept(PenalisedFit& fit);

  // The deviations of the slopes, by the diagonal of the curvature where they stand, or a bound above it:
  // what is drawn by them errs towards the slopes. At most 1, as wide as without any rows under a penalty
  // of 1.
  void set_deviations(PenalisedFit& fit, double penalty);

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

// Cross-entropy of a few rows, or of the picks of a request, by what they weigh.
struct PartLoss {
  double weight = 0;
  double entropy = 0;  // their sum, in nats
};

// Of all rows, one part after another.
std::vector<PartLoss> losses_of(Likelihood likelihood, const LabelledRows& rows,
                                std::span<const StandardInput> inputs, const Vocabularies& words,
                                const Eigen::VectorXd& slopes);

// The mean over all parts; 0 without weight.
double mean_loss(std::span<const PartLoss> losses);

// The standard error of how much two means over the same parts differ, each part being one draw of a ratio
// (Cochran, Sampling Techniques, 1977, 6.4). Infinite for fewer than two parts.
double error_of_difference(std::span<const PartLoss> one, std::span<const PartLoss> other);

}  // namespace rankloop::ml
