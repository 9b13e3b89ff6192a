// Sizes of experiments, and many comparisons at once.
#include "ml/sample_size.h"

#include <array>
#include <vector>

#include <gmock/gmock.h>

namespace rankloop::ml {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

std::int64_t rates(double baseline, double effect, Precision precision = {}) {
  const auto size = size_for_rates(baseline, effect, precision);
  EXPECT_TRUE(size);
  return size ? *size : 0;
}

// As power.prop.test of R has it, rounded up: 3762.4, 14750.8, and 917.3 at a power of 0.9.
TEST(SampleSize, IsThatOfTwoProportions) {
  EXPECT_EQ(rates(0.30, 0.03), 3'763);
  EXPECT_EQ(rates(0.10, 0.01), 14'751);
  EXPECT_EQ(rates(0.10, 0.05, {.power = 0.9}), 918);
}

TEST(SampleSize, IsThatOfTwoMeans) {
  const auto size = size_for_means(1, 0.1, {});
  ASSERT_TRUE(size);
  EXPECT_EQ(*size, 1'570);  // 2 * (1.95996 + 0.84162)^2 * 100
  EXPECT_EQ(*size_for_means(1, -0.1, {}), 1'570);
}

TEST(SampleSize, RefusesWhatIsNoRateOrNoEffect) {
  EXPECT_FALSE(size_for_rates(0.3, 0, {}));
  EXPECT_FALSE(size_for_rates(0, 0.1, {}));
  EXPECT_FALSE(size_for_rates(0.9, 0.1, {}));
  EXPECT_FALSE(size_for_rates(0.05, -0.1, {}));
  EXPECT_FALSE(size_for_rates(0.5, 1e-8, {}));
  EXPECT_FALSE(size_for_means(0, 1, {}));
  EXPECT_FALSE(size_for_means(1, 0, {}));
}

TEST(SampleSize, OfAllArmsGoesByTheLeastFavoured) {
  EXPECT_EQ(size_of_all(1'000, std::array{0.5, 0.5}), 2'000);
  EXPECT_EQ(size_of_all(1'000, std::array{0.05, 0.05}), 2'000);
  EXPECT_EQ(size_of_all(1'000, std::array{0.9, 0.1}), 5'556);  // 500 * (1 / 0.9 + 1 / 0.1)
  EXPECT_EQ(size_of_all(1'000, std::array{0.5, 0.25, 0.25}), 3'000);
}

// The example of p.adjust in R: c(0.01, 0.04, 0.03).
TEST(Holm, AdjustsInStepAndNeverFalls) {
  EXPECT_THAT(holm_adjusted(std::array{0.01, 0.04, 0.03}),
              ElementsAre(DoubleEq(0.03), DoubleEq(0.06), DoubleEq(0.06)));
  EXPECT_THAT(holm_adjusted(std::array{0.9, 0.8}), ElementsAre(DoubleEq(1), DoubleEq(1)));
  EXPECT_TRUE(holm_adjusted(std::vector<double>{}).empty());
}

}  // namespace
}  // namespace rankloop::ml
