// Names that are nearly right.
#include "domain/closest_name.h"

#include <array>
#include <optional>
#include <string_view>

#include <gtest/gtest.h>

namespace rankloop {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"listen", "store", "log.level", "tasks.lease",
                                                    "data_dir"};

TEST(ClosestName, FindsAMissingAnExtraAndAWrongLetter) {
  EXPECT_EQ(closest_name("lisen", kNames), "listen");
  EXPECT_EQ(closest_name("listeen", kNames), "listen");
  EXPECT_EQ(closest_name("data-dir", kNames), "data_dir");
}

TEST(ClosestName, CountsSwappedLettersAsOneMistake) {
  EXPECT_EQ(closest_name("tsore", kNames), "store");
  constexpr std::array<std::string_view, 1> kShort = {"abc"};
  EXPECT_EQ(closest_name("acb", kShort), "abc");
  // Not neighbours: two mistakes in three letters are too many.
  EXPECT_EQ(closest_name("cba", kShort), std::nullopt);
}

TEST(ClosestName, AnswersNothingWhenNoneIsNear) {
  EXPECT_EQ(closest_name("colour", kNames), std::nullopt);
  EXPECT_EQ(closest_name("", kNames), std::nullopt);
  EXPECT_EQ(closest_name("listen", {}), std::nullopt);
}

TEST(ClosestName, PrefersTheNearestAndThenTheFirst) {
  constexpr std::array<std::string_view, 3> kAlike = {"abcdxx", "abcdez", "abcdey"};
  EXPECT_EQ(closest_name("abcdef", kAlike), "abcdez");
  EXPECT_EQ(closest_name("abcdxy", kAlike), "abcdxx");
}

TEST(ClosestName, TakesTheNameItself) {
  EXPECT_EQ(closest_name("log.level", kNames), "log.level");
}

}  // namespace
}  // namespace rankloop
