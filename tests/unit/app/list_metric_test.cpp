// What is measured of lists: every metric of a domain, by what was told.
#include "app/learn/list_metric.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

namespace rankloop::app {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;

FeedbackRule rule(std::string name, double reward, bool valued = false) {
  FeedbackRule made;
  made.name = std::move(name);
  made.reward = reward;
  made.valued = valued;
  return made;
}

// Of a shop: what is bought within two days counts.
std::vector<FeedbackRule> shop() {
  std::vector<FeedbackRule> rules = {pick_rule(), rule("buy", 0.5, true), rule("dislike", -1)};
  rules[1].within = hours{48};
  return rules;
}
const std::vector<FeedbackRule> kShop = shop();

storage::Feedback told(std::int64_t item, std::string kind, double value = 1, hours after = hours{1}) {
  storage::Feedback feedback;
  feedback.item = ItemId{item};
  feedback.rank = static_cast<int>(item);
  feedback.kind = std::move(kind);
  feedback.value = value;
  feedback.at = WallTime{after};
  return feedback;
}

storage::Feedback none() {
  storage::Feedback feedback;
  feedback.kind = kNoneKind;
  feedback.value = 0;
  return feedback;
}

ListOutcome list(std::vector<storage::Feedback> feedback, std::vector<Placement> placed = {}) {
  return outcome_of_list({InferenceId{1}, {}, WallTime{}, std::move(feedback)}, kShop, placed);
}

double of(std::string_view metric, const ListOutcome& list) {
  return ListMetric::named(metric, kShop)->of(list);
}

TEST(ListMetric, ThereAreTwoOfEachKindThatHasValues) {
  EXPECT_THAT(names_of_metrics(kShop), ElementsAre("pick_rate", "value", "picks", "outcome_rate", "none_rate",
                                                   "reward", "buy_rate", "buy_value", "dislike_rate"));
  const std::vector<FeedbackRule> picks = {pick_rule()};
  EXPECT_THAT(names_of_metrics(picks),
              ElementsAre("pick_rate", "value", "picks", "outcome_rate", "none_rate", "reward"));
  EXPECT_FALSE(ListMetric::named("dislike_value", kShop));
  EXPECT_FALSE(ListMetric::named("cart_rate", kShop));
}

TEST(ListMetric, KeepsItsNameWhereAKindHasTheSame) {
  const std::vector<FeedbackRule> rules = {pick_rule(), rule("outcome", 1, true)};
  EXPECT_THAT(names_of_metrics(rules), ElementsAre("pick_rate", "value", "picks", "outcome_rate", "none_rate",
                                                   "reward", "outcome_value"));
}

TEST(ListMetric, CountsEachItemOnceOfEachKind) {
  const ListOutcome lists = list({told(1, "pick", 3), told(1, "pick", 9), told(2, "pick", 4),
                                  told(1, "buy", 10), told(1, "buy", 20), told(2, "dislike")});
  EXPECT_EQ(of("pick_rate", lists), 1);
  EXPECT_EQ(of("picks", lists), 2);
  EXPECT_EQ(of("value", lists), 7) << "of picks the first word counts";
  EXPECT_EQ(of("buy_rate", lists), 1);
  EXPECT_EQ(of("buy_value", lists), 20) << "of other kinds the last";
  EXPECT_EQ(of("dislike_rate", lists), 1);
  EXPECT_EQ(of("reward", lists), 3 + 4 + 0.5 * 20 - 1);
  EXPECT_EQ(of("none_rate", lists), 0);
}

TEST(ListMetric, LeavesOutWhatCameTooLateOrIsNoKind) {
  const ListOutcome late = list({told(1, "buy", 10, hours{49}), told(2, "stared")});
  for (const ListMetric& metric : list_metrics(kShop)) EXPECT_EQ(metric.of(late), 0) << metric.name();
  EXPECT_EQ(of("buy_value", list({told(1, "buy", 10, hours{48})})), 10);
}

TEST(ListMetric, KnowsThatNoneWasChosen) {
  EXPECT_EQ(of("none_rate", list({none()})), 1);
  EXPECT_EQ(of("outcome_rate", list({none()})), 1);
  EXPECT_EQ(of("none_rate", list({none(), told(1, "pick")})), 0);
  EXPECT_EQ(of("outcome_rate", list({told(1, "dislike")})), 1);
  EXPECT_EQ(of("outcome_rate", list({})), 0);
}

TEST(ListMetric, CountsAnEventByItsWeightInTheReward) {
  storage::Feedback half = told(1, "buy", 10);
  half.weight = 0.5;
  EXPECT_EQ(of("reward", list({half})), 2.5);
  EXPECT_EQ(of("buy_value", list({half})), 10);
}

TEST(ListMetric, SaysWhereLessIsBetter) {
  const auto less = [](std::string_view name) { return ListMetric::named(name, kShop)->less_is_better(); };
  EXPECT_TRUE(less("none_rate"));
  EXPECT_TRUE(less("dislike_rate"));
  EXPECT_FALSE(less("buy_rate"));
  EXPECT_FALSE(less("reward"));
}

TEST(ListMetric, CreditsWhoPlacedWhatWasTold) {
  const std::vector<Placement> placed = {{true, 0}, {false, 1}};
  const ListOutcome lists = list({told(1, "pick", 5), told(2, "buy", 10), told(3, "buy", 100)}, placed);
  const auto of_arms = [&](std::string_view name) {
    const ListMetric metric = *ListMetric::named(name, kShop);
    return std::pair{metric.of_arm(lists, 0), metric.of_arm(lists, 1)};
  };
  EXPECT_EQ(of_arms("pick_rate"), std::pair(0.0, 1.0));
  EXPECT_EQ(of_arms("value"), std::pair(0.0, 5.0));
  EXPECT_EQ(of_arms("buy_rate"), std::pair(1.0, 0.0));
  EXPECT_EQ(of_arms("buy_value"), std::pair(10.0, 0.0)) << "what stands below is neither's";
  EXPECT_EQ(of_arms("reward"), std::pair(5.0, 5.0));
  EXPECT_EQ(won_by_picks(lists), 1U);
  EXPECT_EQ(credit_of_picks(lists).second, 1);
  EXPECT_FALSE(won_by_picks(list({told(1, "pick")})));
}

TEST(ListMetric, OfAKindThatIsGoneIsNothing) {
  const ListMetric gone = ListMetric::of_design("cart_rate", kShop);
  EXPECT_EQ(gone.name(), "cart_rate");
  EXPECT_TRUE(gone.is_rate());
  EXPECT_EQ(gone.of(list({told(1, "pick"), told(1, "cart")})), 0);
}

}  // namespace
}  // namespace rankloop::app
