// What is said of a store that cannot commit.
#include "storage/outage.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rankloop::storage {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kRowsOfAStart = 5;

class OutageTest : public testing::Test {
 protected:
  OutageTest() { testing::internal::CaptureStderr(); }
  ~OutageTest() override {
    if (!read_) testing::internal::GetCapturedStderr();
  }
  void fail(std::chrono::milliseconds after = 0ms) {
    now_ += after;
    outage_.failed({ErrorCode::kUnavailable, "the disk is full", "code 13"}, 2, kRowsOfAStart, now_);
  }
  void commit(std::int64_t rows, std::chrono::milliseconds after = 0ms) {
    now_ += after;
    outage_.committed(rows, now_);
  }
  std::string said() {
    read_ = true;
    return testing::internal::GetCapturedStderr();
  }
  static int count(const std::string& text, const std::string& part) {
    int found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
  }

 private:
  telemetry::Logger log_{telemetry::LogLevel::kInfo, telemetry::LogFormat::kText};
  Outage outage_{&log_};
  Monotonic now_ = Monotonic{} + 1h;
  bool read_ = false;
};

TEST_F(OutageTest, SaysOneLineAtTheBeginningAndOneAtTheEnd) {
  for (int i = 0; i < 100; ++i) fail(100ms);
  commit(kRowsOfAStart, 1s);
  commit(kRowsOfAStart, 1s);
  const std::string text = said();
  EXPECT_EQ(count(text, "\n"), 2) << text;
  EXPECT_THAT(text,
              HasSubstr("error   the store cannot write reason=\"the disk is full\" detail=\"code 13\""));
  EXPECT_THAT(text, HasSubstr("the store writes again failed_commits=100 failed_writes=200 seconds=10"));
}

TEST_F(OutageTest, SaysOneLineAMinuteWhileItLasts) {
  for (int i = 0; i < 1'850; ++i) fail(100ms);  // 185 s
  const std::string text = said();
  EXPECT_EQ(count(text, "the store cannot write"), 1) << text;
  EXPECT_EQ(count(text, "the store still cannot write"), 3) << text;
}

TEST_F(OutageTest, IsNotOverWhenSomethingSmallerWentThrough) {
  fail();
  commit(1, 1s);
  fail(1s);
  commit(kRowsOfAStart - 1, 1s);
  EXPECT_THAT(said(), Not(HasSubstr("again")));
}

TEST_F(OutageTest, IsOverWhenNothingHasFailedForAWhile) {
  fail();
  commit(1, 6s);
  EXPECT_THAT(said(), HasSubstr("the store writes again"));
}

TEST_F(OutageTest, DoesNotFillTheLogWhenItComesAndGoes) {
  for (int i = 0; i < 500; ++i) {
    fail(50ms);
    commit(kRowsOfAStart, 50ms);
  }
  EXPECT_LE(count(said(), "\n"), 6);
}

}  // namespace
}  // namespace rankloop::storage
