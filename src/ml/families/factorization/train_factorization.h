// Training the factorization family.
//
// The linear part is logistic's, of whose penalty the last tenth of the training requests decides, and then
// only stretched as a whole. On top of it the weights of items and the vectors are
// learned by Adagrad (Duchi, Hazan and Singer, JMLR 2011), a request at a time, in random order: of its rows
// against each other (softmax, as logistic's conditional logit) or each by itself. So where there is nothing
// in pairs of inputs, in items and in people, what is left is logistic.
//
// Each vector is as likely as a draw from a normal distribution with variance 1 / penalty; what that costs is
// divided among the requests that a vector occurs in, so that what occurs rarely stays near 0 and what occurs
// often speaks for itself. A word has a vector if it is in the vocabulary, an item if it was shown three
// times or more, a person after two requests.
//
// A first run, over the training rows, finds after how many epochs the loss on the validation rows is least
// (it stops after four without a lower one). A second one over all rows, validation rows with them, goes on
// for so many: the newest requests are the only ones that tell of what is new. Without validation rows there
// is one run of eight epochs.
#pragma once

#include <memory>

#include "ml/train.h"

namespace rankloop::ml {

// Deterministic by seed; threads change nothing. Errors as train_model().
Result<std::shared_ptr<const Model>> train_factorization_family(const TrainingInput& input);

}  // namespace rankloop::ml
