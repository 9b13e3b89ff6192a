// Workers: claims, retries, stops.
#include "worker/pool.h"

#include <atomic>
#include <future>
#include <memory>
#include <new>
#include <set>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sync/mutex.h"
#include "unit/app/shown_requests.h"
#include "worker/maintainer.h"

namespace rankloop::worker {
namespace {

using app::reached;
using app::written;
using ::testing::HasSubstr;

constexpr std::chrono::seconds kLease{60};

class PoolTest : public app::ShownRequests {
 protected:
  PoolTest() { options_.max_attempts = 1; }

  // Made when the use cases are; kept until the store is closed, since what it asks the store to forget
  // answers to it.
  void maintain(std::chrono::hours answers_kept_for) {
    maintained_ = std::make_unique<Maintained>(*this, answers_kept_for);
    maintained_->maintainer.start();
  }

  TaskId started() {
    storage::NewInference request;
    request.task = TaskId::make(clock_.wall().time_since_epoch().count(), 0, ++tasks_started_);
    request.payload = R"({"age":30})";
    request.values.numbers = {30, 0};
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
  JobParts parts() {
    return {*store_, log_, clock_, *inference_, *training_, *evaluation_, *window_replays_, *persons_};
  }
  Job job(std::function<void(const storage::ClaimedTask&)> run, int at_once = 16) {
    return {TaskKind::kInference, at_once, 64,
            [run = std::move(run)](const storage::ClaimedTask& task, const std::stop_token&) { run(task); }};
  }

  struct Maintained {
    Maintained(PoolTest& of, std::chrono::hours answers_kept_for)
        : watch(of.hints_, *of.store_),
          events(*of.store_, of.clock_),
          experiments(*of.domain_, *of.store_, of.clock_),
          reports(*of.domain_, *of.store_, of.clock_),
          ramp(experiments, reports, of.log_, of.clock_),
          maintainer(*of.store_, watch, events, *of.retraining_, ramp, nullptr, of.log_, of.clock_,
                     answers_kept_for) {}

    app::TaskWatch watch;
    app::EventCounts events;
    app::ExperimentChanges experiments;
    app::ExperimentReports reports;
    app::ExperimentRamp ramp;
    Maintainer maintainer;
  };

  std::unique_ptr<Maintained> maintained_;

 private:
  std::uint64_t tasks_started_ = 0;
};

TEST_F(PoolTest, RunsEveryTaskOnce) {
  Mutex mutex;
  std::multiset<TaskId> ran;
  Pool pool{*store_, hints_, log_, kLease};
  pool.start(job([&](const storage::ClaimedTask& task) {
               {
                 const Lock lock{mutex};
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
  Pool pool{*store_, nobody_tells, log_, kLease};
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
    Pool pool{*store_, hints_, log_, kLease};
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

TEST_F(PoolTest, TriesATaskAgainForWhichMemoryWasOut) {
  options_.max_attempts = 2;
  store_.reset();
  open_store();
  const TaskId task = started();
  std::atomic<int> attempts{0};
  ::testing::internal::CaptureStderr();
  {
    Pool pool{*store_, hints_, log_, kLease};
    pool.start(job([&](const storage::ClaimedTask& claimed) {
                 if (++attempts == 1) throw std::bad_alloc();
                 finish(claimed);
               }),
               1);
    EXPECT_TRUE(reached([&] {
      EXPECT_TRUE(store_->sweep());
      clock_.advance(std::chrono::seconds{1});
      return state_of(task) == TaskState::kSucceeded;
    }));
  }
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("not enough memory"));
}

// Whatever is thrown: the thread lives on.
TEST_F(PoolTest, FailsATaskWhoseJobThrowsAnything) {
  const TaskId odd = started();
  ::testing::internal::CaptureStderr();
  {
    Pool pool{*store_, hints_, log_, kLease};
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
  Pool pool{*store_, hints_, log_, kLease};
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

TEST_F(PoolTest, KeepsTheLeaseOfAJobThatTakesLonger) {
  const TaskId task = started();
  std::promise<void> entered;
  std::promise<void> go_on;
  Pool pool{*store_, hints_, log_, std::chrono::milliseconds{300}};  // of the store's clock it is a minute
  pool.start(job([&](const storage::ClaimedTask& claimed) {
               entered.set_value();
               go_on.get_future().wait();
               finish(claimed);
             }),
             1);
  entered.get_future().wait();
  for (int step = 0; step < 30; ++step) {
    clock_.advance(std::chrono::seconds{5});
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    ASSERT_TRUE(store_->sweep());
  }
  EXPECT_EQ(state_of(task), TaskState::kRunning);
  go_on.set_value();
  EXPECT_TRUE(reached([&] { return state_of(task) == TaskState::kSucceeded; }));
}

TEST_F(PoolTest, StopsAtOnceWhileItWaits) {
  Pool pool{*store_, hints_, log_, kLease};
  pool.start(job([](const storage::ClaimedTask&) {}), 4);
  const auto begin = std::chrono::steady_clock::now();
  pool.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
  Pool never_started{*store_, hints_, log_, kLease};
  never_started.stop();
}

TEST_F(PoolTest, RunsInferencesAsTheTableSays) {
  start_serving();
  const std::vector<Job> table = job_table(parts());
  ASSERT_EQ(table.size(), kTaskKinds.size());
  EXPECT_EQ(table[0].kind, TaskKind::kInference);
  EXPECT_EQ(table[1].kind, TaskKind::kTraining);
  Pool pool{*store_, hints_, log_, kLease};
  pool.start(table[0], 1);
  const TaskId task = started();
  EXPECT_TRUE(reached([&] { return recent_.find(task) != nullptr; }));
  EXPECT_EQ(state_of(task), TaskState::kSucceeded);
}

TEST_F(PoolTest, TakesWhatTheMaintainerMadeReadyAgain) {
  const TaskId task = started();
  {
    const auto claimed = store_->claim(TaskKind::kInference, {}, 1);
    ASSERT_TRUE(claimed);
    ASSERT_EQ(claimed->size(), 1U);
    store_->release(claimed->front().lease, std::chrono::milliseconds{500});
  }
  clock_.advance(std::chrono::seconds{1});
  start_serving();
  Pool pool{*store_, hints_, log_, kLease};
  pool.start(job([&](const storage::ClaimedTask& claimed) { finish(claimed); }), 1);
  maintain(std::chrono::hours{1});
  EXPECT_TRUE(reached([&] { return state_of(task) == TaskState::kSucceeded; }));
  maintained_->maintainer.stop();
  maintained_->maintainer.stop();
}

// ---- Long jobs ----

TEST_F(PoolTest, TellsALongJobThatTheProcessEnds) {
  const TaskId task = started();
  std::promise<void> entered;
  Pool pool{*store_, hints_, log_, kLease};
  pool.start({TaskKind::kInference, 1, 1,
              [&](const storage::ClaimedTask& claimed, const std::stop_token& stop) {
                std::promise<void> stopped;
                const std::stop_callback told(stop, [&] { stopped.set_value(); });
                entered.set_value();
                stopped.get_future().wait();
                store_->release(claimed.lease, std::chrono::milliseconds{0});
              }},
             1);
  entered.get_future().wait();
  pool.stop();
  EXPECT_EQ(state_of(task), TaskState::kReady);
  EXPECT_EQ(store_->task(task)->attempt, 0);
}

TEST_F(PoolTest, StartsNoMoreThreadsThanAJobTakes) {
  Mutex mutex;
  std::set<std::thread::id> threads;
  Job alone = job([&](const storage::ClaimedTask& claimed) {
    {
      const Lock lock{mutex};
      threads.insert(std::this_thread::get_id());
    }
    finish(claimed);
  });
  alone.most_threads = 1;
  alone.at_once = 1;
  Pool pool{*store_, hints_, log_, kLease};
  pool.start(alone, 4);
  std::vector<TaskId> tasks;
  for (int i = 0; i < 50; ++i) tasks.push_back(started());
  for (const TaskId& task : tasks) {
    EXPECT_TRUE(reached([&] { return state_of(task) == TaskState::kSucceeded; }));
  }
  pool.stop();
  EXPECT_EQ(threads.size(), 1U);
}

TEST_F(PoolTest, RunsTrainingsAsTheTableSays) {
  training_options_.minimum = 20;
  training_options_.family = "popularity";
  write_films(8);
  import_frugal(40);
  start_serving();
  Pool pool{*store_, hints_, log_, kLease};
  pool.start(job_table(parts())[1], 3);
  const auto scheduled = written<storage::TaskRecord>([&](auto done) {
    training_->start(*training_->check(nullptr), std::nullopt, std::nullopt, std::move(done));
  });
  ASSERT_TRUE(scheduled);
  EXPECT_TRUE(reached([&] { return state_of(scheduled->id) == TaskState::kSucceeded; }));
  pool.stop();
  const auto models = store_->models();
  ASSERT_TRUE(models);
  ASSERT_EQ(models->size(), 1U);
  EXPECT_EQ(models->front().family, "popularity");
  EXPECT_EQ(store_->task(scheduled->id)->model, models->front().id);
}

// ---- Retries ----

class BackoffTest : public PoolTest {
 protected:
  static constexpr int kAttempts = 4;
  BackoffTest() { options_.max_attempts = kAttempts; }

  void SetUp() override {
    PoolTest::SetUp();
    ::testing::internal::CaptureStderr();  // every throw is logged
    pool_ = std::make_unique<Pool>(*store_, hints_, log_, kLease);
    pool_->start(job([](const storage::ClaimedTask&) { throw std::runtime_error{"no luck"}; }), 1);
  }
  void TearDown() override {
    pool_->stop();
    ::testing::internal::GetCapturedStderr();
    PoolTest::TearDown();
  }
  // How long a task waits after its attempts so far, once it does.
  std::chrono::milliseconds wait_after(const TaskId& task, int attempts) {
    EXPECT_TRUE(reached([&] {
      const auto record = store_->task(task);
      return record->state == TaskState::kScheduled && record->attempt == attempts;
    }));
    const auto record = store_->task(task);
    if (!record->run_at) return std::chrono::milliseconds{-1};
    return std::chrono::duration_cast<std::chrono::milliseconds>(*record->run_at - clock_.wall());
  }

  std::unique_ptr<Pool> pool_;
};

TEST_F(BackoffTest, WaitsAtMostTwiceAsLongAfterEachAttempt) {
  const TaskId task = started();
  std::chrono::milliseconds most{200};
  for (int attempt = 1; attempt < kAttempts; ++attempt, most *= 2) {
    const auto wait = wait_after(task, attempt);
    EXPECT_GE(wait.count(), 1);
    EXPECT_LE(wait, most);
    clock_.advance(wait);
    ASSERT_TRUE(store_->sweep());
  }
  EXPECT_TRUE(reached([&] { return state_of(task) == TaskState::kFailed; }));
  EXPECT_EQ(store_->task(task)->attempt, kAttempts);
  EXPECT_EQ(store_->task(task)->error, "internal error");
}

TEST_F(BackoffTest, SpreadsTasksThatFailedTogether) {
  std::vector<TaskId> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(started());
  std::set<std::chrono::milliseconds> waits;
  for (const TaskId& task : tasks) waits.insert(wait_after(task, 1));
  EXPECT_GT(waits.size(), 10U);
  EXPECT_GT(*waits.rbegin() - *waits.begin(), std::chrono::milliseconds{50});
}

// The only reader of the store is lent out: what measures drift waits for it, and the sweep must not.
TEST_F(PoolTest, SweepsLeasesWhileDriftIsMeasured) {
  options_.readers = 1;
  options_.max_attempts = 4;
  store_.reset();
  open_store();
  write_films(2);
  start_serving();
  shown(30, {1});
  std::promise<void> lent;
  std::promise<void> give_back;
  std::thread reader([&] {
    EXPECT_TRUE(store_->each_shown({}, [&](const storage::ShownRequest&) {
      lent.set_value();
      give_back.get_future().wait();
      return false;
    }));
  });
  lent.get_future().wait();
  clock_.advance(std::chrono::hours{1});  // drift is due
  maintain(std::chrono::hours{24});
  EXPECT_TRUE(reached([&] { return drift_->measuring(); }));
  const TaskId task = started();
  ASSERT_EQ(store_->claim(TaskKind::kInference, std::span{&task, 1}, 1)->size(), 1U);
  clock_.advance(std::chrono::hours{1});  // its lease lapses
  EXPECT_TRUE(reached([&] { return store_->live_state(task)->first != TaskState::kRunning; }));
  EXPECT_TRUE(drift_->measuring());
  give_back.set_value();
  reader.join();
  drift_->stop();
  maintained_->maintainer.stop();
}

}  // namespace
}  // namespace rankloop::worker
