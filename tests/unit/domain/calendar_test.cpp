// Days and moments as text.
#include "domain/calendar.h"

#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace rankloop {
namespace {

std::string utc(std::string_view text) {
  const auto moment = parse_moment(text);
  return moment ? to_iso8601(*moment) : "none";
}

TEST(ParseMoment, TakesAnyOffsetAsUtc) {
  EXPECT_EQ(utc("2026-03-01T12:00:00Z"), "2026-03-01T12:00:00.000Z");
  EXPECT_EQ(utc("2026-03-01T13:00:00+01:00"), "2026-03-01T12:00:00.000Z");
  EXPECT_EQ(utc("2026-03-01T06:30:00-05:30"), "2026-03-01T12:00:00.000Z");
  EXPECT_EQ(utc("2026-03-01T13:00:00+0100"), "2026-03-01T12:00:00.000Z");
  EXPECT_EQ(utc("2026-03-01 13:00:00+01"), "2026-03-01T12:00:00.000Z");
  EXPECT_EQ(utc("2026-03-01t12:00:00z"), "2026-03-01T12:00:00.000Z");
  EXPECT_EQ(utc("2026-02-28T23:30:00-01:00"), "2026-03-01T00:30:00.000Z");
}

TEST(ParseMoment, KeepsThreeOfUpToNineDigits) {
  EXPECT_EQ(utc("2019-11-24 00:03:13.442536+00:00"), "2019-11-24T00:03:13.442Z");
  EXPECT_EQ(utc("2026-03-01T12:00:00.5Z"), "2026-03-01T12:00:00.500Z");
  EXPECT_EQ(utc("2026-03-01T12:00:00.123456789Z"), "2026-03-01T12:00:00.123Z");
  EXPECT_EQ(utc("1969-12-31T23:59:59.9999Z"), "1969-12-31T23:59:59.999Z");
}

TEST(ParseMoment, RefusesWhatIsNone) {
  for (const char* text :
       {"", "2026-03-01", "2026-03-01T12:00:00", "2026-03-01T12:00Z", "2026-03-01T12:00:00.Z",
        "2026-03-01T12:00:00.1234567890Z", "2026-03-01T12:00:60Z", "2026-02-30T12:00:00Z",
        "2026-03-01T24:00:00Z", "2026-03-01T12:00:00+24:00", "2026-03-01T12:00:00+1",
        "2026-03-01T12:00:00+01:0", "2026-03-01T12:00:00+01:000", "2026-03-01T12:00:00+01:60",
        "2026-03-01T12:00:00 Z", "2026-03-01T12:00:00ZZ", "2026-03-01x12:00:00Z", "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00"}) {
    EXPECT_EQ(utc(text), "none") << text;
  }
}

}  // namespace
}  // namespace rankloop
