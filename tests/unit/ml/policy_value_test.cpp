// What a policy is worth in worlds whose truth is known.
#include "ml/policy_value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ml/examination.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kItems = 4;
constexpr std::array<double, kItems> kLogged = {0.4, 0.3, 0.2, 0.1};  // how the log draws
constexpr std::array<double, kItems> kTarget = {0.1, 0.2, 0.3, 0.4};  // how the policy would
constexpr std::array<double, kItems> kEarned = {0.1, 0.3, 0.5, 0.8};  // probabilities of a reward of 1
constexpr std::array<double, kItems> kModel = {0.2, 0.25, 0.5, 0.7};  // what a model takes them for

double expected_of(const std::array<double, kItems>& policy, const std::array<double, kItems>& rewards) {
  double sum = 0;
  for (std::size_t item = 0; item < kItems; ++item) sum += policy[item] * rewards[item];
  return sum;
}

std::size_t drawn(const std::array<double, kItems>& policy, RandomNumbers& random) {
  double at = random.uniform(0, 1);
  for (std::size_t item = 0; item + 1 < kItems; ++item) {
    if (at < policy[item]) return item;
    at -= policy[item];
  }
  return kItems - 1;
}

struct World {
  std::size_t people = 300;
  std::size_t lists_of_each = 1;
  std::size_t length = 1;  // positions, drawn independently
  double mood = 0;         // by how much a person's probabilities differ
};

PolicyValue logged(const World& world, std::uint64_t seed, double clip) {
  PolicyValue value{{.joint = true, .predicted = true}, clip};
  RandomNumbers random{seed};
  std::vector<LoggedItem> list(world.length);
  for (std::size_t person = 0; person < world.people; ++person) {
    const double mood = random.uniform(-world.mood, world.mood);
    for (std::size_t l = 0; l < world.lists_of_each; ++l) {
      double joint = 1;
      double joint_target = 1;
      for (LoggedItem& item : list) {
        const std::size_t which = drawn(kLogged, random);
        joint *= kLogged[which];
        joint_target *= kTarget[which];
        item = {.reward = random.uniform(0, 1) < kEarned[which] + mood ? 1.0 : 0.0,
                .propensity = kLogged[which],
                .target = kTarget[which],
                .joint = joint,
                .joint_target = joint_target,
                .predicted = kModel[which],
                .predicted_mean = expected_of(kTarget, kModel)};
      }
      value.add(list, person);
    }
  }
  return value;
}

// How often the interval of each estimator holds the truth.
std::vector<double> coverage(const World& world, std::size_t runs, std::vector<std::string>& names) {
  const double truth = static_cast<double>(world.length) * expected_of(kTarget, kEarned);
  std::vector<double> held;
  for (std::size_t run = 0; run < runs; ++run) {
    const PolicyReport report = logged(world, 1000 + run, 10).report({.resamples = 200, .seed = run + 1});
    held.resize(report.estimates.size());
    names.clear();
    for (std::size_t i = 0; i < report.estimates.size(); ++i) {
      const auto& [estimator, value, interval] = report.estimates[i];
      held[i] += interval.low <= truth && truth <= interval.high ? 1 : 0;
      names.emplace_back(name_of(estimator));
    }
  }
  for (double& share : held) share /= static_cast<double>(runs);
  return held;
}

// Where weights are left out or shrink the model's bias stays, which no interval of it knows.
void expect_nominal(const World& world) {
  std::vector<std::string> names;
  const std::vector<double> held = coverage(world, 1000, names);
  ASSERT_EQ(held.size(), 10U);
  for (std::size_t i = 0; i < held.size(); ++i) {
    if (names[i] == "dm") continue;
    EXPECT_GE(held[i], names[i] == "dros" ? 0.9 : 0.93) << names[i];
    EXPECT_LE(held[i], 0.97) << names[i];
  }
}

TEST(PolicyValueInterval, HoldsTheTruthAsOftenAsItSaysOfSingleItems) {
  expect_nominal({});
}

TEST(PolicyValueInterval, HoldsTheTruthAsOftenAsItSaysOfLists) {
  expect_nominal({.people = 400, .length = 2});
}

TEST(PolicyValueInterval, HoldsTheTruthAsOftenAsItSaysOfPeopleWithManyLists) {
  expect_nominal({.people = 150, .lists_of_each = 4, .mood = 0.1});
}

TEST(PolicyValueInterval, OfBernsteinHoldsTheTruthNearlyAlways) {
  const double truth = expected_of(kTarget, kEarned);
  int held = 0;
  for (std::uint64_t run = 0; run < 500; ++run) {
    const PolicyReport report = logged({}, run, 10).report({.resamples = 100});
    held += report.bernstein->low <= truth && truth <= report.bernstein->high ? 1 : 0;
    EXPECT_LT(report.bernstein->low, report.estimates[1].interval.low);  // it pays for being certain
  }
  EXPECT_GE(held, 475);
}

TEST(PolicyValue, NeedsNoRightModelAndNoRightWeightsButOne) {
  const World large{.people = 60'000};
  const PolicyReport report = logged(large, 5, 10).report({.resamples = 100});
  const double truth = expected_of(kTarget, kEarned);
  for (const auto& [estimator, value, interval] : report.estimates) {
    const double allowed = estimator == PolicyEstimator::kDirect ? 0.1 : 0.02;
    EXPECT_NEAR(value, truth, allowed) << name_of(estimator);
  }
  EXPECT_NEAR(report.logged, expected_of(kLogged, kEarned), 0.01);
  EXPECT_NEAR(report.weights.mean, 1, 0.02);
}

TEST(PolicyValue, BoundsWhatAClipHides) {
  const double truth = expected_of(kTarget, kEarned);
  const PolicyReport report = logged({.people = 20'000}, 6, 1.5).report({.clip = 1.5, .resamples = 100});
  const double clipped = report.estimates[1].value;
  EXPECT_LT(clipped, truth - 0.1);
  EXPECT_GE(clipped + report.clip_bias, truth - 0.02);
  EXPECT_NEAR(report.clipped_share, 0.1, 0.01);  // the rarest item weighs 4
}

TEST(PolicyValue, DrawsManyPeopleInBlocksWithoutChangingTheAnswer) {
  const PolicyReport few = logged({.people = 10'000}, 7, 10).report({.resamples = 500});
  const PolicyReport many = logged({.people = 40'000}, 7, 10).report({.resamples = 500});
  const auto width = [](const PolicyReport& report) {
    return report.estimates[0].interval.high - report.estimates[0].interval.low;
  };
  EXPECT_NEAR(width(few) / width(many), 2, 0.25);
}

std::string refusal(const PolicyValue& value, const PolicyRules& rules = {}) {
  const PolicyReport report = value.report(rules);
  EXPECT_TRUE(report.estimates.empty());
  return report.refusals.empty() ? "" : report.refusals.front();
}

TEST(PolicyValue, RefusesWhereTheLogCannotKnow) {
  PolicyValue empty{{}, 10};
  EXPECT_EQ(refusal(empty), "There is no list in the log.");

  PolicyValue rule{{}, 10};
  PolicyValue missing{{}, 10};
  PolicyValue lonely{{}, 10};
  for (std::size_t person = 0; person < 500; ++person) {
    const LoggedItem certain{.reward = 1, .propensity = 1, .target = 0.5};
    const LoggedItem elsewhere{.reward = 1, .propensity = 0.5, .target = 0.2};  // the rest was never shown
    rule.add({&certain, 1}, person);
    missing.add({&elsewhere, 1}, person);
    lonely.add({&elsewhere, 1}, 0);
  }
  EXPECT_TRUE(refusal(rule).starts_with("Every propensity is 1"));
  EXPECT_TRUE(refusal(missing).starts_with("About 60 % of what this policy would show was never shown"));
  EXPECT_EQ(refusal(lonely), "All lists are of one person, who says nothing of others.");
  EXPECT_TRUE(
      refusal(logged({}, 3, 10), {.least_effective = 250}).starts_with("The 300 items say as much as 1"));
}

TEST(PolicyValue, WarnsOfWeightsThatCannotBe) {
  PolicyValue value{{}, 10};
  for (std::size_t person = 0; person < 500; ++person) {
    const LoggedItem item{.reward = 1, .propensity = person % 2 == 0 ? 0.5 : 0.4, .target = 0.9};
    value.add({&item, 1}, person);
  }
  const PolicyReport report = value.report({});
  ASSERT_EQ(report.warnings.size(), 1U);
  EXPECT_TRUE(report.warnings.front().starts_with("The weights average to 2.025 instead of 1"));
}

// Lists of a catalog where what an item earns is how often its place is looked at times its own appeal.
struct LookedWorld {
  std::vector<double> appeal = {0.1, 0.7, 0.2, 0.4, 0.3, 0.6};
  Examination examination{{1, 0.5, 0.25}};
  std::vector<std::size_t> target = {1, 5, 3};  // what the policy shows
  std::size_t people = 400;

  double truth() const {
    double sum = 0;
    for (std::size_t k = 0; k < target.size(); ++k) sum += examination.at_position[k] * appeal[target[k]];
    return sum;
  }
  // What a model that is a little wrong takes the appeal for.
  double modelled(std::size_t item) const { return 0.1 + 0.7 * appeal[item]; }

  std::vector<LoggedItem> list(RandomNumbers& random) const {
    std::vector<std::size_t> left(appeal.size());
    std::iota(left.begin(), left.end(), 0U);
    double looked = 0;
    for (const double at : examination.at_position) looked += at / static_cast<double>(appeal.size());
    std::vector<LoggedItem> list(target.size());
    for (std::size_t k = 0; k < list.size(); ++k) {
      const std::size_t drawn = random.below(static_cast<std::uint32_t>(left.size()));
      const std::size_t item = left[drawn];
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(drawn));
      const auto place = std::find(target.begin(), target.end(), item);
      const double at = examination.at_position[k];
      list[k] = {
          .reward = random.uniform(0, 1) < at * appeal[item] ? 1.0 : 0.0,
          .propensity = 1 / static_cast<double>(appeal.size()),
          .target = target[k] == item ? 1.0 : 0.0,
          .predicted = at * modelled(item),
          .predicted_mean = at * modelled(target[k]),
          .examination = at,
          .examined = looked,
          .examined_target = place == target.end()
                                 ? 0
                                 : examination.at_position[static_cast<std::size_t>(place - target.begin())]};
    }
    return list;
  }
};

TEST(PolicyValueByExamination, IsWhatItsFormulaSays) {
  const LookedWorld world;
  RandomNumbers random{9};
  PolicyValue value{{.predicted = true, .examined = true}, 10};
  double pbm = 0, corrected = 0, weights = 0, squares = 0, looked = 0;
  for (std::size_t person = 0; person < 900; ++person) {
    const std::vector<LoggedItem> list = world.list(random);
    value.add(list, person);
    for (const LoggedItem& item : list) {
      const double weight = item.examined_target / item.examined;
      pbm += weight * item.reward / 900;
      corrected += (item.predicted_mean + weight * (item.reward - item.predicted)) / 900;
      weights += weight * item.examination;
      squares += weight * item.examination * weight * item.examination;
      looked += item.examination;
    }
  }
  const PolicyReport report = value.report({.resamples = 100});
  ASSERT_GE(report.estimates.size(), 2U);
  const PolicyEstimate& last = report.estimates.back();
  const PolicyEstimate& before = report.estimates[report.estimates.size() - 2];
  EXPECT_EQ(name_of(before.estimator), "pbm");
  EXPECT_EQ(name_of(last.estimator), "pbm_dr");
  EXPECT_NEAR(before.value, pbm, 1e-12);
  EXPECT_NEAR(last.value, corrected, 1e-12);
  EXPECT_NEAR(report.examined->mean, weights / looked, 1e-12);
  EXPECT_NEAR(report.examined->effective, weights * weights / squares, 1e-9);
}

TEST(PolicyValueByExamination, HoldsTheTruthAsOftenAsItSaysAndIsSteadier) {
  const LookedWorld world;
  constexpr std::size_t kRuns = 1000;
  std::array<double, 2> held{}, sum{};
  double narrower = 0;
  for (std::size_t run = 0; run < kRuns; ++run) {
    RandomNumbers random{5000 + run};
    PolicyValue value{{.predicted = true, .examined = true}, 10};
    for (std::size_t person = 0; person < world.people; ++person) value.add(world.list(random), person);
    const PolicyReport report = value.report({.resamples = 200, .seed = run + 1});
    ASSERT_EQ(report.estimates.size(), 10U);
    for (std::size_t i = 0; i < 2; ++i) {
      const PolicyEstimate& estimate = report.estimates[8 + i];
      sum[i] += estimate.value / kRuns;
      held[i] +=
          estimate.interval.low <= world.truth() && world.truth() <= estimate.interval.high ? 1.0 : 0.0;
    }
    const auto width = [&](std::size_t i) {
      return report.estimates[i].interval.high - report.estimates[i].interval.low;
    };
    narrower += width(8) < width(0) ? 1 : 0;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(sum[i], world.truth(), 0.01);
    EXPECT_GE(held[i] / kRuns, 0.93);
    EXPECT_LE(held[i] / kRuns, 0.97);
  }
  EXPECT_GT(narrower / kRuns, 0.95);
}

// A wide catalog: position by position the log says too little, by the examination it says enough.
TEST(PolicyValueByExamination, AnswersWherePositionsCannot) {
  LookedWorld world;
  world.appeal.assign(60, 0.3);
  RandomNumbers random{11};
  PolicyValue value{{.predicted = true, .examined = true}, 100};
  for (std::size_t person = 0; person < 4'000; ++person) value.add(world.list(random), person);
  const PolicyReport report = value.report({.resamples = 200, .least_effective = 300});
  EXPECT_LT(report.weights.effective, 300);
  EXPECT_TRUE(report.refusals.empty());
  ASSERT_EQ(report.estimates.size(), 2U);
  EXPECT_FALSE(report.bernstein);
  EXPECT_EQ(name_of(report.estimates.front().estimator), "pbm");
  EXPECT_NEAR(report.estimates.front().value, world.truth(), 0.1);
  ASSERT_EQ(report.warnings.size(), 1U);
  EXPECT_TRUE(
      report.warnings.front().starts_with("No estimates by positions: The 12000 items say as much as 2"))
      << report.warnings.front();
}

// Weights of whole lists say little where those of positions still say enough.
TEST(PolicyValue, LeavesOutWhatWholeListsCannotSay) {
  PolicyValue value{{.joint = true}, 10};
  RandomNumbers random{12};
  for (std::size_t person = 0; person < 3'000; ++person) {
    std::vector<LoggedItem> list(5);
    double joint = 1, joint_target = 1;
    for (LoggedItem& item : list) {
      const bool hit = random.below(10) == 0;
      joint /= 10;
      joint_target *= hit ? 1 : 0;
      item = {.reward = hit ? 1.0 : 0.0,
              .propensity = 0.1,
              .target = hit ? 1.0 : 0.0,
              .joint = joint,
              .joint_target = joint_target};
    }
    value.add(list, person);
  }
  const PolicyReport report = value.report({.resamples = 100, .least_effective = 500});
  ASSERT_EQ(report.estimates.size(), 3U);
  ASSERT_FALSE(report.warnings.empty());
  EXPECT_TRUE(report.warnings.front().starts_with("Neither rips nor cascade_dr: "))
      << report.warnings.front();
}

}  // namespace
}  // namespace rankloop::ml
