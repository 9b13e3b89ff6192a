// Who belongs to which arm, on a hundred thousand people.
#include "app/serve/assignment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ml/random_numbers.h"
#include "storage/experiment_rules.h"

namespace rankloop::app {
namespace {

constexpr int kPeople = 100'000;

TaskId task_of(std::uint64_t number) {
  return TaskId::make(1'772'366'400'000, ml::mix_bits(number), ml::mix_bits(~number));
}

// Arms are numbered from 10 times the experiment's number on.
storage::ExperimentRecord experiment(std::int64_t id, const std::vector<double>& shares, double exposure = 1,
                                     const std::vector<storage::ExperimentRecord>& others = {}) {
  storage::ExperimentRecord record;
  record.id = {id};
  record.state = ExperimentState::kRunning;
  record.exposure = exposure;
  for (std::size_t i = 0; i < shares.size(); ++i)
    record.arms.push_back({{10 * id + static_cast<std::int64_t>(i)}, std::to_string(i), {}, shares[i]});
  const auto slice = storage::slice_for(record, others);
  EXPECT_TRUE(slice);
  if (slice) record.slice = *slice;
  return record;
}

// Of each person the arm's number, 0 for none.
std::vector<std::int64_t> arms_of(const std::vector<ServedExperiment>& experiments) {
  std::vector<std::int64_t> arms;
  for (int i = 0; i < kPeople; ++i) {
    const ServedArm* arm = arm_of(experiments, "person " + std::to_string(i), task_of(1));
    arms.push_back(arm == nullptr ? 0 : arm->id.value);
  }
  return arms;
}

int count(const std::vector<std::int64_t>& arms, std::int64_t arm) {
  return static_cast<int>(std::count(arms.begin(), arms.end(), arm));
}

int moved_from(const std::vector<std::int64_t>& before, const std::vector<std::int64_t>& after,
               std::int64_t arm) {
  int moved = 0;
  for (std::size_t i = 0; i < before.size(); ++i) moved += before[i] == arm && after[i] != arm ? 1 : 0;
  return moved;
}

// Five standard deviations of a binomial count.
void expect_share(int counted, double share, int of = kPeople) {
  EXPECT_NEAR(counted, share * of, 5 * std::sqrt(of * share * (1 - share))) << share;
}

TEST(Assignment, GivesEveryArmItsShareOfThePeople) {
  const auto arms = arms_of({served(experiment(1, {0.3, 0.1, 0.2}))});
  expect_share(count(arms, 10), 0.3);
  expect_share(count(arms, 11), 0.1);
  expect_share(count(arms, 12), 0.2);
  expect_share(count(arms, 0), 0.4);
}

TEST(Assignment, KeepsAPersonInItsArmWhateverIsAsked) {
  const std::vector<ServedExperiment> all = {served(experiment(1, {0.5, 0.5}))};
  for (int i = 0; i < 1'000; ++i) {
    const std::string person = "person " + std::to_string(i);
    EXPECT_EQ(arm_of(all, person, task_of(1)), arm_of(all, person, task_of(2)));
  }
}

TEST(Assignment, RampsWithoutTakingAnybodyFromAnArm) {
  std::vector<std::int64_t> before = arms_of({served(experiment(1, {0.5, 0.5}, 0.02))});
  for (const double exposure : {0.1, 0.5, 1.0}) {
    const auto after = arms_of({served(experiment(1, {0.5, 0.5}, exposure))});
    expect_share(count(after, 11), exposure / 2);
    EXPECT_EQ(moved_from(before, after, 10), 0) << exposure;
    EXPECT_EQ(moved_from(before, after, 11), 0) << exposure;
    before = after;
  }
}

TEST(Assignment, GivesNobodyToAnotherArmWhenExposureShrinks) {
  const auto before = arms_of({served(experiment(1, {0.5, 0.5}))});
  const auto after = arms_of({served(experiment(1, {0.5, 0.5}, 0.1))});
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_TRUE(after[i] == 0 || after[i] == before[i]);
}

TEST(Assignment, LeavesTheOtherExperimentsAlone) {
  const auto first = experiment(1, {0.2, 0.2});
  const auto second = experiment(2, {0.3, 0.3}, 1, {first});
  const auto alone = arms_of({served(first)});
  const auto both = arms_of({served(first), served(second)});
  EXPECT_EQ(moved_from(alone, both, 10), 0);
  EXPECT_EQ(moved_from(alone, both, 11), 0);
  expect_share(count(both, 20), 0.3);
  expect_share(count(both, 21), 0.3);
  auto wider = first;
  wider.exposure = 0.1;
  const auto ramped = arms_of({served(wider), served(second)});
  EXPECT_EQ(moved_from(both, ramped, 20), 0);
  EXPECT_EQ(moved_from(both, ramped, 21), 0);
}

// The arms of two experiments on the same people, one after the other: no pair of arms is likelier.
TEST(Assignment, SharesNothingBetweenExperiments) {
  const auto first = arms_of({served(experiment(1, {0.5, 0.5}))});
  const auto second = arms_of({served(experiment(2, {0.5, 0.5}))});
  std::array<int, 4> pairs{};
  for (std::size_t i = 0; i < first.size(); ++i)
    ++pairs[static_cast<std::size_t>(2 * (first[i] - 10) + (second[i] - 20))];
  for (const int pair : pairs) expect_share(pair, 0.25);
}

// Nor is it the same people who are in a small experiment each time.
TEST(Assignment, BeginsTheSliceOfEachExperimentElsewhere) {
  const auto first = arms_of({served(experiment(1, {0.05, 0.05}))});
  const auto second = arms_of({served(experiment(2, {0.05, 0.05}))});
  int in_both = 0;
  for (std::size_t i = 0; i < first.size(); ++i) in_both += first[i] != 0 && second[i] != 0 ? 1 : 0;
  EXPECT_LT(in_both, kPeople / 100 + 500);
}

TEST(Assignment, DrawsEachRequestWhereThatIsTheUnit) {
  auto record = experiment(1, {0.5, 0.5});
  record.unit = ExperimentUnit::kRequest;
  const std::vector<ServedExperiment> all = {served(record)};
  int control = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i)
    control += arm_of(all, "ann", task_of(i))->id.value == 10 ? 1 : 0;
  expect_share(control, 0.5, 10'000);
}

TEST(Assignment, DrawsForEachRequestOfNobodyInParticular) {
  const std::vector<ServedExperiment> all = {served(experiment(1, {0.25, 0.25}))};
  int in = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) in += arm_of(all, {}, task_of(i)) != nullptr ? 1 : 0;
  expect_share(in, 0.5, 10'000);
}

TEST(Assignment, LeavesTheRestToTheNamelessExperiment) {
  ServedExperiment nameless = nameless_experiment();
  nameless.arms.push_back({{}, {{0, kCirclePoints}}, 0});
  const auto named = experiment(1, {0.2, 0.2});
  const std::vector<ServedExperiment> all = {served(named), nameless};
  int left = 0;
  for (int i = 0; i < kPeople; ++i) {
    const ServedArm* arm = arm_of(all, "person " + std::to_string(i), task_of(1));
    ASSERT_NE(arm, nullptr);
    left += arm->id == ArmId{} ? 1 : 0;
  }
  expect_share(left, 0.6);
}

}  // namespace
}  // namespace rankloop::app
