// Calls to workers of other programs.
#include <chrono>
#include <string>
#include <variant>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/celery/envelope.h"
#include "queue/celery/external_call.h"

namespace rankloop::queue::celery {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kJson = "application/json";

TEST(CeleryExternalCall, IsATaskMessageOfProtocolTwo) {
  const TaskId id = TaskId::make(1'700'000'000'000, 1, 2);
  const Moment expires = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + std::chrono::hours{5};
  const Message message = external_message({.id = id,
                                            .task = "hotels.rank",
                                            .arguments = R"({"limit":10,"items":[1,2]})",
                                            .reply_to = "answers",
                                            .origin = "gen1@here",
                                            .expires = expires,
                                            .expires_in = std::chrono::seconds{30}});
  EXPECT_EQ(message.correlation_id, id.to_string());
  EXPECT_EQ(message.reply_to, "answers");
  EXPECT_EQ(message.expiration, "30000");
  EXPECT_EQ(message.headers.at("expires"), "2026-11-24T05:00:00.000000+00:00");
  const Parsed parsed = parse_task(message);  // as Celery would take it apart
  const auto* task = std::get_if<ForeignTask>(&parsed);
  ASSERT_NE(task, nullptr);
  EXPECT_EQ(task->name, "hotels.rank");
  EXPECT_EQ(task->id, id);
  EXPECT_EQ(task->kwargs, R"({"limit":10,"items":[1,2]})");
  EXPECT_FALSE(task->is_canvas);
  EXPECT_FALSE(task->ignore_result);
  EXPECT_EQ(task->expires, expires);
}

TEST(CeleryExternalCall, CarriesATraceIfThereIsOne) {
  const std::string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_EQ(external_message({.task = "rank", .arguments = "{}", .traceparent = traceparent})
                .headers.at("traceparent")
                .as_string(),
            traceparent);
  EXPECT_FALSE(external_message({.task = "rank", .arguments = "{}"}).headers.contains("traceparent"));
}

TEST(CeleryExternalCall, ReadsWhatATaskReturned) {
  const auto result = read_result(kJson, R"({"status":"SUCCESS","result":[3,1],"task_id":"x"})");
  ASSERT_TRUE(result && *result);
  EXPECT_EQ(boost::json::serialize(**result), "[3,1]");
}

TEST(CeleryExternalCall, WaitsWhileATaskHasNotEnded) {
  for (const char* state : {"PENDING", "RECEIVED", "STARTED", "RETRY", "HALF DONE"}) {
    const auto result = read_result(kJson, R"({"status":")" + std::string{state} + R"(","result":null})");
    ASSERT_TRUE(result) << state;
    EXPECT_FALSE(result->has_value()) << state;
  }
}

TEST(CeleryExternalCall, TellsWhatWasRaised) {
  const auto failed = read_result(
      kJson, R"({"status":"FAILURE","result":{"exc_type":"ValueError","exc_message":["no ranking",7]}})");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kInternal);
  EXPECT_EQ(failed.error().message, "the Python worker failed: ValueError: no ranking, 7");
  const auto revoked = read_result(
      kJson, R"({"status":"REVOKED","result":{"exc_type":"TaskRevokedError","exc_message":"expired"}})");
  ASSERT_FALSE(revoked);
  EXPECT_THAT(revoked.error().message, HasSubstr("TaskRevokedError: expired"));
  EXPECT_EQ(read_result(kJson, R"({"status":"FAILURE","result":null})").error().code, ErrorCode::kInternal);
}

TEST(CeleryExternalCall, ShortensALongExceptionBetweenCharacters) {
  std::string long_text;
  for (int i = 0; i < 500; ++i) long_text += "ü";
  const auto failed = read_result(
      kJson, R"({"status":"FAILURE","result":{"exc_type":"E","exc_message":[")" + long_text + R"("]}})");
  ASSERT_FALSE(failed);
  const std::string& message = failed.error().message;
  EXPECT_LT(message.size(), 450U);
  EXPECT_TRUE(message.ends_with("ü...")) << message;
}

TEST(CeleryExternalCall, RefusesWhatIsNoResult) {
  for (const char* meta : {"", "[]", "{}", R"({"status":7})", R"({"status":"SUCCESS","result":[NaN]})"}) {
    const auto result = read_result(kJson, meta);
    ASSERT_FALSE(result) << meta;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument) << meta;
  }
  const auto pickled = read_result("application/x-python-serialize", "x");
  ASSERT_FALSE(pickled);
  EXPECT_THAT(pickled.error().message, HasSubstr("application/x-python-serialize"));
}

}  // namespace
}  // namespace rankloop::queue::celery
