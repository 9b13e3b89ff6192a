// Takes deliveries, sorts them, and says how many more may come.
#include "queue/rabbitmq/consumer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "queue/celery/result.h"

namespace rankloop::queue::rabbitmq {
namespace {

constexpr std::chrono::seconds kGiveBackAfter{1};
constexpr int kMostPrefetch = 4'000;

// A queue that exists with another type than the configured one is the one fault that only people can mend.
Error explained(Error error, std::string_view queue, QueueType type) {
  if (error.code != ErrorCode::kFailedPrecondition) return error;
  error.message = fmt::format(
      "the queue {} exists with other properties than the configured type {}: configure the type it has, or "
      "delete the "
      "queue ({})",
      queue, type == QueueType::kQuorum ? "quorum" : "classic", error.message);
  return error;
}

}  // namespace

Consumer::Consumer(TaskKind kind, const QueueOptions& options, std::shared_ptr<Inbox> inbox,
                   Publisher& publisher, WorkerPresence& presence, SendResult send_result)
    : kind_(kind),
      options_(options),
      inbox_(std::move(inbox)),
      publisher_(publisher),
      presence_(presence),
      send_result_(std::move(send_result)),
      buffer_(kind, *inbox_) {}

Status Consumer::attach(Connection& connection, std::uint64_t connection_number) {
  if (Status status = connection.open_channel(channel()); !status) return status;
  connection_ = &connection;
  connection_number_ = connection_number;
  return {};
}

Status Consumer::declare(Connection& connection, Channel on) const {
  QueueShape shape;
  if (options_.type == QueueType::kQuorum) shape.arguments["x-queue-type"] = "quorum";
  if (auto declared = connection.declare_queue(on, queue(), shape); !declared)
    return explained(declared.error(), queue(), options_.type);
  // As Celery does it: an exchange of the queue's name, for producers that name one.
  if (Status status = connection.declare_exchange(on, queue(), "direct", true); !status) return status;
  if (Status status = connection.bind(on, queue(), queue(), queue()); !status) return status;
  if (auto declared = connection.declare_queue(on, dead_queue(), {}); !declared)
    return explained(declared.error(), dead_queue(), QueueType::kClassic);
  return {};
}

void Consumer::detach() {
  connection_ = nullptr;
  prefetch_ = 0;
  unacknowledged_.clear();
  arrived_.clear();
  to_give_back_.clear();
  buffer_.clear();
}

Status Consumer::follow(Monotonic now) {
  const int wanted = std::min(buffer_.wanted(now), kMostPrefetch);
  if (wanted != prefetch_) {
    has_begun_ = true;
    if (prefetch_ > 0) {
      if (Status status = connection_->cancel(channel()); !status) return status;
    }
    prefetch_ = wanted;
    if (wanted > 0) {
      // It may have been deleted while nobody consumed: to consume what is not there costs the connection.
      if (Status status = declare(*connection_, channel()); !status) return status;
      if (Status status = connection_->limit_prefetch(channel(), wanted); !status) return status;
      if (Status status = connection_->consume(channel(), queue(), true); !status) return status;
    }
  }
  // Also what was still under way when the consumer ended.
  for (const Ticket& ticket : buffer_.reclaim(now, prefetch_ == 0)) {
    if (Status status = give_back(ticket.tag); !status) return status;
  }
  while (!to_give_back_.empty() && to_give_back_.front().first <= now) {
    const std::uint64_t tag = to_give_back_.front().second;
    to_give_back_.pop_front();
    if (Status status = give_back(tag); !status) return status;
  }
  return {};
}

Status Consumer::delivered(Delivered delivered, celery::Moment now) {
  const Ticket ticket{connection_number_, delivered.tag};
  unacknowledged_.insert(delivered.tag);
  celery::Parsed parsed = celery::parse_task(delivered.message);
  if (const auto* hint = std::get_if<TaskId>(&parsed)) {
    presence_.board().received({.id = hint->to_string(), .name = options_.tasks[place_of(kind_)]}, queue(),
                               now);
    buffer_.offer(*hint, ticket);
    return {};
  }
  if (auto* task = std::get_if<ForeignTask>(&parsed)) {
    if (options_.foreign) {
      arrived(std::move(*task), ticket, now);
      return {};
    }
    parsed = celery::Refused{"this program takes no tasks of others", task->id.to_string(), task->reply_to,
                             task->correlation_id};
  }
  refuse(std::move(delivered.message), std::get<celery::Refused>(parsed), ticket, now);
  return {};
}

void Consumer::arrived(ForeignTask task, const Ticket& ticket, celery::Moment now) {
  task.kind = kind_;
  arrived_.emplace(ticket.tag, task.id.to_string());
  presence_.board().arrived(
      {task.id.to_string(), task.name, task.args, task.kwargs, task.root_id, task.parent_id, task.retries},
      queue(), now);
  options_.foreign->task_arrived(std::move(task), [inbox = inbox_, kind = kind_, ticket](bool taken) {
    inbox->add_settled({{kind, ticket, taken}});
  });
}

// The message is acknowledged once its copy among the dead letters is safe.
void Consumer::refuse(celery::Message message, const celery::Refused& refused, const Ticket& ticket,
                      celery::Moment now) {
  const std::string id = refused.id.empty() ? refused.correlation_id : refused.id;
  if (!id.empty()) {
    const std::string correlation = refused.correlation_id.empty() ? id : refused.correlation_id;
    send_result_({id, refused.reply_to, correlation,
                  celery::failure_meta(id, "ValueError", "the message is refused: " + refused.reason, now)});
  }
  // The reason stands with the message: it may quote what a person asked with.
  if (options_.log)
    options_.log->warning("a message is refused",
                          {{"queue", queue()}, {"task_id", id}, {"dead_letters", dead_queue()}});
  message.headers["rankloop_refused"] = refused.reason;
  message.expiration.clear();  // nobody has read it yet
  publisher_.add(Letter{dead_queue(), std::move(message), true, Settled{kind_, ticket, true}});
}

Status Consumer::settle(const std::vector<Settled>& settled, Monotonic now) {
  std::vector<std::uint64_t> tags;
  for (const Settled& one : settled) {
    if (one.kind != kind_ || one.ticket.connection != connection_number_) continue;
    if (const auto task = arrived_.extract(one.ticket.tag)) presence_.board().left(task.mapped());
    if (one.taken)
      tags.push_back(one.ticket.tag);
    else
      to_give_back_.emplace_back(now + kGiveBackAfter, one.ticket.tag);
  }
  return acknowledge(std::move(tags));
}

// One frame for all tags before which nothing is open, one for each of the others.
Status Consumer::acknowledge(std::vector<std::uint64_t> tags) {
  std::ranges::sort(tags);
  std::uint64_t up_to = 0;
  auto at = tags.begin();
  for (; at != tags.end() && !unacknowledged_.empty() && *at == *unacknowledged_.begin(); ++at) {
    up_to = *at;
    unacknowledged_.erase(unacknowledged_.begin());
  }
  if (up_to > 0) {
    if (Status status = connection_->acknowledge(channel(), up_to, true); !status) return status;
  }
  for (; at != tags.end(); ++at) {
    if (unacknowledged_.erase(*at) == 0) continue;  // settled twice
    if (Status status = connection_->acknowledge(channel(), *at, false); !status) return status;
  }
  return {};
}

Status Consumer::give_back(std::uint64_t tag) {
  if (unacknowledged_.erase(tag) == 0) return {};
  return connection_->give_back(channel(), tag);
}

}  // namespace rankloop::queue::rabbitmq
