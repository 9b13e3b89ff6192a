// Sends events and answers remote control.
#include "queue/rabbitmq/worker_presence.h"

#include <array>
#include <cstdlib>
#include <utility>

namespace rankloop::queue::rabbitmq {
namespace {

constexpr std::string_view kControl = "celery.pidbox";
constexpr std::string_view kReplies = "reply.celery.pidbox";
constexpr std::string_view kEvents = "celeryev";
constexpr std::chrono::seconds kBeat{2};
constexpr std::chrono::milliseconds kFlushAfter{50};
constexpr std::size_t kFlushAt = 100;

std::array<double, 3> load_average() {
  std::array<double, 3> loads{};
  if (getloadavg(loads.data(), 3) != 3) loads = {};
  return loads;
}

}  // namespace

Status WorkerPresence::attach(Connection& connection, celery::Moment now) {
  retry_at_ = now + std::chrono::seconds{10};
  if (Status status = connection.open_channel(kChannel); !status) return status;
  if (Status status = connection.declare_exchange(kChannel, kEvents, "topic", true); !status) return status;
  if (Status status = connection.declare_exchange(kChannel, kControl, "fanout", false); !status)
    return status;
  if (Status status = connection.declare_exchange(kChannel, kReplies, "direct", false); !status)
    return status;
  const std::string queue = node_ + "." + std::string{kControl};
  const QueueShape shape{.durable = false,
                         .auto_delete = true,
                         .arguments = {{"x-expires", 10'000}, {"x-message-ttl", 300'000}}};
  if (auto declared = connection.declare_queue(kChannel, queue, shape); !declared) return declared.error();
  if (Status status = connection.bind(kChannel, queue, kControl, ""); !status) return status;
  if (Status status = connection.consume(kChannel, queue, false); !status) return status;
  connection_ = &connection;
  last_flush_ = now;
  return send_worker_event("worker-online", now);
}

Status WorkerPresence::control(const celery::Message& message, int prefetch, celery::Moment now) {
  const auto request = celery::parse_control(message);
  if (!request) return {};  // whatever it was, it was no question to us
  board_.saw_clock(request->clock);
  if (!celery::is_addressed(*request, node_)) return {};
  auto answer = celery::answer_control(*request, board_.view(prefetch, now));
  if (!answer) return {};
  if (answer->task_events) board_.want_task_events(*answer->task_events);
  if (answer->beat) {
    if (Status status = send_worker_event("worker-heartbeat", now); !status) return status;
  }
  if (!answer->revoke.empty()) {
    board_.revoked(answer->revoke);
    revoke_(std::move(answer->revoke));
  }
  // To any other exchange the broker might close the channel, for it need not exist.
  if (request->reply_exchange != kReplies) return {};
  return connection_->publish(kChannel, kReplies, request->reply_key,
                              celery::control_reply(*request, node_, answer->payload, board_.next_clock()),
                              false);
}

Status WorkerPresence::tick(celery::Moment now) {
  if (!connection_ || !connection_->writable()) return {};
  if (now - last_beat_ >= kBeat) {
    board_.forget_stale(now);
    if (Status status = send_worker_event("worker-heartbeat", now); !status) return status;
  }
  const std::size_t events = board_.task_events();
  if (events == 0 || (events < kFlushAt && now - last_flush_ < kFlushAfter)) return {};
  last_flush_ = now;
  return send(celery::task_events_message(node_, board_.take_task_events()));
}

Status WorkerPresence::leave(celery::Moment now) {
  if (!connection_ || !connection_->writable()) return {};
  if (board_.task_events() > 0) {
    if (Status status = send(celery::task_events_message(node_, board_.take_task_events())); !status)
      return status;
  }
  return send_worker_event("worker-offline", now);
}

Status WorkerPresence::send_worker_event(std::string_view type, celery::Moment now) {
  last_beat_ = now;
  return send(celery::event_message(board_.worker_event(type, load_average(), now)));
}

Status WorkerPresence::send(const celery::EventMessage& event) {
  return connection_->publish(kChannel, kEvents, event.routing_key, event.message, false);
}

}  // namespace rankloop::queue::rabbitmq
