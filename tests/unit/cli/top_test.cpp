// The loop as a terminal shows it.
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/top/loop_view.h"
#include "cli/top/metric_text.h"
#include "cli/top/styled_line.h"

namespace rankloop::cli {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::ResultOf;
using ::testing::SizeIs;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(MetricText, ReadsLabelsAndPassesOverWhatIsNoMeasurement) {
  const MetricText text{
      "# HELP a_total Something\n"
      "a_total{route=\"/x\",status=\"200\"} 3\n"
      "a_total{route=\"quote \\\" and } brace\",status=\"500\"} 4.5\n"
      "broken{route=\"/x\n"
      "plain 7"};
  ASSERT_THAT(text.all("a_total"), SizeIs(2));
  EXPECT_EQ(text.all("a_total")[1].labels.at("route"), "quote \" and } brace");
  EXPECT_DOUBLE_EQ(text.sum("a_total"), 7.5);
  EXPECT_DOUBLE_EQ(text.sum("plain"), 7);
  EXPECT_THAT(text.all("broken"), SizeIs(0));
}

TEST(Quantile, IsLinearInsideABucket) {
  const Buckets buckets = {{1, 10}, {2, 20}, {kInfinity, 20}};
  EXPECT_DOUBLE_EQ(*quantile(buckets, 0.5), 1);
  EXPECT_DOUBLE_EQ(*quantile(buckets, 0.75), 1.5);
}

TEST(Quantile, IsTheLastBoundForWhatLiesBeyondItAndNothingWithoutObservations) {
  EXPECT_DOUBLE_EQ(*quantile({{1, 1}, {kInfinity, 4}}, 0.99), 1);
  EXPECT_FALSE(quantile({{1, 0}, {kInfinity, 0}}, 0.5));
  EXPECT_FALSE(quantile({}, 0.5));
}

TEST(Buckets, StartAnewWhenTheServerDid) {
  const Buckets before = {{1, 5}, {kInfinity, 9}};
  EXPECT_EQ(since({{1, 6}, {kInfinity, 12}}, before), (Buckets{{1, 1}, {kInfinity, 3}}));
  EXPECT_EQ(since({{1, 2}, {kInfinity, 2}}, before), (Buckets{{1, 2}, {kInfinity, 2}}));
}

TEST(Sparkline, ShowsTheNewestThatFitFromZeroToTheGreatest) {
  EXPECT_EQ(sparkline({9, 0, 7, 3.5}, 3, true), "▁█▅");
  EXPECT_EQ(sparkline({0, 0}, 5, false), "__");
  EXPECT_EQ(sparkline({1, 2}, 0, true), "");
}

TEST(StyledLine, CutsByCodePointsAndKeepsControlCharactersAway) {
  StyledLine line;
  line.add("▁▂▃▄", Colour::kRed).add("ab\x1b[31m");
  EXPECT_EQ(line.text(3, false), "▁▂▃");
  EXPECT_EQ(line.text(3, true), "\x1b[31m▁▂▃\x1b[0m");
  EXPECT_EQ(line.text(99, false), "▁▂▃▄ab [31m");
}

ServerFigures state_after(int seconds, double scored) {
  ServerFigures state;
  state.at = Monotonic{} + std::chrono::seconds{seconds};
  state.counts.scored = scored;
  state.models.push_back({.id = 3, .family = "mlp", .role = "champion", .share = 1});
  state.trainings.push_back({"2026-03-01T12:00:00.000Z", 4, "reject", "It is worse."});
  state.blocks = {"It is worse."};
  return state;
}

TEST(LoopView, FitsEveryWindow) {
  LoopHistory history;
  history.add(state_after(0, 0));
  history.add(state_after(2, 30));
  for (const int columns : {1, 10, 40, 200}) {
    for (const int rows : {1, 2, 5, 24, 60}) {
      const auto lines =
          screen_lines(history, "http://127.0.0.1:4789", "away", {columns, rows}, {false, true});
      EXPECT_LE(lines.size(), static_cast<std::size_t>(rows));
      EXPECT_THAT(lines,
                  Each(ResultOf([](const std::string& line) { return columns_of(line); }, Le(columns))));
    }
  }
}

TEST(LoopView, TellsRatesVerdictsAndWhatBlocksThePromotion) {
  LoopHistory history;
  history.add(state_after(0, 0));
  history.add(state_after(2, 30));
  std::string screen;
  for (const std::string& line : screen_lines(history, "http://x", "", {100, 40}, {false, false}))
    screen += line + "\n";
  EXPECT_THAT(screen, HasSubstr("champion   mlp 3"));
  EXPECT_THAT(screen, HasSubstr("15.0/s #\n"));
  EXPECT_THAT(screen, HasSubstr("promotion  It is worse."));
  EXPECT_THAT(screen, HasSubstr("model 4 reject  It is worse."));
  EXPECT_THAT(plain_line(history), HasSubstr("mlp 3: 0.0 requests/s, 15.0 scored/s"));
  EXPECT_THAT(to_json(history, "http://x"), HasSubstr(R"("blocks":["It is worse."])"));
}

TEST(LoopHistory, CountsNothingBackwardsWhenTheServerStartedAgain) {
  LoopHistory history;
  history.add(state_after(0, 500));
  history.add(state_after(1, 2));
  EXPECT_DOUBLE_EQ(history.rates().back().scored, 0);
}

}  // namespace
}  // namespace rankloop::cli
