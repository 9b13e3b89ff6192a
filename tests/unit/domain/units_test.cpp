// Durations and sizes as people write them.
#include "domain/units.h"

#include <chrono>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace rankloop {
namespace {

using std::chrono::milliseconds;

TEST(Duration, ReadsEveryUnit) {
  EXPECT_EQ(parse_duration("250ms"), milliseconds{250});
  EXPECT_EQ(parse_duration("30s"), milliseconds{30'000});
  EXPECT_EQ(parse_duration("5m"), milliseconds{300'000});
  EXPECT_EQ(parse_duration("24h"), milliseconds{86'400'000});
  EXPECT_EQ(parse_duration("7d"), milliseconds{7 * 86'400'000});
}

TEST(Duration, TakesABareNumberForSeconds) {
  EXPECT_EQ(parse_duration("1.5"), milliseconds{1'500});
  EXPECT_EQ(parse_duration("0"), milliseconds{0});
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text : {"", "s", "-1s", "1 s", " 1s", "1s ", "1w", "1S", "1e3s", "inf", "nan", "1..5s",
                           "0x10", "3661d", "999999999999999999999d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, IsWrittenInTheLargestWholeUnit) {
  EXPECT_EQ(to_text(milliseconds{0}), "0s");
  EXPECT_EQ(to_text(milliseconds{1'500}), "1500ms");
  EXPECT_EQ(to_text(milliseconds{30'000}), "30s");
  EXPECT_EQ(to_text(milliseconds{90'000}), "90s");
  EXPECT_EQ(to_text(milliseconds{172'800'000}), "2d");
}

RC_GTEST_PROP(Duration, ReadsBackWhatItWrote, ()) {
  const milliseconds duration{*rc::gen::inRange<std::int64_t>(0, 3'000LL * 86'400'000)};
  RC_ASSERT(parse_duration(to_text(duration)) == duration);
}

TEST(Size, ReadsEveryUnit) {
  EXPECT_EQ(parse_bytes("512"), 512U);
  EXPECT_EQ(parse_bytes("64KB"), 64U << 10);
  EXPECT_EQ(parse_bytes("1.5MB"), 3U << 19);
  EXPECT_EQ(parse_bytes("2GB"), 2ULL << 30);
  EXPECT_EQ(parse_bytes("0"), 0U);
}

TEST(Size, RefusesWhatIsNone) {
  for (const char* text : {"", "KB", "-1", "1kb", "1 MB", "1TB", "1e3", "nan", "99999999999GB"}) {
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
  }
}

TEST(Size, IsWrittenInTheLargestWholeUnit) {
  EXPECT_EQ(bytes_to_text(0), "0");
  EXPECT_EQ(bytes_to_text(1'000), "1000");
  EXPECT_EQ(bytes_to_text(1'536), "1536");
  EXPECT_EQ(bytes_to_text(16ULL << 20), "16MB");
  EXPECT_EQ(bytes_to_text(1'024ULL << 30), "1024GB");
}

RC_GTEST_PROP(Size, ReadsBackWhatItWrote, ()) {
  const auto bytes = *rc::gen::inRange<std::uint64_t>(0, 1ULL << 52);
  RC_ASSERT(parse_bytes(bytes_to_text(bytes)) == bytes);
}

}  // namespace
}  // namespace rankloop
