// What the settings of exploration mean, and which of them contradict each other.
#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.h"
#include "server/options.h"

namespace rankloop::server {
namespace {

using ::testing::HasSubstr;

config::Settings settings_with(const std::function<void(config::Settings&)>& change) {
  config::Settings settings;
  settings.exploration_policy = "softmax";
  settings.exploration_share = 1;
  settings.exploration_temperature = 0.3;
  settings.exploration_gamma = 1000;
  settings.exploration_depth = 10;
  settings.exploration_most_loss = 1;
  settings.training_family = "logistic";
  change(settings);
  return settings;
}

Domain with_trips() {
  Domain domain;
  domain.requests = Schema({{.name = "trip", .type = FieldType::kCategory}}, {}, {});
  return domain;
}

TEST(ExplorationOptions, AreWhatWasSet) {
  const auto terms = exploration_options(settings_with([](config::Settings& settings) {
                                           settings.exploration_safe_top = 2;
                                           settings.exploration_most_loss = 0.01;
                                           settings.exploration_segment = "trip=business";
                                         }),
                                         with_trips());
  ASSERT_TRUE(terms) << terms.error().message;
  EXPECT_EQ(terms->policy, PolicyKind::kSoftmax);
  EXPECT_EQ(terms->temperature, 0.3);
  EXPECT_EQ(terms->depth, 10);
  EXPECT_EQ(terms->safe_top, 2);
  EXPECT_EQ(terms->most_loss, 0.01);
  EXPECT_EQ(terms->segment->word, "business");
}

TEST(ExplorationOptions, NameEveryWayThereIs) {
  for (const ml::Way& way : ml::ways()) {
    const auto terms = exploration_options(
        settings_with([&](config::Settings& settings) { settings.exploration_policy = way.name; }),
        with_trips());
    ASSERT_TRUE(terms) << way.name;
    EXPECT_EQ(terms->policy, way.kind) << way.name;
  }
}

struct Contradiction {
  std::function<void(config::Settings&)> change;
  std::string told;
};

TEST(ExplorationOptions, AreRefusedWhereTheyContradictEachOther) {
  const Contradiction contradictions[] = {
      {[](config::Settings& settings) {
         settings.exploration_policy = "uniform";
         settings.exploration_safe_top = 1;
       },
       "exploration.safe_top is set, but exploration.policy is uniform"},
      {[](config::Settings& settings) {
         settings.exploration_policy = "uniform";
         settings.exploration_most_loss = 0.01;
       },
       "exploration.most_loss is set"},
      {[](config::Settings& settings) {
         settings.exploration_policy = "uniform";
         settings.exploration_segment = "trip=business";
       },
       "exploration.segment is set"},
      {[](config::Settings& settings) {
         settings.exploration_policy = "thompson";
         settings.training_family = "gbdt";
       },
       "training.family 'gbdt' keeps none; families that do: logistic"},
      {[](config::Settings& settings) { settings.exploration_safe_top = 10; },
       "exploration.safe_top is 10, so that none of the 10 positions"},
      {[](config::Settings& settings) { settings.exploration_segment = "country=DE"; },
       "exploration.segment: 'country=DE' is no segment of requests: requests have no field 'country'"},
  };
  for (const auto& [change, told] : contradictions) {
    const auto terms = exploration_options(settings_with(change), with_trips());
    ASSERT_FALSE(terms) << told;
    EXPECT_EQ(terms.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(terms.error().message, HasSubstr(told));
  }
}

}  // namespace
}  // namespace rankloop::server
