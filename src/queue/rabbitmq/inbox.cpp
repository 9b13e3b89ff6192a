// The lists of requests to the connection's thread, and its event descriptor.
#include "queue/rabbitmq/inbox.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace rankloop::queue::rabbitmq {

Inbox::Inbox() : signal_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (signal_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Inbox::~Inbox() {
  ::close(signal_);
}

bool Inbox::add_hint(const Hint& hint) {
  const Lock lock(mutex_);
  if (hints_.size() >= kMostHints) return false;
  hints_.push_back(hint);
  wake_locked();
  return true;
}

bool Inbox::add_change(const Change& change) {
  const Lock lock(mutex_);
  if (work_.changes.size() >= kMostChanges) return false;
  work_.changes.push_back(change);
  wake_locked();
  return true;
}

bool Inbox::add_result(const ForeignResult& result) {
  const Lock lock(mutex_);
  if (work_.results.size() >= kMostResults) return false;
  work_.results.push_back(result);
  wake_locked();
  return true;
}

void Inbox::add_settled(const std::vector<Settled>& settled) {
  if (settled.empty()) return;
  const Lock lock(mutex_);
  work_.settled.insert(work_.settled.end(), settled.begin(), settled.end());
  wake_locked();
}

void Inbox::wake() {
  const Lock lock(mutex_);
  wake_locked();
}

// One system call for all that comes until the next take().
void Inbox::wake_locked() {
  if (std::exchange(signalled_, true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(signal_, &one, sizeof one);
}

Work Inbox::take(std::size_t most_hints) {
  const Lock lock(mutex_);
  if (std::exchange(signalled_, false)) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t read = ::read(signal_, &count, sizeof count);
  }
  Work taken = std::exchange(work_, {});
  const auto end = hints_.begin() + static_cast<std::ptrdiff_t>(std::min(most_hints, hints_.size()));
  taken.hints.assign(hints_.begin(), end);
  hints_.erase(hints_.begin(), end);
  return taken;
}

void Inbox::drop_changes() {
  const Lock lock(mutex_);
  work_.changes.clear();
}

}  // namespace rankloop::queue::rabbitmq
