#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "ml/families/popularity/popularity_model.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

// Item 1: 30 of 40; item 2: none of 60. Together 30 of 100.
LabelledRows shown_items() {
  LabelledRows rows;
  rows.features = 7;
  for (int i = 0; i < 100; ++i) {
    rows.values.insert(rows.values.end(), 7, 0.0F);
    rows.items.push_back(ItemId{i < 40 ? 1 : 2});
    rows.labels.push_back(i < 30 ? 1 : 0);
  }
  return rows;
}

std::vector<float> shares(const LabelledRows& rows, const std::vector<ItemId>& items) {
  const auto model = train_model(sample_domain(), rows, {}, {.family = "popularity"}, {}, {});
  EXPECT_TRUE(model) << model.error().message;
  const std::vector<float> values(7 * items.size());
  std::vector<float> scores(items.size());
  (*model)->score_features({values, 7, items}, 0, scores);
  return scores;
}

TEST(Popularity, IsTheShareOfPicksSmoothedByTwentyShowings) {
  const std::vector<float> scores = shares(shown_items(), {ItemId{1}, ItemId{2}, ItemId{3}});
  EXPECT_FLOAT_EQ(scores[0], (30.0F + 20 * 0.3F) / 60);
  EXPECT_FLOAT_EQ(scores[1], 20 * 0.3F / 80);
  EXPECT_FLOAT_EQ(scores[2], 0.3F);  // never shown
}

TEST(Popularity, CountsWeightsAndSoftLabels) {
  LabelledRows rows;
  rows.features = 7;
  rows.values.assign(14, 0.0F);
  rows.items = {ItemId{1}, ItemId{2}};
  rows.labels = {0.5F, 0.25F};
  rows.weights = {60, 20};
  const std::vector<float> scores = shares(rows, {ItemId{1}, ItemId{2}});
  const double prior = 35.0 / 80;
  EXPECT_NEAR(scores[0], (30 + 20 * prior) / 80, 1e-6);
  EXPECT_NEAR(scores[1], (5 + 20 * prior) / 40, 1e-6);
}

TEST(Popularity, RefusesRowsWithoutItems) {
  LabelledRows rows = shown_items();
  rows.items.clear();
  const auto model = train_model(sample_domain(), rows, {}, {.family = "popularity"}, {}, {});
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_NE(model.error().message.find("rows without items"), std::string::npos);
}

TEST(Popularity, RanksTheCatalogByItsItemsShares) {
  const auto catalog = sample_catalog(share(sample_domain()), 50, 1);
  const ItemId known = catalog->id_at(20);
  const auto model = make_popularity_model({{known}, {0.75F}, 0.125F});
  const std::vector<float> scores =
      all_scores(*model->bind(catalog, nullptr, SIZE_MAX), std::vector<double>(kSampleRequestColumns));
  for (std::uint32_t row = 0; row < 50; ++row) EXPECT_EQ(scores[row], row == 20 ? 0.75F : 0.125F);
}

TEST(Popularity, RefusesSharesThatAreNone) {
  for (const float share : {0.0F, 1.0F, NAN}) {
    const auto model = make_popularity_model({{ItemId{1}}, {share}, 0.5F});
    const auto loaded = load_model(model->save(), sample_domain());
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::kDataLoss);
  }
  const auto unsorted = make_popularity_model({{ItemId{2}, ItemId{1}}, {0.5F, 0.5F}, 0.5F});
  EXPECT_FALSE(load_model(unsorted->save(), sample_domain()));
}

}  // namespace
}  // namespace rankloop::ml
