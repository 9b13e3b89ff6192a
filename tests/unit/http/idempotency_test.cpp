// Idempotency-Key against the real store.
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "app/serve/kept_answers.h"
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
  static constexpr std::size_t kMostWaiting = 3;

  Idempotency()
      : folder_(std::filesystem::temp_directory_path() / ("rankloop-" + std::to_string(random_bits()))) {
    std::filesystem::create_directory(folder_);
    auto store = storage::open_store("sqlite:" + (folder_ / "store.db").string(), {}, clock_, listener_);
    store_ = std::move(store).value();
    kept_ = std::make_unique<app::KeptAnswers>(*store_, clock_);
    http::ServerOptions options;
    options.max_waiting_per_peer = kMostWaiting;
    server_ = std::make_unique<ToyServer>(options, [this](http::Server& server) {
      return std::make_unique<http::Idempotency>(
          *kept_, clock_, server.pool(), [](const TaskId& task) -> boost::asio::awaitable<http::Response> {
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
  std::unique_ptr<app::KeptAnswers> kept_;
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
  EXPECT_EQ(server_->calls, 1);
}

TEST_F(Idempotency, KnowsABodyThatIsInAFile) {
  const std::string body(700'000, '7');
  std::string other = body;
  other.back() = '8';
  const std::string first = server_->ask(request("POST /stored-body", "k", body)).body;
  EXPECT_EQ(first, "file " + body);
  const Answer again = server_->ask(request("POST /stored-body", "k", body));
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(again.body, first);
  EXPECT_EQ(server_->ask(request("POST /stored-body", "k", other)).status, 409);
  EXPECT_EQ(server_->calls, 1);
}

TEST_F(Idempotency, KnowsAKeyByItsRouteAndByWhoSentIt) {
  server_->ask(request("POST /body", "k", "[7]"));
  EXPECT_EQ(server_->ask(request("PUT /failing", "k", "[7]")).status, 404);
  EXPECT_EQ(server_->ask(request("POST /large-body", "k", "[7]")).status, 200);
  EXPECT_EQ(server_->calls, 3);
  testing::RawClient other((*server_)->port(), 2);
  other.send(request("POST /body", "k", "[8]"));
  const Answer answer = other.read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "[8]");
  EXPECT_EQ(server_->ask(request("POST /body", "k", "[7]")).header("Idempotency-Replayed"), "true");
}

TEST_F(Idempotency, TellsRolesApart) {
  http::Request asked;
  asked.method = http::Method::kPost;
  asked.route = "/body";
  asked.peer = "127.0.0.1";
  asked.idempotency = http::IdempotencyKey{"k", {}};
  asked.role = http::Role::kGuest;
  const std::string of_guest = http::kept_name(asked, true);
  EXPECT_EQ(of_guest.size(), 64U);
  EXPECT_EQ(http::kept_name(asked, true), of_guest);
  asked.peer = "127.0.0.2";
  EXPECT_EQ(http::kept_name(asked, true), of_guest);
  asked.role = http::Role::kOperator;
  EXPECT_NE(http::kept_name(asked, true), of_guest);
}

TEST_F(Idempotency, KeepsOnlySoManyRefusalsOfOnePeer) {
  constexpr int kMany = 150;
  for (int i = 0; i < kMany; ++i) {
    EXPECT_EQ(server_->ask(request("PUT /failing", "refused-" + std::to_string(i))).status, 404);
  }
  int replayed = 0;
  for (int i = 0; i < kMany; ++i) {
    const Answer again = server_->ask(request("PUT /failing", "refused-" + std::to_string(i)));
    EXPECT_EQ(again.status, 404);
    replayed += again.header("Idempotency-Replayed") == "true" ? 1 : 0;
  }
  EXPECT_GE(replayed, 100);
  EXPECT_LT(replayed, kMany);
  EXPECT_EQ(server_->ask(request("POST /body", "taken")).status, 200);
  EXPECT_EQ(server_->ask(request("POST /body", "taken")).header("Idempotency-Replayed"), "true");
}

TEST_F(Idempotency, CountsThoseBehindAKeyAmongTheWaiting) {
  const auto first = server_->connect();
  first->send(request("POST /slow", "k"));
  ASSERT_TRUE(server_->waiting.wait());
  std::vector<std::unique_ptr<testing::RawClient>> behind;
  for (std::size_t i = 0; i < kMostWaiting; ++i) {
    behind.push_back(server_->connect());
    behind.back()->send(request("POST /slow", "k"));
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (server_->metrics.http.waiting->Value() < kMostWaiting &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  const Answer refused = server_->ask(request("POST /slow", "k"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  server_->release();
  EXPECT_EQ(first->read().status, 200);
  for (const auto& client : behind) EXPECT_EQ(client->read().header("Idempotency-Replayed"), "true");
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
  asked.route = "/large-body";
  asked.path = "/large-body";
  asked.body = "1";
  asked.peer = "127.0.0.1";
  asked.idempotency = http::IdempotencyKey{"task", {}};
  storage::KeptAnswer kept;
  kept.fingerprint = http::request_fingerprint(asked);
  kept.status = 200;
  kept.task = TaskId::make(1, 2, 3);
  testing::Signal done;
  store_->keep_answer(http::kept_name(asked, false), kept, clock_.wall(),
                      [&](Result<void>) { done.raise(); });
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
