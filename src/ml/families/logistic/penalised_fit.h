// Weighted logistic regression with an L2 penalty, on standardised inputs.
//
// Minimises sum of weight x cross-entropy + penalty / 2 x |slopes|^2 by Newton's method (iteratively
// reweighted least squares; McCullagh and Nelder, Generalized Linear Models, 1989; with the penalty: le
// Cessie and van Houwelingen, Applied Statistics 1992), a step being halved until the loss falls. The
// intercept is not penalised. Labels may be any share in 0..1.
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include <Eigen/Core>

#include "error/result.h"
#include "ml/families/logistic/linear.h"
#include "ml/labelled_rows.h"
#include "ml/standardise.h"

namespace rankloop::ml {

struct PenalisedFit {
  Eigen::VectorXd slopes;  // per input, on the standardised scale; then the intercept
  double loss = 0;         // mean cross-entropy, without the penalty
  Linear linear(std::span<const StandardInput> inputs) const;
};

// `start`: where to begin, or empty. `stepped` is told of every step. kAborted: a stop was requested.
// The rows must have weight in both classes.
Result<PenalisedFit> fit_penalised(std::span<const LabelledRows* const> parts,
                                   std::span<const StandardInput> inputs, double penalty,
                                   const Eigen::VectorXd& start,
                                   const std::function<void(int step, double loss)>& stepped,
                                   const std::stop_token& stop);

// The mean cross-entropy of rows, weighted.
double mean_loss(const LabelledRows& rows, std::span<const StandardInput> inputs,
                 const Eigen::VectorXd& slopes);

}  // namespace rankloop::ml
