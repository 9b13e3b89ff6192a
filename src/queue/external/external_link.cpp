// The turns of the thread: connect, ask, hear, settle what is late.
#include "queue/external/external_link.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "domain/units.h"
#include "error/caught.h"
#include "queue/celery/external_call.h"
#include "telemetry/thread_name.h"

namespace rankloop::queue::external {
namespace {

using rabbitmq::Channel;
using rabbitmq::Connection;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr Channel kRequests = 1;
constexpr Channel kReplies = 2;
constexpr milliseconds kCallLimit{5'000};
constexpr milliseconds kTick{100};  // heartbeats and deadlines
constexpr milliseconds kLeastBackoff{200};
constexpr milliseconds kMostBackoff{10'000};
constexpr milliseconds kAnswersBackoff{1'000};
constexpr milliseconds kLeastReplyQueueLife{60'000};
constexpr int kMostEventsInTurn = 1'000;

Monotonic monotonic() {
  return std::chrono::steady_clock::now();
}

Error away(std::string_view what) {
  return {ErrorCode::kUnavailable, std::string{what}};
}

}  // namespace

ExternalLink::ExternalLink(rabbitmq::Address broker, std::optional<celery_results::RedisAddress> results,
                           ExternalOptions options)
    : address_(std::move(broker)),
      options_(std::move(options)),
      origin_(fmt::format("gen{}@rankloop", getpid())),
      replies_(results
                   ? std::string{}
                   : fmt::format("{}.replies.{:016x}{:016x}", options_.queue, random_bits(), random_bits())) {
  if (results) answers_.emplace(*std::move(results));
  thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

ExternalLink::~ExternalLink() {
  thread_.request_stop();
  wake_.raise();
  thread_.join();
}

void ExternalLink::ask(const TaskId& id, std::string arguments, std::string traceparent, Done done) {
  const Lock lock(mutex_);
  asked_.push_back(
      {id, {std::move(arguments), std::move(traceparent), std::move(done), monotonic() + options_.timeout}});
  wake_.raise();
}

void ExternalLink::forget(const TaskId& id) {
  const Lock lock(mutex_);
  forgotten_.push_back(id);
  wake_.raise();
}

bool ExternalLink::wait_ready(milliseconds at_most, const std::stop_token& stop) {
  Lock lock(mutex_);
  return changed_.wait_for(lock, stop, at_most, [this]() REQUIRES(mutex_) { return ready_; });
}

void ExternalLink::run(const std::stop_token& stop) {
  telemetry::name_this_thread("external");
  while (!stop.stop_requested()) {
    // What a turn throws (memory is out) costs the connection, which may be in the middle of something.
    const Status turned = without_throwing([this] { turn(); });
    if (!turned) lose_broker(turned.error(), monotonic());
    sleep_until_something();
  }
  take_asked();
  fail_calls(true, away("the worker is stopping"));
  if (connection_) connection_->close();
}

void ExternalLink::turn() {
  const Monotonic now = monotonic();
  follow_broker(now);
  follow_answers(now);
  take_asked();
  if (Status status = send_calls(); !status) lose_broker(status.error(), now);
  expire(monotonic());
  set_ready();
}

// Full jitter: workers that lost the broker together do not come back together.
milliseconds ExternalLink::rest(int failures) const {
  const auto most = std::min(kMostBackoff, kLeastBackoff * (1 << std::min(failures, 16)));
  return milliseconds{1 +
                      static_cast<std::int64_t>(random_bits() % static_cast<std::uint64_t>(most.count()))};
}

void ExternalLink::follow_broker(Monotonic now) {
  if (!connection_) {
    if (now < next_connect_) return;
    if (Status status = connect(); !status) lose_broker(status.error(), now);
    return;
  }
  if (Status status = read_events(); !status) lose_broker(status.error(), now);
}

Status ExternalLink::connect() {
  auto opened = Connection::open(address_, origin_, options_.heartbeat, kCallLimit);
  if (!opened) return opened.error();
  connection_ = *std::move(opened);
  if (Status status = declare(); !status) return status;
  broker_failures_ = 0;
  last_fault_.clear();
  if (options_.log)
    options_.log->info("asks external workers", {{"broker", address_.shown()}, {"queue", options_.queue}});
  return {};
}

Status ExternalLink::declare() {
  if (Status status = connection_->open_channel(kRequests); !status) return status;
  if (Status status = declare_requests(); !status) return status;
  if (Status status = connection_->confirm_publications(kRequests); !status) return status;
  if (replies_.empty()) return {};
  if (Status status = connection_->open_channel(kReplies); !status) return status;
  // It outlives a lost connection, so that answers wait for the next one, but not its process.
  rabbitmq::QueueShape shape;
  shape.arguments["x-expires"] = std::max(options_.timeout, kLeastReplyQueueLife).count();
  if (auto queue = connection_->declare_queue(kReplies, replies_, shape); !queue) return queue.error();
  return connection_->consume(kReplies, replies_, false);
}

// The Python workers may have made it in another shape; it keeps that.
Status ExternalLink::declare_requests() {
  auto declared = connection_->declare_queue(kRequests, options_.queue, {});
  if (declared) return {};
  if (declared.error().code != ErrorCode::kFailedPrecondition) return declared.error();
  return connection_->open_channel(kRequests);
}

void ExternalLink::lose_broker(const Error& why, Monotonic now) {
  connection_.reset();
  blocked_ = false;
  unconfirmed_.clear();
  unsent_.clear();
  published_ = 0;
  next_connect_ = now + rest(broker_failures_++);
  note(why);
  fail_calls(false, away("the broker is away"));
}

void ExternalLink::note(const Error& why) {
  if (std::exchange(last_fault_, why.message) != why.message && options_.log)
    options_.log->warning("external workers cannot be asked", {{"reason", why.message}});
}

void ExternalLink::follow_answers(Monotonic now) {
  if (!answers_) return;
  if (!answers_->is_open() && now >= next_answers_) {
    Status status = answers_->open();
    if (status) last_fault_.clear();
    if (!status) note(status.error());
    next_answers_ = monotonic() + kAnswersBackoff;
  }
  std::vector<StoredAnswer> answers;
  if (Status status = answers_->exchange(now, answers); !status) note(status.error());
  for (const StoredAnswer& answer : answers) settle(answer.id, "application/json", answer.meta);
}

void ExternalLink::take_asked() {
  wake_.clear();
  std::vector<Asked> asked;
  std::vector<TaskId> forgotten;
  {
    const Lock lock(mutex_);
    asked.swap(asked_);
    forgotten.swap(forgotten_);
  }
  for (Asked& one : asked) {
    calls_.emplace(one.id, std::move(one.call));
    unsent_.push_back(one.id);
    if (answers_) answers_->expect(one.id);
  }
  for (const TaskId& id : forgotten) {
    if (calls_.erase(id) > 0 && answers_) answers_->forget(id, false);
  }
}

Status ExternalLink::send_calls() {
  if (!connection_) {
    if (!unsent_.empty()) fail_calls(false, away("the broker is away"));
    unsent_.clear();
    return {};
  }
  std::size_t sent = 0;
  while (sent < unsent_.size() && !blocked_ && connection_->writable()) {
    const TaskId id = unsent_[sent++];
    const auto call = calls_.find(id);
    if (call == calls_.end()) continue;
    const auto left =
        std::max(milliseconds{1}, duration_cast<milliseconds>(call->second.deadline - monotonic()));
    const celery::Message message = celery::external_message(
        {id, options_.task, std::move(call->second.arguments), replies_, origin_,
         std::chrono::system_clock::now() + left, left, std::move(call->second.traceparent)});
    unconfirmed_.emplace(++published_, id);
    if (Status status = connection_->publish(kRequests, "", options_.queue, message, true); !status)
      return status;
  }
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent));
  return {};
}

Status ExternalLink::read_events() {
  return connection_->each_event(kMostEventsInTurn,
                                 [this](rabbitmq::Event event) { return handle(std::move(event)); });
}

Status ExternalLink::handle(rabbitmq::Event event) {
  if (const auto* reply = std::get_if<rabbitmq::Delivered>(&event)) {
    if (const auto id = TaskId::parse(reply->message.correlation_id))
      settle(*id, reply->message.content_type, reply->message.body);
  }
  if (const auto* one = std::get_if<rabbitmq::Confirmed>(&event)) confirmed(*one);
  if (const auto* blocked = std::get_if<rabbitmq::Blocked>(&event)) blocked_ = blocked->on;
  if (const auto* closed = std::get_if<rabbitmq::ChannelClosed>(&event)) return closed->why;
  if (std::get_if<rabbitmq::Cancelled>(&event)) return away("the queue of replies was deleted");
  if (const auto* returned = std::get_if<rabbitmq::Returned>(&event)) {
    if (const auto id = TaskId::parse(returned->correlation_id))
      finish(*id, away(fmt::format("the queue {} was deleted", options_.queue)));
    // Declaring may close the channel, so it begins again from the connection on.
    return away(fmt::format("the queue {} was deleted", options_.queue));
  }
  return {};
}

void ExternalLink::confirmed(const rabbitmq::Confirmed& confirmed) {
  const auto first = confirmed.and_before ? unconfirmed_.begin() : unconfirmed_.lower_bound(confirmed.number);
  const auto last = unconfirmed_.upper_bound(confirmed.number);
  for (auto at = first; at != last; at = unconfirmed_.erase(at)) {
    const auto call = calls_.find(at->second);
    if (call == calls_.end()) continue;
    call->second.taken = confirmed.taken;
    if (!confirmed.taken) finish(at->second, away("the broker did not take the message"));
  }
}

void ExternalLink::settle(const TaskId& id, std::string_view content_type, std::string_view meta) {
  auto result = celery::read_result(content_type, meta);
  if (!result) return finish(id, result.error());
  if (*result) finish(id, **std::move(result));
}

void ExternalLink::finish(const TaskId& id, Result<boost::json::value> answer) {
  auto call = calls_.extract(id);
  if (call.empty()) return;  // answered twice, or forgotten
  const bool answered = answer || (answer.error().code != ErrorCode::kUnavailable &&
                                   answer.error().code != ErrorCode::kDeadlineExceeded);
  if (answers_) answers_->forget(id, answered);
  call.mapped().done(std::move(answer));
}

// What the broker has for sure is still answered, over the next connection or by Redis.
void ExternalLink::fail_calls(bool all, const Error& why) {
  std::vector<TaskId> failed;
  for (const auto& [id, call] : calls_) {
    if (all || !call.taken) failed.push_back(id);
  }
  for (const TaskId& id : failed) finish(id, why);
}

void ExternalLink::expire(Monotonic now) {
  std::vector<std::pair<TaskId, bool>> expired;
  for (const auto& [id, call] : calls_) {
    if (call.deadline <= now) expired.emplace_back(id, call.taken);
  }
  const bool can_hear = !answers_ || answers_->is_open();
  for (const auto& [id, taken] : expired) {
    if (!taken) {
      finish(id, away("the broker did not take the message"));
    } else if (!can_hear) {
      finish(id, away("the results cannot be read"));
    } else {
      finish(id, Error{ErrorCode::kDeadlineExceeded,
                       "no Python worker answered within " + to_text(options_.timeout)});
    }
  }
}

void ExternalLink::set_ready() {
  const bool ready = connection_ && !blocked_ && (!answers_ || answers_->is_open());
  const Lock lock(mutex_);
  if (std::exchange(ready_, ready) != ready) changed_.notify_all();
}

void ExternalLink::sleep_until_something() {
  if (connection_ && connection_->has_buffered()) return;
  std::vector<pollfd> watched{{wake_.descriptor(), POLLIN, 0}};
  if (connection_) {
    const bool sends = !unsent_.empty() && !blocked_;
    watched.push_back({connection_->socket(), static_cast<short>(sends ? POLLIN | POLLOUT : POLLIN), 0});
  }
  if (answers_) answers_->watch(watched);
  poll(watched.data(), watched.size(), static_cast<int>(kTick.count()));
}

}  // namespace rankloop::queue::external

namespace rankloop::queue {

Result<std::unique_ptr<ExternalWorkers>> open_external_workers(const ExternalOptions& options) {
  auto broker = rabbitmq::parse_address(options.broker);
  if (!broker) return broker.error();
  std::optional<celery_results::RedisAddress> results;
  if (!options.results_url.empty()) {
    auto redis = celery_results::parse_redis_address(options.results_url);
    if (!redis) return redis.error();
    results = *std::move(redis);
  }
  constexpr std::size_t kLongestName = 200;
  for (const std::string& name : {options.queue, options.task}) {
    if (name.empty() || name.size() > kLongestName)
      return Error{
          ErrorCode::kInvalidArgument,
          fmt::format("the name \"{}\" of a queue or task has to have 1 to {} bytes", name, kLongestName)};
  }
  try {
    return std::unique_ptr<ExternalWorkers>(
        std::make_unique<external::ExternalLink>(*std::move(broker), std::move(results), options));
  } catch (const std::exception& fault) {
    return Error{ErrorCode::kResourceExhausted, "external workers cannot be asked", fault.what()};
  }
}

}  // namespace rankloop::queue
