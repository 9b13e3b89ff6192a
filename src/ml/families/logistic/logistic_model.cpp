// The linear model: its artefact, its scores and its explanations.
#include "ml/families/logistic/logistic_model.h"

#include <algorithm>
#include <utility>

#include "ml/families/logistic/linear_bytes.h"
#include "ml/families/logistic/posterior.h"
#include "ml/feature_space.h"

namespace rankloop::ml {
namespace {

constexpr std::string_view kFamily = "logistic";

class LogisticModel final : public Model {
 public:
  LogisticModel(Linear linear, std::string feature_fingerprint)
      : linear_(std::make_shared<const Linear>(std::move(linear))),
        feature_fingerprint_(std::move(feature_fingerprint)) {}

  std::string_view family() const override { return kFamily; }
  const std::string& feature_fingerprint() const override { return feature_fingerprint_; }

  std::shared_ptr<const CatalogScorer> bind(std::shared_ptr<const Catalog> catalog,
                                            const CatalogScorer* previous,
                                            std::size_t memory) const override {
    return bind_linear(linear_, std::move(catalog), previous, memory);
  }

  void score_features(const FeatureRows& rows, std::uint64_t /*seed*/,
                      std::span<float> scores) const override {
    const PlacesOfRows places(linear_->words, rows, scores.size());
    for (std::size_t r = 0; r < scores.size(); ++r) {
      scores[r] = static_cast<float>(1 / (1 + std::exp(-log_odds_of(*linear_, rows, places.at(r), r))));
    }
  }

  Explanation explain(const FeatureRows& row) const override {
    const PlacesOfRows places(linear_->words, row, 1);
    return explain_linear(*linear_, row, places.at(0));
  }

  std::vector<std::shared_ptr<const Model>> posterior_draws(std::size_t count) const override {
    std::vector<std::shared_ptr<const Model>> draws;
    if (!linear_->keeps_posterior()) return draws;
    for (std::size_t draw = 0; draw < count; ++draw) {
      draws.push_back(make_logistic_model(drawn_from_posterior(*linear_, draw), feature_fingerprint_));
    }
    return draws;
  }

  std::shared_ptr<const Model> calibrated(const Calibration& calibration) const override {
    auto model = std::make_shared<LogisticModel>(*this);
    model->calibration_ = calibration;
    return model;
  }

  std::string save() const override {
    const std::uint32_t format = linear_format_of(*linear_);
    ByteWriter writer;
    write_linear(writer, *linear_, format);
    return seal_artefact({std::string(kFamily), format, feature_fingerprint_, calibration_, writer.take()});
  }

 private:
  std::shared_ptr<const Linear> linear_;
  std::string feature_fingerprint_;
};

}  // namespace

bool Linear::keeps_posterior() const {
  return !word_deviations.empty() ||
         std::ranges::any_of(inputs, [](const LinearInput& input) { return input.deviation > 0; });
}

double log_odds_of(const Linear& linear, const FeatureRows& rows, std::span<const std::uint32_t> places,
                   std::size_t row) {
  auto log_odds = static_cast<double>(linear.intercept);
  for (const LinearInput& input : linear.inputs) {
    if (input.column < rows.width) {
      log_odds += static_cast<double>(input.term(rows.values[row * rows.width + input.column]));
    }
  }
  for (const std::uint32_t place : places) log_odds += static_cast<double>(linear.word_weights[place]);
  return log_odds;
}

Explanation explain_linear(const Linear& linear, const FeatureRows& row,
                           std::span<const std::uint32_t> places) {
  Explanation explanation{static_cast<double>(linear.intercept),
                          std::vector<double>(row.width + row.codes.size())};
  for (const LinearInput& input : linear.inputs) {
    if (input.column >= row.width) continue;
    explanation.contributions[input.column] = static_cast<double>(input.term(row.values[input.column]));
  }
  for (const std::uint32_t place : places) {
    explanation.contributions[row.width + linear.words.column_of(place)] +=
        static_cast<double>(linear.word_weights[place]);
  }
  return explanation;
}

std::shared_ptr<const Model> make_logistic_model(Linear linear, std::string feature_fingerprint) {
  return std::make_shared<const LogisticModel>(std::move(linear), std::move(feature_fingerprint));
}

Result<std::shared_ptr<const Model>> load_logistic_model(const Artefact& artefact, const Domain& domain) {
  if (artefact.format < kLinearFormat || artefact.format > kLinearWithPosterior) {
    return Error(ErrorCode::kDataLoss, "the artefact of the logistic model has the unknown format " +
                                           std::to_string(artefact.format));
  }
  ByteReader reader(artefact.payload);
  bool sound = true;
  Linear linear = read_linear(reader, FeatureSpace(domain), artefact.format, sound);
  if (!sound || !reader.at_end()) {
    return Error(
        ErrorCode::kDataLoss,
        "the artefact of the logistic model does not hold weights of this domain, of finite numbers");
  }
  return make_logistic_model(std::move(linear), artefact.feature_fingerprint)
      ->calibrated(artefact.calibration);
}

}  // namespace rankloop::ml
