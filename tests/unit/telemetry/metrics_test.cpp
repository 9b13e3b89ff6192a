// The golden list of metrics, and what is read at a scrape.
#include "telemetry/metrics.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/checkout.h"

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

// "NAME TYPE LABELS" of every family in the text; a histogram's le goes without saying.
std::vector<std::string> families(const std::string& text) {
  std::map<std::string, std::set<std::string>> labels;
  std::string family;
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with("# TYPE ")) labels[family = line.substr(7)];
    if (line.starts_with("# ") || line.find('{') == std::string::npos) continue;
    const std::regex name("[{,]([a-z_]+)=");
    for (std::sregex_iterator at(line.begin(), line.end(), name), end; at != end; ++at) {
      if ((*at)[1] != "le") labels[family].insert((*at)[1]);
    }
  }
  std::vector<std::string> found;
  for (const auto& [name_and_type, names] : labels) {
    found.push_back(name_and_type);
    for (const std::string& name : names) found.back() += " " + name;
  }
  return found;
}

// Metrics of which every family has a value.
struct FilledMetrics : Metrics {
  FilledMetrics() {
    HttpRouteMetrics{http, "GET", "/content/films/{id}"}.answered(200, 0.003);
    requests.number("budget").Observe(100);
    requests.flags->Add({{"field", "pool"}}).Increment();
    feedback.events->Add({{"kind", "buy"}, {"of", "ranking"}}).Increment();
    name_build("0.1.0", "abc");
    read_with([] {
      Readings now;
      now.task_kinds = {"inference"};
      now.models = {{"mlp", "champion"}};
      now.drift = {{"age", "request", 0.1}};
      return now;
    });
  }
};

TEST(Metrics, CountFeedbackByTheKindsThatThereAre) {
  Metrics metrics;
  constexpr std::array<std::string_view, 2> kKinds = {"pick", "buy"};
  const FeedbackCounters counters(metrics.feedback, kKinds, "ranking");
  counters.count("buy");
  counters.count("whatever somebody sends");
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("\nrankloop_feedback_events_total{kind=\"buy\",of=\"ranking\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nrankloop_feedback_events_total{kind=\"pick\",of=\"ranking\"} 0\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("whatever")));
}

TEST(Metrics, AreThoseOfTheGoldenList) {
  std::ifstream in{in_checkout("tests/unit/telemetry/metrics_golden.txt")};
  std::stringstream golden;
  golden << in.rdbuf();
  EXPECT_EQ(families(FilledMetrics{}.text()), lines_of(golden.str()));
}

TEST(Metrics, HaveNamesThatFollowTheRules) {
  for (const std::string& family : families(FilledMetrics{}.text())) {
    EXPECT_THAT(family, MatchesRegex("(rankloop_[a-z]+|process)_[a-z_]+ (counter|gauge|histogram)[a-z ]*"));
    if (family.find(" counter") != std::string::npos) EXPECT_THAT(family, HasSubstr("_total "));
    EXPECT_THAT(family, testing::Not(testing::ContainsRegex(" (id|task|user|model|request)( |$)")))
        << "an id";
  }
}

// The text format, version 0.0.4: comments, and samples of a name, labels and a number.
TEST(Metrics, AreTextThatParses) {
  FilledMetrics metrics;
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

TEST(Metrics, ReadWhatIsNotCountedAtEveryText) {
  Metrics metrics;
  Readings now;
  metrics.read_with([&] { return now; });
  now.waiting_writes = 3;
  now.task_kinds = {"inference", "training"};
  now.tasks = {{"inference", "ready", 2, 1.5}, {"training", "running", 1, 9}};
  now.models = {{"mlp", "champion"}, {"gbdt", "shadow"}, {"gbdt", "shadow"}};
  now.drift = {{"age", "request", 0.5}, {"budget", "item", 0.25}};
  now.queue.announced = 7;
  const std::string first = metrics.text();
  EXPECT_THAT(first, HasSubstr("\nrankloop_storage_waiting_writes 3\n"));
  EXPECT_THAT(first, HasSubstr("\nrankloop_task_ready{kind=\"inference\"} 2\n"));
  EXPECT_THAT(first, HasSubstr("\nrankloop_task_ready{kind=\"training\"} 0\n"));
  EXPECT_THAT(first, HasSubstr("\nrankloop_task_running{kind=\"training\"} 1\n"));
  EXPECT_THAT(first, HasSubstr("\nrankloop_task_oldest_seconds{kind=\"inference\"} 1.5\n"));
  EXPECT_THAT(first, HasSubstr("rankloop_model_info{family=\"gbdt\",role=\"shadow\"} 1\n"));
  EXPECT_THAT(first, HasSubstr("\nrankloop_drift_stability_index{feature=\"age\",side=\"request\"} 0.5\n"));
  EXPECT_THAT(first, HasSubstr("\nrankloop_queue_announced_total 7\n"));
  now = {};
  now.task_kinds = {"inference", "training"};
  now.models = {{"gbdt", "champion"}};
  now.queue.announced = 9;
  now.queue.is_there = false;
  const std::string second = metrics.text();
  EXPECT_THAT(second, HasSubstr("\nrankloop_task_ready{kind=\"inference\"} 0\n"));
  EXPECT_THAT(second, HasSubstr("\nrankloop_task_oldest_seconds{kind=\"inference\"} 0\n"));
  EXPECT_THAT(second, HasSubstr("rankloop_model_info{family=\"gbdt\",role=\"champion\"} 1\n"));
  EXPECT_THAT(second, testing::Not(HasSubstr("mlp")));
  EXPECT_THAT(second, testing::Not(HasSubstr("rankloop_drift_stability_index{")));
  EXPECT_THAT(second, HasSubstr("\nrankloop_queue_announced_total 9\n"));
  EXPECT_THAT(second, HasSubstr("\nrankloop_queue_up 0\n"));
}

double sample(const std::string& text, const std::string& name) {
  const std::size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

TEST(Metrics, TellWhatTheProcessUses) {
  const std::string text = Metrics{}.text();
  EXPECT_GT(sample(text, "process_resident_memory_bytes"), 1e6);
  EXPECT_GT(sample(text, "process_virtual_memory_bytes"), sample(text, "process_resident_memory_bytes"));
  EXPECT_GE(sample(text, "process_open_fds"), 3);
  EXPECT_GT(sample(text, "process_max_fds"), sample(text, "process_open_fds"));
  EXPECT_GE(sample(text, "process_threads"), 1);
  EXPECT_GE(sample(text, "process_cpu_seconds_total"), 0);
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_NEAR(sample(text, "process_start_time_seconds"), now, 900);
}

}  // namespace
}  // namespace rankloop::telemetry
