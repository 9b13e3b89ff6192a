// What every model family owes of features that are no numbers, and of those that are absent.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ml/artefact.h"
#include "ml/drift.h"
#include "ml/families/families.h"
#include "ml/feature_space.h"
#include "ml/row_metrics.h"
#include "ml/train.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kUnbounded = SIZE_MAX;
constexpr std::size_t kBrands = 20;
constexpr std::size_t kTags = 12;
constexpr std::size_t kTaste = 3;

// Of a shop: what it asks with, and what it sells. The item's numbers are price, taste, a place and the
// moment since when it is sold, its words brand and tags; the request's are budget, taste, a place and a
// moment, its device and what is wanted, and what was typed into the search for titles.
Domain shop() {
  Domain domain;
  domain.name = "shop";
  domain.features = {
      {"budget", Side::kRequest, 0},
      {"brand", Side::kItem, 0, FeatureKind::kCode},
      {"taste", Side::kItem, 1, FeatureKind::kVector, kTaste},
      {"device", Side::kRequest, 0, FeatureKind::kCode},
      {"price", Side::kItem, 0},
      {"tags", Side::kItem, 1, FeatureKind::kCodes},
  };
  const auto cross = [](std::string name, CrossOp op, std::size_t request, std::size_t item,
                        std::size_t size) {
    Cross made{
        .name = std::move(name), .op = op, .request_column = request, .item_column = item, .size = size};
    made.request_unit = made.item_unit = 1.0 / 86'400;
    return made;
  };
  domain.crosses = {{"price within budget", CrossOp::kCompare, Comparison::kGreaterEqual, 0, 0},
                    cross("same brand", CrossOp::kSame, 1, 0, 1),
                    cross("wanted", CrossOp::kContains, 1, 1, 1),
                    cross("wanted tags", CrossOp::kOverlap, 1, 1, 1),
                    cross("alike", CrossOp::kJaccard, 1, 1, 1),
                    cross("found", CrossOp::kCoverage, 1, 1, 1),
                    cross("dot", CrossOp::kDot, 1, 1, kTaste),
                    cross("angle", CrossOp::kCosine, 1, 1, kTaste),
                    cross("apart", CrossOp::kDistance, 1, 1, kTaste),
                    cross("km", CrossOp::kDistanceKm, 4, 4, 2),
                    cross("days", CrossOp::kDays, 6, 6, 1),
                    cross("title", CrossOp::kMatch, 0, 0, 1),
                    cross("found in title", CrossOp::kFound, 0, 0, 1),
                    cross("device and brand", CrossOp::kPair, 0, 0, 1)};
  domain.feature_fingerprint = "shop-features";
  return domain;
}

// Each absent now and then.
void add_taste_place_and_moment(SampleNumbers& random, Values& values) {
  const auto add = [&](std::size_t count, double low, double high) {
    const bool given = random.chance(0.9);
    for (std::size_t i = 0; i < count; ++i)
      values.numbers.push_back(given ? random.uniform(low, high) : kSampleAbsent);
  };
  add(kTaste, -1, 1);
  add(2, -80, 80);
  add(1, 1.7e9, 1.8e9);
}

std::vector<std::string> drawn_tags(SampleNumbers& random) {
  std::vector<std::string> tags;
  for (std::size_t t = 0; t < kTags; ++t) {
    if (random.chance(0.2)) tags.push_back("tag-" + std::to_string(t));
  }
  return tags;
}

Words drawn_text(SampleNumbers& random, std::int64_t most) {
  if (random.chance(0.1)) return std::nullopt;
  std::vector<std::string> words;
  for (std::int64_t i = random.whole(0, most); i > 0; --i)
    words.push_back("word " + std::to_string(random.whole(0, random.whole(0, 20))));
  return words;
}

Values drawn_request(SampleNumbers& random) {
  Values request;
  request.numbers = {random.uniform(0, 1)};
  add_taste_place_and_moment(random, request);
  request.words.resize(2);
  if (!random.chance(0.2)) request.words[1] = drawn_tags(random);
  if (!random.chance(0.1)) request.words[0] = {{random.chance(0.5) ? "phone" : "wall of a kitchen"}};
  request.texts = {drawn_text(random, 3)};
  return request;
}

Values drawn_item(SampleNumbers& random) {
  Values item;
  item.numbers = {random.chance(0.3) ? kSampleAbsent : random.uniform(0, 1)};
  add_taste_place_and_moment(random, item);
  const std::int64_t brand = random.whole(0, kBrands);  // the last one: none
  item.words.emplace_back();
  if (brand < static_cast<std::int64_t>(kBrands)) item.words[0] = {{"brand " + std::to_string(brand)}};
  std::vector<std::string> tags = drawn_tags(random);
  item.words.emplace_back();
  if (!random.chance(0.1)) item.words[1] = std::move(tags);
  item.texts = {drawn_text(random, 8)};
  return item;
}

// Log-odds of a pick: each kind of feature, and its absence, moves them, and so do words found and pairs.
double liking(const Values& request, const Values& item) {
  double sum = -2;
  if (request.texts[0] && item.texts[0] &&
      std::ranges::any_of(*request.texts[0], [&](const std::string& word) {
        return std::ranges::count(*item.texts[0], word) > 0;
      }))
    sum += 1;
  if (request.words[0] == Words{{"phone"}} && item.words[0] == Words{{"brand 7"}}) sum += 2;
  if (item.words[0] == Words{{"brand 3"}}) sum += 4;
  if (!item.words[0]) sum -= 2;
  if (item.words[1] && std::ranges::count(*item.words[1], "tag-5") > 0) sum += 3;
  if (std::isnan(item.numbers[0])) sum += 3;
  if (!std::isnan(item.numbers[2])) sum += 2 * item.numbers[2];
  return sum;
}

struct Shop {
  explicit Shop(std::uint32_t seed, std::size_t requests = 400, std::size_t shown = 8) {
    SampleNumbers random(seed);
    std::vector<ItemChange> changes;
    for (std::int64_t id = 1; id <= 600; ++id) {
      items.push_back(drawn_item(random));
      changes.push_back({ItemId{id}, 1, catalog->pick(items.back())});
    }
    catalog = catalog->with(1, changes);
    const FeatureMaker maker(*domain, *catalog);
    rows = maker.no_rows();
    for (std::size_t r = 0; r < requests; ++r) {
      const Values request = drawn_request(random);
      std::vector<double> odds;
      for (std::size_t i = 0; i < shown; ++i) {
        const auto at = static_cast<std::size_t>(random.whole(0, 599));
        maker.append(request, changes[at].values.value(), rows);
        rows.items.push_back(changes[at].id);
        odds.push_back(std::exp(liking(request, items[at])));
      }
      pick_one(odds, static_cast<std::int64_t>(r), random, rows);
    }
  }

  const std::shared_ptr<const Domain> domain = share(shop());
  std::shared_ptr<const Catalog> catalog = Catalog::empty(domain);
  std::vector<Values> items;  // by id, from 1
  LabelledRows rows;
};

class FeatureKinds : public testing::TestWithParam<std::string_view> {
 protected:
  static void SetUpTestSuite() { shop_ = std::make_unique<Shop>(1); }
  static void TearDownTestSuite() { shop_.reset(); }

  void SetUp() override {
    TrainingPlan plan{.family = std::string(GetParam())};
    const auto model = train_model(*shop_->domain, slice(shop_->rows, 0, 2400),
                                   slice(shop_->rows, 2400, 2800), plan, {}, {});
    ASSERT_TRUE(model) << model.error().message;
    model_ = *model;
  }
  std::shared_ptr<const CatalogScorer> bound() const {
    return model_->bind(shop_->catalog, nullptr, kUnbounded);
  }

  static std::unique_ptr<Shop> shop_;
  std::shared_ptr<const Model> model_;
};
std::unique_ptr<Shop> FeatureKinds::shop_;

TEST_P(FeatureKinds, AreLearned) {
  if (GetParam() == "random" || GetParam() == "popularity") return;  // they look at no feature
  const LabelledRows unseen = slice(shop_->rows, 2800, shop_->rows.rows());
  const auto metrics = measure(*model_, unseen);
  ASSERT_TRUE(metrics);
  EXPECT_GT(metrics->auc.value_or(0), 0.75);
}

TEST_P(FeatureKinds, ScoreTheSameBitsAfterSavingAndLoading) {
  const std::string artefact = model_->save();
  const auto loaded = load_model(artefact, *shop_->domain);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ((*loaded)->save(), artefact);
  SampleNumbers random(2);
  const Values request = drawn_request(random);
  EXPECT_EQ(all_scores(*(*loaded)->bind(shop_->catalog, nullptr, kUnbounded), request, 3),
            all_scores(*bound(), request, 3));
  EXPECT_EQ(score_rows(**loaded, shop_->rows, 4), score_rows(*model_, shop_->rows, 4));
}

// The same rows both ways: as a request finds them in a catalog, and as a training makes them.
TEST_P(FeatureKinds, ScoreRowsAsABoundScorerScoresTheirItems) {
  const FeatureMaker maker(*shop_->domain, *shop_->catalog);
  SampleNumbers random(5);
  std::vector<Values> requests = {drawn_request(random), drawn_request(random), drawn_request(random)};
  requests[0].words[0] = std::nullopt;
  requests[1].words[0] = {{"a device that nobody had"}};
  requests[2].numbers[0] = kSampleAbsent;
  for (const Values& request : requests) {
    const std::vector<float> expected = all_scores(*bound(), request, 6);
    EXPECT_EQ(all_scores(*model_->bind(shop_->catalog, nullptr, 0), request, 6), expected);
    LabelledRows rows = maker.no_rows();
    for (std::size_t i = 0; i < shop_->items.size(); ++i) {
      maker.append(request, shop_->catalog->pick(shop_->items[i]), rows);
      rows.items.push_back(shop_->catalog->id_at(static_cast<std::uint32_t>(i)));
    }
    std::vector<float> scores(rows.items.size());
    model_->score_features(rows.view(), 6, scores);
    for (std::size_t i = 0; i < scores.size(); ++i) ASSERT_NEAR(scores[i], expected[i], 1e-5) << "item " << i;
  }
}

TEST_P(FeatureKinds, FollowItemsThatChangeTheirWords) {
  const auto before = bound();
  Values changed = shop_->items[0];
  changed.words[0] = {{"brand 3"}};
  changed.words[1] = {{"tag-5", "tag-nobody-knows", "tag-0", "another unknown one"}};
  changed.texts[0] = {{"word 1", "word 0", "word 1", "another unknown one"}};
  Values emptied = shop_->items[1];
  emptied.words = {Words{}, Words{std::vector<std::string>{}}};
  emptied.texts = {Words{}};
  const std::vector<ItemChange> changes = {{ItemId{1}, 2, shop_->catalog->pick(changed)},
                                           {ItemId{2}, 2, shop_->catalog->pick(emptied)},
                                           {ItemId{601}, 2, shop_->catalog->pick(changed)}};
  const auto catalog = shop_->catalog->with(2, changes);
  SampleNumbers random(7);
  const Values request = drawn_request(random);
  const auto rebound = model_->bind(catalog, before.get(), kUnbounded);
  EXPECT_EQ(all_scores(*rebound, request, 8), all_scores(*model_->bind(catalog, nullptr, 0), request, 8));
  const FeatureMaker maker(*shop_->domain, *catalog);
  LabelledRows rows = maker.no_rows();
  maker.append(request, catalog->pick(changed), rows);
  maker.append(request, catalog->pick(emptied), rows);
  rows.items = {ItemId{1}, ItemId{2}};
  std::vector<float> scores(2);
  model_->score_features(rows.view(), 8, scores);
  const std::vector<float> expected = all_scores(*rebound, request, 8);
  EXPECT_NEAR(scores[0], expected[0], 1e-5);
  EXPECT_NEAR(scores[1], expected[1], 1e-5);
}

TEST_P(FeatureKinds, AreExplained) {
  if (model_->draws()) return;
  const FeatureSpace space(*shop_->domain);
  for (std::size_t r = 0; r < 60; ++r) {
    const FeatureRows row = shop_->rows.view().some(r, 1);
    std::vector<float> score(1);
    model_->score_features(row, 0, score);
    const Explanation explanation = model_->explain(row);
    const std::vector<double> features = space.by_feature(explanation.contributions, row.width);
    ASSERT_EQ(features.size(), shop_->domain->features.size() + shop_->domain->crosses.size());
    const double sum = std::accumulate(features.begin(), features.end(), explanation.base);
    const auto raw = static_cast<double>(score[0]);
    ASSERT_NEAR(sum, std::log(raw / (1 - raw)), 1e-3 + 1e-6 / raw / (1 - raw)) << "row " << r;
  }
}

TEST_P(FeatureKinds, ScoreNumbersWhateverStandsInAPayload) {
  const auto own = open_artefact(model_->save());
  ASSERT_TRUE(own);
  const LabelledRows rows = slice(shop_->rows, 0, 40);
  std::vector<float> scores(rows.rows());
  const std::size_t step = 1 + own->payload.size() / 300;
  for (const std::uint32_t bits : {0x7FC00000U, 0x7F800000U, 0xFFFFFFFFU, 0x00000FFFU}) {
    for (std::size_t at = 0; at + sizeof bits <= own->payload.size(); at += step) {
      Artefact changed = *own;
      std::memcpy(changed.payload.data() + at, &bits, sizeof bits);
      const auto loaded = load_model(seal_artefact(changed), *shop_->domain);
      if (!loaded) {
        EXPECT_EQ(loaded.error().code, ErrorCode::kDataLoss) << "byte " << at;
        continue;
      }
      (*loaded)->score_features(rows.view(), 0, scores);
      EXPECT_TRUE(std::ranges::none_of(scores, [](float score) { return std::isnan(score); }))
          << "byte " << at;
    }
  }
}

TEST_P(FeatureKinds, TrainAlikeTwice) {
  const TrainingPlan plan{.family = std::string(GetParam())};
  const auto again =
      train_model(*shop_->domain, slice(shop_->rows, 0, 2400), slice(shop_->rows, 2400, 2800), plan, {}, {});
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->save(), model_->save());
}

std::vector<std::string_view> all_families() {
  std::vector<std::string_view> names;
  for (const Family& family : families()) names.push_back(family.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Families, FeatureKinds, testing::ValuesIn(all_families()),
                         [](const auto& name) { return std::string(name.param); });

TEST(FeatureKinds, DriftIsToldOfWords) {
  const Shop then(11);
  const std::vector<FeatureSnapshot> snapshots = take_snapshot(*then.domain, then.rows);
  ASSERT_EQ(snapshots.size(), 6U);
  EXPECT_EQ(snapshots[1].words.size(), 9U);
  EXPECT_TRUE(snapshots[1].edges.empty());
  EXPECT_EQ(snapshots[1].shares.size(), 11U);
  const auto index_of = [&](const Shop& now, std::size_t feature) {
    return stability_index(snapshots[feature].shares,
                           shares_in(snapshots[feature], *now.domain, feature, now.rows));
  };
  const Shop same(12);
  for (std::size_t f = 0; f < snapshots.size(); ++f) {
    EXPECT_NEAR(std::accumulate(snapshots[f].shares.begin(), snapshots[f].shares.end(), 0.0), 1, 1e-9);
    EXPECT_LT(index_of(same, f), 0.1) << snapshots[f].feature;
  }
  Shop other(13);
  for (CodeColumn& column : other.rows.codes) {
    for (std::size_t r = 0; r < column.rows(); ++r) column.set(r, std::vector<std::int32_t>{kAbsentCode});
  }
  EXPECT_GT(index_of(other, 1), 1);
}

}  // namespace
}  // namespace rankloop::ml
