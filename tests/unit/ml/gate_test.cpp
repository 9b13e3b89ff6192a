// Verdicts of the gate and the sentences that explain them.
#include "ml/gate.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ml/bootstrap.h"
#include "ml/random_numbers.h"

namespace rankloop::ml {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

using Values = std::vector<double>;

// Values of both models for the same requests.
struct Pair {
  Values champion, challenger;
  std::vector<std::int64_t> people;
};

// Requests whose values differ by `gain` and noise that sums to 0.
Pair pair_of(std::size_t requests, double gain, double noise = 0.2) {
  Pair pair;
  for (std::size_t i = 0; i < requests; ++i) {
    pair.champion.push_back(0.5);
    pair.challenger.push_back(0.5 + gain + (i % 2 == 0 ? noise : -noise));
  }
  return pair;
}

GateOutcome judged(const GateRules& rules, const GateInput& input) {
  const auto outcome = judge_challenger(rules, input);
  EXPECT_TRUE(outcome) << outcome.error().message;
  return outcome ? *outcome : GateOutcome{};
}

GateOutcome judged(const Pair& pair, const GateRules& rules = {}) {
  return judged(rules, {.champion = pair.champion, .challenger = pair.challenger, .people = pair.people});
}

struct Case {
  std::string name;
  std::size_t requests = 400;
  double gain = 0.1;
  std::function<void(GateRules&, GateInput&)> change = [](GateRules&, GateInput&) {};
  Verdict verdict = Verdict::kPromote;
  std::string reason;
};

std::vector<Case> cases() {
  const auto keep = [](GateRules&, GateInput&) {};
  return {
      {"Better", 400, 0.1, keep, Verdict::kPromote, "lies above the margin of 0."},
      {"ExactlyEnoughRequests", 200, 0.1, keep, Verdict::kPromote, "is better by 0.1;"},
      {"TooFewRequests", 199, 0.1, keep, Verdict::kInsufficientEvidence,
       "Only 199 requests can be judged; at least 200 are needed."},
      {"OneRequest", 1, 0.1, keep, Verdict::kInsufficientEvidence, "Only 1 request can be judged;"},
      {"NoRequest", 0, 0.1, keep, Verdict::kInsufficientEvidence, "Only 0 requests can be judged;"},
      {"NoRequestAndNoneNeeded", 0, 0.1, [](GateRules& rules, GateInput&) { rules.min_requests = 0; },
       Verdict::kInsufficientEvidence, ""},
      {"FewerRequestsWhenAskedFor", 8, 0.3, [](GateRules& rules, GateInput&) { rules.min_requests = 8; },
       Verdict::kPromote, "is better by 0.3;"},
      {"NotProved", 400, 0.005, keep, Verdict::kReject, "it is not proved better."},
      {"Worse", 400, -0.1, keep, Verdict::kReject, "is worse by 0.1; the 95 % interval"},
      {"WorseIsSaid", 400, -0.1, keep, Verdict::kReject, "lies below 0: it is worse."},
      {"BelowTheMargin", 400, 0.1, [](GateRules& rules, GateInput&) { rules.margin = 0.09; },
       Verdict::kReject, "does not lie above the margin of 0.09"},
      {"NegativeMargin", 400, -0.01, [](GateRules& rules, GateInput&) { rules.margin = -0.05; },
       Verdict::kPromote, "lies above the margin of -0.05."},
      {"TooSlow", 400, 0.1, [](GateRules&, GateInput& input) { input.latency_ratio = 22; }, Verdict::kReject,
       "The guardrail latency_ratio failed: it is 22; allowed is at most 20."},
      {"Miscalibrated", 400, 0.1, [](GateRules&, GateInput& input) { input.calibration_error = 0.15; },
       Verdict::kReject, "The guardrail calibration_error failed: it is 0.15; allowed is at most 0.1."},
      {"TooNarrow", 400, 0.1, [](GateRules&, GateInput& input) { input.catalog_share = 0.1; },
       Verdict::kReject, "The guardrail catalog_share failed: it is 0.1; allowed is at least 0.2."},
      {"OnTheBounds", 400, 0.1,
       [](GateRules&, GateInput& input) {
         input.latency_ratio = 20;
         input.calibration_error = 0.1;
         input.catalog_share = 0.2;
       },
       Verdict::kPromote, "is better by 0.1;"},
      {"LeftOut", 400, 0.1, [](GateRules&, GateInput& input) { input.left_out = 23; }, Verdict::kPromote,
       "23 requests were left out: without an outcome, or ndcg@10 is undefined there."},
      {"ManyLooks", 400, 0.1, [](GateRules&, GateInput& input) { input.looks = 4; }, Verdict::kPromote,
       "This is look 4 since the last promotion;"},
      {"SmallerIsBetter", 400, -0.1,
       [](GateRules& rules, GateInput&) { rules.metric = MetricName::kLogloss; }, Verdict::kPromote,
       "The challenger's logloss is better by 0.1;"},
  };
}

class GateTable : public testing::TestWithParam<Case> {};

TEST_P(GateTable, GivesTheVerdictWithItsReason) {
  const Case& one = GetParam();
  const Pair pair = pair_of(one.requests, one.gain);
  GateRules rules;
  GateInput input{.champion = pair.champion, .challenger = pair.challenger};
  one.change(rules, input);
  const GateOutcome outcome = judged(rules, input);
  EXPECT_EQ(name_of(outcome.verdict), name_of(one.verdict)) << testing::PrintToString(outcome.reasons);
  if (!one.reason.empty()) EXPECT_THAT(outcome.reasons, Contains(HasSubstr(one.reason)));
}

INSTANTIATE_TEST_SUITE_P(Verdicts, GateTable, testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param.name; });

TEST(Gate, MeasuresWhatItIsGiven) {
  const GateOutcome outcome = judged(pair_of(400, 0.1));
  EXPECT_NEAR(outcome.delta.value(), 0.1, 1e-12);
  EXPECT_NEAR(outcome.champion.value(), 0.5, 1e-12);
  EXPECT_NEAR(outcome.challenger.value(), 0.6, 1e-12);
  EXPECT_EQ(outcome.n_requests, 400U);
  EXPECT_EQ(outcome.n_people, 400U);
  // The standard error is 0.2 / 20; the interval is 1.96 of it on either side.
  EXPECT_NEAR(outcome.ci_low.value(), 0.1 - 0.0196, 0.0015);
  EXPECT_NEAR(outcome.ci_high.value(), 0.1 + 0.0196, 0.0015);
}

TEST(Gate, IsDeterministicBySeed) {
  const Pair pair = pair_of(300, 0.01);
  EXPECT_EQ(to_json(judged(pair)), to_json(judged(pair)));
  EXPECT_NE(judged(pair).ci_low, judged(pair, {.seed = 43}).ci_low);
}

// 400 requests of 20 people who are each of one mind are no more evidence than 20 requests.
TEST(Gate, DrawsTheRequestsOfOnePersonTogether) {
  Pair pair = pair_of(400, 0);
  for (std::size_t i = 0; i < 400; ++i) {
    const std::size_t person = i % 20;
    pair.people.push_back(static_cast<std::int64_t>(person) - 7);
    pair.challenger[i] = person % 2 == 0 ? 0.7 : 0.35;  // better by 0.025 in the mean
  }
  const GateOutcome together = judged(pair, {.min_people = 20});
  pair.people.clear();
  const GateOutcome apart = judged(pair);
  EXPECT_EQ(together.n_people, 20U);
  EXPECT_NEAR(together.delta.value(), apart.delta.value(), 1e-12);
  EXPECT_EQ(apart.verdict, Verdict::kPromote);
  EXPECT_EQ(together.verdict, Verdict::kReject);
  EXPECT_NEAR((*together.ci_high - *together.ci_low) / (*apart.ci_high - *apart.ci_low), std::sqrt(20.0),
              0.5);
}

TEST(Gate, NeedsMoreThanAFewPeople) {
  Pair pair = pair_of(400, 0.1);
  for (std::size_t i = 0; i < 400; ++i) pair.people.push_back(static_cast<std::int64_t>(i % 9));
  const GateOutcome outcome = judged(pair);
  EXPECT_EQ(outcome.verdict, Verdict::kInsufficientEvidence);
  EXPECT_THAT(outcome.reasons, Contains("The requests are those of 9 people; at least 30 are needed."));
  EXPECT_FALSE(outcome.looked);
  EXPECT_EQ(judged(pair, {.min_people = 9}).verdict, Verdict::kPromote);
}

TEST(Gate, SaysWhichGuardrailsWereNotEvaluated) {
  const Pair pair = pair_of(400, 0.1);
  const GateOutcome outcome = judged({}, {.champion = pair.champion,
                                          .challenger = pair.challenger,
                                          .latency_ratio = 3,
                                          .calibration_error = std::nan("")});
  ASSERT_EQ(outcome.guardrails.size(), 3U);
  EXPECT_EQ(outcome.guardrails[0].state, GuardrailState::kPassed);
  EXPECT_EQ(outcome.guardrails[1].state, GuardrailState::kNotEvaluated);
  EXPECT_EQ(outcome.guardrails[2].state, GuardrailState::kNotEvaluated);
  EXPECT_EQ(outcome.verdict, Verdict::kPromote);
}

TEST(Gate, TellsItsOutcomeAsJson) {
  const Pair pair = pair_of(400, 0.1);
  const boost::json::value json =
      boost::json::parse(to_json(judged({}, {.champion = pair.champion,
                                             .challenger = pair.challenger,
                                             .left_out = 3,
                                             .latency_ratio = 2.5,
                                             .logged_by = {{"model \"7\"", 390}, {"model 8", 13}},
                                             .looks = 2})));
  EXPECT_EQ(json.at("verdict"), "promote");
  EXPECT_EQ(json.at("metric"), "ndcg@10");
  EXPECT_NEAR(json.at("delta").as_double(), 0.1, 1e-12);
  EXPECT_EQ(json.at("ci").as_array().size(), 2U);
  EXPECT_LT(json.at("ci").at(0).as_double(), json.at("ci").at(1).as_double());
  EXPECT_EQ(json.at("n_requests"), 400);
  EXPECT_EQ(json.at("n_people"), 400);
  EXPECT_EQ(json.at("left_out"), 3);
  EXPECT_EQ(json.at("looks"), 2);
  EXPECT_EQ(json.at("guardrails").at(0),
            boost::json::parse(R"({"name":"latency_ratio","value":2.5,"at_most":20,"state":"passed"})"));
  EXPECT_EQ(json.at("guardrails").at(2), boost::json::parse(R"({"name":"catalog_share","value":null,)"
                                                            R"("at_least":0.2,"state":"not_evaluated"})"));
  EXPECT_EQ(json.at("logged_by").at(0), boost::json::parse(R"({"model":"model \"7\"","requests":390})"));
  EXPECT_EQ(json.at("reasons").as_array().size(), 3U);
  const boost::json::value nothing = boost::json::parse(to_json(judged(Pair{})));
  EXPECT_TRUE(nothing.at("delta").is_null());
  EXPECT_TRUE(nothing.at("ci").at(0).is_null());
  EXPECT_EQ(nothing.at("verdict"), "insufficient_evidence");
}

TEST(Gate, ReadsWhatItsOutcomeSays) {
  const std::optional<Judged> nothing = read_judged(to_json(judged(Pair{})));
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->verdict, Verdict::kInsufficientEvidence);
  EXPECT_FALSE(nothing->looked);
  const std::optional<Judged> older = read_judged(R"({"verdict":"reject"})");
  ASSERT_TRUE(older);
  EXPECT_EQ(older->verdict, Verdict::kReject);
  EXPECT_TRUE(older->looked);
  for (const char* text : {"", "{}", R"(["verdict"])", R"({"verdict":"splendid"})", R"({"share":0.5})"}) {
    EXPECT_FALSE(read_judged(text)) << text;
  }
}

TEST(Gate, RefusesWhatItCannotJudge) {
  const Values three(3, 0.5);
  const Values two(2, 0.5);
  const Values odd = {0.5, std::nan(""), 0.5};
  const std::vector<std::int64_t> person = {1};
  EXPECT_EQ(
      judge_challenger({}, {.champion = three, .challenger = two}).error().message,
      "the champion has 3 values, the challenger 2, and people are known for 0; allowed is the same number "
      "of each");
  EXPECT_FALSE(judge_challenger({}, {.champion = three, .challenger = three, .people = person}));
  EXPECT_EQ(judge_challenger({}, {.champion = three, .challenger = odd}).error().message,
            "a value of request 2 is not finite; allowed are finite numbers");
  const auto refused = [&](const GateRules& rules) {
    const auto outcome = judge_challenger(rules, {.champion = three, .challenger = three});
    return outcome ? std::string{} : outcome.error().message;
  };
  EXPECT_EQ(refused({.resamples = 99}), "the gate's number of resamples is 99; allowed is 100 to 1000000");
  EXPECT_EQ(refused({.confidence = 1}), "the gate's confidence is 1; allowed is at least 0.5 and below 1");
  EXPECT_EQ(refused({.margin = std::nan("")}), "the gate's margin is nan; allowed is a finite number");
}

TEST(PairValues, LeavesOutWhatOneModelCannotBeJudgedOn) {
  const std::vector<std::optional<double>> champion = {0.1, std::nullopt, 0.3, 0.4};
  const std::vector<std::optional<double>> challenger = {0.5, 0.6, std::nullopt, 0.8};
  const std::vector<std::int64_t> people = {1, 2, 3, 4};
  const auto pairs = pair_values(champion, challenger, people);
  ASSERT_TRUE(pairs);
  EXPECT_THAT(pairs->champion, ElementsAre(0.1, 0.4));
  EXPECT_THAT(pairs->challenger, ElementsAre(0.5, 0.8));
  EXPECT_THAT(pairs->people, ElementsAre(1, 4));
  EXPECT_EQ(pairs->left_out, 2U);
  EXPECT_FALSE(pair_values(champion, challenger, std::vector<std::int64_t>{1}));
}

// Shapes of noise between models that are equally good: what one request differs by, 0 in expectation.
double normal(RandomNumbers& random) {
  double sum = -6;  // twelve uniform numbers are normal enough
  for (int i = 0; i < 12; ++i) sum += random.uniform(0, 1);
  return 0.2 * sum;
}
double skewed(RandomNumbers& random) {
  return 0.1 * (-std::log(random.uniform(1e-12, 1)) - 1);
}
double skewed_down(RandomNumbers& random) {
  return -skewed(random);
}
double mostly_zero(RandomNumbers& random) {
  return random.uniform(0, 1) < 0.85 ? 0 : random.uniform(-1, 1);
}

struct Shape {
  std::string name;
  double (*draw)(RandomNumbers&);
};

class GateShapes : public testing::TestWithParam<Shape> {};

Pair random_pair(RandomNumbers& random, const Shape& shape, double gain, bool with_people) {
  Pair pair;
  for (std::int64_t i = 0; i < 300; ++i) {
    const double level = random.uniform(0, 1);
    pair.champion.push_back(level);
    pair.challenger.push_back(level + gain + shape.draw(random));
    if (with_people) pair.people.push_back(random.below(150));
  }
  return pair;
}

TEST_P(GateShapes, PromotesAtMostOneInTwentyEqualModels) {
  RandomNumbers random{20261123};
  int promoted = 0;
  for (int i = 0; i < 200; ++i) {
    const Pair pair = random_pair(random, GetParam(), 0, i % 2 == 0);
    if (judged(pair).verdict == Verdict::kPromote) ++promoted;
  }
  EXPECT_LE(promoted, 10);
}

TEST_P(GateShapes, PromotesTheBetterOneAndNeverTheWorse) {
  RandomNumbers random{7};
  for (int i = 0; i < 20; ++i) {
    const Pair pair = random_pair(random, GetParam(), 0.1, i % 2 == 0);
    EXPECT_EQ(judged(pair).verdict, Verdict::kPromote);
    EXPECT_EQ(judged({pair.challenger, pair.champion, pair.people}).verdict, Verdict::kReject);
  }
}

INSTANTIATE_TEST_SUITE_P(Noise, GateShapes,
                         testing::Values(Shape{"Normal", normal}, Shape{"Skewed", skewed},
                                         Shape{"SkewedDown", skewed_down}, Shape{"MostlyZero", mostly_zero}),
                         [](const auto& test) { return test.param.name; });

TEST(Bootstrap, DrawsPeopleWithTheirWeight) {
  const Values differences = {1, 2, 3, 10};
  const std::vector<std::int64_t> people = {5, 9, 5, 5};
  const auto sums = sum_by_person(differences, {}, people, 0);
  ASSERT_EQ(sums.size(), 2U);
  EXPECT_EQ(sums[0].difference, 14);
  EXPECT_EQ(sums[0].requests, 3);
  EXPECT_EQ(sums[1].difference, 2);
  EXPECT_EQ(sum_by_person(differences, {}, {}, 0).size(), 4U);
  const Values weights = {1, 2, 1, 3};
  EXPECT_EQ(sum_by_person(differences, weights, people, 0)[0].difference, 34);
  EXPECT_EQ(sum_by_person(differences, weights, people, 0)[1].requests, 2);
}

TEST(Bootstrap, LetsOnePersonSpeakForSoManyRequestsAtMost) {
  const Values differences = {1, 2, 3, 10};
  const std::vector<std::int64_t> people = {5, 9, 5, 5};
  const auto sums = sum_by_person(differences, {}, people, 2);
  EXPECT_DOUBLE_EQ(sums[0].difference, 14 * 2.0 / 3);
  EXPECT_DOUBLE_EQ(sums[0].requests, 2);
  EXPECT_EQ(sums[1].requests, 1);
}

TEST(Bootstrap, HasNoWidthWhereAllAreEqualOrThereIsOnePerson) {
  const std::vector<PersonSum> equal(5, {2, 4});
  EXPECT_EQ(bootstrap_mean(equal, 200, 0.95, 1).low, 0.5);
  EXPECT_EQ(bootstrap_mean(equal, 200, 0.95, 1).high, 0.5);
  EXPECT_EQ(bootstrap_mean(std::vector<PersonSum>{{2, 4}}, 200, 0.95, 1).high, 0.5);
}

// Differences with a long tail to the worse: most requests gain a little, a few lose much.
TEST(Bootstrap, KeepsItsErrorWhereDifferencesAreSkewed) {
  RandomNumbers random{11};
  int above = 0;
  constexpr int kRuns = 400;
  for (int run = 0; run < kRuns; ++run) {
    Values differences(200);
    for (double& difference : differences) difference = std::exp(0.5) - std::exp(normal(random) / 0.2);
    const auto sums = sum_by_person(differences, {}, {}, 0);
    if (bootstrap_mean(sums, 500, 0.95, 1).low > 0) ++above;
  }
  // Nominal are 10; the percentile interval is above in about 35.
  EXPECT_LE(above, 22);
}

TEST(Gate, KeepsItsErrorWithFewPeopleOfManyRequests) {
  RandomNumbers random{12};
  int promoted = 0;
  for (int run = 0; run < 400; ++run) {
    Pair pair;
    for (std::int64_t person = 0; person < 30; ++person) {
      const double liking = normal(random);
      for (int request = 0; request < 10; ++request) {
        pair.champion.push_back(0.5);
        pair.challenger.push_back(0.5 + liking + normal(random));
        pair.people.push_back(person);
      }
    }
    if (judged(pair, {.resamples = 500}).verdict == Verdict::kPromote) ++promoted;
  }
  EXPECT_LE(promoted, 18);  // nominal are 10
}

TEST(Gate, WidensTheIntervalWithEveryLookWhenItSpends) {
  const Pair pair = pair_of(400, 0.1);
  const auto at_look = [&](std::size_t look) {
    return judged({.spend_over_looks = true},
                  {.champion = pair.champion, .challenger = pair.challenger, .looks = look});
  };
  EXPECT_NEAR(at_look(1).confidence, 0.975, 1e-12);
  EXPECT_NEAR(at_look(2).confidence, 1 - 0.05 / 6, 1e-12);
  EXPECT_NEAR(at_look(500).confidence, 1 - 4e-4, 1e-12);
  EXPECT_LT(at_look(9).ci_low, at_look(1).ci_low);
  EXPECT_THAT(at_look(2).reasons, Contains(HasSubstr("wider than the one before")));
}

// ---- What could be found ----

TEST(Gate, TellsWhatItsRequestsCouldFindAndWhatAnEffectTakes) {
  const GateOutcome outcome = judged(pair_of(400, 0), {.effect = 0.05});
  ASSERT_TRUE(outcome.power);
  const double error = 0.2 * std::sqrt(400.0 / 399) / 20;
  const double errors = 1.959963984540054 + 0.8416212335729143;
  EXPECT_NEAR(outcome.power->detectable, errors * error, 1e-9);
  EXPECT_EQ(outcome.power->requests, std::max(200.0, std::ceil(400 * std::pow(errors * error / 0.05, 2))));
  EXPECT_FALSE(outcome.power->randomised_share);
  EXPECT_THAT(outcome.reasons, Contains(HasSubstr("is proved in 4 of 5 cases; one of 0.05 (gate.effect)")));
}

// So many requests as it says find a difference of that size in about four of five runs.
TEST(Gate, FindsAnEffectAsOftenAsItSays) {
  RandomNumbers random{14};
  const auto draw = [&](std::size_t requests, double gain) {
    Pair pair;
    for (std::size_t i = 0; i < requests; ++i) {
      pair.champion.push_back(0.5);
      pair.challenger.push_back(0.5 + gain + normal(random));
    }
    return pair;
  };
  const GateOutcome open = judged(draw(300, 0), {.min_requests = 50, .resamples = 500, .effect = 0.05});
  ASSERT_TRUE(open.power);
  int promoted = 0;
  for (int run = 0; run < 200; ++run) {
    const Pair pair = draw(open.power->requests, 0.05);
    promoted += judged(pair, {.min_requests = 50, .resamples = 500}).verdict == Verdict::kPromote ? 1 : 0;
  }
  EXPECT_NEAR(promoted, 160, 25);
}

TEST(Gate, TellsNoPowerWhereItIsSettledOrNotAsked) {
  EXPECT_FALSE(judged(pair_of(400, 0.1)).power);
  EXPECT_FALSE(judged(pair_of(400, -0.1)).power);
  EXPECT_FALSE(judged(pair_of(400, 0), {.effect = 0}).power);
  EXPECT_FALSE(judged(pair_of(400, 0, 0)).power);
  EXPECT_FALSE(judge_challenger({.effect = -1}, {}));
}

TEST(Gate, TellsHowMuchExploringSettlesWhatOrderedListsCannot) {
  const Pair pair = pair_of(400, 0.1);
  GateInput input{.champion = pair.champion, .challenger = pair.challenger};
  input.basis = Basis::kUncorrected;
  input.test_requests = 2000;
  const GateOutcome outcome = judged({.effect = 0.1}, input);
  EXPECT_EQ(outcome.verdict, Verdict::kInsufficientEvidence);
  ASSERT_TRUE(outcome.power);
  EXPECT_EQ(outcome.power->requests, 200U);
  EXPECT_NEAR(*outcome.power->randomised_share, 0.1, 1e-12);
  EXPECT_THAT(outcome.reasons, Contains(HasSubstr("200 in random order: about exploration.share = 0.1 of")));
  input.test_requests = 50;
  EXPECT_THAT(judged({.effect = 0.1}, input).reasons, Contains(HasSubstr("4 times as many")));
}

// ---- Looks ----

TEST(Gate, HoldsAtAllLooksOfOnePairWhenItIsComparedAgain) {
  RandomNumbers random{15};
  int once = 0;
  int again = 0;
  for (int run = 0; run < 100; ++run) {
    Pair pair;
    bool fell_for_one = false;
    bool fell_for_any = false;
    for (int look = 0; look < 12; ++look) {
      for (int i = 0; i < 100; ++i) {
        pair.champion.push_back(0.5);
        pair.challenger.push_back(0.5 + normal(random));
      }
      const GateRules rules{.min_requests = 100, .resamples = 200};
      GateRules uniform = rules;
      uniform.time_uniform = true;
      fell_for_one = fell_for_one || judged(pair, rules).verdict == Verdict::kPromote;
      fell_for_any = fell_for_any || judged(pair, uniform).verdict == Verdict::kPromote;
    }
    once += fell_for_one ? 1 : 0;
    again += fell_for_any ? 1 : 0;
  }
  EXPECT_GE(once, 8);
  EXPECT_LE(again, 5);
}

// Ten models in a row that are no better, each judged on requests of its own: without spending one tenure in
// five would see one of them promoted.
TEST(Gate, BoundsTheErrorOfAllLooksTogether) {
  RandomNumbers random{13};
  int tenures = 0;
  for (int tenure = 0; tenure < 40; ++tenure) {
    for (std::size_t look = 1; look <= 10; ++look) {
      Pair pair;
      for (int i = 0; i < 100; ++i) {
        pair.champion.push_back(0.5);
        pair.challenger.push_back(0.5 + normal(random));
      }
      const GateInput input{.champion = pair.champion, .challenger = pair.challenger, .looks = look};
      const GateRules rules{.min_requests = 100, .spend_over_looks = true, .resamples = 100};
      if (judged(rules, input).verdict != Verdict::kPromote) continue;
      ++tenures;
      break;
    }
  }
  EXPECT_LE(tenures, 4);
}

// ---- Lists that models ordered ----

GateOutcome judged_as(Basis basis, double gain, std::optional<double> own_top, double gain_at_random = 0,
                      std::size_t at_random = 0) {
  Pair pair = pair_of(400, gain);
  std::vector<std::uint8_t> randomised(400, 0);
  for (std::size_t i = 0; i < at_random; ++i) {
    randomised[i] = 1;
    pair.challenger[i] += gain_at_random - gain;
  }
  return judged({}, {.champion = pair.champion,
                     .challenger = pair.challenger,
                     .randomised = randomised,
                     .basis = basis,
                     .own_top_shown = own_top});
}

TEST(Gate, KnowsNothingOfAChallengerWhoseOwnBestWereNeverShown) {
  for (const Basis basis : {Basis::kCorrected, Basis::kUncorrected}) {
    const GateOutcome unseen = judged_as(basis, 0.1, 0.3);
    EXPECT_EQ(unseen.verdict, Verdict::kInsufficientEvidence);
    EXPECT_THAT(unseen.reasons.front(), HasSubstr("itself would show on top, 30 % was ever shown"));
    EXPECT_EQ(judged_as(basis, 0.1, std::nullopt).verdict, Verdict::kInsufficientEvidence);
    EXPECT_EQ(judged_as(basis, 0.1, 0.7).verdict, Verdict::kPromote);
  }
  EXPECT_EQ(judged_as(Basis::kRandomised, 0.1, std::nullopt).verdict, Verdict::kPromote);
}

TEST(Gate, ProvesNothingWorseByListsOfWhichPositionsAreNotKnown) {
  const GateOutcome outcome = judged_as(Basis::kUncorrected, -0.1, 0.9);
  EXPECT_EQ(outcome.verdict, Verdict::kInsufficientEvidence);
  EXPECT_THAT(outcome.reasons.front(), HasSubstr("set exploration.share"));
  EXPECT_THAT(outcome.reasons, Contains(HasSubstr("it is not proved worse")));
  EXPECT_EQ(judged_as(Basis::kCorrected, -0.1, 0.9).verdict, Verdict::kReject);
}

TEST(Gate, BelievesRandomOrdersMoreThanThoseOfModels) {
  const GateOutcome outcome = judged_as(Basis::kCorrected, 0.1, 0.9, -0.2, 60);
  EXPECT_EQ(outcome.verdict, Verdict::kReject);
  EXPECT_THAT(outcome.reasons.front(),
              HasSubstr("On the 60 requests in random order alone it is worse by 0.2"));
  const boost::json::value json = boost::json::parse(to_json(outcome));
  EXPECT_EQ(json.at("basis"), "corrected");
  EXPECT_EQ(json.at("randomised").at("requests"), 60);
  EXPECT_NEAR(json.at("randomised_share").as_double(), 0.15, 1e-12);
  EXPECT_EQ(json.at("looked"), true);
}

TEST(Gate, CoversEveryWeightThatMayBeTheRightOne) {
  const Pair pair = pair_of(400, 0.02, 0.2);
  Values even(400, 1), odd(400, 1);
  for (std::size_t i = 0; i < 400; ++i) (i % 2 == 0 ? even : odd)[i] = 3;
  GateInput input{.champion = pair.champion, .challenger = pair.challenger};
  const GateOutcome alone = judged({}, input);
  input.other_weights = {even, odd};
  const GateOutcome both = judged({}, input);
  EXPECT_EQ(both.delta, alone.delta);
  EXPECT_LT(both.ci_low, *alone.ci_low - 0.05);
  EXPECT_GT(both.ci_high, *alone.ci_high + 0.05);
  input.other_weights = {{1, 2}};
  EXPECT_FALSE(judge_challenger({}, input));
}

}  // namespace
}  // namespace rankloop::ml
