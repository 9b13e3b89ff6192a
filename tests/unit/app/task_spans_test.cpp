// The spans of a task.
#include "app/serve/task_spans.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rankloop::app {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;
using telemetry::Span;

class TaskSpansTest : public testing::Test {
 protected:
  storage::ClaimedTask claimed(int attempt = 1) {
    auto request = std::make_shared<storage::NewInference>();
    request->accepted = begin_ - 5ms;
    storage::ClaimedTask task;
    task.lease.task = TaskId::make(1'700'000'000'000, 1, 2);
    task.attempt = attempt;
    task.inference = request;
    task.trace = telemetry::parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    return task;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const Span& span : ended_) found.push_back(span.name);
    return found;
  }
  const Span& span(std::string_view name) const {
    const auto found = std::ranges::find(ended_, name, &Span::name);
    EXPECT_NE(found, ended_.end()) << name;
    return *found;
  }
  std::string outcome() const {
    for (const auto& [key, value] : span("inference").attributes) {
      if (key == "rankloop.outcome") return std::get<std::string>(value);
    }
    return "none";
  }

  const Monotonic begin_ = std::chrono::steady_clock::now();
  std::vector<Span> ended_;
  std::uint64_t bits_ = 0;
  const telemetry::Tracer tracer_{0, [this] { return ++bits_; },
                                  [this](Span span) { ended_.push_back(std::move(span)); }};
};

TEST_F(TaskSpansTest, TellsOfATaskAndItsStages) {
  const storage::ClaimedTask task = claimed();
  TaskSpans spans(&tracer_, task, begin_);
  spans.stage("score", begin_, begin_ + 2ms);
  spans.stage("commit", begin_ + 2ms, begin_ + 3ms);
  spans.end({"succeeded", ModelId{7}}, begin_ + 4ms);
  EXPECT_THAT(names(), testing::ElementsAre("wait", "score", "commit", "inference"));
  const Span& whole = span("inference");
  EXPECT_EQ(whole.parent, task.trace->span);
  EXPECT_EQ(whole.context, spans.context());
  EXPECT_EQ(whole.context.trace, task.trace->trace);
  EXPECT_EQ(whole.end - whole.begin, 9ms);
  EXPECT_EQ(span("wait").begin, whole.begin);
  EXPECT_EQ(span("wait").end, span("score").begin);
  EXPECT_EQ(span("commit").end - span("commit").begin, 1ms);
  for (const char* stage : {"wait", "score", "commit"}) EXPECT_EQ(span(stage).parent, whole.context.span);
  EXPECT_FALSE(whole.failed);
}

TEST_F(TaskSpansTest, SaysNothingOfWhatNobodyTraces) {
  storage::ClaimedTask task = claimed();
  task.trace->sampled = false;
  {
    TaskSpans spans(&tracer_, task, begin_);
    spans.stage("score", begin_, begin_ + 2ms);
    spans.end({"succeeded"}, begin_ + 4ms);
    EXPECT_EQ(spans.context()->trace, task.trace->trace);  // it is carried on all the same
  }
  task.trace.reset();
  {
    TaskSpans untraced(&tracer_, task, begin_);
  }
  {
    TaskSpans without_tracer(nullptr, claimed(), begin_);
  }
  EXPECT_TRUE(ended_.empty());
}

TEST_F(TaskSpansTest, CountsTheWaitToTheFirstAttemptAlone) {
  TaskSpans spans(&tracer_, claimed(2), begin_);
  spans.end({"failed"}, begin_ + 4ms);
  EXPECT_THAT(names(), testing::ElementsAre("inference"));
  EXPECT_EQ(span("inference").end - span("inference").begin, 4ms);
  EXPECT_TRUE(span("inference").failed);
}

TEST_F(TaskSpansTest, WaitsForNoTimeWhenTheClocksOfTwoMachinesDisagree) {
  storage::ClaimedTask task = claimed();
  auto request = std::make_shared<storage::NewInference>();
  request->at =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now()) + 1h;
  task.inference = request;
  TaskSpans spans(&tracer_, task, begin_);
  spans.end({"succeeded"}, begin_ + 4ms);
  EXPECT_THAT(names(), testing::ElementsAre("inference"));
}

TEST_F(TaskSpansTest, FollowsAStageUntilTheNext) {
  TaskSpans spans(&tracer_, claimed(2), begin_);
  spans.enter("dataset", begin_);
  spans.enter("dataset", begin_ + 1ms);
  spans.enter("steps", begin_ + 2ms);
  spans.end({"succeeded"}, begin_ + 5ms);
  EXPECT_THAT(names(), testing::ElementsAre("dataset", "steps", "inference"));
  EXPECT_EQ(span("dataset").end - span("dataset").begin, 2ms);
  EXPECT_EQ(span("steps").end - span("steps").begin, 3ms);
}

TEST_F(TaskSpansTest, EndsAsAbandonedWhenNobodyEndsIt) {
  {
    TaskSpans spans(&tracer_, claimed(), begin_);
  }
  EXPECT_EQ(outcome(), "abandoned");
}

}  // namespace
}  // namespace rankloop::app
