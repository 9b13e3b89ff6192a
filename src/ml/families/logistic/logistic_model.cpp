// The linear model: its artefact, its scores and its explanations.
#include "ml/families/logistic/logistic_model.h"

#include <algorithm>
#include <utility>

namespace rankloop::ml {
namespace {

// Beyond these, terms of both signs could overflow and their sum be no number.
constexpr float kLargestWeight = 1e15F;
constexpr float kLargestShift = 1e30F;

bool sums_stay_finite(const LinearInput& input) {
  return std::abs(input.weight) <= kLargestWeight && std::abs(input.mean) <= kLargestShift &&
         std::abs(input.mean * input.weight) <= kLargestShift;
}

constexpr std::string_view kFamily = "logistic";
constexpr std::uint32_t kFormat = 1;
constexpr std::uint32_t kFormatWithBounds = 2;  // each input is followed by its bounds

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
    for (std::size_t r = 0; r < scores.size(); ++r) {
      auto log_odds = static_cast<double>(linear_->intercept);
      for (const LinearInput& input : linear_->inputs) {
        if (input.column < rows.width) {
          log_odds += static_cast<double>(input.term(rows.values[r * rows.width + input.column]));
        }
      }
      scores[r] = static_cast<float>(1 / (1 + std::exp(-log_odds)));
    }
  }

  // Exact: a linear function is the sum of its terms.
  Explanation explain(const FeatureRows& row) const override {
    Explanation explanation{static_cast<double>(linear_->intercept), std::vector<double>(row.width)};
    for (const LinearInput& input : linear_->inputs) {
      if (input.column >= row.width) continue;
      explanation.contributions[input.column] = static_cast<double>(input.term(row.values[input.column]));
    }
    return explanation;
  }

  std::shared_ptr<const Model> calibrated(const Calibration& calibration) const override {
    auto model = std::make_shared<LogisticModel>(*this);
    model->calibration_ = calibration;
    return model;
  }

  std::string save() const override {
    const bool bounded =
        std::ranges::any_of(linear_->inputs, [](const LinearInput& input) { return input.bounds.any(); });
    ByteWriter writer;
    writer.put(static_cast<std::uint32_t>(linear_->inputs.size()));
    for (const LinearInput& input : linear_->inputs) {
      writer.put(input.column);
      writer.put(input.mean);
      writer.put(input.weight);
      if (bounded) write_bounds(writer, input.bounds);
    }
    writer.put(linear_->intercept);
    return seal_artefact({std::string(kFamily), bounded ? kFormatWithBounds : kFormat, feature_fingerprint_,
                          calibration_, writer.take()});
  }

 private:
  std::shared_ptr<const Linear> linear_;
  std::string feature_fingerprint_;
};

}  // namespace

std::shared_ptr<const Model> make_logistic_model(Linear linear, std::string feature_fingerprint) {
  return std::make_shared<const LogisticModel>(std::move(linear), std::move(feature_fingerprint));
}

Result<std::shared_ptr<const Model>> load_logistic_model(const Artefact& artefact, const Domain& domain) {
  if (artefact.format != kFormat && artefact.format != kFormatWithBounds) {
    return Error(ErrorCode::kDataLoss, "the artefact of the logistic model has the unknown format " +
                                           std::to_string(artefact.format));
  }
  const std::size_t columns = domain.features.size() + domain.crosses.size();
  ByteReader reader(artefact.payload);
  Linear linear;
  const std::uint32_t inputs = reader.get_number();
  bool sound = inputs <= columns;
  for (std::uint32_t i = 0; sound && i < inputs; ++i) {
    LinearInput input;
    input.column = reader.get_number();
    input.mean = reader.get_float();
    input.weight = reader.get_float();
    if (artefact.format == kFormatWithBounds) input.bounds = read_bounds(reader);
    sound = reader.ok() && input.column < columns && sums_stay_finite(input) &&
            are_around(input.bounds, input.mean);
    linear.inputs.push_back(input);
  }
  linear.intercept = reader.get_float();
  if (!sound || !reader.at_end() || !(std::abs(linear.intercept) <= kLargestWeight)) {
    return Error(
        ErrorCode::kDataLoss,
        "the artefact of the logistic model does not hold weights of this domain, of finite numbers");
  }
  return make_logistic_model(std::move(linear), artefact.feature_fingerprint)
      ->calibrated(artefact.calibration);
}

}  // namespace rankloop::ml
