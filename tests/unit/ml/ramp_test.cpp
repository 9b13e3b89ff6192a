// Steps of the ramp, as a table.
#include "ml/ramp.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace rankloop::ml {
namespace {

constexpr std::chrono::seconds kDay{86'400};

const RampPlan kPlan{.steps = {0.01, 0.05, 0.25, 0.5}, .hold = kDay, .people = 100};

struct Case {
  std::string name;
  RampState state;
  RampMove move;
  double exposure = 0;
};

TEST(Ramp, DecidesByWhatIsKnown) {
  const std::vector<Case> cases = {
      {"held and seen",
       {.exposure = 0.02, .largest_arm = 0.5, .held = kDay, .people = 100},
       RampMove::kRaise,
       0.1},
      {"the step after",
       {.exposure = 0.1, .largest_arm = 0.5, .held = kDay, .people = 100},
       RampMove::kRaise,
       0.5},
      {"the last step",
       {.exposure = 0.5, .largest_arm = 0.5, .held = kDay, .people = 100},
       RampMove::kRaise,
       1},
      {"a small arm",
       {.exposure = 0.5, .largest_arm = 0.1, .held = kDay, .people = 100},
       RampMove::kRaise,
       1},
      {"between steps",
       {.exposure = 0.03, .largest_arm = 0.5, .held = kDay, .people = 100},
       RampMove::kRaise,
       0.1},
      {"not held", {.exposure = 0.02, .largest_arm = 0.5, .held = kDay / 2, .people = 100}, RampMove::kHold},
      {"nobody there", {.exposure = 0.02, .largest_arm = 0.5, .held = kDay, .people = 99}, RampMove::kHold},
      {"at the end", {.exposure = 1, .largest_arm = 0.5, .held = kDay, .people = 100}, RampMove::kHold},
      {"shares are off",
       {.exposure = 0.02, .largest_arm = 0.5, .held = kDay, .people = 100, .ratio_alarm = true},
       RampMove::kHold},
      {"a guardrail is broken",
       {.exposure = 0.02, .largest_arm = 0.5, .people = 1'000, .broken = "none_rate of arm 'b'"},
       RampMove::kStop},
      {"a guardrail is broken at the end",
       {.exposure = 1,
        .largest_arm = 0.5,
        .people = 1'000,
        .broken = "none_rate of arm 'b'",
        .ratio_alarm = true},
       RampMove::kStop}};
  for (const Case& each : cases) {
    const RampDecision decision = next_step(kPlan, each.state);
    EXPECT_EQ(decision.move, each.move) << each.name << ": " << decision.reason;
    EXPECT_DOUBLE_EQ(decision.exposure, each.exposure) << each.name;
    EXPECT_FALSE(decision.reason.empty()) << each.name;
  }
}

TEST(Ramp, GoesThroughItsStepsToTheEnd) {
  std::vector<double> largest;
  double exposure = first_exposure(kPlan, 0.3);
  while (exposure < 1) {
    largest.push_back(exposure * 0.3);
    const RampDecision decision =
        next_step(kPlan, {.exposure = exposure, .largest_arm = 0.3, .held = kDay, .people = 100});
    ASSERT_EQ(decision.move, RampMove::kRaise);
    exposure = decision.exposure;
  }
  ASSERT_EQ(largest.size(), 3U);
  EXPECT_DOUBLE_EQ(largest[0], 0.01);
  EXPECT_DOUBLE_EQ(largest[1], 0.05);
  EXPECT_DOUBLE_EQ(largest[2], 0.25);
}

TEST(Ramp, GivesAllAtOnceWithoutSteps) {
  EXPECT_DOUBLE_EQ(first_exposure({}, 0.5), 1);
  const RampDecision decision = next_step({}, {.exposure = 1, .broken = "pick_rate of arm 'b'"});
  EXPECT_EQ(decision.move, RampMove::kStop);
  EXPECT_NE(decision.reason.find("pick_rate of arm 'b'"), std::string::npos);
}

}  // namespace
}  // namespace rankloop::ml
