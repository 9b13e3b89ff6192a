// Handlers that wait: completions from other threads, clients that go away, streams, and the end of the
// server.
#include <string>

#include <gtest/gtest.h>

#include "unit/http/toy_server.h"

namespace rankloop {
namespace {

using testing::Answer;
using testing::ToyServer;

std::string request(const std::string& method, const std::string& target) {
  return method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

TEST(Waiting, AnswersWhenTheCompletionComes) {
  ToyServer server;
  const auto client = server.connect();
  client->send(request("GET", "/wait"));
  ASSERT_TRUE(server.waiting.wait());
  EXPECT_FALSE(server->idle());
  server.release();
  EXPECT_EQ(client->read().body, R"("released")");
  client->send(request("GET", "/hello"));
  EXPECT_EQ(client->read().status, 200);
}

TEST(Waiting, RunsBlockingWorkOnThePool) {
  ToyServer server;
  EXPECT_EQ(server.ask(request("GET", "/blocking")).body, R"("from the pool")");
}

TEST(Waiting, RefusesBlockingWorkOverTheBound) {
  http::ServerOptions options;
  options.max_blocking = 0;
  ToyServer server(options);
  EXPECT_EQ(server.ask(request("GET", "/blocking")).status, 503);
}

TEST(Waiting, EndsAtItsDeadlineAndDropsWhatComesLater) {
  ToyServer server;
  EXPECT_EQ(server.ask(request("GET", "/deadline")).status, 504);
  server.release();
  EXPECT_EQ(server.ask(request("GET", "/hello")).status, 200);
}

TEST(Waiting, CancelsTheHandlerWhenTheClientGoes) {
  http::ServerOptions options;
  options.max_waiting = 1;
  ToyServer server(options);
  const auto leaving = server.connect();
  leaving->send(request("GET", "/wait"));
  ASSERT_TRUE(server.waiting.wait());
  leaving->abort();
  ASSERT_TRUE(server.ended.wait());
  server.release();  // too late, and harmless
  Answer next;
  const auto client = server.connect();
  client->send(request("GET", "/wait"));
  ASSERT_TRUE(server.waiting.wait(2));  // its place was freed
  server.release();
  EXPECT_EQ(client->read().status, 200);
}

TEST(Waiting, KeepsWhatTheClientSendsMeanwhile) {
  ToyServer server;
  const auto client = server.connect();
  client->send(request("GET", "/wait") + request("GET", "/hello"));
  ASSERT_TRUE(server.waiting.wait());
  client->send(request("GET", "/echo/a/b"));
  server.release();
  EXPECT_EQ(client->read().body, R"("released")");
  EXPECT_EQ(client->read().body, R"({"hello":"world"})");
  EXPECT_EQ(client->read().body, "a|b");
}

TEST(Waiting, IsBoundedApartAndOnlyWhereItIsAskedFor) {
  http::ServerOptions options;
  options.max_waiting = 1;
  ToyServer server(options);
  const auto first = server.connect();
  first->send(request("GET", "/maybe-wait?wait=1s"));
  ASSERT_TRUE(server.waiting.wait());
  const Answer refused = server.ask(request("GET", "/wait"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  const auto short_one = server.connect();
  short_one->send(request("GET", "/maybe-wait"));
  ASSERT_TRUE(server.waiting.wait(2));
  server.release();
  EXPECT_EQ(short_one->read().status, 200);
  server.release();
  EXPECT_EQ(first->read().status, 200);
}

TEST(Waiting, FinishesOtherRequestsOfClientsThatGo) {
  ToyServer server;
  const auto client = server.connect();
  client->send(request("POST", "/slow"));
  ASSERT_TRUE(server.waiting.wait());
  client->close();
  EXPECT_EQ(server.ask(request("GET", "/hello")).status, 200);
  EXPECT_FALSE(server->idle());
  server.release();
  EXPECT_TRUE(server.ended.wait());
}

TEST(Stream, WritesPieceByPiece) {
  ToyServer server;
  const auto client = server.connect();
  client->send(request("GET", "/stream"));
  EXPECT_EQ(client->read(true).header("Content-Type"), "text/event-stream");
  EXPECT_EQ(client->read_chunk(), "data: 1\n\n");
  for (int piece = 2; piece <= 3; ++piece) {
    ASSERT_TRUE(server.waiting.wait(piece - 1));
    server.release();
    EXPECT_EQ(client->read_chunk(), "data: " + std::to_string(piece) + "\n\n");
  }
  EXPECT_EQ(client->read_chunk(), "");
  client->send(request("GET", "/hello"));
  EXPECT_EQ(client->read().status, 200);
}

TEST(Stream, EndsWhenTheClientGoes) {
  ToyServer server;
  const auto client = server.connect();
  client->send(request("GET", "/stream"));
  EXPECT_EQ(client->read(true).status, 200);
  EXPECT_EQ(client->read_chunk(), "data: 1\n\n");
  ASSERT_TRUE(server.waiting.wait());
  client->abort();
  EXPECT_TRUE(server.ended.wait());
}

TEST(Stream, IsDelimitedByTheEndOfAnHttp10Connection) {
  ToyServer server;
  const auto client = server.connect();
  client->send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  for (int piece = 2; piece <= 3; ++piece) {
    ASSERT_TRUE(server.waiting.wait(piece - 1));
    server.release();
  }
  const Answer answer = client->read();
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(answer.header("Transfer-Encoding").empty());
  EXPECT_EQ(answer.body, "data: 1\n\ndata: 2\n\ndata: 3\n\n");
}

TEST(Stream, IsNotStartedForHead) {
  ToyServer server;
  const auto client = server.connect();
  client->send(request("HEAD", "/stream") + request("GET", "/hello"));
  EXPECT_EQ(client->read(true).status, 200);
  EXPECT_EQ(client->read().body, R"({"hello":"world"})");
}

TEST(Waiting, AnswersAClientThatHasClosedItsSide) {
  ToyServer server;
  const auto client = server.connect();
  client->send(request("GET", "/wait") + request("GET", "/hello"));
  ASSERT_TRUE(server.waiting.wait());
  client->half_close();
  const auto streaming = server.connect();
  streaming->send(request("GET", "/stream"));
  ASSERT_TRUE(server.waiting.wait(2));
  streaming->half_close();
  for (int piece = 2; piece <= 3; ++piece) {
    server.release();
    ASSERT_TRUE(piece == 3 || server.waiting.wait(3));
  }
  EXPECT_EQ(streaming->read().body, "data: 1\n\ndata: 2\n\ndata: 3\n\n");
  server.release();
  EXPECT_EQ(client->read().body, R"("released")");
  EXPECT_EQ(client->read().body, R"({"hello":"world"})");
  EXPECT_TRUE(client->closed());
}

TEST(Waiting, NoticesAClientThatHasGoneAltogether) {
  ToyServer server;
  const auto leaving = server.connect();
  leaving->send(request("GET", "/wait"));
  ASSERT_TRUE(server.waiting.wait());
  leaving->close();
  EXPECT_TRUE(server.ended.wait());
}

TEST(Waiting, IsBoundedForEachPeer) {
  http::ServerOptions options;
  options.max_waiting_per_peer = 2;
  ToyServer server(options);
  std::vector<std::unique_ptr<testing::RawClient>> held;
  for (int i = 0; i < 2; ++i) {
    held.push_back(server.connect());
    held.back()->send(request("GET", "/wait"));
  }
  ASSERT_TRUE(server.waiting.wait(2));
  EXPECT_EQ(server.ask(request("GET", "/wait")).status, 503);
  testing::RawClient other(server->port(), 2);
  other.send(request("GET", "/wait"));
  ASSERT_TRUE(server.waiting.wait(3));
  for (int i = 0; i < 3; ++i) server.release();
  EXPECT_EQ(other.read().status, 200);
}

// Nobody is cut off: who has connected is let in, who is connected gets one more answer.
TEST(Drain, AnswersWhatIsInAndWhatComesOnOpenConnections) {
  ToyServer server;
  const auto idle = server.connect();
  idle->send(request("GET", "/hello"));
  EXPECT_EQ(idle->read().status, 200);
  const auto changing = server.connect();
  changing->send(request("POST", "/maybe-wait?wait=1s"));
  ASSERT_TRUE(server.waiting.wait(1));
  const auto streaming = server.connect();
  streaming->send(request("GET", "/stream"));
  ASSERT_TRUE(server.waiting.wait(2));
  const auto silent = server.connect();
  server->drain();
  EXPECT_EQ(streaming->read().body, "data: 1\n\n");
  for (const auto& client : {idle.get(), silent.get()}) {
    client->send(request("GET", "/hello"));
    const Answer last = client->read();
    EXPECT_EQ(last.status, 200);
    EXPECT_EQ(last.header("Connection"), "close");
    EXPECT_TRUE(client->closed());
  }
  EXPECT_FALSE(server.connect()->connected());
  EXPECT_FALSE(server->idle());
  for (int i = 0; i < 2; ++i) server.release();
  const Answer finished = changing->read();
  EXPECT_EQ(finished.body, R"("released")");
  EXPECT_EQ(finished.header("Connection"), "close");
}

TEST(Stop, EndsEveryRequestUnderWay) {
  ToyServer server;
  std::vector<std::unique_ptr<testing::RawClient>> clients;
  for (const char* start : {"GET /wait", "GET /stream", "POST /slow", "POST /maybe-wait?wait=1s"}) {
    clients.push_back(server.connect());
    clients.back()->send(std::string(start) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  ASSERT_TRUE(server.waiting.wait(4));
  clients.push_back(server.connect());
  clients.back()->send("GET /hello HTT");
  clients.push_back(server.connect());
  clients.back()->send(request("GET", "/large"));
  EXPECT_EQ(clients.back()->read(true).status, 200);
  server.stop();
  EXPECT_TRUE(server.ended.wait(4));
  EXPECT_TRUE(server->idle());
}

TEST(Stop, WorksBeforeRunAndTwice) {
  telemetry::Metrics metrics;
  telemetry::Logger logger(telemetry::LogLevel::kOff, telemetry::LogFormat::kText);
  http::ServerOptions options;
  options.port = 0;
  const auto server = http::make_server(options, metrics.http, logger);
  ASSERT_TRUE(server);
  (*server)->stop();
  (*server)->stop();
  (*server)->run();
}

// Who connects between two servers is answered by the second one.
TEST(Listen, GoesOnWhereAnotherServerHandsOver) {
  http::ListeningSocket listening;
  std::uint16_t port = 0;
  telemetry::Metrics metrics;
  telemetry::Logger logger(telemetry::LogLevel::kOff, telemetry::LogFormat::kText);
  {
    http::ServerOptions options;
    options.port = 0;
    const auto first = std::move(http::make_server(options, metrics.http, logger)).value();
    port = first->port();
    std::thread thread([&] { first->run(); });
    first->hand_over();
    while (!first->idle()) std::this_thread::yield();
    first->stop();
    thread.join();
    listening = first->listening();
  }
  ASSERT_TRUE(listening);
  testing::RawClient early(port);
  early.send("GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  const testing::ToyServer second({}, {}, std::move(listening));
  EXPECT_EQ(early.read().status, 200);
}

TEST(Listen, SaysWhyItCannot) {
  telemetry::Metrics metrics;
  telemetry::Logger logger(telemetry::LogLevel::kOff, telemetry::LogFormat::kText);
  http::ServerOptions options;
  options.port = 0;
  const auto first = http::make_server(options, metrics.http, logger);
  ASSERT_TRUE(first);
  options.port = (*first)->port();
  const auto second = http::make_server(options, metrics.http, logger);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  options.host = "nowhere.example";
  EXPECT_EQ(http::make_server(options, metrics.http, logger).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace rankloop
