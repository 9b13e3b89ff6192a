// The family of shares.
#include <algorithm>
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
  rows.width = 7;
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
  // Never shown: what it may be at best, for fewer than eight have a record.
  EXPECT_NEAR(scores[2], 0.3 + 1.28 * std::sqrt(0.3 * 0.7 / 21), 1e-3);
}

TEST(Popularity, CountsWeightsAndSoftLabels) {
  LabelledRows rows;
  rows.width = 7;
  rows.values.assign(14, 0.0F);
  rows.items = {ItemId{1}, ItemId{2}};
  rows.labels = {0.5F, 0.25F};
  rows.weights = {60, 20};
  const std::vector<float> scores = shares(rows, {ItemId{1}, ItemId{2}});
  const double prior = 35.0 / 80;
  EXPECT_NEAR(scores[0], (30 + 20 * prior) / 80, 1e-6);
  EXPECT_NEAR(scores[1], (5 + 20 * prior) / 40, 1e-6);
}

// Items 1..100 with 40 showings each, better by their number; 101 with 10, of which one was a pick.
LabelledRows a_hundred_items() {
  LabelledRows rows;
  rows.width = 7;
  for (int item = 1; item <= 101; ++item) {
    const int shown = item <= 100 ? 40 : 10;
    for (int i = 0; i < shown; ++i) {
      rows.values.insert(rows.values.end(), 7, 0.0F);
      rows.items.push_back(ItemId{3 * item});
      rows.labels.push_back(i < (item <= 100 ? item / 10 : 1) ? 1 : 0);
    }
  }
  return rows;
}

TEST(Popularity, TriesWhatWasHardlyShownBehindTheEightBest) {
  const std::vector<float> scores =
      shares(a_hundred_items(), {ItemId{300}, ItemId{279}, ItemId{276}, ItemId{273}, ItemId{270}, ItemId{267},
                                 ItemId{303}, ItemId{301}, ItemId{304}, ItemId{3}});
  const float best = scores[0];
  const float eighth = scores[1];
  const float tenth = scores[5];
  EXPECT_GT(best, eighth);
  for (const std::size_t on_trial : {6U, 7U, 8U}) {
    EXPECT_LT(scores[on_trial], eighth);
    EXPECT_GT(scores[on_trial], tenth);
  }
  EXPECT_GT(scores[8], scores[7]) << "the newest comes first";
  EXPECT_GT(scores[7], scores[6]) << "and who was never shown before who was a little";
  EXPECT_LT(scores[9], tenth);
}

TEST(Popularity, TriesOthersWhenItHasLearnedMore) {
  LabelledRows more = a_hundred_items();
  more.labels.back() = 1;
  std::vector<ItemId> never;
  for (int i = 0; i < 50; ++i) never.push_back(ItemId{3 * i + 1});
  const auto first = [&](const std::vector<float>& scores) {
    return std::max_element(scores.begin(), scores.end()) - scores.begin();
  };
  EXPECT_EQ(shares(more, never), shares(more, never));
  EXPECT_NE(first(shares(a_hundred_items(), never)), first(shares(more, never)));
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
  const auto model = make_popularity_model({{known}, {0.75F}, 0.25F, 0.125F});
  const std::vector<float> scores =
      all_scores(*model->bind(catalog, nullptr, SIZE_MAX), std::vector<double>(kSampleRequestColumns));
  for (std::uint32_t row = 0; row < 50; ++row) EXPECT_EQ(scores[row], row == 20 ? 0.75F : 0.125F);
}

TEST(Popularity, RefusesSharesThatAreNone) {
  for (const float share : {0.0F, 1.0F, NAN}) {
    const auto model = make_popularity_model({{ItemId{1}}, {share}, 0.5F, 0.5F});
    const auto loaded = load_model(model->save(), sample_domain());
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::kDataLoss);
  }
  EXPECT_FALSE(load_model(make_popularity_model({{ItemId{1}}, {0.5F}, 0.5F, 1.0F})->save(), sample_domain()));
  const auto unsorted = make_popularity_model({{ItemId{2}, ItemId{1}}, {0.5F, 0.5F}, 0.5F, 0.5F});
  EXPECT_FALSE(load_model(unsorted->save(), sample_domain()));
}

}  // namespace
}  // namespace rankloop::ml
