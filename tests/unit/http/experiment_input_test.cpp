// The body of POST /experiments: what it makes, and the faults at their places.
#include "http/routes/experiment_input.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>

namespace rankloop::http {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kArms =
    R"("arms":[{"name":"control","model_id":"champion","share":0.5},{"name":"mlp","model_id":7,"share":0.25}])";

std::string with(std::string_view more) {
  return R"({"name":"a","smallest_effect":0.02,)" + std::string{kArms} + std::string{more} + "}";
}

FeedbackRule rule(std::string name, double reward, bool valued = false) {
  FeedbackRule made;
  made.name = std::move(name);
  made.reward = reward;
  made.valued = valued;
  return made;
}
const std::vector<FeedbackRule> kRules = {pick_rule(), rule("buy", 1, true), rule("dislike", -1)};

Result<app::ExperimentRequest> read(std::string_view body) {
  return read_experiment(boost::json::parse(body), kRules);
}

// Where the faults of a body are.
std::vector<std::string> places(std::string_view body) {
  const auto drafted = read(body);
  std::vector<std::string> found;
  if (drafted) return found;
  for (const FieldFault& fault : drafted.error().faults) {
    std::string place;
    for (const std::string& part : fault.loc) place += (place.empty() ? "" : ".") + part;
    found.push_back(place);
  }
  return found;
}

TEST(ExperimentInput, ReadsWhatIsAskedFor) {
  const auto read = http::read(with(
      R"(,"unit":"request","primary":"value","deviation":2,"guardrails":[{"metric":"none_rate","bound":0.1}],)"
      R"("ramp":{"hold_seconds":60})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->experiment.name, "a");
  EXPECT_EQ(read->experiment.unit, ExperimentUnit::kRequest);
  ASSERT_EQ(read->experiment.arms.size(), 2U);
  EXPECT_EQ(read->experiment.arms[0].model, ModelId{});
  EXPECT_EQ(read->experiment.arms[1].model, ModelId{7});
  EXPECT_EQ(read->experiment.arms[1].share, 0.25);
  EXPECT_EQ(read->design.primary, "value");
  EXPECT_EQ(read->design.guardrails.front().bound, 0.1);
  EXPECT_EQ(read->design.planned_people, 0);
  EXPECT_EQ(read->deviation, 2);
  EXPECT_FALSE(read->baseline);
  EXPECT_THAT(read->design.ramp.steps, ElementsAre(0.01, 0.05, 0.25, 0.5));
  EXPECT_EQ(read->design.ramp.hold, std::chrono::seconds{60});
  EXPECT_EQ(read->design.ramp.people, 100);
}

constexpr std::string_view kAlike =
    R"("arms":[{"name":"control","model_id":"champion","share":0.5},{"name":"mlp","model_id":7,"share":0.5}])";

std::string together(std::string_view more, std::string_view arms = kAlike) {
  return R"({"name":"a","smallest_effect":0.02,"method":"interleaving",)" + std::string{arms} +
         std::string{more} + "}";
}

TEST(ExperimentInput, InterleavesTwoArms) {
  const auto drafted = read(together(""));
  ASSERT_TRUE(drafted);
  EXPECT_EQ(drafted->experiment.interleaving, Interleaving::kTeamDraft);
  const auto by_chance = read(together(R"(,"interleaving":"probabilistic")"));
  ASSERT_TRUE(by_chance);
  EXPECT_EQ(by_chance->experiment.interleaving, Interleaving::kProbabilistic);
  EXPECT_FALSE(read(with(""))->experiment.interleaving);
}

TEST(ExperimentInput, RefusesWhatAMergedListCannotTell) {
  EXPECT_THAT(places(together("", kArms)), ElementsAre("body.arms.1.share"));
  EXPECT_THAT(
      places(together(
          "", R"("arms":[{"name":"a","model_id":7,"share":0.5},{"name":"b","model_id":7,"share":0.5}])")),
      ElementsAre("body.arms.1.model_id"));
  EXPECT_THAT(
      places(together(
          "",
          R"("arms":[{"name":"a","model_id":7,"share":0.1},{"name":"b","model_id":8,"share":0.1},{"name":"c","model_id":9,"share":0.1}])")),
      ElementsAre("body.arms"));
  EXPECT_THAT(
      places(together(R"(,"primary":"none_rate","guardrails":[{"metric":"outcome_rate","bound":0.1}])")),
      UnorderedElementsAre("body.primary", "body.guardrails.0.metric"));
  EXPECT_THAT(places(with(R"(,"interleaving":"team_draft")")), ElementsAre("body.interleaving"));
}

TEST(ExperimentInput, TakesTheKindsOfTheDomainForMetrics) {
  const auto drafted = read(with(
      R"(,"primary":"buy_rate","guardrails":[{"metric":"dislike_rate","bound":0.1},{"metric":"buy_value","bound":1},)"
      R"({"metric":"reward","bound":0.5}])"));
  ASSERT_TRUE(drafted) << drafted.error().message;
  EXPECT_EQ(drafted->design.primary, "buy_rate");
  EXPECT_EQ(drafted->design.guardrails[1].metric, "buy_value");
  EXPECT_THAT(places(with(R"(,"primary":"dislike_value","guardrails":[{"metric":"cart_rate","bound":0.1}])")),
              UnorderedElementsAre("body.primary", "body.guardrails.0.metric"))
      << "one has no value, the other is no kind";
  EXPECT_THAT(places(together(R"(,"primary":"buy_rate")")), ::testing::IsEmpty());
}

TEST(ExperimentInput, HasNoRampUnlessItIsAskedFor) {
  const auto read = http::read(with(""));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->design.ramp.steps.empty());
  EXPECT_EQ(read->experiment.unit, ExperimentUnit::kPerson);
  EXPECT_EQ(read->design.primary, "pick_rate");
}

TEST(ExperimentInput, TellsEveryFaultAtItsPlace) {
  EXPECT_THAT(places("{}"), UnorderedElementsAre("body.name", "body.arms", "body.smallest_effect"));
  EXPECT_THAT(
      places(
          R"({"name":"a","unit":"guest","primary":"clicks","smallest_effect":0,"planned_people":1,)"
          R"("guardrails":[{"metric":"pick_rate","bound":-1},{"metric":"pick_rate","bound":0}],)"
          R"("ramp":{"steps":[0.5,0.1]},"arms":[{"name":"","model_id":"nobody","share":0},{"model_id":1.5,)"
          R"("share":"all"}]})"),
      UnorderedElementsAre("body.unit", "body.primary", "body.smallest_effect", "body.planned_people",
                           "body.guardrails.0.bound", "body.guardrails.1.metric", "body.ramp.steps",
                           "body.arms.0.name", "body.arms.0.model_id", "body.arms.0.share",
                           "body.arms.1.name", "body.arms.1.model_id", "body.arms.1.share"));
  EXPECT_THAT(places(R"({"name":"a","smallest_effect":1,"arms":[1,null]})"),
              ::testing::Not(::testing::IsEmpty()));
  EXPECT_THAT(places(R"({"name":"a","smallest_effect":1,"arms":7,"guardrails":7,"ramp":7})"),
              ::testing::Contains("body.arms"));
}

TEST(ExperimentInput, TakesSharesThatFitAndNamesThatDiffer) {
  EXPECT_THAT(places(R"({"name":"a","smallest_effect":1,"arms":[{"name":"x","model_id":1,"share":0.6},)"
                     R"({"name":"x","model_id":1,"share":0.6}]})"),
              UnorderedElementsAre("body.arms", "body.arms.1.name"));
  EXPECT_THAT(places(R"({"name":"a","smallest_effect":1,"arms":[{"name":"x","model_id":1,"share":0.1},)"
                     R"({"name":"y","model_id":1,"share":0.2},{"name":"z","model_id":1,"share":0.7}]})"),
              ::testing::IsEmpty());
}

TEST(ExperimentInput, IsDescribedByASchema) {
  const auto schema = boost::json::parse(experiment_schema(kRules)).as_object();
  EXPECT_EQ(schema.at("properties").at("arms").at("minItems").as_int64(), 2);
  EXPECT_TRUE(schema.at("properties").at("ramp").at("properties").as_object().contains("steps"));
  EXPECT_EQ(schema.at("properties").at("primary").at("enum").as_array().size(), 9U);
}

}  // namespace
}  // namespace rankloop::http
