// What became of shown requests.
#include "app/watch/performance.h"

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

Ranking by(std::int64_t model) {
  Ranking like;
  like.model = {model};
  return like;
}

class PerformanceTest : public ShownRequests {
 protected:
  void SetUp() override {
    ShownRequests::SetUp();
    write_films(8);
    start_serving();
    performance_ = std::make_unique<Performance>(*domain_, LearningTarget{}, *positions_, clock_);
  }
  PerformanceReport report() {
    const auto report = performance_->report();
    EXPECT_TRUE(report) << report.error().message;
    return report ? *report : PerformanceReport{};
  }

  std::unique_ptr<Performance> performance_;
};

TEST_F(PerformanceTest, HasNothingToTellBeforeAnythingWasShown) {
  answered(30, {1, 2});
  EXPECT_EQ(report().requests, 0);
  const boost::json::value told = json(to_json(report()));
  EXPECT_TRUE(told.at("from").is_null());
  EXPECT_TRUE(told.at("models").as_array().empty());
  EXPECT_TRUE(told.at("positions").as_array().empty());
}

TEST_F(PerformanceTest, CountsOutcomesByModel) {
  const Asked picked = shown(30, {1, 2}, by(1));
  pick(picked, 2);
  pick(picked, 2);  // the same pick again changes nothing
  pick(picked, 1);
  const Asked undecided = shown(30, {3}, by(1));
  pick_none(undecided);
  pick(undecided, 3);  // takes it back
  pick_none(shown(30, {1}, by(2)));
  shown(30, {2}, by(2));
  const PerformanceReport report = this->report();
  EXPECT_EQ(report.requests, 4);
  ASSERT_EQ(report.models.size(), 2U);
  EXPECT_EQ(report.models[0].counts, (storage::ModelCounts{{1}, 2, 2, 0, 3}));
  EXPECT_EQ(report.models[1].counts, (storage::ModelCounts{{2}, 2, 0, 1, 0}));
  EXPECT_DOUBLE_EQ(report.models[0].squared_value, 5);
}

TEST_F(PerformanceTest, TakesNoPinnedPositionForTheModels) {
  Ranking wished = by(1);
  wished.policy.wishes = R"([{"name":"p","how":"pin","at":1,"where":["item.price > 1.5"]}])";
  wished.policy.pinned = {1};
  const Asked asked = shown(30, {3, 1, 2}, wished);
  pick(asked, 3);
  pick(asked, 1);
  const PerformanceReport report = this->report();
  ASSERT_EQ(report.positions.size(), 3U);
  EXPECT_EQ(report.positions[0].shown, 0);
  EXPECT_EQ(report.positions[0].picked, 0);
  EXPECT_EQ(report.positions[1].shown, 1);
  EXPECT_EQ(report.positions[1].picked, 1);
  EXPECT_EQ(report.models[0].counts.picked, 1) << "the request was picked from all the same";
  EXPECT_EQ(report.items.size(), 3U);
}

TEST_F(PerformanceTest, CountsPositionsAndItemsThatWereShown) {
  const Asked asked = answered(30, {3, 1, 2});
  show(asked, 2);
  pick(asked, 1);
  pick(shown(30, {1}), 1);
  const PerformanceReport report = this->report();
  ASSERT_EQ(report.positions.size(), 2U);
  EXPECT_EQ(report.positions[0].shown, 2);
  EXPECT_EQ(report.positions[0].picked, 1);
  EXPECT_EQ(report.positions[1].shown, 1);
  EXPECT_EQ(report.positions[1].picked, 1);
  ASSERT_EQ(report.items.size(), 2U);
  EXPECT_EQ(report.items[0].item, ItemId{1});
  EXPECT_EQ(report.items[0].counts.shown, 2);
  EXPECT_EQ(report.items[0].counts.picked, 2);
  EXPECT_EQ(report.items[1].item, ItemId{3});
  ItemNames names{domain_, *store_};
  const boost::json::value told = json(items_to_json(report, names, 1));
  EXPECT_EQ(told.at("shown_items").to_number<int>(), 2);
  ASSERT_EQ(told.at("items").as_array().size(), 1U);
  EXPECT_EQ(told.at("items").at(0).at("film_id").to_number<int>(), 1);
}

TEST_F(PerformanceTest, DividesTheTimeIntoPeriods) {
  const WallTime first = clock_.wall();
  pick(shown(30, {1}, by(1)), 1);
  clock_.advance(std::chrono::hours{12});
  shown(30, {1}, by(2));
  clock_.advance(std::chrono::hours{12});
  shown(30, {1}, by(2));
  const PerformanceReport report = this->report();
  EXPECT_EQ(report.from, first);
  EXPECT_EQ(report.until - report.from, std::chrono::hours{24});
  EXPECT_EQ(report.length, std::chrono::hours{1} + std::chrono::milliseconds{1});
  ASSERT_EQ(report.periods.size(), 3U);
  EXPECT_EQ(report.periods[0].models[0].counts.model, ModelId{1});
  EXPECT_EQ(report.periods[2].models[0].counts.model, ModelId{2});
  EXPECT_EQ(report.periods[2].from, first + 23 * report.length);
}

TEST_F(PerformanceTest, LeavesOutHistoryThatOthersShowed) {
  import_frugal(4);
  EXPECT_EQ(report().requests, 0);
}

TEST_F(PerformanceTest, LooksAgainAfterTenSeconds) {
  shown(30, {1});
  EXPECT_EQ(report().requests, 1);
  shown(30, {1});
  EXPECT_EQ(report().requests, 1);
  clock_.advance(std::chrono::seconds{11});
  EXPECT_EQ(report().requests, 2);
}

TEST_F(PerformanceTest, TellsHowOftenPositionsAreExaminedByRandomOrders) {
  EXPECT_TRUE(json(to_json(report())).at("examination").is_null());
  clock_.advance(std::chrono::seconds{11});
  Ranking random;
  random.policy = Policy::uniform();
  for (int r = 0; r < 30; ++r) pick(shown(30, {1, 2}, random), r % 3 == 0 ? 2 : 1);
  pick(shown(30, {1, 2}), 2);  // a model's order says nothing
  const boost::json::value told = json(to_json(report())).at("examination");
  EXPECT_EQ(told.at("kind").as_string(), "reward");
  EXPECT_EQ(told.at("evidence").as_string(), "random_orders");
  EXPECT_EQ(told.at("requests").to_number<int>(), 30);
  EXPECT_EQ(told.at("picks").to_number<int>(), 30);
  EXPECT_EQ(told.at("positions").as_array().size(), 2U);
  // Picks 20 to 10 are the work of attention 1 and 2/3: who sees both takes either.
  EXPECT_NEAR(told.at("positions").at(1).at("examination").to_number<double>(), 2.0 / 3, 0.01);
  EXPECT_LT(told.at("positions").at(1).at("ci").at(0).to_number<double>(), 0.6);
}

TEST_F(PerformanceTest, TellsWhatPositionsDoToTheKindThatIsAskedFor) {
  FeedbackRule buy;
  buy.name = "buy";
  Domain domain = *domain_;
  domain.feedback.push_back(buy);
  PositionEvidence positions{std::make_shared<const Domain>(domain), *store_, *serving_, *replays_};
  Performance performance(domain, LearningTarget{.name = "pick"}, positions, clock_);
  Ranking random;
  random.policy = Policy::uniform();
  for (int r = 0; r < 30; ++r) {
    const Asked asked = shown(30, {1, 2}, random);
    pick(asked, r % 2 == 0 ? 1 : 2);
    if (r % 3 == 0) tell(asked, 2, "buy");
  }
  const auto by = [&](const std::string& target) { return *performance.report(target); };
  const PerformanceReport picks = *performance.report();
  EXPECT_EQ(picks.chosen_by, "pick");
  EXPECT_EQ(picks.randomised_picks, 30);
  EXPECT_EQ(by("pick").examined.picks, 30);
  const PerformanceReport buys = by("buy");
  EXPECT_EQ(buys.chosen_by, "buy");
  EXPECT_EQ(buys.randomised, 30);
  EXPECT_EQ(buys.examined.picks, 10);
  EXPECT_TRUE(buys.examined.positions.empty()) << "nothing of the first position was bought";
  EXPECT_EQ(by("reward").examined.picks, 30) << "both kinds have one";
  EXPECT_THAT(buys.targets, ::testing::ElementsAre("reward", "value", "pick", "buy"));
}

TEST(MeanValue, HasABandFromTwoRequestsOn) {
  EXPECT_FALSE(mean_value({{{1}, 1, 1, 0, 1}, 1}));
  // Values 1, 1, 0, 0: a mean of 0.5 and a deviation of sqrt(1/3).
  const auto value = mean_value({{{1}, 4, 2, 2, 2}, 2});
  ASSERT_TRUE(value);
  EXPECT_DOUBLE_EQ(value->mean, 0.5);
  EXPECT_NEAR(value->high - value->mean, 1.96 * 0.57735 / 2, 1e-3);
  EXPECT_NEAR(value->mean - value->low, value->high - value->mean, 1e-12);
}

}  // namespace
}  // namespace rankloop::app
