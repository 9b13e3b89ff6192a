// How often something may happen for each peer.
#include "http/allowance.h"

#include <string>

#include <gtest/gtest.h>

#include "http/accept_encoding.h"

namespace rankloop::http {
namespace {

using std::chrono::seconds;

TEST(Allowance, GivesSoManyAtOnceAndThenOneInAWhile) {
  Allowance allowance(3, seconds(6));
  const Allowance::TimePoint begin;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(allowance.use("a", begin), seconds(0));
  EXPECT_EQ(allowance.use("a", begin), seconds(6));
  EXPECT_FALSE(allowance.left("a", begin + seconds(5)));
  EXPECT_EQ(allowance.use("b", begin), seconds(0));
  EXPECT_EQ(allowance.use("a", begin + seconds(7)), seconds(0));
  EXPECT_EQ(allowance.use("a", begin + seconds(7)), seconds(5));
}

TEST(Allowance, ForgetsThePeerThatWasNotSeenForLongest) {
  Allowance allowance(1, seconds(1'000));
  const Allowance::TimePoint now;
  EXPECT_EQ(allowance.use("first", now), seconds(0));
  for (int i = 0; i < 10'000; ++i) allowance.use(std::to_string(i), now);
  EXPECT_GT(allowance.use("9999", now), seconds(0));
  EXPECT_EQ(allowance.use("first", now), seconds(0));
}

TEST(AcceptEncoding, FollowsWeightsAndNames) {
  for (const char* field : {"gzip", "GZIP", "x-gzip", "gzip;q=0.5", "br, gzip", "*", "gzip;q=1.000",
                            "identity;q=0.5, *", "deflate;q=1,gzip ; Q=0.001", "gzip;x=1"}) {
    EXPECT_TRUE(takes_gzip(field)) << field;
  }
  for (const char* field :
       {"", "identity", "gzip;q=0", "gzip; q=0", "gzip;q=0.000", "notgzip", "gzipped", "br", "*;q=0",
        "gzip;q=0, *", "gzip;q=2", "gzip;q=-1", "gzip;q=0.5, identity", "gzip;q="}) {
    EXPECT_FALSE(takes_gzip(field)) << field;
  }
}

TEST(AcceptEncoding, ComparesTagsWhole) {
  EXPECT_TRUE(names_tag("\"a\", W/\"b\"", "\"b\""));
  EXPECT_TRUE(names_tag("*", "\"b\""));
  EXPECT_FALSE(names_tag("\"ab\"", "\"b\""));
  EXPECT_FALSE(names_tag("", "\"b\""));
}

}  // namespace
}  // namespace rankloop::http
