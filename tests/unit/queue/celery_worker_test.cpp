// What a worker tells and answers: results, events, remote control.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "queue/celery/control.h"
#include "queue/celery/result.h"
#include "queue/celery/task_event_log.h"

namespace rankloop::queue::celery {
namespace {

using boost::json::parse;
using boost::json::serialize;
using testing::ElementsAre;

const Moment kTen{std::chrono::seconds{1'795'428'000}};

WorkerView identity() {
  WorkerView worker;
  worker.node = "rankloop@here";
  worker.pid = 7;
  worker.broker_host = "broker";
  worker.broker_port = 5672;
  worker.queues = {"celery"};
  worker.tasks = {"inference"};
  return worker;
}

TEST(CeleryResult, WritesWhatTheBackEndReads) {
  EXPECT_EQ(success_meta("a", R"({"n": 1})", kTen),
            R"({"status": "SUCCESS", "result": {"n": 1}, "traceback": null, "children": [], )"
            R"("date_done": "2026-11-23T10:00:00.000000+00:00", "task_id": "a"})");
  EXPECT_EQ(parse(failure_meta("a", "ValueError", "no \"x\"", kTen)).at("result"),
            parse(R"({"exc_type": "ValueError", "exc_message": ["no \"x\""], "exc_module": "builtins"})"));
  EXPECT_EQ(parse(revoked_meta("a", "cancelled", kTen)).at("status"), "REVOKED");
}

TEST(CeleryEvents, DescribeATasksLife) {
  TaskEventLog board(identity(), kTen);
  board.want_task_events(true);
  board.received({.id = "a", .name = "inference"}, "celery", kTen);
  board.changed("a", TaskState::kRunning, kTen + std::chrono::seconds{1});
  board.changed("a", TaskState::kSucceeded, kTen + std::chrono::seconds{3});
  const boost::json::array events = board.take_task_events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0],
            parse(R"json({"type": "task-received", "hostname": "rankloop@here", "timestamp": 1795428000.0,
              "utcoffset": 0, "pid": 7, "clock": 1, "uuid": "a", "name": "inference", "args": "()", "kwargs": "{}",
              "root_id": null, "parent_id": null, "retries": 0, "eta": null, "expires": null})json"));
  EXPECT_EQ(events[1].at("type"), "task-started");
  EXPECT_EQ(events[2].at("type"), "task-succeeded");
  EXPECT_EQ(events[2].at("runtime"), 2.0);
  EXPECT_EQ(events[2].at("clock"), 3);
  const EventMessage message = task_events_message("rankloop@here", events);
  EXPECT_EQ(message.routing_key, "task.multi");
  EXPECT_EQ(parse(message.message.body), events);
  EXPECT_EQ(message.message.delivery_mode, 1);
}

TEST(CeleryEvents, NameEachEnd) {
  for (const auto& [state, type] :
       {std::pair{TaskState::kFailed, "task-failed"}, std::pair{TaskState::kCancelled, "task-revoked"},
        std::pair{TaskState::kExpired, "task-revoked"}}) {
    TaskEventLog board(identity(), kTen);
    board.want_task_events(true);
    board.received({.id = "a", .name = "inference"}, "celery", kTen);
    board.changed("a", state, kTen);
    const boost::json::array events = board.take_task_events();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[1].at("type"), type);
  }
}

TEST(CeleryEvents, CarryAWorkersLoad) {
  TaskEventLog board(identity(), kTen);
  board.received({.id = "a", .name = "inference"}, "celery", kTen);
  board.changed("a", TaskState::kRunning, kTen);
  const boost::json::object beat = board.worker_event("worker-heartbeat", {0.5, 0.25, 0.125}, kTen);
  EXPECT_EQ(beat.at("active"), 1);
  EXPECT_EQ(beat.at("processed"), 0);
  EXPECT_EQ(beat.at("freq"), 2.0);
  EXPECT_EQ(beat.at("loadavg"), parse("[0.5, 0.25, 0.125]"));
  EXPECT_EQ(event_message(beat).routing_key, "worker.heartbeat");
}

TEST(TaskEventLog, CollectsNoTaskEventsUntilAsked) {
  TaskEventLog board(identity(), kTen);
  board.received({.id = "a", .name = "inference"}, "celery", kTen);
  EXPECT_EQ(board.task_events(), 0U);
  EXPECT_EQ(board.view(0, kTen).reserved.size(), 1U);
}

TEST(TaskEventLog, LeavesWhatItOnlyTookInToWhoeverBeginsIt) {
  TaskEventLog board(identity(), kTen);
  board.want_task_events(true);
  for (const char* id : {"refused", "elsewhere", "here"})
    board.arrived({.id = id, .name = "x"}, "celery", kTen);
  EXPECT_EQ(board.task_events(), 0U);
  board.changed("refused", TaskState::kFailed, kTen);
  board.left("refused");
  board.left("elsewhere");
  board.changed("elsewhere", TaskState::kRunning, kTen);
  board.received({.id = "here", .name = "hint"}, "celery", kTen);
  board.left("here");
  std::vector<std::string> told;
  for (const auto& event : board.take_task_events())
    told.push_back(std::string(event.at("uuid").as_string()) + " " +
                   std::string(event.at("type").as_string()));
  EXPECT_THAT(told,
              testing::ElementsAre("refused task-received", "refused task-failed", "here task-received"));
  EXPECT_EQ(board.view(0, kTen).reserved.size(), 1U);
  EXPECT_TRUE(board.view(0, kTen).active.empty());
}

TEST(TaskEventLog, ForgetsWhatAnotherWorkerBegan) {
  TaskEventLog board(identity(), kTen);
  board.received({.id = "a", .name = "inference"}, "celery", kTen);
  board.received({.id = "b", .name = "inference"}, "celery", kTen);
  board.changed("b", TaskState::kRunning, kTen);
  board.forget_stale(kTen + std::chrono::minutes{2});
  EXPECT_TRUE(board.view(0, kTen).reserved.empty());
  EXPECT_EQ(board.view(0, kTen).active.size(), 1U);
}

ControlRequest asked(std::string_view body) {
  Message message;
  message.body = body;
  auto request = parse_control(message);
  EXPECT_TRUE(request);
  return request ? *request : ControlRequest{};
}

TEST(CeleryControl, AnswersAsAWorkerDoes) {
  TaskEventLog board(identity(), kTen);
  board.received({.id = "a", .name = "inference"}, "celery", kTen);
  board.changed("a", TaskState::kRunning, kTen);
  board.received({.id = "b", .name = "inference"}, "celery", kTen);
  const WorkerView worker = board.view(16, kTen);
  const auto answer = [&](std::string_view method) {
    ControlRequest request;
    request.method = method;
    const auto given = answer_control(request, worker);
    return given ? given->payload : boost::json::value("none");
  };
  EXPECT_EQ(answer("ping"), parse(R"({"ok": "pong"})"));
  EXPECT_EQ(answer("active").at(0).at("id"), "a");
  EXPECT_EQ(answer("active").at(0).at("time_start"), 1'795'428'000.0);
  EXPECT_EQ(answer("reserved").at(0).at("id"), "b");
  EXPECT_EQ(answer("scheduled"), parse("[]"));
  EXPECT_EQ(answer("revoked"), parse("[]"));
  EXPECT_EQ(answer("registered"), parse(R"(["inference"])"));
  EXPECT_EQ(answer("active_queues").at(0).at("name"), "celery");
  EXPECT_EQ(answer("stats").at("prefetch_count"), 16);
  EXPECT_EQ(answer("stats").at("broker").at("hostname"), "broker");
  EXPECT_EQ(answer("conf").at("task_default_queue"), "celery");
  EXPECT_EQ(answer("report").at("ok"), "rankloop: rankloop@here");
  EXPECT_EQ(answer("hello").at("revoked"), parse("{}"));
  EXPECT_EQ(answer("shutdown"), parse(R"({"error": "this worker has no command named shutdown"})"));
  EXPECT_EQ(answer("election"), "none");
}

TEST(CeleryControl, SwitchesEventsAndRevokes) {
  const auto on = answer_control(asked(R"({"method": "enable_events"})"), identity());
  ASSERT_TRUE(on);
  EXPECT_EQ(on->task_events, true);
  const auto revoke = answer_control(
      asked(R"({"method": "revoke", "arguments": {"task_id": ["a", "b"], "terminate": false}})"), identity());
  ASSERT_TRUE(revoke);
  EXPECT_THAT(revoke->revoke, ElementsAre("a", "b"));
  EXPECT_EQ(revoke->payload, parse(R"({"ok": "tasks a, b flagged as revoked"})"));
}

TEST(CeleryControl, KnowsWhomARequestIsFor) {
  const std::string node = "rankloop@here";
  EXPECT_TRUE(is_addressed(asked(R"({"method": "ping", "destination": null})"), node));
  EXPECT_TRUE(is_addressed(asked(R"({"method": "ping", "destination": ["x", "rankloop@here"]})"), node));
  EXPECT_FALSE(is_addressed(asked(R"({"method": "ping", "destination": ["celery@here"]})"), node));
  EXPECT_TRUE(is_addressed(asked(R"({"method": "ping", "pattern": "rank*", "matcher": "glob"})"), node));
  EXPECT_FALSE(is_addressed(asked(R"({"method": "ping", "pattern": "celery*", "matcher": "glob"})"), node));
}

TEST(CeleryControl, RepliesUnderItsOwnName) {
  const ControlRequest request = asked(R"({"method": "ping", "arguments": {}, "ticket": "t",
    "reply_to": {"exchange": "reply.celery.pidbox", "routing_key": "k"}})");
  EXPECT_EQ(request.reply_exchange, "reply.celery.pidbox");
  EXPECT_EQ(request.reply_key, "k");
  const Message reply = control_reply(request, "rankloop@here", {{"ok", "pong"}}, 5);
  EXPECT_EQ(reply.body, R"({"rankloop@here":{"ok":"pong"}})");
  EXPECT_EQ(serialize(reply.headers), R"({"ticket":"t","clock":5})");
}

TEST(CeleryControl, RefusesWhatIsNoRequest) {
  for (const char* body : {"", "[]", "{}", R"({"method": 1})"}) {
    Message message;
    message.body = body;
    EXPECT_FALSE(parse_control(message)) << body;
  }
}

}  // namespace
}  // namespace rankloop::queue::celery
