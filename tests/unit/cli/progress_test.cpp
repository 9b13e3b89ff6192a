// Bars and lines of progress.
#include "cli/progress.h"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

namespace rankloop::cli {
namespace {

class HandClock final : public Clock {
 public:
  WallTime wall() const override { return {}; }
  Monotonic monotonic() const override { return now_; }
  void advance(std::chrono::milliseconds time) { now_ += time; }

 private:
  Monotonic now_{};
};

TEST(Progress, RedrawsOneLineOnATerminal) {
  HandClock clock;
  std::ostringstream out;
  {
    Progress progress{out, ProgressStyle::kBar, "traffic", "journeys", clock};
    progress.update(0, 200);
    clock.advance(std::chrono::milliseconds{50});
    progress.update(1, 200);  // too early to draw again
    clock.advance(std::chrono::milliseconds{1950});
    progress.update(50, 200, "1 failed");
    EXPECT_EQ(
        out.str(),
        "\rtraffic [............................]   0 %  0 of 200 journeys\x1b[K"
        "\rtraffic [#######.....................]  25 %  50 of 200 journeys  25/s  6 s left  1 failed\x1b[K");
    clock.advance(std::chrono::seconds{6});
    progress.update(200, 200);
  }
  EXPECT_TRUE(out.str().ends_with("100 %  200 of 200 journeys  25/s  in 8 s\x1b[K\n"));
}

// Whatever there is to say, it stays in one row: figures first, then the bar, then the note.
TEST(Progress, FitsTheTerminal) {
  for (const int columns : {200, 100, 80, 60, 40, 20, 5}) {
    HandClock clock;
    std::ostringstream out;
    Progress progress{out, ProgressStyle::kBar, "moving", "rows", clock, [columns] { return columns; }};
    clock.advance(std::chrono::seconds{20});
    progress.update(123'456'789, 1'000'000'000,
                    "verifying the table of Gästehäuser in Österreich, one after the other");
    const std::string line = out.str();
    ASSERT_TRUE(line.starts_with("\r") && line.ends_with("\x1b[K"));
    const std::string shown = line.substr(1, line.size() - 4);
    const auto characters =
        std::count_if(shown.begin(), shown.end(), [](char c) { return (c & 0xc0) != 0x80; });
    EXPECT_LT(characters, columns) << shown;
    EXPECT_EQ(shown.find("123456789 of 1000000000 rows") != std::string::npos, columns >= 60) << shown;
    EXPECT_EQ(shown.find('#') != std::string::npos, columns >= 100) << shown;
  }
}

TEST(Progress, WritesALineEveryFewSecondsElsewhere) {
  HandClock clock;
  std::ostringstream out;
  Progress progress{out, ProgressStyle::kLines, "training", "", clock};
  for (int tenth = 0; tenth < 120; ++tenth) {
    progress.update(tenth, 200);
    clock.advance(std::chrono::milliseconds{100});
  }
  progress.finish();
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);  // after 5 s, 10 s and at the end
  EXPECT_TRUE(text.starts_with("training  25 %  15 s left\n"));
  EXPECT_EQ(text.find('\r'), std::string::npos);
}

TEST(Progress, HasNoBarWhenTheTotalIsUnknown) {
  HandClock clock;
  std::ostringstream out;
  Progress progress{out, ProgressStyle::kBar, "traffic", "journeys", clock};
  progress.update(12, 0);
  EXPECT_EQ(out.str(), "\rtraffic  12 journeys\x1b[K");
}

TEST(Progress, SaysNothingWhenSilentOrNeverUpdated) {
  HandClock clock;
  std::ostringstream out;
  {
    Progress silent{out, ProgressStyle::kSilent, "traffic", "journeys", clock};
    silent.update(1, 2);
    const Progress idle{out, ProgressStyle::kBar, "traffic", "journeys", clock};
  }
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(progress_style(true), ProgressStyle::kSilent);
}

TEST(Progress, TellsDurationsToPeople) {
  EXPECT_EQ(human_duration(std::chrono::milliseconds{7200}), "8 s");
  EXPECT_EQ(human_duration(std::chrono::seconds{185}), "3 min 05 s");
  EXPECT_EQ(human_duration(std::chrono::seconds{7800}), "2 h 10 min");
  EXPECT_EQ(human_duration(std::chrono::seconds{-1}), "0 s");
}

}  // namespace
}  // namespace rankloop::cli
