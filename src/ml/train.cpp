#include "ml/train.h"

#include <algorithm>
#include <utility>

#include "ml/calibration.h"
#include "ml/families/families.h"

namespace rankloop::ml {
namespace {

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Status check(const Domain& domain, const LabelledRows& rows) {
  const std::size_t features = domain.features.size();
  const std::size_t with_crosses = features + domain.crosses.size();
  if (rows.features == 0 || (rows.features != features && rows.features != with_crosses)) {
    return invalid("the rows have " + std::to_string(rows.features) + " features, the domain has " +
                   std::to_string(features) + ", with crosses " + std::to_string(with_crosses));
  }
  if (rows.rows() == 0) return invalid("there are no rows to train on");
  if (rows.values.size() != rows.rows() * rows.features) {
    return invalid("there are " + std::to_string(rows.values.size()) + " values for " +
                   std::to_string(rows.rows()) + " rows of " + std::to_string(rows.features));
  }
  const auto [least, most] = std::minmax_element(rows.labels.begin(), rows.labels.end());
  if (!(*most > 0)) return invalid("no row is positive: there is nothing to learn");
  if (!(*least < 1)) return invalid("every row is positive: there is nothing to learn");
  return {};
}

std::string known_families() {
  std::string names;
  for (const Family& family : families()) names += (names.empty() ? "" : ", ") + std::string(family.name);
  return names;
}

}  // namespace

Result<std::shared_ptr<const Model>> train_model(const Domain& domain, const LabelledRows& rows,
                                                 const LabelledRows& validation, const TrainingPlan& plan,
                                                 const ProgressSink& progress, std::stop_token stop) {
  const auto known = families();
  const auto family =
      std::find_if(known.begin(), known.end(), [&](const Family& f) { return f.name == plan.family; });
  if (family == known.end()) {
    return invalid("there is no model family '" + plan.family + "'; known are " + known_families());
  }
  if (Status sound = check(domain, rows); !sound) return sound.error();
  auto model = family->train({domain, rows, validation, plan, progress, std::move(stop)});
  if (!model || validation.rows() == 0) return model;
  if (progress) progress({.phase = "calibration", .share = 1});
  return (*model)->calibrated(
      fit_calibration(score_rows(**model, validation), validation.labels, validation.weights));
}

std::vector<float> score_rows(const Model& model, const LabelledRows& rows, std::uint64_t seed) {
  std::vector<float> scores(rows.rows());
  model.score_features(rows.view(), seed, scores);
  return scores;
}

}  // namespace rankloop::ml
