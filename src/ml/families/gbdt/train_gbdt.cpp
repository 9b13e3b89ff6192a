#include "ml/families/gbdt/train_gbdt.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ml/families/gbdt/booster.h"
#include "ml/families/gbdt/gbdt_model.h"
#include "ml/random_numbers.h"
#include "ml/request_metrics.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kJudgedRows = 50'000;  // of the training rows, for the reported loss

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Status check(const GbdtRecipe& recipe) {
  if (recipe.depth < 1 || recipe.depth > 12) return invalid("depth must be from 1 to 12");
  if (recipe.most_trees < 1 || recipe.trees < 1 || recipe.patience < 1 || recipe.threads < 1) {
    return invalid("most_trees, trees, patience and threads must be 1 or more");
  }
  const auto is_share = [](double share) { return share > 0 && share <= 1; };
  if (!is_share(recipe.learning_rate) || !is_share(recipe.row_share) || !is_share(recipe.column_share)) {
    return invalid("learning_rate, row_share and column_share must be in (0, 1]");
  }
  if (!(recipe.least_weight >= 0)) return invalid("least_weight must be 0 or more");
  return {};
}

// How many rows each request has.
std::vector<unsigned> request_sizes(const LabelledRows& rows) {
  std::vector<unsigned> sizes;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    if (r == 0 || rows.requests[r] != rows.requests[r - 1]) sizes.push_back(0);
    ++sizes.back();
  }
  return sizes;
}

// Whole grades, whose gain in NDCG is 2^grade - 1. Of shares other than 0 and 1 there are four, each with
// about the share's part of the greatest gain.
std::vector<float> grades_of(std::span<const float> labels) {
  std::vector<float> grades(labels.begin(), labels.end());
  const auto is_share = [](float label) { return label > 0 && label < 1; };
  if (std::ranges::any_of(labels, is_share)) {
    for (float& grade : grades) grade = std::round(std::log2(1 + 15 * std::clamp(grade, 0.0F, 1.0F)));
  }
  return grades;
}

// One weight a request: the mean of its rows'.
std::vector<float> request_weights(const LabelledRows& rows, std::span<const unsigned> sizes) {
  std::vector<float> weights;
  std::size_t row = 0;
  for (const unsigned size : sizes) {
    float sum = 0;
    for (unsigned i = 0; i < size; ++i) sum += rows.weight(row++);
    weights.push_back(sum / static_cast<float>(size));
  }
  return weights;
}

Result<BinnedMatrix> binned(const LabelledRows& rows, const BinnedMatrix* like, const GbdtRecipe& recipe,
                            const std::stop_token& stop) {
  auto matrix = BinnedMatrix::make(rows, like, recipe.threads, stop);
  if (!matrix || like != nullptr) return matrix;  // only what is trained on needs more than its values
  Status set;
  if (recipe.objective == Objective::kListwise) {
    const std::vector<unsigned> sizes = request_sizes(rows);
    set = matrix->set_groups(sizes);
    if (set) set = matrix->set_labels(grades_of(rows.labels));
    if (set && !rows.weights.empty()) set = matrix->set_weights(request_weights(rows, sizes));
  } else {
    set = matrix->set_labels(rows.labels);
    if (set && !rows.weights.empty()) set = matrix->set_weights(rows.weights);
  }
  if (!set) return set.error();
  return matrix;
}

// The weighted mean cross-entropy of every `step`th row.
double cross_entropy(const LabelledRows& rows, std::span<const float> margins, std::size_t step) {
  double sum = 0;
  double weights = 0;
  for (std::size_t r = 0; r < rows.rows(); r += step) {
    const auto margin = static_cast<double>(margins[r]);
    const auto label = static_cast<double>(rows.labels[r]);
    const auto weight = static_cast<double>(rows.weight(r));
    sum += weight * (std::max(margin, 0.0) - margin * label + std::log1p(std::exp(-std::abs(margin))));
    weights += weight;
  }
  return weights > 0 ? sum / weights : 0;
}

// 1 - the mean NDCG@10, over about the first `most` rows.
double ranking_loss(const LabelledRows& rows, std::span<const float> margins, std::size_t most) {
  RequestJudge judge(Gain::kLinear, ReciprocalRank::kBestPositive);
  std::vector<double> scores;
  std::vector<double> labels;
  double sum = 0;
  double weights = 0;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    scores.push_back(static_cast<double>(margins[r]));
    labels.push_back(static_cast<double>(rows.labels[r]));
    if (r + 1 < rows.rows() && rows.requests[r + 1] == rows.requests[r]) continue;
    if (const auto ndcg = judge.judge(scores, labels).ndcg.back()) {
      const auto weight = static_cast<double>(rows.weight(r));
      sum += weight * *ndcg;
      weights += weight;
    }
    scores.clear();
    labels.clear();
    if (r >= most) break;
  }
  return weights > 0 ? 1 - sum / weights : 0;
}

std::vector<std::pair<std::string_view, std::string>> parameters_of(const GbdtRecipe& recipe,
                                                                    const LabelledRows& rows) {
  std::vector<std::pair<std::string_view, std::string>> parameters = {
      {"nthread", std::to_string(recipe.threads)},
      {"seed", std::to_string(mix_bits(recipe.seed) >> 33)},  // the library keeps 31 bits
      {"tree_method", "hist"},
      {"max_bin", std::to_string(BinnedMatrix::kBins)},
      {"max_depth", std::to_string(recipe.depth)},
      {"eta", std::to_string(recipe.learning_rate)},
      {"subsample", std::to_string(recipe.row_share)},
      {"colsample_bytree", std::to_string(recipe.column_share)},
      {"min_child_weight", std::to_string(recipe.least_weight)},
  };
  if (recipe.objective == Objective::kListwise) {
    parameters.emplace_back("objective", "rank:ndcg");
    parameters.emplace_back("base_score", "0");
    parameters.emplace_back("num_pairsample", "4");
    return parameters;
  }
  double sum = 0;
  double weights = 0;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    sum += static_cast<double>(rows.labels[r]) * static_cast<double>(rows.weight(r));
    weights += static_cast<double>(rows.weight(r));
  }
  parameters.emplace_back("objective", "binary:logistic");
  // The trees begin at the mean label.
  parameters.emplace_back("base_score", std::to_string(std::clamp(sum / weights, 1e-5, 1 - 1e-5)));
  return parameters;
}

class Training {
 public:
  Training(const LabelledRows& rows, const LabelledRows& validation, const GbdtRecipe& recipe)
      : rows_(rows), validation_(validation), recipe_(recipe) {}

  // Bins the rows. Errors as train_gbdt().
  Status prepare(const std::stop_token& stop) {
    auto matrix = binned(rows_, nullptr, recipe_, stop);
    if (!matrix) return matrix.error();
    matrix_.emplace(std::move(*matrix));
    std::vector<const BinnedMatrix*> matrices = {&*matrix_};
    if (validation_.rows() > 0) {
      auto later = binned(validation_, &*matrix_, recipe_, stop);
      if (!later) return later.error();
      validation_matrix_.emplace(std::move(*later));
      matrices.push_back(&*validation_matrix_);
    }
    auto booster = Booster::start(matrices, parameters_of(recipe_, rows_));
    if (!booster) return booster.error();
    booster_.emplace(std::move(*booster));
    return {};
  }

  // Adds trees until it has enough, and returns the best ones.
  Result<std::string> run(const ProgressSink& progress, const std::stop_token& stop) {
    const int most = validation_matrix_ ? recipe_.most_trees : recipe_.trees;
    int best = most;
    double best_loss = std::numeric_limits<double>::infinity();
    for (int round = 0; round < most; ++round) {
      if (stop.stop_requested()) return Error(ErrorCode::kAborted, "training was cancelled");
      if (const Status added = booster_->add_tree(round, *matrix_); !added) return added.error();
      TrainingProgress step{.phase = "trees", .epoch = round + 1, .epochs = most};
      if (validation_matrix_) {
        if (const Status judged =
                judge(validation_, *validation_matrix_, validation_.rows(), step.validation_loss);
            !judged) {
          return judged.error();
        }
        if (step.validation_loss < best_loss) {
          best_loss = step.validation_loss;
          best = round + 1;
        }
      }
      const bool last = round + 1 == most || (validation_matrix_ && round + 1 - best >= recipe_.patience);
      if (progress) {
        if (const Status judged = judge(rows_, *matrix_, kJudgedRows, step.loss); !judged)
          return judged.error();
        step.share = last ? 1 : static_cast<double>(round + 1) / most;
        progress(step);
      }
      if (last) break;
    }
    return booster_->text(best);
  }

 private:
  Status judge(const LabelledRows& rows, const BinnedMatrix& matrix, std::size_t most, double& loss) {
    if (const Status read = booster_->margins(matrix, margins_); !read) return read;
    loss = recipe_.objective == Objective::kListwise
               ? ranking_loss(rows, margins_, most)
               : cross_entropy(rows, margins_, std::max<std::size_t>(1, rows.rows() / most));
    return {};
  }

  const LabelledRows& rows_;
  const LabelledRows& validation_;
  const GbdtRecipe& recipe_;
  std::optional<BinnedMatrix> matrix_;
  std::optional<BinnedMatrix> validation_matrix_;
  std::optional<Booster> booster_;  // last: it goes before its matrices
  std::vector<float> margins_;
};

}  // namespace

Result<std::shared_ptr<const Model>> train_gbdt(const Domain& domain, const LabelledRows& rows,
                                                const LabelledRows& validation, const GbdtRecipe& recipe,
                                                const ProgressSink& progress, std::stop_token stop) {
  if (const Status sound = check(recipe); !sound) return sound.error();
  if (recipe.objective == Objective::kListwise) {
    if (rows.requests.empty() || (validation.rows() > 0 && validation.requests.empty())) {
      return invalid("a listwise objective needs to know which rows belong to one request");
    }
  }
  if (progress) progress({.phase = "features"});
  Training training(rows, validation, recipe);
  if (const Status prepared = training.prepare(stop); !prepared) return prepared.error();
  const auto trees = training.run(progress, stop);
  if (!trees) return trees.error();
  return make_gbdt_model(*trees, rows.features, recipe.objective, domain);
}

Result<std::shared_ptr<const Model>> train_gbdt_family(const TrainingInput& input) {
  GbdtRecipe recipe;
  recipe.objective = input.plan.objective;
  recipe.threads = input.plan.threads;
  recipe.seed = input.plan.seed;
  return train_gbdt(input.domain, input.rows, input.validation, recipe, input.progress, input.stop);
}

}  // namespace rankloop::ml
