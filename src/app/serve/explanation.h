// Why an item stands where it stands in a stored ranking: the contributions of its features under the model
// that ranked it, with the values that request and item had then. Blocks. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "app/serve/history_values.h"
#include "app/serve/item_names.h"
#include "app/serve/past_knowledge.h"
#include "app/serve/serving.h"
#include "domain/domain.h"
#include "ml/model.h"
#include "storage/store.h"

namespace rankloop::app {

struct FeatureContribution {
  std::string feature;       // or cross
  boost::json::value value;  // a number, a word, a list of either; null: absent
  double contribution = 0;   // in log-odds
};

struct ResultExplanation {
  TaskId task;
  ItemId item;
  ModelId model;  // 0: a random order; of an interleaved list the one that placed the item
  std::string family;
  PolicyText policy;                               // that made the list
  std::optional<bool> by_second;                   // of the policy's two models, which placed it
  float propensity = 1;                            // of the item at its position, given those above it
  int position = 0;                                // 1-based, in the ranking
  float score = 0;                                 // as stored
  double probability = 0;                          // the model's calibrated score
  double base = 0;                                 // in log-odds
  std::vector<FeatureContribution> contributions;  // the greatest first
  std::vector<HistoryValue> histories;  // of who asked, then of the item; empty: the ranking knew none
};

// A stored list in another model's order: what was ranked, as it was then, without what the list left out.
struct Reordering {
  struct Place {
    ItemId item;
    float score = 0;       // the other model's
    int before = 0;        // 1-based position in the stored list
    float propensity = 1;  // that it had there, given those above it
  };
  TaskId task;
  ModelId model;
  std::string family;
  std::vector<Place> places;  // the other model's order; ties as they stood before
};

// How much each feature moves a model's scores: the mean of |contribution|, in log-odds.
struct Importance {
  ModelId model;
  std::int64_t rows = 0;                                 // shown items it was measured on
  std::vector<std::pair<std::string, double>> features;  // or crosses; the greatest first
};

class Explanations {
 public:
  // Texts are matched with what `serving`'s catalog knows of them.
  Explanations(const Domain& domain, storage::Store& store, const Serving& serving)
      : domain_(domain), store_(store), serving_(serving), past_(domain, store) {}

  // kNotFound: no such task, or it did not rank the item; kFailedPrecondition: it has not succeeded, was
  // imported, or its model cannot be loaded with this domain any more. kDataLoss: its artefact is damaged.
  Result<ResultExplanation> explain(const TaskId& task, ItemId item);
  // kNotFound: no such task or model; kFailedPrecondition: as above.
  Result<Reordering> reorder(const TaskId& task, ModelId model);
  // On 60 rows of the newest 100 requests at most. kNotFound; kFailedPrecondition: it cannot be loaded.
  Result<Importance> importance(ModelId model);

 private:
  Result<storage::InferenceRecord> succeeded(const TaskId& task);

  const Domain& domain_;
  storage::Store& store_;
  const Serving& serving_;
  PastKnowledge past_;
};

std::string to_json(const ResultExplanation& explanation, ItemNames& names);
std::string to_json(const Reordering& reordering, ItemNames& names);
std::string to_json(const Importance& importance);

}  // namespace rankloop::app
