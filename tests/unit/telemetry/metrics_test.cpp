#include "telemetry/metrics.h"

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rankloop::telemetry {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// "NAME TYPE" of every family in the text.
std::vector<std::string> families(const std::string& text) {
  std::set<std::string> names;
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with("# TYPE ")) names.insert(line.substr(7));
  }
  return {names.begin(), names.end()};
}

// Metrics of which every family has a value.
struct FilledMetrics : Metrics {
  FilledMetrics() {
    HttpRouteMetrics{http, "GET", "/content/films/{id}"}.answered(200, 0.003);
    drift.stability_index->Add({{"feature", "age"}}).Set(0.1);
  }
};

TEST(Metrics, AreThoseOfTheGoldenList) {
  std::ifstream in{std::string{RANKLOOP_SOURCE_DIR} + "/tests/unit/telemetry/metrics_golden.txt"};
  std::stringstream golden;
  golden << in.rdbuf();
  EXPECT_EQ(families(FilledMetrics{}.text()), lines_of(golden.str()));
}

TEST(Metrics, HaveNamesThatFollowTheRules) {
  for (const std::string& family : families(FilledMetrics{}.text())) {
    EXPECT_THAT(family, MatchesRegex("rankloop_[a-z]+_[a-z_]+ (counter|gauge|histogram)"));
    if (family.ends_with(" counter")) EXPECT_THAT(family, HasSubstr("_total "));
    if (family.ends_with("_seconds histogram")) continue;
    EXPECT_THAT(family, testing::Not(HasSubstr("_seconds ")));
  }
}

// The text format, version 0.0.4: comments, and samples of a name, labels and a number.
TEST(Metrics, AreTextThatParses) {
  Metrics metrics;
  HttpRouteMetrics route{metrics.http, "GET", "/odd\"route\\{id}"};
  route.answered(200, 0.003);
  const std::string text = metrics.text();
  EXPECT_TRUE(text.ends_with('\n'));
  std::set<std::string> described;
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with("# ")) {
      ASSERT_THAT(line, MatchesRegex("# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))"));
      if (line.starts_with("# TYPE ")) EXPECT_TRUE(described.insert(line).second) << line;
      continue;
    }
    ASSERT_THAT(line, MatchesRegex("[a-z_]+(\\{.*\\})? [^ ]+"));
    const std::string number = line.substr(line.rfind(' ') + 1);
    char* end = nullptr;
    static_cast<void>(std::strtod(number.c_str(), &end));
    EXPECT_EQ(*end, '\0') << line;
  }
  EXPECT_THAT(text, HasSubstr(R"(route="/odd\"route\\{id}")"));
}

TEST(RouteMetrics, CountEachStatusOfEachRouteApart) {
  Metrics metrics;
  HttpRouteMetrics start{metrics.http, "POST", "/inference/start"};
  HttpRouteMetrics start_again{metrics.http, "POST", "/inference/start"};
  HttpRouteMetrics films{metrics.http, "GET", "/content/films"};
  start.answered(200, 0.001);
  start_again.answered(200, 0.001);
  start.answered(503, 0.001);
  films.answered(200, 0.001);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("rankloop_http_requests_total{method=\"POST\",route=\"/inference/start\","
                              "status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("status=\"503\"} 1\n"));
  EXPECT_THAT(
      text, HasSubstr("rankloop_http_request_seconds_count{method=\"POST\",route=\"/inference/start\"} 3\n"));
  EXPECT_THAT(text,
              HasSubstr("rankloop_http_request_seconds_count{method=\"GET\",route=\"/content/films\"} 1\n"));
}

TEST(Metrics, CountWhatHappened) {
  Metrics metrics;
  metrics.tasks.started->Increment();
  metrics.tasks.started->Increment();
  metrics.feedback.good->Increment();
  metrics.storage.batch_size->Observe(3);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("\nrankloop_task_started_total 2\n"));
  EXPECT_THAT(text, HasSubstr("\nrankloop_feedback_good_total 1\n"));
  EXPECT_THAT(text, HasSubstr("\nrankloop_storage_batch_writes_bucket{le=\"2\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\nrankloop_storage_batch_writes_bucket{le=\"4\"} 1\n"));
}

TEST(Metrics, ReadObservedGaugesAtEveryText) {
  Metrics metrics;
  double waiting = 3;
  metrics.observe("rankloop_test_waiting", "What waits", [&] { return waiting; });
  EXPECT_THAT(metrics.text(), HasSubstr("\nrankloop_test_waiting 3\n"));
  waiting = 5;
  EXPECT_THAT(metrics.text(), HasSubstr("\nrankloop_test_waiting 5\n"));
}

}  // namespace
}  // namespace rankloop::telemetry
