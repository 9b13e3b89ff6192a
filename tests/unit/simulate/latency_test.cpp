// The histogram of latencies.
#include "simulate/latency.h"

#include <gtest/gtest.h>

namespace rankloop::simulate {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

TEST(Latency, HasNoPercentilesWithoutRecords) {
  EXPECT_EQ(LatencyHistogram{}.percentile(0.5), nanoseconds{0});
}

TEST(Latency, IsExactToOnePercent) {
  LatencyHistogram latency;
  for (int i = 1; i <= 10'000; ++i) latency.record(microseconds{i});
  EXPECT_EQ(latency.count(), 10'000);
  for (const double share : {0.01, 0.5, 0.95, 0.99, 1.0}) {
    const double expected = share * 1e7;
    EXPECT_NEAR(static_cast<double>(latency.percentile(share).count()), expected, expected * 0.01) << share;
  }
}

TEST(Latency, IsExactForTheSmallest) {
  LatencyHistogram latency;
  for (int i = 0; i < 100; ++i) latency.record(nanoseconds{i});
  EXPECT_EQ(latency.percentile(0.5), nanoseconds{49});
  EXPECT_EQ(latency.percentile(0), nanoseconds{0});
  EXPECT_EQ(latency.percentile(1), nanoseconds{99});
}

TEST(Latency, TakesWhatIsOutOfRange) {
  LatencyHistogram latency;
  latency.record(nanoseconds{-5});
  EXPECT_EQ(latency.percentile(1), nanoseconds{0});
  latency.record(std::chrono::hours{10});
  EXPECT_GT(latency.percentile(1), std::chrono::hours{1});
}

}  // namespace
}  // namespace rankloop::simulate
