// What clients of Celery really send (tests/fixtures/celery, recorded by tests/celery/record_frames.py).
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/celery/envelope.h"
#include "queue/celery/moment.h"
#include "support/checkout.h"

namespace rankloop::queue::celery {
namespace {

using testing::HasSubstr;

std::string from_base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned held = 0;
  int bits = 0;
  for (const char letter : text) {
    const std::size_t digit = kDigits.find(letter);
    if (digit == std::string_view::npos) break;
    held = held << 6U | static_cast<unsigned>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> static_cast<unsigned>(bits) & 0xffU);
  }
  return bytes;
}

class CeleryFrames : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::ifstream file(
        in_checkout(std::string("tests/fixtures/celery/frames-") + GetParam() + ".json"));
    std::stringstream text;
    text << file.rdbuf();
    calls_ = boost::json::parse(text.str()).at("calls").as_object();
  }
  static Message message_of(const boost::json::value& frame) {
    const boost::json::object& properties = frame.at("properties").as_object();
    const auto text = [&](std::string_view name) {
      const boost::json::value* value = properties.if_contains(name);
      return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    Message message;
    message.content_type = text("content_type");
    message.content_encoding = text("content_encoding");
    message.correlation_id = text("correlation_id");
    message.reply_to = text("reply_to");
    message.headers = frame.at("headers").as_object();
    const boost::json::value& body = frame.at("body");
    message.body =
        body.is_string() ? std::string(body.get_string()) : from_base64(body.at("base64").as_string());
    return message;
  }
  std::vector<Message> messages(std::string_view call) const {
    const boost::json::value& frames = calls_.at(call);
    if (!frames.is_array()) return {message_of(frames)};
    std::vector<Message> found;
    for (const boost::json::value& frame : frames.get_array()) found.push_back(message_of(frame));
    return found;
  }
  std::vector<ForeignTask> tasks(std::string_view call) const {
    std::vector<ForeignTask> found;
    for (const Message& message : messages(call)) {
      Parsed parsed = parse_task(message);
      const auto* refused = std::get_if<Refused>(&parsed);
      EXPECT_EQ(refused, nullptr) << call << ": " << (refused ? refused->reason : "");
      if (auto* task = std::get_if<ForeignTask>(&parsed)) found.push_back(std::move(*task));
    }
    EXPECT_FALSE(found.empty()) << call;
    return found;
  }
  ForeignTask task(std::string_view call) const { return tasks(call).front(); }
  std::string refusal(std::string_view call) const {
    const Parsed parsed = parse_task(messages(call).front());
    const auto* refused = std::get_if<Refused>(&parsed);
    return refused != nullptr ? refused->reason : "accepted";
  }

  boost::json::object calls_;
};
INSTANTIATE_TEST_SUITE_P(Versions, CeleryFrames, testing::Values("5.2", "5.7"),
                         [](const auto& version) { return std::string("Celery5") + version.param[2]; });

TEST_P(CeleryFrames, NameTheirTaskAndWhoWaits) {
  for (const char* call : {"args", "kwargs", "countdown", "priority", "time_limits", "shadow"}) {
    const ForeignTask read = task(call);
    EXPECT_EQ(read.name, "inference") << call;
    EXPECT_EQ(read.correlation_id, read.id.to_string()) << call;
    EXPECT_FALSE(read.reply_to.empty()) << call;
    EXPECT_FALSE(read.is_canvas) << call;
    EXPECT_FALSE(read.ignore_result) << call;
  }
  EXPECT_EQ(task("training").name, "training");
  EXPECT_EQ(task("unknown").name, "tasks.add");
  EXPECT_TRUE(task("ignore_result").ignore_result);
}

TEST_P(CeleryFrames, CarryArguments) {
  EXPECT_EQ(task("args").args, "[1]");
  EXPECT_EQ(task("args").kwargs, "{}");
  EXPECT_EQ(boost::json::parse(task("kwargs").kwargs).at("people_num"), 2);
  EXPECT_EQ(boost::json::parse(task("beyond_ascii").args).at(0), "Zo\u00eb \U0001f600");
  for (const char* compressed : {"gzip", "zlib"}) {
    EXPECT_EQ(task(compressed).kwargs, task("kwargs").kwargs) << compressed;
  }
}

TEST_P(CeleryFrames, CarryValuesThatJsonHasNoTypeFor) {
  const boost::json::value values = boost::json::parse(task("tagged_kwargs").kwargs);
  EXPECT_EQ(values.at("when"), "2026-11-23T12:00:00+05:30");
  EXPECT_EQ(values.at("day"), "2026-11-23");
  EXPECT_EQ(values.at("price"), "12.50");
  EXPECT_EQ(values.at("id"), "00000000-0000-0000-0000-000000000007");
}

TEST_P(CeleryFrames, SayWhenATaskMayBegin) {
  EXPECT_EQ(task("eta_with_offset").eta, parse_iso_moment("2026-11-23T06:30:00Z"));
  EXPECT_EQ(task("eta_later").eta, parse_iso_moment("2099-11-23T12:00:00Z"));
  EXPECT_TRUE(task("countdown").eta);
  EXPECT_TRUE(task("expires_seconds").expires);
  EXPECT_TRUE(task("expires_moment").expires);
  EXPECT_FALSE(task("args").eta || task("args").expires);
}

TEST_P(CeleryFrames, TellWhatIsToFollow) {
  for (const char* call : {"chain", "callback", "chord"}) {
    for (const ForeignTask& read : tasks(call)) EXPECT_TRUE(read.is_canvas) << call;
  }
  EXPECT_THAT(tasks("group"), testing::SizeIs(2));
  for (const ForeignTask& read : tasks("group")) EXPECT_FALSE(read.is_canvas);
}

TEST_P(CeleryFrames, AreRefusedWithAReasonWhenTheyCannotBeRead) {
  EXPECT_THAT(refusal("pickle"), HasSubstr("pickle"));
  EXPECT_THAT(refusal("protocol_1"), HasSubstr("protocol 2"));
}

}  // namespace
}  // namespace rankloop::queue::celery
