// The line of a process that ends by an exception.
#include "telemetry/last_line.h"

#include <csignal>
#include <new>
#include <stdexcept>

#include <gtest/gtest.h>

namespace rankloop::telemetry {
namespace {

void end_by(LogFormat format, void (*throw_it)()) {
  leave_last_line();
  leave_last_line_as(format);
  [throw_it]() noexcept { throw_it(); }();
}

TEST(LastLineDeathTest, SaysInTheLogWhatNothingCaught) {
  EXPECT_EXIT(
      end_by(LogFormat::kText, [] { throw std::bad_alloc(); }), testing::KilledBySignal(SIGABRT),
      "[0-9-]+ [0-9:]+Z fatal   the process ends: nothing caught an exception reason=\"std::bad_alloc\"\n");
}

TEST(LastLineDeathTest, IsAnObjectWhereTheLogIsJson) {
  EXPECT_EXIT(
      end_by(LogFormat::kJson, [] { throw std::runtime_error("no \"such\"\nthing"); }),
      testing::KilledBySignal(SIGABRT),
      "\\{\"time\":\"[0-9TZ:-]+\",\"level\":\"fatal\",\"event\":\"the process ends: nothing caught an "
      "exception\",\"reason\":\"no 'such'\\?thing\"\\}\n");
}

TEST(LastLineDeathTest, SaysSoWhenNothingIsAStandardException) {
  EXPECT_EXIT(end_by(LogFormat::kText, [] { throw 7; }), testing::KilledBySignal(SIGABRT),
              "an exception of an unknown kind");
}

}  // namespace
}  // namespace rankloop::telemetry
