// What is refused and answered before and around the handler.
#include <string>

#include <gtest/gtest.h>

#include "unit/http/toy_server.h"

namespace rankloop {
namespace {

using testing::Answer;
using testing::ToyServer;

std::string request(const std::string& method, const std::string& target, const std::string& headers = {},
                    const std::string& host = "localhost") {
  return method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n";
}

std::string with_body(const std::string& target, const std::string& type, const std::string& body) {
  return request("POST", target,
                 (type.empty() ? "" : "Content-Type: " + type + "\r\n") +
                     "Content-Length: " + std::to_string(body.size()) + "\r\n") +
         body;
}

TEST(Pipeline, KnowsARouteWithAndWithoutTheTrailingSlash) {
  ToyServer server;
  EXPECT_EQ(server.ask(request("GET", "/hello/")).status, 200);
  EXPECT_EQ(server.ask(request("GET", "/echo/a/b/")).body, "a|b");
  EXPECT_EQ(server.ask(request("GET", "/")).status, 200);
}

TEST(Pipeline, DecodesPathsAndQueries) {
  ToyServer server;
  EXPECT_EQ(server.ask(request("GET", "/ech%6F/a%2Fb/%C3%BC?x=1+2&y=%26&z")).body, "a/b|ü|x=1 2|y=&|z=");
  EXPECT_EQ(server.ask(request("GET", "http://localhost/echo/a/b?q=1")).body, "a|b|q=1");
  EXPECT_EQ(server.ask(request("GET", "/echo/a/%zz")).status, 400);
  EXPECT_EQ(server.ask(request("GET", "/echo/a/%ff")).status, 400);
  EXPECT_EQ(server.ask(request("GET", "/echo/a/b?q=%f")).status, 400);
  EXPECT_EQ(server.ask(request("GET", "/echo/a/%00")).status, 404);
}

TEST(Pipeline, AnswersUnknownPathsWith404) {
  ToyServer server;
  for (const char* path :
       {"/nowhere", "/hello/more", "//hello", "/echo//b", "/hello//", "//", "/echo/a", "/HELLO"}) {
    const Answer answer = server.ask(request("GET", path));
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.body, R"({"detail": "Not Found"})") << path;
  }
}

TEST(Pipeline, NamesTheMethodsOfAPath) {
  ToyServer server;
  const Answer wrong = server.ask(request("DELETE", "/hello"));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(server.ask(request("BREW", "/body")).header("Allow"), "POST, OPTIONS");
  const Answer options = server.ask(request("OPTIONS", "/hello"));
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_TRUE(options.header("Content-Length").empty());
  EXPECT_EQ(server.ask(request("OPTIONS", "*")).status, 204);
}

TEST(Pipeline, AnswersHeadLikeGetWithoutTheBody) {
  ToyServer server;
  const auto client = server.connect();
  client->send(request("HEAD", "/hello") + request("GET", "/hello"));
  const Answer head = client->read(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), "17");
  EXPECT_EQ(client->read().body, R"({"hello":"world"})");
  EXPECT_EQ(server.ask(request("HEAD", "/body")).status, 405);
}

TEST(Pipeline, AsksForTheContentTypeOfTheRoute) {
  ToyServer server;
  EXPECT_EQ(server.ask(with_body("/body", "application/json", "1")).status, 200);
  EXPECT_EQ(server.ask(with_body("/body", "Application/JSON; charset=utf-8", "1")).status, 200);
  const Answer text = server.ask(with_body("/body", "text/plain", "1"));
  EXPECT_EQ(text.status, 415);
  EXPECT_NE(text.body.find("application/json"), std::string::npos);
  EXPECT_EQ(server.ask(with_body("/body", "", "1")).status, 415);
  EXPECT_EQ(server.ask(with_body("/body", "", "")).status, 200);
}

TEST(Pipeline, RefusesForeignOriginsOfChanges) {
  ToyServer server;
  const std::string same = "http://localhost:" + std::to_string(server->port());
  const std::string host = "localhost:" + std::to_string(server->port());
  EXPECT_EQ(server.ask(request("DELETE", "/thing")).status, 204);
  EXPECT_EQ(server.ask(request("DELETE", "/thing", "Origin: " + same + "\r\n", host)).status, 204);
  EXPECT_EQ(server.ask(request("DELETE", "/thing", "Origin: http://localhost:80\r\n")).status, 204);
  EXPECT_EQ(server.ask(request("DELETE", "/thing", "Origin: http://evil.example\r\n")).status, 403);
  EXPECT_EQ(server.ask(request("DELETE", "/thing", "Origin: null\r\n")).status, 403);
  EXPECT_EQ(server.ask(request("DELETE", "/thing", "Sec-Fetch-Site: cross-site\r\n")).status, 403);
  EXPECT_EQ(server.ask(request("DELETE", "/thing", "Sec-Fetch-Site: same-site\r\n")).status, 403);
  EXPECT_EQ(server.ask(request("DELETE", "/thing", "Sec-Fetch-Site: same-origin\r\n")).status, 204);
  EXPECT_EQ(server.ask(request("GET", "/hello", "Origin: http://evil.example\r\n")).status, 200);
}

TEST(Pipeline, AnswersOnLoopbackToLocalNamesOnly) {
  ToyServer server;
  for (const char* host :
       {"localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:4789", "[::1]:4789", "[::1]"}) {
    EXPECT_EQ(server.ask(request("GET", "/hello", {}, host)).status, 200) << host;
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80"}) {
    EXPECT_EQ(server.ask(request("GET", "/hello", {}, host)).status, 403) << host;
  }
  EXPECT_EQ(server.ask("GET /hello HTTP/1.1\r\n\r\n").status, 400);
  EXPECT_EQ(server.ask("GET /hello HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n").status, 400);
}

TEST(Pipeline, AsksForTheTokenExceptOnOpenRoutes) {
  http::ServerOptions options;
  options.token = "correct-horse";
  ToyServer server(options);
  const Answer without = server.ask(request("GET", "/hello"));
  EXPECT_EQ(without.status, 401);
  EXPECT_EQ(without.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(server.ask(request("GET", "/hello", "Authorization: Bearer correct-horsf\r\n")).status, 401);
  EXPECT_EQ(server.ask(request("GET", "/hello", "Authorization: Basic correct-horse\r\n")).status, 401);
  EXPECT_EQ(server.ask(request("GET", "/hello", "Authorization: Bearer correct-horse\r\n")).status, 200);
  EXPECT_EQ(server.ask(request("GET", "/hello", "authorization: bearer correct-horse\r\n")).status, 200);
  EXPECT_EQ(server.ask(request("GET", "/open")).status, 200);
}

TEST(Pipeline, KeepsSaneRequestIdsAndReplacesOthers) {
  ToyServer server;
  EXPECT_EQ(server.ask(request("GET", "/hello", "X-Request-Id: a.b_C-9\r\n")).header("X-Request-Id"),
            "a.b_C-9");
  const std::string own =
      server.ask(request("GET", "/hello", "X-Request-Id: a b\r\n")).header("X-Request-Id");
  EXPECT_NE(own, "a b");
  EXPECT_FALSE(own.empty());
  EXPECT_NE(server.ask(request("GET", "/hello", "X-Request-Id: " + std::string(129, 'x') + "\r\n"))
                .header("X-Request-Id"),
            std::string(129, 'x'));
  EXPECT_EQ(server.ask(request("GET", "/nowhere", "X-Request-Id: lost\r\n")).header("X-Request-Id"), "lost");
}

TEST(Pipeline, HidesWhatAHandlerThrew) {
  ToyServer server;
  const auto client = server.connect();
  client->send(request("GET", "/throw") + request("GET", "/hello"));
  const Answer thrown = client->read();
  EXPECT_EQ(thrown.status, 500);
  EXPECT_EQ(thrown.body, R"({"detail": "internal error"})");
  EXPECT_EQ(client->read().status, 200);
}

TEST(Pipeline, CountsAnswersByRouteTemplate) {
  ToyServer server;
  server.ask(request("GET", "/echo/a/b"));
  server.ask(request("GET", "/echo/c/d"));
  server.ask(request("GET", "/nowhere"));
  const std::string text = server.metrics.text();
  EXPECT_NE(text.find(R"(rankloop_http_requests_total{method="GET",route="/echo/{a}/{b}",status="200"} 2)"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(R"(rankloop_http_requests_total{method="GET",route="unmatched",status="404"} 1)"),
            std::string::npos)
      << text;
}

TEST(Pipeline, ChecksIdempotencyKeys) {
  ToyServer server;
  const std::string body = "Content-Type: application/json\r\nContent-Length: 1\r\nIdempotency-Key: ";
  EXPECT_EQ(server.ask(request("POST", "/body", body + "k\r\n") + "1").status, 200);
  EXPECT_EQ(server.ask(request("POST", "/body", body + "\r\n") + "1").status, 422);
  EXPECT_EQ(server.ask(request("POST", "/body", body + "a b\r\n") + "1").status, 422);
  EXPECT_EQ(server.ask(request("POST", "/body", body + std::string(256, 'k') + "\r\n") + "1").status, 422);
}

}  // namespace
}  // namespace rankloop
