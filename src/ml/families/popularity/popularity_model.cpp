// The popularity model: its artefact and its scores.
#include "ml/families/popularity/popularity_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "ml/families/renumbering.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

constexpr std::string_view kFamily = "popularity";
constexpr std::uint32_t kFormat = 1;  // nothing is tried: an item that is not listed has the prior
constexpr std::uint32_t kFormatWithTrials = 2;

using ChunkShares = std::vector<float>;

class PopularityScorer final : public CatalogScorer {
 public:
  PopularityScorer(std::shared_ptr<const Popularity> popularity, std::shared_ptr<const Catalog> catalog,
                   const CatalogScorer* previous, std::size_t memory)
      : popularity_(std::move(popularity)), catalog_(std::move(catalog)), shares_(catalog_->chunks().size()) {
    const auto* earlier = dynamic_cast<const PopularityScorer*>(previous);
    if (earlier != nullptr && earlier->popularity_ != popularity_) earlier = nullptr;
    const auto chunks = catalog_->chunks();
    for (std::size_t c = 0; c < chunks.size(); ++c) {
      const std::size_t bytes = chunks[c]->rows * sizeof(float);
      if (resident_ + bytes > memory) break;
      resident_ += bytes;
      const bool shared = earlier != nullptr && c < earlier->shares_.size() &&
                          earlier->shares_[c] != nullptr && earlier->catalog_->chunks()[c] == chunks[c];
      shares_[c] = shared ? earlier->shares_[c] : look_up(*chunks[c]);
    }
  }

  const Catalog& catalog() const override { return *catalog_; }

  void score_all(const Query& /*query*/, std::uint64_t /*seed*/, ScoreSink& sink) const override {
    const auto chunks = catalog_->chunks();
    for (std::size_t c = 0; c < chunks.size(); ++c) {
      const auto shares = shares_[c] != nullptr ? shares_[c] : look_up(*chunks[c]);
      sink.take(static_cast<std::uint32_t>(c * kChunkRows), *shares);
    }
  }

  void score_rows(const Query& /*query*/, std::uint64_t /*seed*/, std::span<const std::uint32_t> rows,
                  std::span<float> scores) const override {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto& shares = shares_[rows[i] / kChunkRows];
      scores[i] = shares != nullptr ? (*shares)[rows[i] % kChunkRows]
                                    : popularity_->share_of(catalog_->id_at(rows[i]));
    }
  }

  std::size_t resident_bytes() const override { return resident_; }

 private:
  std::shared_ptr<const ChunkShares> look_up(const CatalogChunk& chunk) const {
    auto shares = std::make_shared<ChunkShares>();
    shares->reserve(chunk.rows);
    for (std::size_t i = 0; i < chunk.rows; ++i) shares->push_back(popularity_->share_of(chunk.ids[i]));
    return shares;
  }

  std::shared_ptr<const Popularity> popularity_;
  std::shared_ptr<const Catalog> catalog_;
  std::vector<std::shared_ptr<const ChunkShares>> shares_;  // by chunk; null: looked up per request
  std::size_t resident_ = 0;
};

class PopularityModel final : public Model {
 public:
  explicit PopularityModel(Popularity popularity)
      : popularity_(std::make_shared<const Popularity>(std::move(popularity))) {}

  std::string_view family() const override { return kFamily; }
  const std::string& feature_fingerprint() const override { return any_features_; }

  std::shared_ptr<const CatalogScorer> bind(std::shared_ptr<const Catalog> catalog,
                                            const CatalogScorer* previous,
                                            std::size_t memory) const override {
    return std::make_shared<const PopularityScorer>(popularity_, std::move(catalog), previous, memory);
  }

  void score_features(const FeatureRows& rows, std::uint64_t /*seed*/,
                      std::span<float> scores) const override {
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = share_of(rows, i);
  }

  Explanation explain(const FeatureRows& row) const override {
    const auto share = static_cast<double>(share_of(row, 0));
    return {std::log(share / (1 - share)), std::vector<double>(row.width + row.codes.size())};
  }

  std::shared_ptr<const Model> calibrated(const Calibration& calibration) const override {
    auto model = std::make_shared<PopularityModel>(*this);
    model->calibration_ = calibration;
    return model;
  }

  std::span<const ItemId> items() const override { return popularity_->items; }
  std::shared_ptr<const Model> renumbered(std::span<const ItemId> numbers) const override {
    Popularity popularity = *popularity_;
    popularity.items.clear();
    popularity.shares.clear();
    for (const std::size_t place : places_by_number(numbers)) {
      popularity.items.push_back(numbers[place]);
      popularity.shares.push_back(popularity_->shares[place]);
    }
    return make_popularity_model(std::move(popularity))->calibrated(calibration_);
  }

  std::string save() const override {
    ByteWriter writer;
    writer.put(static_cast<std::uint32_t>(popularity_->items.size()));
    for (const ItemId item : popularity_->items) {
      const auto bits = static_cast<std::uint64_t>(item.value);
      writer.put(static_cast<std::uint32_t>(bits));
      writer.put(static_cast<std::uint32_t>(bits >> 32));
    }
    writer.put(popularity_->shares);
    writer.put(popularity_->prior);
    writer.put(popularity_->untried);
    writer.put(popularity_->order);
    return seal_artefact(
        {std::string(kFamily), kFormatWithTrials, any_features_, calibration_, writer.take()});
  }

 private:
  float share_of(const FeatureRows& rows, std::size_t row) const {
    return rows.items.empty() ? popularity_->prior : popularity_->share_of(rows.items[row]);
  }

  std::shared_ptr<const Popularity> popularity_;
  std::string any_features_;
};

bool is_share(float number) {
  return number > 0 && number < 1;
}

}  // namespace

float Popularity::share_of(ItemId item) const {
  const auto at = std::lower_bound(items.begin(), items.end(), item);
  if (at != items.end() && *at == item) return shares[static_cast<std::size_t>(at - items.begin())];
  if (order == 0) return untried;
  constexpr float kSpread = 5e-4F;
  if (at == items.end()) return untried * (1 + 2 * kSpread);
  const std::uint64_t bits = mix_bits(static_cast<std::uint64_t>(item.value) ^ (std::uint64_t{order} << 32));
  return untried * (1 + kSpread * static_cast<float>(bits >> 40) * 0x1p-24F);
}

std::shared_ptr<const Model> make_popularity_model(Popularity popularity) {
  return std::make_shared<const PopularityModel>(std::move(popularity));
}

Result<std::shared_ptr<const Model>> load_popularity_model(const Artefact& artefact,
                                                           const Domain& /*domain*/) {
  if (artefact.format != kFormat && artefact.format != kFormatWithTrials) {
    return Error(ErrorCode::kDataLoss, "the artefact of the popularity model has the unknown format " +
                                           std::to_string(artefact.format));
  }
  ByteReader reader(artefact.payload);
  Popularity popularity;
  const std::uint32_t count = reader.get_number();
  bool sound = reader.ok();
  for (std::uint32_t i = 0; sound && i < count; ++i) {
    const std::uint64_t low = reader.get_number();
    const std::uint64_t high = reader.get_number();
    const ItemId item{static_cast<std::int64_t>(low | high << 32)};
    sound = reader.ok() && (popularity.items.empty() || popularity.items.back() < item);
    popularity.items.push_back(item);
  }
  if (sound) {
    popularity.shares.resize(count);
    reader.get_floats(popularity.shares);
    popularity.prior = popularity.untried = reader.get_float();
    if (artefact.format == kFormatWithTrials) {
      popularity.untried = reader.get_float();
      popularity.order = reader.get_number();
    }
    sound = is_share(popularity.prior) && is_share(popularity.untried * 1.001F) && popularity.untried > 0 &&
            std::ranges::all_of(popularity.shares, is_share);
  }
  if (!sound || !reader.at_end()) {
    return Error(
        ErrorCode::kDataLoss,
        "the artefact of the popularity model does not hold shares of items: ids in ascending order, then "
        "as many shares between 0 and 1");
  }
  return make_popularity_model(std::move(popularity))->calibrated(artefact.calibration);
}

}  // namespace rankloop::ml
