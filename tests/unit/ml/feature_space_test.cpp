// Features, their words and crosses of a pair.
#include "ml/feature_space.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

std::vector<float> made(bool crosses, const std::vector<double>& request, const std::vector<float>& item) {
  const auto domain = share(sample_domain_with_crosses());
  // It holds the item's columns 1 to 5: column 0 is used by nothing.
  const FeatureMaker maker(*domain, *Catalog::empty(domain), crosses);
  std::vector<float> values;
  maker.append_numbers(request, {.numbers = item, .codes = {}}, values);
  EXPECT_EQ(values.size(), maker.width());
  return values;
}

TEST(FeatureMaker, PutsFeaturesInTheDomainsOrderAndThenCrosses) {
  const std::vector<float> values = made(true, {2, 3, 1, 7}, {10, 20, 4, 0.5F, 1});
  // r0 i1 r1 i2 i3 i5 r3, then the products, and, difference, ratio.
  EXPECT_EQ(std::vector<float>(values.begin(), values.begin() + 13),
            (std::vector<float>{2, 10, 3, 20, 4, 1, 7, 20, 30, 0.5F, 1, -13, 0.5F}));
  // 1 against 1: ==, !=, <, <=, >, >=.
  EXPECT_EQ(std::vector<float>(values.begin() + 13, values.end()), (std::vector<float>{1, 0, 0, 1, 0, 1}));
}

TEST(FeatureMaker, LeavesCrossesOutWhenAsked) {
  EXPECT_EQ(made(false, {2, 3, 1, 7}, {10, 20, 4, 0.5F, 1}).size(), 7U);
}

TEST(FeatureMaker, MakesAnAbsentCrossOfAnAbsentSide) {
  const std::vector<float> no_request = made(true, {kSampleAbsent, 3, 1, 7}, {10, 20, 4, 0.5F, 1});
  EXPECT_TRUE(std::isnan(no_request[0]));
  EXPECT_TRUE(std::isnan(no_request[7]));   // product
  EXPECT_FALSE(std::isnan(no_request[8]));  // of another request column
  EXPECT_TRUE(std::isnan(no_request[12]));  // ratio
  const std::vector<float> no_item = made(true, {2, 3, 1, 7}, {10, 20, 4, 0.5F, NAN});
  EXPECT_TRUE(std::isnan(no_item[10]));  // and
  for (std::size_t c = 13; c < no_item.size(); ++c) EXPECT_TRUE(std::isnan(no_item[c]));
}

TEST(FeatureMaker, ComparesAsFloatsSoThatAPriceOfTheBudgetIsWithinIt) {
  const std::vector<float> values = made(true, {0, 0, 150.1, 0}, {0, 0, 0, 0, 150.1F});
  EXPECT_EQ(values[13], 1);  // ==
  EXPECT_EQ(values[18], 1);  // >=
}

TEST(FeatureMaker, TakesARatioToNothingAsNothing) {
  EXPECT_EQ(made(true, {2, 3, 1, 7}, {10, 20, 0, 0.5F, 1})[12], 0);
}

}  // namespace
}  // namespace rankloop::ml
