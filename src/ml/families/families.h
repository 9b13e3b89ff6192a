// The table of model families. A new family is a folder here, a line in families.cpp and a maker in
// tests/contract/model.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "domain/domain.h"
#include "error/result.h"
#include "ml/artefact.h"
#include "ml/model.h"
#include "ml/train.h"

namespace rankloop::ml {

struct Family {
  std::string_view name;
  // Whether it looks at features: then an artefact must say for which it was made.
  bool uses_features;
  // Loads a payload of this family. Fingerprint and calibration have been checked already; the payload is
  // hostile until it is. kDataLoss: unreadable, the message names what is wrong.
  Result<std::shared_ptr<const Model>> (*load)(const Artefact& artefact, const Domain& domain);
  // Errors as train_model(), which has checked the rows.
  Result<std::shared_ptr<const Model>> (*train)(const TrainingInput& input);
  bool keeps_posterior = false;  // of what it trains: Model::posterior_draws
};

std::span<const Family> families();

}  // namespace rankloop::ml
