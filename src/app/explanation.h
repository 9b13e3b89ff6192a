// Why an item stands where it stands in a stored ranking: the contributions of its features under the model
// that ranked it, with the values that request and item had then. Blocks. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "domain/domain.h"
#include "ml/model.h"
#include "storage/store.h"

namespace rankloop::app {

struct FeatureContribution {
  std::string feature;      // or cross
  double value = 0;         // NaN: absent
  double contribution = 0;  // in log-odds
};

struct ResultExplanation {
  TaskId task;
  ItemId item;
  ModelId model;  // 0: a random order
  std::string family;
  int position = 0;                                // 1-based, in the ranking
  float score = 0;                                 // as stored
  double probability = 0;                          // the model's calibrated score
  double base = 0;                                 // in log-odds
  std::vector<FeatureContribution> contributions;  // the greatest first
};

class Explanations {
 public:
  Explanations(const Domain& domain, storage::Store& store) : domain_(domain), store_(store) {}

  // kNotFound: no such task, or it did not rank the item; kFailedPrecondition: it has not succeeded, was
  // imported, or its model cannot be loaded with this domain any more. kDataLoss: its artefact is damaged.
  Result<ResultExplanation> explain(const TaskId& task, ItemId item);

 private:
  Result<std::shared_ptr<const ml::Model>> model_of(ModelId id);

  const Domain& domain_;
  storage::Store& store_;
};

std::string to_json(const ResultExplanation& explanation, const Domain& domain);

}  // namespace rankloop::app
