// Counts of arms against their shares.
#include "ml/sample_ratio.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <gtest/gtest.h>

#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

constexpr std::array<double, 2> kHalves = {0.5, 0.5};

SampleRatio of(std::int64_t some, std::int64_t others) {
  return sample_ratio(std::array{some, others}, kHalves);
}

// Values of scipy.stats.chisquare.
TEST(SampleRatio, HasThePValuesOfTheChiSquaredTest) {
  EXPECT_NEAR(of(44'000, 45'000).p, 0.000802, 5e-7);
  EXPECT_NEAR(of(600, 400).p, 2.54e-10, 5e-13);
  EXPECT_NEAR(of(600, 400).chi_squared, 40, 1e-9);
  EXPECT_DOUBLE_EQ(of(500, 500).p, 1);
  const SampleRatio three =
      sample_ratio(std::array<std::int64_t, 3>{105, 190, 105}, std::array{1.0, 2.0, 1.0});
  EXPECT_NEAR(three.chi_squared, 1, 1e-9);
  EXPECT_NEAR(three.p, 0.6065306597, 1e-9);  // two degrees of freedom: exp(-1/2)
}

TEST(SampleRatio, AlarmsWhereTheSharesAreOff) {
  EXPECT_LT(of(44'000, 45'000).p, kSampleRatioAlarm);
  EXPECT_LT(of(600, 400).p_sequential, kSampleRatioAlarm);
  EXPECT_GT(of(510, 490).p, 0.5);
  EXPECT_DOUBLE_EQ(of(510, 490).p_sequential, 1);
}

TEST(SampleRatio, SaysNothingOfNobody) {
  EXPECT_DOUBLE_EQ(of(0, 0).p, 1);
  EXPECT_DOUBLE_EQ(of(0, 0).p_sequential, 1);
}

// Looked at after every tenth person for as long as there are any, the fixed test cries wolf in a good part
// of sound experiments; the sequential one in at most five of a hundred.
TEST(SampleRatio, ErrsNoMoreOftenWhoeverLooksAllTheTime) {
  constexpr int kExperiments = 1'000;
  constexpr int kPeople = 5'000;
  int fixed = 0;
  int sequential = 0;
  for (int experiment = 0; experiment < kExperiments; ++experiment) {
    RandomNumbers random(mix_bits(static_cast<std::uint64_t>(experiment)));
    std::array<std::int64_t, 2> counts{};
    bool cried = false;
    double least = 1;
    for (int person = 1; person <= kPeople; ++person) {
      ++counts[random.below(2)];
      if (person % 10 != 0) continue;
      const SampleRatio ratio = sample_ratio(counts, kHalves);
      cried = cried || ratio.p < 0.05;
      least = std::min(least, ratio.p_sequential);
    }
    fixed += cried ? 1 : 0;
    sequential += least < 0.05 ? 1 : 0;
  }
  EXPECT_GT(fixed, kExperiments / 4);
  EXPECT_LE(sequential, kExperiments / 20);
}

}  // namespace
}  // namespace rankloop::ml
