// Moments as Python writes them.
#include <gtest/gtest.h>

#include "queue/celery/moment.h"

namespace rankloop::queue::celery {
namespace {

using std::chrono::microseconds;

// 2026-11-23T10:00:00Z.
const Moment kTen{std::chrono::seconds{1'795'428'000}};

TEST(CeleryMoment, ReadsEveryOffset) {
  struct Case {
    const char* text;
    microseconds after;
  };
  for (const Case& one :
       {Case{"2026-11-23T10:00:00", microseconds{0}}, Case{"2026-11-23T10:00:00Z", microseconds{0}},
        Case{"2026-11-23 10:00", microseconds{0}}, Case{"2026-11-23T10:00:00+00:00", microseconds{0}},
        Case{"2026-11-23T12:00:00.000001+02:00", microseconds{1}},
        Case{"2026-11-23T15:45:00.5+05:45", microseconds{500'000}},
        Case{"2026-11-22T22:30:00-11:30", microseconds{0}},
        Case{"2026-11-23T10:00:30+00:00:30", microseconds{0}},
        Case{"2026-11-23T10:00:00.1234567", microseconds{123'456}}}) {
    const auto moment = parse_iso_moment(one.text);
    ASSERT_TRUE(moment) << one.text;
    EXPECT_EQ(*moment, kTen + one.after) << one.text;
  }
}

TEST(CeleryMoment, RefusesWhatIsNoMoment) {
  for (const char* text :
       {"", "2026-11-23", "2026-11-31T10:00:00", "2026-11-23T24:00:00", "2026-11-23T10:00:00.",
        "2026-11-23T10:00:00+", "2026-11-23T10:00:00+2", "2026-11-23T10:00:00ZZ", "2026-11-23T10:00:60",
        "2026-11-23x10:00:00", "1795428000"})
    EXPECT_FALSE(parse_iso_moment(text)) << text;
}

TEST(CeleryMoment, WritesWhatPythonReads) {
  EXPECT_EQ(to_iso_moment(kTen + microseconds{42}), "2026-11-23T10:00:00.000042+00:00");
  EXPECT_EQ(parse_iso_moment(to_iso_moment(kTen + microseconds{42})), kTen + microseconds{42});
  EXPECT_DOUBLE_EQ(to_seconds(kTen + microseconds{500'000}), 1'795'428'000.5);
}

}  // namespace
}  // namespace rankloop::queue::celery
