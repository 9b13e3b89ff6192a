// The linear model: its artefact, its scores and its explanations.
#include "ml/families/logistic/logistic_model.h"

#include <algorithm>
#include <utility>

#include "ml/feature_space.h"

namespace rankloop::ml {
namespace {

// Beyond these, terms of both signs could overflow and their sum be no number.
constexpr float kLargestWeight = 1e15F;
constexpr float kLargestShift = 1e30F;

bool sums_stay_finite(const LinearInput& input) {
  return std::abs(input.absent) <= kLargestWeight && std::abs(input.weight) <= kLargestWeight &&
         std::abs(input.mean) <= kLargestShift && std::abs(input.mean * input.weight) <= kLargestShift;
}

constexpr std::string_view kFamily = "logistic";
constexpr std::uint32_t kFormat = 1;
constexpr std::uint32_t kFormatWithBounds = 2;  // each input is followed by its bounds
constexpr std::uint32_t kFormatWithWords = 3;   // and by its absence; the words and their weights come last

// The oldest format that holds it.
std::uint32_t format_of(const Linear& linear) {
  if (linear.words.columns() > 0) return kFormatWithWords;
  std::uint32_t format = kFormat;
  for (const LinearInput& input : linear.inputs) {
    if (input.absent != 0) return kFormatWithWords;
    if (input.bounds.any()) format = kFormatWithBounds;
  }
  return format;
}

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
      auto log_odds = static_cast<double>(linear_->intercept);
      for (const LinearInput& input : linear_->inputs) {
        if (input.column < rows.width) {
          log_odds += static_cast<double>(input.term(rows.values[r * rows.width + input.column]));
        }
      }
      for (const std::uint32_t place : places.at(r)) {
        log_odds += static_cast<double>(linear_->word_weights[place]);
      }
      scores[r] = static_cast<float>(1 / (1 + std::exp(-log_odds)));
    }
  }

  // Exact: a linear function is the sum of its terms.
  Explanation explain(const FeatureRows& row) const override {
    Explanation explanation{static_cast<double>(linear_->intercept),
                            std::vector<double>(row.width + row.codes.size())};
    for (const LinearInput& input : linear_->inputs) {
      if (input.column >= row.width) continue;
      explanation.contributions[input.column] = static_cast<double>(input.term(row.values[input.column]));
    }
    const PlacesOfRows places(linear_->words, row, 1);
    for (const std::uint32_t place : places.at(0)) {
      explanation.contributions[row.width + linear_->words.column_of(place)] +=
          static_cast<double>(linear_->word_weights[place]);
    }
    return explanation;
  }

  std::shared_ptr<const Model> calibrated(const Calibration& calibration) const override {
    auto model = std::make_shared<LogisticModel>(*this);
    model->calibration_ = calibration;
    return model;
  }

  std::string save() const override {
    const std::uint32_t format = format_of(*linear_);
    ByteWriter writer;
    writer.put(static_cast<std::uint32_t>(linear_->inputs.size()));
    for (const LinearInput& input : linear_->inputs) {
      writer.put(input.column);
      writer.put(input.mean);
      writer.put(input.weight);
      if (format >= kFormatWithBounds) write_bounds(writer, input.bounds);
      if (format >= kFormatWithWords) writer.put(input.absent);
    }
    writer.put(linear_->intercept);
    if (format >= kFormatWithWords) {
      linear_->words.write(writer);
      writer.put(linear_->word_weights);
    }
    return seal_artefact({std::string(kFamily), format, feature_fingerprint_, calibration_, writer.take()});
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
  if (artefact.format < kFormat || artefact.format > kFormatWithWords) {
    return Error(ErrorCode::kDataLoss, "the artefact of the logistic model has the unknown format " +
                                           std::to_string(artefact.format));
  }
  const FeatureSpace space(domain);
  const std::size_t columns = space.numbers().size();
  ByteReader reader(artefact.payload);
  Linear linear;
  const std::uint32_t inputs = reader.get_number();
  bool sound = inputs <= columns;
  for (std::uint32_t i = 0; sound && i < inputs; ++i) {
    LinearInput input;
    input.column = reader.get_number();
    input.mean = reader.get_float();
    input.weight = reader.get_float();
    if (artefact.format >= kFormatWithBounds) input.bounds = read_bounds(reader);
    if (artefact.format >= kFormatWithWords) input.absent = reader.get_float();
    sound = reader.ok() && input.column < columns && sums_stay_finite(input) &&
            are_around(input.bounds, input.mean);
    linear.inputs.push_back(input);
  }
  linear.intercept = reader.get_float();
  if (sound && artefact.format >= kFormatWithWords) {
    linear.words = Vocabularies::read(reader, space.codes().size(), sound);
    linear.word_weights.resize(linear.words.size());
    reader.get_floats(linear.word_weights);
    sound = sound && std::ranges::all_of(linear.word_weights,
                                         [](float weight) { return std::abs(weight) <= kLargestWeight; });
  }
  if (!sound || !reader.at_end() || !(std::abs(linear.intercept) <= kLargestWeight)) {
    return Error(
        ErrorCode::kDataLoss,
        "the artefact of the logistic model does not hold weights of this domain, of finite numbers");
  }
  return make_logistic_model(std::move(linear), artefact.feature_fingerprint)
      ->calibrated(artefact.calibration);
}

}  // namespace rankloop::ml
