#include "worker/pool.h"

#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/app/use_cases.h"
#include "worker/maintainer.h"

namespace rankloop::worker {
namespace {

using app::reached;
using app::written;
using ::testing::HasSubstr;

class PoolTest : public app::UseCases {
 protected:
  PoolTest() { options_.max_attempts = 1; }

  TaskId started() {
    storage::NewInference request;
    request.task = TaskId::make(clock_.wall().time_since_epoch().count(), 0, ++tasks_started_);
    request.payload = R"({"age":30})";
    request.columns = {30, 0};
    request.domain_version = 1;
    request.at = clock_.wall();
    EXPECT_TRUE(written<storage::StartedInference>(
        [&](auto done) { store_->start_inference(request, std::nullopt, std::move(done)); }));
    return request.task;
  }
  TaskState state_of(const TaskId& task) {
    const auto record = store_->task(task);
    EXPECT_TRUE(record);
    return record ? record->state : TaskState::kReady;
  }
  void finish(const storage::ClaimedTask& task) {
    store_->finish_inference(task.lease, Ranking{}, {}, clock_.wall(),
                             [](const Result<storage::StartedInference>&) {});
  }
  Job job(std::function<void(const storage::ClaimedTask&)> run, int at_once = 16) {
    return {TaskKind::kInference, at_once, 64,
            [run = std::move(run)](const storage::ClaimedTask& task, const std::stop_token&) { run(task); }};
  }

 private:
  std::uint64_t tasks_started_ = 0;
};

TEST_F(PoolTest, RunsEveryTaskOnce) {
  std::mutex mutex;
  std::multiset<TaskId> ran;
  Pool pool{*store_, hints_, log_};
  pool.start(job([&](const storage::ClaimedTask& task) {
               {
                 const std::lock_guard lock{mutex};
                 ran.insert(task.lease.task);
               }
               finish(task);
             }),
             3);
  std::multiset<TaskId> wanted;
  for (int i = 0; i < 100; ++i) wanted.insert(started());
  for (const TaskId& task : wanted) {
    EXPECT_TRUE(reached([&] { return state_of(task) == TaskState::kSucceeded; }));
  }
  pool.stop();
  EXPECT_EQ(ran, wanted);
}

TEST_F(PoolTest, FindsATaskWhoseHintWasLost) {
  const TaskId task = started();
  queue::memory::MemoryQueue nobody_tells;
  Pool pool{*store_, nobody_tells, log_};
  pool.start(job([&](const storage::ClaimedTask& claimed) { finish(claimed); }), 1);
  EXPECT_TRUE(reached([&] { return state_of(task) == TaskState::kSucceeded; }));
}

TEST_F(PoolTest, FailsOnlyTheTaskWhoseJobThrows) {
  const TaskId first = started();
  const TaskId odd = started();
  const TaskId last = started();
  const auto run = [&](const storage::ClaimedTask& task) {
    if (task.lease.task == odd) throw std::runtime_error{"no such weight"};
    finish(task);
  };
  ::testing::internal::CaptureStderr();
  {
    Pool pool{*store_, hints_, log_};
    pool.start(job(run), 1);
    EXPECT_TRUE(reached([&] { return state_of(last) == TaskState::kSucceeded; }));
    EXPECT_TRUE(reached([&] { return state_of(odd) == TaskState::kFailed; }));
  }
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("no such weight"));
  EXPECT_THAT(log, HasSubstr(odd.to_string()));
  EXPECT_EQ(state_of(first), TaskState::kSucceeded);
  EXPECT_EQ(store_->task(odd)->error, "internal error");  // what the job said stays inside
}

// Whatever is thrown: the thread lives on.
TEST_F(PoolTest, FailsATaskWhoseJobThrowsAnything) {
  const TaskId odd = started();
  ::testing::internal::CaptureStderr();
  {
    Pool pool{*store_, hints_, log_};
    pool.start(job([](const storage::ClaimedTask&) { throw 7; }), 1);
    EXPECT_TRUE(reached([&] { return state_of(odd) == TaskState::kFailed; }));
  }
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("a task failed"));
}

TEST_F(PoolTest, StopsWhenTheRunningJobHasEnded) {
  const TaskId task = started();
  std::promise<void> entered;
  std::promise<void> go_on;
  std::atomic<bool> ended{false};
  Pool pool{*store_, hints_, log_};
  pool.start(job(
                 [&](const storage::ClaimedTask& claimed) {
                   entered.set_value();
                   go_on.get_future().wait();
                   finish(claimed);
                   ended = true;
                 },
                 1),
             1);
  entered.get_future().wait();
  auto stopping = std::async(std::launch::async, [&] { pool.stop(); });
  EXPECT_FALSE(ended);
  go_on.set_value();
  stopping.get();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(reached([&] { return state_of(task) == TaskState::kSucceeded; }));
  pool.stop();
}

TEST_F(PoolTest, StopsAtOnceWhileItWaits) {
  Pool pool{*store_, hints_, log_};
  pool.start(job([](const storage::ClaimedTask&) {}), 4);
  const auto begin = std::chrono::steady_clock::now();
  pool.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
  Pool never_started{*store_, hints_, log_};
  never_started.stop();
}

TEST_F(PoolTest, RunsInferencesAsTheTableSays) {
  start_serving();
  const std::vector<Job> table = job_table(*inference_, *training_);
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table[0].kind, TaskKind::kInference);
  EXPECT_EQ(table[1].kind, TaskKind::kTraining);
  Pool pool{*store_, hints_, log_};
  pool.start(table[0], 1);
  const TaskId task = started();
  EXPECT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
  EXPECT_EQ(state_of(task), TaskState::kSucceeded);
}

TEST_F(PoolTest, TakesWhatTheMaintainerMadeReadyAgain) {
  app::TaskWatch watch{hints_, *store_};
  app::EventCounts events{*store_, clock_};
  const TaskId task = started();
  {
    const auto claimed = store_->claim(TaskKind::kInference, {}, 1);
    ASSERT_TRUE(claimed);
    ASSERT_EQ(claimed->size(), 1U);
    store_->release(claimed->front().lease, std::chrono::milliseconds{500});
  }
  clock_.advance(std::chrono::seconds{1});
  start_serving();
  Maintainer maintainer{*store_, watch, events, *retraining_, log_, clock_, std::chrono::hours{1}};
  Pool pool{*store_, hints_, log_};
  pool.start(job([&](const storage::ClaimedTask& claimed) { finish(claimed); }), 1);
  maintainer.start();
  EXPECT_TRUE(reached([&] { return state_of(task) == TaskState::kSucceeded; }));
  maintainer.stop();
  maintainer.stop();
}

}  // namespace
}  // namespace rankloop::worker
