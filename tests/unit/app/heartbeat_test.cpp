// The lease of a long task, kept and lost.
#include "app/learn/heartbeat.h"

#include <future>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "unit/app/shown_requests.h"

namespace rankloop::app {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kQuick{1};
constexpr milliseconds kNever = std::chrono::hours{1};

class HeartbeatTest : public UseCaseFixture {
 protected:
  void SetUp() override {
    UseCaseFixture::SetUp();
    task_ = TaskId::make(clock_.wall().time_since_epoch().count(), 1, 1);
    ASSERT_TRUE(written<storage::TaskRecord>([&](auto done) {
      store_->start_job({task_, traits_of(TaskKind::kTraining), "{}", clock_.wall()}, std::nullopt,
                        std::move(done));
    }));
    const auto claimed = store_->claim(TaskKind::kTraining, {}, 1);
    ASSERT_TRUE(claimed && claimed->size() == 1);
    lease_ = claimed->front().lease;
  }
  std::string progress() {
    const auto record = store_->task(task_);
    return record ? record->progress : "unknown";
  }
  void cancel() {
    ASSERT_TRUE(written<storage::TaskRecord>([&](auto done) {
      store_->cancel_task(task_, "cancelled by request", std::nullopt, std::move(done));
    }));
  }
  // Whether a stop comes within a time that only a fault reaches.
  static bool stops(const Heartbeat& heart) {
    std::promise<void> stopped;
    const std::stop_callback told(heart.stop(), [&] { stopped.set_value(); });
    return stopped.get_future().wait_for(std::chrono::seconds{20}) == std::future_status::ready;
  }

  TaskId task_;
  storage::Lease lease_;
};

TEST_F(HeartbeatTest, TellsTheNewestProgress) {
  Heartbeat heart(*store_, lease_, kQuick, {});
  heart.tell(R"({"epoch":1})");
  EXPECT_TRUE(reached([&] { return progress() == R"({"epoch":1})"; }));
  heart.tell(R"({"epoch":2})");
  EXPECT_TRUE(reached([&] { return progress() == R"({"epoch":2})"; }));
  EXPECT_FALSE(heart.lost());
  EXPECT_FALSE(heart.stop().stop_requested());
}

TEST_F(HeartbeatTest, KeepsTheLeaseThatWouldExpire) {
  Heartbeat heart(*store_, lease_, kQuick, {});
  for (int i = 0; i < 4; ++i) {
    clock_.advance(options_.lease * 3 / 4);
    const std::string beat = std::to_string(i);
    heart.tell(beat);
    ASSERT_TRUE(reached([&] { return progress() == beat; }));
    ASSERT_TRUE(store_->sweep());
  }
  EXPECT_EQ(store_->task(task_)->state, TaskState::kRunning);
  EXPECT_FALSE(heart.lost());
}

TEST_F(HeartbeatTest, StopsTheWorkWhenTheTaskIsCancelled) {
  const Heartbeat heart(*store_, lease_, kQuick, {});
  cancel();
  EXPECT_TRUE(stops(heart));
  EXPECT_TRUE(heart.lost());
}

TEST_F(HeartbeatTest, StopsTheWorkWhenTheLeaseIsTakenBack) {
  clock_.advance(options_.lease + milliseconds{1});
  ASSERT_TRUE(store_->sweep());
  const Heartbeat heart(*store_, lease_, kQuick, {});
  EXPECT_TRUE(stops(heart));
  EXPECT_TRUE(heart.lost());
}

TEST_F(HeartbeatTest, StopsTheWorkWhenTheWorkerEnds) {
  std::stop_source worker;
  const Heartbeat heart(*store_, lease_, kNever, worker.get_token());
  EXPECT_FALSE(heart.stop().stop_requested());
  worker.request_stop();
  EXPECT_TRUE(heart.stop().stop_requested());
  EXPECT_FALSE(heart.lost());
}

TEST_F(HeartbeatTest, StopsAtOnceWhenTheWorkerHasEnded) {
  std::stop_source worker;
  worker.request_stop();
  const Heartbeat heart(*store_, lease_, kNever, worker.get_token());
  EXPECT_TRUE(heart.stop().stop_requested());
  EXPECT_FALSE(heart.lost());
}

// An hour between two beats is no reason to wait an hour.
TEST_F(HeartbeatTest, EndsAtOnce) {
  const auto begin = std::chrono::steady_clock::now();
  {
    const Heartbeat heart(*store_, lease_, kNever, {});
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{20});
}

}  // namespace
}  // namespace rankloop::app
