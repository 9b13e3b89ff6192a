// The kinds of feedback that a domain file declares.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/domain.h"
#include "domain/feedback.h"

namespace rankloop {
namespace {

using ::testing::HasSubstr;

std::string shop(const std::string& feedback) {
  return R"(
[domain]
name = "shop"
[request]
noun = "ask"
[[request.field]]
name = "budget"
type = "float"
[item]
noun = "offer"
[[item.field]]
name = "price"
type = "float"
[model]
features = ["budget", "price"]
)" + feedback;
}

std::vector<FeedbackRule> rules(const std::string& feedback) {
  const DomainCheck check = read_domain(shop(feedback), "shop.toml");
  EXPECT_TRUE(check.faults.empty()) << check.faults.front().message;
  return check.domain ? check.domain->feedback : std::vector<FeedbackRule>{};
}

std::string fault(const std::string& feedback) {
  const DomainCheck check = read_domain(shop(feedback), "shop.toml");
  return check.faults.empty() ? "" : check.faults.front().message;
}

TEST(FeedbackOfADomain, HasAPickWithoutAWord) {
  const auto preset = rules("");
  ASSERT_EQ(preset.size(), 1U);
  EXPECT_EQ(preset[0].name, kPickKind);
  EXPECT_EQ(reward_of(preset[0], 2.5), 2.5);
  EXPECT_EQ(value_fault(preset[0], std::nullopt), "");
  EXPECT_EQ(longest_wait(preset).count(), 0);
  EXPECT_EQ(rule_of(preset, "buy"), nullptr);
}

TEST(FeedbackOfADomain, ReadsWhatEachKindIsWorth) {
  const auto read = rules(R"(
[[feedback]]
name = "click"
reward = 1
closes = false
[[feedback]]
name = "rating"
reward = 0.2
value = [0, 5]
within = "7d"
[[feedback]]
name = "dislike"
reward = -1
)");
  ASSERT_EQ(read.size(), 4U);
  EXPECT_EQ(canonical_text(read[1]), "reward 1, awaits more");
  EXPECT_EQ(canonical_text(read[2]), "reward 0.2 of each unit of a value from 0 to 5, within 7d");
  EXPECT_EQ(reward_of(read[2], 4), 0.8);
  EXPECT_EQ(reward_of(read[3], 9), -1);
  EXPECT_EQ(longest_wait(read), std::chrono::hours{7 * 24});
  EXPECT_EQ(value_fault(read[2], 4.5), "");
  EXPECT_EQ(value_fault(read[2], 6), "the value of a rating should be 0 to 5, not 6");
  EXPECT_EQ(value_fault(read[2], std::nullopt), "a rating needs a value: 0 to 5");
  EXPECT_EQ(value_fault(read[1], 1), "click has no value, only that it happened: leave it out");
}

TEST(FeedbackOfADomain, LetsAPickBeWorthSomethingElse) {
  const auto read = rules("[[feedback]]\nname = \"pick\"\nreward = 3\nwithin = \"1h\"\n");
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(reward_of(read[0], 1), 3);
  EXPECT_EQ(read[0].within, std::chrono::hours{1});
}

TEST(FeedbackOfADomain, RefusesWhatCouldNotBeMeant) {
  EXPECT_THAT(fault("[[feedback]]\nname = \"none\"\nreward = 1\n"), HasSubstr("is there in every domain"));
  EXPECT_THAT(fault("[[feedback]]\nname = \"buy\"\n"), HasSubstr("needs a reward"));
  EXPECT_THAT(fault("[[feedback]]\nname = \"buy\"\nreward = 1e9\n"), HasSubstr("to 1000000, not 1e+09"));
  EXPECT_THAT(fault("[[feedback]]\nname = \"two words\"\nreward = 1\n"), HasSubstr("not \"two words\""));
  EXPECT_THAT(fault("[[feedback]]\nname = \"buy\"\nreward = 1\nvalue = [5, 0]\n"),
              HasSubstr("value = [0, 5]"));
  EXPECT_THAT(fault("[[feedback]]\nname = \"buy\"\nreward = 1\nwithin = \"soon\"\n"),
              HasSubstr("not \"soon\""));
  EXPECT_THAT(fault("[[feedback]]\nname = \"buy\"\nreward = 1\ncloses = false\n"),
              HasSubstr("within = \"7d\""));
  EXPECT_THAT(fault("[[feedback]]\nname = \"buy\"\nreward = 1\nreward_of = 2\n"), HasSubstr("reward_of"));
  const std::string buy = "[[feedback]]\nname = \"buy\"\nreward = 1\n";
  EXPECT_THAT(fault(buy + buy), HasSubstr("declared twice"));
}

TEST(FeedbackOfADomain, MayChangeInAStoreThatIsInUse) {
  const auto before = read_domain(shop(""), "a").domain;
  const auto after = read_domain(shop("[[feedback]]\nname = \"buy\"\nreward = 5\n"), "b").domain;
  ASSERT_TRUE(before && after);
  EXPECT_TRUE(check_domain_change(*before, *after));
  EXPECT_TRUE(check_domain_change(*after, *before));
  EXPECT_EQ(domain_changes(*before, *after).front().what, "the feedback buy is new (reward 5)");
  EXPECT_EQ(domain_changes(*after, *before).front().means, "what was told of it counts no more");
}

}  // namespace
}  // namespace rankloop
