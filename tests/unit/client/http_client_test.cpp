// Against a real HTTP server on a loopback port.
#include "client/http_client.h"

#include <algorithm>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/loopback_server.h"
#include "sync/mutex.h"

namespace rankloop::client {
namespace {

using rankloop::testing::LoopbackAnswer;
using rankloop::testing::LoopbackRequest;
using rankloop::testing::LoopbackServer;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr seconds kPatient{60};

// Answers with what was given in turn, the last one again and again; remembers what it was asked.
class HttpClientTest : public ::testing::Test {
 protected:
  void answer_with(std::vector<LoopbackAnswer> answers) { answers_ = std::move(answers); }
  HttpClient client(const std::string& prefix = {}, std::string token = {}) {
    return std::move(HttpClient::of(server_.url() + prefix, std::move(token))).value();
  }

  // What it was asked so far.
  std::vector<LoopbackRequest> requests() {
    const Lock lock{mutex_};
    return requests_;
  }

  std::vector<LoopbackAnswer> answers_ = {{.body = "{}"}};
  Mutex mutex_;
  std::vector<LoopbackRequest> requests_ GUARDED_BY(mutex_);
  LoopbackServer server_{[this](const LoopbackRequest& request) {
    const Lock lock{mutex_};
    requests_.push_back(request);
    return answers_[std::min(requests_.size(), answers_.size()) - 1];
  }};
};

TEST_F(HttpClientTest, SendsARequestAndReadsItsAnswer) {
  answer_with({{.status = 422, .body = R"({"detail":"no"})"}});
  const auto answer = client("/rank/", "secret").ask({.path = "/models?limit=1&q=a%2Fb"}, kPatient);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 422);
  EXPECT_EQ(answer->body, R"({"detail":"no"})");
  EXPECT_EQ(requests().at(0).method, "GET");
  EXPECT_EQ(requests().at(0).target, "/rank/models?limit=1&q=a%2Fb");
  EXPECT_THAT(requests().at(0).head, HasSubstr("\r\nAuthorization: Bearer secret\r\n"));
  EXPECT_THAT(requests().at(0).head, HasSubstr("\r\nAccept: application/json\r\n"));
  EXPECT_THAT(requests().at(0).head, Not(HasSubstr("Content-Type")));
}

TEST_F(HttpClientTest, SendsABodyAtOnceAndWhole) {
  const std::string body(3'000'000, 'x');
  const auto answer = client().ask(
      {.method = "POST", .path = "/history:import", .content_type = "application/x-ndjson", .body = body},
      kPatient);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(requests().at(0).method, "POST");
  EXPECT_EQ(requests().at(0).body, body);
  EXPECT_THAT(requests().at(0).head, HasSubstr("\r\nContent-Type: application/x-ndjson\r\n"));
  EXPECT_THAT(requests().at(0).head, Not(HasSubstr("Expect")));
  EXPECT_THAT(requests().at(0).head, Not(HasSubstr("Authorization")));
}

TEST_F(HttpClientTest, SendsABodyAsItIsRead) {
  constexpr std::size_t kSize = 5'000'000;
  std::size_t sent = 0;
  std::size_t most = 0;
  const Upload upload{kSize, [&](std::span<char> room) {
                        most = std::max(most, room.size());
                        const std::size_t piece = std::min<std::size_t>(room.size(), 10'007);
                        for (std::size_t i = 0; i < piece; ++i)
                          room[i] = static_cast<char>('a' + (sent + i) % 26);
                        sent += piece;
                        return Result<std::size_t>(piece);
                      }};
  const auto answer = client().ask(
      {.method = "POST", .path = "/items:import", .content_type = "text/csv", .upload = &upload}, kPatient);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(sent, kSize);
  EXPECT_LE(most, 1U << 20) << "a piece of it is in memory";
  ASSERT_EQ(requests().at(0).body.size(), kSize);
  EXPECT_EQ(
      requests().at(0).body.substr(kSize - 2),
      std::string({static_cast<char>('a' + (kSize - 2) % 26), static_cast<char>('a' + (kSize - 1) % 26)}));
}

TEST_F(HttpClientTest, TellsWhyABodyCannotBeReadToItsEnd) {
  const auto ask = [&](Result<std::size_t> second) {
    bool first = true;
    const Upload upload{100, [&](std::span<char> room) {
                          if (!std::exchange(first, false)) return second;
                          std::fill_n(room.begin(), 10, 'x');
                          return Result<std::size_t>(10);
                        }};
    return client().ask({.method = "POST", .path = "/x", .content_type = "text/csv", .upload = &upload},
                        kPatient);
  };
  EXPECT_EQ(ask(std::size_t{0}).error().message, "what is sent ends after 10 of 100 bytes");
  EXPECT_EQ(ask(Error{ErrorCode::kUnavailable, "the disk is gone"}).error().message, "the disk is gone");
}

TEST_F(HttpClientTest, KeepsItsConnection) {
  HttpClient one = client();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(one.ask({.path = "/version"}, kPatient));
    ASSERT_TRUE(one.ask({.method = "POST", .path = "/x", .content_type = "text/csv", .body = "a"}, kPatient));
  }
  EXPECT_EQ(requests().size(), 6U);
  EXPECT_EQ(server_.connections(), 1U);
}

TEST_F(HttpClientTest, SendsNothingTwiceThatMayChangeSomething) {
  answer_with({{.body = "{}"}, {.status = 0, .close = true}});
  HttpClient one = client();
  ASSERT_TRUE(one.ask({.path = "/version"}, kPatient));
  const auto posted =
      one.ask({.method = "POST", .path = "/x", .content_type = "text/csv", .body = "a"}, kPatient);
  ASSERT_FALSE(posted);
  EXPECT_EQ(posted.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(posted.error().message, "cannot reach " + server_.url() + ": the connection was closed");
  EXPECT_EQ(requests().size(), 2U);
  ASSERT_FALSE(one.ask({.method = "DELETE", .path = "/models/1"}, kPatient));
  EXPECT_EQ(requests().size(), 3U);
}

TEST_F(HttpClientTest, SaysThatNobodyIsThere) {
  HttpClient nobody = std::move(HttpClient::of("http://127.0.0.1:1/rank")).value();
  const auto answer = nobody.ask({.path = "/version"}, kPatient);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(answer.error().message, "cannot reach http://127.0.0.1:1/rank: Connection refused");
}

TEST_F(HttpClientTest, SaysThatANameIsUnknown) {
  HttpClient nowhere = std::move(HttpClient::of("http://no-such-host.invalid")).value();
  const auto answer = nowhere.ask({.path = "/version"}, kPatient);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("cannot reach http://no-such-host.invalid: "));
}

TEST_F(HttpClientTest, WaitsNoLongerThanItsDeadline) {
  answer_with({{.status = 0}});  // none ever comes
  const auto answer = client().ask({.path = "/version"}, milliseconds{50});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(answer.error().message, "no answer from " + server_.url());
}

TEST_F(HttpClientTest, TakesNoAnswerThatIsTooLong) {
  answer_with({{.body = "0123456789"}, {.body = "0123456789a"}});
  HttpClient one = client();
  EXPECT_TRUE(one.ask({.path = "/version", .most_bytes = 10}, kPatient));
  const auto answer = one.ask({.path = "/version", .most_bytes = 10}, kPatient);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInternal);
  EXPECT_EQ(answer.error().message, server_.url() + ": the answer is longer than 10 bytes");
}

TEST_F(HttpClientTest, AsksNoProxy) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  EXPECT_TRUE(client().ask({.path = "/version"}, kPatient));
  ::unsetenv("http_proxy");
}

TEST(ServerUrl, IsOneOfHttpAlone) {
  for (const char* url :
       {"https://127.0.0.1:1", "127.0.0.1:4789", "http://", "http://a@127.0.0.1/", "http://h/?q=1", ""}) {
    const auto server = parse_server_url(url);
    ASSERT_FALSE(server) << url;
    EXPECT_EQ(server.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(server.error().message, HasSubstr("http://127.0.0.1:4789"));
  }
}

TEST(ServerUrl, IsTakenApart) {
  const auto server = parse_server_url("http://[::1]:8080/rank/");
  ASSERT_TRUE(server);
  EXPECT_EQ(server->authority, "[::1]:8080");
  EXPECT_EQ(server->host, "::1");
  EXPECT_EQ(server->port, "8080");
  EXPECT_EQ(server->prefix, "/rank");
  EXPECT_EQ(parse_server_url("http://example.org")->port, "80");
}

}  // namespace
}  // namespace rankloop::client
