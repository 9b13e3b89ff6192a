// What is refused and answered before and around the handler.
#include <string>

#include <gtest/gtest.h>

#include "http/site_check.h"
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
  for (const char* host :
       {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "", "10.0.0.1"}) {
    EXPECT_EQ(server.ask(request("GET", "/hello", {}, host)).status, 403) << host;
  }
  for (const char* host :
       {"localhost:anything@evil.example", "localhost:80:80", "localhost:123456", "evil@localhost",
        "localhost/evil", "localhost evil", "[::1", "[::1]evil", "[localhost]", "local%68ost", "::1"}) {
    EXPECT_EQ(server.ask(request("GET", "/hello", {}, host)).status, 400) << host;
  }
  EXPECT_EQ(server.ask(request("GET", "http://evil.example/hello")).status, 403);
  EXPECT_EQ(server.ask(request("GET", "http://localhost:1@evil.example/hello")).status, 400);
  EXPECT_EQ(server.ask("GET /hello HTTP/1.1\r\n\r\n").status, 400);
  EXPECT_EQ(server.ask("GET /hello HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n").status, 400);
}

TEST(Pipeline, KnowsItselfByTheAddressThatAProxyIsReachedAt) {
  http::ServerOptions options;
  options.public_url = "https://Rank.example/";
  options.allowed_hosts = {"other.example"};
  options.allowed_origins = {"https://shop.example:8443"};
  ToyServer server(options);
  const auto change = [&](const std::string& host, const std::string& headers) {
    return server.ask(request("DELETE", "/thing", headers, host)).status;
  };
  EXPECT_EQ(change("rank.example", "Origin: https://rank.example\r\nSec-Fetch-Site: same-origin\r\n"), 204);
  EXPECT_EQ(change("127.0.0.1:4789", "Origin: https://rank.example\r\nSec-Fetch-Site: same-origin\r\n"), 204);
  EXPECT_EQ(change("localhost", "Origin: https://RANK.example:443\r\n"), 204);
  EXPECT_EQ(change("other.example", "Origin: https://shop.example:8443\r\nSec-Fetch-Site: cross-site\r\n"),
            204);
  EXPECT_EQ(change("rank.example", "Origin: https://shop.example\r\n"), 403);
  EXPECT_EQ(change("rank.example", "Origin: http://rank.example.evil\r\n"), 403);
  EXPECT_EQ(change("rank.example", "Origin: https://evil@rank.example\r\n"), 403);
  EXPECT_EQ(change("evil.example", "Origin: https://evil.example\r\n"), 403);
}

TEST(Pipeline, TakesAnyHostOnlyWhereAPageOfAnotherSiteCouldDoNothing) {
  const auto takes = [](http::SiteOptions options, const char* host) {
    options.listen_host = "0.0.0.0";
    return http::SiteCheck::make(options)->takes_host(host);
  };
  EXPECT_FALSE(takes({}, "evil.example"));
  EXPECT_TRUE(takes({}, "203.0.113.7"));
  EXPECT_TRUE(takes({}, "localhost"));
  EXPECT_TRUE(takes({.token = true}, "rank.internal"));
  EXPECT_FALSE(takes({.token = true, .allowed_hosts = {"rank.example"}}, "rank.internal"));
  EXPECT_TRUE(takes({.allowed_hosts = {"*"}}, "rank.internal"));
  EXPECT_TRUE(takes({.public_url = "http://rank.internal:8080"}, "rank.internal"));
}

TEST(Pipeline, SaysWhichAddressOfTheSettingsIsNone) {
  const auto fault = [](const http::SiteOptions& options) {
    const auto check = http::SiteCheck::make(options);
    return check ? std::string() : check.error().message;
  };
  EXPECT_TRUE(fault({.public_url = "rank.example"}).starts_with("http.public_url has 'rank.example'"));
  EXPECT_TRUE(fault({.public_url = "https://rank.example/path"}).starts_with("http.public_url"));
  EXPECT_TRUE(fault({.allowed_origins = {"null"}}).starts_with("http.allowed_origins has 'null'"));
  EXPECT_TRUE(fault({.allowed_hosts = {"a b"}}).starts_with("http.allowed_hosts has 'a b'"));
  EXPECT_EQ(fault({.allowed_hosts = {"::1", "[::1]", "rank.example:80"}}), "");
}

constexpr const char* kOperator = "Authorization: Bearer correct-horse-battery\r\n";
constexpr const char* kGuest = "Authorization: Bearer only-a-guest-of-ours\r\n";

http::ServerOptions with_tokens() {
  http::ServerOptions options;
  options.token = "correct-horse-battery";
  options.guest_token = "only-a-guest-of-ours";
  return options;
}

TEST(Pipeline, AsksForTheTokenExceptOnOpenRoutes) {
  ToyServer server(with_tokens());
  const Answer without = server.ask(request("GET", "/hello"));
  EXPECT_EQ(without.status, 401);
  EXPECT_EQ(without.header("WWW-Authenticate"), "Bearer");
  for (const char* wrong : {"Bearer correct-horse-batterz", "Bearer correct-horse-batter",
                            "Basic correct-horse-battery", "Bearer ", "correct-horse-battery"}) {
    EXPECT_EQ(server.ask(request("GET", "/hello", std::string("Authorization: ") + wrong + "\r\n")).status,
              401)
        << wrong;
  }
  EXPECT_EQ(server.ask(request("GET", "/hello", kOperator)).status, 200);
  EXPECT_EQ(server.ask(request("GET", "/hello", "authorization: bearer correct-horse-battery\r\n")).status,
            200);
  EXPECT_EQ(server.ask(request("GET", "/open")).status, 200);
}

TEST(Pipeline, LetsAGuestDoWhatIsAGuestsOnly) {
  ToyServer server(with_tokens());
  EXPECT_EQ(server.ask(request("GET", "/for-guests", kGuest)).status, 200);
  EXPECT_EQ(server.ask(request("GET", "/for-guests", kOperator)).status, 200);
  EXPECT_EQ(server.ask(request("GET", "/for-guests")).status, 401);
  EXPECT_EQ(server.ask(request("GET", "/open", kGuest)).status, 200);
  const Answer refused = server.ask(request("GET", "/hello", kGuest));
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("a guest's token may only ask"), std::string::npos);
}

TEST(Pipeline, SlowsDownWhoGuessesAndNobodyElse) {
  ToyServer server(with_tokens());
  int refused = 0;
  Answer last;
  for (int i = 0; i < 40; ++i) {
    last = server.ask(request("GET", "/hello", "Authorization: Bearer guess-" + std::to_string(i) + "\r\n"));
    refused += last.status == 401 ? 1 : 0;
  }
  EXPECT_GE(refused, 10);
  EXPECT_LT(refused, 40);
  EXPECT_EQ(last.status, 429);
  EXPECT_FALSE(last.header("Retry-After").empty());
  EXPECT_EQ(last.header("Connection"), "close");
  EXPECT_EQ(server.ask(request("GET", "/hello", kOperator)).status, 200);
  EXPECT_EQ(server.ask(request("GET", "/hello")).status, 401);
}

TEST(Pipeline, TellsThoseBehindATrustedProxyApart) {
  http::ServerOptions options = with_tokens();
  options.trusted_proxies = {"127.0.0.0/8"};
  ToyServer server(options);
  const auto guess = [&](const std::string& forwarded) {
    return server
        .ask(request("GET", "/hello",
                     "Authorization: Bearer a-guess\r\nX-Forwarded-For: " + forwarded + "\r\n"))
        .status;
  };
  while (guess("203.0.113.7") == 401) {
  }
  EXPECT_EQ(guess("203.0.113.7"), 429);
  EXPECT_EQ(guess("198.51.100.1, 203.0.113.7"), 429);  // what it wrote itself stands before
  EXPECT_EQ(guess("203.0.113.7, 127.0.0.2"), 429);     // another proxy of ours
  EXPECT_EQ(guess("203.0.113.8"), 401);
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

TEST(Pipeline, AnswersWith503WhenMemoryIsOut) {
  ToyServer server;
  for (const std::string& asked :
       {with_body("/no-memory", "application/json", "{}"), request("GET", "/no-memory-in-the-pool"),
        request("GET", "/no-memory-to-hand-over")}) {
    const Answer answer = server.ask(asked);
    EXPECT_EQ(answer.status, 503) << asked;
    EXPECT_EQ(answer.header("Retry-After"), "1") << asked;
  }
  EXPECT_EQ(server.ask(request("GET", "/hello")).status, 200);
}

}  // namespace
}  // namespace rankloop
