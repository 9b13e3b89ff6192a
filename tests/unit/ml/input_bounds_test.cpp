// Outliers in the inputs: found, bounded, told, and bounded alike wherever a model scores.
#include "ml/input_bounds.h"

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ml/artefact.h"
#include "ml/feature_space.h"
#include "ml/train.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

LabelledRows column_of(std::vector<float> values) {
  LabelledRows rows;
  rows.width = 1;
  rows.labels.resize(values.size());
  rows.values = std::move(values);
  return rows;
}

FittedBounds bounds_of(std::vector<float> values) {
  const LabelledRows rows = column_of(std::move(values));
  const std::array<const LabelledRows*, 1> parts = {&rows};
  return fit_bounds(parts).front();
}

std::vector<float> drawn(std::size_t count, double (*draw)(SampleNumbers&)) {
  SampleNumbers random(1);
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<float>(draw(random)));
  return values;
}

TEST(InputBounds, LeaveOrdinaryColumnsAlone) {
  const auto uniform = [](SampleNumbers& random) { return random.uniform(40, 3000); };
  const auto skewed = [](SampleNumbers& random) { return std::exp(random.uniform(0, 6)); };
  const auto rare_flag = [](SampleNumbers& random) { return random.chance(0.002) ? 1.0 : 0.0; };
  const auto rare_count = [](SampleNumbers& random) {
    return random.chance(0.95) ? 0.0 : random.uniform(1, 500);
  };
  const auto constant = [](SampleNumbers&) { return 7.0; };
  for (const auto draw : {+uniform, +skewed, +rare_flag, +rare_count, +constant}) {
    const FittedBounds fitted = bounds_of(drawn(4000, draw));
    EXPECT_FALSE(fitted.bounds.any());
    EXPECT_EQ(fitted.outside, 0U);
  }
  EXPECT_FALSE(bounds_of({}).bounds.any());
  EXPECT_FALSE(bounds_of({1, 2, 1e9F}).bounds.any()) << "too few to know what is usual";
}

TEST(InputBounds, CountOutliersAsTheFurthestOfTheOthers) {
  std::vector<float> values = drawn(4000, [](SampleNumbers& random) { return random.uniform(40, 3000); });
  const float highest = *std::max_element(values.begin(), values.end());
  const float lowest = *std::min_element(values.begin(), values.end());
  values[17] = 1e6F;
  values[18] = std::numeric_limits<float>::infinity();
  values[19] = std::numeric_limits<float>::quiet_NaN();
  FittedBounds fitted = bounds_of(values);
  EXPECT_EQ(fitted.bounds, (InputBounds{.high = highest}));
  EXPECT_EQ(fitted.outside, 2U);
  values[20] = -1e9F;
  fitted = bounds_of(values);
  EXPECT_EQ(fitted.bounds, (InputBounds{lowest, highest}));
  EXPECT_EQ(fitted.outside, 3U);
}

TEST(InputBounds, AreThoseOfTheRareValuesWhereMostRowsHaveOneValue) {
  std::vector<float> values(4000);
  for (std::size_t i = 0; i < 100; ++i) values[40 * i] = static_cast<float>(i % 9 + 1);
  values[1] = 1e9F;
  const FittedBounds fitted = bounds_of(values);
  EXPECT_EQ(fitted.bounds, (InputBounds{.high = 9}));
  EXPECT_EQ(fitted.outside, 1U);
}

// Lists of ten of which the best by both features is picked, mostly; the second has values in the hundreds.
LabelledRows lists(std::int64_t requests, std::uint32_t seed) {
  SampleNumbers random(seed);
  LabelledRows rows;
  rows.width = 2;
  for (std::int64_t request = 0; request < requests; ++request) {
    std::vector<double> odds;
    for (int i = 0; i < 10; ++i) {
      const double x = random.uniform(-1, 1);
      const double y = random.uniform(100, 300);
      rows.values.push_back(static_cast<float>(x));
      rows.values.push_back(static_cast<float>(y));
      odds.push_back(std::exp(x - 0.02 * (y - 200)));
    }
    pick_one(odds, request, random, rows);
  }
  return rows;
}

class Outlier : public testing::TestWithParam<const char*> {
 protected:
  std::shared_ptr<const Model> train(const LabelledRows& rows) {
    TrainingPlan plan{.family = GetParam(), .objective = Objective::kListwise};
    const auto model = train_model(domain_, rows, lists(60, 2), plan, {}, {}, &report_);
    EXPECT_TRUE(model) << model.error().message;
    return *model;
  }
  static double ndcg_of(const Model& model) { return *measure(model, lists(500, 3))->ndcg.back(); }

  Domain domain_ = [] {
    Domain domain;
    domain.features = {{"x", Side::kItem, 0}, {"price", Side::kItem, 1}};
    domain.feature_fingerprint = "two";
    return domain;
  }();
  TrainingReport report_;
};

TEST_P(Outlier, LeavesTheModelAsGoodAsItWas) {
  const LabelledRows sound = lists(400, 1);
  const double before = ndcg_of(*train(sound));
  EXPECT_TRUE(report_.bounded.empty());
  for (const float outlier : {1e6F, -1e6F, 1e9F, 1e30F}) {
    LabelledRows rows = sound;
    rows.values[2 * 17 + 1] = outlier;
    EXPECT_NEAR(ndcg_of(*train(rows)), before, 0.01) << outlier;
    ASSERT_EQ(report_.bounded.size(), 1U);
    EXPECT_EQ(report_.bounded[0].name, "price");
    EXPECT_EQ(report_.bounded[0].rows, 1U);
    EXPECT_NE(to_sentence(report_.bounded[0]).find("1 row has a value of price far beyond all others"),
              std::string::npos);
  }
}

// A model without bounds has the format that it had before there were any; of logistic that is the one that
// keeps how sure its weights are.
TEST_P(Outlier, LeavesNoMarkOnAModelOfRowsWithoutAny) {
  const auto artefact = open_artefact(train(lists(400, 1))->save());
  ASSERT_TRUE(artefact);
  EXPECT_EQ(artefact->format, std::string_view{GetParam()} == "logistic" ? 4U : 1U);
}

INSTANTIATE_TEST_SUITE_P(Families, Outlier, testing::Values("logistic", "mlp"));

// Where a model with bounds scores: bound to a catalog, with and without its half kept, on rows, explained,
// loaded.
TEST(InputBounds, HoldWhereverAModelScores) {
  const auto domain = share(sample_domain_with_crosses());
  const auto catalog = sample_catalog(domain, 500, 4, 0.05);
  const FeatureMaker features(*domain, *catalog);
  SampleNumbers random(5);
  LabelledRows rows;
  rows.width = features.width();
  for (int r = 0; r < 2000; ++r) {
    for (std::size_t c = 0; c < rows.width; ++c) {
      const bool far = c != 3 && random.chance(0.002);
      rows.values.push_back(
          static_cast<float>(far ? random.uniform(-1e6, 1e6) : random.uniform(-0.02, 0.02)));
    }
    rows.labels.push_back(
        random.chance(0.5 + 10 * static_cast<double>(rows.values[rows.values.size() - 3])) ? 1 : 0);
  }
  const std::vector<double> request = random.request();
  for (const char* family : {"logistic", "mlp"}) {
    TrainingReport report;
    const auto model =
        train_model(*domain, rows, slice(rows, 1500, 2000), {.family = family}, {}, {}, &report);
    ASSERT_TRUE(model) << model.error().message;
    EXPECT_GT(report.bounded.size(), domain->crosses.size());
    const auto loaded = load_model((*model)->save(), *domain);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ((*loaded)->save(), (*model)->save());
    const std::vector<float> scores = all_scores(*(*loaded)->bind(catalog, nullptr, SIZE_MAX), request);
    EXPECT_EQ(all_scores(*(*loaded)->bind(catalog, nullptr, 0), request), scores);
    for (std::uint32_t row = 0; row < 500; ++row) {
      const CatalogChunk& chunk = *catalog->chunks()[row / kChunkRows];
      std::vector<float> values;
      features.append_numbers(features.asked(request), chunk, row % kChunkRows, values);
      std::vector<float> score(1);
      (*loaded)->score_features({values, features.width(), {}}, 0, score);
      ASSERT_NEAR(scores[row], score[0], 1e-5) << family << " row " << row;
      const Explanation why = (*loaded)->explain({values, features.width(), {}});
      double sum = why.base;
      for (const double part : why.contributions) sum += part;
      ASSERT_NEAR(1 / (1 + std::exp(-sum)), static_cast<double>(score[0]), 1e-3) << family;
    }
  }
}

}  // namespace
}  // namespace rankloop::ml
