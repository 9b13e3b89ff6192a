// What every queue of hints must do, as one suite over addresses: a new queue is one more line.
#include <atomic>
#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/queue.h"
#include "support/rabbitmq_server.h"
#include "support/rehearsal.h"

namespace rankloop::queue {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TaskId id_of(std::uint64_t number) {
  return TaskId::make(1'772'366'400'000, 0, number);
}

// Each test has queues of its own on the one broker of this program.
QueueOptions own_queues() {
  static std::atomic<int> tests{0};
  const std::string name = "contract" + std::to_string(++tests);
  QueueOptions options;
  options.queues = {name, name + ".training"};
  return options;
}

struct QueueAddress {
  std::string name;
  std::string (*url)();
};

class HintQueueContract : public ::testing::TestWithParam<QueueAddress> {
 protected:
  void SetUp() override {
    auto opened = open_queue(GetParam().url(), own_queues());
    ASSERT_TRUE(opened);
    queue_ = *std::move(opened);
  }
  // As a worker does: what was taken is acknowledged.
  std::vector<TaskId> take(int limit, std::chrono::milliseconds at_most = 10s,
                           TaskKind kind = TaskKind::kInference) {
    std::vector<TaskId> taken = queue_->wait_ready(kind, limit, at_most, {});
    queue_->acknowledge(kind, taken);
    return taken;
  }
  std::unique_ptr<HintQueue> queue_;
};
INSTANTIATE_TEST_SUITE_P(
    Queues, HintQueueContract,
    ::testing::Values(QueueAddress{"Memory", [] { return std::string{"memory:"}; }},
                      QueueAddress{"RabbitMq",
                                   [] { return rankloop::testing::RabbitMqServer::shared().url(); }}),
    [](const auto& made) { return made.param.name; });

TEST_P(HintQueueContract, GivesEachHintToOneWaiter) {
  queue_->announce_ready(TaskKind::kInference, id_of(1));
  queue_->announce_ready(TaskKind::kInference, id_of(2));
  queue_->announce_ready(TaskKind::kInference, id_of(3));
  std::vector<TaskId> taken;
  while (taken.size() < 3) {
    const std::vector<TaskId> part = take(2);
    ASSERT_THAT(part, SizeIs(::testing::AllOf(::testing::Ge(1U), ::testing::Le(2U))));
    taken.insert(taken.end(), part.begin(), part.end());
  }
  EXPECT_THAT(taken, ElementsAre(id_of(1), id_of(2), id_of(3)));
  EXPECT_THAT(take(2, 1ms), IsEmpty());
}

TEST_P(HintQueueContract, KeepsKindsApart) {
  queue_->announce_ready(TaskKind::kTraining, id_of(1));
  EXPECT_THAT(take(1, 1ms), IsEmpty());
  EXPECT_THAT(take(1, 10s, TaskKind::kTraining), ElementsAre(id_of(1)));
}

TEST_P(HintQueueContract, CarriesKindsThatOtherProgramsDoNotSend) {
  queue_->announce_ready(kRehearsal.kind, id_of(1));
  queue_->hear_ready(kRehearsal.kind, id_of(2));
  EXPECT_THAT(take(1, 1ms), IsEmpty());
  EXPECT_THAT(take(1, 10s, kRehearsal.kind), ElementsAre(id_of(1)));
  auto waiter = std::async(std::launch::async, [&] { return take(1, 60s, kRehearsal.kind); });
  EXPECT_THAT(waiter.get(), ElementsAre(id_of(2)));
  EXPECT_THAT(take(1, 1ms, kRehearsal.kind), IsEmpty());
}

TEST_P(HintQueueContract, WakesAWaiterWhenAHintArrives) {
  auto waiter = std::async(std::launch::async, [&] { return take(1, 60s); });
  queue_->announce_ready(TaskKind::kInference, id_of(1));
  EXPECT_THAT(waiter.get(), ElementsAre(id_of(1)));
}

TEST_P(HintQueueContract, WakesAWaiterByWhatIsHeardAnotherWay) {
  auto waiter = std::async(std::launch::async, [&] {
    std::vector<TaskId> taken;
    while (taken.empty()) taken = take(1, 100ms);
    return taken;
  });
  // A process that has no worker waiting may let pass what it hears.
  while (waiter.wait_for(1ms) != std::future_status::ready) {
    queue_->hear_ready(TaskKind::kInference, id_of(7));
  }
  EXPECT_THAT(waiter.get(), ElementsAre(id_of(7)));
}

TEST_P(HintQueueContract, TellsWhatIsHeardInThisProcess) {
  std::vector<std::int64_t> versions;
  const auto subscription = queue_->subscribe([&](const Change& change) {
    if (const auto* catalog = std::get_if<CatalogChanged>(&change)) versions.push_back(catalog->version);
  });
  queue_->hear(CatalogChanged{4});
  EXPECT_THAT(versions, ElementsAre(4));
}

TEST_P(HintQueueContract, EndsAWaitWhenStopped) {
  std::stop_source stop;
  auto waiter = std::async(
      std::launch::async, [&] { return queue_->wait_ready(TaskKind::kInference, 1, 60s, stop.get_token()); });
  stop.request_stop();
  EXPECT_THAT(waiter.get(), IsEmpty());
}

TEST_P(HintQueueContract, TellsEverySubscriber) {
  std::promise<std::int64_t> catalog;
  std::promise<TaskState> task;
  const auto one = queue_->subscribe([&](const Change& change) {
    if (const auto* changed = std::get_if<CatalogChanged>(&change)) catalog.set_value(changed->version);
  });
  const auto two = queue_->subscribe([&](const Change& change) {
    if (const auto* changed = std::get_if<TaskChanged>(&change)) task.set_value(changed->state);
  });
  queue_->broadcast(CatalogChanged{7});
  queue_->broadcast(TaskChanged{id_of(1), TaskState::kSucceeded});
  EXPECT_EQ(catalog.get_future().get(), 7);
  EXPECT_EQ(task.get_future().get(), TaskState::kSucceeded);
}

TEST_P(HintQueueContract, DoesNotCallAReceiverAfterItsSubscriptionEnded) {
  std::atomic<bool> ended{false};
  std::atomic<bool> stop{false};
  std::thread sender([&] {
    while (!stop) queue_->broadcast(RegistryChanged{1});
  });
  for (int i = 0; i < 100; ++i) {
    std::promise<void> called;
    std::atomic<bool> first{true};
    ended = false;
    auto subscription = queue_->subscribe([&](const Change&) {
      EXPECT_FALSE(ended);
      if (first.exchange(false)) called.set_value();
    });
    called.get_future().wait();
    subscription.reset();
    ended = true;
  }
  stop = true;
  sender.join();
}

TEST_P(HintQueueContract, DropsHintsWhenFullInsteadOfBlocking) {
  constexpr std::uint64_t kMany = 200'000;
  for (std::uint64_t i = 0; i < kMany; ++i) queue_->announce_ready(TaskKind::kInference, id_of(i));
  std::size_t taken = 0;
  // Every hint is taken or counted as dropped; a wait that ends empty-handed would leave some in between.
  while (taken + queue_->counts().dropped < kMany) {
    const std::size_t part = take(1'000).size();
    ASSERT_GT(part, 0U);
    taken += part;
  }
  EXPECT_GT(taken, 0U);
  EXPECT_LT(taken, kMany);
}

TEST_P(HintQueueContract, LosesNothingBetweenManyThreads) {
  constexpr std::uint64_t kPerThread = 2'000;
  std::atomic<std::uint64_t> taken{0};
  std::vector<std::jthread> threads;
  for (std::uint64_t t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < kPerThread; ++i) {
        queue_->announce_ready(TaskKind::kInference, id_of(t * kPerThread + i));
      }
    });
    threads.emplace_back([&] {
      while (taken < 3 * kPerThread) taken += take(16, 20ms).size();
    });
  }
  threads.clear();
  EXPECT_EQ(taken, 3 * kPerThread);
}

TEST_P(HintQueueContract, AnswersAPing) {
  EXPECT_TRUE(queue_->ping());
  EXPECT_FALSE(queue_->kind().empty());
}

TEST_P(HintQueueContract, CountsWhatItWasTold) {
  queue_->announce_ready(TaskKind::kInference, id_of(1));
  EXPECT_THAT(take(1), ElementsAre(id_of(1)));
  while (queue_->counts().announced < 1) std::this_thread::yield();
  EXPECT_EQ(queue_->counts().dropped, 0U);
}

TEST_P(HintQueueContract, TakesAcknowledgementsOfWhatItNeverGave) {
  queue_->acknowledge(TaskKind::kInference, std::vector{id_of(8), id_of(9)});
  queue_->announce_ready(TaskKind::kInference, id_of(1));
  EXPECT_THAT(take(1), ElementsAre(id_of(1)));
}

TEST(OpenQueue, RefusesAnUnknownAddress) {
  const auto refused = open_queue("pigeon://loft");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace rankloop::queue
