// Policies as texts and back.
#include "domain/policy.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace rankloop {
namespace {

TEST(Policy, ComesBackFromItsText) {
  const Policy unknown{PolicyKind::kUnknown, false, 0, false, {"thompson", R"({"draws":3})"}};
  for (const Policy& policy :
       {Policy{}, Policy::uniform(), Policy::epsilon_greedy(0.05, true), Policy::epsilon_greedy(0.25, false),
        Policy::with_parameters(PolicyKind::kEpsilonPositions, R"({"epsilon":0.1,"depth":10,"safe_top":1})"),
        Policy::with_parameters(PolicyKind::kSoftmax,
                                R"({"share":1,"temperature":0.3,"depth":10,"safe_top":0})"),
        Policy::with_parameters(PolicyKind::kThompson, R"({"share":1,"draws":64,"depth":10,"safe_top":0})"),
        Policy::with_parameters(PolicyKind::kSquareCb, R"({"share":1,"gamma":1000,"depth":10,"safe_top":0})"),
        Policy::with_parameters(PolicyKind::kInterleaved,
                                R"({"first":1,"second":2,"depth":2,"way":"team_draft"})"),
        Policy{PolicyKind::kImported}, Policy{PolicyKind::kImported, false}, Policy{PolicyKind::kExternal},
        unknown}) {
    const PolicyText text = to_text(policy);
    const Policy read = parse_policy(text.name, text.parameters, policy.deterministic);
    EXPECT_EQ(read, policy) << text.name;
    EXPECT_EQ(drawn_uniformly(read), policy == Policy::uniform() || policy.drew_uniform) << text.name;
  }
}

// Stores hold these texts.
TEST(Policy, IsWrittenAsItAlwaysWas) {
  EXPECT_EQ(to_text({}), (PolicyText{"greedy", ""}));
  EXPECT_EQ(to_text(Policy::uniform()), (PolicyText{"uniform", ""}));
  EXPECT_EQ(to_text(Policy::epsilon_greedy(0.05, true)),
            (PolicyText{"epsilon_greedy", R"({"epsilon":0.05,"drawn":"uniform"})"}));
  EXPECT_EQ(to_text(Policy::epsilon_greedy(0.05, false)),
            (PolicyText{"epsilon_greedy", R"({"epsilon":0.05,"drawn":"greedy"})"}));
}

TEST(Policy, MeansTheSameHoweverItsJsonIsWritten) {
  for (const char* parameters :
       {R"({"epsilon":0.05,"drawn":"uniform"})", R"({"epsilon": 0.05, "drawn": "uniform"})",
        R"( { "drawn" : "uniform" , "epsilon" : 5e-2 } )",
        R"({"drawn":"\u0075niform","epsilon":0.05,"since":2})"}) {
    EXPECT_EQ(parse_policy("epsilon_greedy", parameters, false), Policy::epsilon_greedy(0.05, true))
        << parameters;
  }
  EXPECT_EQ(parse_policy("uniform", " {} ", false), Policy::uniform());
}

TEST(Policy, IsUnknownAndNeverUniformWhenItIsNotUnderstood) {
  const std::vector<PolicyText> texts = {
      {"softmax", R"({"drawn":"uniform"})"},
      {"softmax", R"({"share":1,"temperature":"0.3","depth":10})"},
      {"Uniform", ""},
      {"", ""},
      {"uniform", R"({"slots":3})"},
      {"uniform", "not JSON"},
      {"epsilon_greedy", ""},
      {"epsilon_greedy", R"({"epsilon":0.1})"},
      {"epsilon_greedy", R"({"drawn":"uniform"})"},
      {"epsilon_greedy", R"({"epsilon":0.1,"drawn":"uniformly"})"},
      {"epsilon_greedy", R"({"epsilon":0.1,"drawn":true})"},
      {"epsilon_greedy", R"({"epsilon":0.1,"drawn":"greedy","note":"\"drawn\":\"uniform\""} x)"},
      {"epsilon_greedy", R"([{"epsilon":0.1,"drawn":"uniform"}])"},
  };
  for (const PolicyText& text : texts) {
    const Policy policy = parse_policy(text.name, text.parameters, false);
    EXPECT_EQ(policy.kind, PolicyKind::kUnknown) << text.name << text.parameters;
    EXPECT_FALSE(drawn_uniformly(policy)) << text.name << text.parameters;
    EXPECT_EQ(to_text(policy), text);
  }
  // A greedy list that only speaks of the other one.
  EXPECT_FALSE(drawn_uniformly(parse_policy(
      "epsilon_greedy", R"({"epsilon":0.1,"drawn":"greedy","note":"\"drawn\":\"uniform\""})", false)));
}

}  // namespace
}  // namespace rankloop
