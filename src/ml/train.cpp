// Calls a family and fits the calibration after it.
#include "ml/train.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "ml/calibration.h"
#include "ml/families/families.h"
#include "ml/feature_space.h"
#include "ml/gains.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

// Of labels that are shares.
Status check_classes(const LabelledRows& rows) {
  double positive = 0;
  double negative = 0;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    positive += static_cast<double>(rows.weight(r)) * static_cast<double>(rows.labels[r]);
    negative += static_cast<double>(rows.weight(r)) * (1 - static_cast<double>(rows.labels[r]));
  }
  if (!(positive > 0)) return invalid("no row is positive: there is nothing to learn");
  if (!(negative > 0)) return invalid("every row is positive: there is nothing to learn");
  return {};
}

Status check(const Domain& domain, const LabelledRows& rows) {
  const FeatureSpace space(domain);
  const std::size_t numbers = space.numbers_of_features();
  const std::size_t with_crosses = space.numbers().size();
  if (rows.width + space.codes().size() == 0 || (rows.width != numbers && rows.width != with_crosses)) {
    return invalid("the rows have " + std::to_string(rows.width) + " features, the domain has " +
                   std::to_string(numbers) + ", with crosses " + std::to_string(with_crosses));
  }
  if (rows.codes.size() != space.codes().size()) {
    return invalid("the rows have " + std::to_string(rows.codes.size()) +
                   " features of words, the domain has " + std::to_string(space.codes().size()));
  }
  if (rows.rows() == 0) return invalid("there are no rows to train on");
  if (rows.values.size() != rows.rows() * rows.width) {
    return invalid("there are " + std::to_string(rows.values.size()) + " values for " +
                   std::to_string(rows.rows()) + " rows of " + std::to_string(rows.width));
  }
  if (!rows.weights.empty() && rows.weights.size() != rows.rows()) {
    return invalid("there are " + std::to_string(rows.weights.size()) + " weights for " +
                   std::to_string(rows.rows()) + " rows");
  }
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    if (!(rows.labels[r] >= 0 && std::isfinite(rows.labels[r]))) {
      return invalid("row " + std::to_string(r + 1) + " has the label " + std::to_string(rows.labels[r]) +
                     ", labels are finite and 0 or more");
    }
    if (!(rows.weight(r) >= 0 && std::isfinite(rows.weight(r)))) {
      return invalid("row " + std::to_string(r + 1) + " has the weight " + std::to_string(rows.weight(r)) +
                     ", weights are 0 or more");
    }
  }
  return {};
}

std::string known_families() {
  std::string names;
  for (const Family& family : families()) names += (names.empty() ? "" : ", ") + std::string(family.name);
  return names;
}

}  // namespace

Result<std::shared_ptr<const Model>> train_model(const Domain& domain, const LabelledRows& given,
                                                 const LabelledRows& given_validation,
                                                 const TrainingPlan& plan, const ProgressSink& progress,
                                                 std::stop_token stop, TrainingReport* report) {
  const auto known = families();
  const auto family =
      std::find_if(known.begin(), known.end(), [&](const Family& f) { return f.name == plan.family; });
  if (family == known.end()) {
    return invalid("there is no model family '" + plan.family + "'; known are " + known_families());
  }
  if (Status sound = check(domain, given); !sound) return sound.error();
  const std::optional<RowsOfShares> shares = as_shares(given, given_validation);
  const LabelledRows& rows = shares ? shares->rows : given;
  const LabelledRows& validation = shares ? shares->validation : given_validation;
  if (Status sound = check_classes(rows); !sound) return sound.error();
  if (plan.objective == Objective::kListwise && rows.requests.empty()) {
    return invalid("a listwise objective needs to know which rows belong to one request");
  }
  TrainingReport unread;
  auto model = family->train(
      {domain, rows, validation, plan, progress, std::move(stop), report != nullptr ? *report : unread});
  if (!model || validation.rows() == 0) return model;
  if (progress) progress({.phase = "calibration", .share = 1});
  return (*model)->calibrated(
      fit_calibration(score_rows(**model, validation), validation.labels, validation.weights));
}

std::string_view name_of(Objective objective) {
  return objective == Objective::kListwise ? "listwise" : "logistic";
}

Result<Metrics> measure(const Model& model, const LabelledRows& rows) {
  const std::vector<float> raw = score_rows(model, rows);
  const std::vector<double> scores(raw.begin(), raw.end());
  const std::vector<double> labels(rows.labels.begin(), rows.labels.end());
  const std::vector<double> weights(rows.weights.begin(), rows.weights.end());
  std::vector<double> calibrated;
  for (const double score : scores) calibrated.push_back(model.calibration().apply(score));
  return evaluate({scores, labels, weights, rows.requests}, calibrated);
}

std::vector<float> score_rows(const Model& model, const LabelledRows& rows, std::uint64_t seed) {
  std::vector<float> scores(rows.rows());
  if (!model.draws() || rows.requests.empty()) {
    model.score_features(rows.view(), seed, scores);
    return scores;
  }
  for (std::size_t first = 0, last = 0; first < rows.rows(); first = last) {
    const std::int64_t request = rows.requests[first];
    while (last < rows.rows() && rows.requests[last] == request) ++last;
    model.score_features(rows.view().some(first, last - first),
                         mix_bits(seed ^ static_cast<std::uint64_t>(request)),
                         std::span{scores}.subspan(first, last - first));
  }
  return scores;
}

}  // namespace rankloop::ml
