// Results and choices in one call each, from memory and from the disk.
#include "app/serve/results.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

// Runs what it is handed at once, or is full.
class SomePool : public BlockingPool {
 public:
  bool submit(std::function<void()> work) override {
    if (full) return false;
    ++runs;
    work();
    return true;
  }
  bool full = false;
  int runs = 0;
};

class ResultsTest : public UseCaseFixture {
 protected:
  void SetUp() override {
    UseCaseFixture::SetUp();
    start_serving();
    storage::CatalogWrite write{1, {}};
    for (std::int64_t id = 1; id <= 4; ++id) write.items.push_back({{id}, film("Film", 10)});
    ASSERT_TRUE(write_items(std::move(write)));
    ASSERT_TRUE(serving_->wait_for_catalog(1));
  }

  TaskId started() {
    Result<InferenceInput> input = inference_->check(json(R"({"age":30})"));
    EXPECT_TRUE(input);
    const TaskId task = inference_->new_task_id();
    EXPECT_TRUE(written<storage::StartedInference>(
        [&](auto done) { inference_->start(task, *std::move(input), std::nullopt, std::move(done)); }));
    return task;
  }
  TaskId ranked() {
    const TaskId task = started();
    const auto claimed = store_->claim(TaskKind::kInference, std::span{&task, 1}, 1);
    EXPECT_TRUE(claimed && claimed->size() == 1);
    inference_->run(claimed->front());
    EXPECT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
    return task;
  }
  ItemId at_rank(const TaskId& task, std::size_t rank) {
    return (*inference_->load(task))->ranking.items[rank - 1].item;
  }

  Result<std::string> read(const TaskId& task, Look look) {
    auto told =
        written<TellableResults>([&](auto done) { results().read(task, look, pool_, std::move(done)); });
    if (!told) return told.error();
    return std::move(told->json);
  }
  Result<Chosen> choose(const std::optional<TaskId>& task, const Choice& choice,
                        std::optional<storage::RecordedAnswer<Chosen>> keep = {}) {
    return written<Chosen>(
        [&](auto done) { results().choose(task, choice, std::move(keep), pool_, std::move(done)); });
  }
  // As they are after a restart: nothing is known in memory.
  void forget() {
    restart();
    results_.reset();
    forgetful_ = std::make_unique<RecentInferences>(0);
    inference_ = std::make_unique<Inference>(domain_, 1, inference_options_, *store_, *serving_, *histories_,
                                             *forgetful_, metrics_, log_, clock_);
  }

  SomePool pool_;

 private:
  Results& results() {
    if (!results_) {
      payloads_ = std::make_unique<ItemPayloads>(*store_, std::size_t{1} << 20);
      results_ = std::make_unique<Results>(*domain_, *inference_, *payloads_, *serving_);
    }
    return *results_;
  }

  std::unique_ptr<RecentInferences> forgetful_;
  std::unique_ptr<ItemPayloads> payloads_;
  std::unique_ptr<Results> results_;
};

TEST_F(ResultsTest, ShowsTheBestAndRemembersThatItDid) {
  const TaskId task = ranked();
  const Result<std::string> peeked = read(task, {.limit = 2});
  ASSERT_TRUE(peeked) << peeked.error().message;
  EXPECT_EQ(boost::json::parse(*peeked).as_array().size(), 2U);
  EXPECT_TRUE(store_->inference(task)->exposures.empty());

  EXPECT_EQ(*read(task, {.limit = 2, .shown = ExposureSource::kResults}), *peeked);
  const auto record = store_->inference(task);
  ASSERT_EQ(record->exposures.size(), 1U);
  EXPECT_EQ(record->exposures[0].count, 2);
  EXPECT_EQ(record->exposures[0].source, ExposureSource::kResults);
  EXPECT_EQ(boost::json::parse(*read(task, {.limit = 100})).as_array().size(), 4U);
}

TEST_F(ResultsTest, AsksTheDiskOnlyForWhatMemoryDoesNotKnow) {
  const TaskId task = ranked();
  const std::string first = *read(task, {.limit = 4});  // the items' texts come from the disk, once
  EXPECT_EQ(pool_.runs, 1);
  EXPECT_EQ(*read(task, {.limit = 4}), first);
  EXPECT_EQ(pool_.runs, 1);
  forget();
  EXPECT_EQ(*read(task, {.limit = 4}), first);
  EXPECT_GT(pool_.runs, 1);
}

TEST_F(ResultsTest, SaysWhyThereAreNone) {
  EXPECT_EQ(read(inference_->new_task_id(), {}).error().message, "Task not found");
  const TaskId waiting = started();
  EXPECT_EQ(read(waiting, {}).error().message, "Results are not ready: the task is ready");
  ASSERT_TRUE(written<storage::TaskRecord>(
      [&](auto done) { tasks_->cancel(waiting, std::nullopt, std::move(done)); }));
  const Error cancelled = read(waiting, {}).error();
  EXPECT_EQ(cancelled.code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(cancelled.message, "The task cancelled: cancelled by request");
}

TEST_F(ResultsTest, IsRefusedWhereThePoolIsFull) {
  pool_.full = true;
  EXPECT_EQ(read(inference_->new_task_id(), {}).error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(choose(inference_->new_task_id(), NoneChosen{}).error().code, ErrorCode::kResourceExhausted);
}

TEST_F(ResultsTest, RecordsWhichItemWasChosen) {
  const TaskId task = ranked();
  const ItemId second = at_rank(task, 2);
  EXPECT_EQ(choose(task, second).error().code, ErrorCode::kFailedPrecondition);  // nobody has seen it
  ASSERT_TRUE(read(task, {.limit = 2, .shown = ExposureSource::kResults}));
  const Result<Chosen> chosen = choose(task, second);
  ASSERT_TRUE(chosen) << chosen.error().message;
  ASSERT_TRUE(chosen->result);
  EXPECT_EQ(chosen->result->task, task);
  EXPECT_EQ(chosen->result->item, second);
  EXPECT_EQ(chosen->result->position, 2);
  EXPECT_TRUE(chosen->result->label);
  EXPECT_TRUE(chosen->result->shown_at);
  EXPECT_EQ(store_->inference(task)->feedback.size(), 1U);
}

TEST_F(ResultsTest, RecordsThatNoneWasChosen) {
  const TaskId waiting = started();  // before it has results too
  const Result<Chosen> nothing = choose(waiting, NoneChosen{});
  ASSERT_TRUE(nothing) << nothing.error().message;
  EXPECT_FALSE(nothing->result);
  const TaskId task = ranked();
  ASSERT_TRUE(choose(task, NoneChosen{}));
  EXPECT_EQ(metrics_.feedback.bad->Value(), 2);
  EXPECT_FALSE(store_->inference(task)->feedback.front().item);
}

TEST_F(ResultsTest, DoesNotFindWhatNoTaskRanked) {
  const TaskId task = ranked();
  for (const Result<Chosen>& missing :
       {choose(std::nullopt, ItemId{1}), choose(inference_->new_task_id(), ItemId{1}),
        choose(inference_->new_task_id(), NoneChosen{}), choose(task, ItemId{-7}),
        choose(task, ItemId{99})}) {
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
    EXPECT_EQ(missing.error().message, "Result not found: invalid task_id or film_id");
  }
  EXPECT_EQ(choose(started(), ItemId{1}).error().code, ErrorCode::kFailedPrecondition);
}

// What is refused before anything is written is nobody's to keep.
TEST_F(ResultsTest, AsksForTheAnswerToKeepOnlyWhenItWrites) {
  const TaskId task = ranked();
  ASSERT_TRUE(read(task, {.limit = 1, .shown = ExposureSource::kResults}));
  int asked = 0;
  const auto keep = [&asked](std::string key) {
    return storage::RecordedAnswer<Chosen>{std::move(key), std::string(32, 'f'),
                                           [&asked](const Result<Chosen>& outcome) {
                                             ++asked;
                                             storage::KeptAnswer kept;
                                             kept.fingerprint = std::string(32, 'f');
                                             kept.status = outcome ? 200 : 409;
                                             kept.body = outcome && outcome->result ? "one" : "none";
                                             return std::optional(kept);
                                           }};
  };
  EXPECT_FALSE(choose(task, ItemId{99}, keep("a")));
  EXPECT_EQ(asked, 0);
  EXPECT_FALSE(choose(task, at_rank(task, 3), keep("b")));  // never shown: the write refuses it
  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(choose(task, at_rank(task, 1), keep("c")));
  EXPECT_TRUE(choose(task, NoneChosen{}, keep("d")));
  EXPECT_EQ(store_->kept_answer("b")->value().status, 409);
  EXPECT_EQ(store_->kept_answer("c")->value().body, "one");
  EXPECT_EQ(store_->kept_answer("d")->value().body, "none");
}

}  // namespace
}  // namespace rankloop::app
