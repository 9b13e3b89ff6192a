// Addresses of queues.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/celery_results/result_sender.h"
#include "queue/queue.h"
#include "queue/rabbitmq/address.h"
#include "queue/rabbitmq/change_batch.h"

namespace rankloop::queue {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(BrokerAddress, ReadsEveryPart) {
  const auto address = rabbitmq::parse_address("amqp://me:p%40ss@broker:5673/my%2Fvhost");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "broker");
  EXPECT_EQ(address->port, 5673);
  EXPECT_EQ(address->user, "me");
  EXPECT_EQ(address->password, "p@ss");
  EXPECT_EQ(address->vhost, "my/vhost");
}

TEST(BrokerAddress, HasTheBrokersDefaults) {
  for (const char* url : {"amqp://broker", "amqp://broker/", "amqp://broker/%2F"}) {
    const auto address = rabbitmq::parse_address(url);
    ASSERT_TRUE(address) << url;
    EXPECT_EQ(address->port, 5672);
    EXPECT_EQ(address->user, "guest");
    EXPECT_EQ(address->vhost, "/") << url;
  }
}

TEST(BrokerAddress, RefusesWithoutThePassword) {
  for (const char* url : {"amqps://me:secret@broker", "http://me:secret@broker", "amqp://me:secret@",
                          "amqp://me:secret@broker:0", "amqp://me:secret@broker:x", "broker"}) {
    const auto address = rabbitmq::parse_address(url);
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(address.error().message, Not(HasSubstr("secret")));
  }
}

TEST(ResultsAddress, ReadsEveryPart) {
  const auto address = celery_results::parse_redis_address("redis://me:p%40ss@cache:6380/3");
  ASSERT_TRUE(address);
  EXPECT_EQ(address->host, "cache");
  EXPECT_EQ(address->port, 6380);
  EXPECT_EQ(address->user, "me");
  EXPECT_EQ(address->password, "p@ss");
  EXPECT_EQ(address->database, 3);
  EXPECT_FALSE(celery_results::parse_redis_address("redis://cache/three"));
  EXPECT_FALSE(celery_results::parse_redis_address("http://cache"));
}

TEST(QueueOptions, AreChecked) {
  const auto refusal = [](const QueueOptions& options) {
    const auto opened = open_queue("amqp://127.0.0.1:1", options);
    return opened ? std::string{"opened"} : opened.error().message;
  };
  EXPECT_THAT(refusal({.queues = {"same", "same"}}), HasSubstr("same"));
  EXPECT_THAT(refusal({.queues = {"", "b"}}), HasSubstr("1 to 200 bytes"));
  EXPECT_THAT(refusal({.heartbeat = std::chrono::seconds{0}}), HasSubstr("1 to 600 s"));
  EXPECT_THAT(refusal({.least_backoff = std::chrono::milliseconds{20'000}}), HasSubstr("20000"));
  EXPECT_THAT(refusal({.results_url = "mongo://x"}), HasSubstr("redis://"));
}

TEST(ChangeBatch, CarriesChangesToOtherProcessesOnly) {
  const TaskId id = TaskId::make(1'772'366'400'000, 1, 2);
  const auto message = rabbitmq::encode_changes(
      "one", {TaskChanged{id, TaskState::kFailed}, CatalogChanged{3}, CatalogChanged{4}, RegistryChanged{9}});
  EXPECT_TRUE(rabbitmq::decode_changes(message, "one").empty());
  const std::vector<Change> changes = rabbitmq::decode_changes(message, "two");
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(std::get<CatalogChanged>(changes[0]).version, 4);
  EXPECT_EQ(std::get<RegistryChanged>(changes[1]).version, 9);
  EXPECT_EQ(std::get<TaskChanged>(changes[2]).id, id);
  EXPECT_EQ(std::get<TaskChanged>(changes[2]).state, TaskState::kFailed);
}

TEST(ChangeBatch, IgnoresWhatIsNone) {
  for (const char* body :
       {"", "[]", "{}", R"({"from": "x", "tasks": [["a", "b"], 3, ["x"]], "catalog": "4"})"}) {
    celery::Message message;
    message.body = body;
    EXPECT_TRUE(rabbitmq::decode_changes(message, "one").empty()) << body;
  }
}

}  // namespace
}  // namespace rankloop::queue
