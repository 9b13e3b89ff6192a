// The family of trees.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "ml/artefact.h"
#include "ml/evaluate.h"
#include "ml/families/families.h"
#include "ml/families/gbdt/train_gbdt.h"
#include "ml/feature_space.h"
#include "unit/ml/sample_data.h"

namespace rankloop::ml {
namespace {

constexpr std::size_t kFeatures = 6;
constexpr std::size_t kPerRequest = 5;

Domain domain_of(std::size_t features) {
  Domain domain;
  for (std::size_t c = 0; c < features; ++c) domain.features.push_back({std::to_string(c), Side::kItem, c});
  domain.feature_fingerprint = "gbdt";
  return domain;
}

// In each request the row nearest to the middle of the first two features is picked; the others are noise.
LabelledRows picked_rows(std::size_t requests, std::uint32_t seed, double absent = 0) {
  SampleNumbers random(seed);
  LabelledRows rows;
  rows.width = kFeatures;
  for (std::size_t request = 0; request < requests; ++request) {
    std::vector<double> distances;
    for (std::size_t i = 0; i < kPerRequest; ++i) {
      const double x = random.uniform(-5, 5);
      const double y = random.uniform(-5, 5);
      distances.push_back(std::hypot(x, y));
      for (const double value :
           {x, y, random.uniform(-5, 5), random.uniform(0, 1), random.uniform(0, 1), 3.0}) {
        rows.values.push_back(random.chance(absent) ? NAN : static_cast<float>(value));
      }
      rows.requests.push_back(static_cast<std::int64_t>(request));
    }
    const auto nearest = std::min_element(distances.begin(), distances.end()) - distances.begin();
    for (std::size_t i = 0; i < kPerRequest; ++i) {
      rows.labels.push_back(static_cast<std::ptrdiff_t>(i) == nearest ? 1.0F : 0.0F);
    }
  }
  return rows;
}

// Offers with thirty flags and shares of which a few decide together: what depth 3 and forty trees cannot
// say.
LabelledRows answered_offers(std::size_t count, std::uint32_t seed) {
  constexpr std::size_t kColumns = 30;
  SampleNumbers random(seed);
  LabelledRows rows;
  rows.width = kColumns;
  for (std::size_t r = 0; r < count; ++r) {
    std::array<double, kColumns> x{};
    for (std::size_t c = 0; c < kColumns; ++c)
      x[c] = c < 20 ? (random.chance(0.4) ? 1 : 0) : random.uniform(0, 1);
    double odds = -0.5 + 1.2 * x[0] - x[1];
    odds += x[2] != x[3] ? 1.3 : -1.3;
    odds += x[4] * x[5] * 2 - x[6] * x[7] * (x[20] > 0.5 ? 3 : -1);
    odds += 2 * std::sin(6 * x[21]) * (x[8] > 0 ? 1 : -1);
    for (const double value : x) rows.values.push_back(static_cast<float>(value));
    rows.labels.push_back(random.uniform(0, 1) < 1 / (1 + std::exp(-odds)) ? 1.0F : 0.0F);
  }
  return rows;
}

// A choice of one of four ways to travel, by utilities with extreme-value noise.
LabelledRows chosen_ways(std::size_t requests, std::uint32_t seed) {
  constexpr std::size_t kWays = 4;
  SampleNumbers random(seed);
  LabelledRows rows;
  rows.width = 8;
  for (std::size_t request = 0; request < requests; ++request) {
    const double income = random.uniform(0, 1);
    std::size_t best = 0;
    double most = -INFINITY;
    for (std::size_t way = 0; way < kWays; ++way) {
      const double cost = random.uniform(0, 1);
      const double time = random.uniform(0, 1);
      const double waiting = way == 3 ? 0 : random.uniform(0, 1);
      const double utility = -(4 - 3 * income) * cost - 3 * time * (way == 0 ? 1.5 : 1) -
                             2 * waiting * waiting + 0.5 * static_cast<double>(way) -
                             std::log(-std::log(random.uniform(1e-9, 1)));
      for (const double value : {cost, time, waiting, income, way == 0 ? 1.0 : 0.0, way == 1 ? 1.0 : 0.0,
                                 way == 2 ? 1.0 : 0.0, random.uniform(0, 1)}) {
        rows.values.push_back(static_cast<float>(value));
      }
      rows.labels.push_back(0);
      rows.requests.push_back(static_cast<std::int64_t>(request));
      if (utility > most) {
        most = utility;
        best = rows.rows() - 1;
      }
    }
    rows.labels[best] = 1;
  }
  return rows;
}

// What one gets from the library without a thought: 300 trees of depth 6.
GbdtRecipe plain_recipe() {
  GbdtRecipe recipe;
  recipe.depth = 6;
  recipe.learning_rate = 0.3;
  recipe.row_share = 1;
  recipe.column_share = 1;
  recipe.trees = 300;
  return recipe;
}

// The picks of two kinds of rows, among eight others: of one kind ten times as heavy as of the other.
LabelledRows weighted_picks(std::size_t requests) {
  SampleNumbers random(20);
  LabelledRows rows;
  rows.width = 2;
  for (std::size_t request = 0; request < requests; ++request) {
    for (std::size_t i = 0; i < 10; ++i) {
      const bool picked = i == request % 2;
      rows.values.insert(rows.values.end(), {static_cast<float>(std::min<std::size_t>(i, 2)),
                                             static_cast<float>(random.uniform(0, 1))});
      rows.labels.push_back(picked ? 1 : 0);
      rows.weights.push_back(picked && i == 0 ? 10 : 1);
      rows.requests.push_back(static_cast<std::int64_t>(request));
    }
  }
  return rows;
}

GbdtRecipe short_recipe() {
  GbdtRecipe recipe;
  recipe.trees = 30;
  recipe.depth = 3;
  return recipe;
}

std::shared_ptr<const Model> trained(const LabelledRows& rows, const LabelledRows& validation = {},
                                     const GbdtRecipe& recipe = short_recipe()) {
  const auto model = train_gbdt(domain_of(rows.width), rows, validation, recipe, {}, {});
  EXPECT_TRUE(model) << model.error().message << model.error().detail;
  return model ? *model : nullptr;
}

Metrics judge(const Model& model, const LabelledRows& rows) {
  const std::vector<float> scores = score_rows(model, rows);
  const std::vector<double> wide(scores.begin(), scores.end());
  const std::vector<double> labels(rows.labels.begin(), rows.labels.end());
  const auto metrics = evaluate({wide, labels, {}, rows.requests});
  EXPECT_TRUE(metrics);
  return *metrics;
}

TEST(TrainGbdt, LearnsWhatIsPicked) {
  const LabelledRows unseen = picked_rows(400, 2);
  const auto model = trained(picked_rows(1000, 1));
  EXPECT_GT(*judge(*model, unseen).auc, 0.9);
  EXPECT_EQ(model->feature_fingerprint(), "gbdt");
}

TEST(TrainGbdt, RanksTheRowsOfARequest) {
  GbdtRecipe recipe = short_recipe();
  recipe.objective = Objective::kListwise;
  const LabelledRows unseen = picked_rows(400, 2);
  const auto model = trained(picked_rows(1000, 1), picked_rows(100, 3), recipe);
  EXPECT_GT(*judge(*model, unseen).ndcg[0], 0.8);
  for (const float score : score_rows(*model, unseen)) {
    EXPECT_GT(score, 0);
    EXPECT_LT(score, 1);
  }
}

// Half of the choosers took one row, half another: both objectives must put these two above the rest.
TEST(TrainGbdt, LearnsFromSharesOfChoosers) {
  LabelledRows rows = picked_rows(600, 4);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    rows.labels[r] = std::hypot(rows.row(r)[0], rows.row(r)[1]) < 3 ? 0.5F : 0.0F;
    rows.weights.push_back(r % 2 == 0 ? 4 : 1);
  }
  GbdtRecipe recipe = short_recipe();
  recipe.learning_rate = 0.3;
  recipe.trees = 100;
  const std::vector<float> shares = score_rows(*trained(rows, {}, recipe), rows);
  recipe.objective = Objective::kListwise;
  const std::vector<float> ranks = score_rows(*trained(rows, {}, recipe), rows);
  double near_share = 0;
  double near_rank = 0;
  double far_rank = 0;
  double near_rows = 0;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    if (rows.labels[r] > 0) {
      near_share += static_cast<double>(shares[r]);
      near_rank += static_cast<double>(ranks[r]);
      ++near_rows;
    } else {
      far_rank += static_cast<double>(ranks[r]);
    }
  }
  EXPECT_NEAR(near_share / near_rows, 0.5, 0.05);
  EXPECT_GT(near_rank / near_rows, far_rank / (static_cast<double>(rows.rows()) - near_rows) + 0.2);
}

TEST(TrainGbdt, IsDeterministicBySeed) {
  const LabelledRows rows = picked_rows(200, 5, 0.1);
  GbdtRecipe recipe = short_recipe();
  const std::string first = trained(rows, {}, recipe)->save();
  EXPECT_EQ(trained(rows, {}, recipe)->save(), first);
  recipe.seed = 43;
  EXPECT_NE(trained(rows, {}, recipe)->save(), first);
}

// Weights as counts: a row of weight 3 speaks as three rows do.
TEST(TrainGbdt, HoldsAWeightForAsManyRows) {
  LabelledRows weighted = picked_rows(300, 6);
  LabelledRows repeated = weighted;
  weighted.weights.assign(weighted.rows(), 1);
  for (std::size_t r = 0; r < weighted.rows(); r += 3) {
    weighted.weights[r] = 3;
    for (int copy = 0; copy < 2; ++copy) {
      const auto row = weighted.row(r);
      repeated.values.insert(repeated.values.end(), row.begin(), row.end());
      repeated.labels.push_back(weighted.labels[r]);
      repeated.requests.push_back(weighted.requests[r]);
    }
  }
  GbdtRecipe recipe = short_recipe();
  recipe.row_share = 1;
  const std::vector<float> a = score_rows(*trained(weighted, {}, recipe), weighted);
  const std::vector<float> b = score_rows(*trained(repeated, {}, recipe), weighted);
  double distance = 0;
  for (std::size_t r = 0; r < a.size(); ++r) distance += static_cast<double>(std::abs(a[r] - b[r]));
  EXPECT_LT(distance / static_cast<double>(a.size()), 0.02);
}

TEST(TrainGbdt, EndsWhenTheListsLeftOutSayNothingNew) {
  std::vector<TrainingProgress> reports;
  GbdtRecipe recipe;
  recipe.depth = 4;
  recipe.learning_rate = 0.5;
  recipe.most_trees = 300;
  recipe.patience = 5;
  const LabelledRows rows = picked_rows(100, 7);
  const LabelledRows validation = picked_rows(60, 8);
  const auto model = train_gbdt(domain_of(kFeatures), rows, validation, recipe,
                                [&](const TrainingProgress& report) { reports.push_back(report); }, {});
  ASSERT_TRUE(model);
  ASSERT_GT(reports.size(), 7U);
  EXPECT_LT(reports.size(), 301U);
  EXPECT_EQ(reports.front().phase, "features");
  EXPECT_EQ(reports.back().phase, "trees");
  EXPECT_EQ(reports.back().epochs, 300);
  EXPECT_DOUBLE_EQ(reports.back().share, 1);
  EXPECT_LT(reports.back().loss, reports[1].loss);
  // The model is the one of the best round.
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i < reports.size(); ++i) best = std::min(best, reports[i].validation_loss);
  const TrainingProgress& kept = reports[reports.size() - 6];
  EXPECT_DOUBLE_EQ(kept.validation_loss, best);
  EXPECT_NEAR(*judge(**model, rows).logloss, kept.loss, 1e-5);
}

TEST(TrainGbdt, LearnsAsMuchAsManyDeepTreesOfSingleRows) {
  const LabelledRows rows = answered_offers(6000, 31);
  const LabelledRows unseen = answered_offers(4000, 32);
  const double plain = *judge(*trained(rows, {}, plain_recipe()), unseen).auc;
  EXPECT_GT(*judge(*trained(rows, answered_offers(600, 33), {}), unseen).auc, plain - 0.005) << plain;
}

TEST(TrainGbdt, LearnsAsMuchAsManyDeepTreesOfLists) {
  const LabelledRows rows = chosen_ways(2500, 34);
  const LabelledRows unseen = chosen_ways(2000, 35);
  GbdtRecipe plain = plain_recipe();
  GbdtRecipe recipe;
  recipe.objective = plain.objective = Objective::kListwise;
  const double reached = *judge(*trained(rows, {}, plain), unseen).mrr;
  EXPECT_GT(*judge(*trained(rows, chosen_ways(250, 36), recipe), unseen).mrr, reached - 0.005) << reached;
}

// A small part that judges by itself would end a training here and there after a few trees.
TEST(TrainGbdt, LearnsAlikeWithEverySeed) {
  const LabelledRows rows = chosen_ways(300, 37);
  const LabelledRows validation = chosen_ways(33, 38);
  const LabelledRows unseen = chosen_ways(2000, 39);
  double least = 1;
  double most = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    GbdtRecipe recipe;
    recipe.objective = Objective::kListwise;
    recipe.seed = seed;
    const double mrr = *judge(*trained(rows, validation, recipe), unseen).mrr;
    least = std::min(least, mrr);
    most = std::max(most, mrr);
  }
  EXPECT_GT(least, 0.7);
  EXPECT_LT(most - least, 0.015) << least << " to " << most;
}

TEST(TrainGbdt, DoesNotDependOnTheNumberOfThreads) {
  const LabelledRows rows = chosen_ways(400, 40);
  for (const Objective objective : {Objective::kLogistic, Objective::kListwise}) {
    std::vector<std::string> artefacts;
    for (const int threads : {1, 2}) {
      GbdtRecipe recipe;
      recipe.objective = objective;
      recipe.trees = 6;
      recipe.depth = 4;
      recipe.threads = threads;
      artefacts.push_back(trained(rows, chosen_ways(40, 41), recipe)->save());
    }
    EXPECT_EQ(artefacts[1], artefacts[0]);
  }
}

TEST(TrainGbdt, HoldsEachPickForItsOwnWeight) {
  GbdtRecipe recipe;
  recipe.objective = Objective::kListwise;
  const LabelledRows rows = weighted_picks(2'400);
  const std::vector<float> scores = score_rows(*trained(rows, {}, recipe), rows);
  const auto log_odds = [&](std::size_t row) {
    const auto score = static_cast<double>(scores[row]);
    return std::log(score / (1 - score));
  };
  EXPECT_NEAR(log_odds(0) - log_odds(1), std::log(10.0), 0.3);
}

TEST(TrainGbdt, StopsWhenAsked) {
  for (const int at : {0, 3}) {
    std::stop_source stop;
    const auto model = train_gbdt(
        domain_of(kFeatures), picked_rows(100, 9), {}, short_recipe(),
        [&](const TrainingProgress& report) {
          if (report.epoch == at) stop.request_stop();
        },
        stop.get_token());
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().code, ErrorCode::kAborted);
    EXPECT_EQ(model.error().message, "training was cancelled");
  }
}

TEST(TrainGbdt, TakesInfiniteValuesForTheGreatest) {
  LabelledRows rows = picked_rows(200, 10);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    if (rows.labels[r] > 0) rows.values[r * kFeatures + 4] = std::numeric_limits<float>::infinity();
  }
  const auto model = trained(rows);
  EXPECT_GT(*judge(*model, rows).auc, 0.99);
  EXPECT_GT(model->explain({rows.row(0), kFeatures, {}}).contributions.size(), 0U);
}

TEST(TrainGbdt, RefusesWhatItCannotDo) {
  const LabelledRows rows = picked_rows(50, 11);
  LabelledRows unknown_requests = rows;
  unknown_requests.requests.clear();
  const auto code_of = [&](const LabelledRows& from, Objective objective) {
    TrainingPlan plan;
    plan.family = "gbdt";
    plan.objective = objective;
    const auto model = train_model(domain_of(kFeatures), from, {}, plan, {}, {});
    return model ? std::string("trained") : std::string(name_of(model.error().code));
  };
  EXPECT_EQ(code_of(rows, Objective::kListwise), "trained");
  EXPECT_EQ(code_of(unknown_requests, Objective::kListwise), "invalid_argument");
  EXPECT_EQ(code_of(unknown_requests, Objective::kLogistic), "trained");
  GbdtRecipe recipe;
  recipe.depth = 13;
  EXPECT_EQ(train_gbdt(domain_of(kFeatures), rows, {}, recipe, {}, {}).error().code,
            ErrorCode::kInvalidArgument);
  recipe = {};
  recipe.row_share = 0;
  EXPECT_EQ(train_gbdt(domain_of(kFeatures), rows, {}, recipe, {}, {}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(GbdtModel, ExplainsTheLogOddsOfItsScore) {
  const LabelledRows rows = picked_rows(300, 12, 0.1);
  const auto model = trained(rows);
  const std::vector<float> scores = score_rows(*model, rows);
  double noise = 0;
  double signal = 0;
  for (std::size_t r = 0; r < 50; ++r) {
    const Explanation explanation = model->explain({rows.row(r), kFeatures, {}});
    ASSERT_EQ(explanation.contributions.size(), kFeatures);
    double sum = explanation.base;
    for (const double part : explanation.contributions) sum += part;
    const auto score = static_cast<double>(scores[r]);
    EXPECT_NEAR(sum, std::log(score / (1 - score)), 1e-3);
    EXPECT_DOUBLE_EQ(explanation.contributions[5], 0);  // a constant
    signal += std::abs(explanation.contributions[0]) + std::abs(explanation.contributions[1]);
    noise += std::abs(explanation.contributions[3]) + std::abs(explanation.contributions[4]);
  }
  EXPECT_GT(signal, 5 * noise);
}

TEST(GbdtModel, HoldsMissingColumnsForAbsentValues) {
  const LabelledRows rows = picked_rows(300, 13, 0.1);
  const auto model = trained(rows);
  std::vector<float> narrow;
  std::vector<float> padded;
  std::vector<float> wide;
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    const auto row = rows.row(r);
    narrow.insert(narrow.end(), row.begin(), row.begin() + 4);
    padded.insert(padded.end(), row.begin(), row.begin() + 4);
    padded.insert(padded.end(), {NAN, NAN});
    wide.insert(wide.end(), row.begin(), row.end());
    wide.push_back(99);
  }
  std::vector<float> a(rows.rows());
  std::vector<float> b(rows.rows());
  model->score_features({narrow, 4, {}}, 0, a);
  model->score_features({padded, kFeatures, {}}, 0, b);
  EXPECT_EQ(a, b);
  model->score_features({wide, kFeatures + 1, {}}, 0, a);
  EXPECT_EQ(a, score_rows(*model, rows));
}

// The same rows through the catalog and as a table; a model of features alone beside one with crosses.
TEST(GbdtModel, ScoresACatalogAsItScoresRows) {
  const auto domain = share(sample_domain_with_crosses());
  const auto catalog = sample_catalog(domain, 700, 14, 0.1);
  for (const bool crosses : {false, true}) {
    SampleNumbers random(15);
    LabelledRows rows;
    rows.width = domain->features.size() + (crosses ? domain->crosses.size() : 0);
    for (std::size_t r = 0; r < 300; ++r) {
      for (std::size_t c = 0; c < rows.width; ++c) {
        rows.values.push_back(static_cast<float>(random.uniform(-2, 3)));
      }
      rows.labels.push_back(rows.values[r * rows.width] > 1 ? 1 : 0);
    }
    const auto model = train_gbdt(*domain, rows, {}, short_recipe(), {}, {});
    ASSERT_TRUE(model) << model.error().detail;
    const std::vector<double> request = random.request();
    const FeatureMaker inputs(*domain, *catalog, crosses);
    std::vector<float> values;
    for (std::uint32_t row = 0; row < catalog->rows(); ++row) {
      const CatalogChunk& chunk = *catalog->chunks()[row / kChunkRows];
      inputs.append_numbers(inputs.asked(request), chunk, row, values);
    }
    std::vector<float> expected(catalog->rows());
    (*model)->score_features({values, inputs.width(), {}}, 0, expected);
    EXPECT_EQ(all_scores(*(*model)->bind(catalog, nullptr, 0), request), expected);
  }
}

TEST(GbdtModel, ExplainsAndScoresFromManyThreads) {
  const LabelledRows rows = picked_rows(100, 16);
  const auto model = trained(rows);
  const std::vector<float> expected = score_rows(*model, rows);
  const std::vector<double> parts = model->explain({rows.row(0), kFeatures, {}}).contributions;
  std::vector<int> same(4);
  {
    std::vector<std::jthread> threads;
    for (int& count : same) {
      threads.emplace_back([&] {
        for (int round = 0; round < 20; ++round) {
          if (score_rows(*model, rows) == expected) ++count;
          if (model->explain({rows.row(0), kFeatures, {}}).contributions == parts) ++count;
        }
      });
    }
  }
  EXPECT_EQ(same, std::vector<int>(4, 40));
}

// Whatever byte changes, the model is refused or works.
TEST(GbdtModel, NeverFailsOnAnyChangedByte) {
  const auto domain = domain_of(kFeatures);
  GbdtRecipe recipe = short_recipe();
  recipe.trees = 2;
  recipe.depth = 2;
  const LabelledRows rows = picked_rows(50, 18);
  const Artefact own = *open_artefact(trained(rows, {}, recipe)->save());
  int loaded_ones = 0;
  for (std::size_t i = 0; i < own.payload.size(); ++i) {
    Artefact changed = own;
    changed.payload[i] = std::string_view("\0\x7F\xFF", 3)[i % 3];
    const auto loaded = load_model(seal_artefact(changed), domain);
    if (!loaded) {
      ASSERT_EQ(loaded.error().code, ErrorCode::kDataLoss) << "byte " << i;
      continue;
    }
    ++loaded_ones;
    ASSERT_EQ(score_rows(**loaded, rows).size(), rows.rows());
    ASSERT_EQ((*loaded)->explain({rows.row(0), kFeatures, {}}).contributions.size(), kFeatures);
  }
  EXPECT_GT(loaded_ones, 0);
}

}  // namespace
}  // namespace rankloop::ml
