// The gate by what each model's own lists would have earned: people pick a cheap film where one is shown.
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/learn/list_values.h"
#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr int kShown = 3;
constexpr std::int64_t kCheap = 3;  // films 1 to 3 of 12

class JudgeByValueTest : public ShownRequests {
 protected:
  JudgeByValueTest() {
    inference_options_.best = kShown;
    training_options_.minimum = 20;
    training_options_.dataset = {.window = 10'000, .test_share = 0.5, .validation_share = 0.2};
    training_options_.gate.metric = ml::MetricName::kValue;
    training_options_.gate.min_requests = 100;
    training_options_.gate.resamples = 400;
    training_options_.gate.most_latency_ratio = 1e6;
    training_options_.gate.most_calibration_error = 1;
    training_options_.gate.least_catalog_share = 0;
  }

  void SetUp() override {
    ShownRequests::SetUp();
    write_films(12);
    start_serving();
  }

  // Asks, sees three films, and picks the first cheap one of them, or none.
  void ask(int times) {
    for (int i = 0; i < times; ++i) {
      const TaskId task = inference_->new_task_id();
      ASSERT_TRUE(written<storage::StartedInference>([&](auto done) {
        inference_->start(task, *inference_->check(json(R"({"age":30})")), std::nullopt, std::move(done));
      }));
      const auto claimed = store_->claim(TaskKind::kInference, std::span{&task, 1}, 1);
      ASSERT_TRUE(claimed && claimed->size() == 1);
      inference_->run(claimed->front());
      ASSERT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
      Asked asked{task, recent_.find(task)->inference, {}};
      for (const RankedItem& item : recent_.find(task)->ranking.items) asked.items.push_back(item.item);
      show(asked, kShown);
      const auto liked = std::find_if(asked.items.begin(), asked.items.end(),
                                      [](ItemId film) { return film.value <= kCheap; });
      liked == asked.items.end() ? pick_none(asked) : pick(asked, liked->value);
    }
  }
  boost::json::object judged(const std::string& family) {
    const TrainingRequest request{family, 10'000, true, false, "request", {}};
    EXPECT_TRUE(written<storage::TaskRecord>(
        [&](auto done) { training_->start(request, std::nullopt, std::nullopt, std::move(done)); }));
    const auto tasks = store_->claim(TaskKind::kTraining, {}, 1);
    EXPECT_TRUE(tasks && tasks->size() == 1);
    const TaskId task = tasks->front().lease.task;
    training_->run(tasks->front(), {});
    EXPECT_TRUE(reached([&] { return is_terminal(store_->task(task)->state); }));
    const auto record = store_->task(task);
    EXPECT_EQ(record->state, TaskState::kSucceeded) << record->error;
    const auto models = store_->models();
    return json(models->back().detail).as_object();
  }
  static std::vector<std::string> reasons_of(const boost::json::object& gate) {
    std::vector<std::string> reasons;
    for (const auto& reason : gate.at("reasons").as_array()) reasons.emplace_back(reason.as_string());
    return reasons;
  }
};

TEST_F(JudgeByValueTest, PromotesWhatEarnsMoreThanTheRandomOrder) {
  ask(500);
  const auto gate = judged("logistic");
  EXPECT_EQ(gate.at("metric").as_string(), "value");
  EXPECT_EQ(gate.at("basis").as_string(), "off_policy");
  EXPECT_EQ(gate.at("verdict").as_string(), "promote") << boost::json::serialize(gate);
  // A random list has a cheap film in 62 % (1 - C(9,3) / C(12,3)).
  EXPECT_NEAR(gate.at("champion").to_number<double>(), 0.618, 0.12);
  EXPECT_GT(gate.at("ci").at(0).to_number<double>(), 0);
  EXPECT_THAT(reasons_of(gate), Contains(HasSubstr("drawn with known chances")));
}

TEST_F(JudgeByValueTest, FindsNothingBetweenTwoThatShowTheSame) {
  ask(400);
  judged("logistic");
  inference_options_.explore.share = 0.5;
  restart();
  ask(400);
  const auto gate = judged("logistic");
  EXPECT_NE(gate.at("verdict").as_string(), "promote") << boost::json::serialize(gate);
  EXPECT_NEAR(gate.at("delta").to_number<double>(), 0, 0.2);
}

TEST_F(JudgeByValueTest, SaysThatListsWithoutChanceCannotTell) {
  ask(500);
  judged("logistic");
  restart();
  ask(520);  // by the new champion, which explores nothing: the whole test part
  const auto gate = judged("popularity");
  EXPECT_EQ(gate.at("verdict").as_string(), "insufficient_evidence");
  EXPECT_EQ(gate.at("n_requests").to_number<int>(), 0);
  EXPECT_THAT(reasons_of(gate), Contains(HasSubstr("Only 0 requests can be judged")));
}

}  // namespace
}  // namespace rankloop::app
