// Against a real HTTP server on a loopback port.
#include "telemetry/span_exporter.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/loopback_server.h"
#include "sync/mutex.h"

namespace rankloop::telemetry {
namespace {

using rankloop::testing::LoopbackAnswer;
using rankloop::testing::LoopbackRequest;
using rankloop::testing::LoopbackServer;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

class SpanExporterTest : public ::testing::Test {
 protected:
  // Answers with the statuses in turn, the last one again and again.
  void answer_with(std::vector<LoopbackAnswer> answers) {
    server_ = std::make_unique<LoopbackServer>([this, answers](const LoopbackRequest& request) {
      const Lock lock(mutex_);
      requests_.push_back(request);
      arrived_.notify_all();
      return answers[std::min(requests_.size(), answers.size()) - 1];
    });
  }
  void open(ExporterOptions options = {}) {
    options.endpoint = server_ ? server_->url() + "/v1/traces" : "http://127.0.0.1:1/v1/traces";
    options.source = {"rankloop", "1", "one"};
    options.gather = milliseconds{1};
    options.least_backoff = milliseconds{1};
    exporter_ = std::move(SpanExporter::open(options, log_)).value();
  }
  void add(const std::string& name) {
    exporter_->add(
        {.context = parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").value(),
         .name = name});
  }
  std::vector<LoopbackRequest> requests(std::size_t count) {
    Lock lock(mutex_);
    EXPECT_TRUE(arrived_.wait_for(lock, seconds{20}, [&] { return requests_.size() >= count; }));
    return requests_;
  }
  std::uint64_t exported() const { return exporter_->counts().exported; }
  std::uint64_t dropped() const { return exporter_->counts().dropped; }

  Mutex mutex_;
  Condition arrived_;
  std::vector<LoopbackRequest> requests_;  // guarded by mutex_
  Logger log_{LogLevel::kWarning, LogFormat::kText};
  std::unique_ptr<LoopbackServer> server_;
  std::unique_ptr<SpanExporter> exporter_;  // ends before the server
};

TEST_F(SpanExporterTest, PostsJsonToTheCollector) {
  answer_with({{.status = 200, .body = "{}"}});
  open();
  add("one");
  const LoopbackRequest request = requests(1).front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/v1/traces");
  EXPECT_THAT(request.head, HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(request.body, HasSubstr(R"("name":"one")"));
  exporter_->close(seconds{20});
  EXPECT_EQ(exported(), 1U);
  EXPECT_EQ(dropped(), 0U);
}

TEST_F(SpanExporterTest, TriesAgainWhenTheCollectorIsBusy) {
  answer_with({{.status = 503}, {.status = 429}, {.status = 200}});
  open();
  add("patient");
  EXPECT_THAT(requests(3).back().body, HasSubstr("patient"));
  exporter_->close(seconds{20});
  EXPECT_EQ(exported(), 1U);
  EXPECT_EQ(dropped(), 0U);
}

TEST_F(SpanExporterTest, DropsWhatTheCollectorRefuses) {
  ::testing::internal::CaptureStderr();
  answer_with({{.status = 400}});
  open();
  add("refused");
  requests(1);
  exporter_->close(seconds{20});
  EXPECT_EQ(requests(1).size(), 1U);
  EXPECT_EQ(dropped(), 1U);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("it answered 400"));
}

TEST_F(SpanExporterTest, CountsWhatTheCollectorRejectsOfAPartlyTakenBatch) {
  ::testing::internal::CaptureStderr();
  answer_with(
      {{.status = 200, .body = R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}})"}});
  open({.max_batch = 3});
  for (const char* name : {"a", "b", "c"}) add(name);
  exporter_->close(seconds{20});
  EXPECT_EQ(exported(), 1U);
  EXPECT_EQ(dropped(), 2U);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("too old"));
}

TEST(OtlpAnswer, TellsHowManySpansWereRejected) {
  const auto rejected = [](std::string_view answer) { return otlp_rejection(answer).spans; };
  EXPECT_EQ(rejected(R"({"partialSuccess":{"rejectedSpans":"2"}})"), 2U);  // as JSON writes 64 bits
  EXPECT_EQ(rejected(R"({"partialSuccess":{"rejectedSpans":2,"errorMessage":7}})"), 2U);
  for (const char* nothing :
       {"", "{}", "<html>", "[1]", R"({"partialSuccess":{}})", R"({"partialSuccess":3})",
        R"({"partialSuccess":{"rejectedSpans":-1}})", R"({"partialSuccess":{"rejectedSpans":"many"}})"}) {
    EXPECT_EQ(rejected(nothing), 0U) << nothing;
  }
  const std::string longest =
      R"({"partialSuccess":{"rejectedSpans":1,"errorMessage":")" + std::string(999, 'x') + "\"}}";
  EXPECT_EQ(otlp_rejection(longest).reason.size(), 200U);
}

TEST_F(SpanExporterTest, GivesUpAfterItsAttemptsAndSaysSoOnce) {
  ::testing::internal::CaptureStderr();
  answer_with({{.status = 504}});
  open({.attempts = 2});
  add("first");
  requests(2);
  add("second");
  requests(4);
  exporter_->close(seconds{20});
  EXPECT_EQ(dropped(), 2U);
  const std::string lines = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(lines.find("spans were dropped"), lines.rfind("spans were dropped"));
}

TEST_F(SpanExporterTest, SendsWhatWaitsBeforeItCloses) {
  answer_with({{.status = 200}});
  open({.max_batch = 2});
  for (const char* name : {"a", "b", "c", "d", "e"}) add(name);
  exporter_->close(seconds{20});
  EXPECT_EQ(exported(), 5U);
  add("late");
  EXPECT_EQ(dropped(), 1U);
}

TEST_F(SpanExporterTest, DropsMoreThanMayWait) {
  Mutex held;
  Lock hold(held);
  server_ = std::make_unique<LoopbackServer>([&](const LoopbackRequest& request) {
    {
      const Lock lock(mutex_);
      requests_.push_back(request);
      arrived_.notify_all();
    }
    const Lock wait(held);
    return LoopbackAnswer{.status = 200};
  });
  open({.max_waiting = 2, .max_batch = 1});
  add("under way");
  requests(1);
  for (const char* name : {"one", "two", "three"}) add(name);
  EXPECT_EQ(dropped(), 1U);
  hold.unlock();
  exporter_->close(seconds{20});
  EXPECT_EQ(exported(), 3U);
}

TEST_F(SpanExporterTest, EndsInTimeWhenNobodyTakesWhatWaits) {
  open();  // nobody listens
  add("lost");
  const auto begin = std::chrono::steady_clock::now();
  exporter_->close(milliseconds{200});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds{10});
  EXPECT_EQ(dropped(), 1U);
}

TEST_F(SpanExporterTest, RefusesWhatIsNoUrlAndNeverShowsItsSecrets) {
  for (const char* wrong : {"", "collector", "ftp://user:hush@host/", "://hush", "grpc://host:4317"}) {
    const auto opened = SpanExporter::open({.endpoint = wrong}, log_);
    ASSERT_FALSE(opened) << wrong;
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(opened.error().message, Not(HasSubstr("hush")));
  }
  ::testing::internal::CaptureStderr();
  {
    auto opened = SpanExporter::open(
        {.endpoint = "http://ada:hush@127.0.0.1:1/v1/traces?token=hush", .attempts = 1}, log_);
    ASSERT_TRUE(opened);
    (*opened)->add({.name = "one"});
    (*opened)->close(seconds{20});
  }
  const std::string lines = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(lines, HasSubstr("endpoint=http://127.0.0.1:1/v1/traces "));
  EXPECT_THAT(lines, Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace rankloop::telemetry
