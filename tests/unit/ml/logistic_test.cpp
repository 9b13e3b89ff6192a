// The linear family.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <Eigen/Cholesky>
#include <gtest/gtest.h>

#include "ml/families/logistic/logistic_model.h"
#include "ml/families/logistic/penalised_fit.h"
#include "ml/standardise.h"
#include "ml/train.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

Domain domain_of(std::size_t features) {
  Domain domain;
  for (std::size_t c = 0; c < features; ++c) domain.features.push_back({std::to_string(c), Side::kItem, c});
  domain.feature_fingerprint = "logistic";
  return domain;
}

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

// Log-odds -1 + 0.5 x - 0.02 y; the third column is constant, the fourth never there.
LabelledRows linear_rows(std::size_t rows, std::uint32_t seed) {
  SampleNumbers random(seed);
  LabelledRows labelled;
  labelled.width = 4;
  for (std::size_t r = 0; r < rows; ++r) {
    const double x = random.uniform(-3, 3);
    const double y = random.uniform(100, 200);
    for (const double value : {x, y, 7.0, kSampleAbsent}) {
      labelled.values.push_back(static_cast<float>(value));
    }
    labelled.labels.push_back(random.chance(sigmoid(-1 + 0.5 * x - 0.02 * (y - 150))) ? 1 : 0);
  }
  return labelled;
}

std::shared_ptr<const Model> train(const LabelledRows& rows, const LabelledRows& validation = {}) {
  const auto model = train_model(domain_of(rows.width), rows, validation, {.family = "logistic"}, {}, {});
  EXPECT_TRUE(model) << model.error().message;
  return *model;
}

// How much two means over parts differ, by hand: of 1 and 2 picks that differ by 0.3 and 0 nats the ratio is
// 0.1, what is left of each 0.2 and -0.2.
TEST(Logistic, KnowsHowFarADifferenceIsCertain) {
  const std::vector<PartLoss> one = {{1, 1.3}, {2, 2}, {0, 0}};
  const std::vector<PartLoss> other = {{1, 1}, {2, 2}, {0, 0}};
  EXPECT_NEAR(mean_loss(one) - mean_loss(other), 0.1, 1e-12);
  EXPECT_NEAR(error_of_difference(one, other), std::sqrt(2 * (0.04 + 0.04)) / 3, 1e-12);
  EXPECT_EQ(error_of_difference(one, one), 0);
  EXPECT_TRUE(std::isinf(error_of_difference({one.begin(), 1}, {other.begin(), 1})));
}

// Many rows that follow a feature choose a weak penalty; a few, whatever they happen to say, none that they
// do not show to be needed.
TEST(Logistic, FewRowsToJudgeByLeaveAStrongPenalty) {
  const LabelledRows rows = linear_rows(400, 5);
  const auto chosen = [&](const LabelledRows& validation) {
    TrainingReport report;
    EXPECT_TRUE(
        train_model(domain_of(rows.width), rows, validation, {.family = "logistic"}, {}, {}, &report));
    return report.hyperparameters.at("logistic.penalty");
  };
  EXPECT_LE(chosen(linear_rows(4'000, 6)), 30);
  double strongest = 0;
  for (std::uint32_t seed = 7; seed < 12; ++seed)
    strongest = std::max(strongest, chosen(linear_rows(6, seed)));
  EXPECT_GE(strongest, 300);
}

TEST(Logistic, FindsTheWeightsThatMadeTheLabels) {
  const LabelledRows rows = linear_rows(20'000, 1);
  const auto model = train(rows);
  const auto log_odds = [&](float x, float y) {
    const std::vector<float> values = {x, y, 7, 0};
    std::vector<float> score(1);
    model->score_features({values, 4, {}}, 0, score);
    return std::log(static_cast<double>(score[0]) / (1 - static_cast<double>(score[0])));
  };
  EXPECT_NEAR(log_odds(0, 150), -1, 0.08);
  EXPECT_NEAR(log_odds(1, 150) - log_odds(0, 150), 0.5, 0.04);
  EXPECT_NEAR(log_odds(0, 160) - log_odds(0, 150), -0.2, 0.03);
}

// The maximum of the penalised likelihood is where its gradient vanishes; checked without Newton's method.
TEST(Logistic, EndsWhereThePenalisedLossIsFlat) {
  LabelledRows rows = linear_rows(500, 2);
  SampleNumbers random(3);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    rows.labels[r] = static_cast<float>(random.uniform(0, 1));
    rows.weights.push_back(static_cast<float>(random.uniform(0, 3)));
  }
  const std::array<const LabelledRows*, 1> parts = {&rows};
  const std::vector<StandardInput> inputs = standardise(parts, 0);
  ASSERT_EQ(inputs.size(), 2U);  // without the constant and the absent one
  const auto model = train(rows);
  std::array<double, 3> gradient = {0, 0, 0};  // of both slopes and the intercept
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const Explanation row = model->explain({rows.row(r), 4, {}});
    const double residual = static_cast<double>(rows.weights[r]) *
                            (sigmoid(row.base + row.contributions[0] + row.contributions[1]) -
                             static_cast<double>(rows.labels[r]));
    for (std::size_t i = 0; i < 2; ++i) {
      const auto value = static_cast<double>(rows.row(r)[inputs[i].column]);
      gradient[i] += residual * (value - static_cast<double>(inputs[i].mean)) / inputs[i].deviation;
    }
    gradient[2] += residual;
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const float at = inputs[i].mean + static_cast<float>(inputs[i].deviation);
    const std::vector<float> values = {at, at, 0, 0};
    gradient[i] += model->explain({values, 4, {}}).contributions[i];  // the penalty is 1, so its slope itself
  }
  for (const double slope : gradient) EXPECT_NEAR(slope, 0, 5e-3);
}

// Within lists, with columns that add up to a constant and one of a scale a million times that of the others.
TEST(Logistic, EndsWithinAMillionthOfANatOfTheMaximum) {
  constexpr std::size_t kColumns = 5;
  SampleNumbers random(21);
  LabelledRows rows;
  rows.width = kColumns;
  for (std::size_t r = 0; r < 6000; ++r) {
    const double x = random.uniform(-3, 3);
    const std::int64_t kind = random.whole(0, 2);
    for (const double value : {x, kind == 0 ? 1.0 : 0.0, kind == 1 ? 1.0 : 0.0, kind == 2 ? 1.0 : 0.0,
                               1e6 * std::exp(random.uniform(-2, 2))}) {
      rows.values.push_back(static_cast<float>(value));
    }
    rows.labels.push_back(r % 4 == static_cast<std::size_t>(random.whole(0, 3)) || x > 2.5 ? 1.0F : 0.0F);
    rows.requests.push_back(static_cast<std::int64_t>(r / 4));
  }
  const std::array<const LabelledRows*, 1> parts = {&rows};
  const std::vector<StandardInput> inputs = standardise(parts, 0);
  const Vocabularies no_words;
  PenalisedFitter fitter(Likelihood::kRequests, parts, inputs, no_words);
  int steps = 0;
  const auto count = [&](int /*step*/, double /*loss*/) { ++steps; };
  Eigen::VectorXd start;
  for (const double penalty : {100.0, 1.0, 1e-4}) {
    const auto fit = fitter.fit(penalty, start, count, {}, Precision::kFinal);
    ASSERT_TRUE(fit);
    start = fit->slopes;
    // Another fit from where the first ended has nothing to do, with a curvature of its own.
    PenalisedFitter again(Likelihood::kRequests, parts, inputs, no_words);
    const auto same = again.fit(penalty, start, {}, {}, Precision::kFinal);
    ASSERT_TRUE(same);
    EXPECT_NEAR(same->loss, fit->loss, 1e-9);
    EXPECT_LT((same->slopes - fit->slopes).norm(), 1e-3);
  }
  EXPECT_LT(steps, 40);
}

// Lists of good and of bad rows, one pick each: what else was in the list explains the pick, so the slope is
// that of the choice, although a good list has no more picks than a bad one.
TEST(Logistic, LearnsFromTheRowsOfARequestAgainstEachOther) {
  const LabelledRows rows = choices_within_lists(4000, 5, 10);
  const auto slope = [&](Objective objective, const LabelledRows& validation) {
    const auto model =
        train_model(domain_of(1), rows, validation, {.family = "logistic", .objective = objective}, {}, {});
    EXPECT_TRUE(model) << model.error().message;
    const std::vector<float> one = {1};
    const std::vector<float> two = {2};
    return (*model)->explain({two, 1, {}}).contributions[0] -
           (*model)->explain({one, 1, {}}).contributions[0];
  };
  EXPECT_NEAR(slope(Objective::kListwise, {}), 0.8, 0.06);
  EXPECT_LT(slope(Objective::kLogistic, {}), 0.4);
  // Validation rows without a pick have no opinion on the penalty.
  LabelledRows no_pick = slice(rows, 0, 50);
  std::fill(no_pick.labels.begin(), no_pick.labels.end(), 0.0F);
  EXPECT_NEAR(slope(Objective::kListwise, no_pick), 0.8, 0.06);
}

TEST(Logistic, CountsAWeightAsSoManyRowsAndASoftLabelAsItsShares) {
  const LabelledRows once = linear_rows(300, 4);
  LabelledRows weighted = once;
  LabelledRows repeated = once;
  weighted.weights.assign(300, 1.0F);
  weighted.weights[7] = 3;
  for (int i = 0; i < 2; ++i) {
    repeated.values.insert(repeated.values.end(), once.row(7).begin(), once.row(7).end());
    repeated.labels.push_back(once.labels[7]);
  }
  weighted.weights[8] = 2;
  weighted.labels[8] = 0.5F;
  repeated.labels[8] = 1;
  repeated.values.insert(repeated.values.end(), once.row(8).begin(), once.row(8).end());
  repeated.labels.push_back(0);
  const std::vector<float> a = score_rows(*train(weighted), once);
  const std::vector<float> b = score_rows(*train(repeated), once);
  for (std::size_t r = 0; r < a.size(); ++r) ASSERT_NEAR(a[r], b[r], 1e-4);
}

TEST(Logistic, StaysFiniteWhereTheClassesAreApart) {
  LabelledRows rows = linear_rows(200, 5);
  for (std::size_t r = 0; r < rows.rows(); ++r) rows.labels[r] = rows.row(r)[0] > 0 ? 1.0F : 0.0F;
  for (const float score : score_rows(*train(rows, linear_rows(100, 6)), rows)) {
    ASSERT_TRUE(std::isfinite(score));
  }
}

TEST(Logistic, ChoosesAStrongPenaltyWhereInputsAreNoise) {
  SampleNumbers random(7);
  const auto noise = [&](std::size_t count) {
    LabelledRows rows;
    rows.width = 30;
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t c = 0; c < 30; ++c) rows.values.push_back(static_cast<float>(random.uniform(0, 1)));
      rows.labels.push_back(random.chance(0.3) ? 1 : 0);
    }
    return rows;
  };
  const LabelledRows rows = noise(100);
  const LabelledRows later = noise(400);
  const auto spread = [&](const Model& model) {
    const std::vector<float> scores = score_rows(model, later);
    return *std::max_element(scores.begin(), scores.end()) - *std::min_element(scores.begin(), scores.end());
  };
  EXPECT_LT(spread(*train(rows, later)), spread(*train(rows)) / 2);
}

TEST(Logistic, ReportsItsStepsAndSharesOfTheWork) {
  std::vector<TrainingProgress> reports;
  const LabelledRows rows = linear_rows(500, 8);
  ASSERT_TRUE(train_model(domain_of(4), rows, linear_rows(200, 9), {.family = "logistic"},
                          [&](const TrainingProgress& report) { reports.push_back(report); }, {}));
  ASSERT_GT(reports.size(), 5U);
  EXPECT_EQ(reports.front().phase, "steps");
  EXPECT_EQ(reports.back().phase, "calibration");
  for (std::size_t i = 1; i < reports.size(); ++i) EXPECT_GE(reports[i].share, reports[i - 1].share);
}

double deviation(const std::vector<double>& values) {
  double sum = 0;
  double squares = 0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
  }
  const auto n = static_cast<double>(values.size());
  return std::sqrt(squares / n - sum * sum / n / n);
}

// The likelihood's curvature says how far a slope of a rare enough kind is known: 1 / sqrt(sum of x^2 p (1 -
// p)).
TEST(LogisticPosterior, IsAsWideAsTheRowsLeaveOpen) {
  const auto slopes = [](std::size_t count) {
    const LabelledRows rows = linear_rows(count, 11);
    std::vector<double> found;
    for (const auto& draw : train(rows)->posterior_draws(400)) {
      std::vector<float> scores(2);
      draw->score_features({std::vector<float>{0, 150, 7, 0, 1, 150, 7, 0}, 4, {}}, 0, scores);
      const auto log_odds = [](float p) {
        return std::log(static_cast<double>(p) / (1 - static_cast<double>(p)));
      };
      found.push_back(log_odds(scores[1]) - log_odds(scores[0]));
    }
    return found;
  };
  const LabelledRows rows = linear_rows(2'000, 11);
  const std::vector<float> scores = score_rows(*train(rows), rows);
  double curvature = 0;
  double mean = 0;
  for (std::size_t r = 0; r < rows.rows(); ++r) mean += static_cast<double>(rows.row(r)[0]) / 2'000;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto p = static_cast<double>(scores[r]);
    const double x = static_cast<double>(rows.row(r)[0]) - mean;
    curvature += p * (1 - p) * x * x;
  }
  const double narrow = deviation(slopes(2'000));
  EXPECT_NEAR(narrow, 1 / std::sqrt(curvature),
              0.12 / std::sqrt(curvature));  // of 400 draws; the penalty is 1
  EXPECT_NEAR(deviation(slopes(8'000)) / narrow, 0.5, 0.07);
}

TEST(LogisticPosterior, IsTheSameAfterSavingAndLoading) {
  const Domain domain = domain_of(4);
  const LabelledRows rows = linear_rows(300, 12);
  const auto model = train(rows);
  const auto loaded = load_model(model->save(), domain);
  ASSERT_TRUE(loaded) << loaded.error().message;
  const auto draws = model->posterior_draws(5);
  const auto again = (*loaded)->posterior_draws(5);
  ASSERT_EQ(draws.size(), 5U);
  ASSERT_EQ(again.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(score_rows(*draws[i], rows), score_rows(*again[i], rows));
  EXPECT_NE(score_rows(*draws[0], rows), score_rows(*draws[1], rows));
}

TEST(LogisticPosterior, IsNotKeptByAModelOfBefore) {
  EXPECT_TRUE(make_logistic_model({{{0, 0.5F, 2.0F}}, -1}, "logistic")->posterior_draws(5).empty());
}

TEST(LogisticScorer, SharesTheHalvesOfUntouchedChunks) {
  const auto domain = share(sample_domain());
  const auto catalog = sample_catalog(domain, 2 * kChunkRows + 10, 1);
  const auto model = make_logistic_model({{{1, 0.5F, 2.0F}, {0, 0, 1.0F}}, -1}, domain->feature_fingerprint);
  const auto scorer = model->bind(catalog, nullptr, SIZE_MAX);
  const std::vector<ItemChange> changes = {
      {catalog->id_at(0), 2, ItemValues{std::vector<float>(catalog->item_columns().size(), 1.0F), {}}}};
  const auto later = catalog->with(2, changes);
  const auto rebound = model->bind(later, scorer.get(), SIZE_MAX);
  EXPECT_EQ(shared_linear_halves(*scorer, *rebound), 2U);
  const std::vector<double> request(kSampleRequestColumns, 1.0);
  EXPECT_EQ(all_scores(*rebound, request), all_scores(*model->bind(later, nullptr, SIZE_MAX), request));
  EXPECT_LE(model->bind(later, nullptr, kChunkRows * sizeof(float))->resident_bytes(),
            kChunkRows * sizeof(float));
}

// A mode choice: four ways to travel with a constant for all but one of them, one of which is hardly ever
// taken, and two attributes on scales of their own.
LabelledRows mode_choices(std::int64_t requests) {
  SampleNumbers random(21);
  LabelledRows rows;
  rows.width = 5;
  const std::array<double, 4> constants = {0, -1, 2, -7};
  for (std::int64_t request = 0; request < requests; ++request) {
    std::array<double, 4> odds{};
    for (std::size_t mode = 0; mode < 4; ++mode) {
      const double minutes = random.uniform(5, 240);
      const double cost = random.uniform(0, 2) * (mode == 3 ? 40 : 3);
      for (std::size_t c = 1; c < 4; ++c) rows.values.push_back(c == mode ? 1.0F : 0.0F);
      rows.values.push_back(static_cast<float>(minutes));
      rows.values.push_back(static_cast<float>(cost));
      odds[mode] = std::exp(constants[mode] - 0.03 * minutes - 0.08 * cost);
    }
    pick_one(odds, request, random, rows);
  }
  return rows;
}

// The log-likelihood of utilities that are slopes x values; adds gradient and curvature.
double log_likelihood(const LabelledRows& rows, const Eigen::VectorXd& slopes, Eigen::VectorXd& gradient,
                      Eigen::MatrixXd& curvature) {
  double sum = 0;
  for (std::size_t first = 0; first < rows.rows(); first += 4) {
    Eigen::MatrixXd x(4, 5);
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t c = 0; c < 5; ++c)
        x(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(c)) =
            static_cast<double>(rows.row(first + i)[c]);
    }
    const Eigen::VectorXd utility = x * slopes;
    const Eigen::VectorXd share = utility.array().exp() / utility.array().exp().sum();
    const Eigen::VectorXd mean = x.transpose() * share;
    for (std::size_t i = 0; i < 4; ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      if (rows.labels[first + i] > 0) {
        sum += std::log(share[row]);
        gradient += x.row(row).transpose() - mean;
      }
      const Eigen::VectorXd away = x.row(row).transpose() - mean;
      curvature += share[row] * away * away.transpose();
    }
  }
  return sum;
}

TEST(ConditionalLogit, ReachesTheMaximumThatPlainNewtonStepsFind) {
  const LabelledRows rows = mode_choices(4000);
  Eigen::VectorXd slopes = Eigen::VectorXd::Zero(5);
  double known = 0;
  for (int step = 0; step < 50; ++step) {
    Eigen::VectorXd gradient = Eigen::VectorXd::Zero(5);
    Eigen::MatrixXd curvature = Eigen::MatrixXd::Zero(5, 5);
    known = log_likelihood(rows, slopes, gradient, curvature);
    if (gradient.cwiseAbs().maxCoeff() < 1e-7) break;
    slopes += curvature.ldlt().solve(gradient);
  }
  TrainingReport report;
  const auto model = train_model(
      domain_of(5), rows, {},
      {.family = "logistic", .objective = Objective::kListwise, .hyperparameters = {{"logistic.penalty", 0}}},
      {}, {}, &report);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(report.hyperparameters.at("logistic.penalty"), 0);
  double reached = 0;
  for (std::size_t first = 0; first < rows.rows(); first += 4) {
    double sum = 0;
    double picked = 0;
    for (std::size_t i = first; i < first + 4; ++i) {
      const Explanation row = (*model)->explain({rows.row(i), 5, {}});
      double utility = 0;
      for (const double part : row.contributions) utility += part;
      sum += std::exp(utility);
      if (rows.labels[i] > 0) picked = utility;
    }
    reached += picked - std::log(sum);
  }
  EXPECT_NEAR(reached, known, 1e-3);
}

}  // namespace
}  // namespace rankloop::ml
