// Journeys of guests against a server.
#include "simulate/traffic.h"

#include <map>
#include <set>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "simulate/connection.h"
#include "support/loopback_server.h"

namespace rankloop::simulate {
namespace {

using rankloop::testing::LoopbackAnswer;
using rankloop::testing::LoopbackRequest;
using rankloop::testing::LoopbackServer;

// What a ranking server answers, with the first ten places for everybody.
class RankingServer {
 public:
  // Decides about a request before the server does; status -1 leaves it to the server.
  std::function<LoopbackAnswer(const LoopbackRequest&)> before;
  std::function<void()> on_select;
  std::string token;  // that every request must show; empty: none
  int polls_needed = 1;

  std::string url() const { return server_.url(); }
  std::size_t connections() const { return server_.connections(); }
  // After the traffic has ended.
  const std::multiset<std::int64_t>& picks() const { return picks_; }
  int requests() const { return requests_; }
  const std::set<std::string>& status_targets() const { return status_targets_; }

 private:
  LoopbackAnswer answer(const LoopbackRequest& request) {
    if (!token.empty() &&
        request.head.find("\r\nAuthorization: Bearer " + token + "\r\n") == std::string::npos) {
      return {401, "{}", "", false};
    }
    if (request.target.starts_with("/content/locations")) return {200, catalog(), "", false};
    ++requests_;
    if (before) {
      LoopbackAnswer first = before(request);
      if (first.status >= 0) return first;
    }
    if (request.method == "POST" && request.target == "/inference/start") {
      const auto guest = boost::json::parse(request.body);
      EXPECT_GE(guest.at("people_age").as_array().size(), 1U);
      return status_of("task-" + std::to_string(++tasks_), "PENDING");
    }
    const std::size_t name = request.target.rfind('/') + 1;
    const std::string task = request.target.substr(name, request.target.find('?') - name);
    if (request.target.starts_with("/inference/status/")) {
      status_targets_.insert(request.target.substr(0, name) + request.target.substr(name + task.size()));
      return status_of(task, ++polls_[task] >= polls_needed ? "SUCCESS" : "STARTED");
    }
    if (request.target.starts_with("/inference/results/")) {
      EXPECT_TRUE(request.target.ends_with("?limit=10"));
      return {200, results(), "", false};
    }
    EXPECT_EQ(request.method + request.target, "PUT/inference/select/");
    picks_.insert(boost::json::parse(request.body).at("location_id").as_int64());
    if (on_select) on_select();
    return {200, "null", "", false};
  }

  static LoopbackAnswer status_of(const std::string& task, const std::string& word) {
    return {200, R"({"task_id":")" + task + R"(","status":")" + word + R"(","type":"inference"})", "", false};
  }
  static std::string list(std::size_t count) {
    std::string json = "[";
    for (const Place& place : make_places()) {
      if (static_cast<std::size_t>(place.id.value) > count) break;
      json += R"({"location_id":)" + std::to_string(place.id.value) + "," +
              simulate::to_json(place).substr(1) + ",";
    }
    json.back() = ']';
    return json;
  }
  static std::string catalog() { return list(210); }
  static std::string results() { return list(10); }

  int tasks_ = 0;
  int requests_ = 0;
  std::map<std::string, int> polls_;
  std::set<std::string> status_targets_;
  std::multiset<std::int64_t> picks_;
  LoopbackServer server_{[this](const LoopbackRequest& request) { return answer(request); }};
};

TrafficOptions hurried(const RankingServer& server, std::int64_t journeys = 60) {
  TrafficOptions options;
  options.url = server.url();
  options.journeys = journeys;
  options.guests = 8;
  options.tmin = options.tmax = std::chrono::seconds{0};
  return options;
}

TEST(Traffic, ShowsItsTokenWithEveryRequest) {
  RankingServer server;
  server.token = "hush-7";
  TrafficOptions options = hurried(server, 10);
  const auto without = run_traffic(options, {}, {});
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(without.error().message.find("--token"), std::string::npos);

  options.token = "hush-7";
  const auto report = run_traffic(options, {}, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->journeys, 10);
  EXPECT_EQ(report->failed, 0);
}

TEST(Traffic, RefusesATokenThatNoHeaderCanCarryWithoutRepeatingIt) {
  RankingServer server;
  TrafficOptions options = hurried(server, 1);
  options.token = "hush\r\nX: y";
  const auto report = run_traffic(options, {}, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(report.error().message.find("hush"), std::string::npos);
}

TEST(Traffic, SendsEachGuestThroughAWholeJourney) {
  RankingServer server;
  const auto report = run_traffic(hurried(server), {}, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->journeys, 60);
  EXPECT_EQ(report->failed, 0);
  EXPECT_EQ(report->requests, 240);
  EXPECT_EQ(server.requests(), 240);
  ASSERT_EQ(server.picks().size(), 60U);
  EXPECT_EQ(report->picked, 60 - static_cast<std::int64_t>(server.picks().count(-1)));
  EXPECT_GT(report->picked, 0);
  for (const std::int64_t pick : server.picks()) EXPECT_LE(pick, 10);
  EXPECT_EQ(server.connections(), 9U);  // one per guest, and one for the catalog
  EXPECT_EQ(server.status_targets(), (std::set<std::string>{"/inference/status/?wait=10s"}));
  EXPECT_EQ(report->start_to_success.count(), 60);
  EXPECT_GT(report->select.percentile(0.5).count(), 0);
  EXPECT_GT(report->value.mean(), 0);
  EXPECT_LT(report->value_share_random, report->value_share_oracle);
}

TEST(Traffic, DependsOnTheSeedAndNotOnTheOrderOfAnswers) {
  RankingServer many;
  RankingServer one;
  auto options = hurried(one);
  options.guests = 1;
  options.polling = Polling::kTight;
  ASSERT_TRUE(run_traffic(hurried(many), {}, {}));
  ASSERT_TRUE(run_traffic(options, {}, {}));
  EXPECT_EQ(many.picks(), one.picks());
}

TEST(Traffic, BeginsJourneysAtTheRate) {
  RankingServer server;
  TrafficOptions options = hurried(server, 21);
  options.rate = 200;
  options.bounds = false;
  TrafficProgress last;
  const auto report =
      run_traffic(options, {.progress = [&](const TrafficProgress& now) { last = now; }, .failure = {}}, {});
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->journeys, 21);
  EXPECT_GE(report->elapsed.count(), 20.0 / 200);
  EXPECT_EQ(last.done, 21);
  EXPECT_EQ(last.picked, report->picked);
  EXPECT_EQ(report->value_share_oracle, 0);

  options.rate = -1;
  const auto refused = run_traffic(options, {}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

TEST(Traffic, PollsUntilSuccess) {
  for (const Polling polling : {Polling::kWait, Polling::kTight, Polling::kInterval}) {
    RankingServer server;
    server.polls_needed = 3;
    auto options = hurried(server, 10);
    options.polling = polling;
    const auto report = run_traffic(options, {}, {});
    ASSERT_TRUE(report);
    EXPECT_EQ(report->journeys, 10);
    EXPECT_EQ(report->status.count(), 30);
    EXPECT_EQ(server.status_targets().begin()->ends_with("?wait=10s"), polling == Polling::kWait);
  }
}

TEST(Traffic, WaitsAndTriesAgainWhenTheServerIsBusy) {
  RankingServer server;
  int busy = 5;
  server.before = [&](const LoopbackRequest&) {
    return --busy >= 0 ? LoopbackAnswer{503, "{}", "Retry-After: 0\r\n", false}
                       : LoopbackAnswer{-1, "", "", false};
  };
  const auto report = run_traffic(hurried(server, 10), {}, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->journeys, 10);
  EXPECT_EQ(report->failed, 0);
  EXPECT_EQ(report->requests, 45);
}

TEST(Traffic, GivesUpOnAServerThatStaysBusy) {
  RankingServer server;
  server.before = [](const LoopbackRequest&) {
    return LoopbackAnswer{503, "full", "Retry-After: 0\r\n", false};
  };
  const auto report = run_traffic(hurried(server, 3), {}, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->failed, 3);
}

TEST(Traffic, CountsUnexpectedAnswersAndTellsTheFirstReasons) {
  RankingServer server;
  server.before = [](const LoopbackRequest& request) {
    const bool results = request.target.starts_with("/inference/results/");
    return results ? LoopbackAnswer{409, R"({"detail":"not ready"})", "", false}
                   : LoopbackAnswer{-1, "", "", false};
  };
  std::vector<std::string> reasons;
  TrafficObserver observer;
  observer.failure = [&](const std::string& reason) { reasons.push_back(reason); };
  const auto report = run_traffic(hurried(server, 20), observer, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->failed, 20);
  EXPECT_EQ(report->journeys, 0);
  ASSERT_EQ(reasons.size(), 5U);
  EXPECT_EQ(reasons[0], R"(GET /inference/results answered 409: {"detail":"not ready"})");
}

TEST(Traffic, FailsAJourneyWhoseTaskFailed) {
  RankingServer server;
  server.before = [](const LoopbackRequest& request) {
    const bool status = request.target.starts_with("/inference/status/");
    return status ? LoopbackAnswer{200, R"({"status":"REVOKED"})", "", false}
                  : LoopbackAnswer{-1, "", "", false};
  };
  const auto report = run_traffic(hurried(server, 5), {}, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->failed, 5);
}

TEST(Traffic, ComesBackOnANewConnectionWhenOneIsClosed) {
  RankingServer server;
  int count = 0;
  server.before = [&](const LoopbackRequest&) {
    // Every seventh request is cut off without an answer.
    return ++count % 7 == 0 ? LoopbackAnswer{0, "", "", true} : LoopbackAnswer{-1, "", "", false};
  };
  const auto report = run_traffic(hurried(server, 40), {}, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->journeys, 40);
  EXPECT_EQ(report->failed, 0);
  EXPECT_GT(server.connections(), 20U);
}

TEST(Traffic, FailsAJourneyThatIsAnsweredWithSomethingElse) {
  RankingServer server;
  server.before = [](const LoopbackRequest&) {
    return LoopbackAnswer{200, "{}", "Transfer-Encoding: chunked\r\n", false};
  };
  const auto report = run_traffic(hurried(server, 4), {}, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->failed, 4);
}

TEST(Traffic, PicksNothingWithoutADecision) {
  RankingServer server;
  auto options = hurried(server, 20);
  options.choosing.decision = 0;
  const auto report = run_traffic(options, {}, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->picked, 0);
  EXPECT_EQ(server.picks().count(-1), 20U);
  EXPECT_EQ(report->value.mean(), 0);
  EXPECT_EQ(report->value_share_oracle, 0);
}

TEST(Traffic, EndsEarlyWhenAskedTo) {
  RankingServer server;
  std::stop_source stop;
  int selects = 0;
  server.on_select = [&] {
    if (++selects == 50) stop.request_stop();
  };
  const auto report = run_traffic(hurried(server, 0), {}, stop.get_token());
  ASSERT_TRUE(report);
  EXPECT_GE(report->journeys, 40);
  EXPECT_LE(report->journeys, 60);
  EXPECT_EQ(report->failed, 0);
}

TEST(Traffic, WaitsBetweenTminAndTmax) {
  RankingServer server;
  auto options = hurried(server, 8);
  options.tmin = std::chrono::milliseconds{20};
  options.tmax = std::chrono::milliseconds{40};
  const auto report = run_traffic(options, {}, {});
  ASSERT_TRUE(report);
  EXPECT_GE(report->elapsed, std::chrono::milliseconds{40});  // two waits of at least 20 ms
}

TEST(Traffic, RefusesUrlsItCannotUse) {
  for (const char* url :
       {"https://127.0.0.1:1", "127.0.0.1:4789", "http://", "http://a@127.0.0.1/", "http://h/?q=1", ""}) {
    const auto endpoint = resolve(url);
    ASSERT_FALSE(endpoint) << url;
    EXPECT_EQ(endpoint.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(endpoint.error().message.find("http://127.0.0.1:4789"), std::string::npos);
  }
  const auto endpoint = resolve("http://127.0.0.1:8080/rank/");
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->authority, "127.0.0.1:8080");
  EXPECT_EQ(endpoint->prefix, "/rank");
  EXPECT_TRUE(resolve("http://[::1]:8080"));
}

TEST(Traffic, SaysWhenNoServerIsThere) {
  std::string url;
  {
    const RankingServer server;
    url = server.url();
  }
  TrafficOptions options;
  options.url = url;
  const auto report = run_traffic(options, {}, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(report.error().message.find(url), std::string::npos);
}

TEST(Traffic, RefusesACatalogOfSomethingElse) {
  const LoopbackServer films{[](const LoopbackRequest&) {
    return LoopbackAnswer{200, R"([{"movie_id":1,"title":"x"}])", "", false};
  }};
  TrafficOptions options;
  options.url = films.url();
  const auto report = run_traffic(options, {}, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInvalidArgument);
}

TEST(Traffic, RefusesOptionsOutOfRange) {
  const auto refused = [](auto change) {
    TrafficOptions options;
    change(options);
    const auto report = run_traffic(options, {}, {});
    return !report && report.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](TrafficOptions& o) { o.guests = 0; }));
  EXPECT_TRUE(refused([](TrafficOptions& o) { o.journeys = -1; }));
  EXPECT_TRUE(refused([](TrafficOptions& o) { o.limit = 1001; }));
  EXPECT_TRUE(refused([](TrafficOptions& o) { o.tmin = o.tmax + std::chrono::seconds{1}; }));
  EXPECT_TRUE(refused([](TrafficOptions& o) { o.choosing.decision = 1.1; }));
  EXPECT_TRUE(refused([](TrafficOptions& o) { o.choosing.position_bias = -1; }));
}

TEST(TrafficReport, IsOneLineOfJson) {
  TrafficReport report;
  report.journeys = 4;
  report.failed = 1;
  report.requests = 18;
  report.picked = 3;
  report.elapsed = std::chrono::seconds{2};
  report.start.record(std::chrono::milliseconds{8});
  report.value.add(1, 2);
  report.value_share_oracle = 0.84;
  const std::string text = to_json(report);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto json = boost::json::parse(text);
  EXPECT_EQ(json.at("journeys").as_int64(), 4);
  EXPECT_EQ(json.at("failed").as_int64(), 1);
  EXPECT_EQ(json.at("seconds").as_double(), 2);
  EXPECT_EQ(json.at("journeys_per_second").as_double(), 2);
  EXPECT_EQ(json.at("requests_per_second").as_double(), 9);
  EXPECT_EQ(json.at("picked_share").as_double(), 0.75);
  EXPECT_EQ(json.at("value_share").as_double(), 0.5);
  EXPECT_EQ(json.at("value_share_oracle").as_double(), 0.84);
  EXPECT_EQ(json.at("value_share_random").as_double(), 0);
  for (const char* step : {"start", "status", "results", "select", "start_to_success"}) {
    for (const char* percentile : {"p50", "p95", "p99"}) {
      const double value = json.at("latency_ms").at(step).at(percentile).as_double();
      EXPECT_NEAR(value, std::string_view{step} == "start" ? 8 : 0, 0.08);
    }
  }
  EXPECT_NE(to_table(report).find("4 in 2.00 s, 1 failed"), std::string::npos);
}

}  // namespace
}  // namespace rankloop::simulate
