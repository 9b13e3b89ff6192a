// Idempotency-Key against the real store.
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "domain/clock.h"
#include "storage/store.h"
#include "unit/http/toy_server.h"

namespace rankloop {
namespace {

using testing::Answer;
using testing::ToyServer;

class Silent final : public storage::StoreListener {
 public:
  void task_ready(TaskKind, const TaskId&) noexcept override {}
  void task_changed(const TaskId&, TaskState) noexcept override {}
  void catalog_changed(std::int64_t) noexcept override {}
  void registry_changed(std::int64_t) noexcept override {}
};

class Idempotency : public ::testing::Test {
 protected:
  Idempotency()
      : folder_(std::filesystem::temp_directory_path() / ("rankloop-" + std::to_string(random_bits()))) {
    std::filesystem::create_directory(folder_);
    auto store = storage::open_store("sqlite:" + (folder_ / "store.db").string(), {}, clock_, listener_);
    store_ = std::move(store).value();
    server_ = std::make_unique<ToyServer>(http::ServerOptions(), [this](http::Server& server) {
      return std::make_unique<http::Idempotency>(
          *store_, clock_, server.inbox(), server.pool(),
          [](const TaskId& task) -> boost::asio::awaitable<http::Response> {
            co_return http::json_response("\"" + task.to_string() + " afresh\"");
          });
    });
  }
  ~Idempotency() override {
    server_->stop();
    store_->close();
    server_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  static std::string request(const std::string& line, const std::string& key, const std::string& body = "1") {
    return line +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: " + key +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  const std::filesystem::path folder_;
  const SystemClock clock_;
  Silent listener_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<ToyServer> server_;
};

TEST_F(Idempotency, CarriesOutOnceAndReplays) {
  const Answer first = server_->ask(request("POST /body?q=1", "k1", "[7]"));
  EXPECT_EQ(first.status, 200);
  EXPECT_TRUE(first.header("Idempotency-Replayed").empty());
  const Answer second = server_->ask(request("POST /body/?q=1", "k1", "[7]"));
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body, "[7]");
  EXPECT_EQ(second.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(server_->calls, 1);
  EXPECT_EQ(server_->ask(request("POST /body?q=1", "k2", "[7]")).status, 200);
  EXPECT_EQ(server_->calls, 2);
}

TEST_F(Idempotency, RefusesTheKeyForAnotherRequest) {
  server_->ask(request("POST /body", "k", "[7]"));
  EXPECT_EQ(server_->ask(request("POST /body", "k", "[8]")).status, 409);
  EXPECT_EQ(server_->ask(request("POST /body?q=1", "k", "[7]")).status, 409);
  EXPECT_EQ(server_->ask(request("PUT /failing", "k", "[7]")).status, 409);
  EXPECT_EQ(server_->calls, 1);
}

TEST_F(Idempotency, KeepsRefusalsToo) {
  EXPECT_EQ(server_->ask(request("PUT /failing", "k")).status, 404);
  const Answer again = server_->ask(request("PUT /failing", "k"));
  EXPECT_EQ(again.status, 404);
  EXPECT_EQ(again.body, R"({"detail": "not there"})");
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(server_->calls, 1);
}

TEST_F(Idempotency, LetsTheSecondWaitForTheFirst) {
  const auto first = server_->connect();
  first->send(request("POST /slow", "k"));
  ASSERT_TRUE(server_->waiting.wait());
  const auto second = server_->connect();
  second->send(request("POST /slow", "k"));
  EXPECT_EQ(server_->ask(request("POST /body", "other")).status, 200);
  server_->release();
  EXPECT_EQ(first->read().body, R"("released")");
  const Answer replayed = second->read();
  EXPECT_EQ(replayed.body, R"("released")");
  EXPECT_EQ(replayed.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(server_->calls, 2);
}

TEST_F(Idempotency, MakesTheAnswerOfATaskAfresh) {
  const Answer first = server_->ask(request("POST /body", "k"));
  ASSERT_EQ(first.status, 200);
  http::Request asked;
  asked.method = http::Method::kPost;
  asked.path = "/large-body";
  asked.body = "1";
  storage::KeptAnswer kept;
  kept.fingerprint = http::request_fingerprint(asked);
  kept.status = 200;
  kept.task = TaskId::make(1, 2, 3);
  testing::Signal done;
  store_->keep_answer("task", kept, clock_.wall(), [&](Result<void>) { done.raise(); });
  ASSERT_TRUE(done.wait());
  const Answer fresh = server_->ask(request("POST /large-body", "task"));
  EXPECT_EQ(fresh.body, "\"" + kept.task->to_string() + " afresh\"");
  EXPECT_EQ(fresh.header("Idempotency-Replayed"), "true");
}

TEST_F(Idempotency, StopsWithAFirstAndASecondUnderWay) {
  const auto first = server_->connect();
  first->send(request("POST /slow", "k"));
  ASSERT_TRUE(server_->waiting.wait());
  const auto second = server_->connect();
  second->send(request("POST /slow", "k"));
  server_->stop();
  EXPECT_TRUE(server_->ended.wait());
}

}  // namespace
}  // namespace rankloop
