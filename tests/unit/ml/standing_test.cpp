// Means over requests, hits, and what one model has before another.
#include "ml/standing.h"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rankloop::ml {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

using Numbers = std::vector<double>;
using Requests = std::vector<std::int64_t>;

PerRequest hits(const Numbers& scores, const Numbers& labels, const Requests& requests, std::size_t depth) {
  const auto values = hits_per_request({scores, labels, {}, requests}, depth);
  EXPECT_TRUE(values) << values.error().message;
  return values ? *values : PerRequest{};
}

TEST(Hits, SayWhetherAPositiveIsAmongTheFirst) {
  const PerRequest values = hits({3, 2, 1, 3, 2, 1}, {0, 1, 0, 0, 0, 1}, {1, 1, 1, 2, 2, 2}, 2);
  EXPECT_THAT(values, ElementsAre(Optional(1.0), Optional(0.0)));
}

TEST(Hits, AreUndefinedWithoutAPositive) {
  EXPECT_THAT(hits({3, 2}, {0, 0}, {1, 1}, 1), ElementsAre(std::nullopt));
}

TEST(Hits, AreTheChanceOverAllOrdersOfEqualScores) {
  const auto of_four = hits({1, 1, 1, 1}, {1, 0, 0, 0}, {1, 1, 1, 1}, 2);
  ASSERT_EQ(of_four.size(), 1U);
  EXPECT_DOUBLE_EQ(of_four[0].value(), 0.5);
  const auto two_of_four = hits({1, 1, 1, 1}, {1, 1, 0, 0}, {1, 1, 1, 1}, 2);
  EXPECT_DOUBLE_EQ(two_of_four[0].value(), 1 - 1.0 / 6);  // one of the six pairs has none
  const auto behind_one = hits({2, 1, 1}, {0, 1, 0}, {1, 1, 1}, 2);
  EXPECT_DOUBLE_EQ(behind_one[0].value(), 0.5);
  const auto above_and_among = hits({2, 1, 1}, {1, 1, 0}, {1, 1, 1}, 2);
  EXPECT_DOUBLE_EQ(above_and_among[0].value(), 1);
}

TEST(MeanOverRequests, LeavesOutWhatIsUndefined) {
  const PerRequest values = {1.0, std::nullopt, 0.0, 0.5};
  const auto mean = mean_over_requests(values, {});
  ASSERT_TRUE(mean);
  EXPECT_DOUBLE_EQ(mean->mean, 0.5);
  EXPECT_EQ(mean->requests, 3U);
  EXPECT_LT(mean->interval.low, 0.5);
  EXPECT_GT(mean->interval.high, 0.5);
  EXPECT_FALSE(mean_over_requests(PerRequest{std::nullopt}, {}));
}

TEST(MeanOverRequests, IsLessSureOfFewPeopleThanOfManyRequests) {
  PerRequest values;
  Requests people;
  for (int i = 0; i < 400; ++i) {
    values.push_back(i / 40 % 2);  // each person is the same all the time
    people.push_back(i / 40);
  }
  const auto by_people = mean_over_requests(values, people);
  const auto by_requests = mean_over_requests(values, {});
  const auto width = [](const Interval& interval) { return interval.high - interval.low; };
  EXPECT_GT(width(by_people->interval), 3 * width(by_requests->interval));
}

TEST(MeanShareOverRequests, LeavesNeitherEndOfWhatSharesMayBe) {
  PerRequest values(100, 1.0);
  values[7] = 0.0;
  EXPECT_GT(mean_over_requests(values, {})->interval.high, 1);
  const auto mean = mean_share_over_requests(values, {});
  EXPECT_EQ(mean->interval.high, 1);
  EXPECT_GT(mean->interval.low, 0.7);
  EXPECT_FALSE(mean_share_over_requests({}, {}));
}

TEST(MeanDifference, PairsRequests) {
  PerRequest a;
  PerRequest b;
  for (int i = 0; i < 50; ++i) {
    a.push_back(0.3 + 0.01 * i);
    b.push_back(0.2 + 0.01 * i + (i % 2 == 0 ? 0.01 : -0.01));
  }
  a.push_back(std::nullopt);
  b.push_back(0.0);
  const auto lead = mean_difference(a, b, {});
  ASSERT_TRUE(lead);
  EXPECT_NEAR(lead->mean, 0.1, 1e-9);
  EXPECT_EQ(lead->requests, 50U);
  EXPECT_GT(lead->interval.low, 0.09);  // by itself each of them varies by far more
}

}  // namespace
}  // namespace rankloop::ml
