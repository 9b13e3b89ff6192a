// What ends a process that does not end by itself.
#include "server/last_word.h"

#include <thread>

#include <gtest/gtest.h>

namespace rankloop::server {
namespace {

using std::chrono::milliseconds;

TEST(LastWordDeathTest, EndsAProcessThatDoesNotEndByItself) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        telemetry::Logger log(telemetry::LogLevel::kInfo, telemetry::LogFormat::kText);
        LastWord last_word;
        last_word.after(milliseconds(20), log);
        std::this_thread::sleep_for(std::chrono::minutes(5));
      },
      ::testing::ExitedWithCode(1), "left while something still ran");
}

TEST(LastWord, SaysNothingWhenAllHasEnded) {
  telemetry::Logger log(telemetry::LogLevel::kOff, telemetry::LogFormat::kText);
  LastWord unused;
  LastWord used;
  used.after(std::chrono::hours(1), log);
}

}  // namespace
}  // namespace rankloop::server
