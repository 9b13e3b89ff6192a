// What every model family owes; it runs over the table of families.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "ml/artefact.h"
#include "ml/families/families.h"
#include "ml/families/gbdt/train_gbdt.h"
#include "ml/families/mlp/train_mlp.h"
#include "ml/feature_space.h"
#include "ml/rank.h"
#include "ml/train.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kUnbounded = SIZE_MAX;

// The first feature decides.
LabelledRows sample_rows(const Domain& domain) {
  SampleNumbers random(1);
  LabelledRows rows;
  rows.width = domain.features.size() + domain.crosses.size();
  for (std::size_t r = 0; r < 200; ++r) {
    for (std::size_t c = 0; c < rows.width; ++c)
      rows.values.push_back(static_cast<float>(random.uniform(-2, 3)));
    rows.labels.push_back(rows.values[r * rows.width] > 1 ? 1 : 0);
    rows.items.push_back(ItemId{random.whole(0, 99)});
  }
  return rows;
}

// Trained for the domain, where the family trains.
std::shared_ptr<const Model> make_model(std::string_view family, const Domain& domain) {
  if (family == "random") return random_model();
  if (family == "mlp") {
    MlpRecipe recipe;
    recipe.epochs = 2;
    recipe.batches = 50;
    const auto model = train_mlp(domain, sample_rows(domain), recipe, {}, {});
    if (model) return *model;
  }
  if (family == "gbdt") {
    GbdtRecipe recipe;
    recipe.trees = 10;
    const auto model = train_gbdt(domain, sample_rows(domain), {}, recipe, {}, {});
    if (model) return *model;
  }
  if (family == "logistic" || family == "popularity" || family == "factorization") {
    const auto model = train_model(domain, sample_rows(domain), {}, {.family = std::string(family)}, {}, {});
    if (model) return *model;
  }
  return nullptr;  // a new family needs a line here
}

class ModelContract : public testing::TestWithParam<std::string_view> {
 protected:
  void SetUp() override { ASSERT_NE(model_, nullptr) << "no maker for " << GetParam(); }

  std::shared_ptr<const CatalogScorer> bound() const { return model_->bind(catalog_, nullptr, kUnbounded); }

  const std::shared_ptr<const Domain> domain_ = share(sample_domain_with_crosses());
  const std::shared_ptr<const Catalog> catalog_ = sample_catalog(domain_, kChunkRows + 500, 1, 0.05, 0.1);
  const std::vector<double> request_ = SampleNumbers(2).request();
  const std::shared_ptr<const Model> model_ = make_model(GetParam(), *domain_);
};

TEST_P(ModelContract, NamesItsFamily) {
  EXPECT_EQ(model_->family(), GetParam());
}

TEST_P(ModelContract, PredictsTheSameBitsAfterSavingAndLoading) {
  const std::string artefact = model_->save();
  const auto loaded = load_model(artefact, *domain_);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ((*loaded)->family(), model_->family());
  EXPECT_EQ((*loaded)->feature_fingerprint(), model_->feature_fingerprint());
  EXPECT_EQ((*loaded)->draws(), model_->draws());
  EXPECT_EQ((*loaded)->save(), artefact);
  EXPECT_EQ(all_scores(*(*loaded)->bind(catalog_, nullptr, kUnbounded), request_, 3),
            all_scores(*bound(), request_, 3));
}

TEST_P(ModelContract, RefusesADamagedArtefact) {
  const std::string artefact = model_->save();
  const auto code_of = [&](std::string_view bytes) {
    const auto loaded = load_model(bytes, *domain_);
    return loaded ? std::string("loaded") : std::string(name_of(loaded.error().code));
  };
  for (std::size_t size = 0; size < artefact.size(); size += 1 + artefact.size() / 200) {
    EXPECT_EQ(code_of(std::string_view(artefact).substr(0, size)), "data_loss") << "cut to " << size;
  }
  for (std::size_t i = 0; i < artefact.size(); i += 1 + artefact.size() / 200) {
    std::string damaged = artefact;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_EQ(code_of(damaged), "data_loss") << "bit flipped in byte " << i;
  }
  EXPECT_EQ(code_of(artefact + "x"), "data_loss");
}

TEST_P(ModelContract, RefusesAPayloadThatIsNotItsOwn) {
  const auto own = open_artefact(model_->save());
  ASSERT_TRUE(own);
  Artefact other_format = *own;
  other_format.format = 999;
  Artefact longer = *own;
  longer.payload += "more";
  Artefact other_family = *own;
  other_family.family = "tarot";
  for (const Artefact& artefact : {other_format, longer, other_family}) {
    const auto loaded = load_model(seal_artefact(artefact), *domain_);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::kDataLoss);
  }
}

// Every number of the payload in turn: a model of numbers that are none is refused or scores what is one.
TEST_P(ModelContract, ScoresFiniteNumbersWhateverStandsInItsPayload) {
  const auto own = open_artefact(model_->save());
  ASSERT_TRUE(own);
  const LabelledRows rows = sample_rows(*domain_);
  std::vector<float> scores(rows.rows());
  const std::size_t step = 1 + own->payload.size() / 400;
  for (const std::uint32_t bits : {0x7FC00000U, 0x7F800000U, 0xFF800000U, 0xFFFFFFFFU, 0x7FFFFFFFU}) {
    for (std::size_t at = 0; at + sizeof bits <= own->payload.size(); at += step) {
      Artefact changed = *own;
      std::memcpy(changed.payload.data() + at, &bits, sizeof bits);
      const auto loaded = load_model(seal_artefact(changed), *domain_);
      if (!loaded) {
        EXPECT_EQ(loaded.error().code, ErrorCode::kDataLoss) << "byte " << at;
        continue;
      }
      (*loaded)->score_features({rows.values, rows.width, rows.items}, 0, scores);
      EXPECT_TRUE(std::ranges::none_of(scores, [](float score) { return std::isnan(score); }))
          << "byte " << at;
    }
  }
}

TEST_P(ModelContract, RefusesACalibrationThatKeepsNoOrder) {
  const auto own = open_artefact(model_->save());
  ASSERT_TRUE(own);
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const Calibration& calibration :
       {Calibration{kNan, 0}, Calibration{1, kNan}, Calibration{kInfinity, 0}, Calibration{1, -kInfinity},
        Calibration{0, 0}, Calibration{-1, 0}}) {
    Artefact changed = *own;
    changed.calibration = calibration;
    const auto loaded = load_model(seal_artefact(changed), *domain_);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::kDataLoss);
    EXPECT_NE(loaded.error().message.find("calibration"), std::string::npos);
  }
}

TEST_P(ModelContract, RefusesNamesThatNoOneCouldRead) {
  const auto own = open_artefact(model_->save());
  ASSERT_TRUE(own);
  Artefact long_family = *own;
  long_family.family.assign(1'000, 'f');
  Artefact strange = *own;
  strange.feature_fingerprint = "\xFF\n";
  Artefact no_features = *own;
  no_features.feature_fingerprint.clear();
  for (const Artefact& artefact : {long_family, strange}) {
    const auto loaded = load_model(seal_artefact(artefact), *domain_);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::kDataLoss);
    EXPECT_LT(loaded.error().message.size(), 200U);
  }
  EXPECT_EQ(!load_model(seal_artefact(no_features), *domain_), !own->feature_fingerprint.empty());
}

TEST_P(ModelContract, IsRefusedByAnotherFeatureSchema) {
  Domain other = *domain_;
  other.feature_fingerprint = "something else";
  const auto loaded = load_model(model_->save(), other);
  if (model_->feature_fingerprint().empty()) {
    EXPECT_TRUE(loaded);
    return;
  }
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_NE(loaded.error().message.find("something else"), std::string::npos);
  EXPECT_NE(loaded.error().message.find(domain_->feature_fingerprint), std::string::npos);
}

TEST_P(ModelContract, ScoresSomeRowsAsItScoresAll) {
  const auto scorer = bound();
  const std::vector<float> all = all_scores(*scorer, request_, 4);
  ASSERT_EQ(all.size(), catalog_->rows());
  SampleNumbers random(5);
  std::vector<std::uint32_t> rows;
  for (int i = 0; i < 500; ++i) {
    rows.push_back(
        static_cast<std::uint32_t>(random.whole(0, static_cast<std::int64_t>(catalog_->rows()) - 1)));
  }
  std::vector<float> some(rows.size());
  scorer->score_rows(request_, 4, rows, some);
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(some[i], all[rows[i]]);
}

TEST_P(ModelContract, NeverRanksAHole) {
  RankRequest request;
  request.values = request_;
  request.best = kMaxRank;
  const Ranking ranking = rank(*bound(), *model_, ModelId{1}, request);
  EXPECT_EQ(ranking.items.size(), catalog_->live_items());
  for (const RankedItem& item : ranking.items) EXPECT_TRUE(catalog_->find(item.item));
}

TEST_P(ModelContract, GivesTheSameRankingForTheSameSeed) {
  RankRequest request;
  request.values = request_;
  request.seed = 6;
  const Ranking first = rank(*bound(), *model_, ModelId{1}, request);
  EXPECT_EQ(rank(*bound(), *model_, ModelId{1}, request).items, first.items);
  request.seed = 7;
  EXPECT_EQ(rank(*bound(), *model_, ModelId{1}, request).items == first.items, !model_->draws());
}

TEST_P(ModelContract, ABoundScorerKeepsItsSnapshot) {
  const auto scorer = bound();
  const std::vector<float> before = all_scores(*scorer, request_, 8);
  std::vector<ItemChange> changes;
  for (std::uint32_t row = 0; row < 10; ++row) {
    changes.push_back(
        {catalog_->id_at(row), 2, ItemValues{std::vector<float>(catalog_->item_columns().size(), 1.5F), {}}});
  }
  changes.push_back(
      {ItemId{1'000'000}, 2, ItemValues{std::vector<float>(catalog_->item_columns().size(), 0.5F), {}}});
  const auto changed = catalog_->with(2, changes);
  const auto rebound = model_->bind(changed, scorer.get(), kUnbounded);
  EXPECT_EQ(all_scores(*scorer, request_, 8), before);
  EXPECT_EQ(all_scores(*rebound, request_, 8),
            all_scores(*model_->bind(changed, nullptr, kUnbounded), request_, 8));
  EXPECT_EQ(all_scores(*rebound, request_, 8).size(), catalog_->rows() + 1);
}

TEST_P(ModelContract, ScoresFromManyThreadsAtOnce) {
  const auto scorer = bound();
  const std::vector<float> expected = all_scores(*scorer, request_, 9);
  std::vector<std::vector<float>> seen(4);
  {
    std::vector<std::jthread> threads;
    for (auto& scores : seen) {
      threads.emplace_back([&] {
        for (int round = 0; round < 5; ++round) scores = all_scores(*scorer, request_, 9);
      });
    }
    for (int round = 0; round < 5; ++round) model_->bind(catalog_, scorer.get(), kUnbounded);
  }
  for (const auto& scores : seen) EXPECT_EQ(scores, expected);
}

TEST_P(ModelContract, ScoresFeatureRowsOfAnyCount) {
  const std::size_t width = domain_->features.size() + domain_->crosses.size();
  const std::vector<float> values(width * 50, 0.5F);
  std::vector<float> all(50);
  model_->score_features({values, width, {}}, 10, all);
  for (const std::size_t rows : {0U, 1U, 23U, 24U, 25U}) {
    std::vector<float> some(rows);
    model_->score_features({std::span(values).first(rows * width), width, {}}, 10, some);
    EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
  }
}

// What a scorer computes of a request and a catalog, score_features() computes of the rows that a training
// would make of them.
TEST_P(ModelContract, ScoresFeatureRowsAsABoundScorerScoresTheirItems) {
  const FeatureMaker maker(*domain_, *catalog_);
  SampleNumbers random(11);
  for (int round = 0; round < 3; ++round) {
    const std::vector<double> request = random.request(0.2);
    const std::vector<float> bound_scores = all_scores(*bound(), request, 12);
    std::vector<float> values;
    std::vector<ItemId> items;
    for (std::uint32_t row = 0; row < catalog_->rows(); row += 7) {
      const CatalogChunk& chunk = *catalog_->chunks()[row / kChunkRows];
      maker.append_numbers(maker.asked(request), chunk, row % kChunkRows, values);
      items.push_back(catalog_->id_at(row));
    }
    std::vector<float> scores(items.size());
    model_->score_features({values, maker.width(), items}, 12, scores);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      ASSERT_NEAR(scores[i], bound_scores[7 * i], 1e-5) << "row " << 7 * i;
    }
  }
}

TEST_P(ModelContract, ScoresWithoutAPrecomputedHalf) {
  const auto on_the_fly = model_->bind(catalog_, nullptr, 0);
  EXPECT_EQ(on_the_fly->resident_bytes(), 0U);
  EXPECT_EQ(all_scores(*on_the_fly, request_, 13), all_scores(*bound(), request_, 13));
}

TEST_P(ModelContract, ExplainsTheLogOddsOfItsRawScore) {
  if (model_->draws()) return;  // a draw has no reasons
  SampleNumbers random(14);
  const std::size_t width = domain_->features.size() + domain_->crosses.size();
  for (int round = 0; round < 50; ++round) {
    std::vector<float> values;
    for (std::size_t c = 0; c < width; ++c) {
      values.push_back(random.chance(0.1) ? std::numeric_limits<float>::quiet_NaN()
                                          : static_cast<float>(random.uniform(-2, 3)));
    }
    const std::vector<ItemId> item = {ItemId{random.whole(0, 120)}};
    std::vector<float> score(1);
    model_->score_features({values, width, item}, 0, score);
    const Explanation explanation = model_->explain({values, width, item});
    ASSERT_EQ(explanation.contributions.size(), width);
    const double sum =
        std::accumulate(explanation.contributions.begin(), explanation.contributions.end(), explanation.base);
    const auto raw = static_cast<double>(score[0]);
    ASSERT_NEAR(sum, std::log(raw / (1 - raw)), 1e-3 + 1e-6 / raw / (1 - raw)) << "score " << raw;
  }
}

TEST_P(ModelContract, KeepsItsScoresWhenCalibrated) {
  const Calibration calibration{1.5F, -0.25F};
  const auto calibrated = model_->calibrated(calibration);
  EXPECT_EQ(calibrated->calibration(), calibration);
  EXPECT_EQ(model_->calibration(), Calibration{});
  EXPECT_EQ(all_scores(*calibrated->bind(catalog_, nullptr, kUnbounded), request_, 15),
            all_scores(*bound(), request_, 15));
  const auto loaded = load_model(calibrated->save(), *domain_);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ((*loaded)->calibration(), calibration);
  EXPECT_EQ((*loaded)->save(), calibrated->save());
}

TEST_P(ModelContract, IsTrainedAndCalibratedFromLabelledRows) {
  const LabelledRows rows = sample_rows(*domain_);
  const auto train = [&](std::stop_token stop) {
    return train_model(*domain_, slice(rows, 0, 150), slice(rows, 150, 200),
                       {.family = std::string(GetParam())}, {}, std::move(stop));
  };
  const auto model = train({});
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ((*model)->family(), GetParam());
  EXPECT_EQ((*train({}))->save(), (*model)->save());
  const auto loaded = load_model((*model)->save(), *domain_);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(score_rows(**loaded, rows, 16), score_rows(**model, rows, 16));
  const auto family = std::ranges::find(families(), GetParam(), &Family::name);
  EXPECT_EQ(!(*model)->posterior_draws(1).empty(), family->keeps_posterior);
}

TEST_P(ModelContract, EndsItsTrainingWhenAStopIsRequested) {
  if (model_->draws()) return;  // nothing to train
  std::stop_source stop;
  stop.request_stop();
  const auto model = train_model(*domain_, sample_rows(*domain_), {}, {.family = std::string(GetParam())}, {},
                                 stop.get_token());
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kAborted);
  EXPECT_EQ(model.error().message, "training was cancelled");
}

std::vector<std::string_view> family_names() {
  std::vector<std::string_view> names;
  for (const Family& family : families()) names.push_back(family.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Families, ModelContract, testing::ValuesIn(family_names()),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace rankloop::ml
