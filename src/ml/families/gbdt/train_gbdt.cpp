// The rounds of boosting and when they end.
#include "ml/families/gbdt/train_gbdt.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ml/families/gbdt/booster.h"
#include "ml/families/gbdt/gbdt_model.h"
#include "ml/families/gbdt/gradients.h"
#include "ml/families/gbdt/held_out.h"
#include "ml/families/gbdt/word_numbers.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kFolds = 5;
constexpr std::size_t kFewLists = 10;          // below this, leaving some out tells nothing
constexpr std::size_t kFewValues = 1'000'000;  // up to this, five more fits are cheap
constexpr int kTreesUnseen = 60;               // where nothing can be left out
constexpr std::array kDepths = {3, 6};

Error invalid(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Status check(const GbdtRecipe& recipe) {
  if (recipe.depth < 0 || recipe.depth > 12) return invalid("depth must be from 0 to 12");
  if (recipe.trees < 0) return invalid("trees must be 0 or more");
  if (recipe.most_trees < 1 || recipe.patience < 1 || recipe.threads < 1) {
    return invalid("most_trees, patience and threads must be 1 or more");
  }
  const auto is_share = [](double share) { return share > 0 && share <= 1; };
  if (!is_share(recipe.learning_rate) || !is_share(recipe.row_share) || !is_share(recipe.column_share)) {
    return invalid("learning_rate, row_share and column_share must be in (0, 1]");
  }
  if (!(recipe.least_weight >= 0)) return invalid("least_weight must be 0 or more");
  return {};
}

// The library rounds down, so of two columns it would draw one, and no tree would see both.
double column_share(double share, std::size_t columns) {
  constexpr std::size_t kFew = 5;
  return columns < kFew ? 1 : share;
}

std::vector<std::pair<std::string_view, std::string>> parameters_of(const GbdtRecipe& recipe, int depth,
                                                                    std::size_t columns, double mean_label) {
  std::vector<std::pair<std::string_view, std::string>> parameters = {
      {"nthread", std::to_string(recipe.threads)},
      {"seed", std::to_string(mix_bits(recipe.seed) >> 33)},  // the library keeps 31 bits
      {"tree_method", "hist"},
      {"max_bin", std::to_string(BinnedMatrix::kBins)},
      {"max_depth", std::to_string(depth)},
      {"eta", std::to_string(recipe.learning_rate)},
      {"colsample_bytree", std::to_string(column_share(recipe.column_share, columns))},
      {"min_child_weight", std::to_string(recipe.least_weight)},
  };
  // The derivatives are ours; the library's objective only says what a margin begins with.
  if (recipe.objective == Objective::kListwise) {
    parameters.emplace_back("objective", "rank:ndcg");
    parameters.emplace_back("base_score", "0");
  } else {
    parameters.emplace_back("objective", "binary:logistic");
    parameters.emplace_back("base_score", std::to_string(std::clamp(mean_label, 1e-5, 1 - 1e-5)));
  }
  return parameters;
}

// Trees that learn from all lists but some.
class Fit {
 public:
  // `fold`: whose lists are left out; kNobody: the later ones.
  Fit(Booster booster, const HeldOut& held_out, std::size_t fold, std::uint64_t seed)
      : booster_(std::move(booster)), held_out_(held_out), fold_(fold), random_(mix_bits(seed + fold)) {}

  bool leaves_out(std::size_t list) const {
    return fold_ == HeldOut::kNobody ? held_out_.later(list) : held_out_.fold(list) == fold_;
  }

  Status start(const BinnedMatrix& matrix) { return booster_.margins(matrix, margins_); }

  // `row_share`: of the lists, drawn for this tree. The gradients are scratch memory.
  Status add_tree(const BinnedMatrix& matrix, const Gradients& loss, double row_share,
                  RowGradients& gradients) {
    drawn_.resize(held_out_.lists());
    for (std::size_t list = 0; list < drawn_.size(); ++list) {
      drawn_[list] = random_.uniform(0, 1) < row_share && !leaves_out(list) ? 1 : 0;
    }
    loss.fill(margins_, drawn_, gradients);
    if (const Status added = booster_.add_tree(matrix, gradients.first, gradients.second); !added)
      return added;
    return booster_.margins(matrix, margins_);
  }

  // Over the lists that it leaves out, or over those that it learns from.
  void add_loss(const Gradients& loss, bool left_out, SummedLoss& sum) const {
    for (std::size_t list = 0; list < held_out_.lists(); ++list) {
      if (leaves_out(list) != left_out) continue;
      const SummedLoss one = loss.loss(list, margins_);
      sum.sum += one.sum;
      sum.weight += one.weight;
    }
  }

  Result<std::string> text(int trees) const { return booster_.text(trees); }

 private:
  Booster booster_;
  const HeldOut& held_out_;
  std::size_t fold_;
  RandomNumbers random_;
  std::vector<float> margins_;
  std::vector<unsigned char> drawn_;
};

// How many fits leave a part of the lists out, beside the model itself.
std::size_t folds_of(const GbdtRecipe& recipe, const LabelledRows& rows, const LabelledRows& validation) {
  if (recipe.trees > 0) return 0;
  if ((rows.rows() + validation.rows()) * (rows.width + rows.codes.size()) <= kFewValues) return kFolds;
  return validation.rows() > 0 ? 0 : 1;
}

class Training {
 public:
  Training(const LabelledRows& rows, const LabelledRows& validation, const GbdtRecipe& recipe,
           const ProgressSink& progress, const std::stop_token& stop)
      : rows_(rows),
        validation_(validation),
        recipe_(recipe),
        progress_(progress),
        stop_(stop),
        folds_(folds_of(recipe, rows, validation)),
        held_out_(rows, validation, folds_, recipe.seed),
        gradients_(held_out_, recipe.objective) {}

  // Grows trees by all ways that the recipe leaves open; the best are kept. Errors as train_gbdt().
  Status run(const Domain& domain) {
    const bool fixed = recipe_.trees > 0 || held_out_.lists() < kFewLists;
    std::vector<int> depths(kDepths.begin(), kDepths.end());
    if (recipe_.depth > 0) depths = {recipe_.depth};
    if (fixed) depths.resize(1);
    const WordWays shares(rows_.codes.size(), WordsAs::kShares);
    const WordWays themselves = words_themselves(domain, rows_, depths.back());
    const bool different = themselves != shares;
    const bool both = !recipe_.words && different && !fixed;
    const bool shares_first = !different || recipe_.words != WordsAs::kThemselves;
    step_.epochs = fixed ? (recipe_.trees > 0 ? recipe_.trees : kTreesUnseen) : recipe_.most_trees;
    share_of_depth_ = 1.0 / static_cast<double>(depths.size() + (both ? 1 : 0));
    if (const Status grown = grow_all(shares_first ? shares : themselves, depths, fixed); !grown)
      return grown;
    return both ? grow_all(themselves, std::array{depths.back()}, fixed) : Status();
  }

  Result<std::shared_ptr<const Model>> model(const Domain& domain) const {
    return make_gbdt_model(best_, width(), recipe_.objective, words_, domain);
  }
  const GbdtChoice& choice() const { return choice_; }

 private:
  std::size_t width() const { return rows_.width + rows_.codes.size(); }

  // Trees of several depths that see words in one way.
  Status grow_all(const WordWays& ways, std::span<const int> depths, bool fixed) {
    if (const Status looked = look(ways); !looked) return looked;
    for (const int depth : depths) {
      if (const Status grown = grow(depth, fixed); !grown) return grown;
      step_.share += share_of_depth_;
    }
    return {};
  }

  // Bins the rows, with a number for each column of words behind the others.
  Status look(const WordWays& ways) {
    std::vector<const LabelledRows*> parts = {&rows_};
    if (validation_.rows() > 0) parts.push_back(&validation_);
    std::vector<LabelledRows> encoded(parts.size());
    std::vector<bool> of_words(rows_.width, false);
    words_seen_ = nullptr;
    if (!ways.empty()) {
      words_seen_ = std::make_shared<const WordNumbers>(WordNumbers::fit(parts, ways, encoded));
      for (std::size_t part = 0; part < parts.size(); ++part) {
        encoded[part].labels = parts[part]->labels;  // as many as rows
        parts[part] = &encoded[part];
      }
      for (const WordsAs way : ways) of_words.push_back(way == WordsAs::kThemselves);
    }
    auto matrix = BinnedMatrix::make(parts, of_words, recipe_.threads, stop_);
    if (!matrix) return matrix.error();
    matrix_.emplace(std::move(*matrix));
    return {};
  }

  Result<std::vector<Fit>> start_fits(int depth, bool fixed) const {
    std::vector<Fit> fits;
    const std::size_t folds = fixed ? 0 : folds_;
    for (std::size_t fold = 0; fold <= folds; ++fold) {
      auto booster =
          Booster::start(*matrix_, parameters_of(recipe_, depth, width(), gradients_.mean_label()));
      if (!booster) return booster.error();
      fits.emplace_back(std::move(*booster), held_out_, fold < folds ? fold : HeldOut::kNobody, recipe_.seed);
      if (const Status started = fits.back().start(*matrix_); !started) return started.error();
    }
    return fits;
  }

  // Adds trees of one depth to all fits until the lists left out have had enough; the last fit is the model.
  Status grow(int depth, bool fixed) {
    auto fits = start_fits(depth, fixed);
    if (!fits) return fits.error();
    const std::span judges = fits->size() > 1 ? std::span(*fits).first(fits->size() - 1) : std::span(*fits);
    int best = step_.epochs;
    double least = std::numeric_limits<double>::infinity();
    for (int round = 1; round <= step_.epochs; ++round) {
      for (Fit& fit : *fits) {
        if (stop_.stop_requested()) return Error(ErrorCode::kAborted, "training was cancelled");
        if (const Status added = fit.add_tree(*matrix_, gradients_, recipe_.row_share, scratch_); !added)
          return added;
      }
      SummedLoss left_out;
      for (const Fit& fit : judges) fit.add_loss(gradients_, true, left_out);
      const double loss = left_out.mean();
      if (!fixed && loss < least) {
        least = loss;
        best = round;
      }
      const bool last = round == step_.epochs || (!fixed && round - best >= recipe_.patience);
      report(fits->back(), round, loss, last);
      if (last) break;
    }
    if (!(least < least_) && !best_.empty()) return {};
    auto text = fits->back().text(best);
    if (!text) return text.error();
    best_ = *std::move(text);
    least_ = least;
    words_ = words_seen_;
    choice_ = {depth, best,
               words_ != nullptr && words_->any_themselves() ? WordsAs::kThemselves : WordsAs::kShares};
    return {};
  }

  void report(const Fit& model, int round, double validation_loss, bool last) {
    if (!progress_) return;
    SummedLoss seen;
    model.add_loss(gradients_, false, seen);
    TrainingProgress now = step_;
    now.epoch = round;
    now.loss = seen.mean();
    now.validation_loss = validation_loss;
    now.share += share_of_depth_ * (last ? 1 : static_cast<double>(round) / step_.epochs);
    progress_(now);
  }

  const LabelledRows& rows_;
  const LabelledRows& validation_;
  const GbdtRecipe& recipe_;
  const ProgressSink& progress_;
  const std::stop_token& stop_;
  const std::size_t folds_;
  const HeldOut held_out_;
  const Gradients gradients_;
  std::optional<BinnedMatrix> matrix_;
  RowGradients scratch_;
  TrainingProgress step_{.phase = "trees"};
  double share_of_depth_ = 1;
  std::shared_ptr<const WordNumbers> words_seen_;  // by the matrix; null in a domain without words
  // The best trees, what words count as to them, and how they were chosen.
  std::string best_;
  std::shared_ptr<const WordNumbers> words_;
  double least_ = std::numeric_limits<double>::infinity();
  GbdtChoice choice_;
};

}  // namespace

Result<std::shared_ptr<const Model>> train_gbdt(const Domain& domain, const LabelledRows& rows,
                                                const LabelledRows& validation, const GbdtRecipe& recipe,
                                                const ProgressSink& progress, const std::stop_token& stop,
                                                GbdtChoice* choice) {
  if (const Status sound = check(recipe); !sound) return sound.error();
  if (recipe.objective == Objective::kListwise) {
    if (rows.requests.empty() || (validation.rows() > 0 && validation.requests.empty())) {
      return invalid("a listwise objective needs to know which rows belong to one request");
    }
  }
  if (progress) progress({.phase = "features"});
  Training training(rows, validation, recipe, progress, stop);
  if (const Status grown = training.run(domain); !grown) return grown.error();
  if (choice != nullptr) *choice = training.choice();
  return training.model(domain);
}

Result<std::shared_ptr<const Model>> train_gbdt_family(const TrainingInput& input) {
  GbdtRecipe recipe;
  recipe.objective = input.plan.objective;
  recipe.threads = input.plan.threads;
  recipe.seed = input.plan.seed;
  recipe.depth = static_cast<int>(input.plan.value("gbdt.depth"));
  recipe.trees = static_cast<int>(input.plan.value("gbdt.trees"));
  recipe.learning_rate = input.plan.value("gbdt.learning_rate");
  recipe.row_share = input.plan.value("gbdt.row_share");
  recipe.column_share = input.plan.value("gbdt.column_share");
  recipe.least_weight = input.plan.value("gbdt.least_weight");
  // 0: both ways are tried.
  if (const auto words = input.plan.value("gbdt.words"); words > 0)
    recipe.words = words > 1 ? WordsAs::kThemselves : WordsAs::kShares;
  GbdtChoice choice;
  auto model =
      train_gbdt(input.domain, input.rows, input.validation, recipe, input.progress, input.stop, &choice);
  input.report.hyperparameters = {{"gbdt.depth", choice.depth},
                                  {"gbdt.trees", choice.trees},
                                  {"gbdt.words", choice.words == WordsAs::kThemselves ? 2 : 1},
                                  {"gbdt.learning_rate", recipe.learning_rate},
                                  {"gbdt.row_share", recipe.row_share},
                                  {"gbdt.column_share", recipe.column_share},
                                  {"gbdt.least_weight", recipe.least_weight}};
  return model;
}

}  // namespace rankloop::ml
