// A kind that only the tests have, run by the pool: its job is the one function below.
#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/rehearsal.h"
#include "unit/app/shown_requests.h"
#include "worker/job_table.h"
#include "worker/pool.h"

namespace rankloop::worker {
namespace {

using app::reached;
using app::written;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;

class LongJobTest : public app::ShownRequests {
 protected:
  LongJobTest() { options_.max_attempts = 3; }

  void SetUp() override {
    ShownRequests::SetUp();
    start_serving();
    ::testing::internal::CaptureStderr();
  }
  void TearDown() override {
    pool_.reset();
    ::testing::internal::GetCapturedStderr();
    ShownRequests::TearDown();
  }
  void run(Work work) {
    pool_ = std::make_unique<Pool>(*store_, hints_, log_, 60s);
    pool_->start(
        long_job(kRehearsal.kind,
                 {*store_, log_, clock_, *inference_, *training_, *evaluation_, *window_replays_, *persons_},
                 std::move(work)),
        4);
  }
  TaskId started() {
    const TaskId id = TaskId::make(clock_.wall().time_since_epoch().count(), 0, ++started_);
    EXPECT_TRUE(written<storage::TaskRecord>([&](auto done) {
      store_->start_job({id, kRehearsal, R"({"scenes":3})", clock_.wall()}, std::nullopt, std::move(done));
    }));
    return id;
  }
  storage::TaskRecord record(const TaskId& task) {
    const auto found = store_->task(task);
    EXPECT_TRUE(found);
    return found ? *found : storage::TaskRecord{};
  }
  // Time goes on while the task waits for it.
  bool reaches(const TaskId& task, TaskState state) {
    return reached([&] {
      if (record(task).state == TaskState::kScheduled) {
        clock_.advance(1s);
        EXPECT_TRUE(store_->sweep());
      }
      return record(task).state == state;
    });
  }

  std::unique_ptr<Pool> pool_;

 private:
  std::uint64_t started_ = 0;
};

// What a job is told of its end.
void wait_for(const std::stop_token& stop) {
  std::promise<void> told;
  const std::stop_callback tells(stop, [&] { told.set_value(); });
  told.get_future().wait();
}

TEST_F(LongJobTest, KeepsWhatTheWorkAnswers) {
  std::promise<void> go_on;
  run([&](const storage::ClaimedTask& task, app::Heartbeat& heart) -> Result<storage::JobResult> {
    heart.tell(R"({"scene":1})");
    go_on.get_future().wait();
    return storage::JobResult{.json = R"({"played":)" + task.arguments + "}"};
  });
  const TaskId task = started();
  EXPECT_TRUE(reached([&] { return record(task).progress == R"({"scene":1})"; }));
  go_on.set_value();
  EXPECT_TRUE(reached([&] { return record(task).state == TaskState::kSucceeded; }));
  EXPECT_EQ(record(task).result, R"({"played":{"scenes":3}})");
}

TEST_F(LongJobTest, TriesAgainWhatMayPass) {
  std::atomic<int> attempts{0};
  run([&](const storage::ClaimedTask&, app::Heartbeat&) -> Result<storage::JobResult> {
    if (++attempts == 1) return Error{ErrorCode::kUnavailable, "the stage is taken"};
    if (attempts == 2) throw std::runtime_error{"a lamp fell"};
    return storage::JobResult{};
  });
  const TaskId task = started();
  EXPECT_TRUE(reaches(task, TaskState::kSucceeded));
  EXPECT_EQ(record(task).attempt, 3);
}

TEST_F(LongJobTest, EndsForGoodWithAnyOtherError) {
  run([&](const storage::ClaimedTask&, app::Heartbeat&) -> Result<storage::JobResult> {
    return Error{ErrorCode::kFailedPrecondition, "nobody has learnt the text"};
  });
  const TaskId task = started();
  EXPECT_TRUE(reached([&] { return record(task).state == TaskState::kFailed; }));
  EXPECT_EQ(record(task).attempt, 1);
  EXPECT_EQ(record(task).error, "nobody has learnt the text");
}

TEST_F(LongJobTest, StopsTheWorkOfACancelledTask) {
  std::promise<void> entered;
  std::promise<void> left;
  run([&](const storage::ClaimedTask&, app::Heartbeat& heart) -> Result<storage::JobResult> {
    entered.set_value();
    wait_for(heart.stop());
    left.set_value();
    return storage::JobResult{.json = "never kept"};
  });
  const TaskId task = started();
  entered.get_future().wait();
  ASSERT_TRUE(written<storage::TaskRecord>(
      [&](auto done) { store_->cancel_task(task, "no more need", std::nullopt, std::move(done)); }));
  left.get_future().wait();
  pool_->stop();
  EXPECT_EQ(record(task).state, TaskState::kCancelled);
  EXPECT_EQ(record(task).result, "");
}

TEST_F(LongJobTest, GivesItsTaskBackWhenTheProcessEnds) {
  std::promise<void> entered;
  run([&](const storage::ClaimedTask&, app::Heartbeat& heart) -> Result<storage::JobResult> {
    entered.set_value();
    wait_for(heart.stop());
    return Error{ErrorCode::kAborted, "stopped"};
  });
  const TaskId task = started();
  entered.get_future().wait();
  pool_->stop();
  EXPECT_EQ(record(task).state, TaskState::kReady);
  EXPECT_EQ(record(task).attempt, 0);
}

TEST_F(LongJobTest, TakesOverATaskWhoseWorkerWasLost) {
  const TaskId task = started();
  ASSERT_EQ(store_->claim(kRehearsal.kind, {}, 1)->size(), 1U);  // and nobody works on it
  clock_.advance(1h);
  ASSERT_TRUE(store_->sweep());
  run([](const storage::ClaimedTask& claimed, app::Heartbeat&) -> Result<storage::JobResult> {
    return storage::JobResult{.json = std::to_string(claimed.attempt)};
  });
  EXPECT_TRUE(reaches(task, TaskState::kSucceeded));
  EXPECT_EQ(record(task).result, "2");
}

}  // namespace
}  // namespace rankloop::worker
