// The turns of the thread: connect, declare, read, publish, rest.
#include "queue/rabbitmq/broker_loop.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "error/caught.h"
#include "queue/rabbitmq/change_batch.h"
#include "sync/sleep.h"
#include "telemetry/thread_name.h"

namespace rankloop::queue::rabbitmq {
namespace {

using std::chrono::milliseconds;

constexpr Channel kChanges = Consumer::kFirstChannel + kForeignKinds.size();
constexpr std::size_t kMostInBatch = 256;
constexpr milliseconds kBetweenChanges{5};  // the first goes at once, those of a busy moment together
constexpr milliseconds kTick{100};          // heartbeats and what is due by time
constexpr milliseconds kCallLimit{5'000};
constexpr milliseconds kFirstAttempt{5'000};
constexpr std::chrono::seconds kFarewell{2};
constexpr int kMostEventsInTurn = 1'000;

celery::Moment wall() {
  return std::chrono::system_clock::now();
}
Monotonic monotonic() {
  return std::chrono::steady_clock::now();
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

std::string suffixed(const std::string& name, char with, const std::string& workspace) {
  return workspace.empty() ? name : name + with + workspace;
}

std::string node_name(const QueueOptions& options) {
  if (!options.node.empty()) return options.node;
  return suffixed("rankloop-" + std::to_string(getpid()), '-', options.workspace) + "@" + host_name();
}

celery::WorkerView identity(const Address& address, const QueueOptions& options, const std::string& node) {
  celery::WorkerView worker;
  worker.node = node;
  worker.pid = getpid();
  worker.broker_host = address.host;
  worker.broker_port = address.port;
  worker.broker_user = address.user;
  worker.broker_vhost = address.vhost;
  worker.queues.assign(options.queues.begin(), options.queues.end());
  worker.tasks.assign(options.tasks.begin(), options.tasks.end());
  worker.tasks.push_back(options.feedback_task);
  return worker;
}

}  // namespace

BrokerLoop::BrokerLoop(Address address, QueueOptions options, std::shared_ptr<Inbox> inbox,
                       std::shared_ptr<Receivers> receivers, celery_results::ResultSender* results)
    : address_(std::move(address)),
      options_(std::move(options)),
      process_(fmt::format("{:016x}{:016x}", random_bits(), random_bits())),
      node_(node_name(options_)),
      changes_exchange_(suffixed("rankloop.changes", '.', options_.workspace)),
      inbox_(std::move(inbox)),
      receivers_(std::move(receivers)),
      results_(results),
      publisher_(options_, fmt::format("gen{}@{}", getpid(), host_name())),
      presence_(identity(address_, options_, node_), wall(),
                [this](std::vector<std::string> ids) {
                  if (options_.foreign) options_.foreign->revoke(std::move(ids));
                }),
      consumers_(make_consumers()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

std::array<Consumer, kForeignKinds.size()> BrokerLoop::make_consumers() {
  const auto one = [this](TaskKind kind) {
    return Consumer{kind,       options_,  inbox_,
                    publisher_, presence_, [this](const ForeignResult& result) { send_result(result); }};
  };
  return [&]<std::size_t... place>(std::index_sequence<place...>) {
    return std::array<Consumer, kForeignKinds.size()>{one(kForeignKinds[place])...};
  }(std::make_index_sequence<kForeignKinds.size()>());
}

BrokerLoop::~BrokerLoop() {
  thread_.request_stop();
  inbox_->wake();
  thread_.join();
}

void BrokerLoop::run(const std::stop_token& stop) {
  telemetry::name_this_thread("broker");
  int failed_attempts = 0;
  while (!stop.stop_requested()) {
    Status status;
    if (!connection_) {
      status = without_throwing([this] { return connect(); });
      if (!status) {
        lose(status.error());
        rest(failed_attempts++, stop);
        continue;
      }
      failed_attempts = 0;
    }
    status = without_throwing([this] { return turn(); });
    if (status && !stop.stop_requested()) sleep_until_something();
    if (!status) {
      lose(status.error());
      rest(failed_attempts++, stop);
    }
  }
  say_goodbye();
}

Status BrokerLoop::connect() {
  auto opened = Connection::open(address_, node_, options_.heartbeat, kCallLimit);
  if (!opened) return opened.error();
  connection_ = *std::move(opened);
  if (Status status = publisher_.attach(*connection_); !status) return status;
  if (Status status = declare_topology(); !status) return status;
  if (Status status = listen_to_changes(); !status) return status;
  const std::uint64_t number = ++connections_;
  for (Consumer& consumer : consumers_) {
    if (Status status = consumer.attach(*connection_, number); !status) return status;
  }
  // What changed while we were away, everyone has seen in the store by now.
  inbox_->drop_changes();
  last_fault_.clear();
  if (options_.log) options_.log->info("connected to the broker", {{"broker", address_.shown()}});
  set_state({});
  return {};
}

Status BrokerLoop::declare_topology() {
  for (const Consumer& consumer : consumers_) {
    if (Status status = consumer.declare(*connection_, Publisher::kChannel); !status) return status;
  }
  return {};
}

Status BrokerLoop::listen_to_changes() {
  if (Status status = connection_->open_channel(kChanges); !status) return status;
  if (Status status = connection_->declare_exchange(kChanges, changes_exchange_, "fanout", true); !status)
    return status;
  const QueueShape own{.durable = false, .exclusive = true, .auto_delete = true};
  const auto queue = connection_->declare_queue(kChanges, "", own);
  if (!queue) return queue.error();
  if (Status status = connection_->bind(kChanges, *queue, changes_exchange_, ""); !status) return status;
  return connection_->consume(kChanges, *queue, false);
}

void BrokerLoop::lose(const Error& why) {
  presence_.detach();
  for (Consumer& consumer : consumers_) consumer.detach();
  publisher_.detach();
  changes_.clear();
  connection_.reset();
  if (std::exchange(last_fault_, why.message) != why.message && options_.log)
    options_.log->warning("the broker is away", {{"broker", address_.shown()}, {"reason", why.message}});
  set_state(why);
}

// Full jitter: servers that lost the broker together do not come back together.
void BrokerLoop::rest(int attempt, const std::stop_token& stop) {
  const auto most = std::min(options_.most_backoff, options_.least_backoff * (1 << std::min(attempt, 16)));
  const milliseconds pause{
      1 + static_cast<std::int64_t>(random_bits() % static_cast<std::uint64_t>(most.count()))};
  sleep_for(pause, stop);
}

Status BrokerLoop::turn() {
  if (Status status = read_events(); !status) return status;
  if (publisher_.take_redeclaration()) {
    if (Status status = declare_topology(); !status) return status;
  }
  if (Status status = do_work(inbox_->take(publisher_.room())); !status) return status;
  if (Status status = publisher_.pump(); !status) return status;
  if (Status status = settle(publisher_.take_replaced()); !status) return status;
  const Monotonic now = monotonic();
  for (Consumer& consumer : consumers_) {
    if (Status status = consumer.follow(now); !status) return status;
  }
  if (Status status = flush_changes(now); !status) return status;
  return follow_presence(wall());
}

Status BrokerLoop::read_events() {
  return connection_->each_event(kMostEventsInTurn, [this](Event event) { return handle(std::move(event)); });
}

Status BrokerLoop::handle(Event event) {
  if (auto* delivered = std::get_if<Delivered>(&event)) return handle_delivery(std::move(*delivered));
  if (const auto* confirmed = std::get_if<Confirmed>(&event)) publisher_.on(*confirmed);
  if (const auto* returned = std::get_if<Returned>(&event)) publisher_.on(*returned);
  if (const auto* blocked = std::get_if<Blocked>(&event)) publisher_.on(*blocked);
  if (const auto* closed = std::get_if<ChannelClosed>(&event)) {
    if (closed->channel != WorkerPresence::kChannel) return closed->why;
    presence_.failed(wall());
  }
  if (const auto* cancelled = std::get_if<Cancelled>(&event)) {
    if (cancelled->channel == kChanges)
      return Error{ErrorCode::kUnavailable, "the queue of changes was deleted"};
    if (cancelled->channel == WorkerPresence::kChannel)
      return Error{ErrorCode::kUnavailable, "the control queue was deleted"};
    for (Consumer& consumer : consumers_) {
      if (consumer.channel() == cancelled->channel) consumer.cancelled();
    }
    return declare_topology();
  }
  return {};
}

Status BrokerLoop::handle_delivery(Delivered delivered) {
  if (delivered.channel == kChanges) {
    for (const Change& change : decode_changes(delivered.message, process_)) receivers_->tell(change);
    return {};
  }
  if (delivered.channel == WorkerPresence::kChannel) {
    int prefetch = 0;
    for (const Consumer& consumer : consumers_) prefetch += consumer.prefetch();
    return presence_.control(delivered.message, prefetch, wall());
  }
  for (Consumer& consumer : consumers_) {
    if (consumer.channel() == delivered.channel) return consumer.delivered(std::move(delivered), wall());
  }
  return {};
}

Status BrokerLoop::do_work(Work work) {
  for (const Hint& hint : work.hints) publisher_.add(hint);
  for (const ForeignResult& result : work.results) send_result(result);
  for (const Change& change : work.changes) {
    if (const auto* task = std::get_if<TaskChanged>(&change))
      presence_.board().changed(task->id.to_string(), task->state, wall());
  }
  changes_.insert(changes_.end(), work.changes.begin(), work.changes.end());
  return settle(work.settled);
}

Status BrokerLoop::settle(const std::vector<Settled>& settled) {
  if (settled.empty()) return {};
  for (Consumer& consumer : consumers_) {
    if (Status status = consumer.settle(settled, monotonic()); !status) return status;
  }
  return {};
}

Status BrokerLoop::flush_changes(Monotonic now) {
  if (changes_.empty() || (changes_.size() < kMostInBatch && now - changes_sent_ < kBetweenChanges))
    return {};
  if (!connection_->writable()) return {};
  for (std::size_t from = 0; from < changes_.size(); from += kMostInBatch) {
    const std::size_t to = std::min(from + kMostInBatch, changes_.size());
    const std::vector<Change> part(changes_.begin() + static_cast<std::ptrdiff_t>(from),
                                   changes_.begin() + static_cast<std::ptrdiff_t>(to));
    if (Status status =
            connection_->publish(kChanges, changes_exchange_, "", encode_changes(process_, part), false);
        !status)
      return status;
  }
  changes_.clear();
  changes_sent_ = now;
  return {};
}

// A process is a worker to Celery's tools from its first waiting worker on.
Status BrokerLoop::follow_presence(celery::Moment now) {
  if (!std::ranges::any_of(consumers_, &Consumer::has_begun)) return {};
  if (presence_.is_attached()) return presence_.tick(now);
  if (!presence_.wants_attach(now)) return {};
  Status status = presence_.attach(*connection_, now);
  if (status || status.error().code == ErrorCode::kUnavailable) return status;
  if (options_.log) options_.log->warning("remote control is off", {{"reason", status.error().message}});
  presence_.failed(now);
  return {};
}

void BrokerLoop::sleep_until_something() {
  if (connection_->has_buffered()) return;
  milliseconds limit = changes_.empty() ? kTick : kBetweenChanges;
  std::array<pollfd, 2> watched{{{connection_->socket(), POLLIN, 0}, {inbox_->signal(), POLLIN, 0}}};
  if (publisher_.can_send()) watched[0].events |= POLLOUT;
  // With a full window new hints wait in the inbox; confirmations make room, not the signal.
  poll(watched.data(), watched.size(), static_cast<int>(limit.count()));
}

void BrokerLoop::say_goodbye() {
  if (!connection_) return;
  const Monotonic end = monotonic() + kFarewell;
  Status status = turn();
  while (status && !publisher_.is_idle() && monotonic() < end) {
    sleep_until_something();
    status = turn();
  }
  if (status) status = presence_.leave(wall());
  if (status) connection_->close();
}

// rpc:// results are messages on the queue that the producer reads; nobody waits when it is gone.
void BrokerLoop::send_result(const ForeignResult& result) {
  if (results_ && !results_->send(result.id, result.meta) && options_.log)
    options_.log->warning("a result is dropped: too many wait for Redis", {{"task_id", result.id}});
  if (result.reply_to.empty()) return;
  celery::Message message;
  message.correlation_id = result.correlation_id;
  message.body = result.meta;
  if (!result.traceparent.empty()) message.headers["traceparent"] = result.traceparent;
  publisher_.add(Letter{result.reply_to, std::move(message), false, std::nullopt});
}

void BrokerLoop::set_state(Status state) {
  connected_ = static_cast<bool>(state);
  const Lock lock(state_mutex_);
  state_ = std::move(state);
  state_changed_.notify_all();
}

Status BrokerLoop::state() {
  Lock lock(state_mutex_);
  state_changed_.wait_for(lock, kFirstAttempt,
                          [this]() REQUIRES(state_mutex_) { return state_.has_value(); });
  if (state_) return *state_;
  return Error{ErrorCode::kUnavailable, fmt::format("connecting to the broker at {}", address_.shown())};
}

QueueCounts BrokerLoop::counts() const {
  return {publisher_.announced(), publisher_.dropped(), publisher_.letters_replacing(), connections_};
}

}  // namespace rankloop::queue::rabbitmq
