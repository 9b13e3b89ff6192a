// Hints that came in, who waits for them, and which are not acknowledged.
#include "queue/rabbitmq/hint_buffer.h"

#include <algorithm>
#include <utility>

namespace rankloop::queue::rabbitmq {

std::vector<TaskId> HintBuffer::wait(int limit, std::chrono::milliseconds at_most,
                                     const std::stop_token& stop) {
  limit = std::max(limit, 0);
  Lock lock(mutex_);
  ++waiting_;
  waiting_limit_ += limit;
  most_limit_ = std::max(most_limit_, waiting_limit_);
  if (told_limit_ < most_limit_) inbox_.wake();
  arrived_.wait_for(lock, stop, at_most, [this]() REQUIRES(mutex_) { return !offered_.empty(); });
  --waiting_;
  waiting_limit_ -= limit;
  last_wait_ = std::chrono::steady_clock::now();
  std::vector<TaskId> taken;
  while (!offered_.empty() && std::cmp_less(taken.size(), limit)) {
    const auto& [id, ticket] = offered_.front();
    taken.push_back(id);
    if (ticket) held_.emplace(id, Held{*ticket, last_wait_});
    offered_.pop_front();
  }
  return taken;
}

void HintBuffer::acknowledge(std::span<const TaskId> ids) {
  std::vector<Settled> settled;
  {
    const Lock lock(mutex_);
    for (const TaskId& id : ids) {
      const auto [begin, end] = held_.equal_range(id);
      for (auto at = begin; at != end; ++at) settled.push_back({kind_, at->second.ticket, true});
      held_.erase(begin, end);
    }
  }
  inbox_.add_settled(settled);
}

void HintBuffer::offer(const TaskId& id, const std::optional<Ticket>& ticket) {
  const Lock lock(mutex_);
  if (!ticket && (most_limit_ == 0 || offered_.size() >= kMostHeard)) return;
  offered_.emplace_back(id, ticket);
  if (waiting_ > 0) arrived_.notify_one();
}

int HintBuffer::wanted(Monotonic now) {
  const Lock lock(mutex_);
  const bool busy = waiting_ == 0 && now - last_wait_ > kBusyAfter;
  told_limit_ = busy ? 0 : most_limit_;
  return told_limit_;
}

std::vector<Ticket> HintBuffer::reclaim(Monotonic now, bool all) {
  std::vector<Ticket> tickets;
  const Lock lock(mutex_);
  if (all) {
    for (const auto& [id, ticket] : offered_) {
      if (ticket) tickets.push_back(*ticket);
    }
    offered_.clear();
  }
  for (auto at = held_.begin(); at != held_.end();) {
    if (now - at->second.since < kHoldAtMost) {
      ++at;
      continue;
    }
    tickets.push_back(at->second.ticket);
    at = held_.erase(at);
  }
  return tickets;
}

void HintBuffer::clear() {
  const Lock lock(mutex_);
  std::erase_if(offered_, [](const auto& offer) { return offer.second.has_value(); });
  held_.clear();
}

}  // namespace rankloop::queue::rabbitmq
