// Metrics against values worked out by hand.
#include "ml/evaluate.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ml/random_numbers.h"
#include "ml/share_interval.h"
#include "support/checkout.h"

namespace rankloop::ml {
namespace {

using Numbers = std::vector<double>;
using Requests = std::vector<std::int64_t>;

// Rows of a vector file with the figures that scikit-learn 1.9.1 gives for them (binary metrics, ndcg_score
// with ties averaged, average_precision_score per request; MRR over all orders of the ties; AUC of labels
// other than 0 and 1 by its formula, pair by pair).
struct Vector {
  Gain gain = Gain::kExponential;
  Numbers scores, labels, weights;
  Requests requests;
  boost::json::object expected;
  Scored scored() const { return {scores, labels, weights, requests}; }
};

Vector read_vector(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::stringstream text;
  text << in.rdbuf();
  const boost::json::value json = boost::json::parse(text.str());
  Vector vector;
  vector.gain = *parse_gain(json.at("gain").as_string());
  for (const auto& value : json.at("scores").as_array()) vector.scores.push_back(value.to_number<double>());
  for (const auto& value : json.at("labels").as_array()) vector.labels.push_back(value.to_number<double>());
  for (const auto& value : json.at("weights").as_array()) vector.weights.push_back(value.to_number<double>());
  for (const auto& value : json.at("requests").as_array()) vector.requests.push_back(value.as_int64());
  vector.expected = json.at("expected").as_object();
  return vector;
}

std::vector<std::string> names_of_vectors() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{in_checkout("tests/unit/ml/vectors")}) {
    names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class EvaluateVector : public testing::TestWithParam<std::string> {};

TEST_P(EvaluateVector, AgreesWithScikitLearn) {
  const Vector vector = read_vector(in_checkout("tests/unit/ml/vectors/" + GetParam() + ".json"));
  const auto metrics = evaluate(vector.scored(), {}, vector.gain);
  ASSERT_TRUE(metrics) << metrics.error().message;
  const boost::json::object answer = boost::json::parse(to_json(*metrics)).as_object();
  ASSERT_EQ(answer.size(), 17U);
  ASSERT_EQ(vector.expected.size(), 16U);
  for (const auto& [name, expected] : vector.expected) {
    ASSERT_TRUE(answer.contains(name)) << name;
    if (expected.is_null()) {
      EXPECT_TRUE(answer.at(name).is_null()) << name;
    } else {
      ASSERT_TRUE(answer.at(name).is_number()) << name;
      EXPECT_NEAR(answer.at(name).to_number<double>(), expected.to_number<double>(), 1e-9) << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fixed, EvaluateVector, testing::ValuesIn(names_of_vectors()),
                         [](const auto& test) { return test.param; });

Metrics metrics_of(const Numbers& scores, const Numbers& labels, const Requests& requests = {}) {
  const auto metrics = evaluate({scores, labels, {}, requests});
  EXPECT_TRUE(metrics) << metrics.error().message;
  return metrics ? *metrics : Metrics{};
}

// Precision and recall differ here, so a swap would show.
TEST(Evaluate, KeepsPrecisionAndRecallApart) {
  const Metrics metrics = metrics_of({0.9, 0.9, 0.9, 0.1}, {1, 0, 0, 0});
  EXPECT_DOUBLE_EQ(metrics.pre.value(), 1.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.rec.value(), 1);
}

TEST(Evaluate, CountsAScoreOfAHalfAsPositiveAndAGradeAsAPositive) {
  EXPECT_DOUBLE_EQ(metrics_of({0.5, 0.4999}, {1, 0}).acc.value(), 1);
  EXPECT_DOUBLE_EQ(metrics_of({0.9, 0.9}, {0, 2}).pre.value(), 0.5);
}

// Four lists in which the best item has a third of the picks or less: no label passes a half.
TEST(Evaluate, OrdersSharesByTheirDifferences) {
  const Numbers labels = {0.33, 0.27, 0.2, 0.1, 0.06, 0.04};
  Numbers scores = {6, 5, 4, 3, 2, 1};
  EXPECT_DOUBLE_EQ(metrics_of(scores, labels).auc.value(), 1);
  std::reverse(scores.begin(), scores.end());
  EXPECT_DOUBLE_EQ(metrics_of(scores, labels).auc.value(), 0);
  EXPECT_DOUBLE_EQ(metrics_of({1, 1, 1, 1, 1, 1}, labels).auc.value(), 0.5);
  EXPECT_DOUBLE_EQ(metrics_of({2, 1, 3}, {0.5, 0, 0.25}).auc.value(), 0.75) << "pairs .25, .25 and .5";
}

// One share just above a half among others just below says nothing of what a threshold would.
TEST(Evaluate, GivesSharesNoMetricOfAThreshold) {
  const Metrics metrics = metrics_of({0.9, 0.8, 0.1}, {0.49, 0.51, 0}, {1, 1, 1});
  EXPECT_FALSE(metrics.acc || metrics.pre || metrics.rec || metrics.f1 || metrics.map);
  EXPECT_NEAR(metrics.auc.value(), 1 / 1.02, 1e-12) << "of pairs of .49, .51 and .02 the last is lost";
  EXPECT_TRUE(metrics.logloss && metrics.mrr && metrics.ndcg[3]);
}

TEST(Evaluate, LeavesEverythingUndefinedWithoutRows) {
  const Metrics metrics = metrics_of({}, {});
  EXPECT_FALSE(metrics.auc || metrics.logloss || metrics.acc || metrics.pre || metrics.rec || metrics.f1);
  EXPECT_FALSE(metrics.ndcg[3] || metrics.mrr || metrics.map || metrics.calibration_error);
  EXPECT_TRUE(metrics.calibration_curve.empty());
  EXPECT_EQ(metrics.rows, 0U);
}

TEST(Evaluate, LeavesMetricsOverRowsUndefinedWithoutWeight) {
  const Numbers weights = {0, 0};
  const auto metrics = evaluate({Numbers{0.2, 0.8}, Numbers{0, 1}, weights, Requests{1, 1}});
  ASSERT_TRUE(metrics);
  EXPECT_FALSE(metrics->auc || metrics->logloss || metrics->acc || metrics->calibration_error);
  EXPECT_DOUBLE_EQ(metrics->mrr.value(), 1);
}

// What people do with a probability p: they pick with p^2, so that a model is too sure of itself everywhere.
TEST(CalibrationCurve, ShowsWhereProbabilitiesAreTooGreat) {
  RandomNumbers random{3};
  Numbers scores, labels;
  for (int r = 0; r < 20'000; ++r) {
    scores.push_back(random.uniform(0, 1));
    labels.push_back(random.uniform(0, 1) < scores.back() * scores.back() ? 1 : 0);
  }
  const auto curve = metrics_of(scores, labels).calibration_curve;
  ASSERT_EQ(curve.size(), 10U);
  for (std::size_t b = 0; b < curve.size(); ++b) {
    EXPECT_EQ(curve[b].rows, 2'000U);
    EXPECT_NEAR(curve[b].predicted, 0.05 + 0.1 * static_cast<double>(b), 0.01);
    EXPECT_NEAR(curve[b].observed, curve[b].predicted * curve[b].predicted, 0.04);
    EXPECT_LT(curve[b].low, curve[b].observed);
    EXPECT_GT(curve[b].high, curve[b].observed);
    EXPECT_LT(curve[b].high - curve[b].low, 0.05);
  }
}

TEST(CalibrationCurve, KeepsRowsOfOneProbabilityTogether) {
  const auto curve = metrics_of({0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.9, 0.5}, {1, 0, 0, 0, 0, 0, 0, 1, 0})
                         .calibration_curve;
  ASSERT_EQ(curve.size(), 3U);
  EXPECT_EQ(curve[0].rows, 7U);
  EXPECT_DOUBLE_EQ(curve[0].predicted, 0.1);
  EXPECT_DOUBLE_EQ(curve[0].observed, 1.0 / 7);
  EXPECT_DOUBLE_EQ(curve[1].predicted, 0.5);
  EXPECT_DOUBLE_EQ(curve[2].observed, 1);
  EXPECT_LE(curve[2].high, 1);
}

// Two rows of which one weighs 9 say as much as (9 + 1)^2 / (81 + 1) rows, about 1.2.
TEST(CalibrationCurve, WeighsRowsAndKnowsWhatTheWeightsAreWorth) {
  const Numbers weights = {9, 1, 0};
  const auto weighed = evaluate({Numbers{0.4, 0.4, 0.4}, Numbers{0, 1, 1}, weights, {}});
  ASSERT_TRUE(weighed);
  ASSERT_EQ(weighed->calibration_curve.size(), 1U);
  const CalibrationBin& bin = weighed->calibration_curve.front();
  EXPECT_EQ(bin.rows, 2U);
  EXPECT_DOUBLE_EQ(bin.observed, 0.1);
  const Interval expected = share_interval(0.1, 100.0 / 82);
  EXPECT_DOUBLE_EQ(bin.low, expected.low);
  EXPECT_DOUBLE_EQ(bin.high, expected.high);
}

TEST(CalibrationCurve, IsOfTheCalibratedValuesAndOfProbabilitiesOnly) {
  const Numbers scores = {-3, 2}, labels = {0, 1};
  EXPECT_TRUE(metrics_of(scores, labels).calibration_curve.empty());
  EXPECT_NE(to_json(metrics_of(scores, labels)).find(R"("calibration_curve":null)"), std::string::npos);
  const auto metrics = evaluate({scores, labels, {}, {}}, Numbers{0.25, 0.75});
  ASSERT_TRUE(metrics);
  const boost::json::value told = boost::json::parse(to_json(*metrics)).at("calibration_curve");
  ASSERT_EQ(told.as_array().size(), 2U);
  EXPECT_DOUBLE_EQ(told.at(1).at("predicted").to_number<double>(), 0.75);
  EXPECT_DOUBLE_EQ(told.at(1).at("observed").to_number<double>(), 1);
  EXPECT_EQ(told.at(1).at("rows").to_number<int>(), 1);
  EXPECT_NEAR(told.at(1).at("ci").at(0).to_number<double>(), 0.2065, 1e-4);
}

TEST(Evaluate, RanksNothingWhenRequestsAreUnknown) {
  const Metrics metrics = metrics_of({0.2, 0.8}, {0, 1});
  EXPECT_DOUBLE_EQ(metrics.auc.value(), 1);
  EXPECT_FALSE(metrics.ndcg[0] || metrics.mrr || metrics.map);
  EXPECT_EQ(metrics.requests, 0U);
}

TEST(Evaluate, RanksByScoresThatAreNoProbabilities) {
  const Metrics metrics = metrics_of({-3, 7, std::numeric_limits<double>::infinity()}, {0, 1, 0}, {1, 1, 1});
  EXPECT_FALSE(metrics.acc || metrics.pre || metrics.rec || metrics.f1);
  EXPECT_FALSE(metrics.logloss || metrics.calibration_error);
  EXPECT_DOUBLE_EQ(metrics.auc.value(), 0.5);
  EXPECT_DOUBLE_EQ(metrics.mrr.value(), 0.5);
}

TEST(Evaluate, JudgesProbabilitiesByTheCalibratedValues) {
  const Numbers labels = {0, 1};
  const Numbers calibrated = {0.25, 0.75};
  for (const Numbers& raw : {Numbers{0.4, 0.45}, Numbers{-2, 9}}) {
    const auto metrics = evaluate({raw, labels, {}, {}}, calibrated);
    ASSERT_TRUE(metrics);
    EXPECT_NEAR(metrics->logloss.value(), -std::log(0.75), 1e-12);
    EXPECT_NEAR(metrics->calibration_error.value(), 0.25, 1e-12);
    EXPECT_EQ(metrics->acc.has_value(), raw[0] > 0);
  }
  EXPECT_DOUBLE_EQ(evaluate({Numbers{0.4, 0.45}, labels, {}, {}}, calibrated)->acc.value(), 0.5);
}

TEST(Evaluate, CountsRequestsWithoutAPositiveAndLeavesThemOut) {
  const Metrics metrics = metrics_of({0.9, 0.1, 0.9, 0.1}, {0, 0, 0, 1}, {8, 8, 9, 9});
  EXPECT_EQ(metrics.requests, 2U);
  EXPECT_EQ(metrics.requests_with_positive, 1U);
  EXPECT_DOUBLE_EQ(metrics.mrr.value(), 0.5);
  EXPECT_DOUBLE_EQ(metrics.map.value(), 0.5);
  EXPECT_DOUBLE_EQ(metrics.ndcg[0].value(), 0);
}

TEST(Evaluate, StaysFiniteForCountsInTheThousands) {
  const Numbers scores = {0.1, 0.2, 0.3};
  const Numbers labels = {5000, 4000, 0};
  const Requests requests = {1, 1, 1};
  const Metrics metrics = *evaluate({scores, labels, {}, requests}, {}, Gain::kExponential);
  EXPECT_NEAR(metrics.ndcg[3].value(), 1 / std::log2(4.0), 1e-9);
  EXPECT_NEAR(metrics.mrr.value(), (5000.0 / 3 + 4000.0 / 2) / 9000, 1e-12);
}

TEST(Evaluate, RefusesRowsThatCannotBeJudged) {
  const double nan = std::nan("");
  const double infinite = std::numeric_limits<double>::infinity();
  const Numbers good = {0.1, 0.2, 0.3};
  const Numbers labels = {0, 1, 0};
  const auto message_of = [](const Scored& scored, const Numbers& calibrated = {}) {
    const auto metrics = evaluate(scored, calibrated);
    if (metrics) return std::string{"it was judged"};
    EXPECT_EQ(metrics.error().code, ErrorCode::kInvalidArgument);
    return metrics.error().message;
  };
  EXPECT_EQ(message_of({Numbers{0.1, nan, 0.3}, labels, {}, {}}),
            "the score of row 2 is not a number; allowed is any number");
  EXPECT_EQ(message_of({good, Numbers{0, 1, -1}, {}, {}}),
            "the label of row 3 is -1; allowed is a finite number from 0");
  EXPECT_EQ(message_of({good, Numbers{infinite, 1, 0}, {}, {}}),
            "the label of row 1 is infinite; allowed is a finite number from 0");
  EXPECT_EQ(message_of({good, labels, Numbers{1, -0.5, 1}, {}}),
            "the weight of row 2 is -0.5; allowed is a finite number from 0");
  EXPECT_EQ(
      message_of({good, labels, {}, Requests{4, 5, 4}}),
      "row 3 belongs to request 4, whose other rows stand apart; rows of one request must stand together");
  EXPECT_EQ(message_of({good, labels, {}, {}}, {0.1, 1.5, 0.2}),
            "the calibrated value of row 2 is 1.5; allowed is a number from 0 to 1");
  EXPECT_EQ(message_of({good, Numbers{1}, {}, {}}),
            "there are 3 scores but 1 labels; allowed is one for each score");
  EXPECT_FALSE(evaluate({good, labels, Numbers{1}, {}}));
  EXPECT_FALSE(evaluate({good, labels, {}, Requests{1}}));
  EXPECT_FALSE(evaluate({good, labels, {}, {}}, Numbers{0.5}));
  EXPECT_FALSE(metric_per_request({Numbers{0.1, nan, 0.3}, labels, {}, {}}, MetricName::kMrr));
}

TEST(MetricPerRequest, GivesTheTermsOfTheMean) {
  const Vector vector = read_vector(in_checkout("tests/unit/ml/vectors/imbalanced.json"));
  for (const std::string name : {"ndcg@1", "ndcg@3", "ndcg@5", "ndcg@10", "mrr", "map"}) {
    const auto values = metric_per_request(vector.scored(), *parse_metric(name));
    ASSERT_TRUE(values);
    ASSERT_EQ(values->size(), 25U);
    double sum = 0;
    int defined = 0;
    for (const auto& value : *values) {
      sum += value.value_or(0);
      defined += value ? 1 : 0;
    }
    EXPECT_EQ(defined, 15) << name;
    EXPECT_NEAR(sum / defined, vector.expected.at(name).to_number<double>(), 1e-9) << name;
  }
}

TEST(MetricPerRequest, GivesTheLossOfEachRequest) {
  const Numbers scores = {0.5, 0.5, 0.8};
  const Numbers labels = {0, 1, 1};
  const Requests requests = {1, 1, 2};
  const auto values = metric_per_request({scores, labels, {}, requests}, MetricName::kLogloss);
  ASSERT_TRUE(values);
  ASSERT_EQ(values->size(), 2U);
  EXPECT_NEAR((*values)[0].value(), std::log(2.0), 1e-12);
  EXPECT_NEAR((*values)[1].value(), -std::log(0.8), 1e-12);
  const auto beyond = metric_per_request({Numbers{0.5, 0.5, 8}, labels, {}, requests}, MetricName::kLogloss);
  ASSERT_TRUE(beyond);
  EXPECT_EQ(*beyond, (std::vector<std::optional<double>>(2)));
}

TEST(MetricName, IsReadBackAndKnowsItsBetterSide) {
  for (const std::string name : {"ndcg@1", "ndcg@3", "ndcg@5", "ndcg@10", "mrr", "map", "logloss"}) {
    const auto metric = parse_metric(name);
    ASSERT_TRUE(metric) << name;
    EXPECT_EQ(name_of(*metric), name);
    EXPECT_EQ(greater_is_better(*metric), name != "logloss");
  }
  EXPECT_EQ(
      parse_metric("ndcg@7").error().message,
      "the metric 'ndcg@7' is not known; allowed are ndcg@1, ndcg@3, ndcg@5, ndcg@10, mrr, map, logloss");
  EXPECT_EQ(parse_gain("cubic").error().message,
            "the gain 'cubic' is not known; allowed are auto, exponential and linear");
}

// Rows with many ties: scores are multiples of 1/16, requests of one to six rows.
struct RandomRows {
  Numbers scores, labels;
  Requests requests;
  Scored scored() const { return {scores, labels, {}, requests}; }
};

RandomRows random_rows() {
  RandomRows rows;
  const auto sizes = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 7));
  for (std::size_t request = 0; request < sizes.size(); ++request) {
    for (int i = 0; i < sizes[request]; ++i) {
      rows.scores.push_back(*rc::gen::inRange(0, 17) / 16.0);
      rows.labels.push_back(*rc::gen::inRange(0, 4) == 0 ? 1 : 0);
      rows.requests.push_back(static_cast<std::int64_t>(request));
    }
  }
  return rows;
}

RC_GTEST_PROP(EvaluateProperty, KeepsToItsBounds, ()) {
  const RandomRows rows = random_rows();
  const auto metrics = evaluate(rows.scored());
  RC_ASSERT(metrics.ok());
  for (const auto& value :
       {metrics->auc, metrics->acc, metrics->pre, metrics->rec, metrics->f1, metrics->mrr, metrics->map,
        metrics->calibration_error, metrics->ndcg[0], metrics->ndcg[1], metrics->ndcg[2], metrics->ndcg[3]}) {
    if (value) RC_ASSERT(*value >= 0 && *value <= 1);
  }
}

RC_GTEST_PROP(EvaluateProperty, SeesTheOrderOfScoresOnly, ()) {
  const RandomRows rows = random_rows();
  RandomRows moved = rows;
  for (double& score : moved.scores) score = std::exp(3 * score) - 5;
  const auto metrics = evaluate(rows.scored());
  const auto after = evaluate(moved.scored());
  RC_ASSERT(metrics.ok() && after.ok());
  RC_ASSERT(metrics->auc == after->auc);
  RC_ASSERT(metrics->ndcg == after->ndcg);
  RC_ASSERT(metrics->mrr == after->mrr);
  RC_ASSERT(metrics->map == after->map);
}

RC_GTEST_PROP(EvaluateProperty, TurnsAucAroundWithTheScores, ()) {
  const RandomRows rows = random_rows();
  RandomRows turned = rows;
  for (double& score : turned.scores) score = -score;
  const auto metrics = evaluate(rows.scored());
  const auto after = evaluate(turned.scored());
  RC_ASSERT(metrics.ok() && after.ok());
  RC_ASSERT(metrics->auc.has_value() == after->auc.has_value());
  if (metrics->auc) RC_ASSERT(std::abs(*metrics->auc + *after->auc - 1) < 1e-12);
}

// A tie is the expectation over its orders: breaking it at random changes nothing in the mean of both orders.
RC_GTEST_PROP(EvaluateProperty, CountsATieOfTwoAsTheMeanOfBothOrders, ()) {
  const int others = *rc::gen::inRange(0, 6);
  Numbers scores = {0.5, 0.5};
  Numbers labels = {1.0 * *rc::gen::inRange(0, 4), 1.0 * *rc::gen::inRange(0, 4)};
  for (int i = 0; i < others; ++i) {
    scores.push_back(*rc::gen::element(0.1, 0.2, 0.8, 0.9));
    labels.push_back(*rc::gen::inRange(0, 4));
  }
  labels.push_back(1);
  scores.push_back(0.3);
  const Requests requests(scores.size(), 7);
  const auto tied = evaluate({scores, labels, {}, requests});
  Numbers first = scores;
  first[0] = 0.6;
  Numbers second = scores;
  second[1] = 0.6;
  const auto one = evaluate({first, labels, {}, requests});
  const auto other = evaluate({second, labels, {}, requests});
  RC_ASSERT(tied.ok() && one.ok() && other.ok());
  for (std::size_t d = 0; d < kNdcgDepths.size(); ++d) {
    RC_ASSERT(std::abs(tied->ndcg[d].value() - (one->ndcg[d].value() + other->ndcg[d].value()) / 2) < 1e-12);
  }
  RC_ASSERT(std::abs(tied->mrr.value() - (one->mrr.value() + other->mrr.value()) / 2) < 1e-12);
}

}  // namespace
}  // namespace rankloop::ml
