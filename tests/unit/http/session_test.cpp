// Requests as they come over a socket: in pieces, malformed, too large, too slow.
#include <chrono>
#include <initializer_list>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "unit/http/toy_server.h"

namespace rankloop {
namespace {

using testing::Answer;
using testing::RawClient;
using testing::ToyServer;

std::string get(const std::string& target, const std::string& headers = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

std::string post(const std::string& target, const std::string& body, const std::string& headers = {}) {
  return "POST " + target +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}

http::ServerOptions quick() {
  http::ServerOptions options;
  options.read_timeout = std::chrono::milliseconds(80);
  options.idle_timeout = std::chrono::milliseconds(80);
  options.write_timeout = std::chrono::milliseconds(80);
  return options;
}

TEST(Session, AnswersAGet) {
  ToyServer server;
  const Answer answer = server.ask(get("/hello"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"hello":"world"})");
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_FALSE(answer.header("Date").empty());
  EXPECT_FALSE(answer.header("X-Request-Id").empty());
  EXPECT_TRUE(answer.header("Server").empty());
}

TEST(Session, KeepsAnHttp11ConnectionUntilAskedToClose) {
  ToyServer server;
  const auto client = server.connect();
  for (int i = 0; i < 3; ++i) {
    client->send(get("/hello"));
    EXPECT_EQ(client->read().status, 200);
  }
  client->send(get("/hello", "Connection: close\r\n"));
  const Answer last = client->read();
  EXPECT_EQ(last.header("Connection"), "close");
  EXPECT_TRUE(client->closed());
}

TEST(Session, ClosesAnHttp10ConnectionUnlessAskedToKeepIt) {
  ToyServer server;
  const auto closing = server.connect();
  closing->send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closing->read().status, 200);
  EXPECT_TRUE(closing->closed());
  const auto keeping = server.connect();
  for (int i = 0; i < 2; ++i) {
    keeping->send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(keeping->read().header("Connection"), "keep-alive");
  }
}

TEST(Session, ReadsRequestsByteByByte) {
  ToyServer server;
  const auto client = server.connect();
  client->send_bytewise(get("/hello"));
  EXPECT_EQ(client->read().body, R"({"hello":"world"})");
  client->send_bytewise(post("/body", R"({"a": 1})"));
  EXPECT_EQ(client->read().body, R"({"a": 1})");
}

TEST(Session, ReadsChunkedBodiesByteByByte) {
  ToyServer server;
  const auto client = server.connect();
  const std::string head =
      "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n";
  for (const char* chunks :
       {"4\r\n[1,2\r\n3;x=y\r\n,3]\r\n0\r\n\r\n", "7\r\n[1,2,3]\r\n0\r\nTrailer: ignored\r\n\r\n"}) {
    client->send_bytewise(head + chunks);
    const Answer answer = client->read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "[1,2,3]");
  }
  client->send_bytewise(head + "0\r\n\r\n");
  EXPECT_EQ(client->read().status, 200);
}

TEST(Session, AnswersPipelinedRequestsInOrder) {
  ToyServer server;
  const auto client = server.connect();
  std::string all;
  for (int i = 0; i < 200; ++i) all += get("/echo/a/" + std::to_string(i)) + post("/body", std::to_string(i));
  client->send(all);
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(client->read().body, "a|" + std::to_string(i));
    ASSERT_EQ(client->read().body, std::to_string(i));
  }
}

TEST(Session, TakesAnEmptyLineBeforeARequest) {
  ToyServer server;
  EXPECT_EQ(server.ask("\r\n" + get("/hello")).status, 200);
}

TEST(Session, RefusesMalformedRequestsAndCloses) {
  ToyServer server;
  for (const std::string& bad :
       {std::string("nonsense\r\n\r\n"), std::string("GET /hello HTTP/9.1\r\n\r\n"),
        std::string("GET\r\n\r\n"), std::string("GET /hello HTTP/1.1\r\nNo colon here\r\n\r\n"),
        std::string("GET /hel\x01lo HTTP/1.1\r\n\r\n"),
        std::string("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"),
        std::string(
            "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        std::string("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    "Transfer-Encoding: chunked\r\n\r\nnot hex\r\n")}) {
    const auto client = server.connect();
    client->send(bad);
    const Answer answer = client->read();
    EXPECT_EQ(answer.status, 400) << bad;
    EXPECT_TRUE(answer.body.starts_with(R"({"detail": ")")) << bad;
    EXPECT_EQ(answer.header("Connection"), "close") << bad;
    EXPECT_TRUE(client->closed()) << bad;
  }
}

TEST(Session, RefusesHeadsThatAreTooLarge) {
  ToyServer server;
  EXPECT_EQ(server.ask(get("/hello", "X: " + std::string(20'000, 'x') + "\r\n")).status, 431);
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(server.ask(get("/hello", many)).status, 431);
  const auto slowly = server.connect();
  slowly->send("GET /hello HTTP/1.1\r\nHost: localhost\r\n");
  for (int i = 0; i < 30; ++i) slowly->send("X: " + std::string(1000, 'x') + "\r\n");
  EXPECT_EQ(slowly->read().status, 431);
}

// Whatever pieces the head comes in: with the request line alone, with half of it, or all at once.
TEST(Session, CountsTheWholeHeadAgainstItsBound) {
  http::ServerOptions options;
  options.max_header = 1024;
  ToyServer server{options};
  const std::string rest = "Host: localhost\r\nConnection: close\r\nX: ";
  const std::string line = "GET /hello HTTP/1.1\r\n";
  for (const std::size_t beyond : {std::size_t{0}, std::size_t{1}}) {
    const std::size_t filling = options.max_header + beyond - line.size() - rest.size() - 4;
    const std::string head = line + rest + std::string(filling, 'x') + "\r\n\r\n";
    for (const std::size_t first : {std::size_t{0}, line.size() - 9, line.size(), head.size() - 1}) {
      const auto client = server.connect();
      client->send_bytewise(head.substr(0, first));
      client->send(head.substr(first));
      EXPECT_EQ(client->read().status, beyond == 0 ? 200 : 431) << first;
    }
  }
}

TEST(Session, RefusesDeclaredBodiesBeforeTheyCome) {
  ToyServer server;
  const auto client = server.connect();
  client->send(
      "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
      "65\r\n\r\n");
  const Answer answer = client->read();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client->closed());
  EXPECT_EQ(server.ask(post("/body", std::string(64, '1'))).status, 200);
  EXPECT_EQ(server.ask(post("/large-body", std::string((1U << 20) + 1, '1'))).status, 413);
  EXPECT_EQ(server.ask(post("/large-body", std::string(1U << 20, '1'))).body.size(), 1U << 20);
}

TEST(Session, RefusesChunkedBodiesAsSoonAsTheyAreTooLarge) {
  ToyServer server;
  const std::string head =
      "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n";
  EXPECT_EQ(server.ask(head + "41\r\n").status, 413);
  EXPECT_EQ(server.ask(head + "20\r\n" + std::string(32, '1') + "\r\n21\r\n").status, 413);
}

TEST(Session, BoundsTheBytesOfAllBodiesTogether) {
  http::ServerOptions options;
  options.max_buffered = 93'000;
  ToyServer server(options);
  const auto holding = server.connect();
  const std::string body(90'000, '1');
  const std::string whole = post("/large-body", body);
  holding->send(std::string_view(whole).substr(0, whole.size() - 1));
  const std::string small = post("/large-body", std::string(3'500, '1'));  // comes in one piece
  Answer other;
  do {  // until the first one's bytes have arrived
    other = server.ask(small);
  } while (other.status == 200);
  EXPECT_EQ(other.status, 503);
  EXPECT_EQ(other.header("Retry-After"), "1");
  holding->send("1");
  EXPECT_EQ(holding->read().body, body);
  EXPECT_EQ(server.ask(small).status, 200);
}

std::string letters(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
  return text;
}

std::string chunked(const std::string& target, const std::string& body, std::size_t piece) {
  std::ostringstream out;
  out << "POST " << target
      << " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: "
         "chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += piece) {
    const std::string part = body.substr(at, piece);
    out << std::hex << part.size() << "\r\n" << part << "\r\n";
  }
  out << "0\r\n\r\n";
  return out.str();
}

TEST(Session, KeepsALongBodyInAFileAndAShortOneInMemory) {
  ToyServer server;
  const auto client = server.connect();
  for (const std::size_t size : {std::size_t{1}, std::size_t{255} << 10, std::size_t{257} << 10,
                                 std::size_t{512} << 10, std::size_t{1} << 20}) {
    const std::string body = letters(size);
    const std::string expected = (size < (256U << 10) ? "memory " : "file ") + body;
    client->send(post("/stored-body", body));
    EXPECT_EQ(client->read().body, expected) << size;
    client->send(chunked("/stored-body", body, 100'000));
    EXPECT_EQ(client->read().body, expected) << size;
  }
  EXPECT_EQ(server.ask(post("/stored-body", letters((1U << 20) + 1))).status, 413);
  EXPECT_EQ(server.ask(chunked("/stored-body", letters((1U << 20) + 1), 100'000)).status, 413);
}

TEST(Session, AsksForALongBodyThatIsExpected) {
  ToyServer server;
  const auto client = server.connect();
  const std::string body = letters(700'000);
  const std::string whole = post("/stored-body", body, "Expect: 100-continue\r\n");
  client->send(std::string_view(whole).substr(0, whole.size() - body.size()));
  EXPECT_EQ(client->read().status, 100);
  client->send(body);
  EXPECT_EQ(client->read().body, "file " + body);
}

TEST(Session, BoundsTheBytesOfAllFilesTogether) {
  http::ServerOptions options;
  options.max_stored = 600'000;
  ToyServer server(options);
  const std::string body = letters(500'000);
  const auto holding = server.connect();
  holding->send(post("/stored-slow", body));
  ASSERT_TRUE(server.waiting.wait());
  const Answer other = server.ask(post("/stored-body", body));
  EXPECT_EQ(other.status, 503);
  EXPECT_EQ(other.header("Retry-After"), "1");
  EXPECT_EQ(other.header("Connection"), "close");
  server.release();
  EXPECT_EQ(holding->read().status, 200);
  holding->send(get("/hello"));  // its file has gone
  EXPECT_EQ(holding->read().status, 200);
  EXPECT_EQ(server.ask(post("/stored-body", body)).body, "file " + body);
}

TEST(Session, TellsThatABodyCannotBeStored) {
  http::ServerOptions options;
  options.body_folder = "/no/such/folder";
  ToyServer server(options);
  const Answer answer = server.ask(post("/stored-body", letters(500'000)));
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("a temporary file cannot be written"), std::string::npos) << answer.body;
  EXPECT_EQ(answer.body.find("/no/such"), std::string::npos) << answer.body;
  EXPECT_EQ(server.ask(post("/stored-body", "1")).body, "memory 1");
}

TEST(Session, ForgetsWhatItStoredOfAClientThatWent) {
  http::ServerOptions options;
  options.max_stored = 600'000;
  ToyServer server(options);
  const std::string whole = post("/stored-body", letters(500'000));
  for (int i = 0; i < 5; ++i) {
    const auto client = server.connect();
    client->send(std::string_view(whole).substr(0, whole.size() - 1));
  }
  Answer answer;
  do {  // until it has seen them go
    answer = server.ask(whole);
  } while (answer.status == 503);
  EXPECT_EQ(answer.status, 200);
}

TEST(Session, TellsASlowClientAndClosesAnIdleOneSilently) {
  ToyServer server(quick());
  const auto slow_head = server.connect();
  slow_head->send("GET /hello HTTP/1.1\r\nHo");
  const Answer head_answer = slow_head->read();
  EXPECT_EQ(head_answer.status, 408);
  EXPECT_EQ(head_answer.header("Connection"), "close");
  const auto slow_body = server.connect();
  const std::string whole = post("/body", "12345678");
  slow_body->send(std::string_view(whole).substr(0, whole.size() - 3));
  EXPECT_EQ(slow_body->read().status, 408);
  const auto idle = server.connect();
  idle->send(get("/hello"));
  EXPECT_EQ(idle->read().status, 200);
  EXPECT_TRUE(idle->closed());
  EXPECT_TRUE(server.connect()->closed());
}

TEST(Session, ClosesOnAClientThatDoesNotRead) {
  ToyServer server(quick());
  const auto client = server.connect();
  client->send(get("/flood"));
  EXPECT_TRUE(server.ended.wait());
}

TEST(Session, SendsLargeAnswersToClientsThatTakeTheirTime) {
  ToyServer server;
  EXPECT_EQ(server.ask(get("/large")).body.size(), 16U << 20);
}

TEST(Session, InvitesABodyThatWaitsForIt) {
  ToyServer server;
  const auto client = server.connect();
  const std::string whole = post("/body", "[1]", "Expect: 100-continue\r\n");
  client->send(std::string_view(whole).substr(0, whole.size() - 3));
  EXPECT_EQ(client->read().status, 100);
  client->send("[1]");
  EXPECT_EQ(client->read().body, "[1]");
  client->send(post("/body", "[2]", "Expect: 100-continue\r\n"));
  Answer second = client->read();
  if (second.status == 100) second = client->read();  // only when the body came in a segment of its own
  EXPECT_EQ(second.body, "[2]");
  EXPECT_EQ(server.ask(post("/body", "[1]", "Expect: miracles\r\n")).status, 417);
  const auto refused = server.connect();
  refused->send(
      "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(refused->read().status, 415);
}

TEST(Session, KeepsTheConnectionOfASmallRefusedBody) {
  ToyServer server;
  const auto client = server.connect();
  client->send(post("/nowhere", "[1, 2, 3]") + get("/hello"));
  EXPECT_EQ(client->read().status, 404);
  EXPECT_EQ(client->read().body, R"({"hello":"world"})");
}

// Connections that have a request under way, so that none of them is idle.
std::vector<std::unique_ptr<RawClient>> busy(ToyServer& server, int count, int from = 1) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(server->port(), from));
    clients.back()->send(post("/slow", ""));
    EXPECT_TRUE(server.waiting.wait(i + 1));
  }
  return clients;
}

TEST(Session, ClosesTheLongestIdleConnectionToMakeRoom) {
  http::ServerOptions options;
  options.max_connections = 2;
  ToyServer server(options);
  const auto first = server.connect();
  const auto second = server.connect();
  for (const auto& client : {second.get(), first.get()}) {
    client->send(get("/hello"));
    EXPECT_EQ(client->read().status, 200);
  }
  second->send("GET /hello HT");  // a head that never ends is idle, too
  EXPECT_EQ(server.ask(get("/hello")).status, 200);
  EXPECT_TRUE(second->closed());
  first->send(get("/hello"));
  EXPECT_EQ(first->read().status, 200);
}

TEST(Session, AnswersOnlyWhatIsVitalWhenAllConnectionsAreBusy) {
  http::ServerOptions options;
  options.max_connections = 2;
  ToyServer server(options);
  const auto held = busy(server, 2);
  const Answer refused = server.ask(get("/hello"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Connection"), "close");
  EXPECT_EQ(refused.header("Retry-After"), "1");
  const Answer vital = server.ask(get("/open"));
  EXPECT_EQ(vital.status, 200);
  EXPECT_EQ(vital.header("Connection"), "close");
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 200; ++i) silent.push_back(server.connect());
  EXPECT_EQ(server.ask(get("/open")).status, 200);
  for (int i = 0; i < 2; ++i) server.release();
  for (const auto& client : held) EXPECT_EQ(client->read().status, 200);
}

TEST(Session, BoundsTheConnectionsOfOnePeer) {
  http::ServerOptions options;
  options.max_connections_per_peer = 2;
  ToyServer server(options);
  RawClient other(server->port(), 2);
  other.send(get("/hello"));
  EXPECT_EQ(other.read().status, 200);
  const auto held = busy(server, 2);
  EXPECT_EQ(server.ask(get("/hello")).status, 503);
  other.send(get("/hello"));
  EXPECT_EQ(other.read().status, 200);  // somebody else's idle connection stays
  for (int i = 0; i < 2; ++i) server.release();
  for (const auto& client : held) EXPECT_EQ(client->read().status, 200);
  EXPECT_EQ(server.ask(get("/hello")).status, 200);  // its own idle one gives way
}

TEST(Session, RefusesBodiesWhoseEndIsNotClear) {
  ToyServer server;
  const std::string head = "POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  const std::string next = "\r\n0\r\n\r\n" + get("/hello");
  for (const auto& [fields, status] : std::initializer_list<std::pair<const char*, int>>{
           {"Transfer-Encoding: gzip\r\n", 501},
           {"Transfer-Encoding: identity\r\n", 501},
           {"Transfer-Encoding: xchunked\r\n", 501},
           {"Transfer-Encoding: gzip, chunked\r\n", 501},
           {"Transfer-Encoding: chunked, gzip\r\n", 501},
           {"Transfer-Encoding: chunked, chunked\r\n", 501},
           {"Transfer-Encoding: chunked;x=1\r\n", 501},
           {"Transfer-Encoding: \"chunked\"\r\n", 501},
           {"Transfer-Encoding:\r\n", 501},
           {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400},
           {"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", 400},
           {"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", 400},
           {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", 400},
           {"Content-Length: 3\r\nTransfer-Encoding: gzip\r\n", 400},
           {"Content-Length: 3\r\nContent-Length: 3\r\n", 400},
           {"Content-Length: 3, 3\r\n", 400},
           {"Content-Length: +3\r\n", 400},
           {"Content-Length: 3 \x0b\r\n", 400}}) {
    const auto client = server.connect();
    client->send(head + fields + next);
    const Answer answer = client->read();
    // What the parser itself takes for no valid field is 400.
    EXPECT_TRUE(answer.status == status || answer.status == 400) << fields << answer.status;
    EXPECT_EQ(answer.header("Connection"), "close") << fields;
    EXPECT_TRUE(client->closed()) << fields;
  }
  const auto old = server.connect();
  old->send("POST /body HTTP/1.0\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n" + next);
  EXPECT_EQ(old->read().status, 400);
  EXPECT_TRUE(old->closed());
  EXPECT_EQ(server.calls, 0);
}

// However long the whole takes: what counts is that something comes.
TEST(Session, TakesABodyThatComesSteadily) {
  http::ServerOptions options = quick();
  options.least_rate = 1;
  ToyServer server(options);
  const auto client = server.connect();
  const std::string whole = post("/body", std::string(60, '1'));
  client->send(std::string_view(whole).substr(0, whole.size() - 60));
  for (int i = 0; i < 60; ++i) {
    client->send("1");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // 300 ms in all, with a patience of 80
  }
  EXPECT_EQ(client->read().body, std::string(60, '1'));
}

TEST(Session, CutsABodyThatTrickles) {
  http::ServerOptions options = quick();
  options.least_rate = 1U << 20;
  ToyServer server(options);
  const auto client = server.connect();
  client->send(
      "POST /large-body HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 1000000\r\n\r\n");
  for (int i = 0; i < 60; ++i) {
    client->send("1");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(client->read().status, 408);
}

// A large answer that nobody takes, as far as it is in memory; the kernel holds some of it.
std::unique_ptr<RawClient> unread(ToyServer& server, const std::string& path) {
  auto client = std::make_unique<RawClient>(server->port(), 1, 4096);
  client->send(get(path));
  return client;
}

TEST(Session, GivesUpTheAnswersThatStandLongest) {
  http::ServerOptions options;
  options.max_unsent = 40U << 20;  // of 16 MB each: two
  ToyServer server(options);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(unread(server, "/large"));
    EXPECT_EQ(clients.back()->read(true).status, 200);
  }
  EXPECT_EQ(server.ask(get("/hello")).status, 200);
  for (int i = 0; i < 2; ++i) EXPECT_LT(clients[static_cast<std::size_t>(i)]->rest(), 16U << 20);
  for (std::size_t i = 2; i < 4; ++i) EXPECT_EQ(clients[i]->rest(16U << 20), 16U << 20);
}

TEST(Session, KeepsWhatIsSharedByAllWhoAskOutOfTheCount) {
  http::ServerOptions options;
  options.max_unsent = 1U << 20;
  ToyServer server(options);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(unread(server, "/kept-large"));
    EXPECT_EQ(clients.back()->read(true).status, 200);
  }
  for (const auto& client : clients) EXPECT_EQ(client->rest(16U << 20), 16U << 20);
}

TEST(Session, ClosesOnAClientThatReadsTooSlowly) {
  http::ServerOptions options = quick();
  options.least_rate = 64U << 20;
  ToyServer server(options);
  const auto client = unread(server, "/kept-large");
  EXPECT_EQ(client->read(true).status, 200);
  std::size_t got = 0;
  for (std::size_t more = 1; more > 0 && got < 16U << 20;) {
    more = client->rest(got + 1) - got;
    got += more;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_LT(got, 16U << 20);
}

TEST(Session, SurvivesClientsThatGoInTheMiddle) {
  ToyServer server;
  const std::string whole = post("/body", "[1, 2, 3]");
  for (std::size_t cut = 0; cut <= whole.size(); ++cut)
    server.connect()->send(std::string_view(whole).substr(0, cut));
  server.connect()->send(get("/large"));
  EXPECT_EQ(server.ask(get("/hello")).status, 200);
}

}  // namespace
}  // namespace rankloop
