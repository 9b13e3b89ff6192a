// Requests that two models shared, ranked anew by the other one: what is learned of positions from that.
#include "app/watch/position_evidence.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/watch/performance.h"
#include "ml/train.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kFilms = 12;
constexpr int kShown = 10;
constexpr RankingBudget kAll{.rows = 100'000'000, .rankings = 100'000};

// Puts cheap films first, or dear ones.
std::shared_ptr<const ml::Model> model_of(const Domain& domain, bool cheap) {
  ml::LabelledRows rows;
  rows.width = 2;
  for (int r = 0; r < 480; ++r) {
    const int price = 1 + r % static_cast<int>(kFilms);
    rows.values.push_back(static_cast<float>(20 + r % 30));
    rows.values.push_back(static_cast<float>(price));
    rows.labels.push_back(((r / 12 + price) % 12 < price) == cheap ? 0 : 1);
  }
  const auto model = ml::train_model(domain, rows, rows, {.family = "logistic"}, {}, {});
  EXPECT_TRUE(model) << model.error().message;
  return *model;
}

// Film n costs n: one model shows 1 to 10 in this order, the other 12 to 3.
class PositionEvidenceTest : public ShownRequests {
 protected:
  void SetUp() override {
    training_options_.minimum = 20;
    training_options_.dataset = {.window = 1000, .test_share = 0.5, .validation_share = 0.2};
    training_options_.gate.min_requests = 40;
    training_options_.gate.resamples = 200;
    training_options_.gate.most_latency_ratio = 1e6;
    inference_options_.best = static_cast<int>(kFilms);
    ShownRequests::SetUp();
    write_films(kFilms);
    cheap_ = add_model(model_of(*domain_, true)->save(), true, "{}", "logistic");
    dear_ = add_model(model_of(*domain_, false)->save(), false, "{}", "logistic");
    share(dear_, 0.4);
    clock_.advance(std::chrono::minutes{1});
    start_serving();
  }

  void share(ModelId model, double share) {
    EXPECT_TRUE(written<storage::ModelRecord>([&](auto done) {
      store_->share_traffic(model, share, {"test", "to see", "", clock_.wall()}, std::nullopt,
                            std::move(done));
    }));
  }
  Asked asked(bool cheap) {
    std::vector<std::int64_t> films;
    for (int i = 0; i < kShown; ++i) films.push_back(cheap ? 1 + i : kFilms - i);
    Ranking like;
    like.model = cheap ? cheap_ : dear_;
    return shown(30, films, like);
  }
  // Two of three by the model of cheap films. People take film 6, where it stands above the others that both
  // would show, or else film 3 or 9.
  void ask(int requests) {
    for (int r = 0; r < requests; ++r) {
      const bool cheap = r % 3 != 0;
      const Asked asked = this->asked(cheap);
      pick(asked, r % 2 == 0 ? 6 : (cheap ? 3 : 9));
    }
  }
  PositionObservations gathered(PositionEvidence& positions, const RankingBudget& budget = kAll) {
    auto observed = positions.gather(target_, budget);
    EXPECT_TRUE(observed) << observed.error().message;
    return observed ? *std::move(observed) : PositionObservations{};
  }
  PositionObservations gathered() { return gathered(*positions_); }

  LearningTarget target_;
  ModelId cheap_;
  ModelId dear_;
};

TEST_F(PositionEvidenceTest, KnowsWhereTheOtherModelWouldHavePutAnItem) {
  ask(60);
  const PositionObservations observed = gathered();
  EXPECT_EQ(observed.waiting, 0U);
  ASSERT_EQ(observed.swaps.size(), 60U * 8) << "films 3 to 10, which both would show";
  std::size_t picked = 0;
  for (const ml::Swap& swap : observed.swaps) {
    EXPECT_EQ(swap.other, kFilms + 1 - swap.position);
    EXPECT_NEAR(swap.chance, swap.request % 3 == 1 ? 1.0 / 3 : 2.0 / 3, 1e-9);
    picked += swap.picked ? 1 : 0;
  }
  EXPECT_EQ(picked, 60U);
  EXPECT_TRUE(observed.at_random.empty());
}

TEST_F(PositionEvidenceTest, RanksInPortionsTheNewestFirst) {
  ask(60);
  PositionObservations observed = gathered(*positions_, {.rows = 1'000'000, .rankings = 25});
  EXPECT_EQ(observed.waiting, 35U);
  EXPECT_EQ(observed.swaps.size(), 25U * 8);
  EXPECT_EQ(observed.swaps.front().request, 36);
  observed = gathered(*positions_, {.rows = 25 * kFilms, .rankings = 1'000});
  EXPECT_EQ(observed.waiting, 10U);
  EXPECT_EQ(gathered().swaps.size(), 60U * 8);
  EXPECT_EQ(gathered().swaps.size(), 60U * 8) << "nothing is ranked twice";
}

TEST_F(PositionEvidenceTest, SeesNoSwapsWhereOneModelAnswersOrAChangeSettles) {
  for (int r = 0; r < 60; ++r) asked(true);
  for (int r = 0; r < 10; ++r) asked(false);
  EXPECT_TRUE(gathered().swaps.empty()) << "ten requests do not say how often it answers";
  share(dear_, 0.5);
  for (int r = 0; r < 60; ++r) asked(r % 2 == 0);
  EXPECT_TRUE(gathered().swaps.empty());
  clock_.advance(TrafficShares::kSettling);
  for (int r = 0; r < 60; ++r) asked(r % 2 == 0);
  EXPECT_EQ(gathered().swaps.size(), 60U * 8);
}

// Otherwise those of the model that is left would be told and the other one's not.
TEST_F(PositionEvidenceTest, LeavesOutAllThatAModelSharedThatIsGone) {
  ask(60);
  share(dear_, 0);
  EXPECT_TRUE(written<storage::ModelRecord>([&](auto done) {
    store_->remove_model(dear_, {"test", "gone", "", clock_.wall()}, std::nullopt, std::move(done));
  }));
  EXPECT_TRUE(gathered().swaps.empty());
}

TEST_F(PositionEvidenceTest, LooksAtListsThatWereDrawnWithTheEyesOfTheirModel) {
  Ranking drawn;
  drawn.model = cheap_;
  drawn.policy = Policy::epsilon_greedy(0.1, true);
  pick(shown(30, {12, 1, 5}, drawn), 1);
  const PositionObservations observed = gathered();
  EXPECT_TRUE(observed.swaps.empty());
  ASSERT_EQ(observed.at_random.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(observed.at_random[i].position, static_cast<std::int32_t>(i + 1));
    EXPECT_EQ(observed.at_random[i].picked, i == 1);
  }
  EXPECT_GT(observed.at_random[1].score, observed.at_random[2].score);
  EXPECT_GT(observed.at_random[2].score, observed.at_random[0].score);
}

TEST_F(PositionEvidenceTest, ShowsWhatPositionsDrawWithoutARandomOrder) {
  Performance performance(*domain_, LearningTarget{}, *positions_, clock_);
  const auto examination = [&] {
    const auto report = performance.report();
    EXPECT_TRUE(report);
    return json(to_json(*report)).at("examination");
  };
  EXPECT_TRUE(examination().is_null());
  clock_.advance(std::chrono::seconds{11});
  ask(90);
  const boost::json::value told = examination();
  EXPECT_EQ(told.at("evidence").as_string(), "swaps");
  EXPECT_EQ(told.at("requests").to_number<int>(), 90);
  EXPECT_EQ(told.at("picks").to_number<int>(), 90);
  EXPECT_EQ(told.at("positions").as_array().size(), static_cast<std::size_t>(kShown));
  // Film 3 is picked at the third place and never at the tenth.
  EXPECT_LT(told.at("positions").at(9).at("examination").to_number<double>(), 0.7);
}

TEST_F(PositionEvidenceTest, WeighsPicksInATrainingAndSaysSo) {
  ask(240);
  const auto started = written<storage::TaskRecord>([&](auto done) {
    training_->start({"logistic", 1000, true, false, "request", {}}, std::nullopt, std::nullopt,
                     std::move(done));
  });
  ASSERT_TRUE(started);
  const auto task = store_->claim(TaskKind::kTraining, {}, 1);
  ASSERT_TRUE(task && task->size() == 1);
  training_->run(task->front(), {});
  EXPECT_TRUE(reached([&] { return store_->models()->size() == 3; }));
  const storage::ModelRecord model = store_->models()->back();
  EXPECT_EQ(json(model.lineage).at("position_evidence").as_string(), "swaps");
  EXPECT_EQ(json(model.detail).at("basis").as_string(), "corrected");
  EXPECT_THAT(model.detail, HasSubstr("240 picks of them"));
  const boost::json::value metrics = json(model.metrics);
  EXPECT_TRUE(metrics.at("train").at("calibration_curve").is_null());
  std::size_t rows = 0;
  for (const boost::json::value& bin : metrics.at("test").at("calibration_curve").as_array())
    rows += bin.at("rows").to_number<std::size_t>();
  EXPECT_EQ(rows, 120U * kShown);
}

}  // namespace
}  // namespace rankloop::app
