// What the feedback of one request comes to.
#include "app/learn/outcome.h"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace rankloop::app {
namespace {

using std::chrono::hours;

const WallTime kThen{hours{24 * 20'000}};

std::vector<FeedbackRule> shop_rules() {
  FeedbackRule click{.name = "click", .reward = 1, .closes = false};
  FeedbackRule buy{.name = "buy", .reward = 0.1, .valued = true, .within = hours{48}};
  FeedbackRule dislike{.name = "dislike", .reward = -2};
  return {pick_rule(), click, buy, dislike};
}

storage::Feedback told(std::int64_t item, int rank, std::string kind, double value = 1,
                       hours later = hours{1}) {
  storage::Feedback feedback;
  feedback.item = ItemId{item};
  feedback.rank = rank;
  feedback.kind = std::move(kind);
  feedback.value = value;
  feedback.at = kThen + later;
  return feedback;
}

class OutcomeTest : public ::testing::Test {
 protected:
  Outcome outcome(const LearningTarget& target = {}, std::size_t most = 10) {
    storage::ShownRequest request;
    request.created = kThen;
    request.feedback = feedback_;
    return outcome_of(request, most, rules_, target);
  }

  const std::vector<FeedbackRule> rules_ = shop_rules();
  std::vector<storage::Feedback> feedback_;
};

TEST_F(OutcomeTest, AddsUpTheRewardsOfItsKinds) {
  feedback_ = {told(1, 1, "click"), told(1, 1, "buy", 30), told(2, 2, "click"), told(1, 1, "click")};
  const Outcome found = outcome();
  EXPECT_TRUE(found.known());
  EXPECT_DOUBLE_EQ(found.label_of({1}), 1 + 3);
  EXPECT_DOUBLE_EQ(found.label_of({2}), 1);
  EXPECT_EQ(found.label_of({3}), 0);
  EXPECT_FALSE(found.none_chosen());
}

TEST_F(OutcomeTest, MayBeOfOneKindOrOfValues) {
  feedback_ = {told(1, 1, "click"), told(1, 1, "buy", 30), told(2, 2, "click")};
  const Outcome bought = outcome({.name = "buy"});
  EXPECT_EQ(bought.label_of({1}), 1);
  EXPECT_EQ(bought.label_of({2}), 0);
  EXPECT_EQ(outcome({.name = "value"}).label_of({1}), 30);
  EXPECT_EQ(outcome({.name = "value"}).label_of({2}), 0);
}

TEST_F(OutcomeTest, LetsNothingBeWorthLessThanWhatNobodyChose) {
  feedback_ = {told(1, 1, "click"), told(1, 1, "dislike"), told(2, 2, "dislike")};
  EXPECT_EQ(outcome().label_of({1}), 0);
  EXPECT_EQ(outcome().label_of({2}), 0);
  EXPECT_TRUE(outcome().known());
}

TEST_F(OutcomeTest, CountsNothingThatCameTooLateOrIsNoKindAnyMore) {
  feedback_ = {told(1, 1, "buy", 10, hours{49}), told(2, 2, "stared")};
  EXPECT_FALSE(outcome().known());
  feedback_.push_back(told(3, 3, "buy", 10, hours{48}));
  EXPECT_EQ(outcome().label_of({3}), 1);
}

TEST_F(OutcomeTest, AwaitsWhatMayStillComeUnlessItIsClosed) {
  feedback_ = {told(1, 1, "click")};
  EXPECT_FALSE(outcome({.now = kThen + hours{47}}).known());
  EXPECT_TRUE(outcome({.now = kThen + hours{47}}).awaited);
  EXPECT_TRUE(outcome({.now = kThen + hours{48}}).known());
  feedback_.push_back(told(1, 1, "buy", 10));
  EXPECT_TRUE(outcome({.now = kThen + hours{2}}).known());
}

TEST_F(OutcomeTest, WeighsWhatItIsTold) {
  feedback_ = {told(1, 1, "click")};
  feedback_[0].weight = 0.25;
  EXPECT_EQ(outcome().label_of({1}), 0.25);
  feedback_[0].evidence = false;
  EXPECT_FALSE(outcome().known());
}

TEST_F(OutcomeTest, SharesTheChoosersWherePeopleAreCounted) {
  feedback_ = {told(1, 1, "pick"), told(2, 2, "pick")};
  feedback_[0].people = 30;
  feedback_[1].people = 10;
  storage::Feedback none;
  none.kind = kNoneKind;
  none.people = 60;
  feedback_.push_back(none);
  const Outcome found = outcome();
  EXPECT_EQ(found.choosers, 100);
  EXPECT_DOUBLE_EQ(found.label_of({1}), 0.3);
}

TEST_F(OutcomeTest, KnowsItsTargets) {
  for (const char* name : {"reward", "value", "pick", "buy"}) EXPECT_TRUE(is_target(name, rules_)) << name;
  EXPECT_FALSE(is_target("none", rules_));
  EXPECT_FALSE(is_target("sale", rules_));
}

}  // namespace
}  // namespace rankloop::app
