// What labels are worth.
#include "ml/gains.h"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ml/evaluate.h"
#include "ml/train.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

Gain by_labels(std::vector<double> labels) {
  return settled(Gain::kByLabels, labels);
}

TEST(Gains, AreExponentialOfGradesAndSharesAndElseTheLabels) {
  EXPECT_EQ(by_labels({0, 1, 1}), Gain::kExponential);
  EXPECT_EQ(by_labels({0, 0.25, 1}), Gain::kExponential);
  EXPECT_EQ(by_labels({0, 4, 10}), Gain::kExponential);
  EXPECT_EQ(by_labels({0, 4, 11}), Gain::kLinear);
  EXPECT_EQ(by_labels({0, 0.5, 2}), Gain::kLinear);
  EXPECT_EQ(by_labels({19.9, 0}), Gain::kLinear);
  EXPECT_EQ(by_labels({}), Gain::kExponential);
  EXPECT_EQ(settled(Gain::kLinear, std::vector<double>{1}), Gain::kLinear);
  EXPECT_EQ(*parse_gain("auto"), Gain::kByLabels);
}

double ndcg(std::vector<double> labels, Gain gain = Gain::kByLabels) {
  const std::vector<double> scores = {3, 2, 1};
  const std::vector<std::int64_t> requests = {1, 1, 1};
  return *evaluate({scores, labels, {}, requests}, {}, gain)->ndcg.back();
}

TEST(Gains, DecideNdcg) {
  const double second = 1 / std::log2(3);
  EXPECT_DOUBLE_EQ(ndcg({1, 3, 0}), (1 + 7 * second) / (7 + second));
  EXPECT_DOUBLE_EQ(ndcg({1.5, 30, 0}), (1.5 + 30 * second) / (30 + 1.5 * second));
  EXPECT_DOUBLE_EQ(ndcg({1.5, 30, 0}), ndcg({1.5, 30, 0}, Gain::kLinear));
}

LabelledRows lists(float of_a_pick) {
  LabelledRows rows = choices_within_lists(60, 5, 3);
  for (float& label : rows.labels) label *= of_a_pick;
  return rows;
}

std::string artefact_of(const std::string& family, const LabelledRows& rows, const LabelledRows& validation) {
  Domain domain;
  domain.features = {{"value", Side::kItem, 0}};
  domain.feature_fingerprint = "gains";
  LabelledRows with_items = rows;
  for (std::size_t r = 0; r < rows.rows(); ++r)
    with_items.items.push_back({static_cast<std::int64_t>(r % 20)});
  LabelledRows later = validation;
  for (std::size_t r = 0; r < later.rows(); ++r) later.items.push_back({static_cast<std::int64_t>(r % 20)});
  const TrainingPlan plan{.family = family, .objective = Objective::kListwise};
  const auto model = train_model(domain, with_items, later, plan, {}, {});
  EXPECT_TRUE(model) << model.error().message;
  return model ? (*model)->save() : "";
}

// One pick is worth one pick, whatever it is called; two worth more teach something else.
TEST(Gains, TeachAsSharesOfTheGreatest) {
  const LabelledRows zero_or_one = lists(1);
  const LabelledRows validation = slice(zero_or_one, 250, 300);
  for (const std::string family : {"popularity", "logistic", "mlp", "gbdt"}) {
    const std::string expected = artefact_of(family, zero_or_one, validation);
    LabelledRows threes = lists(3);
    EXPECT_EQ(artefact_of(family, threes, slice(threes, 250, 300)), expected) << family;
    LabelledRows prices = lists(19.5F);
    EXPECT_EQ(artefact_of(family, prices, slice(prices, 250, 300)), expected) << family;
    for (std::size_t r = 0; r < 100; ++r) threes.labels[r] /= 3;
    EXPECT_NE(artefact_of(family, threes, validation), expected) << family;
  }
}

TEST(Gains, LeaveSharesAlone) {
  LabelledRows rows = lists(0.5F);
  EXPECT_FALSE(as_shares(rows, {}));
  rows.labels[0] = 2;
  const auto shares = as_shares(rows, rows);
  ASSERT_TRUE(shares);
  EXPECT_EQ(shares->rows.labels[0], 1);  // linear: 0.5 is no grade
  EXPECT_EQ(shares->validation.labels, shares->rows.labels);
  rows.labels[0] = 1;
  const auto of_later = as_shares(rows, lists(4));
  ASSERT_TRUE(of_later);
  EXPECT_EQ(of_later->rows.labels[0], 0.25F);
}

TEST(Gains, AreFiniteAndNotNegative) {
  Domain domain;
  domain.features = {{"value", Side::kItem, 0}};
  for (const float label : {-1.0F, std::numeric_limits<float>::infinity(), NAN}) {
    LabelledRows rows = lists(1);
    rows.labels[7] = label;
    const auto model = train_model(domain, rows, {}, {.family = "logistic"}, {}, {});
    ASSERT_FALSE(model);
    EXPECT_NE(model.error().message.find("row 8 has the label"), std::string::npos) << model.error().message;
  }
}

}  // namespace
}  // namespace rankloop::ml
