// Celery's task messages, read and written.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "queue/celery/envelope.h"
#include "queue/celery/moment.h"

namespace rankloop::queue::celery {
namespace {

using testing::HasSubstr;

const TaskId kTask = TaskId::make(1'772'366'400'000, 1, 2);

// What Celery's apply_async sends.
Message celery_task(std::string_view body) {
  Message message;
  message.correlation_id = "3f1c1a0e-0b1c-4d6e-9d55-3c8f1a2b3c4d";
  message.reply_to = "b7a3";
  message.headers = boost::json::parse(R"json({"lang": "py", "task": "inference",
    "id": "3f1c1a0e-0b1c-4d6e-9d55-3c8f1a2b3c4d", "shadow": null, "eta": null, "expires": null, "group": null,
    "group_index": null, "retries": 2, "timelimit": [null, null], "root_id": "root", "parent_id": "parent",
    "argsrepr": "()", "kwargsrepr": "{}", "origin": "gen1@host", "ignore_result": true,
    "replaced_task_nesting": 0, "stamped_headers": null, "stamps": {}})json")
                        .as_object();
  message.body = body;
  return message;
}
constexpr std::string_view kNothing =
    R"([[], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}])";

std::string refusal(const Message& message) {
  const Parsed parsed = parse_task(message);
  const auto* refused = std::get_if<Refused>(&parsed);
  return refused ? refused->reason : "accepted";
}

ForeignTask accepted(const Message& message) {
  const Parsed parsed = parse_task(message);
  EXPECT_TRUE(std::holds_alternative<ForeignTask>(parsed)) << refusal(message);
  const auto* task = std::get_if<ForeignTask>(&parsed);
  return task ? *task : ForeignTask{};
}

TEST(CeleryEnvelope, BuildsAHintAsProtocolTwo) {
  const Message message = hint_message(kTask, "inference", "gen7@here");
  const std::string id = kTask.to_string();
  EXPECT_EQ(message.content_type, "application/json");
  EXPECT_EQ(message.content_encoding, "utf-8");
  EXPECT_EQ(message.correlation_id, id);
  EXPECT_EQ(message.delivery_mode, 1);
  EXPECT_EQ(message.body, kNothing);
  EXPECT_EQ(boost::json::serialize(message.headers),
            R"({"lang":"py","task":"inference","id":")" + id +
                R"(","shadow":null,"eta":null,"expires":null,"group":null,"group_index":null,"retries":0,)"
                R"("timelimit":[null,null],"root_id":")" +
                id +
                R"json(","parent_id":null,"argsrepr":"()","kwargsrepr":"{}","origin":"gen7@here",)json"
                R"("ignore_result":true,"rankloop_hint":true})");
}

TEST(CeleryEnvelope, KnowsItsOwnHints) {
  const Parsed parsed = parse_task(hint_message(kTask, "inference", "gen7@here"));
  ASSERT_TRUE(std::holds_alternative<TaskId>(parsed));
  EXPECT_EQ(std::get<TaskId>(parsed), kTask);
}

TEST(CeleryEnvelope, ReadsATaskOfAProducer) {
  Message message = celery_task(R"([[1, "two"], {"k": [null, 2.5]}, null])");
  message.headers["eta"] = "2026-11-23T12:00:00+02:00";
  message.headers["expires"] = "2026-11-23T12:00:00";
  const ForeignTask task = accepted(message);
  EXPECT_EQ(task.id.to_string(), "3f1c1a0e-0b1c-4d6e-9d55-3c8f1a2b3c4d");
  EXPECT_EQ(task.name, "inference");
  EXPECT_EQ(task.args, R"([1,"two"])");
  EXPECT_EQ(boost::json::parse(task.kwargs), boost::json::parse(R"({"k": [null, 2.5]})"));
  EXPECT_EQ(task.reply_to, "b7a3");
  EXPECT_EQ(task.correlation_id, task.id.to_string());
  EXPECT_EQ(task.eta, parse_iso_moment("2026-11-23T10:00:00Z"));
  EXPECT_EQ(task.expires, parse_iso_moment("2026-11-23T12:00:00Z"));
  EXPECT_EQ(task.root_id, "root");
  EXPECT_EQ(task.parent_id, "parent");
  EXPECT_EQ(task.retries, 2);
  EXPECT_TRUE(task.ignore_result);
  EXPECT_FALSE(task.is_canvas);
}

TEST(CeleryEnvelope, ReadsTheTraceOfAProducer) {
  Message message = celery_task(kNothing);
  EXPECT_EQ(accepted(message).traceparent, "");
  message.headers["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_EQ(accepted(message).traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  message.headers["traceparent"] = 7;
  EXPECT_EQ(accepted(message).traceparent, "");
}

TEST(CeleryEnvelope, TellsCanvas) {
  EXPECT_FALSE(accepted(celery_task(kNothing)).is_canvas);
  EXPECT_FALSE(accepted(celery_task(R"([[], {}, {"callbacks": [], "chain": []}])")).is_canvas);
  for (const char* part : {"callbacks", "errbacks", "chain"})
    EXPECT_TRUE(
        accepted(celery_task(std::string{R"([[], {}, {")"} + part + R"(": [{"task": "next"}]}])")).is_canvas)
        << part;
  EXPECT_TRUE(accepted(celery_task(R"([[], {}, {"chord": {"task": "end"}}])")).is_canvas);
  Message in_group = celery_task(kNothing);
  in_group.headers["group"] = "g";
  EXPECT_FALSE(accepted(in_group).is_canvas) << "nothing follows a plain member of a group";
}

TEST(CeleryEnvelope, MakesTaggedValuesPlain) {
  const ForeignTask task =
      accepted(celery_task(R"([[{"__type__": "datetime", "__value__": "2026-11-23T10:00:00"},
    {"__type__": "date", "__value__": "2026-11-23"}, {"__type__": "time", "__value__": "10:00:00"},
    {"__type__": "decimal", "__value__": "1.10"}, {"__type__": "bytes", "__value__": "raw"},
    {"__type__": "base64", "__value__": "/w=="},
    {"__type__": "uuid", "__value__": {"hex": "3f1c1a0e0b1c4d6e9d553c8f1a2b3c4d"}}],
    {"deep": [{"in": {"__type__": "decimal", "__value__": "2"}}]}, null])"));
  EXPECT_EQ(task.args, R"(["2026-11-23T10:00:00","2026-11-23","10:00:00","1.10","raw","/w==",)"
                       R"("3f1c1a0e-0b1c-4d6e-9d55-3c8f1a2b3c4d"])");
  EXPECT_EQ(task.kwargs, R"({"deep":[{"in":"2"}]})");
  EXPECT_THAT(refusal(celery_task(R"([[{"__type__": "set", "__value__": [1]}], {}, null])")),
              HasSubstr("set"));
  EXPECT_THAT(refusal(celery_task(R"([[{"__type__": "uuid", "__value__": {"hex": "x"}}], {}, null])")),
              HasSubstr("uuid"));
}

TEST(CeleryEnvelope, InflatesABody) {
  std::string compressed(200, '\0');
  uLongf size = compressed.size();
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(compressed.data()), &size,
                     reinterpret_cast<const Bytef*>(kNothing.data()), kNothing.size()),
            Z_OK);
  compressed.resize(size);
  Message message = celery_task(compressed);
  message.headers["compression"] = "application/x-gzip";
  EXPECT_EQ(accepted(message).args, "[]");
  message.body.resize(message.body.size() - 6);
  EXPECT_THAT(refusal(message), HasSubstr("no complete stream"));
  message.headers["compression"] = "application/x-brotli";
  EXPECT_THAT(refusal(message), HasSubstr("x-brotli"));
}

TEST(CeleryEnvelope, RefusesWhatItCannotRead) {
  Message pickle = celery_task("\x80\x02}q\x01.");
  pickle.content_type = "application/x-python-serialize";
  EXPECT_THAT(refusal(pickle), HasSubstr("application/x-python-serialize"));
  Message first_protocol = celery_task(R"({"task": "inference", "id": "1", "args": [], "kwargs": {}})");
  first_protocol.headers.clear();
  EXPECT_THAT(refusal(first_protocol), HasSubstr("protocol 2"));
  EXPECT_THAT(refusal(celery_task("[[], {}")), testing::Ne("accepted"));
  EXPECT_THAT(refusal(celery_task("[[], {}]")), HasSubstr("[args, kwargs, embed]"));
  EXPECT_THAT(refusal(celery_task("[{}, {}, null]")), HasSubstr("[args, kwargs, embed]"));
  Message late = celery_task(kNothing);
  late.headers["eta"] = "tomorrow";
  EXPECT_THAT(refusal(late), HasSubstr("tomorrow"));
  Message nameless = celery_task(kNothing);
  nameless.headers.erase("id");
  EXPECT_THAT(refusal(nameless), HasSubstr("id is missing"));
  Message hint = hint_message(kTask, "inference", "gen7@here");
  hint.headers["id"] = "no uuid";
  EXPECT_THAT(refusal(hint), HasSubstr("no uuid"));
}

TEST(CeleryEnvelope, SaysWhoWaitsForARefusedTask) {
  Message broken = celery_task("[");
  const Parsed parsed = parse_task(broken);
  const auto& refused = std::get<Refused>(parsed);
  EXPECT_EQ(refused.id, broken.correlation_id);
  EXPECT_EQ(refused.reply_to, "b7a3");
}

}  // namespace
}  // namespace rankloop::queue::celery
