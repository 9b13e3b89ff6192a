// Evaluations of lists that were made position by position, and of ways that would make such.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unit/app/film_evaluations.h"

namespace rankloop::app {
namespace {

class ExploringEvaluationTest : public EvaluationTest {
 protected:
  ExploringEvaluationTest() { evaluation_options_.best = static_cast<int>(kFilms) - 1; }

  void log_by(int requests, const ml::Exploration& terms) {
    for (int r = 0; r < requests; ++r)
      decide(answered(30, {}, ranked_by(kChampion, terms), "person " + std::to_string(r)));
  }
  // A model whose first ones the lists could show: of what a ranking keeps, and no more, ways choose.
  std::string about_a_neighbour() {
    return R"({"model_id":)" +
           std::to_string(add_model(ordering(kNeighbour)->save(), false, "{}", "popularity").value) + "}";
  }
  const std::vector<std::int64_t> kNeighbour{3, 2, 1, 4, 5, 6};
  const ml::Exploration kStirred{.policy = PolicyKind::kSoftmax, .share = 1, .temperature = 2};
};

TEST_F(ExploringEvaluationTest, IsAnsweredByTheWeightsOfListsFromTheTop) {
  begin();
  log_by(600, kStirred);
  const auto evaluation = evaluate(about_a_neighbour());
  ASSERT_TRUE(evaluation) << evaluation.error().message;
  ASSERT_TRUE(evaluation->report.refusals.empty()) << evaluation->report.refusals.front();
  EXPECT_EQ(evaluation->facts.used(), 600);
  const auto estimates = values(*evaluation);
  EXPECT_FALSE(estimates.contains("ips"));
  EXPECT_FALSE(estimates.contains("pbm"));
  for (const char* name : {"rips", "cascade_dr"})
    EXPECT_NEAR(estimates.at(name), worth(kNeighbour), 0.2) << name;
  EXPECT_NEAR(evaluation->report.joint->mean, 1, 0.25);
}

TEST_F(ExploringEvaluationTest, SaysWhenTheLogCouldNotShowWhatTheTargetWould) {
  begin();
  log_by(100, kStirred);
  const auto evaluation = evaluate(R"({"model_id":)" + std::to_string(other_.value) + "}");
  ASSERT_TRUE(evaluation) << evaluation.error().message;
  ASSERT_FALSE(evaluation->report.refusals.empty());
  EXPECT_NE(evaluation->report.refusals.front().find("was never shown in the log"), std::string::npos);
}

TEST_F(ExploringEvaluationTest, FindsItsOwnEarningsForTheWayTheListsWereMade) {
  begin();
  for (const ml::Exploration& terms :
       {kStirred, ml::Exploration{.policy = PolicyKind::kSoftmax, .share = 0.6, .temperature = 0.5},
        ml::Exploration{.policy = PolicyKind::kSquareCb, .share = 1, .gamma = 10},
        ml::Exploration{.policy = PolicyKind::kEpsilonPositions, .share = 0.3}}) {
    const std::string then = to_iso8601(clock_.wall());
    log_by(150, terms);
    clock_.advance(std::chrono::hours{1});
    std::string body = R"({"since":")" + then + R"(","explore_by":")" +
                       std::string{ml::way_of(terms.policy).name} + R"(","explore":)" +
                       std::to_string(terms.share);
    if (terms.policy == PolicyKind::kSoftmax)
      body += R"(,"temperature":)" + std::to_string(terms.temperature);
    if (terms.policy == PolicyKind::kSquareCb) body += R"(,"gamma":10)";
    const auto evaluation = evaluate(body + "}");
    ASSERT_TRUE(evaluation) << evaluation.error().message;
    EXPECT_EQ(evaluation->facts.used(), 150) << body;
    EXPECT_NEAR(values(*evaluation).at("rips"), evaluation->report.logged, 1e-5) << body;
    EXPECT_NEAR(evaluation->report.joint->largest, 1, 1e-5) << body;
  }
}

TEST_F(ExploringEvaluationTest, KnowsTheFirstPositionOfBoth) {
  begin();
  log_by(400, kStirred);
  const auto evaluation = evaluate(R"({"explore_by":"softmax","temperature":1,"positions":1})");
  ASSERT_TRUE(evaluation) << evaluation.error().message;
  const auto estimates = values(*evaluation);
  for (const char* name : {"ips", "snips", "dr"}) EXPECT_TRUE(estimates.contains(name)) << name;
  EXPECT_NEAR(evaluation->report.weights.mean, 1, 0.1);
}

TEST_F(ExploringEvaluationTest, CountsListsOfBothKindsEachForWhatTheyKnow) {
  begin();
  log(300, 0.5);
  log_by(300, kStirred);
  const auto evaluation = evaluate("{}");
  ASSERT_TRUE(evaluation) << evaluation.error().message;
  EXPECT_EQ(evaluation->report.lists, 600U);
  EXPECT_NEAR(values(*evaluation).at("ips"), worth(kChampion), 0.3);
  EXPECT_NEAR(values(*evaluation).at("rips"), worth(kChampion), 0.3);
}

TEST(EvaluationRequest, KnowsWhichWayHasWhichNumber) {
  const auto softmax = read_evaluation_body(json(R"({"explore_by":"softmax"})"), 100);
  ASSERT_TRUE(softmax);
  EXPECT_EQ(softmax->target.explore, 1);
  EXPECT_EQ(softmax->target.temperature, 0.15);
  const auto again = read_evaluation_body(json(to_json(*softmax)), 100);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *softmax);
  const auto wrong = read_evaluation_body(json(R"({"explore_by":"squarecb","temperature":1})"), 100);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().faults.front().msg, "explore_by = softmax has a temperature, and nothing else");
  EXPECT_FALSE(read_evaluation_body(json(R"({"explore_by":"thompson"})"), 100));
  EXPECT_FALSE(read_evaluation_body(json(R"({"policy":"random","explore_by":"softmax"})"), 100));
}

}  // namespace
}  // namespace rankloop::app
