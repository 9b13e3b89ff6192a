// The network: its artefact and its scores.
#include "ml/families/mlp/mlp_model.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ml/families/mlp/block_kernel.h"
#include "ml/families/mlp/explain_network.h"
#include "ml/feature_space.h"

namespace rankloop::ml {
namespace {

constexpr std::string_view kFamily = "mlp";
constexpr std::uint32_t kFormat = 1;
constexpr std::uint32_t kFormatWithBounds = 2;  // each input is followed by its bounds
constexpr std::uint32_t kFormatWithWords =
    3;  // and by whether it is an absence; words and their rows come last

// The oldest format that holds it.
std::uint32_t format_of(const Network& network) {
  if (network.words.columns() > 0) return kFormatWithWords;
  std::uint32_t format = kFormat;
  for (const NetworkInput& input : network.inputs) {
    if (input.absence) return kFormatWithWords;
    if (input.bounds.any()) format = kFormatWithBounds;
  }
  return format;
}

class MlpModel final : public Model {
 public:
  MlpModel(Network network, std::string feature_fingerprint)
      : network_(std::make_shared<const Network>(std::move(network))),
        feature_fingerprint_(std::move(feature_fingerprint)) {}

  std::string_view family() const override { return kFamily; }
  const std::string& feature_fingerprint() const override { return feature_fingerprint_; }

  std::shared_ptr<const CatalogScorer> bind(std::shared_ptr<const Catalog> catalog,
                                            const CatalogScorer* previous,
                                            std::size_t memory) const override {
    return bind_network(network_, std::move(catalog), previous, memory);
  }

  void score_features(const FeatureRows& given, std::uint64_t /*seed*/,
                      std::span<float> scores) const override {
    const BlockKernel& kernel = best_kernel();
    const std::array<float, kHidden> no_request{};
    std::vector<float> inputs(network_->inputs.size() * kBlockRows);
    std::array<float, kBlockRows> block_scores;
    HiddenBlock hidden;
    const PlacesOfRows places(network_->words, given, scores.size());
    for (std::size_t first = 0; first < scores.size(); first += kBlockRows) {
      const std::size_t rows = std::min(kBlockRows, scores.size() - first);
      for (std::size_t i = 0; i < network_->inputs.size(); ++i) {
        const NetworkInput& input = network_->inputs[i];
        if (input.column >= given.width) continue;  // absent, so 0
        for (std::size_t lane = 0; lane < rows; ++lane) {
          inputs[i * kBlockRows + lane] =
              input.scaled(given.values[(first + lane) * given.width + input.column]);
        }
      }
      kernel.first_layer(inputs.data(), network_->inputs.size(), network_->first_weights.data(),
                         network_->first_bias.data(), hidden);
      for (std::size_t lane = 0; lane < rows; ++lane) {
        for (const std::uint32_t place : places.at(first + lane)) add_word(*network_, place, lane, hidden);
      }
      kernel.score(hidden, no_request.data(), {}, *network_, block_scores.data());
      std::copy_n(block_scores.begin(), rows, scores.begin() + static_cast<std::ptrdiff_t>(first));
    }
  }

  Explanation explain(const FeatureRows& row) const override { return explain_network(*network_, row); }

  std::shared_ptr<const Model> calibrated(const Calibration& calibration) const override {
    auto model = std::make_shared<MlpModel>(*this);
    model->calibration_ = calibration;
    return model;
  }

  std::string save() const override {
    const std::uint32_t format = format_of(*network_);
    ByteWriter writer;
    writer.put(static_cast<std::uint32_t>(network_->inputs.size()));
    for (const NetworkInput& input : network_->inputs) {
      writer.put(input.column);
      writer.put(input.minimum);
      writer.put(input.scale);
      if (format >= kFormatWithBounds) write_bounds(writer, input.bounds);
      if (format >= kFormatWithWords) writer.put(std::uint32_t{input.absence ? 1U : 0U});
    }
    writer.put(network_->first_weights);
    writer.put(network_->first_bias);
    writer.put(network_->second_weights);
    writer.put(network_->second_bias);
    writer.put(network_->third_weights);
    writer.put(network_->third_bias);
    if (format >= kFormatWithWords) {
      network_->words.write(writer);
      writer.put(network_->word_weights);
    }
    return seal_artefact({std::string(kFamily), format, feature_fingerprint_, calibration_, writer.take()});
  }

 private:
  std::shared_ptr<const Network> network_;
  std::string feature_fingerprint_;
};

bool is_finite(const Network& network) {
  // Beyond these, sums of three layers could overflow in both directions and be no number.
  constexpr float kLargestWeight = 1e4F;
  constexpr float kLargestScale = 1e12F;
  constexpr float kLargestShift = 1e15F;
  const auto finite = [](float number) { return std::abs(number) <= kLargestWeight; };
  const auto scales = [](const NetworkInput& input) {
    return std::abs(input.scale) <= kLargestScale && std::abs(input.minimum) <= kLargestShift &&
           std::abs(input.minimum * input.scale) <= kLargestShift;
  };
  return std::ranges::all_of(network.inputs, scales) && std::ranges::all_of(network.first_weights, finite) &&
         std::ranges::all_of(network.word_weights, finite) &&
         std::ranges::all_of(network.first_bias, finite) &&
         std::ranges::all_of(network.second_weights, finite) &&
         std::ranges::all_of(network.second_bias, finite) &&
         std::ranges::all_of(network.third_weights, finite) && finite(network.third_bias);
}

}  // namespace

std::shared_ptr<const Model> make_mlp_model(Network network, std::string feature_fingerprint) {
  return std::make_shared<const MlpModel>(std::move(network), std::move(feature_fingerprint));
}

Result<std::shared_ptr<const Model>> load_mlp_model(const Artefact& artefact, const Domain& domain) {
  if (artefact.format < kFormat || artefact.format > kFormatWithWords) {
    return Error(ErrorCode::kDataLoss,
                 "the artefact of the mlp model has the unknown format " + std::to_string(artefact.format));
  }
  const FeatureSpace space(domain);
  const std::size_t columns = space.numbers().size();
  ByteReader reader(artefact.payload);
  Network network;
  const std::uint32_t inputs = reader.get_number();
  bool sound = inputs <= 2 * columns;
  for (std::uint32_t i = 0; sound && i < inputs; ++i) {
    NetworkInput input;
    input.column = reader.get_number();
    input.minimum = reader.get_float();
    input.scale = reader.get_float();
    if (artefact.format >= kFormatWithBounds) input.bounds = read_bounds(reader);
    if (artefact.format >= kFormatWithWords) input.absence = reader.get_number() != 0;
    sound = reader.ok() && input.column < columns && std::isfinite(input.minimum) &&
            std::isfinite(input.scale) && are_around(input.bounds, input.minimum);
    network.inputs.push_back(input);
  }
  if (sound) {
    network.first_weights.resize(inputs * kHidden);  // bounded above
    reader.get_floats(network.first_weights);
    reader.get_floats(network.first_bias);
    reader.get_floats(network.second_weights);
    reader.get_floats(network.second_bias);
    reader.get_floats(network.third_weights);
    network.third_bias = reader.get_float();
    if (artefact.format >= kFormatWithWords) {
      network.words = Vocabularies::read(reader, space.codes().size(), sound);
      network.word_weights.resize(network.words.size() * kHidden);
      reader.get_floats(network.word_weights);
    }
    sound = sound && is_finite(network);
  }
  if (!sound || !reader.at_end()) {
    return Error(ErrorCode::kDataLoss,
                 "the artefact of the mlp model does not hold a network of this domain, of finite numbers");
  }
  return make_mlp_model(std::move(network), artefact.feature_fingerprint)->calibrated(artefact.calibration);
}

}  // namespace rankloop::ml
