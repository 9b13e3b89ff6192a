// What an item is expected to earn, for estimates that correct a model by what was logged: cross-fitted, so
// that nobody's reward is predicted by a model that has learned from that person (Chernozhukov, Chetverikov,
// Demirer, Duflo, Hansen, Newey and Robins, "Double/debiased machine learning", 2018).
//
// People, and requests of which nobody knows whose they are, are divided into folds; the model of a fold has
// learned from all others, row by row: the reward of an item as it would be at the first position. Elsewhere
// that is times what the position draws (ml/examination.h), where lists in random order tell it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "app/learn/bound_models.h"
#include "app/learn/outcome.h"
#include "domain/domain.h"
#include "ml/examination.h"
#include "ml/train.h"
#include "storage/learning_reads.h"

namespace rankloop::app {

struct RewardModelOptions {
  std::string family = "logistic";
  std::size_t folds = 3;
  std::int64_t requests = 20'000;  // the newest with an outcome that are learned from, and at most the window
  std::size_t positions = 10;      // of a list
  LearningTarget target{};         // what a reward is
  int threads = 1;
  ml::Hyperparameters hyperparameters;
  std::size_t memory = 0;  // bytes, of all folds: of what is computed from items alone
};

// Not thread-safe.
class RewardModels {
 public:
  // Reads the store and fits. Blocks. `tell` hears how much of it is done, 0..1. kAborted when a stop was
  // requested; where there is too little to learn from there are no models, and why() says it.
  static Result<RewardModels> fit(storage::LearningReads& store, const Domain& domain,
                                  const RewardModelOptions& options, const std::function<void(double)>& tell,
                                  const std::stop_token& stop);

  bool fitted() const { return !models_.empty(); }
  const std::string& why() const { return why_; }
  std::int64_t requests() const { return requests_; }  // learned from
  // What positions draw; nothing when fewer than 50 picks on lists in random order tell.
  const std::optional<ml::Examination>& examination() const { return examination_; }

  // Which model has not seen this request.
  std::size_t fold_of(ml::Person person, InferenceId request) const;
  BoundModel& model(std::size_t fold) { return models_[fold]; }
  // What a score of such a model means, at the first position.
  double reward(std::size_t fold, float score) const;

 private:
  std::vector<BoundModel> models_;  // by fold
  std::optional<ml::Examination> examination_;
  double greatest_ = 1;  // label
  std::int64_t requests_ = 0;
  std::string why_;
};

}  // namespace rankloop::app
