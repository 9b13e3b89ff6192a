// The model of trees: its artefact, its scores and its explanations.
#include "ml/families/gbdt/gbdt_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <utility>

#include "ml/families/gbdt/trees.h"

namespace rankloop::ml {
namespace {

constexpr std::string_view kFamily = "gbdt";
constexpr std::uint32_t kFormat = 2;
constexpr std::uint32_t kFormatOfText = 1;  // of version 0.1: the trees as XGBoost's JSON
constexpr std::size_t kPortionRows = 512;

constexpr float kAbsent = std::numeric_limits<float>::quiet_NaN();

std::string_view artefact_name_of(Objective objective) {
  return objective == Objective::kListwise ? "ndcg" : "logistic";
}

class GbdtModel final : public Model {
 public:
  GbdtModel(std::shared_ptr<const Booster> trees, std::shared_ptr<const Trees> values,
            std::string feature_fingerprint)
      : trees_(std::move(trees)),
        values_(std::move(values)),
        feature_fingerprint_(std::move(feature_fingerprint)) {}

  std::string_view family() const override { return kFamily; }
  const std::string& feature_fingerprint() const override { return feature_fingerprint_; }

  std::shared_ptr<const CatalogScorer> bind(std::shared_ptr<const Catalog> catalog,
                                            const CatalogScorer* /*previous*/,
                                            std::size_t /*memory*/) const override {
    return bind_trees(trees_, std::move(catalog));
  }

  void score_features(const FeatureRows& rows, std::uint64_t /*seed*/,
                      std::span<float> scores) const override {
    const std::size_t width = trees_->width();
    std::vector<float> inputs;
    for (std::size_t first = 0; first < scores.size(); first += kPortionRows) {
      const auto portion = scores.subspan(first, std::min(kPortionRows, scores.size() - first));
      const auto given = rows.values.subspan(first * rows.width, portion.size() * rows.width);
      if (rows.width == width) {
        score_inputs(*trees_, given, portion);
        continue;
      }
      inputs.assign(portion.size() * width, kAbsent);
      for (std::size_t i = 0; i < portion.size(); ++i) {
        std::ranges::copy(given.subspan(i * rows.width, std::min(rows.width, width)),
                          inputs.begin() + static_cast<std::ptrdiff_t>(i * width));
      }
      score_inputs(*trees_, inputs, portion);
    }
  }

  Explanation explain(const FeatureRows& row) const override {
    std::vector<float> inputs(trees_->width(), kAbsent);
    const std::size_t known = std::min(row.width, inputs.size());
    std::copy_n(row.values.begin(), known, inputs.begin());
    const auto parts = trees_->contributions(inputs);
    if (!parts) throw std::bad_alloc();  // as score_inputs()
    Explanation explanation;
    explanation.contributions.resize(row.width);
    std::copy_n(parts->begin(), known, explanation.contributions.begin());
    explanation.base = static_cast<double>(parts->back());
    // Columns that the row does not even have are absent, which tells the trees something too.
    for (std::size_t c = known; c < inputs.size(); ++c) explanation.base += static_cast<double>((*parts)[c]);
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
    return seal_artefact({std::string(kFamily), kFormat, feature_fingerprint_, calibration_, writer.take()});
  }

 private:
  std::shared_ptr<const Booster> trees_;
  std::shared_ptr<const Trees> values_;  // what the booster was made from
  std::string feature_fingerprint_;
};

Error not_trees(std::string_view why) {
  return {ErrorCode::kDataLoss,
          "the artefact of the gbdt model does not hold trees of this domain: " + std::string(why)};
}

Result<std::shared_ptr<const Model>> model_of(Result<Trees> trees, const Domain& domain) {
  if (!trees) return not_trees(trees.error().message);
  const std::size_t features = domain.features.size();
  if (trees->width != features && trees->width != features + domain.crosses.size()) {
    return not_trees("they are for " + std::to_string(trees->width) + " columns");
  }
  auto values = std::make_shared<const Trees>(*std::move(trees));
  auto booster = Booster::load(*values);
  if (!booster) return booster.error();
  return std::shared_ptr<const Model>(std::make_shared<const GbdtModel>(
      std::make_shared<const Booster>(*std::move(booster)), std::move(values), domain.feature_fingerprint));
}

}  // namespace

Result<std::shared_ptr<const Model>> make_gbdt_model(std::string_view trees, std::size_t width,
                                                     Objective objective, const Domain& domain) {
  return model_of(read_trees(trees, width, objective), domain);
}

// A payload: the objective, the number of columns, the trees.
Result<std::shared_ptr<const Model>> load_gbdt_model(const Artefact& artefact, const Domain& domain) {
  if (artefact.format != kFormat && artefact.format != kFormatOfText) {
    return Error(ErrorCode::kDataLoss,
                 "the artefact of the gbdt model has the unknown format " + std::to_string(artefact.format));
  }
  ByteReader reader(artefact.payload);
  const std::string_view name = reader.get_text();
  const std::uint32_t width = reader.get_number();
  const auto objective =
      name == artefact_name_of(Objective::kListwise) ? Objective::kListwise : Objective::kLogistic;
  if (name != artefact_name_of(objective)) return not_trees("it names no objective of this family");
  auto trees = artefact.format == kFormat ? get_trees(reader, width, objective)
                                          : read_trees(reader.get_text(), width, objective);
  if (trees && !reader.at_end()) return not_trees("it does not end where it should");
  auto model = model_of(std::move(trees), domain);
  if (!model) return model;
  return (*model)->calibrated(artefact.calibration);
}

void score_inputs(const Booster& trees, std::span<const float> inputs, std::span<float> scores) {
  if (!trees.predict(inputs, scores)) throw std::bad_alloc();
  // Beyond 16 a float would be 1.
  for (float& score : scores) score = 1 / (1 + std::exp(-std::clamp(score, -16.0F, 16.0F)));
}

}  // namespace rankloop::ml
