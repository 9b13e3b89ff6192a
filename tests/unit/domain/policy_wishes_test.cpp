// What a policy keeps of the wishes of its list.
#include <string>

#include <gtest/gtest.h>

#include "domain/policy.h"

namespace rankloop {
namespace {

constexpr const char* kWishes =
    R"([{"name":"two","how":"at_most","field":"brand","most":2,"first":10},{"name":"a","how":"block","where":["item.brand == \"],}\""]}])";

std::vector<Policy> every_policy() {
  Policy greedy;
  Policy external{PolicyKind::kExternal};
  return {greedy, external, Policy::uniform(), Policy::epsilon_greedy(0.05, true),
          Policy::with_parameters(PolicyKind::kSoftmax, R"({"share":1E0,"temperature":2,"depth":10})")};
}

TEST(PolicyWishes, ComeBackWithEveryPolicy) {
  for (Policy policy : every_policy()) {
    const PolicyText plain = to_text(policy);
    policy.wishes = kWishes;
    policy.bounded = true;
    for (const std::vector<int>& pinned : {std::vector<int>{}, {1}, {2, 5}}) {
      policy.pinned = pinned;
      const PolicyText text = to_text(policy);
      EXPECT_EQ(text.name, plain.name);
      const Policy again = parse_policy(text.name, text.parameters, policy.deterministic);
      EXPECT_EQ(again, policy) << text.parameters;
      EXPECT_EQ(to_text(again), text);
    }
  }
}

TEST(PolicyWishes, LeaveThePolicyWithoutThemAsItWas) {
  for (const Policy& policy : every_policy()) {
    const PolicyText text = to_text(policy);
    EXPECT_EQ(text.parameters.find("wishes"), std::string::npos);
    EXPECT_EQ(parse_policy(text.name, text.parameters, policy.deterministic), policy);
  }
}

TEST(PolicyWishes, TellWhichPositionsWerePinnedAndWhatSaysNothing) {
  Policy policy = Policy::uniform();
  EXPECT_TRUE(positions_say_nothing(policy));
  policy.wishes = R"([{"name":"p","how":"pin","at":1,"where":["item.brand == \"at_most\""]}])";
  policy.pinned = {1, 4};
  EXPECT_TRUE(positions_say_nothing(policy)) << "of the other items";
  EXPECT_TRUE(is_pinned(policy, 4));
  EXPECT_FALSE(is_pinned(policy, 2));
  const PolicyText text = to_text(policy);
  EXPECT_FALSE(parse_policy(text.name, text.parameters, false).bounded);
  policy.wishes = kWishes;
  const PolicyText bounded = to_text(policy);
  EXPECT_FALSE(positions_say_nothing(parse_policy(bounded.name, bounded.parameters, false)));
}

TEST(PolicyWishes, OfAPolicyThatNobodyKnowsStayUnknown) {
  const std::string parameters = R"({"wishes":[{"how":"at_most"}]})";
  const Policy policy = parse_policy("of_tomorrow", parameters, false);
  EXPECT_EQ(policy.kind, PolicyKind::kUnknown);
  EXPECT_EQ(to_text(policy).parameters, parameters);
}

}  // namespace
}  // namespace rankloop
