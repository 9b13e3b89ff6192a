// What only a broker can do to a queue: go away, refuse, lose a queue, give a message twice.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/queue.h"
#include "queue/rabbitmq/address.h"
#include "queue/rabbitmq/connection.h"
#include "support/rabbitmq_server.h"

namespace rankloop::queue {
namespace {

using rankloop::testing::RabbitMqServer;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr rabbitmq::Channel kChannel = 1;
constexpr const char* kForeignId = "3f1c1a0e-0b1c-4d6e-9d55-3c8f1a2b3c4d";

TaskId id_of(std::uint64_t number) {
  return TaskId::make(1'772'366'400'000, 1, number);
}

// Polls a state of the other side, within a deadline.
template <class Condition>
bool reached(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

class RabbitQueueTest : public ::testing::Test {
 protected:
  RabbitQueueTest() {
    static std::atomic<int> tests{0};
    const std::string name = "broker" + std::to_string(++tests);
    options_.queues = {name, name + ".training"};
    options_.node = "rankloop@" + name;
    options_.least_backoff = 10ms;
    options_.most_backoff = 200ms;
  }
  std::unique_ptr<HintQueue> open() {
    auto opened = open_queue(server_.url(), options_);
    EXPECT_TRUE(opened);
    return opened ? *std::move(opened) : nullptr;
  }
  std::unique_ptr<HintQueue> open_connected() {
    auto queue = open();
    EXPECT_TRUE(reached([&] { return queue->ping().ok(); }));
    return queue;
  }
  // A second connection, to look at and change what the queue works on.
  std::unique_ptr<rabbitmq::Connection> operator_connection() {
    auto connection = rabbitmq::Connection::open(*rabbitmq::parse_address(server_.url()), "test", 10s, 10s);
    EXPECT_TRUE(connection);
    if (!connection) return nullptr;
    EXPECT_TRUE((*connection)->open_channel(kChannel));
    return *std::move(connection);
  }
  // The next message of a queue.
  celery::Message receive(rabbitmq::Connection& connection, const std::string& queue) {
    celery::Message message;
    EXPECT_TRUE(connection.consume(kChannel, queue, false));
    EXPECT_TRUE(reached([&] {
      auto event = connection.next();
      const auto* delivered = event && *event ? std::get_if<rabbitmq::Delivered>(&**event) : nullptr;
      if (delivered) message = delivered->message;
      return delivered != nullptr;
    }));
    EXPECT_TRUE(connection.cancel(kChannel));
    return message;
  }
  celery::Message foreign(const std::string& id, const std::string& reply_to = {}) {
    celery::Message message;
    message.correlation_id = id;
    message.reply_to = reply_to;
    message.headers = {{"task", "inference"}, {"id", id}};
    message.body = R"([[1], {"k": "v"}, null])";
    return message;
  }
  static std::vector<TaskId> take(HintQueue& queue, int limit = 1, std::chrono::milliseconds at_most = 30s) {
    return queue.wait_ready(TaskKind::kInference, limit, at_most, {});
  }
  static void acknowledge(HintQueue& queue, const std::vector<TaskId>& ids) {
    queue.acknowledge(TaskKind::kInference, ids);
  }
  // Waits until exactly this hint comes, acknowledging it and those before it.
  static bool finds(HintQueue& queue, const TaskId& id) {
    return reached([&] {
      const std::vector<TaskId> taken = take(queue, 16, 1s);
      acknowledge(queue, taken);
      return std::ranges::find(taken, id) != taken.end();
    });
  }

  RabbitMqServer& server_ = RabbitMqServer::shared();
  QueueOptions options_;
};

TEST_F(RabbitQueueTest, WorksAgainAfterTheBrokerWasKilled) {
  const auto queue = open_connected();
  queue->announce_ready(TaskKind::kInference, id_of(1));
  EXPECT_TRUE(finds(*queue, id_of(1)));
  server_.kill();
  EXPECT_TRUE(reached([&] { return !queue->ping(); }));
  EXPECT_EQ(queue->ping().error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(take(*queue, 1, 10ms), ::testing::IsEmpty());
  queue->announce_ready(TaskKind::kInference, id_of(2));
  server_.start();
  EXPECT_TRUE(finds(*queue, id_of(2)));
  EXPECT_GE(queue->counts().connections, 2U);
}

TEST_F(RabbitQueueTest, WorksAgainAfterTheBrokerClosedTheConnection) {
  const auto queue = open_connected();
  EXPECT_THAT(take(*queue, 1, 1ms), ::testing::IsEmpty());
  server_.close_connections();
  EXPECT_TRUE(reached([&] { return queue->counts().connections == 2; }));
  queue->announce_ready(TaskKind::kInference, id_of(1));
  EXPECT_TRUE(finds(*queue, id_of(1)));
}

TEST_F(RabbitQueueTest, GivesUnacknowledgedHintsToAnother) {
  auto first = open_connected();
  first->announce_ready(TaskKind::kInference, id_of(1));
  first->announce_ready(TaskKind::kInference, id_of(2));
  std::vector<TaskId> taken = take(*first);
  ASSERT_THAT(taken, ElementsAre(id_of(1)));
  acknowledge(*first, taken);
  ASSERT_THAT(take(*first), ElementsAre(id_of(2)));  // and dies with it
  first.reset();
  const auto second = open_connected();
  EXPECT_THAT(take(*second), ElementsAre(id_of(2)));
}

TEST_F(RabbitQueueTest, GivesHintsToOthersWhileItsWorkersAreBusy) {
  const auto busy = open_connected();
  EXPECT_THAT(take(*busy, 8, 1ms), ::testing::IsEmpty());  // consumes, and never waits again
  const auto idle = open_connected();
  for (std::uint64_t i = 0; i < 8; ++i) busy->announce_ready(TaskKind::kInference, id_of(i));
  std::set<TaskId> found;
  EXPECT_TRUE(reached([&] {
    const std::vector<TaskId> taken = take(*idle, 8, 1s);
    acknowledge(*idle, taken);
    found.insert(taken.begin(), taken.end());
    return found.size() == 8;
  }));
}

TEST_F(RabbitQueueTest, DeclaresADeletedQueueAgain) {
  const auto queue = open_connected();
  const auto other = operator_connection();
  ASSERT_TRUE(other->delete_queue(kChannel, options_.queues[0]));
  queue->announce_ready(TaskKind::kInference, id_of(1));  // no queue takes it at first
  EXPECT_TRUE(finds(*queue, id_of(1)));
  ASSERT_TRUE(other->delete_queue(kChannel, options_.queues[0]));  // under a consumer
  queue->announce_ready(TaskKind::kInference, id_of(2));
  EXPECT_TRUE(finds(*queue, id_of(2)));
  ASSERT_TRUE(other->purge_queue(kChannel, options_.queues[0]));
  queue->announce_ready(TaskKind::kInference, id_of(3));
  EXPECT_TRUE(finds(*queue, id_of(3)));
  EXPECT_EQ(queue->counts().dropped, 0U);
  EXPECT_EQ(queue->counts().connections, 1U);
}

TEST_F(RabbitQueueTest, PassesOnDuplicatesAndAcknowledgesThemTogether) {
  auto queue = open_connected();
  queue->announce_ready(TaskKind::kInference, id_of(1));
  queue->announce_ready(TaskKind::kInference, id_of(1));
  std::vector<TaskId> taken;
  while (taken.size() < 2) {
    const std::vector<TaskId> part = take(*queue, 2);
    ASSERT_THAT(part, ::testing::Not(::testing::IsEmpty()));
    taken.insert(taken.end(), part.begin(), part.end());
  }
  EXPECT_THAT(taken, ElementsAre(id_of(1), id_of(1)));
  acknowledge(*queue, {id_of(1)});
  queue.reset();
  queue = open_connected();
  queue->announce_ready(TaskKind::kInference, id_of(2));
  EXPECT_THAT(take(*queue, 2), ElementsAre(id_of(2)));
}

TEST_F(RabbitQueueTest, SaysWhenTheQueueHasAnotherType) {
  open_connected().reset();
  options_.type = QueueType::kQuorum;
  const auto queue = open();
  const Status refused = queue->ping();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr(options_.queues[0] + " exists with other properties"));
  EXPECT_THAT(refused.error().message, HasSubstr("quorum"));
}

TEST_F(RabbitQueueTest, RunsOnQuorumQueues) {
  options_.type = QueueType::kQuorum;
  const auto queue = open_connected();
  queue->announce_ready(TaskKind::kInference, id_of(1));
  EXPECT_TRUE(finds(*queue, id_of(1)));
}

TEST_F(RabbitQueueTest, NamesAWrongPasswordsUserOnly) {
  const auto opened =
      open_queue("amqp://nobody:secret@127.0.0.1:" + std::to_string(server_.port()), options_);
  ASSERT_TRUE(opened);
  const Status refused = (*opened)->ping();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("nobody"));
  EXPECT_THAT(refused.error().message, ::testing::Not(HasSubstr("secret")));
}

TEST_F(RabbitQueueTest, TellsOtherProcessesOnceAndItselfAtOnce) {
  const auto one = open_connected();
  const auto two = open_connected();
  std::atomic<int> own{0};
  std::promise<TaskState> heard;
  const auto at_one = one->subscribe([&](const Change&) { ++own; });
  const auto at_two = two->subscribe([&](const Change& change) {
    if (const auto* task = std::get_if<TaskChanged>(&change); task && task->id == id_of(5))
      heard.set_value(task->state);
  });
  one->broadcast(CatalogChanged{1});
  EXPECT_EQ(own, 1);
  one->broadcast(TaskChanged{id_of(5), TaskState::kSucceeded});
  EXPECT_EQ(heard.get_future().get(), TaskState::kSucceeded);
  EXPECT_EQ(own, 2);
}

TEST_F(RabbitQueueTest, RefusesForeignTasksIntoTheDeadLettersAndTellsWhoWaits) {
  const auto queue = open_connected();
  const auto other = operator_connection();
  ASSERT_TRUE(other->declare_queue(kChannel, options_.queues[0] + ".replies", {}));
  ASSERT_TRUE(other->publish(kChannel, "", options_.queues[0],
                             foreign(kForeignId, options_.queues[0] + ".replies"), false));
  EXPECT_THAT(take(*queue, 1, 1ms), ::testing::IsEmpty());  // begins to consume
  const celery::Message reply = receive(*other, options_.queues[0] + ".replies");
  EXPECT_EQ(reply.correlation_id, kForeignId);
  EXPECT_THAT(reply.body, HasSubstr(R"("status": "FAILURE")"));
  const celery::Message dead = receive(*other, options_.queues[0] + ".dead");
  EXPECT_EQ(dead.body, foreign(kForeignId).body);
  EXPECT_TRUE(dead.headers.contains("rankloop_refused"));
  EXPECT_TRUE(reached([&] { return queue->counts().dead_letters == 1; }));
}

// Declines the first time, takes the second.
class SecondTimeListener final : public ForeignListener {
 public:
  void task_arrived(ForeignTask task, std::function<void(bool)> settle) noexcept override {
    const bool second = ++arrivals_ == 2;
    settle(second);
    if (second) taken_.set_value(std::move(task));
  }
  void revoke(std::vector<std::string> ids) noexcept override { revoked_.set_value(std::move(ids)); }

  std::atomic<int> arrivals_{0};
  std::promise<ForeignTask> taken_;
  std::promise<std::vector<std::string>> revoked_;
};

TEST_F(RabbitQueueTest, OffersAForeignTaskUntilItIsTaken) {
  SecondTimeListener listener;
  options_.foreign = &listener;
  const auto queue = open_connected();
  const auto other = operator_connection();
  ASSERT_TRUE(other->publish(kChannel, "", options_.queues[0], foreign(kForeignId), false));
  auto taken = listener.taken_.get_future();
  EXPECT_TRUE(reached([&] {
    take(*queue, 1, 10ms);
    return taken.wait_for(0s) == std::future_status::ready;
  }));
  const ForeignTask task = taken.get();
  EXPECT_EQ(task.id.to_string(), kForeignId);
  EXPECT_EQ(task.args, "[1]");
  EXPECT_EQ(task.kind, TaskKind::kInference);
}

TEST_F(RabbitQueueTest, AnswersRemoteControlAndPassesRevocationsOn) {
  SecondTimeListener listener;
  options_.foreign = &listener;
  const auto queue = open_connected();
  EXPECT_THAT(take(*queue, 1, 1ms), ::testing::IsEmpty());
  const auto other = operator_connection();
  ASSERT_TRUE(other->declare_exchange(kChannel, "reply.celery.pidbox", "direct", false));
  const auto replies = other->declare_queue(kChannel, "", {.durable = false, .exclusive = true});
  ASSERT_TRUE(replies);
  ASSERT_TRUE(other->bind(kChannel, *replies, "reply.celery.pidbox", "k"));
  // The face is there once its queue is; declaring it alike waits for nothing and harms nothing.
  ASSERT_TRUE(other->declare_exchange(kChannel, "celery.pidbox", "fanout", false));
  celery::Message request;
  request.body = R"({"method": "revoke", "arguments": {"task_id": "f9"}, "destination": [")" + options_.node +
                 R"("], "ticket": "t", "reply_to": {"exchange": "reply.celery.pidbox", "routing_key": "k"}})";
  auto revoked = listener.revoked_.get_future();
  ASSERT_TRUE(other->declare_queue(kChannel, options_.node + ".celery.pidbox",
                                   {.durable = false,
                                    .auto_delete = true,
                                    .arguments = {{"x-expires", 10'000}, {"x-message-ttl", 300'000}}}));
  ASSERT_TRUE(other->publish(kChannel, "", options_.node + ".celery.pidbox", request, false));
  const celery::Message reply = receive(*other, *replies);
  EXPECT_EQ(reply.body, R"({")" + options_.node + R"(":{"ok":"tasks f9 flagged as revoked"}})");
  EXPECT_THAT(revoked.get(), ElementsAre("f9"));
}

}  // namespace
}  // namespace rankloop::queue
