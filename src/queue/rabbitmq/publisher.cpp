// The window of messages that are not confirmed.
#include "queue/rabbitmq/publisher.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "queue/celery/envelope.h"

namespace rankloop::queue::rabbitmq {
namespace {

// A third of a socket's buffer is free when it is writable, which is more than so many hints.
constexpr int kMessagesPerLook = 8;

}  // namespace

Status Publisher::attach(Connection& connection) {
  if (Status status = connection.open_channel(kChannel); !status) return status;
  if (Status status = connection.confirm_publications(kChannel); !status) return status;
  connection_ = &connection;
  return {};
}

void Publisher::detach() {
  connection_ = nullptr;
  last_number_ = 0;
  blocked_ = false;
  redeclare_ = false;
  replaced_.clear();
  // A delivery of the lost connection comes again by itself, so what would replace it is not needed.
  std::erase_if(waiting_, [](const Entry& entry) {
    const Letter* letter = std::get_if<Letter>(&entry.what);
    return letter && letter->replaces;
  });
  for (auto at = sent_.rbegin(); at != sent_.rend(); ++at) {
    const Letter* letter = std::get_if<Letter>(&at->what);
    if (at->confirmed || (letter && letter->replaces)) continue;
    waiting_.push_front({0, std::move(at->what), at->attempts, false, false});
  }
  sent_.clear();
}

std::size_t Publisher::room() const {
  const std::size_t used = waiting_.size() + sent_.size();
  return blocked_ || used >= kWindow ? 0 : kWindow - used;
}

Status Publisher::pump() {
  for (int i = 0; can_send(); ++i) {
    if (i % kMessagesPerLook == 0 && !connection_->writable()) return {};
    sent_.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    if (Status status = send(sent_.back()); !status) return status;
  }
  return {};
}

Status Publisher::send(Entry& entry) {
  entry.number = ++last_number_;
  ++entry.attempts;
  if (const Letter* letter = std::get_if<Letter>(&entry.what))
    return connection_->publish(kChannel, "", letter->queue, letter->message, letter->mandatory);
  const Hint& hint = std::get<Hint>(entry.what);
  const std::size_t kind = place_of(hint.kind);
  return connection_->publish(kChannel, "", options_.queues[kind],
                              celery::hint_message(hint.id, options_.tasks[kind], origin_), true);
}

void Publisher::on(const Confirmed& confirmed) {
  if (confirmed.and_before) {
    while (!sent_.empty() && sent_.front().number <= confirmed.number) {
      Entry entry = std::move(sent_.front());
      sent_.pop_front();
      if (!entry.confirmed) finish(std::move(entry), confirmed.taken);
    }
    return;
  }
  const auto at = std::ranges::lower_bound(sent_, confirmed.number, {}, &Entry::number);
  if (at == sent_.end() || at->number != confirmed.number || at->confirmed) return;
  at->confirmed = true;
  finish({0, std::move(at->what), at->attempts, at->returned, true}, confirmed.taken);
  while (!sent_.empty() && sent_.front().confirmed) sent_.pop_front();
}

bool Publisher::is_meant(const Entry& entry, const Returned& returned, const QueueOptions& options) {
  if (entry.returned || entry.confirmed) return false;
  if (const Letter* letter = std::get_if<Letter>(&entry.what)) {
    return letter->mandatory && letter->queue == returned.routing_key &&
           letter->message.correlation_id == returned.correlation_id;
  }
  const Hint& hint = std::get<Hint>(entry.what);
  return options.queues[place_of(hint.kind)] == returned.routing_key &&
         hint.id == TaskId::parse(returned.correlation_id);
}

// The broker returns in the order of publishing, so the first that fits is the one.
void Publisher::on(const Returned& returned) {
  const auto at =
      std::ranges::find_if(sent_, [&](const Entry& entry) { return is_meant(entry, returned, options_); });
  if (at != sent_.end()) at->returned = true;
}

void Publisher::finish(Entry entry, bool taken) {
  Letter* letter = std::get_if<Letter>(&entry.what);
  const bool arrived = taken && !entry.returned;
  if (!arrived && entry.attempts < 2) {
    redeclare_ = redeclare_ || entry.returned;
    waiting_.push_back({0, std::move(entry.what), entry.attempts, false, false});
  } else if (!letter) {
    ++(arrived ? announced_ : dropped_);
  } else if (letter->replaces) {
    letter->replaces->taken = arrived;
    replaced_.push_back(*letter->replaces);
    if (arrived) ++letters_replacing_;
  }
}

}  // namespace rankloop::queue::rabbitmq
