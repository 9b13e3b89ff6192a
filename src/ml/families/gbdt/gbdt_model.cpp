// The model of trees: its artefact, its scores and its explanations.
#include "ml/families/gbdt/gbdt_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <numeric>
#include <optional>
#include <utility>

#include "ml/families/gbdt/trees.h"
#include "ml/feature_space.h"

namespace rankloop::ml {
namespace {

constexpr std::string_view kFamily = "gbdt";
constexpr std::uint32_t kFormat = 2;
constexpr std::uint32_t kFormatOfText = 1;      // of version 0.1: the trees as XGBoost's JSON
constexpr std::uint32_t kFormatWithShares = 3;  // the trees are followed by the shares that words count as
constexpr std::uint32_t kFormatWithWords = 4;   // ... or by the numbers of the words, column by column
constexpr std::size_t kPortionRows = 512;

constexpr float kAbsent = std::numeric_limits<float>::quiet_NaN();

std::string_view artefact_name_of(Objective objective) {
  return objective == Objective::kListwise ? "ndcg" : "logistic";
}

class GbdtModel final : public Model {
 public:
  GbdtModel(std::shared_ptr<const Booster> trees, std::shared_ptr<const Trees> values,
            std::shared_ptr<const WordNumbers> word_numbers, std::string feature_fingerprint)
      : trees_(std::move(trees)),
        values_(std::move(values)),
        word_numbers_(std::move(word_numbers)),
        feature_fingerprint_(std::move(feature_fingerprint)) {}

  std::string_view family() const override { return kFamily; }
  const std::string& feature_fingerprint() const override { return feature_fingerprint_; }

  std::shared_ptr<const CatalogScorer> bind(std::shared_ptr<const Catalog> catalog,
                                            const CatalogScorer* /*previous*/,
                                            std::size_t /*memory*/) const override {
    return bind_trees(trees_, word_numbers_, std::move(catalog));
  }

  void score_features(const FeatureRows& rows, std::uint64_t /*seed*/,
                      std::span<float> scores) const override {
    std::vector<float> inputs;
    const auto words = words_of(rows);
    for (std::size_t first = 0; first < scores.size(); first += kPortionRows) {
      const auto portion = scores.subspan(first, std::min(kPortionRows, scores.size() - first));
      const auto given = rows.values.subspan(first * rows.width, portion.size() * rows.width);
      if (rows.width == trees_->width()) {
        score_inputs(*trees_, given, portion);
        continue;
      }
      inputs_of(rows.some(first, portion.size()), portion.size(), words, inputs);
      score_inputs(*trees_, inputs, portion);
    }
  }

  Explanation explain(const FeatureRows& row) const override {
    std::vector<float> inputs;
    inputs_of(row, 1, words_of(row), inputs);
    const auto parts = trees_->contributions(inputs);
    if (!parts) throw std::bad_alloc();  // as score_inputs()
    const std::size_t known = std::min(row.width, numbers());
    const std::size_t words = std::min(row.codes.size(), columns_of_words());
    Explanation explanation;
    explanation.contributions.resize(row.width + row.codes.size());
    std::copy_n(parts->begin(), known, explanation.contributions.begin());
    std::copy_n(parts->begin() + static_cast<std::ptrdiff_t>(numbers()), words,
                explanation.contributions.begin() + static_cast<std::ptrdiff_t>(row.width));
    // Columns that the row does not even have are absent, which tells the trees something too: the base gets
    // all that is not told by itself.
    explanation.base =
        std::accumulate(parts->begin(), parts->end(), 0.0) -
        std::accumulate(explanation.contributions.begin(), explanation.contributions.end(), 0.0);
    return explanation;
  }

  std::shared_ptr<const Model> calibrated(const Calibration& calibration) const override {
    auto model = std::make_shared<GbdtModel>(*this);
    model->calibration_ = calibration;
    return model;
  }

  std::string save() const override {
    ByteWriter writer;
    writer.put(artefact_name_of(values_->objective));
    writer.put(static_cast<std::uint32_t>(values_->width));
    put_trees(*values_, writer);
    if (word_numbers_ != nullptr) word_numbers_->write(writer);
    return seal_artefact({std::string(kFamily), format(), feature_fingerprint_, calibration_, writer.take()});
  }

 private:
  std::uint32_t format() const {
    if (word_numbers_ == nullptr) return kFormat;
    return word_numbers_->any_themselves() ? kFormatWithWords : kFormatWithShares;
  }

  std::size_t columns_of_words() const { return word_numbers_ != nullptr ? word_numbers_->columns() : 0; }
  std::size_t numbers() const { return trees_->width() - columns_of_words(); }

  // What the words of rows count as; nothing where neither knows any.
  using Words = std::optional<WordNumbers::Translation>;
  Words words_of(const FeatureRows& rows) const {
    if (columns_of_words() == 0 || rows.codes.empty()) return std::nullopt;
    return WordNumbers::Translation(*word_numbers_, *rows.dictionary);
  }

  // What the trees see of some rows.
  void inputs_of(const FeatureRows& rows, std::size_t count, const Words& words,
                 std::vector<float>& inputs) const {
    const std::size_t width = trees_->width();
    inputs.assign(count * width, kAbsent);
    for (std::size_t i = 0; i < count; ++i) {
      std::ranges::copy(rows.values.subspan(i * rows.width, std::min(rows.width, numbers())),
                        inputs.begin() + static_cast<std::ptrdiff_t>(i * width));
    }
    if (!words) return;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t c = 0; c < std::min(rows.codes.size(), columns_of_words()); ++c)
        inputs[i * width + numbers() + c] = words->number(c, rows.codes_at(c, i));
    }
  }

  std::shared_ptr<const Booster> trees_;
  std::shared_ptr<const Trees> values_;              // what the booster was made from
  std::shared_ptr<const WordNumbers> word_numbers_;  // null in a domain without words
  std::string feature_fingerprint_;
};

Error not_trees(std::string_view why) {
  return {ErrorCode::kDataLoss,
          "the artefact of the gbdt model does not hold trees of this domain: " + std::string(why)};
}

// Do exactly the columns of words that are themselves split words?
bool split_their_columns(const Trees& trees, const WordNumbers* word_numbers) {
  const std::size_t columns = word_numbers != nullptr ? word_numbers->columns() : 0;
  const std::size_t numbers = trees.width - columns;
  for (const Tree& tree : trees.trees) {
    for (const TreeNode& node : tree) {
      if (node.is_leaf()) continue;
      const bool themselves =
          node.column >= numbers && word_numbers->way(node.column - numbers) == WordsAs::kThemselves;
      if (themselves == node.words.empty()) return false;
    }
  }
  return true;
}

Result<std::shared_ptr<const Model>> model_of(Result<Trees> trees,
                                              std::shared_ptr<const WordNumbers> word_numbers,
                                              const Domain& domain) {
  if (!trees) return not_trees(trees.error().message);
  const FeatureSpace space(domain);
  const std::size_t words = space.codes().size();
  if ((word_numbers != nullptr ? word_numbers->columns() : 0) != words)
    return not_trees("they know other words");
  if (trees->width != space.numbers_of_features() + words && trees->width != space.numbers().size() + words) {
    return not_trees("they are for " + std::to_string(trees->width) + " columns");
  }
  if (!split_their_columns(*trees, word_numbers.get())) return not_trees("they split words where none are");
  auto values = std::make_shared<const Trees>(*std::move(trees));
  auto booster = Booster::load(*values);
  if (!booster) return booster.error();
  return std::shared_ptr<const Model>(std::make_shared<const GbdtModel>(
      std::make_shared<const Booster>(*std::move(booster)), std::move(values), std::move(word_numbers),
      domain.feature_fingerprint));
}

}  // namespace

Result<std::shared_ptr<const Model>> make_gbdt_model(std::string_view trees, std::size_t width,
                                                     Objective objective,
                                                     std::shared_ptr<const WordNumbers> word_numbers,
                                                     const Domain& domain) {
  return model_of(read_trees(trees, width, objective), std::move(word_numbers), domain);
}

// A payload: the objective, the number of columns, the trees, what words count as.
Result<std::shared_ptr<const Model>> load_gbdt_model(const Artefact& artefact, const Domain& domain) {
  if (artefact.format < kFormatOfText || artefact.format > kFormatWithWords) {
    return Error(ErrorCode::kDataLoss,
                 "the artefact of the gbdt model has the unknown format " + std::to_string(artefact.format));
  }
  ByteReader reader(artefact.payload);
  const std::string_view name = reader.get_text();
  const std::uint32_t width = reader.get_number();
  const auto objective =
      name == artefact_name_of(Objective::kListwise) ? Objective::kListwise : Objective::kLogistic;
  if (name != artefact_name_of(objective)) return not_trees("it names no objective of this family");
  auto trees = artefact.format == kFormatOfText ? read_trees(reader.get_text(), width, objective)
                                                : get_trees(reader, width, objective);
  std::shared_ptr<const WordNumbers> word_numbers;
  if (trees && artefact.format >= kFormatWithShares) {
    bool sound = true;
    word_numbers = std::make_shared<const WordNumbers>(WordNumbers::read(
        reader, FeatureSpace(domain).codes().size(), artefact.format == kFormatWithShares, sound));
    if (!sound) return not_trees("what it says of words cannot be read");
  }
  if (trees && !reader.at_end()) return not_trees("it does not end where it should");
  auto model = model_of(std::move(trees), std::move(word_numbers), domain);
  if (!model) return model;
  return (*model)->calibrated(artefact.calibration);
}

void score_inputs(const Booster& trees, std::span<const float> inputs, std::span<float> scores) {
  if (!trees.predict(inputs, scores)) throw std::bad_alloc();
  // Beyond 16 a float would be 1.
  for (float& score : scores) score = 1 / (1 + std::exp(-std::clamp(score, -16.0F, 16.0F)));
}

}  // namespace rankloop::ml
