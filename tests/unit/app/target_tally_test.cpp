// Lists and what they came to by one target.
#include "app/watch/target_tally.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rankloop::app {
namespace {

using std::chrono::hours;

constexpr WallTime kThen{std::chrono::milliseconds{1'700'000'000'000}};

std::vector<FeedbackRule> rules() {
  return {pick_rule(),
          {.name = "click", .reward = 0.5},
          {.name = "buy", .reward = 0.1, .valued = true, .within = hours{48}},
          {.name = "dislike", .reward = -2}};
}

storage::Feedback told(std::int64_t item, std::string kind, double value = 1, hours later = hours{0}) {
  storage::Feedback feedback;
  feedback.item = ItemId{item};
  feedback.rank = static_cast<int>(item);
  feedback.kind = std::move(kind);
  feedback.value = value;
  feedback.at = kThen + later;
  return feedback;
}

// Items 1, 2 and 3 in this order.
storage::ShownRequest list(std::vector<storage::Feedback> feedback, hours later = hours{0}) {
  storage::ShownRequest request;
  request.created = kThen + later;
  for (const std::int64_t item : {1, 2, 3}) request.ranking.items.push_back({{item}, 0.5F, 1});
  request.feedback = std::move(feedback);
  return request;
}

class TargetTallyTest : public ::testing::Test {
 protected:
  TargetReport report(const char* target) {
    TargetTally tally(rules_, target, 2);
    for (const auto& [request, model] : lists_) tally.add(request, model);
    return tally.report(kThen, hours{1});
  }

  const std::vector<FeedbackRule> rules_ = rules();
  std::vector<std::pair<storage::ShownRequest, std::optional<ModelId>>> lists_;
};

TEST_F(TargetTallyTest, CountsAKindInListsItemsAndWorth) {
  lists_ = {{list({told(1, "buy", 10), told(1, "buy", 30), told(2, "buy", 5), told(2, "click")}), ModelId{1}},
            {list({told(3, "click")}), ModelId{1}},
            {list({told(1, "buy", 7, hours{49})}), ModelId{1}}};  // too late
  const TargetReport buys = report("buy");
  EXPECT_TRUE(buys.valued);
  ASSERT_EQ(buys.models.size(), 1U);
  EXPECT_EQ(buys.models[0].counts.shown, 3);
  EXPECT_EQ(buys.models[0].counts.told, 1);
  EXPECT_EQ(buys.models[0].counts.items, 2);
  EXPECT_DOUBLE_EQ(buys.models[0].counts.worth, 35);  // the last word on each item
  EXPECT_DOUBLE_EQ(buys.models[0].counts.squared, 35 * 35);
  const TargetReport clicks = report("click");
  EXPECT_FALSE(clicks.valued);
  EXPECT_EQ(clicks.models[0].counts.told, 2);
  EXPECT_DOUBLE_EQ(clicks.models[0].counts.worth, 2);
}

TEST_F(TargetTallyTest, SumsRewardsThatSpeakAgainstItems) {
  lists_ = {{list({told(1, "buy", 10), told(2, "dislike")}), ModelId{1}},
            {list({told(1, "dislike")}), ModelId{1}}};
  const TargetReport reward = report("reward");
  EXPECT_TRUE(reward.valued);
  EXPECT_EQ(reward.models[0].counts.told, 1);  // of the other nothing earned anything
  EXPECT_DOUBLE_EQ(reward.models[0].counts.worth, 1 - 2 - 2);
  EXPECT_DOUBLE_EQ(report("value").models[0].counts.worth, 10);
  EXPECT_EQ(report("dislike").models[0].counts.told, 2);
}

TEST_F(TargetTallyTest, CountsPositionsAsFarAsAskedAndLeavesPinnedOnesOut) {
  lists_ = {{list({told(1, "click"), told(3, "click")}), ModelId{1}},
            {list({told(2, "click")}), std::nullopt}};
  lists_[1].first.ranking.policy.pinned = {2};
  const TargetReport clicks = report("click");
  ASSERT_EQ(clicks.positions.size(), 2U);
  EXPECT_EQ(clicks.positions[0].shown, 2);
  EXPECT_EQ(clicks.positions[0].told, 1);
  EXPECT_EQ(clicks.positions[1].shown, 1);
  EXPECT_EQ(clicks.positions[1].told, 0);
  ASSERT_EQ(clicks.models.size(), 1U);  // the list of two models is nobody's
  EXPECT_EQ(clicks.models[0].counts.shown, 1);
  EXPECT_EQ(clicks.models[0].counts.items, 2);
}

TEST_F(TargetTallyTest, PartsListsIntoPeriodsByModel) {
  lists_ = {{list({}), ModelId{2}},
            {list({told(1, "click")}), ModelId{1}},
            {list({told(1, "click")}, hours{3}), ModelId{2}}};
  const TargetReport clicks = report("click");
  ASSERT_EQ(clicks.periods.size(), 2U);
  EXPECT_EQ(clicks.periods[0].from, kThen);
  ASSERT_EQ(clicks.periods[0].models.size(), 2U);
  EXPECT_EQ(clicks.periods[0].models[0].model, ModelId{1});
  EXPECT_EQ(clicks.periods[0].models[1].counts.told, 0);
  EXPECT_EQ(clicks.periods[1].from, kThen + hours{3});
  EXPECT_EQ(clicks.periods[1].models[0].counts.told, 1);
}

TEST_F(TargetTallyTest, TellsFiguresWithBands) {
  lists_ = {{list({told(1, "buy", 10)}), ModelId{1}}, {list({}), ModelId{1}}};
  const boost::json::object json = to_json(report("buy"));
  const boost::json::value& model = json.at("models").at(0);
  EXPECT_EQ(model.at("model_id"), 1);
  EXPECT_DOUBLE_EQ(model.at("share").as_double(), 0.5);
  EXPECT_DOUBLE_EQ(model.at("mean").as_double(), 5);
  EXPECT_LT(model.at("mean_ci").at(0).as_double(), 5);
  EXPECT_EQ(json.at("positions").at(1).at("position"), 2);
  lists_.pop_back();
  EXPECT_TRUE(to_json(report("buy")).at("models").at(0).at("mean_ci").is_null());  // of one nothing is known
}

}  // namespace
}  // namespace rankloop::app
