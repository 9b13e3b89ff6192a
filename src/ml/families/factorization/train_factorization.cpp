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

Result<Linear> linear_part(const TrainingInput& input) {
  TrainingPlan plan = input.plan;
  plan.hyperparameters.clear();  // logistic's own are not this family's
  const std::size_t split = split_row(input.rows, kPenaltyShare);
  const LabelledRows learned = slice(input.rows, 0, split);
  const LabelledRows held_out = slice(input.rows, split, input.rows.rows());
  TrainingReport report;
  const ProgressSink unheard;
  auto linear = fit_linear({input.domain, learned, held_out, plan, unheard, input.stop, report});
  if (linear) input.report.bounded = std::move(report.bounded);
  return linear;
}

// The parameters with the lowest loss on the validation rows so far, those without any vector among them.
class BestParameters {
 public:
  BestParameters(FactorParameters plain, double loss) : best_(std::move(plain)), lowest_(loss) {}
  void offer(const FactorParameters& parameters, double loss) {
    ++since_;
    if (!(loss < lowest_)) return;
    lowest_ = loss;
    best_ = parameters;
    since_ = 0;
  }
  bool waited_enough() const { return since_ >= kPatience; }
  FactorParameters take() { return std::move(best_); }

 private:
  FactorParameters best_;
  double lowest_;
  int since_ = 0;
};

Result<FactorParameters> learn(const TrainingInput& input, const Factorisation& shape,
                               const FactorSlots& slots, const FactorRows& rows) {
  const std::size_t k = shape.factors;
  const FactorRows later(input.validation, shape, input.plan.objective);
  const bool validated = !later.groups.empty();
  FactorTrainer trainer(slots, k, rows,
                        {input.plan.value("factorization.learning_rate"),
                         input.plan.value("factorization.penalty"), input.plan.seed});
  FactorParameters plain = trainer.parameters();
  std::ranges::fill(plain.vectors, 0.0F);
  BestParameters best(plain, mean_loss(slots, k, later, plain));
  TrainingProgress report{.phase = "epochs"};
  report.epochs = static_cast<int>(input.plan.value("factorization.epochs"));
  if (!validated) report.epochs = std::min(report.epochs, kEpochsUnseen);
  while (report.epoch < report.epochs && !best.waited_enough()) {
    const std::optional<double> loss = trainer.epoch(input.stop);
    if (!loss) return Error(ErrorCode::kAborted, "training was cancelled");
    ++report.epoch;
    report.loss = *loss;
    report.share = static_cast<double>(report.epoch) / report.epochs;
    if (validated) {
      report.validation_loss = mean_loss(slots, k, later, trainer.parameters());
      best.offer(trainer.parameters(), report.validation_loss);
    }
    if (input.progress) input.progress(report);
  }
  return validated ? best.take() : trainer.parameters();
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

}  // namespace

Result<std::shared_ptr<const Model>> train_factorization_family(const TrainingInput& input) {
  if (input.progress) input.progress({.phase = "features"});
  Result<Linear> linear = linear_part(input);
  if (!linear) return linear.error();
  Factorisation of;
  of.factors = static_cast<std::size_t>(input.plan.value("factorization.factors"));
  of.linear = *std::move(linear);
  of.inputs = inputs_of(input.rows, FeatureSpace(input.domain).numbers_of_features());
  of.items = known_items(input.rows, most_keys(of.factors));
  of.people = known_people(input.rows, most_keys(of.factors));
  const FactorSides sides(of, input.domain);
  const FactorSlots slots(of, sides);
  const FactorRows rows(input.rows, of, input.plan.objective);
  Result<FactorParameters> learned = learn(input, of, slots, rows);
  if (!learned) return learned.error();
  std::vector<double> log_odds;
  FactorPass pass(slots, of.factors);
  for (std::size_t r = 0; r < input.rows.rows(); ++r)
    log_odds.push_back(static_cast<double>(pass.score(rows, {r, r + 1, 0}, *learned)[0]));
  assemble(slots, *std::move(learned), of);
  of.linear.intercept +=
      static_cast<float>(fitted_intercept(log_odds, input.rows.labels, input.rows.weights));
  for (const char* name : {"factorization.factors", "factorization.epochs", "factorization.learning_rate",
                           "factorization.penalty"}) {
    input.report.hyperparameters[name] = input.plan.value(name);
  }
  return make_factorization_model(std::move(of), input.domain);
}

}  // namespace rankloop::ml
