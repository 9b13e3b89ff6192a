#include "ml/families/gbdt/gbdt_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <utility>

#include "ml/families/gbdt/check_trees.h"

namespace rankloop::ml {
namespace {

constexpr std::string_view kFamily = "gbdt";
constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kPortionRows = 512;

constexpr float kAbsent = std::numeric_limits<float>::quiet_NaN();

class GbdtModel final : public Model {
 public:
  GbdtModel(std::shared_ptr<const Booster> trees, std::string payload, std::string feature_fingerprint)
      : trees_(std::move(trees)),
        payload_(std::make_shared<const std::string>(std::move(payload))),
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
    return seal_artefact({std::string(kFamily), kFormat, feature_fingerprint_, calibration_, *payload_});
  }

 private:
  std::shared_ptr<const Booster> trees_;
  std::shared_ptr<const std::string> payload_;  // what the trees were read from
  std::string feature_fingerprint_;
};

Error not_trees(std::string detail) {
  return {ErrorCode::kDataLoss, "the artefact of the gbdt model does not hold trees of this domain",
          std::move(detail)};
}

std::string_view name_of(Objective objective) {
  return objective == Objective::kListwise ? "ndcg" : "logistic";
}

// A payload: the objective, the number of inputs, the trees.
Result<std::shared_ptr<const Model>> read_payload(std::string payload, const Domain& domain) {
  ByteReader reader(payload);
  const std::string_view objective = reader.get_text();
  const std::uint32_t width = reader.get_number();
  const std::string_view trees = reader.get_text();
  if (!reader.at_end() ||
      (objective != name_of(Objective::kLogistic) && objective != name_of(Objective::kListwise))) {
    return not_trees("its parts");
  }
  const std::size_t features = domain.features.size();
  if (width != features && width != features + domain.crosses.size()) {
    return not_trees("for " + std::to_string(width) + " inputs");
  }
  if (const Status sound = check_trees(trees, width); !sound) return not_trees(sound.error().message);
  auto booster = Booster::load(trees);
  if (!booster) return not_trees(booster.error().detail);
  if (booster->width() != width) return not_trees("trees of " + std::to_string(booster->width()) + " inputs");
  auto shared = std::make_shared<const Booster>(std::move(*booster));
  return std::shared_ptr<const Model>(
      std::make_shared<const GbdtModel>(std::move(shared), std::move(payload), domain.feature_fingerprint));
}

}  // namespace

Result<std::shared_ptr<const Model>> make_gbdt_model(std::string_view trees, std::size_t width,
                                                     Objective objective, const Domain& domain) {
  ByteWriter writer;
  writer.put(name_of(objective));
  writer.put(static_cast<std::uint32_t>(width));
  writer.put(trees);
  return read_payload(writer.take(), domain);
}

Result<std::shared_ptr<const Model>> load_gbdt_model(const Artefact& artefact, const Domain& domain) {
  if (artefact.format != kFormat) {
    return Error(ErrorCode::kDataLoss,
                 "the artefact of the gbdt model has the unknown format " + std::to_string(artefact.format));
  }
  auto model = read_payload(artefact.payload, domain);
  if (!model) return model;
  return (*model)->calibrated(artefact.calibration);
}

void score_inputs(const Booster& trees, std::span<const float> inputs, std::span<float> scores) {
  if (!trees.predict(inputs, scores)) throw std::bad_alloc();
  // Beyond 16 a float would be 1.
  for (float& score : scores) score = 1 / (1 + std::exp(-std::clamp(score, -16.0F, 16.0F)));
}

}  // namespace rankloop::ml
