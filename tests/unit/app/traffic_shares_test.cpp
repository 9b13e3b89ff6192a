// How the traffic was shared, as it was counted.
#include "app/watch/traffic_shares.h"

#include <gtest/gtest.h>

namespace rankloop::app {
namespace {

constexpr ModelId kOne{1}, kTwo{2}, kThree{3};

WallTime second(int seconds) {
  return WallTime{} + std::chrono::seconds{seconds};
}

TEST(TrafficShares, AreCountedBetweenChanges) {
  TrafficShares shares({second(2'000), second(1'000)});
  for (int i = 0; i < 30; ++i) shares.count(second(100 + i), kOne);
  for (int i = 0; i < 100; ++i) shares.count(second(1'100 + i), i % 4 == 0 ? kTwo : kOne);
  for (int i = 0; i < 40; ++i) shares.count(second(2'100 + i), i % 2 == 0 ? kTwo : kThree);
  EXPECT_TRUE(shares.at(second(100), kOne).empty()) << "one answered all";
  EXPECT_EQ(shares.at(second(1'500), kOne), (Shares{{kOne, 0.75}, {kTwo, 0.25}}));
  EXPECT_EQ(shares.at(second(2'500), kThree), (Shares{{kTwo, 0.5}, {kThree, 0.5}}));
}

TEST(TrafficShares, LeaveOutWhoHardlyAnsweredAndWhatSettles) {
  TrafficShares shares({second(1'000)});
  for (int i = 0; i < 60; ++i) shares.count(second(1'010), i % 2 == 0 ? kTwo : kOne);
  for (int i = 0; i < TrafficShares::kFewestRequests - 1; ++i) shares.count(second(1'010), kThree);
  for (int i = 0; i < 50; ++i) shares.count(second(1'003), kThree);  // who has not yet heard of the change
  EXPECT_EQ(shares.at(second(1'010), kOne).size(), 2U);
  EXPECT_TRUE(shares.at(second(1'010), kThree).empty());
  EXPECT_TRUE(shares.at(second(1'004), kOne).empty());
  EXPECT_FALSE(shares.at(second(1'005), kOne).empty());
  shares.count(second(1'010), kThree);
  EXPECT_EQ(shares.at(second(1'010), kThree).size(), 3U);
}

}  // namespace
}  // namespace rankloop::app
