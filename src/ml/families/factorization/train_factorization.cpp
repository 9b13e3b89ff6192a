// The linear part, the keys and inputs that have vectors, and epochs until nothing is gained.
#include "ml/families/factorization/train_factorization.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "ml/families/factorization/factor_bytes.h"
#include "ml/families/factorization/factor_trainer.h"
#include "ml/families/logistic/train_logistic.h"
#include "ml/feature_space.h"
#include "ml/intercept.h"
#include "ml/standardise.h"

namespace rankloop::ml {
namespace {

constexpr double kPenaltyShare = 0.1;      // of the training requests, to choose the linear part's penalty by
constexpr std::size_t kLeastRows = 3;      // of an item
constexpr std::size_t kLeastRequests = 2;  // of a person
constexpr float kReach = 4;                // deviations: a pair multiplies what lies far out
constexpr int kPatience = 4;  // the first epochs gain little: two vectors near 0 pull little at each other
constexpr int kEpochsUnseen = 8;

// Of the keys that occur `least` times or more, the `most` frequent ones, ascending.
template <class Key>
std::vector<Key> frequent(const std::map<Key, std::size_t>& counts, std::size_t least, std::size_t most) {
  std::vector<std::pair<std::size_t, Key>> ranked;
  for (const auto& [key, count] : counts) {
    if (count >= least) ranked.emplace_back(count, key);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  ranked.resize(std::min(ranked.size(), most));
  std::vector<Key> keys;
  for (const auto& [count, key] : ranked) keys.push_back(key);
  std::ranges::sort(keys);
  return keys;
}

std::vector<ItemId> known_items(const LabelledRows& rows, std::size_t most) {
  std::map<ItemId, std::size_t> counts;
  for (const ItemId item : rows.items) ++counts[item];
  return frequent(counts, kLeastRows, most);
}

std::vector<Person> known_people(const LabelledRows& rows, std::size_t most) {
  std::map<Person, std::size_t> counts;
  for (std::size_t r = 0; r < rows.people.size(); ++r) {
    const bool begins = r == 0 || rows.requests.empty() || rows.requests[r] != rows.requests[r - 1];
    if (begins && rows.people[r] != 0) ++counts[rows.people[r]];
  }
  return frequent(counts, kLeastRequests, most);
}

std::vector<FactorInput> inputs_of(const LabelledRows& rows, std::size_t features) {
  const std::array<const LabelledRows*, 1> parts = {&rows};
  std::vector<FactorInput> inputs;
  for (const StandardInput& input : standardise(parts, features)) {
    if (input.column >= features || input.absence) continue;
    inputs.push_back({input.column, input.mean, static_cast<float>(1 / input.deviation), kReach});
  }
  return inputs;
}

// Of the training rows, of which the last tenth chooses the penalty.
Result<Linear> earlier_linear_part(const TrainingInput& input, TrainingReport& report) {
  TrainingPlan plan = input.plan;
  plan.hyperparameters.clear();  // logistic's own are not this family's
  const std::size_t split = split_row(input.rows, kPenaltyShare);
  const LabelledRows learned = slice(input.rows, 0, split);
  const LabelledRows held_out = slice(input.rows, split, input.rows.rows());
  const ProgressSink unheard;
  return fit_linear({input.domain, learned, held_out, plan, unheard, input.stop, report});
}

// Of all rows, with the penalty that was chosen before.
Result<Linear> linear_part(const TrainingInput& input, const Hyperparameters& chosen,
                           TrainingReport& report) {
  TrainingPlan plan = input.plan;
  plan.hyperparameters = chosen;
  const ProgressSink unheard;
  return fit_linear({input.domain, input.rows, input.validation, plan, unheard, input.stop, report});
}

Factorisation shape_of(const TrainingInput& input, const LabelledRows& rows, Linear linear) {
  Factorisation of;
  of.factors = static_cast<std::size_t>(input.plan.value("factorization.factors"));
  of.linear = std::move(linear);
  of.inputs = inputs_of(rows, FeatureSpace(input.domain).numbers_of_features());
  of.items = known_items(rows, most_keys(of.factors));
  of.people = known_people(rows, most_keys(of.factors));
  return of;
}

// Vectors over a linear part, learned of some rows. Borrows the rows.
struct Learning {
  Learning(const TrainingInput& input, const LabelledRows& learned, Linear linear)
      : of(shape_of(input, learned, std::move(linear))),
        sides(of, input.domain),
        slots(of, sides),
        rows(learned, of, input.plan.objective),
        trainer(slots, of.factors, rows,
                {input.plan.value("factorization.learning_rate"), input.plan.value("factorization.penalty"),
                 input.plan.seed}) {}

  Factorisation of;  // without the vectors
  const FactorSides sides;
  const FactorSlots slots;
  const FactorRows rows;
  FactorTrainer trainer;
};

// The epoch with the lowest loss on the validation rows so far; 0: no vector is better than none.
class BestEpoch {
 public:
  explicit BestEpoch(double loss_without) : lowest_(loss_without) {}
  void offer(int epoch, double loss) {
    waited_ = epoch - best_;
    if (!(loss < lowest_)) return;
    lowest_ = loss;
    best_ = epoch;
    waited_ = 0;
  }
  bool waited_enough() const { return waited_ >= kPatience; }
  int epoch() const { return best_; }

 private:
  double lowest_;
  int best_ = 0;
  int waited_ = 0;
};

// Tells of both runs, the one that looks for the number of epochs and the one over all rows, as of one.
class Progress {
 public:
  Progress(const ProgressSink& sink, int epochs) : sink_(sink) { now_.epochs = epochs; }
  void learned(int epoch, double loss, double validation_loss) {
    now_.epoch = epoch;
    now_.loss = loss;
    now_.validation_loss = validation_loss;
    now_.share = done_ + (1 - done_) / 2 * epoch / now_.epochs;
    if (sink_) sink_(now_);
  }
  void again(int epochs) {
    done_ = now_.share;
    now_.epochs = epochs;
  }

 private:
  const ProgressSink& sink_;
  TrainingProgress now_{.phase = "epochs"};
  double done_ = 0;
};

Error cancelled() {
  return {ErrorCode::kAborted, "training was cancelled"};
}

// After how many epochs the validation rows gain no more.
Result<int> enough_epochs(const TrainingInput& input, Learning& learning, const FactorRows& later,
                          Progress& progress) {
  const auto loss_of = [&](const FactorParameters& at) {
    return mean_loss(learning.slots, learning.of.factors, later, at);
  };
  FactorParameters plain = learning.trainer.parameters();
  std::ranges::fill(plain.vectors, 0.0F);
  BestEpoch best(loss_of(plain));
  const int most = static_cast<int>(input.plan.value("factorization.epochs"));
  for (int epoch = 1; epoch <= most && !best.waited_enough(); ++epoch) {
    const std::optional<double> loss = learning.trainer.epoch(input.stop);
    if (!loss) return cancelled();
    const double validation_loss = loss_of(learning.trainer.parameters());
    best.offer(epoch, validation_loss);
    progress.learned(epoch, *loss, validation_loss);
  }
  return best.epoch();
}

// Vectors and weights where they belong; the linear part stretched, with the intercept of the base rate.
void assemble(const FactorSlots& slots, FactorParameters learned, Factorisation& of) {
  const auto part = [&](std::size_t first, std::size_t last) {
    const auto begin = learned.vectors.begin();
    return std::vector<float>(begin + static_cast<std::ptrdiff_t>(first * of.factors),
                              begin + static_cast<std::ptrdiff_t>(last * of.factors));
  };
  of.of_inputs = part(0, slots.first_word());
  of.of_words = part(slots.first_word(), slots.first_item());
  of.of_items = part(slots.first_item(), slots.first_person());
  of.of_people = part(slots.first_person(), slots.size());
  of.item_weights = std::move(learned.weights);
  for (LinearInput& input : of.linear.inputs) {
    input.weight *= learned.stretch;
    input.absent *= learned.stretch;
  }
  for (float& weight : of.linear.word_weights) weight *= learned.stretch;
  of.linear.intercept *= learned.stretch;
}

// The model of so many epochs, its scores adding up to the labels of its rows; after none there are no
// vectors.
Result<std::shared_ptr<const Model>> learned_model(const TrainingInput& input, Learning& learning, int epochs,
                                                   Progress& progress) {
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    const std::optional<double> loss = learning.trainer.epoch(input.stop);
    if (!loss) return cancelled();
    progress.learned(epoch, *loss, 0);
  }
  FactorParameters learned = learning.trainer.parameters();
  if (epochs == 0) std::ranges::fill(learned.vectors, 0.0F);
  const LabelledRows& rows = learning.rows.rows;
  std::vector<double> log_odds;
  FactorPass pass(learning.slots, learning.of.factors);
  for (std::size_t r = 0; r < rows.rows(); ++r)
    log_odds.push_back(static_cast<double>(pass.score(learning.rows, {r, r + 1, 0}, learned)[0]));
  assemble(learning.slots, std::move(learned), learning.of);
  learning.of.linear.intercept += static_cast<float>(fitted_intercept(log_odds, rows.labels, rows.weights));
  return make_factorization_model(std::move(learning.of), input.domain);
}

}  // namespace

Result<std::shared_ptr<const Model>> train_factorization_family(const TrainingInput& input) {
  if (input.progress) input.progress({.phase = "features"});
  TrainingReport of_linear;
  Result<Linear> linear = earlier_linear_part(input, of_linear);
  if (!linear) return linear.error();
  for (const char* name : {"factorization.factors", "factorization.epochs", "factorization.learning_rate",
                           "factorization.penalty"}) {
    input.report.hyperparameters[name] = input.plan.value(name);
  }
  const int most = static_cast<int>(input.plan.value("factorization.epochs"));
  Progress progress(input.progress, most);
  Learning earlier(input, input.rows, *std::move(linear));
  const FactorRows later(input.validation, earlier.of, input.plan.objective);
  if (later.groups.empty()) {
    input.report.bounded = std::move(of_linear.bounded);
    return learned_model(input, earlier, std::min(most, kEpochsUnseen), progress);
  }
  const Result<int> epochs = enough_epochs(input, earlier, later, progress);
  if (!epochs) return epochs.error();
  progress.again(std::max(*epochs, 1));
  linear = linear_part(input, of_linear.hyperparameters, of_linear);
  if (!linear) return linear.error();
  input.report.bounded = std::move(of_linear.bounded);
  const LabelledRows all = joined(input.rows, input.validation);
  Learning whole(input, all, *std::move(linear));
  return learned_model(input, whole, *epochs, progress);
}

}  // namespace rankloop::ml
