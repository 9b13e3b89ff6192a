// Waiting for tasks.
#include "app/serve/task_watch.h"

#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/use_cases.h"

namespace rankloop::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TaskWatchTest : public UseCaseFixture {
 protected:
  TaskId started() {
    storage::NewInference request;
    request.task = TaskId::make(clock_.wall().time_since_epoch().count(), 0, ++tasks_started_);
    request.payload = R"({"age":30})";
    request.domain_version = 1;
    request.at = clock_.wall();
    EXPECT_TRUE(written<storage::StartedInference>(
        [&](auto done) { store_->start_inference(request, std::nullopt, std::move(done)); }));
    return request.task;
  }
  void cancel(const TaskId& task) {
    ASSERT_TRUE(written<storage::TaskRecord>(
        [&](auto done) { store_->cancel_task(task, "no need", std::nullopt, std::move(done)); }));
  }
  // Remembers what a waiter hears.
  static TaskWatch::Wake into(std::vector<TaskState>& heard) {
    return [&heard](TaskState state) { heard.push_back(state); };
  }

  // Hints that never arrive: nothing of the store is told to this queue.
  queue::memory::MemoryQueue nobody_tells_;

 private:
  std::uint64_t tasks_started_ = 0;
};

TEST_F(TaskWatchTest, WakesEveryoneWhoWaitsForATask) {
  TaskWatch watch{nobody_tells_, *store_};
  const TaskId task = TaskId::make(1, 2, 3);
  std::vector<TaskState> first;
  std::vector<TaskState> second;
  std::vector<TaskState> other;
  const auto a = watch.wait(task, into(first));
  const auto b = watch.wait(task, into(second));
  const auto c = watch.wait(TaskId::make(4, 5, 6), into(other));
  nobody_tells_.broadcast(queue::TaskChanged{task, TaskState::kRunning});
  nobody_tells_.broadcast(queue::CatalogChanged{3});
  nobody_tells_.broadcast(queue::TaskChanged{task, TaskState::kSucceeded});
  EXPECT_THAT(first, ElementsAre(TaskState::kRunning, TaskState::kSucceeded));
  EXPECT_THAT(second, ElementsAre(TaskState::kRunning, TaskState::kSucceeded));
  EXPECT_THAT(other, IsEmpty());
}

TEST_F(TaskWatchTest, LeavesWhoNoLongerWaitsAlone) {
  TaskWatch watch{nobody_tells_, *store_};
  const TaskId task = TaskId::make(1, 2, 3);
  std::vector<TaskState> gone;
  std::vector<TaskState> still;
  auto a = watch.wait(task, into(gone));
  const auto b = watch.wait(task, into(still));
  a.reset();
  nobody_tells_.broadcast(queue::TaskChanged{task, TaskState::kSucceeded});
  EXPECT_THAT(gone, IsEmpty());
  EXPECT_THAT(still, ElementsAre(TaskState::kSucceeded));
}

TEST_F(TaskWatchTest, LetsAWaiterEndWhileItIsWoken) {
  TaskWatch watch{nobody_tells_, *store_};
  const TaskId task = TaskId::make(1, 2, 3);
  std::unique_ptr<TaskWatch::Waiter> waiter;
  int woken = 0;
  waiter = watch.wait(task, [&](TaskState) {
    ++woken;
    waiter.reset();
  });
  nobody_tells_.broadcast(queue::TaskChanged{task, TaskState::kRunning});
  nobody_tells_.broadcast(queue::TaskChanged{task, TaskState::kSucceeded});
  EXPECT_EQ(woken, 1);
}

TEST_F(TaskWatchTest, IsWokenByWhatTheStoreHasDone) {
  TaskWatch watch{hints_, *store_};
  const TaskId task = started();
  std::promise<TaskState> heard;
  const auto waiter = watch.wait(task, [&](TaskState state) { heard.set_value(state); });
  cancel(task);
  EXPECT_EQ(heard.get_future().get(), TaskState::kCancelled);
}

TEST_F(TaskWatchTest, RemembersWhatItWasToldOfInferencesThatBeganHere) {
  TaskWatch watch{nobody_tells_, *store_};
  const TaskId here = TaskId::make(1, 2, 3);
  const TaskId elsewhere = TaskId::make(4, 5, 6);
  watch.begins(here);
  EXPECT_EQ(watch.told(here), TaskState::kReady);
  for (const TaskState state : {TaskState::kFailed, TaskState::kReady, TaskState::kRunning}) {
    nobody_tells_.broadcast(queue::TaskChanged{here, state});
    nobody_tells_.broadcast(queue::TaskChanged{elsewhere, state});
    EXPECT_EQ(watch.told(here), state);
  }
  EXPECT_EQ(watch.told(elsewhere), std::nullopt);
  nobody_tells_.broadcast(queue::TaskChanged{here, TaskState::kSucceeded});
  nobody_tells_.broadcast(queue::TaskChanged{here, TaskState::kRunning});  // told late
  EXPECT_EQ(watch.told(here), TaskState::kSucceeded);
}

TEST_F(TaskWatchTest, RemembersTheLastFewThousandOnly) {
  TaskWatch watch{nobody_tells_, *store_};
  const auto nth = [](std::uint64_t n) { return TaskId::make(1, 0, n); };
  for (std::uint64_t n = 0; n < 5'000; ++n) watch.begins(nth(n));
  EXPECT_EQ(watch.told(nth(0)), std::nullopt);
  EXPECT_EQ(watch.told(nth(4'999)), TaskState::kReady);
}

TEST_F(TaskWatchTest, FindsByPollingWhatALostHintWouldHaveTold) {
  TaskWatch watch{nobody_tells_, *store_};
  const TaskId ended = started();
  const TaskId running = started();
  std::vector<TaskState> of_ended;
  std::vector<TaskState> of_running;
  const auto a = watch.wait(ended, into(of_ended));
  const auto b = watch.wait(running, into(of_running));
  const auto c = watch.wait(TaskId::make(4, 5, 6), into(of_running));  // nobody knows it
  watch.poll();
  EXPECT_THAT(of_ended, IsEmpty());
  cancel(ended);
  EXPECT_THAT(of_ended, IsEmpty());
  watch.poll();
  EXPECT_THAT(of_ended, ElementsAre(TaskState::kCancelled));
  EXPECT_THAT(of_running, IsEmpty());
}

}  // namespace
}  // namespace rankloop::app
