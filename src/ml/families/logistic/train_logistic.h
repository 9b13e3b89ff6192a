// Training the logistic family.
//
// The penalty is the one that was told (logistic.penalty); untold, with validation rows is the one of a short
// path, from strong to weak, whose model has the least cross-entropy on them (the path ends where three in a
// row were worse); then the model is fitted anew with that penalty on the training and the validation rows
// together, which are all older than the rows that it will be tested on. Without validation rows, or without
// a pick in them, the penalty is 1: each standardised slope is as likely as a draw from the standard normal
// distribution.
#pragma once

#include <memory>

#include "ml/families/logistic/linear.h"
#include "ml/train.h"

namespace rankloop::ml {

// The function alone, for families that build on it.
Result<Linear> fit_linear(const TrainingInput& input);

// Deterministic; the seed and the number of threads change nothing. Errors as train_model().
Result<std::shared_ptr<const Model>> train_logistic_family(const TrainingInput& input);

}  // namespace rankloop::ml
