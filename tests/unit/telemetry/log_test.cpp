// The log in both of its forms.
#include "telemetry/log.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rankloop::telemetry {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

// What reaches standard error while `act` runs.
std::string logged(LogLevel level, LogFormat format, const std::function<void(Logger&)>& act) {
  testing::internal::CaptureStderr();
  {
    Logger log{level, format};
    act(log);
  }
  return testing::internal::GetCapturedStderr();
}

std::string logged_text(std::string_view event, LogFields fields) {
  return logged(LogLevel::kInfo, LogFormat::kText, [&](Logger& log) { log.info(event, fields); });
}

TEST(TextLog, WritesTheEventAndItsFieldsInOneLine) {
  EXPECT_THAT(logged_text("task ended", {{"task_id", "7"}, {"state", "succeeded"}}),
              MatchesRegex("[0-9]+-[0-9]+-[0-9]+ [0-9:.]+ info +task ended task_id=7 state=succeeded\n"));
}

TEST(TextLog, QuotesWhatWouldNotSplitAgain) {
  EXPECT_THAT(logged_text("x", {{"a", "two words"}}), HasSubstr(" a=\"two words\"\n"));
  EXPECT_THAT(logged_text("x", {{"a", ""}}), HasSubstr(" a=\"\"\n"));
  EXPECT_THAT(logged_text("x", {{"a", "b=c"}}), HasSubstr(" a=\"b=c\"\n"));
  EXPECT_THAT(logged_text("x", {{"a", "say \"hi\" \\o/"}}), HasSubstr(R"( a="say \"hi\" \\o/")"));
  EXPECT_THAT(logged_text("x", {{"a", "Zürich"}}), HasSubstr(" a=Zürich\n"));
}

TEST(TextLog, LeavesOutAFieldWithoutAValue) {
  EXPECT_THAT(logged_text("x", {{"a", "1"}, {"trace_id", {}}, {"b", "2"}}), HasSubstr(" x a=1 b=2\n"));
}

TEST(TextLog, LetsNoControlCharacterThrough) {
  const std::string line =
      logged_text("x", {{"a", "one\ntwo"}, {"b", "\x1b[2J"}, {"c", "\r"}, {"d", "\x7f"}});
  EXPECT_THAT(line, HasSubstr(R"( a="one\u000atwo" b="\u001b[2J" c="\u000d" d="\u007f")"));
  EXPECT_EQ(line.find_first_of("\r\n\x1b"), line.size() - 1);
}

TEST(TextLog, LetsNoBrokenUtf8AndNoC1ControlThrough) {
  EXPECT_THAT(logged_text("x", {{"a", "b\xff"}, {"c", "\xc2\x9b"}}),
              HasSubstr(" a=\"b\ufffd\" c=\"\\u009b\"\n"));
}

std::string logged_json(std::string_view value) {
  const std::string line =
      logged(LogLevel::kInfo, LogFormat::kJson, [&](Logger& log) { log.info("x", {{"a", value}}); });
  const std::size_t at = line.find("\"a\":\"") + 5;
  return line.substr(at, line.rfind('"') - at);
}

TEST(JsonLog, StaysJsonWhateverTheBytes) {
  EXPECT_EQ(logged_json("Zürich € 𝄞"), "Zürich € 𝄞");
  EXPECT_EQ(logged_json("a\xff\x62"), "a\ufffd\x62");
  EXPECT_EQ(logged_json("\xe2\x82"), "\ufffd\ufffd");                        // cut short
  EXPECT_EQ(logged_json("\xc0\xaf"), "\ufffd\ufffd");                        // overlong
  EXPECT_EQ(logged_json("\xe0\x80\xaf"), "\ufffd\ufffd\ufffd");              // overlong
  EXPECT_EQ(logged_json("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");              // a surrogate
  EXPECT_EQ(logged_json("\xf4\x90\x80\x80!"), "\ufffd\ufffd\ufffd\ufffd!");  // beyond U+10FFFF
  EXPECT_EQ(logged_json("\xe2\x28\xa1"), "\ufffd(\ufffd");
}

TEST(JsonLog, WritesOneObjectALine) {
  const std::string line = logged(LogLevel::kInfo, LogFormat::kJson, [](Logger& log) {
    log.warning("the \"event\"", {{"path", "C:\\a\tb"}, {"request_id", "r 1"}});
  });
  EXPECT_THAT(line, MatchesRegex("\\{\"time\":\"[0-9T:.+-]+\",\"level\":\"warning\",.*\\}\n"));
  EXPECT_THAT(line, HasSubstr(R"("event":"the \"event\"","path":"C:\\a\u0009b","request_id":"r 1"})"));
}

TEST(Log, KeepsQuietBelowItsLevel) {
  const auto act = [](Logger& log) {
    log.debug("one");
    log.info("two");
    log.warning("three");
    log.error("four");
  };
  const std::string from_warning = logged(LogLevel::kWarning, LogFormat::kText, act);
  EXPECT_THAT(from_warning, Not(HasSubstr("two")));
  EXPECT_THAT(from_warning, HasSubstr("three"));
  EXPECT_THAT(logged(LogLevel::kDebug, LogFormat::kText, act), HasSubstr("one"));
  EXPECT_EQ(logged(LogLevel::kOff, LogFormat::kText, act), "");
}

TEST(Log, ChangesItsLevelWhileItRuns) {
  const std::string lines = logged(LogLevel::kError, LogFormat::kText, [](Logger& log) {
    EXPECT_FALSE(log.enabled(LogLevel::kInfo));
    log.info("before");
    log.set_level(LogLevel::kInfo);
    EXPECT_TRUE(log.enabled(LogLevel::kInfo));
    log.info("after");
  });
  EXPECT_THAT(lines, Not(HasSubstr("before")));
  EXPECT_THAT(lines, HasSubstr("after"));
}

TEST(Log, NamesItsLevels) {
  for (const char* name : {"debug", "info", "warning", "error", "off"}) {
    const auto level = parse_log_level(name);
    ASSERT_TRUE(level);
    EXPECT_EQ(name_of(*level), name);
    EXPECT_EQ((Logger{*level, LogFormat::kText}.level()), *level);
  }
  EXPECT_FALSE(parse_log_level("INFO"));
  EXPECT_FALSE(parse_log_level(""));
}

TEST(Log, WritesAnErrorWithItsInternalDetail) {
  const std::string line = logged(LogLevel::kError, LogFormat::kText, [](Logger& log) {
    log.error("commit failed", Error{ErrorCode::kUnavailable, "the disk is full", "sqlite 13"},
              {{"task_id", "7"}});
  });
  EXPECT_THAT(line,
              HasSubstr("commit failed code=unavailable message=\"the disk is full\" detail=\"sqlite 13\" "
                        "task_id=7\n"));
}

TEST(Redact, TakesThePasswordOutOfAUrl) {
  EXPECT_EQ(redact("postgresql://ada:hush@db.example/rank"), "postgresql://ada:***@db.example/rank");
  EXPECT_EQ(redact("amqp://:hush@host:5672"), "amqp://:***@host:5672");
  EXPECT_EQ(redact("postgresql://ada:hush@[::1]:5432/rank?sslmode=require"),
            "postgresql://ada:***@[::1]:5432/rank?sslmode=require");
}

TEST(Redact, TakesOutAPasswordThatShouldHaveBeenEscaped) {
  EXPECT_EQ(redact("postgresql://ada:hu@sh@host/rank"), "postgresql://ada:***@host/rank");
  EXPECT_EQ(redact("postgresql://ada:hu/sh@host/rank"), "postgresql://ada:***@host/rank");
}

TEST(Redact, TakesOutAPasswordThatIsAParameter) {
  EXPECT_EQ(redact("postgresql://host/rank?user=ada&password=hush&sslmode=require"),
            "postgresql://host/rank?user=ada&password=***&sslmode=require");
  EXPECT_EQ(redact("postgresql://host/rank?password=hush"), "postgresql://host/rank?password=***");
}

TEST(Redact, LeavesOtherTextAsItIs) {
  for (const char* text :
       {"", "sqlite:data/rankloop.db", "memory:", "http://127.0.0.1:4789/docs", "ada:hush@host",
        "postgresql://ada@host:5432/rank", "http://host/path:7/a?b=c@d"}) {
    EXPECT_EQ(redact(text), text);
  }
}

}  // namespace
}  // namespace rankloop::telemetry
