// The model without an artefact: draws by the request's seed.
#include "ml/families/random/random_model.h"

#include <array>
#include <utility>

#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

constexpr std::string_view kFamily = "random";
constexpr std::uint32_t kFormat = 1;

float draw(std::uint64_t seed, std::int64_t key) {
  const std::uint64_t bits = mix_bits(seed ^ mix_bits(static_cast<std::uint64_t>(key)));
  return (static_cast<float>(bits >> 41) + 0.5F) * 0x1p-23F;  // the middle of one of 2^23 steps: never 0 or 1
}

class RandomScorer final : public CatalogScorer {
 public:
  explicit RandomScorer(std::shared_ptr<const Catalog> catalog) : catalog_(std::move(catalog)) {}

  const Catalog& catalog() const override { return *catalog_; }

  void score_all(const Query& /*query*/, std::uint64_t seed, ScoreSink& sink) const override {
    std::array<float, kChunkRows> scores;
    std::uint32_t first = 0;
    for (const auto& chunk : catalog_->chunks()) {
      for (std::size_t i = 0; i < chunk->rows; ++i) scores[i] = draw(seed, chunk->ids[i].value);
      sink.take(first, std::span(scores).first(chunk->rows));
      first += kChunkRows;
    }
  }

  void score_rows(const Query& /*query*/, std::uint64_t seed, std::span<const std::uint32_t> rows,
                  std::span<float> scores) const override {
    for (std::size_t i = 0; i < rows.size(); ++i) scores[i] = draw(seed, catalog_->id_at(rows[i]).value);
  }

  std::size_t resident_bytes() const override { return 0; }

 private:
  std::shared_ptr<const Catalog> catalog_;
};

class RandomModel final : public Model {
 public:
  std::string_view family() const override { return kFamily; }
  const std::string& feature_fingerprint() const override { return any_features_; }
  bool draws() const override { return true; }

  std::shared_ptr<const CatalogScorer> bind(std::shared_ptr<const Catalog> catalog,
                                            const CatalogScorer* /*previous*/,
                                            std::size_t /*memory*/) const override {
    return std::make_shared<RandomScorer>(std::move(catalog));
  }

  void score_features(const FeatureRows& rows, std::uint64_t seed, std::span<float> scores) const override {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = draw(seed, rows.items.empty() ? static_cast<std::int64_t>(i) : rows.items[i].value);
    }
  }

  // A draw has no reasons.
  Explanation explain(const FeatureRows& row) const override {
    return {0, std::vector<double>(row.width + row.codes.size())};
  }

  std::shared_ptr<const Model> calibrated(const Calibration& calibration) const override {
    auto model = std::make_shared<RandomModel>(*this);
    model->calibration_ = calibration;
    return model;
  }

  std::string save() const override {
    return seal_artefact({std::string(kFamily), kFormat, {}, calibration_, {}});
  }

 private:
  std::string any_features_;
};

}  // namespace

std::shared_ptr<const Model> random_model() {
  return std::make_shared<const RandomModel>();
}

Result<std::shared_ptr<const Model>> load_random_model(const Artefact& artefact, const Domain& /*domain*/) {
  if (artefact.format != kFormat || !artefact.payload.empty()) {
    return Error(ErrorCode::kDataLoss, "the artefact of the random model has an unknown format");
  }
  return random_model()->calibrated(artefact.calibration);
}

Result<std::shared_ptr<const Model>> train_random_model(const TrainingInput& /*input*/) {
  return random_model();
}

}  // namespace rankloop::ml
