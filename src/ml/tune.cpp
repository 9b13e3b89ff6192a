// Draws trials, trains and judges them, and puts them in order.
#include "ml/tune.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "domain/strict_json.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

constexpr double kHeldOut = 0.1;  // of the training requests, for what a training chooses by itself
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Three significant digits: as good a draw, and one that people can read and type.
double rounded(double number) {
  if (number == 0) return 0;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(number))) - 2);
  return unit < 1 ? std::round(number / unit) / std::round(1 / unit) : std::round(number / unit) * unit;
}

double drawn(const Hyperparameter& of, RandomNumbers& random) {
  const Hyperparameter::Search& search = *of.search;
  if (of.whole && !search.logarithmic)
    return search.low + random.below(static_cast<std::uint32_t>(search.high - search.low) + 1);
  const double number = search.logarithmic
                            ? std::exp(random.uniform(std::log(search.low), std::log(search.high)))
                            : random.uniform(search.low, search.high);
  return std::clamp(of.whole ? std::round(number) : rounded(number), search.low, search.high);
}

std::vector<const Hyperparameter*> searched(const TrainingPlan& plan) {
  std::vector<const Hyperparameter*> searched;
  for (const Hyperparameter& each : hyperparameters()) {
    if (each.family() == plan.family && each.search && !plan.hyperparameters.contains(each.name))
      searched.push_back(&each);
  }
  return searched;
}

MetricName judge_by(const LabelledRows& validation, const Metrics& first) {
  return !validation.requests.empty() && first.ndcg.back() ? MetricName::kNdcg10 : MetricName::kLogloss;
}

bool is_better(MetricName metric, double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return !std::isnan(a);
  return greater_is_better(metric) ? a > b : a < b;
}

}  // namespace

double figure_of(const Trial& trial, MetricName judged_by) {
  const std::optional<double>& figure =
      judged_by == MetricName::kLogloss ? trial.metrics.logloss : trial.metrics.ndcg.back();
  return figure.value_or(kNone);
}

Result<Tuning> tune(const Domain& domain, const LabelledRows& rows, const LabelledRows& validation,
                    const TrainingPlan& plan, std::size_t trials,
                    const std::function<void(const TuningProgress&)>& progress, const std::stop_token& stop) {
  const std::vector<const Hyperparameter*> search = searched(plan);
  if (search.empty())
    return Error{ErrorCode::kInvalidArgument, "nothing of the family " + plan.family + " is left to search"};
  const std::size_t split = split_row(rows, kHeldOut);
  if (validation.rows() == 0 || split == rows.rows() || split == 0)
    return Error{ErrorCode::kInvalidArgument, "there are too few requests to hold some out for a search"};
  const LabelledRows learned = slice(rows, 0, split);
  const LabelledRows held_out = slice(rows, split, rows.rows());
  RandomNumbers random(mix_bits(plan.seed ^ hash_text("tune")));
  Tuning tuning;
  TuningProgress state{.best = kNone};
  for (; state.done < trials; ++state.done) {
    Trial trial;
    TrainingPlan trial_plan = plan;
    if (state.done > 0) {
      for (const Hyperparameter* each : search) trial.drawn[std::string(each->name)] = drawn(*each, random);
      trial_plan.hyperparameters.insert(trial.drawn.begin(), trial.drawn.end());
    }
    const auto tell = [&](const TrainingProgress& training) {
      state.share = training.share;
      if (progress) progress(state);
    };
    const auto model = train_model(domain, learned, held_out, trial_plan, tell, stop);
    if (!model) return model.error();
    const Result<Metrics> metrics = measure(**model, validation);
    if (!metrics) return metrics.error();
    trial.metrics = *metrics;
    if (state.done == 0) tuning.judged_by = judge_by(validation, trial.metrics);
    const double figure = figure_of(trial, tuning.judged_by);
    if (is_better(tuning.judged_by, figure, state.best)) state.best = figure;
    tuning.trials.push_back(std::move(trial));
  }
  std::stable_sort(tuning.trials.begin(), tuning.trials.end(), [&](const Trial& a, const Trial& b) {
    return is_better(tuning.judged_by, figure_of(a, tuning.judged_by), figure_of(b, tuning.judged_by));
  });
  return tuning;
}

std::string set_line(const Hyperparameters& given) {
  std::string line;
  for (const auto& [name, value] : given) {
    line += " --set " + name + "=";
    append_json_number(line, value);
  }
  return line;
}

}  // namespace rankloop::ml
